"""Gradient of the population loss for many W at once, float64: the inner loop of everything in this package.

    2 pi grad_i = alpha_i w_i + sum_j (pi - t_ij) w_j - sum_m (pi - t_im) v_m          (docs/theorems.md, T1)

from Gram matrices, with sin t = sqrt(1 - c^2): half of the digits are lost near parallel pairs, which is good enough to
follow a flow.  `landscape.floats` is the accurate version.  What is computed for one W does not depend on which others
are in the stack: products are made matrix by matrix, and all else is elementwise and exact or correctly rounded.
"""

from __future__ import annotations

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial

from certify.landscape.floats import TWO_PI, teacher_energy
from certify.search.setting import Array

CHUNK = 32  # W at once: the work arrays then fit into the second-level cache
DEGREE = 13  # of the polynomial below: error 3e-13


def _fitted(x: Array) -> Array:
    """arccos(x) / sqrt(1 - x), analytic on [0, 1]."""
    result: Array = np.arccos(x) / np.sqrt(1.0 - x)
    return result


# numpy's arccos takes four times as long as a polynomial.  (Chebyshev's nodes avoid x = 1.)
COEFFICIENTS = Chebyshev.interpolate(_fitted, DEGREE, domain=[0.0, 1.0]).convert(kind=Polynomial).coef.tolist()


class Kernel:
    """Loss and gradient of stacks of W [B, K, d] for one teacher [M, d]; owns work arrays, so one for each thread."""

    def __init__(self, teacher: Array, students: int) -> None:
        """Prepare work arrays; B is arbitrary, work is done in chunks."""
        self.teacher, self.students = np.ascontiguousarray(teacher), students
        self.lengths = np.linalg.norm(teacher, axis=1)
        self._directions = np.ascontiguousarray((teacher / self.lengths[:, None]).T)
        count, width = students, len(teacher)
        self._shapes = [(CHUNK, count, count), (CHUNK, count, width)]
        self._work = [[np.empty(shape) for _ in range(4)] for shape in self._shapes]
        self._energy = teacher_energy(teacher)

    def gradient(self, W: Array, out: Array | None = None) -> Array:
        """grad L for every W; shape of W, into `out` if given."""
        out = np.empty_like(W) if out is None else out
        for first in range(0, len(W), CHUNK):
            self._chunk(W[first : first + CHUNK], out[first : first + CHUNK])
        return out

    def loss(self, W: Array) -> Array:
        """L for every W, shape [B]."""
        result = np.empty(len(W))
        for first in range(0, len(W), CHUNK):
            part = W[first : first + CHUNK]
            norms = np.sqrt(np.einsum("bia,bia->bi", part, part))
            total = np.full(len(part), self._energy * TWO_PI)
            for weight, lengths, (cosine, sine, complement, _) in zip(
                (0.5, -1.0), (norms, np.broadcast_to(self.lengths, (len(part), len(self.lengths)))),
                self._angles(part, norms), strict=True,
            ):  # fmt: skip
                total += weight * np.einsum("bi,bij,bj->b", norms, sine + complement * cosine, lengths)
            result[first : first + CHUNK] = total / TWO_PI
        return result

    def _angles(self, W: Array, norms: Array) -> list[list[Array]]:
        """[cosine, sine, pi - t, work] of student pairs and of student-teacher pairs."""
        size = len(W)
        units = W / norms[:, :, None]
        result = [[array[:size] for array in group] for group in self._work]
        np.matmul(units, units.transpose(0, 2, 1), out=result[0][0])
        np.matmul(units, self._directions, out=result[1][0])
        for group in result:
            _angles_of(*group)
        return result

    def _chunk(self, W: Array, out: Array) -> None:
        norms = np.sqrt(np.einsum("bia,bia->bi", W, W))
        (_, sine, complement, _), (_, beside, mixed, _) = self._angles(W, norms)
        alpha = np.matmul(sine, norms[:, :, None])
        alpha[:, :, 0] -= beside @ self.lengths
        alpha /= norms[:, :, None]
        np.matmul(complement, W, out=out)
        np.subtract(out, mixed @ self.teacher, out=out)
        alpha = alpha * W
        out += alpha
        out /= TWO_PI


def _angles_of(cosine: Array, sine: Array, complement: Array, work: Array) -> None:
    """Sine and pi - t of clipped cosines, in place; `work` is overwritten."""
    np.clip(cosine, -1.0, 1.0, out=cosine)
    np.abs(cosine, out=work)
    np.multiply(work, COEFFICIENTS[-1], out=complement)
    for coefficient in COEFFICIENTS[-2:0:-1]:
        complement += coefficient
        complement *= work
    complement += COEFFICIENTS[0]
    np.subtract(1.0, work, out=sine)
    work += 1.0
    np.sqrt(sine, out=sine)
    np.sqrt(work, out=work)
    complement *= sine  # the smaller of t and pi - t
    sine *= work
    np.subtract(np.pi / 2.0, complement, out=complement)
    np.copysign(complement, cosine, out=complement)
    complement += np.pi / 2.0
