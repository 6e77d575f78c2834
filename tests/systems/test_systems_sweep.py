"""Zeros along a parameter: every piece is checked, and what is joined is one branch."""

import numpy as np
import pytest

import certify
from certify.errors import InputError
from certify.sweeps import Sweep
from certify.zeros import ProvedZero


def checked(sweep: Sweep) -> Sweep:
    """A sweep whose proofs the checker confirms, without gaps."""
    for outcome in (*(piece.outcome for piece in sweep.pieces), *sweep.joints):
        if isinstance(outcome, ProvedZero):
            assert certify.verify(outcome.certificate).verified
    for before, after in zip(sweep.pieces, sweep.pieces[1:], strict=False):
        assert before.high == after.low
    assert len(sweep.joints) == len(sweep.pieces) - 1
    return sweep


def test_a_wide_interval() -> None:
    sweep = checked(certify.prove_sweep("x^2 - p", [1.0], {"p": (0.01, 100)}))
    assert sweep.complete
    assert sweep.stretches == ((0.01, 100.0),)
    for p in np.geomspace(0.01, 100, 50):
        piece = next(piece for piece in sweep.pieces if piece.low <= p <= piece.high)
        assert abs(piece.outcome.centre[0] - p**0.5) <= piece.outcome.error_radii[0]


def test_a_fold_is_left_open() -> None:
    sweep = checked(certify.prove_sweep("x^2 - p", [1.0], {"p": (-1, 1)}, max_pieces=64))
    assert not sweep.complete
    ((low, high),) = sweep.stretches
    assert 0 < low < 0.1
    assert high == 1
    assert not sweep.pieces[0].proved
    assert "one zero for every p in [" in sweep.reason


def test_branches_that_cross_are_not_joined() -> None:
    sweep = checked(certify.prove_sweep("(x - p)*(x + p)", [1.0], {"p": (-1, 1)}, max_pieces=40))
    assert len(sweep.stretches) == 2
    assert all(low > 0 or high < 0 for low, high in sweep.stretches)


def test_different_branches_are_not_joined() -> None:
    """x^3 - 3x + p has three zeros between its folds at p = -2 and 2."""
    sweep = checked(certify.prove_sweep("x^3 - 3*x + p", [-2.0], {"p": (-3, 3)}))
    signs = [np.sign(piece.outcome.centre[0]) for piece in sweep.pieces if piece.proved]
    for place, joint in enumerate(sweep.joints):
        if joint is not None:
            assert signs[place] == signs[place + 1]
    assert not sweep.complete


def test_other_parameters_stay_intervals() -> None:
    parameters = {"p": (0, 3), "q": (0.99, 1.01)}
    system = "y^3 + p*y - x; x + y*exp(-p) - q"
    sweep = checked(certify.prove_sweep(system, [0.6, 0.5], parameters, over="p"))
    assert sweep.complete
    assert "q in [0.99" in sweep.pieces[0].outcome.theorem


@pytest.mark.parametrize(
    ("parameters", "over", "message"),
    [({"p": 1}, None, "there are none"), ({"p": (0, 1), "q": (0, 1)}, None, "none of the intervals p, q"),
     ({"p": (0, 1)}, "q", "none of the intervals p")],
)  # fmt: skip
def test_what_cannot_be_cut(parameters: dict[str, object], over: str | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        certify.prove_sweep("x - p", [1.0], parameters, over=over)
