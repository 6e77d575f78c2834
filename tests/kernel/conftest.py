"""A certificate, and compilers that are not coqc."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from kernel_points import SIX, certificate


@pytest.fixture(scope="session")
def six():
    return certificate(SIX)


@pytest.fixture
def compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A program named coqc that runs given lines of sh, alone on the path with sh's own tools."""

    def install(lines: str) -> None:
        program = tmp_path / "bin" / "coqc"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{lines}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}/usr/bin{os.pathsep}/bin")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    return install
