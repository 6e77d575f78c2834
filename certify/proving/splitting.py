"""Signs of the splitting matrices S_i = H_ii - I / 2 at a critical point (docs/splitting.md, S2), for claims."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from certify.arithmetic import Ball, dyadic, dyadic_ball, float_text
from certify.families.blocks import splitting_blocks
from certify.families.forms import Form
from certify.families.orbits import Geometry
from certify.linalg import balls as ball_algebra
from certify.linalg.definite import U
from certify.linalg.inertia import Signs, norm, signs
from certify.outcome import Split
from certify.proving.radii import round_down
from certify.proving.spectrum import Array, approximate_spectrum

SHARE = 0.96  # of the guessed smallest size, tried as the gap
MARGIN = 0.99  # of the proven gap is claimed
TWO_PI_UPPER = 6.283186


class Bounded(NamedTuple):
    """Matrices [K, d, d] in float64 and a bound of the error of each in the spectral norm."""

    matrix: Array
    error: float


def splitting_claim(splits: Sequence[Split | None]) -> dict[str, Any]:
    """The claim's optional key."""
    entries = [split and [split.negative, split.positive, split.beside, float_text(split.gap)] for split in splits]
    return {"splitting": entries} if any(splits) else {}


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
    if len(matrix) == 1:
        return _sign(matrix[0][0])
    floats = np.array([[float(x) for x in row] for row in matrix])
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


def _sign(x: Ball) -> tuple[int, float] | None:
    """The same for one number."""
    gap = SHARE * abs(float(x))
    return (int(x < 0), gap) if gap > 0.0 and abs(x) > gap else None


def family_parts(geometry: Geometry, a: int) -> Iterator[tuple[int, list[list[Ball]]]]:
    """Blocks of 2 pi S_i + u_i u_i^T for a student of class a in orthonormal bases (docs/families.md, F8).

    Only the first, on the constant vectors, meets u_i.
    """
    numbers, owner = geometry.numbers, geometry.rows[a].owner
    form = Form(geometry, {} if owner is None else {owner: 1})
    unit = form.unit(form.members[a][0])
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


def lifted_signs(blocks: Bounded, units: Array, more: Array | None = None) -> Signs:
    """Of L_i = S_i + u_i u_i^T in float64, all students at once: S_i [K, d, d], the unit vectors of w_i [K, d].

    more: one further symmetric matrix [d, d] with the same bound of its error, or a smaller one; it comes last.
    Constants: docs/float-bounds.md.
    """
    count, d = units.shape
    stack = np.empty((count + (more is not None), d, d))
    lifted = stack[:count]
    np.multiply(units[:, :, None], units[:, None, :], out=lifted)
    lifted += blocks.matrix
    if more is not None:
        stack[count] = more
    size = norm(stack)
    return signs(stack, blocks.error + (6.0 * d + 40.0) * U * (1.0 + size), size)


def double_splits(
    found: Signs, beside: Sequence[float], beside_error: float, change: float, d: int
) -> list[Split | None]:
    """From the `lifted_signs` of K students in R^d, or more of them, and alpha_i / 2 pi [K].

    change: what the Hessian may change by; None: undecided.
    """
    lost, splits = change * (1.0 + 2.0**-20), []
    for negative, smallest, alpha in zip(found.negative, found.smallest, beside, strict=False):
        gap, other = MARGIN * smallest - lost, MARGIN * (abs(alpha) - beside_error) - lost
        sure = gap > 0.0 and other > 0.0  # which NaN is not
        sign = 1 if alpha > 0.0 else -1
        splits.append(Split(negative, d - 1 - negative, sign, round_down(min(gap, other))) if sure else None)
    return splits
