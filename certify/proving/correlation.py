"""A curve of minima over an interval of the teachers' correlation, piece by piece (docs/correlation.md, Q1 to Q4).

The parameter is beta: teachers e_m + beta (1, ..., 1), of correlation rho = g / (1 + g), g = 2 beta + M beta^2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor, inf, isqrt, sqrt
from typing import NamedTuple

import numpy as np
from scipy.linalg import LinAlgError, eigh

from certify.arithmetic import (
    Ball,
    Dyadic,
    ball_matrix,
    certainly_less,
    dyadic,
    dyadic_ball,
    float_ball,
    lower,
    precision,
    rectangle,
    rounded,
    text,
    upper,
)
from certify.arithmetic import pi as ball_pi
from certify.arithmetic.dyadic import normal
from certify.arithmetic.jets import Jet
from certify.arithmetic.taylor import (
    Domain,
    Taylor,
    taylor,
    taylor_complement,
    taylor_products,
    taylor_root,
)
from certify.certificate import Certificate
from certify.families.blocks import Block, ambient_blocks, hessian_blocks
from certify.families.branch import State
from certify.families.numbers import FLOATS
from certify.families.orbits import Geometry, Numbers, Pattern
from certify.families.signature import Signature
from certify.linalg.congruence import certainly_positive_definite
from certify.outcome import Undecided
from certify.proving import curve
from certify.proving.curve import GRID, Digits, continues, contraction, cover, inverse_at_middle, on_grid
from certify.proving.family import approximate_newton, moved, restricted, scales, unknowns
from certify.proving.patches import bound

Ends = tuple[Fraction, Fraction]

BITS = 80  # working precision, and the checker's
DIGITS = Digits(36, 30, 0)
SLOPE_BITS = 20
DOMINANCE, ROOM = 1.1, 1.05  # room for the checker's rounding and wider intervals
SHARE = 0.8
SAMPLES = 64  # of the interval, in floating point
STATIONARY = 1e-9
LOSS_DIGITS = 16
LOSS_ROOM = 1.1  # the checker adds up its terms in another order
LEAST_LOSS = 6  # in units of its error


@dataclass(frozen=True)
class Piece(curve.Piece):
    """low and high of beta; loss: enclosure of L / 2 pi of the unscaled teachers."""

    loss: Ball


@dataclass(frozen=True)
class Correlated:
    """Proved: strict minima for every correlation in the interval, on one curve."""

    signature: Signature
    correlation: Ends
    curvature: Dyadic
    loss: tuple[Dyadic, Dyadic]  # of L / (c^2 (1 - rho))
    pieces: list[Piece]
    rejected: int  # attempts at pieces that were too long
    certificate: Certificate


class _Curve(NamedTuple):
    """What does not change along the curve; shift: 2 pi times the bound of the eigenvalues."""

    signature: Signature
    shift: Ball


class _Here(NamedTuple):
    """The Hessian's blocks and the ambient ones, the trivial one first, and the loss, on the domain of a piece."""

    domain: Domain
    blocks: list[Block]
    loss: Taylor


def prove_correlation(
    signature: Signature,
    patterns: Sequence[Pattern],
    at: float,
    interval: Ends,
    *,
    curvature: float | None = None,
    report: Callable[[float], None] = lambda share: None,
) -> Correlated | Undecided:
    """The curve over the interval of correlations, inside (-1/(M-1), 1), through a minimum at one of them.

    patterns: of that minimum, for teachers e_m + beta 1, beta = beta_of(at, M).  curvature: a bound of all Hessian
    eigenvalues; by default SHARE of the smallest one found in floating point.  report: called with the share done.
    """
    count = signature.teachers
    ends = _outward(interval, count)
    sampled = _sampled(signature, patterns, beta_of(at, count), ends)
    if isinstance(sampled, Undecided):
        return sampled
    start, least = sampled
    if curvature is not None and not curvature < least:
        return Undecided(f"an eigenvalue is only {least:.4g}, in floating point", "a smaller curvature")
    mu = rounded(dyadic(SHARE * least), 10, up=False) if curvature is None else rounded(dyadic(curvature), 20, up=True)
    with precision(BITS):
        here, guess = _Curve(signature, 2 * ball_pi() * dyadic_ball(mu)), [float_ball(x) for x in start]

        def attempt(low: Dyadic, high: Dyadic, guess: Sequence[Ball], before: Piece | None) -> Piece | None:
            return _piece(here, (_moved(low, ends[0]), _moved(high, ends[0])), guess, before)

        found = cover((0, ends[1] - ends[0]), [], guess, attempt, report=report)
        if found.stopped is not None:
            place = correlation_of(found.stopped + ends[0] / 2**GRID, count)
            return Undecided(f"pieces became too short near rho = {place:.6g}", "a shorter interval")
        if not _passes_through(found.pieces, beta_of(at, count), _numbers(signature, patterns)):
            return Undecided("the curve that was followed is that of another minimum", "a shorter interval")
        losses = [x.loss / (2 * ball_pi()) for x in found.pieces]
        low = min((rounded(lower(x), LOSS_DIGITS, up=False) for x in losses), key=_value)
        high = max((rounded(upper(x), LOSS_DIGITS, up=True) for x in losses), key=_value)
    claim = {
        "kind": "strict-local-minima-of-all-correlations",
        "landscape": "relu-population-loss",
        "signature": {"sizes": list(signature.sizes), "owners": list(signature.owners)},
        "correlation": [[x.numerator, x.denominator] for x in interval],
        "curvature": text(mu),
        "scaled_loss": [text(low), text(high)],
        "tube": [piece.record("beta") for piece in found.pieces],
    }
    certificate = Certificate(claim, {"precision": BITS})
    return Correlated(signature, interval, mu, (low, high), found.pieces, found.rejected, certificate)


def beta_of(correlation: float, teachers: int) -> float:
    """The beta > -1/M whose teachers have this correlation; M beta^2 + 2 beta = rho / (1 - rho)."""
    root = sqrt(1.0 + teachers * correlation / (1.0 - correlation))
    return correlation / (1.0 - correlation) / (1.0 + root)


def correlation_of(beta: float, teachers: int) -> float:
    """Its inverse."""
    excess = 2.0 * beta + teachers * beta * beta
    return excess / (1.0 + excess)


def _passes_through(pieces: Sequence[Piece], beta: float, numbers: Sequence[float]) -> bool:
    """A float point lies in the tube, where that contains this beta."""
    for piece in pieces:
        low, high = _value(piece.low), _value(piece.high)
        if low <= beta <= high:
            parts = zip(numbers, piece.centre, piece.slope, piece.radii, strict=True)
            return all(abs(x - _value(y) - _value(s) * (beta - (low + high) / 2)) <= _value(r) for x, y, s, r in parts)
    return False


def _outward(interval: Ends, teachers: int) -> tuple[int, int]:
    """Multiples of 2^-GRID with beta on both sides of the interval's, exactly: M b = sqrt(1 + M rho/(1-rho)) - 1."""
    result = []
    for side, rho in enumerate(interval):
        square = 1 + teachers * rho / (1 - rho)
        root = isqrt(floor(square * 4**GRID)) + side  # at most the root times 2^GRID, or more than that
        result.append((root - 2**GRID + (teachers - 1) * side) // teachers)
    return result[0], result[1]


def _moved(x: Dyadic, start: int) -> Dyadic:
    """x + start 2^-GRID, x a multiple of that."""
    return normal((x[0] << x[1] + GRID) + start, -GRID)


def _sampled(
    signature: Signature, patterns: Sequence[Pattern], at: float, ends: tuple[int, int]
) -> tuple[list[float], float] | Undecided:
    """The unknowns at the lower end and the least eigenvalue on the way from there to the other, in floats."""
    low, high = (x / 2**GRID for x in ends)
    least, starts = inf, []
    for end in (low, high):
        points = list(patterns)
        for k in range(SAMPLES + 1):
            beta = at + (end - at) * k / SAMPLES
            solved = solve(signature, points, beta)
            value = -inf if solved is None else least_eigenvalue(signature, solved, beta)
            if solved is None or not value > 0.0:
                place = f"near rho = {correlation_of(beta, signature.teachers):.4f}"
                reason = "the curve could not be followed" if solved is None else "it is no minimum any more"
                return Undecided(f"{reason} {place}, in floating point", "a shorter interval")
            least, points = min(least, value), solved
        starts.append(points)
    return _numbers(signature, starts[0]), least


def solve(signature: Signature, patterns: Sequence[Pattern], beta: float) -> list[Pattern] | None:
    """Newton's iteration in floats."""
    try:
        points = approximate_newton(signature, patterns, (1.0, beta))
        geometry = Geometry(signature.sizes, signature.owners, points, (1.0, beta), FLOATS)
    except ArithmeticError:
        return None
    size = float(np.linalg.norm(np.array(restricted(signature, geometry.gradient())) * scales(signature)))
    return points if size < STATIONARY else None


def least_eigenvalue(signature: Signature, patterns: Sequence[Pattern], beta: float) -> float:
    """Of the Hessian and of the ambient matrix, in floats."""
    geometry, least = Geometry(signature.sizes, signature.owners, patterns, (1.0, beta), FLOATS), inf
    for block in _blocks(geometry):
        try:
            values = eigh(np.array(block.matrix, float), np.array(block.gram, float), eigvals_only=True)
        except (LinAlgError, ValueError):
            return -inf
        least = min(least, float(values[0]) / (2.0 * FLOATS.pi))
    return least


def _blocks(geometry: Geometry) -> Iterator[Block]:
    yield from hessian_blocks(geometry)
    yield from ambient_blocks(geometry)


def _numbers(signature: Signature, patterns: Sequence[Pattern]) -> list[float]:
    """The unknowns: base values and deltas."""
    return [float(patterns[a].delta if c is None else patterns[a].base[c]) for a, c in unknowns(signature)]


def _patterns(signature: Signature, numbers: Sequence[object]) -> list[Pattern]:
    """The patterns with these unknowns."""
    none = [Pattern((0,) * len(signature.sizes), 0) for _ in signature.owners]
    return moved(signature, none, [-x for x in numbers])  # type: ignore[operator]


def _piece(c: _Curve, ends: tuple[Dyadic, Dyadic], guess: Sequence[Ball], before: Piece | None) -> Piece | None:
    """Krawczyk's test with radii that grow until it holds, definite blocks, and the glue to the piece before."""
    first, last = (dyadic_ball(x) for x in ends)
    betas = [float(first), float(first / 2 + last / 2), float(last)]
    middle = solve(c.signature, _patterns(c.signature, [float(x) for x in guess]), betas[1])
    if middle is None:
        return None
    sides = [solve(c.signature, middle, betas[0]), solve(c.signature, middle, betas[2])]
    if sides[0] is None or sides[1] is None:
        return None
    chord = [(y - x) / (betas[2] - betas[0])
             for x, y in zip(*(_numbers(c.signature, x) for x in sides if x is not None), strict=True)]  # fmt: skip
    centre = [on_grid(float_ball(x), DIGITS.centre) for x in _numbers(c.signature, middle)]
    slope = [on_grid(float_ball(x), SLOPE_BITS) for x in chord]
    return _enclosed(c, ends, (centre, slope), before)


def _enclosed(
    c: _Curve, ends: tuple[Dyadic, Dyadic], line: tuple[list[Dyadic], list[Dyadic]], before: Piece | None
) -> Piece | None:
    """The same along a given line."""
    first, last = (dyadic_ball(x) for x in ends)
    half, size, unit = (last - first) / 2, len(line[0]), rectangle((0, 0), (1, 0))

    def states(radii: Sequence[Ball]) -> tuple[State, State]:
        """Along the line, and over the box; values: the system and everything else."""
        domain = Domain(half * unit, tuple(r * unit for r in radii))
        system, here = _evaluated(c.signature, line, (first + last) / 2, domain)
        rows = [[x.box.value for x in row] for row in here.blocks[0].matrix]
        along = State(here, system, [x.line for x in system], here.loss.line)
        over = [Jet(x.box.value, row) for x, row in zip(system, rows, strict=True)]
        return along, State(here, system, over, here.loss.box)

    def fixed(y: object, along: State) -> list[Ball]:
        """What the operator adds to the image of the box, for its matrix."""
        system: list[Taylor] = along.reduced
        values = y * ball_matrix([[x.start.value] for x in system])
        changes = y * ball_matrix([[x.slopes[0]] for x in along.system])
        return [bound(values[i, 0]) + bound(changes[i, 0]) * half for i in range(size)]

    none = [half * 0] * size
    inverse = inverse_at_middle([x.slopes for x in states(none)[1].system])
    tried = None if inverse is None else contraction(states, fixed, inverse, none, DIGITS)
    if tried is None:
        return None
    here, moves = tried.over.values, [x * unit * ROOM for x in tried.reach]
    if not all(_definite(block, c.shift, moves) for block in here.blocks):
        return None
    loss = here.loss.line.value + sum((x * m for x, m in zip(here.loss.box.slopes, moves, strict=True)), half * 0)
    loss = loss.mid() + (loss - loss.mid()) * LOSS_ROOM
    if not certainly_less(loss.rad() * LEAST_LOSS, loss.mid()):
        return None
    piece = Piece(*ends, *line, tried.radii, tried.reach, loss)
    return piece if before is None or continues(before, piece) else None


def _evaluated(
    signature: Signature, line: tuple[list[Dyadic], list[Dyadic]], middle: Ball, domain: Domain
) -> tuple[list[Taylor], _Here]:
    """<X, 2 pi grad L> for the basis X of the fixed space, and what depends on it."""
    one = middle * 0 + 1
    pairs = enumerate(zip(*line, strict=True))
    point = [taylor(domain, dyadic_ball(x), dyadic_ball(s), k) for k, (x, s) in pairs]
    numbers = Numbers(taylor_root, taylor_complement, lambda sine: 1 / sine, _no_limit, taylor_products, ball_pi())
    teacher = one, taylor(domain, middle, one, None)
    geometry = Geometry(signature.sizes, signature.owners, _patterns(signature, point), teacher, numbers)
    system = restricted(signature, geometry.gradient())
    return system, _Here(domain, list(_blocks(geometry)), geometry.loss())


def _no_limit(square: int, value: object) -> object:
    """Parallel rows do not occur: their sines have no inverse, which makes the test fail."""
    raise ArithmeticError("two rows may be parallel")


def _definite(block: Block, shift: Ball, moves: Sequence[Ball]) -> bool:
    """The block exceeds the shift at the zeros: at both ends with all that can be added, hence between (Q3)."""
    return all(
        certainly_positive_definite(
            [
                [x.at_end(side, moves) - shift * n for x, n in zip(*rows, strict=True)]
                for rows in zip(block.matrix, block.gram, strict=True)
            ],
            DOMINANCE,
        )
        for side in (-1, 1)
    )


def _value(x: Dyadic) -> float:
    return x[0] * 2.0 ** x[1]
