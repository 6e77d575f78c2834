"""Minima of every width: the pieces of a tube around a curve of critical points (docs/all-sizes.md, A6).

Steps:

    cover       the pieces join from eps = 0 to at least 1 / sqrt(n0)
    existence   for every eps of the piece one zero x with |x_i - y_i| <= r_i; it is within `reach` of y
    curvature   every block of 2 pi (Hess L - curvature) is positive definite for all eps and all x of the piece
    glue        where two pieces meet, their zeros are the same
    loss        k L at the zero lies in the claimed interval

A rejection names the piece.  Other steps, `domain` and `precision`, come from the arithmetic.
"""

from collections.abc import Sequence
from typing import NamedTuple

from certify.checker.congruence import certainly_positive_definite
from certify.checker.errors import Rejected
from certify.checker.intervals import Arithmetic, Interval, add
from certify.checker.jets import Jet
from certify.checker.pieces import Frame, Proven, check_cover, check_existence, check_glue, frame
from certify.checker.tube_format import Piece, Tube
from certify.checker.turned import Point, System, point, scaled_loss, system
from certify.checker.turned_blocks import blocks


class Evaluation(NamedTuple):
    """The system at a point, along the line, or on the box."""

    point: Point
    gradient: System
    equations: list[Jet]

    def loss(self) -> Jet:
        """(1 + p h) T of A4."""
        return (1 + self.point.p * self.point.h) * scaled_loss(self.point, self.gradient)


def verify_tube(c: Tube) -> None:
    """All steps; raises Rejected."""
    f = Arithmetic(c.precision)
    check_cover(c.pieces, c.first_width - c.turned)
    shift = f.mul((2 * f.pi[0], 2 * f.pi[1]), f.exact(*c.curvature))
    previous: Proven | None = None
    for k, piece in enumerate(c.pieces):
        try:
            proven, loss = _check_piece(piece, c, shift, f)
            if previous is not None:
                check_glue(previous, proven)
            _check_loss(loss, c, f)
        except Rejected as error:
            raise Rejected(error.step, f"piece {k}: {error.detail}") from None
        previous = proven


def _check_piece(piece: Piece, c: Tube, shift: Interval, f: Arithmetic) -> tuple[Proven, Interval]:
    """Existence, uniqueness and definiteness; the bounds for the other steps and an enclosure of (1 + p h) T."""
    w = frame(piece, f)
    here, along, over = evaluations(w, c.turned, f)
    proven, _ = check_existence(piece, c.inverse_bits, (here.equations, along.equations, over.equations), w)
    for name, matrix in blocks(over.point, over.gradient, shift):
        check_definite(name, matrix, f)
    loss = add(here.loss().value, f.mul(along.loss().slopes[0], w.around))
    for partial, r in zip(over.loss().slopes, proven.reach, strict=True):
        loss = add(loss, f.mul(partial, (-r, r)))
    return proven, loss


def evaluations(w: Frame, p: int, f: Arithmetic) -> tuple[Evaluation, Evaluation, Evaluation]:
    """Values at the centre; slopes with eps along the line; slopes by the unknowns on the box."""
    size, one = len(w.centre), (f.one, f.one)
    here = evaluate([Jet(f, x) for x in w.centre], Jet(f, w.middle), p)
    along = evaluate([Jet(f, x, [s]) for x, s in zip(w.line, w.slope, strict=True)], Jet(f, w.eps, [one]), p)
    directions = [[one if i == k else (0, 0) for k in range(size)] for i in range(size)]
    unknowns = [Jet(f, x, d) for x, d in zip(w.box, directions, strict=True)]
    return here, along, evaluate(unknowns, Jet(f, w.eps, [(0, 0)] * size), p)


def evaluate(unknowns: Sequence[Jet], eps: Jet, p: int) -> Evaluation:
    """The system, with the slopes of the jets given."""
    at = point(unknowns, eps, p)
    found = system(at)
    return Evaluation(at, found, found.equations(at.h))


def check_definite(name: str, matrix: Sequence[Sequence[Interval]], f: Arithmetic) -> None:
    """Every matrix in these intervals is positive definite."""
    if not certainly_positive_definite(matrix, f):
        raise Rejected("curvature", f"the block {name} is not confirmed to be positive definite")


def _check_loss(total: Interval, c: Tube, f: Arithmetic) -> None:
    """4 pi k L is in the claimed interval times 4 pi; and positive, so that the points are not global minima."""
    four_pi = 4 * f.pi[0], 4 * f.pi[1]
    lower, upper = (f.mul(four_pi, f.exact(*end)) for end in c.scaled_loss)
    if not (lower[1] <= total[0] and total[1] <= upper[0]):
        raise Rejected("loss", "k L is not confirmed to lie in the claimed interval")
    if not c.scaled_loss[0][0] > 0:
        raise Rejected("loss", "the claimed loss is not positive")
