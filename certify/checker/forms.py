"""The Hessian and the ambient matrix as forms on orbit matrices, times 2 pi (docs/families.md, F3)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import isqrt
from typing import NamedTuple

from certify.checker.intervals import Interval
from certify.checker.jets import ZERO
from certify.checker.orbits import Geometry, Pattern, RowClass, relations


class Sparse(NamedTuple):
    """A pattern with integer entries: nonzero (class, value) pairs, and delta."""

    base: tuple[tuple[int, int], ...]
    delta: int


OrbitMatrix = Mapping[int, Sparse]


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
        self._touching: list[list[int]] = [[] for _ in self.rows]
        for k, relation in enumerate(self.relations):
            for a in {relation.left, relation.right}:
                self._touching[a].append(k)

    def _add(self, row: RowClass, marks: Mapping[int, int]) -> list[int]:
        first, f = len(self.rows), self.geometry.arithmetic
        base = tuple(x for x, parts in zip(row.unit.base, self.parts, strict=True) for _ in parts)
        if row.owner is None:
            self.rows.append(replace(row, unit=Pattern(base, ZERO)))
            return [first]
        for k, part in enumerate(self.parts[row.owner]):
            if k < marks.get(row.owner, 0):
                raised = tuple(f.plus(x, row.unit.delta) if c == part else x for c, x in enumerate(base))
                self.rows.append(RowClass(1, row.sign, None, Pattern(raised, ZERO), row.kind, (row.owner, k)))
            else:
                unit = Pattern(base, row.unit.delta)
                self.rows.append(RowClass(self.sizes[part], row.sign, part, unit, row.kind, None))
        return list(range(first, len(self.rows)))

    def hessian(self, basis: Sequence[OrbitMatrix]) -> list[list[Interval]]:
        """2 pi <X, Hess L Y>: the lower triangle, row by row.

        F3 is a sum of products of a number that depends on X and one that depends on Y: a product of two vectors.
        """
        f, shadows = self.geometry.arithmetic, [self._shadow(X) for X in basis]
        left = [f.parts(self._left(X, x)) for X, x in zip(basis, shadows, strict=True)]
        right = [f.parts(self._right(Y, y)) for Y, y in zip(basis, shadows, strict=True)]
        return [[f.product(x, y) for y in right[: m + 1]] for m, x in enumerate(left)]

    def gram(self, basis: Sequence[OrbitMatrix]) -> list[list[int]]:
        """<X, Y>, exact; the lower triangle."""
        return [[sum(self._inner(a, X[a], Y[a]) for a in X if a in Y) for Y in basis[: m + 1]]
                for m, X in enumerate(basis)]  # fmt: skip

    def _inner(self, a: int, x: Sparse, y: Sparse) -> int:
        """<x, y> summed over the rows of student class a."""
        values = {**dict(x.base), len(self.sizes): x.delta}
        return self.rows[a].count * sum(values.get(c, 0) * value for c, value in self._dual(y, a, a, same=True))

    def _dual(self, y: Sparse, b: int, a: int, *, same: bool) -> Iterator[tuple[int, int]]:
        """<x, y> for rows x of student class a and y of b, as coefficients of the base values of x and, last, delta."""
        owner, other = self.rows[a].owner, self.rows[b].owner
        for c, value in y.base:
            yield c, self.sizes[c] * value
            if c == owner:
                yield len(self.sizes), value
        if other is not None:
            yield other, y.delta
            yield len(self.sizes), y.delta if same else 0

    def _with_unit(self, a: int, x: Sparse, b: int, same: bool) -> Interval:
        """<x, u> for a row of student class a and the unit vector of a row of class b."""
        f, unit, total = self.geometry.arithmetic, self.rows[b].unit, ZERO
        owners = self.rows[a].owner, self.rows[b].owner
        for c, value in x.base:
            total = f.plus(total, f.multiple(value * self.sizes[c], unit.base[c]))
            if c == owners[1]:
                total = f.plus(total, f.multiple(value, unit.delta))
        if x.delta and owners[0] is not None:
            total = f.plus(total, f.multiple(x.delta, unit.base[owners[0]]))
            if same:
                total = f.plus(total, f.multiple(x.delta, unit.delta))
        return total

    def _shadow(self, X: OrbitMatrix) -> Shadow:
        f = self.geometry.arithmetic
        own = {a: self._with_unit(a, x, a, True) for a, x in X.items()}
        forward, backward = {}, {}
        for k in sorted({k for a in X for k in self._touching[a]}):
            a, b, same, _, key = self.relations[k]
            cosine = self.geometry.angles[key].cosine
            if a in X:
                forward[k] = f.minus(self._with_unit(a, X[a], b, same), f.mul(cosine, own[a]))
            if b in X:
                backward[k] = f.minus(self._with_unit(b, X[b], a, same), f.mul(cosine, own[b]))
        return Shadow(own, forward, backward)

    def _places(self) -> tuple[int, int, int]:
        """Where <x_i, u_i>, the entries of X, and nothing more come after the relations."""
        entries = len(self.relations) + self.students
        return len(self.relations), entries, entries + self.students * (len(self.sizes) + 1)

    def _left(self, X: OrbitMatrix, shadow: Shadow) -> list[Interval]:
        """By relation <x_i, r_ij>; by class <x_i, u_i>; by class the entries of its row in X."""
        owns, entries, end = self._places()
        bits, values = self.geometry.arithmetic.bits, [ZERO] * end
        for k, value in shadow.forward.items():
            values[k] = value
        for a, x in X.items():
            values[owns + a] = shadow.own[a]
            for c, entry in (*x.base, (len(self.sizes), x.delta)):
                values[entries + a * (len(self.sizes) + 1) + c] = entry << bits, entry << bits
        return values

    def _right(self, Y: OrbitMatrix, shadow: Shadow) -> list[Interval]:
        """What T1, summed over orbits of pairs, multiplies these with."""
        g, f = self.geometry, self.geometry.arithmetic
        owns, _, end = self._places()
        values = [ZERO] * end
        for a, y in Y.items():
            count, alpha = self.rows[a].count, g.alphas[self.rows[a].kind]
            self._add_entries(values, a, self._dual(y, a, a, same=True), f.multiple(count, f.plus(f.pi, alpha)))
            values[owns + a] = f.multiple(-count, f.mul(alpha, shadow.own[a]))
        for k in {**shadow.forward, **shadow.backward}:
            a, b, same, each, key = self.relations[k]
            pairs = self.rows[a].count * each
            values[k] = f.multiple(pairs, self._quotient(k, Y, shadow))
            if k in shadow.backward:
                angle = g.angles[key]
                self._add_entries(values, a, self._dual(Y[b], b, a, same=same), f.multiple(pairs, angle.complement))
                values[owns + a] = f.plus(values[owns + a], f.multiple(pairs, f.mul(angle.sine, shadow.own[b])))
        return values

    def _add_entries(self, values: list[Interval], a: int, dual: Iterable[tuple[int, int]], weight: Interval) -> None:
        """Weight times the coefficients of the entries of a row of class a."""
        f, start = self.geometry.arithmetic, self._places()[1] + a * (len(self.sizes) + 1)
        for c, value in dual:
            values[start + c] = f.plus(values[start + c], f.multiple(value, weight))

    def _quotient(self, k: int, Y: OrbitMatrix, shadow: Shadow) -> Interval:
        """(sign_j |x_j| / |w_i| <y_i, r_ij> + <y_j, r_ji>) / s_ij; where s_ij may be 0, |<y, r_ij>| <= |y| s_ij."""
        g, f = self.geometry, self.geometry.arithmetic
        a, b, _, _, key = self.relations[k]
        sine, weight = g.angles[key].sine, g.ratios[self.rows[a].kind][self.rows[b].kind]
        if not f.is_positive(sine):
            limit = weight[1] * self._length(a, Y) + f.one * self._length(b, Y)
            return -limit, limit
        total = shadow.backward.get(k, ZERO)
        if k in shadow.forward:
            total = f.plus(total, f.multiple(self.rows[b].sign, f.mul(weight, shadow.forward[k])))
        return f.div(total, sine)

    def _length(self, a: int, Y: OrbitMatrix) -> int:
        """Upper bound of |y| for a row of class a; teachers have no row in Y."""
        return isqrt(self._inner(a, Y[a], Y[a]) // self.rows[a].count) + 1 if a in Y else 0

    def splitting(self, a: int, basis: Sequence[Sparse]) -> tuple[list[list[Interval]], list[int], list[Interval]]:
        """2 pi <x, S y> as a lower triangle, |x|^2 and <x, u> for vectors of the student of class a; S = H_ii - I / 2.

        T1 (a) without pi I: alpha (<x, y> - <x, u> <y, u>) + sum over the other rows of sign |x_j| / |w_i| r r^T / s.
        """
        f, owns, alpha = self.geometry.arithmetic, self._places()[0], self.geometry.alphas[self.rows[a].kind]
        left, right, along = [], [], []
        for x in basis:
            shadow = self._shadow({a: x})._replace(backward={})
            values = [ZERO] * self._places()[2]
            self._add_entries(values, a, self._dual(x, a, a, same=True), alpha)
            values[owns + a] = f.multiple(-1, f.mul(alpha, shadow.own[a]))
            for k in shadow.forward:
                values[k] = f.multiple(self.relations[k].each, self._quotient(k, {a: x}, shadow))
            left.append(f.parts(self._left({a: x}, shadow)))
            right.append(f.parts(values))
            along.append(shadow.own[a])
        matrix = [[f.product(x, y) for y in right[: m + 1]] for m, x in enumerate(left)]
        return matrix, [self._inner(a, x, x) // self.rows[a].count for x in basis], along

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
                    entry = f.plus(entry, f.multiple(weight, f.plus(f.pi, g.alphas[self.rows[a].kind])))
                for a, b, _, each, key in self.relations:
                    if b < self.students:
                        weight = self.rows[a].count * each * x[a] * y[b]
                        entry = f.plus(entry, f.multiple(weight, g.angles[key].complement))
                entries.append(entry)
                products.append(product)
            matrix.append(entries)
            gram.append(products)
        return matrix, gram
