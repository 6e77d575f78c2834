"""Gradient of the population loss for many W at once: the inner loop of everything in this package.

    2 pi grad_i = alpha_i w_i + sum_j (pi - t_ij) w_j - sum_m (pi - t_im) v_m          (docs/theorems.md, T1)

from Gram matrices, with sin t = sqrt(1 - c^2): half of the digits are lost near parallel pairs, which is good enough to
follow a flow.  `landscape.floats` is the accurate version.  Students and teachers are the rows of one array, so that a
chunk of the stack costs two products of matrices and some twenty passes over arrays that fit into the cache.

What is computed for one W does not depend on which others are in the stack: products are made matrix by matrix, and
all else is elementwise and exact or correctly rounded.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial
from numpy.typing import NDArray

from certify.landscape.floats import TWO_PI, teacher_energy
from certify.search.setting import Array

Floats = NDArray[np.float64] | NDArray[np.float32]

WORK = 150_000  # bytes of one work array: all of them then fit into the second-level cache
DEGREES = {"float64": 13, "float32": 6}  # of the polynomial below: errors 3e-13 and 1e-7


def _fitted(x: Array) -> Array:
    """arccos(x) / sqrt(1 - x), analytic on [0, 1]."""
    result: Array = np.arccos(x) / np.sqrt(1.0 - x)
    return result


def _coefficients(degree: int) -> list[float]:
    """numpy's arccos takes four times as long as a polynomial.  (Chebyshev's nodes avoid x = 1.)"""
    series: Any = Chebyshev.interpolate(_fitted, degree, domain=[0.0, 1.0])
    result: list[float] = series.convert(kind=Polynomial).coef.tolist()
    return result


class Kernel:
    """Loss and gradient of stacks of W [B, K, d] for one teacher [M, d]; owns work arrays, so one for each thread."""

    def __init__(self, teacher: Array, students: int, dtype: type[np.floating[Any]] = np.float64) -> None:
        """Prepare work arrays for stacks of this type; B is arbitrary, work is done in chunks."""
        count, (width, dim) = students, teacher.shape
        self.students, self.dtype = students, np.dtype(dtype)
        self.chunk = max(1, WORK // (count * (count + width) * self.dtype.itemsize))
        lengths = np.linalg.norm(teacher, axis=1)

        def work(*shape: int) -> Any:
            return np.empty((self.chunk, *shape), dtype=dtype)

        # Students first, then teachers: w_i and -v_m; their directions; |w_i| and -|v_m|.
        self._rows, self._units, self._norms = (
            work(count + width, dim),
            work(count + width, dim),
            work(count + width, 1),
        )
        self._rows[:, count:] = -teacher
        self._units[:, count:] = teacher / lengths[:, None]
        self._norms[:, count:, 0] = -lengths
        self._pairs = [work(count, count + width) for _ in range(4)]
        self._slope, self._alpha = work(count, dim), work(count, 1)
        self._coefficients = _coefficients(DEGREES[self.dtype.name])
        self._energy = teacher_energy(teacher)

    def gradient(self, W: Any, out: Any = None) -> Any:
        """grad L for every W; shape of W, into `out` if given."""
        out = np.empty_like(W) if out is None else out
        for first in range(0, len(W), self.chunk):
            self._chunk(W[first : first + self.chunk], out[first : first + self.chunk])
        return out

    def loss(self, W: Any) -> Any:
        """L for every W, shape [B]."""
        result = np.empty(len(W), dtype=self.dtype)
        for first in range(0, len(W), self.chunk):
            part = W[first : first + self.chunk]
            cosine, sine, complement = self._angles(part)
            complement *= cosine
            complement += sine
            norms = self._norms[: len(part), :, 0].copy()
            own = norms[:, : self.students].copy()
            norms[:, : self.students] *= 0.5
            total = np.einsum("bi,bij,bj->b", own, complement, norms)
            result[first : first + self.chunk] = total / TWO_PI + self._energy
        return result

    def _chunk(self, W: Any, out: Any) -> None:
        size, k = len(W), self.students
        _, sine, complement = self._angles(W)
        self._rows[:size, :k] = W
        norms, alpha, slope = self._norms[:size], self._alpha[:size], self._slope[:size]
        np.matmul(sine, norms, out=alpha)
        alpha /= norms[:, :k]
        np.matmul(complement, self._rows[:size], out=out)
        np.multiply(alpha, W, out=slope)
        out += slope
        out *= 1.0 / TWO_PI

    def _angles(self, W: Any) -> tuple[Any, Any, Any]:
        """Cosine, sine and pi - t of every student with every row, [B, K, K + M]; overwritten by the next call."""
        size, k = len(W), self.students
        norms, units = self._norms[:size], self._units[:size]
        np.sqrt(np.einsum("bia,bia->bi", W, W)[:, :, None], out=norms[:, :k])
        np.divide(W, norms[:, :k], out=units[:, :k])
        cosine, sine, complement, work = (array[:size] for array in self._pairs)
        np.matmul(units[:, :k], units.transpose(0, 2, 1), out=cosine)
        np.einsum("bii->bi", cosine[:, :, :k])[...] = 1.0  # a student is parallel to itself, without rounding
        self._angles_of(cosine, sine, complement, work)
        return cosine, sine, complement

    def _angles_of(self, cosine: Any, sine: Any, complement: Any, work: Any) -> None:
        """Sine and pi - t of cosines, in place; `work` is overwritten."""
        np.abs(cosine, out=work)
        np.minimum(work, 1.0, out=work)
        np.multiply(work, self._coefficients[-1], out=complement)
        for coefficient in self._coefficients[-2:0:-1]:
            complement += coefficient
            complement *= work
        complement += self._coefficients[0]
        np.subtract(1.0, work, out=sine)
        work += 1.0
        work *= sine
        np.sqrt(sine, out=sine)
        complement *= sine  # the smaller of t and pi - t
        np.sqrt(work, out=sine)
        np.subtract(np.pi / 2.0, complement, out=complement)
        np.copysign(complement, cosine, out=complement)
        complement += np.pi / 2.0
