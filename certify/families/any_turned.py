"""K = M = n + p students, p of them turned against their teachers, for all n and p at once: the system, scaled.

docs/all-sizes.md, A14.  share = sqrt(p / n), kappa = 1 / sqrt(p), h = 1 / n = (share kappa)^2, rho = p / n = share^2.
The entries of a fixed point are

    a = 1 + rho h alpha, b = rho h beta, c = h gamma     own, other followed and turned coordinates of a follower
    d = h delta, e = -1 + h eta, f = h phi               followed, own and other turned coordinates of a turned student

All functions take jets and enclose for all real n and p, n = infinity and p = infinity included.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from certify.arithmetic import pi
from certify.arithmetic.jets import Jet, arcsine_ratio, arcsine_rest
from certify.families.turned import limit as limit_of

Ball = Any


class Values(NamedTuple):
    """Scaled quantities at a point; the true ones are in the comments.  1: a follower, 2: a turned student."""

    share: Jet
    kappa: Jet
    rho: Jet
    h: Jet
    xi: tuple[Jet, ...]  # alpha, beta, gamma, delta, eta, phi
    a: Jet
    e: Jet
    norms: tuple[Jet, Jet]
    excess: tuple[Jet, Jet]  # m1 = (|w_1| - 1) / (rho h), m2 = (|w_2| - 1) / h
    cosines: tuple[Jet, Jet, Jet]  # x11 / (rho h), x12 / h, x22 / h
    sines: tuple[Jet, Jet, Jet]
    arcs: tuple[Jet, Jet, Jet]  # asin x11 / (rho h), asin x12 / h, asin x22 / h
    teacher_cosines: tuple[Jet, Jet, Jet, Jet]  # xb / (rho h), xc / h, xd / h, xf / h
    teacher_sines: tuple[Jet, Jet, Jet, Jet]
    teacher_arcs: tuple[Jet, Jet, Jet, Jet]
    own_sines: tuple[Jet, Jet]  # sa / (share^2 kappa), se / (share kappa)
    differences: tuple[Jet, Jet, Jet]  # D1, D2 and J of A14
    growth: Jet  # alpha_1 u1 = rho growth - sa
    weights: tuple[Jet, Jet]  # alpha_1, alpha_2


class Reduced(NamedTuple):
    """The scaled system, zero exactly at the fixed critical points (A14)."""

    a: Jet
    b: Jet
    c: Jet
    d: Jet
    e: Jet
    f: Jet


def values(xi: Sequence[Jet], share: Jet, kappa: Jet) -> Values:
    """All quantities the system and the blocks need."""
    al, be, ga, de, et, ph = xi
    eps, rho = share * kappa, share.square()
    h = eps.square()
    rhh, h1 = rho * h, 1 - h
    a, e = 1 + rhh * al, h * et - 1
    rest_e = de.square() + (rho - h) * ph.square()
    nu1 = 2 * al + rhh * al.square() + h1 * (rho * be.square()) + ga.square()
    nu2 = rest_e - 2 * et + h * et.square()
    square1, square2 = 1 + rhh * nu1, 1 + h * nu2
    u1, u2 = square1.sqrt(), square2.sqrt()
    m1, m2 = nu1 / (1 + u1), nu2 / (1 + u2)
    x11 = (2 * (a * be) + (1 - 2 * h) * (rho * be.square()) + ga.square()) / square1
    x12 = (a * de + h1 * (rho * (be * de)) + ga * e + (rho - h) * (ga * ph)) / (u1 * u2)
    x22 = (de.square() + 2 * (e * ph) + (rho - 2 * h) * ph.square()) / square2
    xb, xc, xd, xf = be / u1, ga / u1, de / u2, ph / u2
    z11, z12, z22 = (rhh * x11).square(), (h * x12).square(), (h * x22).square()
    zb, zc, zd, zf = (rhh * xb).square(), (h * xc).square(), (h * xd).square(), (h * xf).square()
    s11, s12, s22, sb, sc, sd, sf = [(1 - z).sqrt() for z in (z11, z12, z22, zb, zc, zd, zf)]
    sa = (h1 * (rho * be.square()) + ga.square()).sqrt() / u1
    se = rest_e.sqrt() / u2
    d1 = u1 * x11.square() / (1 + s11) - xb.square() / (1 + sb)
    d2 = u2 * x12.square() / (1 + s12) - xc.square() / (1 + sc)
    d3 = u1 * x12.square() / (1 + s12) - xd.square() / (1 + sd)
    d4 = u2 * x22.square() / (1 + s22) - xf.square() / (1 + sf)
    growth = h1 * (m1 - rhh * d1) + m2 - h * d2
    fall = d3 + m2 + (rho - h) * d4
    weight1 = rho * (growth - kappa * sa) / u1
    weight2 = (rho * (m1 + m2) - h * fall - eps * se) / u2
    return Values(
        share, kappa, rho, h, tuple(xi), a, e, (u1, u2), (m1, m2), (x11, x12, x22), (s11, s12, s22),
        (x11 * arcsine_ratio(z11), x12 * arcsine_ratio(z12), x22 * arcsine_ratio(z22)), (xb, xc, xd, xf),
        (sb, sc, sd, sf),
        (xb * arcsine_ratio(zb), xc * arcsine_ratio(zc), xd * arcsine_ratio(zd), xf * arcsine_ratio(zf)), (sa, se),
        (d1, d2, fall), growth, (weight1, weight2),
    )  # fmt: skip


def reduced(v: Values) -> Reduced:
    """A14: combinations of the reduced gradient with the cancellations removed."""
    rho, h, half = v.rho, v.h, pi() / 2
    al, be, ga, de, et, ph = v.xi
    rhh, h1, eps = rho * h, 1 - h, v.share * v.kappa
    (u1, u2), (m1, m2), (sa, se), (w1, w2) = v.norms, v.excess, v.own_sines, v.weights
    (p11, p12, p22), (tb, tc, td, tf), (d1, d2, fall) = v.arcs, v.teacher_arcs, v.differences
    rest_a, rest_e = arcsine_rest((v.share * eps * sa).square()), arcsine_rest((eps * se).square())
    tail = v.share * eps * (sa * sa.square() * (rest_a + u1 / (u1 + v.a)))
    inner = p11 * (1 + rhh * al + (1 - 2 * h) * (rho * be)) - tb
    side = w1 * be + half * al + inner + p12 * de
    row = (rho - h) * ph + h * et - 1  # e + (p - 1) f
    first = v.a * v.growth / u1 + pi() * (h * al) + h1 * (half * be + rhh * (p11 * be))
    first = first + (half + h * p12) * de + h * tail
    second = h * side + half * (be + de)
    rest_c = w1 * ga + half * ga + h1 * (rho * (p11 * ga)) + p12 * row + half * (et - ph) - tc
    third = half * ga - pi() + half * (rho * ph) + h * rest_c
    fourth = w2 * de + half * de + half * (rho * (al - be)) + p12 * (1 + rhh * al + h1 * (rho * be))
    fourth = fourth + p22 * ((rho - h) * de) - td - rho * side
    pulled = half * (al - be) + h1 * (rho * (p11 * be)) - inner - w1 * be + tail
    own = (rho / u2) * (u1 / v.a) * pulled - (rho * (m1 + h1 * (rho * d1) + d2) - fall) / u2
    own = own - eps * (se * (m2 / u2 + se.square() * rest_e)) + (w2 + pi()) * et + p12 * ga
    own = own + p22 * ((rho - h) * ph) - half * ph - rest_c
    other = (w2 + pi()) * ph + p12 * ga + half * (et - 2 * ph) + p22 * (row - h * ph) - tf - rest_c
    return Reduced(first, second, third, fourth, own, other)


def start() -> list[Ball]:
    """Near the zero at p / n = 0 and any p."""
    alpha, beta, *others = limit_of(2)
    return [alpha / 2, beta / 2, *others]
