"""Points that others published, against the family catalogue; skipped where the published list is not at hand."""

import json
from fractions import Fraction
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from certify.families.orbits import Pattern
from certify.families.signature import Signature
from certify.outcome import Proved
from certify.proving.family import prove_member

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / ".." / "shared" / "published" / "minima_k6_to_k60.json"
FAMILIES = ROOT / "proofs" / "families"
TOLERANCE = 1e-8

pytestmark = pytest.mark.skipif(not PUBLISHED.exists(), reason="the published list is not here")


@cache
def entries() -> list[dict[str, Any]]:
    return list(json.loads(PUBLISHED.read_text())["minima"])


def number(text: str) -> float:
    mantissa, exponent = text.split("p")
    return float(Fraction(int(mantissa, 16)) * Fraction(2) ** int(exponent))


@cache
def shipped() -> dict[tuple[int, ...], list[tuple[dict[str, Any], list[list[float]]]]]:
    """Minima with K = M by sorted class sizes: claim and centre in floats."""
    result: dict[tuple[int, ...], list[tuple[dict[str, Any], list[list[float]]]]] = {}
    for path in FAMILIES.rglob("*.cert.json"):
        claim = json.loads(path.read_bytes())["claim"]
        sizes = claim["signature"]["sizes"]
        paired = len(claim["signature"]["owners"]) == len(sizes)
        if claim["students"] == claim["teachers"] <= 60 and claim["kind"] == "strict-local-minimum" and paired:
            centre = [[number(x) for x in row] for row in claim["centre"]]
            result.setdefault(tuple(sorted(sizes)), []).append((claim, centre))
    return result


def distance(entry: dict[str, Any], claim: dict[str, Any], centre: list[list[float]]) -> float:
    """Largest difference of an entry, for the best matching of blocks."""
    blocks, values, sizes = entry["p"], entry["vals"], claim["signature"]["sizes"]
    best = float("inf")
    for order in permutations(range(len(blocks))):
        if [sizes[i] for i in order] != blocks:
            continue
        gaps = []
        for a, i in enumerate(order):
            for b, j in enumerate(order):
                gaps.append(centre[i][j] + (centre[i][-1] if a == b else 0.0) - values[a][b])
            if blocks[a] > 1:
                gaps.append(centre[i][i] - values[a][-1])
        best = min(best, max(abs(gap) for gap in gaps))
    return best


def is_shipped(entry: dict[str, Any]) -> bool:
    candidates = shipped().get(tuple(sorted(entry["p"])), [])
    return any(distance(entry, claim, centre) < TOLERANCE for claim, centre in candidates)


def proved_here(entry: dict[str, Any]) -> bool:
    """The entry's own numbers as a start: a proof of a minimum that agrees with them."""
    blocks = tuple(entry["p"])
    patterns = []
    for a, row in enumerate(entry["vals"]):
        base = list(row[:-1])
        delta = 0.0
        if blocks[a] > 1:
            base[a], delta = row[-1], row[a] - row[-1]
        patterns.append(Pattern(tuple(base), delta))
    outcome = prove_member(Signature(blocks, tuple(a if n > 1 else None for a, n in enumerate(blocks))), patterns)
    if not isinstance(outcome, Proved) or outcome.index:
        return False
    claim = dict(outcome.certificate.claim)
    return distance(entry, claim, [[number(x) for x in row] for row in claim["centre"]]) < TOLERANCE


def test_every_published_minimum_is_proved() -> None:
    missing = [entry for entry in entries() if not is_shipped(entry)]
    assert all(proved_here(entry) for entry in missing)


def test_the_catalogue_was_complete_without_looking() -> None:
    missing = [(entry["k"], entry["p"]) for entry in entries() if not is_shipped(entry)]
    assert missing == []


def test_published_curvatures_lie_in_the_proven_spectrum() -> None:
    checked = 0
    for entry in entries():
        for claim, centre in shipped().get(tuple(sorted(entry["p"])), []):
            if distance(entry, claim, centre) < TOLERANCE:
                least = min(
                    (pair for _, pairs in claim["spectrum"] for pair in pairs), key=lambda pair: number(pair[0])
                )
                assert number(least[0]) - 1e-7 < entry["min_eig_float"] < number(least[1]) + 1e-7
                checked += 1
    assert checked > 900
