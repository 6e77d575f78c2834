"""Minima of every width: the pieces of a tube around a curve of critical points (docs/all-sizes.md, A6).

Each piece covers eps in [low, high] and holds a line y(eps) = centre + slope (eps - middle) and radii r.  Steps:

    cover       the pieces join from eps = 0 to at least 1 / sqrt(n0)
    existence   for every eps of the piece one zero x with |x_i - y_i| <= r_i; it is within `reach` of y
    curvature   every block of 2 pi (Hess L - curvature) is positive definite for all eps and all x of the piece
    glue        where two pieces meet, their zeros are the same
    loss        k L at the zero lies in the claimed interval

A rejection names the piece.  Other steps, `domain` and `precision`, come from the arithmetic.
"""

from collections.abc import Sequence
from typing import NamedTuple

from certify.checker.congruence import certainly_positive_definite
from certify.checker.errors import Rejected
from certify.checker.fields import Dyadic
from certify.checker.intervals import Arithmetic, Interval, add, magnitude, sub
from certify.checker.jets import Jet, scaled
from certify.checker.tube_format import Piece, Tube
from certify.checker.turned import Point, System, point, scaled_loss, system
from certify.checker.turned_blocks import blocks


class Proven(NamedTuple):
    """What a piece gives to the next one: at its ends the line, and how far from it the zero may be."""

    first: list[Interval]
    last: list[Interval]
    reach: list[int]
    radii: list[Interval]


class Evaluation(NamedTuple):
    """The system and the scaled loss (1 + p h) T of A4 at a point, along the line, or on the box."""

    point: Point
    gradient: System
    equations: list[Jet]
    loss: Jet


def verify_tube(c: Tube) -> None:
    """All steps; raises Rejected."""
    f = Arithmetic(c.precision)
    _check_cover(c)
    shift = f.mul((2 * f.pi[0], 2 * f.pi[1]), f.exact(*c.curvature))
    previous: Proven | None = None
    for k, piece in enumerate(c.pieces):
        try:
            proven, loss = _check_piece(piece, c, shift, f)
            if previous is not None:
                _check_glue(previous, proven)
            _check_loss(loss, c, f)
        except Rejected as error:
            raise Rejected(error.step, f"piece {k}: {error.detail}") from None
        previous = proven


def _check_cover(c: Tube) -> None:
    """Exact: low_0 = 0, low_(k+1) = high_k, low_k < high_k, and n0 high^2 >= 1 for the last."""
    end: Dyadic = (0, 0)
    for k, piece in enumerate(c.pieces):
        if piece.low != end:
            raise Rejected("cover", f"piece {k} does not begin where the one before it ends")
        if not _difference(piece.high, piece.low)[0] > 0:
            raise Rejected("cover", f"piece {k} is empty")
        end = piece.high
    mantissa, exponent = end
    if not (c.first_width - c.turned) * mantissa * mantissa << max(2 * exponent, 0) >= 1 << max(-2 * exponent, 0):
        raise Rejected("cover", f"the last piece, {len(c.pieces) - 1}, ends before the first width")


def _difference(a: Dyadic, b: Dyadic) -> Dyadic:
    """a - b, exact."""
    low = min(a[1], b[1])
    return (a[0] << a[1] - low) - (b[0] << b[1] - low), low


def _check_piece(piece: Piece, c: Tube, shift: Interval, f: Arithmetic) -> tuple[Proven, Interval]:
    """Existence, uniqueness and definiteness; the bounds for the other steps and an enclosure of (1 + p h) T."""
    length = _difference(piece.high, piece.low)
    half = f.exact(length[0], length[1] - 1)
    around = -half[1], half[1]  # contains eps - middle
    eps = f.exact(*piece.low)[0], f.exact(*piece.high)[1]
    middle = f.exact(*_difference(piece.high, (-piece.low[0], piece.low[1])))
    middle = middle[0] >> 1, -(-middle[1] >> 1)
    centre, slope = [f.exact(*x) for x in piece.centre], [f.exact(*x) for x in piece.slope]
    radii = [f.exact(*r) for r in piece.radii]
    sweep = [f.mul(s, around) for s in slope]
    line = [add(x, s) for x, s in zip(centre, sweep, strict=True)]
    box = [(x[0] - r[1], x[1] + r[1]) for x, r in zip(line, radii, strict=True)]

    size, one = len(centre), (f.one, f.one)
    here = _evaluate([Jet(f, x) for x in centre], Jet(f, middle), c.turned)
    along = _evaluate([Jet(f, x, [s]) for x, s in zip(line, slope, strict=True)], Jet(f, eps, [one]), c.turned)
    directions = [[one if i == k else (0, 0) for k in range(size)] for i in range(size)]
    over = _evaluate([Jet(f, x, d) for x, d in zip(box, directions, strict=True)],
                     Jet(f, eps, [(0, 0)] * size), c.turned)  # fmt: skip

    reach = _check_existence(piece.inverse, c.inverse_bits, (here, along, over), half[1], radii)
    for name, matrix in blocks(over.point, over.gradient, shift):
        if not certainly_positive_definite(matrix, f):
            raise Rejected("curvature", f"the block {name} is not confirmed to be positive definite")
    loss = add(here.loss.value, f.mul(along.loss.slopes[0], around))
    for partial, r in zip(over.loss.slopes, reach, strict=True):
        loss = add(loss, f.mul(partial, (-r, r)))
    ends = [f.mul(s, half) for s in slope]
    first = [sub(x, s) for x, s in zip(centre, ends, strict=True)]
    last = [add(x, s) for x, s in zip(centre, ends, strict=True)]
    return Proven(first, last, reach, radii), loss


def _evaluate(unknowns: Sequence[Jet], eps: Jet, p: int) -> Evaluation:
    at = point(unknowns, eps, p)
    found = system(at)
    return Evaluation(at, found, found.equations(at.h), (1 + p * at.h) * scaled_loss(at, found))


def _check_existence(
    inverse: Sequence[Sequence[int]],
    bits: int,
    at: tuple[Evaluation, Evaluation, Evaluation],
    half: int,
    radii: list[Interval],
) -> list[int]:
    """Krawczyk's operator z -> z - Y F(y(eps) + z, eps) maps |z_i| <= r_i into |z_i| <= reach_i < r_i and contracts.

    F(y(eps), eps) is in F(centre, middle) + (d/d eps along the line)(eps - middle); no property of Y is assumed.
    """
    here, along, over = at
    f = here.point.f
    values = [x.value for x in here.equations]
    changes = [x.slopes[0] for x in along.equations]
    result = []
    for i, (row, radius) in enumerate(zip(inverse, radii, strict=True)):
        total = magnitude(_weighted(row, values)) << f.bits
        total += magnitude(_weighted(row, changes)) * half
        for j, r in enumerate(radii):
            entry = _weighted(row, [x.slopes[j] for x in over.equations])
            target = f.one << bits if i == j else 0
            total += magnitude((entry[0] - target, entry[1] - target)) * r[1]
        reach = -(-total >> bits + f.bits)
        if not reach < radius[0]:
            raise Rejected("existence", f"unknown {i} is not confirmed to stay within its radius")
        result.append(reach)
    return result


def _weighted(row: Sequence[int], x: Sequence[Interval]) -> Interval:
    """sum_k row_k x_k, exact."""
    total = 0, 0
    for k, value in zip(row, x, strict=True):
        total = add(total, scaled(k, value))
    return total


def _check_glue(before: Proven, after: Proven) -> None:
    """The zero of one piece lies in the box of the other, where it is the only one."""
    apart = [magnitude(sub(a, b)) for a, b in zip(before.last, after.first, strict=True)]
    for inner, outer in ((before, after), (after, before)):
        if all(d + reach <= r[0] for d, reach, r in zip(apart, inner.reach, outer.radii, strict=True)):
            return
    raise Rejected("glue", "its zero is not confirmed to continue that of the piece before it")


def _check_loss(total: Interval, c: Tube, f: Arithmetic) -> None:
    """4 pi k L is in the claimed interval times 4 pi; and positive, so that the points are not global minima."""
    four_pi = 4 * f.pi[0], 4 * f.pi[1]
    lower, upper = (f.mul(four_pi, f.exact(*end)) for end in c.scaled_loss)
    if not (lower[1] <= total[0] and total[1] <= upper[0]):
        raise Rejected("loss", "k L is not confirmed to lie in the claimed interval")
    if not c.scaled_loss[0][0] > 0:
        raise Rejected("loss", "the claimed loss is not positive")
