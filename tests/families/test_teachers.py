"""Teachers with Gram matrix c^2 ((1 - rho) I + rho J) in any coordinates: which teacher a claim is about."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ortho_group

import certify
from certify.cli import main
from certify.errors import InputError
from certify.families.detect import dense
from certify.families.orbits import Pattern
from certify.families.signature import Signature
from certify.families.teachers import teacher_frame, teacher_of
from certify.proving.family import prove_member


def shape(teacher: tuple, count: int) -> np.ndarray:
    return float(teacher[0]) * np.eye(count) + float(teacher[1])


@pytest.mark.parametrize("count", [1, 2, 5, 40, 10**6])
@pytest.mark.parametrize("norm", [1.0, 0.3, 7.0])
def test_the_gram_matrix(count: int, norm: float) -> None:
    for share in (0.99, 0.5, 0.1, 0.0, -0.5, -0.99):
        correlation = share if share >= 0 or count == 1 else share / (count - 1)
        alpha, beta = (Fraction(x) for x in teacher_of(correlation if count > 1 else 0.0, norm, count))
        square = alpha**2 + 2 * alpha * beta + count * beta**2
        assert float(square) == pytest.approx(norm**2, rel=1e-9)
        if count > 1:
            assert float(2 * alpha * beta + count * beta**2) == pytest.approx(
                correlation * norm**2, abs=1e-12 * norm**2
            )


@pytest.mark.parametrize(
    ("correlation", "norm"),
    [(1.0, 1.0), (-0.25, 1.0), (-0.9, 1.0), (float("nan"), 1.0), (0.1, 0.0), (0.1, -1.0), (0.1, float("inf"))],
)
def test_no_such_teachers(correlation: float, norm: float) -> None:
    with pytest.raises(InputError):
        teacher_of(correlation, norm, 5)


@pytest.mark.parametrize("dimension", [6, 9])
def test_a_rotated_frame_is_found(dimension: int) -> None:
    for seed, (alpha, beta) in enumerate(((1.0, 0.0), (0.8, 0.2), (2.0, -0.25), (0.5, 0.125))):
        Q = ortho_group.rvs(dimension, random_state=seed)[:6]
        frame = teacher_frame(shape((alpha, beta), 6) @ Q)
        assert frame is not None
        assert frame.teacher == (alpha, beta)
        assert 0.0 < frame.deviation < 1e-13
        assert np.abs(frame.basis - Q.T).max() < 1e-12
    exact = teacher_frame(np.hstack([np.zeros((3, 1)), np.eye(3), np.zeros((3, 2))]))
    assert exact is not None
    assert (exact.teacher, exact.deviation) == ((1.0, 0.0), 0.0)
    assert exact.basis.tolist() == [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0]]


def test_no_frame() -> None:
    r = np.random.default_rng(1)
    for V in (
        r.normal(size=(4, 4)), np.eye(4)[:, :3], np.ones((3, 3)), np.ones((2, 5)), np.diag([1.0, 1.0, 1.0 + 1e-6]),
        (np.eye(5) - 0.2) @ ortho_group.rvs(5, random_state=0),
        np.eye(3) + 1e-5 * r.normal(size=(3, 3)), 1e200 * ortho_group.rvs(3, random_state=0),
    ):  # fmt: skip
        assert teacher_frame(V) is None


SIGNATURE = Signature((5, 1), (0, None))
PATTERNS = [Pattern((-0.05, 0.308), 1.037), Pattern((0.225, -0.602), 0.0)]


@pytest.mark.parametrize("dimension", [6, 8])
@pytest.mark.parametrize("correlation", [0.0, 0.15])
def test_a_rotated_point_is_proved_about_the_symmetric_teacher(dimension: int, correlation: float) -> None:
    teacher = teacher_of(correlation, 1.5, 6)
    reference = prove_member(
        SIGNATURE, [Pattern(tuple(1.5 * x for x in p.base), 1.5 * p.delta) for p in PATTERNS], teacher
    )
    assert isinstance(reference, certify.outcome.Proved)
    assert reference.patterns is not None
    Q = ortho_group.rvs(dimension, random_state=5)[:6]
    W, V = dense(SIGNATURE, reference.patterns) @ Q, shape(teacher, 6) @ Q
    outcome = certify.prove(W, V, symmetric=True)
    assert isinstance(outcome, certify.Proved)
    assert (outcome.route, outcome.signature, outcome.index) == ("symmetric", SIGNATURE, reference.index)
    assert outcome.loss[0] <= reference.loss[1]
    assert reference.loss[0] <= outcome.loss[1]
    claim = outcome.certificate.claim
    assert claim["dimension"] == 6
    assert "within" in outcome.note
    assert "orthogonal change of coordinates" in outcome.reason
    assert certify.verify(outcome.certificate).verified
    full = certify.prove(W, V)
    assert isinstance(full, certify.Proved)
    assert full.certificate.claim["dimension"] == dimension
    assert full.index == outcome.index


def test_more_dimensions_than_teachers() -> None:
    W = dense(SIGNATURE, PATTERNS)
    V = np.eye(6, 9)
    outcome = certify.prove(np.hstack([W, np.zeros((6, 3))]), V, symmetric=True)
    assert isinstance(outcome, certify.Proved)
    assert (outcome.route, outcome.certificate.claim["dimension"]) == ("symmetric", 6)
    assert outcome.certificate.claim["teacher"] == "orthonormal"
    assert outcome.note == "the claim is about the span of the teachers, R^6"
    near = np.hstack([W, 1e-5 * np.random.default_rng(2).normal(size=(6, 3))])
    outcome = certify.prove(near, V, symmetric=True)
    assert isinstance(outcome, certify.Proved)
    assert "beside it" in outcome.note
    assert outcome.displacement >= float(np.linalg.norm(near[:, 6:]))
    far = certify.prove(np.hstack([W, 0.3 * np.ones((6, 3))]), V, symmetric=True)
    assert not isinstance(far, certify.Proved) or far.route == "full"


def test_a_teacher_that_is_nearly_symmetric_is_named() -> None:
    """The claim is about the symmetric teacher; its distance from the given one is in the note, larger than it is."""
    V = 0.25 + 0.5 * np.eye(5)
    tilted = V.copy()
    tilted[0, 0] += 1e-10
    outcome = certify.prove(V, tilted, symmetric=True)
    assert isinstance(outcome, certify.Proved)
    assert outcome.route == "symmetric"
    told = float(outcome.note.split(" to within ")[1].split()[0])
    alpha, beta = (float(x.split()[0]) for x in outcome.note.split("teachers ")[1].split(" e_m + "))
    assert outcome.certificate.claim["teacher"] == [
        certify.arithmetic.text(certify.arithmetic.dyadic(x)) for x in (alpha, beta)
    ]
    assert 1e-11 < told < 3e-10
    tilted[0, 0] += 1e-6
    outcome = certify.prove(V, tilted, symmetric=True)
    assert not isinstance(outcome, certify.Proved) or (outcome.route, outcome.note) == ("full", "")


def test_correlated_families_on_the_command_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    options = ["--json", "--starts", "2", "-o", str(tmp_path)]
    assert main(["family", "--classes", "7,1", "--correlation", "0.2", "--teacher-norm", "2", *options]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {(r["index"], tuple(r["symmetry"])) for r in records} >= {(0, (8,)), (0, (7, 1))}
    for record in records:
        assert certify.verify(record["certificate"]).verified
        claim = json.loads(Path(record["certificate"]).read_bytes())["claim"]
        assert claim["teacher"] != "orthonormal"
    for wrong in (("--correlation", "1"), ("--correlation", "-0.2"), ("--correlation", "nan"), ("--teacher-norm", "0")):
        assert main(["family", "--classes", "7,1", *wrong, "-o", str(tmp_path / "none")]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1
    assert not (tmp_path / "none").exists()
