"""Positive definiteness of small interval matrices by a congruence that makes them nearly the identity."""

from collections.abc import Sequence
from math import isqrt

from certify.checker.intervals import Arithmetic, Interval, magnitude

FACTOR_BITS = 40


def certainly_positive_definite(lower: Sequence[Sequence[Interval]], f: Arithmetic) -> bool:
    """True: every symmetric matrix inside the lower triangle of intervals is positive definite.  False says nothing.

    Let T be any integer matrix, here 2^FACTOR_BITS times an approximate inverse of the midpoints' Cholesky factor.
    If T M T^T is strictly diagonally dominant with positive diagonal, it is positive definite (Gershgorin); then T is
    nonsingular and M = T^-1 (T M T^T) T^-T is positive definite too.
    """
    size = len(lower)
    full = [[lower[max(i, j)][min(i, j)] for j in range(size)] for i in range(size)]
    inverse = _inverse_factor([[(a + b) >> 1 + f.bits - FACTOR_BITS for a, b in row] for row in lower])
    if inverse is None:
        return False
    half = [[_combination(row, column) for column in full] for row in inverse]  # T M; M is symmetric
    for i, row in enumerate(half):
        result = [_combination(other, row) for other in inverse]  # row i of T M T^T
        if not result[i][0] > sum(magnitude(x) for j, x in enumerate(result) if j != i):
            return False
    return True


def _combination(coefficients: Sequence[int], x: Sequence[Interval]) -> Interval:
    """sum_k c_k x_k, exact."""
    low = high = 0
    for c, (a, b) in zip(coefficients, x, strict=True):
        low += c * (a if c >= 0 else b)
        high += c * (b if c >= 0 else a)
    return low, high


def _inverse_factor(matrix: Sequence[Sequence[int]]) -> list[list[int]] | None:
    """About 2^FACTOR_BITS times the inverse of the Cholesky factor of matrix / 2^FACTOR_BITS; not trusted."""
    size = len(matrix)
    factor: list[list[int]] = []
    inverse: list[list[int]] = []
    for i, entries in enumerate(matrix):
        row: list[int] = []
        for j in range(i):
            rest = (entries[j] << FACTOR_BITS) - sum(row[k] * factor[j][k] for k in range(j))
            row.append(rest // factor[j][j])
        square = (entries[i] << FACTOR_BITS) - sum(x * x for x in row)
        pivot = isqrt(max(square, 0))
        if pivot == 0:
            return None
        factor.append([*row, pivot])
        unit = [(1 << 2 * FACTOR_BITS) // pivot if j == i else 0 for j in range(size)]
        for j in range(i):
            unit[j] = -sum(row[k] * inverse[k][j] for k in range(j, i)) // pivot
        inverse.append(unit)
    return inverse
