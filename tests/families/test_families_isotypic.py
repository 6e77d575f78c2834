"""F4 and F7 by linear algebra and brute force: what the listed matrices span, and how many points there are."""

from __future__ import annotations

from itertools import pairwise, permutations, product
from math import prod

import numpy as np
import pytest
from symmetric_points import (
    Owners,
    coordinates,
    dense,
    dense_orbit_matrix,
    random_patterns,
    small_signatures,
    students,
)

from certify.checker import forms, isotypic, orbits
from certify.checker.intervals import Arithmetic
from certify.families import blocks as family_blocks
from certify.families.numbers import FLOATS
from certify.families.orbits import Geometry, Pattern
from certify.families.signature import Signature

SIGNATURES = [
    *small_signatures(3, 1), ((4,), (0,)), ((4,), (0, 0)), ((5,), (0, None)), ((2, 2), (0, 1)), ((2, 2), (0, 0)),
    ((3, 2), (0, 1)), ((2, 3), (1, None)), ((3, 3), (0, 1)), ((4, 2), (0, 1)), ((2, 2, 2), (0, 2)), ((1, 3, 2), (1, 1)),
    ((2, 1), (0, 1, None, 0)), ((1, 2, 1), (0, 0, 1)),
]  # fmt: skip


def recorded(module: object, form_of: type, geometry: object, monkeypatch: pytest.MonkeyPatch) -> list:
    """(dimension, dense basis, gram) of every block, by listening to the form."""
    seen = []
    listened = form_of.hessian

    def hessian(self: object, basis: list) -> object:
        seen.append([dense_orbit_matrix(self, X).ravel() for X in basis])
        return listened(self, basis)

    monkeypatch.setattr(form_of, "hessian", hessian)
    blocks = list(module.hessian_blocks(geometry))
    return [(b.dimension, np.array(basis), b.gram) for b, basis in zip(blocks, seen, strict=True)]


def generators(sizes: tuple, owners: Owners) -> list[np.ndarray]:
    """The group's generators as index arrays: X.ravel()[index] is the permuted matrix."""
    count = sum(sizes)
    people = students(sizes, owners)
    result = []
    for members in coordinates(sizes):
        for i, j in pairwise(members):
            swap = list(range(count))
            swap[i], swap[j] = j, i
            who = {(a, own): k for k, (a, own) in enumerate(people) if own is not None}
            rows = [k if own is None else who[a, swap[own]] for k, (a, own) in enumerate(people)]
            result.append(np.array([r * count + swap[c] for r in rows for c in range(count)]))
    return result


def orbit_space(vector: np.ndarray, moves: list[np.ndarray]) -> np.ndarray:
    """An orthonormal basis (rows) of the span of the group's orbit."""
    basis = np.zeros((0, vector.size))
    queue = [vector / np.linalg.norm(vector)]
    while queue:
        x = queue.pop()
        rest = x - basis.T @ (basis @ x)
        rest -= basis.T @ (basis @ rest)
        if np.linalg.norm(rest) > 1e-8:
            basis = np.vstack((basis, rest / np.linalg.norm(rest)))
            queue += [x[move] for move in moves]
    return basis


@pytest.mark.parametrize(("sizes", "owners"), SIGNATURES)
@pytest.mark.parametrize("which", ["prover", "checker"])
def test_blocks_are_the_isotypic_components(
    sizes: tuple, owners: Owners, which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every listed matrix generates an irreducible of the stated dimension; together they span everything, once."""
    patterns = random_patterns(np.random.default_rng(3), sizes, owners)
    if which == "prover":
        geometry = Geometry(sizes, owners, [Pattern(tuple(p[:-1]), p[-1]) for p in patterns], (1.0, 0.0), FLOATS)
        found = recorded(family_blocks, type(family_blocks.Form(geometry, {})), geometry, monkeypatch)
    else:
        centre = [[(int(x * 2**20), -20) for x in p] for p in patterns]
        exact = orbits.Geometry(sizes, owners, centre, ((1, 0), (0, 0)), Arithmetic(64))
        found = recorded(isotypic, forms.Form, exact, monkeypatch)
    moves, everything = generators(sizes, owners), []
    for dimension, basis, gram in found:
        for m, row in enumerate(gram):
            np.testing.assert_array_equal((basis @ basis.T)[m, : len(row)], row)
        spaces = [orbit_space(x.astype(float), moves) for x in basis]
        assert {len(space) for space in spaces} == {dimension}
        joint = np.linalg.matrix_rank(np.vstack(spaces))
        assert joint == dimension * len(basis)
        for other in everything:
            assert np.abs(other @ np.vstack(spaces).T).max() < 1e-9
        everything.append(np.vstack(spaces))
    assert sum(np.linalg.matrix_rank(x) for x in everything) == len(students(sizes, owners)) * sum(sizes)


@pytest.mark.parametrize(
    ("sizes", "owners"), [((4,), (0,)), ((2, 2), (0, 1)), ((3, 2), (0, 0)), ((3,), (0, None)), ((2,), (0, 0))]
)
def test_a_random_equivariant_matrix_is_block_diagonal(
    sizes: tuple, owners: Owners, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Schur: a symmetric matrix averaged over the group has the pencils' eigenvalues with the stated multiplicities."""
    patterns = random_patterns(np.random.default_rng(3), sizes, owners)
    geometry = Geometry(sizes, owners, [Pattern(tuple(p[:-1]), p[-1]) for p in patterns], (1.0, 0.0), FLOATS)
    found = recorded(family_blocks, type(family_blocks.Form(geometry, {})), geometry, monkeypatch)
    size = found[0][1].shape[1]
    group, queue = {tuple(range(size))}, [tuple(range(size))]
    while queue:
        g = queue.pop()
        for move in generators(sizes, owners):
            h = tuple(np.array(g)[move])
            if h not in group:
                group.add(h)
                queue.append(h)
    assert len(group) == prod(prod(range(1, n + 1)) for n in sizes)
    X = np.random.default_rng(5).standard_normal((size, size))
    H = sum((X + X.T)[np.ix_(g, g)] for g in (np.array(g) for g in group))
    values = []
    for dimension, basis, _ in found:
        root = np.linalg.inv(np.linalg.cholesky(basis @ basis.T))
        values += np.linalg.eigvalsh(root @ basis @ H @ basis.T @ root.T).tolist() * dimension
    np.testing.assert_allclose(np.sort(values), np.linalg.eigvalsh(H), atol=1e-8 * np.abs(H).max())


def isotropy(W: np.ndarray) -> int:
    """Pairs of permutations that fix W."""
    k, m = W.shape
    return sum(
        np.array_equal(W[np.ix_(rows, columns)], W)
        for rows in permutations(range(k))
        for columns in permutations(range(m))
    )


def distinct(W: np.ndarray) -> int:
    k, m = W.shape
    return len({W[np.ix_(p, q)].tobytes() for p, q in product(permutations(range(k)), permutations(range(m)))})


@pytest.mark.parametrize(
    ("sizes", "owners"),
    [((3,), (0,)), ((2, 1), (0, 1)), ((2, 2), (0, 1)), ((2,), (0, 0)), ((2, 1), (0,)), ((1, 2), (None, None)),
     ((3,), (None,)), ((3, 1), (0, 1)), ((2, 1), (None, 0)), ((1, 1), (0, 0)), ((2,), (0, None))],
)  # fmt: skip
def test_counting_by_brute_force(sizes: tuple, owners: Owners) -> None:
    """The checker's test implies that the isotropy group is exactly the signature's; then the count is right."""
    r = np.random.default_rng(11)
    exact = 0
    for _ in range(12):
        patterns = [[float(int(x)) / 4 for x in 4 * r.integers(-2, 3, len(sizes) + 1)] for _ in owners]
        for p, owner in zip(patterns, owners, strict=True):
            p[-1] = 0.0 if owner is None else p[-1]
        W = np.array(dense(sizes, owners, patterns))
        if not W.any(axis=1).all():
            continue
        centre = [[(int(4 * x), -2) for x in p] for p in patterns]
        geometry = orbits.Geometry(sizes, owners, centre, ((1, 0), (0, 0)), Arithmetic(64))
        claimed, order = geometry.is_isotropy_exact(1 << 20), isotropy(W)
        assert order >= prod(prod(range(1, n + 1)) for n in sizes)
        if claimed:
            exact += 1
            assert order == prod(prod(range(1, n + 1)) for n in sizes)
            assert distinct(W) == Signature(sizes, owners).copies()
    assert exact > 0


def test_a_radius_too_large_to_tell() -> None:
    """Norms 1 and 5/4 are told apart at radius < 1/8 only, delta = 1 at radius < 1/2 only."""
    f = Arithmetic(64)
    two = orbits.Geometry(
        [1, 1], [None, None], [[(1, 0), (0, 0), (0, 0)], [(0, 0), (5, -2), (0, 0)]], ((1, 0), (0, 0)), f
    )
    assert two.is_isotropy_exact((f.one >> 3) - 8)
    assert not two.is_isotropy_exact(f.one >> 3)
    own = orbits.Geometry([3], [0], [[(1, 0), (1, 0)]], ((1, 0), (0, 0)), f)
    assert own.is_isotropy_exact((f.one >> 1) - 8)
    assert not own.is_isotropy_exact(f.one >> 1)
