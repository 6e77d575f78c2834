"""Make proofs/crossings/: where the smallest eigenvalue crosses zero, for p = 1, ..., 12 turned students.

    python data/crossings.py [P ...]      all p, or the given ones, -3 for two students turned against each of two
                                    teachers; folders that are there are kept

Each takes about a minute; the checker confirms it before it is written.
"""

from __future__ import annotations

import sys
from os.path import commonprefix
from pathlib import Path

from all_sizes import ship

from certify.certificate import write_atomically
from certify.checker.numerals import decimal
from certify.checker.reader import read
from certify.checker.tube_format import TWO_DOUBLED, WIDTH_DIGITS, Crossing
from certify.proving.crossing import prove_crossing

FOLDER = Path(__file__).resolve().parent.parent / "proofs" / "crossings"


def main(arguments: list[str]) -> int:
    """Write what is missing; exit code 1 if something could not be proved."""
    code = ship(FOLDER, arguments or [str(p) for p in (TWO_DOUBLED, *range(1, 13))], prove_crossing, "down to k =")
    write_readme()
    return code


def write_readme() -> None:
    """The table of what is there."""
    lines = [
        "# Where the smallest eigenvalue crosses zero",
        "",
        "K = M = k orthonormal teachers, p students turned against their teachers, on the curve of critical points",
        "that begins at infinite width. Each of these certificates proves that one eigenvalue crosses zero on it, at",
        "one real width k*; that the curve's points are strict local minima at every integer k > k*; and that they",
        "are saddles of index k - p - 1 at the integers below k* that it covers. So on these curves the first widths",
        "of [all-sizes](../all-sizes/README.md) are the least. The theorem:",
        "[docs/all-sizes.md](../../docs/all-sizes.md), A7. Made by `data/crossings.py`.",
        "",
        "| p | k* begins with | minima for every k from | saddles at k | pieces | bytes |",
        "|---|---|---|---|---|---|",
    ]
    for path in sorted(FOLDER.glob("turned-*/certificate.cert.json")):
        c, begins, below, rest = row(path)
        saddles = f"{c.first_width} to {below}" if below > c.first_width else str(below)
        lines.append(f"| [{c.turned}]({path.parent.name}/statement.txt) | {begins} | {below + 1} | {saddles} {rest}")
    c, begins, below, rest = row(FOLDER / "two-doubled" / "certificate.cert.json")
    lines += [
        "",
        "K = M + 2 = k + 2 students, two of them turned against each of two teachers (alpha-alpha): on the curve",
        "that begins at infinite width the points are saddles of index k - 3 at every integer k > k* and strict",
        "local minima at the integers from the first width to below k* (A15).",
        "",
        "| k* begins with | minima for k | saddles for every k from | pieces | bytes |",
        "|---|---|---|---|---|",
        f"| [{begins}](two-doubled/statement.txt) | {c.first_width} to {below} | {below + 1} {rest}",
    ]
    write_atomically(FOLDER / "README.md", ("\n".join(lines) + "\n").encode())


def row(path: Path) -> tuple[Crossing, str, int, str]:
    """What a certificate claims, the first digits of k*, the integer below it; number of pieces and bytes."""
    content = path.read_bytes()
    c = read(content)
    if not isinstance(c, Crossing):
        raise ValueError(f"{path} is no crossing")
    ends = [decimal(x, up=up, digits=WIDTH_DIGITS) for x, up in zip(c.crossing_width, (False, True), strict=True)]
    begins = commonprefix(ends)  # noqa: RUF071 - of digits, not of paths
    return c, begins, int(ends[0].split(".")[0]), f"| {len(c.pieces)} | {len(content)} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
