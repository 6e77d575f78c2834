"""Signs of the splitting matrices S_i = H_ii - I / 2 at a critical point (docs/splitting.md, S2), for claims."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from certify.arithmetic import Ball, dyadic, dyadic_ball, text
from certify.families.blocks import splitting_blocks
from certify.families.orbits import Form, Geometry
from certify.linalg import balls as ball_algebra
from certify.linalg.definite import U, certainly_has_inertia
from certify.outcome import Split
from certify.proving.radii import round_down
from certify.proving.spectrum import Array, approximate_spectrum

SHARE = 0.96  # of the guessed smallest size, tried as the gap
MARGIN = 0.99  # of the proven gap is claimed
TWO_PI_UPPER = 6.283186


class Bounded(NamedTuple):
    """A matrix in float64 and a bound of its error in the spectral norm."""

    matrix: Array
    error: float


def splitting_claim(splits: Sequence[Split | None]) -> dict[str, Any]:
    """The claim's optional key."""
    return {"splitting": [split and _entry(split) for split in splits]} if any(splits) else {}


def _entry(split: Split) -> list[Any]:
    return [split.negative, split.positive, split.beside, text(dyadic(split.gap))]


def split_of(parts: Sequence[tuple[int, list[list[Ball]]]], alpha: Ball, variation: float) -> Split | None:
    """From ball enclosures of all blocks of 2 pi S_i + u_i u_i^T, orthonormal bases, and of alpha_i; None: undecided.

    parts: (multiplicity, symmetric matrix of balls).  variation: Lambda(error radius).
    """
    size = float(abs(alpha).lower()) if alpha.is_finite() else 0.0
    negative = count = 0
    for multiplicity, matrix in parts:
        found = _inertia(matrix)
        if found is None:
            return None
        negative += multiplicity * found[0]
        count += multiplicity * len(matrix)
        size = min(size, found[1])
    gap = round_down(max(0.0, MARGIN * size / TWO_PI_UPPER - variation * (1.0 + 2.0**-20)))
    return Split(negative, count - 1 - negative, 1 if alpha > 0 else -1, gap) if gap > 0.0 else None


def _inertia(matrix: list[list[Ball]]) -> tuple[int, float] | None:
    """How many eigenvalues are negative, and a lower bound of all absolute values."""
    if not all(x.is_finite() for row in matrix for x in row):
        return None
    floats = np.array([[float(x.mid()) for x in row] for row in matrix])
    sign = 1
    spectrum = approximate_spectrum(floats)
    if spectrum is not None and 2 * spectrum.index > len(matrix):
        sign, spectrum = -1, approximate_spectrum(-floats)
    if spectrum is None:
        return None
    gap = SHARE * spectrum.smallest
    turned = matrix if sign > 0 else [[-x for x in row] for row in matrix]
    directions = [[int(x) for x in row] for row in spectrum.directions.tolist()]
    weight = dyadic_ball(dyadic(spectrum.weight))
    if not ball_algebra.certainly_has_inertia(turned, dyadic_ball(dyadic(gap)), directions, weight):
        return None
    return (spectrum.index if sign > 0 else len(matrix) - spectrum.index), gap


def family_parts(geometry: Geometry, a: int) -> Iterator[tuple[int, list[list[Ball]]]]:
    """Blocks of 2 pi S_i + u_i u_i^T for a student of class a in orthonormal bases (docs/families.md, F8).

    Only the first, on the constant vectors, meets u_i.
    """
    numbers, owner = geometry.numbers, geometry.rows[a].owner
    form = Form(geometry, {} if owner is None else {owner: 1})
    unit = form.rows[form.members[a][0]].unit.base
    for k, block in enumerate(splitting_blocks(geometry, a)):
        roots = [numbers.square_root(numbers.pi * 0 + row[m]) for m, row in enumerate(block.gram)]
        lift = [x * root for x, root in zip(unit, roots, strict=True)] if k == 0 else [numbers.pi * 0]
        yield (
            block.dimension,
            [
                [x / (roots[m] * roots[n]) + lift[m] * lift[n] for n, x in enumerate(row)]
                for m, row in enumerate(block.matrix)
            ],
        )


def dense_part(block: list[list[Ball]], unit: Sequence[Ball], two_pi: Ball) -> list[list[Ball]]:
    """2 pi S_i + u_i u_i^T from the diagonal block H_ii and u_i."""
    return [
        [two_pi * (x - dyadic_ball((1, -1)) * (m == n)) + unit[m] * unit[n] for n, x in enumerate(row)]
        for m, row in enumerate(block)
    ]


def double_split(block: Bounded, unit: Array, beside: tuple[float, float], change: float) -> Split | None:
    """In float64 from H_ii [d, d], the unit vector of w_i, and alpha_i / 2 pi with its error."""
    n = len(block.matrix)
    S = block.matrix - 0.5 * np.eye(n)
    values = np.linalg.eigvalsh(S)
    sign = 1.0 if np.count_nonzero(values > 0.0) > np.count_nonzero(values < 0.0) else -1.0
    lifted = sign * S + np.outer(unit, unit)
    spectrum = approximate_spectrum(lifted)
    if spectrum is None:
        return None
    error = block.error + (6.0 * n + 40.0) * U * (1.0 + float(np.linalg.norm(lifted)))
    gap = SHARE * spectrum.smallest
    if not certainly_has_inertia(lifted, error, gap, spectrum.directions, spectrum.weight):
        return None
    proven = min(gap, abs(beside[0]) - beside[1])
    gap = round_down(max(0.0, MARGIN * proven - change * (1.0 + 2.0**-20)))
    few, many = spectrum.index, n - 1 - spectrum.index
    negative, positive = (few, many) if sign > 0.0 else (many, few)
    return Split(negative, positive, 1 if beside[0] > 0.0 else -1, gap) if gap > 0.0 else None
