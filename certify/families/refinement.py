"""Refined signatures: which rows there are after some coordinates were set apart, and their pairs (docs/families.md).

Everything here follows from the signature alone (F2, F3); it is the same at every point, in floats and in balls.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

KEPT = 64  # refinements: a proof meets some ten of them several times each


@dataclass(frozen=True)
class Row:
    """Rows of one kind: how many, student (+1) or teacher (-1), the coordinate class they follow.

    kind: the class it was refined from; mark: (class, k) if the coordinate it owned before is now the k-th marked one
    of its class; place: the refined class of its own coordinate, marked or not.
    """

    count: int
    sign: int
    owner: int | None
    kind: int
    mark: tuple[int, int] | None
    place: int | None


class Relation(NamedTuple):
    """An orbit of pairs (row of class left, other row of class right): `each` of the latter for one of the former.

    same: the two own the same coordinate, in the present signature; key: the angle's name in the geometry; number and
    mirror: of this relation and of the one with left and right exchanged, which only students have.
    """

    left: int
    right: int
    same: bool
    each: int
    key: tuple[int, int, bool]
    number: int
    mirror: int


class Refinement:
    """A signature with marked coordinates apart, each as a class of its own, and so the students that followed it.

    sizes: of the refined coordinate classes; origin: the class each came from; parts[c], members[a]: the refined
    classes of an old coordinate or student class, the marked ones first; rows: student classes, then teachers.
    """

    def __init__(
        self, sizes: tuple[int, ...], owners: tuple[int | None, ...], marks: tuple[tuple[int, int], ...]
    ) -> None:
        """marks: pairs (class, how many of its coordinates are set apart)."""
        apart = dict(marks)
        self.sizes: list[int] = []
        self.parts: list[list[int]] = []
        for c, size in enumerate(sizes):
            rest = size - apart.get(c, 0)
            new = [1] * apart.get(c, 0) + ([rest] if rest > 0 else [])
            self.parts.append(list(range(len(self.sizes), len(self.sizes) + len(new))))
            self.sizes += new
        self.origin = [c for c, new in enumerate(self.parts) for _ in new]
        self.rows: list[Row] = []
        self.members = [self._add(owner, 1, kind, apart) for kind, owner in enumerate(owners)]
        self.students = len(self.rows)
        for c in range(len(sizes)):
            self._add(c, -1, len(owners) + c, apart)
        self.relations = 2 * len(self.rows) ** 2  # more than the number of each
        self._leaving: dict[int, list[Relation]] = {}

    def _add(self, owner: int | None, sign: int, kind: int, apart: dict[int, int]) -> list[int]:
        """Append the refinements of one row class; their positions."""
        first = len(self.rows)
        if owner is None:
            self.rows.append(Row(1, sign, None, kind, None, None))
        else:
            for k, part in enumerate(self.parts[owner]):
                marked = k < apart.get(owner, 0)
                self.rows.append(
                    Row(1, sign, None, kind, (owner, k), part)
                    if marked
                    else Row(self.sizes[part], sign, part, kind, None, part)
                )
        return list(range(first, len(self.rows)))

    def leaving(self, a: int) -> list[Relation]:
        """Orbits of ordered pairs (student of class a, other row); pairs that do not exist are left out."""
        if a not in self._leaving:
            self._leaving[a] = list(self._relations(a))
        return self._leaving[a]

    def _relations(self, a: int) -> Iterator[Relation]:
        row, total = self.rows[a], len(self.rows)
        for b, other in enumerate(self.rows):
            number, mirror = 2 * (a * total + b), 2 * (b * total + a)
            if row.owner is not None and row.owner == other.owner:
                if a != b:
                    yield Relation(a, b, True, 1, (row.kind, other.kind, True), number + 1, mirror + 1)
                if self.sizes[row.owner] > 1:
                    each = self.sizes[row.owner] - 1
                    yield Relation(a, b, False, each, (row.kind, other.kind, False), number, mirror)
            elif a != b:
                marked = row.mark is not None and row.mark == other.mark
                yield Relation(a, b, False, other.count, (row.kind, other.kind, marked), number, mirror)


@lru_cache(maxsize=KEPT)
def refinement(
    sizes: tuple[int, ...], owners: tuple[int | None, ...], marks: tuple[tuple[int, int], ...] = ()
) -> Refinement:
    """The same object for the same arguments; not to be changed."""
    return Refinement(sizes, owners, marks)
