"""Candidates near sets of critical points: the right verdict, never "unique", and true numbers."""

from __future__ import annotations

from itertools import product
from math import factorial

import numpy as np
import pytest
from scipy.optimize import minimize

import certify
from certify.landscape import floats

TEACHER = np.array([[-1.0, -0.1], [-1.4, -0.4], [-0.1, 1.5], [1.5, 0.6]])
FLAT = [[0.1436, -0.3739], [1.5679, 1.8792], [-2.7171, 0.0138]]


def verified(outcome):
    result = certify.verify(outcome.certificate)
    assert result.verified, result
    assert result.kind == outcome.kind
    assert result.sentence == outcome.theorem
    return result.sentence


def polished(W, V):
    loss = lambda x: floats.loss(x.reshape(-1, V.shape[1]), V)  # noqa: E731
    slope = lambda x: floats.gradient(x.reshape(-1, V.shape[1]), V).ravel()  # noqa: E731
    return minimize(loss, np.ravel(W), jac=slope, method="BFGS", options={"gtol": 1e-9}).x.reshape(-1, V.shape[1])


@pytest.mark.parametrize("seed", range(6))
def test_global_minima(seed: int) -> None:
    """Random points of the set, moved a little: found again, within a little more than the move."""
    r = np.random.default_rng(seed)
    M = int(r.integers(1, 5))
    K = M + int(r.integers(1, 4))
    owners = np.concatenate((np.arange(M), r.integers(0, M, size=K - M)))
    raw = r.uniform(0.2, 1.0, size=K)
    shares = raw / np.bincount(owners, raw)[owners]
    W = shares[:, None] * np.eye(M)[owners]
    move = r.normal(size=W.shape)
    move *= 1e-4 / np.linalg.norm(move)
    outcome = certify.prove(W + move)
    assert outcome.kind == "global-minimum-set"
    assert outcome.set_dimension == K - M
    assert outcome.distance < 3e-4
    cells = sum(set(map_) == set(range(M)) for map_ in product(range(M), repeat=K))
    assert outcome.certificate.claim["cells"] == cells
    text = verified(outcome)
    assert "exactly" in text
    assert "exactly one critical point" not in text


def test_as_many_students_as_teachers_stay_isolated() -> None:
    assert certify.prove(np.eye(4)).kind == "strict-local-minimum"


def test_zero_students_are_on_the_set() -> None:
    outcome = certify.prove([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], np.eye(2))
    assert outcome.kind == "global-minimum-set"
    assert outcome.certificate.claim["cells"] == factorial(2) * 3
    verified(outcome)


def test_teachers_that_are_not_in_a_half_space() -> None:
    """Then there are other global minima, with all rows turned: a sum of teachers vanishes."""
    V = np.array([[1.0, 0.0], [-1.0, 1.0], [-1.0, -1.0], [0.7, 0.1]])
    V[0] = -V[1] - V[2]
    W = np.concatenate((-V[:3], V[3:]))
    assert abs(floats.loss(W, V)) < 1e-12  # turned rows, and yet a global minimum
    parts = np.array([[0.5], [0.5], [1.0], [1.0], [1.0]]) * V[[0, 0, 1, 2, 3]]
    outcome = certify.prove(parts, V)
    assert outcome.kind == "global-minimum-set"
    assert "exactly" not in verified(outcome)


def test_teachers_on_a_line() -> None:
    outcome = certify.prove([[1.5, 0.0], [1.5, 0.0], [0.0, 1.0], [0.0, 0.0]], [[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]])
    assert outcome.name != "proved" or outcome.kind != "global-minimum-set"


@pytest.mark.parametrize("copies", [(2, 1, 1), (3, 1, 1)])
def test_flat_minima(copies: tuple[int, ...]) -> None:
    """A minimum whose first student may be split: candidates off the manifold, at gradients of 1e-9."""
    base = polished(FLAT, TEACHER)
    r = np.random.default_rng(sum(copies))
    rows = [share * w for w, n in zip(base, copies, strict=True) for share in r.dirichlet(np.full(n, 9.0))]
    W = polished(np.array(rows) + 1e-3 * r.normal(size=(len(rows), 2)), TEACHER)
    outcome = certify.prove(W, TEACHER)
    assert outcome.kind == "manifold-of-local-minima"
    assert outcome.set_dimension == len(rows) - 3
    assert outcome.distance < 1e-4
    values = np.linalg.eigvalsh(floats.hessian(W, TEACHER))
    assert (np.abs(values) < 1e-6).sum() == outcome.set_dimension
    text = verified(outcome)
    assert "local minima that are not strict in R^2 and every larger dimension" in text
    assert text.startswith(f"{len(rows)} ReLU students: a Morse-Bott manifold")


@pytest.mark.parametrize("copies", [(1, 2, 1), (2, 2, 1), (2, 1, 3)])
def test_split_saddles(copies: tuple[int, ...]) -> None:
    base = polished(FLAT, TEACHER)
    rows = [w / n for w, n in zip(base, copies, strict=True) for _ in range(n)]
    outcome = certify.prove(rows, TEACHER)
    assert outcome.kind == "manifold-of-saddles"
    values = np.linalg.eigvalsh(floats.hessian(np.array(rows), TEACHER))
    assert outcome.index == (values < -1e-9).sum() == copies[1] - 1 + copies[2] - 1
    assert outcome.set_dimension == (np.abs(values) < 1e-9).sum() == sum(copies) - 3
    verified(outcome)


@pytest.mark.parametrize(("M", "K", "number"), [(2, 4, 0), (3, 5, 1), (4, 5, 1), (4, 5, 5), (5, 5, 1), (5, 5, 4)])
def test_plane_with_many_nearly_parallel_students(M: int, K: int, number: int) -> None:
    """Descents in the plane often end with parallel students: a verified verdict, or a reason."""
    V = np.random.default_rng(1000 + number).normal(size=(M, 2))
    for seed in range(4):
        W = polished(0.7 * np.random.default_rng(seed).normal(size=(K, 2)), V)
        outcome = certify.prove(W, V)
        if outcome.name == "proved":
            verified(outcome)
        else:
            assert outcome.reason
        values = np.linalg.eigvalsh(floats.hessian(W, V))
        if np.abs(values).min() < 1e-9:
            assert getattr(outcome, "kind", "") != "strict-local-minimum"


def test_far_from_everything() -> None:
    assert certify.prove([[0.6, 0.1], [0.2, 0.8], [0.4, 0.9]], np.eye(2)).name == "refuted"
    assert certify.prove([[1e300, 0.0], [0.0, 1e300], [1e300, 1e300]], np.eye(2)).name != "proved"
    assert certify.prove(np.full((3, 2), 1e-300), np.eye(2)).name != "proved"
