"""The fast directions of the flow, known in advance, and functions of them: A = mean_rate P + unit_rate u u^T.

P takes every student to the mean of all, u is the stack of the students' directions less their mean, of length one.
For students at right angles, in the Hessian, the pairs' (pi - t_ij)/2 pi = 1/4 put all but a bulk of eigenvalues below
one half into these: some K/4 on the range of P, K/2 pi on u.  Elsewhere A is a worse guess, and steps are shorter.
"""

from __future__ import annotations

from typing import Any

import numpy as np


class Fast:
    """A of stacks W [B, K, d], B at most as in `shape`; owns work arrays."""

    def __init__(self, shape: tuple[int, int, int], dtype: Any) -> None:
        """Before the first `look` there is no A."""
        count = shape[1]
        self.mean_rate, self.unit_rate = count / 4.0 + 0.25, count / (2.0 * np.pi) + 0.25
        self._unit = np.empty(shape, dtype=dtype)
        self._weights = np.full((1, count), 1.0 / count, dtype=dtype)

    def look(self, W: Any) -> None:
        """Take A at W.  Of one student, or of parallel ones, u is zero."""
        unit = self._unit[: len(W)]
        np.divide(W, np.sqrt(np.einsum("bia,bia->bi", W, W))[:, :, None], out=unit)
        unit -= np.matmul(self._weights, unit)
        length = np.sqrt(np.einsum("bia,bia->b", unit, unit))[:, None, None]
        unit /= np.maximum(length, np.finfo(W.dtype).tiny)

    def shift(self, X: Any, factors: tuple[Any, Any], work: Any) -> None:
        """X + on_mean P X + on_unit u u.X for the first of the stack, in place; factors: both, [B, 1, 1].

        `work`, at least as long as X, is overwritten.
        """
        unit, (on_mean, on_unit) = self._unit[: len(X)], factors
        mean = np.matmul(self._weights, X)  # five times as fast as numpy's mean
        along = np.einsum("bia,bia->b", unit, X)[:, None, None]
        mean *= on_mean[: len(X)]
        along *= on_unit[: len(X)]
        X += mean
        X += np.multiply(along, unit, out=work[: len(X)])

    def averaging(self, eta: Any) -> tuple[Any, Any]:
        """Factors that make `shift` phi(eta A), phi(x) = (1 - exp(-x)) / x; eta [B, 1, 1] in the stack's type."""

        def less_one(rate: float) -> Any:
            x = np.maximum(eta * eta.dtype.type(rate), np.finfo(eta.dtype).tiny)
            return -np.expm1(-x) / x - 1

        return less_one(self.mean_rate), less_one(self.unit_rate)

    def damping(self, eta: Any) -> tuple[Any, Any]:
        """Factors that make `shift` (I + eta A)^-1."""
        mean, unit = (eta * eta.dtype.type(rate) for rate in (self.mean_rate, self.unit_rate))
        return -mean / (1 + mean), -unit / (1 + unit)
