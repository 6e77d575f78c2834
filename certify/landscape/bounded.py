"""Float64 evaluation with a-priori error bounds (docs/theorems.md, T3), valid in every rounding mode.

Only +, -, *, / and square root of IEEE arithmetic are trusted, not libm: the angles come from `_arctangent`.  With
the unit U = 2^-52 (twice the unit roundoff, so that the rounding mode does not matter), a dot product of length m is
off by at most 1.01 m U |x| |y| in any order of summation, with or without fused operations.  For K students and N
rows in R^d, all bounds are of the form (integer) * U * (norms); the integers are derived in docs/theorems.md and are
generous by design.  Rows must have norms in [2^-100, 2^100]: then underflow stays far below one unit.
"""

from __future__ import annotations

from math import inf
from typing import NamedTuple

import numpy as np

from certify.landscape import floats
from certify.landscape.floats import Array, Pairs
from certify.linalg.inertia import norm

U = 2.0**-52
SAFETY = 1.0 + 2.0**-20  # covers the rounding of the bounds themselves and every second-order term
TWO_PI_LOWER = 6.283185
NORM_LIMIT = 2.0**100
TERMS = 11
COEFFICIENTS = np.array(
    [(-1.0) ** k / (2 * k + 1) for k in range(1, TERMS + 1)]
)  # of arctan x / x - 1 in x^2, x^4, ...
DIMENSION_LIMIT = 1 << 16


class Evaluation(NamedTuple):
    """Loss and derivatives at a point with certain error bounds; matrices by their upper triangles."""

    pairs: Pairs
    norms: list[float]  # row norms of students [K]; relative error at most `norm_error`
    teacher_total: float  # upper bound of sum_m |v_m|
    norm_error: float
    gradient: Array  # [K, d]
    gradient_norm: float  # Frobenius norm of `gradient`
    gradient_error: float  # Frobenius norm of its error
    hessian_error: float
    ambient: Array  # [K, K]
    ambient_error: float
    loss: float
    loss_error: float

    def hessian(self, own: Array | None = None) -> Array:
        """A new array [n, n]; the matrix mirrored from either triangle is within `hessian_error` of Hess L, 2-norm.

        own: `floats.curvature_of` if that is known.
        """
        return floats.hessian_of(self.pairs, own)


def evaluate(W: Array, V: Array, *, axes: bool | None = None) -> Evaluation | None:
    """All derivatives at W with bounds; None where the a-priori analysis does not apply.

    axes: whether the rows of V are the first basis vectors, where that is known.
    """
    k, dim = W.shape
    if dim + len(W) + len(V) > DIMENSION_LIMIT:
        return None
    p = floats.pairs(W, V, complement)
    norms = p.norms.tolist()
    rows = len(norms)
    total = sum(norms) * SAFETY
    if not (min(norms) > 1.0 / NORM_LIMIT and max(norms) < NORM_LIMIT and total < inf):  # NaN fails the last
        return None
    ratio = total / min(norms[:k]) * SAFETY  # >= sum_j |x_j| / |w_i| for every i
    scale = SAFETY * U / TWO_PI_LOWER
    gradient = floats.gradient_of(p)
    if axes is None:
        axes = floats.is_axes(V)
    constant = floats.axes_energy(len(V)) if axes else _teacher_energy(V)
    own = (22 * dim + 3 * rows + 180) * ratio
    return Evaluation(
        pairs=p,
        norms=norms[:k],
        teacher_total=sum(norms[k:]) * SAFETY,
        norm_error=(dim + 4) * U,
        gradient=gradient,
        gradient_norm=norm(gradient),
        gradient_error=float(k) ** 0.5 * total * (16 * dim + 5 * rows + 180) * scale,
        hessian_error=(k * dim * (26 * dim + 300) + dim * own) * scale,
        ambient=floats.ambient_of(p),
        ambient_error=(k * (11 * dim + 120) + own) * scale,
        loss=floats.loss_of(p, constant),
        loss_error=0.5 * total * total * (25 * dim + 9 * rows + 260) * scale,
    )


def complement(sine: Array, cosine: Array) -> Array:
    """The angles pi - t [K, N] from sine and cosine, by the half-angle: tan(t/2) = s / (1 + c)."""
    angle = 2.0 * _arctangent(sine / (1.0 + np.abs(cosine)))
    np.subtract(np.pi, angle, out=angle, where=cosine > 0.0)
    return angle


def _arctangent(x: Array) -> Array:
    """atan of x in [0, 1.01], off by at most 16 U: two argument halvings, then 12 terms of Taylor's series."""
    for _ in range(2):
        x = x / (1.0 + np.sqrt(1.0 + x * x))
    powers = np.empty((TERMS, x.size))
    powers[:] = (x * x).reshape(-1)
    np.multiply.accumulate(powers, out=powers)
    series = (COEFFICIENTS @ powers).reshape(x.shape)
    series *= x
    series += x
    series *= 4.0
    return series


def _teacher_energy(V: Array) -> float:
    """1/2 sum_mn g(v_m, v_n) with the bounded angles."""
    return floats.loss_of(floats.pairs(V, V[:0], complement), 0.0)
