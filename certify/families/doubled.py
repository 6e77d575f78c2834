"""M = n + m teachers, n + 2 m students, each of m = 1, 2 teachers' directions carried by two turned ones: the system.

docs/all-sizes.md, A12 and A15.  h = eps^2 = 1 / n.  A point fixed by S_n x S_m has the entries

    a = 1 + eps^3 alpha, b = h^2 beta, c = h gamma      own, other and last coordinates of a student that follows
    d = h delta, e = -1 + eps eta, eps phi              followed, own and other last ones of a long turned student
    h tau, eps sigma, eps omega                         the same of a short one

m = 1 if there are seven unknowns, without phi and omega, and m = 2 if there are nine.  All functions take jets
(arithmetic/jets.py) and enclose for real n > 2, n = infinity included.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from certify.arithmetic import dyadic_ball, pi
from certify.arithmetic.jets import Jet, arcsine_ratio, arcsine_rest

Ball = Any

NAMES = ("alpha", "beta", "gamma", "eta", "delta", "tau", "sigma", "phi", "omega")
NEAR = (  # the zeros at infinite width
    (-0.5723, -1.6146, 2.0, 1.0920, 0.6967, 0.9179, -1.3883),
    (-0.8422, -2.8104, 2.0, 0.8864, 0.7319, 0.6733, -1.0117, 0.3150, -0.4829),
)


class Across(NamedTuple):
    """Between two doubled directions; the true values are in the comments.  2: long, 3: short."""

    phi: Jet
    omega: Jet
    x22: Jet  # cosine / eps
    x23: Jet
    x33: Jet
    sines: tuple[Jet, Jet, Jet]  # s22, s23, s33
    p22: Jet  # asin x / eps
    p23: Jet  # asin x
    p33: Jet  # asin x
    xf: Jet  # cosine of the long student with the other last teacher / eps
    xw: Jet  # of the short one
    teacher_sines: tuple[Jet, Jet]  # sf, sw
    tf: Jet  # asin xf / eps
    bend: Jet  # D4 of A15
    near: Jet  # Z23
    drop: Jet  # E23
    arc: Jet  # U' = (asin x23 + asin xw) / eps


class Values(NamedTuple):
    """Scaled quantities at a point; the true ones are in the comments.  1: a follower, 2: long, 3: short."""

    h: Jet
    eps: Jet
    xi: tuple[Jet, ...]  # the first seven of NAMES
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
    bends: tuple[Jet, Jet, Jet]  # D1, D2, D3 of A12
    drift: Jet
    near: tuple[Jet, Jet]  # Y13, Y23
    drops: tuple[Jet, Jet]  # B13, B23
    arcs: tuple[Jet, Jet]  # W', V': (P13 - asin xt / eps) / eps, (asin x23 + asin xs) / eps
    weights: tuple[Jet, Jet, Jet]  # alpha_1 / eps, alpha_2 / eps, alpha_3
    across: Across | None

    @property
    def directions(self) -> int:
        """How many are doubled."""
        return 2 if self.across else 1


class Reduced(NamedTuple):
    """The reduced gradient: F_a = eps first, F_b = h second, F_c = leading + eps third, F_d = h fourth,
    F_e = leading + eps own, and of the short student h other and leading + eps last; in the other last coordinate
    leading + eps beyond of the long one, leading + eps far of the short one.
    """

    leading: Jet
    first: Jet
    second: Jet
    third: Jet
    fourth: Jet
    own: Jet
    other: Jet
    last: Jet
    beyond: Jet | None = None
    far: Jet | None = None


def values(xi: Sequence[Jet], eps: Jet) -> Values:
    """All quantities the system, the loss and the blocks need."""
    al, be, ga, et, de, ta, si = xi[:7]
    twice = len(xi) > 7
    h = eps.square()
    h2, cube, m = h.square(), eps * h, 1 + twice
    a, e = 1 + cube * al, eps * et - 1
    nu1 = 2 * al + cube * (al.square() + (1 - h) * be.square()) + m * (eps * ga.square())
    outer, short, out = de.square(), si.square() + ta.square(), e
    if twice:
        ph, om = xi[7:]
        outer, short, out = outer + ph.square(), short + om.square(), e + eps * ph
    nu2 = eps * (et.square() + outer) - 2 * et
    square1, square2 = 1 + cube * nu1, 1 + eps * nu2
    u1, u2, r = square1.sqrt(), square2.sqrt(), short.sqrt()
    m1, m2 = nu1 / (1 + u1), nu2 / (1 + u2)
    xb, xc, xd, xt, xs = be / u1, ga / u1, de / u2, ta / r, si / r
    x11 = (2 * (a * be) + (1 - 2 * h) * (h * be.square()) + m * ga.square()) / square1
    x12 = (ga * out + a * de + h * (1 - h) * (be * de)) / (u1 * u2)
    drift = h * (al * xt) + eps * (1 - h) * (be * xt) + ga * (xs + om / r if twice else xs)  # u1 X13 = xt + eps drift
    tilt = de * xt + ph * (om / r) if twice else de * xt
    x13 = (xt + eps * drift) / u1
    x23 = (e * xs + eps * tilt) / u2
    z11, z12, z13, z23 = (h2 * x11).square(), (h * x12).square(), (eps * x13).square(), x23.square()
    zb, zc, zd, zt = (h2 * xb).square(), (h * xc).square(), (h * xd).square(), (eps * xt).square()
    s11, s12, s13, s23 = [(1 - z).sqrt() for z in (z11, z12, z13, z23)]
    sb, sc, sd, st = [(1 - z).sqrt() for z in (zb, zc, zd, zt)]
    ss = (ta.square() + om.square()).sqrt() / r if twice else xt
    sa, se = (h * (1 - h) * be.square() + m * ga.square()).sqrt() / u1, outer.sqrt() / u2
    y13 = (drift - h * (m1 * xt)) / u1
    y23 = (xs * (m2 + et) + tilt) / u2
    d1 = u1 * x11.square() / (1 + s11) - xb.square() / (1 + sb)
    d2 = u2 * x12.square() / (1 + s12) - xc.square() / (1 + sc)
    d3 = u1 * x12.square() / (1 + s12) - xd.square() / (1 + sd)
    b13, b23 = y13 * (x13 + xt) / (s13 + st), y23 * (x23 - xs) / (s23 + ss)
    w = y13 * (x13 + xt) / (x13 * st + xt * s13)
    v = y23 * (x23 - xs) / (x23 * ss - xs * s23)
    c = _across(xi, eps, (e, u2, r), m2) if twice else None
    weight1 = ((1 - h) * (m1 - eps * h2 * d1) + m * (m2 - cube * d2 + r * s13) - eps * sa) / u1
    weight2, weight3 = m1 - eps * d3 + r * s23 - se, m1 - h * (m1 * x13.square()) / (1 + s13) - b13 + m2 * s23 - b23
    if c:
        _, s, s33 = c.sines
        weight2, weight3 = weight2 + m2 - eps * c.bend + r * s, weight3 + m2 * s - c.drop + r * s33
    return Values(
        h, eps, (al, be, ga, et, de, ta, si), a, e, (u1, u2, r), (m1, m2), x11, x12, x13, x23, (s11, s12, s13, s23),
        x11 * arcsine_ratio(z11), x12 * arcsine_ratio(z12), x13 * arcsine_ratio(z13), x23 * arcsine_ratio(z23),
        (xb, xc, xd, xt, xs), (sb, sc, sd, st, ss),
        (xb * arcsine_ratio(zb), xc * arcsine_ratio(zc), xd * arcsine_ratio(zd)), (sa, se), (d1, d2, d3), drift,
        (y13, y23), (b13, b23), (w * arcsine_ratio((h * w).square()), v * arcsine_ratio((eps * v).square())),
        (weight1, weight2 / u2, weight3 / r), c,
    )  # fmt: skip


def _across(xi: Sequence[Jet], eps: Jet, sizes: tuple[Jet, Jet, Jet], m2: Jet) -> Across:
    """sizes: e, |w_2| and |w_3| / eps."""
    _, _, _, et, de, ta, si, ph, om = xi
    e, u2, r = sizes
    xt, xs, xw, xf = ta / r, si / r, om / r, ph / u2
    x22 = (2 * (e * ph) + eps * de.square()) / u2.square()
    x23 = (e * xw + eps * (ph * xs + de * xt)) / u2
    x33 = 2 * (xs * xw) + xt.square()
    z22, z23, z33, zf = (eps * x22).square(), x23.square(), x33.square(), (eps * xf).square()
    s22, s23, s33, sf = [(1 - z).sqrt() for z in (z22, z23, z33, zf)]
    sw = (ta.square() + si.square()).sqrt() / r
    near = (xw * (m2 + et) + ph * xs + de * xt) / u2
    arc = near * (x23 - xw) / (x23 * sw - xw * s23)
    return Across(
        ph, om, x22, x23, x33, (s22, s23, s33),
        x22 * arcsine_ratio(z22), x23 * arcsine_ratio(z23), x33 * arcsine_ratio(z33), xf, xw, (sf, sw),
        xf * arcsine_ratio(zf), u2 * x22.square() / (1 + s22) - xf.square() / (1 + sf), near,
        near * (x23 - xw) / (s23 + sw), arc * arcsine_ratio((eps * arc).square()),
    )  # fmt: skip


def reduced(v: Values) -> Reduced:
    """A12, A15: the reduced gradient with its leading cancellations removed."""
    eps, h, half, m, c = v.eps, v.h, pi() / 2, v.directions, v.across
    al, be, ga, et, de, ta, si = v.xi
    (sa, se), (w1, w2, w3), (tb, tc, td) = v.own_sines, v.weights, v.teacher_arcs
    w, vv = v.arcs
    cube, small = eps * h, 1 - h
    q11, q12, q13, q23 = half + h.square() * v.p11, half + h * v.p12, half + eps * v.p13, half + v.p23
    out, own_all, short_all = (v.e + eps * c.phi, et + c.phi, si + c.omega) if c else (v.e, et, si)
    row = 1 + cube * al + small * (h * be)  # a + (n - 1) b
    lean = half * (eps * al + small * be)
    first = small * (q11 * be) + m * (q12 * de + q13 * ta) + sa * arcsine_ratio((h * sa).square())
    first = w1 * v.a + pi() * (h * al) + eps * first
    second = half * (be + m * (de + ta)) + eps * (half * al) + cube * (w1 * be)
    second = second + m * (h * (v.p12 * de) + eps * (v.p13 * ta)) + h * (v.p11 * (row - h.square() * be) - tb)
    third = h * (w1 * ga) + eps * (half * ga) + small * (cube * (v.p11 * ga)) + half * (own_all + short_all)
    third = third + eps * (v.p12 * out + v.p13 * short_all - tc)
    fourth = (eps * w2 + pi()) * de + lean + v.p12 * row + q23 * ta - td
    own = w2 * v.e + pi() * et + eps * (v.p12 * ga) + q23 * si - se * arcsine_ratio((eps * se).square())
    other = (w3 + pi()) * ta + lean + v.p13 * (h * al + eps * small * be) + w + q23 * de
    last = (w3 + pi()) * si + v.p13 * ga + q23 * et - vv
    leading = half * ga - pi()
    if not c:
        return Reduced(leading, first, second, third, fourth, own, other, last)
    q22, qz, q33 = half + eps * c.p22, half + c.p23, half + c.p33
    beyond = (eps * w2 + pi()) * c.phi + eps * (v.p12 * ga) + half * et + c.p22 * v.e + q23 * c.omega + qz * si - c.tf
    far = (w3 + pi()) * c.omega + v.p13 * ga + q23 * c.phi + qz * et + q33 * si - c.arc
    return Reduced(
        leading, first, second, third, fourth + q22 * de + qz * ta, own + q22 * c.phi + qz * c.omega,
        other + qz * de + q33 * ta, last + qz * c.phi + q33 * c.omega, beyond, far,
    )  # fmt: skip


def system(v: Values, r: Reduced) -> list[Jet]:
    """The scaled system, zero exactly at the fixed critical points."""
    common = r.leading + v.eps * r.third
    result = [r.first, r.second, common, r.own - r.third, r.fourth, r.other, r.last - r.third]
    return result if r.beyond is None or r.far is None else [*result, r.beyond - r.third, r.far - r.third]


def loss(v: Values, _reduced: Reduced) -> Jet:
    """M L where the system vanishes (elsewhere it means nothing)."""
    eps, h, half, m, c = v.eps, v.h, pi() / 2, v.directions, v.across
    al, be, ga, et, de, ta, si = v.xi
    (u1, u2, r), (m1, m2), (sa, se) = v.norms, v.excess, v.own_sines
    (xb, xc, xd, _, _), (sb, sc, sd, _, _), (tb, tc, td) = v.teacher_cosines, v.teacher_sines, v.teacher_arcs
    (d1, d2, d3), (b13, b23), (w, vv), (w1, w2, _) = v.bends, v.drops, v.arcs, v.weights
    small = 1 - h
    rest_a, rest_e = arcsine_rest((h * sa).square()), arcsine_rest((eps * se).square())
    c_a = sa * sa.square() * (u1.square() / (u1 + v.a) - v.a * rest_a)
    c_e = se * se.square() * (u2.square() / (u2 - v.e) + v.e * rest_e)
    out, short_all = (v.e + eps * c.phi, si + c.omega) if c else (v.e, si)
    third = eps * (w1 * ga) + half * ga + small * (h * (v.p11 * ga)) + v.p12 * out + v.p13 * short_all - tc
    part = 2 * third - d3 - (m2 + et) * w2 - v.p12 * ga + eps * (se * se.square() * rest_e)
    part = part - si * vv - r * b23 + ta * w - r * b13 + v.p12 * de - d2
    part = part + u1 * xc.square() / (1 + sc) - tc * ga + u2 * xd.square() / (1 + sd) - td * de - eps * c_e
    if c:
        part = part - c.bend - c.omega * c.arc - c.p22 * c.phi - r * c.drop
        part = part + u2 * c.xf.square() / (1 + c.teacher_sines[0]) - c.tf * c.phi
    inner = half * (small * be + m * (de + ta)) + pi() * (eps * al) + small * (h.square() * (v.p11 * be))
    inner = inner + m * (h * (v.p12 * de) + eps * (v.p13 * ta))
    total = m * part + eps * ((m1 - al) / v.a * inner) + small * (h * (v.p11 * be))
    total = total - small * (h * d1) + h * (sa * sa.square() * u1 / v.a * (rest_a + u1 / (u1 + v.a))) - h * c_a
    total = total + small * (h * (u1 * xb.square() / (1 + sb) - tb * be))
    result: Jet = (1 + m * h) * total / (4 * pi())
    return result


def limit(directions: int = 1) -> list[Ball]:
    """Near the zero of the system at infinite width."""
    return [dyadic_ball((round(x * 2**20), -20)) for x in NEAR[directions - 1]]
