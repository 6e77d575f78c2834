"""How much the Hessian can change on a neighbourhood of a point (docs/theorems.md, T2).

D(rho) is the set of points whose i-th row is within rho of the centre's, for every i.  The Hessian of the loss is
Lipschitz there, also across parallel and antiparallel pairs, as long as no row of D(rho) is zero.
"""

from __future__ import annotations

from collections.abc import Sequence

SLACK = 1.0 + 2.0**-30  # covers the rounding of a few hundred thousand additions of positive numbers
TWO_PI_LOWER = 6.283185307


def hessian_variation(
    norms: Sequence[float],
    teacher_total: float,
    norm_error: float,
    radius: float,
    counts: Sequence[int] | None = None,
) -> float:
    """Upper bound of |Hess L(x) - Hess L(x0)|_2 over x in D(radius), in every input dimension; inf if undefined.

    norms: row norms of the students, each with relative error at most norm_error (below 2^-30); teacher_total: upper
    bound of sum_m |v_m|; counts: how many students share each norm (default: one).  With m_i = |w_i| - radius and
    M_j = |w_j| + radius the bound is radius / 2 pi times the largest of
    (13/5) (sum_{j != i} M_j + sum_m |v_m|) / m_i^2 + 4 (K - 1) / m_i + 2 sum_{j != i} 1 / m_j.
    """
    shortest = [norm * (1.0 - norm_error) - radius * SLACK for norm in norms]
    if not min(shortest) > 0.0:
        return float("inf")
    counts = [1] * len(norms) if counts is None else counts
    others = sum(counts) - 1
    longest = [norm * (1.0 + norm_error) + radius for norm in norms]
    inverse = [1.0 / m for m in shortest]
    total = sum(n * length for n, length in zip(counts, longest, strict=True)) + teacher_total
    total_inverse = sum(n * q for n, q in zip(counts, inverse, strict=True))
    largest = max(
        2.6 * (total * SLACK - length) * q * q + 4.0 * others * q + 2.0 * (total_inverse * SLACK - q)
        for length, q in zip(longest, inverse, strict=True)
    )
    return radius * largest * SLACK / TWO_PI_LOWER
