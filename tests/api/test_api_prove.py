"""What `prove` accepts, and what it returns."""

from typing import Any

import numpy as np
import pytest
from scipy.optimize import OptimizeResult

import certify
from certify import outcome as outcomes
from certify.search import SearchResult

SADDLE = [[-0.068, -0.068], [1.068, 1.068]]


class Protocol:
    """An array of another library: only the `__array__` protocol."""

    def __init__(self, value: object) -> None:
        self.value = np.array(value, dtype=float)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return self.value.astype(dtype or float)


class Tracked:
    """A tensor that tracks gradients on a device: numpy may read it only after detach() and cpu()."""

    def __init__(self, value: object, steps: tuple[str, ...] = ()) -> None:
        self.value, self.steps = np.array(value, dtype=float), steps

    def detach(self) -> "Tracked":
        return Tracked(self.value, (*self.steps, "detach"))

    def cpu(self) -> "Tracked":
        return Tracked(self.value, (*self.steps, "cpu"))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if self.steps != ("detach", "cpu"):
            raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
        return self.value


class Dlpack:
    """An array that speaks dlpack only."""

    def __init__(self, value: object) -> None:
        self.value = np.array(value, dtype=float)

    def __dlpack__(self, **options: Any) -> Any:
        return self.value.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self.value.__dlpack_device__()


def proved(*arguments: Any, **options: Any) -> certify.Proved:
    outcome = certify.prove(*arguments, **options)
    assert isinstance(outcome, certify.Proved)
    return outcome


def test_the_spurious_minimum(found: SearchResult) -> None:
    outcome = proved(found.groups[1].W)
    assert (outcome.kind, outcome.index, outcome.ambient_index) == ("strict-local-minimum", 0, 0)
    assert outcome.loss[0] <= 0.02320271491 <= outcome.loss[1]
    assert outcome.not_global
    assert isinstance(outcome, outcomes.Proved)


def test_the_theorem_is_what_the_checker_says(found: SearchResult) -> None:
    outcome = proved(found.groups[1].W)
    verification = certify.verify(outcome.certificate)
    assert verification.verified
    assert verification.sentence == outcome.theorem
    assert "strict local minimum" in outcome.theorem
    assert verification.sha256 == outcome.certificate.sha256
    assert verification.kind == outcome.kind


def test_a_saddle() -> None:
    outcome = proved(SADDLE)
    assert (outcome.kind, outcome.index, outcome.ambient_index) == ("saddle", 1, 1)
    assert "saddle of Morse index 1" in outcome.theorem


@pytest.mark.parametrize("wrap", [np.array, list, Protocol, Tracked, Dlpack, lambda x: np.array(x, dtype=np.float32)])
def test_anything_like_an_array(wrap: Any) -> None:
    W = [[1.0, 0.0, 0.0], [0.0, 2.0, 0.0]]
    reference = proved(np.array(W), np.array(W)).certificate.sha256
    assert proved(wrap(W), wrap(W)).certificate.sha256 == reference


def test_a_result_of_scipy() -> None:
    result = OptimizeResult(x=np.eye(3).ravel(), success=True)
    reference = proved(np.eye(3)).certificate.sha256
    assert proved(result, students=3).certificate.sha256 == reference
    assert proved(result, np.eye(3)).certificate.sha256 == reference
    assert proved(np.eye(3).ravel(), students=3).certificate.sha256 == reference
    assert proved(np.eye(3).ravel().tolist(), students=3).certificate.sha256 == reference


def test_without_a_teacher_there_are_as_many_teachers_as_dimensions() -> None:
    claim = proved(np.eye(3)).certificate.claim
    assert (claim["students"], claim["teachers"], claim["dimension"]) == (3, 3, 3)


def test_more_bits_give_a_smaller_error_radius() -> None:
    assert proved(SADDLE, bits=192).error_radius < 1e-20 < proved(SADDLE).error_radius


def test_refuted_and_undecided() -> None:
    assert isinstance(certify.prove([[0.6, 0.1], [0.2, 0.8]]), certify.Refuted)
    zero_row = certify.prove([[1.0, 0.0], [0.0, 0.0]])
    assert isinstance(zero_row, certify.Undecided)
    assert "student 1 has norm zero" in zero_row.reason


def test_more_unknowns_than_a_certificate_may_have() -> None:
    outcome = certify.prove(np.ones((129, 128)))
    assert isinstance(outcome, certify.Undecided)
    assert "16512 unknowns" in outcome.reason
    assert "(16384 and 4096)" in outcome.reason


BAD: list[tuple[tuple[Any, ...], dict[str, Any], str]] = [
    (([[1.0, np.nan]],), {}, r"W\[0, 1\] is nan"),
    (([["a"]],), {}, "not real numbers"),
    (([[1.0], [1.0, 2.0]],), {}, "not a matrix of numbers"),
    ((None,), {}, "not real numbers"),
    ((np.ones((2, 2, 2)),), {}, "nonempty matrix"),
    ((np.ones((0, 2)),), {}, "nonempty matrix"),
    ((np.eye(2) * 1j,), {}, "not real numbers"),
    ((np.eye(2), np.eye(3)), {}, "W has 2 columns, but V has 3"),
    ((np.eye(2), [[0.0, 0.0]]), {}, "teacher 0 is zero"),
    ((np.eye(2), [[np.inf, 0.0]]), {}, r"V\[0, 0\] is inf"),
    ((np.eye(2),), {"students": 3}, "2 rows, but 3 students"),
    ((np.ones(6),), {}, "needs the number of students"),
    ((np.ones(6),), {"students": 4}, "6 numbers are not 4 students in any dimension"),
    ((np.ones(6),), {"students": 7}, "6 numbers are not 7 students"),
    ((np.ones(6),), {"students": 0}, "must be positive"),
    ((np.ones(6), np.eye(4)), {}, "6 numbers are not a whole number of students in dimension 4"),
    ((np.ones(6), np.eye(3)), {"students": 3}, "6 numbers are not 3 students in dimension 3"),
    ((np.eye(2),), {"bits": 600}, "600"),
    ((np.eye(2),), {"max_bits": 20}, "20"),
    ((OptimizeResult(x=np.ones(4)),), {}, "needs the number of students"),
]


@pytest.mark.parametrize(("arguments", "options", "message"), BAD)
def test_bad_input(arguments: tuple[Any, ...], options: dict[str, Any], message: str) -> None:
    with pytest.raises(certify.InputError, match=message) as error:
        certify.prove(*arguments, **options)
    assert "\n" not in str(error.value)
