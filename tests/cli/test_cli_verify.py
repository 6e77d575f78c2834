"""`certify verify`: the checker's verdicts, in order, from one process or many."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from certify import api, catalog
from certify.cli import pool
from certify.cli import verify as verb


@pytest.fixture
def assorted(certificate: Path) -> Path:
    """A folder with a good, a false and a broken certificate, and one beyond the limits."""
    folder = certificate.parent
    text = certificate.read_text()
    (folder / "below").mkdir()
    (folder / "below" / "good.cert.json").write_text(text)
    radius = json.loads(text)["claim"]["uniqueness_radius"]
    (folder / "b-false.cert.json").write_text(
        text.replace(f'"uniqueness_radius":"{radius}"', '"uniqueness_radius":"0x1p-1"')
    )
    (folder / "c-broken.cert.json").write_text(text + "\n")
    with (folder / "d-large.cert.json").open("wb") as file:
        file.truncate(1 << 30)
    (folder / "readme.txt").write_text("not a certificate")
    return folder


def test_verified(certify: Any, certificate: Path) -> None:
    done = certify("verify", certificate)
    assert (done.code, done.err) == (0, "")
    word, digest, sentence = done.out.strip().split(" ", 2)
    assert word == "VERIFIED"
    assert sentence == api.verify(certificate).sentence
    assert certificate.name == f"minimum-{digest[:12]}.cert.json"


def test_the_checker_writes_the_same(certify: Any, assorted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from certify.checker.__main__ import main

    done = certify("verify", assorted)
    code = main([str(path) for path in catalog.certificate_files(assorted)])
    captured = capsys.readouterr()
    assert (done.code, done.out, done.err) == (code, captured.out, captured.err)
    assert code == 3


@pytest.mark.parametrize(
    ("name", "code", "verdict"),
    [
        ("below/good.cert.json", 0, "verified"),
        ("b-false.cert.json", 1, "rejected"),
        ("c-broken.cert.json", 2, "malformed"),
        ("d-large.cert.json", 3, "limit"),
        ("missing.cert.json", 2, "malformed"),
    ],
)
def test_exit_codes_and_records(certify: Any, assorted: Path, name: str, code: int, verdict: str) -> None:
    done = certify("verify", "--json", assorted / name)
    assert done.code == code
    (record,) = done.records
    assert list(record) == ["file", "verdict", "sha256", "kind", "sentence", "reason", "engine"]
    assert (record["file"], record["verdict"]) == (str(assorted / name), verdict)
    assert (record["reason"] is None) == (record["sentence"] is not None) == (code == 0)
    assert record["engine"] == (None if code else "stdlib")
    if code:
        assert done.err == f"{verdict.upper()} {assorted / name}: {record['reason']}\n"


def test_a_defect(certify: Any, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "verify", lambda path, engine: api.Verification("internal", reason="oops"))
    done = certify("verify", certificate)
    assert (done.code, done.out, done.err) == (70, "", f"INTERNAL {certificate}: oops\n")


def test_many_processes_give_the_same(certify: Any, assorted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = certify("verify", assorted, assorted, "--json")
    monkeypatch.setattr(pool, "PATIENCE", -1.0)
    monkeypatch.setattr(pool, "processors", lambda: 3)
    assert certify("verify", assorted, assorted, "--json") == alone
    verdicts = [record["verdict"] for record in alone.records]
    assert verdicts == ["rejected", "verified", "malformed", "limit", "verified"] * 2


def test_odd_paths_reach_the_processes(certify: Any, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [certificate.with_name(name) for name in ("ü →.cert.json", "line\nbreak.cert.json", os.fsdecode(b"\xff"))]
    for path in paths:
        path.write_bytes(certificate.read_bytes())
    monkeypatch.setattr(pool, "PATIENCE", -1.0)
    monkeypatch.setattr(pool, "processors", lambda: 2)
    done = certify("verify", *paths, "--json")
    assert done.code == 0
    assert [record["file"] for record in done.records] == [str(path) for path in paths]


def test_a_checking_process_that_dies(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "PATIENCE", -1.0)
    monkeypatch.setattr(pool, "processors", lambda: 2)
    monkeypatch.setattr(pool, "PROGRAM", "import os; os.kill(os.getpid(), 9)")
    results = list(pool.verifications([str(certificate)] * 3))
    assert [result.verdict for result in results] == ["internal"] * 3
    assert "died (exit status -9)" in str(results[0].reason)


def test_leaving_early_ends_the_processes(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "PATIENCE", -1.0)
    monkeypatch.setattr(pool, "processors", lambda: 2)
    monkeypatch.setattr(pool, "PROGRAM", 'import time; print(\'{"verdict": "limit"}\', flush=True); time.sleep(100)')
    results = pool.verifications([str(certificate)] * 50)
    assert next(results).verdict == "limit"
    results.close()


def test_quiet(certify: Any, assorted: Path) -> None:
    done = certify("verify", "--quiet", assorted)
    assert done.out == ""
    assert len(done.err.splitlines()) == 3


@pytest.mark.parametrize("more", [False, True])
def test_nothing_to_verify_is_an_error(certify: Any, certificate: Path, tmp_path: Path, more: bool) -> None:
    (tmp_path / "empty").mkdir()
    done = certify("verify", "--json", tmp_path / "empty", *([certificate] if more else []))
    assert done.code == 2
    assert "no certificates" in done.err
    assert [record["verdict"] for record in done.records] == ["malformed", "verified"][: 1 + more]


def test_a_folder_that_cannot_be_read(certify: Any, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(folder: str) -> None:
        raise PermissionError(13, "Permission denied", folder)

    monkeypatch.setattr(os, "scandir", refused)
    done = certify("verify", certificate.parent)
    assert (done.code, done.out) == (2, "")
    assert "cannot be read: Permission denied" in done.err


def test_the_order_of_a_folder(certify: Any, certificate: Path) -> None:
    for name in ("b/2", "b/10", "a", "b-x", "B"):
        path = certificate.parent / f"{name}.cert.json"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(certificate.read_bytes())
    certificate.unlink()
    files = [record["file"] for record in certify("verify", certificate.parent, "--json").records]
    names = [str(Path(file).relative_to(certificate.parent)).removesuffix(".cert.json") for file in files]
    assert names == ["B", "a", "b/10", "b/2", "b-x"]


@pytest.mark.parametrize("arguments", [(), ("catalog",)])
def test_the_catalog_is_the_default(
    certify: Any, certificate: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setattr(verb, "location", lambda: certificate.parent)
    assert certify("verify", *arguments).out == certify("verify", certificate).out


def test_the_catalog_of_a_wheel_and_of_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "certify"
    package.mkdir()
    (tmp_path / "proofs").mkdir()
    monkeypatch.setattr(catalog, "__file__", str(package / "catalog.py"))
    with pytest.raises(catalog.InputError, match="not part of this installation"):
        catalog.location()  # a folder `proofs` beside an installed package is somebody else's
    (tmp_path / "pyproject.toml").write_text("")
    assert catalog.location() == tmp_path / "proofs"
    (package / "proofs").mkdir()
    assert catalog.location() == package / "proofs"


def test_a_missing_or_empty_catalog(certify: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "__file__", str(tmp_path / "certify" / "catalog.py"))
    missing = certify("verify")
    (tmp_path / "certify" / "proofs").mkdir(parents=True)
    empty = certify("verify")
    for done in (missing, empty):
        assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert "not part of this installation" in missing.err
    assert "no certificates" in empty.err


def test_candidates_are_not_certificates(certify: Any, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.eye(2))
    assert certify("verify", tmp_path / "x.npy").code == 2
