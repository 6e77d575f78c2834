"""`certify family --classes n,P --all-sizes`: one certificate for every width, and a figure of what it says.

`--classes n`: all students turned; `--classes 1,n`: all but one; `--classes n,1 --students-extra 1`: one teacher's
direction carried by two turned students; `--classes n,2 --students-extra 2 --crossing`: two such directions.
"""

from __future__ import annotations

import json
import sys
from math import pi
from pathlib import Path
from typing import Any

from certify.arithmetic import dyadic_ball, float_lower, float_upper, lower, midpoint, precision, upper
from certify.certificate import SUFFIX, Certificate
from certify.checker.numerals import decimal
from certify.checker.tube_format import FAMILIES, WIDTH_DIGITS
from certify.cli.progress import progress
from certify.cli.prove import folder
from certify.cli.text import one_line
from certify.errors import InputError
from certify.families import doubled
from certify.families.branch import ALL, ALL_BUT_ONE, DOUBLED, TWO_DOUBLED, UNSCALED, approximate_curvature, outside
from certify.families.expansion import expansion
from certify.families.turned import NAMES
from certify.figures import figure
from certify.outcome import Undecided
from certify.proving.crossing import Crossing, prove_crossing
from certify.proving.tube import BITS, AllSizes, prove_all_sizes

STEPS = 1000  # of the progress bar
MANY = {p: name for name, p in FAMILIES.items()}
WORDS = {
    ALL: "all",
    ALL_BUT_ONE: "all but one",
    DOUBLED: "two against one teacher",
    TWO_DOUBLED: "two against each of two teachers",
}
EXTRA = {("n,1", 1): DOUBLED, ("n,2", 2): TWO_DOUBLED}  # by the further students
UNKNOWNS = {ALL: ("eta", "phi"), ALL_BUT_ONE: ("alpha", "gamma", "delta", "eta", "phi"), DOUBLED: doubled.NAMES[:7]}
LARGEST_TURNED = 1024


def turned(classes: str, extra: int = 0) -> int:
    """P of "n,P", ALL for "n", ALL_BUT_ONE for "1,n"; with students more than teachers, see EXTRA.

    Raises InputError for anything else.
    """
    entries = [entry.strip() for entry in classes.split(",")]
    if extra:
        if (",".join(entries), extra) in EXTRA:
            return EXTRA[",".join(entries), extra]
        ways = " or ".join(f"--classes {entry} --students-extra {number}" for entry, number in EXTRA)
        raise InputError(f"--all-sizes takes further students only as {ways}")
    if entries in (["n"], ["1", "n"]):
        return ALL if len(entries) == 1 else ALL_BUT_ONE
    if len(entries) == 2 and entries[0] == "n" and entries[1].isascii() and entries[1].isdigit():
        number = int(entries[1][:6])
        if 1 <= number <= LARGEST_TURNED:
            return number
    raise InputError(
        one_line(f"--all-sizes takes --classes n, 1,n or n,P with P from 1 to {LARGEST_TURNED}, not {classes[:40]!r}")
    )


def run(
    *,
    classes: str,
    extra: int,
    first_width: int | None,
    curvature: float | None,
    crossing: bool,
    plot: str | None,
    output: str,
    as_json: bool,
    quiet: bool,
) -> int:
    """Prove, write, tell; exit code 1 if nothing was proved."""
    count = turned(classes, extra)
    if first_width is not None and first_width < outside(count) + 3:
        raise InputError(f"the first width must be at least {outside(count) + 3}")
    if curvature is not None and not 2.0**-100 < curvature < 1.0:
        raise InputError("the curvature must be positive and less than 1")
    if crossing and count <= 0 and count != TWO_DOUBLED:
        raise InputError("--crossing goes with --classes n,P")
    if count == TWO_DOUBLED and not crossing:
        raise InputError("two doubled directions are saddles at large widths, minima at small ones: add --crossing")
    if crossing and (curvature, plot) != (None, None):
        raise InputError("--curvature and --plot do not go with --crossing")
    directory = folder(output)
    with progress("all sizes", STEPS) as bar:
        result = (
            prove_crossing(count, first_width, bar.share)
            if crossing
            else prove_all_sizes(count, first_width, curvature, bar.share)
        )
    if isinstance(result, Undecided):
        return tell_undecided(result, as_json)
    name = MANY.get(count, f"turned-p{count:02d}")
    path = directory / f"{name}-{'crossing' if crossing else 'all-sizes'}{SUFFIX}"
    write(result.certificate, path)
    if plot is not None and isinstance(result, AllSizes):
        draw(result, plot)
    if as_json:
        sys.stdout.write(json.dumps({**_record(result), "certificate": str(path)}) + "\n")
    elif not quiet:
        sys.stdout.write("\n".join([*_told(result), one_line(f"confirm with: certify verify {path}")]) + "\n")
    return 0


def tell_undecided(result: Undecided, as_json: bool) -> int:
    """One line, and the exit code."""
    if as_json:
        sys.stdout.write(json.dumps({"outcome": "undecided", "reason": result.reason}) + "\n")
    else:
        sys.stdout.write(one_line(f"UNDECIDED {result.reason}; try {result.remedy}") + "\n")
    return 1


def write(certificate: Certificate, path: Path) -> None:
    """Raises InputError where that is not possible."""
    try:
        certificate.write(path)
    except OSError as error:
        raise InputError(one_line(f"{path} cannot be written: {error.strerror}")) from None


def _record(r: AllSizes | Crossing) -> dict[str, Any]:
    common = {
        "outcome": "proved",
        "turned": WORDS.get(r.turned, r.turned),
        "first_width": r.first_width,
        "pieces": len(r.pieces),
        "rejected": r.rejected,
        "sha256": r.certificate.sha256,
    }
    if isinstance(r, Crossing):
        low, high = r.width
        shown = [decimal(low, up=False, digits=WIDTH_DIGITS), decimal(high, up=True, digits=WIDTH_DIGITS)]
        return {**common, "crossing_width": shown}
    losses = [min(float_lower(lower(p.loss)) for p in r.pieces), max(float_upper(upper(p.loss)) for p in r.pieces)]
    if r.turned in UNSCALED:
        return {**common, "curvature": float_lower(r.curvature), "loss": losses, "limit": 0.5 - 1 / pi}
    if r.turned == DOUBLED:
        return {**common, "curvature": float_lower(r.curvature), "width_times_loss": losses}
    with precision(BITS):
        series = [float(x.mid()) for x in expansion(r.turned).loss]
    return {**common, "curvature": float_lower(r.curvature), "width_times_loss": losses, "expansion": series}


def _told(r: AllSizes | Crossing) -> list[str]:
    record = _record(r)
    tried = f"{len(r.pieces)} pieces ({r.rejected} more were tried)"
    if isinstance(r, Crossing):
        low, high = record["crossing_width"]
        sides = "saddles above and minima below" if r.turned == TWO_DOUBLED else "minima above and saddles below"
        return [f"PROVED an eigenvalue crosses zero at one k* in [{low}, {high}], {sides}; {tried}"]
    begins = f"PROVED every k >= {r.first_width}: a strict local minimum with"
    if r.turned == DOUBLED:
        low, high = record["width_times_loss"]
        return [
            f"{begins} two students turned against one of k teachers, curvature >= {record['curvature']:.4g}, "
            f"k L(k) in [{low:.4g}, {high:.4g}]; {tried}"
        ]
    if r.turned in UNSCALED:
        low, high = record["loss"]
        return [
            f"{begins} {record['turned']} turned, curvature >= {record['curvature']:.4g}, "
            f"L(k) in [{low:.4g}, {high:.4g}]; {tried}",
            f"L(k) tends to {record['limit']:.6f}",
        ]
    (low, high), (limit, rate) = record["width_times_loss"], record["expansion"]
    return [
        f"{begins} {r.turned} turned, "
        f"curvature >= {record['curvature']:.4g}, k L(k) in [{low:.4g}, {high:.4g}]; "
        f"{tried}",
        f"k L(k) = {limit:.6f} - {-rate:.6f} / sqrt(k - {r.turned}) + O(1/k)",
    ]


def draw(r: AllSizes, path: str) -> None:
    """Tube, k times the loss, and the smallest eigenvalue (in floating point) against 1 / sqrt(n)."""
    with figure(path, rows=3) as (top, middle, bottom):
        ends = [float_lower(x) for piece in r.pieces for x in (piece.low, piece.high)]
        for i, name in enumerate(UNKNOWNS.get(r.turned, NAMES[: len(r.pieces[0].centre)])):
            lows, highs = [], []
            for piece in r.pieces:
                centre, slope, radius = (float_upper(x[i]) for x in (piece.centre, piece.slope, piece.radii))
                tilt = slope * (float_upper(piece.high) - float_lower(piece.low)) / 2
                for line in (centre - tilt, centre + tilt):
                    lows.append(line - radius)
                    highs.append(line + radius)
            top.fill_between(ends, lows, highs, color=f"C{i}", label=name)
        losses = [(float_lower(lower(piece.loss)), float_upper(upper(piece.loss))) for piece in r.pieces]
        middle.fill_between(
            ends, [x for x, _ in losses for _ in "lr"], [x for _, x in losses for _ in "lr"], color="C0"
        )
        with precision(BITS):
            points = [
                (
                    float_lower(midpoint(piece.middle())),
                    approximate_curvature([dyadic_ball(x) for x in piece.centre], piece.middle(), r.turned),
                )
                for piece in r.pieces
            ]
        bottom.plot(*zip(*points, strict=True), color="C0")
        bottom.axhline(float_lower(r.curvature), color="C1", linewidth=1, linestyle="--")
        top.set_ylabel("scaled unknowns")
        top.legend(fontsize="small", ncols=7, loc="lower center", bbox_to_anchor=(0.5, 1.0), columnspacing=1.0)
        middle.set_ylabel("L" if r.turned in UNSCALED else "k L")
        bottom.set_ylabel("smallest eigenvalue\n(dashed: proved bound)")
        bottom.set_ylim(bottom=0.0)
        widths = (10**6, 1000, 200, 100, 50, 30, 20, 15, 12, 10, 8, 7, 6, 5)
        places = {w: (w - outside(r.turned)) ** -0.5 for w in widths if w >= r.first_width}
        spaced = [w for w in places if abs(places[w]) > 0.02]
        bottom.set_xticks([0.0, *(places[w] for w in spaced)], ["inf", *map(str, spaced)])
        bottom.set_xlim(0.0, ends[-1])
        bottom.set_xlabel("k, on an axis linear in 1 / sqrt(n)")
