"""A branch on which one eigenvalue crosses zero at a fractional width (docs/all-sizes.md, A7).

The pieces are those of a tube, but go on below the width where the curve's points cease to be minima.  Steps:

    cover, existence, glue   as for a tube
    curvature   every block is positive definite; from the first piece of `monotone` on, of the standard block of n only
                four pivots, and beyond the last piece of `monotone` its fifth, last pivot is negative
    speed       in the pieces of `monotone` the last pivot decreases as eps grows along the curve of zeros
    crossing    in piece `crossing` the last pivot is positive at the first end and negative at the last; the widths
                there are within the claimed bounds and not below the first width
"""

from certify.checker.errors import Rejected
from certify.checker.fields import Dyadic
from certify.checker.intervals import Arithmetic, Interval
from certify.checker.jets import ZERO, Moving
from certify.checker.patches import Matrix, check_definite
from certify.checker.pieces import Proven, check_cover, check_pieces, difference, frame, proven_piece
from certify.checker.tube import Examined, examine
from certify.checker.tube_format import Crossing, Piece
from certify.checker.turned_blocks import STANDARD

ORDER = (0, 1, 3, 4, 2)


def verify_crossing(c: Crossing) -> None:
    """All steps; raises Rejected."""
    f = Arithmetic(c.precision)
    check_cover(c.pieces, c.first_width - c.turned)

    def _check(k: int, piece: Piece) -> Proven:
        w = frame(piece, f)
        found = examine(w, c.turned, f)
        pivot = _check_signs(found, (k >= c.monotone[0]) + (k > c.monotone[1]))
        if pivot is not None and k == c.crossing:
            _check_crossing(piece, pivot, w.half, c)
        return proven_piece(w, found.zeros.reach, f)

    check_pieces(c.pieces, _check)


def _check_signs(found: Examined, part: int) -> Moving | None:
    """Of all eigenvalues or of all but one; part 0, 1, 2: before, in, after `monotone`.  The pivot, in and after it."""
    pivot, half = None, found.patch.halves[0]
    for name, block in found.blocks(ZERO):
        if part == 0 or name != STANDARD:
            check_definite(name, block, found.patch)
            continue
        pivot = last_pivot(block)
        if part == 1 and not pivot.slopes[0][1] < 0:
            raise Rejected("speed", f"the last pivot of the block {name} is not confirmed to decrease")
        if part == 2 and not pivot.at([(-half, half)])[1] < 0:
            raise Rejected("curvature", f"the last pivot of the block {name} is not confirmed to be negative")
    return pivot


def last_pivot(lower: Matrix) -> Moving:
    """The pivot of T3 in the standard block of n when T1, T2, T4, T5 are eliminated first (A5); rejects unless the four
    pivots before it are positive.
    """
    matrix = [[lower[max(i, j)][min(i, j)] for j in ORDER] for i in ORDER]
    for k in range(len(ORDER) - 1):
        if not matrix[k][k].value[0] > 0:
            raise Rejected("curvature", f"pivot {k} of the block {STANDARD} is not confirmed to be positive")
        for i in range(k + 1, len(ORDER)):
            factor = matrix[i][k].over(matrix[k][k])
            matrix[i] = [a - factor * b for a, b in zip(matrix[i], matrix[k], strict=True)]
    return matrix[-1][-1]


def _check_crossing(piece: Piece, pivot: Moving, half: Interval, c: Crossing) -> None:
    """The pivot's signs at the two ends, and that the widths p + eps^-2 at the ends are within the claimed bounds and
    not below the first width."""
    if not pivot.at([(-half[1], -half[0])])[0] > 0:
        raise Rejected("crossing", "the last pivot is not confirmed to be positive where the piece begins")
    if not pivot.at([half])[1] < 0:
        raise Rejected("crossing", "the last pivot is not confirmed to be negative where the piece ends")
    low, high = c.crossing_width
    if not (_excess(low, piece.high, c.turned) <= 0 <= _excess(high, piece.low, c.turned)):
        raise Rejected("crossing", "the claimed widths do not contain those of the piece")
    if not _excess((c.first_width, 0), piece.high, c.turned) <= 0:
        raise Rejected("crossing", "the piece is not confirmed to lie above the first width")


def _excess(width: Dyadic, eps: Dyadic, p: int) -> int:
    """The sign of (width - p) eps^2 - 1, exact."""
    size, exponent = difference(width, (p, 0))
    return difference((size * eps[0] * eps[0], exponent + 2 * eps[1]), (1, 0))[0]
