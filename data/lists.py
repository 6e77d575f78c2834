"""The critical points of the loss with full symmetry, W = u I + b J, as complete lists: proofs/systems.

    .venv/bin/python data/lists.py            (a minute)

The two equations and the region are derived in docs/symmetric-lists.md.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import certify
from certify.certificate import write_atomically
from certify.checker.reader import read
from certify.systems import atan2, pi, sqrt
from certify.zeros import AllZeros

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "proofs" / "systems"
SIZES = range(2, 21)
REGION = [(-Fraction(49, 16), Fraction(49, 16)), (-Fraction(17, 8), Fraction(17, 8))]
LEAST = 2.0**-14
SMALLEST_NORM = 0.048  # docs/symmetric-lists.md


def equations(k: int) -> Callable[[Any, Any], list[Any]]:
    """2 pi times the gradient's row pattern at W = u I + b J, orthonormal teachers, K = M = k, in two combinations."""

    def pattern(u: Any, b: Any) -> list[Any]:
        a = u + b
        square = a**2 + (k - 1) * b**2
        size_u, size_b = sqrt(u**2), sqrt(b**2)
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


def rank_one(k: int) -> list[float]:
    """b of the two critical points with u = 0."""
    from math import acos, pi, sqrt  # noqa: PLC0415 - of floats, unlike those above

    def kernel(c: float) -> float:
        return sqrt(1 - c * c) + (pi - acos(c)) * c

    return [sign * kernel(sign / sqrt(k)) / (pi * sqrt(k)) for sign in (1, -1)]


def nature(box: tuple[tuple[float, float], ...], k: int) -> str:
    """What a leftover box is about."""
    (u_low, u_high), (b_low, b_high) = box
    reach = max(abs(u_low), abs(u_high)) + k**0.5 * max(abs(b_low), abs(b_high))
    if reach < SMALLEST_NORM:
        return "origin, where no critical point is"
    known = {
        "global minimum W = I": (1.0, 0.0),
        "rank one, b > 0": (0.0, rank_one(k)[0]),
        "rank one, b < 0": (0.0, rank_one(k)[1]),
    }
    if k == 2:
        known["global minimum, teachers exchanged"] = (-1.0, 1.0)
    for name, (u, b) in known.items():
        if u_low <= u <= u_high and b_low <= b <= b_high:
            return name
        if abs(u - (u_low + u_high) / 2) < 1e-2 and abs(b - (b_low + b_high) / 2) < 1e-2:
            return f"beside: {name}"
    return "unexplained"


def build(k: int) -> str:
    """Write one certificate; its line of the table."""
    found = certify.all_zeros(equations(k), REGION, least=LEAST)
    if not isinstance(found, AllZeros):
        raise SystemExit(f"k = {k}: {found.reason}")
    folder = FOLDER / f"fully-symmetric-k{k:02d}"
    found.certificate.write(folder / "certificate.cert.json")
    claim = read(found.certificate.content)
    write_atomically(folder / "statement.txt", f"{found.theorem}.\n\nclaim {claim.claim_hash}\n".encode())
    natures = [nature(box, k) for box in found.leftovers]
    if "unexplained" in natures:
        raise SystemExit(f"k = {k}: a leftover box holds no known point: {found.leftovers}")
    zeros = "; ".join(f"({', '.join(f'{x:.6f}' for x in zero.centre)})" for zero in found.zeros) or "none"
    told = ", ".join(sorted(set(natures)))
    return f"| [{k}]({folder.name}/statement.txt) | {zeros} | {len(found.leftovers)} | {told} |"


def main() -> None:
    """All sizes, and the README with the table."""
    lines = []
    for k in SIZES:
        lines.append(build(k))
        sys.stderr.write(lines[-1] + "\n")
    text = (
        README
        + "\n".join(["| K = M | (u, b) of the zeros | leftover boxes | where they are |", "|---|---|---|---|", *lines])
        + "\n"
    )
    write_atomically(FOLDER / "README.md", text.encode())


README = """# Lists of zeros

Made by `python data/lists.py`; the theorem, the equations and the region are in docs/symmetric-lists.md.

W = u I + b J (J all ones, K = M, orthonormal teachers): every critical point of the loss of this form is one of the
zeros listed, each of which is simple in (u, b), or lies in a leftover box. These are at or beside points where the
loss is not smooth in (u, b): W = I (students parallel to their teachers), u = 0 (students parallel to one another),
the origin.
Nothing is proved here about how many critical points a leftover box contains, except the one at the origin: none.

"""

if __name__ == "__main__":
    main()
