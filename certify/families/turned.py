"""K = M students, p of them turned against their teachers: the system scaled to be smooth at infinite width.

docs/all-sizes.md, A1 to A5.  n = K - p students follow their teachers; h = eps^2 = 1 / n.  A point fixed by
S_n x S_p has the entries

    a = 1 + h^2 alpha, b = h^2 beta, c = h gamma          own, other followed, turned coordinates of a following student
    e = -1 + h eta, d = h delta, f = h phi                own, followed, other turned coordinates of a turned student

(p = 1: no f).  All functions take jets (arithmetic/jets.py) and enclose for real n > 2, n = infinity included.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from certify.arithmetic import pi
from certify.arithmetic.jets import Jet, arcsine_ratio, arcsine_rest

Ball = Any

NAMES = ("alpha", "beta", "gamma", "delta", "eta", "phi")


class Values(NamedTuple):
    """Scaled quantities at a point; the true ones are in the comments."""

    h: Jet
    eps: Jet
    xi: Sequence[Jet]  # alpha, beta, gamma, delta, eta, phi (phi = 0 for p = 1)
    a: Jet
    e: Jet
    norms: tuple[Jet, Jet]  # |w|
    excess: tuple[Jet, Jet]  # m1 = (|w_1| - 1) / h^2, m2 = (|w_2| - 1) / h
    cosines: tuple[Jet, Jet, Jet]  # x11 / h^2, x12 / h, x22 / h
    sines: tuple[Jet, Jet, Jet]  # s11, s12, s22
    teacher_cosines: tuple[Jet, Jet, Jet, Jet]  # xb / h^2, xc / h, xd / h, xf / h
    teacher_sines: tuple[Jet, Jet, Jet, Jet]  # sb, sc, sd, sf
    own_sines: tuple[Jet, Jet]  # sa / h, se / eps
    weights: tuple[Jet, Jet]  # alpha_1 / h, alpha_2 / eps
    arcs: tuple[Jet, Jet, Jet]  # asin x11 / h^2, asin x12 / h, asin x22 / h
    differences: tuple[Jet, Jet, Jet, Jet]  # D1 to D4


class Reduced(NamedTuple):
    """The reduced gradient: F_a = h Ga, F_b = h Gb, F_c = L + h R, F_d = h Gd, F_e = L + h E, F_f = L + h F with
    L = (pi / 2) gamma - pi; and rest with Gb = (pi / 2) (beta + p delta) + h rest.
    """

    leading: Jet
    parts: tuple[Jet, ...]  # Ga, Gb, R, Gd, E, F (p = 1: without F)
    rest: Jet


def values(xi: Sequence[Jet], eps: Jet, p: int) -> Values:
    """All quantities the system, the loss and the blocks need."""
    h = eps.square()
    al, be, ga, de, et = xi[:5]
    ph = xi[5] if p > 1 else al * 0
    a, e = 1 + h.square() * al, h * et - 1
    nu1 = 2 * al + (h * al).square() + h * (1 - h) * be.square() + p * ga.square()
    nu2 = de.square() - 2 * et + h * et.square() + (p - 1) * (h * ph.square())
    square1, square2 = 1 + h.square() * nu1, 1 + h * nu2
    u1, u2 = square1.sqrt(), square2.sqrt()
    m1, m2 = nu1 / (1 + u1), nu2 / (1 + u2)
    x11 = (2 * (a * be) + (1 - 2 * h) * (h * be.square()) + p * ga.square()) / square1
    x12 = (a * de + h * (1 - h) * (be * de) + ga * e + (p - 1) * (h * (ga * ph))) / (u1 * u2)
    x22 = (de.square() + 2 * (e * ph) + (p - 2) * (h * ph.square())) / square2
    xb, xc, xd, xf = be / u1, ga / u1, de / u2, ph / u2
    h2 = h.square()
    squares = [(h2 * x11).square(), (h * x12).square(), (h * x22).square()]
    s11, s12, s22 = [(1 - y).sqrt() for y in squares]
    teacher = [(h2 * xb).square(), (h * xc).square(), (h * xd).square(), (h * xf).square()]
    sb, sc, sd, sf = [(1 - y).sqrt() for y in teacher]
    sa = (h * (1 - h) * be.square() + p * ga.square()).sqrt() / u1
    se = (de.square() + (p - 1) * (h * ph.square())).sqrt() / u2
    d1 = u1 * x11.square() / (1 + s11) - xb.square() / (1 + sb)
    d2 = u2 * x12.square() / (1 + s12) - xc.square() / (1 + sc)
    d3 = u1 * x12.square() / (1 + s12) - xd.square() / (1 + sd)
    d4 = u2 * x22.square() / (1 + s22) - xf.square() / (1 + sf)
    weight1 = ((1 - h) * (m1 - h2 * d1) + p * (m2 - h * d2) - sa) / u1
    weight2 = (eps * (m1 - d3 + (p - 1) * (m2 - h * d4)) - se) / u2
    arcs = [x * arcsine_ratio(y) for x, y in zip((x11, x12, x22), squares, strict=True)]
    return Values(
        h, eps, (al, be, ga, de, et, ph), a, e, (u1, u2), (m1, m2), (x11, x12, x22), (s11, s12, s22),
        (xb, xc, xd, xf), (sb, sc, sd, sf), (sa, se), (weight1, weight2), (arcs[0], arcs[1], arcs[2]),
        (d1, d2, d3, d4),
    )  # fmt: skip


def reduced(v: Values, p: int) -> Reduced:
    """A2: the reduced gradient with its leading cancellations removed."""
    h, h2, half = v.h, v.h.square(), pi() / 2
    al, be, ga, de, et, ph = v.xi
    (u2, (m1, m2)), (sa, se) = (v.norms[1], v.excess), v.own_sines
    p11, p12, p22 = v.arcs
    q11, q12, q22 = half + h2 * p11, half + h * p12, half + h * p22
    tb, tc, td, tf = _teacher_arcs(v)
    w1, w2 = v.weights[0], v.eps * v.weights[1]
    row = 1 + h2 * al + (1 - 2 * h) * (h * be)  # a + (n - 2) b
    first = w1 * v.a + pi() * (al * h) + (1 - h) * (q11 * be) + p * (q12 * de) + sa * arcsine_ratio((h * sa).square())
    rest = h * (w1 * be) + half * al + p11 * row + p * (p12 * de) - tb
    second = half * (be + p * de) + h * rest
    third = h * (w1 * ga) + half * ga + (1 - h) * (h * (p11 * ga)) - p12 + q12 * (et + (p - 1) * ph) - tc
    fourth = (w2 + pi()) * de + half * (al * h + be * (1 - h)) + p12 * (row + h2 * be) + (p - 1) * (q22 * de) - td
    g = m1 - v.differences[2] + (p - 1) * (m2 - h * v.differences[3])
    own = v.eps * se * (m2 / u2 + se.square() * arcsine_rest((v.eps * se).square()))
    fifth = pi() * et + p12 * ga + (p - 1) * (q22 * ph) - g / u2 - own + et * w2
    parts: tuple[Jet, ...] = (first, second, third, fourth, fifth)
    if p > 1:
        parts = (*parts, (w2 + pi()) * ph + p12 * ga - p22 + q22 * (et + (p - 2) * ph) - tf)
    return Reduced(half * ga - pi(), parts, rest)


def _teacher_arcs(v: Values) -> list[Jet]:
    """asin xb / h^2, asin xc / h, asin xd / h, asin xf / h."""
    scales = (v.h.square(), v.h, v.h, v.h)
    return [x * arcsine_ratio((s * x).square()) for s, x in zip(scales, v.teacher_cosines, strict=True)]


def system(r: Reduced, h: Jet) -> list[Jet]:
    """The scaled system, zero exactly at the fixed critical points: Ga, Gb, L + h R, Gd, E - R, F - R."""
    first, second, third, fourth, *others = r.parts
    return [first, second, r.leading + h * third, fourth, *(x - third for x in others)]


def scaled_loss(v: Values, r: Reduced, p: int) -> Jet:
    """A4: K L(W) where the system vanishes (elsewhere it means nothing)."""
    h, half = v.h, pi() / 2
    al, be, _, de, _, ph = v.xi
    (u1, u2), (m1, m2), (sa, se) = v.norms, v.excess, v.own_sines
    d1, d2 = v.differences[:2]
    p11, p12, _ = v.arcs
    rest_a, rest_e = arcsine_rest((h * sa).square()), arcsine_rest((v.eps * se).square())
    sa3, se3 = sa * sa.square(), se * se.square()
    inner = pi() * al - r.rest - half * be + (1 - h) * (h * (p11 * be)) + p * (p12 * de)
    inner = inner + h * sa3 * (rest_a + u1 / (u1 + v.a))
    excess = m1 + (1 - h) * (h * d1) + p * d2 - (u1 / v.a) * inner  # (m1 + p m2) / h
    own_a = sa3 * (u1.square() / (u1 + v.a) - v.a * rest_a)
    own_e = se3 * (u2.square() / (u2 - v.e) + v.e * rest_e)
    scales = (h.square(), h, h, h)
    across = [
        u * x.square() * (arcsine_ratio((scale * x).square()) - 1 / (1 + s))
        for u, x, s, scale in zip((u1, u1, u2, u2), v.teacher_cosines, v.teacher_sines, scales, strict=True)
    ]
    total = p * r.parts[2] - excess + r.rest - pi() * al - h * own_a + m1 + half * be - (1 - h) * (h * across[0])
    total = total - p * (m1 + across[1] + across[2] + v.eps * own_e)
    total = total - p * (p - 1) * (m2 + half * ph + h * across[3])
    result: Jet = (1 + p * h) * total / (4 * pi())
    return result


def limit(p: int) -> list[Ball]:
    """A3: the zero of the system at infinite width."""
    x = 1 / pi()
    result = [8 * p * x, -4 * p * x, pi() * 0 + 2, 4 * x, 2 + 8 * x + 8 * x**2]
    return result if p == 1 else [*result, (16 * x**2 + 4 + pi() - 12 * x) / (1 + pi() / 2)]
