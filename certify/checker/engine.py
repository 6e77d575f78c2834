"""Which arithmetic decides inertia, of the n x n Hessian and of splitting matrices; all else is decided in integers.

An engine gets the scalars of a `Landscape`, intervals of integers, and answers two questions.  The checker's own engine
uses integers of the standard library; others (certify.engines) are handed in and widen what is trusted.
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
from certify.checker.intervals import Arithmetic, Interval
from certify.checker.landscape import Landscape, Vector
from certify.checker.reader import Certificate, Spectrum
from certify.checker.splitting import negatives


class Engine(Protocol):
    """An arithmetic for the Hessian."""

    @property
    def name(self) -> str:
        """What a verdict says was used."""

    def limit(self, c: Certificate) -> None:
        """Raise ResourceLimit if the certificate asks for too much time or memory."""

    def inertia(self, landscape: Landscape, witness: Spectrum, gap: Interval) -> int | None:
        """Not None: it is certain that 2 pi Hess L(x0) has as many eigenvalues < -gap as there are directions, and all
        others > gap; the number is an upper bound of its 2-norm.  gap and the result are in units of 2^-bits.
        """

    def negatives(self, landscape: Landscape, limits: Mapping[int, int]) -> Mapping[int, int]:
        """As `certify.checker.splitting.negatives`."""


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

    def inertia(self, landscape: Landscape, witness: Spectrum, gap: Interval) -> int | None:
        """From the rows of the Hessian."""
        return inertia(landscape.hessian_rows(), witness, gap, landscape.arithmetic, self._definite)

    def negatives(self, landscape: Landscape, limits: Mapping[int, int]) -> Mapping[int, int]:
        """By pivots."""
        return negatives(landscape, limits)


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
