"""Parametric Krawczyk: a piece of a curve of zeros over an interval of eps = 1 / sqrt(n) (docs/all-sizes.md, A6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from certify.arithmetic import (
    Dyadic,
    ball_matrix,
    certainly_less,
    dyadic_ball,
    magnitude,
    midpoint,
    rectangle,
    rounded,
    text,
    upper,
)
from certify.arithmetic.bends import Bent, sharpened
from certify.arithmetic.dyadic import normal
from certify.arithmetic.jets import Jet, variables
from certify.families.branch import BENDING, State, evaluate, exact, gradient, solve

Ball = Any

SLOPE_BITS = 24
RADIUS_DIGITS = 12  # mantissa bits of a radius
TRIES = 10
INFLATION, ROOM = 1.12, 1.01  # room for the checker's rounding and wider intervals
LARGEST_RADIUS = 64.0
GRID = 40  # ends of pieces are multiples of 2^-GRID where nothing else is asked
FAST_GROWTH, GROWTH, SHRINKAGE = 1.5, 1.12, 0.75
FIRST_LENGTH = 2.0**-6
SHORTEST = 2.0**-23


class Digits(NamedTuple):
    """Centres are multiples of 2^-centre, radii of 2^-radius; Newton's last step is below 2^-newton."""

    centre: int
    radius: int
    newton: int


USUAL = Digits(48, 40, 40)


P = TypeVar("P", bound="Piece")


@dataclass(frozen=True)
class Piece:
    """eps in [low, high]; what a certificate holds, and bounds of the distance between the zero and the line."""

    low: Dyadic
    high: Dyadic
    centre: list[Dyadic]
    slope: list[Dyadic]
    radii: list[Dyadic]
    reach: list[Ball]

    def middle(self) -> Ball:
        """(low + high) / 2."""
        return (dyadic_ball(self.low) + dyadic_ball(self.high)) / 2

    def end(self, side: int) -> list[Ball]:
        """The line at the first (-1) or the last (1) eps."""
        step = (dyadic_ball(self.high) - dyadic_ball(self.low)) * side / 2
        return [dyadic_ball(x) + dyadic_ball(s) * step for x, s in zip(self.centre, self.slope, strict=True)]

    def record(self, parameter: str = "eps") -> dict[str, list[str]]:
        """The entry of a claim."""
        numbers = {parameter: (self.low, self.high), "centre": self.centre, "slope": self.slope, "radii": self.radii}
        return {name: [text(x) for x in entry] for name, entry in numbers.items()}


class Found(NamedTuple):
    """A piece and what was evaluated for it: at the centre, along the line, over the box.

    eps, inverse: balls; contracted: bounds of sum_k |(I - Y DF)_ik| r_k.
    """

    piece: Piece
    eps: Ball
    inverse: Any
    here: State
    along: State
    over: State
    contracted: list[Ball]

    def at_zeros(self, quantity: Callable[[State], Jet], room: float = 1.0) -> Ball:
        """Encloses the quantity at all zeros of the piece; its variation is taken `room` times."""
        here, along, over = (quantity(x) for x in (self.here, self.along, self.over))
        zero, unit = self.eps * 0, rectangle((0, 0), (1, 0))
        half = (dyadic_ball(self.piece.high) - dyadic_ball(self.piece.low)) / 2
        across = sum((f * b * unit for f, b in zip(over.slopes, self.piece.reach, strict=True)), zero)
        return here.value + (along.slopes[0] * half * unit + across) * room


Attempt = Callable[[Dyadic, Dyadic, Sequence[Ball], P | None], P | None]


@dataclass(frozen=True)
class Cover(Generic[P]):
    """Pieces, the number of attempts that failed, and the eps where they became too short, if so."""

    pieces: list[P]
    rejected: int
    stopped: float | None


def enclose(low: Dyadic, high: Dyadic, guess: Sequence[Ball], p: int, digits: Digits = USUAL) -> Found | None:
    """Krawczyk's test over [low, high] with radii that grow until it holds."""
    first, last = dyadic_ball(low), dyadic_ball(high)
    middle, half, eps = (first + last) / 2, (last - first) / 2, first.union(last)
    start = solve(guess, middle, p, digits.newton)
    if start is None:
        return None
    centre = [on_grid(x, digits.centre) for x in start]
    size, one = len(centre), half * 0 + 1
    *unknowns, parameter = variables([*map(dyadic_ball, centre), middle])
    here = evaluate(unknowns, parameter, p)
    inverse = inverse_at_middle([f.slopes[:size] for f in here.system])
    if inverse is None:
        return None
    change = inverse * ball_matrix([[f.slopes[size]] for f in here.system])
    slope = [on_grid(-change[i, 0], SLOPE_BITS) for i in range(size)]
    line = [dyadic_ball(x) + dyadic_ball(s) * (eps - middle) for x, s in zip(centre, slope, strict=True)]
    along = evaluate([Jet(x, [dyadic_ball(s)]) for x, s in zip(line, slope, strict=True)], Jet(eps, [one]), p)

    unit = rectangle((0, 0), (1, 0))

    def states(radii: Sequence[Ball]) -> tuple[State, State]:
        """Along the line and over the box."""
        flat, moves = Jet(eps, [eps * 0] * size), [r * unit for r in radii]
        over = evaluate(variables([x + m for x, m in zip(line, moves, strict=True)]), flat, p)
        if p not in BENDING:
            return along, over
        return _sharpened((along, over), (centre, slope), (middle, eps), [*moves, half * unit], p)

    def fixed(y: Any, along: State) -> list[Ball]:
        """What the operator adds to the image of the box, for its matrix."""
        values = y * ball_matrix([[f.value] for f in here.system])
        changes = y * ball_matrix([[f.slopes[0]] for f in along.system])
        return [bound(values[i, 0]) + bound(changes[i, 0]) * half for i in range(size)]

    tried = contraction(states, fixed, inverse, [half * 0] * size, digits)
    if tried is None:
        return None
    piece = Piece(low, high, centre, slope, tried.radii, tried.reach)
    return Found(piece, eps, tried.inverse, here, tried.along, tried.over, tried.contracted)


def _sharpened(
    states: tuple[State, State],
    line: tuple[Sequence[Dyadic], Sequence[Dyadic]],
    eps: tuple[Ball, Ball],
    moves: Sequence[Ball],
    p: int,
) -> tuple[State, State]:
    """Slopes of the gradient that differ from those at the centre by second derivatives (docs/all-sizes.md, A13).

    states: along the line and over the box; line: centre and slope; eps: its middle and all of it; moves: of the
    unknowns and of eps, from the centre.
    """
    (along, over), size, zero = states, len(moves) - 1, eps[0] * 0
    seeds = [[zero + int(i == k) for k in range(size)] + [dyadic_ball(s)] for i, s in enumerate(line[1])]
    last, none = [zero] * size + [zero + 1], [zero] * ((size + 1) * (size + 2) // 2)
    centre = [dyadic_ball(x) for x in line[0]]
    box = [x + dyadic_ball(s) * moves[-1] + m for x, s, m in zip(centre, line[1], moves, strict=False)]
    _, here, exact_system = gradient([Jet(x, s) for x, s in zip(centre, seeds, strict=True)], Jet(eps[0], last), p)
    _, bent, system = gradient([Bent(x, s, none) for x, s in zip(box, seeds, strict=True)], Bent(eps[1], last, none), p)
    slopes = [sharpened(x, y, moves) for x, y in zip(exact_system, system, strict=True)]
    reduced = type(here)(*(Jet(y.value, sharpened(x, y, moves)[:size]) for x, y in zip(here, bent, strict=True)))
    return (
        along._replace(system=[Jet(x.value, [s[size]]) for x, s in zip(along.system, slopes, strict=True)]),
        over._replace(
            reduced=reduced, system=[Jet(x.value, s[:size]) for x, s in zip(over.system, slopes, strict=True)]
        ),
    )


class Contraction(NamedTuple):
    """Radii, bounds of the image of the box and of the moving part of it, the matrix, what was evaluated."""

    radii: list[Dyadic]
    reach: list[Ball]
    contracted: list[Ball]
    inverse: Any
    along: State
    over: State


def contraction(
    states: Callable[[Sequence[Ball]], tuple[State, State]],
    fixed: Callable[[Any, State], list[Ball]],
    inverse: Any,
    none: Sequence[Ball],
    digits: Digits,
) -> Contraction | None:
    """Radii that Krawczyk's operator maps into their interior; its matrix is the inverse at the middle of the box.

    inverse, none: the first matrix and the first radii, all zero.
    """
    size, zero = len(none), none[0]
    reach = fixed(inverse, states(none)[0])
    for _ in range(TRIES):
        if not all(b.is_finite() for b in reach):
            return None
        radii = [_radius(b, digits.radius) for b in reach]
        balls = [dyadic_ball(r) for r in radii]
        if not all(certainly_less(r, zero + LARGEST_RADIUS) for r in balls):
            return None
        along, over = states(balls)
        y = inverse_at_middle([f.slopes for f in over.system])
        if y is None:
            return None
        product = y * ball_matrix([f.slopes for f in over.system])
        moving = [sum((bound(product[i, j] - int(i == j)) * balls[j] for j in range(size)), zero) for i in range(size)]
        reach = [a + b for a, b in zip(fixed(y, along), moving, strict=True)]
        if all(certainly_less(b * ROOM, r) for b, r in zip(reach, balls, strict=True)):
            return Contraction(radii, reach, moving, y, along, over)
    return None


def inverse_at_middle(rows: Sequence[Sequence[Ball]]) -> Any | None:
    """Of the midpoints, as points; None where there is none."""
    if not all(x.is_finite() for row in rows for x in row):
        return None
    try:
        return ball_matrix([[exact(x) for x in row] for row in rows]).inv().mid()
    except ZeroDivisionError:
        return None


def cover(
    ends: tuple[int, int],
    before: Sequence[P],
    guess: Sequence[Ball],
    attempt: Attempt[P],
    *,
    report: Callable[[float], None] = lambda share: None,
    bits: int = GRID,
) -> Cover[P]:
    """Pieces from one end to the other, both multiples of 2^-bits; they grow and shrink with success.

    attempt(low, high, guess, piece before): a piece, or None where it is too long.  report: called with end / last end.
    """
    (start, top), fine = ends, bits - GRID
    pieces, length, failed, rejected = list(before), FIRST_LENGTH, False, 0
    while start < top:
        end = min(top, (start >> fine) + max(1, int(length * 2**GRID)) << fine)
        piece = attempt(normal(start, -bits), normal(end, -bits), guess, pieces[-1] if pieces else None)
        length = (end - start) / 2**bits
        if piece is None:
            rejected, failed = rejected + 1, True
            length *= SHRINKAGE
            if length < SHORTEST:
                return Cover(pieces, rejected, start / 2**bits)
            continue
        length *= GROWTH if failed else FAST_GROWTH
        pieces.append(piece)
        failed = failed and len(pieces) % 8 != 0
        guess, start = [dyadic_ball(x) for x in piece.centre], end
        report(start / top)
    return Cover(pieces, rejected, None)


def continues(before: Piece, after: Piece) -> bool:
    """The zero of one piece is within the radii of the other where they meet."""
    apart = [bound(a - b) for a, b in zip(before.end(1), after.end(-1), strict=True)]
    return any(
        all(certainly_less((d + b) * ROOM, dyadic_ball(r)) for d, b, r in zip(apart, x.reach, z.radii, strict=True))
        for x, z in ((before, after), (after, before))
    )


def bound(ball: Ball) -> Ball:
    """An upper bound of the absolute value, as a point; not finite if the ball is not."""
    return dyadic_ball(magnitude(ball)) if ball.is_finite() else ball


def on_grid(ball: Ball, bits: int) -> Dyadic:
    """A multiple of 2^-bits near the midpoint."""
    mantissa, exponent = midpoint(ball)
    return normal(mantissa << exponent + bits if exponent + bits >= 0 else mantissa >> -exponent - bits, -bits)


def _radius(reach: Ball, bits: int) -> Dyadic:
    """A little more than the reach, in few digits and a multiple of 2^-bits."""
    mantissa, exponent = rounded(upper(reach * INFLATION), RADIUS_DIGITS, up=True)
    if exponent >= -bits:
        return normal(mantissa, exponent)
    return normal(-(-mantissa >> -bits - exponent) + 1, -bits)
