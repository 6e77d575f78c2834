"""The fractional width where an eigenvalue crosses zero along a branch (docs/all-sizes.md, A7, A15).

Near the crossing the watched block's last pivot is shown to be monotone; on one side the block is shown to be definite,
and on the other the pivot to be negative.  A short piece around the crossing, with opposite signs at its ends, gives
the digits.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any

from certify.arithmetic import (
    Dyadic,
    certainly_less,
    dyadic_ball,
    lower,
    midpoint,
    precision,
    rounded,
    text,
    upper,
)
from certify.certificate import Certificate
from certify.families.branch import NAMES, TWO_DOUBLED, approximate_crossing, exact, last_pivot, limit, outside, watched
from certify.outcome import Undecided
from certify.proving.curve import USUAL, Attempt, Digits, Found, Piece, continues, cover, enclose
from certify.proving.patches import definite
from certify.proving.tube import DOMINANCE, aimed_losses, family_fields, loss_bounds, with_loss
from certify.proving.tube import Piece as WithLoss

Ball = Any

BITS = 144  # working precision, and the checker's
EPS_BITS = 96  # the piece of the crossing ends at multiples of 2^-EPS_BITS, HALF_LENGTH of them to each side
HALF_LENGTH = 64
FINE = Digits(120, 120, 60)
WIDTH_BITS = 100
NEAR = 9  # eps* (1 -+ 2^-NEAR): where the pivot is shown to decrease
ROOM = 1.02
LEAST = {TWO_DOUBLED: 9}  # n down to which there are minima on the curve; else the integer below the crossing


@dataclass(frozen=True)
class Crossing:
    """Proved: the curve reaches first_width, and one eigenvalue crosses zero in the piece of that number."""

    turned: int
    first_width: int
    width: tuple[Dyadic, Dyadic]
    pieces: list[Piece]
    rejected: int
    certificate: Certificate


def prove_crossing(
    turned: int, first_width: int | None = None, report: Callable[[float], None] = lambda share: None
) -> Crossing | Undecided:
    """The width where the branch's points cease to be minima, on one side or the other; by default down to the integer
    below it, or to LEAST.

    report: called with the share of the range of eps that is done.
    """
    p = turned
    with precision(BITS):
        place = approximate_crossing(p, EPS_BITS)
        if place is None:
            return Undecided("no eigenvalue is seen to cross zero along the branch", "fewer turned students")
        mantissa, exponent = midpoint(place)
        eps = mantissa << exponent + EPS_BITS if exponent + EPS_BITS >= 0 else mantissa >> -exponent - EPS_BITS
        size = LEAST.get(p, (1 << 2 * EPS_BITS) // (eps * eps))
        size = size if first_width is None else first_width - outside(p)
        low, high, top = eps - HALF_LENGTH, eps + HALF_LENGTH, isqrt((1 << 2 * EPS_BITS) // size) + 2
        first, last = eps - (eps >> NEAR), min(eps + (eps >> NEAR), top)
        if size < 3 or top <= high:
            there = f"{outside(p) + float(place) ** -2:.6g}"
            return Undecided(f"the crossing at width {there} is not above the first width", "a smaller first width")
        losses, pieces = aimed_losses(p, size) if p in NAMES else None, list[Piece]()
        starts, rejected, guess = [], 0, [exact(x) for x in limit(p)]
        before, after = (_definite, _indefinite) if watched(p).sign > 0 else (_indefinite, _definite)
        stages = (
            ((0, first), USUAL, before), ((first, low), USUAL, _moves), ((low, high), FINE, _moves),
            ((high, last), USUAL, _moves), ((last, top), USUAL, after),
        )  # fmt: skip

        def told(end: int) -> Callable[[float], None]:
            return lambda share: report(share * end / top)

        for ends, digits, suits in stages:
            starts.append(len(pieces))
            attempt = _attempt(p, digits, suits, losses)
            done = cover(ends, pieces, guess, attempt, report=told(ends[1]), bits=EPS_BITS)
            pieces, rejected = done.pieces, rejected + done.rejected
            if done.stopped is not None:
                return Undecided(f"pieces became too short near n = {done.stopped**-2:.6g}", "a larger first width")
            guess = [dyadic_ball(x) for x in pieces[-1].centre]
        width = _width(pieces[starts[2]], p)
        certificate = _certificate(p, size + outside(p), pieces, (starts[1], starts[2], starts[4] - 1), width)
    return Crossing(p, size + outside(p), width, pieces, rejected, certificate)


def _attempt(
    p: int, digits: Digits, suits: Callable[[Found, int], bool], losses: tuple[float, float] | None
) -> Attempt[Piece]:
    def attempt(low: Dyadic, high: Dyadic, guess: Sequence[Ball], before: Piece | None) -> Piece | None:
        found = enclose(low, high, guess, p, digits)
        if found is None or (before is not None and not continues(before, found.piece)):
            return None
        if not suits(found, p):
            return None
        return found.piece if losses is None else with_loss(found, losses)

    return attempt


def _definite(found: Found, p: int) -> bool:
    """All blocks are positive definite."""
    return all(definite(x, found.zeros, DOMINANCE) for x in found.blocks(p, found.zeros.halves[0] * 0).values())


def _indefinite(found: Found, p: int) -> bool:
    """The watched block's last pivot is negative, and the others are positive definite, but for those that may not."""
    rest, pivot = _signs(found, p, watched(p).others)
    half = found.zeros.halves[0]
    return rest and all(certainly_less(pivot.start + pivot.slopes[0] * t * ROOM, half * 0) for t in (-half, half))


def _moves(found: Found, p: int) -> bool:
    """All blocks but the watched one are positive definite, and its last pivot is monotone along the curve."""
    rest, pivot = _signs(found, p, ())
    return rest and certainly_less(pivot.slopes[0] * watched(p).sign, found.zeros.halves[0] * 0)


def _signs(found: Found, p: int, without: Collection[str]) -> tuple[bool, Any]:
    """Whether all blocks but the watched one and those `without` are positive definite, and its last pivot."""
    forms, block = found.blocks(p, found.zeros.halves[0] * 0), watched(p)
    pivot = last_pivot(forms.pop(block.block), block.order)
    rest = (x for name, x in forms.items() if name not in without)
    return all(definite(x, found.zeros, DOMINANCE) for x in rest), pivot


def _width(piece: Piece, p: int) -> tuple[Dyadic, Dyadic]:
    """Bounds of eps^-2 and the teachers outside the class of n."""
    first, last = (outside(p) + 1 / dyadic_ball(x) ** 2 for x in (piece.low, piece.high))
    return rounded(lower(last), WIDTH_BITS, up=False), rounded(upper(first), WIDTH_BITS, up=True)


def _certificate(
    p: int, first_width: int, pieces: Sequence[Piece], places: tuple[int, int, int], width: tuple[Dyadic, Dyadic]
) -> Certificate:
    """Claim and witness (docs/all-sizes.md); places: first monotone piece, that of the crossing, last monotone one."""
    known = [piece for piece in pieces if isinstance(piece, WithLoss)]
    claim = {
        "kind": "eigenvalue-crossing-along-a-branch",
        "landscape": "relu-population-loss",
        "first_width": first_width,
        "monotone": [places[0], places[2]],
        "crossing": places[1],
        "crossing_width": [text(x) for x in width],
        "tube": [piece.record() for piece in pieces],
        **family_fields(p),
        **({"scaled_loss": loss_bounds(known)} if known else {}),
    }
    return Certificate(claim, {"precision": BITS})
