"""Elementary functions of intervals (docs/systems.md, Z4): monotone pieces between enclosures at the ends.

Arguments must lie inside the domain of smoothness, which `certify.checker.operations` checks first.
"""

from collections.abc import Callable

from certify.checker import elementary
from certify.checker.elementary import fixed
from certify.checker.errors import Rejected
from certify.checker.floating import (
    LIMIT_SCALE,
    ZERO,
    Floating,
    Point,
    Real,
    at,
    ceil_to,
    compare,
    floating,
    floor_to,
    lower,
    negative,
    top,
    upper,
)  # fmt: skip

ONE: Real = (1, 1, 0)
LARGE = 17  # exp(-2^16) < 2^-65536
LIMIT_ANGLE = 64
MARGIN = 8


def pi(f: Floating) -> Real:
    """The constant."""
    low, high = fixed(f.bits + MARGIN).pi
    return f.rounded(low, high, -f.bits - MARGIN)


def half_pi(f: Floating) -> Real:
    """Pi over two."""
    low, high, e = pi(f)
    return low, high, e - 1


def exp(f: Floating, a: Real) -> Real:
    """e^a."""
    return f.between(_exp_end(f, lower(a), 0), _exp_end(f, upper(a), 1))


def _exp_end(f: Floating, x: Point, up: int) -> Point:
    if x[0] and top(x) >= LARGE:
        if x[0] > 0:
            raise Rejected("precision", "an exponential is too large")
        return up, -LIMIT_SCALE
    w = f.bits + MARGIN
    lo, hi, e = elementary.exp(ceil_to(x, -w) if up else floor_to(x, -w), w)
    return (hi if up else lo), e


def log(f: Floating, a: Real) -> Real:
    """Natural logarithm for a > 0."""
    return f.between(lower(_log(f, lower(a))), upper(_log(f, upper(a))))


def _log(f: Floating, x: Point) -> Real:
    length = x[0].bit_length()
    if 10 * x[0] < 7 << length:
        length -= 1
    exponent, away = x[1] + length, abs(x[0] - (1 << length))  # x = (1 +- away / 2^length) 2^exponent
    if exponent == 0 and away == 0:
        return ZERO
    near = 0 if exponent else max(0, length - away.bit_length())
    w = f.bits + MARGIN + min(near, 4 * f.bits)
    mantissa = x[0], -length
    lo = elementary.log(floor_to(mantissa, -w), w, exponent)[0]
    hi = elementary.log(ceil_to(mantissa, -w), w, exponent)[1]
    return lo, hi, -w


def atan(f: Floating, a: Real) -> Real:
    """Arctangent."""
    return f.between(lower(_atan(f, lower(a))), upper(_atan(f, upper(a))))


def _atan(f: Floating, x: Point) -> Real:
    if compare((abs(x[0]), x[1]), (1, 0)) > 0:
        inverse = f.div(ONE, at(x))
        quarter = half_pi(f) if x[0] > 0 else negative(half_pi(f))
        return f.sub(quarter, atan(f, inverse))
    return _odd(f, x, elementary.atan)


def _odd(f: Floating, x: Point, kernel: Callable[[int, int], tuple[int, int]]) -> Real:
    """A function with x - |x|^3 <= g(x) <= x for 0 <= x <= 1, odd, increasing there, from its fixed-point kernel."""
    if x[0] == 0:
        return ZERO
    if top(x) < -f.bits:
        ends = (x[0] << 2 * f.bits) - x[0], x[0] << 2 * f.bits
        return min(ends), max(ends), x[1] - 2 * f.bits
    w = f.bits + MARGIN + max(0, -top(x))
    return kernel(floor_to(x, -w), w)[0], kernel(ceil_to(x, -w), w)[1], -w


def atan2(f: Floating, y: Real, x: Real) -> Real | None:
    """The angle of (x, y) in (-pi, pi], continuous on the box; None: the box touches the origin or crosses the cut."""
    if x[0] > 0:
        return atan(f, f.div(y, x))
    if y[0] > 0:
        return f.sub(half_pi(f), atan(f, f.div(x, y)))
    if y[1] < 0:
        return f.sub(negative(half_pi(f)), atan(f, f.div(x, y)))
    if x[1] < 0 and y[0] >= 0:
        return f.add(pi(f), atan(f, f.div(y, x)))
    return None


def quadrants(f: Floating, a: Real) -> tuple[int, int]:
    """k, l with: every integer j, j pi / 2 inside a or at its upper end, satisfies k < j <= l."""
    if max(abs(a[0]), abs(a[1])).bit_length() + a[2] > LIMIT_ANGLE:
        raise Rejected("precision", "an angle is too large")
    w = f.bits + LIMIT_ANGLE
    low, high = floor_to(lower(a), -w), ceil_to(upper(a), -w)
    ends = fixed(w).pi
    return 2 * low // ends[1 if low >= 0 else 0], 2 * high // ends[0 if high >= 0 else 1]


def sin(f: Floating, a: Real) -> Real:
    """Sine."""
    return _wave(f, a, 0)


def cos(f: Floating, a: Real) -> Real:
    """Cosine."""
    return _wave(f, a, 1)


def _wave(f: Floating, a: Real, phase: int) -> Real:
    """sin(a + phase pi / 2): the extremes +-1 wherever a may contain a place of one, the ends otherwise."""
    first, last = quadrants(f, a)
    if last - first >= 4:
        return -1, 1, 0
    places = {(j + phase) % 4 for j in range(first + 1, last + 1)}
    ends = [_wave_at(f, lower(a), phase), _wave_at(f, upper(a), phase)]
    low, high = lower(ends[0]), upper(ends[0])
    if compare(lower(ends[1]), low) < 0:
        low = lower(ends[1])
    if compare(upper(ends[1]), high) > 0:
        high = upper(ends[1])
    return f.between((-1, 0) if 3 in places else low, (1, 0) if 1 in places else high)


def _wave_at(f: Floating, x: Point, phase: int) -> Real:
    if phase == 0 and x[0] and top(x) < -f.bits:
        return _odd(f, x, elementary.atan)  # only its branch for tiny arguments
    w = f.bits + MARGIN + (max(0, -top(x)) if x[0] and phase == 0 else 0)
    n = floor_to(x, -w)
    low, high = elementary.sin_cos(n, w)[phase]
    return low - 1, high + 1, -w  # n is at most one unit below x, and the slope at most 1


def tan(f: Floating, a: Real) -> Real | None:
    """Tangent; None: a may contain a pole."""
    first, last = quadrants(f, a)
    if any(j % 2 for j in range(first + 1, min(last, first + 2) + 1)):
        return None
    low, high = (f.div(_wave_at(f, x, 0), _wave_at(f, x, 1)) for x in (lower(a), upper(a)))
    return f.between(lower(low), upper(high))


def asin(f: Floating, a: Real) -> Real:
    """Arcsine for -1 < a < 1: atan(x / sqrt((1 - x)(1 + x)))."""
    return f.between(lower(_asin(f, lower(a))), upper(_asin(f, upper(a))))


def _asin(f: Floating, x: Point) -> Real:
    return atan(f, f.div(at(x), f.sqrt(f.mul(f.sub(ONE, at(x)), f.add(ONE, at(x))))))


def acos(f: Floating, a: Real) -> Real:
    """Arccosine for -1 < a < 1: 2 atan(sqrt((1 - x) / (1 + x))), decreasing."""
    low, high = _half_acos(f, upper(a)), _half_acos(f, lower(a))
    return f.between((low[0], low[2] + 1), (high[1], high[2] + 1))


def _half_acos(f: Floating, x: Point) -> Real:
    return atan(f, f.sqrt(f.div(f.sub(ONE, at(x)), f.add(ONE, at(x)))))


def tanh(f: Floating, a: Real) -> Real:
    """Hyperbolic tangent."""
    return f.between(lower(_tanh(f, lower(a))), upper(_tanh(f, upper(a))))


def _tanh(f: Floating, x: Point) -> Real:
    """(E - 1) / (E + 1) with E = exp(2 |x|), with more bits where x is small; 1 up to rounding where E is huge."""
    if x[0] < 0:
        return negative(_tanh(f, (-x[0], x[1])))
    if x[0] == 0 or top(x) < -f.bits:
        return _odd(f, x, elementary.atan)  # only its branch for tiny arguments
    if top(x) >= LARGE - 2:  # 2 exp(-2^15) < 2^(-2 bits)
        return (1 << 2 * f.bits) - 1, 1 << 2 * f.bits, -2 * f.bits
    g = floating(f.bits + MARGIN + max(0, -top(x)))
    double = exp(g, at((x[0], x[1] + 1)))
    return g.sub(ONE, g.div((2, 2, 0), g.add(double, ONE)))


def erf(f: Floating, a: Real) -> Real:
    """The error function."""
    return f.between(lower(_erf(f, lower(a))), upper(_erf(f, upper(a))))


def _erf(f: Floating, x: Point) -> Real:
    """2 / sqrt(pi) exp(-x^2) times a series; 1 - exp(-x^2) <= erf(x) <= 1 where x is large."""
    if x[0] < 0:
        return negative(_erf(f, (-x[0], x[1])))
    if x[0] == 0 or top(x) < -f.bits:
        return f.mul(two_over_root_pi(f), _odd(f, x, elementary.atan))  # only its branch for tiny arguments
    if 2 * top(x) - 2 >= f.bits.bit_length():  # x^2 > bits: exp(-x^2) is below the precision
        return f.between(lower(f.sub(ONE, exp(f, negative(f.square(at(x)))))), (1, 0))
    w = f.bits + MARGIN + max(0, -top(x))
    series = elementary.erf_series(floor_to(x, -w), w)[0], elementary.erf_series(ceil_to(x, -w), w)[1], -w
    return f.mul(f.mul(two_over_root_pi(f), exp(f, negative(f.square(at(x))))), series)


def two_over_root_pi(f: Floating) -> Real:
    """2 / sqrt(pi)."""
    return f.div((2, 2, 0), f.sqrt(pi(f)))
