"""Positive definiteness and inertia of symmetric integer matrices (docs/theorems.md, T4 and T5).

A matrix is given by its lower triangle: row a is a list of a + 1 integers.
"""

from collections.abc import Callable, Iterable, Sequence
from math import isqrt
from operator import mul

from certify.checker.errors import Malformed, ResourceLimit
from certify.checker.packed import Words

Triangle = list[list[int]]

LIMIT_WORK = 1 << 37
LIMIT_STORED_BITS = 1 << 32
SHORTEN = 32  # steps after which rows are shortened


def certainly_positive_definite(matrix: Triangle, error: int) -> bool:
    """True: every real symmetric matrix within `error` of `matrix`, entry by entry, is positive definite.

    T4.  Let c = (n + 1) (m + error) + 1 with m >= every R_jj.  If the integer factorisation below of N - c I ends
    with R_jj >= 1, then N - c I = R^T R + E with |E_ij| < R_ii for i < j and 0 <= E_jj <= 2 R_jj; so the rows
    of E sum to at most (n + 1) m in absolute value, those of the entry errors to n error, and the matrix exceeds
    R^T R by at least I.  False says nothing.
    """
    n = len(matrix)
    largest = max(max(map(abs, row)) for row in matrix)
    limit_work(n, 0, largest.bit_length())
    diagonal = [row[-1] for row in matrix]
    if min(diagonal) <= 0:
        return False
    shift = (n + 1) * (isqrt(max(diagonal)) + 1 + error) + 1
    return _factorises(matrix, shift, largest)


def _factorises(matrix: Triangle, shift: int, largest: int) -> bool:
    """Every radicand of the factorisation of N - shift I is positive; largest: bounds the size of the entries of N.

    Row i of R is kept as one number with the digits R_ij, j = n - 1, ..., i + 1.  While all radicands are positive, the
    R_ij^2, summed over i, are less than `largest`, and by Cauchy's inequality so are the sums of
    R_ki R_kj: no digit exceeds twice that.
    """
    n = len(matrix)
    radicands = [row[-1] - shift for row in matrix]
    words = Words(((2 * largest).bit_length() + 8) // 8, n)
    rows: list[int] = []
    columns: list[list[int]] = [[] for _ in matrix]
    for i, column in enumerate(columns):
        if not radicands[i] > 0:
            return False
        root, later = isqrt(radicands[i]), range(n - 1, i, -1)
        rest = words.pack([matrix[j][i] for j in later]) - sum(map(mul, column, rows))
        factors = [x // root for x in words.first(rest, n - 1 - i)]
        for j, x in zip(later, factors, strict=True):
            radicands[j] -= x * x
            if not radicands[j] > 0:
                return False
            columns[j].append(x)
        rows.append(words.pack(factors))
        if i % SHORTEN == SHORTEN - 1:  # what comes next needs the first digits only
            rows = [words.cut(row, n - 1 - i) for row in rows]
    return True


def certainly_has_inertia(
    matrix: Triangle,
    error: int,
    gap: int,
    directions: Sequence[Sequence[int]],
    weight: int,
    *,
    definite: Callable[[Triangle, int], bool] = certainly_positive_definite,
) -> bool:
    """True: every H within `error` of `matrix` has q eigenvalues < -gap and all others > gap, q = len(directions).

    T5.  With the directions as rows of U (q x n): if -U (H + gap I) U^T is positive definite, then H < -gap on a space
    of dimension q; if H - gap I + weight U^T U is positive definite, then H > gap on the space U x = 0, of dimension
    at least n - q.  definite: an implementation of T4 for the second.  False says nothing.
    """
    if gap <= 0 or weight < 0:
        raise Malformed("the gap must be positive and the weight not negative")
    return _negative_on(matrix, error, gap, directions) and definite(_lifted(matrix, gap, directions, weight), error)


def _lifted(matrix: Triangle, gap: int, directions: Sequence[Sequence[int]], weight: int) -> Triangle:
    """H - gap I + weight U^T U."""
    shifted = [list(row) for row in matrix]
    for direction in directions:
        for a, row in enumerate(shifted):
            factor = weight * direction[a]
            if factor:
                for b in range(a + 1):
                    row[b] += factor * direction[b]
    for row in shifted:
        row[-1] -= gap
    return shifted


def _negative_on(matrix: Triangle, error: int, gap: int, directions: Sequence[Sequence[int]]) -> bool:
    """-U (H + gap I) U^T is positive definite; an entry error e of H moves an entry of U H U^T by e |u|_1 |u'|_1."""
    if not directions:
        return True
    images = [_product(matrix, direction) for direction in directions]
    gram = [
        [-sum(map(mul, images[k], other)) - gap * sum(map(mul, directions[k], other)) for other in directions[: k + 1]]
        for k in range(len(directions))
    ]
    largest = max(sum(map(abs, direction)) for direction in directions)
    return certainly_positive_definite(gram, error * largest * largest)


def _product(matrix: Triangle, vector: Sequence[int]) -> list[int]:
    """The symmetric matrix times a vector."""
    result = [sum(map(mul, row, vector)) for row in matrix]
    for a, row in enumerate(matrix):
        factor = vector[a]
        if factor:
            for b in range(a):
                result[b] += row[b] * factor
    return result


def row_sum_bound(matrix: Triangle, error: int) -> int:
    """Upper bound of the 2-norm of every matrix within `error`: its largest absolute row sum."""
    sums = [0] * len(matrix)
    for a, row in enumerate(matrix):
        sums[a] += sum(map(abs, row))
        for b in range(a):
            sums[b] += abs(row[b])
    return max(sums) + len(matrix) * error


def rounded(rows: Iterable[Sequence[tuple[int, int]]], shift: int) -> tuple[Triangle, int]:
    """Midpoints of intervals divided by 2^shift (shift >= 0), and a bound of the entry errors in the new unit.

    One row at a time, so that the intervals, several times larger than the integers, are never all in memory.
    """
    triangle: Triangle = []
    widest = stored = 0
    for row in rows:
        triangle.append([(lo + hi) >> shift + 1 for lo, hi in row])
        widest = max(widest, *(hi - lo for lo, hi in row))
        stored += sum(entry.bit_length() for entry in triangle[-1])
        if stored > LIMIT_STORED_BITS:
            raise ResourceLimit("the matrix would need too much memory")
    return triangle, (widest >> shift + 1) + 2


def limit_work(size: int, directions: int, bits: int, speed: int = 1) -> None:
    """Refuse a factorisation of a size x size matrix of `bits`-bit integers that would take many minutes.

    speed: how many times faster than here it is done.

    Measured: 2 to 3 ns for each of size^3 at up to 127 bits, 250 ns for each of size^2 directions.
    """
    if size * size * (size + 32 * directions) * (1 + bits // 128) ** 2 > LIMIT_WORK * speed:
        raise ResourceLimit(
            f"the factorisation of {size} unknowns in integers would take too long; certify verify --engine blas may do"
        )
