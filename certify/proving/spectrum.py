"""Guesses about spectra, in float64, without any guarantee: what the proof should try to confirm."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log2

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpotrf, dpotrs

Array = NDArray[np.float64]
INVERSE_ITERATIONS = 6
NEGLIGIBLE = 2.0**-44


@dataclass(frozen=True)
class Spectrum:
    """index negative eigenvalues; smallest: least |eigenvalue|; directions [q, n] integers; weight lifts them."""

    smallest: float
    largest_diagonal: float
    directions: Array
    weight: float

    @property
    def index(self) -> int:
        """Number of negative eigenvalues."""
        return len(self.directions)


def approximate_spectrum(matrix: Array) -> Spectrum | None:
    """Inertia and smallest absolute eigenvalue of a symmetric matrix [n, n]; None if it looks singular or not finite.

    A positive definite matrix takes one Cholesky factorisation and a few inverse iterations, any other a full
    eigendecomposition.
    """
    n = len(matrix)
    diagonal = float(np.abs(matrix.diagonal()).max())
    factor, info = dpotrf(matrix.T, lower=0, clean=0)
    if info == 0:
        smallest = _smallest_by_inverse_iteration(factor)
        if smallest > NEGLIGIBLE * diagonal:
            return Spectrum(smallest, diagonal, np.zeros((0, n)), 0.0)
    if not np.isfinite(matrix).all():
        return None
    values, vectors = np.linalg.eigh(matrix)
    smallest = float(np.abs(values).min())
    if not smallest > NEGLIGIBLE * float(np.abs(values).max()):
        return None
    negative = values < 0.0
    if not negative.any():
        return Spectrum(smallest, diagonal, np.zeros((0, n)), 0.0)
    # rounding to `bits` tilts the directions by sqrt(n) / 2^bits, which must not matter at the scale of `smallest`
    size = float(np.abs(values[negative]).max())
    bits = 6 + ceil(0.5 * log2(n * max(size, smallest) / smallest))
    directions = np.rint(np.ldexp(vectors[:, negative].T, bits))
    weight = 2.0 * (size + smallest) * 4.0**-bits
    return Spectrum(smallest, diagonal + 2.0 * (size + smallest), directions, weight)


def _smallest_by_inverse_iteration(factor: Array) -> float:
    """Rayleigh quotient after a few steps; close to the smallest eigenvalue, from above."""
    x = np.cos(np.arange(1.0, len(factor) + 1.0) ** 2)
    quotient = 0.0
    for _ in range(INVERSE_ITERATIONS):
        y, _ = dpotrs(factor, x, lower=0)
        quotient = float(x @ x) / float(x @ y)
        x = y / float(y @ y) ** 0.5
    return quotient
