"""F5: enclosed eigenvalues of a pencil contain the true ones, whatever the witness."""

from __future__ import annotations

import time

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certify.checker.errors import Rejected
from certify.checker.intervals import Arithmetic
from certify.checker.isotypic import Block, enclosures

BITS = 128


def true_eigenvalues(matrix: list[list[mp.mpf]], gram: list[list[int]]) -> list[mp.mpf]:
    size = len(gram)
    full = mp.matrix(size)
    inner = mp.matrix(size)
    for r in range(size):
        for s in range(r + 1):
            full[r, s] = full[s, r] = matrix[r][s]
            inner[r, s] = inner[s, r] = gram[r][s]
    inverse = mp.inverse(mp.cholesky(inner))
    return sorted(mp.eigsy(inverse * full * inverse.T, eigvals_only=True))


def pencil(r: np.random.Generator, size: int, *, spread: float, signs: bool) -> tuple[np.ndarray, list[list[int]]]:
    """A pencil with eigenvalues over `spread` decades, on a Gram matrix of graded integer vectors."""
    while True:
        basis = r.integers(-3, 4, (size, size + 2)) * 10 ** r.integers(0, 6, (size, 1))
        if np.linalg.matrix_rank(basis) == size:
            break
    gram = [[int(x) for x in row] for row in basis @ basis.T]
    values = 10.0 ** r.uniform(-spread, 0.0, size) * (r.choice([-1.0, 1.0], size) if signs else 1.0)
    root = np.linalg.cholesky(np.array(gram, dtype=float))
    turn = np.linalg.qr(r.standard_normal((size, size)))[0]
    return root @ (turn * values) @ turn.T @ root.T, gram


def witness(
    matrix: np.ndarray, gram: list[list[int]], bits: int, noise: float, r: np.random.Generator
) -> list[list[int]]:
    """Vectors close to eigenvectors, in the checker's scaling; noise 0 is the best that doubles give."""
    scale = np.array([2.0 ** -(row[k].bit_length() // 2) for k, row in enumerate(gram)])
    root = np.linalg.cholesky(np.array(gram, dtype=float) * np.outer(scale, scale))
    inverse = np.linalg.inv(root)
    vectors = inverse.T @ np.linalg.eigh(inverse @ (matrix * np.outer(scale, scale)) @ inverse.T)[1]
    vectors = vectors * (1.0 + noise * r.standard_normal(vectors.shape)) + noise * r.standard_normal(vectors.shape)
    return [[int(x) for x in row] for row in np.round(vectors * 2.0**bits)]


def attempt(r: np.random.Generator, size: int, *, spread: float, signs: bool, noise: float, width: int) -> bool:
    """Whether eigenvalues were enclosed; the enclosures are checked against 60 digits."""
    f = Arithmetic(BITS)
    matrix, gram = pencil(r, size, spread=spread, signs=signs)
    bits = int(r.integers(20, 60))
    middle = [[int(mp.floor(mp.ldexp(mp.mpf(matrix[a, b]), BITS))) for b in range(a + 1)] for a in range(size)]
    block = Block(
        1, [[(x - width, x + width) for x in row] for row in middle], [row[: a + 1] for a, row in enumerate(gram)]
    )
    try:
        enclosed = enclosures(block, witness(matrix, gram, bits, noise, r), bits, f)
    except Rejected:
        return False
    with mp.workprec(400):
        for end in (-1, 0, 1):  # members of the interval matrix
            member = [[mp.ldexp(x + end * width, -BITS) for x in row] for row in middle]
            for (low, high), value in zip(enclosed, true_eigenvalues(member, gram), strict=True):
                assert mp.ldexp(low, -BITS) <= value <= mp.ldexp(high, -BITS)
    assert all(low > 0 or high < 0 for low, high in enclosed)
    return True


@given(
    st.integers(0, 2**32), st.integers(1, 6), st.sampled_from([0.0, 3.0, 8.0]),
    st.sampled_from([0.0, 1e-9, 1e-4, 1e-2, 0.1, 1.0]), st.sampled_from([0, 1, 1 << 60, 1 << 100]),
)  # fmt: skip
def test_enclosures_contain(seed: int, size: int, spread: float, noise: float, width: int) -> None:
    attempt(np.random.default_rng(seed), size, spread=spread, signs=seed % 2 == 0, noise=noise, width=width)


def test_good_vectors_are_enough() -> None:
    for seed in range(20):
        assert attempt(np.random.default_rng(seed), 5, spread=3.0, signs=True, noise=0.0, width=1)


@pytest.mark.long
def test_enclosures_contain_many() -> None:
    r = np.random.default_rng(0)
    kept = 0
    for _ in range(4000):
        noise, width = float(10.0 ** r.uniform(-12, 0.3)), 1 << int(r.integers(0, 110))
        kept += attempt(r, int(r.integers(1, 8)), spread=float(r.uniform(0, 9)), signs=True, noise=noise, width=width)
    assert kept > 400


def diagonal(values: list[int], f: Arithmetic, size: int = 0) -> Block:
    n = len(values)
    return Block(1, [[(values[a] * (a == b) << f.bits,) * 2 for b in range(a + 1)] for a in range(n)],
                 [[int(a == b) for b in range(a + 1)] for a in range(n)])  # fmt: skip


def test_order_is_lost_where_the_relative_error_reaches_one() -> None:
    """D = diag(-10, 1/10) and A = diag(10, 3/10) differ by delta = 2 |D|: the second eigenvalue is 10, not near 1/10.
    Intervals so wide must be refused, not returned.  Vectors are the unit vectors; A's entries are wide intervals."""
    f = Arithmetic(64)
    tenth = f.one // 10
    block = Block(1, [[(-30 * f.one, 10 * f.one)], [(0, 0), (-tenth, 3 * tenth)]], [[1], [0, 1]])
    with pytest.raises(Rejected, match="far from eigenvectors"):
        enclosures(block, [[1 << 8, 0], [0, 1 << 8]], 8, f)
    half = Block(1, [[(-3 * f.one, -f.one)], [(0, 0), (tenth, 2 * tenth)]], [[1], [0, 1]])
    (a, b), (c, d) = enclosures(half, [[1 << 8, 0], [0, 1 << 8]], 8, f)
    assert a < -3 * f.one < -f.one < b < 0 < c < tenth < 2 * tenth < d


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        ([[0, 0], [0, 0]], "zero to working precision"),
        ([[256, 256], [0, 0]], "far from orthonormal"),
        ([[256, 0], [0, 1]], "zero to working precision|far from orthonormal"),
        ([[1 << 512, 1], [1, 1 << 512]], "far from orthonormal"),
        ([[200, 0], [0, 256]], "far from orthonormal"),
        ([[181, 181], [181, -181]], "far from eigenvectors"),
        ([[0, 256], [256, 0]], None),  # another order
        ([[-256, 0], [0, 256]], None),
    ],
)
def test_vectors(vectors: list[list[int]], message: str | None) -> None:
    f = Arithmetic(96)
    if message is None:
        (a, b), (c, d) = enclosures(diagonal([-1, 7], f), vectors, 8, f)
        assert a <= -f.one <= b
        assert c <= 7 * f.one <= d
    else:
        with pytest.raises(Rejected, match=message):
            enclosures(diagonal([-1, 7], f), vectors, 8, f)


def test_radii_add_up_whatever_the_signs() -> None:
    """Entries +-1/16 in a turned basis: x^T R y has to be taken with |x| and |y|."""
    f = Arithmetic(96)
    wide = f.one >> 4
    block = Block(1, [[(f.one - wide, f.one + wide)], [(-wide, wide), (2 * f.one - wide, 2 * f.one + wide)]],
                  [[1], [0, 1]])  # fmt: skip
    with mp.workprec(200):
        for vectors in ([[256, 0], [0, 256]], [[255, 23], [-23, 255]], [[255, -23], [23, 255]]):
            (a, b), (c, d) = enclosures(block, vectors, 8, f)
            for signs in ((1, 1, 1), (-1, 1, 1), (1, -1, -1), (-1, -1, -1), (1, 1, -1)):
                one, off, two = (mp.mpf(s) / 16 for s in signs)
                x, y = true_eigenvalues([[1 + one], [off, 2 + two]], [[1], [0, 1]])
                assert mp.ldexp(a, -96) <= x <= mp.ldexp(b, -96)
                assert mp.ldexp(c, -96) <= y <= mp.ldexp(d, -96)


def test_large_blocks_take_cubic_time() -> None:
    """80 rows with the largest vectors the format allows: seconds, where x^T A y entry by entry took minutes."""
    f, size = Arithmetic(255), 80
    vectors = [[(1 << 256) * (r == k) + (r + k) % 7 for k in range(size)] for r in range(size)]
    values = [(k + 1) * (-1) ** k for k in range(size)]
    start = time.process_time()
    found = enclosures(diagonal(values, f), vectors, 256, f)
    assert time.process_time() - start < 15
    for (low, high), value in zip(found, sorted(values), strict=True):
        assert low <= value << f.bits <= high
