"""The contraction test of docs/systems.md, Z5, over floats with error bounds; over balls where floats are too coarse.

Units: columns are scaled so that the box is [-1, 1]^n, rows so that the largest derivative is near 1, by powers of two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import frexp, inf, isfinite, ldexp
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from certify.arithmetic import Ball, Matrix, dyadic_ball, enclosure, matrix_of, midpoints_and_radii
from certify.systems.tape import Pattern

Array = NDArray[np.float64]
LARGEST_BALL_MATRIX = 300


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


class Linear(NamedTuple):
    """Jacobian over a box in the units above: midpoints, the sums by row of their absolute values and of the radii,

    and the exponents of the row scales.
    """

    middle: Array
    sums: Array
    radii: Array
    scales: list[int]
    whole: Jacobian


@dataclass(frozen=True)
class Shares:
    """Upper bounds by row: |C F|, |I - C A| 1, and |C| 1."""

    residual: list[float]
    contraction: list[float]
    weight: list[float]

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
        distance = max(residual / (1 - contraction) for residual, contraction in pairs)
        return [(residual + contraction * distance) * (1 + 2.0**-40) for residual, contraction in pairs]


def linear(whole: Jacobian, exponents: Sequence[int]) -> Linear | None:
    """Scale a Jacobian over the box of radii 2^exponents; None where an entry is infinite or a row vanishes."""
    pattern = whole.pattern
    powers = np.array([power(e) for e in exponents])[pattern.columns]
    middles, radii = enclosures(whole.entries)
    middles, radii = middles * powers, radii * powers
    sizes = np.abs(middles)
    largest = pattern.largest(sizes + radii).tolist()
    if not all(2.0**-960 <= x < inf for x in largest):  # far below, underflow is no small error any more
        return None
    scales = [frexp(x)[1] for x in largest]
    down = np.array([ldexp(1.0, -e) for e in scales])[pattern.rows]
    return Linear(
        pattern.dense(middles * down), pattern.sums(sizes * down), pattern.sums(radii * down), scales, whole
    )


def power(exponent: int) -> float:
    """2^exponent, infinite beyond the range of floats."""
    return ldexp(1.0, exponent) if exponent < 1024 else inf


def enclosures(entries: Sequence[Ball | int]) -> tuple[Array, Array]:
    """Float midpoints, and radii that cover what these lose; NaN where a ball is not finite."""
    told = midpoints_and_radii(entries)
    middles, radii = np.array(told[0]), np.array(told[1])
    return middles, radii * (1 + 2.0**-50) + np.abs(middles) * 2.0**-52 + 2.0**-1060


def float_shares(a: Linear, values: Sequence[Ball]) -> Shares | None:
    """The test in float64: every product is off by at most (n + 2) units of 2^-52 of its absolute counterpart."""
    try:
        c = np.linalg.inv(a.middle)  # nothing is assumed about it
    except np.linalg.LinAlgError:
        return None
    n = len(c)
    unit, ones, weights = (n + 4) * 2.0**-52, np.ones(n), np.abs(c)
    growth = 1 + 4 * unit
    middles, radii = enclosures(values)
    down = np.array([power(-e) for e in a.scales])
    middles, radii = middles * down, radii * down
    defect = c @ a.middle
    defect.flat[:: n + 1] -= 1
    contraction = (np.abs(defect) @ ones + weights @ (a.radii + unit * a.sums) + 4 * unit) * growth
    residual = (np.abs(c @ middles) + weights @ (radii + unit * np.abs(middles))) * growth + 2.0**-1000
    shares = Shares(residual.tolist(), contraction.tolist(), (weights @ ones).tolist())
    return shares if isfinite(sum(shares.residual) + sum(shares.contraction)) else None


def ball_shares(a: Linear, values: Sequence[Ball], exponents: Sequence[int]) -> Shares | None:
    """The test in balls at the working precision, for matrices that are close to singular."""
    n, pattern = len(a.scales), a.whole.pattern
    powers = [dyadic_ball((1, e)) for e in exponents]
    down = [dyadic_ball((1, -e)) for e in a.scales]
    places = zip(pattern.rows.tolist(), pattern.columns.tolist(), a.whole.entries, strict=True)
    scaled = Jacobian(pattern, [entry * powers[j] * down[i] for i, j, entry in places]).dense()
    try:
        c = scaled.mid().inv().mid()
    except ZeroDivisionError:
        return None
    product = c * scaled
    vector = c * matrix_of(n, 1, [value * d for value, d in zip(values, down, strict=True)])
    residual = [_up(vector[i, 0]) for i in range(n)]
    contraction = [sum(_up(product[i, j] - int(i == j)) for j in range(n)) for i in range(n)]
    weight = [sum(_up(c[i, j]) for j in range(n)) for i in range(n)]
    if not all(map(isfinite, residual + contraction)):
        return None
    grown = 1 + 2.0**-40
    return Shares([x * grown for x in residual], [x * grown for x in contraction], weight)


def _up(x: Any) -> float:
    middle, radius = enclosure(x)
    return (abs(middle) + radius) * (1 + 2.0**-50)
