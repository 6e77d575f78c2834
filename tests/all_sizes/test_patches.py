"""Zeros over a patch and what follows them (docs/all-sizes.md, A13): known zeros, and those of shipped pieces."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import mpmath
import pytest
from turned_points import PROOFS, checked, checked_blocks, checker_jets, fixed, inside

from certify.arithmetic import dyadic_ball, precision
from certify.checker import Rejected
from certify.checker.bends import sharpened
from certify.checker.intervals import Arithmetic
from certify.checker.jets import Moving
from certify.checker.patches import Patch, Zeros, check_definite, find_zeros, follow, follow_slopes, patch, taylor
from certify.checker.pieces import frame
from certify.checker.reader import read
from certify.checker.tube import examine
from certify.checker.tube_format import FAMILIES, TWO_DOUBLED, Tube
from certify.families.branch import exact, solve

F = Arithmetic(100)
HALF = Fraction(1, 8)
NAMED = {p: name for name, p in FAMILIES.items() if p != TWO_DOUBLED}
TUBES = {1: "turned-p01", 2: "turned-p02", 5: "turned-p05", **NAMED}


class Two(NamedTuple):
    """Quantities of the example."""

    sum: Any
    product: Any


def units(x: Fraction | float) -> tuple[int, int]:
    number = Fraction(x) * F.one
    return number.__floor__(), number.__ceil__()


def example(radius: float, tilt: float = 0.0, *, parameters: int = 1) -> tuple[Patch, Zeros, list[Any], list[Any]]:
    """x^2 = 2 + t, y = x^2 + t x near (sqrt 2, 2): the zero is known for all t; with two parameters t = t_1 + 2 t_2."""
    root = Fraction(round(2**0.5 * 2**40), 2**40)
    slopes = [[units(k * (0.35 + tilt)) for k in range(1, parameters + 1)],
              [units(k * (1 + 2**0.5)) for k in range(1, parameters + 1)]]  # fmt: skip
    sides = [((0, 0), units(-HALF)[:1] + units(HALF)[1:])] * parameters
    place = patch([units(root), units(2)], slopes, [units(radius), units(4 * radius)], sides, F)

    def equations(numbers: Sequence[Any]) -> list[Any]:
        x, y, *t = numbers
        total = t[0] + 2 * t[1] if parameters == 2 else t[0]
        return [x.square() - 2 - total, y - x.square() - total * x]

    middle, box = equations(place.middle), equations(place.box)
    return place, find_zeros(middle, box, place), list(place.middle), list(place.box)


def truth(t: float) -> tuple[mpmath.mpf, mpmath.mpf, mpmath.mpf, mpmath.mpf]:
    """x, y, and their derivatives."""
    x = mpmath.sqrt(2 + mpmath.mpf(t))
    return x, 2 + t + t * x, 1 / (2 * x), 1 + x + t / (2 * x)


@pytest.mark.parametrize(("radius", "tilt"), [(0.002, 0.0), (0.01, 0.0), (0.05, 0.2)])
@pytest.mark.parametrize("parameters", [1, 2])
def test_known_zeros(radius: float, tilt: float, parameters: int) -> None:
    """Bounds of the distance from the plane, over the middle, and of its derivatives."""
    radius *= 10 if parameters == 2 else 1
    _, zeros, middle, _ = example(radius, tilt, parameters=parameters)
    lines = [[Fraction(s[0], F.one) for s in x.slopes[2:]] for x in middle[:2]]
    for k in range(-8, 9):
        t = float(HALF * k / 8)
        found = truth(t * (3 if parameters == 2 else 1))
        for i, (x, line) in enumerate(zip(middle, lines, strict=False)):
            away = abs(found[i] - mpmath.mpf(x.value[0]) / F.one - float(sum(line)) * t)
            assert away <= (zeros.start if k == 0 else zeros.reach)[i] / F.one + 1e-25
            for a, slope in enumerate(line):
                assert abs(found[2 + i] * (a + 1) - float(slope)) <= zeros.rates[a][i] / F.one
    assert max(zeros.start) < F.one >> 20


def test_what_is_refused() -> None:
    """Radii too small for the curve to stay inside, or a patch on which nothing contracts."""
    for radius, tilt in ((0.0005, 0.0), (0.002, 0.2), (1.5, 0.0)):
        with pytest.raises(Rejected, match="within its radius"):
            example(radius, tilt)


@pytest.mark.parametrize("parameters", [1, 2])
def test_what_follows_the_zeros(parameters: int) -> None:
    """Values and derivatives along the zeros; none of the three bounds can be left out."""
    place, zeros, middle, box = example(0.2 if parameters == 2 else 0.05, -0.2, parameters=parameters)
    quantities = [Two(x[0] + x[1], x[0] * x[1]) for x in (middle, box)]
    found = follow(*quantities, zeros, place)
    rows = follow_slopes(*quantities, zeros, place)
    lost = dict.fromkeys(("reach", "rates"), 0)
    none = {name: follow(*quantities, zeros._replace(**{name: value}), place)
            for name, value in (("reach", [0, 0]), ("rates", [[0, 0]] * parameters))}  # fmt: skip
    for k in range(-8, 9):
        t = float(HALF * k / 8)
        x, y, dx, dy = truth(t * (3 if parameters == 2 else 1))
        for name, value, slope in (("sum", x + y, dx + dy), ("product", x * y, dx * y + x * dy)):
            number = getattr(found, name)
            assert contains(number.value, value)
            assert contains(number.at([units(t)] * parameters), value)
            assert k or contains(number.start, value)
            lost["reach"] += not contains(getattr(none["reach"], name).value, value)
            for a in range(parameters):
                assert contains(number.slopes[a], slope * (a + 1))
                lost["rates"] += not contains(getattr(none["rates"], name).slopes[a], slope * (a + 1))
            low, high = taylor(getattr(quantities[0], name), getattr(quantities[1], name), zeros, place)
            assert contains((low, high), value)
        for number, value, slope in zip(rows.product, (y, x), (dy, dx), strict=True):
            assert contains(number.value, value)
            assert all(contains(s, slope * (a + 1)) for a, s in enumerate(number.slopes))
    assert min(lost.values()) > 0


def test_slopes_hold_as_far_as_the_zeros_go() -> None:
    """Without the motion of the zeros they are those of all points within reach, for all t."""
    place, zeros, middle, box = example(0.05, -0.2)
    still = zeros._replace(rates=[[0, 0]])
    for x, y in ((middle[0] * middle[1], box[0] * box[1]), (middle[0].square(), box[0].square())):
        wide = sharpened(x, y, [*zeros.reach, *place.halves])
        near = sharpened(x, y, [*zeros.start, *place.halves])
        assert follow(x, y, still, place).slopes == wide[2:]
        assert near[2:] != wide[2:]


def contains(x: tuple[int, int], value: mpmath.mpf) -> bool:
    return bool(x[0] / mpmath.mpf(F.one) <= value + 1e-20 and value - 1e-20 <= x[1] / mpmath.mpf(F.one))


def test_blocks_between_corners() -> None:
    """A block is looked at where each parameter is least and where it is largest, for all slopes."""
    place = example(0.2, parameters=2)[0]

    def block(start: float, *slopes: tuple[float, float]) -> list[list[Moving]]:
        ends = [(units(low)[0], units(high)[1]) for low, high in slopes]
        return [[Moving(F, units(start), ends, units(start))]]

    check_definite("b", block(0.26, (1, 1), (-1, 1)), place)
    for bad in (block(0.24, (1, 1), (-1, 1)), block(0.24, (-1, 0), (1, 1)), block(-0.01, (0, 0), (0, 0))):
        with pytest.raises(Rejected, match="block b is not"):
            check_definite("b", bad, place)
    one, slope = fixed(F, units(1), 2), Moving(F, units(0), [units(7), units(0)], units(0))
    check_definite("b", [[one], [slope, one]], place)  # off the diagonal at most 7/8
    slope = Moving(F, units(0), [units(7), units(2)], units(0))
    with pytest.raises(Rejected, match="block b is not"):
        check_definite("b", [[one], [slope, one]], place)


@pytest.mark.parametrize("p", TUBES)
def test_shipped_pieces(p: int) -> None:
    """The zeros of the prover's Newton iteration, and entries of all blocks there, with their difference quotients."""
    c = read((PROOFS / "all-sizes" / TUBES[p] / "certificate.cert.json").read_bytes())
    f, rng = Arithmetic(200), random.Random(p)
    assert isinstance(c, Tube)
    for piece in (c.pieces[0], c.pieces[len(c.pieces) // 2], c.pieces[-1]):
        found = examine(frame(piece, f), p, f)
        known = dict(found.blocks((0, 0)))
        with precision(400):
            middle = (dyadic_ball(piece.low) + dyadic_ball(piece.high)) / 2
            half, close = (dyadic_ball(piece.high) - dyadic_ball(piece.low)) / 2, dyadic_ball((1, -70))
            for step in (0, dyadic_ball((rng.randrange(-1000, 1000), -10))):
                sections = []
                for t in (half * step, half * step + close):
                    xi = solve([dyadic_ball(x) for x in piece.centre], middle + t, p, 150)
                    assert xi is not None
                    jets, eps = checker_jets([exact(x) for x in xi], exact(middle + t), Arithmetic(300))
                    sections.append(checked_blocks(checked(jets, eps, p), p, (0, 0)))
                    line = [dyadic_ball(x) + dyadic_ball(s) * t for x, s in zip(piece.centre, piece.slope, strict=True)]
                    bounds = found.zeros.start if t == 0 else found.zeros.reach
                    for x, y, bound in zip(xi, line, bounds, strict=True):
                        assert abs(x - y) <= dyadic_ball((bound, -f.bits)) + dyadic_ball((1, -140))
                for name, block in known.items():
                    for i, row in enumerate(block):
                        for j, number in enumerate(row):
                            a, b = (dyadic_ball((sum(x[name][i][j]), -301)) for x in sections)
                            assert inside(a, wider(number.value), f)
                            assert step or inside(a, wider(number.start), f)
                            assert inside(((b - a) / close).mid(), wider(number.slopes[0]), f)


def wider(x: tuple[int, int]) -> tuple[int, int]:
    """By what a difference quotient and Newton's iteration leave open."""
    return x[0] - (1 << 145), x[1] + (1 << 145)


def test_what_cannot_move_is_refused() -> None:
    """Neither a function of a number that moves, which would lose its value at the start, nor a list of jets."""
    place, zeros, middle, box = example(0.05)
    moving = follow(middle[0], box[0], zeros, place)
    for act in (moving.sqrt, moving.arcsine_ratio, moving.arcsine_rest):
        with pytest.raises(TypeError, match="moves"):
            act()
    with pytest.raises(TypeError, match="neither"):
        follow(middle, box, zeros, place)
    assert [follow(x, x, zeros, place) for x in (2, None, F)] == [2, None, F]
