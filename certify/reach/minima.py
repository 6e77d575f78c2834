"""Minima that one worker has met: float estimates of what they attract.  Nothing here is proved."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from certify.landscape import floats
from certify.landscape.third import attracted, dense_others, third_derivative
from certify.search.newton import polish
from certify.search.setting import Array, Setting

CONVERGED = 1e-10  # largest gradient entry of a polished point, per unit
FLAT = 1e-6  # smallest Hessian eigenvalue of a minimum


class Minimum(NamedTuple):
    """A strict minimum [K, d] and the smallest eigenvalue of its Hessian in every dimension."""

    W: Array
    lowest: float


def minimum_near(W: Array, setting: Setting) -> Minimum | None:
    """A strict minimum of the loss near W [K, d] by Newton's method."""
    V = setting.teacher
    with np.errstate(all="ignore"):
        try:
            point = polish(W, V, CONVERGED * 1e-2 * setting.unit)
            pairs = floats.pairs(point, V)
            if not float(np.abs(floats.gradient_of(pairs)).max()) < CONVERGED * setting.unit:
                return None
            spectra = [np.linalg.eigvalsh(matrix(pairs)) for matrix in (floats.hessian_of, floats.ambient_of)]
        except np.linalg.LinAlgError:
            return None
    lowest = min(float(values[0]) for values in spectra)
    return Minimum(point, lowest) if lowest > FLAT else None


def convex_at(W: Array, setting: Setting) -> bool:
    """Whether the Hessian at W [K, d] is positive definite in every dimension: not so beside a saddle."""
    pairs = floats.pairs(W, setting.teacher)
    try:
        for matrix in (floats.ambient_of, floats.hessian_of):
            np.linalg.cholesky(matrix(pairs))
    except np.linalg.LinAlgError:
        return False
    return True


def radius_of(minimum: Minimum, V: Array) -> float:
    """The radius of the ball that the minimum seems to attract (B2)."""
    units = V / np.linalg.norm(V, axis=1)[:, None]
    teachers = float(np.abs(units @ units.T).sum(axis=1).max())
    others = dense_others(floats.pairs(minimum.W, V))
    shortest = float(others.norm.min())
    return attracted(lambda r: third_derivative(others, teachers, r), 0.85 * minimum.lowest, shortest)


def distance_to_global(W: Array, teacher: Array) -> float:
    """Distance of W [K, d] to an explicit W' with f_W' = f_V: students that share a teacher are multiples of it that

    add up to it.  inf where some teacher has no student, or a student none.
    """
    lengths = np.linalg.norm(teacher, axis=1)
    along = W @ (teacher / lengths[:, None]).T
    owner = along.argmax(axis=1)
    target = np.zeros_like(W)
    for m, length in enumerate(lengths):
        members = np.flatnonzero(owner == m)
        if not len(members):
            return float("inf")
        shares = _simplex(along[members, m] / length)
        target[members] = shares[:, None] * teacher[m]
    return float(np.linalg.norm(W - target))


def _simplex(x: Array) -> Array:
    """The closest vector with entries >= 0 that add up to 1."""
    ordered = np.sort(x)[::-1]
    excess = (np.cumsum(ordered) - 1.0) / np.arange(1, len(x) + 1)
    last = int(np.flatnonzero(ordered > excess).max())
    result: Array = np.maximum(x - excess[last], 0.0)
    return result
