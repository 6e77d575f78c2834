"""The Hessian and the ambient matrix where two students carry one direction, by blocks (docs/all-sizes.md, A12).

As `turned_blocks` with one turned student, the long one; the short one adds a row to the standard block.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from certify.arithmetic import pi
from certify.arithmetic.laurent import laurent
from certify.families.doubled import Values
from certify.families.turned_blocks import (
    FOLLOWED,
    Matrix,
    Number,
    Pairing,
    Side,
    antisymmetric,
    scaled,
    standard,
)

Ball = Any


def blocks(v: Values, rows: Any, shift: Ball) -> dict[str, Matrix]:
    """Name and matrix of each block; rows and shift as in `turned_blocks`."""
    make = laurent(v.eps)
    two_pi = make(2 * pi() * shift)
    side, _, pair = _sides(v, make)
    alone = make(pi()) + side.weight - side.complement - two_pi
    half, w2, w3 = pi() / 2, make(v.weights[1], 1), make(v.weights[2])
    q13, q23 = make(half + v.eps * v.p13), make(half + v.p23)
    ambient = [
        [side.size * alone + side.size * side.size * side.complement, side.size * pair.complement, side.size * q13],
        [side.size * pair.complement, make(pi()) + w2 - two_pi, q23],
        [side.size * q13, q23, make(pi()) + w3 - two_pi],
    ]
    return {
        "trivial": _trivial(v, rows, 2 * pi() * shift),
        "standard n": scaled(_standard(v, make, two_pi), (*FOLLOWED, 0)),
        "antisymmetric n": [[antisymmetric(side, make, two_pi).times(0)]],
        "ambient n": [[alone.times(0)]],
        "ambient trivial": scaled(ambient, (2, 0, 0)),
    }


def _sides(v: Values, make: Callable[..., Number]) -> tuple[Side, Side, Pairing]:
    """Followers and the long student; make(jet, order): the number jet * eps^order."""
    half, h, zero, one = pi() / 2, v.h, v.h * 0, v.h * 0 + 1
    _, be, ga, _, de, _, _ = v.xi
    (u1, u2, _), (w1, w2, _), (s11, s12, _, _) = v.norms, v.weights, v.sines
    (xb, xc, xd, _, _), (sb, sc, sd, _, _), (sa, se) = v.teacher_cosines, v.teacher_sines, v.own_sines
    followers = Side(
        make(one, -2), make(v.a), make(be, 4), make(ga, 2), make(u1), make(w1, 1), make(sa, 2), make(v.x11, 4),
        make(s11), make(half + h.square() * v.p11), make(xb, 4), make(sb), make(xc, 2), make(sc),
    )  # fmt: skip
    long = Side(
        make(one), make(v.e), make(zero), make(de, 2), make(u2), make(w2, 1), make(se, 1), make(zero), make(one),
        make(zero), make(zero), make(one), make(xd, 2), make(sd),
    )  # fmt: skip
    return followers, long, Pairing(make(v.x12, 2), make(s12), make(half + h * v.p12))


def _standard(v: Values, make: Callable[..., Number], shift: Number) -> list[list[Number]]:
    """The block of `turned_blocks` and the row of X_3i = u_i; shift: the number itself."""
    side, other, pair = _sides(v, make)
    five = standard(side, other, pair, make, shift)
    al, be, _, _, _, ta, si = v.xi
    (u1, _, r), (_, _, s13, _), (st, xt) = v.norms, v.sines, (v.teacher_sines[3], v.teacher_cosines[3])
    zero, one, half = make(0), make(1), pi() / 2
    m, step = side.size - one, side.own - side.off
    row = (side.own, m * side.off, -side.off, side.across, zero)  # <x_i, w_i> / u_i
    tilt = make(r * v.x13 / u1, 2)
    short = make(ta, 2)
    guest = (short, m * short, -short, make(si, 1), zero)  # <x_i, w_3> / u_i
    seen = [x - tilt * y for x, y in zip(guest, row, strict=True)]
    factor = one / make(u1 * r * s13, 1)
    twice = (make(half + v.eps * v.p13),) * 5
    total = (one, -one, m, zero, zero)
    last = [q * t + factor * step * g for q, t, g in zip(twice, total, seen, strict=True)]
    last[4] = last[4] + make(half + v.p23)
    growth = al - v.eps * be  # a - b = 1 + eps^3 growth
    bend = (2 * growth + v.eps * v.h * growth.square()) * st - v.excess[0] * s13
    bend = (bend + v.near[0] * (v.x13 + xt) / (s13 + st)) / (u1 * s13 * st)
    corner = make(v.weights[2] + pi() + v.h * (bend / r)) - shift
    matrix = [[five[i][j] + factor * (seen[i] * seen[j]) for j in range(5)] + [last[i]] for i in range(5)]
    return [*matrix, [*last, corner]]


def _trivial(v: Values, rows: Any, shift: Ball) -> Matrix:
    """Derivatives of the reduced gradient by a, b, c, e, d, and of the short student, times multiplicities; scaled by
    eps^(2, 3, 2, 0, 1, 1, 0).
    """
    eps, h, half, one = v.eps, v.h, pi() / 2, v.h * 0 + 1
    matrix = [list(x) for x in (rows.first, rows.second, rows.third, rows.own, rows.fourth, rows.other, rows.last)]
    weight = 1 - h
    matrix[1] = [weight * x for x in matrix[1]]
    for i in range(3):
        matrix[i][2] = eps * matrix[i][2]
    matrix[2][2] = half + matrix[2][2]
    for i, gram in enumerate((h, weight * h, h, one, one, one, one)):
        matrix[i][i] = matrix[i][i] - shift * gram
    return [[matrix[min(i, j)][max(i, j)] for j in range(7)] for i in range(7)]
