"""Is this BLAS what L1 assumes: IEEE float64, sums of products, NaN kept?  Probes of less than a millisecond.

A probe can find a library that is unfit, not prove that one is fit.
"""

from __future__ import annotations

from functools import lru_cache
from math import isfinite, isnan

import numpy as np
from scipy.linalg.lapack import dpotrf

from certify.linalg.definite import Array

LARGEST = 128  # that of the tiles of `linalg.definite`
NUMBERS = 1.0, 2.0**-1022  # not literals where they are added: those the compiler would add


def trouble(size: int = LARGEST) -> str | None:
    """One line on what is wrong with the floating-point environment or the library; None if nothing was found.

    size: of the matrices in question; those of the probe are not larger, up to LARGEST.
    """
    one, tiny = NUMBERS
    if not (one + 2.0**-53 == one and one + 2.0**-52 + 2.0**-53 == one + 2.0**-51 and -one - 2.0**-53 == -one):
        return "the processor does not round to nearest"
    if not (tiny / 2.0 > 0.0 and tiny / 2.0 + tiny / 2.0 == tiny):
        return "the processor flushes small numbers to zero"
    left, right, expected, unfit = _probes(max(2, min(size, LARGEST)))
    product = left.T @ right  # the last column of `left` is NaN
    if product[:-1].tobytes() != expected:
        return "products of matrices of integers are not exact"
    if not all(map(isnan, product[-1].tolist())):
        return "NaN is lost in products of matrices"
    if all(map(isfinite, dpotrf(unfit, lower=1, clean=0)[0].diagonal().tolist())):
        return "NaN is lost in Cholesky's factorisation"
    return None


@lru_cache(maxsize=16)
def _probes(size: int) -> tuple[Array, Array, bytes, Array]:
    """Two matrices of 24-bit integers with columns just shorter than 2^26.5, and their exact product, no entry of which
    is 0; then, in the first one, a column that is NaN; and a matrix that is NaN but for its diagonal."""
    generator = np.random.default_rng(1)
    limit = int(2**26.49 / size**0.5)
    a, b = (generator.integers(limit - limit // 8, limit, (size, size)) for _ in range(2))
    b[:, ::2] *= -1
    left = np.hstack([a.astype(float), np.where(np.arange(size)[:, None] == size // 2, np.nan, a[:, :1])])
    expected = (a.T @ b).astype(float)  # int64 holds the sums; all are below 2^53
    unfit = np.where(np.eye(size) > 0.0, 2.0, np.nan)
    return left, b.astype(float), expected.tobytes(), np.asfortranarray(unfit)
