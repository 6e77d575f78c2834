"""Many unknowns: Gaussian teachers, saddles, refusals, rounding modes, threads, an ill-conditioned plane."""

import os
import subprocess
import sys
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from rounding_modes import AVAILABLE, NAMES, rounding
from scipy.optimize import minimize

import certify
from certify.arithmetic import text
from certify.arithmetic.dyadic import normal
from certify.certificate import Certificate
from certify.landscape import floats
from certify.proving import spectrum
from certify.proving.spectrum import MANY, approximate_spectrum


def gaussian(k: int, d: int, seed: int) -> np.ndarray:
    """Teachers of length about 1 without symmetry; students equal to them are a minimum."""
    return np.random.default_rng(seed).standard_normal((k, d)) / d**0.5


def test_products_find_the_smallest_eigenvalue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spectrum, "VERY_MANY", 500)
    V = gaussian(24, 24, 1)
    p = floats.pairs(V, V)
    H = floats.hessian_of(p)
    assert len(H) >= MANY
    exact = float(np.linalg.eigvalsh(H)[0])
    assert spectrum._smallest_by_products(floats.hessian_product(p), len(H)) is not None
    for product in (None, lambda: floats.hessian_product(p)):
        found = approximate_spectrum(H, product)
        assert found is not None
        assert 0.95 * exact < found.smallest < 1.01 * exact


@pytest.mark.parametrize("n", [1, 3, 36, 40, 41])
def test_guesses_of_every_size(n: int) -> None:
    """Indices are right, and what is singular or not finite is left alone."""
    for least in (0.5, -1.05):
        found = approximate_spectrum(np.diag(np.linspace(least, 3.05, n)))
        assert found is not None
        assert found.index == (np.linspace(least, 3.05, n) < 0.0).sum()
    for bad in (np.nan, np.inf, 0.0):
        matrix = np.eye(n)
        matrix[n - 1, n - 1] = bad
        assert approximate_spectrum(matrix) is None


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


@pytest.mark.parametrize("k", [30, 50])
@pytest.mark.parametrize("method", ["exact", "a-priori"])
def test_gaussian_teachers(k: int, method: str) -> None:
    V = gaussian(k, k, 5)
    outcome = certify.prove(V, V, method=method)  # type: ignore[arg-type]
    assert outcome.name == "proved", outcome
    assert certify.verify(outcome.certificate, engine="blas").verified


def test_rectangular() -> None:
    V = gaussian(25, 60, 6)
    outcome = certify.prove(V, V)
    assert outcome.name == "proved"
    assert certify.verify(outcome.certificate).engine == "blas"


def saddle(k: int) -> np.ndarray:
    """Two students share two orthonormal teachers; minimal among the points with the symmetry of that."""
    V, basis = np.eye(k), np.zeros((7, k, k))
    basis[0][0, :2] = basis[1][0, 2:] = basis[2][1, :2] = basis[3][1, 2:] = basis[4][2:, :2] = 1.0
    basis[5][2:, 2:], basis[6][2:, 2:] = 1.0 - np.eye(k - 2), np.eye(k - 2)

    def objective(y: np.ndarray) -> tuple[float, np.ndarray]:
        W = np.tensordot(y, basis, 1)
        return floats.loss(W, V), np.tensordot(basis, floats.gradient(W, V), 2)

    start = [-0.068, 0.01, 1.068, 0.0, 0.0, 0.0, 1.0]
    return np.tensordot(minimize(objective, start, jac=True, method="BFGS", options={"gtol": 1e-9}).x, basis, 1)


@pytest.mark.parametrize("method", ["exact", "a-priori"])
def test_a_saddle_with_900_unknowns(method: str) -> None:
    """The index is LAPACK's, and no other index passes."""
    outcome = certify.prove(saddle(30), method=method)  # type: ignore[arg-type]
    assert outcome.name == "proved", outcome
    centre = np.array([[float(Fraction(int(m, 16)) * Fraction(2) ** int(e)) for m, e in (x.split("p") for x in row)]
                       for row in outcome.certificate.claim["centre"]])  # fmt: skip
    values = np.linalg.eigvalsh(floats.hessian(centre, np.eye(30)))
    assert outcome.index == np.count_nonzero(values < 0.0) == 29
    assert certify.verify(outcome.certificate, engine="blas").verified
    claim, witness = dict(outcome.certificate.claim), dict(outcome.certificate.witness)
    for directions in (witness["hessian"]["directions"][1:], [*witness["hessian"]["directions"], [1] + [0] * 899]):
        changed = {**witness, "hessian": {**witness["hessian"], "directions": directions}}
        refused = certify.verify(Certificate({**claim, "index": len(directions)}, changed), engine="blas")
        assert refused.verdict == "rejected"
        assert refused.reason is not None
        assert refused.reason.startswith("inertia"), refused.reason


THREADS = """
import numpy as np, certify
from rounding_modes import AVAILABLE, rounding
V = np.random.default_rng(4).standard_normal((16, 16)) / 4.0
flat = np.vstack([V, 0.5 * V[:1]])
flat[0] *= 0.5
for method in ("exact", "a-priori"):
    for mode in ("nearest", "up") if AVAILABLE else ():
        with rounding(mode):
            outcome = certify.prove(V, V, method=method)
            degenerate = certify.prove(flat, V, method=method)
        assert outcome.name == "proved", outcome
        assert degenerate.kind == "global-minimum-set", degenerate
        assert certify.verify(outcome.certificate, engine="blas").verified
print("done")
"""


def test_with_two_blas_threads() -> None:
    """Both methods, a minimum and what is none."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "2", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", THREADS], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.stdout.strip() == "done", done.stderr


@pytest.fixture(scope="module")
def proof() -> Certificate:
    """Of 529 unknowns."""
    V = gaussian(23, 23, 4)
    return certify.prove(V, V).certificate  # type: ignore[union-attr]


def moved(x: str, by: float) -> str:
    """A number of the certificate moved by about so much."""
    mantissa, exponent = int(x.split("p", maxsplit=1)[0], 16), int(x.split("p")[1])
    return text(normal((mantissa << exponent + 1074) + (round(by * 2**60) << 1014), -1074))


def verdict(proof: Certificate, claim: dict[str, Any], gap: str = "") -> str:
    witness = dict(proof.witness)
    if gap:
        witness["hessian"] = {**witness["hessian"], "gap": gap}
    found = certify.verify(Certificate({**proof.claim, **claim}, witness), engine="blas")
    return "verified" if found.verified else str(found.reason).split(":")[0]


def test_what_is_not_true_is_refused(proof: Certificate) -> None:
    """A centre moved by 1e-8, a radius too large, a curvature that is the gap itself."""
    assert verdict(proof, {}) == "verified"
    centre = [list(row) for row in proof.claim["centre"]]
    centre[3][5] = moved(centre[3][5], 1e-8)
    assert verdict(proof, {"centre": centre}) == "existence"
    radius = proof.claim["uniqueness_radius"]
    assert verdict(proof, {"uniqueness_radius": moved(radius, 0.01)}) == "uniqueness"
    assert verdict(proof, {"curvature": proof.witness["hessian"]["gap"]}) == "curvature"


def test_one_unit_more_is_too_much(proof: Certificate) -> None:
    """There is a largest gap that passes, near the smallest eigenvalue; 2^-50 more does not."""
    mantissa, exponent = proof.witness["hessian"]["gap"].split("p")
    steps = [int(mantissa, 16) << 50 + int(exponent)]
    steps.append(steps[0] * 11 // 10)
    while steps[1] - steps[0] > 1:
        middle = sum(steps) // 2
        steps[verdict(proof, {}, text(normal(middle, -50))) != "verified"] = middle
    assert verdict(proof, {}, text(normal(steps[0], -50))) == "verified"
    assert verdict(proof, {}, text(normal(steps[1], -50))) == "inertia"
    V = gaussian(23, 23, 4)
    assert 0.98 < steps[0] / 2**50 / float(np.linalg.eigvalsh(floats.hessian(V, V))[0]) < 1.0


def test_an_ill_conditioned_plane_climbs_the_ladder() -> None:
    """Two teachers at an angle of 0.03: the smallest eigenvalue is about 1e-6."""
    V = np.array([[1.0, 0.0], [np.cos(0.03), np.sin(0.03)]])
    smallest = float(np.linalg.eigvalsh(floats.hessian(V, V))[0])
    assert 0.5e-6 < smallest < 2e-6
    outcome = certify.prove(V, V)
    assert outcome.name == "proved", outcome
    assert outcome.bits > 53
    assert certify.verify(outcome.certificate).verified
