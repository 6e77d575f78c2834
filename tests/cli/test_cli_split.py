"""`certify split`."""

import json
from pathlib import Path

import numpy as np
import pytest

from certify.cli import main

ACCEPT = Path(__file__).parents[1] / "checker" / "accept"


def test_certificate(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["split", str(ACCEPT / "splitting-minimum-flat.cert.json")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("splitting-minimum-flat.cert.json: verified")
    assert lines[3].split()[:4] == ["0", "0", "1", "+"]
    assert "Morse-Bott" in lines[3]
    assert lines[5].split()[:4] == ["2", "1", "0", "-"]


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["split", "--json", str(ACCEPT / "splitting-minimum-more-students.cert.json")]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["of"] == "student class"
    assert len(record["splitting"]) == 2


def test_candidates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.savez(tmp_path / "point.npz", W=np.array([np.eye(2), 2 * np.eye(2)]))
    assert main(["split", str(tmp_path / "point.npz")]) == 1  # the first has no signs to tell, the second is no point
    out, err = capsys.readouterr()
    assert "Nothing is claimed about more students." in out
    assert "point.npz[1]: refuted" in err


def test_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.txt").write_text("")
    assert main(["split", str(tmp_path / "x.txt")]) == 2
    assert "does not end in" in capsys.readouterr().err
    assert main(["split", str(tmp_path / "none.cert.json")]) == 2
    reject = ACCEPT.parent / "reject" / "splitting--beside-turned.cert.json"
    assert main(["split", str(reject)]) == 1
