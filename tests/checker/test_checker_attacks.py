"""False claims built on purpose: two critical points in one region, flat directions, garbage witnesses, bad scales."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from make_corpus import canonical, edited, moved, scaled, text
from scipy.optimize import fsolve

from certify.checker import Malformed, Rejected, verify_bytes
from certify.landscape import floats
from certify.problem import make_problem
from certify.proving import prove

ACCEPT = Path(__file__).parent / "accept"
Data = dict[str, Any]


def load(name: str) -> Data:
    data: Data = json.loads((ACCEPT / f"{name}.cert.json").read_bytes())
    return data


def refusal(data: Data) -> str:
    """The step that refuses; fails if nothing does."""
    with pytest.raises((Rejected, Malformed)) as caught:
        verify_bytes(canonical(data))
    return caught.value.step if isinstance(caught.value, Rejected) else "malformed"


def number(value: str) -> float:
    mantissa, exponent = value.split("p")
    return int(mantissa, 16) * 2.0 ** int(exponent)


def centre(data: Data) -> np.ndarray:
    return np.array([[number(x) for x in row] for row in data["claim"]["centre"]])


# ---------------------------------------------------------------------------------------------------------------------
# near-double zeros


FOLD = [[0.8714406, 0.991223, -0.2307777], [0.1905645, 0.05748, 1.3092836]]
WAY = np.array([[0.1, -0.1, 0.6], [0.1, -0.5, 0.4], [1.3, 0.9, -0.7]])


def fold() -> tuple[np.ndarray, float, np.ndarray]:
    """The point, the parameter and the null direction where a minimum and a saddle of teachers I + t WAY merge."""

    def equations(y: np.ndarray) -> np.ndarray:
        W, null, V = y[:6].reshape(2, 3), y[6:12], np.eye(3) + y[12] * WAY
        return np.concatenate((floats.gradient(W, V).ravel(), floats.hessian(W, V) @ null, [null @ null - 1.0]))

    null = np.linalg.eigh(floats.hessian(np.array(FOLD), np.eye(3) + 0.02155369 * WAY))[1][:, 0]
    start = np.concatenate((np.ravel(FOLD), null, [0.02155369]))
    y = fsolve(equations, start, xtol=1e-14, full_output=True)[0]  # no warning at the last digits
    assert np.abs(equations(y)).max() < 1e-12
    return y[:6].reshape(2, 3), float(y[12]), y[6:12].reshape(2, 3)


def newton(W: np.ndarray, V: np.ndarray) -> np.ndarray:
    for _ in range(80):
        step = np.linalg.solve(floats.hessian(W, V), floats.gradient(W, V).ravel()).reshape(W.shape)
        W = W - step * min(1.0, 0.1 / float(np.linalg.norm(step)))
    return W


def two_zeros(distance: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Teachers, a minimum and a saddle about `distance` apart."""
    W, t, null = fold()
    for below in (distance**2 * factor for factor in (0.01, 0.03, 0.1, 0.3)):
        V = np.eye(3) + (t - below) * WAY
        ends = [newton(W + sign * 0.5 * distance * null, V) for sign in (1.0, -1.0)]
        apart = float(np.linalg.norm(ends[0] - ends[1]))
        if 0.3 * distance < apart < 3.0 * distance:
            ends.sort(key=lambda p: indices(p, V))
            assert [indices(p, V) for p in ends] == [0, 1]
            return V, ends[0], ends[1]
    pytest.fail("no pair of zeros at this distance")


def indices(W: np.ndarray, V: np.ndarray) -> int:
    return int((np.linalg.eigvalsh(floats.hessian(W, V)) < 0).sum())


@pytest.mark.parametrize("distance", [1e-1, 1e-2, 1e-3, 1e-4])
def test_two_zeros_close_together(distance: float) -> None:
    V, minimum, saddle = two_zeros(distance)
    apart = float(np.linalg.norm(minimum - saddle, axis=1).max())
    assert apart < 3.0 * distance
    problem = make_problem(2, teacher=V)
    found = 0
    for W in (minimum, saddle, 0.5 * (minimum + saddle)):
        result = prove(W, problem)
        if result.name != "proved":
            continue
        found += 1
        data = json.loads(result.certificate.content)  # type: ignore[union-attr]
        verify_bytes(canonical(data))
        assert number(data["claim"]["uniqueness_radius"]) < apart
        wide = moved("0x0p0", int(apart * 2**60) + 1, -60)
        claim, witness = data["claim"], data["witness"]["hessian"]
        gap = witness["gap"]
        claim.update(uniqueness_radius=wide)  # a region that holds both, whatever gap is claimed
        for shift in (0, 1, 4, 10):
            witness.update(gap=scaled(gap, 1, shift))
            assert refusal(data) in ("uniqueness", "inertia")
            middle = copy.deepcopy(data)  # from there both lie within the error radius
            middle["claim"].update(centre=texts(0.5 * (minimum + saddle)), error_radius=wide)
            assert refusal(middle) in ("uniqueness", "inertia", "existence")
    assert found >= 1


def texts(W: np.ndarray) -> list[list[str]]:
    return [[text(*exact(x)) for x in row] for row in W.tolist()]


def exact(x: float) -> tuple[int, int]:
    numerator, denominator = x.as_integer_ratio()
    return numerator, 1 - denominator.bit_length()


# ---------------------------------------------------------------------------------------------------------------------
# flat directions, scales, moved centres


def forged(students: list[list[float]], teachers: list[list[float]], index: int = 0) -> Data:
    """A certificate with the friendliest numbers possible, and no truth in it."""
    W, V = np.array(students), np.array(teachers)
    vectors = np.linalg.eigh(floats.hessian(W, V))[1]
    directions = [[round(x * 2**20) for x in vectors[:, k].tolist()] for k in range(index)]
    tiny = "0x1p-200"
    return {
        "format": "certify",
        "version": 1,
        "claim": {
            "kind": "saddle" if index else "strict-local-minimum",
            "landscape": "relu-population-loss",
            "students": len(W),
            "teachers": len(V),
            "dimension": W.shape[1],
            "teacher": texts(V),
            "centre": texts(W),
            "uniqueness_radius": tiny,
            "error_radius": tiny,
            "index": index,
            "curvature": "0x1p-400",
            "ambient_index": None,
            "ambient_curvature": None,
            "loss": ["-0x1p9", "0x1p9"],
            "not_global": False,
        },
        "witness": {
            "precision": 640,
            "hessian": {
                "gap": "0x1p-180",
                "factor_bits": 300,
                "directions": directions,
                "weight": (1 << 640) if index else 0,
            },
            "ambient": None,
        },
    }


@pytest.mark.parametrize(
    ("students", "teachers"),
    [
        ([[1.0, 0.0], [0.5, 0.0], [0.0, 1.0]], [[1.5, 0.0], [0.0, 1.0]]),  # one teacher split: a segment of minima
        ([[0.5, 0.0], [0.5, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]]),
        ([[0.25], [0.75]], [[1.0]]),
        ([[1.0], [-2.0], [1.0]], [[2.0], [-2.0]]),
        ([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]], [[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]),
        ([[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 0.5], [0.0, 0.5]]),  # this one is isolated: a true claim
    ],
)
def test_global_minima_with_and_without_flat_directions(
    students: list[list[float]], teachers: list[list[float]]
) -> None:
    """Zero eigenvalues are never confirmed to lie beyond any gap, at any index; isolated minima are."""
    smallest = np.abs(np.linalg.eigvalsh(floats.hessian(np.array(students), np.array(teachers)))).min()
    for index in range(len(students) * len(students[0])):
        data = forged(students, teachers, index)
        if index == 0 and smallest > 1e-6:
            verify_bytes(canonical(data))
        else:
            assert refusal(data) == "inertia"


def test_friendly_forgery_needs_a_critical_point() -> None:
    """At points that are not critical, whatever radii are claimed."""
    r = np.random.default_rng(3)
    for _ in range(30):
        K, M, d = r.integers(1, 4), r.integers(1, 4), r.integers(1, 4)
        W, V = r.normal(size=(K, d)), r.normal(size=(M, d))
        q = int((np.linalg.eigvalsh(floats.hessian(W, V)) < 0).sum())
        for radius in ("0x1p-200", "0x1p-30", "0x1p-8", "0x1p-2"):
            for gap in ("0x1p-180", "0x1p-20", "0x1p-6", "0x1p-3"):
                data = forged(W.tolist(), V.tolist(), q)
                data["claim"].update(uniqueness_radius=radius, error_radius=radius)
                data["witness"]["hessian"]["gap"] = gap
                assert refusal(data) in ("domain", "inertia", "uniqueness", "existence")


@pytest.mark.parametrize("shift", [-1000, -100, -20, 20, 1000, 8000])
def test_scaled_points(shift: int) -> None:
    """Centre and teacher scaled together: a true claim, if radii and loss follow; the old radii are refused."""
    data = load("line-2-2-antiparallel")
    claim = data["claim"]
    for key in ("centre", "teacher"):
        claim[key] = [[scaled(x, 1, shift) for x in row] for row in claim[key]]
    if shift < 0:
        assert refusal(data) in ("domain", "existence", "loss")
    for key in ("uniqueness_radius", "error_radius"):
        claim[key] = scaled(claim[key], 1, shift)
    claim["loss"] = [scaled(x, 1, 2 * shift) if 2 * shift < 8000 else x for x in claim["loss"]]
    data["witness"]["precision"] = 128 + 3 * min(abs(shift), 1000)
    if shift <= 1000:
        verify_bytes(canonical(data))


@pytest.mark.parametrize("name", ["minimum-2-3", "saddle-3-3", "minimum-4-6"])
def test_moved_centres(name: str) -> None:
    """Moved beyond the error radius, in every coordinate and direction: no claim of the old radii survives."""
    data = load(name)
    radius = data["claim"]["error_radius"]
    for i, row in enumerate(data["claim"]["centre"]):
        for a in range(len(row)):
            for factor in (5, -5):
                step = scaled(radius, factor)
                mantissa, exponent = step.split("p")
                changed = copy.deepcopy(data)
                changed["claim"]["centre"][i][a] = moved(row[a], int(mantissa, 16), int(exponent))
                assert refusal(changed) == "existence"


def _directions(value: int) -> Callable[[Data, Data], None]:
    def edit(c: Data, w: Data) -> None:
        size = c["students"] * c["dimension"]
        w["hessian"].update(directions=[[value] * size for _ in range(c["index"])])

    return edit


@pytest.mark.parametrize("value", [0, 1, -1, 1 << 64, -(1 << 64)])
@pytest.mark.parametrize("weight", [0, 1, 1 << 8192])
@pytest.mark.parametrize("name", ["saddle-2-3", "saddle-3-3", "saddle-7-6"])
def test_garbage_directions(name: str, weight: int, value: int) -> None:
    data = edited(load(name), _directions(value))
    data["witness"]["hessian"]["weight"] = weight
    assert refusal(data) == "inertia"


DENSE = sorted(
    path.name.removesuffix(".cert.json")
    for path in ACCEPT.glob("*.cert.json")
    if not any(key in path.read_bytes() for key in (b'"signature"', b'"set_dimension"', b'"tube"'))
)


@pytest.mark.parametrize("name", DENSE)
def test_every_wrong_index(name: str) -> None:
    """Every other index, with the true eigenvectors as directions and weights of all sizes."""
    data = load(name)
    W = centre(data)
    claim = data["claim"]
    claim.pop("basin", None)  # of minima only
    if claim["teacher"] == "orthonormal":
        V = np.eye(claim["teachers"], claim["dimension"])
    else:
        V = np.array([[number(x) for x in row] for row in claim["teacher"]])
    vectors = np.linalg.eigh(floats.hessian(W, V))[1]
    for index in range(min(W.size, 6) + 1):
        if index == claim["index"]:
            continue
        for weight in (0, 1 << 40, 1 << 100):
            changed = copy.deepcopy(data)
            changed["claim"].update(index=index, kind="saddle" if index else "strict-local-minimum")
            directions = [[round(x * 2**20) for x in vectors[:, k].tolist()] for k in range(index)]
            changed["witness"]["hessian"].update(directions=directions, weight=weight)
            assert refusal(changed) == "inertia"


@pytest.mark.parametrize("bits", [32, 33, 40, 48])
def test_few_bits_never_help(bits: int) -> None:
    """With minimal precision everything is refused, or is the claim that more bits verify as well."""
    for name in DENSE:
        data = load(name)
        for part in ("hessian", "ambient"):
            if data["witness"][part]:
                data["witness"][part]["factor_bits"] = bits // 2
        data["witness"]["precision"] = bits
        try:
            verify_bytes(canonical(data))
        except Rejected:
            continue
        verify_bytes(canonical(load(name)))
