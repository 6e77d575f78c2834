"""The spectrum step: claimed intervals must also hold the change from the centre to the critical point."""

from types import SimpleNamespace

import pytest

from certify.checker import theorem
from certify.checker.errors import Rejected
from certify.checker.intervals import Arithmetic

F = Arithmetic(96)
FOUND = [(3, [(6 * F.one, 7 * F.one)])]  # 2 pi lambda in [6, 7]: lambda in [0.9549, 1.1141]


def claim(low: float, high: float, multiplicity: int = 3) -> SimpleNamespace:
    ends = tuple((round(x * 2**40), -40) for x in (low, high))
    return SimpleNamespace(spectrum=[(multiplicity, [ends])])


def test_containing_interval_is_accepted() -> None:
    theorem._check_spectrum(claim(0.9548, 1.1142), F, FOUND, 0)


@pytest.mark.parametrize(("low", "high"), [(0.956, 1.2), (0.9, 1.113)])
def test_narrower_interval_is_refused(low: float, high: float) -> None:
    with pytest.raises(Rejected, match="spectrum"):
        theorem._check_spectrum(claim(low, high), F, FOUND, 0)


@pytest.mark.parametrize(("low", "high"), [(0.9548, 1.2), (0.9, 1.1142)])
def test_change_counts_at_both_ends(low: float, high: float) -> None:
    change = F.one >> 7  # moves an end of lambda by 0.00124
    theorem._check_spectrum(claim(0.9, 1.2), F, FOUND, change)
    with pytest.raises(Rejected, match="spectrum"):
        theorem._check_spectrum(claim(low, high), F, FOUND, change)


def test_other_multiplicity_is_refused() -> None:
    with pytest.raises(Rejected, match="spectrum"):
        theorem._check_spectrum(claim(0.9, 1.2, multiplicity=2), F, FOUND, 0)
