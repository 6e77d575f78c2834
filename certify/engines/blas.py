"""Everything about one point in float64 where the bounds suffice (L5), its inertia always: the Hessian's by L1 and T5,
that of splitting matrices by L4, all assembled by L3.

Independent of the prover's evaluation: only the proofs about float64 matrices, `linalg/definite.py` and
`linalg/inertia.py`, are the same code.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from math import inf, pi, sqrt

import numpy as np

from certify.checker.errors import Rejected, ResourceLimit
from certify.checker.intervals import Arithmetic, Interval
from certify.checker.landscape import Dense, Landscape
from certify.checker.reader import Certificate, Spectrum
from certify.checker.splitting import unconfirmed
from certify.engines.scalars import FloatLandscape, Scalars, axes, exact, row_norms, scalars
from certify.engines.selftest import trouble
from certify.linalg.definite import SAFETY, TILE, Array, InertiaTest, U
from certify.linalg.inertia import norm, signs
from certify.memory import needed, shortage

BEYOND = "a number is beyond the range of float64; certify verify --engine stdlib"
COARSE = 64  # bits of precision: integers of fewer may decide less than float64, and verdicts are to be the same


class Blas:
    """An engine of the checker."""

    name = "blas"

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._known: tuple[Landscape, Scalars] | None = None
        self._size = 0

    def limit(self, c: Certificate) -> None:
        """By memory; and the library is tested."""
        lack = shortage(needed(c.students, c.teachers, c.dimension))
        if lack is not None:
            raise ResourceLimit(lack)
        self._size = c.students * c.dimension
        _refuse_if(trouble(self._size))

    def finish(self) -> None:
        """The library is tested again."""
        _refuse_if(trouble(self._size))

    def quick(self, c: Certificate, f: Arithmetic) -> Dense | None:
        """In float64, if the centre is and the gradient can be small enough for the claim."""
        if c.precision < COARSE:
            return None
        W, V = exact(c.centre), axes(c.teachers, c.dimension) if c.orthonormal else exact(c.teacher)
        if W is None or V is None:
            return None
        sizes = row_norms(np.concatenate((W, V)))
        if sizes is None:
            return None
        at = FloatLandscape(W, V, sizes, f, orthonormal=c.orthonormal)
        return at if at.gradient_size < 2.0 * pi * _about(c.hessian.gap) * _about(c.error_radius) else None

    def inertia(self, at: Dense, witness: Spectrum, gap: Interval) -> int | None:
        """`certify.checker.engine.Engine.inertia`."""
        with _quiet(at, witness):
            matrix, error = assembled(self._of(at))
            size = (min(norm(matrix), _row_sum(matrix)) + error) * SAFETY
            proven = _confirmed(matrix, error, witness, gap[1], at.arithmetic.bits)
        return int(size * SAFETY * 2.0**20) + 1 << at.arithmetic.bits >> 20 if proven and size < 2.0**100 else None

    def ambient(self, at: Dense, witness: Spectrum, gap: Interval) -> bool:
        """`certify.checker.engine.Engine.ambient`."""
        with _quiet(at, witness):
            return _confirmed(*ambient(self._of(at)), witness, gap[1], at.arithmetic.bits)

    def negatives(self, at: Dense, limits: Mapping[int, int]) -> Mapping[int, int]:
        """`certify.checker.engine.Engine.negatives` for all students at once."""
        sizes = {i: _upper(limit, at.arithmetic.bits) for i, limit in limits.items()}
        with np.errstate(all="ignore"):
            matrices, error = lifted(self._of(at), 1.0 + max(sizes.values()))
            found = signs(matrices, error, norm(matrices))
        if not all(found.smallest[i] > size for i, size in sizes.items()):
            raise unconfirmed()
        return {i: found.negative[i] for i in sizes}

    def _of(self, at: Dense) -> Scalars:
        """Scalars of an evaluation; those of integers only once."""
        if isinstance(at, FloatLandscape):
            return at.scalars
        if not isinstance(at, Landscape):
            raise Rejected("internal", "an engine was asked about the evaluation of another")
        if self._known is None or self._known[0] is not at:
            try:
                self._known = at, scalars(at)
            except OverflowError:
                raise ResourceLimit(BEYOND) from None
        return self._known[1]


def _quiet(at: Dense, witness: Spectrum) -> AbstractContextManager[None]:
    """Let what overflows fail a comparison, not warn; within the limits of L5 only what a witness multiplies can."""
    tame = isinstance(at, FloatLandscape) and not witness.directions
    return nullcontext() if tame else np.errstate(all="ignore")


def _row_sum(matrix: Array) -> float:
    """The largest absolute row sum, without a second matrix."""
    largest = 0.0
    for top in range(0, len(matrix), TILE):
        largest = max(largest, *np.add.reduce(np.abs(matrix[top : top + TILE]), axis=1).tolist())
    return largest


def _refuse_if(reason: str | None) -> None:
    if reason is not None:
        raise ResourceLimit(f"the engine blas cannot be used here: {reason}")


def _upper(value: int, bits: int) -> float:
    """A float64 at least value / 2^bits, value >= 0."""
    try:
        return value / (1 << bits) * SAFETY
    except OverflowError:
        raise ResourceLimit(BEYOND) from None


def _about(x: tuple[int, int]) -> float:
    """A dyadic > 0, or 0 or infinity instead of what is very small or large."""
    size = x[0].bit_length() + x[1]
    return (x[0] / (1 << x[0].bit_length())) * 2.0**size if abs(size) < 1000 else inf * (size > 0)


def _confirmed(matrix: Array, error: float, witness: Spectrum, gap: int, bits: int) -> bool:
    """T5 for every matrix [n, n] within `error` of this one, which is used up."""
    directions = np.array(witness.directions, dtype=float) if witness.directions else np.empty((0, len(matrix)))
    try:
        weight = witness.weight / (1 << 2 * witness.factor_bits)  # T5 holds for any directions and weight
    except OverflowError:
        raise ResourceLimit(BEYOND) from None
    return InertiaTest(matrix, error, directions, weight, "exact").certainly(_upper(gap, bits))


def assembled(s: Scalars) -> tuple[Array, float]:
    """2 pi Hess L(x0) [n, n] by T1 in float64 from the scalars, and a bound of its error in the 2-norm (L3)."""
    k, dim = len(s.cosine), s.units.shape[1]
    r, unit = s.residuals, s.units[:k]
    left, right = np.empty((k, k, dim, 2)), np.empty((k, k, 2, dim))
    np.multiply(s.sine[:, :, None], unit[:, None, :], out=left[..., 0])
    left[..., 1] = r.direction[:, :k]
    right[:, :, 0, :] = unit
    right[:, :, 1, :] = r.residual[:, :k].transpose(1, 0, 2)
    block = np.empty((k, dim, k, dim))
    np.matmul(left, right, out=block.transpose(0, 2, 1, 3))
    diagonals = np.einsum("iaja->ija", block)
    diagonals += s.complement[:, :, None]
    own, bound = s.curvatures
    blocks = np.einsum("iaib->iab", block)
    blocks += own
    cross = s.delta * (22.0 + 21.0 * sqrt(dim) + 0.5 * dim)
    error = (bound + k * cross) * SAFETY
    return block.reshape(k * dim, k * dim), error if error < 2.0**-10 else inf


def ambient(s: Scalars) -> tuple[Array, float]:
    """2 pi A [K, K], and a bound of its error in the 2-norm (L3)."""
    k = len(s.cosine)
    matrix = s.complement.copy()
    matrix.reshape(-1)[:: k + 1] = pi + s.alphas
    error = (s.delta * (k + 2.0 * s.ratio + 5.0) + s.alpha_error) * SAFETY
    return matrix, error if error < 2.0**-10 else inf


def lifted(s: Scalars, lift: float) -> tuple[Array, float]:
    """2 pi S_i + lift u_i u_i^T [K, d, d], and a bound of the error of each in the 2-norm (L4)."""
    (k, _), dim = s.cosine.shape, s.units.shape[1]
    own, error = s.curvatures
    unit = s.units[:k]
    matrices = own + (lift * unit)[:, :, None] * unit[:, None, :]
    bound = (error + lift * (2.0 * sqrt(dim) + 8.0) * s.delta + U * norm(matrices)) * SAFETY
    return matrices, bound if bound < 2.0**-10 else inf
