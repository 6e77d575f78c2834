"""Adds a basin to a proved minimum: the ball that gradient flow and descent cannot leave (docs/dynamics.md, B2).

Everything here is a guess in float64; the certificate is what the checker makes of it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from certify.arithmetic import float_text
from certify.certificate import Certificate
from certify.families.numbers import FLOATS
from certify.families.orbits import Geometry
from certify.landscape import floats
from certify.landscape.third import Others, attracted, dense_others, third_derivative
from certify.outcome import Basin, Proved
from certify.problem import Array, Problem
from certify.proving.radii import round_down

SLACK = 1.0 - 2.0**-9  # of every figure is claimed
SLOWEST = 2.0**-4  # the rate in the whole ball, as a part of the curvature; it tends to the curvature near the minimum


def with_basin(proved: Proved, problem: Problem) -> Proved:
    """The same outcome with a basin in its claim; unchanged if it is no minimum in every dimension."""
    if proved.index != 0 or proved.ambient_index != 0:
        return proved
    claim = proved.certificate.claim
    curvature, beside = (_value(claim[name]) for name in ("curvature", "ambient_curvature"))
    others, norm, teachers = _family(proved) if proved.signature is not None else _dense(proved, problem)
    lowest, error = min(curvature, beside) * SLACK, proved.error_radius
    rate = round_down(SLOWEST * lowest)
    shortest = float(others.norm.min())
    radius = attracted(lambda R: third_derivative(others, teachers, R + error), lowest - rate, shortest - error)
    radius = round_down(radius * SLACK)
    if not radius > error:
        return proved
    half = third_derivative(others, teachers, radius + error) * radius / 2.0
    step = round_down(2.0 / (norm * (1.0 + 2.0**-9) + rate + half) * SLACK)
    basin = Basin(radius, rate, step)
    told = {name: float_text(value) for name, value in vars(basin).items()}
    return replace(proved, certificate=Certificate({**claim, "basin": told}, proved.certificate.witness), basin=basin)


def _value(told: str) -> float:
    mantissa, exponent = told.split("p")
    return float(int(mantissa, 16)) * 2.0 ** int(exponent)


def _dense(proved: Proved, problem: Problem) -> tuple[Others, float, float]:
    """What each student meets, a bound of the largest curvature by row sums, and one of the teachers' Gram matrix."""
    W: Array = np.array([[_value(x) for x in row] for row in proved.certificate.claim["centre"]])
    pairs = floats.pairs(W, problem.teacher)
    rows = [float(np.abs(matrix).sum(axis=1).max()) for matrix in (floats.hessian_of(pairs), floats.ambient_of(pairs))]
    units = problem.teacher / np.linalg.norm(problem.teacher, axis=1)[:, None]
    teachers = 1.0 if problem.orthonormal else float(np.abs(units @ units.T).sum(axis=1).max())
    return dense_others(pairs), max(rows), teachers


def _family(proved: Proved) -> tuple[Others, float, float]:
    """The same by classes; the largest curvature is known from the spectrum."""
    signature, claim = proved.signature, proved.certificate.claim
    if signature is None or proved.patterns is None or proved.spectrum is None:
        raise ValueError("not a proof by symmetry")
    orthonormal = claim["teacher"] == "orthonormal"
    alpha, beta = (1.0, 0.0) if orthonormal else (_value(x) for x in claim["teacher"])
    geometry = Geometry(signature.sizes, signature.owners, proved.patterns, (alpha, beta), FLOATS)
    k = geometry.students
    rows = [[relation for relation in geometry.relations if relation.left == a] for a in range(k)]
    each, length, cosine, sine, complement = np.zeros((5, k, max(map(len, rows))))
    student = np.full((k, each.shape[1]), -1)
    for a, row in enumerate(rows):
        for place, relation in enumerate(row):
            angle, right, at = geometry.angles[relation.key], relation.right, (a, place)
            each[at], length[at], student[at] = relation.each, geometry.norms[right], right if right < k else -1
            cosine[at], sine[at], complement[at] = abs(angle.cosine), angle.sine, angle.complement
    norms, alphas = (np.array(x, dtype=np.float64) for x in (geometry.norms[:k], geometry.alphas[:k]))
    ambient = float((np.pi + np.abs(alphas) + (each * complement * (student >= 0)).sum(axis=1)).max())
    largest = max(high for _, _, high in proved.spectrum)
    others = Others(norms, alphas, each, student, length, cosine, sine)
    return others, max(largest, ambient / floats.TWO_PI), 1.0 if orthonormal else float(signature.teachers)
