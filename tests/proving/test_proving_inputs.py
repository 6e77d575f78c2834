"""Odd inputs: every one ends in an outcome or an InputError, quickly, without warnings, and proofs verify."""

import time

import numpy as np
import pytest

from certify import proving
from certify.checker import verify_bytes
from certify.errors import InputError
from certify.outcome import Outcome, Proved, Refuted, Undecided
from certify.problem import Problem, as_matrix, make_problem

SCALES = [
    5e-324,
    1e-310,
    1e-308,
    1e-200,
    1e-160,
    1e-140,
    1e-100,
    1e-30,
    1e-10,
    1e10,
    1e30,
    1e100,
    1e140,
    1e150,
    1e200,
    1.7e308,
]


def prove(W: object, problem: Problem, **options: int) -> Outcome:
    return proving.prove(as_matrix(W, "W"), problem, **options)


def settle(W: object, teacher: object, **options: int) -> Outcome:
    matrix = np.array(teacher, dtype=float)
    start = time.perf_counter()
    outcome = prove(W, make_problem(len(W), teacher=matrix), **options)
    assert time.perf_counter() - start < 20.0
    if isinstance(outcome, Proved):
        verify_bytes(outcome.certificate.content)
    return outcome


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("perturbation", [0.0, 1e-3])
def test_every_scale_of_students_and_teachers(scale: float, perturbation: float) -> None:
    with np.errstate(under="ignore"):
        W = scale * (0.5 * np.eye(3) + perturbation)
    outcome = settle(W, 0.5 * scale * np.eye(3) if scale > 1e-323 else scale * np.eye(3))
    if 1e-140 <= scale <= 1e140:
        assert isinstance(outcome, Proved)
        assert outcome.kind == "strict-local-minimum"
    else:
        assert isinstance(outcome, Undecided)


@pytest.mark.parametrize("scale", SCALES)
def test_students_and_teachers_of_different_lengths(scale: float) -> None:
    settle(scale * np.eye(2), np.eye(2))
    settle([[scale, 0.0], [0.0, 1.0]], np.eye(2))
    settle([[scale, 0.0], [0.0, 1.0]], [[scale, 0.0], [0.0, 1.0]])
    settle([[1.0, scale], [0.0, 1.0]], np.eye(2))
    settle([[1.0, 0.0], [0.0, 1.0]], [[1.0, scale], [0.0, 1.0]])


def test_the_message_about_a_zero_student_is_true() -> None:
    outcome = settle([[1.0, 0.0], [0.0, 0.0]], np.eye(2))
    assert isinstance(outcome, Undecided)
    assert outcome.reason.startswith("student 1 has norm zero")
    tiny = settle([[1.0, 0.0], [0.0, 1e-200]], np.eye(2))  # once called zero because its square is
    assert isinstance(tiny, Undecided)
    assert "zero" not in tiny.reason


@pytest.mark.parametrize(
    "W",
    [
        [[np.nan, 0.0], [0.0, 1.0]],
        [[np.inf, 0.0], [0.0, 1.0]],
        np.ones(2),
        np.ones((2, 3)),
        np.ones((1, 2)),
        np.ones((2, 2, 1)),
        np.zeros((0, 2)),
        np.eye(2, dtype=bool),
        np.eye(2, dtype=complex),
        np.eye(2).astype(object),
        [["a", "b"], ["c", "d"]],
        [[1.0, 2.0], [3.0]],
        [[10**400, 0], [0, 1]],
        None,
        "W",
        np.eye(2).astype(np.longdouble) * np.longdouble(1e300) * np.longdouble(1e300),
    ],
)
def test_what_is_no_candidate_is_refused(W: object) -> None:
    with np.errstate(over="ignore"), pytest.raises(InputError):
        prove(W, make_problem(2))


@pytest.mark.parametrize("dtype", [np.int8, np.uint64, np.float16, np.float32, np.longdouble])
def test_every_real_type_is_read(dtype: type) -> None:
    assert isinstance(prove(np.eye(3, dtype=dtype), make_problem(3)), Proved)
    assert isinstance(prove(np.asfortranarray(np.eye(3, dtype=dtype))[::-1][::-1], make_problem(3)), Proved)


def test_infinite_in_float64_is_not_finite() -> None:
    with np.errstate(over="ignore"):
        value = np.longdouble(1e300) * np.longdouble(1e300)
    if np.isinf(value):
        pytest.skip("the longest format is float64")
    with pytest.raises(InputError):
        as_matrix(np.full((1, 1), value), "W")


@pytest.mark.parametrize(
    "arguments",
    [
        {"students": 0},
        {"students": -1},
        {"students": 2.5},
        {"students": "2"},
        {"students": 2, "teachers": 0},
        {"students": 2, "teachers": 1.5},
        {"students": 2, "teachers": 3, "dimension": 2},
        {"students": 2, "teacher": [[0.0, 0.0], [1.0, 0.0]]},
        {"students": 2, "teacher": [[1.0, np.nan]]},
        {"students": 2, "teacher": [[1.0]], "teachers": 2},
        {"students": 2, "teacher": []},
    ],
)
def test_what_is_no_problem_is_refused(arguments: dict) -> None:
    with pytest.raises(InputError):
        make_problem(**arguments)


def test_a_short_teacher_is_not_zero() -> None:
    assert make_problem(1, teacher=[[1e-200, 0.0]]).teachers == 1


def test_a_teacher_cannot_change_after_it_was_recognised_as_orthonormal() -> None:
    V = np.eye(2)
    problem = make_problem(2, teacher=V)
    V[0, 0] = 2.0
    assert problem.orthonormal
    assert (problem.teacher == np.eye(2)).all()
    with pytest.raises(ValueError, match="read-only"):
        problem.teacher[0, 0] = 2.0


def test_a_ladder_without_steps_is_refused() -> None:
    for options in ({"bits": 1000}, {"max_bits": 10}, {"bits": 300, "max_bits": 310}):
        with pytest.raises(InputError, match="precisions"):
            prove(np.eye(2), make_problem(2), **options)


def test_numpy_s_error_state_does_not_matter() -> None:
    with np.errstate(all="raise"):
        for scale in SCALES:
            settle(np.diag([scale, 1.0]), np.eye(2))


def test_degenerate_shapes() -> None:
    assert isinstance(settle([[1.0]], [[1.0]]), Proved)
    assert isinstance(settle([[-1.0]], [[1.0]]), Refuted)  # d = 1: the gradient there is -1/2
    assert isinstance(settle([[1.0], [-1.0]], [[1.0], [-1.0]]), Proved)
    assert isinstance(settle([[0.5], [0.5]], [[1.0]]), Undecided)  # a flat segment
    assert isinstance(settle(np.full((1, 5), 0.5), np.eye(5)), Refuted)
    assert isinstance(settle([[0.3, 0.0], [0.7, 0.0]], [[1.0, 0.0]]), Undecided)


def test_parallel_students() -> None:
    split = [[0.5, 0, 0], [0.5, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert isinstance(settle(split, np.eye(3)), Undecided)
    double = [[1.0, 0, 0], [1.0, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert isinstance(settle(double, np.eye(3)), Refuted)
    opposite = [[1.0, 0, 0], [-1.0, 0, 0], [0, 1, 0]]
    assert isinstance(settle(opposite, np.eye(3)), Refuted)


@pytest.mark.parametrize("size", [1e-12, 1e-9, 1e-6, 1e-4, 1e-2])
def test_a_perturbed_minimum_is_found_again(size: float) -> None:
    W = np.eye(4) + size * np.random.default_rng(1).standard_normal((4, 4))
    outcome = settle(W, np.eye(4))
    assert isinstance(outcome, Proved)
    assert outcome.displacement == pytest.approx(np.linalg.norm(W - np.eye(4)), rel=1e-6, abs=1e-12)
