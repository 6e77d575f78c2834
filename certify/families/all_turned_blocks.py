"""The Hessian and the ambient matrix where all students are turned, by isotypic blocks (docs/all-sizes.md, A10).

As `turned_blocks`, for one class: its formulas with the other class empty.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from certify.arithmetic import pi
from certify.arithmetic.laurent import laurent
from certify.families.all_turned import Values
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
    full = standard(side, other, pair, make, two_pi)
    alone = make(pi()) + side.weight - side.complement - two_pi
    return {
        "trivial": _trivial(v, rows, 2 * pi() * shift),
        "standard n": scaled([row[:3] for row in full[:3]], FOLLOWED[:3]),
        "antisymmetric n": [[antisymmetric(side, make, two_pi).times(0)]],
        "ambient n": [[alone.times(0)]],
        "ambient trivial": [[(side.size * alone + side.size * side.size * side.complement).times(4)]],
    }


def _sides(v: Values, make: Callable[..., Number]) -> tuple[Side, Side, Pairing]:
    """make(jet, order): the number jet * eps^order."""
    zero, one = v.h * 0, v.h * 0 + 1
    complement = pi() / 2 + v.h * v.arc
    side = Side(
        make(one, -2), make(v.e), make(v.phi, 2), make(zero), make(v.norm), make(v.weight), make(v.own_sine, 1),
        make(v.cosine, 2), make(v.sine), make(complement), make(v.teacher_cosine, 2), make(v.teacher_sine),
        make(zero), make(one),
    )  # fmt: skip
    nobody, unit = make(zero), make(one)
    other = Side(
        nobody, unit, nobody, nobody, unit, nobody, unit, nobody, unit, nobody, nobody, unit, nobody, unit
    )  # fmt: skip
    return side, other, Pairing(nobody, unit, nobody)


def _trivial(v: Values, rows: Any, shift: Ball) -> Matrix:
    """Derivatives of the reduced gradient by e and f, weighted by multiplicities; basis scaled by (eps^2, eps^3)."""
    h = v.h
    across = v.eps * rows.own[1]
    last = (1 - h) * (pi() / 2 + h * rows.rest[1])
    return [[rows.own[0] - shift * h, across], [across, last - shift * ((1 - h) * h)]]
