"""`certify family --classes n,p --all-sizes`: one certificate for every width and every number of turned students."""

from __future__ import annotations

import json
import re
import sys

from certify.certificate import SUFFIX
from certify.cli.all_sizes import STEPS, tell_undecided, write
from certify.cli.progress import progress
from certify.cli.prove import folder
from certify.cli.text import one_line
from certify.errors import InputError
from certify.outcome import Undecided
from certify.proving.surface import prove_any_turned

LARGEST = 1 << 10


def run(*, least_turned: int, ratio: str, output: str, as_json: bool, quiet: bool) -> int:
    """Prove, write, tell; exit code 1 if nothing was proved."""
    most, least = _ratio(ratio)
    if least_turned < 3 or most * least_turned < 3 * least:
        raise InputError("at least three students must be turned, and three not")
    directory = folder(output)
    with progress("all sizes", STEPS) as bar:
        result = prove_any_turned(least_turned, (most, least), bar.share)
    if isinstance(result, Undecided):
        return tell_undecided(result, as_json)
    path = directory / f"any-turned-all-sizes{SUFFIX}"
    write(result.certificate, path)
    if as_json:
        record = {
            "outcome": "proved",
            "least_turned": least_turned,
            "ratio": [most, least],
            "rectangles": result.rectangles,
            "rejected": result.rejected,
            "sha256": result.certificate.sha256,
            "certificate": str(path),
        }
        sys.stdout.write(json.dumps(record) + "\n")
    elif not quiet:
        sys.stdout.write(
            f"PROVED every p >= {least_turned} and k - p >= {ratio} p: a strict local minimum with p of k turned; "
            f"{result.rectangles} rectangles ({result.rejected} more were tried)\n"
            + one_line(f"confirm with: certify verify {path}")
            + "\n"
        )
    return 0


def _ratio(text: str) -> tuple[int, int]:
    """A or A/B."""
    found = re.fullmatch(r"([0-9]{1,4})(?:/([0-9]{1,4}))?", text.strip())
    numbers = (int(found[1]), int(found[2] or 1)) if found else (0, 0)
    if not all(1 <= x <= LARGEST for x in numbers):
        raise InputError(one_line(f"--ratio takes A or A/B from 1 to {LARGEST}, not {text[:40]!r}"))
    return numbers
