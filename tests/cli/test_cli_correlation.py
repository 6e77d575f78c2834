"""`certify family --correlation LOW:HIGH`: what it says and writes, bad input, other verbs, and what is shipped."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from certify.checker.correlation import Correlated
from certify.checker.reader import read

Certify = Callable[..., Any]
SHELF = Path(__file__).parents[2] / "proofs" / "correlation"
SMALL = Path(__file__).parents[1] / "checker" / "accept" / "tube-correlation-5-1.cert.json"
ONE = SHELF / "5-1" / "certificate.cert.json"
FAMILY = ("family", "--classes", "5,1", "--anti", "1", "--starts", "0")


def test_what_is_told_is_what_is_claimed(certify: Certify, tmp_path: Path) -> None:
    done = certify(*FAMILY, "--correlation", "-0.01:1/100", "-o", tmp_path, "--json")
    assert done.code == 0
    (record,) = done.records
    c = read(Path(record["certificate"]).read_bytes())
    assert isinstance(c, Correlated)
    assert c.correlation == [[-1, 100], [1, 100]]
    assert record["correlation"] == ["-1/100", "1/100"]
    low, high = (mantissa * 2.0**exponent for mantissa, exponent in c.scaled_loss)
    assert record["scaled_loss"] == [low, high]
    assert 0.02 < low < 0.025080581 < high < 0.03
    assert record["pieces"] == len(c.pieces)
    done = certify("verify", record["certificate"])
    assert done.code == 0
    assert "for every real rho in [-1/100, 1/100], 6 ReLU students, 6 teachers" in done.out


def test_nothing_proved(certify: Certify, tmp_path: Path) -> None:
    done = certify(*FAMILY, "--correlation", "0:1/5", "-o", tmp_path)
    assert done.code == 1
    assert done.out.startswith(
        "UNDECIDED minimum of loss 0.0250806 at rho = 0: it is no minimum any more near rho = 0.16"
    )
    assert done.out.count("\n") == 1
    assert not list(tmp_path.glob("*.json"))


@pytest.mark.parametrize(("arguments", "message"), [
    (("--correlation", "1:"), "takes RHO or LOW:HIGH"),
    (("--correlation", "0:nan"), "takes RHO or LOW:HIGH"),
    (("--correlation", "0:1e5"), "takes RHO or LOW:HIGH"),
    (("--correlation", "0:1/0"), "takes RHO or LOW:HIGH"),
    (("--correlation", "x" * 99), "takes RHO or LOW:HIGH"),
    (("--correlation", "0:9999999/9999998"), "numerators and denominators up to"),
    (("--correlation", "0.1:0.1"), "LOW < HIGH"),
    (("--correlation", "0:1"), "between -1/5 and 1"),
    (("--correlation", "-1/5:0"), "between -1/5 and 1"),
    (("--correlation", "nan"), "between -0.2 and 1"),
    (("--correlation", "0:0.1", "--teacher-norm", "2"), "every norm"),
    (("--correlation", "0:0.1", "--size-range", "6:8"), "one size"),
    (("--correlation", "0:0.1", "--curvature", "nan"), "curvature must be positive"),
    (("--correlation", "0.1", "--curvature", "0.1"), "go with --all-sizes"),
])  # fmt: skip
def test_bad_input(certify: Certify, tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    done = certify(*FAMILY, *arguments, "-o", tmp_path)
    assert done.code == 2
    assert message in done.err
    assert done.err.count("\n") == 1


def test_other_verbs(certify: Certify) -> None:
    done = certify("show", ONE)
    assert done.code == 0
    assert "every rho from -19/100 to 4/25" in done.out
    for verb in ("spectrum", "split"):
        done = certify(verb, SMALL)
        assert done.code == 2
        assert "is about every width or correlation" in done.err


def test_the_table_of_what_is_shipped() -> None:
    row = r"^\| \[[^\]]+\]\((\S+)/statement.txt\) \| (\d+) \| (\d+) \| (\S+) to (\S+) \| \S+ \| \S+ to \S+ "
    row += r"\| (\d+) \| (\d+) \| (\S+) to (\S+) \|$"
    rows = re.findall(row, (SHELF / "README.md").read_text(), re.MULTILINE)
    assert sorted(row[0] for row in rows) == sorted(path.name for path in SHELF.iterdir() if path.is_dir())
    for name, students, teachers, low, high, pieces, size, first, last in rows:
        content = (SHELF / name / "certificate.cert.json").read_bytes()
        c = read(content)
        assert isinstance(c, Correlated)
        assert (c.students, sum(c.sizes), len(c.pieces), len(content)) == tuple(
            map(int, (students, teachers, pieces, size))
        )
        assert [Fraction(*x) for x in c.correlation] == [Fraction(low), Fraction(high)]
        assert float(first) <= Fraction(low) < 0 < Fraction(high) <= float(last)
        assert c.scaled_loss[0][0] > 0
        assert json.loads(content)["claim"]["kind"] == c.kind
