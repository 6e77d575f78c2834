"""Many unknowns: Gaussian teachers, refusals, rounding modes, an ill-conditioned plane."""

import numpy as np
import pytest
from rounding_modes import AVAILABLE, NAMES, rounding

import certify
from certify.landscape import floats
from certify.proving.spectrum import LARGE, approximate_spectrum


def gaussian(k: int, d: int, seed: int) -> np.ndarray:
    """Teachers of length about 1 without symmetry; students equal to them are a minimum."""
    return np.random.default_rng(seed).standard_normal((k, d)) / d**0.5


def test_products_find_the_smallest_eigenvalue() -> None:
    V = gaussian(24, 24, 1)
    p = floats.pairs(V, V)
    H = floats.hessian_of(p)
    assert len(H) >= LARGE
    exact = float(np.linalg.eigvalsh(H)[0])
    for product in (None, lambda: floats.hessian_product(p)):
        found = approximate_spectrum(H, product)
        assert found is not None
        assert 0.95 * exact < found.smallest < 1.01 * exact


@pytest.mark.parametrize("method", ["exact", "a-priori"])
def test_refusals(method: str) -> None:
    V = gaussian(20, 30, 2)  # 600 unknowns
    assert certify.prove(V, V, method=method).name == "proved"  # type: ignore[arg-type]
    far = certify.prove(V + 0.3 * gaussian(20, 30, 3), V, method=method)  # type: ignore[arg-type]
    assert far.name != "proved" or far.displacement > 0.0
    twice = np.vstack([V, 0.5 * V[:1]])
    twice[0] *= 0.5  # a teacher shared by two students: a flat direction
    assert certify.prove(twice, V, method=method).kind == "global-minimum-set"  # type: ignore[arg-type,union-attr]


@pytest.mark.skipif(not AVAILABLE, reason="the rounding mode cannot be set here")
@pytest.mark.parametrize("mode", NAMES)
@pytest.mark.parametrize("method", ["exact", "a-priori"])
def test_the_same_in_every_rounding_mode(mode: str, method: str) -> None:
    V = gaussian(23, 23, 4)
    with rounding(mode):
        outcome = certify.prove(V, V, method=method)  # type: ignore[arg-type]
    assert outcome.name == "proved"
    assert certify.verify(outcome.certificate, engine="blas").verified


@pytest.mark.long
@pytest.mark.parametrize("k", [30, 50])
@pytest.mark.parametrize("method", ["exact", "a-priori"])
def test_gaussian_teachers(k: int, method: str) -> None:
    V = gaussian(k, k, 5)
    outcome = certify.prove(V, V, method=method)  # type: ignore[arg-type]
    assert outcome.name == "proved", outcome
    assert certify.verify(outcome.certificate, engine="blas").verified


@pytest.mark.long
def test_rectangular() -> None:
    V = gaussian(25, 60, 6)
    outcome = certify.prove(V, V)
    assert outcome.name == "proved"
    assert certify.verify(outcome.certificate).engine == "blas"


def test_an_ill_conditioned_plane_climbs_the_ladder() -> None:
    """Two teachers at an angle of 0.03: the smallest eigenvalue is about 1e-6."""
    V = np.array([[1.0, 0.0], [np.cos(0.03), np.sin(0.03)]])
    smallest = float(np.linalg.eigvalsh(floats.hessian(V, V))[0])
    assert 0.5e-6 < smallest < 2e-6
    outcome = certify.prove(V, V)
    assert outcome.name == "proved", outcome
    assert outcome.bits > 53
    assert certify.verify(outcome.certificate).verified
