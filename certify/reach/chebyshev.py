"""Runge-Kutta-Chebyshev steps of second order for dW/dt = -grad L, many W at once, each with its own step size.

A step of s stages is stable on the negative real axis up to about 0.65 s^2, so long steps cost the square root of what
an ordinary explicit method pays; a gradient flow has a real spectrum.  Coefficients, error estimate and step control
are those of Sommeijer, Shampine and Verwer, "RKC: an explicit solver for parabolic PDEs" (J. Comp. Appl. Math. 88,
1998).  Every W has its own number of stages: the stack is sorted by it, and those that have done theirs drop out.

Long steps follow the force averaged over the fast directions A, phi(eta A) grad L with phi(x) = (1 - exp(-x)) / x and
eta of the order h / s^2, which needs half of the stages: Abdulle, Grote, Rosilho de Souza, "Explicit stabilized
multirate method for stiff differential equations" (Math. Comp. 91, 2022), with a linear fast force and so without
stages of its own.  Error estimates are filtered by (I + h A / 2)^-1, as is usual for stiff problems: what is left in
the fast directions will be gone after the next step.  No guaranteed bounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from certify.reach.fast import Fast
from certify.reach.kernel import Kernel
from certify.search.setting import Array

DAMPING = 2.0 / 13.0
MOST = 96  # stages
LONG = 2.0  # steps from here on follow the averaged force
SPREAD = 4.0  # eta (s^2 - 1) / h
PROBE = 1e-2  # length of differences of gradients
SAFETY = 1.3  # of estimates of the largest eigenvalue, which come from below

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


def choose(h: Array, students: int, slow: Array) -> Counts:
    """For each step size, at most `longest`, the least number of stages that is stable; slow: see `Stepper.probe`."""
    stiff = np.where(h < LONG, students / 4.0 + 1.0, slow)
    return np.minimum(np.searchsorted(REACHES, h * stiff) + 2, MOST).astype(np.int64)


def longest(slow: Array) -> Array:
    """The step size up to which some number of stages is stable."""
    return np.maximum(LONG, float(REACHES[-1]) / np.maximum(slow, 1e-3))


class Stepper:
    """Steps of up to kernel.chunk runs at a time, in the kernel's type; owns work arrays, which are results too."""

    def __init__(self, kernel: Kernel, dimension: int) -> None:
        """For stacks [B, K, dimension]."""
        self.kernel, self.dtype = kernel, kernel.dtype
        shape = kernel.chunk, kernel.students, dimension
        self._arrays = [np.empty(shape, dtype=kernel.dtype) for _ in range(7)]
        self._fast = Fast(shape, kernel.dtype)

    def probe(self, W: Array, gradient: Array, direction: Array) -> tuple[Array, Array]:
        """An estimate [B] of the largest eigenvalue of the Hessian beside the fast directions, by the power method.

        Returns the next direction too; `direction`, of any length, is the last one.
        """
        start, flow, _, last, point, slope, spare = (array[: len(W)] for array in self._arrays)
        start[...], flow[...], last[...] = W, gradient, direction
        self._fast.look(start)
        across = (-np.ones((len(W), 1, 1), dtype=self.dtype),) * 2
        self._fast.shift(last, across, spare)
        length = np.sqrt(np.einsum("bia,bia->b", last, last))
        last *= (PROBE / np.maximum(length, np.finfo(self.dtype).tiny))[:, None, None]
        self.kernel.gradient(np.add(start, last, out=point), slope)
        slope -= flow
        self._fast.shift(slope, across, spare)
        size = np.sqrt(np.einsum("bia,bia->b", slope, slope)) / PROBE
        return SAFETY * size.astype(np.float64), slope

    def step(self, counts: Counts, W: Array, gradient: Array, h: Array) -> tuple[Any, Any, Array]:
        """One step of counts [B] stages, in falling order, and sizes h [B] from W [B, K, d] with the gradient there.

        Returns the new W less W, the new gradient, and the estimated local error [B], Frobenius norm; the first two
        are overwritten by the next call.  Stages are kept less W: coefficients add up to 1.
        """
        start, flow, before, last, point, slope, spare = (array[: len(W)] for array in self._arrays)
        start[...], flow[...] = W, gradient
        size, eta = (x[:, None, None].astype(self.dtype) for x in (h, window(counts, h)))
        self._fast.look(start)
        factors = self._fast.averaging(eta) if eta.any() else None

        def average(X: Any) -> None:
            if factors is not None:
                self._fast.shift(X, factors, spare)

        flow *= -size
        average(flow)
        table = STAGES[counts - 2, : int(counts[0]) - 1].astype(self.dtype)[..., None, None]
        before[...] = 0.0
        np.multiply(flow, STARTS[counts - 2].astype(self.dtype)[:, None, None], out=last)
        for j in range(int(counts[0]) - 1):
            live = int(np.count_nonzero(counts > j + 1))  # those that have this stage: the first ones
            if live < len(last):
                before[live:] = last[live:]  # the others are done, and their result stays in both
            mu, nu, own, first = (table[:live, j, place] for place in range(4))
            work, following = slope[:live], before[:live]
            self.kernel.gradient(np.add(start[:live], last[:live], out=point[:live]), work)
            average(work)
            work *= -own * size[:live]
            following *= nu
            following += work
            following += np.multiply(last[:live], mu, out=work)
            following += np.multiply(flow[:live], first, out=work)
            before, last = last, before
        self.kernel.gradient(np.add(start, last, out=point), slope)
        estimate = np.multiply(slope, -size, out=point)
        average(estimate)
        estimate += flow
        estimate *= 0.4
        estimate -= np.multiply(last, 0.8, out=spare)
        self._fast.shift(estimate, self._fast.damping(0.5 * size), spare)
        return last, slope, np.sqrt(np.einsum("bia,bia->b", estimate, estimate)).astype(np.float64)


def window(counts: Counts, h: Array) -> Array:
    """eta, the time over which the force of a step is averaged."""
    return np.where(h < LONG, 0.0, SPREAD * h / (counts**2 - 1.0))
