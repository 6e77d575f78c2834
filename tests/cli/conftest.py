"""Running the command line in this process, and something to run it on."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from certify.cli import main
from certify.search import search


@dataclass(frozen=True)
class Done:
    """What one call left behind."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


Certify = Callable[..., Done]


@pytest.fixture
def certify(capsys: pytest.CaptureFixture[str]) -> Certify:
    """Call with arguments; every path of every test is free of tracebacks."""

    def call(*arguments: object) -> Done:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        return Done(code, captured.out, captured.err)

    return call


@pytest.fixture(scope="session")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a search wrote: candidates at zero loss and at 0.0232; not to be changed."""
    folder = tmp_path_factory.mktemp("searched")
    search(7, starts=40, seed=0, workers=1, directory=folder)
    return folder


@pytest.fixture
def found(searched: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(searched, tmp_path / "found"))


@pytest.fixture
def minimum(tmp_path: Path) -> Path:
    """A candidate file: three students at the global minimum."""
    np.save(tmp_path / "minimum.npy", np.eye(3))
    return tmp_path / "minimum.npy"


@pytest.fixture
def certificate(certify: Certify, minimum: Path, tmp_path: Path) -> Path:
    """Its certificate."""
    assert certify("prove", minimum, "-o", tmp_path / "certificates").code == 0
    return next((tmp_path / "certificates").iterdir())
