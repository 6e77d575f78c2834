"""From a certificate of a strict local minimum to a Coq file; untrusted, a wrong number makes Coq refuse the file."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from certify.checker.reader import Certificate, FamilyCertificate
from certify.errors import InputError
from certify.kernel.source import FACTOR_BITS, Numbers, Pair, Symmetry, render
from certify.landscape.floats import TWO_PI, hessian

Array = NDArray[np.float64]
LOSS_SCALE = 2**30  # denominator of the stated bounds of the loss
SEPARATION = 2.0**-12  # sine of the smallest angle between rows
LIMIT_UNKNOWNS = 900  # Coq's time grows with their third power: minutes at 225


def coq_source(certificate: Certificate | FamilyCertificate, arithmetic: str, radius: Fraction | None = None) -> str:
    """The text of a Coq file whose last theorem is about the point of the certificate."""
    if certificate.index != 0:
        raise InputError("only strict local minima can be exported to Coq; this is a saddle")
    unknowns = certificate.students * certificate.dimension
    if unknowns > LIMIT_UNKNOWNS:
        raise InputError(f"{unknowns} unknowns are too many for Coq: at most {LIMIT_UNKNOWNS}")
    return render(numbers(certificate, radius), arithmetic)


def numbers(certificate: Certificate | FamilyCertificate, radius: Fraction | None = None) -> Numbers:
    """Centre, teacher, radii and an approximate Cholesky factor of the Hessian of 2 pi L."""
    teacher, centre = _matrices(certificate)
    W, V = _floats(centre), _floats(teacher)
    if _nearly_parallel(np.vstack([W, V])):
        raise InputError("two rows of students and teachers are parallel, or nearly so: Coq's test excludes that")
    H = TWO_PI * hessian(W, V)
    lowest = float(np.linalg.eigvalsh(H)[0])
    if not lowest > 0:
        raise InputError("the float Hessian at the centre is not positive definite")
    box = radius or _radius(lowest, len(H), W)
    shift = _down(lowest * 0.75)
    slack = _down(lowest * 0.5)
    factor = np.linalg.cholesky(H - float(shift) * np.eye(len(H)))
    rows = [[round(float(v) * 2**FACTOR_BITS) for v in row[: n + 1]] for n, row in enumerate(factor)]
    lower, upper = (_dyadic(b) for b in certificate.loss)
    return Numbers(
        teacher=teacher,
        centre=centre,
        radius=box,
        error=min(box / 2, Fraction(1, 2**32)),
        shift=shift,
        slack=slack,
        curvature=_down((float(shift) - float(slack)) / 6.3),
        loss=(Fraction(floor(lower * LOSS_SCALE) - 1, LOSS_SCALE), Fraction(ceil(upper * LOSS_SCALE) + 1, LOSS_SCALE)),
        factor=rows,
        symmetries=tuple(_symmetries(teacher, centre)),
    )


def _symmetries(teacher: list[list[Fraction]], centre: list[list[Fraction]]) -> Iterator[Symmetry]:
    """Generators: for each coordinate, an exchange with an earlier one that students and teachers can follow."""
    for q in range(1, len(centre[0])):
        for p in reversed(range(q)):
            students, teachers = _followers(centre, p, q), _followers(teacher, p, q)
            if students is not None and teachers is not None:
                yield students, (p, q), teachers
                break


def _followers(rows: list[list[Fraction]], p: int, q: int) -> Pair | None:
    """The two rows to exchange so that exchanging columns p and q changes nothing; (0, 0) if none need be."""
    columns = list(range(len(rows[0])))
    columns[p], columns[q] = q, p
    turned = [[row[k] for k in columns] for row in rows]
    moved = [i for i, row in enumerate(rows) if turned[i] != row]
    if not moved:
        return 0, 0
    if len(moved) == 2 and turned[moved[0]] == rows[moved[1]] and turned[moved[1]] == rows[moved[0]]:
        return moved[0], moved[1]
    return None


def _nearly_parallel(rows: Array) -> bool:
    """Whether interval arithmetic on a box cannot tell some row's direction from another's; also for a zero row."""
    norms = np.maximum(np.linalg.norm(rows, axis=1), 1e-300)
    cosines = rows @ rows.T / np.outer(norms, norms)
    np.fill_diagonal(cosines, 0.0)
    return bool(norms.min() < SEPARATION or (1.0 - cosines**2 < SEPARATION**2).any())


def _radius(lowest: float, unknowns: int, W: Array) -> Fraction:
    """Half the side of a box on which interval evaluation should keep the Hessian within half its lowest eigenvalue."""
    norm = float(np.linalg.norm(W, axis=1).min())
    exponent = floor(np.log2(lowest * min(norm, 1.0) / (1024.0 * unknowns)))
    return _power(exponent)


def _matrices(c: Certificate | FamilyCertificate) -> tuple[list[list[Fraction]], list[list[Fraction]]]:
    if isinstance(c, Certificate):
        if c.orthonormal:
            teacher = [[Fraction(int(m == k)) for k in range(c.dimension)] for m in range(c.teachers)]
        else:
            teacher = [[_dyadic(v) for v in row] for row in c.teacher]
        return teacher, [[_dyadic(v) for v in row] for row in c.centre]
    alpha, beta = (_dyadic(v) for v in c.teacher)
    classes = [index for index, size in enumerate(c.sizes) for _ in range(size)]
    teacher = [[alpha * (m == k) + beta for k in range(len(classes))] for m in range(len(classes))]
    centre = []
    for owner, pattern in zip(c.owners, c.centre, strict=True):
        *base, delta = (_dyadic(v) for v in pattern)
        row = [base[index] for index in classes]
        if owner is None:
            centre.append(row)
            continue
        for place, index in enumerate(classes):
            if index == owner:
                centre.append([v + delta * (k == place) for k, v in enumerate(row)])
    return teacher, centre


def _power(exponent: int) -> Fraction:
    return Fraction(2**exponent) if exponent >= 0 else Fraction(1, 2**-exponent)


def _dyadic(value: Any) -> Fraction:
    mantissa, exponent = value
    return Fraction(mantissa) * _power(exponent)


def _floats(rows: list[list[Fraction]]) -> Array:
    return np.array([[float(v) for v in row] for row in rows])


def _down(value: float) -> Fraction:
    return Fraction(floor(value * 2**20), 2**20) if value > 2**-12 else Fraction(value)
