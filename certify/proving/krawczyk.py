"""The contraction test of docs/systems.md, Z5, and Newton's step: in balls for few unknowns and for many bits, else in

floats with error bounds.

Units: columns are in proportion to the sides of the box; floats have rows scaled so that the largest derivative is near
1.  All are powers of two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import frexp, inf, isfinite, ldexp, nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from certify.arithmetic import (
    Ball,
    Matrix,
    all_finite,
    approximate_inverse,
    column,
    column_matrix,
    float_magnitudes,
    float_midpoints,
    identity_matrix,
    midpoints_and_radii,
    precision_in_force,
    sparse_matrix,
    symmetric_units,
)
from certify.systems.tape import Pattern

Array = NDArray[np.float64]
QUIET = np.errstate(all="ignore")  # what overflows fails a test later
COARSE = 2.0**-24  # what the checker's |I - C A| may be larger, because its C has few bits
ELIMINATION_BITS = 106  # at least, in balls, because rows are not scaled
LEAST_ROW = -1000  # exponent of rows; LEAST is small beside it
LEAST = 2.0**-1060  # added where a float may have lost a number below the range of floats


class Jacobian(NamedTuple):
    """Balls or integers at the places of a pattern, without its column."""

    pattern: Pattern
    entries: Sequence[Ball]

    def dense(self) -> Matrix:
        """All entries, as balls."""
        return sparse_matrix(self.pattern.size, self.pattern.cells, self.entries)


class BallUnits(NamedTuple):
    """Exponents of the sizes of the coordinates; the box of these radii around 0, and the inverses of the radii."""

    columns: list[int]
    sides: Matrix
    inverses: list[Ball]

    @classmethod
    def of(cls, columns: list[int]) -> BallUnits:
        """From the exponents."""
        return cls(columns, *symmetric_units(columns))

    def bounds(self, column: Matrix, down: float = 1.0) -> list[float]:
        """Upper bounds by row, in units, times a power of two."""
        return float_magnitudes(column, self.inverses, down)


@dataclass(frozen=True)
class Units:
    """Exponents of the sizes of the coordinates, by column, and of the largest derivatives in these, by row.

    factors: what entries of the Jacobian, and values after them, are multiplied by to be in these units.
    """

    pattern: Pattern
    columns: list[int]
    rows: list[int]
    factors: Array

    @classmethod
    @QUIET
    def of(cls, pattern: Pattern, entries: Array, columns: list[int]) -> Units:
        """By the entries of a Jacobian in float64; values after them do not count."""
        powers = np.array([*map(power, columns), 1.0])[pattern.columns]
        largest = pattern.largest(np.abs(entries * powers[: len(entries)])).tolist()
        rows = [max(frexp(x)[1], LEAST_ROW) for x in largest]
        return cls(pattern, columns, rows, powers * np.array([ldexp(1.0, -e) for e in rows])[pattern.rows])


@dataclass(frozen=True)
class Shares:
    """Upper bounds by row: |C F|, |I - C A| 1, in units of the box, and |C| 1, where rows of A count as 1."""

    residual: list[float]
    contraction: list[float]
    weight: list[float]

    @property
    def finite(self) -> bool:
        """Whether all residuals and contractions are."""
        return isfinite(sum(self.residual) + sum(self.contraction))

    @property
    def total(self) -> float:
        """The theorem needs this to be below 1."""
        return max(map(float.__add__, self.residual, self.contraction))

    @property
    def slope(self) -> float:
        """The largest contraction, which grows with the box."""
        return max(self.contraction)

    @property
    def errors(self) -> list[float]:
        """Distance of the zero from the centre, in units of the box, with room for a coarser C."""
        pairs = list(zip(self.residual, self.contraction, strict=True))
        distance = max([residual / (1 - contraction) for residual, contraction in pairs])
        return [(residual + (contraction + COARSE) * distance) * (1 + 2.0**-40) for residual, contraction in pairs]


def power(exponent: int) -> float:
    """2^exponent, infinite beyond the range of floats."""
    return ldexp(1.0, exponent) if exponent < 1024 else inf


class BallTangent(NamedTuple):
    """Values and Jacobian at a point in balls, as lists and as matrices, and the approximate inverse of the latter."""

    values: list[Ball]
    side: Matrix
    jacobian: Jacobian
    matrix: Matrix
    inverse: Matrix
    units: BallUnits

    @classmethod
    def of(cls, values: list[Ball], jacobian: Jacobian, columns: list[int]) -> BallTangent | None:
        """None: the Jacobian is singular."""
        matrix = jacobian.dense()
        inverse = _inverse(matrix)
        return (
            None
            if inverse is None
            else cls(values, column_matrix(values), jacobian, matrix, inverse, BallUnits.of(columns))
        )

    @property
    def finite(self) -> bool:
        """Whether nothing reaches to infinity or is NaN."""
        return all_finite(self.values) and all_finite(self.jacobian.entries)

    def step(self) -> list[float]:
        """Newton's step in units."""
        change = self.inverse * self.side
        return [float(v) * 2.0**-e for v, e in zip(column(change), self.units.columns, strict=True)]

    def contraction(self, there: Jacobian) -> float:
        """About that on a box around, if it has this Jacobian at a corner of it."""
        return max(self.units.bounds(self.inverse * ((there.dense() - self.matrix) * self.units.sides)))


def _inverse(matrix: Matrix) -> Matrix | None:
    return approximate_inverse(matrix, max(precision_in_force(), ELIMINATION_BITS))


class FloatTangent(NamedTuple):
    """The same in float64; numbers are the entries of the Jacobian and then the values, matrix the same in units."""

    values: list[Ball]
    numbers: Array
    units: Units
    matrix: Array

    @classmethod
    @QUIET
    def of(cls, values: list[Ball], jacobian: Jacobian, columns: list[int]) -> FloatTangent:
        """From balls or floats."""
        numbers = np.array(float_midpoints([*jacobian.entries, *values]))
        units = Units.of(jacobian.pattern, numbers, columns)
        return cls(values, numbers, units, units.pattern.dense(numbers * units.factors))

    @property
    def finite(self) -> bool:
        """As above."""
        return bool(np.isfinite(self.numbers).all())

    @QUIET
    def step(self) -> list[float]:
        """Newton's step in units, least squares where the Jacobian is singular; NaN where that is not finite."""
        matrix, side = self.matrix[:, :-1], self.matrix[:, -1]
        change = solution(matrix, side)
        if change is None and np.isfinite(self.matrix).all():
            change = np.asarray(np.linalg.lstsq(matrix, side)[0], dtype=np.float64)
        return [nan] * len(side) if change is None else list(map(float, change))

    @QUIET
    def contraction(self, there: Jacobian) -> float:
        """As above."""
        units = self.units
        moved = units.pattern.dense(np.array(float_midpoints(there.entries)) * units.factors[: units.pattern.count])
        change = solution(self.matrix[:, :-1], (moved - self.matrix)[:, :-1])
        return inf if change is None else max(np.add.reduce(np.abs(change), 1).tolist())


Tangent = BallTangent | FloatTangent


def solution(matrix: Array, sides: Array) -> Array | None:
    """X with matrix X = sides, approximately; None where the matrix is singular."""
    try:
        return np.asarray(np.linalg.solve(matrix, sides))
    except np.linalg.LinAlgError:
        return None


@QUIET
def float_shares(whole: Jacobian, values: Sequence[Ball], units: Units, size: int) -> Shares | None:
    """The test in float64 on the box of radii 2^size in these units; None where it cannot be evaluated.

    Every product is off by at most (n + 2) units of 2^-52 of its absolute counterpart, every midpoint by one.
    """
    pattern, n = units.pattern, units.pattern.size
    unit = (n + 6) * 2.0**-52
    growth = 1 + 4 * unit
    down = growth * power(-size)
    numbers = floats([*whole.entries, *values], units.factors)
    middle = pattern.dense(numbers[0])
    c = solution(middle[:, :n], pattern.identity[:, :n])  # nothing is assumed about it
    if c is None:
        return None
    weights, (sizes, radii) = np.abs(c), pattern.sums(np.abs(numbers))
    noise = (radii + unit * sizes + 2.0**-900).reshape(2, n)
    bounds = (noise @ weights.T).tolist()
    product = np.abs(c @ middle - pattern.identity)
    weight = np.add.reduce(weights, 1).tolist()
    contraction = np.add.reduce(product[:, :n], 1).tolist()
    shares = Shares(
        [(r + b) * down + 2.0**-1000 for r, b in zip(product[:, n].tolist(), bounds[1], strict=True)],
        [(k + b + unit * (w + 4)) * growth for k, b, w in zip(contraction, bounds[0], weight, strict=True)],
        weight,
    )
    return shares if shares.finite else None


def floats(entries: Sequence[Ball | int], factors: Array | float) -> Array:
    """Midpoints and radii of balls times powers of two; radii cover what was below the range of floats."""
    table = np.array(midpoints_and_radii(entries))
    table[1] += LEAST
    return np.asarray(table * factors)


def ball_shares(whole: Jacobian, values: Sequence[Ball], units: BallUnits, size: int) -> Shares | None:
    """The same in balls at the working precision."""
    n, matrix = whole.pattern.size, whole.dense()
    c = _inverse(matrix)  # nothing is assumed about it
    if c is None:
        return None
    sides = units.sides
    shares = Shares(
        units.bounds(c * column_matrix(values), power(-size)),
        units.bounds((identity_matrix(n) - c * matrix) * sides),
        units.bounds(c * (matrix * sides)),
    )
    return shares if shares.finite else None
