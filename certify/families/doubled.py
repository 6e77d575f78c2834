"""M = n + 1 teachers, n + 2 students, one teacher's direction carried by two turned ones: the system, scaled.

docs/all-sizes.md, A12.  h = eps^2 = 1 / n.  A point fixed by S_n has the entries

    a = 1 + eps^3 alpha, b = h^2 beta, c = h gamma      own, other and last coordinates of a student that follows
    d = h delta, e = -1 + eps eta                       other and last coordinates of the long turned student
    h tau, eps sigma                                    the same of the short one

All functions take jets (arithmetic/jets.py) and enclose for real n > 2, n = infinity included.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import fsolve

from certify.arithmetic import dyadic_ball, pi
from certify.arithmetic.jets import Jet, arcsine_ratio, arcsine_rest

Ball = Any

NAMES = ("alpha", "beta", "gamma", "eta", "delta", "tau", "sigma")
NEAR = (1.1, 0.7, 0.92, -1.39)  # eta, delta, tau, sigma at infinite width


class Values(NamedTuple):
    """Scaled quantities at a point; the true ones are in the comments.  1: a follower, 2: long, 3: short."""

    h: Jet
    eps: Jet
    xi: tuple[Jet, Jet, Jet, Jet, Jet, Jet, Jet]  # NAMES
    a: Jet
    e: Jet
    norms: tuple[Jet, Jet, Jet]  # |w_1|, |w_2|, |w_3| / eps
    excess: tuple[Jet, Jet]  # m1 = (|w_1| - 1) / eps^3, m2 = (|w_2| - 1) / eps
    x11: Jet  # cosine / h^2
    x12: Jet  # cosine / h
    x13: Jet  # cosine / eps
    x23: Jet
    sines: tuple[Jet, Jet, Jet, Jet]  # s11, s12, s13, s23
    p11: Jet  # asin x / h^2
    p12: Jet  # asin x / h
    p13: Jet  # asin x / eps
    p23: Jet  # asin x
    teacher_cosines: tuple[Jet, Jet, Jet, Jet, Jet]  # xb / h^2, xc / h, xd / h, xt / eps, xs
    teacher_sines: tuple[Jet, Jet, Jet, Jet, Jet]  # sb, sc, sd, st, ss
    teacher_arcs: tuple[Jet, Jet, Jet]  # asin xb / h^2, asin xc / h, asin xd / h
    own_sines: tuple[Jet, Jet]  # sa / h, se / eps
    bends: tuple[Jet, Jet, Jet, Jet]  # D1, D2, D3, D4 of A12
    near: tuple[Jet, Jet]  # Y13, Y23
    arcs: tuple[Jet, Jet]  # W', V': (P13 - asin xt / eps) / eps, (asin x23 + asin xs) / eps
    weights: tuple[Jet, Jet, Jet]  # alpha_1 / eps, alpha_2 / eps, alpha_3


class Reduced(NamedTuple):
    """The reduced gradient: F_a = eps first, F_b = h second, F_c = leading + eps third, F_d = h fourth,
    F_e = leading + eps own, and of the short student h other and leading + eps last.
    """

    leading: Jet
    first: Jet
    second: Jet
    third: Jet
    fourth: Jet
    own: Jet
    other: Jet
    last: Jet


def values(xi: Sequence[Jet], eps: Jet) -> Values:
    """All quantities the system, the loss and the blocks need."""
    al, be, ga, et, de, ta, si = xi
    h = eps.square()
    h2, cube = h.square(), eps * h
    a, e = 1 + cube * al, eps * et - 1
    nu1 = 2 * al + cube * (al.square() + (1 - h) * be.square()) + eps * ga.square()
    nu2 = eps * (et.square() + de.square()) - 2 * et
    square1, square2 = 1 + cube * nu1, 1 + eps * nu2
    u1, u2, r = square1.sqrt(), square2.sqrt(), (si.square() + ta.square()).sqrt()
    m1, m2 = nu1 / (1 + u1), nu2 / (1 + u2)
    xb, xc, xd, xt, xs = be / u1, ga / u1, de / u2, ta / r, si / r
    x11 = (2 * (a * be) + (1 - 2 * h) * (h * be.square()) + ga.square()) / square1
    x12 = (ga * e + a * de + h * (1 - h) * (be * de)) / (u1 * u2)
    drift = ga * xs + h * (al * xt) + eps * (1 - h) * (be * xt)  # u1 X13 = xt + eps drift
    x13 = (xt + eps * drift) / u1
    x23 = (e * xs + eps * (de * xt)) / u2
    z11, z12, z13, z23 = (h2 * x11).square(), (h * x12).square(), (eps * x13).square(), x23.square()
    zb, zc, zd, zt = (h2 * xb).square(), (h * xc).square(), (h * xd).square(), (eps * xt).square()
    s11, s12, s13, s23 = [(1 - z).sqrt() for z in (z11, z12, z13, z23)]
    sb, sc, sd, st = [(1 - z).sqrt() for z in (zb, zc, zd, zt)]
    sa, se = (h * (1 - h) * be.square() + ga.square()).sqrt() / u1, de.square().sqrt() / u2
    y13 = (drift - h * (m1 * xt)) / u1
    y23 = (xs * (m2 + et) + de * xt) / u2
    d1 = u1 * x11.square() / (1 + s11) - xb.square() / (1 + sb)
    d2 = u2 * x12.square() / (1 + s12) - xc.square() / (1 + sc)
    d3 = u1 * x12.square() / (1 + s12) - xd.square() / (1 + sd)
    d4 = h * (m1 * x13.square()) / (1 + s13) + y13 * (x13 + xt) / (s13 + st)
    w = y13 * (x13 + xt) / (x13 * st + xt * s13)
    v = y23 * (x23 - xs) / (x23 * xt - xs * s23)
    weight1 = ((1 - h) * (m1 - eps * h2 * d1) + m2 - cube * d2 + r * s13 - eps * sa) / u1
    weight2 = (m1 - eps * d3 + r * s23 - se) / u2
    weight3 = (m1 - d4 + m2 * s23 - y23 * (x23 - xs) / (s23 + xt)) / r
    return Values(
        h, eps, (al, be, ga, et, de, ta, si), a, e, (u1, u2, r), (m1, m2), x11, x12, x13, x23, (s11, s12, s13, s23),
        x11 * arcsine_ratio(z11), x12 * arcsine_ratio(z12), x13 * arcsine_ratio(z13), x23 * arcsine_ratio(z23),
        (xb, xc, xd, xt, xs), (sb, sc, sd, st, xt),
        (xb * arcsine_ratio(zb), xc * arcsine_ratio(zc), xd * arcsine_ratio(zd)), (sa, se), (d1, d2, d3, d4),
        (y13, y23), (w * arcsine_ratio((h * w).square()), v * arcsine_ratio((eps * v).square())),
        (weight1, weight2, weight3),
    )  # fmt: skip


def reduced(v: Values) -> Reduced:
    """A12: the reduced gradient with its leading cancellations removed."""
    eps, h, half = v.eps, v.h, pi() / 2
    al, be, ga, et, de, ta, si = v.xi
    (sa, se), (w1, w2, w3), (tb, tc, td) = v.own_sines, v.weights, v.teacher_arcs
    w, vv = v.arcs
    cube, small = eps * h, 1 - h
    q11, q12, q13, q23 = half + h.square() * v.p11, half + h * v.p12, half + eps * v.p13, half + v.p23
    row = 1 + cube * al + small * (h * be)  # a + (n - 1) b
    first = small * (q11 * be) + q12 * de + q13 * ta + sa * arcsine_ratio((h * sa).square())
    first = w1 * v.a + pi() * (h * al) + eps * first
    second = half * (be + de + ta) + eps * (half * al) + cube * (w1 * be) + h * (v.p12 * de) + eps * (v.p13 * ta)
    second = second + h * (v.p11 * (row - h.square() * be) - tb)
    third = h * (w1 * ga) + eps * (half * ga) + small * (cube * (v.p11 * ga)) + half * (et + si)
    third = third + eps * (v.p12 * v.e + v.p13 * si - tc)
    fourth = (eps * w2 + pi()) * de + half * (eps * al + small * be) + v.p12 * row + q23 * ta - td
    own = w2 * v.e + pi() * et + eps * (v.p12 * ga) + q23 * si - se * arcsine_ratio((eps * se).square())
    other = (w3 + pi()) * ta + half * (eps * al + small * be) + v.p13 * (h * al + eps * small * be) + w + q23 * de
    last = (w3 + pi()) * si + v.p13 * ga + q23 * et - vv
    return Reduced(half * ga - pi(), first, second, third, fourth, own, other, last)


def system(v: Values, r: Reduced) -> list[Jet]:
    """The scaled system, zero exactly at the fixed critical points."""
    common = r.leading + v.eps * r.third
    return [r.first, r.second, common, r.own - r.third, r.fourth, r.other, r.last - r.third]


def loss(v: Values, _reduced: Reduced) -> Jet:
    """M L where the system vanishes (elsewhere it means nothing)."""
    eps, h, half = v.eps, v.h, pi() / 2
    al, be, ga, et, de, ta, si = v.xi
    (u1, u2, r), (m1, m2), (_, _, s13, s23), (sa, se) = v.norms, v.excess, v.sines, v.own_sines
    (xb, xc, xd, xt, xs), (sb, sc, sd, st, _), (tb, tc, td) = v.teacher_cosines, v.teacher_sines, v.teacher_arcs
    (d1, d2, d3, _), (y13, y23), (w, vv), (w1, w2, _) = v.bends, v.near, v.arcs, v.weights
    small = 1 - h
    rest_a, rest_e = arcsine_rest((h * sa).square()), arcsine_rest((eps * se).square())
    c_a = sa * sa.square() * (u1.square() / (u1 + v.a) - v.a * rest_a)
    c_e = se * se.square() * (u2.square() / (u2 - v.e) + v.e * rest_e)
    third = eps * (w1 * ga) + half * ga + small * (h * (v.p11 * ga)) + v.p12 * v.e + v.p13 * si - tc
    total = 2 * third - d3 - (m2 + et) * w2 - v.p12 * ga + eps * (se * se.square() * rest_e)
    total = total - si * vv - r * y23 * (v.x23 - xs) / (s23 + xt) + ta * w - r * y13 * (v.x13 + xt) / (s13 + st)
    inner = half * (small * be + de + ta) + pi() * (eps * al) + small * (h.square() * (v.p11 * be))
    inner = inner + h * (v.p12 * de) + eps * (v.p13 * ta)
    total = total + eps * ((m1 - al) / v.a * inner) + small * (h * (v.p11 * be)) + v.p12 * de
    total = total - small * (h * d1) - d2 + h * (sa * sa.square() * u1 / v.a * (rest_a + u1 / (u1 + v.a))) - h * c_a
    total = total + small * (h * (u1 * xb.square() / (1 + sb) - tb * be)) + u1 * xc.square() / (1 + sc) - tc * ga
    total = total + u2 * xd.square() / (1 + sd) - td * de - eps * c_e
    result: Jet = (1 + h) * total / (4 * pi())
    return result


def limit() -> list[Ball]:
    """The zero of the system at infinite width, to the precision of floats."""

    def equations(x: np.ndarray) -> list[float]:
        et, de, ta, si = x
        r = float(np.hypot(si, ta))
        omega = -np.arcsin(si / r)
        weight = (et - r - 2 * si * ta / r**2 - et * ta / r + de * si / r) / r
        return [
            np.pi / 2 * de - 2 + omega * ta,
            r - et - ta + np.pi / 2 * et + omega * si,
            (weight + np.pi / 2) * si + 2 * ta / r + omega * et - de,
            (weight + np.pi / 2) * ta + 2 * si / r + omega * de,
        ]

    et, de, ta, si = fsolve(equations, NEAR)
    found = (et - np.hypot(si, ta), -de - ta, 2.0, et, de, ta, si)
    return [dyadic_ball((round(float(x) * 2**50), -50)) for x in found]
