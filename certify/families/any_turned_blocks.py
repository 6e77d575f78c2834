"""The Hessian and the ambient matrix with p of n + p students turned, for all n, p, by blocks (docs/all-sizes.md, A14).

As `turned_blocks`; as n and p grow together, several directions tend to that of the sum of all students, so the basis
is one in which that sum is known exactly.  The trivial block is not among them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from certify.arithmetic import pi
from certify.arithmetic.laurent import laurent
from certify.families.any_turned import Values
from certify.families.turned_blocks import (
    Matrix,
    Number,
    Pairing,
    Row,
    Side,
    add_terms,
    antisymmetric,
    parts,
)

Ball = Any


def blocks(v: Values) -> dict[str, Matrix]:
    """Name and matrix of each block but the trivial one."""
    make = laurent(v.share, v.kappa)
    followers, turned, pair = _sides(v, make)
    one, zero, eps, kappa = make(1), make(0), make(1, 1, 1), make(1, 0, 1)
    square, n, p = eps * eps, followers.size, turned.size
    excess = make(v.arcs[0], 4, 2), make(v.arcs[1], 2, 2), make(v.arcs[2], 2, 2)
    followed = _standard(
        (followers, turned, pair), excess, make,
        [(one, zero, zero, zero, zero), (zero, eps, zero, zero, zero), (zero, zero, square, zero, zero),
         (zero, zero, zero, kappa, zero), (zero, zero, -(kappa * p / (n - one)), zero, kappa)],
        (one, -eps, (n - one) * square, zero, zero),
    )  # fmt: skip
    flipped = _standard(
        (turned, followers, pair), excess[::-1], make,
        [(one, zero, zero, zero, zero), (zero, kappa, zero, zero, zero),
         (zero, zero, kappa, zero, -(kappa * (p - one) / n)), (zero, zero, zero, eps, zero),
         (zero, zero, zero, zero, square)],
        (one, -kappa, zero, zero, n * square),
    )  # fmt: skip
    free = [make(pi()) + side.weight - side.complement for side in (followers, turned)]
    steps = (turned.own - turned.off, followers.own - followers.off)
    factor = one / (pair.sine * followers.norm * turned.norm)
    product = [[factor * (x * y) for y in steps] for x in steps]
    for k, side in enumerate((followers, turned)):
        product[k][k] = product[k][k] + free[k] - one / (side.norm * side.across_sine)
    return {
        "standard n": followed,
        "standard p": flipped,
        "standard n x standard p": [[x.times(0, 0) for x in row] for row in product],
        "antisymmetric n": [[antisymmetric(followers, make, zero).times(0, 0)]],
        "antisymmetric p": [[antisymmetric(turned, make, zero).times(0, 0)]],
        "ambient n": [[free[0].times(0, 0)]],
        "ambient p": [[free[1].times(0, 0)]],
        "ambient trivial": _ambient((followers, turned, pair), free, excess, make),
    }


def _sides(v: Values, make: Callable[..., Number]) -> tuple[Side, Side, Pairing]:
    """Numbers of known order in (share, kappa)."""
    put = make
    half, (_, be, ga, de, _, ph), (u1, u2), (w1, w2) = pi() / 2, v.xi, v.norms, v.weights
    (x11, x12, x22), (s11, s12, s22), (p11, p12, p22) = v.cosines, v.sines, v.arcs
    (xb, xc, xd, xf), (sb, sc, sd, sf), (sa, se) = v.teacher_cosines, v.teacher_sines, v.own_sines
    followers = Side(
        make(1, -2, -2), put(v.a), put(be, 4, 2), put(ga, 2, 2), put(u1), put(w1), put(sa, 2, 1), put(x11, 4, 2),
        put(s11), put(half + v.rho * v.h * p11), put(xb, 4, 2), put(sb), put(xc, 2, 2), put(sc),
    )  # fmt: skip
    turned = Side(
        make(1, 0, -2), put(v.e), put(ph, 2, 2), put(de, 2, 2), put(u2), put(w2), put(se, 1, 1), put(x22, 2, 2),
        put(s22), put(half + v.h * p22), put(xf, 2, 2), put(sf), put(xd, 2, 2), put(sd),
    )  # fmt: skip
    return followers, turned, Pairing(put(x12, 2, 2), put(s12), put(half + v.h * p12))


def _standard(
    sides: tuple[Side, Side, Pairing],
    excess: Sequence[Number],
    make: Callable[..., Number],
    basis: Sequence[Row],
    whole: Row,
) -> Matrix:
    """The standard block of the first side on a basis given by its coordinates.

    excess: pi / 2 less the angle of two students of the first, of each, and of two of the second; whole: the sum of all
    students of the members of the basis.
    """
    s, o, pair = sides
    matrix, forms, total, back = parts(s, o, pair, make, make(0))
    matrix = add_terms(matrix, forms)
    result = [[_paired(u, [_paired(row, v, make) for row in matrix], make) for v in basis] for u in basis]
    totals, backs = ([_paired(form, u, make) for u in basis] for form in (total, back))
    own, across, other = excess[0], excess[1] * o.size, excess[2] * o.size * o.size
    terms = [
        (make(pi() / 2), whole, whole), (own, totals, totals), (across, totals, backs), (across, backs, totals),
        (other, backs, backs),
    ]  # fmt: skip
    return [[x.times(0, 0) for x in row] for row in add_terms(result, terms)]


def _ambient(
    sides: tuple[Side, Side, Pairing], free: Sequence[Number], excess: Sequence[Number], make: Callable[..., Number]
) -> Matrix:
    """The ambient matrix on eps^2 for each follower; and on kappa for a turned one, -kappa p / n for the others."""
    n, p, zero = sides[0].size, sides[1].size, make(0)
    square, kappa = make(1, 2, 2), make(1, 0, 1)
    followers, turned = (square, -(kappa * p / n)), (zero, kappa)
    result = [
        [n * free[0] * followers[i] * followers[j] + p * free[1] * turned[i] * turned[j] for j in range(2)]
        for i in range(2)
    ]
    first, second, across = excess[0] * n * n, excess[2] * p * p, excess[1] * n * p
    terms = [
        (make(pi() / 2), (n * square, zero), (n * square, zero)), (first, followers, followers),
        (across, followers, turned), (across, turned, followers), (second, turned, turned),
    ]  # fmt: skip
    return [[x.times(0, 0) for x in row] for row in add_terms(result, terms)]


def _paired(x: Sequence[Number], y: Sequence[Number], make: Callable[..., Number]) -> Number:
    return sum((a * b for a, b in zip(x, y, strict=True)), make(0))
