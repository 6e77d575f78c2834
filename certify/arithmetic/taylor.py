"""Numbers that depend on a parameter t and on small moves z: second order in t, first in z (docs/correlation.md, Q3).

q(t, z) for |t| <= h, |z_k| <= r_k is enclosed in three parts: `start`, the value and the slope by t at t = 0, z = 0;
`line`, value, slope and bend by t at z = 0, for all t; `box`, values and slopes by z everywhere.  Every operation
works on all three and cuts the last two to what Taylor's formula leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import add, mul, truediv
from typing import Any, NamedTuple

from flint import arb

from certify.arithmetic.balls import Ball, clipped, square_root
from certify.arithmetic.balls import pi as ball_pi
from certify.arithmetic.bends import Bent
from certify.arithmetic.jets import Jet

Number = Any  # a Taylor number, a ball or an integer; the last two are constants
Part = Any  # a jet or a bent jet


class Domain(NamedTuple):
    """Balls that contain t and each z_k, around 0."""

    step: Ball
    moves: tuple[Ball, ...]


class Taylor:
    """start: Jet, line: Bent, both by t; box: Jet by the moves."""

    __slots__ = ("box", "domain", "line", "start")

    def __init__(self, domain: Domain, start: Jet, line: Bent, box: Jet) -> None:
        """Keep the parts, cut."""
        step, (first,), (slope,), (bend,) = domain.step, start.slopes, line.slopes, line.bends
        slope = _cut(slope, first + bend * step)
        value = _cut(line.value, start.value + first * step + bend * (step * step / 2))
        near = value
        for x, move in zip(box.slopes, domain.moves, strict=True):
            near = near + x * move
        self.domain, self.start = domain, start
        self.line, self.box = Bent(value, [slope], [bend]), Jet(_cut(box.value, near), box.slopes)

    def _apply(self, act: Callable[[Part], Part]) -> Taylor:
        return Taylor(self.domain, act(self.start), act(self.line), act(self.box))

    def _with(self, act: Callable[[Part, Any], Part], other: Number) -> Taylor:
        if not isinstance(other, Taylor):
            return self._apply(lambda x: act(x, other))
        parts = act(self.start, other.start), act(self.line, other.line), act(self.box, other.box)
        return Taylor(self.domain, *parts)

    def __add__(self, other: Number) -> Taylor:
        return self._with(add, other)

    __radd__ = __add__

    def __neg__(self) -> Taylor:
        return self * -1

    def __sub__(self, other: Number) -> Taylor:
        return self.__add__(-other)

    def __rsub__(self, other: Number) -> Taylor:
        return self.__neg__().__add__(other)

    def __mul__(self, other: Number) -> Taylor:
        return self._with(mul, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Number) -> Taylor:
        return self._with(truediv, other)

    def __rtruediv__(self, other: Number) -> Taylor:
        return self._apply(lambda x: other / x)

    def at_end(self, side: int, moves: Sequence[Ball]) -> Ball:
        """Encloses start + slope t at t = side h, and what bend and the given moves add anywhere."""
        step, half = self.domain.step, self.domain.step.rad()
        (bend,) = self.line.bends
        total = self.start.value + self.start.slopes[0] * (side * half) + bend * (step * step / 2)
        return total + sum((x * move for x, move in zip(self.box.slopes, moves, strict=True)), step * 0)


def taylor(domain: Domain, value: Ball, slope: Ball, unit: int | None) -> Taylor:
    """value + slope t, plus z_unit."""
    along, count = slope * domain.step, len(domain.moves)
    move = along * 0 if unit is None else domain.moves[unit]
    slopes = [arb(int(k == unit)) for k in range(count)]
    line = Bent(value + along, [slope], [arb(0)])
    return Taylor(domain, Jet(value, [slope]), line, Jet(line.value + move, slopes))


def taylor_root(x: Number) -> Number:
    """Square root of what is certainly positive (NaN elsewhere)."""
    return x._apply(lambda part: part.sqrt()) if isinstance(x, Taylor) else square_root(x)


def taylor_complement(sine: Taylor, cosine: Taylor) -> Taylor:
    """pi - t of an angle t: the derivatives by the cosine c are 1 / s and c / s^3."""

    def act(c: Part, s: Part) -> Part:
        return c.chain(
            lambda: ball_pi() - clipped(c.value, -1, 1).acos(), lambda: 1 / s.value, lambda: c.value / s.value**3
        )

    return cosine._with(act, sine)


def taylor_products(left: Sequence[Sequence[Number]], right: Sequence[Sequence[Number]]) -> list[list[Number]]:
    """The inner products [m][n] of rows [m][k] and [n][k]."""
    return [[sum((x * y for x, y in zip(a, b, strict=True) if not _zero(x) and not _zero(y)), arb(0)) for b in right]
            for a in left]  # fmt: skip


def _zero(x: Number) -> bool:
    return isinstance(x, int) and x == 0


def _cut(value: Ball, near: Ball) -> Ball:
    """Two enclosures of one number; NaN if neither is finite."""
    if not near.is_finite():
        return value
    return value.intersection(near) if value.is_finite() else near
