"""From bounds at the centre to the two radii of the theorem (docs/theorems.md, T6)."""

from __future__ import annotations

from collections.abc import Callable
from math import frexp, inf, ldexp
from typing import NamedTuple

SLACK = 1.0 - 2.0**-12


class Radii(NamedTuple):
    """error: the critical point is at most this far (Frobenius); uniqueness: no other one while rows move this far.

    curvature: the Hessian at the critical point has no eigenvalue smaller in absolute value; variation: bound of its
    distance to the Hessian at the centre.
    """

    error: float
    uniqueness: float
    curvature: float
    variation: float


def radii(gradient_norm: float, gap: float, variation: Callable[[float], float], reach: float) -> Radii | None:
    """The smallest error radius and the largest uniqueness radius for which the theorem's inequalities hold.

    gradient_norm: upper bound of |grad L(x0)|; gap: no eigenvalue of Hess L(x0) in [-gap, gap]; variation(r): upper
    bound of |Hess L - Hess L(x0)| on D(r), increasing, inf where undefined; reach: upper limit of radii (shortest
    row).
    Hypotheses checked: variation(uniqueness) < gap; gradient_norm < (gap - variation(error)) * error;
    error <= uniqueness.  None: no radii were found, which does not mean that there is no critical point.
    """
    if not (gradient_norm < inf and gap > 0.0 and reach > 0.0):
        return None
    uniqueness = _largest(gap * SLACK, variation, reach * SLACK)
    error = round_up(max(gradient_norm / gap, 2.0**-900) * 1.0625)
    for _ in range(60):
        change = variation(error)
        if not error <= uniqueness:
            return None
        if gradient_norm < (gap - change) * error * SLACK:
            return Radii(error, uniqueness, round_down((gap - change) * SLACK), change)
        error = round_up(error * 1.125)
    return None


def _largest(gap: float, variation: Callable[[float], float], reach: float) -> float:
    """A radius with variation(radius) < gap, close to the largest; the slope variation(r) / r increases with r."""
    low, high = 0.0, reach
    guess = reach * 2.0**-40
    for _ in range(14):
        value = variation(guess)
        if value < gap:
            low = guess
        else:
            high = guess
        guess = (
            min(guess * (gap / max(value, 2.0**-1000)) * (1.0 - 2.0**-14), 0.5 * (guess + high))
            if value < inf
            else 0.5 * guess
        )
        if not (low < guess < high) or high - low < 2.0**-10 * low:
            break
    return round_down(low)


def round_down(x: float, bits: int = 20) -> float:
    """x >= 0 cut to a short mantissa."""
    mantissa, exponent = frexp(x)
    return ldexp(int(mantissa * (1 << bits)), exponent - bits)


def round_up(x: float, bits: int = 20) -> float:
    """x >= 0 rounded up to a short mantissa."""
    down = round_down(x, bits)
    return down if down == x else down + ldexp(1.0, frexp(x)[1] - bits)
