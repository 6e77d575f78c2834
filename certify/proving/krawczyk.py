"""The contraction test of docs/systems.md, Z5, over floats with error bounds; over balls where floats are too coarse.

Units: columns are scaled so that the box is [-1, 1]^n, rows so that the largest derivative is near 1, by powers of two.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import frexp, ldexp
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from certify.arithmetic import Ball, dyadic_ball, enclosure, matrix_of

Array = NDArray[np.float64]
LARGEST_BALL_MATRIX = 300


class Linear(NamedTuple):
    """Jacobian over a box in the units above: midpoints, radii, and the exponents of the row scales."""

    middle: Array
    radius: Array
    scales: list[int]
    rows: Sequence[dict[int, Ball]]


class Shares(NamedTuple):
    """Upper bounds by row: |C F|, |I - C A| 1, and |C| 1."""

    residual: Array
    contraction: Array
    weight: Array

    @property
    def total(self) -> float:
        """The theorem needs this to be below 1."""
        return float(np.max(self.residual + self.contraction))

    @property
    def errors(self) -> Array:
        """Distance of the zero from the centre, in units of the box."""
        distance = float(np.max(self.residual / (1 - self.contraction)))
        return (self.residual + self.contraction * distance) * (1 + 2.0**-40)


def linear(rows: Sequence[dict[int, Ball]], exponents: Sequence[int]) -> Linear | None:
    """Scale a Jacobian over the box of radii 2^exponents; None where an entry is infinite or a row vanishes."""
    n = len(rows)
    middle, radius = np.zeros((n, n)), np.zeros((n, n))
    powers = [ldexp(1.0, e) for e in exponents]
    scales = []
    for i, row in enumerate(rows):
        for j, entry in row.items():
            if type(entry) is int:
                middle[i, j] = entry * powers[j]
                continue
            m, r = enclosure(entry)
            middle[i, j], radius[i, j] = m * powers[j], r * powers[j]
        largest = float(np.max(np.abs(middle[i]) + radius[i]))
        if not 2.0**-1022 <= largest < np.inf:  # below, the power of two that scales the row overflows
            return None
        scales.append(frexp(largest)[1])
        middle[i] *= ldexp(1.0, -scales[-1])
        radius[i] *= ldexp(1.0, -scales[-1])
    return Linear(middle, radius, scales, rows)


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
    ones: Array = np.ones(n)
    size = weights @ (np.abs(a.middle) @ ones)
    contraction = np.abs(np.eye(n) - c @ a.middle) @ ones + weights @ (a.radius @ ones) + unit * (size + 4)
    residual = np.abs(c @ middle) + weights @ radius + unit * (weights @ np.abs(middle))
    growth = 1 + 4 * unit
    return Shares(residual * growth + 2.0**-1000, contraction * growth, weights @ ones)


def ball_shares(a: Linear, values: Sequence[Ball], exponents: Sequence[int]) -> Shares | None:
    """The test in balls at the working precision, for matrices that are close to singular."""
    n = len(a.rows)
    powers = [dyadic_ball((1, e)) for e in exponents]
    zero = dyadic_ball((0, 0))
    down = [dyadic_ball((1, -e)) for e in a.scales]
    scaled = matrix_of(
        n, n, [row[j] * powers[j] * down[i] if j in row else zero for i, row in enumerate(a.rows) for j in range(n)]
    )
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
    pairs = [enclosure(value) for value in values]
    powers = np.array([ldexp(1.0, -e) if e > -1000 else np.inf for e in scales])
    return np.array([m for m, _ in pairs]) * powers, np.array([r for _, r in pairs]) * powers
