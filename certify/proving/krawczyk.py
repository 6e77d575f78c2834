"""The contraction test of docs/systems.md, Z5, over floats with error bounds, or over balls.

Units: columns are scaled in proportion to the sides of the box, rows so that the largest derivative is near 1, by
powers of two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf, isfinite, ldexp
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
LEAST = 2.0**-1060  # added where a float may have lost a number below the range of floats


class Jacobian(NamedTuple):
    """Balls or integers at the places of a pattern."""

    pattern: Pattern
    entries: Sequence[Ball]

    def dense(self) -> Matrix:
        """All entries, as balls."""
        size = self.pattern.size
        full = [dyadic_ball((0, 0))] * (size * size)
        for place, entry in zip(self.pattern.places.tolist(), self.entries, strict=True):
            full[place] = entry
        return matrix_of(size, size, full)


@dataclass(frozen=True)
class Units:
    """Exponents of the sizes of the coordinates, by column, and of the largest derivatives in these, by row."""

    pattern: Pattern
    columns: list[int]
    rows: list[int]

    @cached_property
    def down(self) -> Array:
        """What values are multiplied by."""
        return np.array([power(-e) for e in self.rows])

    @cached_property
    def factors(self) -> Array:
        """What the entries of the Jacobian are multiplied by."""
        columns = np.array([power(e) for e in self.columns])
        return columns[self.pattern.columns] * self.down[self.pattern.rows]

    @cached_property
    def balls(self) -> tuple[list[Ball], list[Ball]]:
        """The same exactly: of the values, of the entries."""
        places = zip(self.pattern.rows.tolist(), self.pattern.columns.tolist(), strict=True)
        factors = [dyadic_ball((1, self.columns[j] - self.rows[i])) for i, j in places]
        return [dyadic_ball((1, -e)) for e in self.rows], factors


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
        """Distance of the zero from the centre, in units of the box."""
        pairs = list(zip(self.residual, self.contraction, strict=True))
        distance = max([residual / (1 - contraction) for residual, contraction in pairs])
        return [(residual + contraction * distance) * (1 + 2.0**-40) for residual, contraction in pairs]


def power(exponent: int) -> float:
    """2^exponent, infinite beyond the range of floats."""
    return ldexp(1.0, exponent) if exponent < 1024 else inf


def float_shares(whole: Jacobian, values: Sequence[Ball], units: Units, size: int) -> Shares | None:
    """The test in float64 on the box of radii 2^size in these units; None where it cannot be evaluated.

    Every product is off by at most (n + 2) units of 2^-52 of its absolute counterpart, every midpoint by one.
    """
    n = units.pattern.size
    unit, identity = (n + 6) * 2.0**-52, np.eye(n)
    entries, sides = floats(whole.entries, units.factors), floats(values, units.down)
    middle = units.pattern.dense(entries[0])
    _, _, c, singular = dgesv(middle, identity)  # nothing is assumed about it
    if singular:
        return None
    sizes, radii = units.pattern.sums(np.abs(entries))
    noise = np.array([radii + unit * (sizes + 1), sides[1] + unit * np.abs(sides[0]) + 2.0**-900, np.ones(n)])
    bounds = noise @ np.abs(c).T
    contraction = np.add.reduce(np.abs(c @ middle - identity), 1) + bounds[0] + 4 * unit
    residual = (np.abs(c @ sides[0]) + bounds[1]) * ldexp(1.0, -size)
    growth = 1 + 4 * unit
    shares = Shares((residual * growth + 2.0**-1000).tolist(), (contraction * growth).tolist(), bounds[2].tolist())
    return shares if shares.finite else None


def floats(entries: Sequence[Ball | int], factors: Array | float) -> Array:
    """Midpoints and radii of balls times powers of two; radii cover what was below the range of floats."""
    table = np.array(midpoints_and_radii(entries))
    table[1] += LEAST
    return np.asarray(table * factors)


def ball_shares(whole: Jacobian, values: Sequence[Ball], units: Units, size: int) -> Shares | None:
    """The same in balls at the working precision."""
    n = units.pattern.size
    sides, entries = units.balls
    matrix = Jacobian(units.pattern, [x * factor for x, factor in zip(whole.entries, entries, strict=True)]).dense()
    identity, cube = identity_matrix(n), matrix_of(n, 1, [rectangle((0, 0), (1, 0))] * n)
    try:
        c = matrix.mid().solve(identity, algorithm="approx").mid()
    except ZeroDivisionError:
        return None
    vector = matrix_of(n, 1, [value * down for value, down in zip(values, sides, strict=True)])
    residual, contraction, weight = (
        [float_magnitude(product[i, 0]) for i in range(n)]
        for product in (c * vector, (identity - c * matrix) * cube, c * cube)
    )
    shares = Shares([ldexp(x, -size) for x in residual], contraction, weight)
    return shares if shares.finite else None
