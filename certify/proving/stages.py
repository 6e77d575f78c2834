"""The two ways to evaluate the landscape at a centre with guaranteed bounds: float64 and balls.

Both offer the same few numbers and tests to `pipeline`; all floats named `*_norm` or `*_error` are upper bounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nextafter
from typing import NamedTuple, Protocol

import numpy as np

from certify.arithmetic import (
    Ball,
    Dyadic,
    dyadic,
    dyadic_ball,
    float_lower,
    float_upper,
    lower,
    pi,
    precision,
    row_texts,
    text,
)
from certify.arithmetic import upper as upper_end
from certify.landscape import bounded, floats
from certify.landscape.balls import BallLandscape
from certify.landscape.variation import hessian_variation
from certify.linalg import balls as ball_algebra
from certify.linalg import definite
from certify.linalg.definite import Method
from certify.linalg.inertia import Signs, norm
from certify.outcome import Split
from certify.proving.spectrum import Array, Spectrum, approximate_spectrum
from certify.proving.splitting import Bounded, dense_part, double_splits, lifted_signs, split_of

DOUBLE_BITS = 53
SAFETY = 1.0 + 2.0**-20
LARGE = 512  # unknowns from which splitting matrices are not claimed


class Test(Protocol):
    """A question about the inertia of one matrix, to be asked for several gaps."""

    def certainly(self, gap: float) -> bool:
        """True: as many eigenvalues as the guess says are < -gap and the others > gap."""


class Stage(Protocol):
    """Bounds at one centre."""

    bits: int
    norms: list[float]
    gradient_norm: float
    loss: tuple[float, float]

    @property
    def centre(self) -> list[list[str]]:
        """The exact centre [K][d], as in certificates."""

    @property
    def hessian_norm(self) -> float:
        """Upper bound of |Hess L(x0)|_2."""

    def variation(self, radius: float) -> float:
        """Upper bound of |Hess L(x) - Hess L(x0)| on D(radius)."""

    def hessian_guess(self) -> Spectrum | None:
        """What Hess L(x0) looks like."""

    def hessian_test(self, guess: Spectrum) -> Test:
        """The test of that guess; to be made once, because it may use the matrix up."""

    def ambient_guess(self) -> Spectrum | None:
        """The same for the ambient matrix."""

    def ambient_test(self, guess: Spectrum) -> Test:
        """The same for the ambient matrix."""

    def splits(self, change: float) -> list[Split | None]:
        """Of each student at every point where the Hessian has changed by at most `change`; None: undecided."""


class DoubleStage:
    """Float64 with a-priori bounds; `make` returns None where they do not apply."""

    def __init__(self, W: Array, evaluation: bounded.Evaluation, method: Method) -> None:
        """Wrap an evaluation at W [K, d]."""
        self.bits = DOUBLE_BITS
        self._W, self._method = W, method
        self._e = e = evaluation
        self.norms = e.norms
        self.gradient_error = e.gradient_error
        self.gradient_norm = e.gradient_norm * SAFETY + e.gradient_error
        self.gradient_lower = e.gradient_norm / SAFETY - e.gradient_error
        self.loss = (e.loss - e.loss_error, e.loss + e.loss_error)
        self._made: Array | None = None
        self._found: Signs | None = None

    @staticmethod
    def make(W: Array, V: Array, method: Method = "exact", *, axes: bool | None = None) -> DoubleStage | None:
        """Evaluate at W; None outside the range of the a-priori analysis.  axes: as there."""
        evaluation = bounded.evaluate(W, V, axes=axes)
        return None if evaluation is None else DoubleStage(W, evaluation, method)

    def _hessian(self) -> Array:
        """Made once; a test may use it up, but its norm and its diagonal blocks are kept."""
        if self._made is None:
            self._own = floats.curvature_of(self._e.pairs)
            self._made = self._e.hessian(self._own)
            self._norm = norm(self._made) * SAFETY + self._e.hessian_error
        return self._made

    @property
    def is_stationary(self) -> bool:
        """The gradient is not visibly larger than its own rounding error."""
        return bool(self._e.gradient_norm <= self._e.gradient_error)

    @property
    def centre(self) -> list[list[str]]:
        """The exact values of W."""
        return float_texts(self._W)

    @property
    def hessian_norm(self) -> float:
        """Frobenius norm plus error."""
        self._hessian()
        return self._norm

    def variation(self, radius: float) -> float:
        """T2."""
        return hessian_variation(self.norms, self._e.teacher_total, self._e.norm_error, radius)

    def hessian_guess(self) -> Spectrum | None:
        """In float64."""
        return approximate_spectrum(self._hessian(), lambda: floats.hessian_product(self._e.pairs), self.hessian_norm)

    def hessian_test(self, guess: Spectrum) -> Test:
        """T4 and T5 in float64, in the memory of the Hessian."""
        error = self._e.hessian_error
        return definite.InertiaTest(self._hessian(), error, guess.directions, guess.weight, self._method)

    def ambient_guess(self) -> Spectrum | None:
        """In float64; what `ambient_test` has proven already, if that is so."""
        matrix, proven = self._e.ambient, self._ambient_proven()
        if proven > 0.0:
            return Spectrum(proven, max(matrix.diagonal().tolist()), np.zeros((0, len(matrix))), 0.0)
        return approximate_spectrum(matrix)

    def ambient_test(self, guess: Spectrum) -> Test:
        """T4 and T5 in float64, or by eigenvectors with the splitting matrices."""
        if (proven := self._ambient_proven()) > 0.0 and not guess.index:
            return Above(proven)
        matrix = self._e.ambient.copy()
        return definite.InertiaTest(matrix, self._e.ambient_error, guess.directions, guess.weight, self._method)

    def splits(self, change: float) -> list[Split | None]:
        """S2 in float64."""
        beside = [x - 0.5 for x in self._e.ambient.diagonal().tolist()]
        return double_splits(self._signs(), beside, self._e.ambient_error + 2.0**-52, change, self._W.shape[1])

    def _signs(self) -> Signs:
        """Of all S_i + u_i u_i^T, and at last of the ambient matrix if it has their size."""
        if self._found is None:
            self._hessian()
            e, (k, d) = self._e, self._W.shape
            blocks = Bounded(self._own / floats.TWO_PI, e.hessian_error)
            self._found = lifted_signs(blocks, e.pairs.units[:k], e.ambient if k == d else None)
        return self._found

    def _ambient_proven(self) -> float:
        """Below all eigenvalues of the ambient matrix, if positive."""
        k, d = self._W.shape
        if k != d or k * d >= LARGE or self._signs().negative[-1]:
            return 0.0
        return self._signs().smallest[-1]


class Above(NamedTuple):
    """Of a matrix that is known to have no eigenvalue below `least`."""

    least: float

    def certainly(self, gap: float) -> bool:
        """True: every eigenvalue > gap."""
        return 0.0 < gap < self.least


class BallStage:
    """Everything in balls of `bits` bits."""

    def __init__(self, centre: list[list[Dyadic]], teacher: list[list[Dyadic]], bits: int) -> None:
        """Evaluate once at the exact centre [K][d]."""
        self.centre, self.bits = [[text(x) for x in row] for row in centre], bits
        with precision(bits):
            landscape = BallLandscape(_balls(centre), _balls(teacher))
            self._hessian = landscape.hessian()
            self._ambient = landscape.ambient()
            squares = dyadic_ball((0, 0))
            for row in landscape.gradient():
                for g in row:
                    squares += g * g
            self.gradient_norm = finite_upper(squares) ** 0.5 * SAFETY
            count = landscape.students
            self._units = landscape.units[:count]
            self.norms = [finite_lower(norm) for norm in landscape.norms[:count]]
            self._teacher_total = sum(finite_upper(norm) for norm in landscape.norms[count:]) * SAFETY
            self._norm_error = 2.0**-49
            loss = landscape.loss()
            self.loss = (float_lower(lower(loss)), float_upper(upper_end(loss))) if loss.is_finite() else (-inf, inf)

    @property
    def hessian_norm(self) -> float:
        """Largest absolute row sum."""
        return max(sum(finite_magnitude(x) for x in row) for row in self._hessian) * SAFETY

    def variation(self, radius: float) -> float:
        """T2."""
        return hessian_variation(self.norms, self._teacher_total, self._norm_error, radius)

    def hessian_guess(self) -> Spectrum | None:
        """From the midpoints."""
        return approximate_spectrum(_midpoints(self._hessian))

    def hessian_test(self, guess: Spectrum) -> Test:
        """T5 in balls."""
        return BallTest(self._hessian, guess, self.bits)

    def ambient_guess(self) -> Spectrum | None:
        """From the midpoints."""
        return approximate_spectrum(_midpoints(self._ambient))

    def ambient_test(self, guess: Spectrum) -> Test:
        """T5 in balls."""
        return BallTest(self._ambient, guess, self.bits)

    def splits(self, change: float) -> list[Split | None]:
        """S2 in balls."""
        result = []
        with precision(self.bits):
            two_pi, half = 2 * pi(), dyadic_ball((1, -1))
            for i, unit in enumerate(self._units):
                d = len(unit)
                block = [row[i * d : (i + 1) * d] for row in self._hessian[i * d : (i + 1) * d]]
                alpha = two_pi * (self._ambient[i][i] - half)
                result.append(split_of([(1, dense_part(block, unit, two_pi))], alpha, change))
        return result


@dataclass(frozen=True)
class BallTest:
    """T5 in balls of `bits` bits."""

    matrix: list[list[Ball]]
    guess: Spectrum
    bits: int

    def certainly(self, gap: float) -> bool:
        """True: the guess is right, with this gap."""
        directions = [[int(x) for x in row] for row in self.guess.directions.tolist()]
        with precision(self.bits):
            return ball_algebra.certainly_has_inertia(
                self.matrix, dyadic_ball(dyadic(gap)), directions, dyadic_ball(dyadic(self.guess.weight))
            )


def float_texts(matrix: Array) -> list[list[str]]:
    """The exact values of a finite matrix, as in certificates."""
    return list(map(row_texts, matrix.tolist()))


def finite_upper(a: Ball) -> float:
    """A double above the ball, inf for a ball that is not finite."""
    return nextafter(float(a.upper()), inf) if a.is_finite() else inf


def finite_lower(a: Ball) -> float:
    """A double below the ball of a number >= 0, 0 for a ball that is not finite."""
    return max(0.0, nextafter(float(a.lower()), -inf)) if a.is_finite() else 0.0


def finite_magnitude(a: Ball) -> float:
    """A double above the absolute values of the ball."""
    return nextafter(float(a.abs_upper()), inf) if a.is_finite() else inf  # float() takes a neighbour


def _balls(rows: list[list[Dyadic]]) -> list[list[Ball]]:
    return [[dyadic_ball(x) for x in row] for row in rows]


def _midpoints(matrix: list[list[Ball]]) -> Array:
    return np.array([[float(x) if x.is_finite() else np.nan for x in row] for row in matrix])
