"""`certify family --correlation LOW:HIGH`: one certificate for every correlation of an interval, for each minimum."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from certify.arithmetic import float_lower, float_upper
from certify.certificate import SUFFIX
from certify.cli.all_sizes import STEPS, write
from certify.cli.progress import progress
from certify.cli.prove import folder
from certify.cli.text import one_line
from certify.errors import InputError
from certify.families.orbits import Pattern
from certify.families.starts import Layout
from certify.outcome import Proved, Undecided
from certify.proving.branches import find
from certify.proving.correlation import Correlated, beta_of, prove_correlation

Ends = tuple[Fraction, Fraction]
LARGEST = 1 << 20
NUMBER = re.compile(r"[-+]?[0-9]{1,7}(?:/[0-9]{1,7}|\.[0-9]{1,6})?", re.ASCII)


def interval(text: str) -> Ends:
    """LOW:HIGH, each an integer, a decimal or a fraction; raises InputError for anything else."""
    parts = [part.strip() for part in text.split(":")]
    if len(parts) != 2 or not all(NUMBER.fullmatch(part) for part in parts) or any("/0" in part for part in parts):
        raise InputError(
            one_line(f"--correlation takes RHO or LOW:HIGH, such as 0.2, -1/20:1/10 or 0:0.1, not {text[:40]!r}")
        )
    low, high = (Fraction(part) for part in parts)
    if not all(max(abs(x.numerator), x.denominator) <= LARGEST for x in (low, high)):
        raise InputError(f"the ends of --correlation need numerators and denominators up to {LARGEST}")
    if not low < high:
        raise InputError("--correlation LOW:HIGH takes LOW < HIGH")
    return low, high


def _check(ends: Ends, teachers: int) -> None:
    """Independent teachers for the whole interval; raises InputError."""
    if teachers < 2:
        raise InputError("a correlation needs two teachers at least")
    if not Fraction(-1, teachers - 1) < ends[0] < ends[1] < 1:
        raise InputError(f"{teachers} independent teachers have a correlation between -1/{teachers - 1} and 1")


def run(
    shape: Layout,
    starts: Callable[[tuple[float, float]], Iterator[Sequence[Pattern]]],
    ends: Ends,
    *,
    curvature: float | None,
    output: str,
    as_json: bool,
    quiet: bool,
) -> int:
    """Prove, write, tell; exit code 1 if nothing was proved.

    starts: of the search, by the teachers.
    """
    _check(ends, shape.signature.teachers)
    if curvature is not None and not 2.0**-100 < curvature < 1.0:
        raise InputError("the curvature must be positive and less than 1")
    directory, at = folder(output), float(min(max(ends[0], Fraction(0)), ends[1]))
    teacher = 1.0, beta_of(at, shape.signature.teachers)
    minima = [x for x in find(shape.signature, starts(teacher), teacher).points if _counts(x)]
    code = 1
    if not minima:
        _tell({"outcome": "undecided", "reason": f"no minimum of positive loss was found at rho = {at:g}"}, as_json)
    for place, point in enumerate(minima):
        with progress("correlation", STEPS) as bar:
            result = prove_correlation(
                shape.signature, point.patterns or (), at, ends, curvature=curvature, report=bar.share
            )
        size = "-".join(map(str, shape.signature.sizes))
        path = directory / f"correlation-{size}-{place}{SUFFIX}"
        if isinstance(result, Undecided):
            reason = f"minimum of loss {point.loss[0]:.6g} at rho = {at:g}: {result.reason}; try {result.remedy}"
            _tell({"outcome": "undecided", "reason": reason}, as_json)
            continue
        write(result.certificate, path)
        code = 0
        if as_json or not quiet:
            _tell(_record(result, str(path)), as_json)
    return code


def _counts(point: Proved) -> bool:
    """A strict minimum in every dimension that is not a copy of the teachers."""
    return point.index == 0 and point.ambient_index == 0 and point.loss[0] > 0.0


def _record(r: Correlated, path: str) -> dict[str, Any]:
    return {
        "outcome": "proved",
        "students": r.signature.students,
        "teachers": r.signature.teachers,
        "correlation": [str(x) for x in r.correlation],
        "curvature": float_lower(r.curvature),
        "scaled_loss": [float_lower(r.loss[0]), float_upper(r.loss[1])],
        "pieces": len(r.pieces),
        "rejected": r.rejected,
        "sha256": r.certificate.sha256,
        "certificate": path,
    }


def _tell(record: dict[str, Any], as_json: bool) -> None:
    """One line, or two."""
    if as_json:
        sys.stdout.write(json.dumps(record) + "\n")
    elif record["outcome"] == "undecided":
        sys.stdout.write(one_line(f"UNDECIDED {record['reason']}") + "\n")
    else:
        (low, high), (least, most) = record["correlation"], record["scaled_loss"]
        told = (
            f"PROVED every rho in [{low}, {high}]: a strict local minimum, curvature >= {record['curvature']:.4g}, "
            f"loss / (c^2 (1 - rho)) in [{least:.4g}, {most:.4g}]; {record['pieces']} pieces "
            f"({record['rejected']} more were tried)"
        )
        sys.stdout.write(told + "\n" + one_line(f"confirm with: certify verify {record['certificate']}") + "\n")
