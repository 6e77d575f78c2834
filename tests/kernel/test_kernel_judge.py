"""What is made of coqc's answers, by programs in its place; the options of `certify verify --coq`."""

import json
import re
from xml.etree import ElementTree as ET

import pytest
from kernel_points import SIX, certificate, path_of

from certify.catalog import location
from certify.cli import main
from certify.kernel.axioms import CLASSICAL, EXPECTED, printed
from certify.kernel.coqc import FILES, judge, theory
from certify.kernel.export import coq_source

ACCEPTS = """case "$1" in --version) exit 0;; esac
echo "minimum_exists : here"; echo "Axioms:"; echo "Classical_Prop.classic : forall P, P or not P"
echo "PrimFloat.float : Set"
"""
REFUSES = """case "$*" in *--version*|*theory/*) exit 0;; esac
if grep -q failed "$7"; then echo "     = [Gradient; Upper_bound]"; echo "     : list part"; exit 0; fi
echo "Error: no." >&2; exit 1
"""


@pytest.fixture(scope="module")
def source() -> bytes:
    return coq_source(certificate(SIX), "floats").encode()


def test_what_coqc_accepts_is_put_into_words(source, compiler) -> None:
    compiler(ACCEPTS)
    judgement = judge(source)
    assert judgement.accepted
    assert judgement.axioms == ("Classical_Prop.classic", "PrimFloat.float")
    assert judgement.sentence.startswith("6 ReLU students, 6 orthonormal teachers")
    assert judgement.output.startswith("minimum_exists")


def test_an_axiom_that_is_not_documented_is_a_rejection(source, compiler) -> None:
    compiler(ACCEPTS + 'echo "absurd : False"')
    assert judge(source).reason == "assumes more than docs list: absurd"
    stdlib = coq_source(certificate(SIX), "stdlib").encode()
    compiler(ACCEPTS)
    assert judge(stdlib).reason == "assumes more than docs list: PrimFloat.float"


def test_silence_about_assumptions_is_no_acceptance(source, compiler) -> None:
    compiler("exit 0")
    assert judge(source).reason == "coqc printed no assumptions"


def test_a_refusal_names_the_parts_that_fail(source, compiler) -> None:
    compiler(REFUSES)
    judgement = judge(source)
    assert not judgement.accepted
    assert judgement.failed == ("Gradient", "Upper_bound")
    assert judgement.reason == (
        "Coq's kernel refuses: the gradient at the centre is too large for the error radius; "
        "the loss may be above its upper bound"
    )
    compiler(REFUSES.replace("grep -q", "false"))
    assert judge(source).reason == "coqc: Error: no."


def test_a_theory_that_does_not_compile_leaves_nothing_behind(tmp_path, compiler) -> None:
    path = str(path_of(SIX))
    compiler('case "$*" in --version) exit 0;; *Kernel.v) echo "Cannot find Coquelicot" >&2; exit 1;; esac')
    assert main(["verify", "--coq", path]) == 2
    assert list((tmp_path / "cache" / "certify").iterdir()) == []
    compiler(ACCEPTS)
    steps = []
    assert sorted(p.stem for p in theory(lambda: steps.append(1)).iterdir()) == sorted(FILES)
    assert len(steps) == len(FILES)


def test_the_missing_library_is_said_in_one_line(compiler, capsys) -> None:
    compiler('case "$*" in --version) exit 0;; *Kernel.v) echo "Cannot find Coquelicot" >&2; exit 1;; esac')
    assert main(["verify", "--coq", str(path_of(SIX))]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "Cannot find Coquelicot (apt-get install coq" in err


def test_one_json_line_a_target(tmp_path, source, compiler, capsys) -> None:
    compiler(ACCEPTS)
    file, foreign = tmp_path / "point.v", tmp_path / "claim.v"
    file.write_bytes(source)
    foreign.write_bytes(source + b"Axiom absurd : False.\n")
    report = tmp_path / "report.xml"
    targets = [str(file), str(path_of(SIX)), str(foreign), str(path_of("saddles-K06-M06")), str(tmp_path / "none.v")]
    assert main(["verify", "--coq", "--json", "--junit", str(report), *targets]) == 3
    captured = capsys.readouterr()
    records = [json.loads(line) for line in captured.out.splitlines()]
    assert [r["file"] for r in records] == targets
    assert [r["verdict"] for r in records] == ["verified", "verified", "rejected", "limit", "malformed"]
    assert records[0]["sha256"] == records[1]["sha256"]
    assert records[0]["engine"] == "coq"
    assert records[0]["axioms"] == ["Classical_Prop.classic", "PrimFloat.float"]
    assert [line.split(" ")[0] for line in captured.err.splitlines()] == ["REJECTED", "LIMIT", "MALFORMED"]
    suite = ET.parse(report).getroot()[0]  # noqa: S314 - just written
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("5", "1", "2")


def test_quiet_prints_errors_only(tmp_path, source, compiler, capsys) -> None:
    compiler(ACCEPTS)
    foreign = tmp_path / "claim.v"
    foreign.write_text("Theorem t : True. Proof. exact I. Qed.\n")
    assert main(["verify", "--coq", "--quiet", str(path_of(SIX)), str(foreign)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == f"REJECTED {foreign}: not a file as certify export writes it; run coqc on it yourself\n"


@pytest.mark.parametrize("arguments", [["--engine", "blas", "x.v"], ["--engine", "stdlib", "x.v"], []])
def test_what_means_nothing_to_coq_is_bad_input(arguments, compiler, capsys) -> None:
    compiler(ACCEPTS)
    assert main(["verify", "--coq", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize(("arithmetic", "place"), [("stdlib", 0), ("bigint", 1), ("floats", 2)])
def test_the_documented_axioms_are_the_accepted_ones(arithmetic: str, place: int) -> None:
    text = (location() / "coq" / "README.md").read_text().partition("### Axioms\n")[2].partition("\n## ")[0]
    blocks = [block for block in text.split("\n\n") if block.startswith("    ")]
    lists = re.findall(r"(\w+): ([^:]*)(?=\s\w+:|$)", blocks[place])
    names = {f"{module}.{name}" for module, rest in lists for name in rest.split()}
    assert names | CLASSICAL == EXPECTED[arithmetic]
    assert len(blocks) == 3


def test_the_pure_arithmetic_assumes_the_classical_reals_only() -> None:
    assert EXPECTED["stdlib"] == CLASSICAL
    assert len(CLASSICAL) == 4
    assert all(EXPECTED[name] > CLASSICAL for name in ("floats", "bigint"))
    assert printed("t : True\nAxioms:\nb.c\n  : forall x,\n    y\na : Set\n") == ["a", "b.c"]
