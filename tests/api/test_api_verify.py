"""`verify` returns the checker's verdict as a value, whatever it is given."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import certify
from certify import api
from certify.certificate import Certificate


@pytest.fixture(scope="module")
def certificate() -> Certificate:
    outcome = certify.prove(np.eye(3))
    assert isinstance(outcome, certify.Proved)
    return outcome.certificate


def test_every_form_of_a_certificate(certificate: Certificate, tmp_path: Path) -> None:
    path = certificate.write(tmp_path / "a.cert.json")
    forms: list[Any] = [certificate, certificate.content, path, str(path), json.loads(certificate.content)]
    results = [certify.verify(form) for form in forms]
    assert results == [results[0]] * len(forms)
    assert results[0].verified
    assert results[0]
    assert results[0].reason is None


def test_a_false_claim_is_rejected(certificate: Certificate) -> None:
    claim = {**certificate.claim, "uniqueness_radius": "0x1p-1"}
    result = certify.verify(Certificate(claim, certificate.witness))
    assert not result
    assert result.verdict == "rejected"
    assert result.reason is not None
    assert "uniqueness" in result.reason
    assert result.sha256 == Certificate(claim, {}).sha256
    assert result.sentence is result.kind is None


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        (b"", "JSON"),
        (b"\xff", "JSON"),
        (b"[" * 100_000, "nested"),
        ({}, "exactly the keys"),
        ({"claim": np.eye(2)}, "JSON"),
        ({"claim": float("nan")}, "JSON"),
        ("no/such/file", "no such file"),
        (".", "no such file, or a directory"),
        ("nul\0", "no such file"),
        (Certificate({1: {2}}, {}), "JSON"),  # type: ignore[dict-item]
    ],
)
def test_malformed(form: Any, reason: str) -> None:
    result = certify.verify(form)
    assert result.verdict == "malformed"
    assert result.reason is not None
    assert reason in result.reason


def test_too_large(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # sparse; no more than the limit is read
    assert certify.verify(path).verdict == "limit"


def test_a_defect_is_a_verdict_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(content: bytes, engine: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(api, "verify_bytes", broken)
    assert certify.verify(b"") == api.Verification("internal", reason="ZeroDivisionError: oops")


def test_other_types() -> None:
    with pytest.raises(certify.InputError, match="int is neither"):
        certify.verify(3)  # type: ignore[arg-type]
