"""`certify prove-system`, and verify and show on what it writes."""

import json
from pathlib import Path

import pytest

from certify.cli import main


def write(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


def test_json_and_python(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    circle = write(tmp_path / "circle.json", '{"equations": ["x^2 + y^2 = 1", "y = x^3"], "start": [0.8, 0.6]}')
    banana = write(
        tmp_path / "banana.py",
        "def function(v):\n    return 100 * (v[1] - v[0]**2)**2 + (1 - v[0])**2\nstarts = [[1, 1], [0.9, 0.8]]\n",
    )
    sweep = write(
        tmp_path / "sweep.json",
        '{"equations": ["x^2 - p"], "parameters": {"p": [1.9, 2.1]}, "variables": ["x"],'
        '"starts": [[1.4], {"x": -1.4}]}',
    )
    out = str(tmp_path / "out")
    assert main(["prove-system", circle, banana, sweep, "-o", out]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    assert all(line.startswith("PROVED") for line in lines)
    assert main(["verify", out]) == 0
    assert capsys.readouterr().out.count("VERIFIED") == len(list(Path(out).iterdir()))
    for path in Path(out).iterdir():
        assert main(["show", str(path)]) == 0
    assert "100*(v" not in capsys.readouterr().out  # the unknowns of a vector are called x0, x1
    assert main(["spectrum", str(next(Path(out).iterdir()))]) == 2


def test_sweep(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write(tmp_path / "root.json", '{"equations": ["x^2 - p"], "parameters": {"p": [1, 16]}, "start": [3]}')
    fold = write(tmp_path / "fold.json", '{"equations": ["x^2 - p"], "parameters": {"p": [-1, 1]}, "start": [1]}')
    out = str(tmp_path / "out")
    assert main(["prove-system", root, "-o", out, "--sweep", "p"]) == 0
    assert "one zero for every p in [1, 16]" in capsys.readouterr().out
    assert main(["verify", out]) == 0
    capsys.readouterr()
    assert main(["prove-system", fold, "-o", out, "--sweep", "p", "--json"]) == 1
    record = json.loads(capsys.readouterr().out)
    assert record["outcome"] == "undecided"
    assert record["stretches"][0][1] == 1
    assert len(record["certificates"]) < 2 * record["pieces"]
    assert main(["prove-system", root, "-o", out, "--sweep", "q"]) == 2


def test_undecided_and_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    double = write(tmp_path / "double.json", '{"equations": ["x^2"], "start": [0.1]}')
    out = ["-o", str(tmp_path / "out")]
    assert main(["prove-system", double, *out]) == 1
    assert "singular" in capsys.readouterr().err
    assert main(["prove-system", double, "--json", *out]) == 1
    record = json.loads(capsys.readouterr().out)
    assert record["outcome"] == "undecided"
    assert record["certificate"] is None
    for number, text in enumerate((
        "{", "[]", "{}", '{"equations": ["x"]}', '{"equations": ["x"], "start": [1, 2]}',
        '{"equations": ["x"], "function": "x", "start": [1]}', '{"equations": ["x"], "start": [1], "more": 2}',
        '{"equations": ["x + "], "start": [1]}', '{"equations": ["x"], "start": ["a"]}',
        '{"equations": 7, "start": [1]}',
    )):  # fmt: skip
        assert main(["prove-system", write(tmp_path / f"bad{number}.json", text), *out]) == 2, text
        captured = capsys.readouterr()
        assert captured.err.startswith("BAD INPUT")
        assert captured.err.count("\n") == 1
    assert main(["prove-system", write(tmp_path / "bad.py", "1/0"), *out]) == 2
    assert main(["prove-system", str(tmp_path / "absent.json"), *out]) == 2


def test_show_of_a_long_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "\n".join(f"x{i}^2 + {' + '.join(f'sin(x{j})' for j in range(40))} - 33" for i in range(40))
    path = write(tmp_path / "dense.json", json.dumps({"equations": rows.split("\n"), "start": [1.2] * 40}))
    out = tmp_path / "out"
    assert main(["prove-system", path, "-o", str(out)]) == 0
    capsys.readouterr()
    assert main(["show", str(next(out.iterdir()))]) == 0
    shown = capsys.readouterr().out
    assert "t3 = " in shown
    assert "f39 = t" in shown
