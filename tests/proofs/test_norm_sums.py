"""Norm sums of the shipped minima at K = M, in integers from the certificates alone (claimed in 2006.01005, Sec. 4.2).

A certificate says |W* - W0| <= r; by Cauchy and Schwarz the sum of the row norms of W* is at most that of W0 plus
sqrt(K) r.
"""

import json
from fractions import Fraction
from functools import cache
from math import isqrt
from pathlib import Path
from typing import Any

import pytest

FAMILIES = Path(__file__).parents[2] / "proofs" / "families"
BITS = 256


def dyadic(text: str) -> Fraction:
    mantissa, exponent = text.split("p")
    return int(mantissa, 16) * Fraction(2) ** int(exponent)


def root_above(x: Fraction) -> Fraction:
    """A number at least sqrt(x) and beyond it by less than 2^-BITS."""
    return Fraction(isqrt((x.numerator << 2 * BITS) // x.denominator) + 1, 1 << BITS)


def norm_sum_above(claim: dict[str, Any]) -> Fraction:
    sizes, owners = claim["signature"]["sizes"], claim["signature"]["owners"]
    total = root_above(Fraction(claim["students"])) * dyadic(claim["error_radius"])
    for owner, row in zip(owners, claim["centre"], strict=True):
        *base, delta = map(dyadic, row)
        square = sum(n * x * x for n, x in zip(sizes, base, strict=True))
        if owner is not None:
            square += (base[owner] + delta) ** 2 - base[owner] ** 2
        total += (1 if owner is None else sizes[owner]) * root_above(square)
    return total


@cache
def minima() -> dict[Path, dict[str, Any]]:
    """Spurious minima with K = M and orthonormal teachers."""
    claims = {path: json.loads(path.read_bytes())["claim"] for path in sorted(FAMILIES.rglob("*.cert.json"))}
    return {
        path: claim
        for path, claim in claims.items()
        if claim["students"] == claim["teachers"] and claim["teacher"] == "orthonormal"
        and claim["index"] == 0 and claim["not_global"]
    }  # fmt: skip


def test_the_sum_of_the_norms_is_below_k() -> None:
    assert len(minima()) > 1000
    for path, claim in minima().items():
        assert norm_sum_above(claim) < claim["students"], path


def test_the_bound_is_one() -> None:
    """Rows of length 1, 1 and 5/4, an error radius that counts sqrt(3) times."""
    claim = {"students": 3, "error_radius": "0x1p-10", "signature": {"sizes": [2, 1], "owners": [0, None]},
             "centre": [["0x0p0", "0x0p0", "-0x1p0"], ["0x0p0", "0x5p-2", "0x0p0"]]}  # fmt: skip
    assert float(norm_sum_above(claim)) == pytest.approx(3.25 + 3**0.5 * 2**-10, abs=1e-12)
