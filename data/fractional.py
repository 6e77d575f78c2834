"""Make proofs/fractional-widths/: where blocks of the Hessian become singular between two widths, and folds.

    python data/fractional.py [FOLDER ...]      all, or those of the given families; what is there is kept

Starts are shipped members of proofs/families: for a crossing, the member next to the change of index; for a fold, the
end of a continuation in floating point.  Each is proved as a zero of an extended system (docs/all-sizes.md, A9).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from os.path import commonprefix
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import eigh
from scipy.optimize import root

from certify.arithmetic import Dyadic
from certify.certificate import Certificate, write_atomically
from certify.checker import verify_bytes
from certify.checker.numerals import decimal
from certify.checker.pieces import difference
from certify.checker.reader import read
from certify.checker.systems import ZeroClaim
from certify.families.blocks import hessian_blocks
from certify.families.numbers import FLOATS
from certify.families.orbits import Geometry, Pattern
from certify.proving.fractional import SIZE, extended_system, flattened, reduced_system
from certify.systems.system import System
from certify.zeros import ProvedZero, prove_zero

PROOFS = Path(__file__).resolve().parent.parent / "proofs"
FOLDER = PROOFS / "fractional-widths"
CROSSINGS = (
    [f"turned-p{p:02d}-b" for p in range(6, 17)] + [f"one-more-alpha{p}" for p in ("", "-p02", "-p03", "-p04")]
    + [f"one-more-beta-p{p:02d}" for p in range(3, 9)]
    + ["all-turned", "more-02-doubled", "one-more-gamma-p12", "one-more-gamma-p13"]
)  # fmt: skip
FOLDS = [f"one-more-beta-p{p:02d}" for p in (2, 3)] + [f"one-more-alpha-p{p:02d}" for p in range(2, 8)]
PLACES = [(family, "crossing") for family in CROSSINGS] + [(family, "fold") for family in FOLDS]
BITS, DIGITS = 128, 32
HALF_LENGTH = Fraction(1, 2**40)  # of the interval of class sizes for which the curve is proved
STEP, SHORTEST, NEAR = 0.125, 1e-6, 0.5  # of the continuation: in the class size, and of the unknowns


class Start(NamedTuple):
    """A point near the place looked for: class sizes, the first of them real; owners, patterns."""

    sizes: list[float]
    owners: list[int | None]
    patterns: list[Pattern]


def main(arguments: list[str]) -> int:
    """Write what is missing; exit code 1 if something could not be proved."""
    code = 0
    for family, kind in PLACES:
        if (FOLDER / f"{family}-{kind}" / "statement.txt").exists() or (arguments and family not in arguments):
            continue
        try:
            ship(family, kind)
            print(f"{family}-{kind}", flush=True)
        except ValueError as error:
            print(f"{family}-{kind}: {error}")
            code = 1
    write_readme()
    return code


def member(path: Path) -> tuple[int, Start]:
    """Index and point of a certificate."""
    claim = json.loads(path.read_bytes())["claim"]
    rows = [[_number(x) for x in row] for row in claim["centre"]]
    signature = claim["signature"]
    patterns = [Pattern(tuple(row[:-1]), row[-1]) for row in rows]
    return claim.get("index", 0), Start(list(map(float, signature["sizes"])), signature["owners"], patterns)


def change_of_index(family: str) -> Start:
    """The member with the smaller of the two eigenvalues, in absolute value, between which one changes sign."""
    members = [member(path) for path in sorted((PROOFS / "families" / family).glob("*.cert.json"))]
    for (one, first), (other, second) in pairwise(members):
        if (one == 0) != (other == 0):
            return min(first, second, key=lambda x: abs(nearest_singular(x)[0]))
    raise ValueError("no change of index")


def end_of_curve(family: str) -> Start:
    """Where natural continuation to smaller widths, from the first minimum if there is one, stops."""
    members = [member(path) for path in sorted((PROOFS / "families" / family).glob("*.cert.json"))]
    start = next((start for index, start in members if index == 0), members[0][1])
    follows = [owner is not None for owner in start.owners]
    x, size, step = np.array(flattened(start.patterns, follows)), start.sizes[0], STEP
    while step > SHORTEST and size - step > 2:
        found = root(lambda y, n=size - step: _gradient(y, [n, *start.sizes[1:]], start.owners), x, tol=1e-13)
        if found.success and np.linalg.norm(found.x - x) < NEAR:
            x, size = found.x, size - step
        else:
            step /= 2
    if step > SHORTEST:
        raise ValueError("the curve goes on to the smallest size")
    return Start([size, *start.sizes[1:]], start.owners, _patterns(x, start.owners, len(start.sizes)))


def _gradient(x: Any, sizes: Sequence[Any], owners: Sequence[int | None]) -> list[float]:
    geometry = Geometry(sizes, owners, _patterns(x, owners, len(sizes)), (1.0, 0.0), FLOATS)
    return flattened(geometry.gradient(), [owner is not None for owner in owners])


def _patterns(x: Sequence[float], owners: Sequence[int | None], classes: int) -> list[Pattern]:
    numbers = iter(map(float, x))
    return [
        Pattern(tuple(next(numbers) for _ in range(classes)), 0.0 if owner is None else next(numbers))
        for owner in owners
    ]


def nearest_singular(start: Start, only: str | None = None) -> tuple[float, str, Any]:
    """The eigenvalue nearest to zero, the name of its block, and its vector; of all blocks or of one."""
    found = []
    sizes = [int(n) if n == int(n) else n for n in start.sizes]
    for block in hessian_blocks(Geometry(sizes, start.owners, start.patterns, (1.0, 0.0), FLOATS)):
        if only in (None, block.name):
            values, vectors = eigh(np.array(block.matrix, float), np.array(block.gram, float))
            k = int(np.argmin(abs(values)))
            found.append((float(values[k]), block.name, vectors[:, k]))
    return min(found, key=lambda entry: abs(entry[0]))


def looked_for(family: str, kind: str) -> tuple[Start, str, Any]:
    """Where the search begins; the name of the block and a vector that it nearly sends to zero."""
    start = change_of_index(family) if kind == "crossing" else end_of_curve(family)
    _, name, vector = nearest_singular(start, None if kind == "crossing" else "trivial")
    return start, name, vector


def ship(family: str, kind: str) -> None:
    """Prove and write the extended system; for a crossing also the curve of critical points around the width."""
    start, name, vector = looked_for(family, kind)
    normal = int(np.argmax(abs(vector)))
    sizes = [None, *(int(n) for n in start.sizes[1:])]
    follows = [owner is not None and (sizes[owner] is None or sizes[owner] > 1) for owner in start.owners]
    rest = [float(x / vector[normal]) for k, x in enumerate(vector) if k != normal]
    point = [*flattened(start.patterns, follows), start.sizes[0], *rest]
    extended = proved(extended_system(sizes, start.owners, name, normal), point)
    if kind == "crossing":
        at = extended.variables.index(SIZE)
        width = value(zero_claim(extended.certificate.content).place.centre[at])
        curve = reduced_system(sizes, start.owners, (width - HALF_LENGTH, width + HALF_LENGTH))
        write(f"{family}-curve", proved(curve, extended.centre[:at]).certificate)
    write(f"{family}-{kind}", extended.certificate)


def write(name: str, certificate: Certificate) -> None:
    """After the checker's verdict."""
    verdict = verify_bytes(certificate.content)
    certificate.write(FOLDER / name / "certificate.cert.json")
    statement = f"{verdict.sentence}.\n\nclaim {verdict.claim_hash}\n"
    write_atomically(FOLDER / name / "statement.txt", statement.encode())


def proved(system: System, start: Sequence[float]) -> ProvedZero:
    """Or ValueError, with the reason."""
    result = prove_zero(system, start, bits=BITS)
    if not isinstance(result, ProvedZero):
        raise ValueError(result.reason)
    return result


def zero_claim(content: bytes) -> ZeroClaim:
    """What a certificate says about a zero."""
    claim = read(content)
    if not isinstance(claim, ZeroClaim):
        raise ValueError("no claim about a zero")
    return claim


def value(x: tuple[int, int]) -> Fraction:
    """Of a dyadic."""
    return Fraction(x[0]) * Fraction(2) ** x[1]


def size_bounds(claim: ZeroClaim) -> tuple[Dyadic, Dyadic]:
    """Of the real class size at the zero."""
    at, place = claim.program.variables.index(SIZE), claim.place
    middle, radius = place.centre[at], place.error_radii[at]
    return difference(middle, radius), difference(middle, (-radius[0], radius[1]))


def write_readme() -> None:
    """The table of what is there."""
    lines = [
        "# Fractional class sizes where a block of the Hessian is singular",
        "",
        "K students, M orthonormal teachers, families of symmetric critical points (docs/families.md) with one class",
        "size n a real number. Each certificate of a fold or a crossing proves that an extended system, which it holds",
        "as a program, has exactly one zero in a box: a zero of the reduced gradient and a null vector of a block.",
        "*Fold*: the block is the trivial one; the critical points near it form one curve, along which n has a",
        "nondegenerate extremum. *Crossing*: by the certificate `curve` the critical points form one curve over an",
        "interval of n, along which one eigenvalue of the block crosses zero with nonzero speed. What exactly follows:",
        "[docs/all-sizes.md](../../docs/all-sizes.md), A9. At a fractional n there is no network: the statements are",
        "about the formulas, in which class sizes are plain numbers. Made by `data/fractional.py`.",
        "",
        "| place | sizes | owners | block | n, all digits certain | teachers M | curve |",
        "|---|---|---|---|---|---|---|",
    ]
    for family, kind in sorted(PLACES):
        name = f"{family}-{kind}"
        if not (FOLDER / name / "statement.txt").exists():
            continue
        start, block, _ = looked_for(family, kind)
        low, high = size_bounds(zero_claim((FOLDER / name / "certificate.cert.json").read_bytes()))
        digits = commonprefix([decimal(low, up=False, digits=DIGITS), decimal(high, up=True, digits=DIGITS)])  # noqa: RUF071
        others = [int(n) for n in start.sizes[1:]]
        owners = ", ".join("-" if owner is None else str(owner) for owner in start.owners)
        curve = f"[curve]({family}-curve/statement.txt)" if kind == "crossing" else ""
        lines.append(
            f"| [{name}]({name}/statement.txt) | {', '.join(['n', *map(str, others)])} | {owners} | {block} | {digits} "
            f"| n + {sum(others)} = {float(value(low)) + sum(others):.9f} | {curve} |"
        )
    write_atomically(FOLDER / "README.md", ("\n".join(lines) + "\n").encode())


def _number(x: str) -> float:
    mantissa, exponent = x.split("p")
    return float(int(mantissa, 16) * Fraction(2) ** int(exponent))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
