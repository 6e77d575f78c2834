"""Two classes of sizes n and p, each student following its own coordinate: published closed forms, written out by hand.

W has a, b on the first class (own, other) and c its entries in the second; d, e, f are the second class: entries in the
first, own, other.  Everything is 2 pi times the gradient, the Hessian or the ambient matrix.
"""

from __future__ import annotations

from math import asin, pi, sqrt
from typing import NamedTuple

import numpy as np
import pytest

from certify.families.blocks import ambient_blocks, hessian_blocks
from certify.families.numbers import FLOATS
from certify.families.orbits import Geometry, Pattern


class Point(NamedTuple):
    a: float
    b: float
    c: float
    d: float
    e: float
    f: float
    n: int
    p: int


class Scalars(NamedTuple):
    u1: float
    u2: float
    s11: float
    s12: float
    s22: float
    q11: float
    q12: float
    q22: float
    al1: float
    al2: float


def scalars(x: Point) -> Scalars:
    a, b, c, d, e, f, n, p = x
    u1, u2 = sqrt(a * a + (n - 1) * b * b + p * c * c), sqrt(n * d * d + e * e + (p - 1) * f * f)
    x11 = (2 * a * b + (n - 2) * b * b + p * c * c) / u1**2
    x12 = (a * d + (n - 1) * b * d + c * e + (p - 1) * c * f) / (u1 * u2)
    x22 = (n * d * d + 2 * e * f + (p - 2) * f * f) / u2**2
    s11, s12, s22 = (sqrt(1 - y * y) if abs(y) < 1 else 0.0 for y in (x11, x12, x22))
    q11, q12, q22 = (pi / 2 + asin(max(-1.0, min(1.0, y))) for y in (x11, x12, x22))
    sb, sc = sqrt(1 - (b / u1) ** 2), sqrt(1 - (c / u1) ** 2)
    sd, sf = sqrt(1 - (d / u2) ** 2), sqrt(1 - (f / u2) ** 2)
    sa, se = sqrt((n - 1) * b * b + p * c * c) / u1, sqrt(n * d * d + (p - 1) * f * f) / u2
    al1 = ((n - 1) * (u1 * s11 - sb) + p * (u2 * s12 - sc) - sa) / u1
    al2 = (n * (u1 * s12 - sd) + (p - 1) * (u2 * s22 - sf) - se) / u2
    return Scalars(u1, u2, s11, s12, s22, q11, q12, q22, al1, al2)


def gradient(x: Point) -> list[float]:
    """(Fa, Fb, Fc, Fd, Fe, Ff); Fb needs n >= 2 and Ff p >= 2."""
    a, b, c, d, e, f, n, p = x
    g = scalars(x)
    first = (
        pi - asin(sqrt((n - 1) * b * b + p * c * c) / g.u1) if a > 0 else asin(sqrt((n - 1) * b * b + p * c * c) / g.u1)
    )
    own = sqrt(n * d * d + (p - 1) * f * f) / g.u2
    second = asin(own) if e < 0 else pi - asin(own)

    def other(y: float, u: float) -> float:
        return pi / 2 + asin(y / u)

    return [
        (g.al1 + pi) * a + (n - 1) * g.q11 * b + p * g.q12 * d - first,
        (g.al1 + pi) * b + g.q11 * (a + (n - 2) * b) + p * g.q12 * d - other(b, g.u1),
        (g.al1 + pi) * c + (n - 1) * g.q11 * c + g.q12 * (e + (p - 1) * f) - other(c, g.u1),
        (g.al2 + pi) * d + g.q12 * (a + (n - 1) * b) + (p - 1) * g.q22 * d - other(d, g.u2),
        (g.al2 + pi) * e + n * g.q12 * c + (p - 1) * g.q22 * f - second,
        (g.al2 + pi) * f + n * g.q12 * c + g.q22 * (e + (p - 2) * f) - other(f, g.u2),
    ]


def geometry(x: Point) -> Geometry:
    a, b, c, d, e, f, n, p = x
    patterns = [Pattern((b, c), a - b), Pattern((d, f), e - f)]
    return Geometry((n, p), (0, 1), patterns, (1.0, 0.0), FLOATS)


def points(count: int) -> list[Point]:
    r = np.random.default_rng(0)
    result = []
    while len(result) < count:
        n, p = int(r.integers(1, 12)), int(r.integers(1, 6))
        a, e = 1 + 0.2 * r.standard_normal(), -1 + 0.2 * r.standard_normal()
        b, c, d, f = 0.3 * r.standard_normal(4)
        result.append(Point(a, b, c, d, e, f, n, p))
    wide = [Point(1.0, -1.27e-12, 2e-6, 1.27e-6, -1.0, 0.1, 10**6, p) for p in (1, 2, 7)]
    return [*result, *wide]


@pytest.mark.parametrize("x", points(60), ids=lambda x: f"{x.n}-{x.p}")
def test_gradient(x: Point) -> None:
    one, two = geometry(x).gradient()
    found = [one.base[0] + one.delta, one.base[0], one.base[1], two.base[0], two.base[1] + two.delta, two.base[1]]
    relevant = [True, x.n > 1, True, True, True, x.p > 1]
    for value, expected, there in zip(found, gradient(x), relevant, strict=True):
        if there:
            assert value == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("x", points(60), ids=lambda x: f"{x.n}-{x.p}")
def test_scalar_blocks_and_products(x: Point) -> None:
    """(n-2,2) and (n-2,1,1) of both classes, and the 2 x 2 block of standard x standard."""
    a, b, c, d, e, f, n, p = x
    g, blocks = scalars(x), {block.name: block for block in hessian_blocks(geometry(x))}
    sb, sc = sqrt(1 - (b / g.u1) ** 2), sqrt(1 - (c / g.u1) ** 2)
    sd, sf = sqrt(1 - (d / g.u2) ** 2), sqrt(1 - (f / g.u2) ** 2)

    def ratio(name: str) -> float:
        return blocks[name].matrix[0][0] / blocks[name].gram[0][0]

    for k, size, t, u, al, s, q, other in (
        (0, n, a - b, g.u1, g.al1, g.s11, g.q11, sb),
        (1, p, e - f, g.u2, g.al2, g.s22, g.q22, sf),
    ):
        if size >= 3:
            middle, half = pi + al + (t * t / (u * s) - 1 / other) / u - q, t * t / (u * u * s)
            assert ratio(f"antisymmetric {k}") == pytest.approx(middle - half, rel=1e-7, abs=1e-8)
            assert blocks[f"antisymmetric {k}"].dimension == (size - 1) * (size - 2) // 2
        if size >= 4:
            assert ratio(f"symmetric {k}") == pytest.approx(middle + half, rel=1e-7, abs=1e-8)
            assert blocks[f"symmetric {k}"].dimension == size * (size - 3) // 2
    if n >= 2 and p >= 2:
        block = blocks["standard 0 x standard 1"]
        assert block.dimension == (n - 1) * (p - 1)
        gram = np.array(block.gram, dtype=float)
        assert np.array_equal(gram, 4 * np.eye(2))
        cross = (a - b) * (e - f) / (g.s12 * g.u1 * g.u2)
        one = pi + g.al1 + ((e - f) ** 2 / (g.u2 * g.s12) - 1 / sc) / g.u1 - g.q11
        two = pi + g.al2 + ((a - b) ** 2 / (g.u1 * g.s12) - 1 / sd) / g.u2 - g.q22
        found = np.linalg.eigvalsh(np.array(block.matrix, dtype=float)) / 4
        np.testing.assert_allclose(found, np.linalg.eigvalsh([[one, cross], [cross, two]]), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("x", points(60), ids=lambda x: f"{x.n}-{x.p}")
def test_ambient(x: Point) -> None:
    n, p, g = x.n, x.p, scalars(x)
    blocks = {block.name: block for block in ambient_blocks(geometry(x))}
    if n >= 2:
        block = blocks["standard 0"]
        assert block.matrix[0][0] / block.gram[0][0] == pytest.approx(pi + g.al1 - g.q11, abs=1e-8)
        assert block.dimension == n - 1
    if p >= 2:
        block = blocks["standard 1"]
        assert block.matrix[0][0] / block.gram[0][0] == pytest.approx(pi + g.al2 - g.q22, abs=1e-8)
    root = np.diag(1 / np.sqrt([n, p]))
    off = sqrt(n * p) * g.q12
    expected = [[pi + g.al1 + (n - 1) * g.q11, off], [off, pi + g.al2 + (p - 1) * g.q22]]
    found = root @ np.array(blocks["trivial"].matrix, dtype=float) @ root
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-8)
