"""Cholesky in balls and inertia in balls."""

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st
from test_linalg_definite import exceeds

from certify.arithmetic import Ball, precision
from certify.linalg.balls import certainly_has_inertia, certainly_positive_definite


def balls(matrix: np.ndarray, radius: float = 0.0) -> list[list[Ball]]:
    return [[arb(x, radius) for x in row] for row in matrix.tolist()]


@given(
    st.integers(1, 4).flatmap(
        lambda n: st.lists(st.lists(st.integers(-9, 9), min_size=n, max_size=n), min_size=n, max_size=n)
    ),
    st.sampled_from([20, 64, 200]),
)
def test_small_integers_exactly(entries: list[list[int]], bits: int) -> None:
    matrix = np.array(entries, dtype=float)
    matrix += matrix.T
    with precision(bits):
        proven = certainly_positive_definite(balls(matrix))
    if proven:
        assert exceeds(matrix, 0.0)
    else:
        assert np.linalg.eigvalsh(matrix)[0] < 1e-2


def test_wide_balls_are_not_definite() -> None:
    with precision(64):
        assert certainly_positive_definite(balls(np.eye(2), 0.4))
        assert not certainly_positive_definite(balls(np.eye(2), 0.5))  # contains the matrix of halves, singular
        assert not certainly_positive_definite(balls(np.eye(2), 2.0))


@pytest.mark.parametrize("bad", ["nan", "inf", "-inf"])
def test_what_is_not_finite_is_never_definite(bad: str) -> None:
    for a in range(3):
        for b in range(a + 1):
            matrix = balls(np.eye(3))
            matrix[a][b] = matrix[b][a] = arb(bad)
            assert not certainly_positive_definite(matrix)
            for directions in ([], [[1, 0, 0]]):
                assert not certainly_has_inertia(matrix, arb(0.5), directions, arb(4))


def test_inertia() -> None:
    generator = np.random.default_rng(1)
    for n in (1, 2, 4, 8):
        for _ in range(5):
            matrix = generator.standard_normal((n, n))
            matrix += matrix.T
            values, vectors = np.linalg.eigh(matrix)
            smallest = float(np.abs(values).min())
            directions = np.rint(vectors[:, values < 0].T * 2**30).astype(int).tolist()
            weight = arb(4 * float(np.abs(values).max())) * arb((1, -60))
            with precision(128):
                assert certainly_has_inertia(balls(matrix), arb(0.98 * smallest), directions, weight)
                assert not certainly_has_inertia(balls(matrix), arb(1.02 * smallest), directions, weight)
                assert not certainly_has_inertia(balls(matrix), arb(0), directions, weight)
                assert not certainly_has_inertia(balls(matrix), arb("nan"), directions, weight)
                assert not certainly_has_inertia(balls(matrix), arb(smallest / 2), [*directions, [0] * n], weight)
                if directions:
                    assert not certainly_has_inertia(balls(matrix), arb(smallest / 2), directions[1:], weight)
