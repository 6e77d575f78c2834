"""Numbers value * eps^exponent for balls eps >= 0, one or several: of known order, finite also at eps = 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import arb

Ball = Any


class Laurent:
    """value times powers of `bases`; exponents may be negative.  A sum has the smaller exponents of the two."""

    __slots__ = ("bases", "exponents", "value")

    def __init__(self, value: Ball, exponents: tuple[int, ...], bases: tuple[Ball, ...]) -> None:
        """Keep the parts."""
        self.value, self.exponents, self.bases = value, exponents, bases

    def __add__(self, other: Laurent) -> Laurent:
        if other.value == 0:
            return self
        if self.value == 0:
            return other
        low = tuple(map(min, self.exponents, other.exponents))
        return Laurent(self._raised(low) + other._raised(low), low, self.bases)

    def _raised(self, low: tuple[int, ...]) -> Ball:
        """The value that goes with lower exponents."""
        value = self.value
        for base, exponent, less in zip(self.bases, self.exponents, low, strict=True):
            value = value * base ** (exponent - less) if exponent > less else value
        return value

    def __neg__(self) -> Laurent:
        return Laurent(-self.value, self.exponents, self.bases)

    def __sub__(self, other: Laurent) -> Laurent:
        return self + (-other)

    def __mul__(self, other: Laurent) -> Laurent:
        exponents = tuple(x + y for x, y in zip(self.exponents, other.exponents, strict=True))
        return Laurent(self.value * other.value, exponents, self.bases)

    def __truediv__(self, other: Laurent) -> Laurent:
        exponents = tuple(x - y for x, y in zip(self.exponents, other.exponents, strict=True))
        return Laurent(self.value / other.value, exponents, self.bases)

    def times(self, *powers: int) -> Ball:
        """The ball powers of `bases` * self; NaN where a negative power remains."""
        if self.value == 0:
            return arb(0)
        left = tuple(x + y for x, y in zip(self.exponents, powers, strict=True))
        if min(left) < 0:
            return arb("nan")
        return Laurent(self.value, left, self.bases)._raised((0,) * len(left))


def laurent(*bases: Ball) -> Callable[..., Laurent]:
    """A constructor (value, exponents, by default 0) for these bases."""

    def make(value: Ball, *exponents: int) -> Laurent:
        return Laurent(arb(value), exponents or (0,) * len(bases), bases)

    return make
