"""What happens to each family when students are added: python data/more_students.py docs/figures/more-students.png

From the certificates in proofs/families alone; `table` makes the lines of docs/splitting.md.  All figures are proven
bounds: curvatures, signs of splitting matrices (S2), slopes (S7).
"""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from certify.figures import Mark, curves, figure

FAMILIES = Path(__file__).resolve().parent.parent / "proofs" / "families"
SHOWN = {
    "turned-p01-a": "K = M: 1 turned",
    "turned-p02-a": "K = M: 2 turned",
    "turned-p03-a": "K = M: 3 turned",
    "one-more-alpha": "K = M + 1: alpha",
    "one-more-alpha-p02": "K = M + 1: alpha, 2 turned",
    "one-more-beta-p02": "K = M + 1: beta(2)",
    "one-more-beta-p03": "K = M + 1: beta(3)",
    "one-more-beta-p04": "K = M + 1: beta(4)",
    "more-02-doubled": "K = M + 2: alpha-alpha",
    "more-03-opposed": "K = M + 3: opposed",
}
WIDEST = 40  # teachers


class Member(NamedTuple):
    """A certified point: curvature, what its splits are like, and what one student of norm zero gains.

    fewest: negative eigenvalues of a splitting matrix, least over the students; gain: lower bound of the share of the
    loss that a further student takes away at once.
    """

    teachers: int
    students: int
    index: int
    curvature: float
    fewest: int
    gain: float


def members(family: str) -> list[Member]:
    """By number of teachers."""
    paths = sorted((FAMILIES / family).glob("*.cert.json"))
    return sorted(member(json.loads(path.read_bytes())["claim"]) for path in paths)


def member(claim: dict[str, Any]) -> Member:
    """What one claim says."""
    slope = min(abs(number(end)) for end in claim["newborn"]["slope"])
    return Member(
        claim["teachers"],
        claim["students"],
        claim["index"],
        float(number(claim["curvature"])),
        min(entry[0] for entry in claim["splitting"]),
        float(slope**2 / number(claim["loss"][1])),
    )


def number(dyadic: str) -> Fraction:
    """The value of a dyadic as text (docs/certificate-format.md)."""
    mantissa, exponent = dyadic.split("p")
    return Fraction(int(mantissa, 16)) * Fraction(2) ** int(exponent)


def draw(path: str) -> None:
    """Three rows over M: curvature, least share of negative eigenvalues of a splitting matrix, gain."""
    series = {name: [m for m in members(family) if m.teachers <= WIDEST] for family, name in SHOWN.items()}
    rows = (
        ("least |eigenvalue| of the Hessian", lambda m: m.curvature),
        ("negative share of the worst S_i", lambda m: m.fewest / (m.teachers - 1)),
        ("loss that one more takes, %", lambda m: 100.0 * m.gain),
    )
    with figure(path, rows=len(rows)) as axes:
        for place, (label, value) in enumerate(rows):
            marks = [(name, [Mark(m.teachers, value(m), m.index > 0) for m in ms]) for name, ms in series.items()]
            curves(axes[place], marks, xlabel="teachers M" * (place == 2), ylabel=label, legend=place == 0)
            axes[place].yaxis.label.set_size("small")
        axes[0].set_yscale("log")
        for each in axes[1:]:
            each.set_ylim(bottom=0.0)


def table() -> list[str]:
    """A line a family: where it is a minimum or a saddle, its least curvature there, its splits, its gain."""
    lines = []
    for family, name in SHOWN.items():
        found = members(family)
        minima = [m for m in found if m.index == 0]
        saddles = [str(m.teachers) for m in found if m.index]
        least = min(minima, key=lambda m: m.curvature) if minima else None
        curvature = f"{least.curvature:.2g} (M = {least.teachers})" if least else ""
        few, most_missing = {m.fewest for m in minima or found}, max(m.teachers - m.fewest for m in minima or found)
        told = f"{few.pop()}" if len(few) == 1 else f"M - {most_missing}" + " or more" * (most_missing > 1)
        gains = [m.gain for m in found if m.teachers <= WIDEST]
        lines.append(
            f"| [{name}](../proofs/families/{family}/README.md) | {spans([m.teachers for m in minima])} "
            f"| {', '.join(saddles) if len(saddles) < 5 else spans([m.teachers for m in found if m.index])} "
            f"| {curvature} | {told} | {100 * min(gains):.1f} to {100 * max(gains):.1f} % |"
        )
    return lines


def spans(numbers: list[int]) -> str:
    """Ascending numbers as 6..60, 1000."""
    runs: list[list[int]] = []
    for x in numbers:
        if runs and x == runs[-1][1] + 1:
            runs[-1][1] = x
        else:
            runs.append([x, x])
    return ", ".join(str(a) if a == b else f"{a}..{b}" for a, b in runs)


if __name__ == "__main__":
    draw(sys.argv[1])
    sys.stdout.write("\n".join(table()) + "\n")
