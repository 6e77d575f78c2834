"""Second derivatives on balls, and what they tell of first ones over a box (docs/all-sizes.md, A13)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from certify.arithmetic.jets import Jet, squared

Ball = Any
Number = Any  # a bent jet, a ball or an integer


class Bent(Jet):
    """A jet with balls that contain its second partial derivatives by directions i >= j, row after row."""

    __slots__ = ("bends",)

    def __init__(self, value: Ball, slopes: Sequence[Ball], bends: Sequence[Ball]) -> None:
        """Keep the parts."""
        super().__init__(value, slopes)
        self.bends = list(bends)

    def __add__(self, other: Number) -> Bent:
        total = super().__add__(other)
        bends = [x + y for x, y in zip(self.bends, other.bends, strict=True)] if _bent(other) else self.bends
        return Bent(total.value, total.slopes, bends)

    __radd__ = __add__

    def __neg__(self) -> Bent:
        return self * -1

    def __sub__(self, other: Number) -> Bent:
        return self.__add__(-other)

    def __rsub__(self, other: Number) -> Bent:
        return self.__neg__().__add__(other)

    def __mul__(self, other: Number) -> Bent:
        product = super().__mul__(other)
        if not _bent(other):
            return Bent(product.value, product.slopes, [x * other for x in self.bends])
        a, b, p, q = self.value, other.value, self.slopes, other.slopes
        bends = [
            x * b + a * y + p[i] * q[j] + p[j] * q[i]
            for x, y, (i, j) in zip(self.bends, other.bends, pairs(len(p)), strict=True)
        ]
        return Bent(product.value, product.slopes, bends)

    __rmul__ = __mul__

    def __truediv__(self, other: Number) -> Bent:
        quotient = super().__truediv__(other)
        if not _bent(other):
            return Bent(quotient.value, quotient.slopes, [x / other for x in self.bends])
        a, b, p, q = quotient.value, other.value, quotient.slopes, other.slopes
        bends = [
            (x - a * y - p[i] * q[j] - p[j] * q[i]) / b
            for x, y, (i, j) in zip(self.bends, other.bends, pairs(len(p)), strict=True)
        ]
        return Bent(quotient.value, quotient.slopes, bends)

    def __rtruediv__(self, other: Number) -> Bent:
        return Bent(other + self.value * 0, [x * 0 for x in self.slopes], [x * 0 for x in self.bends]) / self

    def square(self) -> Bent:
        """self^2; the value is not negative."""
        value = self.value
        return self.chain(lambda: squared(value), lambda: 2 * value, lambda: value * 0 + 2)

    def sqrt(self) -> Bent:
        """Square root of what is certainly positive (NaN elsewhere)."""
        root = self.value.sqrt()
        half = 1 / (2 * root)
        return self.chain(lambda: root, lambda: half, lambda: -half / (2 * self.value))

    def chain(self, *derivatives: Callable[[], Ball]) -> Bent:
        """A function of self, by what gives its value and its derivatives there."""
        value, slope, bend = (f() for f in derivatives)
        p = self.slopes
        bends = [slope * x + bend * (p[i] * p[j]) for x, (i, j) in zip(self.bends, pairs(len(p)), strict=True)]
        return Bent(value, [slope * x for x in p], bends)


@cache
def pairs(count: int) -> list[tuple[int, int]]:
    """The directions (i, j), i >= j, of the entries of `bends`."""
    return [(i, j) for i in range(count) for j in range(i + 1)]


def sharpened(middle: Jet, box: Any, moves: Sequence[Ball]) -> list[Ball]:
    """Encloses the first derivatives on the box: those at its middle, and the second ones on the box times the moves.

    box: the same quantity as a Bent.  moves: what a point of the box less its middle is in each direction.
    """
    result = list(middle.slopes)
    for bend, (i, j) in zip(box.bends, pairs(len(moves)), strict=True):
        result[i] = result[i] + bend * moves[j]
        if i != j:
            result[j] = result[j] + bend * moves[i]
    return result


def row_of(triangle: Sequence[Ball], i: int, size: int) -> list[Ball]:
    """Row i of a symmetric matrix from its lower triangle, row after row."""
    return [triangle[max(i, k) * (max(i, k) + 1) // 2 + min(i, k)] for k in range(size)]


def _bent(x: Number) -> bool:
    """Rejects a jet without second derivatives."""
    if isinstance(x, Jet) and not isinstance(x, Bent):
        raise TypeError("a jet without second derivatives")
    return isinstance(x, Bent)
