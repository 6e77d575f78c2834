"""A saddle is a refuted minimum: index, an exact direction of descent, and a bound that holds."""

import numpy as np
import pytest

import certify
from certify.landscape import floats

SADDLE = np.array([[-0.1604, 0.5003, 1.2337], [1.2337, 0.5003, -0.1604]])


MIXED = 0.65 - 0.98 * np.eye(3)


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("W", [SADDLE, MIXED])
def test_descent(W: np.ndarray, symmetric: bool) -> None:
    V = np.eye(3)
    outcome = certify.prove(W, V, symmetric=symmetric)
    assert not outcome.is_minimum
    assert "no local minimum but a saddle" in outcome.reason
    assert "it is no local minimum but a saddle of Morse index" in outcome.theorem
    found = outcome.descent
    assert found.curvature < 0
    u = found.direction.ravel()
    exact = u @ floats.hessian(found.centre, V) @ u / (u @ u)
    assert exact <= found.curvature <= exact + 1e-6
    step = 1e-3 * found.direction
    losses = [floats.loss(found.centre + t * step, V) for t in (-1, 0, 1)]
    assert losses[0] < losses[1] > losses[2]


def test_minima_have_none() -> None:
    outcome = certify.prove(np.eye(3))
    assert outcome.is_minimum
    assert outcome.descent is None
