"""LAPACK may give up on a spectrum; the run then ends honestly, and the worker lives on."""

import numpy as np
import pytest

from certify.search import newton
from certify.search.descent import run_start
from certify.search.setting import make_setting


def _fail(_matrix):
    raise np.linalg.LinAlgError("Eigenvalues did not converge")


def test_no_eigenvalues_at_the_end_point(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(np.linalg, "eigvalsh", _fail)
    run = run_start(make_setting(3, 3), 0)
    assert run.status == "not converged"


def test_no_eigenbasis_for_a_singular_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(np.linalg, "eigh", _fail)
    assert newton._pseudo_solve(np.eye(2), np.ones(2)) is None
