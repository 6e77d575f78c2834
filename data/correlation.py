"""Make proofs/correlation/: certificates for every correlation of the teachers in an interval.

    python data/correlation.py

Folders that are there are kept.  Each takes up to a minute; the checker confirms it before it is written.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from fractions import Fraction
from itertools import chain
from pathlib import Path

from certify.certificate import write_atomically
from certify.checker import verify_bytes
from certify.checker.correlation import Correlated
from certify.checker.numerals import decimal
from certify.checker.reader import read
from certify.families.orbits import Pattern
from certify.families.signature import Signature
from certify.families.starts import asymptotic_starts, layout, random_starts
from certify.outcome import Undecided
from certify.proving.branches import find
from certify.proving.correlation import beta_of, least_eigenvalue, prove_correlation, solve

FOLDER = Path(__file__).resolve().parent.parent / "proofs" / "correlation"
SHIPPED = {  # class sizes, students beside the teachers' number, interval
    "5-1": ((5, 1), 0, ("-19/100", "4/25")),
    "7-1": ((7, 1), 0, ("-7/50", "3/4")),
    "8-2": ((8, 2), 0, ("-1/10", "1/8")),
    "9-1-and-one-more": ((9, 1), 1, ("-1/20", "1/10")),
}
STEP, LIMIT = 0.002, 0.98  # of rho, in floating point


def main() -> int:
    """Write what is missing; exit code 1 if something could not be proved."""
    code = 0
    for name, (sizes, extra, ends) in SHIPPED.items():
        place = FOLDER / name
        if (place / "statement.txt").exists():
            continue
        signature, patterns = _minimum(sizes, extra)
        low, high = map(Fraction, ends)
        result = prove_correlation(signature, patterns, 0.0, (low, high))
        if isinstance(result, Undecided):
            print(f"{name}: {result.reason}")
            code = 1
            continue
        verdict = verify_bytes(result.certificate.content)
        result.certificate.write(place / "certificate.cert.json")
        write_atomically(place / "statement.txt", f"{verdict.sentence}.\n\nclaim {verdict.claim_hash}\n".encode())
        print(f"{name}: {len(result.pieces)} pieces, {len(result.certificate.content)} bytes", flush=True)
    write_readme()
    return code


def _minimum(sizes: tuple[int, ...], extra: int) -> tuple[Signature, Sequence[Pattern]]:
    """The one with the last class turned, for orthonormal teachers."""
    shape = layout(sizes, extra=extra)
    starts = chain(asymptotic_starts(shape, [1]), random_starts(shape, 10, 0, [1]))
    minimum = next(p for p in find(shape.signature, starts).points if p.index == 0 and p.loss[0] > 0.0)
    return shape.signature, minimum.patterns or ()


def _end(signature: Signature, patterns: Sequence[Pattern], side: int) -> str:
    """Where the curve from rho = 0 stops to consist of minima, in floating point, to three digits."""
    rho, least, current = 0.0, -1.0 / (signature.teachers - 1), list(patterns)
    step = STEP
    while step > 1e-5:
        beyond = rho + side * step
        beta = beta_of(beyond, signature.teachers) if least < beyond < LIMIT else None
        if beta is None and step == STEP:
            return f"{LIMIT}" if side > 0 else f"{least:.3f}"
        points = None if beta is None else solve(signature, current, beta)
        if points is None or beta is None or not least_eigenvalue(signature, points, beta) > 0.0:
            step /= 2
            continue
        rho, current = beyond, points
    return f"{rho:.3f}"


def write_readme() -> None:
    """The table of what is there."""
    lines = [
        "# Intervals of the teachers' correlation",
        "",
        "Each certificate proves, for every real rho in the interval, a strict local minimum of the loss with M",
        "teachers of Gram matrix c^2 ((1 - rho) I + rho J), any c > 0, in every dimension D >= M, on one continuous",
        "curve; none is global. Every Hessian eigenvalue is at least the curvature; the loss is c^2 (1 - rho) times a",
        "number in the stated interval. The theorem: [docs/correlation.md](../../docs/correlation.md), Q4. Made by",
        "`data/correlation.py`. The last column is no theorem but floating point: how far the curve, followed from",
        f"rho = 0 in steps of {STEP}, consists of minima; it was not followed beyond {LIMIT}, and independent teachers",
        "have rho > -1/(M - 1).",
        "",
        "| classes | K | M | rho | curvature | loss / (c^2 (1 - rho)) | pieces | bytes | minima (float) |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, (sizes, extra, ends) in SHIPPED.items():
        path = FOLDER / name / "certificate.cert.json"
        content = path.read_bytes()
        c = read(content)
        if isinstance(c, Correlated):
            found = _minimum(sizes, extra)
            low, high = decimal(c.scaled_loss[0], up=False), decimal(c.scaled_loss[1], up=True)
            lines.append(
                f"| [{' + '.join(map(str, c.sizes))}]({name}/statement.txt) | {c.students} | {sum(c.sizes)} | "
                f"{ends[0]} to {ends[1]} | {decimal(c.curvature, up=False)} | {low} to {high} | {len(c.pieces)} | "
                f"{len(content)} | {_end(*found, -1)} to {_end(*found, 1)} |"
            )
    write_atomically(FOLDER / "README.md", ("\n".join(lines) + "\n").encode())


if __name__ == "__main__":
    sys.exit(main())
