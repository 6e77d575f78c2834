"""Only files as the exporter writes them are verified: Coq itself accepts any true statement, and axioms."""

import pytest
from kernel_points import certificate

from certify.kernel.export import coq_source
from certify.kernel.recognise import read_back
from certify.kernel.source import ARITHMETICS, diagnosis


@pytest.fixture(scope="module", params=["orthonormal-K06-M06/minimum-L0.02508058", "gaussian-K04-M07-d05-seed3",
                                        "families/one-more-alpha/k0009.cert.json"])  # fmt: skip
def exported(request) -> str:
    return coq_source(certificate(request.param), "floats")


@pytest.mark.parametrize("arithmetic", ARITHMETICS)
def test_the_exporters_own_files_are_recognised(arithmetic: str) -> None:
    source = coq_source(certificate("orthonormal-K09-M08"), arithmetic)
    numbers, found = read_back(source)
    assert found == arithmetic
    assert len(numbers.centre) == 9
    assert read_back(diagnosis(numbers, arithmetic)) is None


def test_everything_else_is_not(exported: str) -> None:
    assert read_back(exported) is not None
    for old, new in (
        ("vm_cast_no_check (eq_refl true). Qed.", "Admitted."),
        ("]%Z.", "; []]%Z."),
        ("Theorem minimum_exists", "Axiom absurd : False.\nTheorem minimum_exists"),
        ("(Q2R radius) (Q2R error)", "(Q2R radius) (Q2R radius)"),
        ("Print Assumptions ", "Check "),
        ("Check minimum_exists.\n", ""),
        ("Definition radius : Q := (", "Definition radius : Q := (Z.abs "),
        ("From Certify Require", "From Elsewhere Require"),
    ):
        assert old in exported
        assert read_back(exported.replace(old, new, 1)) is None
    assert read_back(exported + "Axiom absurd : False.\n") is None
    assert read_back("Theorem t : True. Proof. exact I. Qed.\n") is None
    assert read_back("") is None
