"""Inertia in float64: the Hessian's by L1 and T5, that of splitting matrices by L4, from the checker's scalars (L3).

Independent of the prover's evaluation: norms, cosines, sines, angles and alpha come from the checker's integers; only
the proofs about float64 matrices, `linalg/definite.py` and `linalg/inertia.py`, are the same code.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, sqrt
from typing import NamedTuple

import numpy as np

from certify.checker.errors import ResourceLimit
from certify.checker.intervals import Interval
from certify.checker.landscape import Landscape
from certify.checker.reader import Certificate, Spectrum
from certify.checker.splitting import unconfirmed
from certify.engines.selftest import trouble
from certify.linalg.definite import SAFETY, Array, InertiaTest, U
from certify.linalg.inertia import norms, signs
from certify.memory import needed, shortage

BEYOND = "a number is beyond the range of float64; certify verify --engine stdlib"


class Blas:
    """An engine of the checker."""

    name = "blas"

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._known: tuple[Landscape, Scalars] | None = None

    def limit(self, c: Certificate) -> None:
        """By memory."""
        lack = shortage(needed(c.students, c.teachers, c.dimension))
        if lack is not None:
            raise ResourceLimit(lack)

    def inertia(self, landscape: Landscape, witness: Spectrum, gap: Interval) -> int | None:
        """`certify.checker.engine.Engine.inertia`; the library is tested before and after."""
        _refuse_if(trouble())
        try:
            found = self._inertia(landscape, witness, gap)
        except OverflowError:
            raise ResourceLimit(BEYOND) from None
        _refuse_if(trouble())
        return found

    def negatives(self, landscape: Landscape, limits: Mapping[int, int]) -> Mapping[int, int]:
        """`certify.checker.engine.Engine.negatives` for all students at once; tested before by `inertia`, and after."""
        try:
            found = self._negatives(landscape, limits)
        except OverflowError:
            raise ResourceLimit(BEYOND) from None
        _refuse_if(trouble())
        return found

    def _negatives(self, landscape: Landscape, limits: Mapping[int, int]) -> Mapping[int, int]:
        bits = landscape.arithmetic.bits
        sizes = {i: _upper(limit, bits) for i, limit in limits.items()}
        with np.errstate(all="ignore"):
            matrices, errors = lifted(self._of(landscape), 1.0 + max(sizes.values()))
            found = signs(matrices, errors)
        if not all(found.smallest[i] > size for i, size in sizes.items()):
            raise unconfirmed()
        return {i: int(found.negative[i]) for i in sizes}

    def _of(self, landscape: Landscape) -> Scalars:
        """Of the landscape asked about last, once."""
        if self._known is None or self._known[0] is not landscape:
            self._known = landscape, scalars(landscape)
        return self._known[1]

    def _inertia(self, landscape: Landscape, witness: Spectrum, gap: Interval) -> int | None:
        f = landscape.arithmetic
        with np.errstate(all="ignore"):  # what overflows fails a comparison
            matrix, error = assembled(self._of(landscape))
            largest = min(float(np.linalg.norm(matrix)), float(np.abs(matrix).sum(axis=1).max()))
            norm = (largest + error) * SAFETY
            directions = np.array(witness.directions, dtype=float).reshape(-1, len(matrix))
            weight = witness.weight / (1 << 2 * witness.factor_bits)  # T5 holds for any directions and weight
            test = InertiaTest(matrix, error, directions, weight, "exact")
            proven = test.certainly(_upper(gap[1], f.bits))
        return int(norm * SAFETY * 2.0**20) + 1 << f.bits >> 20 if proven and norm < 2.0**100 else None


def _refuse_if(reason: str | None) -> None:
    if reason is not None:
        raise ResourceLimit(f"the engine blas cannot be used here: {reason}")


def _upper(value: int, bits: int) -> float:
    """A float64 at least value / 2^bits, value >= 0."""
    return value / (1 << bits) * SAFETY


def _middles(intervals: list[Interval], bits: int) -> tuple[Array, float]:
    """Midpoints as float64, and the largest half-width; each midpoint is rounded once more."""
    unit = 1 << bits + 1
    middles = np.array([(low + high) / unit for low, high in intervals])
    return middles, max(high - low for low, high in intervals) / unit


class Scalars(NamedTuple):
    """The checker's scalars of a landscape as float64: each within delta of the exact one, alpha within alpha_error."""

    units: Array  # [N, d]
    cosine: Array  # [K, N]
    sine: Array  # [K, K]
    complement: Array  # [K, K]
    alphas: Array  # [K]
    weights: Array  # sign_j |x_j| / |w_i| [K, N]
    delta: float
    alpha_error: float


def scalars(landscape: Landscape) -> Scalars:
    """Midpoints of the intervals; delta counts one more rounding."""
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
    return Scalars(units, cosine, sine, complement, alphas, weights, U + max(e0, e1, e2, e3, e5), e4)


class Residuals(NamedTuple):
    """r_ij and r_ij / |r_ij| [K, N, d], zero for j = i."""

    residual: Array
    direction: Array


def residuals(s: Scalars) -> Residuals:
    """From the unit vectors and cosines."""
    k = len(s.cosine)
    residual = s.units - s.cosine[:, :, None] * s.units[:k, None, :]
    residual[np.arange(k), np.arange(k)] = 0.0
    length = np.sqrt(np.einsum("ija,ija->ij", residual, residual))
    inverse = np.divide(1.0, length, out=np.zeros_like(length), where=length > 2.0**-400)
    return Residuals(residual, residual * inverse[:, :, None])


def curvatures(s: Scalars, r: Residuals) -> tuple[Array, float]:
    """2 pi S_i = 2 pi (H_ii - I / 2) [K, d, d], and a bound of the error of each, pi I added or not (L3)."""
    (k, rows), dim = s.cosine.shape, s.units.shape[1]
    unit = s.units[:k]
    matrices: Array = np.matmul((r.direction * s.weights[:, :, None]).transpose(0, 2, 1), r.residual)
    matrices -= (s.alphas[:, None] * unit)[:, :, None] * unit[:, None, :]
    np.einsum("iaa->ia", matrices)[...] += s.alphas[:, None]
    total = float(np.abs(s.weights).sum(axis=1).max())
    error = s.delta * (total + rows) * (24.0 + 24.0 * sqrt(dim) + 0.5 * dim + rows) + 2.0 * s.alpha_error
    return matrices, error if total < inf else inf


def assembled(s: Scalars) -> tuple[Array, float]:
    """2 pi Hess L(x0) [n, n] by T1 in float64 from the scalars, and a bound of its error in the 2-norm (L3)."""
    k, dim = len(s.cosine), s.units.shape[1]
    r, unit = residuals(s), s.units[:k]
    left, right = np.empty((k, k, dim, 2)), np.empty((k, k, 2, dim))
    np.multiply(s.sine[:, :, None], unit[:, None, :], out=left[..., 0])
    left[..., 1] = r.direction[:, :k]
    right[:, :, 0, :] = unit
    right[:, :, 1, :] = r.residual[:, :k].transpose(1, 0, 2)
    block = np.empty((k, dim, k, dim))
    np.matmul(left, right, out=block.transpose(0, 2, 1, 3))
    np.einsum("iaja->ija", block)[...] += s.complement[:, :, None]
    own, diagonal = curvatures(s, r)
    np.einsum("iaib->iab", block)[...] += own
    cross = s.delta * (22.0 + 21.0 * sqrt(dim) + 0.5 * dim)
    error = (diagonal + k * cross) * SAFETY
    return block.reshape(k * dim, k * dim), error if error < 2.0**-10 else inf


def lifted(s: Scalars, lift: float) -> tuple[Array, Array]:
    """2 pi S_i + lift u_i u_i^T [K, d, d], and bounds [K] of their errors in the 2-norm (L4)."""
    (k, _), dim = s.cosine.shape, s.units.shape[1]
    matrices, error = curvatures(s, residuals(s))
    unit = s.units[:k]
    matrices += (lift * unit)[:, :, None] * unit[:, None, :]
    bounds = (error + lift * (2.0 * sqrt(dim) + 8.0) * s.delta + U * norms(matrices)) * SAFETY
    return matrices, np.where(bounds < 2.0**-10, bounds, inf)
