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
from certify.sweeps import Sweep, prove_sweep
from certify.zeros import ProvedZero, prove_minimum, prove_zero

FIGURES = ("kind", "index", "centre", "uniqueness_radii", "error_radii", "value", "bits")


def run(files: Sequence[str], output: str, *, as_json: bool, quiet: bool, bits: int, sweep: str | None = None) -> int:
    """Prove every start of every file; the exit code is the largest of theirs."""
    directory, code = folder(output), 0
    with progress("prove-system", len(files)) as bar:
        for path in files:
            try:
                described = read_system_file(path)
                if not described.starts:
                    raise InputError(f"{path}: there is no start")
                outcomes = [_proved(described, start, bits, sweep) for start in described.starts]
            except InputError as error:
                bar.write(sys.stderr, one_line(f"BAD INPUT {error}"))
                code = 2
                continue
            for place, outcome in enumerate(outcomes):
                if isinstance(outcome, Sweep):
                    code = max(code, int(not outcome.complete))
                    bar.write(sys.stdout, _swept(outcome, directory, path, place, as_json=as_json))
                    continue
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


def _proved(described: Described, start: list[float], bits: int, sweep: str | None) -> ProvedZero | Undecided | Sweep:
    if sweep is not None and described.critical:
        raise InputError("a sweep is about equations, not about a function")
    if sweep is not None:
        return prove_sweep(described.system, start, over=sweep)
    prove = prove_minimum if described.critical else prove_zero
    return prove(described.system, start, bits=bits)


def _swept(sweep: Sweep, directory: Path, path: str, place: int, *, as_json: bool) -> str:
    """Write the certificates of pieces and joints; the line about them."""
    outcomes = [*(piece.outcome for piece in sweep.pieces), *sweep.joints]
    written = [str(target) for o in outcomes if o is not None and (target := _write(o, directory, path, place))]
    name = "proved" if sweep.complete else "undecided"
    if as_json:
        figures = {"stretches": sweep.stretches, "pieces": len(sweep.pieces), "certificates": written}
        return json.dumps({"file": path, "start": place, "outcome": name, "reason": sweep.reason, **figures})
    return one_line(f"{name.upper()} {path}#{place}: {sweep.reason} -> {len(written)} certificates in {directory}")


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
