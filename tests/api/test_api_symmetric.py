"""`prove(..., symmetric=True)`: the same theorems by another route, with the spectrum."""

import numpy as np
import pytest

import certify
from certify.proving import member
from certify.search import SearchResult


def proved(*arguments: object, **options: object) -> certify.Proved:
    outcome = certify.prove(*arguments, symmetric=True, **options)
    assert isinstance(outcome, certify.Proved)
    assert certify.verify(outcome.certificate).verified
    return outcome


def test_the_full_space_is_the_default(found: SearchResult) -> None:
    outcome = certify.prove(found.groups[1].W)
    assert isinstance(outcome, certify.Proved)
    assert (outcome.route, outcome.signature, outcome.spectrum, outcome.condition) == ("full", None, None, None)
    assert outcome.largest_step is None


def test_both_routes_agree(found: SearchResult) -> None:
    W = np.array(found.groups[1].W)
    full, outcome = certify.prove(W), proved(W)
    assert isinstance(full, certify.Proved)
    assert (outcome.route, outcome.signature.sizes, outcome.signature.owners) == ("symmetric", (6, 1), (0, None))
    assert (outcome.kind, outcome.index, outcome.ambient_index) == (full.kind, full.index, full.ambient_index)
    assert max(full.loss[0], outcome.loss[0]) <= min(full.loss[1], outcome.loss[1])
    assert outcome.displacement < 1e-5
    lowest = min(low for _, low, _ in outcome.spectrum)
    assert lowest == pytest.approx(0.01405901318)
    assert sum(n for n, _, _ in outcome.spectrum) == 49
    assert outcome.largest_step == pytest.approx(2 / max(high for _, _, high in outcome.spectrum))
    assert outcome.condition * outcome.largest_step * lowest == pytest.approx(2.0)


def test_correlated_teachers() -> None:
    V = np.full((5, 5), 0.2) + 0.8 * np.eye(5)  # 1.0 - 0.2 is no float: alpha is kept exactly
    outcome = proved(V, V)
    assert outcome.route == "symmetric"
    assert outcome.loss[0] <= 0 <= outcome.loss[1]
    assert proved(3 * V, 3 * V).route == "symmetric"
    tilted = V.copy()
    tilted[0, 0] += 1e-5
    assert proved(V, tilted).route == "full"


def test_wider_than_the_full_space_allows() -> None:
    W = np.eye(130)
    assert isinstance(certify.prove(W), certify.Undecided)
    outcome = proved(W + 1e-5)
    assert (outcome.signature.sizes, outcome.index) == ((130,), 0)
    assert 0 < outcome.displacement < 2e-3


def test_near_symmetry_is_another_claim() -> None:
    V = np.eye(4) + 1e-5 * np.random.default_rng(0).normal(size=(4, 4))
    outcome = proved(V, V)
    assert (outcome.route, outcome.note) == ("full", "")  # these teachers have no symmetry
    W = np.diag([1.0, 1.0 + 1e-5, 1.0 - 1e-5, 1.0])
    assert proved(W).route == "symmetric"  # polished first: the critical point itself is symmetric
    split = np.vstack([np.eye(4), 1e-4 * np.eye(4)[0]])
    assert certify.prove(split, symmetric=True).name == certify.prove(split).name


def test_a_point_that_stays_unsymmetric_is_proved_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member, "POLISHED", 0.0)  # as if the critical point itself were a little off
    outcome = proved(np.diag([1.0, 1.0 + 1e-5, 1.0 - 1e-5, 1.0]) + 1e-7)
    assert outcome.route == "full"
    assert outcome.note == member.NEARLY.format("classes 4")
    assert outcome.note.endswith("the symmetrised point would be a different claim")
    assert outcome.reason.endswith(outcome.note)


def test_refuted_and_undecided_are_as_before() -> None:
    W = np.eye(4) * 0.6 + 0.1
    assert isinstance(certify.prove(W, symmetric=True), certify.Refuted)
    assert isinstance(certify.prove(np.zeros((4, 4)), symmetric=True), certify.Undecided)
    assert isinstance(certify.prove(np.eye(4) * 1e300, symmetric=True), certify.Undecided | certify.Refuted)


def test_the_last_precision_is_respected() -> None:
    assert proved(np.eye(4), max_bits=53).route == "full"
    assert proved(np.eye(4), bits=192).error_radius < 1e-50
