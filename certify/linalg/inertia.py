"""Inertia of many small float64 matrices at once, from approximate eigenpairs of which nothing is assumed."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import inf, sqrt
from typing import NamedTuple

import numpy as np

from certify.linalg.definite import SAFETY, Array, U

try:  # the loop inside of `np.linalg.eigh`: what surrounds it takes a third of its time for a handful of small matrices
    from numpy.linalg._umath_linalg import eigh_lo
except ImportError:
    eigenpairs: Callable[[Array], tuple[Array, Array]] = np.linalg.eigh
else:
    eigenpairs = eigh_lo


class Signs(NamedTuple):
    """Of every symmetric matrix near a given one: `negative` [K] negative eigenvalues, none smaller in absolute value
    than `smallest` [K].  Where that is not positive, nothing is known."""

    negative: list[int]
    smallest: list[float]


def signs(matrices: Array, error: float, size: float) -> Signs:
    """For symmetric matrices [K, d, d], a bound of the 2-norm of their errors, and their `norm`.

    docs/float-bounds.md; every number but the eigenvalues is one for all matrices.
    """
    count, d, _ = matrices.shape
    if not size < inf:
        return _unknown(count)
    try:
        values, Q = eigenpairs(matrices)
    except np.linalg.LinAlgError:
        return _unknown(count)
    rest = matrices @ Q
    rest -= Q * values[:, None, :]
    gram = Q.transpose(0, 2, 1) @ Q
    gram -= _identity(d)
    deviation, largest = norm(gram) * SAFETY, norm(values)
    eps = deviation + 2.1 * d * d * U * (1.0 + deviation) * SAFETY + 2.0 * U
    if not eps < 0.5:
        return _unknown(count)
    off = (1.0 + eps) * (norm(rest) + 1.1 * d * sqrt(d) * U * size + (eps + U) * largest + error) * SAFETY
    below = (1.0 + eps) * SAFETY
    rows = values.tolist()
    negative = [len([x for x in row if x < 0.0]) for row in rows]
    return Signs(negative, [(min(map(abs, row)) - off) / below for row in rows])


def _unknown(count: int) -> Signs:
    return Signs([0] * count, [0.0] * count)


@lru_cache(maxsize=16)
def _identity(d: int) -> Array:
    """The d x d identity, not to be written to."""
    return np.eye(d)


def norm(array: Array) -> float:
    """Square root of the sum of all squares, of a contiguous array."""
    flat = array.reshape(-1)
    return sqrt(flat.dot(flat))
