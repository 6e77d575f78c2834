"""The few operations on balls that certify adds to flint's."""

import mpmath as mp
import numpy as np
import pytest
import reference_landscape as reference
from flint import arb, ctx

from certify.arithmetic import (
    Ball,
    certainly_less,
    clipped,
    dyadic,
    dyadic_ball,
    float_upper,
    lower,
    magnitude,
    pi,
    precision,
    rectangle,
    square_root,
    upper,
)


def interval(low: float, high: float) -> Ball:
    return arb(low).union(arb(high))


def test_precision_is_restored_after_an_error() -> None:
    before = ctx.prec
    with pytest.raises(ZeroDivisionError), precision(before + 100):
        assert 1 / (ctx.prec - before - 100)
    assert ctx.prec == before


def test_conversions_are_exact() -> None:
    with precision(53):
        for x in (0.1, -1e300, 5e-324, 0.0, 1 / 3):
            ball = dyadic_ball(dyadic(x))
            assert lower(ball) == upper(ball) == dyadic(x)
            assert magnitude(ball) == dyadic(abs(x))


def test_rectangle_contains_its_ends() -> None:
    with precision(128):
        box = rectangle(dyadic(0.1), dyadic(0.3))
        assert box.contains(arb(0.1) + arb(0.3))
        assert box.contains(arb(0.1) - arb(0.3))
        assert not box.contains(arb(0.1) + arb(0.3001))


@pytest.mark.parametrize("text", ["nan", "inf", "-inf"])
def test_ends_of_what_is_not_finite_raise(text: str) -> None:
    with pytest.raises(ValueError, match="man"):
        upper(arb(text))


def test_comparisons_are_certain_or_false() -> None:
    assert certainly_less(interval(0, 1), interval(2, 3))
    for a, b in (((0, 1), (1, 2)), ((0, 2), (1, 3)), ((2, 3), (0, 1)), ((0, 1), (0, 1))):
        assert not certainly_less(interval(*a), interval(*b))
    for other in (arb(0), arb("nan"), arb("inf")):
        assert not certainly_less(arb("nan"), other)
        assert not certainly_less(other, arb("nan"))


def test_pi() -> None:
    with mp.workprec(400):
        for bits in (10, 64, 300):
            with precision(bits):
                assert reference.inside(pi(), +mp.pi)


def roots(count: int, seed: int) -> None:
    """Members of the ball that are >= 0 have their roots inside; finite; tight."""
    generator = np.random.default_rng(seed)
    for _ in range(count):
        centre = float(10.0 ** generator.uniform(-40, 10) * generator.choice([-1.0, 1.0, 1.0]))
        radius = float(abs(centre) * 10.0 ** generator.uniform(-20, 1))
        with precision(int(generator.integers(40, 150))):
            ball = rectangle(dyadic(centre), dyadic(radius))
            root = square_root(ball)
        assert root.is_finite()
        with mp.workprec(400):
            low, high = reference.ends(ball)
            for share in (0, mp.mpf(1) / 3, 1):
                member = low + share * (high - low)
                if member >= 0:
                    assert reference.inside(root, mp.sqrt(member))
            if high >= 0:
                assert reference.ends(root)[1] <= mp.sqrt(high) * 1.001


def cuts(count: int, seed: int) -> None:
    """Members of the ball inside the bounds are inside the result, which stays near the bounds."""
    generator = np.random.default_rng(seed)
    for _ in range(count):
        centre, radius = generator.uniform(-1.5, 1.5), 10.0 ** generator.uniform(-20, 1)
        with precision(int(generator.integers(40, 150))):
            ball = rectangle(dyadic(float(centre)), dyadic(float(radius)))
            if not float(ball.upper()) > -0.999 or not float(ball.lower()) < 0.999:
                continue
            cut = clipped(ball, -1, 1)
        with mp.workprec(400):
            low, high = reference.ends(ball)
            for share in generator.random(3):
                member = low + mp.mpf(float(share)) * (high - low)
                if -1 <= member <= 1:
                    assert reference.inside(cut, member)
            bottom, top = reference.ends(cut)
            assert bottom >= -1.001
            assert top <= 1.001


def test_square_root() -> None:
    roots(300, 1)
    assert square_root(arb(-1)).is_zero()
    assert square_root(interval(-1, 4)).contains(arb(2))
    assert square_root(interval(-1, 4)).contains(arb(0))


def test_clipped() -> None:
    cuts(300, 2)
    for text in ("nan", "inf"):
        assert clipped(arb(text), -1, 1).contains(arb(1))
        assert clipped(arb(text), -1, 1).contains(arb(-1))


def test_float_upper_of_an_upper_end_is_above_the_ball() -> None:
    with precision(200):
        for x in (arb(1) / 3, arb(10) ** 30 / 7, -arb(1) / 3):
            assert arb(float_upper(upper(x))) >= x


@pytest.mark.long
def test_square_root_and_clipped_on_many_balls() -> None:
    roots(100_000, 3)
    cuts(100_000, 4)
