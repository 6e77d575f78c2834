"""Inertia of symmetric integer matrices from the signs of pivots, without a witness (docs/splitting.md, S1)."""

from collections.abc import Sequence

from certify.checker.errors import ResourceLimit

LIMIT_WORK = 1 << 37


def negative_count(matrix: Sequence[Sequence[int]], error: int, gap: int) -> int | None:
    """The number q of negative eigenvalues of every real symmetric H within `error` of `matrix`, entry by entry.

    matrix: lower triangle, row a has a + 1 integers.  Every H has q eigenvalues < -gap and all others > gap >= 0.
    None says nothing.
    """
    n = len(matrix)
    shift = gap + n * (n + error)
    low, high = (_negative_pivots(matrix, sign * shift) for sign in (-1, 1))
    return low if low == high else None


def limit_work(size: int, count: int, bits: int) -> None:
    """Refuse `count` inertias of size x size matrices of `bits`-bit integers that would take too long."""
    if count * size**3 * (1 + bits // 128) ** 2 > LIMIT_WORK >> 5:
        raise ResourceLimit("the splitting matrices would take too long")


def _negative_pivots(matrix: Sequence[Sequence[int]], shift: int) -> int | None:
    """Negative pivots of an approximate L D L^T of matrix + shift I; None if a pivot is 0.

    The largest diagonal entry is the next pivot p, a the rest of its column.  With l_i = floor(2^b a_i / p), b the bit
    length of p, a_i - l_i p / 2^b lies strictly between -1 and 1, and so does what rounding l_i l_j p / 4^b leaves out.
    """
    rows = [[*row[:-1], row[-1] + shift] for row in matrix]
    negative = 0
    while rows:
        k = max(range(len(rows)), key=lambda i: abs(rows[i][i]))
        p = rows[k][k]
        if p == 0:
            return None
        negative += p < 0
        bits = abs(p).bit_length()
        column = rows[k][:-1] + [row[k] for row in rows[k + 1 :]]
        factors = [(a << bits) // p for a in column]
        products = [x * p for x in factors]
        rest = [row[:k] + row[k + 1 :] for i, row in enumerate(rows) if i != k]
        rows = [
            [a - (x * y >> 2 * bits) for a, y in zip(row, factors, strict=False)]  # the row is the shorter: i + 1 terms
            for row, x in zip(rest, products, strict=True)
        ]
    return negative
