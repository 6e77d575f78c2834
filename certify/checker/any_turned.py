"""n + p students, p of them turned against their teachers, for all n and p: the system and blocks, scaled
(docs/all-sizes.md, A14).

share^2 = rho = p / n, kappa^2 = 1 / p, h = 1 / n.  The unknowns alpha, ..., phi stand for the entries

    following student:  own 1 + rho h alpha,  other followed rho h beta,  turned h gamma
    turned student:     own -1 + h eta,       followed h delta,           other turned h phi

As in `turned`, everything encloses the exact quantity for all real n and p, share = 0 and kappa = 0 included.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from certify.checker.errors import Rejected
from certify.checker.jets import Jet, Laurent
from certify.checker.patches import Blocks, Matrix
from certify.checker.turned import half_of
from certify.checker.turned_blocks import (
    Class,
    Form,
    Scene,
    antisymmetric,
    free_weight,
    laurent,
    product,
    summed,
    without_sums,
)


class Point(NamedTuple):
    """The scaled quantities; the true value is given where it differs.  1: a follower, 2: a turned student."""

    share: Jet
    kappa: Jet
    eps: Jet
    rho: Jet
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
    m1: Jet  # u1 = 1 + rho h m1
    m2: Jet  # u2 = 1 + h m2
    s11: Jet
    s12: Jet
    s22: Jet
    x11: Jet  # rho h x11
    x12: Jet  # h x12
    x22: Jet  # h x22
    p11: Jet  # asin: rho h p11
    p12: Jet  # h p12
    p22: Jet  # h p22
    xb: Jet  # rho h xb
    xc: Jet  # h xc
    xd: Jet  # h xd
    xf: Jet  # h xf
    sb: Jet
    sc: Jet
    sd: Jet
    sf: Jet
    tb: Jet  # asin: rho h tb
    tc: Jet  # h tc
    td: Jet  # h td
    tf: Jet  # h tf
    sa: Jet  # share^2 kappa sa
    se: Jet  # eps se
    d1: Jet
    d2: Jet
    fall: Jet
    growth: Jet
    w1: Jet  # alpha_1
    w2: Jet  # alpha_2


class System(NamedTuple):
    """The scaled system, all zero exactly at the fixed critical points."""

    a: Jet
    b: Jet
    c: Jet
    d: Jet
    e: Jet
    f: Jet


def point(unknowns: Sequence[Jet], share: Jet, kappa: Jet) -> Point:
    """Rejects unless a > 0 > e, no student is zero and no two of all rows are parallel, in the scaled sense."""
    al, be, ga, de, et, ph = unknowns
    eps, rho = share * kappa, share.square()
    h = eps.square()
    rhh, h1 = rho * h, 1 - h
    a, e = 1 + rhh * al, h * et - 1
    if not (a.value[0] > 0 and e.value[1] < 0):
        raise Rejected("domain", "an own entry may have the wrong sign")
    side_a = h1 * (rho * be.square()) + ga.square()
    side_e = de.square() + (rho - h) * ph.square()
    v1 = 2 * al + rhh * al.square() + side_a
    v2 = side_e - 2 * et + h * et.square()
    n1, n2 = 1 + rhh * v1, 1 + h * v2
    u1, u2 = n1.sqrt(), n2.sqrt()
    m1, m2 = v1.over(1 + u1), v2.over(1 + u2)
    x11 = (2 * (a * be) + (1 - 2 * h) * (rho * be.square()) + ga.square()).over(n1)
    x12 = (a * de + h1 * (rho * (be * de)) + ga * e + (rho - h) * (ga * ph)).over(u1 * u2)
    x22 = (de.square() + 2 * (e * ph) + (rho - 2 * h) * ph.square()).over(n2)
    xb, xc, xd, xf = be.over(u1), ga.over(u1), de.over(u2), ph.over(u2)
    z11, z12, z22 = (rhh * x11).square(), (h * x12).square(), (h * x22).square()
    zb, zc, zd, zf = (rhh * xb).square(), (h * xc).square(), (h * xd).square(), (h * xf).square()
    s11, s12, s22, sb, sc, sd, sf = ((1 - z).sqrt() for z in (z11, z12, z22, zb, zc, zd, zf))
    sa, se = side_a.sqrt().over(u1), side_e.sqrt().over(u2)
    d1 = (u1 * x11.square()).over(1 + s11) - xb.square().over(1 + sb)
    d2 = (u2 * x12.square()).over(1 + s12) - xc.square().over(1 + sc)
    d3 = (u1 * x12.square()).over(1 + s12) - xd.square().over(1 + sd)
    d4 = (u2 * x22.square()).over(1 + s22) - xf.square().over(1 + sf)
    growth = h1 * (m1 - rhh * d1) + m2 - h * d2
    fall = d3 + m2 + (rho - h) * d4
    return Point(
        share, kappa, eps, rho, h, al, be, ga, de, et, ph, a, e, u1, u2, m1, m2, s11, s12, s22, x11, x12, x22,
        x11 * z11.arcsine_ratio(), x12 * z12.arcsine_ratio(), x22 * z22.arcsine_ratio(), xb, xc, xd, xf, sb, sc, sd, sf,
        xb * zb.arcsine_ratio(), xc * zc.arcsine_ratio(), xd * zd.arcsine_ratio(), xf * zf.arcsine_ratio(), sa, se,
        d1, d2, fall, growth, (rho * (growth - kappa * sa)).over(u1), (rho * (m1 + m2) - h * fall - eps * se).over(u2),
    )  # fmt: skip


def gradient(x: Point) -> System:
    """With F_a, ..., F_f the components of 2 pi times the gradient: F_a / rho, F_b / rho, F_c, and h times the others
    are F_d - F_b, F_e - F_c + (rho u1 / (u2 a)) (F_a - F_b) / rho, F_f - F_c.
    """
    rho, h, pi, half = x.rho, x.h, x.eps.f.pi, half_of(x.eps.f.pi)
    rhh, h1 = rho * h, 1 - h
    root = x.share * x.eps
    cube = x.sa * x.sa.square()
    tail = root * (cube * ((root * x.sa).square().arcsine_rest() + x.u1.over(x.u1 + x.a)))
    inner = x.p11 * (1 + rhh * x.al + (1 - 2 * h) * (rho * x.be)) - x.tb
    side = x.w1 * x.be + x.al.by(half) + inner + x.p12 * x.de
    row = (rho - h) * x.ph + h * x.et - 1  # e + (p - 1) f
    fa = (x.a * x.growth).over(x.u1) + h * x.al.by(pi) + h1 * (x.be.by(half) + rhh * (x.p11 * x.be))
    fa = fa + x.de.by(half) + h * (x.p12 * x.de + tail)
    fb = h * side + (x.be + x.de).by(half)
    rest = x.w1 * x.ga + x.ga.by(half) + h1 * (rho * (x.p11 * x.ga)) + x.p12 * row + (x.et - x.ph).by(half) - x.tc
    fc = (x.ga + rho * x.ph).by(half).plus((-pi[1], -pi[0])) + h * rest
    fd = x.w2 * x.de + x.de.by(half) + rho * (x.al - x.be).by(half) - rho * side
    fd = fd + x.p12 * (1 + rhh * x.al + h1 * (rho * x.be)) + x.p22 * ((rho - h) * x.de) - x.td
    pulled = (x.al - x.be).by(half) + h1 * (rho * (x.p11 * x.be)) - inner - x.w1 * x.be + tail
    fe = (rho * (x.u1 * pulled)).over(x.u2 * x.a) - (rho * (x.m1 + h1 * (rho * x.d1) + x.d2) - x.fall).over(x.u2)
    angle = x.m2.over(x.u2) + x.se.square() * (x.eps * x.se).square().arcsine_rest()
    fe = fe - x.eps * (x.se * angle) + x.w2 * x.et + x.et.by(pi) + x.p12 * x.ga + x.p22 * ((rho - h) * x.ph)
    fe = fe - x.ph.by(half) - rest
    ff = x.w2 * x.ph + x.ph.by(pi) + x.p12 * x.ga + (x.et - 2 * x.ph).by(half) + x.p22 * (row - h * x.ph)
    return System(fa, fb, fc, fd, fe, ff - x.tf - rest)


def blocks(x: Point) -> Blocks:
    """Name and lower triangle of every block of 2 pi Hess L and 2 pi A but the trivial one of the Hessian."""
    put, flat = laurent(x.share, x.kappa), x.h * 0
    scene, first, second = _arranged(x, put)
    one, zero = scene.one, scene.zero
    n, p = first.members, second.members
    eps, kappa = put(flat + 1, 1, 1), put(flat + 1, 0, 1)
    square = eps * eps
    angles = put(x.p11, 4, 2), put(x.p12, 2, 2), put(x.p22, 2, 2)
    whole = put(flat.plus(half_of(flat.f.pi)), 0, 0)
    basis = [
        [one, zero, zero, zero, zero], [zero, eps, zero, zero, zero], [zero, zero, square, zero, zero],
        [zero, zero, zero, kappa, zero], [zero, zero, -(kappa * p).over(n - one), zero, kappa],
    ]  # fmt: skip
    sums = [one, -eps, (n - one) * square, zero, zero]
    yield "standard n", _standard((scene, first, second), (whole, *angles), basis, sums)
    basis = [
        [one, zero, zero, zero, zero], [zero, kappa, zero, zero, zero],
        [zero, zero, kappa, zero, -(kappa * (p - one)).over(n)],
        [zero, zero, zero, eps, zero], [zero, zero, zero, zero, square],
    ]  # fmt: skip
    sums = [one, -kappa, zero, zero, n * square]
    yield "standard p", _standard((scene, second, first), (whole, *angles[::-1]), basis, sums)
    yield "standard n x standard p", [[entry.at() for entry in line] for line in product(scene, first, second)]
    for name, side in (("n", first), ("p", second)):
        yield f"antisymmetric {name}", [[antisymmetric(scene, side).at()]]
        yield f"ambient {name}", [[free_weight(scene, side).at()]]
    followers, turned = [square, -(kappa * p).over(n)], [zero, kappa]
    terms = [
        (n * free_weight(scene, first), followers, followers), (p * free_weight(scene, second), turned, turned),
        (whole, [n * square, zero], [n * square, zero]), (angles[0] * n * n, followers, followers),
        (angles[1] * n * p, followers, turned), (angles[1] * n * p, turned, followers),
        (angles[2] * p * p, turned, turned),
    ]  # fmt: skip
    yield "ambient trivial", [[entry.at() for entry in line] for line in summed(terms, zero)]


def _arranged(x: Point, put: Callable[..., Laurent]) -> tuple[Scene, Class, Class]:
    """The two classes; no shift."""
    half, zero = half_of(x.h.f.pi), x.h * 0
    q11, q12, q22 = (x.rho * x.h * x.p11).plus(half), (x.h * x.p12).plus(half), (x.h * x.p22).plus(half)
    first = Class(
        put(zero + 1, -2, -2), put(x.a, 0, 0), put(x.be, 4, 2), put(x.ga, 2, 2), put(x.u1, 0, 0), put(x.w1, 0, 0),
        put(x.sa, 2, 1), put(x.x11, 4, 2), put(x.s11, 0, 0), put(q11, 0, 0), put(x.xb, 4, 2), put(x.sb, 0, 0),
        put(x.xc, 2, 2), put(x.sc, 0, 0),
    )  # fmt: skip
    second = Class(
        put(zero + 1, 0, -2), put(x.e, 0, 0), put(x.ph, 2, 2), put(x.de, 2, 2), put(x.u2, 0, 0), put(x.w2, 0, 0),
        put(x.se, 1, 1), put(x.x22, 2, 2), put(x.s22, 0, 0), put(q22, 0, 0), put(x.xf, 2, 2), put(x.sf, 0, 0),
        put(x.xd, 2, 2), put(x.sd, 0, 0),
    )  # fmt: skip
    constants = put(zero + 1, 0, 0), put(zero, 0, 0), put(zero.plus(x.h.f.pi), 0, 0)
    return Scene(*constants, put(x.x12, 2, 2), put(x.s12, 0, 0), put(q12, 0, 0)), first, second


def _standard(
    sides: tuple[Scene, Class, Class],
    angles: Sequence[Laurent],
    basis: Sequence[Form],
    sums: Form,
) -> Matrix:
    """The standard block of the first class on a basis given by its coordinates.

    angles: pi / 2, and it less the angle of two students of the first, of each, and of two of the second; sums: the sum
    of all students of the members of the basis, of which the angle pi / 2 sees nothing else.
    """
    scene, _, o = sides
    zero, p = scene.zero, o.members
    terms, total, last = without_sums(*sides)
    half, own, across, other = angles
    terms = [
        *terms,
        (own, total, total),
        (across * p, total, last),
        (across * p, last, total),
        (other * p * p, last, last),
    ]
    moved = [(w, _on(y, basis, zero), _on(z, basis, zero)) for w, y, z in terms]
    return [[entry.at() for entry in line] for line in summed([*moved, (half, sums, sums)], zero)]


def _on(form: Form, basis: Sequence[Form], zero: Laurent) -> Form:
    """A linear form on the members of a basis."""
    result = []
    for member in basis:
        parts = [a * b for a, b in zip(form, member, strict=True) if a is not zero and b is not zero]
        result.append(sum(parts, zero) if parts else zero)
    return result


def trivial(x: Point, rows: Any) -> Matrix:
    """The trivial block of 2 pi Hess L at a zero, for share, kappa > 0: N_r dF_r / ds for r, s in a, ..., f.

    rows: for each quantity of a System its derivatives by the unknowns.
    """
    rho, h, one = x.rho, x.h, x.h * 0 + 1
    tilt = (rho * x.u1).over(x.u2 * x.a)
    fa, fb = ([rho * y for y in row] for row in (rows.a, rows.b))
    fd = [h * y + z for y, z in zip(rows.d, fb, strict=True)]
    fe = [c + h * y + tilt * (b - a) for a, b, c, y in zip(rows.a, rows.b, rows.c, rows.e, strict=True)]
    ff = [c + h * y for c, y in zip(rows.c, rows.f, strict=True)]
    n, p = one.over(h), rho.over(h)
    counts = [n, n * (n - one), n * p, n * p, p, p * (p - one)]
    scales = [rho * h] * 2 + [h] * 4
    return [
        [(count * row[j]).over(scales[j]) for j in range(i + 1)]
        for i, (count, row) in enumerate(zip(counts, (fa, fb, rows.c, fd, fe, ff), strict=True))
    ]
