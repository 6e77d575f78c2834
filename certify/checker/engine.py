"""Which arithmetic decides inertia, of the n x n Hessian and of splitting matrices; all else is decided in integers.

An engine gets the scalars of a `Landscape`, intervals of integers, and answers three questions.  The checker's own
engine uses integers of the standard library; others (certify.engines) are handed in and widen what is trusted.  One of
them may have an evaluation of its own, which is tried first: what it does not confirm is decided in integers.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from certify.checker.definite import (
    Triangle,
    certainly_has_inertia,
    certainly_positive_definite,
    limit_work,
    rounded,
    row_sum_bound,
)  # fmt: skip
from certify.checker.errors import Rejected
from certify.checker.intervals import Arithmetic, Interval
from certify.checker.landscape import Dense, Landscape, Vector
from certify.checker.reader import Certificate, Spectrum
from certify.checker.splitting import negatives


class Engine(Protocol):
    """An arithmetic for the Hessian."""

    @property
    def name(self) -> str:
        """What a verdict says was used."""

    def limit(self, c: Certificate) -> None:
        """Raise ResourceLimit if the certificate asks for too much time or memory, or the engine does not work here."""

    def quick(self, c: Certificate, f: Arithmetic) -> Dense | None:
        """The loss at the centre as this engine evaluates it by itself, if it does."""

    def inertia(self, at: Dense, witness: Spectrum, gap: Interval) -> int | None:
        """Not None: it is certain that 2 pi Hess L(x0) has as many eigenvalues < -gap as there are directions, and all
        others > gap; the number is an upper bound of its 2-norm.  gap and the result are in units of 2^-bits.
        """

    def ambient(self, at: Dense, witness: Spectrum, gap: Interval) -> bool:
        """True: the same is certain of the matrix A."""

    def negatives(self, at: Dense, limits: Mapping[int, int]) -> Mapping[int, int]:
        """As `certify.checker.splitting.negatives`."""

    def finish(self) -> None:
        """Raise ResourceLimit if the engine does not work any more: its answers do not count then."""


class Integers:
    """Integers, T4 and T5; `definite` and `work`: another implementation of T4, and what it can do."""

    def __init__(
        self,
        name: str = "stdlib",
        definite: Callable[[Triangle, int], bool] = certainly_positive_definite,
        speed: int = 1,
    ) -> None:
        """Speed: how many times faster than the standard library."""
        self.name = name
        self._definite, self._speed = definite, speed

    def limit(self, c: Certificate) -> None:
        """By the work of the factorisation."""
        bits = 2 * c.hessian.factor_bits
        limit_work(c.students * c.dimension, len(c.hessian.directions), bits, self._speed)

    def quick(self, _c: Certificate, _f: Arithmetic) -> Dense | None:
        """None: integers decide."""
        return None

    def inertia(self, at: Dense, witness: Spectrum, gap: Interval) -> int | None:
        """From the rows of the Hessian."""
        return inertia(_integers(at).hessian_rows(), witness, gap, at.arithmetic, self._definite)

    def ambient(self, at: Dense, witness: Spectrum, gap: Interval) -> bool:
        """From the rows of A, always by the standard library."""
        rows = _integers(at)
        limit_work(rows.count, len(witness.directions), 2 * witness.factor_bits)
        return inertia(rows.ambient_rows(), witness, gap, at.arithmetic) is not None

    def negatives(self, at: Dense, limits: Mapping[int, int]) -> Mapping[int, int]:
        """By pivots."""
        return negatives(_integers(at), limits)

    def finish(self) -> None:
        """Nothing to do."""


def _integers(at: Dense) -> Landscape:
    """The evaluation that this engine is asked about."""
    if not isinstance(at, Landscape):
        raise Rejected("internal", "an engine was asked about the evaluation of another")
    return at


def inertia(
    rows: Iterable[Vector],
    witness: Spectrum,
    gap: Interval,
    f: Arithmetic,
    definite: Callable[[Triangle, int], bool] = certainly_positive_definite,
) -> int | None:
    """The same for any symmetric matrix given by the rows of its lower triangle."""
    unit = 2 * witness.factor_bits
    matrix, error = rounded(rows, f.bits - unit)
    gap_upper = -(-gap[1] >> f.bits - unit)
    if not certainly_has_inertia(matrix, error, gap_upper, witness.directions, witness.weight, definite=definite):
        return None
    return row_sum_bound(matrix, error) << f.bits - unit


INTEGERS = Integers()
