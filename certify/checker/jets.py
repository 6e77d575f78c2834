"""Two kinds of numbers made of intervals: with derivatives (Jet), and of known order in eps (Laurent).

Both carry the arithmetic they use and enclose the exact result for all members of their arguments.  Division is
the method `over`, and only by what is certainly positive; everything else is rejected by `Arithmetic.div`.
"""

from collections.abc import Sequence
from math import isqrt

from certify.checker.errors import Rejected
from certify.checker.intervals import Arithmetic, Interval, add, sub

ZERO: Interval = (0, 0)


def scaled(k: int, x: Interval) -> Interval:
    """k x for an integer k, exact."""
    return (k * x[0], k * x[1]) if k >= 0 else (k * x[1], k * x[0])


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
        mul, a, b = self.f.mul, self.value, other.value
        slopes = [add(mul(x, b), mul(a, y)) for x, y in zip(self.slopes, other.slopes, strict=True)]
        return Jet(self.f, mul(a, b), slopes)

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
        return Jet(f, quotient, [f.div(sub(x, f.mul(quotient, y)), b) for x, y in pairs])

    def square(self) -> "Jet":
        """self^2, never negative."""
        f, twice = self.f, scaled(2, self.value)
        return Jet(f, f.narrow(f.square(self.value)), [f.mul(twice, x) for x in self.slopes])

    def sqrt(self) -> "Jet":
        """Square root; (sqrt x)' = x' / (2 sqrt x)."""
        f, value = self.f, root(self.value, self.f)
        return Jet(f, value, [f.div(x, scaled(2, value)) for x in self.slopes])

    def arcsine_ratio(self) -> "Jet":
        """A(z) = asin(sqrt z) / sqrt z = sum c_j z^j for z known to be >= 0."""
        return self._increasing(0)

    def arcsine_rest(self) -> "Jet":
        """B(z) = (A(z) - 1) / z = sum c_(j+1) z^j for z known to be >= 0."""
        return self._increasing(1)

    def _increasing(self, shift: int) -> "Jet":
        """All coefficients are positive, so value and derivative lie between those at the ends."""
        low, high = max(self.value[0], 0), max(self.value[1], 0)
        value = _series(low, shift, 0, self.f)[0], _series(high, shift, 0, self.f)[1]
        if not self.slopes:
            return Jet(self.f, value)
        factor = _series(low, shift, 1, self.f)[0], _series(high, shift, 1, self.f)[1]
        return Jet(self.f, value, [self.f.mul(factor, x) for x in self.slopes])


def _series(z: int, shift: int, order: int, f: Arithmetic) -> Interval:
    """sum_j c_(j+shift) z^j (order 0) or its derivative (order 1) at z / 2^bits in [0, 7/8].

    c_0 = 1, c_(j+1) = c_j (2j+1)^2 / ((2j+2)(2j+3)).  `term` encloses c_(j+shift) z^(j-order).  From j = 16 on each
    summand is at most 7/8 * 17/16 < 15/16 of the one before, so what follows summand s sums to at most 15 s.
    """
    if not 8 * z <= 7 * f.one:
        raise Rejected("domain", "a squared sine may exceed 7/8")
    term: Interval = (f.one, f.one)
    for j in range(shift):
        term = _step(term, f.one, j, f)
    total = ZERO if order else term
    j = 0
    while True:
        term = _step(term, f.one if order and j == 0 else z, j + shift, f)
        j += 1
        summand = scaled(j, term) if order else term
        total = add(total, summand)
        if j >= 16 and term[1] <= 16:  # rounding up stops the decrease below that
            return total[0], total[1] + 15 * summand[1]


def _step(term: Interval, z: int, j: int, f: Arithmetic) -> Interval:
    """term * z * c_(j+1) / c_j."""
    top, bottom = z * (2 * j + 1) ** 2, (2 * j + 2) * (2 * j + 3) << f.bits
    return term[0] * top // bottom, -(-term[1] * top // bottom)


class Laurent:
    """value * eps^exponent for the common interval eps >= 0 whose powers are `powers`."""

    __slots__ = ("exponent", "f", "powers", "value")

    def __init__(self, f: Arithmetic, powers: Sequence[Interval], value: Interval, exponent: int) -> None:
        """Keep the parts."""
        self.f, self.powers, self.value, self.exponent = f, powers, value, exponent

    def __add__(self, other: "Laurent") -> "Laurent":
        """The sum with the smaller exponent; an exact zero has every order."""
        if ZERO in (self.value, other.value):
            return other if self.value == ZERO else self
        if self.exponent > other.exponent:
            return other + self
        value = other.value
        if other.exponent > self.exponent:
            value = self.f.mul(value, self.powers[other.exponent - self.exponent])
        return Laurent(self.f, self.powers, add(self.value, value), self.exponent)

    def __neg__(self) -> "Laurent":
        return Laurent(self.f, self.powers, scaled(-1, self.value), self.exponent)

    def __sub__(self, other: "Laurent") -> "Laurent":
        return self + -other

    def __mul__(self, other: "Laurent | int") -> "Laurent":
        if isinstance(other, int):
            return Laurent(self.f, self.powers, scaled(other, self.value), self.exponent)
        return Laurent(self.f, self.powers, self.f.mul(self.value, other.value), self.exponent + other.exponent)

    def over(self, other: "Laurent") -> "Laurent":
        """self / other for other > 0."""
        return Laurent(self.f, self.powers, self.f.div(self.value, other.value), self.exponent - other.exponent)

    def at(self, power: int) -> Interval:
        """eps^power * self; rejected where a negative power of eps would remain."""
        if self.value == ZERO:
            return ZERO
        left = self.exponent + power
        if left < 0:
            raise Rejected("order", "a negative power of eps remains")
        return self.f.mul(self.value, self.powers[left]) if left else self.value


def powers_of(eps: Interval, count: int, f: Arithmetic) -> list[Interval]:
    """eps^0, ..., eps^(count - 1) for eps >= 0."""
    result = [(f.one, f.one)]
    while len(result) < count:
        result.append(f.mul(result[-1], eps))
    return result
