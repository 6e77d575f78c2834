"""Second derivatives, and what they tell of first ones over a box (docs/all-sizes.md, A13)."""

from collections.abc import Sequence
from typing import Any

from certify.checker.intervals import Arithmetic, Interval, add, times
from certify.checker.jets import Jet, increasing, root, scaled


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
            self.f.narrow(add(add(times(x, b), times(a, y)), z))
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
            f.div(add(x, scaled(-1, f.narrow(add(times(quotient.value, y), z)))), b)
            for x, y, z in zip(self.bends, other.bends, crossed, strict=True)
        ]
        return Bent(f, quotient.value, quotient.slopes, bends)

    def square(self) -> "Bent":
        """self^2, never negative."""
        two = 2 * self.f.one
        return self._chain(super().square().value, scaled(2, self.value), (two, two))

    def sqrt(self) -> "Bent":
        """Square root; (sqrt x)' = 1 / (2 sqrt x), (sqrt x)'' = - (sqrt x)' / (2 x)."""
        f, value = self.f, root(self.value, self.f)
        first = f.div((f.one, f.one), scaled(2, value))
        return self._chain(value, first, scaled(-1, f.div(first, scaled(2, self.value))))

    def _increasing(self, shift: int) -> "Bent":
        return self._chain(*increasing(self.value, shift, self.f))

    def _chain(self, value: Interval, first: Interval, second: Interval) -> "Bent":
        """A function of self, by its value and derivatives there."""
        f = self.f
        squares = _symmetric(self.slopes, [f.mul(second, x) for x in self.slopes])
        bends = [
            f.narrow(add(times(first, x), (z[0] >> 1, -(-z[1] >> 1)))) for x, z in zip(self.bends, squares, strict=True)
        ]
        return Bent(f, value, [f.mul(first, x) for x in self.slopes], bends)


def _symmetric(p: Sequence[Interval], q: Sequence[Interval]) -> list[Interval]:
    """p_i q_j + p_j q_i for i >= j, without rounding."""
    rows = enumerate(zip(p, q, strict=True))
    return [add(times(x, q[j]), times(p[j], y)) for i, (x, y) in rows for j in range(i + 1)]


def sharpened(middle: Jet, box: Any, moves: Sequence[Interval]) -> list[Interval]:
    """Encloses the first derivatives on the box: those at its middle, and the second ones on the box times the moves.

    box: the same quantity as a Bent.  moves: what a point of the box less its middle is in each direction.
    """
    f, result = box.f, []
    for i, slope in enumerate(middle.slopes):
        row = [box.bends[max(i, j) * (max(i, j) + 1) // 2 + min(i, j)] for j in range(len(moves))]
        change = (0, 0)
        for bend, move in zip(row, moves, strict=True):
            change = add(change, times(bend, move))
        result.append(add(slope, f.narrow(change)))
    return result
