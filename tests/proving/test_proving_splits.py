"""Splitting matrices in float64: signs and gaps against dense spectra at 50 digits, and what is not decided."""

import mpmath
import numpy as np
import pytest

from certify.landscape import floats
from certify.linalg import inertia
from certify.linalg.definite import U
from certify.outcome import Split
from certify.proving import splitting
from certify.proving.splitting import Bounded, lifted_signs
from certify.proving.stages import DoubleStage


def stack(values: list[list[float]], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Blocks S with S u = 0 and the given eigenvalues beside u."""
    rng = np.random.default_rng(seed)
    blocks, units = [], []
    for beside in values:
        Q = np.linalg.qr(rng.normal(size=(len(beside) + 1,) * 2))[0]
        S = (Q * np.array([0.0, *beside])) @ Q.T
        blocks.append((S + S.T) / 2)
        units.append(Q[:, 0])
    return np.array(blocks), np.array(units)


def double_splits(
    blocks: Bounded, units: np.ndarray, beside: np.ndarray, beside_error: float, change: float
) -> list[Split | None]:
    return splitting.double_splits(lifted_signs(blocks, units), beside, beside_error, change, units.shape[1])


def exact(block: np.ndarray, unit: np.ndarray) -> list[float]:
    with mpmath.workdps(50):
        u = mpmath.matrix(unit.tolist())
        lifted = mpmath.matrix(block.tolist()) + u * u.T
        return sorted(float(x) for x in mpmath.eigsy(lifted, eigvals_only=True))


@pytest.mark.parametrize("seed", range(20))
def test_signs_and_gaps(seed: int) -> None:
    rng = np.random.default_rng(100 + seed)
    values = [(rng.choice([-1.0, 1.0], 5) * 10.0 ** rng.uniform(-6, 0, 5)).tolist() for _ in range(4)]
    blocks, units = stack(values, seed)
    splits = double_splits(Bounded(blocks, 0.0), units, np.full(4, -2.0), 0.0, 0.0)
    for split, block, unit in zip(splits, blocks, units, strict=True):
        truth = exact(block, unit)
        assert split is not None
        assert split.negative == sum(x < 0 for x in truth)
        assert split.positive == 5 - split.negative
        smallest = min(abs(x) for x in truth)
        assert 0.9 * smallest < split.gap < smallest


@pytest.mark.parametrize("eigenvalue", [0.0, 1e-17, -1e-15])
def test_what_rounding_hides_is_undecided(eigenvalue: float) -> None:
    blocks, units = stack([[0.3, -0.2, eigenvalue]], 3)
    assert double_splits(Bounded(blocks, 0.0), units, np.array([1.0]), 0.0, 0.0) == [None]


@pytest.mark.parametrize("column", ["error", "beside", "change"])
def test_every_bound_counts(column: str) -> None:
    """An eigenvalue of 1e-3 and an uncertainty of 2e-3 somewhere."""
    blocks, units = stack([[0.3, 1e-3]], 4)
    width = 2e-3
    error, change = (width if column == "error" else 0.0), (width if column == "change" else 0.0)
    beside = np.array([1e-3 if column == "beside" else 1.0])
    beside_error = width if column == "beside" else 0.0
    assert double_splits(Bounded(blocks, error), units, beside, beside_error, change) == [None]
    assert double_splits(Bounded(blocks, U), units, np.array([1.0]), U, U) != [None]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_not_a_number_is_undecided(bad: float) -> None:
    blocks, units = stack([[0.3, 0.2], [0.1, 0.4]], 5)
    blocks[1, 0, 1] = bad
    assert double_splits(Bounded(blocks, 0.0), units, np.ones(2), 0.0, 0.0) == [None, None]


def test_vectors_that_are_none_are_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks, units = stack([[0.3, 0.2]], 6)
    for vectors in (np.zeros((1, 3, 3)), 2.0 * np.eye(3)[None], np.ones((1, 3, 3)), np.full((1, 3, 3), np.nan)):
        monkeypatch.setattr(inertia, "eigenpairs", lambda _, v=vectors: (np.array([[0.2, 0.3, 1.0]]), v))
        assert double_splits(Bounded(blocks, 0.0), units, np.ones(1), 0.0, 0.0) == [None]


@pytest.mark.parametrize("wrong", [-0.2, 0.5, np.nan, np.inf])
def test_values_that_are_none_are_undecided(monkeypatch: pytest.MonkeyPatch, wrong: float) -> None:
    """Nor is an eigenvalue believed; one that is nearly right lowers the gap."""
    blocks, units = stack([[0.3, 0.2]], 6)
    values, vectors = np.linalg.eigh(blocks + units[:, :, None] * units[:, None, :])
    for lie, expected in ((wrong, None), (values[0, 0] * 1.001, True)):
        told = np.array([[lie, *values[0, 1:]]])
        monkeypatch.setattr(inertia, "eigenpairs", lambda _, told=told: (told, vectors))
        (split,) = double_splits(Bounded(blocks, 0.0), units, np.ones(1), 0.0, 0.0)
        assert split is None if expected is None else split is not None
        assert split is None or split.gap < values[0, 0]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("count", [3, 4])
def test_the_ambient_matrix_is_decided_with_them_or_alone(count: int, seed: int) -> None:
    """Four coordinates; students and teachers anywhere."""
    rng = np.random.default_rng(seed)
    W, V = rng.normal(size=(count, 4)), rng.normal(size=(2, 4))
    stage = DoubleStage.make(W, V)
    assert stage is not None
    hessian, truth = stage.hessian_guess(), np.linalg.eigvalsh(floats.ambient(W, V))
    assert hessian is not None
    stage.hessian_test(hessian)
    guess = stage.ambient_guess()
    assert guess is not None
    assert guess.index == (truth < 0.0).sum()
    least = np.abs(truth).min()
    assert guess.smallest == pytest.approx(least, rel=0.02)
    test = stage.ambient_test(guess)
    assert test.certainly(0.96 * guess.smallest)
    assert not test.certainly(1.04 * least)
    assert not test.certainly(np.nan)


def test_nothing_is_left_out_of_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/float-bounds.md: what is lost covers |Q^T L Q - D|, also where only Q is wrong, and products' rounding."""
    matrix = np.diag([1.0, 2.0, -3.0])[None]
    for scale in (1.0, 1.0 + 2.0**-12, 1.0 - 2.0**-12):
        monkeypatch.setattr(
            inertia, "eigenpairs", lambda _, c=scale: (np.array([[1.0, 2.0, -3.0]]), c * np.eye(3)[None])
        )
        found = inertia.signs(matrix, 0.0, float(np.linalg.norm(matrix)))
        eps = abs(scale**2 - 1.0) * 3.0**0.5
        away = abs(scale**2 - 1.0) * 14.0**0.5  # |Q^T L Q - D|
        assert found.negative == [1]
        assert 0.0 < found.smallest[0] * (1.0 + eps) <= 1.0 - away
    monkeypatch.setattr(inertia, "eigenpairs", lambda _: (np.ones((1, 4)), np.eye(4)[None]))
    large = 2.0**30  # the size that is told, not that of the matrix: L Q may be off by 1.01 d U size sqrt(d)
    assert inertia.signs(np.eye(4)[None], 0.0, large).smallest[0] <= 1.0 - 1.01 * 8.0 * U * large
