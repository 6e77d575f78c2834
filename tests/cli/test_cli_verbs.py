"""`search`, `show`, `bundle`, help, usage errors."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import certify as package
from certify.bundle import bundle_bytes
from certify.cli import matrix
from certify.cli.commands import certify as group


def test_search_and_on(certify: Any, tmp_path: Path) -> None:
    found = certify("search", "--students", 2, "--starts", 4, "--seed", 3, "--workers", 1, "-o", tmp_path / "out")
    assert found.code == 0
    assert found.lines[0].startswith("2 students, 2 teachers, dimension 2: 4 starts, seed 3")
    assert "95 % interval" in found.out
    assert "zero loss" in found.out
    assert found.lines[-1].startswith(f"1 candidate in {tmp_path / 'out'};")
    assert found.err == ""
    assert certify("prove", tmp_path / "out", "-o", tmp_path / "out").code == 0
    assert certify("verify", tmp_path / "out").code == 0


def test_search_for_a_given_teacher(certify: Any, tmp_path: Path) -> None:
    V = np.diag([1.0, 2.0])
    np.save(tmp_path / "V.npy", V)
    np.savez(tmp_path / "V.npz", V=V)
    (tmp_path / "V.json").write_text(json.dumps({"V": V.tolist()}))
    options = ("search", "--students", 2, "--starts", 2, "--workers", 1, "--quiet", "-o", tmp_path / "out")
    for name in ("V.npy", "V.npz", "V.json"):
        done = certify(*options, "--teacher", tmp_path / name)  # the same search: it continues
        assert (done.code, done.out, done.err) == (0, "", "")
    candidate = next((tmp_path / "out").glob("*.npz"))
    with np.load(candidate) as data:
        assert (data["V"] == V).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--students", 0), "'--students'"),
        (("--students", 2, "--starts", 0), "'--starts'"),
        (("--students", 2, "--teachers", 3, "--dim", 2), "dimension 2 is too small"),
        (("--students", 2, "--teacher", "missing.npy"), "missing.npy: no such file"),
        (("--students", 2, "--teacher", "pyproject.toml"), "does not end in"),
        (("--students", "two"), "not a valid integer"),
        ((), "Missing option '--students'"),
    ],
)
def test_bad_searches(certify: Any, tmp_path: Path, options: tuple[object, ...], message: str) -> None:
    done = certify("search", *options, "-o", tmp_path / "out")
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert message in done.err


def test_search_into_a_file_or_nowhere(certify: Any, minimum: Path) -> None:
    for output in (minimum, ""):
        done = certify("search", "--students", 2, "--starts", 1, "-o", output)
        assert (done.code, len(done.err.splitlines())) == (2, 1)


def test_show(certify: Any, certificate: Path) -> None:
    done = certify("show", certificate)
    assert (done.code, done.err) == (0, "")
    assert "not verified" in done.lines[0]
    text = " ".join(done.out.split())
    assert str(package.verify(certificate).sentence) in text
    assert str(package.verify(certificate).sha256) in text
    assert "critical point strict local minimum" in text
    assert "W (3 x 3), rounded 1.00000 0.00000 0.00000" in text
    assert "\x1b" not in done.out
    assert all(len(line) <= 100 for line in done.lines[1:])


def test_show_a_saddle_with_a_given_teacher(certify: Any, tmp_path: Path) -> None:
    W = [[-0.136, -0.136], [2.136, 2.136]]
    (tmp_path / "saddle.json").write_text(json.dumps({"W": W, "V": [[2, 0], [0, 2]]}))
    certify("prove", tmp_path / "saddle.json", "-o", tmp_path / "c")
    done = certify("show", next((tmp_path / "c").iterdir()))
    assert done.code == 0
    assert "saddle of index 1" in done.out
    assert "V (2 x 2), rounded" in done.out


@pytest.mark.parametrize(
    ("content", "code"), [(b"", 2), (b"{}", 2), (b"\xff", 2), (None, 2), (b" " * ((16 << 20) + 1), 3)]
)
def test_show_what_is_no_certificate(certify: Any, tmp_path: Path, content: bytes | None, code: int) -> None:
    if content is not None:
        (tmp_path / "x").write_bytes(content)
    done = certify("show", tmp_path / "x")
    assert (done.code, done.out, len(done.err.splitlines())) == (code, "", 1)


def heat(rows: int, columns: int, width: int, coloured: bool = False) -> list[str]:
    grid = [[(-1.0) ** a * (a + b) for b in range(columns)] for a in range(rows)]
    return [line.plain for line in matrix.picture("W", grid, width, coloured=coloured)]


@pytest.mark.parametrize("shape", [(13, 13), (2, 300), (500, 3), (100, 100), (1, 4096), (4096, 1), (12, 12)])
@pytest.mark.parametrize("coloured", [False, True])
@pytest.mark.parametrize("width", [20, 78])
def test_pictures_fit(shape: tuple[int, int], coloured: bool, width: int) -> None:
    lines = heat(*shape, width, coloured)
    assert len(lines) <= 41
    assert all(len(line) <= width for line in lines[1:])


def test_a_heat_map_in_characters() -> None:
    grid = [[0.0] * 13 for _ in range(13)]
    grid[0][0], grid[0][1], grid[0][2] = 2.0, -1.0, 0.01
    legend, first, *_ = (line.plain for line in matrix.picture("W", grid, 78, coloured=False))
    assert legend == "W (13 x 13), sign and size, 9 is the largest"
    assert first.startswith("+9 -4  .  . ")


def test_huge_and_tiny_numbers() -> None:
    grid = matrix.approximate([[(1, 5000), (-1, 5000), (1, -5000), (3, -1)]])
    assert grid[0][2:] == [0.0, 1.5]
    assert grid[0][0] == -grid[0][1] > 1e300
    assert len(matrix.picture("W", grid, 78, coloured=True)) == 2


def test_bundle(certify: Any, certificate: Path, tmp_path: Path) -> None:
    done = certify("bundle", "-o", tmp_path / "checker.pyz")
    assert (done.code, done.err) == (0, "")
    archive = tmp_path / "checker.pyz"
    empty = tmp_path / "empty"
    empty.mkdir()
    bare = [sys.executable, "-S", "-I", str(archive)]
    false = tmp_path / "false.cert.json"
    false.write_text(certificate.read_text().replace('"curvature":"0x', '"curvature":"0xf'))
    for arguments, code in (([certificate], 0), ([certificate, false], 1), ([archive], 2), ([], 2), (["--help"], 2)):
        run = subprocess.run(
            [*bare, *map(str, arguments)], cwd=empty, env={}, capture_output=True, text=True, check=False
        )
        assert run.returncode == code, run
        assert "Traceback" not in run.stderr
        if arguments and arguments[0] == certificate:
            assert run.stdout == certify("verify", certificate).out


def test_the_bundle_is_deterministic_and_holds_the_checker_only(certify: Any, tmp_path: Path) -> None:
    path = tmp_path / "new" / "checker.pyz"
    assert certify("bundle", "--quiet", "-o", path).out == ""
    assert path.read_bytes() == bundle_bytes()
    sources = Path(package.__file__).parent / "checker"
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert names == sorted(
            ["__main__.py", "certify/__init__.py", *(f"certify/checker/{p.name}" for p in sources.glob("*.py"))]
        )
        for source in sources.glob("*.py"):
            assert archive.read(f"certify/checker/{source.name}") == source.read_bytes()
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}


@pytest.mark.parametrize("output", [".", "file/below"])
def test_a_bundle_that_cannot_be_written(certify: Any, tmp_path: Path, output: str) -> None:
    (tmp_path / "file").write_text("")
    done = certify("bundle", "-o", tmp_path / output)
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)


def test_version(certify: Any) -> None:
    assert certify("--version").out == f"certify {package.__version__}\n"


@pytest.mark.parametrize("verb", [[], *([name] for name in group.commands)])
def test_help(certify: Any, verb: list[str]) -> None:
    done = certify(*verb, "--help")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(" ".join(["Usage: certify", *verb]))


def test_alone_it_shows_its_help(certify: Any) -> None:
    done = certify()
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Usage: certify")


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        (["proove"], "certify"),
        (["--nonsense"], "certify"),
        (["prove"], "certify prove"),
        (["prove", "x.npy"], "certify prove"),
        (["prove", "x.npy", "-o", "c", "--bits", "many"], "certify prove"),
        (["verify", "--nonsense"], "certify verify"),
        (["show"], "certify show"),
        (["show", "a", "b"], "certify show"),
        (["bundle", "extra"], "certify bundle"),
    ],
)
def test_usage_errors_are_one_line(certify: Any, arguments: list[str], place: str) -> None:
    done = certify(*arguments)
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert done.err.startswith(f"{place}: ")
    assert done.err.endswith(f"({place} --help)\n")


def test_as_a_module(tmp_path: Path) -> None:
    root = str(Path(package.__file__).parents[1])
    run = subprocess.run(
        [sys.executable, "-m", "certify", "--version"], cwd=tmp_path, env={**os.environ, "PYTHONPATH": root},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (run.returncode, run.stdout) == (0, f"certify {package.__version__}\n")
