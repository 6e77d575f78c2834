"""Exact dyadic numbers (mantissa, exponent), their certificate text, and outward rounding to few digits."""

from __future__ import annotations

from collections.abc import Iterable
from math import frexp, isfinite, ldexp

from certify.errors import InputError

Dyadic = tuple[int, int]


def dyadic(x: float) -> Dyadic:
    """The exact value of a finite float, with odd mantissa (or (0, 0))."""
    if not isfinite(x):
        raise InputError(f"{x} is not a finite number")
    numerator, denominator = x.as_integer_ratio()  # in lowest terms: one of them is odd
    exponent = 1 - denominator.bit_length()
    return (numerator, exponent) if numerator & 1 else normal(numerator, exponent)


def normal(mantissa: int, exponent: int) -> Dyadic:
    """The same number with odd mantissa; zero is (0, 0)."""
    if mantissa == 0:
        return 0, 0
    zeros = (mantissa & -mantissa).bit_length() - 1
    return mantissa >> zeros, exponent + zeros


def text(x: Dyadic) -> str:
    """Certificate form: "-0x1a3p-54", zero as "0x0p0"."""
    return texts([x])[0]


def texts(numbers: Iterable[Dyadic]) -> list[str]:
    """Certificate form of each."""
    return [f"{mantissa:#x}p{exponent}" for mantissa, exponent in numbers]


def float_text(x: float) -> str:
    """The exact value of a finite float in certificate form."""
    if not isfinite(x):
        raise InputError(f"{x} is not a finite number")
    numerator, denominator = x.as_integer_ratio()
    if numerator & 1:
        return f"{hex(numerator)}p{1 - denominator.bit_length()}"
    return text(normal(numerator, 1 - denominator.bit_length()))


def row_texts(row: Iterable[float]) -> list[str]:
    """The `float_text` of finite floats, in one pass."""
    return [
        f"{hex(m)}p{1 - d.bit_length()}" if m & 1 else text(normal(m, 1 - d.bit_length()))
        for m, d in [x.as_integer_ratio() for x in row]
    ]


def rounded(x: Dyadic, bits: int, *, up: bool) -> Dyadic:
    """The nearest dyadic with at most `bits` mantissa bits that is >= x (up) or <= x."""
    mantissa, exponent = x
    excess = mantissa.bit_length() - bits
    if excess <= 0:
        return normal(mantissa, exponent)
    shifted = -(-mantissa >> excess) if up else mantissa >> excess
    return normal(shifted, exponent + excess)


def float_lower(x: Dyadic) -> float:
    """A double <= x, within two units in the last place where 2^-1021 <= |x| < 2^1023."""
    return -float_upper((-x[0], x[1]))


def float_upper(x: Dyadic) -> float:
    """A double >= x, within two units in the last place where 2^-1021 <= |x| < 2^1023."""
    mantissa, exponent = rounded(x, 52, up=True)
    scale = frexp(float(mantissa))[1] + exponent
    if scale > 1023:
        return float("inf") if mantissa > 0 else -(2.0**1023)
    if scale < -1020:
        return 2.0**-1020 if mantissa > 0 else 0.0
    return ldexp(float(mantissa), exponent)
