"""The loss at a symmetric point, from class sizes and patterns, times 2 pi (docs/families.md: F2, F7).

A pattern (base, delta) of a row that follows coordinate class a is the vector sum_c base[c] 1_c + delta e_own.  Orbits
of pairs of rows carry multiplicities, so nothing here depends on how large the classes are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isqrt
from typing import Any, NamedTuple

from certify.checker.errors import Rejected
from certify.checker.intervals import Angle, Arithmetic, Interval
from certify.checker.jets import ZERO


class Pattern(NamedTuple):
    """base[c] on every coordinate of class c, plus delta on the row's own coordinate."""

    base: tuple[Interval, ...]
    delta: Interval


@dataclass(frozen=True)
class RowClass:
    """count rows that follow `owner` (or none); unit: pattern of u; kind: class before refinement; mark: (class, k) if
    the row's own coordinate was set apart as the k-th of its class."""

    count: int
    sign: int
    owner: int | None
    unit: Pattern
    kind: int
    mark: tuple[int, int] | None


class Relation(NamedTuple):
    """An orbit of pairs: for each row of class `left`, `each` other rows of class `right`; same: they share `own`."""

    left: int
    right: int
    same: bool
    each: int
    key: tuple[int, int, bool]


def relations(rows: Sequence[RowClass], students: int, sizes: Sequence[int]) -> Iterator[Relation]:
    """All orbits of ordered pairs (student, other row)."""
    for a in range(students):
        row = rows[a]
        for b, other in enumerate(rows):
            if row.owner is not None and row.owner == other.owner:
                if a != b:
                    yield Relation(a, b, True, 1, (row.kind, other.kind, True))
                if sizes[row.owner] > 1:
                    yield Relation(a, b, False, sizes[row.owner] - 1, (row.kind, other.kind, False))
            elif a != b:
                marked = row.mark is not None and row.mark == other.mark
                yield Relation(a, b, False, other.count, (row.kind, other.kind, marked))


class Geometry:
    """Norms, angles, gradient and loss at patterns of numbers; teacher rows alpha e_m + beta 1."""

    def __init__(
        self,
        sizes: Sequence[int],
        owners: Sequence[int | None],
        centre: Sequence[Sequence[tuple[Any, ...]]],
        teacher: tuple[tuple[Any, ...], tuple[Any, ...]],
        arithmetic: Arithmetic,
    ) -> None:
        """centre: for each student class its base values and delta, as `exact` takes them."""
        self.sizes, self.arithmetic = list(sizes), arithmetic
        self.students = len(owners)
        self.alpha, self.beta = (arithmetic.exact(*x) for x in teacher)
        kinds = []
        for owner, row in zip(owners, centre, strict=True):
            values = [arithmetic.exact(*x) for x in row]
            kinds.append((owner, 1, Pattern(tuple(values[:-1]), values[-1])))
        for c in range(len(sizes)):
            kinds.append((c, -1, Pattern(tuple(self.beta for _ in sizes), self.alpha)))
        self.patterns = [pattern for _, _, pattern in kinds]
        self.norms: list[Interval] = []
        self.rows: list[RowClass] = []
        for kind, (owner, sign, pattern) in enumerate(kinds):
            norm = self._norm(pattern, owner)
            unit = Pattern(tuple(arithmetic.div(x, norm) for x in pattern.base), arithmetic.div(pattern.delta, norm))
            self.norms.append(norm)
            self.rows.append(RowClass(1 if owner is None else sizes[owner], sign, owner, unit, kind, None))
        self.ratios = [[arithmetic.div(b, a) for b in self.norms] for a in self.norms[: self.students]]
        self.relations = list(relations(self.rows, self.students, self.sizes))
        self.angles = {relation.key: self._angle(relation) for relation in self.relations}
        self.alphas = [self._alpha(a) for a in range(self.students)]

    def inner(self, x: Pattern, y: Pattern, owners: tuple[int | None, int | None], same: bool) -> Interval:
        """<x, y> in units of 4^-bits."""
        f = self.arithmetic
        total = f.wide(x.delta, y.delta) if same else ZERO
        if owners[0] is not None:
            total = f.plus(total, f.wide(x.delta, y.base[owners[0]]))
        if owners[1] is not None:
            total = f.plus(total, f.wide(y.delta, x.base[owners[1]]))
        for size, a, b in zip(self.sizes, x.base, y.base, strict=True):
            total = f.plus(total, f.multiple(size, f.wide(a, b)))
        return total

    def square(self, pattern: Pattern, owner: int | None) -> Interval:
        """|x|^2 in units of 4^-bits: the off-own entries of the class, the own entry, the other classes."""
        f = self.arithmetic
        total = ZERO
        for c, (size, x) in enumerate(zip(self.sizes, pattern.base, strict=True)):
            total = f.plus(total, f.multiple(size - (c == owner), f.square(x)))
        if owner is not None:
            total = f.plus(total, f.square(f.plus(pattern.base[owner], pattern.delta)))
        return total

    def _norm(self, pattern: Pattern, owner: int | None) -> Interval:
        norm = self.arithmetic.root(self.square(pattern, owner))
        if not self.arithmetic.is_positive(norm):
            raise Rejected("domain", "a row may be zero")
        return norm

    def _angle(self, relation: Relation) -> Angle:
        left, right = self.rows[relation.left], self.rows[relation.right]
        product = self.inner(left.unit, right.unit, (left.owner, right.owner), relation.same)
        return self.arithmetic.angle(self.arithmetic.narrow(product))

    def _of(self, a: int) -> list[Relation]:
        return [relation for relation in self.relations if relation.left == a]

    def _alpha(self, a: int) -> Interval:
        """alpha_i of the students of class a."""
        f, total = self.arithmetic, ZERO
        for relation in self._of(a):
            product = f.wide(self.norms[relation.right], self.angles[relation.key].sine)
            total = f.plus(total, f.multiple(self.rows[relation.right].sign * relation.each, product))
        return f.div(f.narrow(total), self.norms[a])

    def gradient_norm(self) -> int:
        """Upper bound of the Frobenius norm of 2 pi grad L."""
        total = 0
        for a in range(self.students):
            row = self.rows[a]
            total += row.count * self.square(self._gradient(a), row.owner)[1]
        return isqrt(total) + 1

    def _gradient(self, a: int) -> Pattern:
        """The gradient's row for the students of class a."""
        f, row, own = self.arithmetic, self.rows[a], self.patterns[a]
        weight = f.plus(self.alphas[a], f.pi)
        base, delta = [f.wide(weight, x) for x in own.base], f.wide(weight, own.delta)
        for _, right, same, each, key in self._of(a):
            other, pattern = self.rows[right], self.patterns[right]
            weight = f.multiple(other.sign, self.angles[key].complement)
            base = [f.plus(x, f.multiple(each, f.wide(weight, y))) for x, y in zip(base, pattern.base, strict=True)]
            shift = f.wide(weight, pattern.delta)
            if same:
                delta = f.plus(delta, shift)
            elif other.owner is not None:
                base[other.owner] = f.plus(base[other.owner], shift)
                if other.owner == row.owner:
                    delta = f.minus(delta, shift)
        return Pattern(tuple(f.narrow(x) for x in base), f.narrow(delta))

    def projected_gradient(self) -> list[Any]:
        """<X, 2 pi grad L> for the basis X of the trivial block (docs/families.md, F4)."""
        f, result = self.arithmetic, []
        for a in range(self.students):
            row, (base, delta) = self.rows[a], self._gradient(a)
            sums = [f.multiple(size, x) for size, x in zip(self.sizes, base, strict=True)]
            if row.owner is not None:
                sums[row.owner] = f.plus(sums[row.owner], delta)
                sums += [f.plus(base[row.owner], delta)] if self.sizes[row.owner] > 1 else []
            result += [f.multiple(row.count, x) for x in sums]
        return result

    def student_norms(self) -> list[tuple[Interval, int]]:
        """Row norms of the student classes with their multiplicities."""
        return [(self.norms[a], self.rows[a].count) for a in range(self.students)]

    def teacher_length(self) -> int:
        """Upper bound of sum_m |v_m|."""
        return sum(row.count * norm[1] for row, norm in zip(self.rows, self.norms, strict=True) if row.sign < 0)

    def is_isotropy_exact(self, radius: int) -> bool:
        """F7: at every point within `radius` student classes differ in row norm, coordinate classes in column norm, and
        the students of a class of two or more have an entry of their own.
        """
        rows = [self.norms[a] for a in range(self.students)]
        f, columns = self.arithmetic, []
        for c in range(len(self.sizes)):
            total = 0, 0
            for a in range(self.students):
                total = f.plus(total, self._column_square(a, c))
            columns.append((isqrt(total[0]), isqrt(total[1]) + 1))
        own = all(
            max(-self.patterns[a].delta[1], self.patterns[a].delta[0]) > 2 * radius
            for a in range(self.students)
            if self.rows[a].count > 1
        )
        return own and _apart(rows, radius) and _apart(columns, radius)

    def _column_square(self, a: int, c: int) -> Interval:
        """Squared entries of one coordinate of class c in all rows of student class a, in units of 4^-bits."""
        f, row, pattern = self.arithmetic, self.rows[a], self.patterns[a]
        total = f.multiple(row.count - (row.owner == c), f.square(pattern.base[c]))
        return f.plus(total, f.square(f.plus(pattern.base[c], pattern.delta))) if row.owner == c else total

    def loss(self) -> Interval:
        """2 pi L."""
        f, halves = self.arithmetic, ZERO  # twice the loss, so that all weights are integers
        for a in range(self.students):
            halves = f.plus(halves, f.multiple(self.rows[a].count, f.mul(f.pi, f.mul(self.norms[a], self.norms[a]))))
        for relation in self.relations:
            kernel = self._kernel(
                f.mul(self.norms[relation.left], self.norms[relation.right]), self.angles[relation.key]
            )
            weight = 1 if relation.right < self.students else -2
            halves = f.plus(halves, f.multiple(weight * self.rows[relation.left].count * relation.each, kernel))
        halves = f.plus(halves, self._teachers_twice())
        return f.div(halves, (2 * f.one, 2 * f.one))

    def slope(self, c: int) -> Interval:
        """2 pi D(v / |v|) for a teacher v of class c, D(u) = sum_i g(w_i, u) - sum_n g(v_n, u) (docs/splitting.md, S6).

        All teachers have the same sum over n, the mean of all pairs.
        """
        f, place, total = self.arithmetic, self.students + c, ZERO
        for relation in self.relations:
            if relation.right == place:
                pairs = self.rows[relation.left].count * relation.each  # the same number at each teacher of the class
                kernel = self._kernel(self.norms[relation.left], self.angles[relation.key])
                total = f.plus(total, f.multiple(pairs // self.rows[place].count, kernel))
        low, high = f.div(self._teachers_twice(), self.norms[place])
        count = sum(self.sizes)
        return f.minus(total, (low // count, -(-high // count)))

    def _kernel(self, lengths: Interval, angle: Angle) -> Interval:
        f = self.arithmetic
        return f.mul(lengths, f.plus(angle.sine, f.mul(angle.complement, angle.cosine)))

    def _teachers_twice(self) -> Interval:
        """2 pi sum_mn g(v_m, v_n): a teacher with itself, and one angle for all other pairs."""
        f, count = self.arithmetic, sum(self.sizes)
        norm = self.norms[self.students]
        square = f.mul(norm, norm)
        total = f.multiple(count, f.mul(f.pi, square))
        if count > 1:
            across = f.plus(f.multiple(2, f.mul(self.alpha, self.beta)), f.multiple(count, f.mul(self.beta, self.beta)))
            kernel = self._kernel(square, f.angle(f.div(across, square)))
            total = f.plus(total, f.multiple(count * (count - 1), kernel))
        return total


def _apart(lengths: Sequence[Interval], radius: int) -> bool:
    """No two of the lengths can agree after each moved by at most radius."""
    ordered = sorted(lengths)
    return all(a[1] + radius < b[0] - radius for a, b in pairwise(ordered))
