"""Starts, the descent's objective, the polish, and what single runs end in."""

import numpy as np
import pytest

from certify.landscape import floats
from certify.search.descent import describe, is_global, run_start
from certify.search.newton import polish
from certify.search.objective import objective
from certify.search.setting import make_setting
from certify.search.starts import scale_of, start


def test_objective_agrees_with_the_accurate_formulas() -> None:
    generator = np.random.default_rng(1)
    W, V = generator.standard_normal((4, 6)), generator.standard_normal((5, 6))
    value, slope = objective(V, 4)(W.ravel())
    assert value == pytest.approx(floats.loss(W, V), abs=1e-13)
    assert slope.reshape(4, 6) == pytest.approx(floats.gradient(W, V), abs=1e-13)


def test_starts_depend_on_seed_and_number_alone() -> None:
    setting = make_setting(3, 4, seed=7)
    expected = np.random.default_rng([7, 2]).standard_normal((3, 4)) * scale_of(setting, 2) / 2.0
    assert (start(setting, 2) == expected).all()
    assert not (start(setting, 2) == start(make_setting(3, 4, seed=8), 2)).any()
    assert not (start(setting, 2) == start(setting, 8)).any()


def test_starts_follow_the_teacher_s_length() -> None:
    plain, long = make_setting(3, 3), make_setting(3, teacher=8.0 * np.eye(3))
    assert start(long, 1) == pytest.approx(8.0 * start(plain, 1), rel=1e-15)


def test_polish_never_increases_the_gradient() -> None:
    generator = np.random.default_rng(2)
    V = np.eye(4)
    for _ in range(20):
        W = generator.standard_normal((4, 4))
        before = np.abs(floats.gradient(W, V)).max()
        assert np.abs(floats.gradient(polish(W, V, 1e-12), V)).max() <= before


def test_polish_reaches_machine_precision() -> None:
    V = np.eye(5)
    W = polish(V + 1e-3 * np.random.default_rng(3).standard_normal((5, 5)), V, 1e-12)
    assert np.abs(floats.gradient(W, V)).max() < 1e-15
    assert np.abs(W - V).max() < 1e-14


def test_one_student_one_teacher_finds_the_teacher() -> None:
    setting = make_setting(1, teacher=[[3.0, 4.0]])
    run = run_start(setting, 0)
    assert np.abs(run.W - setting.teacher).max() < 1e-13
    assert run.status == "minimum"
    assert is_global(run, setting)


def test_one_student_for_two_teachers_by_hand() -> None:
    # By symmetry w = a (1, 1); the loss's derivative along it gives a = 2 (s + (pi - t) c) / pi sqrt 2 / 2 at t = pi/4.
    run = run_start(make_setting(1, 2), 0)
    s = np.sqrt(0.5)
    length = 2.0 * (s + 0.75 * np.pi * s) / np.pi
    assert run.W[0] == pytest.approx([length * s, length * s], abs=1e-13)


def test_a_vanishing_student_has_not_converged() -> None:
    # On a line the student may start opposite to the teacher; it then shrinks to zero and never turns round.
    setting = make_setting(1, 1)
    runs = [run_start(setting, n) for n in range(20)]
    lost = [run for run in runs if not run.converged]
    assert lost
    assert all(run.index == -1 and np.isnan(run.lowest) for run in lost)
    assert all(abs(run.W.item() - 1.0) < 1e-14 for run in runs if run.converged)


def test_a_known_saddle_is_called_one() -> None:
    # Two equal students for two orthonormal teachers: the best single direction, split in halves.
    setting = make_setting(2, 2)
    s = np.sqrt(0.5)
    half = (s + 0.75 * np.pi * s) / np.pi
    run = describe(setting, 0, np.full((2, 2), half * s))
    assert run.gradient < 1e-15
    assert run.index >= 1


def test_a_descent_into_a_saddle_goes_on_downhill(monkeypatch: pytest.MonkeyPatch) -> None:
    # Equal students stay equal along the gradient: the descent ends in the saddle of the test above.
    monkeypatch.setattr("certify.search.descent.start", lambda setting, number: np.full((2, 2), 0.3))
    setting = make_setting(2, 2)
    run = run_start(setting, 0)
    assert run.status == "minimum"
    assert is_global(run, setting)


def test_more_students_than_teachers_end_on_the_flat_global_set() -> None:
    setting = make_setting(4, 3)
    for n in range(6):
        run = run_start(setting, n)
        assert run.status == "degenerate"
        assert is_global(run, setting)
        assert run.gradient < 1e-9


@pytest.mark.parametrize("length", [2.0**-60, 2.0**-10, 2.0**10, 2.0**60])
def test_results_scale_with_the_teacher(length: float) -> None:
    plain, long = make_setting(3, 5), make_setting(3, teacher=length * np.eye(5))
    for n in range(8):
        expected, run = run_start(plain, n), run_start(long, n)
        assert run.status == expected.status
        assert run.loss / length**2 == pytest.approx(expected.loss, rel=1e-12)
        assert run.lowest == pytest.approx(expected.lowest, rel=1e-9)
