"""Systems that others use as tests: name, function of a vector, start, whether the zero near it is simple."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from certify import systems
from certify.systems import pi


class Problem(NamedTuple):
    name: str
    function: Callable[[Any], list[Any]]
    start: list[float]


def broyden(x: Any) -> list[Any]:
    """More, Garbow, Hillstrom (1981), problem 30."""
    n = len(x)
    return [
        (3 - 2 * x[i]) * x[i] - (x[i - 1] if i else 0) - 2 * (x[i + 1] if i < n - 1 else 0) + 1 for i in range(n)
    ]  # fmt: skip


def boundary_value(x: Any) -> list[Any]:
    """More, Garbow, Hillstrom (1981), problem 28: -u'' + (u + t + 1)^3 / 2 = 0."""
    n = len(x)
    h = 1 / (n + 1)
    return [
        2 * x[i] - (x[i - 1] if i else 0) - (x[i + 1] if i < n - 1 else 0) + h**2 / 2 * (x[i] + (i + 1) * h + 1) ** 3
        for i in range(n)
    ]  # fmt: skip


def boundary_start(n: int) -> list[float]:
    return [(i + 1) / (n + 1) * ((i + 1) / (n + 1) - 1) for i in range(n)]


def integral_equation(x: Any) -> list[Any]:
    """More, Garbow, Hillstrom (1981), problem 29: dense."""
    n = len(x)
    t = [(j + 1) / (n + 1) for j in range(n)]
    cubes = [(x[j] + t[j] + 1) ** 3 for j in range(n)]
    return [
        x[i] + ((1 - t[i]) * sum(t[j] * cubes[j] for j in range(i + 1))
                + t[i] * sum((1 - t[j]) * cubes[j] for j in range(i + 1, n))) / (2 * (n + 1))
        for i in range(n)
    ]  # fmt: skip


def brown(x: Any) -> list[Any]:
    """More, Garbow, Hillstrom (1981), problem 27: almost linear."""
    n = len(x)
    total = sum(x[i] for i in range(n))
    product = x[0]
    for i in range(1, n):
        product = product * x[i]
    return [*(x[i] + total - (n + 1) for i in range(n - 1)), product - 1]


def trigonometric(x: Any) -> list[Any]:
    """More, Garbow, Hillstrom (1981), problem 26."""
    n = len(x)
    total = sum(np.cos(x[j]) for j in range(n))
    return [n - total + (i + 1) * (1 - np.cos(x[i])) - np.sin(x[i]) for i in range(n)]


def broyden_banded(x: Any) -> list[Any]:
    """More, Garbow, Hillstrom (1981), problem 31."""
    n = len(x)
    near = [[j for j in range(max(0, i - 5), min(n, i + 2)) if j != i] for i in range(n)]
    return [x[i] * (2 + 5 * x[i] ** 2) + 1 - sum(x[j] * (1 + x[j]) for j in near[i]) for i in range(n)]


def chebyquad(x: Any) -> list[Any]:
    """More, Garbow, Hillstrom (1981), problem 35: quadrature with equal weights, Chebyshev polynomials on [0, 1]."""
    n = len(x)
    before, now, rows = [1] * n, [2 * x[j] - 1 for j in range(n)], []
    for degree in range(1, n + 1):
        rows.append(sum(now[j] for j in range(n)) / n - (0 if degree % 2 else Fraction(-1, degree**2 - 1)))
        before, now = now, [2 * (2 * x[j] - 1) * now[j] - before[j] for j in range(n)]
    return rows


def spheres_and_planes(x: Any) -> list[Any]:
    """Smiley and Chun (2001), example 5.2: two spheres, two planes, three planes through a line."""
    a, b, c, d = Fraction(1, 2), Fraction(1, 2), 1, (Fraction(1, 5), Fraction(-7, 10))
    square, plane, product = x[0] ** 2 + x[1] ** 2 + x[2] ** 2, a * x[0] + b * x[1] + c * x[2], 1
    for i in (1, 2, 3):
        cosine, sine = (f(i * pi / 3) for f in (systems.cos, systems.sin))
        v = -(a * cosine + b * sine) / c
        slope = a * sine - b * cosine
        product = product * ((b * v - c * sine) * x[0] + (c * cosine - a * v) * x[1] + slope * x[2] - d[0] * slope / c)
    return [(square - 1) * (square - 4), (plane - d[0]) * (plane - d[1]), product]


def twice_mapped(x: Any) -> list[Any]:
    """Smiley and Chun (2001), example 5.5: points of period 1 and 2 of a map, x = g(y) and y = g(x).

    g adds to the first two coordinates a constant times its last two; so y follows from x: its last two coordinates are
    those of -x.  Without y the equations are about g(g(x)), whose intervals are far too wide.
    """
    rates = systems.pi / 5, 2 * systems.pi / 5
    factors = [systems.exp(-rate) for rate in rates]
    reach = [(1 - factor) / (rate * factor) for rate, factor in zip(rates, factors, strict=True)]
    other = [x[0] - reach[0] * x[2], x[1] - reach[1] * x[3], -x[2], -x[3]]

    def last_two(v: Any) -> list[Any]:
        kicks = systems.sin(v[0]) * systems.cos(v[1]), systems.cos(v[0]) * systems.sin(v[1])
        return [factors[i] * (v[2 + i] - 5 * kicks[i]) for i in range(2)]

    there, back = last_two(x), last_two(other)
    return [there[0] + x[2], there[1] + x[3], back[0] - x[2], back[1] - x[3]]


LINKS = [(0.0, 1, 0.0), (0.43, 0, 0.15), (0.02, -1, 0.0), (0.0, 1, 0.43), (0.0, -1, 0.0), (0.1, 0, 0.06)]
ANGLES = [0.3, -0.7, 0.9, 0.4, 1.1, -0.2]


def six_joints(x: Any) -> list[Any]:
    """The pose of an arm with six revolute joints (lengths near those of a PUMA 560) is that at ANGLES."""
    here, there = arm(x), arm(ANGLES)
    return [here[i][3] - there[i][3] for i in range(3)] + [
        here[i][j] - there[i][j] for i, j in ((1, 0), (2, 1), (0, 2))
    ]


def arm(angles: Any) -> list[list[Any]]:
    """Product of Denavit-Hartenberg matrices; twists are quarter turns, so that their sines and cosines are exact."""
    pose: list[list[Any]] = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]
    for angle, (length, twist, offset) in zip(angles, LINKS, strict=True):
        c, s = np.cos(angle), np.sin(angle)
        cosine, sine = 1 - abs(twist), twist
        link = [
            [c, -s * cosine, s * sine, length * c], [s, c * cosine, -c * sine, length * s], [0, sine, cosine, offset],
        ]  # fmt: skip
        pose = [
            [sum(row[k] * link[k][j] for k in range(3)) + (row[3] if j == 3 else 0) for j in range(4)] for row in pose
        ]  # fmt: skip
    return pose


def equilibrium(x: Any) -> list[Any]:
    """Combustion of propane in air, Meintjes and Morgan (1990), reduced to five unknowns."""
    r, r5, r6, r7, r8, r9, r10 = 10, 0.193, 4.10622e-4, 5.45177e-4, 4.4975e-7, 3.40735e-5, 9.615e-7
    y1, y2, y3, y4, y5 = x
    return [
        y1 * y2 + y1 - 3 * y5,
        2 * y1 * y2 + y1 + 2 * r10 * y2**2 + y2 * y3**2 + r7 * y2 * y3 + r9 * y2 * y4 + r8 * y2 - r * y5,
        2 * y2 * y3**2 + r7 * y2 * y3 + 2 * r5 * y3**2 + r6 * y3 - 8 * y5,
        r9 * y2 * y4 + 2 * y4**2 - 4 * r * y5,
        y1 * y2
        + y1
        + r10 * y2**2
        + y2 * y3**2
        + r7 * y2 * y3
        + r9 * y2 * y4
        + r8 * y2
        + r5 * y3**2
        + r6 * y3
        + y4**2
        - 1,
    ]


def geometry(x: Any) -> list[Any]:
    """Transcendental, with atan2, sqrt and division."""
    return [
        np.arctan2(x[1], x[0]) - np.sqrt(x[2]) / 3,
        np.sqrt(x[0] ** 2 + x[1] ** 2) - np.exp(-x[2]) - 1,
        np.tanh(x[0]) + np.log(x[2]) / x[1] - 1,
    ]


PROBLEMS = [
    *(Problem(f"broyden-{n}", broyden, [-1.0] * n) for n in (1, 2, 10, 40)),
    *(Problem(f"boundary-{n}", boundary_value, boundary_start(n)) for n in (5, 40)),
    Problem("integral-10", integral_equation, boundary_start(10)),
    Problem("brown-5", brown, [0.5] * 5),
    Problem("brown-10", brown, [0.98] * 9 + [1.2]),
    Problem("trigonometric-5", trigonometric, [0.2, 0.2, 0.2, 0.2, 0.2]),
    *(Problem(f"banded-{n}", broyden_banded, [-1.0] * n) for n in (7, 30)),
    Problem("chebyquad-5", chebyquad, [j / 6 for j in range(1, 6)]),
    Problem("chebyquad-7", chebyquad, [0.06, 0.24, 0.34, 0.5, 0.66, 0.76, 0.94]),
    Problem("chebyquad-9", chebyquad, [0.04, 0.2, 0.24, 0.42, 0.5, 0.58, 0.76, 0.8, 0.96]),
    Problem("extended-rosenbrock-20", lambda x: [10 * (x[i + 1] - x[i] ** 2) if k else 1 - x[i]
                                                 for i in range(0, 20, 2) for k in (1, 0)], [-1.2, 1.0] * 10),
    Problem("rosenbrock", lambda x: [10 * (x[1] - x[0] ** 2), 1 - x[0]], [-1.2, 1.0]),
    Problem("powell-badly-scaled", lambda x: [10**4 * x[0] * x[1] - 1, np.exp(-x[0]) + np.exp(-x[1]) - 1.0001],
            [1.1e-5, 9.1]),
    Problem("freudenstein-roth", lambda x: [-13 + x[0] + ((5 - x[1]) * x[1] - 2) * x[1],
                                            -29 + x[0] + ((x[1] + 1) * x[1] - 14) * x[1]], [4.5, 4.2]),
    Problem("helical-valley", lambda x: [10 * (x[2] - 10 / (2 * np.pi) * np.arctan2(x[1], x[0])),
                                         10 * (np.sqrt(x[0] ** 2 + x[1] ** 2) - 1), x[2]], [0.9, 0.1, 0.1]),
    Problem("equilibrium", equilibrium, [0.0027, 39.248, -0.0614, 0.8598, 0.0370]),
    Problem("geometry", geometry, [0.8, 0.9, 1.5]),
    Problem("stenger", lambda x: [x[0] ** 2 - 4 * x[1], x[1] ** 2 - 2 * x[0] + 4 * x[1]], [1.7, 0.7]),
    Problem("six-joints", six_joints, [0.32, -0.69, 0.88, 0.42, 1.08, -0.22]),
]  # fmt: skip
