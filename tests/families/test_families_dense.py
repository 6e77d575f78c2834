"""Blocks, gradient, loss and norms of symmetric points against the dense matrices they stand for (F2 to F4)."""

from __future__ import annotations

import numpy as np
import pytest
from symmetric_points import block_spectra, dense, random_patterns, random_signature, small_signatures, teacher

from certify.families.blocks import Block, ambient_blocks, hessian_blocks
from certify.families.numbers import FLOATS
from certify.families.orbits import Geometry, Pattern
from certify.landscape import floats

ORTHONORMAL = (1.0, 0.0)
TWO_PI = 2 * np.pi
SIGNATURES = [random_signature(np.random.default_rng(seed)) for seed in range(40)]
NAMED = [
    ((5, 1), (0, 1)),
    ((4,), (0, 0)),  # two student classes follow one coordinate class
    ((3,), (0, 0, None)),
    ((2,), (0, 0)),
    ((2, 2), (0, 1)),  # equal sizes
    ((3, 3), (0, 1)),
    ((2, 3), (0, 0, 1)),
    ((3, 2), (None,)),  # teacher-only classes
    ((4, 3), (1,)),
    ((1, 1, 1), (0, 1, 2)),
    ((1, 4), (0, 0, 1, None)),
    ((5,), (None, None, 0)),
    ((1,), (None,)),
    ((1,), (0,)),
    ((2, 2, 2), (0, 1)),
    ((4, 4), (0, 1)),
]


def geometry(sizes: tuple, owners: tuple, patterns: list, shape: tuple[float, float] = ORTHONORMAL) -> Geometry:
    return Geometry(sizes, owners, [Pattern(tuple(p[:-1]), p[-1]) for p in patterns], shape, FLOATS)


def spectrum(blocks: list[Block]) -> np.ndarray:
    values = []
    for block in blocks:
        gram, matrix = np.array(block.gram, dtype=float), np.array(block.matrix, dtype=float)
        root = np.linalg.inv(np.linalg.cholesky(gram))
        values += np.linalg.eigvalsh(root @ matrix @ root.T).tolist() * block.dimension
    return np.sort(values)


def compare(sizes: tuple, owners: tuple, seed: int, shape: tuple[float, float]) -> None:
    patterns = random_patterns(np.random.default_rng([seed, *sizes]), sizes, owners)
    W, V = np.array(dense(sizes, owners, patterns)), np.array(teacher(sum(sizes), *shape))
    g = geometry(sizes, owners, patterns, shape)
    scale = 1.0 + np.abs(W).max() + 1.0 / np.linalg.norm(W, axis=1).min()
    lost = 1e-6 if len(V) == 1 else 0.0  # parallel rows: sqrt(1 - c^2) has half the digits
    H = TWO_PI * floats.hessian(W, V)
    blocks = list(hessian_blocks(g))
    assert sum(block.dimension * len(block.gram) for block in blocks) == W.size
    assert all(block.dimension >= 1 and block.gram for block in blocks)
    np.testing.assert_allclose(spectrum(blocks), np.linalg.eigvalsh(H), atol=1e-9 * scale**4 + lost)
    for block, (multiplicity, values) in zip(blocks, block_spectra(H, sizes, owners), strict=True):
        assert block.dimension == multiplicity
        np.testing.assert_allclose(spectrum([block._replace(dimension=1)]), values, atol=1e-9 * scale**4 + lost)
    A = TWO_PI * floats.ambient(W, V)
    np.testing.assert_allclose(spectrum(list(ambient_blocks(g))), np.linalg.eigvalsh(A), atol=1e-10 * scale**3 + lost)
    gradient = dense(sizes, owners, [[*p.base, p.delta] for p in g.gradient()])
    np.testing.assert_allclose(np.array(gradient), TWO_PI * floats.gradient(W, V), atol=1e-11 * scale**2 + lost)
    assert g.loss() == pytest.approx(TWO_PI * floats.loss(W, V), abs=1e-11 * scale**2 * W.size + lost)
    lengths = [norm for norm, row in zip(g.norms, g.rows, strict=True) for _ in range(row.count)]
    np.testing.assert_allclose(lengths, np.linalg.norm(np.vstack((W, V)), axis=1), rtol=1e-13)


@pytest.mark.parametrize(("sizes", "owners"), SIGNATURES + NAMED)
@pytest.mark.parametrize("shape", [ORTHONORMAL, (1.3, -0.4), (-0.7, 1.0)])
def test_against_dense(sizes: tuple, owners: tuple, shape: tuple[float, float]) -> None:
    compare(sizes, owners, 7, shape)


def test_every_small_signature() -> None:
    found = list(small_signatures(3, 2))
    assert len(found) > 100
    for sizes, owners in found:
        compare(sizes, owners, 1, (1.0, 0.25))


@pytest.mark.long
def test_every_signature_up_to_five() -> None:
    for sizes, owners in small_signatures(5, 3):
        compare(sizes, owners, 2, (1.0, -0.3))


def test_degenerate_points() -> None:
    """Students equal or opposite to teachers: sines vanish, and the quotients with them."""
    for sizes, owners, patterns in (
        ((3,), (0,), [[0.0, 1.0]]),
        ((2, 1), (0, 1), [[0.0, 0.0, -2.0], [0.0, 0.0, 0.5]]),
        ((4,), (0, 0), [[0.0, 0.5], [0.0, 0.25]]),
        ((2, 2), (0, 1), [[0.0, 0.0, 1.0], [0.0, 0.0, -1.0]]),
    ):
        W, V = np.array(dense(sizes, owners, patterns)), np.eye(sum(sizes))
        expected = np.linalg.eigvalsh(TWO_PI * floats.hessian(W, V))
        blocks = list(hessian_blocks(geometry(sizes, owners, patterns)))
        np.testing.assert_allclose(spectrum(blocks), expected, atol=1e-7)
