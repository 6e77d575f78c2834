"""The Hessian and the ambient matrix as bilinear forms on orbit matrices (docs/families.md, F3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from certify.families.orbits import Geometry, Number
from certify.families.refinement import Relation, refinement

FEW = 2  # vectors, for which products of matrices do not pay


class Sparse(NamedTuple):
    """A pattern with integer entries, most of them zero: (class, value) pairs, and delta."""

    base: tuple[tuple[int, int], ...]
    delta: int = 0


OrbitMatrix = Mapping[int, Sparse]  # by refined student class; classes not named are zero
Vector = dict[int, Number]  # by place: relations by number, then see `Form._own`; what is not named is zero


class Form:
    """The Hessian and the ambient matrix as bilinear forms on orbit matrices of a refined signature.

    marks[c]: how many coordinates of class c are set apart (`Refinement`).
    """

    def __init__(self, geometry: Geometry, marks: Mapping[int, int]) -> None:
        """Refine the signature; angles and norms are those of the geometry."""
        self.geometry = geometry
        self._refined = refined = refinement(geometry.sizes, geometry.owners, tuple(marks.items()))
        self.sizes, self.parts, self.members = refined.sizes, refined.parts, refined.members
        self.rows, self.students = refined.rows, refined.students

    def unit(self, a: int) -> list[Number]:
        """The unit vector of a single student, class a, on the refined coordinate classes."""
        row, unit = self.rows[a], self.geometry.units[self.rows[a].kind]
        base = [unit.base[c] for c in self._refined.origin]
        if row.place is not None:
            base[row.place] = base[row.place] + unit.delta
        return base

    def hessian(self, basis: Sequence[OrbitMatrix]) -> list[list[Number]]:
        """2 pi <X, Hess L Y> for all X, Y of the basis.

        F3 is a sum of products of a number that depends on X and one that depends on Y: a product of two vectors.
        """
        shadows = [self._shadow(X) for X in basis]
        left = [self._left(X, x) for X, x in zip(basis, shadows, strict=True)]
        places, rows = {place for x in left for place in x}, {a for X in basis for a in X}
        right = [self._right(Y, y, places, rows) for Y, y in zip(basis, shadows, strict=True)]
        return self._products(left, right)

    def _products(self, left: Sequence[Vector], right: Sequence[Vector]) -> list[list[Number]]:
        """Inner products of all pairs."""
        if len(left) <= FEW:
            return [[_inner(x, y) for y in right] for x in left]
        common = sorted({place for x in left for place in x} & {place for y in right for place in y})
        tables = [[[x.get(place, 0) for place in common] for x in vectors] for vectors in (left, right)]
        return self.geometry.numbers.products(tables[0], tables[1])

    def gram(self, basis: Sequence[OrbitMatrix]) -> list[list[int]]:
        """<X, Y> for all X, Y of the basis: integers."""
        lower = [
            [sum(self.rows[a].count * self._product(a, X[a], Y[a]) for a in X if a in Y) for Y in basis[: m + 1]]
            for m, X in enumerate(basis)
        ]
        return [[lower[max(m, n)][min(m, n)] for n in range(len(basis))] for m in range(len(basis))]

    def _product(self, a: int, x: Sparse, y: Sparse) -> int:
        """<x, y> for one row of student class a."""
        values = {**dict(x.base), len(self.sizes): x.delta}
        return sum(value * values.get(c, 0) for c, value in self._dual(a, y, a, True))

    def _dual(self, b: int, y: Sparse, a: int, same: bool) -> Iterator[tuple[int, int]]:
        """<x, y> for rows x of student class a and y of b, as coefficients of the base values of x and, last, delta."""
        own, other = self.rows[a].owner, self.rows[b].owner
        for c, value in y.base:
            yield c, self.sizes[c] * value
            if c == own:
                yield len(self.sizes), value
        if y.delta and other is not None:
            yield other, y.delta
            if same:
                yield len(self.sizes), y.delta

    def _shadow(self, X: OrbitMatrix) -> _Shadow:
        """Projections of X's rows to the unit vectors and residuals of every pair, without those that are zero for
        every pair of unit vectors with these symmetries."""
        g, own, residual = self.geometry, dict[int, Number](), dict[int, Number]()
        for a, x in X.items():
            along = self._along(a, x)
            mine = self._with_unit(x, along, a, True)
            if mine is not None:
                own[a] = mine
            for relation in self._refined.leaving(a):
                place = self.rows[relation.right].place
                if mine is None and not along.totals and not relation.same and place not in along.values:
                    continue
                value = self._with_unit(x, along, relation.right, relation.same)
                if mine is not None:
                    part = g.angles[relation.key].cosine * mine
                    residual[relation.number] = -part if value is None else value - part
                elif value is not None:
                    residual[relation.number] = value
        return _Shadow(own, residual)

    def _along(self, a: int, x: Sparse) -> _Sums:
        """The sums of a row's entries over each unrefined coordinate class, and its base values."""
        totals = dict.fromkeys(self._refined.origin, 0)
        for c, value in x.base:
            totals[self._refined.origin[c]] += value * self.sizes[c]
        owner = self.rows[a].owner
        if x.delta and owner is not None:
            totals[self._refined.origin[owner]] += x.delta
        return _Sums([(c, total) for c, total in totals.items() if total], dict(x.base))

    def _with_unit(self, x: Sparse, along: _Sums, b: int, same: bool) -> Number | None:
        """<x, u> for a student's row x and the unit vector of a row of class b: u is constant on unrefined classes but
        for its own coordinate.  None: zero."""
        row = self.rows[b]
        unit, total = self.geometry.units[row.kind], None
        for c, weight in along.totals:
            term = unit.base[c] if weight == 1 else weight * unit.base[c]
            total = term if total is None else total + term
        if row.place is not None:
            value = along.values.get(row.place, 0) + (x.delta if same else 0)
            if value:
                term = unit.delta if value == 1 else value * unit.delta
                total = term if total is None else total + term
        return total

    def _own(self, a: int) -> int:
        """The place of <x_i, u_i> for rows i of class a; those of its entries follow, delta last."""
        return self._refined.relations + a * (len(self.sizes) + 2)

    def _left(self, X: OrbitMatrix, shadow: _Shadow) -> Vector:
        """By relation <x_i, r_ij>; by class <x_i, u_i> and the entries of its row in X."""
        values = dict(shadow.residual)
        for a, x in X.items():
            place = self._own(a)
            if a in shadow.own:
                values[place] = shadow.own[a]
            for c, value in x.base:
                values[place + 1 + c] = value
            if x.delta:
                values[place + 1 + len(self.sizes)] = x.delta
        return values

    def _right(self, Y: OrbitMatrix, shadow: _Shadow, places: set[int], rows: set[int]) -> Vector:
        """What T1, summed over orbits of pairs, multiplies these with, at the given places of these student classes."""
        g, values, find = self.geometry, dict[int, Number](), self._own

        def add(place: int, term: Number) -> None:
            values[place] = values[place] + term if place in values else term

        def add_entries(place: int, dual: Iterable[tuple[int, int]], weight: Number) -> None:
            for c, value in dual:
                if place + 1 + c in places:
                    add(place + 1 + c, weight if value == 1 else value * weight)

        for a, y in Y.items():
            row, place, own = self.rows[a], find(a), shadow.own.get(a)
            alpha, ratios = g.alphas[row.kind], g.ratios[row.kind]
            add_entries(place, self._dual(a, y, a, True), row.count * (g.numbers.pi + alpha))
            if own is not None:
                add(place, -row.count * (alpha * own))
            for relation in self._refined.leaving(a):
                b, pairs = relation.right, row.count * relation.each
                if relation.number in shadow.residual:
                    quotient = pairs * self._quotient(relation, y, shadow)
                    add(relation.number, ratios[self.rows[b].kind] * quotient)
                    if relation.mirror in places:
                        add(relation.mirror, quotient)
                if b in rows:
                    other, angle = find(b), g.angles[relation.key]
                    add_entries(other, self._dual(a, y, b, relation.same), pairs * angle.complement)
                    if own is not None and other in places:
                        add(other, pairs * (angle.sine * own))
        return values

    def _quotient(self, relation: Relation, y: Sparse, shadow: _Shadow) -> Number:
        """<y_i, r_ij> / s_ij; where s_ij may be 0, |<y, r_ij>| <= |y| s_ij."""
        inverse, value = self.geometry.angles[relation.key].inverse, shadow.residual[relation.number]
        if inverse is not None:
            return value * inverse
        return self.geometry.numbers.within(self._product(relation.left, y, y), value * 0 + 1)

    def splitting(self, a: int, basis: Sequence[Sparse]) -> tuple[list[list[Number]], list[list[int]]]:
        """2 pi <x, S y> and <x, y> for vectors x, y, without delta, of one student of class a, S = H_ii - I / 2.

        T1 without pi I: alpha (I - u u^T) + sum over the other rows of sign |x_j| / |w_i| r r^T / s.
        """
        g, own = self.geometry, self._own(a)
        alpha, ratios = g.alphas[self.rows[a].kind], g.ratios[self.rows[a].kind]
        left, right = [], []
        for x in basis:
            shadow = self._shadow({a: x})
            left.append(dict(shadow.residual))
            values = dict[int, Number]()
            if a in shadow.own:
                left[-1][own], values[own] = shadow.own[a], -alpha * shadow.own[a]
            for relation in self._refined.leaving(a):
                if relation.number in shadow.residual:
                    weight = relation.each * ratios[self.rows[relation.right].kind]
                    values[relation.number] = weight * self._quotient(relation, x, shadow)
            right.append(values)
        gram = [[self._product(a, x, y) for y in basis] for x in basis]
        matrix = [
            [total + alpha * product for total, product in zip(*rows, strict=True)]
            for rows in zip(self._products(left, right), gram, strict=True)
        ]
        return matrix, gram

    def ambient(self, basis: Sequence[Sequence[int]]) -> tuple[list[list[Number]], list[list[int]]]:
        """2 pi <x, A y> and <x, y> for vectors that are constant on refined student classes."""
        g, rows, columns = self.geometry, self.rows[: self.students], []
        for y in basis:
            image = [row.count * y[a] * (g.numbers.pi + g.alphas[row.kind]) for a, row in enumerate(rows)]
            for a, row in enumerate(rows):
                for relation in self._refined.leaving(a):
                    if relation.right < self.students and y[relation.right]:
                        weight = row.count * relation.each * y[relation.right]
                        image[a] = image[a] + weight * g.angles[relation.key].complement
            columns.append(image)
        gram = [[sum(row.count * p * q for row, p, q in zip(rows, x, y, strict=True)) for y in basis] for x in basis]
        return g.numbers.products(basis, columns), gram


class _Shadow(NamedTuple):
    own: dict[int, Number]  # by student class: <x_i, u_i>
    residual: dict[int, Number]  # by relation: <x_i, r_ij>


class _Sums(NamedTuple):
    totals: list[tuple[int, int]]  # by unrefined coordinate class, where not zero
    values: dict[int, int]  # by refined coordinate class


def _inner(x: Vector, y: Vector) -> Number:
    """Of two vectors that have a place in common, or 0."""
    if len(y) < len(x):
        x, y = y, x
    total = None
    for place, value in x.items():
        if place in y:
            total = value * y[place] if total is None else total + value * y[place]
    return 0 if total is None else total
