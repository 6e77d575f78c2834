"""`certify spectrum` and `certify catalog`."""

import json
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import certify
from certify.checker.reader import FamilyCertificate, read
from certify.cli import main
from certify.cli.catalog import entry, table
from certify.cli.spectrum import figures, names
from certify.cli.spectrum import table as spectrum_table
from certify.families.blocks import hessian_blocks
from certify.families.numbers import FLOATS
from certify.families.orbits import Geometry, Pattern
from certify.families.signature import Signature
from certify.landscape import floats
from certify.proving.family import prove_member

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One certificate of each kind, about one point."""
    W = -np.eye(8) + 0.25  # near -I + (2 / k) J: a strict minimum
    for symmetric in (False, True):
        outcome = certify.prove(W, symmetric=symmetric)
        assert isinstance(outcome, certify.Proved)
        outcome.certificate.write(tmp_path / f"{outcome.route}.cert.json")
    return tmp_path


def family(path: Path) -> FamilyCertificate:
    certificate = read(path.read_bytes())
    assert isinstance(certificate, FamilyCertificate)
    return certificate


def test_the_spectrum_is_that_of_the_dense_hessian(folder: Path, capsys: Capture) -> None:
    assert main(["spectrum", str(folder / "symmetric.cert.json")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith(": verified")
    c = family(folder / "symmetric.cert.json")
    base, delta = (float(Fraction(m) * Fraction(2) ** e) for m, e in c.centre[0])
    dense = np.linalg.eigvalsh(floats.hessian(base + delta * np.eye(8), np.eye(8)))
    found = []
    for line in lines[3:]:
        if not line:
            break
        multiplicity, low, high = line.split()[-3:]
        found += [(float(low), float(high))] * int(multiplicity)
    assert len(found) == len(dense) == 64
    assert all(low - 1e-9 <= x <= high + 1e-9 for (low, high), x in zip(found, dense, strict=True))
    assert "64 eigenvalues, 0 of them negative." in lines
    condition = next(line for line in lines if line.startswith("Condition number"))
    low, high = (float(x) for x in condition.split("[")[1].rstrip("].").split(","))
    assert low - 1e-3 <= dense[-1] / dense[0] <= high + 1e-3
    step = next(line for line in lines if line.startswith("Gradient descent"))
    assert float(step.split("at least ")[1].rstrip(".")) == pytest.approx(2 / dense[-1], rel=1e-5)


def test_a_full_proof_has_only_a_bound(folder: Path, capsys: Capture) -> None:
    assert main(["spectrum", str(folder / "full.cert.json")]) == 0
    assert "only a bound is certified.  Of 64 eigenvalues 0 are at most -" in capsys.readouterr().out


def test_spectra_are_shown_only_after_verification(folder: Path, capsys: Capture) -> None:
    path = folder / "symmetric.cert.json"
    data = json.loads(path.read_bytes())
    data["claim"]["index"], data["claim"]["kind"] = 1, "saddle"
    path.write_bytes(json.dumps(data, sort_keys=True, separators=(",", ":")).encode() + b"\n")
    assert main(["spectrum", str(path)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("REJECTED ")
    assert main(["spectrum", str(folder / "missing")]) == 2


@pytest.mark.parametrize("signature", [Signature((5, 2, 1), (0, 1, None)), Signature((4, 3), (1, 1, None))])
def test_names_are_in_the_order_of_the_blocks(signature: Signature) -> None:
    generator = np.random.default_rng(0)
    patterns = [Pattern(tuple(generator.normal(size=len(signature.sizes))), 1.0 if o is not None else 0.0)
                for o in signature.owners]  # fmt: skip
    geometry = Geometry(signature.sizes, signature.owners, patterns, (1.0, 0.0), FLOATS)
    blocks = [block.name for block in hessian_blocks(geometry)]
    told = list(names(signature.sizes, signature.owners))
    assert len(told) == len(blocks)
    for name, block in zip(told, blocks, strict=True):
        assert name.count(",1,1)") == block.startswith("antisymmetric")
        assert name.count(",2)") == block.startswith("symmetric")
        assert (" x " in name) == (" x " in block)
        assert (name == "trivial") == (block == "trivial")


def test_saddles_have_no_stable_step() -> None:
    outcome = prove_member(Signature((4,), (0,)), [Pattern((0.47,), -0.96)])
    assert outcome.name == "proved"
    c = read(outcome.certificate.content)
    assert isinstance(c, FamilyCertificate)
    assert c.index == 3
    assert "at a saddle no step is stable" in figures(c)[-1]
    assert len(spectrum_table(c)) == 1 + sum(len(pairs) for _, pairs in c.spectrum)


def test_the_catalog_is_ordered_and_filtered(capsys: Capture) -> None:
    assert main(["catalog", "--students", "12", "--teachers", "12", "--json"]) == 0
    entries = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(entries) >= 3
    assert {(e["students"], e["teachers"]) for e in entries} == {(12, 12)}
    losses = [e["loss"][0] for e in entries]
    assert losses == sorted(losses)
    assert {e["anti"]: e["classes"] for e in entries if e["loss"][0] < 0.04}[1] == "11+1"


def test_a_folder_of_both_kinds(folder: Path, capsys: Capture) -> None:
    assert main(["catalog", "--in", str(folder)]) == 0
    captured = capsys.readouterr().out
    lines = captured.splitlines()
    assert lines[-1] == "2 certificates.  Listed as the files claim; certify verify has them checked."
    assert [line.split()[:3] for line in lines[1:3]] == [["8", "8", "8"]] * 2
    assert all(line.split()[7:9] == ["8", "8"] for line in lines[1:3])  # all anti-aligned, one class
    (folder / "broken.cert.json").write_text("{}")
    assert main(["catalog", "--in", str(folder)]) == 2
    assert capsys.readouterr().err.startswith("MALFORMED ")
    assert main(["catalog", "--in", str(folder / "nowhere")]) == 2
    assert entry(family(folder / "symmetric.cert.json"), "x", students=9) is None
    assert len(table([])) == 1


def test_figures(folder: Path, capsys: Capture) -> None:
    pytest.importorskip("matplotlib")
    for name in ("full", "symmetric"):
        path = folder / f"{name}.png"
        assert main(["spectrum", str(folder / f"{name}.cert.json"), "--plot", str(path)]) == 0
        assert path.read_bytes().startswith(b"\x89PNG")
    assert main(["catalog", "--in", str(folder), "--figure", str(folder / "c.svg")]) == 0
    assert (folder / "c.svg").stat().st_size > 1000
    capsys.readouterr()
    assert main(["catalog", "--in", str(folder), "--figure", str(folder / "c.xyz")]) == 2
    assert "a figure's name ends in" in capsys.readouterr().err
    assert main(["catalog", "--in", str(folder), "--figure", str(folder / "no" / "c.png")]) == 2


def test_figures_without_matplotlib(folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["catalog", "--in", str(folder), "--figure", str(folder / "c.png")]) == 2
    assert "certify[plot]" in capsys.readouterr().err
