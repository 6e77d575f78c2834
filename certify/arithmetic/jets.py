"""Forward differentiation on balls, and two power series that remove the square roots' singularities.

A jet is a ball together with balls that contain its partial derivatives in a fixed list of directions; every operation
encloses value and derivatives for all members of its arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from math import perm
from typing import Any

from flint import arb, ctx, fmpq

Ball = Any
Number = Any  # a jet, a ball or an integer

TERMS = 400
SMALL = 1 / 16  # below it the series is summed, above it the closed form is used


class Jet:
    """value and slopes, one for each direction."""

    __slots__ = ("slopes", "value")

    def __init__(self, value: Ball, slopes: Sequence[Ball] = ()) -> None:
        """Keep value and slopes."""
        self.value = value
        self.slopes = list(slopes)

    def __add__(self, other: Number) -> Jet:
        if isinstance(other, Jet):
            return Jet(self.value + other.value, [x + y for x, y in zip(self.slopes, other.slopes, strict=True)])
        return Jet(self.value + other, self.slopes)

    __radd__ = __add__

    def __neg__(self) -> Jet:
        return Jet(-self.value, [-x for x in self.slopes])

    def __sub__(self, other: Number) -> Jet:
        return self.__add__(-other)

    def __rsub__(self, other: Number) -> Jet:
        return self.__neg__().__add__(other)

    def __mul__(self, other: Number) -> Jet:
        if isinstance(other, Jet):
            pairs = zip(self.slopes, other.slopes, strict=True)
            return Jet(self.value * other.value, [x * other.value + self.value * y for x, y in pairs])
        return Jet(self.value * other, [x * other for x in self.slopes])

    __rmul__ = __mul__

    def __truediv__(self, other: Number) -> Jet:
        if isinstance(other, Jet):
            quotient = self.value / other.value
            pairs = zip(self.slopes, other.slopes, strict=True)
            return Jet(quotient, [(x - quotient * y) / other.value for x, y in pairs])
        return Jet(self.value / other, [x / other for x in self.slopes])

    def __rtruediv__(self, other: Number) -> Jet:
        quotient = other / self.value
        factor = -quotient / self.value
        return Jet(quotient, [factor * x for x in self.slopes])

    def chain(self, *derivatives: Callable[[], Ball]) -> Jet:
        """A function of self, by what gives its value and its derivatives there."""
        value, slope = derivatives[0](), derivatives[1]()
        return Jet(value, [slope * x for x in self.slopes])

    def square(self) -> Jet:
        """self^2; the value is not negative."""
        return Jet(squared(self.value), [2 * self.value * x for x in self.slopes])

    def sqrt(self) -> Jet:
        """Square root of what is certainly positive (NaN elsewhere)."""
        root = self.value.sqrt()
        half = 1 / (2 * root)
        return Jet(root, [half * x for x in self.slopes])


def squared(x: Ball) -> Ball:
    """x^2, not negative; x**2 is NaN where x contains 0."""
    square = x * x
    return square if square.lower() >= 0 else arb(0).union(arb(square.upper()))


def mapped(function: Callable[..., Any], *trees: Any) -> Any:
    """A nested tuple with the function's values in place of jets; of several alike: of the jets at the same places."""
    first = trees[0]
    if isinstance(first, Jet):
        return function(*trees)
    if isinstance(first, tuple | list):
        parts = [mapped(function, *entries) for entries in zip(*trees, strict=True)]
        return type(first)(*parts) if hasattr(first, "_fields") else type(first)(parts)
    return first


def variables(values: Sequence[Ball]) -> list[Jet]:
    """Independent variables: the k-th has slope 1 in the k-th direction."""
    return [Jet(x, [arb(int(i == k)) for k in range(len(values))]) for i, x in enumerate(values)]


def arcsine_ratio(z: Jet) -> Jet:
    """A(z) = asin(sqrt z) / sqrt z for z in [0, 1): increasing with increasing derivatives."""
    return _increasing(z, _arcsine, _arcsine_slope, _arcsine_bend)


def arcsine_rest(z: Jet) -> Jet:
    """B(z) = (A(z) - 1) / z for z in [0, 1)."""
    return _increasing(z, _rest, _rest_slope, _rest_bend)


def _increasing(z: Jet, *functions: Callable[[Ball], Ball]) -> Jet:
    """All are increasing on [0, 1), so that the ends of z give the ends of the ranges; z is known to be >= 0."""
    low, high = arb(z.value.lower()), arb(z.value.upper())
    low = low if low > 0 else arb(0)
    high = high if high > 0 else arb(0)
    return z.chain(*(lambda f=f: f(low).union(f(high)) for f in functions))


def _arcsine(z: Ball) -> Ball:
    return z.sqrt().asin() / z.sqrt() if z > SMALL else _series(z, 0, 0)


def _arcsine_slope(z: Ball) -> Ball:
    return (1 / (1 - z).sqrt() - _arcsine(z)) / (2 * z) if z > SMALL else _series(z, 0, 1)


def _arcsine_bend(z: Ball) -> Ball:
    return (1 / (2 * (1 - z) * (1 - z).sqrt()) - 3 * _arcsine_slope(z)) / (2 * z) if z > SMALL else _series(z, 0, 2)


def _rest(z: Ball) -> Ball:
    return (_arcsine(z) - 1) / z if z > SMALL else _series(z, 1, 0)


def _rest_slope(z: Ball) -> Ball:
    return (_arcsine_slope(z) - _rest(z)) / z if z > SMALL else _series(z, 1, 1)


def _rest_bend(z: Ball) -> Ball:
    return (_arcsine_bend(z) - 2 * _rest_slope(z)) / z if z > SMALL else _series(z, 1, 2)


@cache
def _coefficients() -> list[Any]:
    """c_j of A(z) = sum c_j z^j: c_0 = 1, c_j = c_(j-1) (2j-1)^2 / (2j (2j+1)); positive and decreasing."""
    result = [Fraction(1)]
    for j in range(1, TERMS + 3):
        result.append(result[-1] * Fraction((2 * j - 1) ** 2, 2 * j * (2 * j + 1)))
    return [fmpq(c.numerator, c.denominator) for c in result]


def _series(z: Ball, shift: int, order: int) -> Ball:
    """The derivative of that order (0, 1 or 2) of sum_j c_(j + shift) z^j, for 0 <= z <= SMALL.

    The tail from j = m >= 3 is at most c_m m (m - 1) .. (m - order + 1) z^(m - order) / (1 - z)^(1 + order).
    """
    coefficients = _coefficients()
    magnitude = int(arb(z.upper()).man_exp()[1]) + int(arb(z.upper()).man_exp()[0]).bit_length() if z > 0 else -ctx.prec
    count = min(TERMS, ctx.prec // -magnitude + 3)
    total, power = arb(0), arb(1)
    for j in range(order, count):
        total += power * arb(coefficients[j + shift]) * perm(j, order)
        power *= z
    tail = arb(coefficients[count]) * power * perm(count, order) / (1 - z) ** (1 + order)
    return total + tail * arb(0.5, 0.5)
