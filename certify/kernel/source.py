"""Coq files: a theorem about exact numbers, and the diagnosis of one that Coq refuses."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm

FACTOR_BITS = 30
Pair = tuple[int, int]
Symmetry = tuple[Pair, Pair, Pair]  # students, coordinates and teachers that are exchanged
RATIONALS = ("radius", "error", "shift", "slack", "curvature", "lower", "upper")


@dataclass(frozen=True)
class Arithmetic:
    """One of the number systems of proofs/coq/Certificate.v: a module and its precision."""

    module: str
    precision: str


ARITHMETICS = {
    "floats": Arithmetic("Floats", "PrimitiveFloat.PtoP 53"),
    "bigint": Arithmetic("BigInts", "BigIntFloat.PtoP 80"),
    "stdlib": Arithmetic("Integers", "IntegerFloat.PtoP 80"),
}


@dataclass(frozen=True)
class Numbers:
    """What a Coq file states and gives: exact numbers.

    teacher M x d, centre K x d; radius: half the side of the box; error: Frobenius distance of the minimum from the
    centre; curvature and loss: bounds that are stated.  Witnesses: 2 pi times the Hessian, less the shift, is factor
    factor^T (lower triangle, over 2^FACTOR_BITS) up to the slack in Frobenius norm.  symmetries: exchanges that
    leave centre and teacher as they are, entry by entry; the minimum has them, too.
    """

    teacher: list[list[Fraction]]
    centre: list[list[Fraction]]
    radius: Fraction
    error: Fraction
    shift: Fraction
    slack: Fraction
    curvature: Fraction
    loss: tuple[Fraction, Fraction]
    factor: list[list[int]]
    symmetries: tuple[Symmetry, ...] = ()

    @property
    def spurious(self) -> bool:
        """Whether the file also states that the point is not a global minimum."""
        return len(self.centre) >= len(self.teacher) and self.loss[0] > 0


def render(n: Numbers, arithmetic: str) -> str:
    """The file whose theorems coqc is to accept."""
    K, M, d = len(n.centre), len(n.teacher), len(n.centre[0])
    chosen = ARITHMETICS[arithmetic]
    point = f"{K} {M} {d} (entry teacher_den teacher) (entry centre_den centre)"
    theorems = ["minimum_exists"]
    lines = [
        _definitions(n),
        f"(* {K} students, {M} teachers, dimension {d}: see Statement.certified for what this says. *)",
        "Theorem minimum_exists :",
        f"  exists W, certified {point}",
        "    (Q2R radius) (Q2R error) (Q2R curvature) (Q2R lower) (Q2R upper) W.",
        f"Proof. apply ({chosen.module}.check_sound ({chosen.precision}) {_arguments(n)}).",
        "  vm_cast_no_check (eq_refl true). Qed.",
        "",
    ]
    if n.symmetries:
        theorems.append("symmetric_minimum_exists")
        lines += [
            "(* It has every symmetry that its centre has. *)",
            "Definition symmetries : list symmetry :=\n [" + ";\n  ".join(map(_exchange, n.symmetries)) + "]%nat.",
            "Theorem symmetric_minimum_exists :",
            f"  exists W, certified {point}",
            "    (Q2R radius) (Q2R error) (Q2R curvature) (Q2R lower) (Q2R upper) W /\\",
            f"    forall s, In s symmetries -> has_symmetry {K} {d} W s.",
            f"Proof. apply (symmetric {K} {M} {d} teacher_den centre_den teacher centre radius error",
            "  _ _ _ symmetries). vm_cast_no_check (eq_refl true). exact minimum_exists. Qed.",
            "",
        ]
    if n.spurious:
        theorems.append("spurious")
        lines += [
            "(* It is not a global minimum: the teachers themselves, one cut into pieces, have loss 0. *)",
            f"Theorem spurious : exists W, strict_local_minimum {K} {M} {d} (entry teacher_den teacher) W /\\",
            f"  not_global {K} {M} {d} (entry teacher_den teacher) W.",
            f"Proof. exact (spurious_minimum {K} {M} {d} _ _ _ _ _ _ _ eq_refl eq_refl (positive_rational _ _)",
            "  minimum_exists). Qed.",
            "",
        ]
    lines += [f"Check {name}." for name in theorems]
    return "\n".join([*lines, f"Definition theorems := ({', '.join(theorems)}).", "Print Assumptions theorems.", ""])


def diagnosis(n: Numbers, arithmetic: str) -> str:
    """A file that has Coq list the parts of the test that fail."""
    chosen = ARITHMETICS[arithmetic]
    return f"{_definitions(n)}\nEval vm_compute in {chosen.module}.failed ({chosen.precision}) {_arguments(n)}.\n"


def _definitions(n: Numbers) -> str:
    values = (n.radius, n.error, n.shift, n.slack, n.curvature, *n.loss)
    return "\n".join([
        "(* Written by certify export --coq; untrusted: coqc decides.  See proofs/coq/README.md. *)",
        "From Coq Require Import List ZArith QArith Qreals Reals.",
        "From Interval Require Import Primitive_ops.",
        "From Certify Require Import Statement Check Certificate Symmetry.",
        "Import ListNotations.",
        _matrix("teacher", n.teacher) + _matrix("centre", n.centre),
        f"Definition factor_den : positive := {2**FACTOR_BITS}.\n" + _rows("factor", n.factor),
        *(f"Definition {name} : Q := {_rational(value)}." for name, value in zip(RATIONALS, values, strict=True)),
        "",
    ])  # fmt: skip


def _arguments(n: Numbers) -> str:
    shape = f"{len(n.centre)} {len(n.teacher)} {len(n.centre[0])}"
    return (f"{shape} teacher_den centre_den factor_den teacher centre factor radius error shift slack curvature "
            "lower upper")  # fmt: skip


def _exchange(symmetry: Symmetry) -> str:
    return "Exchange " + " ".join(f"({a}, {b})" for a, b in symmetry)


def _list(values: list[int]) -> str:
    return "[" + "; ".join(str(v) if v >= 0 else f"({v})" for v in values) + "]"


def _rows(name: str, rows: list[list[int]]) -> str:
    return f"Definition {name} : list (list Z) :=\n [" + ";\n  ".join(map(_list, rows)) + "]%Z.\n"


def _matrix(name: str, rows: list[list[Fraction]]) -> str:
    den = lcm(*(v.denominator for row in rows for v in row))
    integers = [[int(v * den) for v in row] for row in rows]
    return f"Definition {name}_den : positive := {den}.\n" + _rows(name, integers)


def _rational(value: Fraction) -> str:
    top = str(value.numerator) if value.numerator >= 0 else f"({value.numerator})"
    return f"({top} # {value.denominator})"
