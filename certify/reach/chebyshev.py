"""Runge-Kutta-Chebyshev steps of second order for dW/dt = -grad L, many W at once, each with its own step size.

A step of s stages is stable on the negative real axis up to about 0.65 s^2, so long steps cost the square root of what
an ordinary explicit method pays; a gradient flow has a real spectrum.  Coefficients, error estimate and step control
are those of Sommeijer, Shampine and Verwer, "RKC: an explicit solver for parabolic PDEs" (J. Comp. Appl. Math. 88,
1998).  float64, no guaranteed bounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.polynomial.chebyshev import chebder, chebval

from certify.reach.kernel import Kernel
from certify.search.setting import Array

DAMPING = 2.0 / 13.0
STAGES = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96)


class Stage(NamedTuple):
    """Y_j = first Y_0 + last Y_(j-1) + before Y_(j-2) + (slope F(Y_(j-1)) + initial F(Y_0)) h."""

    first: float
    last: float
    before: float
    slope: float
    initial: float


@dataclass(frozen=True)
class Scheme:
    """Coefficients for one number of stages; `reach`: stable for step sizes up to reach / (largest eigenvalue)."""

    start: float  # Y_1 = Y_0 + start h F(Y_0)
    stages: tuple[Stage, ...]
    reach: float


def scheme(count: int) -> Scheme:
    """The method with `count` >= 2 stages."""
    w0 = 1.0 + DAMPING / count**2
    T, T1, T2 = _chebyshev(count, w0)
    w1 = T1[count] / T2[count]
    b = [T2[j] / T1[j] ** 2 if j >= 2 else 0.0 for j in range(count + 1)]
    b[0], b[1] = b[2], 1.0 / w0
    a = [1.0 - b[j] * T[j] for j in range(count + 1)]
    stages = []
    for j in range(2, count + 1):
        mu, nu, slope = 2.0 * b[j] * w0 / b[j - 1], -b[j] / b[j - 2], 2.0 * b[j] * w1 / b[j - 1]
        stages.append(Stage(1.0 - mu - nu, mu, nu, slope, -a[j - 1] * slope))
    return Scheme(b[1] * w1, tuple(stages), (w0 + 1.0) * T2[count] / T1[count])


def _chebyshev(count: int, x: float) -> tuple[list[float], list[float], list[float]]:
    """T_j, T_j', T_j'' at x for j = 0..count."""
    values: tuple[list[float], list[float], list[float]] = ([], [], [])
    for j in range(count + 1):
        unit = [0.0] * j + [1.0]
        for order, kept in enumerate(values):
            kept.append(float(chebval(x, chebder(unit, order) if order else unit)))
    return values


SCHEMES = tuple(scheme(count) for count in STAGES)


def step(kernel: Kernel, method: Scheme, W: Array, gradient: Array, h: Array) -> Array:
    """One step of sizes h [B] from W [B, K, d] with the gradient there; returns the new W."""
    size = h[:, None, None]
    flow = -size * gradient
    before, last = W, W + method.start * flow
    slope = np.empty_like(W)
    for stage in method.stages:
        kernel.gradient(last, slope)
        slope *= -stage.slope * size
        following = stage.first * W
        following += stage.last * last
        following += stage.before * before
        following += slope
        following += stage.initial * flow
        before, last = last, following
    return last


def error(W: Array, following: Array, gradient: Array, there: Array, h: Array) -> Array:
    """Estimated local error of a step from W to `following`, Frobenius norm, shape [B]."""
    estimate = 0.8 * (W - following) - 0.4 * h[:, None, None] * (gradient + there)
    result: Array = np.sqrt(np.einsum("bia,bia->b", estimate, estimate))
    return result


def choose(h: Array, largest: float) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """For each step size the position in SCHEMES of the cheapest method that is stable for eigenvalues up to `largest`.

    Step sizes are at most longest(largest).
    """
    reaches = np.array([method.reach for method in SCHEMES])
    result = np.searchsorted(reaches, h * largest)
    return np.minimum(result, len(SCHEMES) - 1)


def longest(largest: float) -> float:
    """The largest step size for which some method is stable."""
    return SCHEMES[-1].reach / largest
