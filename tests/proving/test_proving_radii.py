"""The two radii and the exclusion radius: hypotheses hold exactly, and failure is honest."""

from fractions import Fraction
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certify.landscape.variation import hessian_variation
from certify.proving.exclusion import exclusion_radius
from certify.proving.radii import radii, round_down, round_up
from certify.proving.stages import DoubleStage

LINEAR = 3.0


def linear(radius: float) -> float:
    return LINEAR * radius


def test_by_hand() -> None:
    # variation 3 r: uniqueness up to gap / 3; error from gradient < (gap - 3 r) r
    found = radii(1e-6, 0.6, linear, 10.0)
    assert found is not None
    assert 0.19 < found.uniqueness < 0.2
    assert 1e-6 / 0.6 < found.error < 1.2e-6 / 0.6
    assert found.curvature == pytest.approx(0.6, rel=1e-3)
    assert found.curvature < 0.6 - 3 * found.error


@given(st.floats(1e-300, 1e3), st.floats(1e-12, 1e3), st.floats(1e-6, 1e6), st.floats(1e-8, 1e3))
def test_hypotheses_hold_in_exact_arithmetic(gradient: float, gap: float, slope: float, reach: float) -> None:
    def variation(r: float) -> float:
        return slope * r / (1.0 - r / reach) * (1.0 + 1e-12) if r < reach else inf

    def exactly(r: float) -> Fraction:
        assert r < reach
        return Fraction(slope) * Fraction(r) / (1 - Fraction(r) / Fraction(reach))

    found = radii(gradient, gap, variation, reach)
    if found is None:
        # the best possible: gradient >= max (gap - slope r) r = gap^2 / 4 slope, or beyond the reach
        assert gradient > 0.1 * min(gap * gap / slope, gap * reach)
        return
    error, unique = Fraction(found.error), Fraction(found.uniqueness)
    assert 0 < error <= unique < reach
    assert exactly(found.uniqueness) < Fraction(gap)
    assert Fraction(gradient) < (Fraction(gap) - exactly(found.error)) * error
    assert 0 < Fraction(found.curvature) <= Fraction(gap) - exactly(found.error)


@pytest.mark.parametrize("gradient", [0.0, 1e-320, 5e-324])
def test_a_gradient_of_almost_nothing(gradient: float) -> None:
    found = radii(gradient, 0.1, linear, 1.0)
    assert found is not None
    assert 0.0 < found.error < 1e-200


@pytest.mark.parametrize(
    "arguments", [(nan, 0.1, 1.0), (inf, 0.1, 1.0), (1e-9, nan, 1.0), (1e-9, 0.1, nan), (1e-9, 0.1, 0.0)]
)
def test_nothing_comes_from_what_is_no_number(arguments: tuple[float, float, float]) -> None:
    gradient, gap, reach = arguments
    try:
        assert radii(gradient, gap, linear, reach) is None
    except (ValueError, OverflowError):
        pytest.fail("an exception instead of None")


@pytest.mark.parametrize("value", [inf, nan])
def test_nothing_comes_from_an_unbounded_variation(value: float) -> None:
    assert radii(1e-9, 0.1, lambda r: value, 1.0) is None


@given(st.floats(0.0, 1e300), st.integers(4, 40))
def test_short_mantissas_are_outward(x: float, bits: int) -> None:
    low, high = round_down(x, bits), round_up(x, bits)
    assert low <= x <= high
    assert high - low <= 2.0 ** (1 - bits) * x or x < 1e-300


def stage(W: np.ndarray, V: np.ndarray) -> DoubleStage:
    made = DoubleStage.make(W, V)
    assert made is not None
    return made


def test_the_slope_of_the_variation_grows() -> None:
    values = [hessian_variation([1.0, 0.8], 2.0, 0.0, r) / r for r in np.linspace(1e-6, 0.79, 100).tolist()]
    assert (np.diff(values) > 0).all()


@pytest.mark.parametrize("seed", range(20))
def test_no_gradient_vanishes_within_the_exclusion_radius(seed: int) -> None:
    from scipy.optimize import minimize

    from certify.landscape import floats

    generator = np.random.default_rng(seed)
    k, m, d = (int(x) for x in generator.integers(1, 4, 3))
    W, V = generator.standard_normal((k, d)), generator.standard_normal((m, d))
    radius = exclusion_radius(stage(W, V))
    assert radius > 0.0

    def point(x: np.ndarray) -> np.ndarray:
        shift = x.reshape(k, d)
        return W + shift * min(1.0, radius / max(float(np.linalg.norm(shift)), 1e-300))

    worst = min(
        minimize(
            lambda x: float(np.sum(floats.gradient(point(x), V) ** 2)),
            radius * generator.standard_normal(k * d),
            method="Powell",
            options={"maxiter": 30},
        ).fun
        for _ in range(2)
    )
    assert worst > 1e-12 * float(np.sum(floats.gradient(W, V) ** 2))


def test_at_a_critical_point_nothing_is_excluded() -> None:
    assert exclusion_radius(stage(np.eye(3), np.eye(3))) == 0.0


def test_the_exclusion_radius_stops_short_of_the_minimum() -> None:
    for distance in (1e-12, 1e-9, 1e-6, 1e-3, 0.1):
        radius = exclusion_radius(stage(np.eye(3) + distance * np.eye(3), np.eye(3)))
        assert 0.01 * distance < radius < distance * 3**0.5
