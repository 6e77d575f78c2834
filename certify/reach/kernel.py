"""Gradient of the population loss for many W at once: the inner loop of everything in this package.

    2 pi grad_i = alpha_i w_i + sum_j (pi - t_ij) w_j - sum_m (pi - t_im) v_m          (docs/theorems.md, T1)

from Gram matrices.  Here and in the steps students are columns: a stack X [B, d, K] of transposed W, whose products
X^T X are twice as fast as W W^T.  Sines are sqrt(1 - c^2): half of the digits are lost near parallel pairs, which is
good enough to follow a flow.  `landscape.floats` is the accurate version.  Angles come from the sines, by

    pi - t = pi / 2 + arcsin c = pi / 2 + c Q(sin t),     Q(s) = arccos(s) / sqrt(1 - s^2),

without cases: Q is analytic on [0, 1].  (It is the Stieltjes function of dt / sqrt(t^2 - 1) on t > 1, so a continued
fraction of few terms gives it; a division takes numpy no longer than a product.)

What is computed for one W does not depend on which others are in the stack: products are made matrix by matrix, and
all else is elementwise and exact or correctly rounded.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from certify.landscape.floats import TWO_PI, teacher_energy
from certify.search.setting import Array

WORK = 400_000  # bytes of one work array
# Q / 2 pi = x_0 + x_1 / (s + x_2 + x_3 / (s + x_4 + ...)) with the least largest error of c Q(s) / 2 pi on [0, 1],
# 7.2e-8 and 2.4e-13, by Remez's algorithm in fifty digits.
FRACTIONS = {
    "float32": (0.014776652077391703, 0.43358588990442040, 2.2955970215384656, -0.82775337945331546,
                1.8300899611383862),
    "float64": (0.0049267893297679701, 0.60841067640395145, 4.9268924950580634, -12.229300850065481, 5.5173456417852288,
                -1.1034266455825382, 2.2199863436080518, -0.097482261992755561, 1.3154945707529155),
}  # fmt: skip


class Kernel:
    """Loss and gradient of stacks X [B, d, K] for one teacher [M, d]; owns work arrays, so one for each thread."""

    def __init__(self, teacher: Array, students: int, dtype: type[np.floating[Any]] = np.float64) -> None:
        """Prepare work arrays for stacks of this type; B is arbitrary, work is done in chunks."""
        count, (width, dim) = students, teacher.shape
        self.students, self.dtype = students, np.dtype(dtype)
        self.chunk = max(1, WORK // (count * (count + width) * self.dtype.itemsize))
        lengths = np.linalg.norm(teacher, axis=1)

        def work(*shape: int) -> Any:
            return np.empty((self.chunk, *shape), dtype=dtype)

        # Students first, then teachers: w_i and -v_m; |w_i| and -|v_m|.
        self._columns, self._norms = work(dim, count + width), work(1, count + width)
        self._columns[:, :, count:] = -teacher.T
        self._norms[:, :, count:] = -lengths
        self._teachers = (teacher / lengths[:, None]).astype(dtype)
        unit = np.array_equal(teacher, np.eye(width, dim))
        self._plain = width if unit else 0  # teachers e_1, e_2, ... need no products
        self._units, self._twins = work(dim, count), work(dim, count)
        self._ones = np.ones((1, dim), dtype=dtype)
        self._pairs = [work(count + width, count) for _ in range(3)]
        self._alpha = work(1, count)
        self._fraction = [self.dtype.type(x) for x in FRACTIONS[self.dtype.name]]
        self._energy = teacher_energy(teacher)

    def gradient(self, X: Any, out: Any = None) -> Any:
        """grad L for every W, transposed: shape of X, into `out` if given."""
        out = np.empty_like(X) if out is None else out
        for first in range(0, len(X), self.chunk):
            self._chunk(X[first : first + self.chunk], out[first : first + self.chunk])
        return out

    def loss(self, X: Any) -> Any:
        """L for every W, shape [B]."""
        result = np.empty(len(X), dtype=self.dtype)
        for first in range(0, len(X), self.chunk):
            part = X[first : first + self.chunk]
            cosine, sine, share = self._angles(part)
            share *= cosine
            sine *= 1.0 / TWO_PI
            share += sine
            norms = self._norms[: len(part), 0].copy()
            own = norms[:, : self.students].copy()
            norms[:, : self.students] *= 0.5
            result[first : first + self.chunk] = np.einsum("bj,bji,bi->b", norms, share, own) + self._energy
        return result

    def lengths(self, count: int) -> Any:
        """|w_i| of the last chunk that was computed, of `count` W, shape [count, K]."""
        return self._norms[:count, 0, : self.students]

    def _chunk(self, X: Any, out: Any) -> None:
        size, k = len(X), self.students
        _, sine, share = self._angles(X)
        norms, alpha = self._norms[:size], self._alpha[:size]
        np.matmul(norms, sine, out=alpha)
        alpha /= TWO_PI * norms[:, :, :k]
        diagonal = np.einsum("bii->bi", share[:, :k])
        diagonal += alpha[:, 0]
        if self._plain:
            np.matmul(X, share[:, :k], out=out)
            out[:, : self._plain] -= share[:, k:]
        else:
            self._columns[:size, :, :k] = X
            np.matmul(self._columns[:size], share, out=out)

    def _angles(self, X: Any) -> tuple[Any, Any, Any]:
        """Cosine, sine, (pi - t) / 2 pi of all with the students, [B, K + M, K]; overwritten by the next call."""
        size, k = len(X), self.students
        norms, units, twins = self._norms[:size, :, :k], self._units[:size], self._twins[:size]
        cosine, sine, share = (array[:size] for array in self._pairs)
        np.multiply(X, X, out=twins)
        np.sqrt(np.matmul(self._ones, twins), out=norms)
        np.divide(X, norms, out=units)
        twins[...] = units  # of a matrix and its own transpose numpy makes the product by syrk, three times as slow
        np.matmul(units.transpose(0, 2, 1), twins, out=cosine[:, :k])
        np.einsum("bii->bi", cosine[:, :k])[...] = 1.0  # a student is parallel to itself, without rounding
        if self._plain:
            cosine[:, k:] = units[:, : self._plain]
        else:
            np.matmul(self._teachers, units, out=cosine[:, k:])
        self._angles_of(cosine, sine, share)
        return cosine, sine, share

    def _angles_of(self, cosine: Any, sine: Any, share: Any) -> None:
        """Sine and (pi - t) / 2 pi of cosines, in place."""
        np.multiply(cosine, cosine, out=sine)
        np.subtract(1.0, sine, out=sine)
        np.abs(sine, out=sine)  # rounding may have brought |cosine| above 1
        np.sqrt(sine, out=sine)
        constant, *pairs = self._fraction
        np.add(sine, pairs[-1], out=share)
        for place in range(len(pairs) - 2, 0, -2):
            np.divide(pairs[place], share, out=share)
            share += sine
            share += pairs[place - 1]
        np.divide(pairs[0], share, out=share)
        share += constant
        share *= cosine
        share += 0.25
