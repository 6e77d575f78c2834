"""Minima for an interval of the teachers' correlation: pieces of a tube around a curve (docs/correlation.md, Q4).

Steps: cover, existence, curvature, ambient, glue, loss.  A rejection names the piece.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from certify.checker.congruence import certainly_positive_definite
from certify.checker.errors import Malformed, Rejected, ResourceLimit
from certify.checker.fields import Dyadic, canonical, dyadic, integer, keys, positive, sequence
from certify.checker.intervals import Arithmetic, Interval, add, magnitude, scaled, sub
from certify.checker.isotypic import ambient_blocks, hessian_blocks
from certify.checker.jets import ZERO, Jet
from certify.checker.numerals import decimal
from certify.checker.orbits import Geometry
from certify.checker.patches import INVERSE_BITS, approximate_inverse
from certify.checker.pieces import Frame, Proven, check_joined, check_pieces, frame, proven_piece
from certify.checker.taylor import TaylorArithmetic
from certify.checker.tube_format import LIMIT_PRECISION, LIMIT_WIDTH, Piece, read_pieces

Three = tuple[Sequence[Jet], Sequence[Jet], Sequence[Jet]]
KIND = "strict-local-minima-of-all-correlations"


@dataclass(frozen=True)
class Correlated:
    """Minima for all correlations between two ratios, on one curve; scaled_loss: bounds of L / (c^2 (1 - rho))."""

    claim_hash: str
    kind: str
    sizes: list[int]
    owners: list[int | None]
    students: int
    teachers: int
    correlation: list[list[int]]
    curvature: Dyadic
    scaled_loss: tuple[Dyadic, Dyadic]
    pieces: list[Piece]
    precision: int


def read_correlated(claim: Any, witness: Any, sizes: list[int], owners: list[int | None]) -> Correlated:
    """Parse and validate; raises Malformed or ResourceLimit."""
    keys(claim, {"kind", "landscape", "signature", "correlation", "curvature", "scaled_loss", "tube"}, "claim")
    keys(witness, {"precision"}, "witness")
    if [claim["kind"], claim["landscape"]] != [KIND, "relu-population-loss"]:
        raise Malformed("unknown kind or landscape")
    teachers = integer(sum(sizes), 2, LIMIT_WIDTH, "number of teachers")
    unknowns = len(sizes) * len(owners) + sum(owner is not None and sizes[owner] > 1 for owner in owners)
    pieces = read_pieces(claim["tube"], unknowns, "beta")
    if (len(sizes) + len(owners)) ** 5 * len(pieces) > 1 << 21:
        raise ResourceLimit("the blocks of so many classes would take too long on so many pieces")
    low, high = (sequence(x, 2, "correlation") for x in sequence(claim["correlation"], 2, "correlation"))
    for x in (*low, *high):
        integer(x, -LIMIT_WIDTH, LIMIT_WIDTH, "correlation")
    if not (min(low[1], high[1]) > 0 and low[0] * high[1] < high[0] * low[1]):
        raise Malformed("correlation is not an interval")
    students = sum(1 if owner is None else sizes[owner] for owner in owners)
    precision = integer(witness["precision"], 64, LIMIT_PRECISION, "precision")
    curvature, loss = positive(claim["curvature"], "curvature"), sequence(claim["scaled_loss"], 2, "scaled_loss")
    ends = dyadic(loss[0], "scaled_loss"), dyadic(loss[1], "scaled_loss")
    name = hashlib.sha256(canonical(claim)).hexdigest()
    return Correlated(name, KIND, sizes, owners, students, teachers, [low, high], curvature, ends, pieces, precision)


def correlated_sentence(c: Correlated) -> str:
    """The theorem of such a certificate, in one line."""
    low, high = (f"{top}/{bottom}" if bottom > 1 else str(top) for top, bottom in c.correlation)
    group, teachers = " x ".join(f"S_{size}" for size in c.sizes), c.teachers
    least, loss = decimal(c.scaled_loss[0], up=False), decimal(c.scaled_loss[1], up=True)
    classes = ("1 single" if owner is None else f"{c.sizes[owner]} of class {owner + 1}" for owner in c.owners)
    other = "; it is not a global minimum" if c.students >= teachers and c.scaled_loss[0][0] > 0 else ""
    return (
        f"for every real rho in [{low}, {high}], {c.students} ReLU student{'s' * (c.students > 1)}, {teachers} "
        "teachers with Gram matrix c^2 ((1 - rho) I + rho J), any c > 0, Gaussian inputs: exactly one critical point "
        f"fixed by {group} (students: {', '.join(classes)}) lies, in units of c sqrt(1 - rho), in the section at rho "
        "of the tube of this certificate; it is a strict local minimum in "
        f"R^D for every D >= {teachers}, with every Hessian eigenvalue at least {decimal(c.curvature, up=False)}; "
        f"its loss lies in c^2 (1 - rho) [{least}, {loss}]{other}; these points form one continuous curve"
    )


def verify_correlated(c: Correlated) -> None:
    """All steps; raises Rejected."""
    f = Arithmetic(c.precision)
    _check_cover(c)
    check_pieces(c.pieces, lambda _, piece: _check_piece(c, frame(piece, f), f))


def _check_cover(c: Correlated) -> None:
    """Exact: rho = g / (1 + g) with g = 2 beta + M beta^2 > -1 is an increasing function of beta > -1/M."""
    count, ends = c.teachers, (c.pieces[0].low, check_joined(c.pieces, c.pieces[0].low))
    for side, (mantissa, exponent), (top, bottom) in zip((-1, 1), ends, c.correlation, strict=True):
        beta, unit = mantissa << max(exponent, 0), 1 << max(-exponent, 0)
        if not unit + count * beta > 0:
            raise Rejected("cover", "the pieces begin where the teachers are not independent")
        excess = 2 * beta * unit + count * beta * beta
        if not side * (bottom * excess - top * (unit * unit + excess)) >= 0:
            raise Rejected("cover", f"the pieces do not reach the correlation {top}/{bottom}")


def _check_piece(c: Correlated, w: Frame, f: Arithmetic) -> Proven:
    """Existence, definiteness, loss; the derivatives of <X, 2 pi grad L>, X the trivial basis, are that block (Q2)."""
    t: Any = TaylorArithmetic(f, w.half[1], [r[1] for r in w.radii])
    unknowns = (t.variable(x, slope, k) for k, (x, slope) in enumerate(zip(w.centre, w.slope, strict=True)))
    rows = [[*(next(unknowns) for _ in c.sizes), next(unknowns) if owner is not None and c.sizes[owner] > 1 else ZERO]
            for owner in c.owners]  # fmt: skip
    geometry = Geometry(c.sizes, c.owners, rows, ((1, 0), t.variable(w.middle, (f.one, f.one))), t)
    system, blocks = geometry.projected_gradient(), list(hessian_blocks(geometry))
    matrix: Any = blocks[0].matrix
    slopes = [[matrix[max(i, j)][min(i, j)].box.value for j in range(len(matrix))] for i in range(len(matrix))]
    over = [Jet(f, x.box.value, row) for x, row in zip(system, slopes, strict=True)]
    proven = _check_existence(([x.start for x in system], [x.line for x in system], over), w)
    _check_definite("curvature", blocks, c, t, proven.reach)
    _check_definite("ambient", list(ambient_blocks(geometry)), c, t, proven.reach)
    loss: Any = geometry.loss()
    (low, high), far = loss.line.value, t.spread(loss.box.slopes, proven.reach)
    lower, upper = (f.mul((2 * f.pi[0], 2 * f.pi[1]), f.exact(*end)) for end in c.scaled_loss)
    if not (lower[1] <= low - far and high + far <= upper[0]):
        raise Rejected("loss", "the loss is not confirmed to lie in the claimed interval")
    return proven


def _check_existence(found: Three, w: Frame) -> Proven:
    """Krawczyk's operator z -> z - Y F(y(t) + z, t) maps |z_i| <= r_i into |z_i| <= reach_i < r_i and contracts.

    F(y(t), t) is in F(y(0), 0) + (d/dt along the line) t; no property of Y is used (docs/correlation.md, Q4).
    found: the equations at the centre; on the line, with slopes as t moves along it; on the box, with slopes by the
    unknowns.
    """
    (here, along, over), f, bits = found, found[0][0].f, INVERSE_BITS
    inverse, reach = approximate_inverse([x.slopes for x in over], f), []
    for i, (row, radius) in enumerate(zip(inverse, w.radii, strict=True)):
        bound = magnitude(_weighted(row, [x.value for x in here])) << f.bits
        bound += magnitude(_weighted(row, [x.slopes[0] for x in along])) * w.half[1]
        for j, r in enumerate(w.radii):
            entry = _weighted(row, [x.slopes[j] for x in over])
            target = f.one << bits if i == j else 0
            bound += magnitude((entry[0] - target, entry[1] - target)) * r[1]
        reach.append(-(-bound >> bits + f.bits))
        if not reach[i] < radius[0]:
            raise Rejected("existence", f"unknown {i} is not confirmed to stay within its radius")
    return proven_piece(w, reach, f)


def _weighted(row: Sequence[int], x: Sequence[Interval]) -> Interval:
    """sum_k row_k x_k, exact."""
    total = 0, 0
    for k, value in zip(row, x, strict=True):
        total = add(total, scaled(k, value))
    return total


def _check_definite(step: str, blocks: Any, c: Correlated, t: TaylorArithmetic, reach: list[int]) -> None:
    """Both at the ends, with all that the bends and the moves to the zeros can add: then in between too (Q3)."""
    shift = t.f.mul((2 * t.pi[0], 2 * t.pi[1]), t.f.exact(*c.curvature))
    for (_, matrix, gram), side in product(blocks, (-1, 1)):
        rows = [[sub(t.at_end(side, x, reach), scaled(n, shift)) for x, n in zip(*row, strict=True)]
                for row in zip(matrix, gram, strict=True)]  # fmt: skip
        if not certainly_positive_definite(rows, t.f):
            raise Rejected(step, "a block is not confirmed to be positive definite")
