"""Dense matrices from signatures and patterns, written out entry by entry; shares no code with certify."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, permutations, product
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


def block_spaces(sizes: Sequence[int], owners: Owners) -> list[tuple[int, Array]]:
    """(multiplicity, orthonormal rows spanning the component) of each block of docs/families.md, F4, in its order.

    Components by orthogonality rather than by representatives: each is spanned by explicit families of matrices.
    """
    classes, people, count = coordinates(sizes), students(sizes, owners), sum(sizes)
    rows_of = [[i for i, (a, _) in enumerate(people) if a == b] for b in range(len(owners))]
    kinds: dict[tuple, tuple[int, list[Array]]] = {}

    def add(key: tuple, multiplicity: int, left: Array, right: Array, matrix: Array) -> None:
        X = np.zeros((len(people), count))
        X[np.ix_(left, right)] = matrix
        kinds.setdefault(key, (multiplicity, []))[1].append(X.ravel())

    def antisymmetric(n: int) -> list[Array]:
        P, E = np.eye(n) - 1.0 / n, np.eye(n)
        return [P @ (np.outer(E[i], E[j]) - np.outer(E[j], E[i])) @ P for i in range(n) for j in range(i)]

    def symmetric(n: int) -> list[Array]:
        E, result = np.eye(n), []
        for i, j, k, h in permutations(range(n), 4):
            if i < j and k < h and i < k:
                u, v = E[i] - E[j], E[k] - E[h]
                result.append(np.outer(u, v) + np.outer(v, u))
        return result

    def differences(n: int) -> list[Array]:
        return [np.eye(n)[k] - np.eye(n)[k + 1] for k in range(n - 1)]

    for a, owner in enumerate(owners):
        left = rows_of[a]
        for e, right in enumerate(classes):
            n, m = len(left), len(right)
            same = owner == e
            add((-1,), 1, left, right, np.ones((n, m)))
            if same and n > 1:
                add((-1,), 1, left, right, np.eye(n))
            for v in differences(m):
                add((e, 0), m - 1, left, right, np.outer(np.ones(n), v))
            for u in differences(n) if owner is not None else []:
                add((owner, 0), n - 1, left, right, np.outer(u, np.ones(m)))
                if same:
                    add((owner, 0), n - 1, left, right, np.diag(u))
                for v in differences(m) if not same else []:
                    low, high = sorted((owner, e))
                    add((high, 3, low), (n - 1) * (m - 1), left, right, np.outer(u, v))
            for X in antisymmetric(n) if same and n >= 3 else []:
                add((owner, 1), (n - 1) * (n - 2) // 2, left, right, X)
            for X in symmetric(n) if same and n >= 4 else []:
                add((owner, 2), n * (n - 3) // 2, left, right, X)
    result = []
    for key in sorted(kinds):
        multiplicity, vectors = kinds[key]
        turned, sizes_found, _ = np.linalg.svd(np.array(vectors).T, full_matrices=False)
        result.append((multiplicity, turned[:, sizes_found > 1e-9 * sizes_found[0]].T))
    return result


def block_spectra(H: Array, sizes: Sequence[int], owners: Owners) -> list[tuple[int, Array]]:
    """(multiplicity, ascending eigenvalues, each once) of every block of a dense matrix."""
    return [(m, np.linalg.eigvalsh(Q @ H @ Q.T)[m // 2 :: m]) for m, Q in block_spaces(sizes, owners)]
