"""`certify family --all-sizes`: what it says, writes and draws; and what other verbs make of its certificates."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from certify.checker.reader import read
from certify.checker.tube_format import Crossing, Tube
from certify.cli import all_sizes
from certify.proving import crossing
from certify.proving.crossing import Crossing as Proved

Certify = Callable[..., Any]
PROOFS = Path(__file__).parents[2] / "proofs"
TUBE, CROSSING = (PROOFS / name / "turned-p01" / "certificate.cert.json" for name in ("all-sizes", "crossings"))
SMALL = ("family", "--classes", "n,1", "--all-sizes", "--first-width", "200", "--curvature", "0.05")


def test_what_is_told_is_what_is_claimed(certify: Certify, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    done = certify(*SMALL, "-o", tmp_path, "--plot", tmp_path / "figure.png", "--json")
    assert done.code == 0
    record = done.records[0]
    c = read(Path(record["certificate"]).read_bytes())
    assert isinstance(c, Tube)
    low, high = (mantissa * 2.0**exponent for mantissa, exponent in c.scaled_loss)
    assert low <= record["width_times_loss"][0] < low + 1e-4
    assert high - 1e-4 < record["width_times_loss"][1] <= high
    assert record["pieces"] == len(c.pieces)
    assert record["expansion"] == pytest.approx([0.2973576327, -0.1095038107])
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")


def test_a_crossing(certify: Certify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof itself takes long: what is made of it, with the shipped one in its place."""
    c = read(CROSSING.read_bytes())
    assert isinstance(c, Crossing)
    data = json.loads(CROSSING.read_bytes())
    certificate = crossing.Certificate(data["claim"], data["witness"])
    proved = Proved(1, 5, c.crossing_width, list(c.pieces), 3, certificate)  # type: ignore[arg-type]
    monkeypatch.setattr(all_sizes, "prove_crossing", lambda turned, first_width, report: proved)
    done = certify("family", "--classes", "n,1", "--all-sizes", "--crossing", "-o", tmp_path)
    assert done.code == 0
    assert "one k* in [5.5855052474258800069411" in done.out
    assert (tmp_path / "turned-p01-crossing.cert.json").read_bytes() == CROSSING.read_bytes()
    done = certify("family", "--classes", "n,1", "--all-sizes", "--crossing", "--json", "-o", tmp_path)
    assert done.records[0]["crossing_width"][0].startswith("5.58550524742588000694")


@pytest.mark.parametrize(("arguments", "message"), [
    (("--all-sizes", "--crossing", "--plot", "x.png"), "do not go with --crossing"),
    (("--all-sizes", "--crossing", "--curvature", "0.1"), "do not go with --crossing"),
    (("--crossing",), "go with --all-sizes"),
    (("--all-sizes", "--first-width", "3"), "at least 4"),
])  # fmt: skip
def test_bad_input(certify: Certify, tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    done = certify("family", "--classes", "n,1", *arguments, "-o", tmp_path)
    assert done.code == 2
    assert message in done.err


def test_the_crossing_above_the_first_width(certify: Certify, tmp_path: Path) -> None:
    done = certify("family", "--classes", "n,1", "--all-sizes", "--crossing", "--first-width", "6", "-o", tmp_path)
    assert done.code == 1
    assert "UNDECIDED the crossing at width 5.58551 is not above the first width" in done.out


def test_other_verbs(certify: Certify) -> None:
    done = certify("show", CROSSING)
    assert done.code == 0
    assert "at one k* in [5.58550524742588000694117, 5.58550524742588000694118]" in done.out
    assert "k times the loss" in certify("show", TUBE).out


@pytest.mark.long
@pytest.mark.parametrize("verb", ["split", "spectrum"])
def test_verbs_for_single_points(certify: Certify, verb: str) -> None:
    done = certify(verb, CROSSING)
    assert done.code == 2
    assert "is about every width" in done.err


@pytest.mark.parametrize(("classes", "words", "first"), [("n", "all", 6), ("1,n", "all but one", 7)])
def test_many_turned(certify: Certify, tmp_path: Path, classes: str, words: str, first: int) -> None:
    name = f"{words.replace(' ', '-')}-turned"
    pytest.importorskip("matplotlib")
    done = certify("family", "--classes", classes, "--all-sizes", "-o", tmp_path, "--plot", tmp_path / "figure.png")
    assert done.code == 0
    assert f"PROVED every k >= {first}: a strict local minimum with {words} turned" in done.out
    assert "L(k) tends to 0.181690" in done.out
    path = tmp_path / f"{name}-all-sizes.cert.json"
    assert path.read_bytes() == (PROOFS / "all-sizes" / name / "certificate.cert.json").read_bytes()
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")
    shown = certify("show", path)
    assert "turned students" in shown.out
    assert "k times" not in shown.out
    record = certify("family", "--classes", classes, "--all-sizes", "--json", "-o", tmp_path).records[0]
    assert (record["turned"], record["first_width"]) == (words, first)
    refused = certify("family", "--classes", classes, "--all-sizes", "--crossing", "-o", tmp_path)
    assert refused.code == 2
    assert "n,P" in refused.err


def test_two_students_against_one_teacher(certify: Certify, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    command = ("family", "--classes", "n,1", "--students-extra", "1", "--all-sizes", "-o", tmp_path)
    few = ("--first-width", "5000", "--curvature", "0.001")
    done = certify(*command, *few, "--plot", tmp_path / "figure.png")
    assert done.code == 0
    assert (
        "PROVED every k >= 5000: a strict local minimum with two students turned against one of k teachers" in done.out
    )
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")
    shown = certify("show", tmp_path / "doubled-all-sizes.cert.json")
    assert "k teachers, k + 1 students" in shown.out
    assert certify(*command, *few, "--json").records[0]["turned"] == "two against one teacher"
    for wrong in (("--classes", "n,2"), ("--students-extra", "2"), ("--crossing",), ("--first-width", "3")):
        assert certify(*command, *wrong).code == 2


def test_any_number_turned(certify: Certify, tmp_path: Path) -> None:
    command = ("family", "--classes", "n,p", "--all-sizes", "-o", tmp_path)
    few = ("--least-turned", "40", "--ratio", "30")
    done = certify(*command, *few)
    assert done.code == 0
    assert "PROVED every p >= 40 and k - p >= 30 p" in done.out
    path = tmp_path / "any-turned-all-sizes.cert.json"
    assert certify("verify", path).code == 0
    assert "every k = n + p with n >= 30 p" in certify("show", path).out
    record = certify(*command, *few, "--json").records[0]
    assert (record["least_turned"], record["ratio"]) == (40, [30, 1])
    for wrong in (
        ("--ratio", "x"),
        ("--ratio", "0/5"),
        ("--least-turned", "2"),
        ("--first-width", "9"),
        ("--crossing",),
    ):
        assert certify(*command, *wrong).code == 2
    assert certify("family", "--classes", "n,2", "--all-sizes", "--ratio", "2", "-o", tmp_path).code == 2
    assert certify("family", "--classes", "3,4", "--least-turned", "20", "-o", tmp_path).code == 2
    for verb in ("split", "spectrum"):
        assert "is about every width" in certify(verb, path).err
