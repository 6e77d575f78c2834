"""Second derivatives of both codes: difference quotients, boxes, and slopes found by them (docs/all-sizes.md, A13)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from turned_points import inside, interval

from certify.arithmetic import Ball, dyadic_ball, precision
from certify.arithmetic import bends as balls
from certify.arithmetic.jets import Jet, arcsine_ratio, arcsine_rest, variables
from certify.checker import bends as integers
from certify.checker import doubled as checked
from certify.checker.intervals import Arithmetic
from certify.checker.jets import Jet as CheckerJet
from certify.families.branch import DOUBLED, evaluate, limit

POINT = (-0.3, -1.5, 1.8, 1.2, 0.6, 0.9, -0.7)
SIZE = 8
NONE = SIZE * (SIZE + 1) // 2
SQUARES = (2.0**-60, 2.0**-9, 0.05, 0.13, 0.4, 0.86)


def point(n: int) -> list[Ball]:
    """Unknowns and eps."""
    return [*(dyadic_ball((round(x * 2**20), -20)) for x in POINT), dyadic_ball((round(2**20 / n**0.5), -20))]


def units(x: Sequence[Ball]) -> list[list[Ball]]:
    return [jet.slopes for jet in variables(list(x))]


def ours(x: Sequence[Ball]) -> list[Any]:
    zeros = [x[0] * 0] * NONE
    *first, last = [balls.Bent(a, s, zeros) for a, s in zip(x, units(x), strict=True)]
    return evaluate(first, last, DOUBLED).system


def theirs(x: Sequence[Ball], f: Arithmetic) -> list[Any]:
    one = f.one, f.one
    seeds = [[one if i == k else (0, 0) for k in range(SIZE)] for i in range(SIZE)]
    *first, last = [integers.Bent(f, interval(a, f), s, [(0, 0)] * NONE) for a, s in zip(x, seeds, strict=True)]
    at = checked.point(first, last)
    return checked.gradient(at).equations(at)


@pytest.mark.parametrize("n", [6, 60])
def test_difference_quotients(n: int) -> None:
    with precision(400):
        x, step = point(n), dyadic_ball((1, -100))
        found = ours(x)
        for k in range(SIZE):
            ends = []
            for side in (-1, 1):
                *first, last = variables([a + side * step * int(i == k) for i, a in enumerate(x)])
                ends.append(evaluate(first, last, DOUBLED).system)
            for low, high, bent in zip(*ends, found, strict=True):
                for j, (a, b) in enumerate(zip(low.slopes, high.slopes, strict=True)):
                    i, m = max(j, k), min(j, k)
                    assert abs((b - a) / (2 * step) - bent.bends[i * (i + 1) // 2 + m]) < 1e-50


@pytest.mark.parametrize("n", [6, 60])
def test_both_codes_agree(n: int) -> None:
    f = Arithmetic(160)
    with precision(300):
        x = point(n)
        for mine, other in zip(ours(x), theirs(x, f), strict=True):
            pairs = [(mine.value, other.value), *zip(mine.slopes, other.slopes, strict=True)]
            for ball, found in [*pairs, *zip(mine.bends, other.bends, strict=True)]:
                assert inside(ball, found, f)
                assert found[1] - found[0] < 1 << 70


def test_boxes_and_slopes() -> None:
    """At a point of a box the second derivatives are those of the box, and the first ones what `sharpened` says."""
    f, rng = Arithmetic(120), random.Random(3)
    with precision(120):
        middle = [*limit(DOUBLED), dyadic_ball((1, -5))]
        radius = dyadic_ball((1, -10))
        box = [x + (-radius).union(radius) for x in middle]
        moves = [(-radius).union(radius)] * SIZE
        *first, last = variables(middle)
        here = evaluate(first, last, DOUBLED).system
        at = checked.point([CheckerJet(f, interval(x.value, f), [interval(s, f) for s in x.slopes]) for x in first],
                           CheckerJet(f, interval(last.value, f), [interval(s, f) for s in last.slopes]))  # fmt: skip
        there = checked.gradient(at).equations(at)
        mine, other = ours(box), theirs(box, f)
        slopes = [balls.sharpened(x, y, moves) for x, y in zip(here, mine, strict=True)]
        checked_slopes = [
            integers.sharpened(x, y, [interval(m, f)[1] for m in moves]) for x, y in zip(there, other, strict=True)
        ]
        for _ in range(20):
            inner = [x + radius * dyadic_ball((rng.randrange(-1024, 1025), -10)) for x in middle]
            for k, value in enumerate(ours(inner)):
                for ball, wide, found in zip(value.bends, mine[k].bends, other[k].bends, strict=True):
                    assert wide.overlaps(ball)
                    assert inside(ball, found, f)
                for ball, wide, found in zip(value.slopes, slopes[k], checked_slopes[k], strict=True):
                    assert wide.overlaps(ball)
                    assert inside(ball, found, f)


@pytest.mark.parametrize("z", SQUARES)
def test_arcsine_series(z: float) -> None:
    """Against difference quotients; and from end to end of an interval."""
    f = Arithmetic(160)
    with precision(400):
        x, step = dyadic_ball((round(z * 2**70), -70)), dyadic_ball((1, -110))
        one = x * 0 + 1
        for function, name in ((arcsine_ratio, "arcsine_ratio"), (arcsine_rest, "arcsine_rest")):
            ends = [function(Jet(x + side * step, [one])).slopes[0] for side in (-1, 1)]
            quotient = (ends[1] - ends[0]) / (2 * step)
            mine = function(balls.Bent(x, [one], [x * 0]))
            assert abs(mine.bends[0] - quotient) < 1e-50 * (1 + abs(quotient))
            for width in (0, 2.0**-8):
                range_ = interval(x, f)[0], interval(x, f)[1] + int(width * f.one)
                other = getattr(integers.Bent(f, range_, [(f.one, f.one)], [(0, 0)]), name)()
                pairs = ((mine.value, other.value), (mine.slopes[0], other.slopes[0]), (mine.bends[0], other.bends[0]))
                for ball, found in pairs:
                    assert inside(ball, found, f)
                    assert width or found[1] - found[0] < 1 << 40


def test_no_mixing() -> None:
    """A number without second derivatives is not taken for a constant."""
    f = Arithmetic(80)
    one = f.one, f.one
    bent, flat = integers.Bent(f, one, [one], [one]), CheckerJet(f, one, [one])
    ball = dyadic_ball((1, 0))
    mine, jet = balls.Bent(ball, [ball], [ball]), Jet(ball, [ball])
    for call in (lambda: bent + flat, lambda: bent * flat, lambda: bent.over(flat), lambda: bent - flat):
        with pytest.raises(AttributeError):
            call()
    for call in (lambda: mine + jet, lambda: mine * jet, lambda: mine / jet, lambda: mine - jet):
        with pytest.raises(TypeError):
            call()
