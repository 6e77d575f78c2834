"""The checker as one file, to be sent along with a certificate: `python checker.pyz FILE...` on a bare Python."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from certify.certificate import write_atomically

SHEBANG = b"#!/usr/bin/env python3\n"
PACKAGE = b'"""The checker of certify, alone."""\n'
# Run as a program of its own: usage, exit codes and interruption are those of `python -m certify.checker`.
MAIN = b'import runpy\n\nrunpy.run_module("certify.checker", run_name="__main__", alter_sys=True)\n'


def bundle_bytes() -> bytes:
    """The archive: certify/checker as it is, an empty package around it, and a start.  Equal sources, equal bytes."""
    package = Path(__file__).resolve().parent
    sources = (package / "checker").rglob("*.py")
    members = {"__main__.py": MAIN, "certify/__init__.py": PACKAGE}
    members.update({f"certify/{path.relative_to(package).as_posix()}": path.read_bytes() for path in sources})
    buffer = io.BytesIO()
    buffer.write(SHEBANG)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:  # stored: compressors differ between systems
        for name in sorted(members):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, members[name])
    return buffer.getvalue()


def write_bundle(path: Path) -> bytes:
    """Write the archive atomically and return it; raises OSError."""
    content = bundle_bytes()
    write_atomically(path, content)
    return content
