"""Definiteness and inertia of float64 matrices, proven after one Cholesky factorisation in place (docs/large.md).

Two methods.  EXACT: the factor comes from LAPACK and is not trusted; it is rounded to integers Z with every column
shorter than 2^26.5, so that by Cauchy-Schwarz every partial sum of Z^T Z is an integer below 2^53 and BLAS adds without
rounding, in any order and in any rounding mode (L1).  A_PRIORI: LAPACK is trusted to be a Cholesky factorisation of
the usual kind, whose rounding errors are bounded beforehand, in every rounding mode and order of summation (L2).
"""

from __future__ import annotations

from functools import lru_cache
from math import floor, inf, log2, sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpotrf

from certify.phases import phase

Array = NDArray[np.float64]
Method = Literal["exact", "a-priori"]

U = 2.0**-52
SAFETY = 1.0 + 2.0**-20
EXACT = 2.0**52.99
RANGE = 2.0**200  # entries between 1 / RANGE and RANGE: no square under- or overflows
LARGEST = 1 << 20  # unknowns for which the constants of L2 are derived
TILE = 128


class Symmetric:
    """A symmetric matrix [n, n] given by the lower triangle of an array whose upper triangle is working space."""

    def __init__(self, array: Array) -> None:
        """Take over a C-contiguous array; whoever passes it must not use its upper triangle any more."""
        self.array = array
        self.diagonal: Array = array.diagonal().copy()
        self.largest = float(self.diagonal.max()) if len(array) else 0.0

    def certainly_exceeds(self, shift: float, method: Method) -> bool:
        """True: every eigenvalue exceeds `shift`.  False says nothing; NaN, infinity, numbers beyond RANGE give False.

        The array may be asked again: its lower triangle keeps the matrix, the diagonal is kept apart.
        """
        n, largest = len(self.diagonal), self.largest
        size = largest + abs(shift)
        if not (largest > max(shift, 0.0) and 1.0 / RANGE < size < RANGE and n <= LARGEST):
            return False
        if method == "a-priori":
            slack = ((2.0 * n + 16.0) * n + 16.0) * U * size * SAFETY
            return self._factorise(shift + slack) and self._has_pivots()
        scale = 2.0 ** floor((52.5 - log2(size)) / 2)
        least = 0.75 * (n + 1) * sqrt(largest - shift) / scale  # rounding R moves Z^T Z by less, almost always
        for slack in (least, 8.0 * least):
            if not self._factorise(shift + slack):
                return False
            error = self._residual_norm(shift + slack, scale) * SAFETY + 4.0 * n * U * (size + slack)
            if error < slack:
                return True
        return False

    def _factorise(self, shift: float) -> bool:
        """The upper triangle becomes LAPACK's R with R^T R near matrix - shift; True: LAPACK says so."""
        phase("factorisation")
        a = self.array
        n = len(a)
        for top in range(0, n, TILE):  # what is below the diagonal, mirrored
            end = min(top + TILE, n)
            for left in range(end, n, TILE):
                a[top:end, left : left + TILE] = a[left : left + TILE, top:end].T
            tile = a[top:end, top:end]
            np.copyto(tile, tile.T, where=_below(end - top).T)
        a.flat[:: n + 1] = self.diagonal - shift
        factor, info = dpotrf(a.T, lower=1, clean=0, overwrite_a=1)
        if info == 0 and not np.shares_memory(factor, a):
            np.copyto(a, factor.T, where=~_below(n))
        return bool(info == 0)

    def _has_pivots(self) -> bool:
        """Whether the diagonal of R is positive and finite, which `_residual_norm` need not be told."""
        pivots = self.array.diagonal()
        return bool(pivots.min() > 0.0 and pivots.max() < inf)

    def _residual_norm(self, shift: float, scale: float) -> float:
        """At least the 2-norm of matrix - shift - Z^T Z but for one rounding an entry, Z in units of 1 / scale.

        Inf if a column of Z is too long.  R is rounded tile by tile as its rows are needed: n^3 / 3 operations.
        """
        a, n = self.array, len(self.array)
        work = np.empty(n * min(n, TILE))
        total = 0.0
        for top in range(0, n, TILE):
            end = min(top + TILE, n)
            phase("exact product", (top / n) ** 2 * (3.0 - 2.0 * top / n))
            rows, tile = a[top:end, top:], a[top:end, top:end]
            below = _below_as_float(end - top)
            kept = tile * below  # NaN in R spoils the matrix, about which nothing is said any more
            tile -= kept
            rows *= scale
            np.rint(rows, out=rows)
            rows *= 1.0 / scale
            product = work[: (n - top) * (end - top)].reshape(n - top, end - top)
            np.matmul(a[:end, top:].T, a[:end, top:end], out=product)
            tile += kept  # whatever comes: the matrix may be asked about again
            own = product.diagonal()
            if not own.max() * scale**2 < EXACT:  # nor if it is NaN
                return inf
            total += _sum_of_squares(self.diagonal[top:end] - shift - own)
            square = product[: end - top]
            square *= below
            np.subtract(kept, square, out=square)
            if end < n:
                np.subtract(a[end:, top:end], product[end - top :], out=product[end - top :])
            total += 2.0 * _sum_of_squares(product.reshape(-1))
        return sqrt(total) if total < inf else inf


class Whole(Symmetric):
    """The same for an array [n, n], n <= TILE, with both triangles, which is left alone.

    Nothing is done in place, and as little as possible: for so few unknowns the number of operations counts.  What is
    proven holds for the symmetric part (exact), or for the matrix mirrored from the lower triangle (a-priori).
    """

    def __init__(self, array: Array) -> None:
        """Of a C-contiguous array."""
        self.array = array
        self.diagonal = array.reshape(-1)[:: len(array) + 1]
        self.largest = max(self.diagonal.tolist(), default=0.0)

    def _factorise(self, shift: float) -> bool:
        """R with R^T R near matrix - shift, in an array of its own; True: LAPACK says so."""
        self._shifted = self.array.T.copy()  # so that LAPACK finds the lower triangle, and R is C-contiguous
        diagonal = self._shifted.reshape(-1)[:: len(self.array) + 1]
        diagonal -= shift
        self._factor, info = dpotrf(self._shifted.T, lower=1, clean=1)
        return bool(info == 0)

    def _has_pivots(self) -> bool:
        return all(0.0 < x < inf for x in self._factor.diagonal().tolist())

    def _residual_norm(self, shift: float, scale: float) -> float:
        """The same; that the columns of Z are short is seen from the residual (L1)."""
        integers = np.rint(self._factor.T * scale)
        rest = self._shifted - (integers * (1.0 / (scale * scale))).T @ integers
        norm = sqrt(_sum_of_squares(rest.reshape(-1)))
        return norm if (self.largest - shift + norm) * scale**2 < EXACT else inf


def question(array: Array) -> Symmetric:
    """About a C-contiguous array [n, n] with both triangles, which may become working space."""
    return Whole(array) if len(array) <= TILE else Symmetric(array)


@lru_cache(maxsize=64)
def _below(n: int) -> NDArray[np.bool_]:
    """Where an n x n array is strictly below its diagonal; not to be written to."""
    return np.tri(n, k=-1, dtype=bool)


@lru_cache(maxsize=4)
def _below_as_float(n: int) -> Array:
    """The same as ones and zeros."""
    return _below(n).astype(np.float64)


def _sum_of_squares(vector: Array) -> float:
    return float(vector.dot(vector))


def certainly_positive_definite(matrix: Array, shift: float, method: Method = "exact") -> bool:
    """True: every eigenvalue of the symmetric matrix [n, n] (read from its lower triangle) exceeds `shift`.

    False says nothing.  NaN, infinity and numbers beyond RANGE give False.
    """
    lower = np.tril(matrix)
    return question(lower + np.tril(matrix, -1).T).certainly_exceeds(shift, method)


class InertiaTest:
    """Every symmetric H with |H - matrix|_2 <= error: q eigenvalues < -gap, n - q eigenvalues > gap.

    directions: q x n of small integers, the rows spanning approximately the negative eigenspace; weight >= 0.  If
    -U (H + gap) U^T and H - gap + weight U^T U are positive definite, the inertia follows (docs/theorems.md, T5).
    """

    def __init__(self, matrix: Array, error: float, directions: Array, weight: float, method: Method) -> None:
        """Take over the matrix [n, n], C-contiguous with both triangles; it becomes working space."""
        self._sensible = error >= 0.0 and weight >= 0.0
        self._error, self._method = error, method
        self._small: tuple[Array, Array] | None = None
        if len(directions):
            rounding = (2.0 * len(matrix) + 10.0) * U
            self._size = float(np.linalg.norm(directions)) ** 2 * SAFETY
            norm = float(np.linalg.norm(matrix)) * SAFETY
            self._small = -(directions @ (matrix @ directions.T)), directions @ directions.T
            self._rounding = rounding, norm
            self._error += rounding * (weight * self._size + norm)
            self._small_error = self._size * error
            for top in range(0, len(matrix), TILE):
                matrix[top : top + TILE] += weight * (directions[:, top : top + TILE].T @ directions)
        self._lifted = question(matrix)

    def certainly(self, gap: float) -> bool:
        """True: the statement holds.  False says nothing."""
        if not (self._sensible and gap > 0.0):
            return False
        if self._small is not None:
            rounding, norm = self._rounding
            compressed_error = self._small_error + self._size * rounding * (norm + gap)
            compressed = self._small[0] - gap * self._small[1]
            if not certainly_positive_definite(compressed, compressed_error * SAFETY, self._method):
                return False
        return self._lifted.certainly_exceeds(gap + self._error * SAFETY, self._method)


def certainly_has_inertia(
    matrix: Array, error: float, gap: float, directions: Array, weight: float, *, method: Method = "exact"
) -> bool:
    """`InertiaTest` for one gap; the matrix is left alone."""
    return InertiaTest(np.array(matrix, order="C"), error, directions, weight, method).certainly(gap)
