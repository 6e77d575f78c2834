"""The power series of the arcsine, bounded from both sides, against mpmath."""

import random

import mpmath as mp
import pytest

from certify.checker.errors import Rejected
from certify.checker.intervals import Arithmetic
from certify.checker.jets import Jet, _series

WORK = 400


def truth(shift: int, z: mp.mpf) -> tuple[mp.mpf, mp.mpf, mp.mpf]:
    """sum c_(j+shift) z^j, and its first two derivatives, summed until nothing is left."""
    term, value, slope, bend, j = mp.mpf(1), mp.mpf(0), mp.mpf(0), mp.mpf(0), 0
    for k in range(shift):
        term = term * (2 * k + 1) ** 2 / ((2 * k + 2) * (2 * k + 3))
    power, before = mp.mpf(1), mp.mpf(0)  # z^(j - 1), z^(j - 2)
    while True:
        value += term * (power if j else 1) * (z if j else 1)
        slope += j * term * (power if j else 0)
        bend += j * (j - 1) * term * before
        if j > 3 and abs(before) * j * j < mp.mpf(2) ** -(WORK // 2):
            return value, slope, bend
        before, power = (power, power * z) if j else (mp.mpf(0), mp.mpf(1))
        k = j + shift
        term = term * (2 * k + 1) ** 2 / ((2 * k + 2) * (2 * k + 3))
        j += 1


def test_values_and_derivatives_are_enclosed_tightly() -> None:
    r = random.Random("certify arcsine")
    with mp.workprec(WORK):
        for bits in (32, 53, 96, 128):
            f = Arithmetic(bits)
            eighth = f.one // 8
            for z in (
                0,
                1,
                2,
                eighth - 1,
                eighth,
                eighth + 1,
                f.one // 2,
                7 * eighth,
                *map(r.randrange, [7 * eighth] * 20),
            ):
                for shift in (0, 1):
                    lower, upper = _series(z, shift, 0, f, bent=True), _series(z, shift, 1, f, bent=True)
                    found = zip(lower, upper, truth(shift, mp.mpf(z) / f.one), (22, 22, 31), strict=True)
                    for low, high, exact, width in found:
                        assert low <= exact * f.one <= high
                        assert high - low < 1 << width


def test_an_interval_encloses_the_slopes_of_its_members() -> None:
    f, slope = Arithmetic(64), (-3 << 60, 5 << 60)
    wide = Jet(f, (f.one // 9, f.one // 3), [slope]).arcsine_ratio()
    for z in (f.one // 9, f.one // 5, f.one // 3):
        member = Jet(f, (z, z), [slope]).arcsine_ratio()
        for outer, inner in ((wide.value, member.value), (wide.slopes[0], member.slopes[0])):
            assert outer[0] <= inner[0]
            assert inner[1] <= outer[1]


def test_no_series_beyond_its_range() -> None:
    f = Arithmetic(64)
    with pytest.raises(Rejected, match="7/8"):
        _series(7 * f.one // 8 + 1, 0, 0, f, bent=True)
