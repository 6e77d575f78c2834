"""Interval primitives against exact fractions, or mpmath at four times the precision: containment, then tightness."""

import random
from fractions import Fraction

import mpmath as mp
import pytest

from certify.checker import intervals
from certify.checker.errors import Rejected
from certify.checker.intervals import Arithmetic, Interval
from certify.checker.landscape import _normalise

TRIALS = 1000
LONG_TRIALS = 100_000
PRECISIONS = (32, 53, 64, 128, 200)


@pytest.fixture(params=[pytest.param(TRIALS, id="fast"), pytest.param(LONG_TRIALS, id="full", marks=pytest.mark.long)])
def trials(request: pytest.FixtureRequest) -> int:
    count: int = request.param
    return count


def generator(name: str) -> random.Random:
    return random.Random(f"certify {name}")


ARITHMETICS = {bits: Arithmetic(bits) for bits in PRECISIONS}


def arithmetic(r: random.Random) -> Arithmetic:
    return ARITHMETICS[r.choice(PRECISIONS)]


def interval(r: random.Random, f: Arithmetic, *, positive: bool = False) -> Interval:
    """Any sign, zero-width or wide, tiny or huge, often with an end at zero."""
    top = r.choice((1, 3, f.bits // 2, f.bits, f.bits + 1, 2 * f.bits))
    low = r.randint(1 if positive else -(1 << top), 1 << top)
    width = r.choice((0, 0, 1, r.randrange(1 << top), r.randrange(1 << r.randint(1, f.bits))))
    kind = r.randrange(12)
    if kind == 0 and not positive:
        return 0, width
    if kind == 1 and not positive:
        return -width, 0
    return low, low + width


def member(r: random.Random, a: Interval) -> Fraction:
    """A rational inside, in units; the ends often."""
    kind = r.randrange(4)
    if kind < 2:
        return Fraction(a[kind])
    return a[0] + (a[1] - a[0]) * Fraction(r.randrange(10**6 + 1), 10**6)


def contains(a: Interval, x: Fraction) -> bool:
    return a[0] <= x <= a[1]


def units(f: Arithmetic, x: Fraction) -> Fraction:
    return x / f.one


def test_add_and_sub(trials: int) -> None:
    r = generator("add")
    for _ in range(trials):
        f = arithmetic(r)
        a, b = interval(r, f), interval(r, f)
        x, y = member(r, a), member(r, b)
        assert contains(intervals.add(a, b), x + y)
        assert contains(intervals.sub(a, b), x - y)
        assert intervals.add(a, b)[1] - intervals.add(a, b)[0] == a[1] - a[0] + b[1] - b[0]
        assert intervals.sub(a, b)[1] - intervals.sub(a, b)[0] == a[1] - a[0] + b[1] - b[0]


def test_times_and_mul(trials: int) -> None:
    r = generator("mul")
    for _ in range(trials):
        f = arithmetic(r)
        a, b = interval(r, f), interval(r, f)
        x, y = member(r, a), member(r, b)
        exact = intervals.times(a, b)
        assert contains(exact, x * y)
        assert {*exact} <= {p * q for p in a for q in b}
        result = f.mul(a, b)
        assert contains(result, units(f, x * y))
        assert result[0] > units(f, Fraction(exact[0])) - 1
        assert result[1] < units(f, Fraction(exact[1])) + 1


def test_narrow(trials: int) -> None:
    r = generator("narrow")
    for _ in range(trials):
        f = arithmetic(r)
        a = interval(r, f)
        low, high = f.narrow(a)
        assert units(f, Fraction(a[0])) - 1 < low <= units(f, Fraction(a[0]))
        assert units(f, Fraction(a[1])) <= high < units(f, Fraction(a[1])) + 1


def test_square(trials: int) -> None:
    r = generator("square")
    for _ in range(trials):
        f = arithmetic(r)
        a = interval(r, f)
        x = member(r, a)
        result = f.square(a)
        assert contains(result, x * x)
        assert result[0] >= 0
        assert {*result} <= {a[0] ** 2, a[1] ** 2, 0}


def test_div(trials: int) -> None:
    r = generator("div")
    for _ in range(trials):
        f = arithmetic(r)
        a, b = interval(r, f), interval(r, f, positive=True)
        x, y = member(r, a), member(r, b)
        result = f.div(a, b)
        assert contains(result, x / y * f.one)
        quotients = [Fraction(p * f.one, q) for p in a for q in b]
        assert min(quotients) - 1 < result[0] <= min(quotients)
        assert max(quotients) <= result[1] < max(quotients) + 1


@pytest.mark.parametrize("divisor", [(0, 5), (-1, 5), (0, 0), (-3, -1)])
def test_div_refuses_what_may_be_zero_or_negative(divisor: Interval) -> None:
    with pytest.raises(Rejected, match="precision"):
        Arithmetic(32).div((1, 1), divisor)


def test_dot(trials: int) -> None:
    r = generator("dot")
    for _ in range(trials):
        f = arithmetic(r)
        length = r.randint(1, 4)
        a, b = [interval(r, f) for _ in range(length)], [interval(r, f) for _ in range(length)]
        value = sum((member(r, p) * member(r, q) for p, q in zip(a, b, strict=True)), Fraction(0))
        result = f.dot(a, b)
        assert contains(result, units(f, value))
        exact = [intervals.times(p, q) for p, q in zip(a, b, strict=True)]
        low, high = (units(f, Fraction(sum(p[end] for p in exact))) for end in (0, 1))
        assert result[0] <= low  # all products of members, and not much wider
        assert high <= result[1]
        assert result[1] - result[0] <= Fraction(3, 2) * (high - low) + 2


def test_minus_multiple(trials: int) -> None:
    r = generator("minus multiple")
    for _ in range(trials):
        f = arithmetic(r)
        length = r.randint(1, 4)
        a, b, factor = [[interval(r, f) for _ in range(length)] for _ in range(2)] + [[interval(r, f)]]
        t = member(r, factor[0])
        results = f.minus_multiple(a, factor[0], intervals.split(b))
        for p, q, result in zip(a, b, results, strict=True):
            for x in (member(r, p), *map(Fraction, p)):
                assert all(contains(result, x - t * y / f.one) for y in (member(r, q), *map(Fraction, q)))
        for y in (0, f.one):  # narrow numbers leave narrow results
            (low, high), *_ = f.minus_multiple([(y, y)], (f.one // 3, f.one // 3), intervals.split([(y, y)]))
            assert high - low <= 1


def test_length(trials: int) -> None:
    r = generator("length")
    for _ in range(trials):
        f = arithmetic(r)
        vector = [interval(r, f) for _ in range(r.randint(1, 4))]
        squares = sum((member(r, a) ** 2 for a in vector), Fraction(0))
        low, high = f.length(vector)
        assert low >= 0
        assert low * low <= squares <= high * high
        ends = [f.square(a) for a in vector]
        assert (low + 1) ** 2 > sum(end[0] for end in ends)
        assert (high - 1) ** 2 <= sum(end[1] for end in ends)


def test_exact(trials: int) -> None:
    r = generator("exact")
    for _ in range(trials):
        f = arithmetic(r)
        mantissa = r.randint(-(1 << 60), 1 << 60)
        exponent = r.randint(-2 * f.bits - 60, 60)
        value = mantissa * Fraction(2) ** (exponent + f.bits)
        low, high = f.exact(mantissa, exponent)
        assert low <= value <= high
        assert high - low == (0 if value.denominator == 1 else 1)


def test_clip_and_magnitude(trials: int) -> None:
    r = generator("clip")
    for _ in range(trials):
        f = arithmetic(r)
        a = interval(r, f)
        x = member(r, a)
        assert intervals.magnitude(a) >= abs(x)
        assert intervals.magnitude(a) == max(abs(a[0]), abs(a[1]))
        if abs(x) <= f.one:
            assert contains(intervals.clip(a, -f.one, f.one), x)


def atan_argument(r: random.Random, f: Arithmetic) -> Interval:
    """Arguments in [0, 1] and a little above, as the landscape uses them; exact ends and long intervals too."""
    top = r.choice((1, f.bits // 4, f.bits // 2, f.bits - 1, f.bits))
    low = r.choice((0, 1, r.randrange(1 << top), f.one - r.randrange(100), f.one))
    width = r.choice((0, 1, r.randrange(100), r.randrange(1 << top)))
    return low, min(low + width, f.one + (f.one >> 4))


def test_atan(trials: int) -> None:
    r = generator("atan")
    for _ in range(trials):
        f = arithmetic(r)
        a = atan_argument(r, f)
        a = a[0], max(a)
        x = member(r, a)
        low, high = f.atan(a)
        with mp.workprec(4 * f.bits):
            value = mp.atan(mp.mpf(x.numerator) / (x.denominator * f.one)) * f.one
            assert low <= value <= high
            ends = [mp.atan(mp.mpf(end) / f.one) * f.one for end in a]
            # a halving divides the angle and its error by two, so all of them together cost a few units each
            loss = 1 << (4 + f.bits // 64 + 6)
            assert ends[0] - low < loss + (ends[1] - ends[0])
            assert high - ends[1] < loss + (ends[1] - ends[0])


@pytest.mark.parametrize("bits", [*range(32, 130), 256, 1000, 4096, 8192])
def test_pi(bits: int) -> None:
    low, high = Arithmetic(bits).pi
    with mp.workprec(4 * bits):
        assert low <= mp.pi * mp.mpf(2) ** bits <= high
    assert high - low < 80 * (bits // 4 + 8)


def test_normalise(trials: int) -> None:
    r = generator("normalise")
    for _ in range(trials // 4):
        f = arithmetic(r)
        far = r.choice((0, 0, -40, -1000, 1000))
        spread = r.choice((0, 5, 200))
        row = [(r.randint(-(1 << 53), 1 << 53), far + r.randint(-spread, spread)) for _ in range(r.randint(1, 5))]
        row[r.randrange(len(row))] = r.choice(((0, 0), (1, far), (-1, far)))
        if not any(m for m, _ in row):
            row[0] = (1, far)
        size, unit = _normalise(row, f)
        exact = [m * Fraction(2) ** e for m, e in row]
        squares = sum((x * x for x in exact), Fraction(0))
        scale = Fraction(1, f.one)
        assert (size[0] * scale) ** 2 <= squares <= (size[1] * scale) ** 2
        with mp.workprec(4 * f.bits + 2000):
            length = mp.sqrt(mp.mpf(squares.numerator) / squares.denominator)
            assert length * f.one * (1 - mp.mpf(2) ** -f.bits) - 2 < size[0]
            assert size[1] < length * f.one * (1 + mp.mpf(2) ** -f.bits) + 2
            for x, end in zip(exact, unit, strict=True):
                value = mp.mpf(x.numerator) / x.denominator / length * f.one
                assert end[0] <= value <= end[1]
                assert end[1] - end[0] <= 2


def test_normalise_refuses_zero() -> None:
    with pytest.raises(Rejected, match="nonzero rows"):
        _normalise([(0, 0), (0, 0)], Arithmetic(32))
