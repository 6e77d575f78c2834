"""The contraction test of docs/systems.md, Z5, over floats with error bounds, or over balls.

Units: columns are scaled in proportion to the sides of the box, rows so that the largest derivative is near 1, by
powers of two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import frexp, inf, isfinite, ldexp
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dgesv

from certify.arithmetic import (
    Ball,
    Matrix,
    dyadic_ball,
    float_magnitude,
    identity_matrix,
    matrix_of,
    midpoints_and_radii,
    rectangle,
)
from certify.systems.tape import Pattern

Array = NDArray[np.float64]
COARSE = 2.0**-24  # what the checker's |I - C A| may be larger, because its C has few bits
SMALL = 32  # unknowns
LEAST_ROW = -1000  # exponent of rows; LEAST is small beside it
LEAST = 2.0**-1060  # added where a float may have lost a number below the range of floats


class Jacobian(NamedTuple):
    """Balls or integers at the places of a pattern, without its column."""

    pattern: Pattern
    entries: Sequence[Ball]

    def dense(self) -> Matrix:
        """All entries, as balls."""
        size = self.pattern.size
        full = [dyadic_ball((0, 0))] * (size * size)
        for i, j, entry in zip(self.pattern.rows.tolist(), self.pattern.columns.tolist(), self.entries, strict=False):
            full[i * size + j] = entry
        return matrix_of(size, size, full)


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
    def of(cls, pattern: Pattern, entries: Array, columns: list[int]) -> Units:
        """By the entries of a Jacobian in float64; values after them do not count."""
        powers = np.array([*map(power, columns), 1.0])[pattern.columns]
        largest = pattern.largest(np.abs(entries * powers[: len(entries)])).tolist()
        rows = [max(frexp(x)[1], LEAST_ROW) for x in largest]
        return cls(pattern, columns, rows, powers * np.array([ldexp(1.0, -e) for e in rows])[pattern.rows])

    @cached_property
    def balls(self) -> list[Ball]:
        """The factors exactly."""
        columns = [*self.columns, 0]
        places = zip(self.pattern.rows.tolist(), self.pattern.columns.tolist(), strict=True)
        return [dyadic_ball((1, columns[j] - self.rows[i])) for i, j in places]


@dataclass(frozen=True)
class Shares:
    """Upper bounds by row: |C F|, |I - C A| 1, and |C| 1, in units of the box."""

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


def solution(matrix: Array, sides: Array) -> Array | None:
    """X with matrix X = sides, approximately; None where the matrix is singular.

    Small systems go to LAPACK directly, which saves most of the time; large ones do not, because the threads of scipy's
    library and of numpy's would get into each other's way.
    """
    if len(matrix) <= SMALL:
        _, _, found, singular = dgesv(matrix, sides)
        return None if singular else np.asarray(found)
    try:
        return np.asarray(np.linalg.solve(matrix, sides))
    except np.linalg.LinAlgError:
        return None


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


def ball_shares(whole: Jacobian, values: Sequence[Ball], units: Units, size: int) -> Shares | None:
    """The same in balls at the working precision."""
    n, factors = units.pattern.size, units.balls
    scaled = [x * factor for x, factor in zip([*whole.entries, *values], factors, strict=True)]
    matrix = Jacobian(units.pattern, scaled[:-n]).dense()
    identity, cube = identity_matrix(n), matrix_of(n, 1, [rectangle((0, 0), (1, 0))] * n)
    try:
        c = matrix.mid().solve(identity, algorithm="approx").mid()
    except ZeroDivisionError:
        return None
    vector = matrix_of(n, 1, scaled[-n:])
    residual, contraction, weight = (
        [float_magnitude(product[i, 0]) for i in range(n)]
        for product in (c * vector, (identity - c * matrix) * cube, c * cube)
    )
    shares = Shares([x * power(-size) for x in residual], contraction, weight)
    return shares if shares.finite else None
