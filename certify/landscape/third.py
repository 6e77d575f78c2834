"""Bound of the third derivative of the loss on a ball, in float64 without guarantees (docs/dynamics.md, B1).

Used to guess radii that the checker then confirms with its own integers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

import numpy as np

from certify.landscape.floats import TWO_PI, Array, Pairs

NEAR = 0.8


@dataclass(frozen=True)
class Others:
    """What each of k students or classes meets, at most n others.

    norm, alpha [k]; [k, n]: how many alike (0 where there are fewer than n), class of student or -1 for a teacher,
    |x_j|, |cos|, sin.
    """

    norm: Array
    alpha: Array
    each: Array
    student: np.ndarray[tuple[int, int], np.dtype[np.int64]]
    length: Array
    cosine: Array
    sine: Array


def dense_others(p: Pairs) -> Others:
    """Every student as a class of its own, which does not meet itself."""
    k, n = p.students, len(p.norms)
    label = np.concatenate((np.arange(k), np.full(n - k, -1)))
    each = np.ones((k, n))
    np.fill_diagonal(each, 0.0)
    student, length = (np.broadcast_to(row, (k, n)) for row in (label, p.norms))
    return Others(p.norms[:k], p.alpha, each, student, length, np.abs(p.cosine), p.sine)


def third_derivative(others: Others, teachers: float, radius: float) -> float:
    """About the checker's bound of |D^3 L| on the ball of this radius; inf where a row may vanish there."""
    if not radius < others.norm.min():
        return inf
    inverse, each = 1.0 / (others.norm - radius), others.each
    own, foreign = (side & (each > 0.0) for side in (others.student >= 0, others.student < 0))
    count = 1.0 + float(each[0] @ own[0])
    start = 1.0 + float((each * others.cosine * own).sum(axis=1).max())
    gram = (start**0.5 + radius * float(inverse.max())) ** 2
    theirs = np.where(own, inverse[others.student], 0.0)
    turn = radius * np.sqrt(inverse[:, None] ** 2 + theirs * theirs)
    cosine, sine = np.minimum(1.0, others.cosine + turn), np.minimum(1.0, others.sine + turn)
    length = others.length + np.where(own, radius, 0.0)
    reach = (each * length * cosine).sum(axis=1)
    turned = np.sqrt((each * cosine * cosine * own).sum(axis=1))
    far = cosine <= NEAR
    square = 1.0 / np.maximum(1.0 - cosine * cosine, 1.0 - NEAR**2)
    close = np.minimum(count - 1.0, (square * (own & far)).max(axis=1) * gram + (each * (own & ~far)).sum(axis=1))
    alpha = (np.abs(others.alpha) * others.norm + radius * ((count - 1.0) ** 0.5 + reach * inverse)) * inverse
    sides = [
        (length * np.sqrt(square) * (side & far)).max(axis=1) * bound
        + (each * length * sine * (side & ~far)).sum(axis=1)
        for side, bound in ((own, gram), (foreign, teachers))
    ]
    curved = alpha + np.maximum(*sides) * inverse
    radial = 3.0 * (curved + (count - 1.0) ** 0.5 + close) * inverse
    tangential = 2.0 * reach * inverse * inverse + 6.0 * (turned + np.sqrt(close)) * inverse
    return float(0.385 * radial.max() + tangential.max()) / TWO_PI


def attracted(bound: Callable[[float], float], lowest: float, reach: float) -> float:
    """The largest R, up to a thousandth, with bound(R) R / 2 <= lowest; bound increases, R < reach."""
    low, high = 0.0, reach
    for _ in range(60):
        middle = 0.5 * (low + high) if low else high * 0.125
        if bound(middle) * middle <= 2.0 * lowest:
            low = middle
        else:
            high = middle
        if high - low < 1e-3 * low:
            break
    return low
