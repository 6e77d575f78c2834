"""Splitting matrices S_i = H_ii - I / 2 by blocks, against the dense Hessian."""

import numpy as np
import pytest
from scipy.linalg import eigh

from certify.families.blocks import splitting_blocks
from certify.families.numbers import FLOATS
from certify.families.orbits import Geometry, Pattern
from certify.landscape import floats

SIGNATURES = [
    ((4,), (0,)),
    ((5, 1), (0, None)),
    ((3, 2), (0, 1)),
    ((2, 4), (0, 1)),
    ((4, 2), (0, 1, 1)),
    ((3, 4), (0, None)),
    ((1, 2, 3), (None, 1, 2, None)),
]


def _dense(sizes, owners, patterns):
    first = np.cumsum([0, *sizes])
    rows, student = [], []
    for owner, pattern in zip(owners, patterns, strict=True):
        student.append(len(rows))
        for k in range(1 if owner is None else sizes[owner]):
            row = np.repeat(pattern.base, sizes)
            if owner is not None:
                row[first[owner] + k] += pattern.delta
            rows.append(row)
    return np.array(rows), student


@pytest.mark.parametrize(("sizes", "owners"), SIGNATURES)
@pytest.mark.parametrize("teacher", [(1.0, 0.0), (1.3, 0.2)])
def test_splitting_spectrum(sizes, owners, teacher):
    rng = np.random.default_rng(len(sizes) + sum(sizes))
    patterns = [Pattern(tuple(rng.normal(size=len(sizes))), 0.0 if o is None else rng.normal()) for o in owners]
    W, students = _dense(sizes, owners, patterns)
    m = sum(sizes)
    hessian = floats.hessian(W, teacher[0] * np.eye(m) + teacher[1])
    geometry = Geometry(sizes, owners, patterns, teacher, FLOATS)
    for a, i in enumerate(students):
        block = hessian[i * m : (i + 1) * m, i * m : (i + 1) * m]
        dense = np.linalg.eigvalsh(block) - 0.5
        found = []
        for part in splitting_blocks(geometry, a):
            values = eigh(np.array(part.matrix, float), np.array(part.gram, float), eigvals_only=True)
            found += [value / (2 * np.pi) for value in values for _ in range(part.dimension)]
        assert len(found) == m
        np.testing.assert_allclose(np.sort(found), dense, atol=1e-12)
        assert np.abs(found).min() < 1e-12  # S_i w_i = 0
