"""Interval arithmetic on integers: the pair (lo, hi) stands for the reals between lo / 2^bits and hi / 2^bits.

Every operation returns an interval that contains the exact result for all members of its arguments; lower ends are
rounded down, upper ends up.  `>>` and `//` on Python integers round down, also for negative numbers.
"""

from collections.abc import Iterable
from math import isqrt
from operator import mul
from typing import NamedTuple

from certify.checker.errors import Rejected

Interval = tuple[int, int]

NARROW = 16  # units


def add(a: Interval, b: Interval) -> Interval:
    """a + b, exact."""
    return a[0] + b[0], a[1] + b[1]


def sub(a: Interval, b: Interval) -> Interval:
    """a - b, exact."""
    return a[0] - b[1], a[1] - b[0]


def magnitude(a: Interval) -> int:
    """The largest absolute value in a."""
    return max(-a[0], a[1])


def scaled(k: int, a: Interval) -> Interval:
    """k a for an integer k, exact."""
    return (k * a[0], k * a[1]) if k >= 0 else (k * a[1], k * a[0])


def clip(a: Interval, lo: int, hi: int) -> Interval:
    """a intersected with [lo, hi], for a value known to lie in [lo, hi]."""
    return max(a[0], lo), min(a[1], hi)


def times(a: Interval, b: Interval) -> Interval:
    """a * b without rounding, in units of 4^-bits: by the signs of the ends."""
    (p, q), (r, s) = a, b
    if p >= 0:
        return (p if r >= 0 else q) * r, (q if s >= 0 else p) * s
    if q <= 0:
        return (p if s >= 0 else q) * s, (q if r >= 0 else p) * r
    if r >= 0:
        return p * s, q * s
    if s <= 0:
        return q * r, p * r
    return min(p * s, q * r), max(p * r, q * s)


class Split(NamedTuple):
    """Twice the middles of intervals, their absolute values, twice the radii, and the sums of these two."""

    middles: list[int]
    sizes: list[int]
    radii: list[int]
    tops: list[int]


def split(vector: Iterable[Interval]) -> Split:
    """Prepare a vector for many inner products."""
    ends = list(vector)
    middles, radii = [lo + hi for lo, hi in ends], [hi - lo for lo, hi in ends]
    sizes = list(map(abs, middles))
    return Split(middles, sizes, radii, list(map(int.__add__, sizes, radii)))


class Angle(NamedTuple):
    """Cosine, sine, pi - t of a pair."""

    cosine: Interval
    sine: Interval
    complement: Interval


class Arithmetic:
    """Results are in units of 2^-bits, of `wide` and `square` 4^-bits; users may run on others: checker/taylor.py."""

    plus, minus, multiple = staticmethod(add), staticmethod(sub), staticmethod(scaled)
    wide, parts, is_positive = staticmethod(times), staticmethod(split), staticmethod(lambda a: a[0] > 0)

    def __init__(self, bits: int) -> None:
        """Fix the precision, in bits after the binary point."""
        self.bits = bits
        self.one = 1 << bits
        self.pi = self._pi()

    def exact(self, mantissa: int, exponent: int) -> Interval:
        """The dyadic mantissa * 2^exponent, rounded outward."""
        shift = exponent + self.bits
        if shift >= 0:
            return mantissa << shift, mantissa << shift
        return mantissa >> -shift, -(-mantissa >> -shift)

    def narrow(self, a: Interval) -> Interval:
        """From units of 4^-bits to units of 2^-bits."""
        return a[0] >> self.bits, -(-a[1] >> self.bits)

    def mul(self, a: Interval, b: Interval) -> Interval:
        """a * b."""
        low, high = times(a, b)
        return low >> self.bits, -(-high >> self.bits)

    def dot(self, a: Iterable[Interval], b: Iterable[Interval]) -> Interval:
        """sum_k a_k * b_k, rounded once; a and b of equal length."""
        return self.product(split(a), split(b))

    def product(self, x: Split, y: Split) -> Interval:
        """The same: |a b - a' b'| <= |a| |b - b'| + |a - a'| |b'| for middles a, b and members a', b'."""
        if len(x.middles) != len(y.middles):
            raise Rejected("internal", "vectors of different length were multiplied")
        middle = sum(map(mul, x.middles, y.middles))
        radius = sum(map(mul, x.sizes, y.radii)) + sum(map(mul, x.radii, y.tops))
        return middle - radius >> self.bits + 2, -(-middle - radius >> self.bits + 2)

    def minus_multiple(self, a: Iterable[Interval], factor: Interval, x: Split) -> list[Interval]:
        """a - factor x, entry by entry, with one radius for all: as in `product`, with the largest radius of x."""
        (middle,), (size,), (radius,), _ = split([factor])
        widest = size * max(x.radii) + radius * max(x.tops)
        shift = self.bits + 2
        return [
            ((low << shift) - product - widest >> shift, -((product - (high << shift) - widest) >> shift))
            for (low, high), product in zip(a, [middle * y for y in x.middles], strict=True)
        ]

    def square(self, a: Interval) -> Interval:
        """a^2 in units of 4^-bits, never negative."""
        low, high = a[0] * a[0], a[1] * a[1]
        if a[0] <= 0 <= a[1]:
            return 0, max(low, high)
        return min(low, high), max(low, high)

    def root(self, a: Interval) -> Interval:
        """Square root, of what is known to be >= 0 and given in units of 4^-bits."""
        return isqrt(max(0, a[0])), isqrt(max(0, a[1])) + 1

    def angle(self, product: Interval) -> Angle:
        """Of unit vectors with this inner product, by the half-angle formula tan(t / 2) = s / (1 + c)."""
        cosine = clip(product, -self.one, self.one)
        sine = self.root(sub((self.one * self.one, self.one * self.one), self.square(cosine)))
        sine = sine[0], min(self.one, sine[1])
        size = cosine if cosine[0] >= 0 else scaled(-1, cosine)
        twice = scaled(2, self.atan(self.div(sine, add((self.one, self.one), size))))
        return Angle(cosine, sine, sub(self.pi, twice) if cosine[0] >= 0 else twice)

    def div(self, a: Interval, b: Interval) -> Interval:
        """a / b for b > 0."""
        if b[0] <= 0:
            raise Rejected("precision", "a divisor is not certainly positive; the certificate asks for too few bits")
        low = (a[0] << self.bits) // (b[1] if a[0] >= 0 else b[0])
        high = -((-a[1] << self.bits) // (b[0] if a[1] >= 0 else b[1]))
        return low, high

    def length(self, vector: Iterable[Interval]) -> Interval:
        """Euclidean norm of a vector of intervals."""
        lo = hi = 0
        for low, high in vector:
            if low > 0:
                lo += low * low
                hi += high * high
            else:
                lo += high * high if high < 0 else 0
                hi += max(low * low, high * high)
        return isqrt(lo), isqrt(hi) + 1

    def atan(self, x: Interval) -> Interval:
        """Arctangent for x >= 0; the upper end of a narrow x is that of its lower end, moved by the width of x."""
        low, high = self._atan(x[0])
        width = x[1] - x[0]
        return low, high + width if width < NARROW else self._atan(x[1])[1]

    def _atan(self, x: int) -> Interval:
        """Arctangent of x >= 0.

        With `guard` more bits: h times y -> y / (1 + sqrt(1 + y^2)), which halves the angle; its slope is at most 1/2
        and its rounding at most 2 units, so y < 1/10 ends up within 4 units.  Horner's rule is within 3 of the
        alternating series, its first omitted term included.  Together less than 2^(h + 4) units after doubling the
        angle h times.
        """
        halvings = 4 + self.bits // 64
        guard = halvings + 8
        bits, y = self.bits + guard, x << guard
        one = 1 << bits
        for _ in range(halvings):
            y = (y << bits) // (one + isqrt(one * one + y * y))
        square = y * y >> bits
        gain = max(1, bits - square.bit_length())  # y^2 < 2^-gain
        total = 0
        for k in range(bits // gain + 1, -1, -1):
            total = one // (2 * k + 1) - (square * total >> bits)
        angle, error = (y * total >> bits) << halvings, 1 << halvings + 4
        return max(0, angle - error) >> guard, -(-(angle + error) >> guard)

    def _pi(self) -> Interval:
        """Machin: pi = 16 atan(1/5) - 4 atan(1/239), each series summed until its terms vanish at this precision."""
        fifth, other = self._atan_inverse(5), self._atan_inverse(239)
        return 16 * fifth[0] - 4 * other[1], 16 * fifth[1] - 4 * other[0]

    def _atan_inverse(self, q: int) -> Interval:
        """atan(1/q) for an integer q >= 2.

        Each `power` is less than 2 too small, so each of the k terms is off by less than 2, and so is the tail.
        """
        power, total, k = self.one // q, 0, 0
        while power:
            term = power // (2 * k + 1)
            total += term if k % 2 == 0 else -term
            power //= q * q
            k += 1
        return total - 2 * k - 2, total + 2 * k + 2
