"""`certify prove-system`: zeros and critical points of the systems in files."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from certify.certificate import SUFFIX
from certify.cli.progress import progress
from certify.cli.prove import folder
from certify.cli.system import Described, read_system_file
from certify.cli.text import one_line
from certify.errors import InputError
from certify.outcome import Undecided
from certify.zeros import ProvedZero, prove_minimum, prove_zero

FIGURES = ("kind", "index", "centre", "uniqueness_radii", "error_radii", "value", "bits")


def run(files: Sequence[str], output: str, *, as_json: bool, quiet: bool, bits: int) -> int:
    """Prove every start of every file; the exit code is the largest of theirs."""
    directory, code = folder(output), 0
    with progress("prove-system", len(files)) as bar:
        for path in files:
            try:
                described = read_system_file(path)
                if not described.starts:
                    raise InputError(f"{path}: there is no start")
                outcomes = [_prove(described, start, bits) for start in described.starts]
            except InputError as error:
                bar.write(sys.stderr, one_line(f"BAD INPUT {error}"))
                code = 2
                continue
            for place, outcome in enumerate(outcomes):
                target = _write(outcome, directory, path, place)
                code = max(code, int(target is None))
                line = (
                    json.dumps(_record(path, place, outcome, target))
                    if as_json
                    else _line(path, place, outcome, target)
                )
                if as_json or target is None or not quiet:
                    bar.write(sys.stdout if as_json or target else sys.stderr, line)
            bar.advance()
    return code


def _prove(described: Described, start: list[float], bits: int) -> ProvedZero | Undecided:
    prove = prove_minimum if described.critical else prove_zero
    return prove(described.system, start, bits=bits)


def _write(outcome: ProvedZero | Undecided, directory: Path, path: str, place: int) -> Path | None:
    if not isinstance(outcome, ProvedZero):
        return None
    target = directory / f"{Path(path).stem}-{place:03d}-{outcome.certificate.sha256[:12]}{SUFFIX}"
    try:
        return outcome.certificate.write(target)
    except OSError as error:
        raise InputError(one_line(f"{target} cannot be written: {error.strerror}")) from None


def _line(path: str, place: int, outcome: ProvedZero | Undecided, target: Path | None) -> str:
    reason = outcome.reason
    if isinstance(outcome, Undecided):
        reason = f"{reason}; try: {outcome.remedy}"
    return one_line(f"{outcome.name.upper()} {path}#{place}: {reason}" + ("" if target is None else f" -> {target}"))


def _record(path: str, place: int, outcome: ProvedZero | Undecided, target: Path | None) -> dict[str, Any]:
    record = {"file": path, "start": place, "outcome": outcome.name, "reason": outcome.reason}
    figures = {name: getattr(outcome, name, None) for name in FIGURES}
    return {**record, **figures, "certificate": None if target is None else str(target)}
