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
from certify.checker.intervals import Arithmetic, Interval, magnitude
from certify.checker.jets import ZERO, Jet
from certify.checker.pieces import (
    INVERSE_BITS,
    Contraction,
    Proven,
    check_cover,
    check_existence,
    check_pieces,
    difference,
    frame,
    weighted,
)
from certify.checker.tube import Evaluations, check_definite, evaluate, evaluations, pivot_at_zeros
from certify.checker.tube_format import Crossing, Piece
from certify.checker.turned_blocks import STANDARD


def verify_crossing(c: Crossing) -> None:
    """All steps; raises Rejected."""
    f = Arithmetic(c.precision)
    check_cover(c.pieces, c.first_width - c.turned)

    def _check(k: int, piece: Piece) -> Proven:
        proven = _check_piece(piece, c, (k >= c.monotone[0]) + (k > c.monotone[1]), f)
        if k == c.crossing:
            _check_crossing(piece, proven, c, f)
        return proven

    check_pieces(c.pieces, _check)


def _check_piece(piece: Piece, c: Crossing, part: int, f: Arithmetic) -> Proven:
    """Existence, uniqueness, and the signs of all eigenvalues or of all but one; part 0, 1, 2: before, in, after
    `monotone`.
    """
    found = evaluations(frame(piece, f), c.turned, f)
    proven, contracted = check_existence(found.equations(), found.frame)
    for name, matrix in found.over.blocks(ZERO):
        if part == 0 or name != STANDARD:
            check_definite(name, matrix, found, proven.reach, ZERO)
    if part == 1 and not _speed(found, contracted, c.turned) < 0:
        raise Rejected("speed", f"the last pivot of the block {STANDARD} is not confirmed to decrease")
    if part == 2 and not pivot_at_zeros(found, proven.reach)[1] < 0:
        raise Rejected("curvature", f"the last pivot of the block {STANDARD} is not confirmed to be negative")
    return proven


def _speed(found: Evaluations, contracted: Contraction, p: int) -> int:
    """An upper bound of the derivative of the last pivot along the curve of zeros, in units of 8^-precision.

    The curve's derivative is slope + v with DF v = -g, where g is the derivative of F in the direction (slope, 1); so
    v = (I - Y DF) v - Y g, and |v_i| <= ratio r_i, ratio the largest |Y g|_i / (r_i - sum_k |(I - Y DF)_ik| r_k).
    """
    over, w, f = found.over, found.frame, found.over.f
    unknowns = [Jet(f, x, [s]) for x, s in zip(w.box, w.slope, strict=True)]
    tilted = evaluate(unknowns, Jet(f, w.eps, [(f.one, f.one)]), p)
    change = [x.slopes[0] for x in tilted.equations]
    ratio = 0
    for row, r, inner in zip(contracted.inverse, w.radii, contracted.moved, strict=True):
        moved = -(-magnitude(weighted(row, change)) >> INVERSE_BITS)
        ratio = max(ratio, -(-(moved << f.bits) // (r[0] - inner)))
    speed = tilted.pivot(ZERO).slopes[0][1] << 2 * f.bits
    for partial, r in zip(over.pivot(ZERO).slopes, w.radii, strict=True):
        speed += magnitude(partial) * ratio * r[1]
    return speed


def _check_crossing(piece: Piece, proven: Proven, c: Crossing, f: Arithmetic) -> None:
    """The pivot's signs at the two ends, and that the widths p + eps^-2 at the ends are within the claimed bounds and
    not below the first width."""
    if not _pivot(proven.first, proven.reach, f.exact(*piece.low), c, f)[0] > 0:
        raise Rejected("crossing", "the last pivot is not confirmed to be positive where the piece begins")
    if not _pivot(proven.last, proven.reach, f.exact(*piece.high), c, f)[1] < 0:
        raise Rejected("crossing", "the last pivot is not confirmed to be negative where the piece ends")
    low, high = c.crossing_width
    if not (_excess(low, piece.high, c.turned) <= 0 <= _excess(high, piece.low, c.turned)):
        raise Rejected("crossing", "the claimed widths do not contain those of the piece")
    if not _excess((c.first_width, 0), piece.high, c.turned) <= 0:
        raise Rejected("crossing", "the piece is not confirmed to lie above the first width")


def _pivot(line: list[Interval], reach: list[int], eps: Interval, c: Crossing, f: Arithmetic) -> Interval:
    """The last pivot at the zero at one end of a piece."""
    zero = [Jet(f, (x[0] - r, x[1] + r)) for x, r in zip(line, reach, strict=True)]
    return evaluate(zero, Jet(f, eps), c.turned).pivot(ZERO).value


def _excess(width: Dyadic, eps: Dyadic, p: int) -> int:
    """The sign of (width - p) eps^2 - 1, exact."""
    size, exponent = difference(width, (p, 0))
    return difference((size * eps[0] * eps[0], exponent + 2 * eps[1]), (1, 0))[0]
