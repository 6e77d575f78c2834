"""Guesses about spectra, in float64, without any guarantee: what the proof should try to confirm."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, inf, log2
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh_tridiagonal
from scipy.linalg.lapack import dpotrf, dpotrs, dstebz, dsytrd

from certify.linalg.inertia import norm

Array = NDArray[np.float64]
Product = Callable[[Array], Array]
LANCZOS_STEPS = 6
SMALL = 40  # unknowns up to which nothing is cheaper than all eigenvalues
MANY = 256  # unknowns from which products are so much cheaper than a factorisation that some are worth a try
FEW_PRODUCTS, PRODUCTS = 32, 160  # below VERY_MANY unknowns, and from there on; symmetric points need few
VERY_MANY = 1024
SETTLED = 0.001  # of the eigenvalue: residual with which it is believed
NEGLIGIBLE = 2.0**-44


class Spectrum(NamedTuple):
    """index negative eigenvalues; smallest: least |eigenvalue|; directions [q, n] integers; weight lifts them."""

    smallest: float
    largest_diagonal: float
    directions: Array
    weight: float

    @property
    def index(self) -> int:  # type: ignore[override]
        """Number of negative eigenvalues."""
        return len(self.directions)


def approximate_spectrum(
    matrix: Array, product: Callable[[], Product] | None = None, size: float | None = None
) -> Spectrum | None:
    """Inertia and smallest absolute eigenvalue of a symmetric matrix [n, n]; None if it looks singular or not finite.

    product: makes the map x -> matrix x, cheap; size: the Frobenius norm or more, if it is known.  A large positive
    definite matrix takes some dozens of products; a smaller one, or one that needs more of them, a Cholesky
    factorisation and a few Lanczos steps; a small one its eigenvalues; any other a full eigendecomposition.
    """
    n = len(matrix)
    diagonal: float = max(map(abs, matrix.diagonal().tolist()))
    if product is not None and n >= MANY:
        smallest = _smallest_by_products(product(), n)
        if smallest is not None and smallest > NEGLIGIBLE * diagonal:
            return Spectrum(smallest, diagonal, np.zeros((0, n)), 0.0)
    smallest = (
        _smallest_by_eigenvalues(matrix, norm(matrix) if size is None else size)
        if n <= SMALL
        else _smallest_by_factor(matrix)
    )
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


def _smallest_by_eigenvalues(matrix: Array, size: float) -> float:
    """The smallest eigenvalue to some digits, by bisection; 0 if LAPACK fails."""
    n = len(matrix)
    if n == 1:
        return float(matrix[0, 0])
    _, diagonal, beside, _, info = dsytrd(matrix.T, lower=0, lwork=n)
    if info != 0 or not size < inf:
        return 0.0
    for width in (2.0**-18 * size, 0.0):  # 0: as narrow as LAPACK can
        _, values, _, _, info = dstebz(diagonal, beside, 2, 0.0, 0.0, 1, 1, width, "E")
        if info == 0 and abs(values[0]) > 64.0 * width:
            return float(values[0])
    return 0.0


def _smallest_by_factor(matrix: Array) -> float:
    """The smallest eigenvalue of a positive definite matrix, approximately; 0 of any other."""
    factor, info = dpotrf(matrix.T, lower=0, clean=0)
    return _smallest_by_lanczos(factor) if info == 0 else 0.0


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


def _smallest_by_products(product: Product, n: int) -> float | None:
    """A number a little below the smallest eigenvalue of a positive definite matrix, by Lanczos' method.

    None if it has not settled after PRODUCTS products, or is not positive.
    """
    most = PRODUCTS if n >= VERY_MANY else FEW_PRODUCTS
    basis = np.empty((most, n))
    alpha, beta = np.zeros(most), np.zeros(most)
    x = np.cos(np.arange(1.0, n + 1.0) ** 2)
    x /= float(x @ x) ** 0.5
    for k in range(most):
        basis[k] = x
        y = product(x)
        alpha[k] = float(x @ y)
        done = basis[: k + 1]
        for _ in range(2):  # keep the basis orthogonal
            y -= (done @ y) @ done
        beta[k] = float(y @ y) ** 0.5
        if k % 8 == 7 or not beta[k] > 1e-10 * abs(alpha[k]):
            if not (np.isfinite(alpha).all() and np.isfinite(beta).all()):
                return None
            values, vectors = eigh_tridiagonal(alpha[: k + 1], beta[:k], select="i", select_range=(0, 0))
            ritz, residual = float(values[0]), abs(float(beta[k] * vectors[-1, 0]))
            if not ritz > 0.0:
                return None
            if residual < SETTLED * ritz:
                return ritz - residual
        x = y / beta[k]
    return None
