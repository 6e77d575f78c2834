"""`certify report`: certificates as a web site."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from certify.api import Verification, content_of, refused
from certify.catalog import certificate_files, location
from certify.cli.pool import verifications
from certify.cli.progress import progress
from certify.cli.text import one_line
from certify.cli.verify import CATALOG, CODES, refusal
from certify.errors import InputError
from certify.report.facts import Facts, facts
from certify.report.families import families
from certify.report.site import build


def run(*, target: str, output: str, verify: bool, quiet: bool) -> int:
    """Read, ask the checker if wanted, write; the exit code is the largest of what was refused."""
    root = location() if target == CATALOG else Path(target)
    paths = certificate_files(root) if root.is_dir() else [root]
    base = root if root.is_dir() else root.parent
    found, code = _read(paths, base)
    if not found:
        raise InputError(one_line(f"{target}: no certificate can be read"))
    verdicts = None
    if verify:
        verdicts = {}
        for path, verdict in _asked([(base / item.file) for item, _ in found]):
            verdicts[path.relative_to(base).as_posix()] = "verified" if verdict.verified else verdict.reason or ""
            code = max(code, CODES[verdict.verdict])
    with progress("pages", len(families([item for item, _ in found]))) as bar:
        build(found, output, verdicts=verdicts, advance=bar.advance)
    if not quiet:
        sys.stdout.write(one_line(f"{len(found)} certificates -> {Path(output) / 'index.html'}") + "\n")
    return code


def _read(paths: Sequence[Path], base: Path) -> tuple[list[tuple[Facts, bytes]], int]:
    """Facts and contents, and an exit code; what cannot be read is named on stderr and left out."""
    found, code = [], 0
    with progress("read", len(paths)) as bar:
        for path in paths:
            bar.advance()
            try:
                content = content_of(path)
                found.append((facts(path.relative_to(base).as_posix(), content), content))
            except Exception as error:  # the checker's own table says what it is
                result = refused(error)
                sys.stderr.write(refusal(str(path), result) + "\n")
                code = max(code, CODES[result.verdict])
    return found, code


def _asked(paths: Sequence[Path]) -> list[tuple[Path, Verification]]:
    with progress("verify", len(paths)) as bar, closing(verifications([str(path) for path in paths])) as results:
        found = []
        for path, verdict in zip(paths, results, strict=True):
            found.append((path, verdict))
            bar.advance()
    return found
