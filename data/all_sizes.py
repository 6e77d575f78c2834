"""Make proofs/all-sizes/: a certificate for every width, for p = 1, ..., 12 turned students and other families.

    python data/all_sizes.py [P ...]      all, or the given p: 0 for all turned, -1 for all but one, -2 for two
                                    students turned against one teacher, one student more than teachers;
                                    any: every p >= 13 with k >= 2.2 p

Folders that are there are kept.

Each takes between ten seconds and a few minutes; the checker confirms it before it is written.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from math import pi
from pathlib import Path
from typing import Any

from certify.certificate import Certificate, write_atomically
from certify.checker import verify_bytes
from certify.checker.numerals import decimal
from certify.checker.reader import read
from certify.checker.tube_format import DOUBLED, FAMILIES, TWO_DOUBLED, Tube
from certify.outcome import Undecided
from certify.proving.surface import prove_any_turned
from certify.proving.tube import prove_all_sizes

NAMES = {p: name for name, p in FAMILIES.items()}
LEAST_TURNED, RATIO = 13, (6, 5)
FOLDER = Path(__file__).resolve().parent.parent / "proofs" / "all-sizes"


def main(arguments: list[str]) -> int:
    """Write what is missing; exit code 1 if something could not be proved."""
    wanted = arguments or [str(p) for p in range(-2, 13)] + ["any"]
    code = ship(FOLDER, [p for p in wanted if p != "any"], prove_all_sizes, "every k >=")
    if "any" in wanted:
        code = max(code, ship_any())
    write_readme()
    return code


def ship_any() -> int:
    """The surface of all p >= LEAST_TURNED, where it is missing."""
    place = FOLDER / "any-turned"
    if (place / "statement.txt").exists():
        return 0
    result = prove_any_turned(LEAST_TURNED, RATIO)
    if isinstance(result, Undecided):
        print(f"any p: {result.reason}")
        return 1
    _write(place, result.certificate)
    print(f"every p >= {LEAST_TURNED}: {result.rectangles} rectangles")
    return 0


def ship(folder: Path, arguments: list[str], prove: Callable[[int], Any], told: str) -> int:
    """Prove and write the given numbers of turned students where they are missing."""
    code = 0
    for p in map(int, arguments):
        place = folder / NAMES.get(p, f"turned-p{p:02d}")
        if (place / "statement.txt").exists():
            continue
        result = prove(p)
        if isinstance(result, Undecided):
            print(f"p = {p}: {result.reason}")
            code = 1
            continue
        _write(place, result.certificate)
        print(f"p = {p}: {told} {result.first_width}, {len(result.pieces)} pieces", flush=True)
    return code


def _write(place: Path, certificate: Certificate) -> None:
    """What the checker confirms, and its sentence."""
    verdict = verify_bytes(certificate.content)
    certificate.write(place / "certificate.cert.json")
    write_atomically(place / "statement.txt", f"{verdict.sentence}.\n\nclaim {verdict.claim_hash}\n".encode())


def write_readme() -> None:
    """The table of what is there."""
    lines = [
        "# Minima of every width",
        "",
        "K = M = k orthonormal teachers, p students turned against their teachers. Each certificate proves, for every",
        "integer k from the first width on, a strict local minimum in every dimension that is not global, on one",
        "continuous curve, with k L(k) in the stated interval and tending to p (1/2 - 2/pi^2); every Hessian",
        "eigenvalue is at least the curvature. Last rows: all k students turned, and all but one, with L(k) in the",
        "interval and tending to 1/2 - 1/pi; and, with k + 1 students, two turned against one",
        "teacher. The theorems: [docs/all-sizes.md](../../docs/all-sizes.md), A6, A10, A11, A12. Made by",
        "`data/all_sizes.py`.",
        "",
        "| p | every k from | curvature | k L(k) | limit | pieces | bytes |",
        "|---|---|---|---|---|---|---|",
    ]
    folders = [*sorted(FOLDER.glob("turned-*")), *(FOLDER / name for name, p in FAMILIES.items() if p != TWO_DOUBLED)]
    for path in [folder / "certificate.cert.json" for folder in folders]:
        content = path.read_bytes()
        c = read(content)
        if isinstance(c, Tube):
            low, high = decimal(c.scaled_loss[0], up=False), decimal(c.scaled_loss[1], up=True)
            curvature = decimal(c.curvature, up=False)
            limit = f"{c.turned * (0.5 - 2 / pi**2) if c.turned > 0 else 0.5 - 1 / pi:.6f}"
            name = NAMES[c.turned].removesuffix("-turned").replace("-", " ") if c.turned in NAMES else c.turned
            lines.append(
                f"| [{name}]({path.parent.name}/statement.txt) | {c.first_width} | {curvature} "
                f"| {low} to {high} | {limit if c.turned != DOUBLED else ''} | {len(c.pieces)} | {len(content)} |"
            )
    lines += [
        "",
        f"Every p >= {LEAST_TURNED} at once, for every k with {RATIO[1]} (k - p) >= {RATIO[0]} p, so k >= 2.2 p:",
        "[any-turned](any-turned/statement.txt), strict local minima in every dimension that are not global, on one",
        "continuous surface (A14). With the rows above: every p >= 1 and every k >= 2.2 p + 3.8.",
    ]
    write_atomically(FOLDER / "README.md", ("\n".join(lines) + "\n").encode())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
