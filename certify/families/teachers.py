"""Teachers with Gram matrix c^2 ((1 - rho) I + rho J): as alpha e_m + beta (1, ..., 1), and where given ones lie."""

from __future__ import annotations

from fractions import Fraction
from math import isfinite, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from certify.errors import InputError

Array = NDArray[np.float64]
Scalar = float | Fraction
Teacher = tuple[Scalar, Scalar]
TOLERANCE = 1e-9  # of inner products, in units of the square norm
ROUNDING = 2.0**-46
DIGITS = 12


class Frame(NamedTuple):
    """The teachers alpha e_m + beta (1, ..., 1) of R^M, moved into R^d by the isometry `basis` [d, M].

    deviation: the given teachers are within this of the moved ones, row by row; 0 where they are exactly these.
    """

    teacher: Teacher
    basis: Array
    deviation: float


def teacher_of(correlation: float, norm: float, teachers: int) -> Teacher:
    """Alpha and beta, floats, for teachers of the given norm with <v, v'> = correlation norm^2 up to rounding.

    Raises InputError where there are no M = `teachers` independent ones.
    """
    least = -1.0 / (teachers - 1) if teachers > 1 else -1.0
    if not (isfinite(correlation) and least < correlation < 1.0):
        raise InputError(f"{teachers} independent teachers have a correlation between {least:.6g} and 1")
    if not (isfinite(norm) and 0.0 < norm < 2.0**64 and norm > 2.0**-64):
        raise InputError("the norm of the teachers must be positive and finite, and from 2^-64 to 2^64")
    alpha = norm * sqrt(1.0 - correlation)
    # (alpha I + beta J)^2 = alpha^2 I + (2 alpha beta + M beta^2) J
    root = sqrt(alpha * alpha + teachers * norm * norm * correlation)
    return alpha, norm * norm * correlation / (root + alpha)


@np.errstate(all="ignore")  # whatever overflows fails a comparison
def teacher_frame(V: Array) -> Frame | None:
    """Where V [M, d] has such a Gram matrix; None if it has not, or its rows are not independent."""
    count, dimension = V.shape
    if count > dimension:
        return None
    used = np.flatnonzero(V.any(axis=0))
    exact = teacher_parts(V[:, used]) if len(used) == count else None
    if exact is not None:
        return Frame(exact, np.eye(dimension)[:, used], 0.0)
    gram = V @ V.T
    square = float(np.trace(gram)) / count
    common = float(gram.sum() - np.trace(gram)) / (count * (count - 1)) if count > 1 else 0.0
    target = np.full((count, count), common) + (square - common) * np.eye(count)
    if not (0.0 < square < 2.0**120 and np.abs(gram - target).max() <= TOLERANCE * square):
        return None
    if min(square - common, square + (count - 1) * common) <= TOLERANCE * square:  # eigenvalues: dependent rows
        return None
    try:
        alpha, beta = map(_plain, map(float, teacher_of(common / square, sqrt(square), count)))
    except InputError:
        return None
    shape = alpha * np.eye(count) + beta
    left, _, right = np.linalg.svd(np.linalg.solve(shape, V), full_matrices=False)
    basis = (left @ right).T
    deviation = float(np.linalg.norm(V - shape @ basis.T, axis=1).max()) + ROUNDING * sqrt(square)
    return Frame((alpha, beta), basis, deviation) if deviation <= sqrt(TOLERANCE * square) else None


def _plain(x: float) -> float:
    """A number of few digits, where it is one up to rounding."""
    near = round(x, DIGITS)
    return near if abs(near - x) <= ROUNDING * max(1.0, abs(x)) else x


def teacher_parts(V: Array) -> Teacher | None:
    """Alpha and beta such that the rows of V [M, M] are alpha e_m + beta 1, m = 1..M in any order; exactly, or None."""
    if V.shape[0] != V.shape[1]:
        return None
    if V.shape[0] == 1:
        return float(V[0, 0]), 0.0
    values = np.unique(V)
    if len(values) != 2:
        return None
    for own, base in (values[::-1], values):
        mask = own == V
        if (mask.sum(axis=0) == 1).all() and (mask.sum(axis=1) == 1).all():
            return _difference(float(own), float(base)), float(base)
    return None


def _difference(a: float, b: float) -> Scalar:
    """The exact value, a float where it is one."""
    exact = Fraction(a) - Fraction(b)
    return a - b if Fraction(a - b) == exact else exact
