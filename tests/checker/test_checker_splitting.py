"""Pivots and splitting matrices: counts against numpy, symmetric points against the same points written out."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from certify.checker import verify_bytes
from certify.checker.intervals import Arithmetic
from certify.checker.landscape import Landscape
from certify.checker.orbits import Geometry
from certify.checker.pivots import negative_count
from certify.checker.reader import read
from certify.checker.splitting import _lifted_rows, splitting_blocks
from certify.landscape import floats

ACCEPT = Path(__file__).parent / "accept"
SIZES = [((4,), (0,)), ((3, 2), (0, 1)), ((2, 3), (1, None)), ((1, 2, 3), (None, 1, 2, 2)), ((2, 2, 1), (1, 0, 0))]


def lower(matrix: np.ndarray) -> list[list[int]]:
    return [[int(x) for x in row[: a + 1]] for a, row in enumerate(matrix.tolist())]


@pytest.mark.parametrize("seed", range(40))
def test_negative_count(seed: int) -> None:
    """Counts are those of numpy wherever there is a clear gap, and no count is given where there is none."""
    r = np.random.default_rng(seed)
    n = int(r.integers(1, 9))
    half = r.integers(-1000, 1000, size=(n, n))
    matrix = half + half.T
    values = np.linalg.eigvalsh(matrix)
    clear = int(np.abs(values).min())
    assert negative_count(lower(matrix), 0, 0) in (None, (values < 0).sum())
    if clear > 4 * n * n:
        assert negative_count(lower(matrix), 0, clear // 4) == (values < 0).sum()
    for error, gap in ((0, clear + 1), (clear + 1, 0)):
        assert negative_count(lower(matrix), error, gap) is None


def test_entry_errors_are_counted_in_full() -> None:
    """With entry errors of s / n the neighbourhood of s I holds a singular matrix."""
    for n in (1, 2, 5):
        assert negative_count([[0] * a + [10**8] for a in range(n)], 10**8 // n, 0) is None
        assert negative_count([[0] * a + [10**8] for a in range(n)], 10**8 // (2 * n), 0) == 0


def test_pivots_that_vanish() -> None:
    assert negative_count([[0], [1 << 40, 0]], 0, 0) is not None  # the shift makes pivots
    assert negative_count([[0]], 0, 0) is None
    assert negative_count([[0], [0, 0]], 0, 0) is None
    assert negative_count([[-4], [4, -4]], 0, 0) is None


def test_large_multipliers_are_harmless() -> None:
    """A tiny first pivot: the count is still right."""
    r = random.Random(1)
    for _ in range(50):
        big, small = r.randint(1 << 60, 1 << 64), r.randint(40, 80)
        count = negative_count([[small], [big, small], [0, 0, -small * 3]], 0, 1)
        assert count == 2


def written_out(sizes, owners, patterns):
    first = np.cumsum([0, *sizes])
    rows, student = [], []
    for owner, (*base, delta) in zip(owners, patterns, strict=True):
        student.append(len(rows))
        for k in range(1 if owner is None else sizes[owner]):
            row = np.repeat(base, sizes)
            if owner is not None:
                row[first[owner] + k] += delta
            rows.append(row)
    return np.array(rows), student


def dyadics(rows):
    fractions = [[Fraction(x) for x in row] for row in np.asarray(rows).tolist()]
    return [[(x.numerator, 1 - x.denominator.bit_length()) for x in row] for row in fractions]


def middle(f, rows):
    size = len(rows)
    return np.array([[sum(rows[max(a, b)][min(a, b)]) / 2 / f.one for b in range(size)] for a in range(size)])


@pytest.mark.parametrize(("sizes", "owners"), SIZES)
@pytest.mark.parametrize("teacher", [(1.0, 0.0), (1.25, 0.5)])
def test_matrices(sizes, owners, teacher) -> None:
    """2 pi S_i + u u^T, whole and by blocks, has the eigenvalues of the dense Hessian's block, and 1 beside."""
    r = np.random.default_rng(sum(sizes) + len(owners))
    patterns = [[*r.normal(size=len(sizes)), 0.0 if o is None else r.normal()] for o in owners]
    W, students = written_out(sizes, owners, patterns)
    m = sum(sizes)
    V = teacher[0] * np.eye(m) + teacher[1]
    f = Arithmetic(128)
    hessian = floats.hessian(W, V)
    geometry = Geometry(sizes, owners, dyadics(patterns), dyadics([teacher])[0], f)
    landscape = Landscape(dyadics(W), dyadics(V), f)
    for a, i in enumerate(students):
        S = 2 * np.pi * (hessian[i * m : (i + 1) * m, i * m : (i + 1) * m] - np.eye(m) / 2)
        unit = W[i] / np.linalg.norm(W[i])
        np.testing.assert_allclose(S @ unit, 0.0, atol=1e-12)
        expected = np.linalg.eigvalsh(S + np.outer(unit, unit))
        np.testing.assert_allclose(
            np.linalg.eigvalsh(middle(f, _lifted_rows(landscape, i, f.one))), expected, atol=1e-12
        )
        found = []
        for count, rows in splitting_blocks(geometry, a, f.one):
            found += [x for x in np.linalg.eigvalsh(middle(f, rows)) for _ in range(count)]
        np.testing.assert_allclose(np.sort(found), expected, atol=1e-12)


@pytest.mark.parametrize("name", ["minimum-4-6", "minimum-flat", "saddle-every-kind", "minimum-more-students"])
def test_split_points_are_as_stated(name: str) -> None:
    """S3: index and nullity of the split networks' own Hessian, in this dimension and in two more."""
    content = (ACCEPT / f"splitting-{name}.cert.json").read_bytes()
    verify_bytes(content)
    c = read(content)
    value = lambda x: float(Fraction(x[0]) * Fraction(2) ** x[1])  # noqa: E731
    centre = [[value(x) for x in row] for row in c.centre]
    if hasattr(c, "owners"):
        W, students = written_out(c.sizes, c.owners, centre)
        V = value(c.teacher[0]) * np.eye(c.dimension) + value(c.teacher[1])
    else:
        W, students, V = np.array(centre), range(c.students), np.array([[value(x) for x in row] for row in c.teacher])
    for extra in (0, 2):
        W_, V_ = (np.pad(x, ((0, 0), (0, extra))) for x in (W, V))
        base = np.linalg.eigvalsh(floats.hessian(W_, V_))
        assert (base < 0).sum() == c.index + extra * (c.ambient_index or 0)
        for split, i in zip(c.splitting, students, strict=True):
            shares = np.array([0.2, 0.3, 0.5])
            point = np.concatenate((W_[:i], shares[:, None] * W_[i], W_[i + 1 :]))
            values = np.linalg.eigvalsh(floats.hessian(point, V_))
            added = split.negative + extra * (split.beside < 0)
            assert (values < -1e-9).sum() == (base < 0).sum() + 2 * added
            assert (np.abs(values) < 1e-9).sum() == 2


def test_a_gap_above_one() -> None:
    """Short students have large splitting matrices: what lifts the zero eigenvalue must lie beyond any gap."""
    import certify

    outcome = certify.prove(np.full((1, 4), 1.2), np.eye(4))
    assert outcome.splits[0].gap > 0.17
    assert certify.verify(outcome.certificate).verified


def test_sentence() -> None:
    text = verify_bytes((ACCEPT / "splitting-minimum-flat.cert.json").read_bytes()).sentence
    assert (
        "student 0 split into n > 1 positive multiples that add up to it gives a point of a Morse-Bott manifold of"
        in text
    )
    assert "dimension n - 1 of local minima that are not strict in R^2 and every larger dimension" in text
    assert text.endswith("; a further student of norm zero has a direction of descent")
    assert "student 1-2 split into n > 1 positive multiples that add up to it gives a saddle of index 1 (n - 1)" in text
    data = json.loads((ACCEPT / "splitting-minimum-flat.cert.json").read_bytes())
    data["claim"].pop("splitting")
    bare = verify_bytes(json.dumps(data, sort_keys=True, separators=(",", ":")).encode() + b"\n").sentence
    assert "split" not in bare
