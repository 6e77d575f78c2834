"""T4 and T5 in integers against exact rational elimination."""

import itertools
import random
from fractions import Fraction

import pytest

from certify.checker import definite
from certify.checker.definite import (
    certainly_has_inertia,
    certainly_positive_definite,
    limit_work,
    rounded,
    row_sum_bound,
)
from certify.checker.errors import Malformed, ResourceLimit

Full = list[list[Fraction]]


def inertia(matrix: Full) -> tuple[int, int, int]:
    """(negative, zero, positive) eigenvalues, exactly, by symmetric elimination with 1 x 1 and 2 x 2 pivots."""
    rest = [[Fraction(x) for x in row] for row in matrix]
    counts = [0, 0, 0]
    while rest:
        n = len(rest)
        pivot = next((a for a in range(n) if rest[a][a]), None)
        if pivot is None:
            pair = next(((a, b) for a in range(n) for b in range(a) if rest[a][b]), None)
            if pair is None:
                counts[1] += n
                break
            a, b = pair  # congruence: row a += row b makes the diagonal entry 2 rest[a][b]
            for k in range(n):
                rest[a][k] += rest[b][k]
            for k in range(n):
                rest[k][a] += rest[k][b]
            continue
        counts[0 if rest[pivot][pivot] < 0 else 2] += 1
        keep = [a for a in range(n) if a != pivot]
        rest = [[rest[a][b] - rest[a][pivot] * rest[pivot][b] / rest[pivot][pivot] for b in keep] for a in keep]
    return counts[0], counts[1], counts[2]


def full(triangle: list[list[int]]) -> Full:
    n = len(triangle)
    return [[Fraction(triangle[max(a, b)][min(a, b)]) for b in range(n)] for a in range(n)]


def shifted(matrix: Full, shift: Fraction) -> Full:
    return [[x + (shift if a == b else 0) for b, x in enumerate(row)] for a, row in enumerate(matrix)]


def perturbed(r: random.Random, triangle: list[list[int]], error: int) -> list[Full]:
    """Corners of the neighbourhood: all signs of small matrices, else the rank-one worst case and random corners."""
    n = len(triangle)
    places = [(a, b) for a in range(n) for b in range(a + 1)]
    if n <= 2:
        signs = list(itertools.product((-1, 1), repeat=len(places)))
    else:
        vector = [r.choice((-1, 1)) for _ in range(n)]
        signs = [tuple(-vector[a] * vector[b] for a, b in places), tuple(-1 for _ in places)]
        signs += [tuple(r.choice((-1, 1)) for _ in places) for _ in range(4)]
    result = []
    for choice in signs:
        changed = [list(row) for row in triangle]
        for (a, b), sign in zip(places, choice, strict=True):
            changed[a][b] += sign * error
        result.append(full(changed))
    return result


def gram(r: random.Random, n: int, size: int) -> list[list[int]]:
    """A positive semidefinite integer matrix, often singular or nearly so."""
    rank = r.randint(1, n + 2)
    factor = [[r.randint(-size, size) for _ in range(rank)] for _ in range(n)]
    return [[sum(x * y for x, y in zip(factor[a], factor[b], strict=True)) for b in range(a + 1)] for a in range(n)]


@pytest.mark.parametrize(
    "count", [pytest.param(1500, id="fast"), pytest.param(60_000, id="full", marks=pytest.mark.long)]
)
def test_true_is_true(count: int) -> None:
    """Whatever is called positive definite is so in the whole neighbourhood; shifts around the border."""
    r = random.Random("certify definite")
    answers = {True: 0, False: 0}
    for _ in range(count):
        n = r.randint(1, 5)
        size = r.choice((3, 40, 1000, 10**6))
        matrix = gram(r, n, size)
        largest = max(row[-1] for row in matrix)
        step = (n + 1) * int(largest**0.5 + 2)
        shift = r.choice((0, r.randint(0, 4 * step), step, step // 2, step // 4, -r.randint(0, step)))
        for row in matrix:
            row[-1] += shift
        error = r.choice((0, 1, r.randint(0, 3), step // (4 * n)))
        answer = certainly_positive_definite(matrix, error)
        answers[answer] += 1
        if answer:
            assert all(inertia(corner)[2] == n for corner in perturbed(r, matrix, error))
    assert min(answers.values()) > count // 10


def test_comfortable_matrices_are_recognised() -> None:
    """Any matrix that exceeds twice the loss of T4, (2 n + 2)(m + e) I, is accepted."""
    r = random.Random("certify comfortable")
    for _ in range(300):
        n, size, error = r.randint(1, 7), r.choice((3, 1000, 10**9)), r.choice((0, 1, 50))
        matrix = gram(r, n, size)
        shift = (2 * n + 2) * (int(max(row[-1] for row in matrix) ** 0.5) + error + 2 * n + 60)
        for row in matrix:
            row[-1] += shift
        assert certainly_positive_definite(matrix, error)


@pytest.mark.parametrize(
    "matrix",
    [
        [[0]],
        [[-1]],
        [[1]],  # too small for its own rounding: 1 says nothing at this scale
        [[10**6], [10**6, 10**6]],
        [[10**6], [10**6 + 1, 10**6]],
        [[10**6], [-(10**9), 10**6]],
        [[10**12], [0, -1]],
        [[10**12], [0, 0]],
    ],
)
def test_not_positive_definite(matrix: list[list[int]]) -> None:
    assert not certainly_positive_definite(matrix, 0)


def test_entry_errors_count() -> None:
    """N = s I with all entries uncertain by e: the neighbourhood holds a singular matrix as soon as n e >= s."""
    for n in range(1, 8):
        matrix = [[0] * a + [10**8] for a in range(n)]
        assert certainly_positive_definite(matrix, 10**8 // (n + 2))
        assert not certainly_positive_definite(matrix, 10**8 // n)


@pytest.mark.parametrize(
    "count", [pytest.param(600, id="fast"), pytest.param(20_000, id="full", marks=pytest.mark.long)]
)
def test_inertia(count: int) -> None:
    r = random.Random("certify inertia")
    confirmed = 0
    for _ in range(count):
        n = r.randint(1, 5)
        q = r.randint(0, n)
        scale = 10**6
        basis = [[r.randint(-3, 3) for _ in range(n)] for _ in range(n)]
        signs = [-1] * q + [1] * (n - q)
        matrix = [
            [sum(s * scale * basis[k][a] * basis[k][b] for k, s in enumerate(signs)) for b in range(a + 1)]
            for a in range(n)
        ]
        directions = [[r.randint(-3, 3) for _ in range(n)] for _ in range(r.choice((q, q, q, r.randint(0, n))))]
        if r.randrange(2):
            directions = negative_directions(matrix, len(directions))
        gap, error = r.choice((1, scale // 100, scale)), r.choice((0, 1, 50))
        weight = r.choice((0, scale, 100 * scale, 10**12))
        if certainly_has_inertia(matrix, error, gap, directions, weight):
            confirmed += 1
            for corner in perturbed(r, matrix, error):
                assert inertia(shifted(corner, Fraction(gap)))[0] == len(directions)
                assert inertia(shifted(corner, Fraction(-gap)))[2] == n - len(directions)
    assert confirmed > count // 20


def negative_directions(matrix: list[list[int]], count: int) -> list[list[int]]:
    """A float guess, as the prover makes it."""
    np = pytest.importorskip("numpy")
    values, vectors = np.linalg.eigh(np.array([[float(x) for x in row] for row in full(matrix)]))
    return [[round(x * 256) for x in vectors[:, k].tolist()] for k in range(min(count, len(values)))]


def test_directions_that_prove_nothing() -> None:
    matrix = [[-(10**9)], [0, 10**9], [0, 0, -(10**9)]]
    right = [[16, 0, 0], [0, 0, 16]]
    assert certainly_has_inertia(matrix, 10, 10**6, right, 10**8)
    for directions in ([], right[:1], [[0, 0, 0], [0, 0, 16]], [right[0], right[0]], [*right, [0, 16, 0]]):
        assert not certainly_has_inertia(matrix, 10, 10**6, directions, 10**8)
    assert not certainly_has_inertia(matrix, 10, 10**6, right, 0)
    assert not certainly_has_inertia(matrix, 10, 10**9 + 1, right, 10**8)


@pytest.mark.parametrize(("gap", "weight"), [(0, 1), (-1, 1), (1, -1)])
def test_gap_and_weight_have_signs(gap: int, weight: int) -> None:
    with pytest.raises(Malformed):
        certainly_has_inertia([[10**9]], 0, gap, [], weight)


def test_rounded() -> None:
    r = random.Random("certify rounded")
    for _ in range(1000):
        shift = r.choice((0, 1, 5, 40))
        rows = []
        for a in range(r.randint(1, 4)):
            lows = [r.randint(-(1 << 60), 1 << 60) for _ in range(a + 1)]
            rows.append([(low, low + r.randint(0, r.choice((0, 1, 100, 1 << 45)))) for low in lows])
        triangle, error = rounded(rows, shift)
        widest = max(high - low for row in rows for low, high in row)
        assert error <= Fraction(widest, 2 << shift) + 2
        for row, integers in zip(rows, triangle, strict=True):
            for ends, integer in zip(row, integers, strict=True):
                assert all(abs(Fraction(end, 1 << shift) - integer) <= error for end in ends)


def test_row_sum_bound() -> None:
    r = random.Random("certify norm")
    for _ in range(300):
        n = r.randint(1, 4)
        triangle = [[r.randint(-100, 100) for _ in range(a + 1)] for a in range(n)]
        error = r.randint(0, 5)
        bound = Fraction(row_sum_bound(triangle, error))
        for corner in perturbed(r, triangle, error):
            assert inertia(shifted(corner, bound))[0] == 0
            assert inertia(shifted([[-x for x in row] for row in corner], bound))[0] == 0


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    limit_work(4096, 0, 127)
    for size, directions, bits in ((6000, 0, 1), (4096, 0, 400), (4096, 1000, 64), (400, 0, 8400)):
        with pytest.raises(ResourceLimit):
            limit_work(size, directions, bits)
    monkeypatch.setattr(definite, "LIMIT_STORED_BITS", 1000)
    rows = iter([[(1 << 600, 1 << 600)]] * 2 + [[(0, 0)]])
    with pytest.raises(ResourceLimit, match="memory"):
        rounded(rows, 0)
    assert next(rows) == [(0, 0)]  # refused before the last row was computed
    n = 300  # small numbers everywhere but in the matrix itself
    with pytest.raises(ResourceLimit, match="long"):
        certainly_positive_definite([[0] * a + [1 << 10_000] for a in range(n)], 0)


def test_exact_elimination_itself() -> None:
    assert inertia([[Fraction(0), Fraction(1)], [Fraction(1), Fraction(0)]]) == (1, 0, 1)
    assert inertia([[Fraction(0)]]) == (0, 1, 0)
    assert inertia(full([[2], [2, 2], [1, 1, -5]])) == (1, 1, 1)
