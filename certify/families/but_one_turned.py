"""K = M = n + 1 students, all but one turned against their teachers: the system scaled to be smooth at infinite width.

docs/all-sizes.md, A11.  h = eps^2 = 1 / n.  A point fixed by S_1 x S_n has the entries

    a = 1 + h alpha, c = h gamma                      own and other coordinates of the student that follows its teacher
    d = h^2 delta, e = -1 + h eta, f = h phi          its coordinate, own and other coordinates of a turned student

All functions take jets (arithmetic/jets.py) and enclose for real n > 2, n = infinity included.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from certify.arithmetic import pi
from certify.arithmetic.jets import Jet, arcsine_ratio, arcsine_rest

Ball = Any


class Values(NamedTuple):
    """Scaled quantities at a point; the true ones are in the comments.  First the follower's, then the turned one's."""

    h: Jet
    eps: Jet
    xi: tuple[Jet, Jet, Jet, Jet, Jet]  # alpha, gamma, delta, eta, phi
    a: Jet
    e: Jet
    norms: tuple[Jet, Jet]  # |w|
    excess: tuple[Jet, Jet]  # m = (|w| - 1) / h
    cosines: tuple[Jet, Jet]  # x12 / h, x22 / h
    sines: tuple[Jet, Jet]  # s12, s22
    arcs: tuple[Jet, Jet]  # asin x12 / h, asin x22 / h
    teacher_cosines: tuple[Jet, Jet, Jet]  # xc / h, xd / h^2, xf / h
    teacher_sines: tuple[Jet, Jet, Jet]
    teacher_arcs: tuple[Jet, Jet, Jet]  # asin xc / h, asin xd / h^2, asin xf / h
    own_sines: tuple[Jet, Jet]  # sa / eps, se / eps
    differences: tuple[Jet, Jet, Jet]  # D2, D3, D4 of A11
    weights: tuple[Jet, Jet]  # alpha_1, alpha_2


class Reduced(NamedTuple):
    """The reduced gradient: F_a = m2 + h first, F_c = leading + h second, F_d = h third, F_e = own, F_f = leading + h
    fifth; and F_e + F_a - (1 - h) F_f = h combined.
    """

    leading: Jet
    first: Jet
    second: Jet
    third: Jet
    own: Jet
    fifth: Jet
    combined: Jet
    excess: Jet  # m2


def values(xi: Sequence[Jet], eps: Jet) -> Values:
    """All quantities the system, the loss and the blocks need."""
    al, ga, de, et, ph = xi
    h = eps.square()
    h2 = h.square()
    a, e = 1 + h * al, h * et - 1
    nu1 = 2 * al + h * al.square() + ga.square()
    side = h * h2 * de.square() + (1 - h) * ph.square()  # (d^2 + (n - 1) f^2) / h
    square1, square2 = 1 + h * nu1, 1 + h * (side - 2 * et + h * et.square())
    u1, u2 = square1.sqrt(), square2.sqrt()
    m1, m2 = nu1 / (1 + u1), (side - 2 * et + h * et.square()) / (1 + u2)
    x12 = (h * (a * de) + ga * e + (1 - h) * (ga * ph)) / (u1 * u2)
    x22 = (h * h2 * de.square() + 2 * (e * ph) + (1 - 2 * h) * ph.square()) / square2
    xc, xd, xf = ga / u1, de / u2, ph / u2
    y12, y22 = (h * x12).square(), (h * x22).square()
    yc, yd, yf = (h * xc).square(), (h2 * xd).square(), (h * xf).square()
    s12, s22, sc, sd, sf = [(1 - y).sqrt() for y in (y12, y22, yc, yd, yf)]
    sa, se = ga.square().sqrt() / u1, side.sqrt() / u2
    d2 = u1 * x12.square() / (1 + s12) - h2 * (xd.square() / (1 + sd))
    d3 = u2 * x12.square() / (1 + s12) - xc.square() / (1 + sc)
    d4 = u2 * x22.square() / (1 + s22) - xf.square() / (1 + sf)
    weight1 = (m2 - h * d3 - eps * sa) / u1
    weight2 = (h * (m1 - h * d2) + (1 - h) * (m2 - h * d4) - eps * se) / u2
    return Values(
        h, eps, (al, ga, de, et, ph), a, e, (u1, u2), (m1, m2), (x12, x22), (s12, s22),
        (x12 * arcsine_ratio(y12), x22 * arcsine_ratio(y22)), (xc, xd, xf), (sc, sd, sf),
        (xc * arcsine_ratio(yc), xd * arcsine_ratio(yd), xf * arcsine_ratio(yf)), (sa, se), (d2, d3, d4),
        (weight1, weight2),
    )  # fmt: skip


def reduced(v: Values) -> Reduced:
    """A11: the reduced gradient with its leading cancellations removed."""
    h, half = v.h, pi() / 2
    al, ga, de, et, ph = v.xi
    (u1, u2), (m1, m2), (sa, se) = v.norms, v.excess, v.own_sines
    (p12, p22), (tc, td, tf), (w1, w2) = v.arcs, v.teacher_arcs, v.weights
    d2, d3, d4 = v.differences
    q12, q22 = half + h * p12, half + h * p22
    rest_a, rest_e = arcsine_rest((v.eps * sa).square()), arcsine_rest((v.eps * se).square())
    tilt = (al - m1) / u1
    first = (m2 - h * d3) * tilt - d3 + v.eps * (sa * (sa.square() * rest_a - tilt)) + pi() * al + q12 * de
    second = (w1 + pi()) * ga + half * (et - ph) + p12 * (v.e + (1 - h) * ph) - tc
    third = p12 * v.a + half * al + (1 - h) * (q22 * de) + h * ((w2 + pi()) * de - td)
    own = (w2 + pi()) * v.e + h * (q12 * ga) + (1 - h) * (q22 * ph)
    own = own - v.eps * se * arcsine_ratio((v.eps * se).square())
    fifth = (w2 + pi()) * ph + q12 * ga + half * (et - 2 * ph) + p22 * (v.e + (1 - 2 * h) * ph) - tf
    bracket = pi() * et - pi() + (1 - h) * (p22 * ph + d4 / u2) + et * w2 - (m1 - h * d2) / u2 + q12 * ga
    bracket = bracket - v.eps * (se * (m2 / u2 + se.square() * rest_e))
    combined = m2 * (m2 + 1) / u2 + bracket + first - (1 - h) * fifth
    return Reduced(half * ph - pi(), first, second, third, own, fifth, combined, m2)


def system(v: Values, r: Reduced) -> list[Jet]:
    """The scaled system, zero exactly at the fixed critical points."""
    return [r.combined, r.second - r.fifth, r.third, r.own, r.leading + v.h * r.fifth]


def loss(v: Values, r: Reduced) -> Jet:
    """L(W) where the system vanishes (elsewhere it means nothing)."""
    h, half = v.h, pi() / 2
    al, ga, de, _, ph = v.xi
    (u1, u2), (m1, _), (sa, se) = v.norms, v.excess, v.own_sines
    (xc, xd, xf), (sc, sd, sf), (tc, td, tf) = v.teacher_cosines, v.teacher_sines, v.teacher_arcs
    rest_a, rest_e = arcsine_rest((v.eps * sa).square()), arcsine_rest((v.eps * se).square())
    total = pi() - h * (pi() * al) + h * (v.eps * (sa * (al - m1 + v.a * (sa.square() * rest_a)))) - m1
    total = total + h * (u1 * xc.square() / (1 + sc)) - ga * (half + h * tc) + r.first
    total = total + (1 - h) * (r.fifth - ph * tf + u2 * xf.square() / (1 + sf))
    total = total + h * h.square() * (u2 * xd.square() / (1 + sd)) - h * (de * (half + h.square() * td))
    total = total - v.eps * (se * se.square() * (u2.square() / (u2 - v.e) + v.e * rest_e))
    result: Jet = total / (4 * pi())
    return result


def limit() -> list[Ball]:
    """The zero of the system at infinite width."""
    gamma = 2 - 4 / pi()
    alpha = (gamma + gamma**2 / 2) / (pi() / 2 - 1)
    return [alpha, gamma, -2 * gamma / pi() - alpha, pi() * 0 + 2, pi() * 0 + 2]
