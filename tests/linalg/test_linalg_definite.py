"""Never True for a matrix that is not; True where it should be; in every rounding mode, with threads, with NaN."""

import os
import subprocess
import sys
from contextlib import nullcontext
from fractions import Fraction
from functools import cache
from math import isqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rounding_modes import AVAILABLE, NAMES, rounding
from scipy.linalg.blas import dsyrk

from certify.linalg import definite
from certify.linalg.definite import Method, Symmetric, Whole, certainly_has_inertia, certainly_positive_definite

MODES = NAMES if AVAILABLE else ("nearest",)
METHODS: tuple[Method, Method] = ("exact", "a-priori")


def in_mode(mode: str, matrix: np.ndarray, shift: float, method: Method = "exact") -> bool:
    with rounding(mode) if AVAILABLE else nullcontext():
        return certainly_positive_definite(matrix, shift, method)


def is_positive_definite(matrix: list[list[Fraction]]) -> bool:
    """Exact elimination."""
    rows = [list(row) for row in matrix]
    for k, pivot in enumerate(rows):
        if pivot[k] <= 0:
            return False
        for row in rows[k + 1 :]:
            factor = row[k] / pivot[k]
            for j in range(k, len(rows)):
                row[j] -= factor * pivot[j]
    return True


def exceeds(matrix: np.ndarray, shift: float) -> bool:
    """Every eigenvalue of the lower triangle's symmetric matrix > shift, exactly."""
    n = len(matrix)
    low = matrix.tolist()
    rows = [
        [Fraction(low[max(a, b)][min(a, b)]) - (Fraction(shift) if a == b else 0) for b in range(n)] for a in range(n)
    ]
    return is_positive_definite(rows)


@pytest.mark.parametrize("mode", MODES)
def test_exact_products_at_the_limit(mode: str) -> None:
    """Columns just shorter than 2^26.5: BLAS agrees with Python integers."""
    generator = np.random.default_rng(1)
    for n in (1, 2, 3, 7, 16, 33, 50):
        for pattern in range(4):
            limit = int(2**26.49 / n**0.5)
            Z = generator.integers(-limit, limit + 1, (n, n))
            if pattern == 1:
                Z = np.full((n, n), limit)
            elif pattern == 2:
                Z = limit * generator.choice([-1, 1], (n, n)) - generator.integers(0, 2, (n, n))
            elif pattern == 3:
                Z = np.diag(np.full(n, int(2**26.49))) + np.triu(generator.integers(-1, 2, (n, n)), 1)
            expected = [
                [sum(int(a) * int(b) for a, b in zip(Z[:, i], Z[:, j], strict=True)) for j in range(n)]
                for i in range(n)
            ]
            if max(expected[i][i] for i in range(n)) >= 2**53:
                continue
            factor = np.asfortranarray(Z.astype(float))
            if AVAILABLE:
                with rounding(mode):
                    gram = dsyrk(1.0, factor, trans=1, lower=0)
            else:
                gram = dsyrk(1.0, factor, trans=1, lower=0)
            assert all(int(gram[i, j]) == expected[i][j] for i in range(n) for j in range(i, n))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scale", [2.0**-150, 1.0, 2.0**150])
def test_never_true_when_the_smallest_eigenvalue_is_not_above(mode: str, scale: float, method: Method) -> None:
    """H = B^T B + shift exactly, B integer and singular: the smallest eigenvalue equals the shift."""
    generator = np.random.default_rng(2)
    for n in (1, 2, 3, 5, 8, 13, 24):
        for _ in range(12):
            B = generator.integers(-(2**12), 2**12, (n, n)).astype(float)
            B[:, -1] = B[:, :-1] @ generator.integers(-1, 2, n - 1) if n > 1 else 0.0
            gram = B.T @ B  # integers below 2^53, exact
            shift = float(generator.choice([0.0, 1.0, -1.0, 3.0, 2.0**20, -(2.0**20)]))
            H = (gram + shift * np.eye(n)) * scale
            assert not in_mode(mode, H, shift * scale, method)
            assert not in_mode(mode, H, np.nextafter(shift * scale, np.inf), method)
            for below in (2.0**-60, 2.0**-45, 2.0**-36):
                moved = shift * scale - below * scale * max(1.0, np.abs(gram).max())
                if in_mode(mode, H, moved, method):
                    assert exceeds(H, moved)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("mode", MODES)
def test_true_where_there_is_room(mode: str, method: Method) -> None:
    generator = np.random.default_rng(3)
    for n in (1, 2, 5, 20, 60, 200):
        A = generator.standard_normal((n, n))
        H = A @ A.T / n + 0.1 * np.eye(n)
        smallest = float(np.linalg.eigvalsh(H)[0])
        assert in_mode(mode, H, 0.97 * smallest, method)
        assert not in_mode(mode, H, 1.0000001 * smallest, method)
        assert in_mode(mode, H, -1.0, method)


@given(
    st.integers(1, 5).flatmap(
        lambda n: st.lists(st.lists(st.integers(-9, 9), min_size=n, max_size=n), min_size=n, max_size=n)
    ),
    st.integers(-40, 40),
    st.integers(-180, 180),
)
def test_small_integers_exactly(entries: list[list[int]], shift: int, exponent: int) -> None:
    matrix = np.array(entries, dtype=float)
    matrix = np.ldexp(matrix + matrix.T, exponent)
    level = float(np.ldexp(float(shift), exponent))
    proven = certainly_positive_definite(matrix, level)
    if proven:
        assert exceeds(matrix, level)
    elif matrix.diagonal().max() > 0.0 and np.linalg.eigvalsh(matrix)[0] > level + 1e-5 * max(
        np.abs(matrix).max(), abs(level)
    ):
        assert not 2.0**-190 < np.abs(matrix).max() < 2.0**190


def test_only_the_lower_triangle_is_read() -> None:
    matrix = np.array([[2.0, np.nan], [1.0, 2.0]])
    assert certainly_positive_definite(matrix, 0.9)
    assert not certainly_positive_definite(matrix.T.copy(), 0.9)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e308, -1e308])
@pytest.mark.parametrize("n", [1, 2, 5])
@pytest.mark.parametrize("method", METHODS)
def test_what_is_not_finite_is_never_definite(bad: float, n: int, method: Method) -> None:
    for a in range(n):
        for b in range(a + 1):
            matrix = 2.0 * np.eye(n)
            matrix[a, b] = bad
            with np.errstate(all="ignore"):
                assert not certainly_positive_definite(matrix, 0.5, method)
                assert not certainly_has_inertia(matrix, 0.0, 0.5, np.zeros((0, n)), 0.0, method=method)
                assert not certainly_has_inertia(matrix, 0.0, 0.5, np.eye(1, n), 4.0, method=method)
    for shift in (np.nan, np.inf, -np.inf):
        assert not certainly_positive_definite(np.eye(n), shift, method)


@pytest.mark.parametrize("scale", [5e-324, 1e-310, 1e-200, 1e-160, 1e-155, 1e-140, 1e-100, 1e100, 1e150, 1e200, 1e308])
def test_numbers_whose_squares_vanish_or_overflow(scale: float) -> None:
    """With entries near 1e-160 the residual's squares are zero: once a bound of zero."""
    generator = np.random.default_rng(4)
    with np.errstate(all="ignore"):
        for _ in range(20):
            B = generator.integers(-3, 4, (3, 4)).astype(float)
            matrix = (B.T @ B) * scale  # singular, and exact for scales that are not subnormal
            assert not certainly_positive_definite(matrix, 0.0) or exceeds(matrix, 0.0)
        assert not certainly_positive_definite(np.eye(2) * scale, scale)
        assert not certainly_positive_definite(np.eye(2) * scale, 1e308)
        assert not certainly_positive_definite(np.eye(2) * 1e308, -scale) or scale < 0


def test_empty_and_negative() -> None:
    assert not certainly_positive_definite(np.zeros((0, 0)), 0.0)
    assert not certainly_positive_definite(np.zeros((3, 3)), 0.0)
    assert not certainly_positive_definite(-np.eye(3), -2.0)  # true, but nothing is claimed without a positive diagonal
    assert certainly_positive_definite(np.array([[1e-3]]), 0.9e-3)
    assert not certainly_positive_definite(np.array([[1e-3]]), 1e-3)


def eigenbasis(matrix: np.ndarray) -> tuple[np.ndarray, float]:
    values, vectors = np.linalg.eigh(matrix)
    directions = np.rint(vectors[:, values < 0].T * 2**20)
    return directions, 4.0 * float(np.abs(values).max()) * 4.0**-20


@pytest.mark.parametrize("mode", MODES)
def test_inertia_of_random_matrices(mode: str) -> None:
    generator = np.random.default_rng(5)
    for n in (1, 2, 4, 9, 20):
        for _ in range(6):
            Q = np.linalg.qr(generator.standard_normal((n, n)))[0]
            values = generator.uniform(0.2, 2.0, n) * generator.choice([-1.0, 1.0], n)
            matrix = Q @ np.diag(values) @ Q.T
            matrix = (matrix + matrix.T) / 2
            smallest = np.abs(np.linalg.eigvalsh(matrix)).min()
            directions, weight = eigenbasis(matrix)
            proven = []
            for gap in (0.9, 1.0000001):
                for error in (0.0, 0.2):
                    if AVAILABLE:
                        with rounding(mode):
                            proven.append(
                                certainly_has_inertia(matrix, error * smallest, gap * smallest, directions, weight)
                            )
                    else:
                        proven.append(
                            certainly_has_inertia(matrix, error * smallest, gap * smallest, directions, weight)
                        )
            assert proven == [True, False, False, False]
            if len(directions):  # one negative direction too few, and one too many
                assert not certainly_has_inertia(matrix, 0.0, 0.1 * smallest, directions[1:], weight)
            more = np.vstack((directions, 2.0**20 * np.eye(1, n)))
            assert not certainly_has_inertia(matrix, 0.0, 0.1 * smallest, more, weight)


def test_inertia_refuses_senseless_arguments() -> None:
    H, U = np.diag([-1.0, 1.0]), np.array([[1.0, 0.0]])
    assert certainly_has_inertia(H, 0.0, 0.5, U, 4.0)
    for error, gap, weight in ((-1e-9, 0.5, 4.0), (0.0, 0.0, 4.0), (0.0, -0.5, 4.0), (0.0, 0.5, -1.0)):
        assert not certainly_has_inertia(H, error, gap, U, weight)
    for error, gap, weight in ((np.nan, 0.5, 4.0), (0.0, np.nan, 4.0), (0.0, 0.5, np.nan), (np.inf, 0.5, 4.0)):
        with np.errstate(all="ignore"):
            assert not certainly_has_inertia(H, error, gap, U, weight)
    assert not certainly_has_inertia(H, 0.0, 0.5, np.zeros((1, 2)), 4.0)
    assert not certainly_has_inertia(H, 0.0, 0.5, np.array([[0.0, 1.0]]), 4.0)


@cache
def factor_at_the_limit(n: int, pattern: str) -> np.ndarray:
    """Upper triangular integers whose columns' squares sum to just less than 2^52.99."""
    generator = np.random.default_rng(n)
    ends = {"random": lambda limit: int(generator.integers(-limit, limit + 1)),
            "equal": lambda limit: limit,
            "signs": lambda limit: limit * int(generator.choice([-1, 1])) - int(generator.integers(0, 2)) * (limit > 1),
            "odd": lambda limit: (limit - 1) | 1}  # fmt: skip
    Z = np.zeros((n, n), dtype=np.int64)
    for j in range(n):
        left = int(2**52.989)
        for i in range(j + 1):
            limit = isqrt(left // (j + 1 - i))
            Z[i, j] = isqrt(left) if i == j and pattern != "random" else ends[pattern](limit)
            left -= int(Z[i, j]) ** 2
        assert left >= 0
    return Z


@pytest.mark.parametrize("pattern", ["random", "equal", "signs", "odd"])
@pytest.mark.parametrize("mode", MODES)
def test_residuals_at_the_limit(mode: str, pattern: str) -> None:
    """Through the tiles: no residual for the exact product, one unit where one entry differs by one, none too long."""
    generator = np.random.default_rng(8)
    for n in (1, 2, 5, 127, 128, 129, 160):
        Z = factor_at_the_limit(n, pattern).copy()
        product = Z.T @ Z  # int64: every partial sum is below 2^53
        entry = int(generator.integers(n)), int(generator.integers(n))
        for change, too_long in ((0, False), (1, False), (0, True)):
            matrix = product.astype(float)
            matrix[max(entry), min(entry)] += float(change)
            Z[0, n - 1] += (1 << 27) * too_long
            factor = Z + (0.4 if mode == "nearest" else 0.0) * generator.uniform(-1.0, 1.0, Z.shape)  # to be rounded
            question = Symmetric(np.tril(matrix) + np.triu(factor, 1))
            question.array.flat[:: n + 1] = factor.diagonal()
            with rounding(mode) if AVAILABLE else nullcontext():
                norm = question._residual_norm(0.0, 1.0)
            expected = np.inf if too_long else change * (1.0 if entry[0] == entry[1] else 2.0**0.5)
            assert norm == pytest.approx(expected, rel=1e-15, abs=0.0)
            assert (np.tril(question.array, -1) == np.tril(matrix, -1)).all()


@pytest.mark.parametrize("pattern", ["random", "equal", "signs", "odd"])
@pytest.mark.parametrize("mode", MODES)
def test_residuals_at_the_limit_without_tiles(monkeypatch: pytest.MonkeyPatch, mode: str, pattern: str) -> None:
    """The same where the residual tells how long the columns are: a factor just too long is none, whatever is left."""
    generator = np.random.default_rng(13)
    for n in (1, 2, 5, 36, 128):
        Z = factor_at_the_limit(n, pattern)
        matrix = (Z.T @ Z).astype(float)
        for i, j, change, longer in ((0, 0, 0, 0), (0, n - 1, 1, 0), (n - 1, 0, 1, 0), (0, 0, 0, 1 << 27)):
            moved, factor = matrix.copy(), Z.astype(float)
            moved[i, j] += float(change)
            factor[0, n - 1] += float(longer)
            factor += (0.4 if mode == "nearest" else 0.0) * generator.uniform(-1.0, 1.0, Z.shape)  # to be rounded
            monkeypatch.setattr(definite, "dpotrf", lambda a, factor=factor, **k: (np.triu(factor).T, 0))
            with rounding(mode) if AVAILABLE else nullcontext():
                question = Whole(moved)
                assert question._factorise(0.0)
                norm = question._residual_norm(0.0, 1.0)
            assert norm == pytest.approx(np.inf if longer else float(change), rel=1e-15, abs=0.0)
    long = np.array([[2.0**26.6]])  # its square is what it should be, but no longer below 2^53
    monkeypatch.setattr(definite, "dpotrf", lambda a, **k: (np.rint(long), 0))
    question = Whole(np.rint(long) ** 2)
    assert question._factorise(0.0)
    assert question._residual_norm(0.0, 1.0) == np.inf


def test_lifting_a_matrix_is_rounding_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked about M + weight U^T U allows for the sizes of both, at (2n + 10) U each."""
    asked: list[float] = []
    monkeypatch.setattr(Symmetric, "certainly_exceeds", lambda self, shift, method: bool(asked.append(shift)) or True)
    n, error, gap, weight = 30, 2.0**-60, 0.25, 3.0
    directions = np.eye(2, n) * 2.0**10
    certainly_has_inertia(np.diag([-1.0] * 2 + [1.0] * (n - 2)), error, gap, directions, weight)
    allowance = Fraction(2 * n + 10, 2**52) * (Fraction(3) * 2 * 2**20 + 5)  # |M|_F is more than 5
    assert Fraction(asked[-1]) >= Fraction(gap) + Fraction(error) + allowance
    assert Fraction(asked[-1]) < Fraction(gap) + 2 * allowance
    size = Fraction(2 * 2**20)  # of U, squared: the compressed matrix and its error
    assert Fraction(asked[0]) >= size * (Fraction(error) + Fraction(2 * n + 10, 2**52) * (5 + Fraction(gap)))


THREADS = """
import numpy as np
from certify.linalg.definite import certainly_positive_definite
g = np.random.default_rng(7)
for method in ("exact", "a-priori"):
    for n in (100, 257):
        B = g.integers(-8, 9, (n - 1, n)).astype(float)
        H = B.T @ B  # singular, exactly
        assert not certainly_positive_definite(H, 0.0, method)
        assert not certainly_positive_definite(H + 5.0 * np.eye(n), 5.0, method)
        assert not certainly_positive_definite(H + 5.0 * np.eye(n), np.nextafter(5.0, 6.0), method)
        assert certainly_positive_definite(H + 5.0 * np.eye(n), 4.9, method)
print("done")
"""


@pytest.mark.parametrize("threads", ["1", "2"])
def test_with_blas_threads(threads: str) -> None:
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": threads, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", THREADS], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.strip() == "done", done.stderr


def test_asking_twice_and_across_tiles() -> None:
    """The upper triangle is working space, the lower one stays; sizes around the tile's."""
    generator = np.random.default_rng(11)
    for n in (1, 127, 128, 129, 300):
        A = generator.standard_normal((n, n + 5))
        H = A @ A.T / n
        smallest = float(np.linalg.eigvalsh(H)[0])
        for kind in (Symmetric, Whole):
            question = kind(H.copy())
            for method in METHODS:
                for share in (0.5, 1.001, 0.9, 2.0, 0.1):
                    assert question.certainly_exceeds(share * smallest, method) is (share < 1.0)
                assert (np.tril(question.array, -1) == np.tril(H, -1)).all()


def test_a_factor_in_other_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """LAPACK's wrapper may copy: the result is then taken from the copy."""
    original = definite.dpotrf
    monkeypatch.setattr(definite, "dpotrf", lambda a, **k: original(a.copy(order="F"), **{**k, "overwrite_a": 0}))
    for kind in (Symmetric, Whole):
        for shift in (0.99, 1.01):
            assert kind(np.array([[2.0, 1.0], [1.0, 2.0]])).certainly_exceeds(shift, "exact") is (shift < 1.0)


def test_the_bound_beforehand_covers_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """R^T R against the matrix in exact arithmetic, for ill-conditioned matrices too; and U a thousandth is caught."""
    generator = np.random.default_rng(12)
    worst = 0.0
    for n in (3, 10, 30):
        for power in (0, 8, 14):
            Q = np.linalg.qr(generator.standard_normal((n, n)))[0]
            H = Q @ np.diag(np.logspace(0, -power, n)) @ Q.T
            H = (H + H.T) / 2
            question = Symmetric(H.copy())
            if not question.certainly_exceeds(-1e-13 * n * n, "a-priori"):
                continue
            R = np.triu(question.array)
            shift = -1e-13 * n * n + ((2.0 * n + 16.0) * n + 16.0) * definite.U * (H.diagonal().max() + 1e-13 * n * n)
            exact = [[sum(Fraction(R[k, i]) * Fraction(R[k, j]) for k in range(n)) for j in range(n)] for i in range(n)]
            size = sum(
                float(Fraction(H[max(i, j), min(i, j)]) - (Fraction(shift) if i == j else 0) - exact[i][j]) ** 2
                for i in range(n) for j in range(n)
            ) ** 0.5  # fmt: skip
            worst = max(worst, size / (2.0 * n * (n + 8) * definite.U * H.diagonal().max()))
    assert 1e-5 < worst < 0.5


def test_the_tests_notice_a_residual_that_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the residual's norm any factor of any matrix would do; with it, none does."""
    original = definite.dpotrf
    monkeypatch.setattr(definite, "dpotrf", lambda a, **k: (original(a + 0.25 * np.eye(len(a)), **k)[0], 0))
    singular = np.array([[1.0, 1.0], [1.0, 1.0]])
    assert not certainly_positive_definite(singular, 0.0)
    monkeypatch.setattr(definite, "_sum_of_squares", lambda vector: 0.0)
    assert certainly_positive_definite(singular, 0.0)


def test_a_single_number_needs_no_luck() -> None:
    """Once the slack was smaller than the rounding of a 1 x 1 factor in every other case: saddles of index 1."""
    for x in np.random.default_rng(10).uniform(0.5, 5.0, 500).tolist():
        assert certainly_positive_definite(np.array([[x]]), 0.9999 * x)
        assert certainly_positive_definite(np.array([[x]]), -1.0)


@pytest.mark.parametrize("n", [1, 2, 40, 130])
def test_the_residual_must_be_below_the_slack(monkeypatch: pytest.MonkeyPatch, n: int) -> None:
    """L1 to the last term: Frobenius norm, its rounding, and one rounding an entry."""
    matrix = 2.0 * np.eye(n)
    kind = type(definite.question(matrix))
    for share, expected in ((0.0, True), (0.9, True), (1.0, False), (1.5, False), (np.nan, False)):
        monkeypatch.setattr(kind, "_residual_norm", lambda self, shift, scale, share=share: share * shift)
        assert certainly_positive_definite(matrix, 0.0) is expected  # shift is the slack then
    for entries, expected in ((0.5, False), (2.0, True)):
        monkeypatch.setattr(
            kind,
            "_residual_norm",
            lambda self, shift, scale, e=entries: (shift - e * 4.0 * n * 2.0**-52 * 2.0) / (1.0 + 2.0**-20),
        )
        assert certainly_positive_definite(matrix, 0.0) is expected


@pytest.mark.parametrize("n", [1, 3, 50, 130])
def test_the_bound_beforehand_is_that_of_the_proof(monkeypatch: pytest.MonkeyPatch, n: int) -> None:
    """L2: c >= shift + ((2n + 16) n + 16) U s with s = max M_jj + |shift|, and no more than a millionth more."""
    shifts: list[float] = []
    kind = type(definite.question(np.eye(n)))
    monkeypatch.setattr(kind, "_factorise", lambda self, shift: bool(shifts.append(shift)))
    for largest, shift in ((1.5, 0.25), (3.0, -0.5), (2.0**60, 2.0**50)):
        certainly_positive_definite(largest * np.eye(n), shift, "a-priori")
        slack = Fraction((2 * n + 16) * n + 16, 2**52) * (Fraction(largest) + abs(Fraction(shift)))
        assert Fraction(shift) + slack <= Fraction(shifts[-1]) + Fraction(abs(shift)) / 2**52
        assert Fraction(shifts[-1]) - Fraction(shift) < slack * (1 + Fraction(1, 10**5)) + Fraction(abs(shift)) / 2**52


@pytest.mark.parametrize("bits", [2, 5, 10])
def test_a_coarse_factor_is_not_believed(monkeypatch: pytest.MonkeyPatch, bits: int) -> None:
    """The factor's precision is irrelevant to soundness: with few bits fewer matrices pass, none wrongly."""
    monkeypatch.setattr(definite, "floor", lambda x: bits)
    generator = np.random.default_rng(9)
    for _ in range(300):
        matrix = generator.integers(-4, 5, (3, 3)).astype(float)
        matrix = matrix.T @ matrix
        level = float(generator.choice([0.0, 0.5, 1.0]))
        if certainly_positive_definite(matrix, level):
            assert exceeds(matrix, level)


@pytest.mark.parametrize("info", [0])
def test_a_wrong_factor_is_not_believed(monkeypatch: pytest.MonkeyPatch, info: int) -> None:
    """LAPACK is not trusted: a factor of another matrix is refused."""
    original = definite.dpotrf
    monkeypatch.setattr(definite, "dpotrf", lambda a, **k: (original(a + 0.01 * np.eye(len(a)), **k)[0], info))
    assert not certainly_positive_definite(np.array([[1.0, 1.0], [1.0, 1.0]]), 0.0)
    assert not certainly_positive_definite(np.eye(3), 0.5)
    monkeypatch.setattr(definite, "dpotrf", lambda a, **k: (np.full_like(a, np.nan), info))
    assert not certainly_positive_definite(np.eye(3), 0.5)


def test_what_lapack_says_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A factor that LAPACK itself calls incomplete is none, however it looks."""
    original = definite.dpotrf
    assert certainly_positive_definite(np.eye(3), 0.5, "a-priori")
    monkeypatch.setattr(definite, "dpotrf", lambda a, **k: (original(a, **k)[0], 2))
    for method in METHODS:
        assert not certainly_positive_definite(np.eye(3), 0.5, method)


@pytest.mark.parametrize("kind", [Symmetric, Whole])
@pytest.mark.parametrize("bad", [np.nan, 2.0**60, -np.inf])
def test_a_wrong_factor_leaves_the_matrix_alone(
    monkeypatch: pytest.MonkeyPatch, bad: float, kind: type[Symmetric]
) -> None:
    """Once a tile below the diagonal stayed zero after a factor with too long columns, and the next answer was True."""
    original, singular = definite.dpotrf, kind(np.array([[1.0, 1.0], [1.0, 1.0]]))
    with np.errstate(all="ignore"):
        for row, column in ((0, 1), (1, 1)):
            factor = np.array([[1.0, 0.0], [1.0, 1.0]])
            factor[column, row] = bad
            monkeypatch.setattr(definite, "dpotrf", lambda a, factor=factor, **k: (factor.T.copy(), 0))
            assert not singular.certainly_exceeds(0.0, "exact")
            monkeypatch.setattr(definite, "dpotrf", original)
            for method in METHODS:
                assert not singular.certainly_exceeds(0.0, method)
                assert singular.certainly_exceeds(-1e-3, method)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_many_nearly_singular_matrices(seed: int) -> None:
    """10^5 trials in all: the answer True is never wrong by exact elimination."""
    generator = np.random.default_rng(seed)
    proven = 0
    for _ in range(25_000):
        n = int(generator.integers(1, 5))
        matrix = generator.standard_normal((n, n)) * 2.0 ** generator.integers(-8, 9, (n, 1))
        matrix = matrix @ matrix.T
        level = float(np.linalg.eigvalsh(matrix)[0] - 10.0 ** generator.uniform(-18, -2) * np.abs(matrix).max())
        with_mode = in_mode(MODES[int(generator.integers(len(MODES)))], matrix, level)
        if with_mode:
            proven += 1
            assert exceeds(matrix, level)
    assert proven > 5_000


@pytest.mark.parametrize(("diagonal", "beside", "n"), [(1.4, 1.6, 20), (0.5, 0.25, 30), (1.4, 1.57, 8)])
def test_equal_entries_whose_rounding_errors_add_up(diagonal: float, beside: float, n: int) -> None:
    """As at symmetric points: one time in ten the errors exceed the first slack."""
    matrix = diagonal * np.eye(n) + beside * np.ones((n, n))
    assert all(certainly_positive_definite(matrix, share * diagonal) for share in np.linspace(0.05, 0.95, 181))
    assert not certainly_positive_definite(matrix, (1.0 + 1e-9) * diagonal)
