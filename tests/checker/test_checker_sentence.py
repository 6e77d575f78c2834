"""The sentence: decimals rounded to the weaker side, and what is said about other dimensions."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certify.checker import verify_bytes
from certify.checker.reader import Certificate, read
from certify.checker.sentence import decimal, sentence, span_dimension

ACCEPT = Path(__file__).parent / "accept"

dyadics = st.tuples(st.integers(-(1 << 200), 1 << 200), st.integers(-400, 400))


@given(dyadics, st.booleans())
def test_decimal_rounds_to_its_side(x: tuple[int, int], up: bool) -> None:
    value = x[0] * Fraction(2) ** x[1]
    shown = Fraction(decimal(x, up=up))
    assert (shown >= value) if up else (shown <= value)
    assert abs(shown - value) <= abs(value) * Fraction(1, 10**5)


@pytest.mark.parametrize("up", [True, False])
@pytest.mark.parametrize("mantissa", [1, -1, 3, (1 << 8000) + 1])
@pytest.mark.parametrize("exponent", [-8192, -8000, 0, 8192])
def test_decimal_at_the_limits(mantissa: int, exponent: int, up: bool) -> None:
    shown = Fraction(decimal((mantissa, exponent), up=up))
    value = mantissa * Fraction(2) ** exponent
    assert (shown >= value) if up else (shown <= value)
    assert abs(shown - value) <= abs(value) * Fraction(1, 10**5)


@pytest.mark.parametrize(
    ("x", "down", "up"),
    [
        ((0, 0), "0", "0"),
        ((1, 0), "1", "1"),
        ((5, -1), "2.5", "2.5"),
        ((1, -1), "0.5", "0.5"),
        ((1, -10), "0.000976562", "0.000976563"),
        ((-1, -10), "-0.000976563", "-0.000976562"),
        ((1, -20), "9.53674e-7", "9.53675e-7"),
        ((1, 20), "1.04857e6", "1.04858e6"),
        ((999999, 0), "999999", "999999"),
        ((9999999, 0), "9.99999e6", "1e7"),
        ((9999999, -3), "1.24999e6", "1.25e6"),
    ],
)
def test_decimal_by_hand(x: tuple[int, int], down: str, up: str) -> None:
    assert (decimal(x, up=False), decimal(x, up=True)) == (down, up)


def said(name: str) -> str:
    return verify_bytes((ACCEPT / f"{name}.cert.json").read_bytes()).sentence


def test_dimensions() -> None:
    assert "strict local minimum in R^D for every D >= 6" in said("minimum-6-6-in-8-dimensions")
    assert "a saddle of index 2 in R^D for every D >= 6" in said("saddle-7-6")
    assert "nothing is claimed in other dimensions" in said("minimum-2-3-no-ambient-claim")
    assert "given teachers, Gaussian inputs in R^2" in said("plane-3-3")


def test_global_minima() -> None:
    for path in ACCEPT.glob("*.cert.json"):
        claim = json.loads(path.read_bytes())["claim"]
        if "set_dimension" in claim:
            continue  # sets of points have sentences of their own
        assert ("it is not a global minimum" in said(path.name.removesuffix(".cert.json"))) == claim.get(
            "not_global", "tube" in claim
        )
        if "identity" in path.name or "parallel" in path.name:
            assert not claim["not_global"]


def test_rounding_the_uniqueness_radius_down_does_not_exclude_the_critical_point() -> None:
    """With equal radii the critical point may lie between the rounded and the true radius."""
    usual = said("identity-2-2-at-192-bits")
    radius = usual.split("within ")[1].split(" of")[0]
    close = said("identity-2-2-equal-radii")
    assert f"exactly one critical point has every row within a certain radius >= {radius} of the centre's" in close
    assert Fraction(close.split("lies within ")[1].split(" of")[0]) > Fraction(radius)


def test_a_minimum_here_may_be_a_saddle_in_more_dimensions() -> None:
    certificate = replace(read((ACCEPT / "minimum-2-3.cert.json").read_bytes()), ambient_index=2)
    assert "in R^D, D >= 3, its index is 0 + (D - 3) * 2" in sentence(certificate)


def test_teachers_in_few_coordinates() -> None:
    """D starts at the last coordinate that a teacher uses, not at the dimension of their span."""
    certificate = read((ACCEPT / "plane-3-3.cert.json").read_bytes())
    assert isinstance(certificate, Certificate)
    row = [(0, 0), (1, 0), (0, 0), (0, 0)]
    assert span_dimension(replace(certificate, dimension=4, teacher=[row, row])) == 2
