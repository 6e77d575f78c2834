"""`certify verify`: every verdict is the checker's."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from certify.api import Verification
from certify.catalog import certificate_files, location
from certify.checker.__main__ import REFUSALS
from certify.cli.pool import verifications
from certify.cli.progress import progress
from certify.engines import engine as find_engine
from certify.errors import InputError

CATALOG = "catalog"
CODES = {"verified": 0, **{word.lower(): code for _, word, code in REFUSALS}, "internal": 70}


def run(targets: Sequence[str], as_json: bool, quiet: bool, engine: str = "auto", junit: str | None = None) -> int:
    """Verify all targets in order; the exit code is the largest of theirs."""
    find_engine(engine)  # before any file is read
    files, troubles = _files(targets or [CATALOG])
    counts: Counter[str] = Counter()
    begun, reported = time.monotonic(), []
    with progress("verify", len(files)) as bar, closing(_results(files, troubles, engine)) as results:
        for path, result in results:
            counts[result.verdict] += 1
            if junit is not None:
                reported.append((path, result))
            if as_json:
                bar.write(sys.stdout, json.dumps(record(path, result)))
            elif result.verified and not quiet:
                bar.write(sys.stdout, f"VERIFIED {result.sha256} {result.sentence}{_note(result)}")
            if not result.verified:
                bar.write(sys.stderr, refusal(path, result))
            bar.advance()
    if junit is not None:
        from certify.cli.junit import write  # noqa: PLC0415 - rarely asked for

        write(junit, reported, time.monotonic() - begun)
    if len(files) > 1 and sys.stderr.isatty() and not quiet:
        sys.stderr.write(", ".join(f"{counts[word]} {word}" for word in CODES if counts[word]) + "\n")
    return max(CODES[word] for word in counts)


def record(path: str, result: Verification) -> dict[str, Any]:
    """The line of `--json`."""
    names = ("verdict", "sha256", "kind", "sentence", "reason", "engine")
    return {"file": path, **{name: getattr(result, name) for name in names}}


def _note(result: Verification) -> str:
    """Which engine it was, if not the checker's own."""
    return "" if result.engine == "stdlib" else f" [engine {result.engine}]"


def refusal(path: str, result: Verification) -> str:
    """The line that the checker itself writes on stderr."""
    return f"{result.verdict.upper()} {ascii(path)[1:-1]}: {ascii(result.reason)[1:-1]}"


def _files(targets: Sequence[str]) -> tuple[list[str], dict[int, Verification]]:
    """The paths to verify, and verdicts already known by position: of folders without certificates."""
    files: list[str] = []
    troubles: dict[int, Verification] = {}
    for target in targets:
        try:
            directory = location() if target == CATALOG else Path(target)
            if target and directory.is_dir():
                files += map(str, certificate_files(directory))
            else:
                files.append(target)
        except (InputError, ValueError) as error:
            troubles[len(files)] = Verification("malformed", reason=str(error))
            files.append(target)
    return files, troubles


def _results(
    files: Sequence[str], troubles: dict[int, Verification], engine: str
) -> Generator[tuple[str, Verification]]:
    paths = [path for place, path in enumerate(files) if place not in troubles]
    with closing(verifications(paths, engine)) as checked:
        for place, path in enumerate(files):
            yield path, troubles[place] if place in troubles else next(checked)
