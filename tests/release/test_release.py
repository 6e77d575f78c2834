"""What would be published: built, checked, installed elsewhere, and used there."""

import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

import certify

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def run(*command: object, cwd: Path) -> str:
    texts = [str(part) for part in command]
    done = subprocess.run(texts, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_versions_agree() -> None:
    assert PROJECT["version"] == certify.__version__
    citation = (ROOT / "CITATION.cff").read_text()
    assert re.search(r"^version: (.+)$", citation, re.MULTILINE)[1] == certify.__version__  # type: ignore[index]
    assert f"## {certify.__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_citation_is_complete() -> None:
    yaml = pytest.importorskip("yaml")
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors", "version", "license"} <= citation.keys()
    assert citation["license"] == PROJECT["license"]


def test_classifiers_exist() -> None:
    known = pytest.importorskip("trove_classifiers").classifiers
    assert set(PROJECT["classifiers"]) <= set(known)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Source distribution, and the wheel that is built from it."""
    pytest.importorskip("build")
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "-o", folder, ROOT, cwd=folder)
    return folder


def wheel(built: Path) -> Path:
    return next(built.glob("*.whl"))


@pytest.mark.long
def test_metadata(built: Path) -> None:
    """What an index would refuse, and what a reader would miss."""
    metadata = pytest.importorskip("packaging.metadata")
    with zipfile.ZipFile(wheel(built)) as archive:
        names = archive.namelist()
        content = archive.read(next(name for name in names if name.endswith(".dist-info/METADATA")))
    found = metadata.Metadata.from_email(content)  # validates every field
    assert found.name == "certify"
    assert found.description.startswith("# certify")
    assert found.description_content_type == "text/markdown"
    assert message_from_bytes(content)["License-Expression"] == "MIT"
    assert {"certify/py.typed", "certify/report/templates/table.js", "certify/proofs/README.md"} <= set(names)
    assert sum(name.endswith(".cert.json") for name in names) > 2000
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        members = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "SECURITY.md", "CITATION.cff", "docs/theorems.md", "tests/conftest.py"} <= members


@pytest.fixture(scope="module")
def elsewhere(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another environment with the wheel, which borrows the libraries of this one but not its certify."""
    folder = tmp_path_factory.mktemp("elsewhere")
    run(sys.executable, "-m", "venv", folder, cwd=folder)
    packages = next((folder / "lib").glob("python*/site-packages"))
    run(folder / "bin" / "pip", "install", "-q", "--no-deps", "--no-index", wheel(built), cwd=folder)
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


@pytest.mark.long
def test_the_wheel_works_elsewhere(elsewhere: Path) -> None:
    program = elsewhere / "bin" / "certify"
    report = run(program, "doctor", cwd=elsewhere)
    assert f"certificates in {elsewhere}" in report
    assert "FAILED" not in report
    assert "orthonormal-K06-M06" in run(program, "catalog", "--students", 6, cwd=elsewhere)
    (elsewhere / "W.json").write_text('{"W": [[1, 0], [0, 1]]}')
    run(program, "prove", "W.json", "-o", "made", cwd=elsewhere)
    assert run(program, "verify", "made", cwd=elsewhere).startswith("VERIFIED ")
    assert "1 passed" in run(
        elsewhere / "bin" / "python", "-m", "pytest", "-q", "--certificates", "made", cwd=elsewhere
    )


def other_pythons() -> list[Path]:
    """Interpreters on the path, of the system and of pyenv, other than this one, from 3.11 on."""
    names = [f"python3.{minor}" for minor in range(11, 16)] + ["python3", "pypy3"]
    found = [shutil.which(name) for name in names] + [shutil.which("python3", path="/usr/bin:/usr/local/bin")]
    places = [Path(place) for place in found if place] + list(Path.home().glob(".pyenv/versions/*/bin/python3"))
    return sorted({p.resolve() for p in places if is_recent(p)} - {Path(sys.executable).resolve()})


def is_recent(interpreter: Path) -> bool:
    """False also for a shim without a Python behind it."""
    command = [str(interpreter), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
    return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0


@pytest.mark.long
def test_the_checker_runs_under_other_pythons(elsewhere: Path) -> None:
    run(elsewhere / "bin" / "certify", "bundle", "-o", "checker.pyz", cwd=elsewhere)
    certificate = next((ROOT / "proofs").rglob("*.cert.json"))
    if not other_pythons():
        pytest.skip("no other Python is installed")
    for interpreter in other_pythons():
        out = run(interpreter, "-S", "-I", "checker.pyz", certificate, cwd=elsewhere)
        assert out.startswith("VERIFIED "), interpreter


def test_build_products_stay_out_of_the_wheel(tmp_path: Path) -> None:
    """What `make` in proofs/coq leaves there, beside what must be in."""
    builder = pytest.importorskip("hatchling.builders.wheel").WheelBuilder
    for name in ("pyproject.toml", ".gitignore", "README.md", "LICENSE", "certify/__init__.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    coq = tmp_path / "proofs" / "coq"
    shutil.copytree(ROOT / "proofs" / "coq", coq, ignore=shutil.ignore_patterns("*.vo*", "*.glob", "*.aux", "*.cache"))
    sources = {f"certify/proofs/coq/{path.name}" for path in coq.iterdir()}
    for name in ("Sums.vo", "Sums.vok", "Sums.vos", "Sums.glob", ".Sums.aux", ".lia.cache", ".nia.cache"):
        (coq / name).touch()
    packed = {file.distribution_path for file in builder(str(tmp_path)).recurse_included_files()}
    assert packed == sources | {"certify/__init__.py"}
    assert {"certify/proofs/coq/Statement.v", "certify/proofs/coq/Makefile", "certify/proofs/coq/README.md"} <= sources
