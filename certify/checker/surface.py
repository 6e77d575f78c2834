"""Minima of every width with any number of turned students: rectangles of a surface (docs/all-sizes.md, A14).

Parameters: share = sqrt(p / n) and kappa = 1 / sqrt(p).  Steps:

    cover       the rectangles halve [0, S] x [0, K], which has all p and n of the claim
    existence   for all parameters of a rectangle one zero x with |x_i - y_i| <= r_i; it is within `reach` of y
    curvature   every block but the trivial one is positive definite at the zeros; that one is at one of them
    glue        where two rectangles meet, their zeros are the same

A rejection names the rectangle by its position in the list.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from certify.checker import any_turned
from certify.checker.congruence import certainly_positive_definite
from certify.checker.errors import Rejected
from certify.checker.intervals import Arithmetic, Interval, add, magnitude, sub
from certify.checker.patches import check_definite, find_zeros, follow, follow_slopes, patch
from certify.checker.surface_format import UNKNOWNS, Leaf, Surface, Tree

Sides = tuple[Interval, Interval]  # of share and kappa, exact


class Proven(NamedTuple):
    """A rectangle, the plane over it, and how far from it the zero may be."""

    leaf: Leaf
    sides: Sides
    reach: list[int]
    radii: list[Interval]

    def plane(self, corner: Sequence[int], f: Arithmetic) -> list[Interval]:
        """At parameters."""
        steps = [c - (low + high >> 1) for c, (low, high) in zip(corner, self.sides, strict=True)]
        result = []
        for x, slopes in zip(self.leaf.centre, self.leaf.slopes, strict=True):
            moved = [f.mul(f.exact(*s), (step, step)) for s, step in zip(slopes, steps, strict=True)]
            result.append(add(f.exact(*x), add(*moved)))
        return result


def verify_surface(c: Surface) -> None:
    """All steps; raises Rejected."""
    f = Arithmetic(c.precision)
    _check_region(c)
    share, kappa = (f.exact(*end)[0] for end in c.ends)
    found: dict[int, Proven] = {}
    for leaf, sides in _leaves(c.tree, ((0, share), (0, kappa))):
        try:
            found[leaf.number] = _check_leaf(leaf, sides, f, start=leaf.number == c.start)
        except Rejected as error:
            raise Rejected(error.step, f"entry {leaf.number}: {error.detail}") from None
    if c.start not in found:
        raise Rejected("curvature", "start is not the position of a rectangle")
    _glue(c.tree, found, f)


def _check_region(c: Surface) -> None:
    """Exact: every p >= p0 and n >= (a / b) p has p / n <= b / a <= S^2 and 1 / p <= K^2; and n >= 3.

    K < 1 and S K < 1: p > 1 and n > 1 on the whole, so that no count N_r of the trivial block changes its sign.
    """
    (share, kappa), (most, least) = c.ends, c.ratio
    if not (_square_at_least(share, least, most) and _square_at_least(kappa, 1, c.least_turned)):
        raise Rejected("cover", "the rectangle does not have all parameters of the claim")
    if any(_square_at_least(x, 1, 1) for x in (kappa, (share[0] * kappa[0], share[1] + kappa[1]))):
        raise Rejected("cover", "the rectangle has classes of one student or less")
    if not most * c.least_turned >= 3 * least:
        raise Rejected("cover", "there may be less than 3 students that follow their teachers")


def _square_at_least(x: tuple[int, int], numerator: int, denominator: int) -> bool:
    """x^2 >= numerator / denominator."""
    mantissa, exponent = x
    left, right = mantissa * mantissa * denominator, numerator
    return left << max(2 * exponent, 0) >= right << max(-2 * exponent, 0)


def _leaves(tree: Tree, sides: Sides) -> Iterator[tuple[Leaf, Sides]]:
    """All rectangles."""
    if isinstance(tree, Leaf):
        yield tree, sides
        return
    for half, part in zip(tree.halves, _halved(sides, tree.axis), strict=True):
        yield from _leaves(half, part)


def _halved(sides: Sides, axis: int) -> tuple[Sides, Sides]:
    low, high = sides[axis]
    middle = low + high >> 1  # exact: see surface_format.LIMIT_DEPTH
    if axis == 0:
        return ((low, middle), sides[1]), ((middle, high), sides[1])
    return (sides[0], (low, middle)), (sides[0], (middle, high))


def _check_leaf(leaf: Leaf, sides: Sides, f: Arithmetic, *, start: bool) -> Proven:
    """Existence, uniqueness and definiteness; of the trivial block only at the start, over the middle."""
    centre, radii = ([f.exact(*x) for x in row] for row in (leaf.centre, leaf.radii))
    slopes = [[f.exact(*s) for s in row] for row in leaf.slopes]
    place = patch(centre, slopes, radii, [((low + high >> 1,) * 2, (low, high)) for low, high in sides], f)
    middle, box = (any_turned.point(x[:UNKNOWNS], *x[UNKNOWNS:]) for x in (place.middle, place.box))
    inner, outer = any_turned.gradient(middle), any_turned.gradient(box)
    zeros = find_zeros(list(inner), list(outer), place)
    at = follow(middle, box, zeros, place)
    for name, block in any_turned.blocks(at):
        check_definite(name, block, place)
    if start:
        trivial = any_turned.trivial(at, follow_slopes(inner, outer, zeros, place))
        if not certainly_positive_definite([[x.start for x in row] for row in trivial], f):
            raise Rejected("curvature", "the trivial block is not confirmed to be positive definite")
    return Proven(leaf, sides, zeros.reach, radii)


def _glue(tree: Tree, found: dict[int, Proven], f: Arithmetic) -> None:
    """Both halves of every split, along the line between them: all rectangles that share more than a point of it."""
    if isinstance(tree, Leaf):
        return
    for half in tree.halves:
        _glue(half, found, f)
    lower, upper = (
        [found[leaf.number] for leaf in _border(half, tree.axis, side)]
        for half, side in zip(tree.halves, (1, 0), strict=True)
    )
    i = j = 0
    while i < len(lower) and j < len(upper):
        _check_glue(lower[i], upper[j], tree.axis, f)
        ends = [x.sides[1 - tree.axis][1] for x in (lower[i], upper[j])]
        i, j = i + (ends[0] <= ends[1]), j + (ends[1] <= ends[0])


def _border(tree: Tree, axis: int, side: int) -> Iterator[Leaf]:
    """The rectangles along the lower or upper side, in order."""
    if isinstance(tree, Leaf):
        yield tree
        return
    for half in (tree.halves[side],) if tree.axis == axis else tree.halves:
        yield from _border(half, axis, side)


def _check_glue(before: Proven, after: Proven, axis: int, f: Arithmetic) -> None:
    """On the common part of the line, the zero of one lies in the box of the other, where it is the only one."""
    (a, b), (c, d) = before.sides[1 - axis], after.sides[1 - axis]
    ends, place = (max(a, c), min(b, d)), before.sides[axis][1]
    apart = [0] * UNKNOWNS
    for end in ends:
        corner = (place, end) if axis == 0 else (end, place)
        planes = zip(before.plane(corner, f), after.plane(corner, f), strict=True)
        apart = [max(x, magnitude(sub(y, z))) for x, (y, z) in zip(apart, planes, strict=True)]
    for inner, outer in ((before, after), (after, before)):
        if all(x + reach <= r[0] for x, reach, r in zip(apart, inner.reach, outer.radii, strict=True)):
            return
    raise Rejected(
        "glue", f"entries {before.leaf.number} and {after.leaf.number}: their zeros are not confirmed to meet"
    )
