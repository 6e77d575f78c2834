"""Norms, angles, weights, gradient and loss at the centre in float64 with bounds of their errors (docs/large.md, L5).

The code is independent of the prover's evaluation, and trusts +, -, *, / and square root of IEEE arithmetic in any
rounding mode, and that BLAS computes sums of products; nothing of libm.  Rows have norms in [2^-100, 2^100]: then
underflow stays far below one unit U.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from math import inf, ldexp, sqrt
from typing import NamedTuple

import numpy as np

from certify.checker.intervals import Arithmetic, Interval
from certify.checker.landscape import Dyadic, Landscape
from certify.linalg.definite import SAFETY, Array, U
from certify.linalg.inertia import norm

NORM_LIMIT = 2.0**100
ODD = 1.0 / np.arange(3.0, 25.0, 2.0) * np.resize([-1.0, 1.0], 11)  # arctan x = x + x sum_k ODD_k x^(2k+2)


class Residuals(NamedTuple):
    """r_ij and r_ij / |r_ij| [K, N, d], or less where it is shorter than 2^-400, and |r_ij| [K, N]; zero for j = i."""

    residual: Array
    direction: Array
    length: Array


def residuals(units: Array, cosine: Array) -> Residuals:
    """From the unit vectors [N, d] and cosines [K, N]."""
    k = len(cosine)
    residual = units - cosine[:, :, None] * units[:k, None, :]
    count, dim = units.shape
    residual.reshape(k * count, dim)[:: count + 1] = 0.0  # j = i
    length = np.sqrt(np.einsum("ija,ija->ij", residual, residual))
    inverse = 1.0 / np.maximum(length, 2.0**-400)
    return Residuals(residual, residual * inverse[:, :, None], length)


@dataclass(eq=False)
class Scalars:
    """The scalars of a landscape as float64: each within delta of the exact one, weights within delta (1 + |weight|),
    alpha within alpha_error."""

    units: Array  # [N, d]
    cosine: Array  # [K, N]
    sine: Array  # [K, K]
    complement: Array  # pi - t [K, K]
    alphas: Array  # [K]
    weights: Array  # sign_j |x_j| / |w_i| [K, N]
    residuals: Residuals
    delta: float
    alpha_error: float
    ratio: float  # R = max_i sum_j |x_j| / |w_i|, or more

    @cached_property
    def curvatures(self) -> tuple[Array, float]:
        """2 pi S_i = 2 pi (H_ii - I / 2) [K, d, d], and a bound of the error of each, pi I added or not (L3)."""
        (k, rows), dim = self.cosine.shape, self.units.shape[1]
        unit, r = self.units[:k], self.residuals
        matrices: Array = np.matmul((r.direction * self.weights[:, :, None]).transpose(0, 2, 1), r.residual)
        matrices -= (self.alphas[:, None] * unit)[:, :, None] * unit[:, None, :]
        diagonals = np.einsum("iaa->ia", matrices)
        diagonals += self.alphas[:, None]
        error = self.delta * (self.ratio + rows) * (24.0 + 24.0 * sqrt(dim) + 0.5 * dim + rows) + 2.0 * self.alpha_error
        return matrices, error if self.ratio < inf else inf


def scalars(landscape: Landscape) -> Scalars:
    """From the checker's intervals: their midpoints; delta counts one more rounding."""
    f, k = landscape.arithmetic, landscape.count

    def table(numbers: list[list[Interval]]) -> tuple[Array, float]:
        middles, width = _middles([x for row in numbers for x in row], f.bits)
        return middles.reshape(len(numbers), -1), width

    own = (0, 0)
    units, e0 = table(landscape.units)
    cosine, e1 = table([[own if p is None else p.cosine for p in row] for row in landscape.pairs])
    sine, e2 = table([[own if p is None else p.sine for p in row[:k]] for row in landscape.pairs])
    complement, e3 = table([[f.pi if p is None else p.complement for p in row[:k]] for row in landscape.pairs])
    alphas, e4 = _middles([landscape.alpha(i) for i in range(k)], f.bits)
    ratios, e5 = table([[f.div(a, landscape.norms[i]) for a in landscape.norms] for i in range(k)])
    weights = ratios * np.array(landscape.signs)
    delta, ratio = U + max(e0, e1, e2, e3, e5), float(np.abs(weights).sum(axis=1).max())
    return Scalars(units, cosine, sine, complement, alphas, weights, residuals(units, cosine), delta, e4, ratio)


def _middles(intervals: list[Interval], bits: int) -> tuple[Array, float]:
    """Midpoints as float64, and the largest half-width; each midpoint is rounded once more."""
    unit = 1 << bits + 1
    middles = np.array([(low + high) / unit for low, high in intervals])
    return middles, max(high - low for low, high in intervals) / unit


class FloatLandscape:
    """The loss around W [K, d] with the teachers V [M, d], exact float64; `certify.checker.landscape.Dense` by L5."""

    def __init__(self, W: Array, V: Array, norms: Array, arithmetic: Arithmetic, *, orthonormal: bool) -> None:
        """Evaluate; norms [K + M]: as `row_norms` gives them, within the limits; orthonormal: the rows of V are."""
        self.arithmetic = arithmetic
        k, (rows, dim) = len(W), (len(norms), W.shape[1])
        X, signed = np.concatenate((W, V)), _signs(k, rows) * norms
        self._lengths: list[float] = norms.tolist()
        self._students = k
        self._bounds: tuple[list[tuple[Interval, int]], int] | None = None
        units = X / norms[:, None]
        cosine = units[:k] @ units.T
        r = residuals(units, cosine)
        complement = complements(r.length, cosine)
        weights = signed / norms[:k, None]
        alphas = np.einsum("ij,ij->i", weights, r.length)
        total = sum(self._lengths) * SAFETY
        ratio = total / min(self._lengths[:k]) * SAFETY
        self.scalars = Scalars(
            units, cosine, r.length[:, :k], complement[:, :k], alphas, weights, r,
            (6.0 * dim + 48.0) * U, (5.0 * dim + 1.5 * rows + 24.0) * U * ratio, ratio,
        )  # fmt: skip
        self.gradient: Array = (_signs(k, rows) * complement) @ X + alphas[:, None] * W
        self.gradient_error = sqrt(k) * (11.0 * dim + 5.0 * rows + 72.0) * U * total * SAFETY
        self.gradient_size = norm(self.gradient) * SAFETY + self.gradient_error
        shape = r.length + complement * cosine
        self._orthonormal, self._towards_teachers = orthonormal, shape[:, k:]
        energy = _orthonormal_energy(len(V)) if orthonormal else _energy(units[k:], norms[k:])
        signed[:k] *= 0.5
        self._loss = float(norms[:k] @ (shape @ signed)) + energy
        self._loss_error = 0.5 * total * total * (20.0 * dim + 7.0 * rows + 100.0) * U * SAFETY
        self._norm_error = (0.5 * dim + 2.0) * U * SAFETY
        self._slope_error = total * (18.0 * dim + 4.0 * rows + 90.0) * U * SAFETY

    def student_norms(self) -> list[tuple[Interval, int]]:
        """Row norms of the students, each with multiplicity 1."""
        return self._row_bounds()[0]

    def teacher_length(self) -> int:
        """Upper bound of sum_m |v_m|."""
        return self._row_bounds()[1]

    def _row_bounds(self) -> tuple[list[tuple[Interval, int]], int]:
        """Both, computed once."""
        if self._bounds is None:
            students = [(self._interval(x, x * self._norm_error), 1) for x in self._lengths[: self._students]]
            teachers = sum(self._lengths[self._students :]) * (1.0 + self._norm_error) * SAFETY
            self._bounds = students, self._interval(teachers)[1]
        return self._bounds

    def gradient_norm(self) -> int:
        """Upper bound of the Frobenius norm of 2 pi grad L."""
        return self._interval(self.gradient_size)[1]

    def loss(self) -> Interval:
        """2 pi L."""
        return self._interval(self._loss, self._loss_error)

    def alpha(self, i: int) -> Interval:
        """alpha_i."""
        return self._alphas[i]

    @cached_property
    def _alphas(self) -> list[Interval]:
        return [self._interval(x, self.scalars.alpha_error) for x in self.scalars.alphas.tolist()]

    def slope(self, m: int) -> Interval:
        """2 pi D(v_m / |v_m|)."""
        norms, lengths = np.split(np.array(self._lengths), [self._students])
        if self._orthonormal:
            teachers = np.pi + (len(lengths) - 1.0)
        else:
            units = self.scalars.units[self._students :]
            teachers = float(_shapes(units[m : m + 1], np.concatenate((units[m : m + 1], units)))[0, 1:] @ lengths)
        return self._interval(float(norms @ self._towards_teachers[:, m]) - teachers, self._slope_error)

    def _interval(self, middle: float, error: float = 0.0) -> Interval:
        """From middle - error to middle + error, rounded outward."""
        bits, (n, d), (m, q) = self.arithmetic.bits, middle.as_integer_ratio(), error.as_integer_ratio()
        wide, halvings = -((-m << bits) >> q.bit_length() - 1), d.bit_length() - 1  # denominators are powers of two
        return ((n << bits) >> halvings) - wide, -((-n << bits) >> halvings) + wide


def complements(sine: Array, cosine: Array) -> Array:
    """The angles pi - t by tan(t / 2) = s / (1 + c), or that of pi - t."""
    half: Array = 2.0 * arctangent(sine / (1.0 + np.abs(cosine)))
    np.subtract(np.pi, half, out=half, where=cosine > 0.0)
    return half


def arctangent(x: Array) -> Array:
    """Of x in [0, 1.01], within 8 U: the angle is halved twice, then eleven terms of the series beside the first."""
    for _ in range(2):
        x = x / (1.0 + np.sqrt(1.0 + x * x))
    powers = np.empty((11, x.size))
    powers[:] = (x * x).ravel()
    np.multiply.accumulate(powers, out=powers)
    result: Array = 4.0 * (x + x * (ODD @ powers).reshape(x.shape))
    return result


@lru_cache(maxsize=16)
def _signs(students: int, rows: int) -> Array:
    """+1 for students, -1 for teachers; not to be written to."""
    return np.where(np.arange(rows) < students, 1.0, -1.0)


def _orthonormal_energy(teachers: int) -> float:
    """pi |V|^2 / 2 and the pairs of teachers: one for each, up to 3 U of the sum."""
    return 0.5 * np.pi * teachers + 0.5 * teachers * (teachers - 1)


def _energy(units: Array, norms: Array) -> float:
    """The same for any teachers."""
    return 0.5 * float(norms @ (_shapes(units, units) @ norms))


def _shapes(units: Array, others: Array) -> Array:
    """s + (pi - t) c for some unit vectors [k, d] and all of them, the same first [N, d]."""
    cosine = units @ others.T
    length = residuals(others, cosine).length
    shapes: Array = length + complements(length, cosine) * cosine
    return shapes


def row_norms(rows: Array) -> Array | None:
    """Norms of rows [N, d]; None if one is beyond the limits of L5."""
    norms: Array = np.sqrt(np.einsum("ja,ja->j", rows, rows))
    sizes = norms.tolist()
    return norms if min(sizes) > 1.0 / NORM_LIMIT and max(sizes) < NORM_LIMIT and sum(sizes) < inf else None  # no NaN


@lru_cache(maxsize=1)
def axes(teachers: int, dimension: int) -> Array:
    """The first basis vectors, not to be written to."""
    return np.eye(teachers, dimension)


def exact(matrix: Sequence[Sequence[Dyadic]]) -> Array | None:
    """The same numbers as float64; None if one of them is none, or subnormal."""
    mantissas, exponents = zip(*chain.from_iterable(matrix), strict=True)
    if not (max(mantissas) <= 1 << 53 and min(mantissas) >= -1 << 53 and min(exponents) >= -1022):
        return None
    try:
        return np.array(list(map(ldexp, mantissas, exponents))).reshape(len(matrix), -1)
    except OverflowError:
        return None
