"""p of k students turned against their teachers, K = M = k: the scaled system (docs/all-sizes.md, A1 to A4).

n = k - p students follow their teachers, eps^2 = h = 1 / n.  The unknowns alpha, beta, gamma, delta, eta, phi (p = 1:
without phi) stand for the entries

    following student:  own 1 + h^2 alpha,  other followed h^2 beta,  turned h gamma
    turned student:     own -1 + h eta,     followed h delta,         other turned h phi

Everything here is a Jet that encloses the exact quantity for all real n > 2 with eps in the given interval, eps = 0
included.  Lower-case x, s: cosines and sines of 1-1, 1-2, 2-2 pairs of students; letters b, c, d, f: the angles with
the teachers in whose column the entry of that letter of the matrix stands.
"""

from collections.abc import Sequence
from typing import NamedTuple

from certify.checker.errors import Rejected
from certify.checker.intervals import Interval
from certify.checker.jets import Jet


class Point(NamedTuple):
    """The scaled quantities of A1; the true value is given where it differs."""

    p: int
    eps: Jet
    h: Jet
    al: Jet
    be: Jet
    ga: Jet
    de: Jet
    et: Jet
    ph: Jet
    a: Jet
    e: Jet
    u1: Jet
    u2: Jet
    m1: Jet  # u1 = 1 + h^2 m1
    m2: Jet  # u2 = 1 + h m2
    x11: Jet  # h^2 x11
    x12: Jet  # h x12
    x22: Jet  # h x22
    s11: Jet
    s12: Jet
    s22: Jet
    xb: Jet  # h^2 xb
    xc: Jet  # h xc
    xd: Jet  # h xd
    xf: Jet  # h xf
    sb: Jet
    sc: Jet
    sd: Jet
    sf: Jet
    sa: Jet  # h sa
    se: Jet  # eps se
    d1: Jet
    d2: Jet
    w1: Jet  # alpha_1 = h w1
    w2: Jet  # alpha_2 = eps w2
    g: Jet  # u2 w2 = eps g - se
    p11: Jet  # asin: h^2 p11
    p12: Jet  # h p12
    p22: Jet  # h p22
    q11: Jet  # pi - t
    q12: Jet
    q22: Jet
    tb: Jet  # asin: h^2 tb
    tc: Jet  # h tc
    td: Jet  # h td
    tf: Jet  # h tf


class System(NamedTuple):
    """A2: Fa = h a, Fb = h b, Fc = lead + h c, Fd = h d, Fe = lead + h e, Ff = lead + h f.

    rest: b = (pi / 2) (be + p de) + h rest.
    """

    lead: Jet
    a: Jet
    b: Jet
    c: Jet
    d: Jet
    e: Jet
    f: Jet | None
    rest: Jet

    def equations(self, x: Point) -> list[Jet]:
        """The scaled system, all zero exactly at the fixed critical points."""
        result = [self.a, self.b, self.lead + x.h * self.c, self.d, self.e - self.c]
        return result if self.f is None else [*result, self.f - self.c]


def half_of(x: Interval) -> Interval:
    """Half of an interval, rounded outward."""
    return x[0] >> 1, -(-x[1] >> 1)


def point(unknowns: Sequence[Jet], eps: Jet, p: int) -> Point:
    """A1; rejects unless a > 0 > e, no student is zero and no two of all rows are parallel, in the scaled sense."""
    al, be, ga, de, et = unknowns[:5]
    ph = unknowns[5] if p > 1 else al * 0
    h = eps.square()
    hh, h1 = h.square(), 1 - h
    a, e = 1 + hh * al, h * et - 1
    if not (a.value[0] > 0 and e.value[1] < 0):
        raise Rejected("domain", "an own entry may have the wrong sign")
    v1 = 2 * al + (h * al).square() + h * (h1 * be.square()) + p * ga.square()
    v2 = de.square() - 2 * et + h * (et.square() + (p - 1) * ph.square())
    n1, n2 = 1 + hh * v1, 1 + h * v2
    u1, u2 = n1.sqrt(), n2.sqrt()
    m1, m2 = v1.over(1 + u1), v2.over(1 + u2)
    x11 = (2 * (a * be) + (h - 2 * hh) * be.square() + p * ga.square()).over(n1)
    x12 = (a * de + h * (h1 * (be * de) + (p - 1) * (ga * ph)) + ga * e).over(u1 * u2)
    x22 = (de.square() + 2 * (e * ph) + (p - 2) * (h * ph.square())).over(n2)
    xb, xc, xd, xf = be.over(u1), ga.over(u1), de.over(u2), ph.over(u2)
    r11, r12, r22 = (hh * x11).square(), (h * x12).square(), (h * x22).square()
    rb, rc, rd, rf = (hh * xb).square(), (h * xc).square(), (h * xd).square(), (h * xf).square()
    s11, s12, s22 = (1 - r11).sqrt(), (1 - r12).sqrt(), (1 - r22).sqrt()
    sb, sc, sd, sf = (1 - rb).sqrt(), (1 - rc).sqrt(), (1 - rd).sqrt(), (1 - rf).sqrt()
    sa = (h * (h1 * be.square()) + p * ga.square()).sqrt().over(u1)
    se = (de.square() + (p - 1) * (h * ph.square())).sqrt().over(u2)
    d1 = (u1 * x11.square()).over(1 + s11) - xb.square().over(1 + sb)
    d2 = (u2 * x12.square()).over(1 + s12) - xc.square().over(1 + sc)
    d3 = (u1 * x12.square()).over(1 + s12) - xd.square().over(1 + sd)
    d4 = (u2 * x22.square()).over(1 + s22) - xf.square().over(1 + sf)
    g = m1 - d3 + (p - 1) * (m2 - h * d4)
    w1 = (h1 * (m1 - hh * d1) + p * (m2 - h * d2) - sa).over(u1)
    w2 = (eps * g - se).over(u2)
    p11, p12, p22 = x11 * r11.arcsine_ratio(), x12 * r12.arcsine_ratio(), x22 * r22.arcsine_ratio()
    half = half_of(eps.f.pi)
    return Point(
        p, eps, h, al, be, ga, de, et, ph, a, e, u1, u2, m1, m2, x11, x12, x22, s11, s12, s22,
        xb, xc, xd, xf, sb, sc, sd, sf, sa, se, d1, d2, w1, w2, g, p11, p12, p22,
        (hh * p11).plus(half), (h * p12).plus(half), (h * p22).plus(half),
        xb * rb.arcsine_ratio(), xc * rc.arcsine_ratio(), xd * rd.arcsine_ratio(), xf * rf.arcsine_ratio(),
    )  # fmt: skip


def gradient(x: Point) -> System:
    """A2: 2 pi times the gradient on the fixed space, divided by its order in h."""
    p, h, pi, half = x.p, x.h, x.h.f.pi, half_of(x.h.f.pi)
    hh, h1 = h.square(), 1 - h
    column = 1 + hh * x.al + h * (h1 * x.be)  # a + (n - 1) b
    turned = x.et + (p - 1) * x.ph
    weight2 = x.eps * x.w2
    own = x.sa * (h * x.sa).square().arcsine_ratio()
    fa = x.w1 * x.a + (h * x.al).by(pi) + h1 * (x.q11 * x.be) + p * (x.q12 * x.de) + own
    rest = h * (x.w1 * x.be) + x.al.by(half) + x.p11 * (column - hh * x.be) + p * (x.p12 * x.de) - x.tb
    fb = (x.be + p * x.de).by(half) + h * rest
    fc = h * (x.w1 * x.ga + h1 * (x.p11 * x.ga)) + x.ga.by(half) - x.p12 + x.q12 * turned - x.tc
    fd = weight2 * x.de + x.de.by(pi) + (h * x.al + h1 * x.be).by(half) + x.p12 * column
    fd = fd + (p - 1) * (x.q22 * x.de) - x.td
    angle = x.m2.over(x.u2) + x.se.square() * (x.eps * x.se).square().arcsine_rest()
    fe = x.et.by(pi) + x.p12 * x.ga + (p - 1) * (x.q22 * x.ph) - x.g.over(x.u2)
    fe = fe - x.eps * (x.se * angle) + x.et * weight2
    ff = None
    if p > 1:
        ff = weight2 * x.ph + x.ph.by(pi) + x.p12 * x.ga - x.p22 + x.q22 * (turned - x.ph) - x.tf
    lead = x.ga.by(half).plus((-pi[1], -pi[0]))
    return System(lead, fa, fb, fc, fd, fe, ff, rest)


def scaled_loss(x: Point, r: System) -> Jet:
    """A4: 4 pi k L at a zero of the system; elsewhere a number without meaning."""
    p, h, pi, half = x.p, x.h, x.h.f.pi, half_of(x.h.f.pi)
    h1 = 1 - h
    rest_a = (h * x.sa).square().arcsine_rest()
    rest_e = (x.eps * x.se).square().arcsine_rest()
    cube_a, cube_e = x.sa * x.sa.square(), x.se * x.se.square()
    sum_a = x.u1 + x.a
    bracket = x.al.by(pi) - r.rest - x.be.by(half) + h1 * (h * (x.p11 * x.be)) + p * (x.p12 * x.de)
    bracket = bracket + h * (cube_a * (rest_a + x.u1.over(sum_a)))
    excess = x.m1 + h1 * (h * x.d1) + p * x.d2 - (x.u1 * bracket).over(x.a)
    own_a = cube_a * (x.u1.square().over(sum_a) - x.a * rest_a)
    own_e = cube_e * (x.u2.square().over(x.u2 - x.e) + x.e * rest_e)
    across_b = x.u1 * (x.xb * x.tb - x.xb.square().over(1 + x.sb))
    across_c = x.u1 * (x.xc * x.tc - x.xc.square().over(1 + x.sc))
    across_d = x.u2 * (x.xd * x.td - x.xd.square().over(1 + x.sd))
    across_f = x.u2 * (x.xf * x.tf - x.xf.square().over(1 + x.sf))
    total = p * r.c - excess + r.rest - x.al.by(pi) - h * own_a + x.m1 + x.be.by(half) - h1 * (h * across_b)
    total = total - p * (x.m1 + across_c + across_d + x.eps * own_e)
    return (1 + p * h) * (total - (p * (p - 1)) * (x.m2 + x.ph.by(half) + h * across_f))
