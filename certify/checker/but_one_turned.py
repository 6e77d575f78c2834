"""All but one of n + 1 students turned against their teachers: system, loss, blocks, scaled (docs/all-sizes.md, A11).

eps^2 = h = 1 / n.  The unknowns alpha, gamma, delta, eta, phi stand for the entries

    the student that follows its teacher:  own 1 + h alpha,  others h gamma
    turned student:                        its coordinate h^2 delta,  own -1 + h eta,  other turned h phi

As in `turned`, everything is a Jet that encloses the exact quantity for all real n > 2, eps = 0 included.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from certify.checker.errors import Rejected
from certify.checker.intervals import Interval
from certify.checker.jets import Jet
from certify.checker.patches import Blocks, Matrix
from certify.checker.turned import half_of
from certify.checker.turned_blocks import (
    FOLLOWED,
    Class,
    Constants,
    Put,
    Scene,
    ambient,
    antisymmetric,
    free_weight,
    of_known_order,
    scaled_matrix,
    standard,
)


class Point(NamedTuple):
    """The scaled quantities; the true value is given where it differs.  1: the follower, 2: a turned student."""

    eps: Jet
    h: Jet
    al: Jet
    ga: Jet
    de: Jet
    et: Jet
    ph: Jet
    a: Jet
    e: Jet
    u1: Jet
    u2: Jet
    m1: Jet  # u1 = 1 + h m1
    m2: Jet  # u2 = 1 + h m2
    s12: Jet
    s22: Jet
    x12: Jet  # h x12
    x22: Jet  # h x22
    p12: Jet  # asin: h p12
    p22: Jet  # h p22
    q12: Jet  # pi - t
    q22: Jet
    xc: Jet  # h xc
    xd: Jet  # h^2 xd
    xf: Jet  # h xf
    sc: Jet
    sd: Jet
    sf: Jet
    tc: Jet  # asin: h tc
    td: Jet  # h^2 td
    tf: Jet  # h tf
    sa: Jet  # eps sa
    se: Jet  # eps se
    d2: Jet
    d3: Jet
    d4: Jet
    w1: Jet  # alpha_1
    w2: Jet  # alpha_2


class System(NamedTuple):
    """2 pi times the gradient: F_a = m2 + h a, F_c = lead + h c, F_d = h d, F_e = e, F_f = lead + h f.

    both: F_e + F_a - (1 - h) F_f = h both.
    """

    lead: Jet
    a: Jet
    c: Jet
    d: Jet
    e: Jet
    f: Jet
    both: Jet
    m2: Jet

    def equations(self, x: Point) -> list[Jet]:
        """The scaled system, all zero exactly at the fixed critical points."""
        return [self.both, self.c - self.f, self.d, self.e, self.lead + x.h * self.f]


def point(unknowns: Sequence[Jet], eps: Jet) -> Point:
    """Rejects unless a > 0 > e, no student is zero and no two of all rows are parallel, in the scaled sense."""
    al, ga, de, et, ph = unknowns
    h = eps.square()
    hh, h1 = h.square(), 1 - h
    a, e = 1 + h * al, h * et - 1
    if not (a.value[0] > 0 and e.value[1] < 0):
        raise Rejected("domain", "an own entry may have the wrong sign")
    v1 = 2 * al + h * al.square() + ga.square()
    side = h * hh * de.square() + h1 * ph.square()
    v2 = side - 2 * et + h * et.square()
    n1, n2 = 1 + h * v1, 1 + h * v2
    u1, u2 = n1.sqrt(), n2.sqrt()
    m1, m2 = v1.over(1 + u1), v2.over(1 + u2)
    x12 = (h * (a * de) + ga * e + h1 * (ga * ph)).over(u1 * u2)
    x22 = (h * hh * de.square() + 2 * (e * ph) + (1 - 2 * h) * ph.square()).over(n2)
    xc, xd, xf = ga.over(u1), de.over(u2), ph.over(u2)
    r12, r22 = (h * x12).square(), (h * x22).square()
    rc, rd, rf = (h * xc).square(), (hh * xd).square(), (h * xf).square()
    s12, s22 = (1 - r12).sqrt(), (1 - r22).sqrt()
    sc, sd, sf = (1 - rc).sqrt(), (1 - rd).sqrt(), (1 - rf).sqrt()
    sa, se = ga.square().sqrt().over(u1), side.sqrt().over(u2)
    d2 = (u1 * x12.square()).over(1 + s12) - hh * xd.square().over(1 + sd)
    d3 = (u2 * x12.square()).over(1 + s12) - xc.square().over(1 + sc)
    d4 = (u2 * x22.square()).over(1 + s22) - xf.square().over(1 + sf)
    w1 = (m2 - h * d3 - eps * sa).over(u1)
    w2 = (h * (m1 - h * d2) + h1 * (m2 - h * d4) - eps * se).over(u2)
    p12, p22 = x12 * r12.arcsine_ratio(), x22 * r22.arcsine_ratio()
    half = half_of(eps.f.pi)
    return Point(
        eps, h, al, ga, de, et, ph, a, e, u1, u2, m1, m2, s12, s22, x12, x22, p12, p22,
        (h * p12).plus(half), (h * p22).plus(half), xc, xd, xf, sc, sd, sf,
        xc * rc.arcsine_ratio(), xd * rd.arcsine_ratio(), xf * rf.arcsine_ratio(), sa, se, d2, d3, d4, w1, w2,
    )  # fmt: skip


def gradient(x: Point) -> System:
    """2 pi times the gradient on the fixed space, divided by its order in h."""
    h, pi, half = x.h, x.eps.f.pi, half_of(x.eps.f.pi)
    minus_pi, h1 = (-pi[1], -pi[0]), 1 - h
    rest_a, rest_e = _rests(x)
    tilt = (x.al - x.m1).over(x.u1)
    fa = (x.m2 - h * x.d3) * tilt - x.d3 + x.eps * (x.sa * (x.sa.square() * rest_a - tilt)) + x.al.by(pi) + x.q12 * x.de
    fc = x.w1 * x.ga + x.ga.by(pi) + (x.et - x.ph).by(half) + x.p12 * (x.e + h1 * x.ph) - x.tc
    fd = x.p12 * x.a + x.al.by(half) + h1 * (x.q22 * x.de) + h * (x.w2 * x.de + x.de.by(pi) - x.td)
    own = x.eps * x.se * (x.eps * x.se).square().arcsine_ratio()
    fe = x.w2 * x.e + x.e.by(pi) + h * (x.q12 * x.ga) + h1 * (x.q22 * x.ph) - own
    ff = x.w2 * x.ph + x.ph.by(pi) + x.q12 * x.ga + (x.et - 2 * x.ph).by(half)
    ff = ff + x.p22 * (x.e + (1 - 2 * h) * x.ph) - x.tf
    both = x.et.by(pi).plus(minus_pi) + h1 * (x.p22 * x.ph + x.d4.over(x.u2)) + x.et * x.w2
    both = both - (x.m1 - h * x.d2).over(x.u2) + x.q12 * x.ga
    both = both - x.eps * (x.se * (x.m2.over(x.u2) + x.se.square() * rest_e))
    both = both + (x.m2 * (x.m2 + 1)).over(x.u2) + fa - h1 * ff
    return System(x.ph.by(half).plus(minus_pi), fa, fc, fd, fe, ff, both, x.m2)


def _rests(x: Point) -> tuple[Jet, Jet]:
    return (x.eps * x.sa).square().arcsine_rest(), (x.eps * x.se).square().arcsine_rest()


def scaled_loss(x: Point, r: System) -> Jet:
    """4 pi L at a zero of the system; elsewhere a number without meaning."""
    h, pi, half = x.h, x.eps.f.pi, half_of(x.eps.f.pi)
    hh = h.square()
    rest_a, rest_e = _rests(x)
    total = h * (x.eps * (x.sa * (x.al - x.m1 + x.a * (x.sa.square() * rest_a)))) - h * x.al.by(pi) - x.m1
    total = total + h * (x.u1 * x.xc.square()).over(1 + x.sc) - x.ga.by(half) - h * (x.ga * x.tc) + r.a
    total = total + (1 - h) * (r.f - x.ph * x.tf + (x.u2 * x.xf.square()).over(1 + x.sf))
    total = total + h * hh * (x.u2 * x.xd.square()).over(1 + x.sd) - h * (x.de.by(half) + hh * (x.de * x.td))
    total = total - x.eps * (x.se * x.se.square() * (x.u2.square().over(x.u2 - x.e) + x.e * rest_e))
    return total.plus(pi)


def blocks(x: Point, rows: Any, shift: Interval) -> Blocks:
    """Name and lower triangle of every block; rows and shift as in `turned_blocks`."""
    scene, students, other = _classes(x, *of_known_order(x.eps, shift))
    yield "trivial", _trivial(x, rows, shift)
    yield "standard n", scaled_matrix(standard(scene, students, other), FOLLOWED)
    yield "antisymmetric n", [[antisymmetric(scene, students).at(0)]]
    yield "ambient n", [[free_weight(scene, students).at(0)]]
    yield "ambient trivial", scaled_matrix(ambient(scene, students, other), (2, 0))


def _classes(x: Point, put: Put, constants: Constants) -> tuple[Scene, Class, Class]:
    """The turned students, and the one that follows; of that what has to do with others of its class is never used
    but as a factor of zero, and its angle with itself is 0.
    """
    one, zero, members, pi_less = constants
    turned = Class(
        members, put(x.e, 0), put(x.ph, 2), put(x.de, 4), put(x.u2, 0), put(x.w2, 0), put(x.se, 1), put(x.x22, 2),
        put(x.s22, 0), put(x.q22, 0), put(x.xf, 2), put(x.sf, 0), put(x.xd, 4), put(x.sd, 0),
    )  # fmt: skip
    straight = put((x.eps * 0).plus(x.eps.f.pi), 0)
    follower = Class(
        one, put(x.a, 0), zero, put(x.ga, 2), put(x.u1, 0), put(x.w1, 0), put(x.sa, 1), zero, one, straight, zero, one,
        put(x.xc, 2), put(x.sc, 0),
    )  # fmt: skip
    return Scene(one, zero, pi_less, put(x.x12, 2), put(x.s12, 0), put(x.q12, 0)), turned, follower


def _trivial(x: Point, rows: Any, shift: Interval) -> Matrix:
    """1, n, n, n, n (n - 1) times the derivatives of F_a, ..., F_f by a, c, d, e, f, a symmetric matrix, on the basis
    scaled by eps^(0, 1, 2, 2, 3).
    """
    eps, h, half = x.eps, x.h, half_of(x.h.f.pi)
    small, (a, c, d, e, last, m2) = 1 - h, (rows.a, rows.c, rows.d, rows.e, rows.f, rows.m2)
    lower = [
        [a[0]],
        [eps * a[1], c[1]],
        [d[0], eps * d[1], d[2]],
        [m2[3] + h * a[3], eps * c[3], h * d[3], e[3]],
        [eps * (m2[4] + h * a[4]), (h * c[4]).plus(half), eps * h * d[4], eps * e[4],
         small * (h * last[4]).plus(half)],
    ]  # fmt: skip
    for i, gram in enumerate((h * 0 + 1, h * 0 + 1, h, h, small * h)):
        lower[i][i] = lower[i][i] - gram.by(shift)
    return lower
