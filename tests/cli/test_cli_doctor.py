"""`certify doctor` and `certify completion`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.linalg.blas

from certify.cli import main

Capture = pytest.CaptureFixture[str]


def test_everything_is_found(capsys: Capture) -> None:
    assert main(["doctor"]) == 0
    found = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines() if " " in line)
    assert found["numpy"] == np.__version__
    assert found["checker"] == "verifies a fresh proof"
    assert "certificates in" in found["catalogue"]


def test_a_blas_that_rounds_is_found(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    exact = scipy.linalg.blas.dsyrk
    monkeypatch.setattr(scipy.linalg.blas, "dsyrk", lambda *args, **named: exact(*args, **named) * (1 + 2.0**-50))
    assert main(["doctor"]) == 1
    assert "FAILED: ArithmeticError: BLAS rounds" in capsys.readouterr().out


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    from importlib import metadata

    def nothing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", nothing)
    assert main(["doctor"]) == 0  # the self-tests still pass
    out = capsys.readouterr().out
    assert "pip install 'certify[report]'" in out
    assert "MISSING" in out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str, capsys: Capture) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert "_CERTIFY_COMPLETE" in script
    if shutil.which(shell):
        assert subprocess.run([shell, "-n"], input=script, text=True, timeout=60, check=False).returncode == 0


def test_a_shell_asks() -> None:
    environment = {**os.environ, "_CERTIFY_COMPLETE": "bash_complete", "COMP_WORDS": "certify ve", "COMP_CWORD": "1"}
    command = [str(Path(sys.executable).parent / "certify")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "plain,verify")


def test_unknown_shells(capsys: Capture) -> None:
    assert main(["completion", "csh"]) == 2
    assert "'csh' is not one of" in capsys.readouterr().err
