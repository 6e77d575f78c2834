"""Guesses about spectra, in float64, without any guarantee: what the proof should try to confirm."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log2

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpotrf, dpotrs

Array = NDArray[np.float64]
LANCZOS_STEPS = 6
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

    A positive definite matrix takes one Cholesky factorisation and a few Lanczos steps, any other a full
    eigendecomposition.
    """
    n = len(matrix)
    diagonal = float(np.abs(matrix.diagonal()).max())
    factor, info = dpotrf(matrix.T, lower=0, clean=0)
    if info == 0:
        smallest = _smallest_by_lanczos(factor)
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


def _smallest_by_lanczos(factor: Array) -> float:
    """Ritz value of a few Lanczos steps with the inverse; close to the smallest eigenvalue, from above."""
    n = len(factor)
    x = np.cos(np.arange(1.0, n + 1.0) ** 2)
    x /= float(x @ x) ** 0.5
    before, beta = np.zeros(n), 0.0
    ritz = np.zeros((LANCZOS_STEPS, LANCZOS_STEPS))
    steps = 0
    for k in range(LANCZOS_STEPS):
        y, _ = dpotrs(factor, x, lower=0)
        y -= beta * before
        ritz[k, k] = alpha = float(x @ y)
        y -= alpha * x
        beta = float(y @ y) ** 0.5
        steps = k + 1
        if not beta > 1e-10 * abs(alpha) or steps == LANCZOS_STEPS:
            break
        ritz[k + 1, k] = beta  # eigvalsh reads the lower triangle
        before, x = x, y / beta
    return 1.0 / float(np.linalg.eigvalsh(ritz[:steps, :steps])[-1])
