"""Minima of every width with any number of turned students: rectangles of a surface (docs/all-sizes.md, A14).

Parameters: share = sqrt(p / n) and kappa = 1 / sqrt(p).  Steps:

    cover       the rectangles halve [0, S] x [0, K], which has all p and n of the claim
    existence   for all parameters of a rectangle one zero x with |x_i - y_i| <= r_i; it is within `reach` of y
    curvature   every block but the trivial one is positive definite on the box; that one is at one zero
    glue        where two rectangles meet, their zeros are the same

A rejection names the rectangle by its position in the list.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from certify.checker import any_turned
from certify.checker.bends import Bent, sharpened
from certify.checker.congruence import certainly_positive_definite
from certify.checker.errors import Rejected
from certify.checker.intervals import Arithmetic, Interval, add, magnitude, sub
from certify.checker.jets import Jet
from certify.checker.pieces import contract
from certify.checker.surface_format import UNKNOWNS, Leaf, Surface, Tree

Sides = tuple[Interval, Interval]  # of share and kappa, exact
START_BITS = 18


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


class Slopes(NamedTuple):
    """What is known over a rectangle: the system at the centre, its derivatives by the unknowns on the box and by the
    parameters along the plane, and the quantities of `any_turned` on the box.
    """

    values: list[Interval]
    inner: list[list[Interval]]
    along: list[list[Interval]]
    point: any_turned.Point


def verify_surface(c: Surface) -> None:
    """All steps; raises Rejected."""
    f = Arithmetic(c.precision)
    _check_region(c)
    share, kappa = (f.exact(*end)[0] for end in c.ends)
    found: dict[int, Proven] = {}
    for leaf, sides in _leaves(c.tree, ((0, share), (0, kappa))):
        try:
            found[leaf.number] = _check_leaf(leaf, sides, f)
            if leaf.number == c.start:
                _check_start(found[leaf.number], f)
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


def _check_leaf(leaf: Leaf, sides: Sides, f: Arithmetic) -> Proven:
    """Existence, uniqueness and definiteness."""
    radii = [f.exact(*r) for r in leaf.radii]
    found = _slopes(leaf, sides, radii, f)
    changes = list(zip(found.along, _halves(sides), strict=True))
    reach, _ = contract(found.values, changes, found.inner, radii, f)
    for name, matrix in any_turned.blocks(found.point):
        if not certainly_positive_definite(matrix, f):
            raise Rejected("curvature", f"the block {name} is not confirmed to be positive definite")
    return Proven(leaf, sides, reach, radii)


def _slopes(leaf: Leaf, sides: Sides, radii: Sequence[Interval], f: Arithmetic) -> Slopes:
    """By second derivatives (A13).  Directions: each unknown, and each parameter with the unknowns on the plane."""
    size, one, zero = UNKNOWNS, (f.one, f.one), (0, 0)
    slopes = [[f.exact(*s) for s in row] for row in leaf.slopes]
    centre = [f.exact(*x) for x in leaf.centre]
    middles = [(low + high >> 1,) * 2 for low, high in sides]
    around = [(low - middle, high - middle) for (low, high), (middle, _) in zip(sides, middles, strict=True)]
    directions = [[one if i == k else zero for k in range(size)] + row for i, row in enumerate(slopes)]
    flat = [[zero] * size + [one, zero], [zero] * (size + 1) + [one]]
    box = [
        add(x, add((-r[1], r[1]), add(f.mul(s, around[0]), f.mul(t, around[1]))))
        for x, r, (s, t) in zip(centre, radii, slopes, strict=True)
    ]
    none = [zero] * ((size + 2) * (size + 3) // 2)
    at = any_turned.point(
        [Jet(f, x, d) for x, d in zip(centre, directions, strict=True)],
        *(Jet(f, m, d) for m, d in zip(middles, flat, strict=True)),
    )
    bent = any_turned.point(
        [Bent(f, x, d, none) for x, d in zip(box, directions, strict=True)],
        *(Bent(f, x, d, none) for x, d in zip(sides, flat, strict=True)),
    )
    pairs = list(zip(any_turned.gradient(at), any_turned.gradient(bent), strict=True))
    moves = [*(r[1] for r in radii), *_halves(sides)]
    inner = [sharpened(x, y, moves)[:size] for x, y in pairs]
    plane = [sharpened(x, y, [*[0] * size, *moves[size:]])[size:] for x, y in pairs]
    along = [[row[k] for row in plane] for k in range(2)]
    values = any_turned.Point(*(_nearer(x, y, moves) for x, y in zip(at, bent, strict=True)))
    return Slopes([x.value for x, _ in pairs], inner, along, values)


def _halves(sides: Sides) -> list[int]:
    """How far the parameters are from the middles."""
    return [high - low + 1 >> 1 for low, high in sides]


def _nearer(middle: Jet, box: Jet, moves: Sequence[int]) -> Jet:
    """The value on the box, also by its first derivatives from the middle."""
    f, slopes = box.f, sharpened(middle, box, moves)
    change = -(-sum(magnitude(s) * move for s, move in zip(slopes, moves, strict=True)) >> f.bits)
    low, high = middle.value
    return Jet(f, (max(low - change, box.value[0]), min(high + change, box.value[1])))


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


def _check_start(proven: Proven, f: Arithmetic) -> None:
    """The trivial block is positive definite at the zero over the middle of a rectangle."""
    middles: Sides = tuple((low + high >> 1,) * 2 for low, high in proven.sides)  # type: ignore[assignment]
    radius = f.one >> START_BITS
    if not radius <= min(r[0] for r in proven.radii):
        raise Rejected("curvature", "too small to begin with")
    radii = [(radius, radius)] * UNKNOWNS
    found = _slopes(proven.leaf, middles, radii, f)
    contract(found.values, [], found.inner, radii, f)
    if not certainly_positive_definite(any_turned.trivial(found.point, found.inner), f):
        raise Rejected("curvature", "the trivial block is not confirmed to be positive definite")
