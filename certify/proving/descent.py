"""A direction in which a saddle is left downhill, with a bound (docs/theorems.md, T2 and T6)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from certify.landscape import bounded
from certify.landscape.variation import hessian_variation
from certify.problem import Array

DIRECTION_BITS = 30
ROUNDING = 2.0**-40  # of three products of vectors of a few thousand entries, relative


@dataclass(frozen=True, eq=False)
class Descent:
    """Proof that the critical point near `centre` is no local minimum.

    centre, direction: K x d, exact doubles.  curvature < 0: at the critical point W* the second derivative of the loss
    along the direction u is at most curvature |u|^2.
    """

    centre: Array
    direction: Array
    curvature: float


def descent(centre: Array, teacher: Array, error: float) -> Descent | None:
    """The direction of the lowest eigenvalue; None if its sign is not certain.

    centre [K, d]: doubles within rounding of the certificate's centre; error: its error radius.
    """
    found = bounded.evaluate(centre, teacher)
    if found is None:
        return None
    triangle = np.tril(found.hessian())
    hessian = triangle + np.tril(triangle, -1).T
    if not np.isfinite(hessian).all():
        return None
    _, vectors = np.linalg.eigh(hessian)
    direction = np.rint(np.ldexp(vectors[:, 0], DIRECTION_BITS))
    square = float(direction @ direction)
    size = float(np.linalg.norm(hessian))
    radius = error * (1.0 + ROUNDING) + ROUNDING * float(np.linalg.norm(centre))
    bound = float(direction @ hessian @ direction) / square + ROUNDING * size + found.hessian_error
    bound += hessian_variation(found.norms, found.teacher_total, found.norm_error, radius)
    return Descent(centre, np.ldexp(direction.reshape(centre.shape), -DIRECTION_BITS), bound) if bound < 0.0 else None
