"""Grouping up to permutations: nothing merged without a permutation, nothing equivalent left apart."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certify.search.descent import Run
from certify.search.grouping import group_runs, merge_collinear
from certify.search.matching import find_permutation, gram
from certify.search.setting import Setting, make_setting
from certify.search.store import Store

TOLERANCE = 1e-6


def end_point(number: int, W: np.ndarray, loss: float = 0.5, status: str = "minimum") -> Run:
    return Run(number, 1.0, status, np.asarray(W, dtype=float), loss, 0.0, 0.1, 0, 0.1, 1)


def same(W: np.ndarray, U: np.ndarray, V: np.ndarray) -> bool:
    A, B = gram(W, V), gram(U, V)
    found = find_permutation(A, B, len(W), TOLERANCE)
    if found is None:
        return False
    assert sorted(found) == list(range(len(A)))
    assert set(found[: len(W)]) == set(range(len(W)))
    assert np.abs(A - B[np.ix_(found, found)]).max() <= TOLERANCE
    return True


def by_brute_force(W: np.ndarray, U: np.ndarray, V: np.ndarray) -> bool:
    A, B = gram(W, V), gram(U, V)
    k, m = len(W), len(V)
    orders = ((*p, *(k + j for j in q)) for p in permutations(range(k)) for q in permutations(range(m)))
    return any(np.abs(A - B[np.ix_(o, o)]).max() <= TOLERANCE for o in orders)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 6), st.integers(1, 6), st.booleans(), st.integers(0, 2**32 - 1))
def test_permuted_points_are_found_again(k: int, m: int, orthonormal: bool, seed: int) -> None:
    generator = np.random.default_rng(seed)
    V = np.eye(m) if orthonormal else generator.standard_normal((m, m))
    W = generator.integers(-1, 2, (k, m)).astype(float)  # many coincidences, so much symmetry
    U = W[generator.permutation(k)] + 1e-9 * generator.standard_normal((k, m))
    if orthonormal:
        U = U[:, generator.permutation(m)]
    assert same(W, U, V)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 1), min_size=18, max_size=18))
def test_agrees_with_brute_force(bits: list[int]) -> None:
    W, U = np.array(bits, dtype=float).reshape(2, 3, 3)
    assert same(W, U, np.eye(3)) == by_brute_force(W, U, np.eye(3))


def test_same_sorted_entries_but_no_permutation() -> None:
    # A hexagon and two triangles as sums of neighbouring basis vectors: same norms, same multisets, other incidence.
    hexagon = np.eye(6) + np.roll(np.eye(6), 1, axis=1)
    triangle = np.eye(3) + np.roll(np.eye(3), 1, axis=1)
    triangles = np.kron(np.eye(2), triangle)
    A, B = gram(hexagon, np.eye(6)), gram(triangles, np.eye(6))
    assert (np.sort(A, axis=None) == np.sort(B, axis=None)).all()
    assert not same(hexagon, triangles, np.eye(6))
    mixed = np.random.default_rng(0).permutation(6)
    assert same(hexagon, hexagon[mixed][:, np.random.default_rng(1).permutation(6)], np.eye(6))


def test_teachers_are_exchanged_only_where_their_gram_matrix_allows() -> None:
    W = np.array([[0.7, 0.1, 0.2], [0.3, 0.9, -0.4]])
    swapped = W[:, [0, 2, 1]]
    assert same(W, swapped, np.eye(3))
    assert not same(W, swapped, np.diag([1.0, 1.0, 2.0]))
    assert same(W, W[:, [1, 0, 2]], np.diag([1.0, 1.0, 2.0]))


def test_a_cyclic_symmetry_of_the_teachers_counts_too() -> None:
    angles = 2.0 * np.pi * np.arange(5) / 5
    V = np.stack((np.cos(angles), np.sin(angles)), axis=1)
    turn = np.array([[np.cos(angles[2]), -np.sin(angles[2])], [np.sin(angles[2]), np.cos(angles[2])]])
    W = np.array([[0.3, 0.2], [-0.5, 1.0]])
    assert same(W, W @ turn.T, V)
    assert not same(W, -W, V)


def test_high_symmetry_and_large_size_is_quick() -> None:
    generator = np.random.default_rng(4)
    identity, block = np.eye(20), np.kron(np.array([[1.0, 0.2], [0.1, -0.8]]), np.eye(10) - 0.05)
    for W in (identity, block):
        U = W[generator.permutation(20)][:, generator.permutation(20)]
        assert same(W, U, np.eye(20))
    changed = block.copy()
    changed[[0, 0, 1, 1], [10, 11, 10, 11]] = changed[[0, 0, 1, 1], [11, 10, 11, 10]]
    assert not same(block, changed, np.eye(20))


def test_groups_counts_and_order() -> None:
    setting = make_setting(2, 2)
    W = np.array([[1.0, 0.2], [0.1, -0.5]])
    runs = [
        end_point(3, W, 0.5),
        end_point(0, W[::-1], 0.5),
        end_point(1, np.eye(2), 0.0),
        end_point(2, 2.0 * W, 0.5),
        end_point(4, W, 0.4, "not converged"),
        end_point(5, W[:, ::-1], 0.5),
    ]
    groups = group_runs(runs, setting)
    assert [group.members for group in groups] == [(1,), (0, 3, 5), (2,)]
    assert [group.is_global for group in groups] == [True, False, False]
    assert groups[1].representative.number == 0
    assert groups[1].interval == pytest.approx((0.18761, 0.81239), abs=1e-5)  # 3 of 6


def test_losses_on_both_sides_of_a_bucket_s_edge() -> None:
    W = np.array([[1.0, 0.2], [0.1, -0.5]])
    runs = [end_point(0, W, 0.5 - 1e-13), end_point(1, W, 0.5 + 1e-13)]
    assert len(group_runs(runs, make_setting(2, 2))) == 1


def test_degenerate_points_are_compared_after_merging() -> None:
    w, u = np.array([1.0, 0.3]), np.array([-0.2, 0.8])
    runs = [end_point(n, [a * w, u, (1 - a) * w], 0.5, "degenerate") for n, a in enumerate((0.2, 0.5, 0.9))]
    assert [group.members for group in group_runs(runs, make_setting(3, 2))] == [(0, 1, 2)]
    strict = [end_point(run.number, run.W) for run in runs]
    assert len(group_runs(strict, make_setting(3, 2))) == 3
    assert merge_collinear(runs[0].W, 1.0) == pytest.approx(np.array([w, u]))


def test_dimension_beyond_the_teachers() -> None:
    # Rotating the complement of the teachers changes W but no inner product.
    setting = make_setting(2, 2, dimension=4)
    W = np.array([[1.0, 0.2, 0.3, 0.0], [0.1, -0.5, 0.0, 0.0]])
    U = W[:, [0, 1, 3, 2]] * np.array([1.0, 1.0, 1.0, -1.0])
    assert len(group_runs([end_point(0, W), end_point(1, U)], setting)) == 1


def test_unused_store_has_no_runs() -> None:
    setting: Setting = make_setting(2, 2)
    store = Store(None, setting)
    assert store.runs(10) == ()
    assert group_runs((), setting) == ()
    store.close()
