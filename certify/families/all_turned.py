"""K = M = n students, all turned against their teachers: the system scaled to be smooth at infinite width.

docs/all-sizes.md, A10.  h = eps^2 = 1 / n.  A point fixed by S_n has the entries

    e = -1 + h eta,  f = h phi        own and other coordinates of every student

All functions take jets (arithmetic/jets.py) and enclose for real n > 2, n = infinity included.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from certify.arithmetic import pi
from certify.arithmetic.jets import Jet, arcsine_ratio, arcsine_rest

Ball = Any


class Values(NamedTuple):
    """Scaled quantities at a point; the true ones are in the comments."""

    h: Jet
    eps: Jet
    eta: Jet
    phi: Jet
    e: Jet
    norm: Jet
    excess: Jet  # m = (|w| - 1) / h
    cosine: Jet  # between students: x / h
    sine: Jet
    arc: Jet  # asin x / h
    teacher_cosine: Jet  # with another's teacher: x / h
    teacher_sine: Jet
    teacher_arc: Jet
    own_sine: Jet  # s / eps
    difference: Jet  # D4 of A1
    weight: Jet  # alpha


class Reduced(NamedTuple):
    """The reduced gradient: F_e, and F_f = leading + h rest."""

    own: Jet
    leading: Jet
    rest: Jet


def values(xi: Sequence[Jet], eps: Jet) -> Values:
    """All quantities the system, the loss and the blocks need."""
    eta, phi = xi
    h = eps.square()
    e = h * eta - 1
    nu = (1 - h) * phi.square() - 2 * eta + h * eta.square()
    square = 1 + h * nu
    u = square.sqrt()
    m = nu / (1 + u)
    x, xf = (2 * (e * phi) + (1 - 2 * h) * phi.square()) / square, phi / u
    y, yf = (h * x).square(), (h * xf).square()
    s, sf = (1 - y).sqrt(), (1 - yf).sqrt()
    se = ((1 - h) * phi.square()).sqrt() / u
    difference = u * x.square() / (1 + s) - xf.square() / (1 + sf)
    weight = ((1 - h) * (m - h * difference) - eps * se) / u
    arcs = x * arcsine_ratio(y), xf * arcsine_ratio(yf)
    return Values(h, eps, eta, phi, e, u, m, x, s, arcs[0], xf, sf, arcs[1], se, difference, weight)


def reduced(v: Values) -> Reduced:
    """A10: the reduced gradient, the leading cancellation of its second part removed."""
    h, half, phi = v.h, pi() / 2, v.phi
    own = (v.weight + pi()) * v.e + (1 - h) * ((half + h * v.arc) * phi)
    own = own - v.eps * v.own_sine * arcsine_ratio((v.eps * v.own_sine).square())
    row = h * v.eta - 1 + (1 - 2 * h) * phi  # e + (n - 2) f
    rest = (v.weight + pi()) * phi + half * (v.eta - 2 * phi) + v.arc * row - v.teacher_arc
    return Reduced(own, half * phi - pi(), rest)


def system(v: Values, r: Reduced) -> list[Jet]:
    """The scaled system, zero exactly at the fixed critical points."""
    return [r.own, r.leading + v.h * r.rest]


def loss(v: Values, r: Reduced) -> Jet:
    """L(W) where the system vanishes (elsewhere it means nothing)."""
    h, u, se = v.h, v.norm, v.own_sine
    rest = arcsine_rest((v.eps * se).square())
    growth = pi() * v.eta - pi() - (1 - h) * (r.rest - v.arc * v.phi - v.difference / u)
    growth = growth + v.eta * v.weight - v.eps * (se * (v.excess / u + se.square() * rest))  # (1 - h) m / (h u)
    own = se * se.square() * (u.square() / (u - v.e) + v.e * rest)
    across = v.phi * v.teacher_arc - u * v.teacher_cosine.square() / (1 + v.teacher_sine)
    total = pi() - u * growth + (1 - h) * (r.rest - across) - v.eps * own
    result: Jet = total / (4 * pi())
    return result


def limit() -> list[Ball]:
    """The zero of the system at infinite width."""
    return [pi() * 0 + 2, pi() * 0 + 2]
