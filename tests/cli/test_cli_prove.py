"""`certify prove`: inputs, records, names, exit codes."""

import hashlib
import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from certify import api
from certify.cli import prove

KEYS = ["file", "item", "outcome", "kind", "local_minimum", "index", "ambient_index", "route", "certificate", "reason"]
FIGURES = ["uniqueness_radius", "error_radius", "curvature", "loss", "set_dimension", "distance"]
SADDLE = [[-0.068, -0.068], [1.068, 1.068]]
REFUTED = [[0.6, 0.1], [0.2, 0.8]]
ZERO_ROW = [[1.0, 0.0], [0.0, 0.0]]


def test_what_a_search_found(certify: Any, found: Path, tmp_path: Path) -> None:
    done = certify("prove", found, "-o", tmp_path / "certificates")
    assert done.code == 0
    assert [line.split()[0] for line in done.lines[:2]] == ["PROVED", "PROVED"]
    assert done.lines[2] == f"2 proved; confirm with: certify verify {tmp_path / 'certificates'}"
    assert done.err == ""
    assert certify("verify", tmp_path / "certificates").code == 0


def test_into_the_folder_of_the_search_twice(certify: Any, found: Path) -> None:
    first = certify("prove", found, "-o", found, "--json")
    before = {path.name: path.read_bytes() for path in found.iterdir()}
    second = certify("prove", found, "-o", found, "--json")
    assert first == second
    assert first.code == 0
    assert len(first.records) == 2
    assert {path.name: path.read_bytes() for path in found.iterdir()} == before
    assert not [name for name in before if name.startswith(".")]


def test_the_record_of_a_proof(certify: Any, found: Path, tmp_path: Path) -> None:
    done = certify("prove", found / "001-minimum-L0.02320271.npz", "-o", tmp_path / "c", "--json")
    (record,) = done.records
    assert sorted(record) == sorted([*KEYS, *FIGURES])
    assert record["file"] == str(found / "001-minimum-L0.02320271.npz")
    assert (record["item"], record["outcome"], record["kind"]) == (None, "proved", "strict-local-minimum")
    assert (record["index"], record["ambient_index"], record["route"]) == (0, 0, "symmetric")
    assert record["loss"] == pytest.approx([0.02320271491356607] * 2, rel=1e-14)
    assert 0 < record["error_radius"] < record["uniqueness_radius"] < 1
    path = Path(record["certificate"])
    claim = json.loads(path.read_bytes())["claim"]
    digest = hashlib.sha256(json.dumps(claim, sort_keys=True, separators=(",", ":")).encode() + b"\n").hexdigest()
    assert path == tmp_path / "c" / f"001-minimum-L0.02320271-{digest[:12]}.cert.json"
    assert done.err == ""


def test_a_list_of_points(certify: Any, tmp_path: Path) -> None:
    """Several points of any sizes in one file, other keys ignored; the first wrong one makes the file bad."""
    points = [
        {"W": np.eye(2).tolist(), "runs": 3},
        {"W": np.eye(3).tolist(), "V": np.eye(3).tolist()},
        np.eye(2).tolist(),
    ]
    (tmp_path / "points.json").write_text(json.dumps({"source": "somewhere", "points": points}))
    (tmp_path / "list.json").write_text(json.dumps(points[::2]))
    (tmp_path / "bad.json").write_text(json.dumps([*points, {"W": [1.0]}]))
    (tmp_path / "none.json").write_text(json.dumps({"points": []}))
    files = [tmp_path / name for name in ("points.json", "list.json", "bad.json", "none.json")]
    done = certify("prove", *files, "-o", tmp_path / "c", "--json")
    assert [record["item"] for record in done.records] == [0, 1, 2, 0, 1, None, None]
    assert [record["outcome"] for record in done.records] == ["proved"] * 5 + ["undecided"] * 2
    assert "point 3: W must be a nonempty K x d" in done.records[5]["reason"]


def test_a_stack(certify: Any, tmp_path: Path) -> None:
    stack = np.array([np.eye(2), SADDLE, REFUTED, ZERO_ROW, [[np.nan, 1.0], [1.0, 1.0]]])
    np.savez(tmp_path / "stack.npz", W=stack, V=np.eye(2))
    done = certify("prove", tmp_path / "stack.npz", "-o", tmp_path / "c", "--json")
    assert done.code == 2
    assert [record["item"] for record in done.records] == [0, 1, 2, 3, 4]
    outcomes = [record["outcome"] for record in done.records]
    assert outcomes == ["proved", "proved", "refuted", "undecided", "undecided"]
    saddle = done.records[1]
    assert (saddle["kind"], saddle["index"], saddle["ambient_index"]) == ("saddle", 1, 1)
    assert Path(saddle["certificate"]).name.startswith("stack-1-")
    for record in done.records[2:]:
        assert sorted(record) == sorted(KEYS)
        assert record["kind"] is record["index"] is record["ambient_index"] is record["certificate"] is None
    assert "no critical point lies within" in done.records[2]["reason"]
    assert "norm zero" in done.records[3]["reason"]
    assert "; try: " in done.records[3]["reason"]
    assert done.records[4]["reason"] == "bad input: W[0, 0] is nan, not a finite number"
    assert done.err == f"BAD INPUT {tmp_path / 'stack.npz'}[4]: W[0, 0] is nan, not a finite number\n"
    assert certify("verify", tmp_path / "c").code == 0


def test_undecided_and_refuted_say_why_and_what_to_try(certify: Any, tmp_path: Path) -> None:
    (tmp_path / "zero.json").write_text(json.dumps({"W": ZERO_ROW}))
    (tmp_path / "off.json").write_text(json.dumps({"W": REFUTED}))
    (tmp_path / "good.json").write_text(json.dumps({"W": [[1, 0], [0, 1]]}))
    names = ("zero.json", "off.json", "good.json")
    done = certify("prove", *(tmp_path / name for name in names), "-o", tmp_path / "c")
    assert done.code == 1
    undecided, refuted = done.err.splitlines()
    assert undecided.startswith(f"UNDECIDED {tmp_path / 'zero.json'}: student 1 has norm zero")
    assert "; try: remove the student" in undecided
    assert refuted.startswith(f"REFUTED {tmp_path / 'off.json'}: no critical point lies within")
    assert refuted.endswith("; try: descend further before proving")
    assert done.lines[-1].startswith("1 proved, 2 undecided or refuted")


def test_quiet(certify: Any, minimum: Path, tmp_path: Path) -> None:
    done = certify("prove", "--quiet", minimum, "-o", tmp_path / "c")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_bits(certify: Any, minimum: Path, tmp_path: Path) -> None:
    radii = [
        certify("prove", minimum, "-o", tmp_path / "c", "--json", "--bits", bits).records[0]["error_radius"]
        for bits in (53, 192)
    ]
    assert radii[1] < 1e-20 < radii[0]
    assert certify("prove", minimum, "-o", tmp_path / "c", "--bits", 513).code == 2


def test_formats_agree(certify: Any, tmp_path: Path) -> None:
    W, V = np.diag([1.0, 2.0]), np.diag([1.0, 2.0])
    np.savez(tmp_path / "a.npz", W=W, V=V)
    np.savez_compressed(tmp_path / "b.npz", W=W.astype(np.float32), V=V.astype(">f8"), extra=np.array("text"))
    (tmp_path / "c.json").write_text(json.dumps({"W": W.tolist(), "V": V.tolist(), "note": "x"}))
    np.savez(tmp_path / "d.NPZ.npz", W=np.asfortranarray(W), V=V.astype(int))
    done = certify("prove", tmp_path, "-o", tmp_path / "out", "--json")
    assert done.code == 0
    assert [Path(record["file"]).name for record in done.records] == ["a.npz", "b.npz", "c.json", "d.NPZ.npz"]
    assert len({Path(record["certificate"]).read_bytes() for record in done.records}) == 1


def test_fewer_students_than_dimensions_have_all_basis_vectors_as_teachers(certify: Any, tmp_path: Path) -> None:
    np.save(tmp_path / "W.npy", [[-0.244, 0.946, 0.946], [1.318, 0.09, 0.09]])
    done = certify("prove", tmp_path / "W.npy", "-o", tmp_path / "c", "--json")
    claim = json.loads(Path(done.records[0]["certificate"]).read_bytes())["claim"]
    assert (claim["students"], claim["teachers"], claim["dimension"]) == (2, 3, 3)


@pytest.mark.parametrize(
    "name", ["a b.npy", "größe→.npy", "-x.npy", "[1].npy", "x.cert.npy", "line\nbreak.npy", "é" * 120 + ".npy"]
)
def test_odd_names(certify: Any, tmp_path: Path, name: str) -> None:
    np.save(tmp_path / name, np.eye(2))
    done = certify("prove", tmp_path / name, "-o", tmp_path / "c d", "--json")
    assert done.code == 0
    assert done.records[0]["file"] == str(tmp_path / name)
    assert Path(done.records[0]["certificate"]).is_file()
    plain = certify("prove", tmp_path / name, "-o", tmp_path / "c d")
    assert len(plain.lines) == 2
    assert certify("verify", tmp_path / "c d").code == 0


class Bomb:
    """Unpickling this creates a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


def npy_header(shape: str) -> bytes:
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".ljust(117).encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header


def bad_files(folder: Path) -> dict[str, str]:
    """Files that are no candidates, by name, each with a part of what is said about it."""
    good = folder / "good.npz"
    np.savez(good, W=np.eye(3))
    whole = good.read_bytes()
    good.unlink()
    binary = {
        "truncated.npz": whole[: len(whole) // 2],
        "garbled.npz": whole[:150] + b"garbage" + whole[157:],
        "empty.npz": b"",
        "empty.npy": b"",
        "empty.json": b"",
        "text.npy": b"hello",
        "pickle.npy": pickle.dumps(Bomb(folder / "exploded")),
        "pickle.npz": pickle.dumps(Bomb(folder / "exploded")),
        "huge.npy": npy_header("(1000000, 1000000, 1000)") + b"12345678",
        "negative.npy": npy_header("(-3, 2)") + b"12345678",
        "deep.json": b'{"W": ' + b"[" * 200_000,
        "nested.json": b'{"W": ' + b"[" * 100 + b"1" + b"]" * 100 + b"}",
        "latin.json": b'{"W": "\xff"}',
        "long.json": b'{"W": [[' + b"9" * 5000 + b"]]}",
        "not-an-object.json": b"[[1.0, 0.0], [0.0, 1.0]]",
        "words.json": b"no json at all",
        "certificate.json": b'{"claim": {}, "witness": {}}',
        "candidate.txt": b"1 0\n0 1\n",
    }
    for name, content in binary.items():
        (folder / name).write_bytes(content)
    texts: dict[str, Any] = {
        "no-w.json": {"V": [[1.0]]},
        "null.json": {"W": None},
        "strings.json": {"W": [["1", "0"], ["0", "1"]]},
        "booleans.json": {"W": [[True, False], [False, True]]},
        "ragged.json": {"W": [[1.0], [1.0, 2.0]]},
        "flat.json": {"W": [1.0, 2.0]},
        "nothing.json": {"W": []},
        "nan.json": {"W": [[float("nan")]]},
        "columns.json": {"W": [[1.0, 0.0]], "V": [[1.0]]},
        "teacher.json": {"W": [[1.0, 0.0]], "V": [[0.0, 0.0]]},
    }
    for name, data in texts.items():
        (folder / name).write_text(json.dumps(data))
    np.save(folder / "objects.npy", np.array([[Bomb(folder / "exploded")]], dtype=object), allow_pickle=True)
    np.savez(folder / "objects.npz", allow_pickle=True, W=np.array([[Bomb(folder / "exploded")]], dtype=object))
    np.save(folder / "complex.npy", np.eye(2) * 1j)
    np.save(folder / "flat.npy", np.ones(4))
    np.save(folder / "four.npy", np.ones((1, 1, 2, 2)))
    np.savez(folder / "stack0.npz", W=np.ones((0, 2, 2)))
    np.savez(folder / "inf.npz", W=np.full((2, 2), np.inf))
    np.savez(folder / "no-w.npz", V=np.eye(2))
    with zipfile.ZipFile(folder / "notes.npz", "w") as archive:
        archive.writestr("W.npy", "notes")
    return {
        **dict.fromkeys(["truncated.npz", "empty.npz", "pickle.npz", "empty.npy", "text.npy"], "not readable"),
        **dict.fromkeys(
            ["garbled.npz", "negative.npy", "notes.npz", "latin.json", "empty.json", "words.json"], "not read"
        ),
        **dict.fromkeys(["pickle.npy", "objects.npy", "objects.npz", "long.json", "huge.npy"], "not read"),
        **dict.fromkeys(["strings.json", "booleans.json", "null.json", "complex.npy"], "must be|not real numbers"),
        **dict.fromkeys(["ragged.json", "nested.json"], "not a matrix of numbers"),
        **dict.fromkeys(
            ["flat.json", "nothing.json", "flat.npy", "four.npy", "stack0.npz"], "must be a nonempty K x d"
        ),
        **dict.fromkeys(["nan.json", "inf.npz"], "not a finite number"),
        **dict.fromkeys(["no-w.json", "no-w.npz"], "there is no W"),
        "deep.json": "nested too deeply",
        "not-an-object.json": "point 0: W must be a nonempty K x d",
        "certificate.json": "certify verify",
        "candidate.txt": "does not end in",
        "columns.json": "W has 2 columns, but V has 1",
        "teacher.json": "teacher 0 is zero",
        "missing.npz": "no such file",
    }


def test_bad_files(certify: Any, tmp_path: Path) -> None:
    expected = bad_files(tmp_path)
    np.save(tmp_path / "zz.npy", np.eye(2))
    names = [*expected, "zz.npy"]
    done = certify("prove", *(tmp_path / name for name in names), "-o", tmp_path / "c", "--json")
    assert done.code == 2
    assert [Path(record["file"]).name for record in done.records] == names
    for record, name in zip(done.records[:-1], names, strict=False):
        assert record["outcome"] == "undecided"
        assert record["reason"].startswith("bad input: ")
        assert len(record["reason"]) < 200
        assert any(part in record["reason"] for part in expected[name].split("|")), record
    assert done.records[-1]["outcome"] == "proved"
    lines = done.err.splitlines()
    assert len(lines) == len(expected)
    for line, name in zip(lines, names, strict=False):
        assert line.startswith(f"BAD INPUT {tmp_path / name}")
    assert not (tmp_path / "exploded").exists()
    assert len(list((tmp_path / "c").iterdir())) == 1


def test_bad_input_wins_over_undecided(certify: Any, tmp_path: Path) -> None:
    np.save(tmp_path / "zero.npy", ZERO_ROW)
    assert certify("prove", tmp_path / "zero.npy", "-o", tmp_path / "c").code == 1
    done = certify("prove", tmp_path / "missing.npy", tmp_path / "zero.npy", "-o", tmp_path / "c")
    assert done.code == 2
    assert len(done.err.splitlines()) == 2


def test_folders_without_candidates(certify: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "report.txt").write_text("")
    (tmp_path / ".hidden.npz").write_text("")
    (tmp_path / "x.cert.json").write_text("")
    (tmp_path / "folder.npz").mkdir()
    for folder in (tmp_path / "empty", tmp_path):
        done = certify("prove", folder, "-o", tmp_path / "c", "--json")
        assert done.code == 2
        assert done.records[0]["file"] == str(folder)
        assert "no candidates" in done.records[0]["reason"]


@pytest.mark.parametrize("below", ["", "below/it"])
def test_an_output_that_is_a_file(certify: Any, minimum: Path, tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("precious")
    done = certify("prove", minimum, "-o", tmp_path / "file" / below)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert "cannot be used as a folder" in done.err
    assert (tmp_path / "file").read_text() == "precious"


def test_empty_paths(certify: Any, minimum: Path) -> None:
    assert "empty" in certify("prove", minimum, "-o", "").err
    done = certify("prove", "", "-o", minimum.parent / "c")
    assert (done.code, done.err) == (2, "BAD INPUT : an empty path\n")


def test_a_certificate_that_cannot_be_written(
    certify: Any, minimum: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(prove, "write_atomically", full)
    done = certify("prove", minimum, "-o", tmp_path / "c")
    assert done.code == 2
    assert done.err.endswith("cannot be written: No space left on device\n")


def test_an_interrupt(certify: Any, minimum: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: Any, **options: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(api, "prove", interrupted)
    done = certify("prove", minimum, "-o", minimum.parent / "c")
    assert (done.code, done.out, done.err.lstrip("\n")) == (130, "", "certify: interrupted\n")
    assert not list((minimum.parent / "c").iterdir())


def test_a_defect(certify: Any, minimum: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: Any, **options: Any) -> None:
        raise ZeroDivisionError("a\nb")

    monkeypatch.setattr(api, "prove", broken)
    done = certify("prove", minimum, "-o", minimum.parent / "c")
    assert (done.code, done.out) == (70, "1 ended by a defect\n")
    assert done.err == f"INTERNAL {minimum}: ZeroDivisionError: a\\nb\n"
    assert not list((minimum.parent / "c").iterdir())


def test_out_of_memory_is_undecided(certify: Any, minimum: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: Any, **options: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(api, "prove", broken)
    done = certify("prove", minimum, "-o", minimum.parent / "c", "--json")
    assert done.code == 1
    assert "memory" in done.records[0]["reason"]


def test_symmetry_is_used_where_there_is_one(certify: Any, found: Path, tmp_path: Path) -> None:
    source = found / "001-minimum-L0.02320271.npz"
    symmetric = certify("prove", source, "-o", tmp_path / "c", "--json").records[0]
    full = certify("prove", "--full", source, "-o", tmp_path / "c", "--json").records[0]
    assert (symmetric["route"], full["route"]) == ("symmetric", "full")
    assert "by symmetry (classes 6+1)" in symmetric["reason"]
    assert "symmetry" not in full["reason"]
    assert symmetric["certificate"] != full["certificate"]
    assert (symmetric["kind"], symmetric["index"]) == (full["kind"], full["index"])
    assert max(symmetric["loss"][0], full["loss"][0]) <= min(symmetric["loss"][1], full["loss"][1])
    assert certify("verify", tmp_path / "c").code == 0
    assert "by symmetry (classes 6+1) -> " in certify("prove", source, "-o", tmp_path / "c").out


def test_no_symmetry_no_symmetric_route(certify: Any, tmp_path: Path) -> None:
    np.savez(tmp_path / "W.npz", W=np.diag([1.0, 2.0, 3.0, 4.0]), V=np.diag([1.0, 2.0, 3.0, 4.0]))
    done = certify("prove", tmp_path / "W.npz", "-o", tmp_path / "c", "--json")
    assert (done.code, done.records[0]["route"]) == (0, "full")
