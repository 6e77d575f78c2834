"""Points and conversions shared by the tests of docs/all-sizes.md."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from certify.arithmetic import dyadic_ball
from certify.arithmetic.jets import Jet, variables
from certify.checker import jets as integers
from certify.checker import tube, tube_format
from certify.checker.intervals import Arithmetic
from certify.families import turned
from certify.families.numbers import ball_numbers
from certify.families.orbits import Geometry, Pattern

PROOFS = Path(__file__).parents[2] / "proofs"
FACTORS = ((1, 1, 1, 1, 0.5, 1), (0.25, 0.75, 0.875, 1.125, 0.5, 0.625), (1.5, -0.5, 1.25, 0.75, 0.375, 1.75))
CASES = [(1, 5), (1, 50), (2, 7), (3, 11), (4, 8), (5, 40)]


def unknowns(p: int, factors: Sequence[float]) -> list[Any]:
    """Exact dyadics near multiples of the limit."""
    numbers = [round(float(x.mid()) * f * 2**20) for x, f in zip(turned.limit(p), factors, strict=False)]
    return [dyadic_ball((x, -20)) for x in numbers]


def entries(xi: Sequence[Any], h: Any) -> tuple[Any, ...]:
    """a, b, c, d, e, f of A1."""
    f = h * xi[5] if len(xi) > 5 else h * 0
    return 1 + h * h * xi[0], h * h * xi[1], h * xi[2], h * xi[3], -1 + h * xi[4], f


def geometry(xi: Sequence[Any], n: int, p: int) -> Geometry:
    """The generic unscaled machinery at the same point."""
    a, b, c, d, e, f = entries(xi, dyadic_ball((1, 0)) / n)
    second = Pattern((d, f), e - f) if p > 1 else Pattern((d, e), e * 0)
    one = dyadic_ball((1, 0))
    return Geometry((n, p), (0, 1 if p > 1 else None), [Pattern((b, c), a - b), second], (one, one * 0), ball_numbers())


def prover_jets(xi: Sequence[Any], eps: Any) -> tuple[list[Jet], Jet]:
    """Directions: the unknowns, then eps."""
    *first, last = variables([*xi, eps])
    return first, last


def checker_jets(xi: Sequence[Any], eps: Any, f: Arithmetic) -> tuple[list[integers.Jet], integers.Jet]:
    """The same for the checker's numbers."""
    values = [interval(x, f) for x in (*xi, eps)]
    one, zero = (f.one, f.one), (0, 0)
    jets = [integers.Jet(f, v, [one if i == k else zero for k in range(len(values))]) for i, v in enumerate(values)]
    return jets[:-1], jets[-1]


class Checked(NamedTuple):
    """The checker's numbers."""

    point: Any
    gradient: Any
    equations: list[integers.Jet]
    loss: integers.Jet


def checked(unknowns: Sequence[integers.Jet], eps: integers.Jet, p: int) -> Checked:
    """By the checker's formulas."""
    known = tube.family(p)
    point = known.point(unknowns, eps)
    found = known.gradient(point)
    return Checked(point, found, found.equations(point), known.scaled_loss(point, found))


def checked_blocks(found: Checked, p: int, shift: tuple[int, int]) -> dict[str, list[list[tuple[int, int]]]]:
    """At a point whose jets have directions first by the unknowns."""
    size = tube_format.UNKNOWNS.get(p, 6)
    blocks = tube.family(p).blocks(at_point(found.point), rows_at_point(found.gradient, size), shift)
    return {name: [[x.value for x in row] for row in matrix] for name, matrix in blocks}


def at_point(x: Any) -> Any:
    """The checker's quantities as numbers that depend on no parameter."""
    return type(x)(*(fixed(y.f, y.value) if isinstance(y, integers.Jet) else y for y in x))


def rows_at_point(x: Any, size: int) -> Any:
    """Their derivatives likewise."""
    return type(x)(*([fixed(y.f, s) for s in y.slopes[:size]] if isinstance(y, integers.Jet) else y for y in x))


def fixed(f: Arithmetic, x: tuple[int, int], parameters: int = 0) -> integers.Moving:
    """A number that does not depend on the parameters."""
    return integers.Moving(f, x, [(0, 0)] * parameters, x)


def interval(ball: Any, f: Arithmetic) -> tuple[int, int]:
    """A ball as an interval."""
    low, high = (exact(end) for end in (ball.lower(), ball.upper()))
    return (low.numerator << f.bits) // low.denominator, -((-high.numerator << f.bits) // high.denominator)


def exact(ball: Any) -> Fraction:
    """A point ball."""
    mantissa, exponent = ball.mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def inside(ball: Any, x: tuple[int, int], f: Arithmetic) -> bool:
    """A tight ball lies in the interval, up to the ball's own width."""
    low, high = exact(ball.lower()), exact(ball.upper())
    return Fraction(x[0], f.one) <= high and low <= Fraction(x[1], f.one)


def number(text: str) -> Fraction:
    """A certificate's dyadic."""
    mantissa, exponent = text.split("p")
    return Fraction(int(mantissa, 16)) * Fraction(2) ** int(exponent)
