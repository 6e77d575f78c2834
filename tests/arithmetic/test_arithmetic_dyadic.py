"""Exact dyadics, their text, and outward conversion to doubles."""

from fractions import Fraction
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certify.arithmetic import dyadic, float_lower, float_text, float_upper, rounded, text
from certify.errors import InputError

DYADICS = st.tuples(st.integers(-(2**200), 2**200), st.integers(-1400, 1100))


def value(x: tuple[int, int]) -> Fraction:
    return Fraction(x[0]) * Fraction(2) ** x[1]


@pytest.mark.parametrize(
    ("x", "expected"),
    [(0.0, (0, 0)), (-0.0, (0, 0)), (1.0, (1, 0)), (0.75, (3, -2)), (-6.0, (-3, 1)), (5e-324, (1, -1074))],
)
def test_dyadic_by_hand(x: float, expected: tuple[int, int]) -> None:
    assert dyadic(x) == expected


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_dyadic_is_exact_and_odd(x: float) -> None:
    mantissa, exponent = dyadic(x)
    assert value((mantissa, exponent)) == Fraction(x)
    assert mantissa % 2 == 1 or (mantissa, exponent) == (0, 0)
    assert float_text(x) == text((mantissa, exponent))


@pytest.mark.parametrize("x", [nan, inf, -inf])
def test_dyadic_refuses_what_is_no_number(x: float) -> None:
    for told in (dyadic, float_text):
        with pytest.raises(InputError):
            told(x)


def test_text_by_hand() -> None:
    assert [text(x) for x in ((0, 0), (1, 0), (-419, -54))] == ["0x0p0", "0x1p0", "-0x1a3p-54"]


@given(DYADICS, st.integers(1, 80), st.booleans())
def test_rounded_is_outward_and_close(x: tuple[int, int], bits: int, up: bool) -> None:
    result = rounded(x, bits, up=up)
    assert abs(result[0]).bit_length() <= bits
    gap = value(result) - value(x) if up else value(x) - value(result)
    assert 0 <= gap <= abs(value(x)) * Fraction(2) ** (1 - bits)


@given(DYADICS)
def test_float_ends_are_outward(x: tuple[int, int]) -> None:
    exact = value(x)
    low, high = float_lower(x), float_upper(x)
    assert low == -inf or Fraction(low) <= exact
    assert high == inf or exact <= Fraction(high)
    if Fraction(2) ** -1021 <= abs(exact) < Fraction(2) ** 1023:
        assert abs(Fraction(high) - exact) <= abs(exact) * Fraction(2) ** -51
        assert abs(Fraction(low) - exact) <= abs(exact) * Fraction(2) ** -51


@pytest.mark.parametrize("x", [1e308, 1.7e308, 2.0**1023, 2.0**1022 * 1.9999999999999998, 5e-324, 2.0**-1021])
def test_float_ends_at_the_ends_of_the_range(x: float) -> None:
    # 1e308 once came back as the lower end 1.7e308
    assert float_lower(dyadic(x)) <= x <= float_upper(dyadic(x))
    assert float_lower(dyadic(-x)) <= -x <= float_upper(dyadic(-x))
