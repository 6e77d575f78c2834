"""Is a Coq file one that `certify export` writes?  Coq accepts any true file, also one that states something else."""

from __future__ import annotations

import json
import re
from fractions import Fraction

from certify.kernel.source import ARITHMETICS, RATIONALS, Numbers, Symmetry, render

ROWS = r"^Definition {} : list \(list Z\) :=\n (.*?)%Z\.$"
DENOMINATOR = r"^Definition {}_den : positive := ([0-9]+)\.$"
SYMMETRIES = r"^Definition symmetries : list symmetry :=\n (.*?)%nat\.$"
RATIONAL = r"^Definition {} : Q := \(\(?(-?[0-9]+)\)? # ([0-9]+)\)\.$"
LIMIT_BYTES = 64 << 20


def read_back(text: str) -> tuple[Numbers, str] | None:
    """Numbers and arithmetic of a file that the exporter writes; None for every other file.

    The numbers of the file, written again, must give the same file: statement, proof and all.
    """
    try:
        numbers = _numbers(text)
        return next(((numbers, name) for name in ARITHMETICS if render(numbers, name) == text), None)
    except (ValueError, TypeError, ZeroDivisionError, IndexError, RecursionError):
        return None


def _numbers(text: str) -> Numbers:
    if len(text) > LIMIT_BYTES:
        raise ValueError("too long")
    rational = {name: _rational(text, name) for name in RATIONALS}
    return Numbers(
        teacher=_matrix(text, "teacher"),
        centre=_matrix(text, "centre"),
        factor=_rows(text, "factor"),
        radius=rational["radius"],
        error=rational["error"],
        shift=rational["shift"],
        slack=rational["slack"],
        curvature=rational["curvature"],
        loss=(rational["lower"], rational["upper"]),
        symmetries=_symmetries(text),
    )


def _found(pattern: str, name: str, text: str) -> re.Match[str]:
    match = re.search(pattern.format(name), text, re.MULTILINE | re.DOTALL | re.ASCII)
    if match is None:
        raise ValueError(f"no {name}")
    return match


def _rational(text: str, name: str) -> Fraction:
    match = _found(RATIONAL, name, text)
    return Fraction(int(match[1]), int(match[2]))


def _rows(text: str, name: str) -> list[list[int]]:
    rows: list[list[int]] = json.loads(re.sub("[()]", "", _found(ROWS, name, text)[1]).replace(";", ","))
    if not all(type(x) is int for row in rows for x in row):
        raise ValueError("not integers")
    return rows


def _symmetries(text: str) -> tuple[Symmetry, ...]:
    match = re.search(SYMMETRIES, text, re.MULTILINE | re.DOTALL | re.ASCII)
    if match is None:
        return ()
    pairs = [(int(a), int(b)) for a, b in re.findall(r"\(([0-9]+), ([0-9]+)\)", match[1], re.ASCII)]
    return tuple(zip(pairs[::3], pairs[1::3], pairs[2::3], strict=True))


def _matrix(text: str, name: str) -> list[list[Fraction]]:
    denominator = int(_found(DENOMINATOR, name, text)[1])
    return [[Fraction(x, denominator) for x in row] for row in _rows(text, name)]
