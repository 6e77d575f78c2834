"""Inertia of many small float64 matrices at once, from approximate eigenvectors of which nothing is assumed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from certify.linalg.definite import SAFETY, Array, U


class Signs(NamedTuple):
    """Of every symmetric matrix near a given one: `negative` [K] negative eigenvalues, none smaller in absolute value
    than `smallest` [K].  Where that is not positive, nothing is known."""

    negative: Array
    smallest: Array


def signs(matrices: Array, error: Array) -> Signs:
    """For symmetric matrices [K, d, d] and bounds [K] of their errors in the 2-norm: docs/float-bounds.md."""
    d = matrices.shape[1]
    identity = np.eye(d)
    unknown = Signs(np.zeros(len(matrices)), np.zeros(len(matrices)))
    if not np.isfinite(matrices).all():
        return unknown
    try:
        Q = np.linalg.eigh(matrices)[1]
    except np.linalg.LinAlgError:
        return unknown
    turned = Q.transpose(0, 2, 1)
    images, gram = turned @ matrices @ Q, turned @ Q
    diagonal = np.einsum("iaa->ia", images)
    squares = norms(Q) ** 2 * SAFETY
    rounding = 2.1 * d * U * squares
    eps = norms(gram - identity) * SAFETY + rounding + 2.0 * U
    off = norms(images - diagonal[:, :, None] * identity) * SAFETY + rounding * norms(matrices) + error * (1.0 + eps)
    smallest = (np.abs(diagonal).min(axis=1) - off) / (1.0 + eps) / SAFETY
    return Signs(np.count_nonzero(diagonal < 0.0, axis=1), np.where(eps < 0.5, smallest, 0.0))


def norms(matrices: Array) -> Array:
    """Frobenius norms of a stack."""
    flat = matrices.reshape(len(matrices), -1)
    squares: Array = np.einsum("ia,ia->i", flat, flat)
    return np.sqrt(squares)
