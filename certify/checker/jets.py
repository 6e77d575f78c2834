"""Intervals with derivatives (Jet); the same by parameters, with their values where these are 0 (Moving); and such
times powers of eps (Laurent).

All enclose the exact result for all members of their arguments.  Division is the method `over`, and only by what is
certainly positive; everything else is rejected by `Arithmetic.div`.
"""

from collections.abc import Sequence
from math import isqrt
from typing import Any

from certify.checker.errors import Rejected
from certify.checker.intervals import Arithmetic, Interval, add, scaled, sub, times

ZERO: Interval = (0, 0)


def root(x: Interval, f: Arithmetic) -> Interval:
    """Square root of what must be certainly positive."""
    if not x[0] > 0:
        raise Rejected("domain", "the argument of a square root is not certainly positive")
    return isqrt(x[0] << f.bits), isqrt(x[1] << f.bits) + 1


class Jet:
    """An interval, and intervals that contain its partial derivatives in a fixed list of directions."""

    __slots__ = ("f", "slopes", "value")

    def __init__(self, f: Arithmetic, value: Interval, slopes: Sequence[Interval] = ()) -> None:
        """Keep value and slopes."""
        self.f, self.value, self.slopes = f, value, slopes

    def __add__(self, other: "Jet | int") -> "Jet":
        if isinstance(other, int):
            return Jet(self.f, add(self.value, (other << self.f.bits, other << self.f.bits)), self.slopes)
        return Jet(self.f, add(self.value, other.value), list(map(add, self.slopes, other.slopes)))

    __radd__ = __add__

    def __neg__(self) -> "Jet":
        return self * -1

    def __sub__(self, other: "Jet | int") -> "Jet":
        return self + -other

    def __rsub__(self, other: int) -> "Jet":
        return -self + other

    def __mul__(self, other: "Jet | int") -> "Jet":
        if isinstance(other, int):
            return Jet(self.f, scaled(other, self.value), [scaled(other, x) for x in self.slopes])
        f, a, b = self.f, self.value, other.value
        pairs = zip(self.slopes, other.slopes, strict=True)
        slopes = [ZERO if x == y == ZERO else f.narrow(add(times(x, b), times(a, y))) for x, y in pairs]
        return Jet(f, f.mul(a, b), slopes)

    __rmul__ = __mul__

    def by(self, constant: Interval) -> "Jet":
        """The product with an interval that does not depend on the directions."""
        return Jet(self.f, self.f.mul(self.value, constant), [self.f.mul(x, constant) for x in self.slopes])

    def plus(self, constant: Interval) -> "Jet":
        """The sum with such an interval."""
        return Jet(self.f, add(self.value, constant), self.slopes)

    def over(self, other: "Jet") -> "Jet":
        """self / other for other > 0: (x / y)' = (x' - (x / y) y') / y."""
        f, b = self.f, other.value
        quotient = f.div(self.value, b)
        pairs = zip(self.slopes, other.slopes, strict=True)
        slopes = [ZERO if x == y == ZERO else f.div(sub(x, f.mul(quotient, y)), b) for x, y in pairs]
        return Jet(f, quotient, slopes)

    def square(self) -> "Jet":
        """self^2, never negative."""
        f, two = self.f, 2 * self.f.one
        return self.chain(f.narrow(f.square(self.value)), scaled(2, self.value), (two, two))

    def sqrt(self) -> "Jet":
        """Square root; (sqrt x)' = 1 / (2 sqrt x), (sqrt x)'' = - (sqrt x)' / (2 x)."""
        f, value = self.f, root(self.value, self.f)
        first = f.div((f.one, f.one), scaled(2, value))
        return self.chain(value, first, scaled(-1, f.div(first, scaled(2, self.value))))

    def arcsine_ratio(self) -> "Jet":
        """A(z) = asin(sqrt z) / sqrt z = sum c_j z^j for z known to be >= 0."""
        return self._increasing(0)

    def arcsine_rest(self) -> "Jet":
        """B(z) = (A(z) - 1) / z = sum c_(j+1) z^j for z known to be >= 0."""
        return self._increasing(1)

    def _increasing(self, shift: int) -> "Jet":
        """All coefficients are positive, so value and derivative lie between those at the ends."""
        return self.chain(*increasing(self.value, shift, self.f, bent=False))

    def chain(self, value: Interval, first: Interval, second: Interval) -> "Jet":
        """A function of self, by its value and derivatives there; the second one is not used."""
        return Jet(self.f, value, [self.f.mul(first, x) for x in self.slopes])


def increasing(z: Interval, shift: int, f: Arithmetic, *, bent: bool) -> tuple[Interval, Interval, Interval]:
    """sum_j c_(j+shift) z^j and its first two derivatives for z known to be >= 0, by the ends: all c_j are positive.

    The second one is without meaning if not `bent`.
    """
    ends = [_series(max(end, 0), shift, up, f, bent=bent) for up, end in enumerate(z)]
    (low, slow, least), (high, fast, most) = ends
    return (low, high), (slow, fast), (least, most)


def _series(z: int, shift: int, up: int, f: Arithmetic, *, bent: bool) -> tuple[int, int, int]:
    """The same at z / 2^bits in [0, 7/8]: lower bounds, or upper bounds if `up`.

    c_0 = 1, c_(j+1) = c_j (2j+1)^2 / ((2j+2)(2j+3)).  Every term is rounded down, upper bounds with the sign -1.  From
    some j >= 1 on each summand of the value, and of a derivative, is at most 15/16 of the one before: for j >= 28 at
    most 7/8 * 30/28, and for z <= 1/8 at most 1/8 * 3.  So what follows a summand adds up to at most 15 of it.
    """
    if not 8 * z <= 7 * f.one:
        raise Rejected("domain", "a squared sine may exceed 7/8")
    small = 8 * z <= f.one
    term = -f.one if up else f.one
    for j in range(shift):
        term = term * (2 * j + 1) ** 2 // ((2 * j + 2) * (2 * j + 3))
    value, derivative, second, j = term, 0, 0, 0
    while True:
        k = j + shift
        slope = term * (2 * k + 1) ** 2 // ((2 * k + 2) * (2 * k + 3))  # c_(k+1) z^j
        bend = slope * (2 * k + 3) ** 2 // ((2 * k + 4) * (2 * k + 5)) if bent else 0  # c_(k+2) z^j
        term = slope * z >> f.bits
        j += 1
        value, derivative = value + term, derivative + j * slope
        second += j * (j + 1) * bend if bent else 0
        if (small or j >= 28) and abs(slope) <= 16:  # rounding away from 0 stops the decrease below that
            break
    if up:
        tail = 15 * abs(term), 15 * j * abs(slope), 15 * j * (j + 1) * abs(bend)
        return tail[0] - value, tail[1] - derivative, tail[2] - second
    return value, derivative, second


class Moving(Jet):
    """A Jet whose directions are parameters, and an interval that contains its value where all of them are 0."""

    __slots__ = ("start",)

    def __init__(self, f: Arithmetic, value: Interval, slopes: Sequence[Interval], start: Interval) -> None:
        """Keep the parts."""
        self.f, self.value, self.slopes, self.start = f, value, slopes, start

    def __add__(self, other: Any) -> "Moving":
        f, start, total = self.f, self.start, super().__add__(other)
        moved = (other << f.bits, other << f.bits) if isinstance(other, int) else other.start
        return Moving(f, total.value, total.slopes, add(start, moved))

    __radd__ = __add__

    def __sub__(self, other: Any) -> "Moving":
        return self.__add__(other * -1)

    def __mul__(self, other: Any) -> "Moving":
        f, product = self.f, super().__mul__(other)
        start = scaled(other, self.start) if isinstance(other, int) else f.mul(self.start, other.start)
        return Moving(f, product.value, product.slopes, start)

    __rmul__ = __mul__

    def by(self, constant: Interval) -> "Moving":
        """The product with an interval that does not depend on the directions."""
        product = super().by(constant)
        return Moving(self.f, product.value, product.slopes, self.f.mul(self.start, constant))

    def plus(self, constant: Interval) -> "Moving":
        """The sum with such an interval."""
        return Moving(self.f, add(self.value, constant), self.slopes, add(self.start, constant))

    def over(self, other: Any) -> "Moving":
        """self / other for other > 0."""
        quotient = super().over(other)
        return Moving(self.f, quotient.value, quotient.slopes, self.f.div(self.start, other.start))

    def square(self) -> "Moving":
        """self^2, never negative."""
        f, square = self.f, super().square()
        return Moving(f, square.value, square.slopes, f.narrow(f.square(self.start)))

    def sqrt(self) -> "Moving":
        """Not provided, like the arcsine's series: the value at the start would be missing."""
        raise TypeError("no function is taken of a number that moves")

    def _increasing(self, shift: int) -> "Moving":
        raise TypeError("no function is taken of a number that moves")

    def at(self, steps: Sequence[Interval]) -> Interval:
        """Encloses the value where the parameters are `steps`: by the mean value theorem on the way there."""
        total = self.start
        for slope, step in zip(self.slopes, steps, strict=True):
            total = add(total, self.f.mul(slope, step))
        return total


DIGIT = 16  # bits of an exponent in a packed one


def packed(exponents: Sequence[int]) -> int:
    """sum_k e_k 2^(DIGIT k), for |e_k| < 2^(DIGIT - 1): sums and differences of exponents are those of the numbers."""
    return sum(exponent << DIGIT * k for k, exponent in enumerate(exponents))


def _unpacked(exponents: int, count: int) -> list[int]:
    """The digits, negative ones too."""
    if count == 1:
        return [exponents]
    result, half = [], 1 << DIGIT - 1
    for _ in range(count):
        result.append((exponents + half) % (2 * half) - half)
        exponents = exponents - result[-1] >> DIGIT
    return result


class Laurent:
    """A jet times powers of one or several common eps >= 0, whose powers are `powers`; packed exponents."""

    __slots__ = ("exponents", "powers", "value")

    def __init__(self, powers: Sequence[Sequence[Moving]], value: Moving, exponents: int) -> None:
        """Keep the parts."""
        self.powers, self.value, self.exponents = powers, value, exponents

    def __add__(self, other: "Laurent") -> "Laurent":
        """The sum with the smaller exponents; what is 0 for all parameters has every order."""
        if ZERO in (self.value.value, other.value.value):
            return other if self.value.value == ZERO else self
        if self.exponents == other.exponents:
            return Laurent(self.powers, self.value + other.value, self.exponents)
        count = len(self.powers)
        low = packed(list(map(min, _unpacked(self.exponents, count), _unpacked(other.exponents, count))))
        return Laurent(self.powers, self._raised(low) + other._raised(low), low)

    def _raised(self, low: int) -> Moving:
        """The value that goes with lower exponents."""
        if low == self.exponents:
            return self.value
        value = self.value
        for powers, gap in zip(self.powers, _unpacked(self.exponents - low, len(self.powers)), strict=True):
            value = value * powers[gap] if gap else value
        return value

    def __neg__(self) -> "Laurent":
        return Laurent(self.powers, self.value * -1, self.exponents)

    def __sub__(self, other: "Laurent") -> "Laurent":
        return self + -other

    def __mul__(self, other: "Laurent | int") -> "Laurent":
        if isinstance(other, int):
            return Laurent(self.powers, self.value * other, self.exponents)
        if ZERO in (self.value.value, other.value.value):
            return self if self.value.value == ZERO else other
        return Laurent(self.powers, self.value * other.value, self.exponents + other.exponents)

    def over(self, other: "Laurent") -> "Laurent":
        """self / other for other > 0."""
        return Laurent(self.powers, self.value.over(other.value), self.exponents - other.exponents)

    def at(self, *orders: int) -> Moving:
        """self times these powers, by default 0; rejected where a negative power would remain."""
        if self.value.value == ZERO:
            return self.value
        left = self.exponents + packed(orders)
        if min(_unpacked(left, len(self.powers))) < 0:
            raise Rejected("order", "a negative power of eps remains")
        return Laurent(self.powers, self.value, left)._raised(0)


def powers_of(eps: Moving, count: int) -> list[Moving]:
    """eps^0, ..., eps^(count - 1) for eps >= 0."""
    result = [eps * 0 + 1]
    while len(result) < count:
        result.append(result[-1] * eps)
    return result
