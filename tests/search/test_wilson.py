"""Wilson's interval against values worked out by hand."""

import math

import pytest

from certify.search import wilson_interval


def test_half_of_four_with_z_two() -> None:
    # p = 1/2, n = 4, z = 2: centre (1/2 + 1/2) / 2 = 1/2, half width 2 sqrt(1/16 + 1/16) / 2 = 1/sqrt 8.
    low, high = wilson_interval(2, 4, z=2.0)
    assert low == pytest.approx(0.5 - math.sqrt(0.125), abs=1e-15)
    assert high == pytest.approx(0.5 + math.sqrt(0.125), abs=1e-15)


def test_none_of_ten() -> None:
    # p = 0: [0, z^2 / (n + z^2)] = [0, 3.8414588 / 13.8414588].
    low, high = wilson_interval(0, 10)
    assert low == 0.0
    assert high == pytest.approx(3.841458820694124 / 13.841458820694124, rel=1e-14)


def test_all_mirrors_none() -> None:
    low, high = wilson_interval(10, 10)
    assert (1.0 - high, 1.0 - low) == pytest.approx(wilson_interval(0, 10), abs=1e-15)


@pytest.mark.parametrize(("count", "total"), [(0, 0), (3, 2), (-1, 5)])
def test_what_is_no_proportion(count: int, total: int) -> None:
    with pytest.raises(ValueError, match="no proportion"):
        wilson_interval(count, total)
