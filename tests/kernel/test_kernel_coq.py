"""Coq's own verdicts: what it accepts, from which axioms, and every part of the test refusing something."""

import dataclasses
import shutil
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from kernel_points import certificate

from certify.kernel.axioms import EXPECTED
from certify.kernel.coqc import QUIET, coqc, judge, theory
from certify.kernel.export import numbers
from certify.kernel.source import Numbers, render

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed: Coq's kernel was not asked"),
]


@pytest.mark.parametrize("arithmetic", EXPECTED)
def test_the_kernel_accepts_from_exactly_the_documented_axioms(six, arithmetic: str) -> None:
    judgement = judge(render(numbers(six), arithmetic).encode())
    assert judgement.accepted, judgement.reason
    assert set(judgement.axioms) == EXPECTED[arithmetic]


@pytest.mark.parametrize("name", ["orthonormal-K09-M08", "gaussian-K06-M06-d06-seed2/minimum-L0.00258849",
                                  "gaussian-K04-M07-d05-seed3", "orthonormal-K07-M07-d10/minimum-L0.02320271",
                                  "families/one-more-alpha/k0009.cert.json"])  # fmt: skip
def test_other_shapes_teachers_and_symmetric_points_are_accepted(name: str) -> None:
    judgement = judge(render(numbers(certificate(name)), "floats").encode())
    assert judgement.accepted, judgement.reason
    assert set(judgement.axioms) == EXPECTED["floats"]


def test_a_symmetry_that_the_centre_does_not_have_does_not_compile() -> None:
    n = numbers(certificate("families/one-more-alpha/k0009.cert.json"))
    students, coordinates, teachers = n.symmetries[0]
    for wrong in ((students, coordinates, (0, 0)), ((0, 0), coordinates, teachers), (students, (0, 7), teachers),
                  (students, coordinates, (0, 8))):  # fmt: skip
        judgement = judge(render(dataclasses.replace(n, symmetries=(*n.symmetries, wrong)), "floats").encode())
        assert not judgement.accepted
        assert judgement.failed == ()


def edited(rows: list[list[Fraction]], change: dict[tuple[int, int], Fraction]) -> list[list[Fraction]]:
    return [[v + change.get((i, k), 0) for k, v in enumerate(row)] for i, row in enumerate(rows)]


def moved(n: Numbers) -> Numbers:
    return dataclasses.replace(n, centre=edited(n.centre, {(0, 0): Fraction(1, 10**6)}))


def other_factor(n: Numbers) -> Numbers:
    rows = [list(row) for row in n.factor]
    rows[3][3] += 2**24
    return dataclasses.replace(n, factor=rows)


def other_teacher(n: Numbers) -> Numbers:
    return dataclasses.replace(n, teacher=edited(n.teacher, {(0, 1): Fraction(1, 2**20)}))


def parallel(n: Numbers) -> Numbers:
    return dataclasses.replace(n, centre=[n.centre[0], [2 * v for v in n.centre[0]], *n.centre[2:]])


def dropped(n: Numbers) -> Numbers:
    return dataclasses.replace(n, centre=n.centre[:-1], factor=n.factor[:30])


CONTROLS: dict[str, tuple[Callable[[Numbers], Numbers], set[str]]] = {
    "moved centre": (moved, {"Gradient"}),
    "swapped teacher": (other_teacher, {"Gradient"}),
    "wrong factor": (other_factor, {"Definiteness"}),
    "too large box": (lambda n: dataclasses.replace(n, radius=Fraction(1, 2**8)), {"Definiteness"}),
    "bound above the loss": (lambda n: dataclasses.replace(n, loss=(n.loss[1], n.loss[1] + 1)), {"Lower_bound"}),
    "bound below the loss": (lambda n: dataclasses.replace(n, loss=(n.loss[0] / 2, n.loss[0])), {"Upper_bound"}),
    "curvature": (lambda n: dataclasses.replace(n, curvature=n.curvature * Fraction(33, 32)), {"Curvature"}),
    "slack as large as the shift": (lambda n: dataclasses.replace(n, slack=n.shift), {"Curvature", "Gradient"}),
    "error beyond the box": (lambda n: dataclasses.replace(n, error=n.radius), {"Radii"}),
    "no error": (lambda n: dataclasses.replace(n, error=Fraction(0)), {"Radii", "Gradient"}),
    "parallel students": (parallel, {"Separation"}),
    "one student too few": (dropped, {"Gradient"}),
    "no factor for a student": (lambda n: dataclasses.replace(n, factor=n.factor[:30]), {"Shapes"}),
    "ragged centre": (lambda n: dataclasses.replace(n, centre=[*n.centre[:-1], n.centre[-1][:-1]]), {"Shapes"}),
}


@pytest.mark.parametrize("control", CONTROLS)
def test_the_kernel_refuses_for_the_right_reason(six, control: str) -> None:
    change, parts = CONTROLS[control]
    judgement = judge(render(change(numbers(six)), "floats").encode())
    assert not judgement.accepted
    assert parts <= set(judgement.failed)
    if control in ("moved centre", "wrong factor", "too large box", "bound above the loss", "bound below the loss",
                   "curvature", "error beyond the box", "no factor for a student"):  # fmt: skip
        assert parts == set(judgement.failed)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("certified 6 6 6 (entry teacher_den teacher) (entry centre_den centre)",
         "certified 7 6 6 (entry teacher_den teacher) (entry centre_den centre)"),
        ("certified 6 6 6 (entry teacher_den teacher) (entry centre_den centre)",
         "certified 6 6 6 (entry centre_den centre) (entry teacher_den teacher)"),
        ("(Q2R radius) (Q2R error)", "(Q2R radius) (Q2R slack)"),
        ("not_global 6 6 6", "not_global 6 5 6"),
        ("vm_cast_no_check (eq_refl true)", "reflexivity_is_not_enough"),
    ],
)  # fmt: skip
def test_a_statement_that_the_test_is_not_about_does_not_compile(six, tmp_path: Path, old: str, new: str) -> None:
    text = render(numbers(six), "floats")
    assert old in text
    file = tmp_path / "edited.v"
    file.write_text(text.replace(old, new, 1))
    command = [coqc(), *QUIET, "-Q", str(theory()), "Certify", str(file)]
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0
