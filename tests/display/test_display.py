"""What notebooks and terminals show of outcomes and certificates."""

from html.parser import HTMLParser
from io import StringIO
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from rich.console import Console

import certify


@pytest.fixture(scope="module")
def proved() -> certify.Proved:
    outcome = certify.prove(-np.eye(8) + 0.25)
    assert isinstance(outcome, certify.Proved)
    return outcome


def shown(value: object) -> str:
    console = Console(file=StringIO(), width=120, force_terminal=False)
    console.print(value)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_a_proof_as_html(proved: certify.Proved) -> None:
    text = proved._repr_html_()
    tree = ET.fromstring(text)  # noqa: S314 - its own
    assert "".join(tree.itertext()).startswith(f"Proved: {proved.theorem}.")
    squares = tree.findall("svg/rect")
    assert len(squares) == 1 + 64
    assert {square.get("fill") for square in squares[1:]} != {"#ffffff"}
    assert squares[1].get("fill", "").startswith("#2166ac")  # the largest entries, on the diagonal, are negative
    assert proved.certificate.sha256 in text


def test_a_certificate_claims_and_is_not_called_proved(proved: certify.Proved) -> None:
    text = proved.certificate._repr_html_()
    assert "<strong>Claimed: </strong>" in text
    assert "Proved" not in text


def test_large_matrices_are_left_out() -> None:
    outcome = certify.prove(np.eye(60), symmetric=True)
    assert isinstance(outcome, certify.Proved)
    assert "<svg" not in outcome._repr_html_()


def test_other_outcomes_and_verdicts(proved: certify.Proved) -> None:
    undecided = certify.prove([[1.0, 0.0], [0.0, 0.0]])
    refuted = certify.prove([[0.6, 0.1], [0.2, 0.8]])
    verdict = certify.verify(proved.certificate)
    rejected = certify.verify(b"<script>")
    for value, word in ((undecided, "undecided"), (refuted, "refuted"), (verdict, "verified"), (rejected, "malformed")):
        assert value._repr_html_().startswith(f"<p><strong>{word}</strong>: ")
        assert shown(value).startswith(f"{word}: ")

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            assert tag in ("p", "strong")

    Tags().feed(rejected._repr_html_())


def test_terminals(proved: certify.Proved) -> None:
    text = shown(proved)
    assert text.startswith("Proved: 8 ReLU students, 8 orthonormal teachers")
    assert "uniqueness radius" in text
    assert "W (8 x 8)" in text
    assert shown(proved.certificate).startswith("Claimed: ")
