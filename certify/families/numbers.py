"""What `orbits` needs to run on Python floats and on balls."""

from __future__ import annotations

from math import atan2, pi, sqrt

import numpy as np

from certify.arithmetic import Ball, ball_matrix, clipped, square_root
from certify.arithmetic import pi as ball_pi
from certify.families.orbits import Numbers, Table

FLOATS = Numbers(
    square_root=lambda x: sqrt(x) if x > 0.0 else 0.0,
    complement=lambda sine, cosine: atan2(sine, -cosine),
    inverse=lambda sine: 1.0 / sine if sine > 0.0 else None,
    within=lambda bound, y: 0.0,  # no enclosure: floats guarantee nothing
    products=lambda left, right: (np.array(left) @ np.array(right).T).tolist(),
    pi=pi,
)


def ball_numbers() -> Numbers:
    """Balls at the current precision."""
    return Numbers(square_root, _complement, lambda sine: 1 / sine if sine > 0 else None, _within, _products, ball_pi())


def _complement(sine: Ball, cosine: Ball) -> Ball:
    """Pi - t, finite for all balls that meet the unit circle: a sine that may be 0 is close to its axis."""
    return type(sine).atan2(sine, -clipped(cosine, -1, 1)) if sine > 0 else _near_axis(sine, cosine)


def _near_axis(sine: Ball, cosine: Ball) -> Ball:
    """t <= 2 sine for small sines: pi - t is within 2 sine of pi (cosine > 0) or of 0."""
    spread = (2 * sine).union(-2 * sine)
    if cosine > 0:
        return ball_pi() + spread
    return spread if cosine < 0 else clipped(cosine / 0, 0, 4)


def _within(bound: int, y: Ball) -> Ball:
    limit = square_root(y * 0 + bound) * abs(y)
    return limit.union(-limit)


def _products(left: Table, right: Table) -> list[list[Ball]]:
    rows: list[list[Ball]] = (ball_matrix(left) * ball_matrix(right).transpose()).tolist()
    return rows
