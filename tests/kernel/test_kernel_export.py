"""The exporter to Coq; the kernel's verdicts where coqc is installed."""

import dataclasses
import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from certify.catalog import location
from certify.checker.reader import read
from certify.cli import main
from certify.errors import InputError
from certify.kernel.coqc import check
from certify.kernel.export import coq_source, numbers, render

needs_coq = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")


def certificate(name: str):
    return read(next((location() / name).rglob("*.cert.json")).read_bytes())


@pytest.fixture(scope="module")
def six():
    return certificate("orthonormal-K06-M06/minimum-L0.02508058")


def test_the_centre_and_the_teacher_are_the_certificates(six) -> None:
    n = numbers(six)
    assert [len(row) for row in n.factor] == list(range(1, 37))
    assert n.teacher == [[int(i == k) for k in range(6)] for i in range(6)]
    assert n.loss[0] < n.loss[1]


def test_saddles_are_refused() -> None:
    with pytest.raises(InputError, match="saddle"):
        coq_source(certificate("saddles-K06-M06"), "floats")


def test_without_coqc_one_line_says_what_to_install(six, monkeypatch, capsys) -> None:
    monkeypatch.setenv("PATH", "")
    path = str(next((location() / "orthonormal-K06-M06/minimum-L0.02508058").rglob("*.cert.json")))
    assert main(["verify", "--coq", path]) == 2
    assert "apt-get install coq" in capsys.readouterr().err


@needs_coq
@pytest.mark.long
def test_the_kernel_accepts_and_refuses(six, tmp_path: Path) -> None:
    n = numbers(six)
    moved = [[v + Fraction(i == k == 0, 10**6) for k, v in enumerate(row)] for i, row in enumerate(n.centre)]
    wrong = [[v + 2**24 * (i == k == 3) for k, v in enumerate(row)] for i, row in enumerate(n.factor)]
    cases = {
        "true": (n, True),
        "moved centre": (dataclasses.replace(n, centre=moved), False),
        "wrong factor": (dataclasses.replace(n, factor=wrong), False),
        "too large box": (dataclasses.replace(n, radius=Fraction(1, 2**8)), False),
        "bound above the loss": (dataclasses.replace(n, loss=(n.loss[1], n.loss[1] + 1)), False),
    }
    for name, (case, accepted) in cases.items():
        file = tmp_path / "case.v"
        file.write_text(render(case, "bigint"))
        assert check(file, tmp_path).accepted is accepted, name
