"""Krawczyk with two parameters: a surface of minima over all widths and turned students (docs/all-sizes.md, A14).

The parameters are share = sqrt(p / n) and kappa = 1 / sqrt(p); rectangles are halved until the tests hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from certify.arithmetic import (
    Dyadic,
    ball_matrix,
    certainly_less,
    dyadic_ball,
    midpoint,
    precision,
    rounded,
    text,
    upper,
)
from certify.arithmetic.dyadic import normal
from certify.arithmetic.jets import Jet, variables
from certify.certificate import Certificate
from certify.families import any_turned
from certify.families.any_turned_blocks import blocks
from certify.outcome import Undecided
from certify.proving.patches import bound, definite, find_zeros, on_patch, seeds

Ball = Any

BITS = 80  # working precision, and the checker's
END_BITS = 16  # ends of the parameters
DIGITS = (24, 14, 14, 24)  # after the point, of centre, slopes and radii
RADIUS_DIGITS = 6
SIZE = 6
STEPS, TRIES = 12, 6
CONVERGED = 2.0**-40
FIRST_RADIUS = 20
INFLATION, ROOM, DOMINANCE = 2.0, 1.01, 1.1  # the last two for the checker's rounding
LARGEST_RADIUS = 10.0
WIDEST = (0.12, 0.15)
SMALLEST = 2.0**-10
ROUNDS = 8  # of halving where rectangles do not agree
AXES = ("share", "kappa")
LONG = 0.8  # of kappa's side: share's is halved from there on


class Rectangle(NamedTuple):
    """share in [low, high] and kappa in [low, high]."""

    share: tuple[Dyadic, Dyadic]
    kappa: tuple[Dyadic, Dyadic]


@dataclass(frozen=True)
class AnyTurned:
    """Proved: strict minima for every p >= least_turned and n >= ratio p."""

    least_turned: int
    ratio: tuple[int, int]
    rectangles: int
    rejected: int  # attempts at rectangles that were too large
    certificate: Certificate


class Piece(NamedTuple):
    """A rectangle on which everything holds; centre, slopes and radii of the unknowns, reach of the zero."""

    place: Rectangle
    centre: list[Dyadic]
    slopes: list[list[Dyadic]]
    radii: list[Dyadic]
    reach: list[Ball]

    def plane(self, corner: Sequence[Ball]) -> list[Ball]:
        """At parameters."""
        steps = [x - middle for x, middle in zip(corner, _middles(self.place), strict=True)]
        return [
            dyadic_ball(x) + sum(dyadic_ball(s) * step for s, step in zip(row, steps, strict=True))
            for x, row in zip(self.centre, self.slopes, strict=True)
        ]

    def record(self) -> list[list[int]]:
        """The entry of a claim."""
        columns = [self.centre, *zip(*self.slopes, strict=True), self.radii]
        return [
            [mantissa << bits + exponent for (mantissa, exponent), bits in zip(row, DIGITS, strict=True)]
            for row in zip(*columns, strict=True)
        ]


def prove_any_turned(
    least_turned: int, ratio: tuple[int, int], report: Callable[[float], None] = lambda share: None
) -> AnyTurned | Undecided:
    """A surface for all p >= least_turned >= 3 and n >= ratio p, ratio = a / b.

    report: called with the share of the area that is done.
    """
    if not (least_turned >= 3 and ratio[0] * least_turned >= 3 * ratio[1]):
        return Undecided("less than three students turned, or less than three that are not", "a larger ratio")
    ends = [_end(x) for x in (ratio[1] / ratio[0], 1 / least_turned)]
    whole = Rectangle(((0, 0), ends[0]), ((0, 0), ends[1]))
    with precision(BITS):
        search, tree = _Search(report, _area(whole)), Node(whole, any_turned.start())
        if not (search.run(tree) and search.glue(tree)):
            place = ", ".join(f"{_float(low):.4f}" for low, _ in search.stopped)
            return Undecided(f"rectangles became too small near sqrt(p/n), 1/sqrt(p) = {place}", "a larger ratio or p")
    nodes = list(tree.record())
    claim = {
        "kind": "strict-local-minima-of-all-widths-and-turned",
        "landscape": "relu-population-loss",
        "family": "turned",
        "least_turned": least_turned,
        "ratio": list(ratio),
        "share": text(ends[0]),
        "kappa": text(ends[1]),
        "bits": list(DIGITS),
        "surface": nodes,
    }
    certificate = Certificate(claim, {"precision": BITS, "start": len(nodes) - 1})
    return AnyTurned(least_turned, ratio, search.pieces, search.rejected, certificate)


@dataclass
class Node:
    """A rectangle with its piece, or its two halves; in the tree of a surface."""

    place: Rectangle
    guess: list[Ball]
    piece: Piece | None = None
    axis: int = 0
    halves: tuple[Node, ...] = ()

    def record(self) -> Iterator[Any]:
        """Entries of a claim, in preorder."""
        if self.piece is not None:
            yield self.piece.record()
            return
        yield AXES[self.axis]
        for half in self.halves:
            yield from half.record()


class _Search:
    """Counts, and what is told of them."""

    def __init__(self, report: Callable[[float], None], area: float) -> None:
        self.report, self.area, self.done = report, area, 0.0
        self.pieces = self.rejected = 0
        self.stopped: Rectangle | tuple[()] = ()

    def run(self, node: Node) -> bool:
        """Prove a rectangle or its halves; False where they become too small."""
        sides = [_float(high) - _float(low) for low, high in node.place]
        point = _newton(node.guess, _middles(node.place))
        node.guess = node.guess if point is None else point
        small = sides[0] <= WIDEST[0] and sides[1] <= WIDEST[1]
        node.piece = _attempt(node.place, node.guess) if small and point is not None else None
        if node.piece is not None:
            self.pieces += 1
            self.done += _area(node.place)
            self.report(self.done / self.area)
            return True
        self.rejected += small
        if max(sides) < SMALLEST:
            self.stopped = node.place
            return False
        return self.halve(node)

    def halve(self, node: Node) -> bool:
        """Prove both halves instead."""
        sides = [_float(high) - _float(low) for low, high in node.place]
        node.piece, node.axis = None, 0 if sides[0] >= LONG * sides[1] else 1
        node.halves = tuple(Node(half, node.guess) for half in _halved(node.place, node.axis))
        return all(self.run(half) for half in node.halves)

    def glue(self, whole: Node) -> bool:
        """Halve rectangles until all that meet have their zeros in common; False where they become too small."""
        for _ in range(ROUNDS):
            apart = {id(node): node for node in _apart(whole)}
            if not apart:
                return True
            for node in apart.values():
                self.stopped = node.place
                self.pieces -= 1
                self.done -= _area(node.place)
                if not self.halve(node):
                    return False
        return False


def _apart(node: Node) -> Iterator[Node]:
    """Of every two rectangles that meet and whose zeros are not known to agree there, the larger one."""
    if node.piece is None:
        for half in node.halves:
            yield from _apart(half)
        lower, upper = node.halves
        yield from _apart_halves(lower, upper, node.axis)


def _apart_halves(lower: Node, upper: Node, axis: int) -> Iterator[Node]:
    """The same along the line between two halves."""
    for node, side in ((lower, 1), (upper, 0)):
        if node.piece is None:
            for half in (node.halves[side],) if node.axis == axis else node.halves:
                yield from _apart_halves(*((half, upper) if side else (lower, half)), axis)
            return
    if lower.piece is not None and upper.piece is not None and not _agree(lower.piece, upper.piece, axis):
        yield max(lower, upper, key=lambda node: _area(node.place))


def _agree(before: Piece, after: Piece, axis: int) -> bool:
    """On the common part of a side the zero of one is in the box of the other; True if there is none."""
    sides = [piece.place[1 - axis] for piece in (before, after)]
    low, high = max((side[0] for side in sides), key=_float), min((side[1] for side in sides), key=_float)
    if not _float(low) < _float(high):
        return True
    line = dyadic_ball(before.place[axis][1])
    corners = [(line, dyadic_ball(end)) if axis == 0 else (dyadic_ball(end), line) for end in (low, high)]
    apart = [
        [bound(x - y) for x, y in zip(before.plane(corner), after.plane(corner), strict=True)] for corner in corners
    ]
    return any(
        all(
            certainly_less((d + reach) * ROOM, dyadic_ball(r))
            for row in apart for d, reach, r in zip(row, x.reach, y.radii, strict=True)
        )
        for x, y in ((before, after), (after, before))
    )  # fmt: skip


def _attempt(place: Rectangle, guess: Sequence[Ball]) -> Piece | None:
    """Radii that Krawczyk's operator maps into their interior, with definite blocks."""
    middles, zero = _middles(place), guess[0] * 0
    sides = [
        (middle, dyadic_ball(low).union(dyadic_ball(high))) for middle, (low, high) in zip(middles, place, strict=True)
    ]
    halves = [(dyadic_ball(high) - dyadic_ball(low)) / 2 for low, high in place]
    centre = [_on_grid(x, DIGITS[0]) for x in guess]
    slopes = _slopes(centre, middles)
    if slopes is None:
        return None
    points, seed = [*map(dyadic_ball, centre)], seeds(slopes, zero)
    jets = [Jet(x, s) for x, s in zip([*points, *middles], seed, strict=True)]
    here = any_turned.values(jets[:SIZE], *jets[SIZE:])
    system = any_turned.reduced(here)
    try:
        inverse = ball_matrix([x.slopes[:SIZE] for x in system]).mid().inv().mid()
    except ZeroDivisionError:
        return None
    radii: list[Dyadic] = [(1, -FIRST_RADIUS)] * SIZE
    for _ in range(TRIES):
        balls = [dyadic_ball(r) for r in radii]
        box = on_patch(points, seed, balls, sides)
        bent = any_turned.values(box[:SIZE], *box[SIZE:])
        zeros = find_zeros(inverse, system, any_turned.reduced(bent), balls, halves)
        if zeros is None:
            return None
        if all(certainly_less(x * ROOM, r) for x, r in zip(zeros.reach, balls, strict=True)):
            forms = blocks(zeros.follow(here, bent))
            proved = all(definite(m, zeros, DOMINANCE) for m in forms.values())
            return Piece(place, centre, slopes, radii, zeros.reach) if proved else None
        if not all(certainly_less(x, zero + LARGEST_RADIUS) for x in zeros.reach):
            return None
        radii = [_radius(x) for x in zeros.reach]
    return None


def _slopes(centre: Sequence[Dyadic], middles: Sequence[Ball]) -> list[list[Dyadic]] | None:
    """Of the zeros by share and kappa, near the middle."""
    *unknowns, share, kappa = variables([*map(dyadic_ball, centre), *middles])
    system = any_turned.reduced(any_turned.values(unknowns, share, kappa))
    try:
        inverse = ball_matrix([x.slopes[:SIZE] for x in system]).mid().inv()
    except ZeroDivisionError:
        return None
    change = inverse * ball_matrix([x.slopes[SIZE:] for x in system])
    return [[_on_grid(-change[i, k], DIGITS[1]) for k in range(2)] for i in range(SIZE)]


def _newton(guess: Sequence[Ball], middles: Sequence[Ball]) -> list[Ball] | None:
    """The zero over the middle, or None."""
    point, flat = [x.mid() for x in guess], [guess[0] * 0] * SIZE
    share, kappa = (Jet(m, flat) for m in middles)
    for _ in range(STEPS):
        system = any_turned.reduced(any_turned.values(variables(point), share, kappa))
        try:
            step = ball_matrix([x.slopes for x in system]).mid().solve(ball_matrix([[x.value.mid()] for x in system]))
        except ZeroDivisionError:
            return None
        point = [(x - step[i, 0]).mid() for i, x in enumerate(point)]
        size = max(abs(float(step[i, 0].mid())) for i in range(SIZE))
        if not size < 1e3:
            return None
        if size < CONVERGED:
            return point
    return None


def _end(square: float) -> Dyadic:
    """A little above the root, a multiple of 2^-END_BITS."""
    return normal(int(square**0.5 * 2**END_BITS) + 1, -END_BITS)


def _halved(place: Rectangle, axis: int) -> tuple[Rectangle, Rectangle]:
    low, high = place[axis]
    bits = max(-low[1], -high[1], 0) + 1
    middle = normal((low[0] << bits + low[1]) + (high[0] << bits + high[1]) >> 1, -bits)
    sides = list(place)
    return (
        Rectangle(*[*sides[:axis], (low, middle), *sides[axis + 1 :]]),
        Rectangle(*[*sides[:axis], (middle, high), *sides[axis + 1 :]]),
    )


def _middles(place: Rectangle) -> list[Ball]:
    return [(dyadic_ball(low) + dyadic_ball(high)) / 2 for low, high in place]


def _area(place: Rectangle) -> float:
    first, second = (_float(high) - _float(low) for low, high in place)
    return first * second


def _float(x: Dyadic) -> float:
    return float(x[0] * 2.0 ** x[1])


def _on_grid(ball: Ball, bits: int) -> Dyadic:
    """A multiple of 2^-bits near the midpoint."""
    mantissa, exponent = midpoint(ball)
    return normal(mantissa << exponent + bits if exponent + bits >= 0 else mantissa >> -exponent - bits, -bits)


def _radius(reach: Ball) -> Dyadic:
    """A little more than the reach, in few digits and a multiple of 2^-DIGITS[3]."""
    mantissa, exponent = rounded(upper(reach * INFLATION), RADIUS_DIGITS, up=True)
    if exponent >= -DIGITS[3]:
        return normal(mantissa, exponent)
    return normal(-(-mantissa >> -DIGITS[3] - exponent) + 1, -DIGITS[3])
