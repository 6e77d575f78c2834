"""The loss at a symmetric point, from class sizes and patterns, times 2 pi (docs/families.md: F2 to F4).

A pattern (base, delta) of a row that follows coordinate class a is the vector sum_c base[c] 1_c + delta e_own.  Orbits
of pairs of rows carry multiplicities, so nothing here depends on how large the classes are.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isqrt
from typing import NamedTuple

from certify.checker.errors import Rejected
from certify.checker.intervals import Arithmetic, Interval, add, clip, magnitude, sub, times

Dyadic = tuple[int, int]
ZERO: Interval = (0, 0)


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


class Angle(NamedTuple):
    """Cosine, sine, pi - t of a pair."""

    cosine: Interval
    sine: Interval
    complement: Interval


class Sparse(NamedTuple):
    """A pattern with integer entries: nonzero (class, value) pairs, and delta."""

    base: tuple[tuple[int, int], ...]
    delta: int


OrbitMatrix = Mapping[int, Sparse]


def scaled(count: int, a: Interval) -> Interval:
    """An integer multiple, exact."""
    return (count * a[0], count * a[1]) if count >= 0 else (count * a[1], count * a[0])


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
    """Norms, angles, gradient and loss at patterns of exact dyadics; teacher rows alpha e_m + beta 1."""

    def __init__(
        self,
        sizes: Sequence[int],
        owners: Sequence[int | None],
        centre: Sequence[Sequence[Dyadic]],
        teacher: tuple[Dyadic, Dyadic],
        arithmetic: Arithmetic,
    ) -> None:
        """centre: for each student class its base values and delta."""
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
        self.relations = list(relations(self.rows, self.students, self.sizes))
        self.angles = {relation.key: self._angle(relation) for relation in self.relations}
        self.alphas = [self._alpha(a) for a in range(self.students)]

    def inner(self, x: Pattern, y: Pattern, owners: tuple[int | None, int | None], same: bool) -> Interval:
        """<x, y> in units of 4^-bits."""
        total = times(x.delta, y.delta) if same else ZERO
        if owners[0] is not None:
            total = add(total, times(x.delta, y.base[owners[0]]))
        if owners[1] is not None:
            total = add(total, times(y.delta, x.base[owners[1]]))
        for size, a, b in zip(self.sizes, x.base, y.base, strict=True):
            total = add(total, scaled(size, times(a, b)))
        return total

    def square(self, pattern: Pattern, owner: int | None) -> Interval:
        """|x|^2 in units of 4^-bits: the off-own entries of the class, the own entry, the other classes."""
        f = self.arithmetic
        total = ZERO
        for c, (size, x) in enumerate(zip(self.sizes, pattern.base, strict=True)):
            total = add(total, scaled(size - (c == owner), f.square(x)))
        if owner is not None:
            total = add(total, f.square(add(pattern.base[owner], pattern.delta)))
        return total

    def _norm(self, pattern: Pattern, owner: int | None) -> Interval:
        square = self.square(pattern, owner)
        if isqrt(square[0]) <= 0:
            raise Rejected("domain", "a row may be zero")
        return isqrt(square[0]), isqrt(square[1]) + 1

    def _angle(self, relation: Relation) -> Angle:
        """Angle by the half-angle formula tan(t / 2) = s / (1 + c)."""
        f = self.arithmetic
        left, right = self.rows[relation.left], self.rows[relation.right]
        product = f.narrow(self.inner(left.unit, right.unit, (left.owner, right.owner), relation.same))
        cosine = clip(product, -f.one, f.one)
        square = sub((f.one * f.one, f.one * f.one), f.square(cosine))
        sine = isqrt(max(0, square[0])), min(f.one, isqrt(max(0, square[1])) + 1)
        half = f.atan(f.div(sine, add((f.one, f.one), cosine if cosine[0] >= 0 else scaled(-1, cosine))))
        twice = scaled(2, half)
        return Angle(cosine, sine, sub(f.pi, twice) if cosine[0] >= 0 else twice)

    def _of(self, a: int) -> list[Relation]:
        return [relation for relation in self.relations if relation.left == a]

    def _alpha(self, a: int) -> Interval:
        """alpha_i of the students of class a."""
        f, total = self.arithmetic, ZERO
        for relation in self._of(a):
            product = times(self.norms[relation.right], self.angles[relation.key].sine)
            total = add(total, scaled(self.rows[relation.right].sign * relation.each, product))
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
        weight = add(self.alphas[a], f.pi)
        base, delta = [times(weight, x) for x in own.base], times(weight, own.delta)
        for relation in self._of(a):
            other, pattern = self.rows[relation.right], self.patterns[relation.right]
            weight = scaled(other.sign, self.angles[relation.key].complement)
            base = [add(x, scaled(relation.each, times(weight, y))) for x, y in zip(base, pattern.base, strict=True)]
            shift = times(weight, pattern.delta)
            if relation.same:
                delta = add(delta, shift)
            elif other.owner is not None:
                base[other.owner] = add(base[other.owner], shift)
                if other.owner == row.owner:
                    delta = sub(delta, shift)
        return Pattern(tuple(f.narrow(x) for x in base), f.narrow(delta))

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
        columns = []
        for c in range(len(self.sizes)):
            total = 0, 0
            for a in range(self.students):
                total = add(total, self._column_square(a, c))
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
        total = scaled(row.count - (row.owner == c), f.square(pattern.base[c]))
        return add(total, f.square(add(pattern.base[c], pattern.delta))) if row.owner == c else total

    def loss(self) -> Interval:
        """2 pi L."""
        f, halves = self.arithmetic, ZERO  # twice the loss, so that all weights are integers
        for a in range(self.students):
            halves = add(halves, scaled(self.rows[a].count, f.mul(f.pi, f.mul(self.norms[a], self.norms[a]))))
        for relation in self.relations:
            kernel = self._kernel(
                f.mul(self.norms[relation.left], self.norms[relation.right]), self.angles[relation.key]
            )
            weight = 1 if relation.right < self.students else -2
            halves = add(halves, scaled(weight * self.rows[relation.left].count * relation.each, kernel))
        halves = add(halves, self._teachers_twice())
        return halves[0] >> 1, -(-halves[1] >> 1)

    def _kernel(self, lengths: Interval, angle: Angle) -> Interval:
        f = self.arithmetic
        return f.mul(lengths, add(angle.sine, f.mul(angle.complement, angle.cosine)))

    def _teachers_twice(self) -> Interval:
        """2 pi sum_mn g(v_m, v_n): a teacher with itself, and one angle for all other pairs."""
        f, count = self.arithmetic, sum(self.sizes)
        norm = self.norms[self.students]
        square = f.mul(norm, norm)
        total = scaled(count, f.mul(f.pi, square))
        if count > 1:
            across = add(scaled(2, f.mul(self.alpha, self.beta)), scaled(count, f.mul(self.beta, self.beta)))
            cosine = clip(f.div(across, square), -f.one, f.one)
            rest = sub((f.one * f.one, f.one * f.one), f.square(cosine))
            sine = isqrt(max(0, rest[0])), min(f.one, isqrt(max(0, rest[1])) + 1)
            half = f.atan(f.div(sine, add((f.one, f.one), cosine if cosine[0] >= 0 else scaled(-1, cosine))))
            complement = sub(f.pi, scaled(2, half)) if cosine[0] >= 0 else scaled(2, half)
            total = add(total, scaled(count * (count - 1), self._kernel(square, Angle(cosine, sine, complement))))
        return total


def _apart(lengths: Sequence[Interval], radius: int) -> bool:
    """No two of the lengths can agree after each moved by at most radius."""
    ordered = sorted(lengths)
    return all(a[1] + radius < b[0] - radius for a, b in pairwise(ordered))


class Shadow(NamedTuple):
    """<x_i, u_i> by class; <x_i, r_ij> and <x_j, r_ji> by relation, only where they are not zero."""

    own: dict[int, Interval]
    forward: dict[int, Interval]
    backward: dict[int, Interval]


class Form:
    """Hessian and ambient matrix as forms on orbit matrices after setting marks[c] coordinates of class c apart."""

    def __init__(self, geometry: Geometry, marks: Mapping[int, int]) -> None:
        """parts[c], members[a]: the refined classes of an old one, the marked ones first."""
        self.geometry = geometry
        self.sizes: list[int] = []
        self.parts: list[list[int]] = []
        for c, size in enumerate(geometry.sizes):
            apart = marks.get(c, 0)
            new = [1] * apart + ([size - apart] if size > apart else [])
            self.parts.append(list(range(len(self.sizes), len(self.sizes) + len(new))))
            self.sizes += new
        self.rows: list[RowClass] = []
        self.members = [self._add(row, marks) for row in geometry.rows[: geometry.students]]
        self.students = len(self.rows)
        for row in geometry.rows[geometry.students :]:
            self._add(row, marks)
        self.relations = list(relations(self.rows, self.students, self.sizes))

    def _add(self, row: RowClass, marks: Mapping[int, int]) -> list[int]:
        first = len(self.rows)
        base = tuple(x for x, parts in zip(row.unit.base, self.parts, strict=True) for _ in parts)
        if row.owner is None:
            self.rows.append(replace(row, unit=Pattern(base, ZERO)))
            return [first]
        for k, part in enumerate(self.parts[row.owner]):
            if k < marks.get(row.owner, 0):
                raised = tuple(add(x, row.unit.delta) if c == part else x for c, x in enumerate(base))
                self.rows.append(RowClass(1, row.sign, None, Pattern(raised, ZERO), row.kind, (row.owner, k)))
            else:
                unit = Pattern(base, row.unit.delta)
                self.rows.append(RowClass(self.sizes[part], row.sign, part, unit, row.kind, None))
        return list(range(first, len(self.rows)))

    def hessian(self, basis: Sequence[OrbitMatrix]) -> list[list[Interval]]:
        """2 pi <X, Hess L Y>: the lower triangle, row by row."""
        shadows = [self._shadow(X) for X in basis]
        return [[self._entry(basis, shadows, m, n) for n in range(m + 1)] for m in range(len(basis))]

    def gram(self, basis: Sequence[OrbitMatrix]) -> list[list[int]]:
        """<X, Y>, exact; the lower triangle."""
        return [
            [sum(self.rows[a].count * self._product(a, X[a], a, Y[a], True) for a in X if a in Y)
             for Y in basis[: m + 1]]
            for m, X in enumerate(basis)
        ]  # fmt: skip

    def _product(self, a: int, x: Sparse, b: int, y: Sparse, same: bool) -> int:
        """<x, y> for rows of student classes a and b."""
        owners = self.rows[a].owner, self.rows[b].owner
        total = x.delta * y.delta if same else 0
        for c, value in x.base:
            total += sum(self.sizes[c] * value * other for e, other in y.base if c == e)
            total += value * y.delta if c == owners[1] else 0
        return total + x.delta * sum(other for e, other in y.base if e == owners[0])

    def _with_unit(self, a: int, x: Sparse, b: int, same: bool) -> Interval:
        """<x, u> for a row of student class a and the unit vector of a row of class b."""
        unit, owners, total = self.rows[b].unit, (self.rows[a].owner, self.rows[b].owner), ZERO
        for c, value in x.base:
            total = add(total, scaled(value * self.sizes[c], unit.base[c]))
            if c == owners[1]:
                total = add(total, scaled(value, unit.delta))
        if x.delta and owners[0] is not None:
            total = add(total, scaled(x.delta, unit.base[owners[0]]))
            if same:
                total = add(total, scaled(x.delta, unit.delta))
        return total

    def _shadow(self, X: OrbitMatrix) -> Shadow:
        f = self.geometry.arithmetic
        own = {a: self._with_unit(a, x, a, True) for a, x in X.items()}
        forward, backward = {}, {}
        for k, (a, b, same, _, key) in enumerate(self.relations):
            cosine = self.geometry.angles[key].cosine
            if a in X:
                forward[k] = sub(self._with_unit(a, X[a], b, same), f.mul(cosine, own[a]))
            if b in X:
                backward[k] = sub(self._with_unit(b, X[b], a, same), f.mul(cosine, own[b]))
        return Shadow(own, forward, backward)

    def _entry(self, basis: Sequence[OrbitMatrix], shadows: Sequence[Shadow], m: int, n: int) -> Interval:
        """T1 summed over orbits of pairs."""
        g, f, X, Y, x, y = self.geometry, self.geometry.arithmetic, basis[m], basis[n], shadows[m], shadows[n]
        total = ZERO
        for a in X:
            if a in Y:
                row, alpha = self.rows[a], g.alphas[self.rows[a].kind]
                term = scaled(self._product(a, X[a], a, Y[a], True), add(f.pi, alpha))
                term = sub(term, f.mul(alpha, f.mul(x.own[a], y.own[a])))
                total = add(total, scaled(row.count, term))
        for k, left in x.forward.items():
            a, b, same, each, key = self.relations[k]
            angle, size = g.angles[key], self._product(a, X[a], a, X[a], True)
            term = ZERO
            if k in y.forward:
                weight = f.div(g.norms[self.rows[b].kind], g.norms[self.rows[a].kind])
                term = f.mul(scaled(self.rows[b].sign, weight), self._quotient(left, y.forward[k], angle.sine, size))
            if k in y.backward:
                term = add(term, f.mul(angle.sine, f.mul(x.own[a], y.own[b])))
                term = add(term, self._quotient(left, y.backward[k], angle.sine, size))
                term = add(term, scaled(self._product(a, X[a], b, Y[b], same), angle.complement))
            total = add(total, scaled(self.rows[a].count * each, term))
        return total

    def _quotient(self, left: Interval, right: Interval, sine: Interval, size: int) -> Interval:
        """Left * right / sine, where |left| <= sqrt(size) sine; also where the sine may be 0."""
        f = self.geometry.arithmetic
        if sine[0] > 0:
            return f.div(f.mul(left, right), sine)
        limit = (isqrt(size) + 1) * magnitude(right)
        return -limit, limit

    def splitting(self, a: int, basis: Sequence[Sparse]) -> tuple[list[list[Interval]], list[int], list[Interval]]:
        """2 pi <x, S y> as a lower triangle, |x|^2 and <x, u> for vectors of the student of class a; S = H_ii - I / 2.

        T1 (a) without pi I: alpha (<x, y> - <x, u> <y, u>) + sum over the other rows of sign |x_j| / |w_i| r r^T / s.
        """
        g, f, alpha = self.geometry, self.geometry.arithmetic, self.geometry.alphas[self.rows[a].kind]
        shadows = [self._shadow({a: x}) for x in basis]
        matrix = []
        for m, x in enumerate(basis):
            entries = []
            for n, y in enumerate(basis[: m + 1]):
                along = f.mul(shadows[m].own[a], shadows[n].own[a])
                total = f.mul(alpha, sub(scaled(self._product(a, x, a, y, True), (f.one, f.one)), along))
                for k, left in shadows[m].forward.items():
                    _, b, _, each, key = self.relations[k]
                    weight = f.div(g.norms[self.rows[b].kind], g.norms[self.rows[a].kind])
                    size = self._product(a, x, a, x, True)
                    quotient = self._quotient(left, shadows[n].forward[k], g.angles[key].sine, size)
                    total = add(total, scaled(each * self.rows[b].sign, f.mul(weight, quotient)))
                entries.append(total)
            matrix.append(entries)
        squares = [self._product(a, x, a, x, True) for x in basis]
        return matrix, squares, [shadow.own[a] for shadow in shadows]

    def ambient(self, basis: Sequence[Sequence[int]]) -> tuple[list[list[Interval]], list[list[int]]]:
        """2 pi <x, A y> and <x, y> for vectors constant on refined student classes; lower triangles."""
        g, f = self.geometry, self.geometry.arithmetic
        matrix, gram = [], []
        for m, x in enumerate(basis):
            entries, products = [], []
            for y in basis[: m + 1]:
                entry, product = ZERO, 0
                for a in range(self.students):
                    weight = self.rows[a].count * x[a] * y[a]
                    product += weight
                    entry = add(entry, scaled(weight, add(f.pi, g.alphas[self.rows[a].kind])))
                for a, b, _, each, key in self.relations:
                    if b < self.students:
                        entry = add(entry, scaled(self.rows[a].count * each * x[a] * y[b], g.angles[key].complement))
                entries.append(entry)
                products.append(product)
            matrix.append(entries)
            gram.append(products)
        return matrix, gram
