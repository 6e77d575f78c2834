"""The fractional width where the smallest eigenvalue crosses zero along a branch (docs/all-sizes.md, A7).

Near the crossing the standard block's last pivot is shown to decrease; before, the block is shown to be definite, and
after, the pivot to be negative.  A short piece around the crossing, with opposite signs at its ends, gives the digits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from certify.families.branch import STANDARD, approximate_crossing, exact, last_pivot, limit
from certify.outcome import Undecided
from certify.proving.curve import USUAL, Attempt, Digits, Found, Piece, continues, cover, enclose
from certify.proving.patches import definite
from certify.proving.tube import DOMINANCE

Ball = Any

BITS = 144  # working precision, and the checker's
EPS_BITS = 96  # the piece of the crossing ends at multiples of 2^-EPS_BITS, HALF_LENGTH of them to each side
HALF_LENGTH = 64
FINE = Digits(120, 120, 60)
WIDTH_BITS = 100
NEAR = 9  # eps* (1 -+ 2^-NEAR): where the pivot is shown to decrease
ROOM = 1.02


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
    """The width where the branch's points cease to be minima; by default down to the integer below it.

    report: called with the share of the range of eps that is done.
    """
    p = turned
    with precision(BITS):
        place = approximate_crossing(p, EPS_BITS)
        if place is None:
            return Undecided("no eigenvalue is seen to cross zero along the branch", "fewer turned students")
        mantissa, exponent = midpoint(place)
        eps = mantissa << exponent + EPS_BITS if exponent + EPS_BITS >= 0 else mantissa >> -exponent - EPS_BITS
        size = (1 << 2 * EPS_BITS) // (eps * eps) if first_width is None else first_width - p
        low, high, top = eps - HALF_LENGTH, eps + HALF_LENGTH, isqrt((1 << 2 * EPS_BITS) // size) + 2
        first, last = eps - (eps >> NEAR), min(eps + (eps >> NEAR), top)
        if size < 3 or top <= high:
            there = f"{p + float(place) ** -2:.6g}"
            return Undecided(f"the crossing at width {there} is not above the first width", "a smaller first width")
        pieces: list[Piece] = []
        starts, rejected, guess = [], 0, [exact(x) for x in limit(p)]
        stages = (
            ((0, first), USUAL, _definite), ((first, low), USUAL, _decreases), ((low, high), FINE, _decreases),
            ((high, last), USUAL, _decreases), ((last, top), USUAL, _negative),
        )  # fmt: skip

        def told(end: int) -> Callable[[float], None]:
            return lambda share: report(share * end / top)

        for ends, digits, suits in stages:
            starts.append(len(pieces))
            attempt = _attempt(p, digits, suits)
            done = cover(ends, pieces, guess, attempt, report=told(ends[1]), bits=EPS_BITS)
            pieces, rejected = done.pieces, rejected + done.rejected
            if done.stopped is not None:
                return Undecided(f"pieces became too short near n = {done.stopped**-2:.6g}", "a larger first width")
            guess = [dyadic_ball(x) for x in pieces[-1].centre]
        width = _width(pieces[starts[2]], p)
        certificate = _certificate(p, size + p, pieces, (starts[1], starts[2], starts[4] - 1), width)
    return Crossing(p, size + p, width, pieces, rejected, certificate)


def _attempt(p: int, digits: Digits, suits: Callable[[Found, int], bool]) -> Attempt[Piece]:
    def attempt(low: Dyadic, high: Dyadic, guess: Sequence[Ball], before: Piece | None) -> Piece | None:
        found = enclose(low, high, guess, p, digits)
        if found is None or (before is not None and not continues(before, found.piece)):
            return None
        return found.piece if suits(found, p) else None

    return attempt


def _definite(found: Found, p: int) -> bool:
    """All blocks are positive definite."""
    return all(definite(x, found.zeros, DOMINANCE) for x in found.blocks(p, found.zeros.halves[0] * 0).values())


def _negative(found: Found, p: int) -> bool:
    """All blocks but the standard one of n are, and its last pivot is negative."""
    others, pivot = _signs(found, p)
    half = found.zeros.halves[0]
    return others and all(certainly_less(pivot.start + pivot.slopes[0] * t * ROOM, half * 0) for t in (-half, half))


def _decreases(found: Found, p: int) -> bool:
    """All blocks but the standard one of n are, and the derivative of its last pivot along the curve is negative."""
    others, pivot = _signs(found, p)
    return others and certainly_less(pivot.slopes[0], found.zeros.halves[0] * 0)


def _signs(found: Found, p: int) -> tuple[bool, Any]:
    """Whether all blocks but the standard one of n are positive definite, and its last pivot at the zeros."""
    forms = found.blocks(p, found.zeros.halves[0] * 0)
    pivot = last_pivot(forms.pop(STANDARD))
    return all(definite(x, found.zeros, DOMINANCE) for x in forms.values()), pivot


def _width(piece: Piece, p: int) -> tuple[Dyadic, Dyadic]:
    """Bounds of p + eps^-2."""
    first, last = (p + 1 / dyadic_ball(x) ** 2 for x in (piece.low, piece.high))
    return rounded(lower(last), WIDTH_BITS, up=False), rounded(upper(first), WIDTH_BITS, up=True)


def _certificate(
    p: int, first_width: int, pieces: Sequence[Piece], places: tuple[int, int, int], width: tuple[Dyadic, Dyadic]
) -> Certificate:
    """Claim and witness (docs/all-sizes.md); places: first monotone piece, that of the crossing, last monotone one."""
    claim = {
        "kind": "eigenvalue-crossing-along-a-branch",
        "landscape": "relu-population-loss",
        "family": "turned",
        "turned": p,
        "first_width": first_width,
        "monotone": [places[0], places[2]],
        "crossing": places[1],
        "crossing_width": [text(x) for x in width],
        "tube": [piece.record() for piece in pieces],
    }
    return Certificate(claim, {"precision": BITS})
