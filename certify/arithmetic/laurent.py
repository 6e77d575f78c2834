"""Numbers value * eps^exponent with a common ball eps >= 0: quantities of known order, finite also at eps = 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import arb

Ball = Any


class Laurent:
    """value * eps^exponent; the exponent may be negative.  A sum has the smaller exponent of the two."""

    __slots__ = ("eps", "exponent", "value")

    def __init__(self, value: Ball, exponent: int, eps: Ball) -> None:
        """Keep the parts."""
        self.value, self.exponent, self.eps = value, exponent, eps

    def __add__(self, other: Laurent) -> Laurent:
        if other.value == 0:
            return self
        if self.value == 0:
            return other
        low, high = (self, other) if self.exponent <= other.exponent else (other, self)
        gap = high.exponent - low.exponent
        value = low.value + (high.value * self.eps**gap if gap else high.value)
        return Laurent(value, low.exponent, self.eps)

    def __neg__(self) -> Laurent:
        return Laurent(-self.value, self.exponent, self.eps)

    def __sub__(self, other: Laurent) -> Laurent:
        return self + (-other)

    def __mul__(self, other: Laurent) -> Laurent:
        return Laurent(self.value * other.value, self.exponent + other.exponent, self.eps)

    def __truediv__(self, other: Laurent) -> Laurent:
        return Laurent(self.value / other.value, self.exponent - other.exponent, self.eps)

    def times(self, power: int) -> Ball:
        """The ball eps^power * self; infinite where a negative power of eps remains."""
        if self.value == 0:
            return arb(0)
        left = self.exponent + power
        return self.value * self.eps**left if left >= 0 else arb("nan")


def laurent(eps: Ball) -> Callable[..., Laurent]:
    """A constructor (value, exponent = 0) for one eps."""

    def make(value: Ball, exponent: int = 0) -> Laurent:
        return Laurent(arb(value), exponent, eps)

    return make
