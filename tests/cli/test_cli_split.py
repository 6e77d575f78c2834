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


def test_a_further_student_of_norm_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Bounds from the loss for any certificate; along which teacher, where it is claimed; -o adds the claim."""
    old, new = ACCEPT / "minimum-7-7.cert.json", tmp_path / "new.cert.json"
    assert main(["split", str(old)]) == 0
    out = capsys.readouterr().out
    assert "The steepest one-sided derivative of the loss, over all unit vectors, is between -0.152325 and" in out
    assert "Along teacher" not in out
    assert main(["split", str(old), "-o", str(new)]) == 0
    assert "Along teacher" in capsys.readouterr().out
    assert main(["verify", str(new)]) == 0
    assert "a further student of norm zero has a direction of descent: along teacher" in capsys.readouterr().out
    assert main(["split", "--json", str(new)]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["steepest"][0] < record["newborn"]["slope"][0] < record["newborn"]["slope"][1] < record["steepest"][1]


def test_no_direction_at_zero_loss(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = tmp_path / "new.cert.json"
    for name in ("identity-3-3-parallel", "splitting-set-global-4-2"):
        assert main(["split", str(ACCEPT / f"{name}.cert.json"), "-o", str(new)]) == 1
        assert "no direction of descent" in capsys.readouterr().err
        assert main(["split", str(ACCEPT / f"{name}.cert.json")]) == 0
        assert "slope 0 in every direction" in capsys.readouterr().out
    assert not new.exists()
    assert main(["split", str(ACCEPT.parent / "reject" / "splitting--beside-turned.cert.json"), "-o", str(new)]) == 1
    assert main(["split", str(tmp_path), "-o", str(new)]) == 2
