"""Proofs for symmetric points of any width: the main theorem with the Hessian taken apart (docs/families.md, F6).

Existence, uniqueness and index are those of T6 in the full space R^{K x M}; only the way to the numbers differs: the
gradient's norm from its patterns, the gap from the isotypic blocks, the variation from row norms with multiplicities.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil, inf, isfinite, log2

import numpy as np
from scipy.linalg.lapack import dsygvd

from certify.arithmetic import (
    Ball,
    Dyadic,
    ball_matrix,
    dyadic,
    dyadic_ball,
    float_ball,
    float_lower,
    float_text,
    float_upper,
    lower,
    midpoint,
    precision,
    rounded,
    text,
)
from certify.arithmetic import upper as upper_end
from certify.arithmetic.dyadic import normal
from certify.certificate import Certificate
from certify.errors import InputError
from certify.families.blocks import Block, ambient_blocks, hessian_blocks, trivial_basis
from certify.families.forms import Form
from certify.families.numbers import FLOATS, ball_numbers
from certify.families.orbits import Angle, Geometry, Number, Pattern
from certify.families.signature import Signature
from certify.landscape.variation import hessian_variation
from certify.outcome import Outcome, Proved, Split, Undecided
from certify.proving.radii import Radii, radii, round_down
from certify.proving.spectrum import Array
from certify.proving.splitting import family_parts, split_of, splitting_claim
from certify.proving.stages import finite_magnitude, finite_upper

Scalar = float | Fraction
Teacher = tuple[Scalar, Scalar]
NEWTON_STEPS = 40
SMALL_STEP = 1e-8


@dataclass(frozen=True)
class Eigenvalues:
    """Enclosures of the eigenvalues of one block."""

    dimension: int
    bounds: list[tuple[float, float]]  # of 2 pi Hess L at the centre, ascending


def prove_member(
    signature: Signature, patterns: Sequence[Pattern], teacher: Teacher = (1.0, 0.0), *, bits: int | None = None
) -> Outcome:
    """Try to prove that a nondegenerate critical point with this symmetry lies near the given patterns.

    patterns: one for each student class, floats; teacher: V = alpha I + beta J, exact: floats, or fractions with a
    power of two below.  bits: precision to start with.
    Returns Proved (with `spectrum`) or Undecided.
    """
    start = bits or 128 + 4 * max(0, signature.students.bit_length() - 10)
    outcome: Outcome = Undecided("no precision was tried", "allow more bits")
    if not all(isfinite(x) for p in patterns for x in (*p.base, p.delta)):
        raise InputError("the patterns are not finite")
    starts = [p if o is not None else p._replace(delta=0.0) for o, p in zip(signature.owners, patterns, strict=True)]
    try:
        polished = approximate_newton(signature, starts, teacher)
        for working in (start, 2 * start, 4 * start):
            outcome = _attempt(signature, polished, teacher, working)
            if isinstance(outcome, Proved):
                break
    except ZeroDivisionError:
        return Undecided("a row is zero", "the theorem needs rows that are not zero")
    return outcome


def approximate_newton(signature: Signature, patterns: Sequence[Pattern], teacher: Teacher) -> list[Pattern]:
    """Newton's iteration in the fixed space in float64; the last iterate with the least gradient, no guarantee."""
    current, best, best_size = list(patterns), list(patterns), inf
    teacher = float(teacher[0]), float(teacher[1])
    scale = scales(signature)
    for _ in range(NEWTON_STEPS):
        geometry = Geometry(signature.sizes, signature.owners, current, teacher, FLOATS)
        gradient = np.array(restricted(signature, geometry.gradient())) * scale
        size = float(np.linalg.norm(gradient))
        if not size < best_size:
            break
        best, best_size = current, size
        try:
            step = np.linalg.solve(_jacobian(geometry, scale), gradient) * scale
        except np.linalg.LinAlgError:
            break
        current = moved(signature, current, step.tolist())
        if not all(any(p.base) or p.delta for p in current):
            break
        if float(np.abs(step).max()) < SMALL_STEP:
            return current  # quadratic convergence: another step would change rounding errors only
    return best


def _jacobian(geometry: Geometry, scale: Array) -> Array:
    """2 pi Hess L in the fixed space, in orthonormal coordinates."""
    form = Form(geometry, {})
    matrix: Array = np.array(form.hessian(trivial_basis(form)), dtype=float) * (scale[:, None] * scale)
    return matrix


def unknowns(signature: Signature) -> list[tuple[int, int | None]]:
    """(student class, coordinate class) of base values and (student class, None) of deltas, as in trivial_basis."""
    result: list[tuple[int, int | None]] = []
    for a, owner in enumerate(signature.owners):
        result += [(a, c) for c in range(len(signature.sizes))]
        if owner is not None and signature.sizes[owner] > 1:
            result.append((a, None))
    return result


def scales(signature: Signature) -> Array:
    """1 / |X| for the basis of the fixed space."""
    counts = [signature.count(a) * (1 if c is None else signature.sizes[c]) for a, c in unknowns(signature)]
    return np.array([float(n) ** -0.5 for n in counts])


def restricted(signature: Signature, gradient: Sequence[Pattern]) -> list[Number]:
    """<X, F> for the basis X of the fixed space."""
    result = []
    for a, c in unknowns(signature):
        pattern, owner, count = gradient[a], signature.owners[a], signature.count(a)
        if c is None:
            value = pattern.base[owner or 0] + pattern.delta
        else:
            value = signature.sizes[c] * pattern.base[c]
            value = value + pattern.delta if owner == c else value
        result.append(count * value)
    return result


def moved(signature: Signature, patterns: Sequence[Pattern], step: Sequence[Number]) -> list[Pattern]:
    """The patterns minus a combination of the basis of the fixed space."""
    base, delta = [list(p.base) for p in patterns], [p.delta for p in patterns]
    for (a, c), x in zip(unknowns(signature), step, strict=True):
        if c is None:
            delta[a] = delta[a] - x
        else:
            base[a][c] = base[a][c] - x
    return [Pattern(tuple(b), d) for b, d in zip(base, delta, strict=True)]


def _attempt(signature: Signature, patterns: Sequence[Pattern], teacher: Teacher, bits: int) -> Outcome:
    """One precision: refine, enclose, prove."""
    with precision(bits):
        numbers = ball_numbers()
        exact = tuple(dyadic_ball(_exact(x)) for x in teacher)
        geometry = _refined(signature, patterns, teacher, (exact[0], exact[1]))
        if geometry is None:
            return Undecided("Newton's iteration did not converge in the fixed space", "start closer")
        hessian = [_eigenvalues(block) for block in hessian_blocks(geometry)]
        ambient = [_eigenvalues(block) for block in ambient_blocks(geometry)]
        two_pi = 2 * numbers.pi
        norm = finite_upper(_gradient_norm(geometry) / two_pi)
        loss = geometry.loss() / two_pi
    if any(part is None for part in hessian):
        return Undecided("an isotypic block has an eigenvalue that could not be told from zero", "raise the precision")
    found = [part for part in hessian if part is not None]
    gap = round_down(0.999 * min(_gap(part) for part in found) / 6.2832)
    norms = [finite_upper(x) for x in geometry.norms[: len(signature.owners)]]
    teachers = finite_upper(geometry.norms[-1]) * signature.teachers * (1.0 + 2.0**-40)
    counts = [signature.count(a) for a in range(len(norms))]

    def variation(radius: float) -> float:
        return hessian_variation(norms, teachers, 2.0**-50, radius, counts)

    proven = radii(norm, gap, variation, min(norms)) if gap > 0.0 else None
    if proven is None:
        return Undecided(f"the gradient, at most {norm:.2e}, is too large for the gap {gap:.2e}", "raise the precision")
    beside = [part for part in ambient if part is not None]
    if len(beside) < len(ambient) or not proven.variation < 0.5 * min(_gap(part) for part in beside) / 6.2832:
        beside = []
    ends = float_lower(lower(loss)), float_upper(upper_end(loss))
    with precision(bits):
        splits = tuple(
            split_of(list(family_parts(geometry, a)), geometry.alphas[a], proven.variation)
            for a in range(geometry.students)
        )
    return _proved(signature, geometry, teacher, bits, _Proof(found, beside, gap, proven, ends, splits))


@dataclass(frozen=True)
class _Proof:
    hessian: list[Eigenvalues]
    ambient: list[Eigenvalues]
    gap: float
    radii: Radii
    loss: tuple[float, float]
    splits: tuple[Split | None, ...]


def _refined(
    signature: Signature, patterns: Sequence[Pattern], teacher: Teacher, exact: tuple[Ball, Ball]
) -> Geometry | None:
    """Newton with float64 Jacobian and ball gradients, to the working precision; the geometry at the last centre."""
    approximate = float(teacher[0]), float(teacher[1])
    geometry = Geometry(signature.sizes, signature.owners, patterns, approximate, FLOATS)
    scale = scales(signature)
    try:
        inverse = np.linalg.inv(_jacobian(geometry, scale))
    except (np.linalg.LinAlgError, ZeroDivisionError):
        return None
    if not np.isfinite(inverse).all():
        return None
    numbers = ball_numbers()
    centre = [Pattern(tuple(float_ball(x) for x in p.base), float_ball(p.delta)) for p in patterns]
    result, least = None, inf
    for _ in range(NEWTON_STEPS):
        trial = Geometry(signature.sizes, signature.owners, centre, exact, numbers)
        gradient = restricted(signature, trial.gradient())
        size = max(finite_magnitude(g) * s for g, s in zip(gradient, scale.tolist(), strict=True))
        if not size < 0.25 * least:
            break
        result, least = trial, size
        if size < 4.0 * max(float(g.rad()) * s for g, s in zip(gradient, scale.tolist(), strict=True)):
            break  # nothing but the width of the balls is left
        step = inverse @ np.array([float(g / size) * s for g, s in zip(gradient, scale.tolist(), strict=True)])
        moves = [float_ball(x * s) * float_ball(size) for x, s in zip(step.tolist(), scale.tolist(), strict=True)]
        centre = [Pattern(tuple(x.mid() for x in p.base), p.delta.mid()) for p in moved(signature, centre, moves)]
    return result


def _exact(x: Scalar) -> Dyadic:
    numerator, denominator = x.as_integer_ratio()
    return normal(numerator, 1 - denominator.bit_length())


def _gradient_norm(geometry: Geometry) -> Ball:
    """Frobenius norm of 2 pi grad L."""
    total = geometry.numbers.pi * 0
    for a, p in enumerate(geometry.gradient()):
        row = geometry.rows[a]
        for size, x in zip(geometry.sizes, p.base, strict=True):
            total = total + (row.count * size) * (x * x)
        if row.owner is not None:
            total = total + row.count * (p.delta * (2 * p.base[row.owner] + p.delta))
    return geometry.numbers.square_root(total)


def _eigenvalues(block: Block) -> Eigenvalues | None:
    """Enclose the eigenvalues of a block (F5); None if one of them may be zero."""
    vectors = _approximate_eigenvectors(block)
    bounds = None if vectors is None else enclosed(block, vectors)
    if bounds is None or any(low <= 0.0 <= high for low, high in bounds):
        return None
    return Eigenvalues(block.dimension, bounds)


def _approximate_eigenvectors(block: Block) -> list[list[float]] | None:
    """As columns, gram-orthonormal; None if the block looks singular."""
    size = len(block.matrix)
    if size == 1:
        return [[float(block.gram[0][0]) ** -0.5]]
    scale = np.array([2.0 ** -(int(block.gram[k][k]).bit_length() // 2) for k in range(size)])
    matrix = np.array([[float(x) for x in row] for row in block.matrix])
    gram = np.array([[float(x) for x in row] for row in block.gram])
    both = scale[:, None] * scale
    matrix, gram = matrix * both, gram * both
    if not np.isfinite(matrix).all():
        return None
    values, vectors, info = dsygvd(matrix, gram)
    if info != 0:
        return None
    sizes = [abs(x) for x in values.tolist()]
    if not 2.0**-47 * max(sizes) < min(sizes):
        return None
    result: list[list[float]] = (vectors * scale[:, None]).tolist()
    return result


def enclosed(block: Block, vectors: list[list[float]]) -> list[tuple[float, float]] | None:
    """F5: with Q the vectors, eigenvalues are within |d| (delta + eps) / (1 - eps) of the sorted diagonal."""
    size = range(len(vectors))
    vectors_matrix = ball_matrix(vectors)
    transposed = vectors_matrix.transpose()
    units = transposed * (ball_matrix(block.gram) * vectors_matrix)
    entries = transposed * (ball_matrix(block.matrix) * vectors_matrix)
    diagonal = [float(entries[k, k]) for k in size]
    if not all(d != 0.0 for d in diagonal):
        return None
    roots = [abs(d) ** 0.5 for d in diagonal]
    eps = delta = 0.0
    for k in size:
        for m in range(k + 1):
            rest, unit = entries[k, m], units[k, m]
            if k == m:
                rest, unit = rest - diagonal[k], unit - 1
            weight = 1 + (m < k)
            unit, ratio = finite_magnitude(unit), finite_magnitude(rest) / roots[k] / roots[m]
            if not (unit < 1.0 and ratio < 1.0):
                return None
            eps, delta = eps + weight * unit * unit, delta + weight * ratio * ratio
    eps, delta = eps**0.5 * (1.0 + 2.0**-40), delta**0.5 * (1.0 + 2.0**-40)
    if not eps < 0.25:
        return None
    share = (delta + eps) / (1.0 - eps) + 2.0**-50
    return [(d - share * abs(d), d + share * abs(d)) for d in sorted(diagonal)]


def _gap(part: Eigenvalues) -> float:
    """No eigenvalue of the block is smaller in absolute value."""
    return min(max(low, -high) for low, high in part.bounds)


def _index(parts: Sequence[Eigenvalues]) -> int:
    return sum(part.dimension * sum(high < 0.0 for _, high in part.bounds) for part in parts)


def _proved(signature: Signature, geometry: Geometry, teacher: Teacher, bits: int, proof: _Proof) -> Proved:
    """Assemble outcome and certificate."""
    students, teachers = signature.students, signature.teachers
    largest = max(max(abs(low), abs(high)) for part in proof.hessian for low, high in part.bounds)
    low, high = proof.loss
    reach = proof.radii.error * proof.gap / students**0.5  # the checker's numbers are finer than this
    change = proof.radii.error**2 * (largest + proof.radii.variation) + (high - low)
    change += 2.0**-50 * max(abs(low), abs(high)) + 2.0**-20 * reach
    loss = low - change, high + change
    index = _index(proof.hessian)
    ambient_index = _index(proof.ambient) if proof.ambient else None
    not_global = students >= teachers and loss[0] > 0.0
    spectrum = [_spread(part, proof.radii.variation) for part in proof.hessian]
    kind = "saddle" if index else "strict-local-minimum"
    ambient_gap = min((_gap(part) for part in proof.ambient), default=0.0) / 6.2832 - proof.radii.variation
    claim = {
        "kind": kind,
        "landscape": "relu-population-loss",
        "students": students,
        "teachers": teachers,
        "dimension": teachers,
        "teacher": "orthonormal" if teacher == (1.0, 0.0) else [text(_exact(x)) for x in teacher],
        "signature": {"sizes": list(signature.sizes), "owners": list(signature.owners)},
        "centre": [[text(midpoint(x)) for x in (*pattern.base, pattern.delta)]
                   for pattern in geometry.patterns[: geometry.students]],
        "uniqueness_radius": float_text(proof.radii.uniqueness),
        "error_radius": float_text(proof.radii.error),
        "index": index,
        "curvature": float_text(proof.radii.curvature),
        "ambient_index": ambient_index,
        "ambient_curvature": float_text(round_down(0.99 * ambient_gap)) if proof.ambient else None,
        "loss": [float_text(end) for end in loss],
        "not_global": not_global,
        "copies": _isotropy_is_exact(signature, geometry),
        "spectrum": [[part.dimension, [[float_text(a), float_text(b)] for a, b in ends]]
                     for part, ends in zip(proof.hessian, spectrum, strict=True)],
        **splitting_claim(proof.splits),
    }  # fmt: skip
    needed = ceil(-log2(reach)) + 3 * students.bit_length() + 32
    needed += max(_lost(angle, needed) for angle in geometry.angles.values())
    witness = {
        "precision": -(-max(bits, needed) // 32) * 32,
        "gap": float_text(proof.gap),
    }
    return Proved(
        certificate=Certificate(claim, witness),
        kind=kind,
        index=index,
        ambient_index=ambient_index,
        uniqueness_radius=proof.radii.uniqueness,
        error_radius=proof.radii.error,
        curvature=proof.radii.curvature,
        loss=loss,
        not_global=not_global,
        displacement=0.0,
        bits=bits,
        signature=signature,
        patterns=tuple(
            Pattern(tuple(float(x) for x in pattern.base), float(pattern.delta))
            for pattern in geometry.patterns[: geometry.students]
        ),
        spectrum=tuple(
            (part.dimension, *ends) for part, pairs in zip(proof.hessian, spectrum, strict=True) for ends in pairs
        ),
        splits=proof.splits,
    )


def _lost(angle: Angle, bits: int) -> int:
    """Bits that a sine computed from its cosine has less than the cosine, at most half."""
    sine = float_lower(lower(angle.sine)) if angle.inverse is not None else 0.0
    return min(bits, max(0, ceil(-log2(sine)))) if sine > 0.0 else bits


def _isotropy_is_exact(signature: Signature, geometry: Geometry) -> bool:
    """F7 in float64, with room to spare."""
    rows = [float(x.mid()) for x in geometry.norms[: geometry.students]]
    patterns = geometry.patterns[: geometry.students]
    columns = []
    for c in range(len(signature.sizes)):
        square = 0.0
        for a, p in enumerate(patterns):
            base, own = float(p.base[c].mid()), float((p.base[c] + p.delta).mid())
            follows = signature.owners[a] == c
            square += (signature.count(a) - follows) * base * base + (own * own if follows else 0.0)
        columns.append(square**0.5)
    own = all(abs(float(p.delta.mid())) > 1e-12 for a, p in enumerate(patterns) if signature.count(a) > 1)
    return own and all(y - x > 1e-9 * y for values in (rows, columns) for x, y in pairwise(sorted(values)))


def _spread(part: Eigenvalues, variation: float) -> list[tuple[float, float]]:
    """Eigenvalues of Hess L at the critical point: short dyadics, a little wider than proven."""
    result = []
    for low, high in part.bounds:
        slack = 2.0**-40 * max(abs(low), abs(high)) + (high - low) + variation
        result.append(
            (_short(low / 6.283185307179586 - slack, up=False), _short(high / 6.283185307179586 + slack, up=True))
        )
    return result


def _short(x: float, *, up: bool) -> float:
    mantissa, exponent = rounded(dyadic(x), 48, up=up)
    return float(mantissa) * 2.0**exponent
