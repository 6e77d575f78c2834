"""Adds a direction of descent for a further student to a proved point (docs/splitting.md, S7).

The teacher is chosen and its slope enclosed in balls; the certificate is what the checker makes of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from certify.arithmetic import (
    Ball,
    Dyadic,
    dyadic_ball,
    float_lower,
    float_text,
    float_upper,
    lower,
    pi,
    precision,
    square_root,
    upper,
)
from certify.certificate import Certificate
from certify.families.numbers import ball_numbers
from certify.families.orbits import Geometry, Pattern
from certify.outcome import Newborn, Proved
from certify.problem import Array

LEAST_BITS = 128
SLACK = 2.0**-30  # of the slope and of its change


class _Slope(NamedTuple):
    """D along a teacher, or a teacher of a class, at the centre."""

    teacher: int
    ball: Ball


def with_newborn(proved: Proved) -> Proved:
    """The same outcome with the steepest teacher's slope in its claim; unchanged where none is certainly negative."""
    found = newborn(proved.certificate)
    return proved if found is None else replace(proved, certificate=told(proved.certificate, found), newborn=found)


def told(certificate: Certificate, found: Newborn) -> Certificate:
    """The certificate with this in its claim."""
    slope = [float_text(end) for end in found.slope]
    claim = {**certificate.claim, "newborn": {"teacher": found.teacher, "slope": slope}}
    return Certificate(claim, certificate.witness)


def newborn(certificate: Certificate) -> Newborn | None:
    """The teacher that is the steepest way down from the certified point, and its slope; None if none is certain."""
    claim = certificate.claim
    with precision(max(LEAST_BITS, certificate.witness["precision"])):
        slope = _family(claim) if "signature" in claim else _dense(claim)
        if not slope.ball.is_finite():
            return None
        change = 0.5 * float(claim["students"]) ** 0.5 * _float(claim["error_radius"]) * (1.0 + SLACK)
        ends = float_lower(lower(slope.ball)), float_upper(upper(slope.ball))
    room = change + SLACK * max(abs(ends[0]), abs(ends[1]))
    low, high = ends[0] - room, ends[1] + room
    return Newborn(slope.teacher, (low, high)) if high < 0.0 else None


def _family(claim: Mapping[str, Any]) -> _Slope:
    """All classes in balls."""
    patterns = [
        Pattern(tuple(dyadic_ball(_dyadic(x)) for x in row[:-1]), dyadic_ball(_dyadic(row[-1])))
        for row in claim["centre"]
    ]
    teacher = ("0x1p0", "0x0p0") if claim["teacher"] == "orthonormal" else claim["teacher"]
    a, b = (dyadic_ball(_dyadic(x)) for x in teacher)
    signature = claim["signature"]
    geometry = Geometry(signature["sizes"], signature["owners"], patterns, (a, b), ball_numbers())
    slopes = [geometry.slope(c) / (2 * pi()) for c in range(len(signature["sizes"]))]
    best = min(range(len(slopes)), key=lambda c: float(slopes[c].mid()))
    return _Slope(best, slopes[best])


def _dense(claim: Mapping[str, Any]) -> _Slope:
    """The steepest teacher by float64, and that one in balls."""
    W = np.array([[_float(x) for x in row] for row in claim["centre"]])
    if claim["teacher"] == "orthonormal":
        V = np.eye(claim["teachers"], claim["dimension"])
        teachers = [[dyadic_ball((int(x), 0)) for x in row] for row in V.tolist()]
    else:
        V = np.array([[_float(x) for x in row] for row in claim["teacher"]])
        teachers = [[dyadic_ball(_dyadic(x)) for x in row] for row in claim["teacher"]]
    with np.errstate(all="ignore"):
        slopes = _kernel(W, V).sum(axis=0) - _kernel(V, V).sum(axis=0)
    m = int(np.nan_to_num(slopes).argmin())
    students = [[dyadic_ball(_dyadic(x)) for x in row] for row in claim["centre"]]
    rows = [(1, row) for row in students] + [(-1, row) for n, row in enumerate(teachers) if n != m]
    own = square_root(_dot(teachers[m], teachers[m]))
    unit = [x / own for x in teachers[m]]
    total = -pi() * own
    for sign, row in rows:
        total += sign * _towards(row, unit)
    return _Slope(m, total / (2 * pi()))


def _kernel(rows: Array, teachers: Array) -> Array:
    """2 pi g(x, v / |v|) for all pairs."""
    norms = np.linalg.norm(rows, axis=1)
    units = teachers / np.linalg.norm(teachers, axis=1)[:, None]
    cosines = np.clip(rows @ units.T / norms[:, None], -1.0, 1.0)
    angles = np.arccos(cosines)
    result: Array = norms[:, None] * (np.sin(angles) + (np.pi - angles) * cosines)
    return result


def _towards(row: Sequence[Ball], unit: Sequence[Ball]) -> Ball:
    """2 pi g(x, u) for a unit vector u; |x / |x| - u| = 2 sin(t / 2), |x / |x| + u| = 2 cos(t / 2)."""
    norm = square_root(_dot(row, row))
    own = [x / norm for x in row]
    near, far = (
        square_root(_dot(side, side))
        for side in ([a - b for a, b in zip(own, unit, strict=True)], [a + b for a, b in zip(own, unit, strict=True)])
    )
    return norm * (near * far / 2 + 2 * type(near).atan2(far, near) * _dot(own, unit))


def _dot(a: Sequence[Ball], b: Sequence[Ball]) -> Ball:
    total = dyadic_ball((0, 0))
    for x, y in zip(a, b, strict=True):
        total += x * y
    return total


def _dyadic(word: str) -> Dyadic:
    mantissa, exponent = word.split("p")
    return int(mantissa, 16), int(exponent)


def _float(word: str) -> float:
    return float_upper(_dyadic(word))
