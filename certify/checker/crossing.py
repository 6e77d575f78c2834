"""A branch on which one eigenvalue crosses zero at a fractional width (docs/all-sizes.md, A7, A15).

The pieces are those of a tube, but go on where the curve's points are no minima.  One block is watched: that in which
an eigenvalue crosses zero.  With p turned students it is positive definite at infinite width, with two doubled
directions it is there indefinite.  Steps:

    cover, existence, glue   as for a tube
    curvature   every block is positive definite, but for the watched one from the first piece of `monotone` on (p
                turned students) or up to its last (two directions): of that all pivots but the last; and where it is
                indefinite outside `monotone` the last pivot is negative
    speed       in the pieces of `monotone` the last pivot moves the right way as eps grows along the curve of zeros
    crossing    in piece `crossing` the last pivot has the right signs at the ends; the widths there are within the
                claimed bounds and not below the first width
    loss        as for a tube, if claimed
"""

from typing import NamedTuple

from certify.checker.doubled_blocks import AMBIENT_EXCHANGED, PRODUCT
from certify.checker.errors import Rejected
from certify.checker.fields import Dyadic
from certify.checker.intervals import Arithmetic, Interval
from certify.checker.jets import ZERO, Moving
from certify.checker.patches import Matrix, check_definite
from certify.checker.pieces import Proven, check_cover, check_pieces, difference, frame, proven_piece
from certify.checker.tube import Examined, check_loss, examine
from certify.checker.tube_format import TWO_DOUBLED, Crossing, Piece, outside
from certify.checker.turned_blocks import STANDARD


class Watched(NamedTuple):
    """The order of elimination of a block; the sign of its last pivot at infinite width; and blocks of which nothing is
    asked while that is negative.
    """

    block: str
    order: tuple[int, ...]
    sign: int
    free: tuple[str, ...]


WATCHED = Watched(STANDARD, (0, 1, 3, 4, 2), 1, ())
OF_TWO_DOUBLED = Watched(PRODUCT, (0, 1, 2), -1, (AMBIENT_EXCHANGED,))


def verify_crossing(c: Crossing) -> None:
    """All steps; raises Rejected."""
    f, block = Arithmetic(c.precision), OF_TWO_DOUBLED if c.turned == TWO_DOUBLED else WATCHED
    check_cover(c.pieces, c.first_width - outside(c.turned))

    def _check(k: int, piece: Piece) -> Proven:
        w = frame(piece, f)
        found, part = examine(w, c.turned, f), (k >= c.monotone[0]) + (k > c.monotone[1])
        pivot = check_signs(found, block, part if block.sign > 0 else 2 - part)
        if pivot is not None and k == c.crossing:
            check_crossing(piece, block.sign * pivot, w.half, c)
        if c.scaled_loss is not None:
            check_loss(found.loss(), c.scaled_loss, f)
        return proven_piece(w, found.zeros.reach, f)

    check_pieces(c.pieces, _check)


def check_signs(found: Examined, block: Watched, part: int) -> Moving | None:
    """Of all eigenvalues or of all but one; part 0, 1, 2: the watched block is definite, in `monotone`, or it is not.
    The pivot in parts 1 and 2.
    """
    pivot, half = None, found.patch.halves[0]
    for name, matrix in found.blocks(ZERO):
        if part == 2 and name in block.free:
            continue
        if part == 0 or name != block.block:
            check_definite(name, matrix, found.patch)
            continue
        pivot = last_pivot(matrix, block)
        if part == 1 and not (block.sign * pivot).slopes[0][1] < 0:
            raise Rejected("speed", f"the last pivot of the block {name} is not confirmed to move towards its crossing")
        if part == 2 and not pivot.at([(-half, half)])[1] < 0:
            raise Rejected("curvature", f"the last pivot of the block {name} is not confirmed to be negative")
    return pivot


def last_pivot(lower: Matrix, block: Watched) -> Moving:
    """The last pivot in the block's order (A5, A15); rejects unless those before it are positive."""
    order = block.order
    matrix = [[lower[max(i, j)][min(i, j)] for j in order] for i in order]
    for k in range(len(order) - 1):
        if not matrix[k][k].value[0] > 0:
            raise Rejected("curvature", f"pivot {k} of the block {block.block} is not confirmed to be positive")
        for i in range(k + 1, len(order)):
            factor = matrix[i][k].over(matrix[k][k])
            matrix[i] = [a - factor * b for a, b in zip(matrix[i], matrix[k], strict=True)]
    return matrix[-1][-1]


def check_crossing(piece: Piece, pivot: Moving, half: Interval, c: Crossing) -> None:
    """The pivot, or minus it where it is negative at infinite width, is positive at the first end and negative at the
    last; the widths there, eps^-2 and the teachers outside the class of n, are within the claimed bounds and not below
    the first width.
    """
    others = outside(c.turned)
    if not pivot.at([(-half[1], -half[0])])[0] > 0:
        raise Rejected("crossing", "the last pivot is not confirmed to have its first sign where the piece begins")
    if not pivot.at([half])[1] < 0:
        raise Rejected("crossing", "the last pivot is not confirmed to have its second sign where the piece ends")
    low, high = c.crossing_width
    if not (_excess(low, piece.high, others) <= 0 <= _excess(high, piece.low, others)):
        raise Rejected("crossing", "the claimed widths do not contain those of the piece")
    if not _excess((c.first_width, 0), piece.high, others) <= 0:
        raise Rejected("crossing", "the piece is not confirmed to lie above the first width")


def _excess(width: Dyadic, eps: Dyadic, others: int) -> int:
    """The sign of (width - others) eps^2 - 1, exact."""
    size, exponent = difference(width, (others, 0))
    return difference((size * eps[0] * eps[0], exponent + 2 * eps[1]), (1, 0))[0]
