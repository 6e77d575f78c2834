"""Bound of the third derivative of the loss on a ball, in float64 without guarantees (docs/dynamics.md, B1).

Used to guess radii that the checker then confirms with its own integers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from certify.landscape.floats import TWO_PI, Array, Pairs

NEAR = 0.8


@dataclass(frozen=True)
class Others:
    """What one student meets, shapes [n]: how many alike, class of student or -1 for a teacher, |x_j|, |cos|, sin."""

    norm: float
    alpha: float
    each: Array
    student: np.ndarray[tuple[int], np.dtype[np.int64]]
    length: Array
    cosine: Array
    sine: Array


def dense_others(p: Pairs) -> list[Others]:
    """Every student as a class of its own."""
    k, alpha, result = p.students, p.alpha, []
    label = np.concatenate((np.arange(k), np.full(len(p.norms) - k, -1)))
    for i in range(k):
        rest = np.arange(len(p.norms)) != i
        result.append(
            Others(float(p.norms[i]), float(alpha[i]), np.ones(len(label) - 1), label[rest], p.norms[rest],
                   np.abs(p.cosine[i, rest]), p.sine[i, rest])
        )  # fmt: skip
    return result


def third_derivative(students: Sequence[Others], teachers: float, radius: float) -> float:
    """About the checker's bound of |D^3 L| on the ball of this radius; inf where a row may vanish there."""
    norms = np.array([s.norm for s in students])
    if not radius < norms.min():
        return inf
    inverse = 1.0 / (norms - radius)
    first = students[0]
    count = 1.0 + float(first.each[first.student >= 0].sum())
    start = max(1.0 + float((s.each * s.cosine)[s.student >= 0].sum()) for s in students)
    gram = (start**0.5 + radius * float(inverse.max())) ** 2
    radial = tangential = 0.0
    for s, m in zip(students, inverse.tolist(), strict=True):
        own = s.student >= 0
        theirs = np.where(own, inverse[s.student], 0.0)
        turn = radius * np.sqrt(m * m + theirs * theirs)
        cosine, sine = np.minimum(1.0, s.cosine + turn), np.minimum(1.0, s.sine + turn)
        length = s.length + np.where(own, radius, 0.0)
        reach = float((s.each * length * cosine).sum())
        turned = float((s.each * cosine * cosine)[own].sum()) ** 0.5
        far = cosine <= NEAR
        square = 1.0 / np.maximum(1.0 - cosine * cosine, 1.0 - NEAR**2)
        close = min(count - 1.0, square[own & far].max(initial=0.0) * gram + float(s.each[own & ~far].sum()))
        alpha = (abs(s.alpha) * s.norm + radius * ((count - 1.0) ** 0.5 + reach * m)) * m
        sides = [
            (length * np.sqrt(square))[side & far].max(initial=0.0) * bound
            + float((s.each * length * sine)[side & ~far].sum())
            for side, bound in ((own, gram), (~own, teachers))
        ]
        curved = alpha + max(sides) * m
        radial = max(radial, 3.0 * (curved + (count - 1.0) ** 0.5 + close) * m)
        tangential = max(tangential, 2.0 * reach * m * m + 6.0 * (turned + close**0.5) * m)
    return float((0.385 * radial + tangential) / TWO_PI)


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
