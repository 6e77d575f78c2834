"""Dense matrices from signatures and patterns, written out entry by entry; shares no code with certify."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, product
from typing import Any

import numpy as np

Array = np.ndarray
Owners = tuple[int | None, ...]


def coordinates(sizes: Sequence[int]) -> list[list[int]]:
    """The coordinates of each class."""
    ends = np.cumsum([0, *sizes]).tolist()
    return [list(range(a, b)) for a, b in pairwise(ends)]


def students(sizes: Sequence[int], owners: Owners) -> list[tuple[int, int | None]]:
    """(student class, own coordinate) of every student."""
    classes = coordinates(sizes)
    return [(a, own) for a, owner in enumerate(owners) for own in ([None] if owner is None else classes[owner])]


def dense(sizes: Sequence[int], owners: Owners, patterns: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """W: patterns[a] holds the base values and delta of student class a."""
    classes = coordinates(sizes)
    kind = {j: c for c, members in enumerate(classes) for j in members}
    return [
        [patterns[a][kind[j]] + (patterns[a][-1] if own == j else 0) for j in range(sum(sizes))]
        for a, own in students(sizes, owners)
    ]


def teacher(count: int, alpha: Any, beta: Any) -> list[list[Any]]:
    return [[beta + (alpha if i == j else 0) for j in range(count)] for i in range(count)]


def small_signatures(largest: int, most: int) -> Iterator[tuple[tuple[int, ...], Owners]]:
    """Every signature with at most two coordinate classes of at most `largest` and at most `most` student classes."""
    for classes in (1, 2):
        for sizes in product(range(1, largest + 1), repeat=classes):
            for count in range(1, most + 1):
                for owners in product((None, *range(classes)), repeat=count):
                    yield sizes, owners


def random_signature(r: np.random.Generator, unknowns: int = 150) -> tuple[tuple[int, ...], Owners]:
    """Up to three coordinate classes and four student classes, K M at most `unknowns`."""
    while True:
        sizes = tuple(int(n) for n in r.integers(1, 6, int(r.integers(1, 4))))
        choices = [None, *range(len(sizes))]
        owners = tuple(choices[int(k)] for k in r.integers(0, len(choices), int(r.integers(1, 5))))
        if len(students(sizes, owners)) * sum(sizes) <= unknowns:
            return sizes, owners


def random_patterns(r: np.random.Generator, sizes: Sequence[int], owners: Owners) -> list[list[float]]:
    """Base values and delta of each class; delta is 0 for single students."""
    result = []
    for owner in owners:
        row = r.standard_normal(len(sizes) + 1).tolist()
        row[-1] = 0.0 if owner is None else row[-1]
        result.append(row)
    return result


def dense_orbit_matrix(form: Any, X: Any) -> Array:
    """An orbit matrix of a refinement as a K x M array, students in the order of the unrefined signature."""
    classes = coordinates(form.sizes)
    by_coordinate = {j: c for c, members in enumerate(classes) for j in members}
    rows = []
    for members in form.members:
        for a in members:
            row = form.rows[a]
            owned = [None] if row.owner is None else classes[row.owner]
            sparse = X.get(a)
            for own in owned:
                values = dict(sparse.base) if sparse else {}
                line = [values.get(by_coordinate[j], 0) for j in range(sum(form.sizes))]
                if own is not None and sparse:
                    line[own] += sparse.delta
                rows.append(line)
    return np.array(rows)
