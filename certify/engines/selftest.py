"""Is this BLAS what L1 assumes: IEEE float64, sums of products, NaN kept?  Probes of less than a millisecond.

A probe can find a library that is unfit, not prove that one is fit.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.linalg.lapack import dpotrf

from certify.linalg.definite import Array

LARGEST = 128  # that of the tiles of `linalg.definite`


def trouble(size: int = LARGEST) -> str | None:
    """One line on what is wrong with the floating-point environment or the library; None if nothing was found.

    size: of the matrices in question; those of the probe are not larger, up to LARGEST.
    """
    size = max(2, min(size, LARGEST))
    with np.errstate(all="ignore"):
        one, tiny = np.float64(1.0), np.float64(2.0**-1022)
        if not (one + 2.0**-53 == one and one + 2.0**-52 + 2.0**-53 == one + 2.0**-51 and -one - 2.0**-53 == -one):
            return "the processor does not round to nearest"
        if not (tiny / 2.0 > 0.0 and tiny / 2.0 + tiny / 2.0 == tiny):
            return "the processor flushes small numbers to zero"
        left, right, expected = _integers(size)
        product = left.T @ right  # the last column of `right` is NaN
        if not (product[:, :-1] == expected).all():
            return "products of matrices of integers are not exact"
        if not np.isnan(product[:, -1]).all():
            return "NaN is lost in products of matrices"
        pivots = dpotrf(np.where(np.eye(size) > 0.0, 2.0, np.nan), lower=1)[0].diagonal()
        if np.isfinite(pivots).all():
            return "NaN is lost in Cholesky's factorisation"
    return None


@lru_cache(maxsize=16)
def _integers(size: int) -> tuple[Array, Array, Array]:
    """Two matrices of 24-bit integers with columns just shorter than 2^26.5, and their exact product; then, in the
    second one, a column that is NaN."""
    generator = np.random.default_rng(1)
    limit = int(2**26.49 / size**0.5)
    a, b = (generator.integers(limit - limit // 8, limit, (size, size)) for _ in range(2))
    b[:, ::2] *= -1
    right = np.hstack([b.astype(float), np.where(np.arange(size)[:, None] == size // 2, np.nan, b[:, :1])])
    return a.astype(float), right, (a.T @ b).astype(float)  # int64 holds the sums; all are below 2^53
