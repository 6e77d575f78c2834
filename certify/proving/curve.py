"""Parametric Krawczyk: a piece of a curve of zeros over an interval of eps = 1 / sqrt(n) (docs/all-sizes.md, A6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar

from certify.arithmetic import (
    Dyadic,
    ball_matrix,
    certainly_less,
    dyadic_ball,
    midpoint,
    rounded,
    text,
    upper,
)
from certify.arithmetic.dyadic import normal
from certify.arithmetic.jets import Jet, variables
from certify.families.branch import State, blocks, evaluate, exact, solve
from certify.proving.patches import Zeros, bound, find_zeros, on_patch, seeds

Ball = Any

SLOPE_BITS = 24
RADIUS_DIGITS = 12  # mantissa bits of a radius
TRIES = 10
INFLATION, ROOM = 1.12, 1.01  # room for the checker's rounding and wider intervals
LARGEST_RADIUS = 64.0
GRID = 40  # ends of pieces are multiples of 2^-GRID where nothing else is asked
FAST_GROWTH, GROWTH, SHRINKAGE = 1.5, 1.07, 0.87
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


@dataclass(frozen=True)
class Found:
    """A piece, what is known of its zeros, and what was evaluated: at the centre, and on the box."""

    piece: Piece
    zeros: Zeros
    here: State
    box: State

    @cached_property
    def followed(self) -> tuple[Any, Any]:
        """Values, and derivatives of the reduced gradient by the unknowns, at the zeros."""
        values = self.zeros.follow(self.here.values, self.box.values)
        return values, self.zeros.follow_slopes(self.here.reduced, self.box.reduced)

    def blocks(self, p: int, shift: Ball) -> dict[str, list[list[Any]]]:
        """Name and matrix of each block at the zeros."""
        return blocks(*self.followed, p, shift)


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
    middle, half = (first + last) / 2, (last - first) / 2
    start = solve(guess, middle, p, digits.newton)
    if start is None:
        return None
    centre = [on_grid(x, digits.centre) for x in start]
    points, size = [*map(dyadic_ball, centre), middle], len(centre)
    slope = _slope(points, p)
    if slope is None:
        return None
    seed = seeds([[s] for s in slope], half * 0)
    *unknowns, parameter = [Jet(x, s) for x, s in zip(points, seed, strict=True)]
    here = evaluate(unknowns, parameter, p)
    inverse = inverse_at_middle([x.slopes[:size] for x in here.system])
    if inverse is None:
        return None
    radii: list[Dyadic] = [(0, 0)] * size
    for _ in range(TRIES):
        balls = [dyadic_ball(r) for r in radii]
        *place, eps = on_patch(points[:size], seed, balls, [(middle, first.union(last))])
        box = evaluate(place, eps, p)
        zeros = find_zeros(inverse, here.system, box.system, balls, [half])
        if zeros is None or not all(certainly_less(b, half * 0 + LARGEST_RADIUS) for b in zeros.reach):
            return None
        if all(certainly_less(b * ROOM, r) for b, r in zip(zeros.reach, balls, strict=True)):
            return Found(Piece(low, high, centre, slope, radii, zeros.reach), zeros, here, box)
        radii = [_radius(b, digits.radius) for b in zeros.reach]
    return None


def _slope(points: Sequence[Ball], p: int) -> list[Dyadic] | None:
    """Of the zeros by eps, near the middle."""
    *unknowns, parameter = variables(points)
    system, size = evaluate(unknowns, parameter, p).system, len(unknowns)
    inverse = inverse_at_middle([x.slopes[:size] for x in system])
    if inverse is None:
        return None
    change = inverse * ball_matrix([[x.slopes[size]] for x in system])
    return [on_grid(-change[i, 0], SLOPE_BITS) for i in range(size)]


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
