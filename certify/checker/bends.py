"""Second derivatives, and what they tell of first ones over a box (docs/all-sizes.md, A13)."""

from collections.abc import Callable, Sequence
from functools import cache
from operator import itemgetter, mul
from typing import Any, TypeVar

from certify.checker.intervals import Arithmetic, Interval, add, magnitude, scaled, sub, times
from certify.checker.jets import ZERO, Jet, increasing

T = TypeVar("T")


class Bent(Jet):
    """A Jet with intervals that contain its second partial derivatives by directions i >= j, row after row."""

    __slots__ = ("bends",)

    def __init__(self, f: Arithmetic, value: Interval, slopes: Sequence[Interval], bends: Sequence[Interval]) -> None:
        """Keep the parts."""
        super().__init__(f, value, slopes)
        self.bends = bends

    def __add__(self, other: Any) -> "Bent":
        total = super().__add__(other)
        bends = self.bends if isinstance(other, int) else list(map(add, self.bends, other.bends))
        return Bent(self.f, total.value, total.slopes, bends)

    __radd__ = __add__

    def __mul__(self, other: Any) -> "Bent":
        product = super().__mul__(other)
        if isinstance(other, int):
            return Bent(self.f, product.value, product.slopes, [scaled(other, x) for x in self.bends])
        a, b = self.value, other.value
        crossed = _symmetric(self.slopes, other.slopes)
        bends = [
            ZERO if x == y == z == ZERO else self.f.narrow(add(add(times(x, b), times(a, y)), z))
            for x, y, z in zip(self.bends, other.bends, crossed, strict=True)
        ]
        return Bent(self.f, product.value, product.slopes, bends)

    __rmul__ = __mul__

    def by(self, constant: Interval) -> "Bent":
        """The product with an interval that does not depend on the directions."""
        product = super().by(constant)
        return Bent(self.f, product.value, product.slopes, [self.f.mul(x, constant) for x in self.bends])

    def plus(self, constant: Interval) -> "Bent":
        """The sum with such an interval."""
        return Bent(self.f, add(self.value, constant), self.slopes, self.bends)

    def over(self, other: Any) -> "Bent":
        """q = self / other for other > 0: q'' = (self'' - q other'' - q' other' - other' q') / other."""
        quotient, f, b = super().over(other), self.f, other.value
        crossed = _symmetric(quotient.slopes, other.slopes)
        bends = [
            ZERO if x == y == z == ZERO else f.div(sub(x, f.narrow(add(times(quotient.value, y), z))), b)
            for x, y, z in zip(self.bends, other.bends, crossed, strict=True)
        ]
        return Bent(f, quotient.value, quotient.slopes, bends)

    def _increasing(self, shift: int) -> "Bent":
        return self.chain(*increasing(self.value, shift, self.f, bent=True))

    def chain(self, value: Interval, first: Interval, second: Interval) -> "Bent":
        """A function of self, by its value and derivatives there."""
        f = self.f
        squares = _symmetric(self.slopes, [f.mul(second, x) for x in self.slopes])
        bends = [
            ZERO if x == z == ZERO else f.narrow(add(times(first, x), (z[0] >> 1, -(-z[1] >> 1))))
            for x, z in zip(self.bends, squares, strict=True)
        ]
        return Bent(f, value, [f.mul(first, x) for x in self.slopes], bends)


def _symmetric(p: Sequence[Interval], q: Sequence[Interval]) -> list[Interval]:
    """p_i q_j + p_j q_i for i >= j, without rounding; most of them are known to be 0."""
    pairs, result = list(zip(p, q, strict=True)), []
    for i, (x, y) in enumerate(pairs):
        if x == y == ZERO:
            result += [ZERO] * (i + 1)
        else:
            row = pairs[: i + 1]
            result += [ZERO if u == v == ZERO else add(times(x, v), times(u, y)) for u, v in row]
    return result


def sharpened(middle: Jet, box: Any, moves: Sequence[int]) -> list[Interval]:
    """Encloses the first derivatives on the box: those at its middle, and the second ones on the box times the moves.

    box: the same quantity as a Bent.  moves: bounds of what a point of the box less its middle is in each direction.
    """
    sizes, bits = [magnitude(x) for x in box.bends], box.f.bits
    changes = [-(-sum(map(mul, row, moves)) >> bits) for row in full(sizes, len(moves))]
    return [(low - change, high + change) for (low, high), change in zip(middle.slopes, changes, strict=True)]


def full(triangle: Sequence[T], size: int) -> list[Sequence[T]]:
    """The rows of a symmetric matrix, by its lower triangle, row after row."""
    return [rows(triangle) for rows in _rows(size)]


@cache
def _rows(size: int) -> list[Callable[[Sequence[Any]], Sequence[Any]]]:
    return [itemgetter(*(max(i, k) * (max(i, k) + 1) // 2 + min(i, k) for k in range(size))) for i in range(size)]
