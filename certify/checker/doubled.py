"""n + 2 students and n + 1 teachers, two students turned against one teacher: system, loss, blocks, scaled
(docs/all-sizes.md, A12).

eps^2 = h = 1 / n.  The unknowns alpha, beta, gamma, eta, delta, tau, sigma stand for the entries

    students that follow a teacher:  own 1 + eps^3 alpha,  others h^2 beta,  last h gamma
    long turned student:             others h delta,  last -1 + eps eta
    short turned student:            others h tau,  last eps sigma

As in `turned`, everything is a Jet that encloses the exact quantity for all real n > 2, eps = 0 included.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from certify.checker.errors import Rejected
from certify.checker.intervals import Interval
from certify.checker.jets import Jet, Laurent
from certify.checker.patches import Blocks, Matrix
from certify.checker.turned import half_of
from certify.checker.turned_blocks import (
    FOLLOWED,
    STANDARD,
    Class,
    Constants,
    Put,
    Scene,
    antisymmetric,
    free_weight,
    of_known_order,
    scaled_matrix,
    standard,
)


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
    xt: Jet  # eps xt, and the sine of the short student with the last teacher
    xs: Jet
    sb: Jet
    sc: Jet
    sd: Jet
    st: Jet
    tb: Jet  # asin: h^2 tb
    tc: Jet  # h tc
    td: Jet  # h td
    sa: Jet  # h sa
    se: Jet  # eps se
    d1: Jet
    d2: Jet
    d3: Jet
    y13: Jet
    b13: Jet
    b23: Jet
    w: Jet
    v: Jet
    w1: Jet  # alpha_1 = eps w1
    w2: Jet  # alpha_2 = eps w2
    w3: Jet  # alpha_3


class System(NamedTuple):
    """2 pi times the gradient: F_a = eps a, F_b = h b, F_c = lead + eps c, F_d = h d, F_e = lead + eps e; of the short
    student h t and lead + eps s.
    """

    lead: Jet
    a: Jet
    b: Jet
    c: Jet
    e: Jet
    d: Jet
    t: Jet
    s: Jet

    def equations(self, x: Point) -> list[Jet]:
        """The scaled system, all zero exactly at the fixed critical points."""
        return [self.a, self.b, self.lead + x.eps * self.c, self.e - self.c, self.d, self.t, self.s - self.c]


def point(unknowns: Sequence[Jet], eps: Jet) -> Point:
    """Rejects unless a > 0 > e and tau > 0 > sigma, no student is zero and no two of all rows are parallel, in the
    scaled sense, and the short student has an acute angle with the others.
    """
    al, be, ga, et, de, ta, si = unknowns
    h = eps.square()
    hh, cube, h1 = h.square(), eps * h, 1 - h
    a, e = 1 + cube * al, eps * et - 1
    if not (a.value[0] > 0 and e.value[1] < 0 and ta.value[0] > 0 and si.value[1] < 0):
        raise Rejected("domain", "an entry may have the wrong sign")
    v1 = 2 * al + cube * (al.square() + h1 * be.square()) + eps * ga.square()
    v2 = eps * (et.square() + de.square()) - 2 * et
    n1, n2 = 1 + cube * v1, 1 + eps * v2
    u1, u2, r = n1.sqrt(), n2.sqrt(), (si.square() + ta.square()).sqrt()
    m1, m2 = v1.over(1 + u1), v2.over(1 + u2)
    xb, xc, xd, xt, xs = be.over(u1), ga.over(u1), de.over(u2), ta.over(r), si.over(r)
    x11 = (2 * (a * be) + h * ((1 - 2 * h) * be.square()) + ga.square()).over(n1)
    x12 = (ga * e + a * de + h * (h1 * (be * de))).over(u1 * u2)
    drift = ga * xs + h * (al * xt) + eps * (h1 * (be * xt))
    x13 = (xt + eps * drift).over(u1)
    x23 = (e * xs + eps * (de * xt)).over(u2)
    if not (x13.value[0] > 0 and x23.value[0] > 0):
        raise Rejected("domain", "an angle of the short student may not be acute")
    z11, z12, z13, z23 = (hh * x11).square(), (h * x12).square(), (eps * x13).square(), x23.square()
    zb, zc, zd, zt = (hh * xb).square(), (h * xc).square(), (h * xd).square(), (eps * xt).square()
    s11, s12, s13, s23, sb, sc, sd, st = ((1 - z).sqrt() for z in (z11, z12, z13, z23, zb, zc, zd, zt))
    sa, se = (h * (h1 * be.square()) + ga.square()).sqrt().over(u1), de.square().sqrt().over(u2)
    d1 = (u1 * x11.square()).over(1 + s11) - xb.square().over(1 + sb)
    d2 = (u2 * x12.square()).over(1 + s12) - xc.square().over(1 + sc)
    d3 = (u1 * x12.square()).over(1 + s12) - xd.square().over(1 + sd)
    y13 = (drift - h * (m1 * xt)).over(u1)
    y23 = (xs * (m2 + et) + de * xt).over(u2)
    b13 = (y13 * (x13 + xt)).over(s13 + st)
    b23 = (y23 * (x23 - xs)).over(s23 + xt)
    w = (y13 * (x13 + xt)).over(x13 * st + xt * s13)
    v = (y23 * (x23 - xs)).over(x23 * xt - xs * s23)
    p11, p12, p13 = x11 * z11.arcsine_ratio(), x12 * z12.arcsine_ratio(), x13 * z13.arcsine_ratio()
    half = half_of(eps.f.pi)
    return Point(
        eps, h, al, be, ga, et, de, ta, si, a, e, u1, u2, r, m1, m2, x11, x12, x13, x23, s11, s12, s13, s23,
        p11, p12, p13, (hh * p11).plus(half), (h * p12).plus(half), (eps * p13).plus(half),
        (x23 * z23.arcsine_ratio()).plus(half), xb, xc, xd, xt, xs, sb, sc, sd, st,
        xb * zb.arcsine_ratio(), xc * zc.arcsine_ratio(), xd * zd.arcsine_ratio(), sa, se, d1, d2, d3, y13, b13, b23,
        w * (h * w).square().arcsine_ratio(), v * (eps * v).square().arcsine_ratio(),
        (h1 * (m1 - eps * (hh * d1)) + m2 - cube * d2 + r * s13 - eps * sa).over(u1),
        (m1 - eps * d3 + r * s23 - se).over(u2),
        (m1 - h * (m1 * x13.square()).over(1 + s13) - b13 + m2 * s23 - b23).over(r),
    )  # fmt: skip


def gradient(x: Point) -> System:
    """2 pi times the gradient on the fixed space, divided by its order in eps."""
    eps, h, pi, half = x.eps, x.h, x.eps.f.pi, half_of(x.eps.f.pi)
    cube, h1 = eps * h, 1 - h
    row = 1 + cube * x.al + h * (h1 * x.be)  # a + (n - 1) b
    bend = (eps * x.al + h1 * x.be).by(half)
    own = x.sa * (h * x.sa).square().arcsine_ratio()
    fa = x.w1 * x.a + h * x.al.by(pi) + eps * (h1 * (x.q11 * x.be) + x.q12 * x.de + x.q13 * x.ta + own)
    fb = (x.be + x.de + x.ta + eps * x.al).by(half) + cube * (x.w1 * x.be) + eps * (x.p13 * x.ta)
    fb = fb + h * (x.p11 * (row - h.square() * x.be) + x.p12 * x.de - x.tb)
    fc = (x.et + x.si + eps * x.ga).by(half) + h * (x.w1 * x.ga) + cube * (h1 * (x.p11 * x.ga))
    fc = fc + eps * (x.p12 * x.e + x.p13 * x.si - x.tc)
    fd = eps * (x.w2 * x.de) + x.de.by(pi) + bend + x.p12 * row + x.q23 * x.ta - x.td
    fe = x.w2 * x.e + x.et.by(pi) + eps * (x.p12 * x.ga) + x.q23 * x.si
    fe = fe - x.se * (eps * x.se).square().arcsine_ratio()
    ft = x.w3 * x.ta + x.ta.by(pi) + bend + x.p13 * (h * x.al + eps * (h1 * x.be)) + x.w + x.q23 * x.de
    fs = x.w3 * x.si + x.si.by(pi) + x.p13 * x.ga + x.q23 * x.et - x.v
    return System(x.ga.by(half).plus((-pi[1], -pi[0])), fa, fb, fc, fe, fd, ft, fs)


def scaled_loss(x: Point, _: System) -> Jet:
    """4 pi (n + 1) L at a zero of the system; elsewhere a number without meaning."""
    eps, h, pi, half = x.eps, x.h, x.eps.f.pi, half_of(x.eps.f.pi)
    h1 = 1 - h
    a3, e3 = x.sa * x.sa.square(), x.se * x.se.square()
    rest_a, rest_e = (h * x.sa).square().arcsine_rest(), (eps * x.se).square().arcsine_rest()
    total = x.ga.by(pi) + 2 * (eps * (x.w1 * x.ga) + h1 * (h * (x.p11 * x.ga)) + x.p12 * x.e + x.p13 * x.si - x.tc)
    total = total - x.d3 - (x.m2 + x.et) * x.w2 - x.p12 * x.ga + eps * (e3 * rest_e)
    total = total - x.si * x.v - x.r * x.b23 + x.ta * x.w - x.r * x.b13
    inner = (h1 * x.be + x.de + x.ta).by(half) + eps * x.al.by(pi) + h * (h1 * (h * (x.p11 * x.be)))
    inner = inner + h * (x.p12 * x.de) + eps * (x.p13 * x.ta)
    total = total + eps * ((x.m1 - x.al) * inner).over(x.a) + h * (h1 * (x.p11 * x.be)) + x.p12 * x.de
    total = total - h * (h1 * x.d1) - x.d2 + h * (a3 * (x.u1 * (rest_a + x.u1.over(x.u1 + x.a)))).over(x.a)
    total = total - h * (a3 * (x.u1.square().over(x.u1 + x.a) - x.a * rest_a))
    total = total + h * (h1 * ((x.u1 * x.xb.square()).over(1 + x.sb) - x.tb * x.be))
    total = total + (x.u1 * x.xc.square()).over(1 + x.sc) - x.tc * x.ga
    total = total + (x.u2 * x.xd.square()).over(1 + x.sd) - x.td * x.de
    total = total - eps * (e3 * (x.u2.square().over(x.u2 - x.e) + x.e * rest_e))
    return (1 + h) * total


def blocks(x: Point, rows: Any, shift: Interval) -> Blocks:
    """Name and lower triangle of every block; rows and shift as in `turned_blocks`."""
    put, constants = of_known_order(x.eps, shift)
    scene, followers, _ = _classes(x, put, constants)
    yield "trivial", _trivial(x, rows, shift)
    yield STANDARD, scaled_matrix(_standard(x, put, constants), (*FOLLOWED, 0))
    yield "antisymmetric n", [[antisymmetric(scene, followers).at(0)]]
    free, n = free_weight(scene, followers), followers.members
    yield "ambient n", [[free.at(0)]]
    ambient = [
        [n * free + n * n * followers.complement],
        [n * scene.complement, scene.pi_less + put(x.w2, 1)],
        [n * put(x.q13, 0), put(x.q23, 0), scene.pi_less + put(x.w3, 0)],
    ]
    yield "ambient trivial", scaled_matrix(ambient, (2, 0, 0))


def _classes(x: Point, put: Put, constants: Constants) -> tuple[Scene, Class, Class]:
    """Followers, and the long student; of that what has to do with others of its class is only a factor of zero."""
    one, zero, members, pi_less = constants
    followers = Class(
        members, put(x.a, 0), put(x.be, 4), put(x.ga, 2), put(x.u1, 0), put(x.w1, 1), put(x.sa, 2), put(x.x11, 4),
        put(x.s11, 0), put(x.q11, 0), put(x.xb, 4), put(x.sb, 0), put(x.xc, 2), put(x.sc, 0),
    )  # fmt: skip
    long = Class(
        one, put(x.e, 0), zero, put(x.de, 2), put(x.u2, 0), put(x.w2, 1), put(x.se, 1), zero, one, zero, zero, one,
        put(x.xd, 2), put(x.sd, 0),
    )  # fmt: skip
    return Scene(one, zero, pi_less, put(x.x12, 2), put(x.s12, 0), put(x.q12, 0)), followers, long


def _standard(x: Point, put: Put, constants: Constants) -> list[list[Laurent]]:
    """A5's block of the followers, with what the short student adds, and the row of T6: X_3i = u_i."""
    scene, s, long = _classes(x, put, constants)
    one, zero, n = scene.one, scene.zero, s.members
    rest, step, short = n - one, s.own - s.off, put(x.ta, 2)
    row = [s.own, rest * s.off, -s.off, s.out, zero]
    tilt = put((x.r * x.x13).over(x.u1), 2)
    guest = [short, rest * short, -short, put(x.si, 1), zero]
    seen = [g - tilt * y for g, y in zip(guest, row, strict=True)]
    factor = one.over(put(x.u1 * x.r * x.s13, 1))
    growth = x.al - x.eps * x.be  # own - off = 1 + eps^3 growth
    bend = (2 * growth + x.eps * x.h * growth.square()) * x.st + x.b13 - x.m1 * x.s13
    corner = scene.pi_less + put(x.w3 + x.h * bend.over(x.r * x.u1 * x.s13 * x.st), 0)
    q = put(x.q13, 0)
    total = [one, -one, rest, zero, zero]
    last: list[Laurent] = [q * t + factor * (step * g) for t, g in zip(total, seen, strict=True)]
    lines: list[list[Laurent]] = []
    for i, line in enumerate(standard(scene, s, long)):
        lines.append([entry + factor * (seen[i] * seen[j]) for j, entry in enumerate(line)])
    last[4:] = [put(x.q23, 0), corner]
    lines.append(last)
    return lines


def _trivial(x: Point, rows: Any, shift: Interval) -> Matrix:
    """n, n (n - 1), n, 1, n, n, 1 times the derivatives of the gradient by a, b, c, e, d, t, s, a symmetric matrix, on
    the basis scaled by eps^(2, 3, 2, 0, 1, 1, 0); entries from the upper triangle.
    """
    h, one = x.h, x.h * 0 + 1
    small = 1 - h
    matrix = [list(row) for row in (rows.a, rows.b, rows.c, rows.e, rows.d, rows.t, rows.s)]
    matrix[1] = [small * entry for entry in matrix[1]]
    for i in range(3):
        matrix[i][2] = x.eps * matrix[i][2]
    matrix[2][2] = matrix[2][2].plus(half_of(h.f.pi))
    for i, gram in enumerate((h, small * h, h, one, one, one, one)):
        matrix[i][i] = matrix[i][i] - gram.by(shift)
    return [[matrix[j][i] for j in range(i + 1)] for i in range(7)]
