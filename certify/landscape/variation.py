"""How much the Hessian can change on a neighbourhood of a point (docs/theorems.md, T2).

D(rho) is the set of points whose i-th row is within rho of the centre's, for every i.  The Hessian of the loss is
Lipschitz there, also across parallel and antiparallel pairs, as long as no row of D(rho) is zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import mul

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
    (13/5) (sum_{j != i} M_j + sum_m |v_m|) / m_i^2 + 4 (K - 1) / m_i + 2 sum_{j != i} 1 / m_j, which is that of the
    shortest row: m_i and M_i are least there, and 4 (K - 1) / m_i - 2 / m_i grows as m_i falls, for K > 1.
    """
    least, below, moved = min(norms), 1.0 - norm_error, radius * SLACK
    if not least * below - moved > 0.0:
        return float("inf")
    inverse = [1.0 / (norm * below - moved) for norm in norms]
    if counts is None:
        count, length, total_inverse = len(norms), sum(norms), sum(inverse)
    else:
        count, length, total_inverse = sum(counts), sum(map(mul, counts, norms)), sum(map(mul, counts, inverse))
    above, q = 1.0 + norm_error, 1.0 / (least * below - moved)
    others = (length * above + count * radius + teacher_total) * SLACK - (least * above + radius)
    largest = 2.6 * others * q * q + 4.0 * (count - 1) * q + 2.0 * (total_inverse * SLACK - q)
    return radius * largest * SLACK / TWO_PI_LOWER
