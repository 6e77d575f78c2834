"""A curve of zeros enclosed piece by piece (docs/all-sizes.md, A6; docs/correlation.md, Q4).

A piece covers eps in [low, high] and holds a line y(eps) = centre + slope (eps - middle) and radii r.
Nothing here knows the system.  Steps: cover, glue.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from certify.checker.errors import Rejected
from certify.checker.fields import Dyadic
from certify.checker.intervals import Arithmetic, Interval, add, magnitude, sub
from certify.checker.tube_format import Piece


class Frame(NamedTuple):
    """A piece in intervals: half its length."""

    eps: Interval
    middle: Interval
    half: Interval
    centre: list[Interval]
    slope: list[Interval]
    radii: list[Interval]


class Proven(NamedTuple):
    """What a piece gives to the next one: at its ends the line, and how far from it the zero may be."""

    first: list[Interval]
    last: list[Interval]
    reach: list[int]
    radii: list[Interval]


def check_pieces(pieces: Sequence[Piece], check: Callable[[int, Piece], "Proven"]) -> None:
    """Each by `check`, and that its zeros continue those of the one before; a rejection names the piece."""
    previous: Proven | None = None
    for k, piece in enumerate(pieces):
        try:
            proven = check(k, piece)
            if previous is not None:
                check_glue(previous, proven)
        except Rejected as error:
            raise Rejected(error.step, f"piece {k}: {error.detail}") from None
        previous = proven


def check_cover(pieces: Sequence[Piece], size: int) -> None:
    """Exact: low_0 = 0, low_(k+1) = high_k, low_k < high_k, and size high^2 >= 1 for the last."""
    mantissa, exponent = check_joined(pieces, (0, 0))
    if not size * mantissa * mantissa << max(2 * exponent, 0) >= 1 << max(-2 * exponent, 0):
        raise Rejected("cover", f"the last piece, {len(pieces) - 1}, ends before the first width")


def check_joined(pieces: Sequence[Piece], end: Dyadic) -> Dyadic:
    """Exact: low_0 = end, low_(k+1) = high_k, low_k < high_k; the last high."""
    for k, piece in enumerate(pieces):
        if piece.low != end:
            raise Rejected("cover", f"piece {k} does not begin where the one before it ends")
        if not difference(piece.high, piece.low)[0] > 0:
            raise Rejected("cover", f"piece {k} is empty")
        end = piece.high
    return end


def difference(a: Dyadic, b: Dyadic) -> Dyadic:
    """a - b, exact."""
    low = min(a[1], b[1])
    return (a[0] << a[1] - low) - (b[0] << b[1] - low), low


def frame(piece: Piece, f: Arithmetic) -> Frame:
    """The intervals in which a piece is evaluated."""
    length, exponent = difference(piece.high, piece.low)
    eps = f.exact(*piece.low)[0], f.exact(*piece.high)[1]
    middle = f.exact(*difference(piece.high, (-piece.low[0], piece.low[1])))
    numbers = ([f.exact(*x) for x in row] for row in (piece.centre, piece.slope, piece.radii))
    return Frame(eps, (middle[0] >> 1, -(-middle[1] >> 1)), f.exact(length, exponent - 1), *numbers)


def proven_piece(w: Frame, reach: list[int], f: Arithmetic) -> Proven:
    """Where the line begins and ends."""
    lines = [(x, f.mul(s, w.half)) for x, s in zip(w.centre, w.slope, strict=True)]
    return Proven([sub(x, s) for x, s in lines], [add(x, s) for x, s in lines], reach, w.radii)


def check_glue(before: Proven, after: Proven) -> None:
    """The zero of one piece lies in the box of the other, where it is the only one."""
    apart = [magnitude(sub(a, b)) for a, b in zip(before.last, after.first, strict=True)]
    for inner, outer in ((before, after), (after, before)):
        if all(d + reach <= r[0] for d, reach, r in zip(apart, inner.reach, outer.radii, strict=True)):
            return
    raise Rejected("glue", "its zero is not confirmed to continue that of the piece before it")
