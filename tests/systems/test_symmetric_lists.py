"""The equations of data/lists.py are the gradient of the loss; the shipped lists say what the documentation says."""

import json
import sys
from importlib import import_module
from math import acos, pi, sqrt
from pathlib import Path

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


def test_the_shipped_lists() -> None:
    assert len(FOLDERS) == 19
    for folder in FOLDERS:
        k = int(folder.name[-2:])
        claim = json.loads((folder / "certificate.cert.json").read_bytes())["claim"]
        assert claim["system"] == as_system(lists.equations(k)).data
        assert claim["region"] == [["-0x31p-4", "0x31p-4"], ["-0x11p-3", "0x11p-3"]]
        assert len(claim["zeros"]) == (k > 2)
        assert not claim["border"]
        boxes = [tuple((_float(a), _float(b)) for a, b in box) for box in claim["leftovers"]]
        assert all(lists.nature(box, k) != "unexplained" for box in boxes)
        for b in lists.rank_one(k):  # the known points are really in leftover boxes
            assert any(u0 <= 0 <= u1 and b0 <= b <= b1 for (u0, u1), (b0, b1) in boxes)


def test_the_index_lists_every_size() -> None:
    index = (ROOT / "proofs" / "systems" / "README.md").read_text()
    assert all(f"({folder.name}/statement.txt)" in index for folder in FOLDERS)


def test_one_list_is_verified() -> None:
    verdict = verify_bytes((FOLDERS[-1] / "certificate.cert.json").read_bytes())
    assert verdict.kind == "all-zeros"


def _float(text: str) -> float:
    mantissa, exponent = text.split("p")
    return int(mantissa, 16) * 2.0 ** int(exponent)
