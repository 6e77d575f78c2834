"""`certify bundle`: the checker as one file."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from certify.bundle import write_bundle
from certify.cli.text import one_line


def run(output: str, quiet: bool) -> int:
    """Write it and say what it is."""
    path = Path(output)
    content = write_bundle(path)
    if not quiet:
        digest = hashlib.sha256(content).hexdigest()
        sys.stdout.write(one_line(f"{path}: {len(content)} bytes, SHA-256 {digest}; run: python {path} FILE...") + "\n")
    return 0
