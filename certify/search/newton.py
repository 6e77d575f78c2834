"""Newton's method for grad L = 0 in float64, guarded: no step may increase the largest gradient entry."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from certify.landscape import floats
from certify.search.setting import Array

STEPS = 60
HALVINGS = 8
CUT = 1e-8  # eigenvalues below CUT times the largest are left out of a singular Newton step


def polish(W: Array, V: Array, target: float) -> Array:
    """Improve a nearly critical W [K, d] as far as rounding allows; returns the best point seen.

    `target` is the gradient (largest entry) below which only plain undamped steps are still tried.
    """
    here = _Point(W, V)
    for _ in range(STEPS):
        if not 0.0 < here.size < np.inf:
            break
        better = _step(here, V, HALVINGS if here.size > target else 0)
        if better is None:
            break
        here = better
    return here.W


class _Point:
    """A point with its pairwise quantities, its gradient and the largest entry of that."""

    def __init__(self, W: Array, V: Array) -> None:
        self.W = W
        self.pairs = floats.pairs(W, V)
        self.gradient = floats.gradient_of(self.pairs)
        self.size = float(np.abs(self.gradient).max())


def _step(here: _Point, V: Array, halvings: int) -> _Point | None:
    """First trial point with a smaller gradient."""
    for trial in _trials(floats.hessian_of(here.pairs), here.gradient.ravel(), halvings):
        there = _Point(here.W - trial.reshape(here.W.shape), V)
        if there.size < here.size:
            return there
    return None


def _trials(hessian: Array, gradient: Array, halvings: int) -> Iterator[Array]:
    """Steps to try, best first; a generator, because the eigenbasis costs far more than the Cholesky factor."""
    full = _definite_solve(hessian, gradient)
    if full is not None:
        yield full
    if halvings:
        singular = _pseudo_solve(hessian, gradient)
        if singular is not None:
            yield from (singular * 0.5**j for j in range(halvings))


def _definite_solve(hessian: Array, right: Array) -> Array | None:
    try:
        result: Array = cho_solve(cho_factor(hessian, lower=True), right)
    except np.linalg.LinAlgError:
        return None
    return result


def _pseudo_solve(hessian: Array, right: Array) -> Array | None:
    try:
        values, vectors = np.linalg.eigh(hessian)
    except np.linalg.LinAlgError:  # LAPACK gives up on some matrices, rarely
        return None
    kept = np.abs(values) > CUT * np.abs(values).max()
    result: Array = vectors[:, kept] @ ((vectors[:, kept].T @ right) / values[kept])
    return result
