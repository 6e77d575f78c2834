"""Parametric Krawczyk: a tube around a branch of minima over all widths, piece by piece (docs/all-sizes.md, A6).

The parameter is eps = 1 / sqrt(n), from 0 (infinite width) to the first width; pieces grow and shrink with success.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any, NamedTuple

from certify.arithmetic import (
    Dyadic,
    certainly_less,
    dyadic,
    dyadic_ball,
    lower,
    precision,
    rounded,
    text,
    upper,
)
from certify.certificate import Certificate
from certify.families.branch import (
    NAMES,
    UNSCALED,
    approximate_first_size,
    approximate_losses,
    exact,
    limit,
    outside,
)
from certify.outcome import Undecided
from certify.proving import curve
from certify.proving.curve import GRID, Found, continues, cover, enclose
from certify.proving.patches import definite

Ball = Any

BITS = 80  # working precision, and the checker's
DOMINANCE = 1.1  # room for the checker's rounding and wider intervals
ROOM = 1.05  # the same, for the loss
SHARE = 0.98
LOSS_DIGITS = 16
LOSS_ROOM = 0.016  # of the upper bound of the loss: a share of it times turned^0.5; of the lower, a 32nd of that


@dataclass(frozen=True)
class Piece(curve.Piece):
    """loss: enclosure of k L."""

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

    By default the first width is the least from which on the branch consists of minima, and the curvature SHARE of the
    smallest eigenvalue there.  report: called with the share of the range of eps that is done.
    """
    try:
        size, there = approximate_first_size(turned)
    except ValueError as error:
        return Undecided(str(error), "fewer turned students")
    size = size if first_width is None else first_width - outside(turned)
    least = (
        rounded(dyadic(SHARE * there), 10, up=False) if curvature is None else rounded(dyadic(curvature), 20, up=True)
    )
    with precision(BITS):
        aim = _Aim(turned, dyadic_ball(least), aimed_losses(turned, size))
        top = isqrt((1 << 2 * GRID) // size) + 2
        found = cover(
            (0, top), [], [exact(x) for x in limit(turned)],
            lambda low, high, guess, before: _piece((low, high), guess, aim, before), report=report,
        )  # fmt: skip
        if found.stopped is not None:
            place = f"n = {found.stopped**-2:.6g}" if found.stopped else "n = infinity"
            return Undecided(f"pieces became too short near {place}", "a larger first width or a smaller curvature")
        width = size + outside(turned)
        certificate = _certificate(turned, width, least, found.pieces)
    return AllSizes(turned, width, least, found.pieces, found.rejected, certificate)


class _Aim(NamedTuple):
    """Eigenvalues exceed the bound, the loss is between two."""

    turned: int
    bound: Ball
    losses: tuple[float, float]


def aimed_losses(turned: int, size: int) -> tuple[float, float]:
    """Bounds of k L a little beyond what is seen down to that class size."""
    low, high = approximate_losses(turned, size)
    room = LOSS_ROOM * high * max(turned, 1) ** 0.5
    return low - room / 32, high + room


def with_loss(found: Found, losses: tuple[float, float]) -> Piece | None:
    """The piece and an enclosure of k L, None if that is not between the two."""
    loss = found.zeros.taylor(found.here.loss, found.box.loss, ROOM)
    if not (certainly_less(loss * 0 + losses[0], loss) and certainly_less(loss, loss * 0 + losses[1])):
        return None
    return Piece(**vars(found.piece), loss=loss)


def _piece(ends: tuple[Dyadic, Dyadic], guess: Sequence[Ball], aim: _Aim, before: Piece | None) -> Piece | None:
    """A piece of which all that is aimed at is known, and which continues the one before."""
    p, shift, losses = aim
    found = enclose(*ends, guess, p)
    if found is None or not all(definite(x, found.zeros, DOMINANCE) for x in found.blocks(p, shift).values()):
        return None
    piece = with_loss(found, losses)
    return piece if piece is not None and (before is None or continues(before, piece)) else None


def loss_bounds(pieces: Sequence[Piece]) -> list[str]:
    """Of k L, in few digits."""
    lows = [rounded(lower(piece.loss), LOSS_DIGITS, up=False) for piece in pieces]
    highs = [rounded(upper(piece.loss), LOSS_DIGITS, up=True) for piece in pieces]
    return [text(min(lows, key=_value)), text(max(highs, key=_value))]


def family_fields(p: int) -> dict[str, str | int]:
    """How a claim names it."""
    return {"family": NAMES[p]} if p in NAMES else {"family": "turned", "turned": p}


def _certificate(p: int, first_width: int, curvature: Dyadic, pieces: Sequence[Piece]) -> Certificate:
    """Claim and witness (docs/certificate-format.md)."""
    claim = {
        "kind": "strict-local-minima-of-all-widths",
        "landscape": "relu-population-loss",
        "first_width": first_width,
        "curvature": text(curvature),
        "tube": [piece.record() for piece in pieces],
        "loss" if p in UNSCALED else "scaled_loss": loss_bounds(pieces),
        **family_fields(p),
    }
    return Certificate(claim, {"precision": BITS})


def _value(x: Dyadic) -> float:
    return x[0] * 2.0 ** x[1]
