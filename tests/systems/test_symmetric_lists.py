"""The equations of data/lists.py are the gradient of the loss; the shipped lists say what the documentation says."""

import json
import sys
from importlib import import_module
from math import acos, pi, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from certify.checker import verify_bytes
from certify.landscape import floats
from certify.problem import make_problem
from certify.systems import as_system
from certify.systems.evaluate import FLOATS, evaluate

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "data"))
lists = import_module("lists")

FOLDERS = sorted((ROOT / "proofs" / "systems").glob("fully-symmetric-k*"))


def kernel(c: float) -> float:
    return sqrt(1 - c * c) + (pi - acos(c)) * c


@pytest.mark.parametrize("k", [2, 3, 5, 11])
def test_the_equations_are_the_gradient(k: int) -> None:
    system = as_system(lists.equations(k))
    rng = np.random.default_rng(k)
    for u, b in rng.uniform(-1.5, 1.5, size=(20, 2)):
        W = u * np.eye(k) + b * np.ones((k, k))
        gradient = 2 * pi * floats.gradient(W, make_problem(k, teachers=k, dimension=k).teacher)
        row = gradient[0]
        assert np.allclose(row[1:], row[-1], atol=1e-9)
        values = evaluate(system, [float(u), float(b)], FLOATS, 0).values
        found = [values[o] for o in system.outputs]
        assert found == pytest.approx([row[0] - row[1], row.sum()], abs=1e-8)


def test_bounds_of_the_norm() -> None:
    """Sampled: a point on the ray through any direction is critical along the ray at a length inside the bounds."""
    rng = np.random.default_rng(0)
    for k in (2, 3, 7, 20, 1000):
        for angle in rng.uniform(0, 2 * pi, size=300):
            a, b = np.cos(angle), np.sin(angle) / sqrt(k - 1)
            c = float(np.clip(2 * a * b + (k - 2) * b * b, -1, 1))
            norm = (kernel(a) + (k - 1) * kernel(b)) / (pi + (k - 1) * kernel(c))
            assert 0.048 < norm < 17 / 8
            assert abs(norm * (a - b)) < 49 / 16


@pytest.mark.parametrize("k", [2, 3, 10, 20])
def test_the_continued_equations(k: int) -> None:
    """They agree with the others on their side, and vanish at W = I."""
    rng = np.random.default_rng(k)
    whole = as_system(lists.equations(k))
    for side in (1, -1):
        continued = as_system(lists.equations(k, side))
        for u, b in zip(rng.uniform(0.5, 1.5, 20), side * rng.uniform(0, 0.2, 20), strict=True):
            expected, found = (evaluate(s, [float(u), float(b)], FLOATS, 0).values for s in (whole, continued))
            assert [found[o] for o in continued.outputs] == pytest.approx([expected[o] for o in whole.outputs])
        values = evaluate(continued, [1.0, 0.0], FLOATS, 0).values
        assert [values[o] for o in continued.outputs] == pytest.approx([0, 0], abs=1e-12)


def test_no_other_point_beside_equal_students() -> None:
    """Sampled: the first equation divided by u is negative for 0 < |u| <= |b|/4."""
    rng = np.random.default_rng(5)
    for k in (2, 3, 4, 20, 500):
        system = as_system(lists.equations(k))
        for b, share in zip(
            rng.choice([-1, 1], 50) * rng.uniform(0.01, 2, 50), rng.uniform(-0.25, 0.25, 50), strict=True
        ):
            u = float(share * b)
            values = evaluate(system, [u, float(b)], FLOATS, 0).values
            assert values[system.outputs[0]] / u < 0


def test_the_shipped_lists() -> None:
    assert len(FOLDERS) == 19
    for folder in FOLDERS:
        k = int(folder.name[-2:])
        claim = claim_of(folder)
        assert claim["system"] == as_system(lists.equations(k)).data
        assert claim["region"] == [["-0x31p-4", "0x31p-4"], ["-0x11p-3", "0x11p-3"]]
        assert len(claim["zeros"]) == (k > 2)
        assert not claim["border"]
        around = []
        for side, name in ((1, "above"), (-1, "below")):
            beside = claim_of(folder.parent / f"beside-minimum-k{k:02d}-{name}")
            assert beside["system"] == as_system(lists.equations(k, side)).data
            pairs = zip(map(_float, beside["centre"]), map(_float, beside["uniqueness_radii"]), strict=True)
            around.append(tuple((x - r, x + r) for x, r in pairs))
            assert all(low < x < high for x, (low, high) in zip((1, 0), around[-1], strict=True))
        boxes = [tuple((_float(a), _float(b)) for a, b in box) for box in claim["leftovers"]]
        natures = {lists.nature(box, k, around) for box in boxes}
        assert natures == {"origin", "rank one", "minimum"} | ({"minimum, teachers exchanged"} if k == 2 else set())
        for sign in (1, -1):  # the known points are really in leftover boxes
            b = sign * kernel(sign / sqrt(k)) / (pi * sqrt(k))
            assert any(u0 <= 0 <= u1 and b0 <= b <= b1 for (u0, u1), (b0, b1) in boxes)


def test_a_box_that_is_not_settled_is_noticed() -> None:
    around = [((0.99, 1.01), (-0.01, 0.01)), ((0.99, 1.01), (-0.005, 0.01))]
    for box, told in (
        (((0.995, 1.005), (-0.004, 0.004)), "minimum"),
        (((0.995, 1.005), (-0.006, 0.004)), "unexplained"),
        (((-0.01, 0.1), (0.4, 0.5)), "rank one"),
        (((-0.01, 0.11), (0.4, 0.5)), "unexplained"),
        (((-0.01, 0.01), (-0.1, 0.5)), "unexplained"),
        (((-0.01, 0.01), (-0.01, 0.01)), "origin"),
        (((-0.01, 0.03), (-0.01, 0.02)), "unexplained"),
        (((-1.001, -0.999), (0.999, 1.001)), "unexplained"),
    ):
        assert lists.nature(box, 3, around) == told
    assert lists.nature(((-1.001, -0.999), (0.999, 1.001)), 2, around) == "minimum, teachers exchanged"


def claim_of(folder: Path) -> dict[str, Any]:
    claim: dict[str, Any] = json.loads((folder / "certificate.cert.json").read_bytes())["claim"]
    return claim


def test_the_index_lists_every_size() -> None:
    index = (ROOT / "proofs" / "systems" / "README.md").read_text()
    assert all(f"({folder.name}/statement.txt)" in index for folder in FOLDERS)


def test_one_list_is_verified() -> None:
    verdict = verify_bytes((FOLDERS[-1] / "certificate.cert.json").read_bytes())
    assert verdict.kind == "all-zeros"


def _float(text: str) -> float:
    mantissa, exponent = text.split("p")
    return int(mantissa, 16) * 2.0 ** int(exponent)
