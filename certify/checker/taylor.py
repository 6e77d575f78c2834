"""Numbers that depend on a parameter t to second order and on small moves z to first (docs/correlation.md, Q3)."""

from collections.abc import Callable, Sequence
from functools import partialmethod
from operator import add as plus
from operator import methodcaller, mul, sub
from typing import Any, NamedTuple

from certify.checker.bends import Bent
from certify.checker.intervals import Angle, Arithmetic, Interval, add, clip, magnitude
from certify.checker.jets import ZERO, Jet


class Taylor(NamedTuple):
    """Value and slope by t at t = 0, z = 0; value, slope, bend by t for all t, z = 0; value, slopes by z everywhere."""

    start: Jet
    line: Bent
    box: Jet


class TaylorArithmetic:
    """What `Geometry` and `Form` need of an Arithmetic, for Taylor numbers and constants, which are pairs."""

    def __init__(self, f: Arithmetic, step: int, moves: Sequence[int]) -> None:
        """f: that of the parts.  step, moves: |t| <= step and |z_k| <= moves[k], rounded up."""
        self.f, self.one, self.pi, self.bits, self.step, self.moves = f, f.one, f.pi, f.bits, step, moves
        self.around, self.half_square = (-step, step), (0, -(-step * step >> f.bits + 1))

    def variable(self, start: Interval, slope: Interval, unit: int | None = None) -> Taylor:
        """start + slope t, plus z_unit."""
        line = add(start, self.f.mul(slope, self.around))
        move = 0 if unit is None else self.moves[unit]
        slopes = [(self.one, self.one) if k == unit else ZERO for k in range(len(self.moves))]
        box = Jet(self.f, (line[0] - move, line[1] + move), slopes)
        return Taylor(Jet(self.f, start, [slope]), Bent(self.f, line, [slope], [ZERO]), box)

    def spread(self, slopes: Sequence[Interval], moves: Sequence[int]) -> int:
        """An upper bound of |sum_k slope_k z_k| for |z_k| <= moves[k]."""
        return -(-sum(magnitude(x) * r for x, r in zip(slopes, moves, strict=True)) >> self.bits)

    def at_end(self, side: int, x: Any, moves: Sequence[int]) -> Interval:
        """start + slope t at t = side step, and what the bend at any t and such moves may add."""
        start, line, box = self._full(x)
        end, far = self.f.mul(start.slopes[0], (side * self.step, side * self.step)), self.spread(box.slopes, moves)
        low, high = add(add(start.value, end), self.f.mul(line.bends[0], self.half_square))
        return low - far, high + far

    def _full(self, x: Any) -> Taylor:
        return self.variable(x, ZERO) if type(x) is tuple else x

    def _map(self, act: Callable[..., Any], *arguments: Any) -> Taylor:
        """Taylor's formula at t = 0 for value and slope on the line, and in z for the value on the box."""
        start, line, box = (act(*parts) for parts in zip(*map(self._full, arguments), strict=True))
        (first,), (slope,), (bend,) = start.slopes, line.slopes, line.bends
        slope = clip(slope, *add(first, self.f.mul(bend, self.around)))
        near = add(self.f.mul(first, self.around), self.f.mul(bend, self.half_square))
        low, high = clip(line.value, *add(start.value, near))
        far = self.spread(box.slopes, self.moves)
        box = Jet(self.f, clip(box.value, low - far, high + far), box.slopes)
        return Taylor(start, Bent(self.f, (low, high), [slope], [bend]), box)

    plus, minus, mul = partialmethod(_map, plus), partialmethod(_map, sub), partialmethod(_map, mul)
    wide, square, root = mul, partialmethod(_map, methodcaller("square")), partialmethod(_map, methodcaller("sqrt"))
    div = partialmethod(_map, lambda x, y: x.over(y))
    parts: Any = staticmethod(lambda x: x)
    narrow, is_positive = parts, staticmethod(lambda root: True)  # other roots are rejected

    def exact(self, *x: Any) -> Any:
        """A dyadic, or a Taylor number by its parts."""
        return Taylor(*x) if len(x) > 2 else self.f.exact(*x)

    def multiple(self, k: int, a: Any) -> Taylor:
        """k a for an integer k."""
        return Taylor(*(x * k for x in self._full(a)))  # type: ignore[arg-type]

    def product(self, x: Any, y: Any) -> Any:
        """sum_k x_k y_k."""
        factors = [z for pair in zip(x, y, strict=True) if ZERO not in pair for z in pair]
        return self._map(lambda *z: sum(map(mul, z[::2], z[1::2])), *factors) if factors else ZERO

    def angle(self, product: Any) -> Any:
        """Of rows that are nowhere parallel: pi - t has the derivatives 1 / s and c / s^3 by the cosine c."""
        sine = self.root(self.minus((self.one, self.one), self.square(product)))
        return Angle(self._full(product), sine, self._map(self._complement, product, sine))  # type: ignore[arg-type]

    def _complement(self, cosine: Any, sine: Any) -> Any:
        f, first = self.f, self.f.div((self.one, self.one), sine.value)
        second = f.mul(cosine.value, f.mul(first, f.mul(first, first)))
        return cosine.chain(f.angle(cosine.value).complement, first, second)
