"""`certify all-zeros`: the zeros of a system in a region, as one theorem."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from certify.certificate import SUFFIX, Certificate
from certify.cli.progress import progress
from certify.cli.prove import folder
from certify.cli.system import read_system_file
from certify.cli.text import one_line
from certify.errors import InputError
from certify.processes import processors
from certify.zeros import AllZeros, all_zeros


def run(file: str, output: str, *, as_json: bool, quiet: bool, max_boxes: int, workers: int | None) -> int:
    """Search, or go on with a search; exit code 1 unless the list is complete."""
    described = read_system_file(file)
    if described.box is None:
        raise InputError(f"{file}: there is no box")
    target = folder(output) / f"{Path(file).stem}-zeros{SUFFIX}"
    with progress("all-zeros", 1) as bar:
        found = all_zeros(
            described.system,
            described.box,
            max_boxes=max_boxes,
            workers=workers or processors(),
            resume=_earlier(target),
            report=lambda now: bar.at(*now[:2]),
        )
    if isinstance(found, AllZeros):
        found.certificate.write(target)
    record = {"file": file, "outcome": found.name, "reason": found.reason}
    if as_json:
        figures = {"zeros": [z.centre for z in found.zeros], "leftovers": found.leftovers, "complete": found.complete,
                   "certificate": str(target)} if isinstance(found, AllZeros) else {}  # fmt: skip
        sys.stdout.write(json.dumps({**record, **figures}) + "\n")
    elif not quiet or not isinstance(found, AllZeros):
        place = f" -> {target}" if isinstance(found, AllZeros) else ""
        stream = sys.stdout if place else sys.stderr
        stream.write(one_line(f"{found.name.upper()} {file}: {found.reason}{place}") + "\n")
    return int(not (isinstance(found, AllZeros) and found.complete))


def _earlier(target: Path) -> Certificate | None:
    """What an earlier call wrote there."""
    if not target.is_file():
        return None
    try:
        data = json.loads(target.read_bytes())
        return Certificate(data["claim"], data["witness"])
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{target} is in the way: it is no certificate to go on from") from None
