"""All zeros in a region: the leaves of a subdivision are excluded, or inside boxes that are accounted for (Z8).

The steps: those of each listed zero; "listing" (a zero in the region, at its border, or not told from another); "tree".
Boxes are lists of pairs of integers in units of 2^-grid.
"""

from collections.abc import Iterator
from typing import Any

from certify.checker.errors import Rejected, ResourceLimit
from certify.checker.floating import Floating, Point, Real, at, ceil_to, compare, floor_to, lower, ordered, upper
from certify.checker.systems import AllZeros, Place
from certify.checker.zero import Budget, check_contraction, inputs

Box = list[tuple[int, int]]

LIMIT_WORK = 1 << 30
COMPARISON = 16  # steps of linear algebra


def verify_all_zeros(c: AllZeros) -> None:
    """All steps."""
    f, budget = Floating(c.precision), Budget(c.factor_bits)
    c.program.limit_work(1, c.precision)
    _limit_tree(c)
    for place in (*c.zeros, *c.border):
        values = c.program.values(inputs(c.program, place, f, whole=False), f)
        gradients = c.program.gradients(inputs(c.program, place, f, whole=True), f)
        check_contraction(place, values, gradients, f, budget)
    _check_listing(c, budget)
    Subdivision(c, f).check()


def _limit_tree(c: AllZeros) -> None:
    """Refuse too many evaluations for nodes and zeros, or combinations of gradients."""
    slow, count = 1 + c.precision // 256, len(c.tree) + len(c.zeros) + len(c.border)
    evaluation = max(c.program.entries(1) * slow, 4 * c.program.work(c.precision))
    combination = sum(c.program.support[output].bit_count() + 1 for output in c.program.outputs) * slow
    combinations = sum(len(node[1]) for node in c.tree if node[0] == "newton")
    if count * evaluation + combinations * combination > LIMIT_WORK:
        raise ResourceLimit("the tree would take too long")


def _check_listing(c: AllZeros, budget: Budget) -> None:
    """The boxes of the error radii are disjoint, so the zeros differ; those called inside are inside the region."""
    for place in c.zeros:
        for (low, high), x, r in zip(c.region, place.centre, place.error_radii, strict=True):
            if not (compare(low, _shifted(x, r, -1)) <= 0 and compare(_shifted(x, r, 1), high) <= 0):
                raise Rejected("listing", "a zero is not certainly in the region")
    listed = sorted((*c.zeros, *c.border), key=lambda p: ordered(_shifted(p.centre[0], p.error_radii[0], -1)))
    active: list[Place] = []
    for place in listed:
        left = _shifted(place.centre[0], place.error_radii[0], -1)
        active = [p for p in active if compare(_shifted(p.centre[0], p.error_radii[0], 1), left) >= 0]
        budget.spend(COMPARISON * len(active) * len(place.centre))
        if any(not _disjoint(place, other) for other in active):
            raise Rejected("listing", "two zeros are not told apart")
        active.append(place)


def _shifted(x: Point, r: Point, sign: int) -> Point:
    """x + sign r, exactly."""
    e = min(x[1], r[1])
    return (x[0] << x[1] - e) + sign * (r[0] << r[1] - e), e


def _disjoint(a: Place, b: Place) -> bool:
    return any(
        compare(_shifted(x, r, 1), _shifted(y, s, -1)) < 0 or compare(_shifted(y, s, 1), _shifted(x, r, -1)) < 0
        for x, r, y, s in zip(a.centre, a.error_radii, b.centre, b.error_radii, strict=True)
    )


class Subdivision:
    """The tree in preorder: each node says what becomes of the box that its parent leaves to it."""

    def __init__(self, c: AllZeros, f: Floating) -> None:
        """Boxes of the claim in units of the grid."""
        self._c, self._f, self._program = c, f, c.program
        self._parameters = [f.between(p.low, p.high) for p in self._program.parameters]
        e = -c.grid
        self._places = [
            [(ceil_to(_shifted(x, r, -1), e), floor_to(_shifted(x, r, 1), e))
             for x, r in zip(place.centre, place.uniqueness_radii, strict=True)]
            for place in (*c.zeros, *c.border)
        ]  # fmt: skip
        self._leftovers = [[(ceil_to(low, e), floor_to(high, e)) for low, high in box] for box in c.leftovers]
        self._region = [(floor_to(low, e), ceil_to(high, e)) for low, high in c.region]

    def check(self) -> None:
        """Every node once; refused if a leaf is not confirmed, or nodes are missing or left over."""
        boxes, nodes = [self._region], iter(self._c.tree)
        while boxes:
            box = boxes.pop()
            node = next(nodes, None)
            if node is None:
                raise Rejected("tree", "a box has no node")
            boxes.extend(reversed(list(self._children(box, node))))
        if next(nodes, None) is not None:
            raise Rejected("tree", "there are more nodes than boxes")

    def _children(self, box: Box, node: list[Any]) -> Iterator[Box]:
        """What is left to do of a box after its node."""
        kind = node[0]
        if kind == "split":
            k, cut = node[1], node[2]
            if not box[k][0] <= cut <= box[k][1]:
                raise Rejected("tree", "a box is cut outside itself")
            yield [*box[:k], (box[k][0], cut), *box[k + 1 :]]
            yield [*box[:k], (cut, box[k][1]), *box[k + 1 :]]
        elif kind == "newton":
            left = self._contracted(box, node[1])
            if left is not None and (node[2] is None or not _inside(left, node[2])):
                raise Rejected("tree", "a box is not contracted as much as is said")
            if node[2] is not None:
                yield node[2]
        elif kind == "excluded":
            if not self._program.excludes(node[1], self._inputs(box), self._f):
                raise Rejected("tree", f"not confirmed that equation {node[1]} has no zero in a box")
        else:
            known = (self._places if kind == "zero" else self._leftovers)[node[1]]
            if not _inside(box, known):
                raise Rejected("tree", f"a box is not inside the {kind} box that is named")

    def _inputs(self, box: Box) -> list[Real]:
        return [self._f.rounded(low, high, -self._c.grid) for low, high in box] + self._parameters

    def _contracted(self, box: Box, rows: list[tuple[int, list[int]]]) -> Box | None:
        """Gauss-Seidel on combinations of equations: for every zero x in the box and every row (k, c),

        0 = c.f(x) is in  c.f(m) + sum_j (c.J)_j (x_j - m_j),  which bounds x_k where 0 is not in (c.J)_k.
        None: there is no zero.
        """
        f, e = self._f, -self._c.grid
        middle = [low + high >> 1 for low, high in box]
        values = self._program.values([at((m, e)) for m in middle] + self._parameters, f)
        gradients = self._program.gradients(self._inputs(box), f)
        box = list(box)
        for k, combination in rows:
            value, slopes = self._combined(combination, values, gradients)
            rest, own = value, slopes.pop(k, (0, 0, 0))
            for j, slope in slopes.items():
                rest = f.add(rest, f.mul(slope, f.rounded(box[j][0] - middle[j], box[j][1] - middle[j], e)))
            whole = f.add(rest, f.mul(own, f.rounded(box[k][0] - middle[k], box[k][1] - middle[k], e)))
            if whole[0] > 0 or whole[1] < 0:
                return None
            if own[0] > 0 or own[1] < 0:
                change = f.div(rest, own)  # x_k = m_k - change
                low = max(box[k][0], middle[k] - ceil_to(upper(change), e))
                high = min(box[k][1], middle[k] - floor_to(lower(change), e))
                if low > high:
                    return None
                box[k] = low, high
        return box

    def _combined(
        self, combination: list[int], values: list[Real], gradients: list[dict[int, Real]]
    ) -> tuple[Real, dict[int, Real]]:
        f, value = self._f, (0, 0, 0)
        slopes: dict[int, Real] = {}
        for factor, own, gradient in zip(combination, values, gradients, strict=True):
            if factor:
                value = f.add(value, f.mul((factor, factor, 0), own))
                for j, slope in gradient.items():
                    slopes[j] = f.add(slopes.get(j, (0, 0, 0)), f.mul((factor, factor, 0), slope))
        return value, slopes


def _inside(inner: Box, outer: Box) -> bool:
    return all(low <= a and b <= high for (a, b), (low, high) in zip(inner, outer, strict=True))
