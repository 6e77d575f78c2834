"""Certificates to compare, and edited copies of them."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import certify

Edit = Callable[[dict[str, Any]], None]


@cache
def certificate(students: int = 3, *, symmetric: bool = False, moved: float = 0.0, bits: int = 53) -> bytes:
    """The global minimum, proved from a point beside it; bits > 53: with a smaller error radius."""
    W = np.eye(students) + moved * np.arange(students**2).reshape(students, students) / students**2
    outcome = certify.prove(W, symmetric=symmetric, bits=bits)
    assert isinstance(outcome, certify.Proved)
    return outcome.certificate.content


@cache
def turned(students: int = 8, *, symmetric: bool = False) -> bytes:
    """Near -I + (2 / k) J: a strict minimum above zero loss."""
    outcome = certify.prove(2.0 / students - np.eye(students), symmetric=symmetric)
    assert isinstance(outcome, certify.Proved)
    return outcome.certificate.content


def claim(content: bytes) -> dict[str, Any]:
    found = json.loads(content)["claim"]
    assert isinstance(found, dict)
    return found


def edited(content: bytes, edit: Edit) -> bytes:
    """A certificate with another claim, in canonical text."""
    data = json.loads(content)
    edit(data["claim"])
    return json.dumps(data, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def scaled(name: str, factor: int) -> Edit:
    """A dyadic times 2^factor."""

    def edit(claim: dict[str, Any]) -> None:
        mantissa, exponent = claim[name].split("p")
        claim[name] = f"{mantissa}p{int(exponent) + factor}"

    return edit


def put(folder: Path, **files: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.cert.json").write_bytes(content)
    return folder
