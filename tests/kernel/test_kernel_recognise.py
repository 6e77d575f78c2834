"""Only files as the exporter writes them are verified: Coq itself accepts any true statement, and axioms."""

import pytest

from certify.catalog import location
from certify.checker.reader import read
from certify.cli import main
from certify.kernel.export import ARITHMETICS, coq_source
from certify.kernel.recognise import is_exported


@pytest.fixture(scope="module", params=["orthonormal-K06-M06/minimum-L0.02508058", "gaussian-K04-M07-d05-seed3"])
def exported(request) -> str:
    return coq_source(read(next((location() / request.param).rglob("*.cert.json")).read_bytes()), "floats")


@pytest.mark.parametrize("arithmetic", ARITHMETICS)
def test_the_exporters_own_files_are_recognised(arithmetic: str) -> None:
    path = next((location() / "orthonormal-K09-M08").rglob("*.cert.json"))
    assert is_exported(coq_source(read(path.read_bytes()), arithmetic))


def test_everything_else_is_not(exported: str) -> None:
    assert is_exported(exported)
    for old, new in (
        ("vm_cast_no_check (eq_refl true). Qed.", "Admitted."),
        ("Theorem minimum_exists", "Axiom absurd : False.\nTheorem minimum_exists"),
        ("(Q2R radius) (Q2R error)", "(Q2R radius) (Q2R radius)"),
        ("Print Assumptions minimum_exists.", ""),
        ("Definition radius : Q := (", "Definition radius : Q := (Z.abs "),
        ("From Certify Require", "From Elsewhere Require"),
    ):
        assert old in exported
        assert not is_exported(exported.replace(old, new, 1))
    assert not is_exported(exported + "Axiom absurd : False.\n")
    assert not is_exported("Theorem t : True. Proof. exact I. Qed.\n")
    assert not is_exported("")


def test_verify_refuses_them_in_one_line(exported: str, tmp_path, capsys) -> None:
    file = tmp_path / "claim.v"
    file.write_text(exported + "Axiom absurd : False.\n")
    assert main(["verify", "--coq", str(file)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("REJECTED")
    assert captured.err.count("\n") == 1
