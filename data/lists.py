"""The critical points of the loss with full symmetry, W = u I + b J, as complete lists: proofs/systems.

    .venv/bin/python data/lists.py            (a minute)

The two equations and the region are derived in docs/symmetric-lists.md.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import certify
from certify.certificate import Certificate, write_atomically
from certify.checker.reader import read
from certify.checker.sentence import sentence
from certify.outcome import ProvedZero
from certify.proving.zero import prove_zero
from certify.systems import as_system, atan2, pi, sqrt
from certify.zeros import AllZeros

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "proofs" / "systems"
SIZES = range(2, 21)
REGION = [(-Fraction(49, 16), Fraction(49, 16)), (-Fraction(17, 8), Fraction(17, 8))]
LEAST = 2.0**-14
SMALLEST_NORM = Fraction(48, 1000)  # docs/symmetric-lists.md


def equations(k: int, side: int = 0) -> Callable[[Any, Any], list[Any]]:
    """2 pi times the gradient's row pattern at W = u I + b J, orthonormal teachers, K = M = k, in two combinations.

    side 1, -1: continued from u > 0 and b > 0, or b < 0, analytically across b = 0.
    """

    def pattern(u: Any, b: Any) -> list[Any]:
        a = u + b
        square = a**2 + (k - 1) * b**2
        size_u, size_b = (u, side * b) if side else (sqrt(u**2), sqrt(b**2))
        beside = sqrt(a**2 + (k - 2) * b**2)
        across = sqrt(a**2 + 2 * a * b + (2 * k - 3) * b**2)
        between = atan2(size_u * across, 2 * a * b + (k - 2) * b**2)
        own, other = atan2(sqrt(k - 1) * size_b, a), atan2(beside, b)
        alpha = ((k - 1) * (size_u * across - beside) - sqrt(k - 1) * size_b) / square
        return [
            (alpha + between) * u + own - other,
            (a + (k - 1) * b) * (alpha + pi + (k - 1) * (pi - between)) - (pi - own) - (k - 1) * (pi - other),
        ]

    return pattern


Box = tuple[tuple[float, float], tuple[float, float]]


def nature(box: Box, k: int, around: Sequence[Box]) -> str:
    """Which critical points a leftover box holds, by docs/symmetric-lists.md; around: the boxes of `minimum`."""
    (u_low, u_high), (b_low, b_high) = box
    reach_u, reach_b = (Fraction(max(-low, high)) for low, high in box)
    if reach_u < SMALLEST_NORM and k * reach_b**2 < (SMALLEST_NORM - reach_u) ** 2:
        return "origin"
    if b_low * b_high > 0 and 4 * reach_u <= min(abs(Fraction(end)) for end in (b_low, b_high)):
        return "rank one"
    if _inside(box, around):
        return "minimum"
    low, high = Fraction(u_low) + Fraction(b_low), Fraction(u_high) + Fraction(b_high)
    if k == 2 and _inside(((-u_high, -u_low), (low, high)), around):
        return "minimum, teachers exchanged"
    return "unexplained"


def _inside(box: Any, around: Sequence[Box]) -> bool:
    return all(low <= a and b <= high for other in around for (a, b), (low, high) in zip(box, other, strict=True))


def minimum(k: int) -> list[Box]:
    """Prove that the continued equations have no zero near W = I but that; the boxes."""
    boxes = []
    for side, name in ((1, "above"), (-1, "below")):
        found = prove_zero(as_system(equations(k, side)), [1.0, 0.0], sizes=[1.0, 1.0])
        if not isinstance(found, ProvedZero):
            raise SystemExit(f"k = {k}: {found.reason}")
        write(f"beside-minimum-k{k:02d}-{name}", found.certificate)
        sides = [(x - r, x + r) for x, r in zip(found.centre, found.uniqueness_radii, strict=True)]
        boxes.append((sides[0], sides[1]))
    return boxes


def write(name: str, certificate: Certificate) -> None:
    """A certificate and its theorem."""
    certificate.write(FOLDER / name / "certificate.cert.json")
    claim = read(certificate.content)
    write_atomically(FOLDER / name / "statement.txt", f"{sentence(claim)}.\n\nclaim {claim.claim_hash}\n".encode())


def build(k: int) -> str:
    """Write one certificate; its line of the table."""
    found = certify.all_zeros(equations(k), REGION, least=LEAST)
    if not isinstance(found, AllZeros):
        raise SystemExit(f"k = {k}: {found.reason}")
    name = f"fully-symmetric-k{k:02d}"
    write(name, found.certificate)
    around = minimum(k)
    natures = Counter(nature(box, k, around) for box in found.leftovers)
    if "unexplained" in natures:
        raise SystemExit(f"k = {k}: what a leftover box holds is not known: {found.leftovers}")
    zeros = "; ".join(f"({', '.join(f'{x:.6f}' for x in zero.centre)})" for zero in found.zeros) or "none"
    told = ", ".join(f"{place}: {count}" for place, count in sorted(natures.items()))
    sides = ", ".join(f"[{side}](beside-minimum-k{k:02d}-{side}/statement.txt)" for side in ("above", "below"))
    return f"| [{k}]({name}/statement.txt) | {zeros} | {told} | {sides} |"


def main() -> None:
    """All sizes, and the README with the table."""
    lines = []
    for k in SIZES:
        lines.append(build(k))
        sys.stderr.write(lines[-1] + "\n")
    text = (
        README
        + "\n".join(["| K = M | further point (u, b) | leftover boxes | near W = I |", "|---|---|---|---|", *lines])
        + "\n"
    )
    write_atomically(FOLDER / "README.md", text.encode())


README = """# Lists of zeros

Made by `python data/lists.py`; the theorem, the equations and the region are in docs/symmetric-lists.md.

W = u I + b J (J all ones, K = M, orthonormal teachers): the critical points of the loss of this form are W = I, two
points with u = 0 (all students equal) and the zero listed, which is simple in (u, b); for K = M = 2, in place of the
latter, W = I with the teachers exchanged. Outside its leftover boxes the list is a certificate's; what is in these is
proved in docs/symmetric-lists.md, by hand at the origin and near u = 0, by two certificates of one zero near W = I.

"""


if __name__ == "__main__":
    main()
