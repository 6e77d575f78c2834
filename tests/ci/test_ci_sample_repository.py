"""Somebody else's repository: green, then a certificate is edited, then red in every tool with a readable message."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from claims import certificate, claim, edited, put, scaled, turned

from certify.cli import main

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two certificates under git."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    folder = tmp_path / "sample"
    put(folder / "proofs", minimum=certificate(), turned=turned())
    (folder / "pytest.ini").write_text("[pytest]\ncertificates = true\n")
    (folder / "test_nothing.py").write_text("def test_nothing():\n    pass\n")
    git(folder, "init", "-q", "-b", "main")
    commit(folder, "Proofs")
    return folder


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, timeout=60)


def commit(folder: Path, message: str) -> None:
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", message)


def spoil(folder: Path) -> None:
    """A uniqueness radius twice as large: well-formed, and not what the witness proves."""
    put(folder / "proofs", minimum=edited(certificate(), scaled("uniqueness_radius", 1)))


def run_pytest(folder: Path, *arguments: str) -> tuple[int, str]:
    """With the plugin given by name, so that this does not depend on how certify is installed."""
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "certify.pytest_plugin", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_pytest(repository: Path) -> None:
    code, text = run_pytest(repository)
    assert code == 0, text
    assert "3 passed" in text
    spoil(repository)
    code, text = run_pytest(repository)
    assert code == 1
    assert "1 failed, 2 passed" in text
    assert "REJECTED: uniqueness: " in text
    assert "claim: 3 ReLU students, 3 orthonormal teachers" in text
    assert "check again: certify verify " in text
    assert "Traceback" not in text
    (repository / "proofs" / "minimum.cert.json").write_bytes(b"{}")
    assert "claim: cannot be read" in run_pytest(repository)[1]


def test_pytest_collects_nothing_unasked(repository: Path) -> None:
    (repository / "pytest.ini").unlink()
    spoil(repository)
    assert "1 passed" in run_pytest(repository)[1]
    assert "1 failed, 2 passed" in run_pytest(repository, "--certificates")[1]


def test_pytest_plugin_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"certify": "certify.pytest_plugin"}


def test_junit(repository: Path, capsys: Capture) -> None:
    report = repository / "report.xml"
    (repository / "proofs" / "no\x07ne.cert.json").write_bytes(b"{}")
    spoil(repository)
    assert main(["verify", "-q", "--junit", str(report), str(repository / "proofs")]) == 2
    suite = ET.parse(report).getroot().find("testsuite")  # noqa: S314 - its own
    assert suite is not None
    assert [suite.get(name) for name in ("tests", "failures", "errors")] == ["3", "1", "1"]
    cases = {str(case.get("name")): case for case in suite}
    failure = cases["minimum.cert.json"].find("failure")
    assert failure is not None
    assert str(failure.get("message")).startswith("uniqueness: ")
    assert cases["no\\x07ne.cert.json"].find("error") is not None
    assert str(cases["turned.cert.json"].findtext("system-out")).startswith("VERIFIED ")


def test_junit_to_nowhere(repository: Path, capsys: Capture) -> None:
    report = repository / "pytest.ini" / "report.xml"
    assert main(["verify", "-q", "--junit", str(report), str(repository / "proofs")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def workflow() -> dict[str, Any]:
    yaml = pytest.importorskip("yaml")
    loaded = yaml.safe_load((ROOT / ".github" / "workflows" / "certificates.yml").read_text())
    assert isinstance(loaded, dict)
    return loaded


def steps(folder: Path, baseline: str) -> tuple[int, str]:
    """The shell steps of the reusable workflow after the installation, in order, until one fails."""
    text, environment = "", {**os.environ, "CERTIFICATES": "proofs", "BASELINE": baseline, "SLACK": "0"}
    environment["PATH"] = f"{BIN}{os.pathsep}{environment['PATH']}"
    for step in workflow()["jobs"]["certificates"]["steps"]:
        if step.get("name") not in ("Verify", "Compare"):
            continue
        command = ["bash", "-e", "-c", step["run"]]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        text += done.stdout + done.stderr
        if done.returncode:
            return done.returncode, text
    return 0, text


def test_workflow(repository: Path) -> None:
    """The steps' own text, run here; the inputs are the environment that the workflow names."""
    job = workflow()["jobs"]["certificates"]
    assert job["env"] == {
        "CERTIFICATES": "${{ inputs.path }}", "BASELINE": "${{ inputs.baseline }}", "SLACK": "${{ inputs.slack }}"
    }  # fmt: skip
    code, text = steps(repository, "main")
    assert (code, text) == (0, "2 same, 0 stronger, 0 gained, 0 weakened, 0 lost, 0 not verified\n")
    spoil(repository)
    code, text = steps(repository, "main")
    assert code == 1
    assert text.startswith("REJECTED proofs/minimum.cert.json: uniqueness: ")
    put(repository / "proofs", minimum=edited(certificate(), scaled("uniqueness_radius", -1)))
    code, text = steps(repository, "main")
    assert code == 1
    assert text.startswith("WEAKENED minimum.cert.json: uniqueness radius: 0.0")
    (repository / "proofs" / "minimum.cert.json").unlink()
    code, text = steps(repository, "main")
    assert code == 1
    assert text.startswith("LOST minimum.cert.json: 3 ReLU students")


def test_pre_commit_hook(repository: Path) -> None:
    yaml = pytest.importorskip("yaml")
    hook = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())[0]
    program, *arguments = hook["entry"].split()
    command = [str(BIN / program), *arguments, "proofs/minimum.cert.json", "proofs/turned.cert.json"]
    assert subprocess.run(command, cwd=repository, timeout=60, check=False).returncode == 0
    spoil(repository)
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("REJECTED proofs/minimum.cert.json: uniqueness: ")


def test_diff_of_files_and_bad_ones(tmp_path: Path, capsys: Capture) -> None:
    old = put(tmp_path / "old", a=certificate()) / "a.cert.json"
    assert main(["diff", str(old), str(old)]) == 0
    assert capsys.readouterr().out == "1 same, 0 stronger, 0 gained, 0 weakened, 0 lost, 0 not verified\n"
    new = put(tmp_path / "new", a=turned(), b=b"{}")
    assert main(["diff", str(tmp_path / "old"), str(new)]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("MALFORMED b.cert.json: ")
    assert [line.split()[0] for line in captured.out.splitlines()] == ["LOST", "GAINED", "0"]
    assert main(["diff", "--json", str(new), str(tmp_path / "old")]) == 2
    assert main(["diff", str(tmp_path / "nothing"), str(old)]) == 2
    assert capsys.readouterr().err.count("\n") >= 1


def test_diff_with_slack(tmp_path: Path, capsys: Capture) -> None:
    halved = edited(certificate(), scaled("uniqueness_radius", -1))
    old, new = put(tmp_path / "old", a=certificate()), put(tmp_path / "new", a=halved)
    assert main(["diff", str(old), str(new)]) == 1
    assert main(["diff", "--slack", "0.5", str(old), str(new)]) == 0
    assert main(["diff", "--slack", "0.49", str(old), str(new)]) == 1
    assert main(["diff", str(new), str(old)]) == 0
    assert claim(certificate())["index"] == 0
