"""The prover's splitting facts: both precisions and both routes agree, and near-zero matrices are left undecided."""

import numpy as np
import pytest

import certify
from certify.checker import verify_bytes

MINIMUM = np.full((7, 7), -0.035)
np.fill_diagonal(MINIMUM, 0.997)
MINIMUM[:, -1], MINIMUM[-1, :], MINIMUM[-1, -1] = 0.262, 0.186, -0.633
TEACHER = [[-1.0, -0.1], [-1.4, -0.4], [-0.1, 1.5], [1.5, 0.6]]
FLAT = [[0.1436, -0.3739], [1.5679, 1.8792], [-2.7171, 0.0138]]


@pytest.mark.parametrize("bits", [53, 128])
def test_dense(bits: int) -> None:
    outcome = certify.prove(FLAT, TEACHER, bits=bits)
    assert [(s.negative, s.positive, s.beside) for s in outcome.splits] == [(0, 1, 1), (1, 0, -1), (1, 0, -1)]
    assert [s.gap for s in outcome.splits] == pytest.approx([0.0744, 0.0568, 0.0208], rel=0.01)
    assert verify_bytes(outcome.certificate.content).claim_hash == outcome.certificate.sha256


def test_both_routes_agree() -> None:
    full, symmetric = (certify.prove(MINIMUM, symmetric=route) for route in (False, True))
    assert {(s.negative, s.positive, s.beside) for s in (*full.splits, *symmetric.splits)} == {(6, 0, -1)}
    # the routes claim 0.95 and 0.99 of the true gap
    assert symmetric.splits[0].gap == pytest.approx(full.splits[0].gap, rel=0.05)
    assert symmetric.splits[1].gap == pytest.approx(full.splits[6].gap, rel=0.05)


def test_global_minima_claim_nothing() -> None:
    """There S_i = 0, and no sign is certain."""
    for symmetric in (False, True):
        outcome = certify.prove(np.eye(5), symmetric=symmetric)
        assert set(outcome.splits) == {None}
        assert "splitting" not in outcome.certificate.claim
