"""Interval arithmetic on integers with an exponent: (lo, hi, e) stands for the reals from lo 2^e to hi 2^e.

Every operation returns an interval that contains the exact results for all members of its arguments (systems.md, Z2).
The precision is relative to the larger end; what does not fit is refused as "precision", never cut off.
"""

from functools import cache, cmp_to_key
from math import isqrt

from certify.checker.errors import Rejected

Real = tuple[int, int, int]
Point = tuple[int, int]

LIMIT_SCALE = 1 << 16
GUARD = 4
ZERO: Real = (0, 0, 0)


def negative(a: Real) -> Real:
    """-a, exact."""
    return -a[1], -a[0], a[2]


def lower(a: Real) -> Point:
    """The lower end."""
    return a[0], a[2]


def upper(a: Real) -> Point:
    """The upper end."""
    return a[1], a[2]


def at(x: Point) -> Real:
    """The interval of one number, exact."""
    return x[0], x[0], x[1]


def floor_to(x: Point, e: int) -> int:
    """The largest integer n with n 2^e <= x."""
    return x[0] << x[1] - e if x[1] >= e else x[0] >> e - x[1]


def ceil_to(x: Point, e: int) -> int:
    """The smallest integer n with n 2^e >= x."""
    return -floor_to((-x[0], x[1]), e)


def top(x: Point) -> int:
    """The exponent t with 2^(t-1) <= |x| < 2^t; x must not be zero."""
    return x[1] + x[0].bit_length()


def compare(a: Point, b: Point) -> int:
    """The sign of a - b, exactly."""
    e = min(a[1], b[1])
    difference = (a[0] << a[1] - e) - (b[0] << b[1] - e)
    return (difference > 0) - (difference < 0)


ordered = cmp_to_key(compare)  # a key for sorting points


class Floating:
    """Operations rounded outward to `bits` bits."""

    def __init__(self, bits: int) -> None:
        """Fix the precision."""
        self.bits = bits

    def rounded(self, lo: int, hi: int, e: int) -> Real:
        """Outward to the precision; refuses what is beyond 2^65536, and what is below 2^-65536 is not told from 0."""
        excess = max(lo.bit_length(), hi.bit_length()) - self.bits
        if excess > 0:
            lo, hi, e = lo >> excess, -(-hi >> excess), e + excess
        if e < -LIMIT_SCALE:
            lo, hi, e = lo >> -LIMIT_SCALE - e, -(-hi >> -LIMIT_SCALE - e), -LIMIT_SCALE
        elif e > LIMIT_SCALE:
            raise Rejected("precision", "a number is too large")
        return lo, hi, e

    def between(self, a: Point, b: Point) -> Real:
        """The interval from a to b, a <= b, rounded outward."""
        if a[0] == 0 or b[0] == 0:
            e = a[1] if b[0] == 0 else b[1]
        else:
            e = max(min(a[1], b[1]), max(top(a), top(b)) - self.bits - GUARD)
        return self.rounded(floor_to(a, e), ceil_to(b, e), e)

    def ratio(self, numerator: int, denominator: int) -> Real:
        """A rational number, denominator > 0."""
        shift = max(0, self.bits + GUARD + denominator.bit_length() - numerator.bit_length())
        return self.rounded((numerator << shift) // denominator, -((-numerator << shift) // denominator), -shift)

    def add(self, a: Real, b: Real) -> Real:
        """a + b."""
        if a[2] == b[2]:
            return self.rounded(a[0] + b[0], a[1] + b[1], a[2])
        if not (a[0] or a[1]):
            return b
        if not (b[0] or b[1]):
            return a
        high = max(a[2] + max(a[0].bit_length(), a[1].bit_length()), b[2] + max(b[0].bit_length(), b[1].bit_length()))
        e = max(min(a[2], b[2]), high - self.bits - GUARD)
        lo = floor_to((a[0], a[2]), e) + floor_to((b[0], b[2]), e)
        hi = ceil_to((a[1], a[2]), e) + ceil_to((b[1], b[2]), e)
        return self.rounded(lo, hi, e)

    def sub(self, a: Real, b: Real) -> Real:
        """a - b."""
        return self.add(a, (-b[1], -b[0], b[2]))

    def mul(self, a: Real, b: Real) -> Real:
        """a * b."""
        if a[0] >= 0 and b[0] >= 0:
            return self.rounded(a[0] * b[0], a[1] * b[1], a[2] + b[2])
        products = a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1]
        return self.rounded(min(products), max(products), a[2] + b[2])

    def square(self, a: Real) -> Real:
        """a^2, never negative."""
        low, high = a[0] * a[0], a[1] * a[1]
        if a[0] <= 0 <= a[1]:
            return self.rounded(0, max(low, high), 2 * a[2])
        return self.rounded(min(low, high), max(low, high), 2 * a[2])

    def div(self, a: Real, b: Real) -> Real:
        """a / b for b without zero."""
        if b[1] < 0:
            a, b = negative(a), negative(b)
        if b[0] <= 0:
            raise Rejected("precision", "a divisor may be zero")
        shift = max(0, self.bits + GUARD + b[1].bit_length() - max(a[0].bit_length(), a[1].bit_length()))
        low = (a[0] << shift) // (b[1] if a[0] >= 0 else b[0])
        high = -((-a[1] << shift) // (b[0] if a[1] >= 0 else b[1]))
        return self.rounded(low, high, a[2] - b[2] - shift)

    def power(self, a: Real, n: int) -> Real:
        """a^n for an integer n; a without zero if n < 0."""
        if n < 0:
            return self.div((1, 1, 0), self.power(a, -n))
        if n == 0:
            return 1, 1, 0
        low, high = self._power(lower(a), n), self._power(upper(a), n)
        if n % 2 or a[0] >= 0:
            return self.between(lower(low), upper(high))
        if a[1] <= 0:
            return self.between(lower(high), upper(low))
        return self.between((0, 0), max(upper(low), upper(high), key=ordered))

    def _power(self, x: Point, n: int) -> Real:
        """x^n for one number, n >= 1, by repeated squaring."""
        result, factor = (1, 1, 0), at(x)
        while n:
            if n & 1:
                result = self.mul(result, factor)
            n >>= 1
            if n:
                factor = self.square(factor)
        return result

    def sqrt(self, a: Real) -> Real:
        """Square root for a >= 0."""
        if a[0] < 0:
            raise Rejected("precision", "the argument of a square root may be negative")
        return self.between(self._root(lower(a), 0), self._root(upper(a), 1))

    def _root(self, x: Point, up: int) -> Point:
        """The square root of one number, rounded down, or (up = 1) up."""
        shift = max(0, 2 * self.bits + GUARD - x[0].bit_length())
        shift += x[1] - shift & 1
        scaled = x[0] << shift
        root = isqrt(scaled)
        return root + (1 if up and root * root != scaled else 0), x[1] - shift >> 1


@cache
def floating(bits: int) -> Floating:
    """One object for each precision."""
    return Floating(bits)
