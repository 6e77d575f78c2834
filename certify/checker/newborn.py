"""A further student that starts at norm zero: directions of descent (docs/splitting.md, S6 and S7).

    D(u) = sum_i g(w_i, u) - sum_m g(v_m, u)       the one-sided derivative of the loss in the length of a student t u
    |D(u) at W* - D(u) at W0| <= sum_i |w_i* - w_i0| / 2 <= sqrt(K) r / 2       for unit vectors u

At every critical point min D over the unit sphere is at most -2 L / sum_m |v_m| and at least -sqrt(L).
"""

from math import isqrt

from certify.checker.errors import Rejected
from certify.checker.fields import Dyadic
from certify.checker.intervals import Arithmetic
from certify.checker.landscape import Dense
from certify.checker.orbits import Geometry
from certify.checker.reader import Certificate, Claim, FamilyCertificate

STEP = "newborn"
EXTRA = 64  # bits of the quotient and of the root in slope_bounds


def check_newborn(c: Claim, f: Arithmetic, landscape: Dense | Geometry) -> None:
    """S7: the claimed interval contains D(v / |v|) at W*, v the named teacher, or any teacher of the named class.

    Returns if it does; raises Rejected otherwise.  That the interval lies below zero is a matter of the format.
    """
    if c.newborn is None:
        return
    radius = f.exact(*c.error_radius)[1]
    root = isqrt(c.students << 2 * f.bits) + 1
    moved = -(-root * radius >> f.bits)
    change = f.mul(f.pi, (moved, moved))[1]
    slope = landscape.slope(c.newborn.teacher)
    two_pi = 2 * f.pi[0], 2 * f.pi[1]
    low, high = (f.mul(two_pi, f.exact(*end)) for end in c.newborn.slope)
    if not (low[1] <= slope[0] - change and slope[1] + change <= high[0]):
        raise Rejected(STEP, "the claimed interval does not contain the one-sided derivative")


def slope_bounds(c: Claim) -> tuple[Dyadic, Dyadic] | None:
    """S7: bounds of min D over the unit sphere, from the loss alone; None where the loss may be zero."""
    (low, exponent), (high, other) = c.loss
    if not low > 0:
        return None
    length, unit = _teacher_length(c)
    least = -((low << EXTRA + 1 + length.bit_length()) // length), exponent - EXTRA - length.bit_length() - unit
    steepest = -(isqrt(high << 2 * EXTRA + other % 2) + 1), (other - other % 2) // 2 - EXTRA
    return steepest, least


def _teacher_length(c: Claim) -> Dyadic:
    """Upper bound of sum_m |v_m|."""
    if isinstance(c, FamilyCertificate):
        (a, i), (b, j) = c.teacher
        unit = min(i, j)
        a, b = a << i - unit, b << j - unit
        return c.teachers * _root(a * a + 2 * a * b + c.teachers * b * b), unit - EXTRA
    if not isinstance(c, Certificate):
        raise Rejected("internal", "a claim without teachers")
    unit = min(exponent for row in c.teacher for _, exponent in row)
    return sum(_root(sum((m << e - unit) ** 2 for m, e in row)) for row in c.teacher), unit - EXTRA


def _root(square: int) -> int:
    """Square root times 2^EXTRA, rounded up."""
    return isqrt(square << 2 * EXTRA) + 1
