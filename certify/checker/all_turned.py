"""All n students turned against their teachers, K = M = n: system, loss and blocks, scaled (docs/all-sizes.md, A10).

eps^2 = h = 1 / n.  The unknowns eta, phi stand for the entries: own -1 + h eta, other h phi.  As in `turned`,
everything is a Jet that encloses the exact quantity for all real n > 2 with eps in its interval, eps = 0 included.
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
    antisymmetric,
    free_weight,
    of_known_order,
    scaled_matrix,
    standard,
)


class Point(NamedTuple):
    """The scaled quantities; the true value is given where it differs."""

    eps: Jet
    h: Jet
    eta: Jet
    phi: Jet
    e: Jet
    u: Jet
    m: Jet  # u = 1 + h m
    x: Jet  # cosine of two students: h x
    s: Jet
    p: Jet  # asin: h p
    q: Jet  # pi - t
    xf: Jet  # cosine with another's teacher: h xf
    sf: Jet
    tf: Jet  # asin: h tf
    se: Jet  # sine with the own teacher's axis: eps se
    d: Jet
    w: Jet  # alpha


class System(NamedTuple):
    """2 pi times the gradient on the fixed space: F_e = e, F_f = lead + h f."""

    lead: Jet
    e: Jet
    f: Jet

    def equations(self, x: Point) -> list[Jet]:
        """The scaled system, all zero exactly at the fixed critical points."""
        return [self.e, self.lead + x.h * self.f]


def point(unknowns: Sequence[Jet], eps: Jet) -> Point:
    """Rejects unless e < 0, no student is zero and no two of all rows are parallel, in the scaled sense."""
    eta, phi = unknowns
    h = eps.square()
    e = h * eta - 1
    if not e.value[1] < 0:
        raise Rejected("domain", "an own entry may have the wrong sign")
    v = (1 - h) * phi.square() - 2 * eta + h * eta.square()
    square = 1 + h * v
    u = square.sqrt()
    m = v.over(1 + u)
    x = (2 * (e * phi) + (1 - 2 * h) * phi.square()).over(square)
    xf = phi.over(u)
    r, rf = (h * x).square(), (h * xf).square()
    s, sf = (1 - r).sqrt(), (1 - rf).sqrt()
    se = ((1 - h) * phi.square()).sqrt().over(u)
    d = (u * x.square()).over(1 + s) - xf.square().over(1 + sf)
    w = ((1 - h) * (m - h * d) - eps * se).over(u)
    p = x * r.arcsine_ratio()
    q = (h * p).plus(half_of(eps.f.pi))
    return Point(eps, h, eta, phi, e, u, m, x, s, p, q, xf, sf, xf * rf.arcsine_ratio(), se, d, w)


def gradient(x: Point) -> System:
    """The gradient; its zeros are those of e and of lead + h f."""
    h, pi, half = x.h, x.eps.f.pi, half_of(x.eps.f.pi)
    own = x.eps * x.se * (x.eps * x.se).square().arcsine_ratio()
    fe = (x.w * x.e) + x.e.by(pi) + (1 - h) * (x.q * x.phi) - own
    row = h * x.eta - 1 + (1 - 2 * h) * x.phi  # e + (n - 2) f
    ff = x.w * x.phi + x.phi.by(pi) + (x.eta - 2 * x.phi).by(half) + x.p * row - x.tf
    return System(x.phi.by(half).plus((-pi[1], -pi[0])), fe, ff)


def scaled_loss(x: Point, r: System) -> Jet:
    """4 pi L at a zero of the system; elsewhere a number without meaning."""
    h, pi = x.h, x.eps.f.pi
    rest = (x.eps * x.se).square().arcsine_rest()
    growth = x.eta.by(pi).plus((-pi[1], -pi[0])) - (1 - h) * (r.f - x.p * x.phi - x.d.over(x.u))
    growth = growth + x.eta * x.w - x.eps * (x.se * (x.m.over(x.u) + x.se.square() * rest))
    own = x.se * x.se.square() * (x.u.square().over(x.u - x.e) + x.e * rest)
    across = x.phi * x.tf - (x.u * x.xf.square()).over(1 + x.sf)
    return ((1 - h) * (r.f - across) - x.u * growth - x.eps * own).plus(pi)


def blocks(x: Point, rows: Any, shift: Interval) -> Blocks:
    """Name and lower triangle of every block; rows and shift as in `turned_blocks`."""
    scene, students, nobody = _classes(x, *of_known_order(x.eps, shift))
    yield "trivial", _trivial(x, rows, shift)
    full = standard(scene, students, nobody)
    yield "standard n", scaled_matrix(full[:3], FOLLOWED)
    yield "antisymmetric n", [[antisymmetric(scene, students).at(0)]]
    alone, n = free_weight(scene, students), students.members
    yield "ambient n", [[alone.at(0)]]
    yield "ambient trivial", [[(n * alone + n * n * students.complement).at(4)]]


def _classes(x: Point, put: Put, constants: Constants) -> tuple[Scene, Class, Class]:
    """One class of n students, and one without members whose quantities are never used but as factors of zero."""
    one, zero, members, pi_less = constants
    students = Class(
        members, put(x.e, 0), put(x.phi, 2), zero, put(x.u, 0), put(x.w, 0), put(x.se, 1), put(x.x, 2), put(x.s, 0),
        put(x.q, 0), put(x.xf, 2), put(x.sf, 0), zero, one,
    )  # fmt: skip
    nobody = Class(zero, one, zero, zero, one, zero, one, zero, one, zero, zero, one, zero, one)
    return Scene(one, zero, pi_less, zero, one, zero), students, nobody


def _trivial(x: Point, rows: Any, shift: Interval) -> Matrix:
    """n, n (n - 1) times the derivatives of F_e, F_f by e, f on the basis scaled by (eps^2, eps^3)."""
    h, small = x.h, 1 - x.h
    last = small * (h * rows.f[1]).plus(half_of(h.f.pi))
    return [[rows.e[0] - h.by(shift)], [x.eps * rows.e[1], last - (small * h).by(shift)]]
