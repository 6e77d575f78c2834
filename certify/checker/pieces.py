"""A curve of zeros enclosed piece by piece, by Krawczyk's operator with a parameter (docs/all-sizes.md, A6).

A piece covers eps in [low, high] and holds a line y(eps) = centre + slope (eps - middle) and radii r.
Nothing here knows the system: it gets its values and derivatives as jets.  Steps: cover, existence, glue.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from certify.checker.errors import Rejected
from certify.checker.fields import Dyadic
from certify.checker.intervals import Arithmetic, Interval, add, magnitude, scaled, sub
from certify.checker.jets import Jet
from certify.checker.tube_format import Piece

INVERSE_BITS = 32
Three = tuple[Sequence[Jet], Sequence[Jet], Sequence[Jet]]


class Frame(NamedTuple):
    """A piece in intervals: half its length, and around, which contains eps - middle."""

    eps: Interval
    middle: Interval
    around: Interval
    half: Interval
    centre: list[Interval]
    slope: list[Interval]
    radii: list[Interval]
    line: list[Interval]  # y(eps) for all eps of the piece
    box: list[Interval]  # the same and what is within the radii


class Proven(NamedTuple):
    """What a piece gives to the next one: at its ends the line, and how far from it the zero may be."""

    first: list[Interval]
    last: list[Interval]
    reach: list[int]
    radii: list[Interval]


class Contraction(NamedTuple):
    """The matrix Y in units of 2^-INVERSE_BITS, and bounds of sum_k |(I - Y DF)_ik| r_k."""

    inverse: list[list[int]]
    moved: list[int]


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
    length = difference(piece.high, piece.low)
    half = f.exact(length[0], length[1] - 1)
    around = -half[1], half[1]
    eps = f.exact(*piece.low)[0], f.exact(*piece.high)[1]
    middle = f.exact(*difference(piece.high, (-piece.low[0], piece.low[1])))
    middle = middle[0] >> 1, -(-middle[1] >> 1)
    centre, slope = [f.exact(*x) for x in piece.centre], [f.exact(*x) for x in piece.slope]
    radii = [f.exact(*r) for r in piece.radii]
    line = [add(x, f.mul(s, around)) for x, s in zip(centre, slope, strict=True)]
    box = [(x[0] - r[1], x[1] + r[1]) for x, r in zip(line, radii, strict=True)]
    return Frame(eps, middle, around, half, centre, slope, radii, line, box)


def check_existence(found: Three, w: Frame) -> tuple[Proven, Contraction]:
    """Krawczyk's operator z -> z - Y F(y(eps) + z, eps) maps |z_i| <= r_i into |z_i| <= reach_i < r_i and contracts.

    F(y(eps), eps) is in F(centre, middle) + (d/d eps along the line)(eps - middle); no property of Y is used.
    found: the equations at the centre; on the line, with slopes as eps moves along it; on the box, with slopes by the
    unknowns.
    """
    (here, along, over), f = found, found[0][0].f
    changes = [([x.slopes[0] for x in along], w.half[1])]
    reach, contraction = contract([x.value for x in here], changes, [x.slopes for x in over], w.radii, f)
    ends = [f.mul(s, w.half) for s in w.slope]
    first = [sub(x, s) for x, s in zip(w.centre, ends, strict=True)]
    last = [add(x, s) for x, s in zip(w.centre, ends, strict=True)]
    return Proven(first, last, reach, w.radii), contraction


def contract(
    values: Sequence[Interval],
    changes: Sequence[tuple[Sequence[Interval], int]],
    slopes: Sequence[Sequence[Interval]],
    radii: Sequence[Interval],
    f: Arithmetic,
) -> tuple[list[int], Contraction]:
    """Bounds `reach` of the image of the box; rejects unless they are below the radii.

    values: of the system at the centre; changes: its derivatives by parameters along the line, and how far these go
    from the middle; slopes: its derivatives by the unknowns, on the box.
    """
    bits, inverse, reach, moved = INVERSE_BITS, approximate_inverse(slopes, f), [], []
    for i, (row, radius) in enumerate(zip(inverse, radii, strict=True)):
        fixed = magnitude(weighted(row, values)) << f.bits
        fixed += sum(magnitude(weighted(row, change)) * half for change, half in changes)
        moving = 0
        for j, r in enumerate(radii):
            entry = weighted(row, [line[j] for line in slopes])
            target = f.one << bits if i == j else 0
            moving += magnitude((entry[0] - target, entry[1] - target)) * r[1]
        bound = -(-(fixed + moving) >> bits + f.bits)
        if not bound < radius[0]:
            raise Rejected("existence", f"unknown {i} is not confirmed to stay within its radius")
        reach.append(bound)
        moved.append(-(-moving >> bits + f.bits))
    return reach, Contraction(inverse, moved)


def approximate_inverse(matrix: Sequence[Sequence[Interval]], f: Arithmetic) -> list[list[int]]:
    """Some integers: about 2^INVERSE_BITS times the inverse of the midpoints, by elimination; nothing is claimed."""
    size, shift, one = len(matrix), f.bits + 1 - INVERSE_BITS, 1 << INVERSE_BITS
    rows = [
        [*((a + b) >> shift for a, b in row), *(one * (i == k) for k in range(size))] for i, row in enumerate(matrix)
    ]
    for k in range(size):
        pivot = max(range(k, size), key=lambda i: abs(rows[i][k]))
        rows[k], rows[pivot] = rows[pivot], rows[k]
        if not rows[k][k]:
            raise Rejected("existence", "the midpoints of the derivatives form a singular matrix")
        rows[k] = [(x << INVERSE_BITS) // rows[k][k] for x in rows[k]]
        for i in range(size):
            if i != k:
                rows[i] = [x - (rows[i][k] * y >> INVERSE_BITS) for x, y in zip(rows[i], rows[k], strict=True)]
    return [row[size:] for row in rows]


def mean_value(quantity: tuple[Jet, Jet, Jet], w: Frame, reach: Sequence[int]) -> Interval:
    """Encloses a quantity at the zero of every eps of the piece; given like the equations of `check_existence`.

    From the centre along the line to y(eps), and from there at this eps to the zero, which is within reach.
    """
    (here, along, over), f = quantity, quantity[0].f
    total = add(here.value, f.mul(along.slopes[0], w.around))
    for partial, r in zip(over.slopes, reach, strict=True):
        total = add(total, f.mul(partial, (-r, r)))
    return total


def weighted(row: Sequence[int], x: Sequence[Interval]) -> Interval:
    """sum_k row_k x_k, exact."""
    total = 0, 0
    for k, value in zip(row, x, strict=True):
        total = add(total, scaled(k, value))
    return total


def check_glue(before: Proven, after: Proven) -> None:
    """The zero of one piece lies in the box of the other, where it is the only one."""
    apart = [magnitude(sub(a, b)) for a, b in zip(before.last, after.first, strict=True)]
    for inner, outer in ((before, after), (after, before)):
        if all(d + reach <= r[0] for d, reach, r in zip(apart, inner.reach, outer.radii, strict=True)):
            return
    raise Rejected("glue", "its zero is not confirmed to continue that of the piece before it")
