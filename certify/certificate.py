"""Certificates as plain data, and the one way to write them (docs/certificate-format.md)."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

SUFFIX = ".cert.json"


@dataclass(frozen=True)
class Certificate:
    """A claim and its witness, JSON-ready: strings, integers, lists, mappings."""

    claim: Mapping[str, Any]
    witness: Mapping[str, Any]

    @property
    def content(self) -> bytes:
        """The canonical text of the whole certificate."""
        return _canonical({"format": "certify", "version": 1, "claim": self.claim, "witness": self.witness})

    @property
    def sha256(self) -> str:
        """Hash of the canonical claim: the name under which a checker reports it."""
        return hashlib.sha256(_canonical(self.claim)).hexdigest()

    def _repr_html_(self) -> str:
        """In notebooks: what it claims; it is not checked."""
        return str(display().certificate_html(self.content))

    def __rich__(self) -> Any:
        """In terminals that rich writes to."""
        return display().certificate_rich(self.content)

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write atomically; an interrupted write leaves no file or the old one."""
        return write_atomically(Path(path), self.content)


def write_atomically(path: Path, content: bytes) -> Path:
    """Write to a temporary file beside `path` and move it there; parents are created."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    try:  # from before the file exists: an interrupt must not leave it behind
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return path


def display() -> Any:
    """`certify.display`, by name: provers make certificates, and must not depend on the checker that it reads with."""
    return import_module("certify.display")


_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False, check_circular=False
)


def _canonical(data: object) -> bytes:
    return _ENCODER.encode(data).encode() + b"\n"
