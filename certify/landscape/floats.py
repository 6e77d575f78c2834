"""The population loss and its derivatives in float64: fast, vectorised, no guaranteed bounds.

Notation (docs/theorems.md, section 1).  Students are the rows of W (K x d), teachers the rows of V (M x d), all
nonzero.  Rows of X = [W; V] carry the sign +1 (student) or -1 (teacher).  For a student i and a row j:

    u_i, u_j unit vectors, c = u_i.u_j, r_ij = u_j - c u_i, s = |r_ij| = sin t, t = angle

Every formula below is written with r_ij instead of 1 - c^2, so nothing cancels near parallel or antiparallel pairs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
TWO_PI = 2.0 * np.pi


@dataclass(frozen=True)
class Pairs:
    """Pairwise quantities of K students with all N = K + M rows; shapes in brackets."""

    rows: Array  # X [N, d]
    signs: Array  # +1 student, -1 teacher [N]
    norms: Array  # |x_j| [N]
    units: Array  # u_j [N, d]
    cosine: Array  # [K, N]
    residual: Array  # r_ij [K, N, d]
    sine: Array  # |r_ij| [K, N]
    complement: Array  # pi - t_ij [K, N]

    @property
    def students(self) -> int:
        """K."""
        return int(self.cosine.shape[0])

    @cached_property
    def direction(self) -> Array:
        """r_ij / |r_ij|, and 0 where r_ij = 0; shape [K, N, d]."""
        inverse = np.divide(1.0, self.sine, out=np.zeros_like(self.sine), where=self.sine > 0.0)
        result: Array = self.residual * inverse[:, :, None]
        return result

    @cached_property
    def alpha(self) -> Array:
        """alpha_i = sum_j sign_j |x_j| s_ij / |w_i|, shape [K]."""
        k = self.students
        result: Array = self.sine @ (self.signs * self.norms) / self.norms[:k]
        return result


def arctangent(sine: Array, cosine: Array) -> Array:
    """The angles pi - t by libm."""
    result: Array = np.arctan2(sine, -cosine)
    return result


def pairs(W: Array, V: Array, complement: Callable[[Array, Array], Array] = arctangent) -> Pairs:
    """Pairwise norms, cosines, residuals, sines and angles; rows must be nonzero (unchecked)."""
    k = W.shape[0]
    rows = np.concatenate((W, V))
    norms = np.sqrt(np.einsum("ja,ja->j", rows, rows))
    units = rows / norms[:, None]
    cosine = units[:k] @ units.T
    residual = units - cosine[:, :, None] * units[:k, None, :]
    np.einsum("iia->ia", residual[:, :k])[...] = 0.0
    sine = np.sqrt(np.einsum("ija,ija->ij", residual, residual))
    signs = np.ones(len(rows))
    signs[k:] = -1.0
    return Pairs(rows, signs, norms, units, cosine, residual, sine, complement(sine, cosine))


def teacher_energy(V: Array) -> float:
    """1/2 sum_mn g(v_m, v_n): the constant term of the loss."""
    return axes_energy(len(V)) if is_axes(V) else loss_of(pairs(V, V[:0]), 0.0)


def is_axes(V: Array) -> bool:
    """Whether the rows are the first basis vectors."""
    count = len(V)
    return bool(np.count_nonzero(V) == count <= V.shape[1] and np.count_nonzero(V.diagonal() == 1.0) == count)


def axes_energy(count: int) -> float:
    """`teacher_energy` of that many orthonormal teachers: g is 1/2 of one with itself and 1 / 2 pi of two."""
    return 0.25 * count + 0.5 * count * (count - 1) / TWO_PI


def loss_of(p: Pairs, constant: float) -> float:
    """L from pairwise quantities and the teacher's energy."""
    k = p.students
    weights = p.signs * p.norms
    weights[:k] *= 0.5
    return float(p.norms[:k] @ ((p.sine + p.complement * p.cosine) @ weights)) / TWO_PI + constant


def gradient_of(p: Pairs) -> Array:
    """Gradient of L, shape [K, d]:  2 pi grad_i = alpha_i w_i + sum_j sign_j (pi - t_ij) x_j."""
    k = p.students
    result: Array = p.alpha[:, None] * p.rows[:k] + (p.complement * p.signs) @ p.rows
    return result / TWO_PI


def hessian_of(p: Pairs, own: Array | None = None) -> Array:
    """Hessian of L, shape [K d, K d], row-major in (student, coordinate); own: `curvature_of` if that is known.

    Off-diagonal block:  (pi - t) I + s u_i u_j^T + r_ij r_ji^T / s, all over 2 pi; diagonal block:
    pi I + alpha_i (I - u_i u_i^T) + sum_j sign_j |x_j| / |w_i| r_ij r_ij^T / s (docs/theorems.md, T1).
    """
    k, dim = p.students, p.rows.shape[1]
    unit = p.units[:k]
    left = np.empty((k, k, dim, 2))
    right = np.empty((k, k, 2, dim))
    np.multiply(p.sine[:, :k, None], unit[:, None, :] / TWO_PI, out=left[..., 0])
    np.divide(p.direction[:, :k], TWO_PI, out=left[..., 1])
    right[:, :, 0, :] = unit
    right[:, :, 1, :] = p.residual[:, :k].transpose(1, 0, 2)
    block = np.empty((k, dim, k, dim))
    np.matmul(left, right, out=block.transpose(0, 2, 1, 3))
    np.einsum("iaja->ija", block)[...] += p.complement[:, :k, None] / TWO_PI
    np.einsum("iaib->iab", block)[...] += (curvature_of(p) if own is None else own) / TWO_PI
    return block.reshape(k * dim, k * dim)


def hessian_product(p: Pairs) -> Callable[[Array], Array]:
    """The map from x [K d] to Hess L x [K d] without the matrix: K N d numbers instead of (K d)^2."""
    k, dim = p.students, p.rows.shape[1]
    unit, sine = p.units[:k], p.sine[:, :k]
    residual, direction = p.residual[:, :k], p.direction[:, :k]
    own = curvature_of(p)
    complement = p.complement[:, :k]

    def product(x: Array) -> Array:
        rows = x.reshape(k, dim)
        along = np.einsum("ja,ja->j", unit, rows)
        across = np.matmul(residual, rows[:, :, None])[:, :, 0].T  # r_ji . x_j at [i, j]
        result = complement @ rows + (sine @ along)[:, None] * unit
        result += np.matmul(across[:, None, :], direction)[:, 0] + np.matmul(own, rows[:, :, None])[:, :, 0]
        flat: Array = result.ravel() / TWO_PI
        return flat

    return product


def curvature_of(p: Pairs) -> Array:
    """2 pi H_ii - pi I for every student, shape [K, d, d]."""
    k = p.students
    unit, alpha = p.units[:k], p.alpha
    weights = p.signs * p.norms / p.norms[:k, None]
    own: Array = (p.direction * weights[:, :, None]).transpose(0, 2, 1) @ p.residual
    own -= (alpha[:, None] * unit)[:, :, None] * unit[:, None, :]
    np.einsum("iaa->ia", own)[...] += alpha[:, None]
    return own


def ambient_of(p: Pairs) -> Array:
    """Ambient matrix A, shape [K, K]: A_ij = (pi - t_ij) / 2 pi, A_ii = 1/2 + alpha_i / 2 pi."""
    k = p.students
    result: Array = p.complement[:, :k] / TWO_PI
    result.reshape(k * k)[:: k + 1] = 0.5 + p.alpha / TWO_PI
    return result


def loss(W: Array, V: Array) -> float:
    """Population loss 1/2 E (f_W - f_V)^2."""
    return loss_of(pairs(W, V), teacher_energy(V))


def gradient(W: Array, V: Array) -> Array:
    """Gradient of the loss, shape [K, d]."""
    return gradient_of(pairs(W, V))


def hessian(W: Array, V: Array) -> Array:
    """Hessian of the loss, shape [K d, K d]."""
    return hessian_of(pairs(W, V))


def ambient(W: Array, V: Array) -> Array:
    """Ambient matrix A, shape [K, K]."""
    return ambient_of(pairs(W, V))
