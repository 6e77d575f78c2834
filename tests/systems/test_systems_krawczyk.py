"""The two forms of the contraction test against exact fractions, in every rounding mode."""

import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from rounding_modes import AVAILABLE, NAMES, rounding

from certify.arithmetic import approximate_inverse, midpoint, precision, rectangle
from certify.proving.krawczyk import (
    ELIMINATION_BITS,
    BallUnits,
    Jacobian,
    Shares,
    Units,
    ball_shares,
    float_shares,
    floats,
    solution,
)
from certify.systems.tape import Pattern

Interval = tuple[Fraction, Fraction]  # middle and radius


def fraction(x: tuple[int, int]) -> Fraction:
    return Fraction(x[0]) * Fraction(2) ** x[1]


def interval(ball: Any) -> Interval:
    return fraction(midpoint(ball)), fraction(midpoint(ball.rad()))


def example(rng: random.Random, n: int) -> tuple[Jacobian, list[Any], list[int]]:
    """A Jacobian near a well-conditioned matrix, on scales far apart, values, and exponents of the radii; half of all

    are without width, so that only rounding is left.
    """
    wide = rng.choice([0, 1])
    columns, rows = ([rng.randint(-60, 60) for _ in range(n)] for _ in range(2))
    places = [(i, j) for i in range(n) for j in range(n) if i == j or rng.random() < 0.6]

    def ball(e: int, middle: float, radius: float) -> Any:
        mantissas = int(middle * 2**52), int(radius * 2**20)
        return rectangle((mantissas[0], e - 52), (mantissas[1], e - 20))

    entries = [
        ball(rows[i] - columns[j], 4.0 * (i == j) + rng.uniform(-1, 1), wide * rng.choice([0, 0.25]) * rng.random())
        for i, j in places
    ]
    values = [ball(rows[i] - 30, rng.uniform(-1, 1), wide * rng.random()) for i in range(n)]
    told = np.array([*places, *[(i, n) for i in range(n)]], dtype=np.int64)
    return Jacobian(Pattern(n, told[:, 0], told[:, 1]), entries), values, columns


def exact(jacobian: Jacobian, values: list[Any], columns: list[int], size: int, c: list[list[Fraction]]) -> Shares:
    """The largest |C F| and |I - C A| 1 of all members, in units of the box of radii 2^(columns + size)."""
    n, two = len(columns), Fraction(2)
    middle, radius = ([[Fraction(0)] * n for _ in range(n)] for _ in range(2))
    for (i, j), entry in zip(jacobian.pattern.cells, jacobian.entries, strict=True):
        middle[i][j], radius[i][j] = interval(entry)
    sides = list(map(interval, values))
    residual, contraction = [], []
    for i in range(n):
        own = abs(sum(c[i][k] * m for k, (m, _) in enumerate(sides)))
        own += sum(abs(c[i][k]) * r for k, (_, r) in enumerate(sides))
        residual.append(own * two ** (-columns[i] - size))
        rest = [
            (abs((i == j) - sum(c[i][k] * middle[k][j] for k in range(n)))
             + sum(abs(c[i][k]) * radius[k][j] for k in range(n))) * two ** (columns[j] - columns[i])
            for j in range(n)
        ]  # fmt: skip
        contraction.append(sum(rest, Fraction(0)))
    return Shares(residual, contraction, [])


def close(bounds: list[float], truth: list[Any], slack: float) -> bool:
    return all(
        t <= Fraction(b) <= t * Fraction(1 + slack) + Fraction(slack) for b, t in zip(bounds, truth, strict=True)
    )


@pytest.mark.parametrize("mode", NAMES if AVAILABLE else ["nearest"])
@pytest.mark.parametrize("bits", [53, 128])
def test_balls(mode: str, bits: int) -> None:
    rng = random.Random(bits)
    for _ in range(50):
        n, size = rng.randint(1, 5), rng.randint(-40, 5)
        jacobian, values, columns = example(rng, n)
        with precision(bits):
            found = _in(mode, lambda: ball_shares(jacobian, values, BallUnits.of(columns), size))  # noqa: B023
            inverse = approximate_inverse(jacobian.dense(), max(bits, ELIMINATION_BITS))
        assert found is not None
        c = [[fraction(midpoint(inverse[i, j])) for j in range(n)] for i in range(n)]
        truth = exact(jacobian, values, columns, size, c)
        assert close(found.residual, truth.residual, 1e-8)
        assert close(found.contraction, truth.contraction, 1e-8)


@pytest.mark.parametrize("mode", NAMES if AVAILABLE else ["nearest"])
def test_floats(mode: str) -> None:
    rng = random.Random(1)
    for _ in range(25):
        n, size = rng.randint(1, 14), rng.randint(-40, 5)
        jacobian, values, columns = example(rng, n)
        units = Units.of(jacobian.pattern, floats([*jacobian.entries, *values], 1.0)[0], columns)
        found = _in(mode, lambda: float_shares(jacobian, values, units, size))  # noqa: B023
        middle = jacobian.pattern.dense(floats(jacobian.entries, units.factors[: jacobian.pattern.count])[0])
        inverse = _in(mode, lambda: solution(middle[:, :n], jacobian.pattern.identity[:, :n]))  # noqa: B023
        assert found is not None
        assert inverse is not None
        two = Fraction(2)
        c = [[Fraction(float(inverse[i, j])) * two ** (columns[i] - units.rows[j]) for j in range(n)] for i in range(n)]
        truth = exact(jacobian, values, columns, size, c)
        assert close(found.residual, truth.residual, 1e-8)
        assert close(found.contraction, truth.contraction, 1e-8)


def _in(mode: str, action: Any) -> Any:
    if mode == "nearest":
        return action()
    with rounding(mode):
        return action()
