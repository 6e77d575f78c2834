"""The loss and its derivatives on patterns: vectors constant on orbits (docs/families.md, F2).

Cost depends on the number of classes only, never on their sizes; sizes enter as plain numbers.  The code runs on floats
and on balls alike: `Numbers` supplies what the two do differently.

A *pattern* of a row that follows coordinate class a is the vector sum_c base[c] 1_c + delta e_own, where own is "its"
coordinate in class a; a row that follows no class has delta 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from certify.families.refinement import Relation, refinement

Number = Any  # float or ball
Table = Sequence[Sequence[Number]]


@dataclass(frozen=True)
class Numbers:
    """Arithmetic that floats and balls do not share.

    square_root: of a number known to be >= 0.  complement(s, c): pi - t for sine s >= 0 and cosine c.  inverse: 1 / s,
    or None where s may be 0.  within(b, y): an enclosure of all x with |x| <= sqrt(b) |y|, b an integer.
    products: the inner products [m][n] of rows [m][k] and [n][k] of numbers and integers.
    """

    square_root: Callable[[Number], Number]
    complement: Callable[[Number, Number], Number]
    inverse: Callable[[Number], Number | None]
    within: Callable[[int, Number], Number]
    products: Callable[[Table, Table], list[list[Number]]]
    pi: Number


class Pattern(NamedTuple):
    """base[c] on every coordinate of class c, plus delta on the row's own coordinate."""

    base: tuple[Number, ...]
    delta: Number


class Angle(NamedTuple):
    """Cosine, sine, pi - t and 1 / sine (None where the sine may vanish)."""

    cosine: Number
    sine: Number
    complement: Number
    inverse: Number | None


def inner(sizes: Sequence[int], x: Pattern, y: Pattern, owners: tuple[int | None, int | None], same: bool) -> Number:
    """<x, y> for the patterns of two rows that follow the classes `owners`; same: they share their own coordinate."""
    total = x.delta * y.delta if same else None
    if owners[0] is not None:
        term = x.delta * y.base[owners[0]]
        total = term if total is None else total + term
    if owners[1] is not None:
        term = y.delta * x.base[owners[1]]
        total = term if total is None else total + term
    for size, a, b in zip(sizes, x.base, y.base, strict=True):
        term = size * (a * b)
        total = term if total is None else total + term
    return total


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
        self.sizes, self.owners, self.numbers, self.teacher = tuple(sizes), tuple(owners), numbers, teacher
        self.students = len(students)
        structure = refinement(self.sizes, self.owners)
        self.rows = structure.rows
        self._leaving = [structure.leaving(a) for a in range(self.students)]
        self.relations = [relation for leaving in self._leaving for relation in leaving]
        base = tuple(teacher[1] for _ in sizes)
        self.patterns = [*students, *(Pattern(base, teacher[0]) for _ in sizes)]
        self.norms, self.units = [], []
        for row, pattern in zip(self.rows, self.patterns, strict=True):
            norm = numbers.square_root(inner(self.sizes, pattern, pattern, (row.owner, row.owner), True))
            self.norms.append(norm)
            self.units.append(Pattern(tuple(x / norm for x in pattern.base), pattern.delta / norm))
        self.ratios = [
            [row.sign * norm / own for row, norm in zip(self.rows, self.norms, strict=True)]
            for own in self.norms[: self.students]
        ]
        self.angles = {relation.key: self._angle(relation) for relation in self.relations}
        self.alphas = [self._alpha(a) for a in range(self.students)]

    def _angle(self, relation: Relation) -> Angle:
        left, right = self.rows[relation.left], self.rows[relation.right]
        units = self.units[relation.left], self.units[relation.right]
        cosine = inner(self.sizes, *units, (left.owner, right.owner), relation.same)
        sine = self.numbers.square_root(1 - cosine * cosine)
        return Angle(cosine, sine, self.numbers.complement(sine, cosine), self.numbers.inverse(sine))

    def _alpha(self, a: int) -> Number:
        """alpha_i of the students of class a."""
        total = self.norms[a] * 0
        for relation in self._leaving[a]:
            weight = self.rows[relation.right].sign * relation.each
            total = total + weight * (self.norms[relation.right] * self.angles[relation.key].sine)
        return total / self.norms[a]

    def gradient(self) -> list[Pattern]:
        """2 pi grad L: the pattern of each student class."""
        result = []
        for a in range(self.students):
            row, own = self.rows[a], self.patterns[a]
            weight = self.alphas[a] + self.numbers.pi
            base, delta = [weight * x for x in own.base], weight * own.delta
            for relation in self._leaving[a]:
                other, pattern = self.rows[relation.right], self.patterns[relation.right]
                weight = other.sign * self.angles[relation.key].complement
                each = relation.each * weight
                base = [x + each * y for x, y in zip(base, pattern.base, strict=True)]
                shift = weight * pattern.delta
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
