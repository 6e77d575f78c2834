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
    blocks,
    exact,
    last_pivot,
    limit,
    outside,
    weakest,
)
from certify.linalg.congruence import certainly_positive_definite
from certify.outcome import Undecided
from certify.proving import curve
from certify.proving.curve import GRID, Found, continues, cover, enclose

Ball = Any

BITS = 80  # working precision, and the checker's
DOMINANCE = 1.1  # room for the checker's rounding and wider intervals
ROOM = 1.05  # the same, for the loss and the last pivot
SHARE = 0.98
LOSS_DIGITS = 16
LOSS_WIDTH = 0.012  # of k L, times turned^1.5, which keeps the number of pieces about the same


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
    bound = (
        rounded(dyadic(SHARE * there), 10, up=False) if curvature is None else rounded(dyadic(curvature), 20, up=True)
    )
    with precision(BITS):
        shift, top = dyadic_ball(bound), isqrt((1 << 2 * GRID) // size) + 2
        found = cover(
            (0, top), [], [exact(x) for x in limit(turned)],
            lambda low, high, guess, before: _piece((low, high), guess, turned, shift, before), report=report,
        )  # fmt: skip
        if found.stopped is not None:
            place = f"n = {found.stopped**-2:.6g}" if found.stopped else "n = infinity"
            return Undecided(f"pieces became too short near {place}", "a larger first width or a smaller curvature")
        width = size + outside(turned)
        certificate = _certificate(turned, width, bound, found.pieces)
    return AllSizes(turned, width, bound, found.pieces, found.rejected, certificate)


def _piece(
    ends: tuple[Dyadic, Dyadic], guess: Sequence[Ball], p: int, bound: Ball, before: Piece | None
) -> Piece | None:
    """A piece whose blocks are definite, whose loss is known well, and which continues the one before."""
    found = enclose(*ends, guess, p)
    if found is None or not definite(found, p, bound):
        return None
    loss = found.at_zeros(lambda x: x.loss, ROOM)
    if not certainly_less(loss - exact(loss), bound * 0 + LOSS_WIDTH / 2 * max(p, 1) ** 1.5):
        return None
    piece = Piece(**vars(found.piece), loss=loss)
    return piece if before is None or continues(before, piece) else None


def definite(found: Found, p: int, shift: Ball, standard: bool = True) -> bool:
    """The blocks exceed the shift at the zeros of a piece, all or without the weakest, with room to spare."""
    forms = blocks(found.over, p, shift)
    last = forms.pop(weakest(p))
    if not all(certainly_positive_definite(m, DOMINANCE) for m in forms.values()):
        return False
    if not standard or certainly_positive_definite(last, DOMINANCE):
        return True
    return found.piece.low[0] > 0 and certainly_less(-last_pivot_at_zeros(found, p, shift), shift * 0)


def last_pivot_at_zeros(found: Found, p: int, shift: Ball) -> Ball:
    """Encloses A7's last pivot at the zeros of a piece with eps > 0, with room to spare; perhaps NaN."""
    return found.at_zeros(lambda x: last_pivot(x, p, shift), ROOM)


def _certificate(p: int, first_width: int, curvature: Dyadic, pieces: Sequence[Piece]) -> Certificate:
    """Claim and witness (docs/certificate-format.md)."""
    lows = [rounded(lower(piece.loss), LOSS_DIGITS, up=False) for piece in pieces]
    highs = [rounded(upper(piece.loss), LOSS_DIGITS, up=True) for piece in pieces]
    bounds = [text(min(lows, key=_value)), text(max(highs, key=_value))]
    family = {"family": NAMES[p]} if p in NAMES else {"family": "turned", "turned": p}
    claim = {
        "kind": "strict-local-minima-of-all-widths",
        "landscape": "relu-population-loss",
        "first_width": first_width,
        "curvature": text(curvature),
        "tube": [piece.record() for piece in pieces],
        "loss" if p in UNSCALED else "scaled_loss": bounds,
        **family,
    }
    return Certificate(claim, {"precision": BITS})


def _value(x: Dyadic) -> float:
    return x[0] * 2.0 ** x[1]
