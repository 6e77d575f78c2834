"""Parametric Krawczyk: a tube around a branch of minima over all widths, piece by piece (docs/all-sizes.md, A6).

The parameter is eps = 1 / sqrt(n), from 0 (infinite width) to the first width; pieces grow and shrink with success.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any

from certify.arithmetic import (
    Dyadic,
    ball_matrix,
    certainly_less,
    dyadic,
    dyadic_ball,
    lower,
    magnitude,
    midpoint,
    precision,
    rectangle,
    rounded,
    text,
    upper,
)
from certify.arithmetic.dyadic import normal
from certify.arithmetic.jets import Jet, variables
from certify.certificate import Certificate
from certify.families.branch import State, approximate_first_size, evaluate, exact, solve
from certify.families.turned import limit
from certify.families.turned_blocks import blocks
from certify.linalg.congruence import certainly_positive_definite
from certify.outcome import Undecided

Ball = Any

BITS = 80  # working precision, and the checker's
GRID = 40  # eps and radii are multiples of 2^-GRID
CENTRE_BITS, SLOPE_BITS, INVERSE_BITS = 48, 24, 20
RADIUS_DIGITS = 12  # mantissa bits of a radius
TRIES = 10
INFLATION, ROOM, DOMINANCE = 1.12, 1.01, 1.1  # room for the checker's rounding and wider intervals
GROWTH, SHRINKAGE = 1.12, 0.75
FIRST_LENGTH = 2.0**-6
SHORTEST = 2.0**-23
LARGEST_RADIUS = 64.0
LOSS_DIGITS = 16
LOSS_WIDTH = 0.012  # of k L for each turned student


@dataclass(frozen=True)
class Piece:
    """eps in [low, high] / 2^GRID; what the certificate holds, and what the proof found.

    reach: bounds of the distance between the zero and the line; loss: enclosure of k L.
    """

    low: int
    high: int
    centre: list[Dyadic]
    slope: list[Dyadic]
    radii: list[Dyadic]
    inverse: list[list[int]]
    reach: list[Ball]
    loss: Ball


@dataclass(frozen=True)
class AllSizes:
    """Proved: strict minima for every n >= first_width - turned."""

    turned: int
    first_width: int
    curvature: Dyadic
    pieces: list[Piece]
    rejected: int  # attempts at pieces that were too long
    certificate: Certificate


def prove_all_sizes(
    turned: int,
    first_width: int | None = None,
    curvature: float | None = None,
    report: Callable[[float], None] = lambda share: None,
) -> AllSizes | Undecided:
    """A tube for all k >= first_width, every Hessian eigenvalue >= curvature.

    By default the first width is the least from which on the branch consists of minima, and the curvature half of the
    smallest eigenvalue there.  report: called with the share of the range of eps that is done.
    """
    try:
        size, there = approximate_first_size(turned)
    except ValueError as error:
        return Undecided(str(error), "fewer turned students")
    size = size if first_width is None else first_width - turned
    bound = rounded(dyadic(there / 2), 10, up=False) if curvature is None else rounded(dyadic(curvature), 20, up=True)
    with precision(BITS):
        pieces, rejected = _cover(turned, size, dyadic_ball(bound), report)
        end = pieces[-1].high if pieces else 0
        if end * end * size < 1 << 2 * GRID:
            place = f"n = {(2.0**GRID / end) ** 2:.6g}" if end else "n = infinity"
            return Undecided(f"pieces became too short near {place}", "a larger first width or a smaller curvature")
        certificate = _certificate(turned, size + turned, bound, pieces)
    return AllSizes(turned, size + turned, bound, pieces, rejected, certificate)


def _cover(p: int, size: int, bound: Ball, report: Callable[[float], None]) -> tuple[list[Piece], int]:
    """Pieces from 0 to 1 / sqrt(size), or until they become too short; and the number of failed attempts."""
    top = isqrt((1 << 2 * GRID) // size) + 2
    pieces: list[Piece] = []
    start, length, failed, rejected = 0, FIRST_LENGTH, False, 0
    guess = [exact(x) for x in limit(p)]
    while start < top:
        end = min(top, start + max(1, int(length * 2**GRID)))
        piece = _piece((start, end), guess, p, bound, pieces[-1] if pieces else None)
        if piece is None:
            rejected, failed = rejected + 1, True
            length = (end - start) / 2**GRID * SHRINKAGE
            if length < SHORTEST:
                break
            continue
        length = (end - start) / 2**GRID * (GROWTH if failed else 1.5)
        pieces.append(piece)
        failed = failed and len(pieces) % 8 != 0
        guess, start = [dyadic_ball(x) for x in piece.centre], end
        report(start / top)
    return pieces, rejected


def _piece(ends: tuple[int, int], guess: Sequence[Ball], p: int, bound: Ball, before: Piece | None) -> Piece | None:
    """Krawczyk's test over [low, high] with radii that grow until it holds; then the blocks, then the joint."""
    low, high = ends
    middle, half = dyadic_ball((low + high, -GRID - 1)), dyadic_ball((high - low, -GRID - 1))
    eps = dyadic_ball((low, -GRID)).union(dyadic_ball((high, -GRID)))
    found = solve(guess, middle, p)
    if found is None:
        return None
    centre = [_on_grid(x, CENTRE_BITS) for x in found]
    size, one, zero = len(centre), half * 0 + 1, half * 0
    *unknowns, parameter = variables([*map(dyadic_ball, centre), middle])
    here = evaluate(unknowns, parameter, p)
    inverse = ball_matrix([[exact(x) for x in f.slopes[:size]] for f in here.system]).mid().inv()
    rows = [[_on_grid(inverse[i, j], INVERSE_BITS) for j in range(size)] for i in range(size)]
    y = ball_matrix([[dyadic_ball(x) for x in row] for row in rows])
    change = y * ball_matrix([[f.slopes[size]] for f in here.system])
    slope = [_on_grid(-change[i, 0], SLOPE_BITS) for i in range(size)]
    line = [dyadic_ball(x) + dyadic_ball(s) * (eps - middle) for x, s in zip(centre, slope, strict=True)]
    along = evaluate([Jet(x, [dyadic_ball(s)]) for x, s in zip(line, slope, strict=True)], Jet(eps, [one]), p)
    values = y * ball_matrix([[f.value] for f in here.system])
    changes = y * ball_matrix([[f.slopes[0]] for f in along.system])
    fixed = [_bound(values[i, 0]) + _bound(changes[i, 0]) * half for i in range(size)]
    tried = _reach(fixed, line, eps, y, p)
    if tried is None:
        return None
    radii, reach, over = tried
    if not all(certainly_positive_definite(m, DOMINANCE) for m in blocks(over.values, over.reduced, p, bound).values()):
        return None
    unit = rectangle((0, 0), (1, 0))
    loss = sum((f * unit * b for f, b in zip(over.loss.slopes, reach, strict=True)), zero)
    loss = loss + here.loss.value + along.loss.slopes[0] * unit * half
    if not certainly_less(loss - exact(loss), zero + LOSS_WIDTH / 2 * p):
        return None
    whole = [[x[0] << x[1] + INVERSE_BITS for x in row] for row in rows]
    piece = Piece(low, high, centre, slope, radii, whole, reach, loss)
    return piece if before is None or _continues(before, piece) else None


def _reach(
    fixed: Sequence[Ball], line: Sequence[Ball], eps: Ball, y: Any, p: int
) -> tuple[list[Dyadic], list[Ball], State] | None:
    """Radii that Krawczyk's operator maps into their interior, the bounds of its image, and what was found there."""
    size, zero, unit = len(fixed), eps * 0, rectangle((0, 0), (1, 0))
    flat = Jet(eps, [zero] * size)
    reach = list(fixed)
    for _ in range(TRIES):
        if not all(b.is_finite() for b in reach):
            return None
        radii = [_radius(b) for b in reach]
        balls = [dyadic_ball(r) for r in radii]
        if not all(certainly_less(r, zero + LARGEST_RADIUS) for r in balls):
            return None
        over = evaluate(variables([x + r * unit for x, r in zip(line, balls, strict=True)]), flat, p)
        product = y * ball_matrix([f.slopes for f in over.system])
        reach = [
            fixed[i] + sum((_bound(product[i, j] - int(i == j)) * balls[j] for j in range(size)), zero)
            for i in range(size)
        ]
        if all(certainly_less(b * ROOM, r) for b, r in zip(reach, balls, strict=True)):
            return radii, reach, over
    return None


def _on_grid(ball: Ball, bits: int) -> Dyadic:
    """A multiple of 2^-bits near the midpoint."""
    mantissa, exponent = midpoint(ball)
    return normal(mantissa << exponent + bits if exponent + bits >= 0 else mantissa >> -exponent - bits, -bits)


def _bound(ball: Ball) -> Ball:
    """An upper bound of the absolute value, as a point; not finite if the ball is not."""
    return dyadic_ball(magnitude(ball)) if ball.is_finite() else ball


def _radius(reach: Ball) -> Dyadic:
    """A little more than the reach, in few digits and never below 2^-GRID."""
    mantissa, exponent = rounded(upper(reach * INFLATION), RADIUS_DIGITS, up=True)
    least = -GRID
    if exponent >= least:
        return normal(mantissa, exponent)
    return normal(-(-mantissa >> least - exponent) + 1, least)


def _continues(before: Piece, after: Piece) -> bool:
    """The zero of one piece is within the radii of the other where they meet."""
    end, start = _end(before, before.high), _end(after, after.low)
    apart = [_bound(a - b) for a, b in zip(end, start, strict=True)]
    return any(
        all(certainly_less((d + b) * ROOM, dyadic_ball(r)) for d, b, r in zip(apart, x.reach, z.radii, strict=True))
        for x, z in ((before, after), (after, before))
    )


def _end(piece: Piece, eps: int) -> list[Ball]:
    """The line of a piece at one of its ends."""
    step = dyadic_ball((2 * eps - piece.low - piece.high, -GRID - 1))
    return [dyadic_ball(x) + dyadic_ball(s) * step for x, s in zip(piece.centre, piece.slope, strict=True)]


def _certificate(p: int, first_width: int, curvature: Dyadic, pieces: Sequence[Piece]) -> Certificate:
    """Claim and witness (docs/certificate-format.md)."""
    lows = [rounded(lower(piece.loss), LOSS_DIGITS, up=False) for piece in pieces]
    highs = [rounded(upper(piece.loss), LOSS_DIGITS, up=True) for piece in pieces]
    claim = {
        "kind": "strict-local-minima-of-all-widths",
        "landscape": "relu-population-loss",
        "family": "turned",
        "turned": p,
        "first_width": first_width,
        "curvature": text(curvature),
        "scaled_loss": [text(min(lows, key=_value)), text(max(highs, key=_value))],
        "tube": [
            {
                "eps": [text(normal(piece.low, -GRID)), text(normal(piece.high, -GRID))],
                "centre": [text(x) for x in piece.centre],
                "slope": [text(x) for x in piece.slope],
                "radii": [text(x) for x in piece.radii],
            }
            for piece in pieces
        ],
    }
    inverses = [piece.inverse for piece in pieces]
    return Certificate(claim, {"precision": BITS, "inverse_bits": INVERSE_BITS, "inverses": inverses})


def _value(x: Dyadic) -> float:
    return x[0] * 2.0 ** x[1]
