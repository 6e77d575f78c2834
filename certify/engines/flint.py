"""T4 with python-flint: the integers of the checker's own factorisation, in blocks whose products flint computes."""

from __future__ import annotations

from math import isqrt
from operator import mul

from flint import fmpz_mat

from certify.checker.definite import Triangle, limit_work
from certify.checker.engine import Integers

BLOCK = 64
SPEED = 1  # for the limit of work; measured: 0.45, 0.69, 0.94, 1.4 at 200, 400, 700, 1400 unknowns, growing


def certainly_positive_definite(matrix: Triangle, error: int) -> bool:
    """True: every real symmetric matrix within `error` of `matrix`, entry by entry, is positive definite (T4).

    Block row I of R is finished in integers; then R_IJ^T R_IL is subtracted from all later blocks (J, L), J >= L.  Each
    quotient and each root gets the same exact number as in `certify.checker.definite`: so the answers are the same.
    """
    n = len(matrix)
    limit_work(n, 0, max(abs(entry).bit_length() for row in matrix for entry in row), SPEED)
    diagonal = [row[-1] for row in matrix]
    if min(diagonal) <= 0:
        return False
    shift = (n + 1) * (isqrt(max(diagonal)) + 1 + error) + 1
    starts = range(0, n, BLOCK)
    left = {
        (j, i): fmpz_mat(_rows(matrix, starts[j], starts[i], shift))
        for j in range(len(starts)) for i in range(j + 1)
    }  # fmt: skip
    for i in range(len(starts)):
        columns = _factor([[int(x) for x in row] for row in left.pop((i, i)).tolist()])
        if columns is None:
            return False
        panels = []
        for j in range(i + 1, len(starts)):
            rows = [_solved(columns, [int(x) for x in row]) for row in left.pop((j, i)).tolist()]
            panels.append(fmpz_mat(rows))
        across = [panel.transpose() for panel in panels]
        for a, panel in enumerate(panels):
            for b in range(a + 1):
                key = i + 1 + a, i + 1 + b
                left[key] = left[key] - panel * across[b]
    return True


def _rows(matrix: Triangle, top: int, first: int, shift: int) -> Triangle:
    """The block of rows from `top` and columns from `first`, zero above the diagonal, minus the shift on it."""
    block = []
    for a in range(top, min(top + BLOCK, len(matrix))):
        row = matrix[a][first : first + BLOCK]
        if first == top:
            row[-1] -= shift
            row += [0] * (min(BLOCK, len(matrix) - top) - len(row))
        block.append(row)
    return block


def _factor(block: Triangle) -> Triangle | None:
    """Columns of R of a diagonal block, from its lower triangle."""
    columns: Triangle = []
    for a, row in enumerate(block):
        column = _solved(columns, row[:a])
        pivot = row[a] - sum(map(mul, column, column))
        if pivot <= 0:
            return None
        columns.append([*column, isqrt(pivot)])
    return columns


def _solved(columns: Triangle, row: list[int]) -> list[int]:
    """R_ij = floor((N_ij - sum_{k<i} R_ki R_kj) / R_ii) for the column j whose N_ij are the given row."""
    result: list[int] = []
    for done, entry in zip(columns, row, strict=True):
        result.append((entry - sum(map(mul, done, result))) // done[-1])  # map stops at the shorter: i terms
    return result


FLINT = Integers("flint", certainly_positive_definite, SPEED)
