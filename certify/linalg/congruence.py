"""Definiteness of small ball matrices by a congruence with an approximate inverse Cholesky factor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.linalg import LinAlgError

from certify.arithmetic import Ball, ball_matrix, certainly_less, dyadic, dyadic_ball


def certainly_positive_definite(matrix: Sequence[Sequence[Ball]], room: float = 1.0) -> bool:
    """True: every symmetric matrix inside the balls [n][n] is positive definite.  False says nothing.

    T M T^T strictly diagonally dominant with a positive diagonal is positive definite, and then M is; T is not trusted.
    room >= 1: by how much it has to dominate.
    """
    middle = np.array([[float(x.mid()) for x in row] for row in matrix])
    try:
        inverse = np.linalg.inv(np.linalg.cholesky((middle + middle.T) / 2))
    except LinAlgError:
        return False
    if not np.isfinite(inverse).all():
        return False
    factor = ball_matrix([[dyadic_ball(dyadic(float(x))) for x in row] for row in inverse])
    product = factor * ball_matrix(matrix) * factor.transpose()
    size, zero = len(matrix), dyadic_ball((0, 0))
    return all(
        certainly_less(sum((abs(product[i, j]) for j in range(size) if j != i), zero) * room, product[i, i])
        for i in range(size)
    )
