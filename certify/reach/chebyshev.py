"""Runge-Kutta-Chebyshev steps of second order for dW/dt = -grad L, many W at once, each with its own step size.

A step of s stages is stable on the negative real axis up to about 0.65 s^2, so long steps cost the square root of what
an ordinary explicit method pays; a gradient flow has a real spectrum.  Coefficients, error estimate and step control
are those of Sommeijer, Shampine and Verwer, "RKC: an explicit solver for parabolic PDEs" (J. Comp. Appl. Math. 88,
1998).  Every W has its own number of stages: the stack is sorted by it, and those that have done theirs drop out.
No guaranteed bounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from certify.reach.kernel import Kernel
from certify.search.setting import Array

DAMPING = 2.0 / 13.0
MOST = 96  # stages

Counts = NDArray[np.int64]


class Stage(NamedTuple):
    """Y_j = (1 - last - before) Y_0 + last Y_(j-1) + before Y_(j-2) + (slope F(Y_(j-1)) + initial F(Y_0)) h."""

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
        stages.append(Stage(mu, nu, slope, -a[j - 1] * slope))
    return Scheme(b[1] * w1, tuple(stages), (w0 + 1.0) * T2[count] / T1[count])


def _chebyshev(count: int, x: float) -> tuple[list[float], list[float], list[float]]:
    """T_j, T_j', T_j'' at x for j = 0..count: T_j = 2 x T_(j-1) - T_(j-2) and its derivatives."""
    T, T1, T2 = [1.0, x], [0.0, 1.0], [0.0, 0.0]
    for j in range(2, count + 1):
        T.append(2.0 * x * T[-1] - T[-2])
        T1.append(2.0 * T[j - 1] + 2.0 * x * T1[-1] - T1[-2])
        T2.append(4.0 * T1[j - 1] + 2.0 * x * T2[-1] - T2[-2])
    return T, T1, T2


SCHEMES = tuple(scheme(count) for count in range(2, MOST + 1))
REACHES = np.array([method.reach for method in SCHEMES])
STARTS = np.array([method.start for method in SCHEMES])
# [number of stages - 2, j - 2, which of the four]; zeros where there is no such stage.
STAGES = np.array([method.stages + (Stage(0, 0, 0, 0),) * (MOST - 1 - len(method.stages)) for method in SCHEMES])


def choose(h: Array, largest: float) -> Counts:
    """For each step size the least number of stages that is stable for eigenvalues up to `largest`.

    Step sizes are at most longest(largest).
    """
    return np.minimum(np.searchsorted(REACHES, h * largest) + 2, MOST).astype(np.int64)


def longest(largest: float) -> float:
    """The largest step size for which some method is stable."""
    return float(REACHES[-1]) / largest


def step(kernel: Kernel, counts: Counts, W: Array, gradient: Array, h: Array) -> tuple[Array, Array, Array]:
    """One step of counts [B] stages and sizes h [B] from W [B, K, d] with the gradient there.

    Returns the new W, its gradient, and the estimated local error [B], Frobenius norm.  Increments are computed in the
    kernel's type and added in float64.
    """
    after, there, error = np.empty_like(W), np.empty_like(W), np.empty(len(W))
    order = np.argsort(-counts, kind="stable")
    for first in range(0, len(W), kernel.chunk):
        part = order[first : first + kernel.chunk]
        start, initial, size = (x.astype(kernel.dtype) for x in (W[part], gradient[part], h[part, None, None]))
        increment, there[part], estimate = _increment(kernel, counts[part], start, initial, size)
        after[part] = W[part] + increment
        error[part] = np.sqrt(np.einsum("bia,bia->b", estimate, estimate))
    return after, there, error


def _increment(kernel: Kernel, counts: Counts, W: Any, gradient: Any, size: Any) -> tuple[Any, Any, Any]:
    """New W - W, the gradient there, and an estimate of the error; counts do not increase along the stack.

    Stages are kept less W: coefficients add up to 1.
    """
    flow = -size * gradient
    table = STAGES[counts - 2].astype(kernel.dtype)[..., None, None]
    before, last = np.zeros_like(W), STARTS[counts - 2].astype(kernel.dtype)[:, None, None] * flow
    point, slope = np.empty_like(W), np.empty_like(W)
    for j in range(int(counts[0]) - 1):
        live = int(np.count_nonzero(counts > j + 1))  # those that have this stage: the first ones
        if live < len(last):
            before[live:] = last[live:]  # the others are done, and their result stays in both
        mu, nu, own, first = (table[:live, j, place] for place in range(4))
        np.add(W[:live], last[:live], out=point[:live])
        kernel.gradient(point[:live], slope[:live])
        work, following = slope[:live], before[:live]
        work *= -own * size[:live]
        following *= nu
        following += work
        following += np.multiply(last[:live], mu, out=work)
        following += np.multiply(flow[:live], first, out=work)
        before, last = last, before
    np.add(W, last, out=point)
    kernel.gradient(point, slope)
    estimate = 0.4 * (flow - size * slope)
    estimate -= 0.8 * last
    return last, slope, estimate
