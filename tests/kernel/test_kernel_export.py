"""From certificates to the numbers of a Coq file, and what cannot be exported."""

import dataclasses
from fractions import Fraction

import pytest
from kernel_points import SIX, certificate, path_of

from certify.cli import main
from certify.errors import InputError
from certify.kernel.export import coq_source, numbers
from certify.kernel.source import RATIONALS, render
from certify.kernel.words import REASONS, sentence


def test_the_centre_and_the_teacher_are_the_certificates(six) -> None:
    n = numbers(six)
    assert [len(row) for row in n.factor] == list(range(1, 37))
    assert n.teacher == [[int(i == k) for k in range(6)] for i in range(6)]
    assert n.centre == [[Fraction(m) * Fraction(2) ** e for m, e in row] for row in six.centre]
    lower, upper = (Fraction(m) * Fraction(2) ** e for m, e in six.loss)
    assert n.loss[0] < lower < upper < n.loss[1] < lower + Fraction(1, 10**8)


def test_the_last_theorem_says_what_the_numbers_allow(six) -> None:
    n = numbers(six)
    text = render(n, "floats")
    assert "Check spurious.\nDefinition theorems := (minimum_exists, spurious).\nPrint Assumptions theorems.\n" in text
    fewer = dataclasses.replace(n, centre=n.centre[:5])
    at_zero = dataclasses.replace(n, loss=(Fraction(0), n.loss[1]))
    for weaker in (fewer, at_zero):
        assert "spurious" not in render(weaker, "floats")
        assert render(weaker, "floats").endswith(":= (minimum_exists).\nPrint Assumptions theorems.\n")
        assert "global" not in sentence(weaker)
    assert sentence(n).endswith("; it is not a global minimum")


def test_the_sentence_never_says_more_than_the_numbers(six) -> None:
    n = dataclasses.replace(numbers(six), curvature=Fraction(2, 3), error=Fraction(1, 3), loss=(Fraction(2, 3),) * 2)
    text = sentence(n)
    assert "6 orthonormal teachers" in text
    assert "within 0.333334 of the centre" in text
    assert "at least 0.666666" in text
    assert "[0.666666, 0.666667]" in text
    n.teacher[0][1] = Fraction(1, 2**40)
    assert "6 given teachers" in sentence(n)


def test_a_point_proved_by_symmetry_brings_its_symmetries() -> None:
    n = numbers(certificate("families/one-more-alpha/k0009.cert.json"))
    assert [coordinates for _, coordinates, _ in n.symmetries] == [(k, k + 1) for k in range(6)]
    assert [teachers for *_, teachers in n.symmetries] == [(k, k + 1) for k in range(6)]
    for (a, b), (p, q), _ in n.symmetries:
        rows, columns = list(range(9)), list(range(8))
        rows[a], rows[b], columns[p], columns[q] = b, a, q, p
        assert a != b
        assert [[n.centre[i][k] for k in columns] for i in rows] == n.centre
    assert sentence(n).endswith("that 6 exchanges of coordinates, students and teachers generate")
    assert "symmetric_minimum_exists, spurious)" in render(n, "floats")


def test_a_full_point_has_none_that_its_digits_do_not_have(six) -> None:
    assert numbers(six).symmetries == ()
    assert "symmetr" not in render(numbers(six), "floats")


@pytest.mark.parametrize(
    ("name", "words"), [("saddles-K06-M06", "saddle"), ("orthonormal-K06-M06/global-minimum-L0.00000000", "parallel")]
)
def test_what_cannot_be_exported_is_said(name: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        coq_source(certificate(name), "floats")


def test_wide_points_are_refused_before_their_matrices_are_made(six) -> None:
    with pytest.raises(InputError, match="unknowns are too many"):
        coq_source(dataclasses.replace(six, students=10**12), "floats")


def test_without_coqc_one_line_says_what_to_install(monkeypatch, capsys) -> None:
    monkeypatch.setenv("PATH", "")
    assert main(["verify", "--coq", str(path_of(SIX))]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "coqc is not installed (apt-get install coq libcoq-interval" in captured.err


def test_every_part_of_the_test_has_its_words() -> None:
    theory = (path_of(SIX).parents[2] / "coq" / "Certificate.v").read_text()
    inductive = theory.partition("Inductive part := ")[2].partition(".")[0]
    assert set(REASONS) == set(inductive.split(" | "))
    assert len(RATIONALS) == 7
