"""`certify family --classes n,P --all-sizes`: one certificate for every width, and a figure of what it says."""

from __future__ import annotations

import json
import sys
from typing import Any

from certify.arithmetic import dyadic_ball, float_lower, float_upper, lower, precision, upper
from certify.certificate import SUFFIX
from certify.cli.progress import progress
from certify.cli.prove import folder
from certify.cli.text import one_line
from certify.errors import InputError
from certify.families.branch import approximate_curvature
from certify.families.turned import NAMES
from certify.figures import figure
from certify.outcome import Undecided
from certify.proving.tube import BITS, GRID, AllSizes, prove_all_sizes

STEPS = 1000  # of the progress bar
LARGEST_TURNED = 1024


def turned(classes: str) -> int:
    """P of "n,P"; raises InputError for anything else."""
    entries = [entry.strip() for entry in classes.split(",")]
    if len(entries) == 2 and entries[0] == "n" and entries[1].isascii() and entries[1].isdigit():
        number = int(entries[1][:6])
        if 1 <= number <= LARGEST_TURNED:
            return number
    raise InputError(
        one_line(f"--all-sizes takes --classes n,P with P from 1 to {LARGEST_TURNED}, not {classes[:40]!r}")
    )


def run(
    *,
    classes: str,
    first_width: int | None,
    curvature: float | None,
    plot: str | None,
    output: str,
    as_json: bool,
    quiet: bool,
) -> int:
    """Prove, write, tell; exit code 1 if nothing was proved."""
    count = turned(classes)
    if first_width is not None and first_width < count + 3:
        raise InputError(f"the first width must be at least {count + 3}")
    if curvature is not None and not 2.0**-100 < curvature < 1.0:
        raise InputError("the curvature must be positive and less than 1")
    directory = folder(output)
    with progress("all sizes", STEPS) as bar:
        done = 0

        def report(share: float) -> None:
            nonlocal done
            while done < share * STEPS:
                bar.advance()
                done += 1

        result = prove_all_sizes(count, first_width, curvature, report)
    if isinstance(result, Undecided):
        if as_json:
            sys.stdout.write(json.dumps({"outcome": "undecided", "reason": result.reason}) + "\n")
        else:
            sys.stdout.write(one_line(f"UNDECIDED {result.reason}; try {result.remedy}") + "\n")
        return 1
    path = directory / f"turned-p{count:02d}-all-sizes{SUFFIX}"
    try:
        result.certificate.write(path)
    except OSError as error:
        raise InputError(one_line(f"{path} cannot be written: {error.strerror}")) from None
    if plot is not None:
        draw(result, plot)
    if as_json:
        sys.stdout.write(json.dumps({**_record(result), "certificate": str(path)}) + "\n")
    elif not quiet:
        sys.stdout.write("\n".join([*_told(result), one_line(f"confirm with: certify verify {path}")]) + "\n")
    return 0


def _record(r: AllSizes) -> dict[str, Any]:
    low, high = min(lower(p.loss) for p in r.pieces), max(upper(p.loss) for p in r.pieces)
    return {
        "outcome": "proved",
        "turned": r.turned,
        "first_width": r.first_width,
        "curvature": float_lower(r.curvature),
        "width_times_loss": [float_lower(low), float_upper(high)],
        "pieces": len(r.pieces),
        "rejected": r.rejected,
        "sha256": r.certificate.sha256,
    }


def _told(r: AllSizes) -> list[str]:
    record = _record(r)
    low, high = record["width_times_loss"]
    return [
        f"PROVED every k >= {r.first_width}: a strict local minimum with {r.turned} turned, "
        f"curvature >= {record['curvature']:.4g}, k L(k) in [{low:.4g}, {high:.4g}]; "
        f"{len(r.pieces)} pieces ({r.rejected} more were tried)"
    ]


def draw(r: AllSizes, path: str) -> None:
    """Tube, k times the loss, and the smallest eigenvalue (in floating point) against 1 / sqrt(n)."""
    with figure(path, rows=3) as (top, middle, bottom):
        ends = [(p.low / 2**GRID, p.high / 2**GRID) for p in r.pieces]
        for i, name in enumerate(NAMES[: len(r.pieces[0].centre)]):
            for piece, (left, right) in zip(r.pieces, ends, strict=True):
                centre, slope, radius = (float_upper(x[i]) for x in (piece.centre, piece.slope, piece.radii))
                tilt = slope * (right - left) / 2
                lows, highs = ([centre + side * radius + s * tilt for s in (-1, 1)] for side in (-1, 1))
                top.fill_between((left, right), lows, highs, color=f"C{i}", label=name if left == 0 else None)
        for piece, (left, right) in zip(r.pieces, ends, strict=True):
            middle.fill_between(
                (left, right), float_lower(lower(piece.loss)), float_upper(upper(piece.loss)), color="C0"
            )
        with precision(BITS):
            points = [
                (
                    (left + right) / 2,
                    approximate_curvature(
                        [dyadic_ball(x) for x in piece.centre],
                        dyadic_ball((piece.low + piece.high, -GRID - 1)),
                        r.turned,
                    ),
                )
                for piece, (left, right) in zip(r.pieces, ends, strict=True)
            ]
        bottom.plot(*zip(*points, strict=True), color="C0")
        bottom.axhline(float_lower(r.curvature), color="C1", linewidth=1)
        top.set_ylabel("scaled unknowns")
        top.legend(fontsize="small", ncols=3)
        middle.set_ylabel("k L")
        bottom.set_ylabel("smallest eigenvalue\n(line: proved bound)")
        widths = [w for w in (10**6, 1000, 200, 100, 50, 30, 20, 15, 12, 10, 8, 7, 6, 5) if w > r.turned + 2]
        ticks = [w for w in widths if (w - r.turned) ** -0.5 <= ends[-1][1]]
        bottom.set_xticks([0.0, *((w - r.turned) ** -0.5 for w in ticks[1:])], ["inf", *map(str, ticks[1:])])
        bottom.set_xlabel("k, on an axis linear in 1 / sqrt(n)")
