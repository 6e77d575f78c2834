"""Inertia of many small float64 matrices at once, from approximate eigenvectors of which nothing is assumed."""

from __future__ import annotations

from math import inf, sqrt
from typing import NamedTuple

import numpy as np

from certify.linalg.definite import SAFETY, Array, U


class Signs(NamedTuple):
    """Of every symmetric matrix near a given one: `negative` [K] negative eigenvalues, none smaller in absolute value
    than `smallest` [K].  Where that is not positive, nothing is known."""

    negative: Array
    smallest: Array


def signs(matrices: Array, error: Array | float, sizes: Array | float) -> Signs:
    """For symmetric matrices [K, d, d], bounds of their errors in the 2-norm, and their `norms`; [K] or one for all.

    docs/float-bounds.md; eps is one number for all.
    """
    count, d, _ = matrices.shape
    if not (sizes if isinstance(sizes, float) else sizes.max()) < inf:
        return _unknown(count)
    try:
        Q = np.linalg.eigh(matrices)[1]
    except np.linalg.LinAlgError:
        return _unknown(count)
    turned = Q.transpose(0, 2, 1)
    images, gram = turned @ matrices @ Q, turned @ Q
    own, lengths = diagonals(images), diagonals(gram)
    diagonal = own.copy()
    own.fill(0.0)
    lengths -= 1.0
    deviation = norm(gram) * SAFETY
    rounding = 2.1 * d * U * d * (1.0 + deviation) * SAFETY
    eps = deviation + rounding + 2.0 * U
    if not eps < 0.5:
        return _unknown(count)
    beside = norm(images) if isinstance(sizes, float) else norms(images)
    off = beside * SAFETY + (rounding * sizes + error * (1.0 + eps))
    smallest = (np.minimum.reduce(np.abs(diagonal), axis=1) - off) / ((1.0 + eps) * SAFETY)
    return Signs(np.add.reduce(diagonal < 0.0, axis=1), smallest)


def _unknown(count: int) -> Signs:
    return Signs(np.zeros(count), np.zeros(count))


def diagonals(matrices: Array) -> Array:
    """A view [K, d] of a contiguous stack [K, d, d]."""
    d = matrices.shape[1]
    return matrices.reshape(len(matrices), d * d)[:, :: d + 1]


def norm(array: Array) -> float:
    """Square root of the sum of all squares, of a contiguous array."""
    flat = array.reshape(-1)
    return sqrt(flat @ flat)


def norms(matrices: Array) -> Array:
    """Frobenius norms of a stack."""
    flat = matrices.reshape(len(matrices), -1)
    squares: Array = np.einsum("ia,ia->i", flat, flat)
    return np.sqrt(squares)
