"""Zeros of a system with one parameter or two, and what depends on them, in balls (docs/all-sizes.md, A13).

A patch is the set of all y(t) + z with |z_i| <= r_i and |t_a| <= h_a, y affine in t.  Directions: first each unknown;
then each parameter, with the unknowns moving along y.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from certify.arithmetic import Dyadic, ball_matrix, certainly_less, dyadic_ball, magnitude, rectangle
from certify.arithmetic.bends import Bent, row_of, sharpened
from certify.arithmetic.jets import Jet, mapped, squared
from certify.linalg.congruence import certainly_positive_definite

Ball = Any
Number = Any  # a jet, a ball or an integer


class Moving(Jet):
    """A jet over all parameters t of a patch, with slopes by t, and `start`, its value over t = 0."""

    __slots__ = ("start",)

    def __init__(self, value: Ball, slopes: Sequence[Ball], start: Ball) -> None:
        """Keep the parts."""
        super().__init__(value, slopes)
        self.start = start

    def __add__(self, other: Number) -> Moving:
        return _moving(super().__add__(other), self.start + _start(other))

    __radd__ = __add__

    def __neg__(self) -> Moving:
        return _moving(super().__neg__(), -self.start)

    def __sub__(self, other: Number) -> Moving:
        return self.__add__(-other)

    def __rsub__(self, other: Number) -> Moving:
        return self.__neg__().__add__(other)

    def __mul__(self, other: Number) -> Moving:
        return _moving(super().__mul__(other), self.start * _start(other))

    __rmul__ = __mul__

    def __truediv__(self, other: Number) -> Moving:
        return _moving(super().__truediv__(other), self.start / _start(other))

    def __rtruediv__(self, other: Number) -> Moving:
        return _moving(super().__rtruediv__(other), other / self.start)

    def square(self) -> Moving:
        """self^2."""
        return _moving(super().square(), squared(self.start))


def _moving(jet: Jet, start: Ball) -> Moving:
    return Moving(jet.value, jet.slopes, start)


def _start(x: Number) -> Ball:
    return x.start if isinstance(x, Moving) else x


@dataclass(frozen=True)
class Zeros:
    """Bounds of |z_i| at the zero y(t) + z(t) for every t, and for t = 0; of |dz_i / dt_a|, a row for each a.

    contracts: reach_i < r_i with some room.
    """

    reach: list[Ball]
    start: list[Ball]
    rates: list[list[Ball]]
    halves: list[Ball]

    def moves(self) -> list[Ball]:
        """What a zero less the middle is in each direction."""
        unit = rectangle((0, 0), (1, 0))
        return [x * unit for x in (*self.reach, *self.halves)]

    def follow(self, middle: Any, box: Any) -> Any:
        """Nested tuples of jets at the middle and with second derivatives on the patch, at the zeros."""
        return mapped(lambda x, y: self._followed(x.value, sharpened(x, y, self.moves()), y.value), middle, box)

    def follow_slopes(self, middle: Any, box: Any) -> Any:
        """The same with a list of derivatives by the unknowns in place of each jet."""

        def rows(x: Jet, y: Bent) -> list[Moving]:
            wide, size = sharpened(x, y, self.moves()), len(self.reach)
            return [self._followed(x.slopes[k], row_of(y.bends, k, len(wide)), wide[k]) for k in range(size)]

        return mapped(rows, middle, box)

    def _followed(self, value: Ball, slopes: Sequence[Ball], wide: Ball) -> Moving:
        """At zeros a number moves by the chain rule along y(t) + z(t)."""
        unit, size = rectangle((0, 0), (1, 0)), len(self.reach)
        inner = slopes[:size]
        start = value + unit * _inner(list(map(bound, inner)), self.start)
        rates = [
            s + unit * _inner(list(map(bound, inner)), rate) for s, rate in zip(slopes[size:], self.rates, strict=True)
        ]
        near = value + _inner(slopes, self.moves())
        return Moving(near.intersection(wide) if near.overlaps(wide) else wide, rates, start)

    def taylor(self, middle: Jet, box: Any, room: float) -> Ball:
        """Encloses a quantity at the zeros by half its second derivatives, which are taken `room` times."""
        moves = self.moves()
        changes = [_inner(row_of(box.bends, k, len(moves)), moves) for k in range(len(moves))]
        return middle.value + _inner(middle.slopes, moves) + _inner(changes, moves) / 2 * room


def seeds(slopes: Sequence[Sequence[Dyadic]], zero: Ball) -> list[list[Ball]]:
    """Directions of the unknowns, then of the parameters."""
    size, count = len(slopes), len(slopes[0])
    rows = [[zero + int(i == k) for k in range(size)] + list(map(dyadic_ball, row)) for i, row in enumerate(slopes)]
    return rows + [[zero + int(size + a == k) for k in range(size + count)] for a in range(count)]


def on_patch(
    centre: Sequence[Ball], seed: Sequence[Sequence[Ball]], radii: Sequence[Ball], sides: Sequence[tuple[Ball, Ball]]
) -> list[Bent]:
    """Unknowns, then parameters, with second derivatives; sides: of each parameter its middle and its range."""
    unit, size = rectangle((0, 0), (1, 0)), len(centre)
    none = [centre[0] * 0] * ((size + len(sides)) * (size + len(sides) + 1) // 2)
    box = [
        x + r * unit + sum(s * (whole - middle) for s, (middle, whole) in zip(row[size:], sides, strict=True))
        for x, r, row in zip(centre, radii, seed, strict=False)
    ]
    return [Bent(x, s, none) for x, s in zip([*box, *(whole for _, whole in sides)], seed, strict=True)]


def find_zeros(
    inverse: Any, middle: Sequence[Jet], box: Sequence[Any], radii: Sequence[Ball], halves: Sequence[Ball]
) -> Zeros | None:
    """Of N(z, t) = z - Y F(y(t) + z, t); None unless what it contracts leaves some of each radius.

    middle, box: the equations.  Whether reach_i < r_i is for the caller to see.
    """
    size, zero, moves = len(radii), halves[0] * 0, [*radii, *halves]
    count = len(moves)
    numbers = inverse * ball_matrix([[x.value, *x.slopes, *y.bends] for x, y in zip(middle, box, strict=True)])
    reach, rooms, begun, speeds = [], [], [], []
    for i, radius in enumerate(radii):
        row = [numbers[i, j] - int(j == 1 + i) for j in range(numbers.ncols())]
        if not all(x.is_finite() for x in row):
            return None
        value, *rest = [bound(x) for x in row]
        rows = [row_of(rest[count:], k, count) for k in range(count)]
        steepest = [
            s + sum((b * m for b, m in zip(r, moves, strict=True)), zero) for s, r in zip(rest, rows, strict=False)
        ]
        moved = _inner(steepest[:size], radii)
        fixed = value
        for s, r, half in zip(rest[size:count], rows[size:], halves, strict=True):
            fixed = fixed + (s + _inner(r[size:], halves) / 2) * half
        reach.append(fixed + moved)
        rooms.append(radius - moved)
        begun.append(value)
        speeds.append(steepest[size:])
    if not all(certainly_less(zero, x) for x in rooms):
        return Zeros(reach, [], [], list(halves))
    start, *rates = (
        [max((x / room for x, room in zip(column, rooms, strict=True)), key=float) * r for r in radii]
        for column in (begun, *zip(*speeds, strict=True))
    )
    return Zeros(reach, start, rates, list(halves))


def definite(block: Sequence[Sequence[Any]], zeros: Zeros, room: float) -> bool:
    """M(0) + sum_a t_a S_a at all corners; room: by how much it has to dominate."""
    corners: list[list[Ball]] = [[]]
    for half in zeros.halves:
        corners = [[*corner, sign * half] for corner in corners for sign in (-1, 1)]
    return all(
        certainly_positive_definite([[x.start + _inner(x.slopes, steps) for x in row] for row in block], room)
        for steps in corners
    )


def _inner(x: Sequence[Ball], y: Sequence[Ball]) -> Ball:
    return sum((a * b for a, b in zip(x, y, strict=True)), x[0] * 0)


def bound(ball: Ball) -> Ball:
    """An upper bound of the absolute value, as a point; not finite if the ball is not."""
    return dyadic_ball(magnitude(ball)) if ball.is_finite() else ball
