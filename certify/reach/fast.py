"""The fast directions of the flow, known in advance, and functions of them: A = mean_rate P + unit_rate u u^T.

P takes every student to the mean of all, u is the stack of the students' directions less their mean, of length one.
For students at right angles, in the Hessian, the pairs' (pi - t_ij)/2 pi = 1/4 put all but a bulk of eigenvalues below
one half into these: some K/4 on the range of P, K/2 pi on u.  Elsewhere A is a worse guess, and steps are shorter.

P u = 0, so f(A) X = f(0) X + (f(mean_rate) - f(0)) P X + (f(unit_rate) - f(0)) u <u, X>.  What is added is
directions * weight + shift, the same for every student: of a stack X only *parts* [B, d + 1, 1] are needed, the mean
student and <u, X>, and parts are linear in X.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from certify.search.setting import Array

APART = 1e-4  # mean square of directions about their mean, below which u counts as zero


class Fast:
    """A of stacks X [B, d, K], whose students' directions are kept in the array that was given."""

    def __init__(self, directions: Any) -> None:
        """Before the first `look` there is no A."""
        chunk, dim, count = directions.shape
        self.rates = np.full((dim + 1, 1), count / 4.0 + 0.25)
        self.rates[dim] = count / (2.0 * np.pi) + 0.25
        self._directions, self._middle = directions, np.empty((chunk, dim, 1), dtype=directions.dtype)
        self._scale = np.empty((chunk, 1, 1), dtype=directions.dtype)
        self._weights = np.full((count, 1), 1.0 / count, dtype=directions.dtype)
        self._ones = np.ones((1, dim), dtype=directions.dtype)

    def look(self, X: Any, work: Any) -> None:
        """Take A at X; `work`, of its shape, is overwritten.  Of one student, or of parallel ones, u is zero."""
        directions, middle, scale = (array[: len(X)] for array in (self._directions, self._middle, self._scale))
        np.multiply(X, X, out=work)
        directions[...] = np.divide(X, np.sqrt(np.matmul(self._ones, work)), out=work)
        np.matmul(work, self._weights, out=middle)
        spread = 1.0 - np.matmul(middle.transpose(0, 2, 1), middle)
        some = spread > APART
        scale[...] = np.where(some, 1.0 / np.sqrt(X.shape[2] * np.where(some, spread, 1.0)), 0.0)

    def parts(self, X: Any) -> Any:
        """Of the first of the stack."""
        count, dim, students = X.shape
        result = np.empty((count, dim + 1, 1), dtype=X.dtype)
        mean, along = result[:, :dim], result[:, dim:]
        np.matmul(X, self._weights, out=mean)
        along[:, 0, 0] = products(self._directions[:count], X)
        along -= students * np.matmul(self._middle[:count].transpose(0, 2, 1), mean)
        along *= self._scale[:count]
        return result

    def added(self, parts: Any) -> tuple[Any, Any]:
        """The stack with these parts in the range of A: weight [B] of the directions, shift [B, d, 1] of all."""
        count, dim = len(parts), parts.shape[1] - 1
        weight = parts[:, dim:] * self._scale[:count]
        return weight[:, 0, 0], parts[:, :dim] - weight * self._middle[:count]

    def averaging(self, eta: Array) -> Any:
        """What multiplies parts for phi(eta A) - 1, phi(x) = (1 - exp(-x)) / x: eta [B], [B, d + 1, 1]."""
        x = np.maximum(eta[:, None, None] * self.rates, np.finfo(np.float64).tiny)
        return (-np.expm1(-x) / x - 1.0).astype(self._directions.dtype)

    def damping(self, eta: Array) -> Any:
        """What multiplies parts for (I + eta A)^-1 - I: eta [B], [B, d + 1, 1]."""
        x = eta[:, None, None] * self.rates
        return (-x / (1.0 + x)).astype(self._directions.dtype)


def products(X: Any, Y: Any) -> Any:
    """<X, Y> matrix by matrix, [B]."""
    count, dim, students = X.shape
    flat = dim * students
    return np.matmul(X.reshape(count, 1, flat), Y.reshape(count, flat, 1))[:, 0, 0]
