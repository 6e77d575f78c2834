"""From a candidate to an outcome: polish, climb the precision ladder, prove, write the certificate."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, log2
from typing import NamedTuple

import numpy as np

from certify.arithmetic import Dyadic, dyadic, float_text
from certify.certificate import Certificate
from certify.errors import InputError
from certify.linalg.definite import Method
from certify.outcome import Outcome, Proved, Refuted, Undecided
from certify.phases import phase
from certify.problem import Array, Problem
from certify.proving.exclusion import exclusion_radius
from certify.proving.polish import approximate_newton, approximate_refinement
from certify.proving.radii import Radii, radii, round_down
from certify.proving.spectrum import Spectrum
from certify.proving.splitting import splitting_claim
from certify.proving.stages import DOUBLE_BITS, LARGE, BallStage, DoubleStage, Stage, Test, float_texts

LADDER = (DOUBLE_BITS, 128, 192, 256, 384, 512)
NORM_LIMIT = 2.0**480
CAPTURE = 0.05  # polishing may move a candidate by this fraction of its largest row norm
SHARES = (0.96, 0.85, 0.6, 0.3)  # of the guessed smallest eigenvalue, tried as the gap in turn
MARGIN = 0.99  # of the proven gap is claimed, so that the checker's coarser factorisation succeeds


class Inertia(NamedTuple):
    """A proven statement about one matrix at the centre."""

    spectrum: Spectrum
    gap: float


def prove(
    candidate: Array, problem: Problem, *, bits: int = DOUBLE_BITS, max_bits: int = LADDER[-1], method: Method = "exact"
) -> Outcome:
    """Try to prove that a nondegenerate critical point lies near W [K, d], given by its `as_matrix`.

    bits: start the precision ladder here (53 is float64 with error bounds; more gives a smaller error radius);
    max_bits: give up after this precision; method: of the definiteness proof at 53 bits (docs/large.md).  Returns
    Proved, Refuted or Undecided; raises InputError if W is no K x d matrix.
    """
    if candidate.shape != (problem.students, problem.dimension):
        raise InputError(
            f"W has shape {candidate.shape}, but {problem.students} students in dimension {problem.dimension} "
            f"need {(problem.students, problem.dimension)}"
        )
    ladder = [b for b in LADDER if bits <= b <= max_bits]
    if not ladder:
        raise InputError(f"none of the precisions {LADDER} lies between bits={bits} and max_bits={max_bits}")
    with np.errstate(all="ignore"):  # whatever overflows fails a comparison later on
        return _climb(candidate, problem, ladder, method)


def _capture(candidate: Array) -> float:
    """How far polishing may move it."""
    size: float = np.einsum("ia,ia->i", candidate, candidate).max() ** 0.5
    return CAPTURE * size


def _climb(candidate: Array, problem: Problem, ladder: list[int], method: Method) -> Outcome:
    """Polish, then try each precision until one decides."""
    V = problem.teacher
    phase("derivatives")
    double = DoubleStage.make(candidate, V, method, axes=problem.orthonormal)
    if double is None and (hindrance := _hindrance(candidate, V)) is not None:
        return hindrance
    polished = candidate
    if double is None or not double.is_stationary:
        phase("Newton's iteration")
        polished = approximate_newton(candidate, V, _capture(candidate))
        start, double = double, DoubleStage.make(polished, V, method, axes=problem.orthonormal)
        if start is not None and double is not None and not double.is_stationary:
            excluded = exclusion_radius(start)
            if excluded > 0.0:
                return Refuted(
                    excluded,
                    f"no critical point lies within {excluded:.3g} (Frobenius norm) of W: the gradient there is at "
                    f"least {start.gradient_lower:.3g}, and Newton's iteration meets none within "
                    f"{_capture(candidate):.3g}",
                )
        del start  # and its Hessian
    displacement = 0.0 if polished is candidate else float(np.linalg.norm(polished - candidate))
    outcome: Outcome | None = None
    centre: list[list[Dyadic]] | None = None
    for bits in ladder:
        stage: Stage | None = double
        if bits > DOUBLE_BITS:
            teacher = _dyadics(V)
            phase(f"balls of {bits} bits")
            centre = approximate_refinement(centre or _dyadics(polished), teacher, bits)
            displacement = _distance(centre, candidate)
            if not displacement <= _capture(candidate):
                return Undecided(
                    f"Newton's iteration meets no critical point within {_capture(candidate):.3g} of W",
                    "polish the candidate further",
                )
            stage = BallStage(centre, teacher, bits)
        if stage is None:
            continue
        phase("smallest eigenvalue")
        guess = stage.hessian_guess()
        if guess is None:
            return Undecided(
                "the Hessian is singular to working precision: a degenerate critical point or a flat set",
                "only nondegenerate critical points are certified; look for a symmetry or a flat direction",
            )
        outcome = _attempt(stage, guess, problem, displacement)
        if isinstance(outcome, Proved):
            break
    return outcome or Undecided(
        "the row norms are beyond the range of float64 bounds",
        "raise max_bits, or multiply students and teachers by a power of two",
    )


def _attempt(stage: Stage, guess: Spectrum, problem: Problem, displacement: float) -> Outcome:
    """One precision: inertia, radii, ambient matrix, certificate."""
    hessian = _inertia(stage.hessian_test(guess), guess)
    if hessian is None:
        return Undecided(
            f"the inertia of the Hessian was not confirmed at {stage.bits} bits "
            f"(smallest |eigenvalue| near {guess.smallest:.2e})",
            "raise the precision",
        )
    proven = radii(stage.gradient_norm, hessian.gap, stage.variation, min(stage.norms))
    if proven is None:
        return Undecided(
            f"the gradient, at most {stage.gradient_norm:.2e}, is too large for the gap {hessian.gap:.2e} between zero "
            f"and the Hessian's spectrum",
            "polish the candidate further, or raise the precision",
        )
    beside = stage.ambient_guess()
    ambient = None if beside is None else _inertia(stage.ambient_test(beside), beside)
    if ambient is not None and not proven.variation < 0.5 * ambient.gap:
        ambient = None
    return _proved(stage, problem, displacement=displacement, hessian=hessian, ambient=ambient, proven=proven)


def _inertia(test: Test, spectrum: Spectrum) -> Inertia | None:
    """Confirm the guessed inertia with the largest gap that works."""
    for share in SHARES:
        gap = share * spectrum.smallest
        if test.certainly(gap):
            return Inertia(spectrum, round_down(MARGIN * gap))
    return None


def _proved(
    stage: Stage, problem: Problem, *, displacement: float, hessian: Inertia, ambient: Inertia | None, proven: Radii
) -> Proved:
    """Assemble outcome and certificate."""
    phase("claim")
    loss = _loss_enclosure(stage, proven)
    not_global = problem.students >= problem.teachers and loss[0] > 0.0
    index = hessian.spectrum.index
    kind = "saddle" if index else "strict-local-minimum"
    claim: dict[str, object] = {
        "kind": kind,
        "landscape": "relu-population-loss",
        "students": problem.students,
        "teachers": problem.teachers,
        "dimension": problem.dimension,
        "teacher": "orthonormal" if problem.orthonormal else float_texts(problem.teacher),
        "centre": stage.centre,
        "uniqueness_radius": float_text(proven.uniqueness),
        "error_radius": float_text(proven.error),
        "index": index,
        "curvature": float_text(proven.curvature),
        "ambient_index": None if ambient is None else ambient.spectrum.index,
        "ambient_curvature": None
        if ambient is None
        else float_text(round_down(0.99 * (ambient.gap - proven.variation))),
        "loss": [float_text(end) for end in loss],
        "not_global": not_global,
    }
    many = problem.students * problem.dimension >= LARGE  # checking K matrices in integers would then take longest
    splits = (None,) * problem.students if many else tuple(stage.splits(proven.variation))
    claim.update(splitting_claim(splits))
    least = min([hessian.gap, *[split.gap for split in splits if split is not None]])
    factor, beside = _factor_bits(hessian), 0 if ambient is None else _factor_bits(ambient)
    witness = {
        "precision": _precision(stage, proven, least, loss[1] - loss[0], max(factor, beside)),
        "hessian": _witness(hessian, factor),
        "ambient": None if ambient is None else _witness(ambient, beside),
    }
    return Proved(
        certificate=Certificate(claim, witness),
        kind=kind,
        index=index,
        ambient_index=None if ambient is None else ambient.spectrum.index,
        uniqueness_radius=proven.uniqueness,
        error_radius=proven.error,
        curvature=proven.curvature,
        loss=loss,
        not_global=not_global,
        displacement=displacement,
        bits=stage.bits,
        splits=splits,
    )


def _loss_enclosure(stage: Stage, proven: Radii) -> tuple[float, float]:
    """Loss of the critical point, by Taylor at the point where the gradient vanishes; a little wider than proven."""
    low, high = stage.loss
    change = proven.error**2 * (stage.hessian_norm + proven.variation) + (high - low) + 2.0**-50 * max(-low, high)
    return low - change, high + change


def _factor_bits(part: Inertia) -> int:
    """Bits of the checker's integer factor: its error (n + 1) sqrt(diagonal) 2^-bits must be far below the gap."""
    n = part.spectrum.directions.shape[1]
    return max(24, ceil(log2(400.0 * (n + 2) * (part.spectrum.largest_diagonal + part.gap) ** 0.5 / part.gap)))


def _precision(stage: Stage, proven: Radii, gap: float, width: float, factor_bits: int) -> int:
    """Bits of the checker's intervals: small against the error radius times the gap, whatever the row norms.

    Its unit is absolute: short rows need more bits, and so do long ones, of which it takes inverse squares; and the
    rounding of its loss must disappear in the width of the claimed interval.
    """
    short, long = log2(min(stage.norms)), log2(max(stage.norms))
    spread = 2.0 * (long - short) + max(0.0, -short) + max(0.0, long)
    coarse = 2.0 * max(0.0, long)
    fine = max(-log2(proven.error * gap) + spread, coarse - log2(gap), coarse - log2(max(width, 2.0**-1074)))
    needed = max(2 * factor_bits + 16, ceil(fine) + 32, 64)
    return -(-needed // 32) * 32


def _witness(part: Inertia, bits: int) -> dict[str, object]:
    numerator, denominator = (part.spectrum.weight * 6.284).as_integer_ratio()
    weight = -((-numerator << 2 * bits) // denominator)
    directions = [[int(x) for x in row] for row in part.spectrum.directions.tolist()]
    return {"gap": float_text(part.gap), "factor_bits": bits, "directions": directions, "weight": weight}


def _distance(centre: list[list[Dyadic]], candidate: Array) -> float:
    """Frobenius distance of an exact centre from the candidate."""
    squares = (
        (Fraction(x) - Fraction(m) * Fraction(2) ** e) ** 2
        for row, exact in zip(candidate.tolist(), centre, strict=True)
        for x, (m, e) in zip(row, exact, strict=True)
    )
    total = sum(squares, Fraction(0))
    return float(total) ** 0.5 if total < 2**1000 else float("inf")


def _hindrance(candidate: Array, V: Array) -> Undecided | None:
    """What makes a proof impossible, if float64 bounds do not apply."""
    nonzero = candidate.any(axis=1)
    if not nonzero.all():
        return Undecided(
            f"student {int(nonzero.argmin())} has norm zero, where the loss is not differentiable",
            "remove the student, or start from a point without zero rows",
        )
    if _is_moderate(candidate) and _is_moderate(V):
        return None
    return Undecided("a row norm is beyond the range of float64", "multiply students and teachers by a power of two")


def _is_moderate(rows: Array) -> bool:
    """Squares of the row norms neither overflow nor vanish."""
    sizes = np.abs(rows).max(axis=1)
    return bool(sizes.min() > 1.0 / NORM_LIMIT and sizes.max() < NORM_LIMIT)


def _dyadics(matrix: Array) -> list[list[Dyadic]]:
    return [[dyadic(x) for x in row] for row in matrix.tolist()]
