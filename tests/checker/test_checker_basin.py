"""Basins: the bound of the third derivative against worst directions, the claim against edits, rates."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import certify
from certify.checker import basin as checker_basin
from certify.checker.basin import dense_students, family_students, third_derivative
from certify.checker.errors import Malformed, Rejected
from certify.checker.intervals import Arithmetic
from certify.checker.landscape import Landscape
from certify.checker.orbits import Geometry
from certify.checker.reader import canonical
from certify.checker.theorem import verify_bytes
from certify.landscape import floats, third
from certify.search.newton import polish

Data = dict[str, Any]
TURNED = 0.9969227988, -0.0350801559, 0.2616910758, 0.1859910463, -0.6327039049
BITS = 96


def turned() -> np.ndarray:
    """The spurious minimum of K = M = 7 (docs/published-claims.md, A15), roughly."""
    diagonal, off, column, row, corner = TURNED
    W = np.full((7, 7), off) + (diagonal - off) * np.eye(7)
    W[:, 6], W[6, :], W[6, 6] = column, row, corner
    return W


def exact(rows: np.ndarray) -> list[list[tuple[int, int]]]:
    return [[(int(x * 2.0**60), -60) for x in row] for row in rows.tolist()]


def bound(W: np.ndarray, V: np.ndarray, radius: float) -> float:
    f = Arithmetic(BITS)
    landscape = Landscape(exact(W), exact(V), f)
    units = V / np.linalg.norm(V, axis=1)[:, None]
    teachers = int(float(np.abs(units @ units.T).sum(axis=1).max()) * 2.0**BITS) + 1
    value = third_derivative(dense_students(landscape), teachers, int(radius * 2.0**BITS), f)
    return value / 2.0**BITS / (2.0 * np.pi)


def steepest(W: np.ndarray, V: np.ndarray, generator: np.random.Generator) -> float:
    """A large |D^3 L[e, e, e]| at W, by the power method on central differences of Hessians."""
    e, best, h = generator.standard_normal(W.shape), 0.0, 1e-5
    for _ in range(25):
        e /= np.linalg.norm(e)
        change = (floats.hessian(W + h * e, V) - floats.hessian(W - h * e, V)) / (2.0 * h)
        slope = change @ e.ravel()
        best = max(best, abs(float(slope @ e.ravel())))
        e = slope.reshape(W.shape) + 2.0 * best * e  # shifted: without, the method may swing
    return best


@pytest.mark.parametrize("case", ["turned", "identity", "more", "plane", "fewer", "teachers", "short", "single"])
def test_third_derivative_is_bounded(case: str) -> None:
    generator = np.random.default_rng(3)
    V = np.eye(4)
    if case == "turned":
        W, V = turned(), np.eye(7)
    elif case == "identity":
        W = np.eye(4) + 1e-3 * generator.standard_normal((4, 4))
    elif case == "more":
        W = generator.standard_normal((6, 4))
    elif case == "plane":
        W, V = generator.standard_normal((5, 2)), generator.standard_normal((3, 2))
    elif case == "fewer":
        W = generator.standard_normal((2, 4))
    elif case == "teachers":
        W, V = generator.standard_normal((4, 4)), generator.standard_normal((5, 4)) * [[1], [3], [0.2], [1], [1]]
    elif case == "short":
        W = generator.standard_normal((4, 4)) * np.array([[0.1], [1.0], [2.0], [0.3]])
    else:
        W, V = generator.standard_normal((1, 3)), generator.standard_normal((2, 3))
    radius = 0.2 * float(np.linalg.norm(W, axis=1).min())
    limit = bound(W, V, radius)
    for distance in (0.0, 0.5, 1.0):
        for _ in range(3):
            shift = generator.standard_normal(W.shape)
            point = W + distance * radius * shift / np.linalg.norm(shift)
            for width in (0, 2):  # the constants hold in further dimensions
                padded = [np.pad(x, ((0, 0), (0, width))) for x in (point, V)]
                assert steepest(padded[0], padded[1], generator) <= limit


def test_third_derivative_grows_with_the_radius_and_is_not_far_off() -> None:
    W, V = turned(), np.eye(7)
    values = [bound(W, V, radius) for radius in (0.001, 0.01, 0.05, 0.1)]
    assert values == sorted(values)
    assert values[0] < 6.0 * steepest(W, V, np.random.default_rng(0))


def test_guess_agrees_with_the_checker() -> None:
    W, V = turned(), np.eye(7)
    for radius in (0.001, 0.02, 0.3):
        views = third.dense_others(floats.pairs(W, V))
        assert third.third_derivative(views, 1.0, radius) == pytest.approx(bound(W, V, radius), rel=1e-9)
    assert third.third_derivative(views, 1.0, 5.0) == np.inf


def test_classes_agree_with_rows() -> None:
    """The same point by classes and by rows."""
    f = Arithmetic(BITS)
    diagonal, off, column, row, corner = TURNED
    patterns = [[off, column, diagonal - off], [row, corner, 0.0]]
    geometry = Geometry([6, 1], [0, 1], exact(np.array(patterns)), ((1, 0), (0, 0)), f)
    landscape = Landscape(exact(turned()), exact(np.eye(7)), f)
    radius = f.one >> 6
    by_class, by_row = (
        third_derivative(x, f.one, radius, f) for x in (family_students(geometry), dense_students(landscape))
    )
    assert by_class == pytest.approx(by_row, rel=1e-14)


@pytest.fixture(scope="module", params=[True, False], ids=["symmetric", "full"])
def proved(request: pytest.FixtureRequest) -> Any:
    outcome = certify.prove(turned(), symmetric=request.param, basin=True)
    assert outcome.name == "proved"
    return outcome


def test_claims_a_basin(proved: Any) -> None:
    verdict = certify.verify(proved.certificate)
    assert verdict.verified, verdict.reason
    assert "gradient flow, and gradient descent with any constant step of at most" in verdict.sentence
    assert proved.basin.radius > 5.0 * proved.uniqueness_radius  # what B1 and the mean of the Hessian bring


def edited(proved: Any, **changes: str) -> bytes:
    data: Data = copy.deepcopy({"format": "certify", "version": 1, "claim": proved.certificate.claim,
                                "witness": proved.certificate.witness})  # fmt: skip
    data["claim"]["basin"].update(changes)
    return canonical(data)


def test_figures_of_the_sentence_are_rounded_down(proved: Any) -> None:
    told = certify.verify(proved.certificate).sentence
    step, radius, rate, factor = (
        float(re.search(f"{words} ([0-9.e-]+)", told)[1])  # type: ignore[index]
        for words in ("constant step of at most", "any start within", "flow at a rate of at least", "at most 1 -")
    )
    assert 0.99 * proved.basin.step < step <= proved.basin.step
    assert 0.99 * proved.basin.radius < radius <= proved.basin.radius
    assert 0.99 * proved.basin.rate < rate == factor <= proved.basin.rate


def text(x: float) -> str:
    mantissa, exponent = float(x).as_integer_ratio()
    shift = (mantissa & -mantissa).bit_length() - 1
    return f"{mantissa >> shift:#x}p{shift - exponent.bit_length() + 1}"


@pytest.mark.parametrize("name", ["radius", "rate", "step"])
def test_refuses_more_than_was_proved(proved: Any, name: str) -> None:
    """Every figure of the claim is within a few percent of what the checker accepts."""
    value = getattr(proved.basin, name)
    verify_bytes(edited(proved, **{name: text(value / 2.0)}))
    with pytest.raises(Rejected, match="basin"):
        verify_bytes(edited(proved, **{name: text(value * (1.25 if name != "rate" else 1.5))}))


@pytest.mark.parametrize("radius", [1.0, 2.0, 1e300])
def test_refuses_a_ball_with_vanishing_rows(proved: Any, radius: float) -> None:
    with pytest.raises(Rejected, match="basin"):
        verify_bytes(edited(proved, radius=text(radius)))


def test_refuses_malformed_basins(proved: Any) -> None:
    for changes in ({"radius": "0x0p0"}, {"rate": "-0x1p-9"}, {"step": 1}, {"more": "0x1p0"}):
        with pytest.raises(Malformed):
            verify_bytes(edited(proved, **changes))


@pytest.mark.parametrize("index", [0, 1])
def test_refuses_a_basin_of_a_saddle(index: int) -> None:
    data: Data = json.loads((Path(__file__).parent / "accept" / "splitting-saddle-2-3.cert.json").read_text())
    data["claim"]["basin"] = {"radius": "0x1p-20", "rate": "0x1p-20", "step": "0x1p-20"}
    assert data["claim"]["index"] > 0
    data["claim"]["ambient_index"] = index
    with pytest.raises(Malformed, match="basin"):
        verify_bytes(canonical(data))


def test_the_motion_of_the_rows_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the rows' motion (B1 ii) the bound at the centre would be claimed for the whole ball."""
    W, V = turned(), np.eye(7)
    whole = bound(W, V, 0.2)
    monkeypatch.setattr(checker_basin, "_moved", lambda other, *_: other)
    assert bound(W, V, 0.2) < whole


def test_flow_and_descent_contract(proved: Any) -> None:
    """From random starts on the claimed sphere, in one more dimension: the claimed rates hold (W* up to its error)."""
    generator = np.random.default_rng(5)
    centre = np.pad(polish(turned(), np.eye(7), 1e-15), ((0, 0), (0, 1)))
    V, basin = np.eye(7, 8), proved.basin
    for _ in range(20):
        e = generator.standard_normal(centre.shape)
        e *= basin.radius / np.linalg.norm(e)
        gradient = floats.gradient(centre + e, V)
        assert np.vdot(gradient, e) >= basin.rate * basin.radius**2
        after = np.linalg.norm(e - basin.step * gradient)
        assert after <= (1.0 - basin.step * basin.rate) * basin.radius
