"""Proofs by symmetry for a given matrix: find its classes, prove there, and make sure that it is the same point."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from certify.families.detect import Detection, dense, detect
from certify.families.teachers import Frame, teacher_frame
from certify.outcome import Proved
from certify.problem import Array, Problem, as_matrix, make_problem
from certify.proving.family import prove_member
from certify.proving.pipeline import CAPTURE
from certify.proving.polish import approximate_newton
from certify.proving.stages import DOUBLE_BITS, DoubleStage

FINE, COARSE = 1e-9, 1e-3  # tolerances in units of the largest entry: taken for symmetric; worth polishing
POLISHED = 1e-8
LARGEST_DENSE = 4096  # unknowns, at most, where Newton's iteration in the full space is worth its time
LEAST_UNKNOWNS = 16  # below, the full space is faster
MOST_CLASSES = 12  # of students and coordinates together
LEAST_BITS = 128
CLASS_WORK = 1 << 20  # the checker's limit of classes^5, at 256 bits
NORMS = 2.0**-200, 2.0**200
NEARLY = "only nearly symmetric ({}): this is about the full space; the symmetrised point would be a different claim"


class Attempt(NamedTuple):
    """A proof by symmetry, or None; note: one line for a proof on another route."""

    outcome: Proved | None
    note: str = ""


def prove_symmetric(W: object, problem: Problem, *, bits: int = DOUBLE_BITS) -> Attempt:
    """Prove the critical point near W [K, d] by its symmetry, where it has one.

    The teachers need the Gram matrix c^2 ((1 - rho) I + rho J), and W must lie near their span.  The claim is about
    teachers alpha e_m + beta 1 in R^M; where the given ones are these only after an orthogonal change of coordinates,
    or up to rounding, the outcome's note says so.  W is polished in R^{K x M} before its symmetry is judged; a point
    that is only nearly symmetric is left alone.  bits: precision to start with, at least 128.
    Raises InputError if W is no finite matrix.
    """
    candidate = as_matrix(W, "W")
    frame = teacher_frame(problem.teacher)
    if frame is None or candidate.shape != (problem.students, problem.dimension):
        return Attempt(None)
    inside = candidate @ frame.basis
    if inside.size < LEAST_UNKNOWNS:
        return Attempt(None)
    with np.errstate(all="ignore"):
        norms = np.linalg.norm(candidate, axis=1)
        beside = float(np.linalg.norm(candidate - inside @ frame.basis.T))
        if not (NORMS[0] < norms.min() and norms.max() < NORMS[1] and beside <= COARSE * norms.max()):
            return Attempt(None)
        found, coarse = _symmetry(inside, _in_own_coordinates(problem, frame))
        if found is None:
            return Attempt(None, NEARLY.format(coarse) if coarse else "")
        outcome = _proof(inside, found, frame, max(bits, LEAST_BITS))
    if outcome is None:
        return Attempt(None)
    moved = float(np.hypot(outcome.displacement, beside))
    return Attempt(replace(outcome, displacement=moved, note=_about(problem, frame, beside)))


def _in_own_coordinates(problem: Problem, frame: Frame) -> Problem:
    """The problem in R^M that the claim is about, its teachers as floats."""
    if frame.deviation == 0.0 and problem.dimension == problem.teachers:
        return problem
    alpha, beta = map(float, frame.teacher)
    return make_problem(problem.students, teacher=alpha * np.eye(problem.teachers) + beta)


def _about(problem: Problem, frame: Frame, beside: float) -> str:
    """What the claim is about, if not about the given problem word by word."""
    alpha, beta = map(float, frame.teacher)
    if frame.deviation > 0.0:
        return (
            f"the claim is about teachers {alpha:.17g} e_m + {beta:.17g} (1, ..., 1) in R^{problem.teachers}: an "
            f"orthogonal change of coordinates takes them to within {frame.deviation:.2g} of the given ones; the full "
            "space proves those"
        )
    if problem.dimension > problem.teachers:
        return f"the claim is about the span of the teachers, R^{problem.teachers}" + (
            f"; W is {beside:.2g} beside it" if beside > 0.0 else ""
        )
    return ""


def _symmetry(candidate: Array, problem: Problem) -> tuple[Detection | None, str]:
    """Of the critical point near the candidate; and what it looks like from afar."""
    largest = float(np.abs(candidate).max())
    coarse, fine = (_usable(detect(candidate, share * largest)) for share in (COARSE, FINE))
    if coarse is None:
        return None, ""
    if fine is None or fine.signature != coarse.signature:
        fine = _polished(candidate, problem, coarse)
    return fine, f"classes {coarse.signature.name}"


def _proof(candidate: Array, found: Detection, frame: Frame, bits: int) -> Proved | None:
    try:
        outcome = prove_member(found.signature, found.patterns, frame.teacher, bits=bits)
    except ArithmeticError:  # numbers beyond the range of float64
        return None
    if not isinstance(outcome, Proved) or outcome.patterns is None or _takes_too_long(outcome):
        return None
    moved = dense(found.signature, outcome.patterns) - candidate[np.ix_(found.students, found.coordinates)]
    displacement = float(np.linalg.norm(moved))
    if not displacement <= CAPTURE * float(np.linalg.norm(candidate, axis=1).max()):
        return None
    return replace(outcome, displacement=displacement)


def _takes_too_long(outcome: Proved) -> bool:
    """The checker would refuse so many classes at this precision."""
    claim, precision = outcome.certificate.claim, outcome.certificate.witness["precision"]
    classes = len(claim["signature"]["sizes"]) + len(claim["signature"]["owners"])
    return bool(classes**5 * (1 + precision // 256) ** 2 > CLASS_WORK)


def _polished(candidate: Array, problem: Problem, coarse: Detection) -> Detection | None:
    """The symmetry of the critical point near the candidate."""
    if candidate.size > LARGEST_DENSE:
        return coarse
    point, V = candidate, problem.teacher
    stage = DoubleStage.make(candidate, V)
    if stage is None or not stage.is_stationary:
        point = approximate_newton(candidate, V, CAPTURE * float(np.linalg.norm(candidate, axis=1).max()))
    return _usable(detect(point, POLISHED * float(np.abs(point).max())))


def _usable(found: Detection | None) -> Detection | None:
    """None where a proof by symmetry would not pay."""
    if found is None or max(found.signature.sizes) < 2:
        return None
    return found if len(found.signature.sizes) + len(found.signature.owners) <= MOST_CLASSES else None
