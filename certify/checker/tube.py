"""Minima of every width: the pieces of a tube around a curve of critical points (docs/all-sizes.md, A6).

Steps:

    cover       the pieces join from eps = 0 to at least 1 / sqrt(n0)
    existence   for every eps of the piece one zero x with |x_i - y_i| <= r_i; it is within `reach` of y
    curvature   every block of 2 pi (Hess L - curvature) is positive definite at the zeros of the piece
    glue        where two pieces meet, their zeros are the same
    loss        k L at the zero, k teachers, or L where most students are turned, is in the claimed interval

A rejection names the piece.  Other steps, `domain` and `precision`, come from the arithmetic.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from certify.checker import all_turned, but_one_turned, doubled, doubled_blocks, turned, turned_blocks
from certify.checker.errors import Rejected
from certify.checker.fields import Dyadic
from certify.checker.intervals import Arithmetic, Interval
from certify.checker.jets import Jet
from certify.checker.patches import (
    Blocks,
    Patch,
    Zeros,
    check_definite,
    find_zeros,
    follow,
    follow_slopes,
    patch,
    taylor,
)
from certify.checker.pieces import Frame, Proven, check_cover, check_pieces, frame, proven_piece
from certify.checker.tube_format import ALL, ALL_BUT_ONE, DOUBLED, TWO_DOUBLED, Tube, outside

OTHERS = {ALL: all_turned, ALL_BUT_ONE: but_one_turned}


class Family(NamedTuple):
    """Formulas: quantities, their gradient, what is 4 pi k L or 4 pi L at zeros, and blocks."""

    point: Callable[[Sequence[Jet], Jet], Any]
    gradient: Callable[[Any], Any]
    scaled_loss: Callable[[Any, Any], Jet]
    blocks: Callable[[Any, Any, Interval], Blocks]


class Examined(NamedTuple):
    """A piece, its zeros, and there the blocks, by the shift, and 4 pi times the loss."""

    patch: Patch
    zeros: Zeros
    blocks: Callable[[Interval], Blocks]
    loss: Callable[[], Interval]


def verify_tube(c: Tube) -> None:
    """All steps; raises Rejected."""
    f = Arithmetic(c.precision)
    check_cover(c.pieces, c.first_width - outside(c.turned))
    shift = f.mul((2 * f.pi[0], 2 * f.pi[1]), f.exact(*c.curvature))
    check_pieces(c.pieces, lambda _, piece: _check_piece(frame(piece, f), c, shift, f))


def _check_piece(w: Frame, c: Tube, shift: Interval, f: Arithmetic) -> Proven:
    """Existence, uniqueness, definiteness, and the loss."""
    found = examine(w, c.turned, f)
    for name, block in found.blocks(shift):
        check_definite(name, block, found.patch)
    check_loss(found.loss(), c.scaled_loss, f)
    return proven_piece(w, found.zeros.reach, f)


def examine(w: Frame, p: int, f: Arithmetic) -> Examined:
    """Rejects unless there is one zero for each eps."""
    known, place = family(p), patch(w.centre, [[s] for s in w.slope], w.radii, [(w.middle, w.eps)], f)
    middle, box = (known.point(x[:-1], x[-1]) for x in (place.middle, place.box))
    inner, outer = known.gradient(middle), known.gradient(box)
    zeros = find_zeros(inner.equations(middle), outer.equations(box), place)
    at, rows = follow(middle, box, zeros, place), follow_slopes(inner, outer, zeros, place)
    return Examined(
        place, zeros, lambda shift: known.blocks(at, rows, shift),
        lambda: taylor(known.scaled_loss(middle, inner), known.scaled_loss(box, outer), zeros, place),
    )  # fmt: skip


def family(p: int) -> Family:
    """Of p turned students, or one of FAMILIES."""
    if p in (DOUBLED, TWO_DOUBLED):
        return Family(doubled.point, doubled.gradient, doubled.scaled_loss, doubled_blocks.blocks)
    if p not in OTHERS:
        return Family(partial(turned.point, p=p), turned.gradient, turned.scaled_loss, turned_blocks.blocks)
    other: Any = OTHERS[p]
    return Family(other.point, other.gradient, other.scaled_loss, other.blocks)


def check_loss(total: Interval, claimed: tuple[Dyadic, Dyadic], f: Arithmetic) -> None:
    """k L, or L, is in the claimed interval, all times 4 pi; and positive, so that the points are not global minima."""
    four_pi = 4 * f.pi[0], 4 * f.pi[1]
    lower, upper = (f.mul(four_pi, f.exact(*end)) for end in claimed)
    if not (lower[1] <= total[0] and total[1] <= upper[0]):
        raise Rejected("loss", "the loss is not confirmed to lie in the claimed interval")
    if not claimed[0][0] > 0:
        raise Rejected("loss", "the claimed loss is not positive")
