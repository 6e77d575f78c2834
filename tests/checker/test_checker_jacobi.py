"""The checker's own eigenvectors are good wherever eigenvalues are not too small: F5 then gives narrow enclosures."""

from __future__ import annotations

import random
from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from test_checker_family_pencils import pencil, true_eigenvalues

from certify.checker.errors import Rejected
from certify.checker.intervals import Arithmetic
from certify.checker.isotypic import Block, eigenvalues
from certify.checker.jacobi import approximate_eigenvectors

Rows = list[list[Fraction]]


def block_of(matrix: Rows, gram: list[list[int]], f: Arithmetic) -> Block:
    """Lower triangles; entries of the matrix as the narrowest intervals."""
    scaled = [[x * f.one for x in row] for row in matrix]
    return Block(1, [[(x.__floor__(), x.__ceil__()) for x in row] for row in scaled], gram)


def congruent(values: list[Fraction], basis: list[list[int]]) -> tuple[Rows, list[list[int]]]:
    """A pencil with the given eigenvalues: basis^T diag(values) basis and basis^T basis."""
    size = range(len(values))
    matrix = [[sum(values[k] * basis[k][r] * basis[k][s] for k in size) for s in range(r + 1)] for r in size]
    return matrix, [[sum(basis[k][r] * basis[k][s] for k in size) for s in range(r + 1)] for r in size]


def unitriangular(size: int, r: random.Random) -> list[list[int]]:
    return [[int(a == b) if a >= b else r.randint(-2, 2) for b in range(size)] for a in range(size)]


SPECTRA: dict[str, list[Fraction]] = {
    "one": [Fraction(7, 3)],
    "one, negative": [Fraction(-1, 2**60)],
    "all equal": [Fraction(1, 3)] * 6,
    "pairs": [Fraction(x, 7) for x in (1, 1, 2, 2, -3, -3)],
    "opposite": [Fraction(x, 7) for x in (1, -1, 2, -2, 3, -3)],
    "a cluster": [1 + Fraction(k, 2**90) for k in range(6)],
    "nearly a cluster": [1 + Fraction(k, 2**30) for k in range(6)],
    "graded": [Fraction((-1) ** k, 2 ** (12 * k)) for k in range(6)],
    "large and small": [Fraction(2**40), Fraction(2**39), Fraction(1, 2**20), Fraction(1, 2**20), Fraction(-1, 2**21)],
    "twelve": [Fraction(k * (-1) ** k, 5) for k in range(1, 13)],
}


@pytest.mark.parametrize("bits", [192, 320])
@pytest.mark.parametrize("name", SPECTRA)
def test_narrow_enclosures(name: str, bits: int) -> None:
    r, f, values = random.Random(name), Arithmetic(bits), SPECTRA[name]
    for basis in (
        unitriangular(len(values), r),
        [[int(a == b) for b in range(len(values))] for a in range(len(values))],
    ):
        matrix, gram = congruent(values, basis)
        found = eigenvalues(block_of(matrix, gram, f), f)
        for (low, high), value in zip(found, sorted(values), strict=True):
            assert low <= value * f.one <= high
            assert (high - low) <= abs(value) * f.one / 2**40


@pytest.mark.parametrize("scale", [1, 2**32, 2**64])
def test_gram_matrices_of_any_scale(scale: int) -> None:
    """Orbit matrices of wide classes: diagonals from 1 to 2^128."""
    f, size = Arithmetic(384), 5
    matrix, gram = congruent([Fraction(x, 3) for x in (1, 2, -3, 4, 5)], unitriangular(size, random.Random(1)))
    weights = [scale**k for k in (2, 1, 0, 1, 2)]
    matrix = [[x * weights[a] * weights[b] for b, x in enumerate(row)] for a, row in enumerate(matrix)]
    gram = [[x * weights[a] * weights[b] for b, x in enumerate(row)] for a, row in enumerate(gram)]
    for (low, high), value in zip(eigenvalues(block_of(matrix, gram, f), f), (-3, 1, 2, 4, 5), strict=True):
        assert low <= Fraction(value, 3) * f.one <= high
        assert high - low <= f.one >> 40


def test_zero_eigenvalues_are_refused() -> None:
    f = Arithmetic(192)
    for values in ([0], [0, 0], [1, 0], [1, 1, 0], [Fraction(1, 2**200), 1]):
        matrix, gram = congruent([Fraction(x) for x in values], unitriangular(len(values), random.Random(2)))
        with pytest.raises(Rejected) as refusal:
            eigenvalues(block_of(matrix, gram, f), f)
        assert refusal.value.step == "spectrum"


def test_a_singular_gram_matrix_is_refused() -> None:
    """None occurs; if one did, nothing could be said."""
    f = Arithmetic(192)
    for gram in ([[0]], [[1], [1, 1]], [[1], [2, 1]]):
        with pytest.raises(Rejected):
            eigenvalues(block_of([[Fraction(1)] * (a + 1) for a in range(len(gram))], gram, f), f)


@pytest.mark.parametrize("bits", [32, 64, 128])
def test_few_bits_lose_proofs_not_truth(bits: int) -> None:
    f, kept = Arithmetic(bits), 0
    for seed in range(60):
        r = np.random.default_rng(seed)
        matrix, gram = pencil(r, int(r.integers(1, 7)), spread=float(r.uniform(0, 6)), signs=True)
        exact = [[Fraction(float(x)) for x in row[: a + 1]] for a, row in enumerate(matrix)]
        lower = [row[: a + 1] for a, row in enumerate(gram)]
        try:
            found = eigenvalues(block_of(exact, lower, f), f)
        except Rejected:
            continue
        kept += 1
        with mp.workprec(500):
            entries = [[mp.mpf(x.numerator) / x.denominator for x in row] for row in exact]
            for (low, high), value in zip(found, true_eigenvalues(entries, lower), strict=True):
                assert mp.ldexp(low, -bits) <= value <= mp.ldexp(high, -bits)
    assert kept >= {32: 0, 64: 20, 128: 60}[bits]


def test_vectors_diagonalise() -> None:
    """Without the judge: what comes out is orthonormal and diagonalises up to a few of the bits."""
    bits, size = 160, 9
    r = np.random.default_rng(3)
    half = r.standard_normal((size, size))
    matrix = [[round(x * 2**bits) for x in row] for row in (half + half.T).tolist()]
    gram = [[(a == b) << bits for b in range(size)] for a in range(size)]
    q = [[Fraction(x, 2**bits) for x in row] for row in approximate_eigenvectors(matrix, gram, bits)]
    full = [[Fraction(x, 2**bits) for x in row] for row in matrix]
    for a, x in enumerate(q):
        image = [sum(c * d for c, d in zip(row, x, strict=True)) for row in full]
        for b, y in enumerate(q):
            assert abs(sum(c * d for c, d in zip(x, y, strict=True)) - (a == b)) < Fraction(1, 2**140)
            if a != b:
                assert abs(sum(c * d for c, d in zip(image, y, strict=True))) < Fraction(1, 2**135)
