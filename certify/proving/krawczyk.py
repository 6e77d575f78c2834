"""The contraction test of docs/systems.md, Z5, over floats with error bounds; over balls where floats are too coarse.

Units: columns are scaled so that the box is [-1, 1]^n, rows so that the largest derivative is near 1, by powers of two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ldexp
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from certify.arithmetic import Ball, Matrix, dyadic_ball, enclosure, matrix_of, midpoints_and_radii

Array = NDArray[np.float64]
LARGEST_BALL_MATRIX = 300


class Jacobian(NamedTuple):
    """Entries that are not zero, balls or integers, and where they are."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    entries: Sequence[Ball]

    def dense(self, size: int) -> Matrix:
        """All entries, as balls."""
        full = [dyadic_ball((0, 0))] * (size * size)
        for place, entry in zip((size * self.rows + self.columns).tolist(), self.entries, strict=True):
            full[place] = entry
        return matrix_of(size, size, full)


class Linear(NamedTuple):
    """Jacobian over a box in the units above: midpoints, radii, and the exponents of the row scales."""

    middle: Array
    radius: Array
    scales: list[int]
    whole: Jacobian


@dataclass(frozen=True)
class Shares:
    """Upper bounds by row: |C F|, |I - C A| 1, and |C| 1."""

    residual: Array
    contraction: Array
    weight: Array

    @cached_property
    def total(self) -> float:
        """The theorem needs this to be below 1."""
        return float((self.residual + self.contraction).max())

    @cached_property
    def slope(self) -> float:
        """The largest contraction, which grows with the box."""
        return float(self.contraction.max())

    @property
    def errors(self) -> Array:
        """Distance of the zero from the centre, in units of the box."""
        distance = float((self.residual / (1 - self.contraction)).max())
        return (self.residual + self.contraction * distance) * (1 + 2.0**-40)


def linear(whole: Jacobian, exponents: Sequence[int]) -> Linear | None:
    """Scale a Jacobian over the box of radii 2^exponents; None where an entry is infinite or a row vanishes."""
    n = len(exponents)
    powers = np.ldexp(1.0, exponents)[whole.columns]
    middles, radii = enclosures(whole.entries)
    middle, radius = np.zeros((n, n)), np.zeros((n, n))
    middle[whole.rows, whole.columns], radius[whole.rows, whole.columns] = middles * powers, radii * powers
    largest = (np.abs(middle) + radius).max(axis=1)
    if not ((largest >= 2.0**-960) & (largest < np.inf)).all():  # far below, underflow is no small error any more
        return None
    scales = np.frexp(largest)[1]
    down = np.ldexp(1.0, -scales)[:, None]
    return Linear(middle * down, radius * down, scales.tolist(), whole)


def enclosures(entries: Sequence[Ball | int]) -> tuple[Array, Array]:
    """Float midpoints, and radii that cover what these lose; NaN where a ball is not finite."""
    told = midpoints_and_radii(entries)
    middles, radii = np.array(told[0]), np.array(told[1])
    return middles, (radii + np.abs(middles) * 2.0**-52) * (1 + 2.0**-50) + 2.0**-1060


def inverse(a: Linear) -> Array | None:
    """An approximate inverse of the midpoints."""
    try:
        result = np.asarray(np.linalg.inv(a.middle), dtype=np.float64)
    except np.linalg.LinAlgError:
        return None
    return result if bool(np.isfinite(result).all()) else None


def float_shares(a: Linear, values: Sequence[Ball]) -> Shares | None:
    """The test in float64: every product is off by at most (n + 2) units of 2^-52 of its absolute counterpart."""
    c = inverse(a)
    if c is None:
        return None
    n = len(c)
    unit = (n + 4) * 2.0**-52
    weights = np.abs(c)
    middle, radius = _scaled(values, a.scales)
    size = weights @ np.abs(a.middle).sum(axis=1)
    defect = c @ a.middle
    defect.flat[:: n + 1] -= 1
    contraction = np.abs(defect).sum(axis=1) + weights @ a.radius.sum(axis=1) + unit * (size + 4)
    residual = np.abs(c @ middle) + weights @ radius + unit * (weights @ np.abs(middle))
    growth = 1 + 4 * unit
    return Shares(residual * growth + 2.0**-1000, contraction * growth, weights.sum(axis=1))


def ball_shares(a: Linear, values: Sequence[Ball], exponents: Sequence[int]) -> Shares | None:
    """The test in balls at the working precision, for matrices that are close to singular."""
    n, whole = len(a.scales), a.whole
    powers = [dyadic_ball((1, e)) for e in exponents]
    down = [dyadic_ball((1, -e)) for e in a.scales]
    places = zip(whole.rows.tolist(), whole.columns.tolist(), whole.entries, strict=True)
    scaled = whole._replace(entries=[entry * powers[j] * down[i] for i, j, entry in places]).dense(n)
    try:
        c = scaled.mid().inv().mid()
    except ZeroDivisionError:
        return None
    product = c * scaled
    vector = c * matrix_of(n, 1, [value * d for value, d in zip(values, down, strict=True)])
    residual = np.array([_up(vector[i, 0]) for i in range(n)])
    contraction = np.array([sum(_up(product[i, j] - int(i == j)) for j in range(n)) for i in range(n)])
    weight = np.array([sum(_up(c[i, j]) for j in range(n)) for i in range(n)])
    if not (np.isfinite(residual).all() and np.isfinite(contraction).all()):
        return None
    return Shares(residual * (1 + 2.0**-40), contraction * (1 + 2.0**-40), weight)


def _up(x: Any) -> float:
    middle, radius = enclosure(x)
    return (abs(middle) + radius) * (1 + 2.0**-50)


def _scaled(values: Sequence[Ball], scales: Sequence[int]) -> tuple[Array, Array]:
    """Values in the units of the rows."""
    middles, radii = enclosures(values)
    powers = np.array([ldexp(1.0, -e) if e > -1000 else np.inf for e in scales])
    return middles * powers, radii * powers
