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

WORK = 300_000  # bytes of one work array: all of them then fit into the second-level cache
DEGREES = {"float64": 13, "float32": 6}  # of the polynomial below: errors 3e-13 and 1e-7


def _fitted(x: Array) -> Array:
    """arccos(x) / 2 pi sqrt(1 - x), analytic on [0, 1]."""
    result: Array = np.arccos(x) / (TWO_PI * np.sqrt(1.0 - x))
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
        unit = np.array_equal(teacher, np.eye(width, dim))
        self._plain = width if unit else 0  # teachers e_1, e_2, ... need no products
        self._pairs = [work(count, count + width) for _ in range(4)]
        self._alpha = work(count, 1)
        self._coefficients = _coefficients(DEGREES[self.dtype.name])
        self._bits = np.dtype(f"u{self.dtype.itemsize}")
        self._sign = self._bits.type(1 << 8 * self.dtype.itemsize - 1)
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
            cosine, sine, share = self._angles(part)
            share *= cosine
            sine *= 1.0 / TWO_PI
            share += sine
            norms = self._norms[: len(part), :, 0].copy()
            own = norms[:, : self.students].copy()
            norms[:, : self.students] *= 0.5
            result[first : first + self.chunk] = np.einsum("bi,bij,bj->b", own, share, norms) + self._energy
        return result

    def _chunk(self, W: Any, out: Any) -> None:
        size, k = len(W), self.students
        _, sine, share = self._angles(W)
        norms, alpha = self._norms[:size], self._alpha[:size]
        np.matmul(sine, norms, out=alpha)
        alpha /= TWO_PI * norms[:, :k]
        diagonal = np.einsum("bii->bi", share[:, :, :k])
        diagonal += alpha[:, :, 0]
        if self._plain:
            np.matmul(share[:, :, :k], W, out=out)
            out[:, :, : self._plain] -= share[:, :, k:]
        else:
            self._rows[:size, :k] = W
            np.matmul(share, self._rows[:size], out=out)

    def _angles(self, W: Any) -> tuple[Any, Any, Any]:
        """Cosine, sine, (pi - t) / 2 pi of students with all rows, [B, K, K + M]; overwritten by the next call."""
        size, k = len(W), self.students
        norms, units = self._norms[:size], self._units[:size]
        np.sqrt(np.einsum("bia,bia->bi", W, W)[:, :, None], out=norms[:, :k])
        np.multiply(W, 1.0 / norms[:, :k], out=units[:, :k])
        cosine, sine, share, work = (array[:size] for array in self._pairs)
        if self._plain:
            np.matmul(units[:, :k], units[:, :k].transpose(0, 2, 1), out=cosine[:, :, :k])
            cosine[:, :, k:] = units[:, :k, : self._plain]
        else:
            np.matmul(units[:, :k], units.transpose(0, 2, 1), out=cosine)
        np.einsum("bii->bi", cosine[:, :, :k])[...] = 1.0  # a student is parallel to itself, without rounding
        self._angles_of(cosine, sine, share, work)
        return cosine, sine, share

    def _angles_of(self, cosine: Any, sine: Any, share: Any, work: Any) -> None:
        """Sine and (pi - t) / 2 pi of cosines, in place; `work` is overwritten."""
        np.abs(cosine, out=work)
        np.multiply(work, self._coefficients[-1], out=share)
        for coefficient in self._coefficients[-2:0:-1]:
            share += coefficient
            share *= work
        share += self._coefficients[0]
        np.subtract(1.0, work, out=sine)
        np.abs(sine, out=sine)  # rounding may have brought |cosine| above 1
        work += 1.0
        work *= sine
        np.sqrt(sine, out=sine)
        share *= sine  # the smaller of t and pi - t, over 2 pi
        np.sqrt(work, out=sine)
        np.subtract(0.25, share, out=share)
        bits, signs = share.view(self._bits), work.view(self._bits)
        np.bitwise_and(cosine.view(self._bits), self._sign, out=signs)
        np.bitwise_xor(bits, signs, out=bits)  # times the sign of the cosine; numpy's copysign takes twice as long
        share += 0.25
