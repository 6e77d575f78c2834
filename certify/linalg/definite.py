"""Definiteness and inertia of float64 matrices, proven with exact integer products over BLAS (docs/theorems.md, T4).

The Cholesky factor comes from LAPACK and is not trusted: it is rounded to integers Z with every column shorter than
2^26.5, so that by Cauchy-Schwarz every partial sum of Z^T Z is an integer below 2^53 and BLAS adds without rounding,
in any order and in any rounding mode.
"""

from __future__ import annotations

import math
from math import floor, log2

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import dsyrk
from scipy.linalg.lapack import dpotrf

Array = NDArray[np.float64]

U = 2.0**-52
SAFETY = 1.0 + 2.0**-20
EXACT = 2.0**52.99
RANGE = 2.0**200  # entries between 1 / RANGE and RANGE: no square under- or overflows


def certainly_positive_definite(matrix: Array, shift: float) -> bool:
    """True: every eigenvalue of the symmetric matrix [n, n] (read from its lower triangle) exceeds `shift`.

    False says nothing.  NaN, infinity and numbers beyond RANGE give False.
    """
    n = len(matrix)
    diagonal = matrix.diagonal()
    largest = float(diagonal.max()) if n else 0.0
    if not (largest > max(shift, 0.0) and 1.0 / RANGE < largest + abs(shift) < RANGE):
        return False
    bits = floor((52.5 - log2(largest + abs(shift))) / 2)
    scale = 2.0**bits
    slack = 0.75 * (n + 1) * (largest - shift) ** 0.5 / scale  # rounding R moves Z^T Z by less, almost always
    shifted = np.array(matrix.T, order="F")  # its upper triangle, for LAPACK, is the lower one of `matrix`
    shifted.flat[:: n + 1] = diagonal - (shift + slack)
    factor, info = dpotrf(shifted, lower=0, clean=1)
    if info != 0:
        return False
    factor *= scale
    gram = dsyrk(1.0, np.rint(factor, out=factor), trans=1, lower=0)
    columns = gram.diagonal()
    if not (columns.min() >= 0.0 and columns.max() < EXACT):
        return False
    gram *= scale**-2
    np.subtract(shifted, gram, out=gram)
    error = _upper_norm(gram) * SAFETY + 4.0 * n * U * (largest + abs(shift) + slack)
    return bool(error < slack)


def _upper_norm(matrix: Array) -> float:
    """Frobenius norm of the symmetric matrix given by the upper triangle of a Fortran-ordered array."""
    upper = np.triu(matrix).ravel(order="K")
    return math.sqrt(2.0 * float(upper @ upper))


def certainly_has_inertia(matrix: Array, error: float, gap: float, directions: Array, weight: float) -> bool:
    """True: every symmetric H with |H - matrix|_2 <= error has q eigenvalues < -gap and n - q eigenvalues > gap.

    directions: q x n of small integers, the rows spanning approximately the negative eigenspace; weight >= 0.  If
    -U (H + gap) U^T and H - gap + weight U^T U are positive definite, the inertia follows (docs/theorems.md, T5).
    False says nothing.
    """
    if not (error >= 0.0 and gap > 0.0 and weight >= 0.0):
        return False
    if not len(directions):
        return certainly_positive_definite(matrix, gap + error * SAFETY)
    n = len(matrix)
    size = float(np.linalg.norm(directions)) ** 2 * SAFETY
    norm = float(np.linalg.norm(matrix)) * SAFETY
    rounding = (2.0 * n + 10.0) * U
    lifted = matrix + weight * (directions.T @ directions)
    lifted_error = error + rounding * (weight * size + norm)
    compressed = -(directions @ matrix @ directions.T) - gap * (directions @ directions.T)
    compressed_error = size * (error + rounding * (norm + gap))
    return certainly_positive_definite(lifted, gap + lifted_error * SAFETY) and certainly_positive_definite(
        compressed, compressed_error * SAFETY
    )
