"""Signatures: which permutations fix a critical point (docs/families.md, F1).

The M coordinates (one a teacher) fall into classes, each permuted by its own symmetric group.  A class of students
either follows one coordinate class (one student a coordinate, permuted along with it) or is a single student.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from certify.errors import InputError


@dataclass(frozen=True)
class Signature:
    """sizes[c]: number of coordinates of class c; owners[A]: the class that student class A follows, None if single.

    The group is the product of the symmetric groups of the coordinate classes.
    """

    sizes: tuple[int, ...]
    owners: tuple[int | None, ...]

    def __post_init__(self) -> None:
        """Refuse what is no signature."""
        if not self.sizes or not all(type(n) is int and n >= 1 for n in self.sizes):
            raise InputError("class sizes must be positive integers")
        if not self.owners or not all(o is None or 0 <= o < len(self.sizes) for o in self.owners):
            raise InputError("every student class must be single or follow one of the coordinate classes")

    @property
    def teachers(self) -> int:
        """M, also the dimension."""
        return sum(self.sizes)

    @property
    def students(self) -> int:
        """K."""
        return sum(self.count(a) for a in range(len(self.owners)))

    def count(self, student_class: int) -> int:
        """Students of a class."""
        owner = self.owners[student_class]
        return 1 if owner is None else self.sizes[owner]

    @property
    def name(self) -> str:
        """Class sizes, and what is not one student a teacher: "11+1", "8+3 (owners 0,1,1)"."""
        sizes = "+".join(map(str, self.sizes))
        owners = ",".join("-" if owner is None else str(owner) for owner in self.owners)
        plain = ",".join("-" if n == 1 else str(c) for c, n in enumerate(self.sizes))
        return sizes if owners == plain else f"{sizes} (owners {owners})"

    @property
    def unknowns(self) -> int:
        """Dimension of the fixed space."""
        return len(self.owners) * len(self.sizes) + sum(o is not None and self.sizes[o] > 1 for o in self.owners)

    def copies(self) -> int:
        """K! M! / |G|: distinct points of the orbit under permutations of students and of teachers, if G is exactly
        the isotropy group."""
        factorial = _factorials(max(self.students, self.teachers))
        return factorial[self.students] * factorial[self.teachers] // prod(factorial[n] for n in self.sizes)


def _factorials(top: int) -> list[int]:
    result = [1]
    for n in range(1, top + 1):
        result.append(result[-1] * n)
    return result
