"""Numbers value * eps^exponent for jets eps >= 0, one or several: of known order, finite also at eps = 0."""

from __future__ import annotations

from collections.abc import Callable

from flint import arb

from certify.arithmetic.jets import Jet, Number


class Laurent:
    """A jet times powers of `bases`; exponents may be negative.  A sum has the smaller exponents of the two."""

    __slots__ = ("bases", "exponents", "value")

    def __init__(self, value: Jet, exponents: tuple[int, ...], bases: tuple[Jet, ...]) -> None:
        """Keep the parts."""
        self.value, self.exponents, self.bases = value, exponents, bases

    def __add__(self, other: Laurent) -> Laurent:
        if _zero(other.value):
            return self
        if _zero(self.value):
            return other
        low = tuple(map(min, self.exponents, other.exponents))
        return Laurent(self._raised(low) + other._raised(low), low, self.bases)

    def _raised(self, low: tuple[int, ...]) -> Jet:
        """The value that goes with lower exponents."""
        value = self.value
        for base, exponent, less in zip(self.bases, self.exponents, low, strict=True):
            for _ in range(exponent - less):
                value = value * base
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

    def times(self, *powers: int) -> Jet:
        """The jet powers of `bases` * self; NaN where a negative power remains."""
        if _zero(self.value):
            return self.value
        left = tuple(x + y for x, y in zip(self.exponents, powers, strict=True))
        if min(left) < 0:
            return self.value * arb("nan")
        return Laurent(self.value, left, self.bases)._raised((0,) * len(left))


def _zero(x: Jet) -> bool:
    """Exactly, with its slopes."""
    return x.value == 0 and all(s == 0 for s in x.slopes)


def laurent(*bases: Jet) -> Callable[..., Laurent]:
    """A constructor (jet or constant, exponents, by default 0) for these bases."""
    flat = bases[0] * 0

    def make(value: Number, *exponents: int) -> Laurent:
        return Laurent(value if isinstance(value, Jet) else flat + value, exponents or (0,) * len(bases), bases)

    return make
