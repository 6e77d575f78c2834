"""Minima of every width: the pieces of a tube around a curve of critical points (docs/all-sizes.md, A6).

Steps:

    cover       the pieces join from eps = 0 to at least 1 / sqrt(n0)
    existence   for every eps of the piece one zero x with |x_i - y_i| <= r_i; it is within `reach` of y
    curvature   every block of 2 pi (Hess L - curvature) is positive definite at the zeros of the piece
    glue        where two pieces meet, their zeros are the same
    loss        k L at the zero, k teachers, or L where most students are turned, is in the claimed interval

A rejection names the piece.  Other steps, `domain` and `precision`, come from the arithmetic.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from certify.checker import all_turned, but_one_turned, doubled
from certify.checker.bends import Bent, sharpened
from certify.checker.congruence import certainly_positive_definite
from certify.checker.errors import Rejected
from certify.checker.intervals import Arithmetic, Interval
from certify.checker.jets import ZERO, Jet
from certify.checker.pieces import Frame, Proven, check_cover, check_existence, check_pieces, frame, mean_value
from certify.checker.tube_format import ALL, ALL_BUT_ONE, DOUBLED, Piece, Tube, outside
from certify.checker.turned import point, scaled_loss, system
from certify.checker.turned_blocks import STANDARD, Matrix, blocks, last_pivot

OTHERS = {ALL: all_turned, ALL_BUT_ONE: but_one_turned, DOUBLED: doubled}


class Evaluation(NamedTuple):
    """The system at a point, along the line, or on the box, and what depends on it.

    loss: 4 pi k L for k teachers, or 4 pi L if all students but one or none are turned.  blocks: by the shift.  pivot:
    by the shift, the last one of the block `weakest`; for eps > 0, rejects unless those before it are positive.
    """

    f: Arithmetic
    equations: list[Jet]
    weakest: str
    loss: Callable[[], Jet]
    blocks: Callable[[Interval], Iterator[tuple[str, Matrix]]]
    pivot: Callable[[Interval], Jet]


class Evaluations(NamedTuple):
    """Of a piece: values at the centre; slopes with eps along the line; slopes by the unknowns on the box."""

    frame: Frame
    here: Evaluation
    along: Evaluation
    over: Evaluation

    def equations(self) -> tuple[list[Jet], list[Jet], list[Jet]]:
        """The scaled system."""
        return self.here.equations, self.along.equations, self.over.equations

    def at_zeros(self, quantity: Callable[[Evaluation], Jet], reach: Sequence[int]) -> Interval:
        """Encloses the quantity at all zeros of the piece."""
        return mean_value((quantity(self.here), quantity(self.along), quantity(self.over)), self.frame, reach)


def verify_tube(c: Tube) -> None:
    """All steps; raises Rejected."""
    f = Arithmetic(c.precision)
    check_cover(c.pieces, c.first_width - outside(c.turned))
    shift = f.mul((2 * f.pi[0], 2 * f.pi[1]), f.exact(*c.curvature))
    check_pieces(c.pieces, lambda _, piece: _check_piece(piece, c, shift, f))


def _check_piece(piece: Piece, c: Tube, shift: Interval, f: Arithmetic) -> Proven:
    """Existence, uniqueness, definiteness, and the loss by an enclosure of (1 + p h) T."""
    found = evaluations(frame(piece, f), c.turned, f)
    proven, _ = check_existence(found.equations(), found.frame)
    for name, matrix in found.over.blocks(shift):
        check_definite(name, matrix, found, proven.reach, shift)
    _check_loss(found.at_zeros(lambda x: x.loss(), proven.reach), c, f)
    return proven


def evaluations(w: Frame, p: int, f: Arithmetic) -> Evaluations:
    """The system where a piece needs it."""
    size, one = len(w.centre), (f.one, f.one)
    here = evaluate([Jet(f, x) for x in w.centre], Jet(f, w.middle), p)
    along = evaluate([Jet(f, x, [s]) for x, s in zip(w.line, w.slope, strict=True)], Jet(f, w.eps, [one]), p)
    directions = [[one if i == k else (0, 0) for k in range(size)] for i in range(size)]
    unknowns = [Jet(f, x, d) for x, d in zip(w.box, directions, strict=True)]
    found = Evaluations(w, here, along, evaluate(unknowns, Jet(f, w.eps, [(0, 0)] * size), p))
    return _sharpened(found, f) if p == DOUBLED else found


def _sharpened(found: Evaluations, f: Arithmetic) -> Evaluations:
    """The same with slopes of the gradient that differ from those at the centre by second derivatives (A13).

    Directions: each unknown, and eps with the unknowns moving along the line.
    """
    w, size, one = found.frame, len(found.frame.centre), (f.one, f.one)
    directions = [[one if i == k else (0, 0) for k in range(size)] + [s] for i, s in enumerate(w.slope)]
    flat = [(0, 0)] * size + [one]
    none = [(0, 0)] * ((size + 1) * (size + 2) // 2)
    moves = [*(r[1] for r in w.radii), w.half[1]]
    at = doubled.point([Jet(f, x, d) for x, d in zip(w.centre, directions, strict=True)], Jet(f, w.middle, flat))
    middle = doubled.gradient(at)
    bent = doubled.point(
        [Bent(f, x, d, none) for x, d in zip(w.box, directions, strict=True)], Bent(f, w.eps, flat, none)
    )
    box = doubled.gradient(bent)
    sharp = [Jet(f, y.value, sharpened(x, y, moves)) for x, y in zip(middle, box, strict=True)]
    pairs = zip(middle.equations(at), box.equations(bent), strict=True)
    slopes = [sharpened(x, y, moves) for x, y in pairs]
    along = [Jet(f, x.value, [s[size]]) for x, s in zip(found.along.equations, slopes, strict=True)]
    over = [Jet(f, x.value, s[:size]) for x, s in zip(found.over.equations, slopes, strict=True)]
    return found._replace(
        along=found.along._replace(equations=along),
        over=found.over._replace(
            equations=over, blocks=lambda shift: doubled.blocks(bent, doubled.System(*sharp), shift)
        ),
    )


def evaluate(unknowns: Sequence[Jet], eps: Jet, p: int) -> Evaluation:
    """The system, with the slopes of the jets given."""
    if p in OTHERS:
        return _evaluate_other(OTHERS[p], unknowns, eps)
    at = point(unknowns, eps, p)
    found = system(at)
    return Evaluation(
        eps.f, found.equations(at), STANDARD, lambda: (1 + p * at.h) * scaled_loss(at, found),
        lambda shift: blocks(at, found, shift), lambda shift: last_pivot(at, shift),
    )  # fmt: skip


def _evaluate_other(family: Any, unknowns: Sequence[Jet], eps: Jet) -> Evaluation:
    """family: a module of OTHERS."""
    at = family.point(unknowns, eps)
    found = family.gradient(at)
    return Evaluation(
        eps.f, found.equations(at), family.WEAKEST, lambda: family.scaled_loss(at, found),
        lambda shift: family.blocks(at, found, shift), lambda shift: family.weakest_pivot(at, shift),
    )  # fmt: skip


def check_definite(
    name: str, matrix: Sequence[Sequence[Interval]], found: Evaluations, reach: Sequence[int], shift: Interval
) -> None:
    """The block is positive definite at the zeros: on the whole box, or, the weakest one, by its last pivot."""
    if certainly_positive_definite(matrix, found.over.f):
        return
    if not (name == found.over.weakest and found.frame.eps[0] > 0 and pivot_at_zeros(found, reach, shift)[0] > 0):
        raise Rejected("curvature", f"the block {name} is not confirmed to be positive definite")


def pivot_at_zeros(found: Evaluations, reach: Sequence[int], shift: Interval = ZERO) -> Interval:
    """The last pivot of the weakest block at the zeros of a piece with eps > 0; rejects unless the others are > 0."""
    return found.at_zeros(lambda x: x.pivot(shift), reach)


def _check_loss(total: Interval, c: Tube, f: Arithmetic) -> None:
    """k L, or L, is in the claimed interval, all times 4 pi; and positive, so that the points are not global minima."""
    four_pi = 4 * f.pi[0], 4 * f.pi[1]
    lower, upper = (f.mul(four_pi, f.exact(*end)) for end in c.scaled_loss)
    if not (lower[1] <= total[0] and total[1] <= upper[0]):
        raise Rejected("loss", "the loss is not confirmed to lie in the claimed interval")
    if not c.scaled_loss[0][0] > 0:
        raise Rejected("loss", "the claimed loss is not positive")
