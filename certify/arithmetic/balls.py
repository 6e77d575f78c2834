"""Arb balls: a precision scope, exact conversions, and comparisons that are certain or False.

`a < b` on flint's balls is already "certainly less"; what is a trap is its negation, so code outside this package
compares with `certainly_less` only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from math import ldexp
from typing import Any

from flint import arb, arb_mat, ctx

from certify.arithmetic.dyadic import Dyadic, normal

Ball = Any  # flint ships no type information
Matrix = Any

GROWN = 1 + 2.0**-50  # covers the rounding of a ball's end to a float
LEAST = 2.0**-1060  # covers an end below the range of floats


class precision:
    """Work with `bits` of mantissa inside the block; flint's precision is global to the process."""

    __slots__ = ("_before", "_bits")

    def __init__(self, bits: int) -> None:
        """bits: of the mantissa."""
        self._bits = bits

    def __enter__(self) -> None:
        """Remember what was in force."""
        self._before = ctx.prec
        ctx.prec = self._bits

    def __exit__(self, *_: object) -> None:
        """What was in force before."""
        ctx.prec = self._before


def precision_in_force() -> int:
    """Bits of the innermost `precision` block."""
    return int(ctx.prec)


def dyadic_ball(x: Dyadic) -> Ball:
    """The exact ball of a dyadic."""
    return arb(_exact(x))


def float_ball(x: float) -> Ball:
    """The exact ball of a finite float."""
    return arb(x)


def float_balls(numbers: Iterable[float]) -> list[Ball]:
    """Exact balls of finite floats."""
    return list(map(arb, numbers))


def rectangle(centre: Dyadic, radius: Dyadic) -> Ball:
    """The ball centre +- radius."""
    return arb(_exact(centre), _exact(radius))


def _exact(x: Dyadic) -> float | Dyadic:
    """As a float if it is one, from which flint makes balls ten times faster."""
    mantissa, exponent = x
    return ldexp(mantissa, exponent) if -(2**53) < mantissa < 2**53 and -900 < exponent < 900 else x


def ball_matrix(rows: Sequence[Sequence[Ball]]) -> Matrix:
    """An arb_mat of the given rows; supports * and transpose()."""
    return arb_mat(rows)


def pi() -> Ball:
    """Pi at the current precision."""
    return arb.pi()


def certainly_less(a: Ball, b: Ball) -> bool:
    """True: every member of a is less than every member of b.  False says nothing; NaN gives False."""
    return bool(a < b)


def lower(a: Ball) -> Dyadic:
    """Lower end, rounded down to the working precision."""
    return _end(a.lower())


def midpoint(a: Ball) -> Dyadic:
    """Exact midpoint, whatever the precision."""
    return _end(a.mid())


def upper(a: Ball) -> Dyadic:
    """Upper end, rounded up to the working precision."""
    return _end(a.upper())


def magnitude(a: Ball) -> Dyadic:
    """Upper bound of the absolute value, at the working precision."""
    return _end(a.abs_upper())


def _end(a: Ball) -> Dyadic:
    """A point ball as a dyadic; raises ValueError for infinities and NaN."""
    mantissa, exponent = a.man_exp()
    return normal(int(mantissa), int(exponent))


def square_root(a: Ball) -> Ball:
    """Square root of a value known to be >= 0; finite and tight also where the ball reaches below zero."""
    if a > 0:
        return a.sqrt()
    return arb(0).union(arb(a.upper()).sqrt().upper()) if a.upper() > 0 else arb(0)


def clipped(a: Ball, low: float, high: float) -> Ball:
    """The part of a inside [low, high], for a value known to lie there; finite even where a is not."""
    bounds = arb(low).union(arb(high))
    return a.intersection(bounds) if a.is_finite() else bounds


def functions() -> dict[str, Any]:
    """Elementary functions by name, for arguments that may be integers or balls."""
    names = ("sqrt", "exp", "log", "sin", "cos", "tan", "atan", "asin", "acos", "tanh", "erf")
    table: dict[str, Any] = {name: getattr(arb, name) for name in names}
    return table | {"atan2": arb.atan2, "div": _quotient, "pow": _power, "pi": arb.pi, "rational": _rational}


def _quotient(a: Ball, b: Ball) -> Ball:
    return a / b if isinstance(a, arb) else arb(a) / b


def _power(a: Ball, n: int) -> Ball:
    """a^n; flint's own is NaN for balls around zero."""
    result = a**n
    if n > 0 and not result.is_finite() and a.is_finite():
        result = a
        for _ in range(n - 1):
            result = result * a
    return result


def _rational(x: Any) -> Ball:
    return arb(x.numerator) / arb(x.denominator)


def shown(a: Ball) -> str:
    """For messages."""
    return str(a.str(15))


def float_magnitude(a: Ball) -> float:
    """A double that no absolute value in the ball exceeds; NaN if the ball is."""
    return float(a.abs_upper()) * GROWN + LEAST


def float_midpoints(entries: Iterable[Ball]) -> list[float]:
    """Nearest floats, without a bound of what they lose."""
    return list(map(float, entries))  # flint's float of a ball is that of its midpoint


def midpoints_and_radii(entries: Sequence[Ball]) -> tuple[list[float], list[float]]:
    """As `float_midpoints`, and the radii, rounded to nearest too."""
    return float_midpoints(entries), [float(x.rad()) for x in entries]


def all_finite(entries: Iterable[Ball]) -> bool:
    """Whether no ball reaches to infinity or is NaN."""
    return all(x.is_finite() for x in entries)


def matrix_of(rows: int, columns: int, entries: Sequence[Ball]) -> Matrix:
    """A matrix from its entries, row by row."""
    return arb_mat(rows, columns, entries)


def sparse_matrix(size: int, places: Sequence[tuple[int, int]], entries: Sequence[Ball]) -> Matrix:
    """A square matrix that is zero but at these places (row, column)."""
    matrix = arb_mat(size, size)
    for place, entry in zip(places, entries, strict=True):
        matrix[place] = entry
    return matrix


def column_matrix(entries: Sequence[Ball]) -> Matrix:
    """A matrix with one column; faster than `matrix_of`."""
    matrix = arb_mat(len(entries), 1)
    for i, entry in enumerate(entries):
        matrix[i, 0] = entry
    return matrix


def column(matrix: Matrix) -> list[Ball]:
    """The first column."""
    return [matrix[i, 0] for i in range(matrix.nrows())]


def float_magnitudes(matrix: Matrix, factors: Sequence[Ball], power: float = 1.0) -> list[float]:
    """As `float_magnitude`, of the entries of the first column, multiplied by these and by a power of two."""
    return [(float((matrix[i, 0] * x).abs_upper()) * GROWN + LEAST) * power for i, x in enumerate(factors)]


def symmetric_units(exponents: Sequence[int]) -> tuple[Matrix, list[Ball]]:
    """The intervals from -2^e to 2^e below one another, and the numbers 2^-e."""
    return column_matrix(list(map(_symmetric, exponents))), [_power_of_two(-e) for e in exponents]


@cache
def _symmetric(exponent: int) -> Ball:
    return rectangle((0, 0), (1, exponent))


@cache
def _power_of_two(exponent: int) -> Ball:
    return dyadic_ball((1, exponent))


def rectangles(centres: Iterable[Ball], exponents: Iterable[int]) -> list[Ball]:
    """Balls of radii 2^e around exact ones, as many as there are exponents."""
    return [arb(x, ldexp(1.0, e) if -900 < e < 900 else (1, e)) for x, e in zip(centres, exponents, strict=False)]


def approximate_inverse(matrix: Matrix, bits: int) -> Matrix | None:
    """Of the midpoints, by elimination with so many bits, without radii; None where an eliminated column vanishes."""
    before, ctx.prec = ctx.prec, bits
    try:
        return matrix.solve(identity_matrix(matrix.nrows()), algorithm="approx")
    except ZeroDivisionError:
        return None
    finally:
        ctx.prec = before


@cache
def identity_matrix(size: int) -> Matrix:
    """The identity, not to be changed."""
    return arb_mat(size, size, 1)
