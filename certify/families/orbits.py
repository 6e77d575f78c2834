"""The loss and its derivatives on patterns: vectors and matrices constant on orbits (docs/families.md, F2, F3).

Cost depends on the number of classes only, never on their sizes; sizes enter as plain numbers.  The code runs on floats
and on balls alike: `Numbers` supplies what the two do differently.

A *pattern* of a row that follows coordinate class a is the vector sum_c base[c] 1_c + delta e_own, where own is "its"
coordinate in class a; a row that follows no class has delta 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

Number = Any  # float or ball


@dataclass(frozen=True)
class Numbers:
    """Arithmetic that floats and balls do not share.

    square_root: of a number known to be >= 0.  complement(s, c): pi - t for sine s >= 0 and cosine c.  inverse: 1 / s,
    or None where s may be 0.  within(b, y): an enclosure of all x with |x| <= sqrt(b) |y|, b an integer.
    """

    square_root: Callable[[Number], Number]
    complement: Callable[[Number, Number], Number]
    inverse: Callable[[Number], Number | None]
    within: Callable[[int, Number], Number]
    pi: Number


class Pattern(NamedTuple):
    """base[c] on every coordinate of class c, plus delta on the row's own coordinate."""

    base: tuple[Number, ...]
    delta: Number


@dataclass(frozen=True)
class RowClass:
    """Rows of one kind: how many, student (+1) or teacher (-1), the class they follow, patterns of row and unit vector.

    kind: the class it was refined from; mark: the coordinate it owned before refinement, if that is now marked.
    """

    count: int
    sign: int
    owner: int | None
    pattern: Pattern
    unit: Pattern
    kind: int
    mark: tuple[int, int] | None = None


class Relation(NamedTuple):
    """An orbit of pairs (row of class left, other row of class right): `each` of the latter for one of the former.

    same: the two own the same coordinate, in the present signature; key: the angle's name in the geometry.
    """

    left: int
    right: int
    same: bool
    each: int
    key: tuple[int, int, bool]


class Angle(NamedTuple):
    """Cosine, sine, pi - t and 1 / sine (None where the sine may vanish)."""

    cosine: Number
    sine: Number
    complement: Number
    inverse: Number | None


class Sparse(NamedTuple):
    """A pattern with integer entries, most of them zero: (class, value) pairs, and delta."""

    base: tuple[tuple[int, int], ...]
    delta: int = 0


EMPTY = Sparse(())
OrbitMatrix = Mapping[int, Sparse]  # by refined student class; classes not named are zero


def inner(sizes: Sequence[int], x: Pattern, y: Pattern, owners: tuple[int | None, int | None], same: bool) -> Number:
    """<x, y> for the patterns of two rows that follow the classes `owners`; same: they share their own coordinate."""
    total = x.delta * y.delta if same else x.delta * 0
    if owners[0] is not None:
        total = total + x.delta * y.base[owners[0]]
    if owners[1] is not None:
        total = total + y.delta * x.base[owners[1]]
    for size, a, b in zip(sizes, x.base, y.base, strict=True):
        total = total + size * (a * b)
    return total


def relations(rows: Sequence[RowClass], students: int, sizes: Sequence[int]) -> Iterator[Relation]:
    """Orbits of ordered pairs (student, other row); pairs that do not exist are left out."""
    for a in range(students):
        row = rows[a]
        for b, other in enumerate(rows):
            marked = row.mark is not None and row.mark == other.mark
            if row.owner is not None and row.owner == other.owner:
                if a != b:
                    yield Relation(a, b, True, 1, (row.kind, other.kind, True))
                if sizes[row.owner] > 1:
                    yield Relation(a, b, False, sizes[row.owner] - 1, (row.kind, other.kind, False))
            elif a != b:
                yield Relation(a, b, False, other.count, (row.kind, other.kind, marked))


class Geometry:
    """Norms, angles, gradient and loss of a symmetric point W with teacher alpha I + beta J."""

    def __init__(
        self,
        sizes: Sequence[int],
        owners: Sequence[int | None],
        students: Sequence[Pattern],
        teacher: tuple[Number, Number],
        numbers: Numbers,
    ) -> None:
        """sizes of the coordinate classes; owner and pattern of each student class; V = alpha I + beta J."""
        self.sizes, self.numbers, self.teacher = tuple(sizes), numbers, teacher
        self.students = len(students)
        kinds = [(owner, 1, pattern) for owner, pattern in zip(owners, students, strict=True)]
        base = tuple(teacher[1] for _ in sizes)
        kinds += [(c, -1, Pattern(base, teacher[0])) for c in range(len(sizes))]
        self.norms, self.rows = [], []
        for kind, (owner, sign, pattern) in enumerate(kinds):
            norm = numbers.square_root(inner(sizes, pattern, pattern, (owner, owner), True))
            unit = Pattern(tuple(x / norm for x in pattern.base), pattern.delta / norm)
            self.norms.append(norm)
            count = 1 if owner is None else sizes[owner]
            self.rows.append(RowClass(count, sign, owner, pattern, unit, kind))
        self.ratios = [
            [row.sign * norm / own for row, norm in zip(self.rows, self.norms, strict=True)]
            for own in self.norms[: self.students]
        ]
        self.relations = list(relations(self.rows, self.students, sizes))
        self.angles = {relation.key: self._angle(relation) for relation in self.relations}
        self.alphas = [self._alpha(a) for a in range(self.students)]

    def _angle(self, relation: Relation) -> Angle:
        left, right = self.rows[relation.left], self.rows[relation.right]
        cosine = inner(self.sizes, left.unit, right.unit, (left.owner, right.owner), relation.same)
        sine = self.numbers.square_root(1 - cosine * cosine)
        return Angle(cosine, sine, self.numbers.complement(sine, cosine), self.numbers.inverse(sine))

    def _of(self, a: int) -> list[Relation]:
        return [relation for relation in self.relations if relation.left == a]

    def _alpha(self, a: int) -> Number:
        """alpha_i of the students of class a."""
        total = self.norms[a] * 0
        for relation in self._of(a):
            weight = self.rows[relation.right].sign * relation.each
            total = total + weight * (self.norms[relation.right] * self.angles[relation.key].sine)
        return total / self.norms[a]

    def gradient(self) -> list[Pattern]:
        """2 pi grad L: the pattern of each student class."""
        result = []
        for a in range(self.students):
            row = self.rows[a]
            weight = self.alphas[a] + self.numbers.pi
            base, delta = [weight * x for x in row.pattern.base], weight * row.pattern.delta
            for relation in self._of(a):
                other = self.rows[relation.right]
                weight = other.sign * self.angles[relation.key].complement
                base = [x + (relation.each * weight) * y for x, y in zip(base, other.pattern.base, strict=True)]
                shift = weight * other.pattern.delta
                if relation.same:
                    delta = delta + shift
                elif other.owner is not None:
                    base[other.owner] = base[other.owner] + shift
                    if other.owner == row.owner:
                        delta = delta - shift
            result.append(Pattern(tuple(base), delta))
        return result

    def loss(self) -> Number:
        """2 pi L."""
        total = self.numbers.pi * 0
        for a in range(self.students):
            total = total + (self.rows[a].count * self.numbers.pi) * (self.norms[a] * self.norms[a]) / 2
        for relation in self.relations:
            angle, student = self.angles[relation.key], relation.right < self.students
            kernel = self.norms[relation.left] * self.norms[relation.right]
            kernel = kernel * (angle.sine + angle.complement * angle.cosine)
            count = self.rows[relation.left].count * relation.each
            total = total + (count * kernel / 2 if student else -(count * kernel))
        return total + self._teacher_energy()

    def slope(self, c: int) -> Number:
        """2 pi D(v / |v|) for a teacher v of class c (docs/splitting.md, S6)."""
        place, count = self.students + c, sum(self.sizes)
        total = self.numbers.pi * 0
        for relation in self.relations:
            if relation.right == place:
                angle, pairs = self.angles[relation.key], self.rows[relation.left].count * relation.each
                kernel = self.norms[relation.left] * (angle.sine + angle.complement * angle.cosine)
                total = total + pairs // self.rows[place].count * kernel
        return total - 2 * self._teacher_energy() / count / self.norms[place]

    def _teacher_energy(self) -> Number:
        """pi sum_mn g(v_m, v_n): all pairs of teachers alike."""
        alpha, beta = self.teacher
        count = sum(self.sizes)
        across = 2 * (alpha * beta) + count * (beta * beta)
        own = alpha * alpha + across
        cosine = across / own
        sine = self.numbers.square_root(1 - cosine * cosine)
        kernel = own * (sine + self.numbers.complement(sine, cosine) * cosine)
        return (count * self.numbers.pi) * own / 2 + (count * (count - 1)) * kernel / 2


class Form:
    """The Hessian and the ambient matrix as bilinear forms on orbit matrices of a refined signature.

    marks[c]: how many coordinates of class c are set apart; each becomes a class of its own, and so does each student
    that followed it.  `parts` and `members` give the new classes an old coordinate or student class consists of, the
    marked ones first.
    """

    def __init__(self, geometry: Geometry, marks: Mapping[int, int]) -> None:
        """Refine the signature; angles and norms are those of the geometry."""
        self.geometry = geometry
        self.sizes: list[int] = []
        self.parts: list[list[int]] = []
        for c, size in enumerate(geometry.sizes):
            new = [1] * marks.get(c, 0) + ([size - marks.get(c, 0)] if size > marks.get(c, 0) else [])
            self.parts.append(list(range(len(self.sizes), len(self.sizes) + len(new))))
            self.sizes += new
        self.rows: list[RowClass] = []
        self.members: list[list[int]] = []
        for row in geometry.rows[: geometry.students]:
            self.members.append(self._add(row, marks))
        self.students = len(self.rows)
        for row in geometry.rows[geometry.students :]:
            self._add(row, marks)
        self.relations = list(relations(self.rows, self.students, self.sizes))

    def _add(self, row: RowClass, marks: Mapping[int, int]) -> list[int]:
        """Append the refinements of one row class; their positions."""
        first = len(self.rows)
        pattern, unit = self._spread(row.pattern), self._spread(row.unit)
        if row.owner is None:
            self.rows.append(replace(row, pattern=pattern, unit=unit))
            return [first]
        for k, part in enumerate(self.parts[row.owner]):
            mark = (row.owner, k) if k < marks.get(row.owner, 0) else None
            if mark is None:
                new = replace(row, count=self.sizes[part], owner=part, pattern=pattern, unit=unit)
            else:
                own, own_unit = (Pattern(_raised(p.base, part, p.delta), p.delta * 0) for p in (pattern, unit))
                new = replace(row, count=1, owner=None, pattern=own, unit=own_unit, mark=mark)
            self.rows.append(new)
        return list(range(first, len(self.rows)))

    def _spread(self, pattern: Pattern) -> Pattern:
        """The same vector in the refined coordinate classes."""
        return Pattern(
            tuple(x for x, parts in zip(pattern.base, self.parts, strict=True) for _ in parts), pattern.delta
        )

    def hessian(self, basis: Sequence[OrbitMatrix]) -> list[list[Number]]:
        """2 pi <X, Hess L Y> for all X, Y of the basis."""
        shadows = [self._shadow(X) for X in basis]
        result: list[list[Number]] = [[None] * len(basis) for _ in basis]
        for m, X in enumerate(basis):
            for n, Y in enumerate(basis[: m + 1]):
                result[m][n] = result[n][m] = self._form(X, Y, shadows[m], shadows[n])
        return result

    def gram(self, basis: Sequence[OrbitMatrix]) -> list[list[int]]:
        """<X, Y> for all X, Y of the basis: integers."""
        return [
            [sum(self.rows[a].count * self._product(a, X[a], a, Y[a], True) for a in X if a in Y) for Y in basis]
            for X in basis
        ]

    def _product(self, a: int, x: Sparse, b: int, y: Sparse, same: bool) -> int:
        """<x, y> for rows of student classes a and b."""
        owners = self.rows[a].owner, self.rows[b].owner
        total = x.delta * y.delta if same else 0
        for c, value in x.base:
            for e, other in y.base:
                if c == e:
                    total += self.sizes[c] * value * other
            if c == owners[1]:
                total += value * y.delta
        if x.delta:
            total += x.delta * sum(other for e, other in y.base if e == owners[0])
        return total

    def _with_unit(self, a: int, x: Sparse, b: int, same: bool) -> Number:
        """<x, u> for a row of student class a and the unit vector of a row of class b."""
        unit, owner = self.rows[b].unit, self.rows[b].owner
        total = self.geometry.numbers.pi * 0
        for c, value in x.base:
            total = total + (value * self.sizes[c]) * unit.base[c]
            if c == owner:
                total = total + value * unit.delta
        mine = self.rows[a].owner
        if x.delta and mine is not None:
            own = unit.base[mine]
            total = total + x.delta * (own + unit.delta if same else own)
        return total

    def _shadow(self, X: OrbitMatrix) -> _Shadow:
        """Projections of X's rows to the unit vectors and residuals of every pair; only those that are not zero."""
        own = {a: self._with_unit(a, x, a, True) for a, x in X.items()}
        forward, backward = {}, {}
        for k, (a, b, same, _, key) in enumerate(self.relations):
            cosine = self.geometry.angles[key].cosine
            if a in X:
                forward[k] = self._with_unit(a, X[a], b, same) - cosine * own[a]
            if b in X:
                backward[k] = self._with_unit(b, X[b], a, same) - cosine * own[b]
        return _Shadow(own, forward, backward)

    def _form(self, X: OrbitMatrix, Y: OrbitMatrix, x: _Shadow, y: _Shadow) -> Number:
        """T1 summed over orbits of pairs."""
        g, total = self.geometry, self.geometry.numbers.pi * 0
        for a in X:
            if a in Y:
                row, alpha = self.rows[a], g.alphas[self.rows[a].kind]
                product = self._product(a, X[a], a, Y[a], True)
                total = total + row.count * ((g.numbers.pi + alpha) * product - alpha * (x.own[a] * y.own[a]))
        for k, left in x.forward.items():
            a, b, same, each, key = self.relations[k]
            row, other, angle = self.rows[a], self.rows[b], g.angles[key]
            term = None
            if k in y.forward:
                weight = g.ratios[row.kind][other.kind]
                term = weight * self._quotient(left, y.forward[k], angle, X[a], a)
            if k in y.backward:
                cross = angle.sine * (x.own[a] * y.own[b]) + self._quotient(left, y.backward[k], angle, X[a], a)
                product = self._product(a, X[a], b, Y[b], same)
                cross = cross + angle.complement * product if product else cross
                term = cross if term is None else term + cross
            if term is not None:
                total = total + (row.count * each) * term
        return total

    def splitting(self, a: int, basis: Sequence[Sparse]) -> tuple[list[list[Number]], list[list[int]]]:
        """2 pi <x, S y> and <x, y> for vectors x, y of the one student of class a, S = H_ii - I / 2.

        T1 without pi I: alpha (I - u u^T) + sum over the other rows of sign |x_j| / |w_i| r r^T / s.
        """
        g, alpha = self.geometry, self.geometry.alphas[self.rows[a].kind]
        shadows = [self._shadow({a: x}) for x in basis]
        gram = [[self._product(a, x, a, y, True) for y in basis] for x in basis]
        matrix = [[alpha * product for product in row] for row in gram]
        for m, x in enumerate(basis):
            for n in range(len(basis)):
                total = matrix[m][n] - alpha * (shadows[m].own[a] * shadows[n].own[a])
                for k, left in shadows[m].forward.items():
                    _, b, _, each, key = self.relations[k]
                    weight = each * g.ratios[self.rows[a].kind][self.rows[b].kind]
                    total = total + weight * self._quotient(left, shadows[n].forward[k], g.angles[key], x, a)
                matrix[m][n] = total
        return matrix, gram

    def _quotient(self, left: Number, right: Number, angle: Angle, x: Sparse, a: int) -> Number:
        """Left * right / sine, where |left| <= |x| sine."""
        if angle.inverse is not None:
            return left * right * angle.inverse
        return self.geometry.numbers.within(self._product(a, x, a, x, True), right)

    def ambient(self, basis: Sequence[Sequence[int]]) -> tuple[list[list[Number]], list[list[int]]]:
        """2 pi <x, A y> and <x, y> for vectors that are constant on refined student classes."""
        g = self.geometry
        matrix = [[g.numbers.pi * 0 for _ in basis] for _ in basis]
        gram = [[0 for _ in basis] for _ in basis]
        for m, x in enumerate(basis):
            for n, y in enumerate(basis):
                for a in range(self.students):
                    row = self.rows[a]
                    gram[m][n] = gram[m][n] + row.count * (x[a] * y[a])
                    matrix[m][n] = matrix[m][n] + (row.count * (x[a] * y[a])) * (g.numbers.pi + g.alphas[row.kind])
                for relation in self.relations:
                    a, b = relation.left, relation.right
                    if b < self.students:
                        weight = self.rows[a].count * relation.each
                        matrix[m][n] = matrix[m][n] + (weight * (x[a] * y[b])) * g.angles[relation.key].complement
        return matrix, gram


class _Shadow(NamedTuple):
    own: dict[int, Number]  # by student class
    forward: dict[int, Number]  # by relation: <x_i, r_ij>
    backward: dict[int, Number]  # by relation: <x_j, r_ji>


def _raised(base: tuple[Number, ...], position: int, amount: Number) -> tuple[Number, ...]:
    return tuple(x + amount if c == position else x for c, x in enumerate(base))
