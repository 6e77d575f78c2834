"""The Hessian's inertia in float64: assembled from the checker's scalars with a bound (L3), decided by L1 and T5.

Independent of the prover's evaluation: norms, cosines, sines, angles and alpha come from the checker's integers; only
the proof of definiteness, `linalg/definite.py`, is the same code.
"""

from __future__ import annotations

from math import inf, sqrt

import numpy as np

from certify.checker.errors import ResourceLimit
from certify.checker.intervals import Interval
from certify.checker.landscape import Landscape
from certify.checker.reader import Certificate, Spectrum
from certify.engines.selftest import trouble
from certify.linalg.definite import SAFETY, Array, InertiaTest, U
from certify.memory import needed, shortage


class Blas:
    """An engine of the checker."""

    name = "blas"

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
            raise ResourceLimit("a number is beyond the range of float64; certify verify --engine stdlib") from None
        _refuse_if(trouble())
        return found

    @staticmethod
    def _inertia(landscape: Landscape, witness: Spectrum, gap: Interval) -> int | None:
        f = landscape.arithmetic
        with np.errstate(all="ignore"):  # what overflows fails a comparison
            matrix, error = assembled(landscape)
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


def assembled(landscape: Landscape) -> tuple[Array, float]:
    """2 pi Hess L(x0) [n, n] by T1 in float64 from the scalars, and a bound of its error in the 2-norm (L3)."""
    f, k = landscape.arithmetic, landscape.count
    rows, dim = len(landscape.rows), len(landscape.units[0])

    def table(scalars: list[list[Interval]]) -> tuple[Array, float]:
        middles, width = _middles([x for row in scalars for x in row], f.bits)
        return middles.reshape(len(scalars), -1), width

    own = (0, 0)
    units, e0 = table(landscape.units)
    cosine, e1 = table([[own if p is None else p.cosine for p in row] for row in landscape.pairs])
    sine, e2 = table([[own if p is None else p.sine for p in row[:k]] for row in landscape.pairs])
    complement, e3 = table([[f.pi if p is None else p.complement for p in row[:k]] for row in landscape.pairs])
    alphas, e4 = _middles([landscape.alpha(i) for i in range(k)], f.bits)
    ratios, e5 = table([[f.div(a, landscape.norms[i]) for a in landscape.norms] for i in range(k)])
    weights = ratios * np.array(landscape.signs)
    delta = U + max(e0, e1, e2, e3, e5)

    unit = units[:k]
    residual = units - cosine[:, :, None] * unit[:, None, :]
    residual[np.arange(k), np.arange(k)] = 0.0
    length = np.sqrt(np.einsum("ija,ija->ij", residual, residual))
    inverse = np.divide(1.0, length, out=np.zeros_like(length), where=length > 2.0**-400)
    direction = residual * inverse[:, :, None]

    left, right = np.empty((k, k, dim, 2)), np.empty((k, k, 2, dim))
    np.multiply(sine[:, :, None], unit[:, None, :], out=left[..., 0])
    left[..., 1] = direction[:, :k]
    right[:, :, 0, :] = unit
    right[:, :, 1, :] = residual[:, :k].transpose(1, 0, 2)
    block = np.empty((k, dim, k, dim))
    np.matmul(left, right, out=block.transpose(0, 2, 1, 3))
    np.einsum("iaja->ija", block)[...] += complement[:, :, None]
    curvature = np.matmul((direction * weights[:, :, None]).transpose(0, 2, 1), residual)
    curvature -= (alphas[:, None] * unit)[:, :, None] * unit[:, None, :]
    np.einsum("iaa->ia", curvature)[...] += alphas[:, None]
    np.einsum("iaib->iab", block)[...] += curvature

    total = float(np.abs(weights).sum(axis=1).max())
    cross = delta * (22.0 + 21.0 * sqrt(dim) + 0.5 * dim)
    diagonal = delta * (total + rows) * (24.0 + 24.0 * sqrt(dim) + 0.5 * dim + rows) + 2.0 * e4
    error = (diagonal + k * cross) * SAFETY
    return block.reshape(k * dim, k * dim), error if error < 2.0**-10 and total < inf else inf
