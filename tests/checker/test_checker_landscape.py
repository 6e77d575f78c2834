"""The checker's enclosures against mpmath: contained, and no wider than their rounding explains.

Points are drawn at random and, in every second trial, with pairs of rows that are exactly or nearly parallel or
antiparallel, also with very long and very short rows.
"""

import random
from collections.abc import Callable, Iterator

import checker_reference as reference
import mpmath as mp
import numpy as np
import pytest

from certify.checker.intervals import Arithmetic, Interval
from certify.checker.landscape import Dyadic, Landscape
from certify.checker.theorem import _variation

ENTRIES = 1000
LONG_ENTRIES = 100_000
PRECISIONS = (32, 64, 96, 160)
ARITHMETICS = {bits: Arithmetic(bits) for bits in PRECISIONS}
WORK = 800  # bits

Points = list[list[Dyadic]]


@pytest.fixture(
    params=[pytest.param(ENTRIES, id="fast"), pytest.param(LONG_ENTRIES, id="full", marks=pytest.mark.long)]
)
def entries(request: pytest.FixtureRequest) -> int:
    count: int = request.param
    return count


def _row(r: random.Random, dim: int) -> list[Dyadic]:
    row = [(r.randint(-(1 << 20), 1 << 20), -20) for _ in range(dim)]
    row[r.randrange(dim)] = r.choice(((1, 0), (-3, -1), (5, -3)))
    return row


def _near(r: random.Random, row: list[Dyadic]) -> list[Dyadic]:
    """The row times a small signed integer, exactly or moved by 2^-1 to 2^-150 in one entry."""
    factor, close = r.choice((1, -1, 1, -1, 3, -5)), [*row]
    result = [(factor * m, e) for m, e in close]
    if r.randrange(3):
        a, shift = r.randrange(len(row)), r.randint(1, 150)
        m, e = result[a]
        result[a] = ((m << 60 + shift) + (1 << 60 - e), e - 60 - shift)
    return result


def point(r: random.Random, *, shape: tuple[int, int, int] | None = None) -> tuple[Points, Points]:
    students, teachers, dim = shape or (r.randint(1, 3), r.randint(1, 3), r.randint(1, 3))
    rows = [_row(r, dim) for _ in range(students + teachers)]
    if r.randrange(2):
        for _ in range(r.randint(1, 2)):
            i, j = r.randrange(len(rows)), r.randrange(len(rows))
            rows[j] = _near(r, rows[i])
    if r.randrange(4) == 0:
        shift = r.choice((-8, 8, -25, 25))
        i = r.randrange(len(rows))
        rows[i] = [(m, e + shift) for m, e in rows[i]]
    return rows[:students], rows[students:]


def cases(name: str) -> Iterator[tuple[Arithmetic, Landscape, reference.Rows, reference.Rows, float]]:
    """Endless: arithmetic, enclosures, reference rows, and the size of the numbers involved."""
    r = random.Random(f"certify {name}")
    while True:
        students, teachers = point(r)
        f = ARITHMETICS[r.choice(PRECISIONS)]
        landscape = Landscape(students, teachers, f)
        with mp.workprec(WORK):
            rows = [reference.row(x) for x in students], [reference.row(x) for x in teachers]
            norms = [float(reference.norm(x)) for x in (*rows[0], *rows[1])]
        yield f, landscape, *rows, sum(norms) * (1.0 + min(norms) ** -2) * (1.0 + max(norms))


def check(f: Arithmetic, enclosure: Interval, value: mp.mpf, width: float) -> None:
    scaled = mp.ldexp(value, f.bits)
    slack = mp.ldexp(1, -300)  # the reference's own error
    assert enclosure[0] - slack <= scaled <= enclosure[1] + slack
    assert enclosure[1] - enclosure[0] <= width


def rounding(f: Arithmetic, size: float) -> float:
    """A generous bound of the width, in units: pi and each angle are good to about `bits` of them."""
    return 64.0 * f.bits * size


def test_gradient(entries: int) -> None:
    done = 0
    for f, landscape, students, teachers, size in cases("gradient"):
        with mp.workprec(WORK):
            for line, exact in zip(landscape.gradient(), reference.gradient(students, teachers), strict=True):
                for enclosure, value in zip(line, exact, strict=True):
                    check(f, enclosure, value, rounding(f, size))
                    done += 1
        if done >= entries:
            return


def test_gradient_norm() -> None:
    stream = cases("norm")
    for _ in range(100):
        f, landscape, students, teachers, _ = next(stream)
        with mp.workprec(WORK):
            exact = mp.sqrt(mp.fsum(g * g for line in reference.gradient(students, teachers) for g in line))
            assert mp.ldexp(exact, f.bits) <= landscape.gradient_norm()


def test_hessian(entries: int) -> None:
    done = 0
    for f, landscape, students, teachers, size in cases("hessian"):
        with mp.workprec(WORK):
            exact = reference.hessian(students, teachers)
            rows = list(landscape.hessian_rows())
            assert [len(row) for row in rows] == list(range(1, len(exact) + 1))
            for a, row in enumerate(rows):
                for b, enclosure in enumerate(row):
                    check(f, enclosure, exact[a][b], rounding(f, size))
                    done += 1
        if done >= entries:
            return


def test_hessian_blocks_are_the_rows() -> None:
    stream = cases("blocks")
    for _ in range(30):
        f, landscape, students, teachers, size = next(stream)
        dim = len(students[0])
        with mp.workprec(WORK):
            exact = reference.hessian(students, teachers)
            for i in range(len(students)):
                for j in range(len(students)):
                    block = landscape.hessian_block(i, j)
                    for a in range(dim):
                        for b in range(dim):
                            check(f, block[a][b], exact[i * dim + a][j * dim + b], rounding(f, size))


def test_ambient(entries: int) -> None:
    done = 0
    for f, landscape, students, teachers, size in cases("ambient"):
        with mp.workprec(WORK):
            exact = reference.ambient(students, teachers)
            for a, row in enumerate(landscape.ambient_rows()):
                for b, enclosure in enumerate(row):
                    check(f, enclosure, exact[a][b], rounding(f, size))
                    done += 1
        if done >= entries // 4:
            return


def test_loss(entries: int) -> None:
    stream = cases("loss")
    for _ in range(entries // 4):
        f, landscape, students, teachers, size = next(stream)
        with mp.workprec(WORK):
            check(f, landscape.loss(), reference.loss(students, teachers), rounding(f, size * size))


def test_pairs(entries: int) -> None:
    """Cosine, sine, pi - t and the residual of every pair."""
    stream = cases("pairs")
    for _ in range(entries // 10):
        f, landscape, students, teachers, _ = next(stream)
        rows = [*students, *teachers]
        with mp.workprec(WORK):
            for i, u in enumerate(students):
                for j, v in enumerate(rows):
                    pair = landscape.pairs[i][j]
                    if pair is None:
                        assert i == j
                        continue
                    t = reference.angle(u, v)
                    check(f, pair.cosine, mp.cos(t), 40)
                    check(f, pair.sine, mp.sin(t), 40)
                    check(f, pair.complement, mp.pi - t, 64 * f.bits)
                    _, n, _, _ = reference.frame(u, v)
                    for value, enclosure in zip(n, landscape.residual(i, j), strict=True):
                        check(f, enclosure, value * mp.sin(t), 40)
                    for value, enclosure in zip(n, landscape.direction(i, j, pair.sine), strict=True):
                        check(f, enclosure, value, 2 * f.one)


def test_reference_is_the_derivative_of_the_loss() -> None:
    """Its gradient and Hessian against differences of its loss, in general position."""
    students, teachers = point(random.Random(11), shape=(2, 2, 3))
    with mp.workprec(600):
        W, V = [reference.row(x) for x in students], [reference.row(x) for x in teachers]
        step = mp.ldexp(1, -100)

        def moved(*moves: tuple[int, int, mp.mpf]) -> mp.mpf:
            rows = [[*row] for row in W]
            for i, a, h in moves:
                rows[i][a] += h
            return reference.loss(rows, V)

        places = [(i, a) for i in range(2) for a in range(3)]
        gradient, hessian = reference.gradient(W, V), reference.hessian(W, V)
        for p, (i, a) in enumerate(places):
            slope = (moved((i, a, step)) - moved((i, a, -step))) / (2 * step)
            assert abs(slope - gradient[i][a]) < mp.ldexp(1, -150)
            for q, (j, b) in enumerate(places):
                corners = [moved((i, a, s * step), (j, b, t * step)) for s, t in ((1, 1), (1, -1), (-1, 1), (-1, -1))]
                second = (corners[0] - corners[1] - corners[2] + corners[3]) / (4 * step * step)
                assert abs(second - hessian[p][q]) < mp.ldexp(1, -150)


# ---------------------------------------------------------------------------------------------------------------------
# the variation bound


def _moved(r: random.Random, rows: reference.Rows, radius: mp.mpf) -> reference.Rows:
    """Each row moved by at most radius: to the boundary, towards zero, along another row, or inside."""
    result = []
    for row in rows:
        kind = r.randrange(4)
        step = [mp.mpf(r.gauss(0.0, 1.0)) for _ in row]
        if kind == 1:
            step = [-x for x in row]
        if kind == 2:
            step = list(r.choice(rows))
        size = reference.norm(step)
        factor = radius / size * (mp.mpf(r.random()) if kind == 3 else 1) * (1 - mp.ldexp(1, -40))
        result.append([x + factor * s for x, s in zip(row, step, strict=True)])
    return result


@pytest.mark.parametrize(
    "count", [pytest.param(300, id="fast"), pytest.param(8_000, id="full", marks=pytest.mark.long)]
)
def test_variation_bounds_sampled_differences(count: int) -> None:
    r = random.Random("certify variation")
    f = ARITHMETICS[96]
    for _ in range(count):
        students, teachers = point(r, shape=(r.randint(1, 3), r.randint(1, 2), r.randint(1, 2)))
        landscape = Landscape(students, teachers, f)
        shortest = min(norm[0] for norm in landscape.norms[: len(students)])
        radius = shortest * r.choice((1, 3, 10, 200, 900)) // 1000
        bound = _variation(landscape, radius)
        with mp.workprec(WORK):
            W, V = [reference.row(x) for x in students], [reference.row(x) for x in teachers]
            rho = mp.ldexp(radius, -f.bits)
            there, here = reference.hessian(_moved(r, W, rho), V), reference.hessian(W, V)
            difference = reference.difference(there, here)
            assert reference.spectral_norm(difference) * 2.0**f.bits <= bound * (1 + 1e-12)


def test_variation_is_its_formula() -> None:
    """T2 in mpmath, from above, and not much above."""
    r = random.Random("certify formula")
    f = ARITHMETICS[160]
    for _ in range(200):
        students, teachers = point(r)
        landscape = Landscape(students, teachers, f)
        radius = min(norm[0] for norm in landscape.norms[: len(students)]) * r.choice((1, 100, 900)) // 1000
        bound = _variation(landscape, radius)
        with mp.workprec(WORK):
            rho = mp.ldexp(radius, -f.bits)
            sizes = [reference.norm(reference.row(x)) for x in students]
            others = mp.fsum(reference.norm(reference.row(x)) for x in teachers)
            exact = rho * max(
                mp.mpf(13) / 5 * (sum(sizes) - size + (len(sizes) - 1) * rho + others) / (size - rho) ** 2
                + 4 * (len(sizes) - 1) / (size - rho)
                + 2 * sum(1 / (other - rho) for j, other in enumerate(sizes) if j != i)
                for i, size in enumerate(sizes)
            )
            assert mp.ldexp(exact, f.bits) <= bound
            assert bound <= mp.ldexp(exact, f.bits) * (1 + mp.ldexp(1, -40)) + 2**60


def test_variation_is_attained_to_half_a_percent() -> None:
    """One student, one teacher, in the plane: the worst step is known, and no smaller constant would do.

    The cubic form of T2 is largest at b^2 = 3/4, a^2 = 1/4, in the frame (u, n), with tan t = 3 a / b.
    """
    f = ARITHMETICS[160]
    t, a, b = np.arctan(np.sqrt(3.0)), 0.5, np.sqrt(0.75)
    teacher = [[(int(np.cos(t) * 2**50), -50), (int(np.sin(t) * 2**50), -50)]]
    landscape = Landscape([[(1, 0), (0, 0)]], teacher, f)
    bound = _variation(landscape, f.one >> 40)
    with mp.workprec(200):
        V = [reference.row(x) for x in teacher]
        step = mp.ldexp(1, -40)
        here = reference.hessian([[mp.mpf(1), mp.mpf(0)]], V)
        there = reference.hessian([[1 + step * a, step * b]], V)
        difference = reference.difference(there, here)
        ratio = reference.spectral_norm(difference) * 2.0**f.bits / bound
        assert 0.995 < ratio <= 1.0


def _slope(
    function: Callable[[reference.Row, reference.Row], reference.Rows],
    which: int,
    base: tuple[reference.Row, reference.Row],
    way: reference.Row,
) -> reference.Rows:
    """Directional derivative of function(u, v) in one of its arguments."""
    ends, step = [], mp.ldexp(1, -60)
    for sign in (1, -1):
        pair = [*base]
        pair[which] = [x + sign * step * y for x, y in zip(pair[which], way, strict=True)]
        ends.append(function(*pair))
    return [[x / (2 * step) for x in row] for row in reference.difference(*ends)]


@pytest.mark.parametrize("dim", [2, 3, 4])
def test_slot_norms(dim: int) -> None:
    """|phi_uuu| <= 3 sqrt(3)/2 and |phi_uuv| <= 2 at unit vectors in every order, and sharp."""
    r = np.random.default_rng(dim)
    largest = np.zeros(3)
    for trial in range(160):
        u, v, w = (x / np.linalg.norm(x) for x in r.normal(size=(3, dim)))
        if trial % 2:  # in the plane of u and v, and close to parallel in turn
            v = u * (-1) ** (trial // 2) + 10.0 ** -r.uniform(0, 3) * v if trial % 4 == 1 else v
            v /= np.linalg.norm(v)
            n = v - (u @ v) * u
            w = r.normal() * u + r.normal() * n / np.linalg.norm(n)
            w /= np.linalg.norm(w)
        with mp.workprec(300):
            up, vp, wp = ([mp.mpf(float(x)) for x in y] for y in (u, v, w))
            up = reference.unit(up)
            vp = reference.unit(vp)
            found = [
                reference.spectral_norm(_slope(function, which, (up, vp), wp)) / float(reference.norm(wp))
                for function, which in ((reference.phi_uu, 0), (reference.phi_uu, 1), (reference.phi_uv, 0))
            ]
        largest = np.maximum(largest, found)
    assert largest[0] <= 1.5 * np.sqrt(3.0) * (1 + 1e-9)
    assert largest[1:].max() <= 2.0 * (1 + 1e-9)
    assert largest.min() > 1.9
