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
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from certify.reach.fast import Fast, products
from certify.reach.kernel import Kernel
from certify.search.setting import Array

DAMPING = 2.0 / 13.0
MOST = 96  # stages
LONG = 1.5  # steps from here on follow the averaged force, with three stages at least: with two, the average lags
SPREAD = 4.0  # eta (s^2 - 1) / h
PROBE = 1e-2  # length of differences of gradients
SAFETY = 1.3  # of estimates of the largest eigenvalue, which come from below

Counts = NDArray[np.int64]
Floats = NDArray[np.float64] | NDArray[np.float32]


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


class Slot(IntEnum):
    """What stages are put together of: students' directions, gradients at Y_0 and Y_(j-1), odd Y_j, even Y_j."""

    DIRECTIONS = 0
    FIRST = 1
    FORCE = 2
    ODD = 3
    EVEN = 4


def _weights(method: Scheme) -> Array:
    """[MOST, slots]: row j makes Y_(j+1) - Y_0, for h = 1; zeros where there is no such stage."""
    result = np.zeros((MOST, len(Slot)))
    result[0, Slot.FIRST] = -method.start
    for j, stage in enumerate(method.stages, 1):
        last, before = (Slot.ODD, Slot.EVEN) if j % 2 else (Slot.EVEN, Slot.ODD)
        result[j, [Slot.FIRST, Slot.FORCE]] = -stage.initial, -stage.slope
        result[j, [last, before]] = stage.last, stage.before
    return result


SCHEMES = tuple(scheme(count) for count in range(2, MOST + 1))
REACHES = np.array([method.reach for method in SCHEMES])
WEIGHTS = np.array([_weights(method) for method in SCHEMES])


def choose(h: Array, students: int, slow: Array) -> Counts:
    """For each step size, at most `longest`, the least number of stages that is stable; slow: see `Stepper.probe`."""
    long = h >= LONG
    stable = np.searchsorted(REACHES, h * np.where(long, slow, students / 4.0 + 1.0)) + 2
    return np.clip(stable, np.where(long, 3, 2), MOST).astype(np.int64)


def longest(slow: Array) -> Array:
    """The step size up to which some number of stages is stable."""
    return np.maximum(LONG, float(REACHES[-1]) / np.maximum(slow, 1e-3))


class Stepper:
    """Steps of up to kernel.chunk runs at a time, in the kernel's type; owns work arrays, which are results too."""

    def __init__(self, kernel: Kernel, dimension: int) -> None:
        """For stacks [B, dimension, K]."""
        self.kernel, self.dtype = kernel, kernel.dtype
        shape = kernel.chunk, dimension, kernel.students
        self._stack = np.empty((kernel.chunk, len(Slot), dimension * kernel.students), dtype=kernel.dtype)
        self._slots = [self._stack[:, slot].reshape(shape) for slot in Slot]
        self._start, self._moved, self._point = (np.empty(shape, dtype=kernel.dtype) for _ in range(3))
        self._fast = Fast(self._slots[Slot.DIRECTIONS])

    def probe(self, X: Array, gradient: Floats, direction: Floats) -> tuple[Array, Array]:
        """An estimate [B] of the largest eigenvalue of the Hessian beside the fast directions, by the power method.

        Returns the next direction too; `direction`, of any length, is the last one.
        """
        start, moved, point = (array[: len(X)] for array in (self._start, self._moved, self._point))
        slope = self._slots[Slot.FORCE][: len(X)]
        start[...], moved[...] = X, direction
        self._fast.look(start, point)
        self._without(moved)
        length = np.sqrt(products(moved, moved))
        moved *= (PROBE / np.maximum(length, np.finfo(self.dtype).tiny))[:, None, None]
        self.kernel.gradient(np.add(start, moved, out=point), slope)
        moved[...] = gradient
        np.subtract(slope, moved, out=moved)
        self._without(moved)
        return SAFETY * np.sqrt(products(moved, moved)).astype(np.float64) / PROBE, moved

    def _without(self, moved: Any) -> None:
        """Take the fast directions out, in place."""
        weight, shift = self._fast.added(self._fast.parts(moved))
        directions, work = self._slots[Slot.DIRECTIONS][: len(moved)], self._point[: len(moved)]
        moved -= shift
        moved -= np.multiply(weight[:, None, None], directions, out=work)

    def step(self, counts: Counts, X: Array, gradient: Floats, h: Array) -> tuple[Any, Any, Array]:
        """One step of counts [B] stages, in falling order, and sizes h [B] from X [B, d, K] with the gradient there.

        Returns the new X less X, the new gradient, and the estimated local error [B], Frobenius norm; the first two
        are overwritten by the next call.  Stages are kept less X: coefficients add up to 1.
        """
        start, moved, point = (array[: len(X)] for array in (self._start, self._moved, self._point))
        first, force = (self._slots[slot][: len(X)] for slot in (Slot.FIRST, Slot.FORCE))
        start[...], first[...] = X, gradient
        self._fast.look(start, point)
        eta = window(counts, h)
        average = self._fast.averaging(eta) if eta.any() else None
        weights = WEIGHTS[counts - 2, : int(counts[0])]
        weights[:, :, Slot.FIRST : Slot.ODD] *= h[:, None, None]
        weights = weights.astype(self.dtype)
        begun = self._fast.parts(first)
        driven = None if average is None else average * weights[:, 0, Slot.FIRST, None, None] * begun
        self._combine(weights[:, 0, : Slot.FORCE], driven, moved)
        for j in range(1, int(counts[0])):
            live = int(np.count_nonzero(counts > j))  # those that have this stage: the first ones
            work, latest, row = force[:live], moved[:live], weights[:live, j, : j + 3]
            self._slots[Slot.ODD if j % 2 else Slot.EVEN][:live] = latest
            self.kernel.gradient(np.add(start[:live], latest, out=point[:live]), work)
            driven = None if average is None else average[:live] * _driven(row, begun, self._fast.parts(work))
            self._combine(row, driven, latest)
        self.kernel.gradient(np.add(start, moved, out=point), force)
        return moved, force, self._error(h, moved, begun, average)

    def _combine(self, weights: Any, parts: Any, out: Any) -> None:
        """Slots times weights [B, slots], and what has these parts in the range of A."""
        count, slots = weights.shape
        if parts is not None:
            weights[:, Slot.DIRECTIONS], shift = self._fast.added(parts)
        np.matmul(weights[:, None], self._stack[:count, :slots], out=out.reshape(count, 1, -1))
        if parts is not None:
            out += shift

    def _error(self, h: Array, moved: Any, begun: Any, average: Any) -> Array:
        """Of a step that has moved so far, to the point whose gradient is in its slot."""
        count, estimate = len(moved), self._point[: len(moved)]
        self._slots[Slot.ODD][:count] = moved
        weights = np.empty((count, Slot.EVEN), dtype=self.dtype)
        weights[:, Slot.FIRST : Slot.ODD], weights[:, Slot.ODD] = -0.4 * h[:, None], -0.8
        driven = _driven(weights, begun, self._fast.parts(self._slots[Slot.FORCE][:count]))
        added = 0.0 * driven if average is None else average * driven
        driven += added
        driven -= 0.8 * self._fast.parts(moved)
        added += self._fast.damping(0.5 * h) * driven
        self._combine(weights, added, estimate)
        result: Array = np.sqrt(products(estimate, estimate)).astype(np.float64)
        return result


def _driven(weights: Any, first: Any, force: Any) -> Any:
    """The parts of weights [B, slots] times the gradients."""
    result = weights[:, Slot.FORCE, None, None] * force
    result += weights[:, Slot.FIRST, None, None] * first[: len(result)]
    return result


def window(counts: Counts, h: Array) -> Array:
    """eta, the time over which the force of a step is averaged."""
    return np.where(h < LONG, 0.0, SPREAD * h / (counts**2 - 1.0))
