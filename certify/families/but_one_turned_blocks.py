"""The Hessian and the ambient matrix where all students but one are turned, by blocks (docs/all-sizes.md, A11).

As `turned_blocks`, for the class of the turned students; the other class is the one student that follows its teacher.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from certify.arithmetic import pi
from certify.arithmetic.laurent import laurent
from certify.families.but_one_turned import Values
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
    side, other, pair = _sides(v, make)
    two_pi = make(2 * pi() * shift)
    alone = [make(pi()) + s.weight - s.complement - two_pi for s in (side, other)]
    ambient = [
        [side.size * alone[0] + side.size * side.size * side.complement, side.size * pair.complement],
        [side.size * pair.complement, alone[1] + other.complement],
    ]
    return {
        "trivial": _trivial(v, rows, 2 * pi() * shift),
        "standard n": scaled(standard(side, other, pair, make, two_pi), FOLLOWED),
        "antisymmetric n": [[antisymmetric(side, make, two_pi).times(0)]],
        "ambient n": [[alone[0].times(0)]],
        "ambient trivial": scaled(ambient, (2, 0)),
    }


def _sides(v: Values, make: Callable[..., Number]) -> tuple[Side, Side, Pairing]:
    """make(jet, order): the number jet * eps^order."""
    half, zero, one, (_, ga, de, _, ph) = pi() / 2, v.h * 0, v.h * 0 + 1, v.xi
    (x12, x22), (s12, s22), (p12, p22) = v.cosines, v.sines, v.arcs
    (xc, xd, xf), (sc, sd, sf) = v.teacher_cosines, v.teacher_sines
    side = Side(
        make(one, -2), make(v.e), make(ph, 2), make(de, 4), make(v.norms[1]), make(v.weights[1]),
        make(v.own_sines[1], 1), make(x22, 2), make(s22), make(half + v.h * p22), make(xf, 2), make(sf), make(xd, 4),
        make(sd),
    )  # fmt: skip
    other = Side(
        make(one), make(v.a), make(zero), make(ga, 2), make(v.norms[0]), make(v.weights[0]), make(v.own_sines[0], 1),
        make(zero), make(one), make(pi() + zero), make(zero), make(one), make(xc, 2), make(sc),
    )  # fmt: skip
    return side, other, Pairing(make(x12, 2), make(s12), make(half + v.h * p12))


def _trivial(v: Values, rows: Any, shift: Ball) -> Matrix:
    """Derivatives of the reduced gradient by a, c, d, e, f, times multiplicities; scaled by eps^(0, 1, 2, 2, 3)."""
    eps, h, half, m2 = v.eps, v.h, pi() / 2, rows.excess
    first, second, third, own, fifth = rows.first, rows.second, rows.third, rows.own, rows.fifth
    lower = [
        [first[0]],
        [eps * first[1], second[1]],
        [third[0], eps * third[1], third[2]],
        [m2[3] + h * first[3], eps * second[3], h * third[3], own[3]],
        [eps * (m2[4] + h * first[4]), half + h * second[4], eps * (h * third[4]), eps * own[4],
         (1 - h) * (half + h * fifth[4])],
    ]  # fmt: skip
    for i, gram in enumerate((h * 0 + 1, h * 0 + 1, h, h, (1 - h) * h)):
        lower[i][i] = lower[i][i] - shift * gram
    return [[lower[max(i, j)][min(i, j)] for j in range(5)] for i in range(5)]
