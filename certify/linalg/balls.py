"""Definiteness and inertia of ball matrices by Cholesky's factorisation in ball arithmetic."""

from __future__ import annotations

from collections.abc import Sequence

from certify.arithmetic import Ball, certainly_less, dyadic_ball

Rows = Sequence[Sequence[Ball]]


def certainly_positive_definite(matrix: Rows) -> bool:
    """True: every symmetric matrix inside the balls [n][n] is positive definite.  False says nothing.

    Each exact matrix has an exact factor inside the computed balls, as long as every pivot ball is positive.
    """
    zero = dyadic_ball((0, 0))
    columns: list[list[Ball]] = []
    for j, row in enumerate(matrix):
        column: list[Ball] = []
        for i in range(j):
            total = row[i]
            for a, b in zip(columns[i], column, strict=False):
                total = total - a * b
            column.append(total / columns[i][i])
        pivot = row[j]
        for a in column:
            pivot = pivot - a * a
        if not (certainly_less(zero, pivot) and pivot.is_finite()):
            return False
        column.append(pivot.sqrt())
        columns.append(column)
    return True


def certainly_has_inertia(matrix: Rows, gap: Ball, directions: Sequence[Sequence[int]], weight: Ball) -> bool:
    """True: every symmetric matrix inside has q = len(directions) eigenvalues < -gap and the others > gap.

    The statement and its proof are those of `definite.certainly_has_inertia` (docs/theorems.md, T5).
    """
    n = len(matrix)
    if not certainly_less(dyadic_ball((0, 0)), gap):
        return False
    lifted = [list(row) for row in matrix]
    for a in range(n):
        lifted[a][a] = lifted[a][a] - gap
        for b in range(a + 1):
            inner = sum(direction[a] * direction[b] for direction in directions)
            if inner:
                lifted[a][b] = lifted[a][b] + weight * inner
    images = [[_combine(row, direction) for row in matrix] for direction in directions]
    compressed = [
        [-_combine(image, other) - gap * sum(x * y for x, y in zip(direction, other, strict=True))
         for other in directions]
        for image, direction in zip(images, directions, strict=True)
    ]  # fmt: skip
    return certainly_positive_definite(compressed) and certainly_positive_definite(lifted)


def _combine(balls: Sequence[Ball], integers: Sequence[int]) -> Ball:
    total = dyadic_ball((0, 0))
    for x, k in zip(balls, integers, strict=True):
        if k:
            total = total + x * k
    return total
