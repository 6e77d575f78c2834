"""n + 2 m students and n + m teachers, m = 1, 2, two students turned against each of m teachers: system, loss, scaled
(docs/all-sizes.md, A12, A15).

eps^2 = h = 1 / n.  The unknowns alpha, beta, gamma, eta, delta, tau, sigma, and phi, omega if m = 2, stand for

    students that follow a teacher:  own 1 + eps^3 alpha,  others h^2 beta,  last h gamma
    long turned students:            others h delta,  last, own -1 + eps eta,  other eps phi
    short turned students:           others h tau,  last, own eps sigma,  other eps omega

As in `turned`, everything is a Jet that encloses the exact quantity for all real n > 2, eps = 0 included.
"""

from collections.abc import Sequence
from typing import NamedTuple

from certify.checker.errors import Rejected
from certify.checker.jets import Jet
from certify.checker.turned import half_of


class Across(NamedTuple):
    """Between two doubled directions; the true value is given where it differs.  2: long, 3: short student."""

    ph: Jet
    om: Jet
    x22: Jet  # eps x22
    x23: Jet
    s22: Jet
    s23: Jet
    s33: Jet
    p22: Jet  # asin: eps p22
    q22: Jet  # pi - t
    q23: Jet
    q33: Jet
    xf: Jet  # eps xf
    xw: Jet
    sf: Jet
    sw: Jet
    tf: Jet  # asin: eps tf
    d4: Jet
    z23: Jet
    e23: Jet
    u: Jet


class Point(NamedTuple):
    """The scaled quantities; the true value is given where it differs.  1: follower, 2: long, 3: short student."""

    eps: Jet
    h: Jet
    al: Jet
    be: Jet
    ga: Jet
    et: Jet
    de: Jet
    ta: Jet
    si: Jet
    a: Jet
    e: Jet
    u1: Jet
    u2: Jet
    r: Jet  # u3 = eps r
    m1: Jet  # u1 = 1 + eps^3 m1
    m2: Jet  # u2 = 1 + eps m2
    x11: Jet  # h^2 x11
    x12: Jet  # h x12
    x13: Jet  # eps x13
    x23: Jet
    s11: Jet
    s12: Jet
    s13: Jet
    s23: Jet
    p11: Jet  # asin: h^2 p11
    p12: Jet  # h p12
    p13: Jet  # eps p13
    q11: Jet  # pi - t
    q12: Jet
    q13: Jet
    q23: Jet
    xb: Jet  # h^2 xb
    xc: Jet  # h xc
    xd: Jet  # h xd
    xt: Jet  # eps xt
    xs: Jet
    sb: Jet
    sc: Jet
    sd: Jet
    st: Jet
    ss: Jet
    tb: Jet  # asin: h^2 tb
    tc: Jet  # h tc
    td: Jet  # h td
    sa: Jet  # h sa
    se: Jet  # eps se
    d1: Jet
    d2: Jet
    d3: Jet
    drift: Jet
    y23: Jet
    b13: Jet
    b23: Jet
    w: Jet
    v: Jet
    w1: Jet  # alpha_1 = eps w1
    w2: Jet  # alpha_2 = eps w2
    w3: Jet  # alpha_3
    across: Across | None

    @property
    def m(self) -> int:
        """How many directions are doubled."""
        return 2 if self.across else 1


class System(NamedTuple):
    """2 pi times the gradient: F_a = eps a, F_b = h b, F_c = lead + eps c, F_d = h d, F_e = lead + eps e; of the short
    student h t and lead + eps s; with two directions F_f = lead + eps f, and lead + eps g of the short student.
    """

    lead: Jet
    a: Jet
    b: Jet
    c: Jet
    e: Jet
    d: Jet
    t: Jet
    s: Jet
    f: Jet | None
    g: Jet | None

    def equations(self, x: Point) -> list[Jet]:
        """The scaled system, all zero exactly at the fixed critical points."""
        result = [self.a, self.b, self.lead + x.eps * self.c, self.e - self.c, self.d, self.t, self.s - self.c]
        return result if self.f is None or self.g is None else [*result, self.f - self.c, self.g - self.c]


def point(unknowns: Sequence[Jet], eps: Jet) -> Point:
    """Rejects unless a > 0 > e and tau > 0 > sigma, no student is zero and no two of all rows are parallel, in the
    scaled sense, and the short student has an acute angle with the others.  Seven unknowns, or nine: two directions.
    """
    al, be, ga, et, de, ta, si, *more = unknowns
    m = 2 if more else 1
    h = eps.square()
    hh, cube, h1 = h.square(), eps * h, 1 - h
    a, e = 1 + cube * al, eps * et - 1
    if not (a.value[0] > 0 and e.value[1] < 0 and ta.value[0] > 0 and si.value[1] < 0):
        raise Rejected("domain", "an entry may have the wrong sign")
    side, short, column, pull = de.square(), ta.square(), e, si  # e + f, and of the short student / eps
    if more:
        ph, om = more
        side, short, column, pull = side + ph.square(), short + om.square(), e + eps * ph, si + om
    v1 = 2 * al + cube * (al.square() + h1 * be.square()) + m * (eps * ga.square())
    v2 = eps * (et.square() + side) - 2 * et
    n1, n2 = 1 + cube * v1, 1 + eps * v2
    u1, u2, r = n1.sqrt(), n2.sqrt(), (si.square() + short).sqrt()
    m1, m2 = v1.over(1 + u1), v2.over(1 + u2)
    xb, xc, xd, xt, xs = be.over(u1), ga.over(u1), de.over(u2), ta.over(r), si.over(r)
    ss = short.sqrt().over(r)
    x11 = (2 * (a * be) + h * ((1 - 2 * h) * be.square()) + m * ga.square()).over(n1)
    x12 = (ga * column + a * de + h * (h1 * (be * de))).over(u1 * u2)
    drift = (ga * pull).over(r) + h * (al * xt) + eps * (h1 * (be * xt))
    tilt = de * xt + (ph * om).over(r) if more else de * xt
    x13 = (xt + eps * drift).over(u1)
    x23 = (e * xs + eps * tilt).over(u2)
    if not (x13.value[0] > 0 and x23.value[0] > 0):
        raise Rejected("domain", "an angle of the short student may not be acute")
    z11, z12, z13, z23 = (hh * x11).square(), (h * x12).square(), (eps * x13).square(), x23.square()
    zb, zc, zd, zt = (hh * xb).square(), (h * xc).square(), (h * xd).square(), (eps * xt).square()
    s11, s12, s13, s23, sb, sc, sd, st = ((1 - z).sqrt() for z in (z11, z12, z13, z23, zb, zc, zd, zt))
    sa, se = (h * (h1 * be.square()) + m * ga.square()).sqrt().over(u1), side.sqrt().over(u2)
    d1 = (u1 * x11.square()).over(1 + s11) - xb.square().over(1 + sb)
    d2 = (u2 * x12.square()).over(1 + s12) - xc.square().over(1 + sc)
    d3 = (u1 * x12.square()).over(1 + s12) - xd.square().over(1 + sd)
    y13 = (drift - h * (m1 * xt)).over(u1)
    y23 = (xs * (m2 + et) + tilt).over(u2)
    b13 = (y13 * (x13 + xt)).over(s13 + st)
    b23 = (y23 * (x23 - xs)).over(s23 + ss)
    w = (y13 * (x13 + xt)).over(x13 * st + xt * s13)
    v = (y23 * (x23 - xs)).over(x23 * ss - xs * s23)
    across = _across(unknowns, (e, u2, m2, r), eps) if more else None
    around, lift = m1 - eps * d3 + r * s23 - se, m1 - h * (m1 * x13.square()).over(1 + s13) - b13 + m2 * s23 - b23
    if across:
        around = around + m2 - eps * across.d4 + r * across.s23
        lift = lift + m2 * across.s23 - across.e23 + r * across.s33
    p11, p12, p13 = x11 * z11.arcsine_ratio(), x12 * z12.arcsine_ratio(), x13 * z13.arcsine_ratio()
    half = half_of(eps.f.pi)
    return Point(
        eps, h, al, be, ga, et, de, ta, si, a, e, u1, u2, r, m1, m2, x11, x12, x13, x23, s11, s12, s13, s23,
        p11, p12, p13, (hh * p11).plus(half), (h * p12).plus(half), (eps * p13).plus(half),
        (x23 * z23.arcsine_ratio()).plus(half), xb, xc, xd, xt, xs, sb, sc, sd, st, ss,
        xb * zb.arcsine_ratio(), xc * zc.arcsine_ratio(), xd * zd.arcsine_ratio(), sa, se, d1, d2, d3, drift, y23,
        b13, b23, w * (h * w).square().arcsine_ratio(), v * (eps * v).square().arcsine_ratio(),
        (h1 * (m1 - eps * (hh * d1)) + m * (m2 - cube * d2 + r * s13) - eps * sa).over(u1),
        around.over(u2), lift.over(r), across,
    )  # fmt: skip


def _across(unknowns: Sequence[Jet], sizes: tuple[Jet, Jet, Jet, Jet], eps: Jet) -> Across:
    """sizes: e, u2, m2, r.  Rejects unless omega < 0 and a long and a short student of two directions have an acute
    angle.
    """
    _, _, _, et, de, ta, si, ph, om = unknowns
    e, u2, m2, r = sizes
    xs, xt, xw, xf, n2, n3 = si.over(r), ta.over(r), om.over(r), ph.over(u2), u2.square(), r.square()
    sideways = ph * xs + de * xt
    x22 = (2 * (e * ph) + eps * de.square()).over(n2)
    x23 = (e * xw + eps * sideways).over(u2)
    x33 = (2 * (si * om) + ta.square()).over(n3)
    if not (om.value[1] < 0 < x23.value[0]):
        raise Rejected("domain", "an angle of the short student may not be acute")
    z22, z23, z33, zf = (eps * x22).square(), x23.square(), x33.square(), (eps * xf).square()
    s22, s23, s33, sf = ((1 - z).sqrt() for z in (z22, z23, z33, zf))
    sw = (si.square() + ta.square()).sqrt().over(r)
    near = (xw * (m2 + et) + sideways).over(u2)
    u = (near * (x23 - xw)).over(x23 * sw - xw * s23)
    p22, half = x22 * z22.arcsine_ratio(), half_of(eps.f.pi)
    return Across(
        ph, om, x22, x23, s22, s23, s33, p22, (eps * p22).plus(half), (x23 * z23.arcsine_ratio()).plus(half),
        (x33 * z33.arcsine_ratio()).plus(half), xf, xw, sf, sw, xf * zf.arcsine_ratio(),
        (u2 * x22.square()).over(1 + s22) - xf.square().over(1 + sf), near,
        (near * (x23 - xw)).over(s23 + sw), u * (eps * u).square().arcsine_ratio(),
    )  # fmt: skip


def gradient(x: Point) -> System:
    """2 pi times the gradient on the fixed space, divided by its order in eps."""
    eps, h, pi, half, m = x.eps, x.h, x.eps.f.pi, half_of(x.eps.f.pi), x.m
    cube, h1 = eps * h, 1 - h
    row = 1 + cube * x.al + h * (h1 * x.be)  # a + (n - 1) b
    bend = (eps * x.al + h1 * x.be).by(half)
    own = x.sa * (h * x.sa).square().arcsine_ratio()
    fa = x.w1 * x.a + h * x.al.by(pi) + eps * (h1 * (x.q11 * x.be) + m * (x.q12 * x.de + x.q13 * x.ta) + own)
    fb = (x.be + m * (x.de + x.ta) + eps * x.al).by(half) + cube * (x.w1 * x.be) + m * (eps * (x.p13 * x.ta))
    fb = fb + h * (x.p11 * (row - h.square() * x.be) + m * (x.p12 * x.de) - x.tb)
    fc = (x.et + x.si + eps * x.ga).by(half) + h * (x.w1 * x.ga) + cube * (h1 * (x.p11 * x.ga))
    fc = fc + eps * (x.p12 * x.e + x.p13 * x.si - x.tc)
    fd = eps * (x.w2 * x.de) + x.de.by(pi) + bend + x.p12 * row + x.q23 * x.ta - x.td
    fe = x.w2 * x.e + x.et.by(pi) + eps * (x.p12 * x.ga) + x.q23 * x.si
    fe = fe - x.se * (eps * x.se).square().arcsine_ratio()
    ft = x.w3 * x.ta + x.ta.by(pi) + bend + x.p13 * (h * x.al + eps * (h1 * x.be)) + x.w + x.q23 * x.de
    fs = x.w3 * x.si + x.si.by(pi) + x.p13 * x.ga + x.q23 * x.et - x.v
    lead = x.ga.by(half).plus((-pi[1], -pi[0]))
    if not x.across:
        return System(lead, fa, fb, fc, fe, fd, ft, fs, None, None)
    o = x.across
    fc = fc + (o.ph + o.om).by(half) + eps * (eps * (x.p12 * o.ph) + x.p13 * o.om)
    ff = eps * (x.w2 * o.ph) + o.ph.by(pi) + eps * (x.p12 * x.ga) + x.et.by(half) + o.p22 * x.e
    ff = ff + x.q23 * o.om + o.q23 * x.si - o.tf
    fg = x.w3 * o.om + o.om.by(pi) + x.p13 * x.ga + x.q23 * o.ph + o.q23 * x.et + o.q33 * x.si - o.u
    return System(
        lead, fa, fb, fc, fe + o.q22 * o.ph + o.q23 * o.om, fd + o.q22 * x.de + o.q23 * x.ta,
        ft + o.q23 * x.de + o.q33 * x.ta, fs + o.q23 * o.ph + o.q33 * o.om, ff, fg,
    )  # fmt: skip


def scaled_loss(x: Point, _: System) -> Jet:
    """4 pi (n + m) L at a zero of the system; elsewhere a number without meaning."""
    eps, h, pi, half, m, o = x.eps, x.h, x.eps.f.pi, half_of(x.eps.f.pi), x.m, x.across
    h1 = 1 - h
    a3, e3 = x.sa * x.sa.square(), x.se * x.se.square()
    rest_a, rest_e = (h * x.sa).square().arcsine_rest(), (eps * x.se).square().arcsine_rest()
    each = x.ga.by(pi) + 2 * (eps * (x.w1 * x.ga) + h1 * (h * (x.p11 * x.ga)) + x.p12 * x.e + x.p13 * x.si - x.tc)
    each = each - x.d3 - (x.m2 + x.et) * x.w2 - x.p12 * x.ga + eps * (e3 * rest_e)
    each = each - x.si * x.v - x.r * x.b23 + x.ta * x.w - x.r * x.b13 + x.p12 * x.de - x.d2
    each = each + (x.u1 * x.xc.square()).over(1 + x.sc) - x.tc * x.ga
    each = each + (x.u2 * x.xd.square()).over(1 + x.sd) - x.td * x.de
    each = each - eps * (e3 * (x.u2.square().over(x.u2 - x.e) + x.e * rest_e))
    if o:
        each = each + 2 * (eps * (x.p12 * o.ph) + x.p13 * o.om) - o.d4 - o.om * o.u - o.p22 * o.ph - x.r * o.e23
        each = each + (x.u2 * o.xf.square()).over(1 + o.sf) - o.tf * o.ph
    inner = (h1 * x.be + m * (x.de + x.ta)).by(half) + eps * x.al.by(pi) + h * (h1 * (h * (x.p11 * x.be)))
    inner = inner + m * (h * (x.p12 * x.de) + eps * (x.p13 * x.ta))
    total = m * each + eps * ((x.m1 - x.al) * inner).over(x.a) + h * (h1 * (x.p11 * x.be)) - h * (h1 * x.d1)
    total = total + h * (a3 * (x.u1 * (rest_a + x.u1.over(x.u1 + x.a)))).over(x.a)
    total = total - h * (a3 * (x.u1.square().over(x.u1 + x.a) - x.a * rest_a))
    total = total + h * (h1 * ((x.u1 * x.xb.square()).over(1 + x.sb) - x.tb * x.be))
    return (1 + m * h) * total
