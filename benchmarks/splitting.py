"""What the shipped minima say about one student more: the table of docs/splitting.md."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

FAMILIES = Path(__file__).resolve().parent.parent / "proofs" / "families"
ROWS = ("K = M", "K = M + 1", "K > M + 1")


def counts() -> Counter[tuple[int, str]]:
    """By surplus of students (0, 1, more): minima with splitting facts, and those of each kind."""
    result: Counter[tuple[int, str]] = Counter()
    for path in FAMILIES.glob("*/*.cert.json"):
        claim = json.loads(path.read_bytes())["claim"]
        if claim["index"] or "splitting" not in claim:
            continue
        surplus = min(claim["students"] - claim["teachers"], 2)
        entries = claim["splitting"]
        result[surplus, "minima"] += 1
        result[surplus, "saddles"] += all(entry is not None and entry[0] > 0 for entry in entries)
        result[surplus, "definite"] += all(entry is not None and entry[1] == 0 and entry[2] < 0 for entry in entries)
    return result


if __name__ == "__main__":
    found = counts()
    for surplus, name in enumerate(ROWS):
        print(f"| {name} | {found[surplus, 'minima']} | {found[surplus, 'saddles']} | {found[surplus, 'definite']} |")
