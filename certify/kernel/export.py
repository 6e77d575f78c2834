"""From a certificate of a strict local minimum to a Coq file; untrusted, a wrong number makes Coq refuse the file."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from certify.checker.reader import Certificate, FamilyCertificate
from certify.errors import InputError
from certify.landscape.floats import TWO_PI, hessian

Array = NDArray[np.float64]
ARITHMETICS = {
    "floats": "Floats.check_sound (PrimitiveFloat.PtoP 53)",
    "bigint": "BigInts.check_sound (BigIntFloat.PtoP 80)",
    "stdlib": "Integers.check_sound (IntegerFloat.PtoP 80)",
}
FACTOR_BITS = 30


@dataclass(frozen=True)
class Numbers:
    """What a Coq file states and gives: exact numbers."""

    teacher: list[list[Fraction]]
    centre: list[list[Fraction]]
    radius: Fraction
    error: Fraction
    shift: Fraction
    slack: Fraction
    curvature: Fraction
    loss: tuple[Fraction, Fraction]
    factor: list[list[int]]


def coq_source(certificate: Certificate | FamilyCertificate, arithmetic: str, radius: Fraction | None = None) -> str:
    """The text of a Coq file whose last theorem is about the point of the certificate."""
    if certificate.index != 0:
        raise InputError("only strict local minima can be exported to Coq; this is a saddle")
    return render(numbers(certificate, radius), arithmetic)


def numbers(certificate: Certificate | FamilyCertificate, radius: Fraction | None = None) -> Numbers:
    """Centre, teacher, radii and an approximate Cholesky factor of the Hessian of 2 pi L."""
    teacher, centre = _matrices(certificate)
    W, V = _floats(centre), _floats(teacher)
    H = TWO_PI * hessian(W, V)
    lowest = float(np.linalg.eigvalsh(H)[0])
    if not lowest > 0:
        raise InputError("the float Hessian at the centre is not positive definite")
    shift = _down(lowest * 0.75)
    slack = _down(lowest * 0.5)
    factor = np.linalg.cholesky(H - float(shift) * np.eye(len(H)))
    rows = [[round(float(v) * 2**FACTOR_BITS) for v in row[: n + 1]] for n, row in enumerate(factor)]
    box = radius or _radius(lowest, len(H), W)
    loss = tuple(_dyadic(b) for b in certificate.loss)
    step = Fraction(1, 10**9)
    error = min(box / 2, Fraction(1, 2**32))
    return Numbers(
        teacher, centre, box, error, shift, slack, _down((float(shift) - float(slack)) / 6.3),
        (loss[0] - step, loss[1] + step), rows,
    )  # fmt: skip


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


def _denominator(rows: list[list[Fraction]]) -> int:
    return int(np.lcm.reduce(np.array([v.denominator for row in rows for v in row], dtype=object)))


def _list(values: list[int]) -> str:
    return "[" + "; ".join(str(v) if v >= 0 else f"({v})" for v in values) + "]"


def _rows(name: str, rows: list[list[int]]) -> str:
    return f"Definition {name} : list (list Z) :=\n [" + ";\n  ".join(map(_list, rows)) + "]%Z.\n"


def _matrix(name: str, rows: list[list[Fraction]]) -> str:
    den = _denominator(rows)
    integers = [[int(v * den) for v in row] for row in rows]
    return f"Definition {name}_den : positive := {den}.\n" + _rows(name, integers)


def _rational(value: Fraction) -> str:
    top = str(value.numerator) if value.numerator >= 0 else f"({value.numerator})"
    return f"({top} # {value.denominator})"


def render(n: Numbers, arithmetic: str) -> str:
    """The Coq file."""
    K, M, d = len(n.centre), len(n.teacher), len(n.centre[0])
    names = {"radius": n.radius, "error": n.error, "shift": n.shift, "slack": n.slack, "curvature": n.curvature,
             "lower": n.loss[0], "upper": n.loss[1]}  # fmt: skip
    arguments = (f"{K} {M} {d} teacher_den centre_den factor_den teacher centre factor radius error shift slack "
                 "curvature lower upper")  # fmt: skip
    lines = [
        "(* Written by certify export --coq; untrusted: coqc decides.  See proofs/coq/README.md. *)",
        "From Coq Require Import List ZArith QArith Qreals Reals.",
        "From Interval Require Import Primitive_ops.",
        "From Certify Require Import Statement Check Certificate.",
        "Import ListNotations.",
        _matrix("teacher", n.teacher) + _matrix("centre", n.centre),
        f"Definition factor_den : positive := {2**FACTOR_BITS}.\n" + _rows("factor", n.factor),
        *(f"Definition {name} : Q := {_rational(value)}." for name, value in names.items()),
        "",
        f"(* {K} students, {M} teachers, dimension {d}: see Statement.certified for what this says. *)",
        "Theorem minimum_exists :",
        f"  exists W, certified {K} {M} {d} (entry teacher_den teacher) (entry centre_den centre)",
        "    (Q2R radius) (Q2R error) (Q2R curvature) (Q2R lower) (Q2R upper) W.",
        f"Proof. apply ({ARITHMETICS[arithmetic]} {arguments}). vm_cast_no_check (eq_refl true). Qed.",
        "",
    ]
    if K >= M and n.loss[0] > 0:
        lines += [
            "(* It is not a global minimum: the teachers themselves, one cut into pieces, have loss 0. *)",
            f"Theorem spurious : exists W, strict_local_minimum {K} {M} {d} (entry teacher_den teacher) W /\\",
            f"  not_global {K} {M} {d} (entry teacher_den teacher) W.",
            f"Proof. exact (spurious_minimum {K} {M} {d} _ _ _ _ _ _ _ eq_refl eq_refl (positive_rational _ _)",
            "  minimum_exists). Qed.",
            "",
        ]
    final = "spurious" if K >= M and n.loss[0] > 0 else "minimum_exists"
    return "\n".join([*lines, f"Check {final}.", "Print Assumptions minimum_exists.", ""])
