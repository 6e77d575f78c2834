"""What a page says about a certificate: plain data from its claim, whatever the claim's kind."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from certify.checker.reader import FamilyCertificate, read
from certify.checker.sentence import decimal, sentence
from certify.cli.matrix import Grid, approximate
from certify.cli.spectrum import names

DRAWN = 128  # rows and columns of W in full, at most
CLASS_DRAWN = 12  # coordinates drawn of each class of a larger W
TOLD = {
    "landscape", "students", "teachers", "dimension", "teacher", "centre", "kind", "index", "uniqueness_radius",
    "error_radius", "curvature", "ambient_index", "ambient_curvature", "loss", "not_global", "signature", "spectrum",
    "copies",
}  # fmt: skip
LONGEST = 300  # characters of an optional part that has no words of its own


@dataclass(frozen=True)
class Eigenvalue:
    """One certified eigenvalue: decimals rounded outwards."""

    block: str
    multiplicity: int
    low: str
    high: str
    middle: float


@dataclass(frozen=True)
class Facts:
    """One certificate.  Numbers that a kind of claim does not have are None; texts are rounded to the safe side."""

    file: str  # relative to the collection, with slashes
    sha256: str
    sentence: str
    kind: str
    students: int | None
    teachers: int | None
    dimension: int | None
    orthonormal: bool
    index: int | None
    ambient_index: int | None
    loss: tuple[float, float] | None
    loss_text: str
    curvature: float | None
    curvature_text: str
    uniqueness_text: str
    error_text: str
    precision: int | None
    classes: str
    copies: bool
    spectrum: tuple[Eigenvalue, ...]
    others: tuple[tuple[str, str], ...]  # optional parts of the claim: name, value in words
    size: int  # bytes
    picture: Grid | None = field(default=None, repr=False)
    picture_note: str = ""

    @property
    def middle(self) -> float | None:
        """Of the loss interval."""
        return None if self.loss is None else sum(self.loss) / 2


def facts(file: str, content: bytes) -> Facts:
    """Read a certificate; raises what the checker's reader raises."""
    c: Any = read(content)
    claim = json.loads(content)["claim"]
    loss = getattr(c, "loss", None)
    curvature = _rounded(c, "curvature", up=False)
    grid, note = _picture(c)
    return Facts(
        file=file,
        sha256=c.claim_hash,
        sentence=sentence(c),
        kind=getattr(c, "kind", "theorem").replace("-", " "),
        students=getattr(c, "students", None),
        teachers=getattr(c, "teachers", None),
        dimension=getattr(c, "dimension", None),
        orthonormal=getattr(c, "orthonormal", False),
        index=getattr(c, "index", None),
        ambient_index=getattr(c, "ambient_index", None),
        loss=None if loss is None else (approximate([loss])[0][0], approximate([loss])[0][1]),
        loss_text="" if loss is None else f"[{decimal(loss[0], up=False)}, {decimal(loss[1], up=True)}]",
        curvature=float(curvature) if curvature else None,
        curvature_text=curvature,
        uniqueness_text=_rounded(c, "uniqueness_radius", up=False),
        error_text=_rounded(c, "error_radius", up=True),
        precision=getattr(c, "precision", None),
        classes=_classes(c),
        copies=getattr(c, "copies", False),
        spectrum=tuple(_spectrum(c)) if isinstance(c, FamilyCertificate) else (),
        others=tuple(
            (name.replace("_", " "), IN_WORDS.get(name, _told)(claim[name])) for name in sorted(claim.keys() - TOLD)
        ),
        size=len(content),
        picture=grid,
        picture_note=note,
    )


def _rounded(c: Any, name: str, *, up: bool) -> str:
    value = getattr(c, name, None)
    return "" if value is None else decimal(value, up=up)


def _classes(c: Any) -> str:
    if not isinstance(c, FamilyCertificate):
        return ""
    from certify.families.signature import Signature  # noqa: PLC0415 - not needed for other kinds

    return Signature(tuple(c.sizes), tuple(c.owners)).name


def _spectrum(c: FamilyCertificate) -> list[Eigenvalue]:
    blocks = zip(names(c.sizes, c.owners), c.spectrum, strict=True)
    found = [
        Eigenvalue(name, multiplicity, decimal(low, up=False), decimal(high, up=True), _middle(low, high))
        for name, (multiplicity, pairs) in blocks
        for low, high in pairs
    ]  # fmt: skip
    return sorted(found, key=lambda e: e.middle)


def _middle(low: tuple[int, int], high: tuple[int, int]) -> float:
    return sum(approximate([(low, high)])[0]) / 2


def _picture(c: Any) -> tuple[Grid | None, str]:
    """The centre as a matrix to be drawn, and what is not drawn of it."""
    if isinstance(c, FamilyCertificate):
        return _written_out(c)
    centre = getattr(c, "centre", None)
    if not isinstance(centre, list) or not centre or not isinstance(centre[0], list):
        return None, ""
    grid = approximate(centre)
    note = "" if max(len(grid), len(grid[0])) <= DRAWN else f"the first {DRAWN} rows and columns"
    return [row[:DRAWN] for row in grid[:DRAWN]], note


def _written_out(c: FamilyCertificate) -> tuple[Grid, str]:
    """A pattern as a matrix (docs/families.md, F2), of large classes only a few coordinates."""
    small = max(c.students, c.dimension) <= DRAWN
    sizes = [n if small else min(n, CLASS_DRAWN) for n in c.sizes]
    rows = []
    for owner, pattern in zip(c.owners, approximate(c.centre), strict=True):
        *base, delta = pattern
        row = [value for value, size in zip(base, sizes, strict=True) for _ in range(size)]
        if owner is None:
            rows.append(row)
            continue
        start = sum(sizes[:owner])
        rows += [[x + delta * (a == start + own) for a, x in enumerate(row)] for own in range(sizes[owner])]
    return rows, "" if small else f"{CLASS_DRAWN} coordinates at most of each class"


def _basin(value: Any) -> str:
    """docs/dynamics.md; all three are lower bounds."""
    radius, rate, step = (decimal(dyadic(value[name]), up=False) for name in ("radius", "rate", "step"))
    return (
        f"flow and descent from within {radius} stay and converge, the flow at rate {rate} at least, "
        f"descent for constant steps to {step}"
    )


def _newborn(value: Any) -> str:
    """docs/splitting.md, S7."""
    low, high = (decimal(dyadic(end), up=up) for end, up in zip(value["slope"], (False, True), strict=True))
    return f"along teacher, or teacher class, {value['teacher']}: one-sided derivative of the loss in [{low}, {high}]"


def _splitting(value: Any) -> str:
    """docs/splitting.md: how many rows of the centre have which signs, and the smallest gap of each kind."""
    kinds: dict[tuple[int, int, int] | None, list[Any]] = {}
    for entry in value:
        kinds.setdefault(None if entry is None else tuple(entry[:3]), []).append(entry)
    parts = []
    for kind, entries in kinds.items():
        count = f"{len(entries)} row{'s' * (len(entries) > 1)} of the centre"
        if kind is None:
            parts.append(f"{count}: nothing is claimed")
            continue
        gaps = [decimal(dyadic(entry[3]), up=False) for entry in entries]
        beside = "positive" if kind[2] > 0 else "negative"
        parts.append(
            f"{count}: {kind[0]} negative and {kind[1]} positive eigenvalues, {beside} beside the span, "
            f"at least {min(gaps, key=float)} in size"
        )
    return "; ".join(parts)


IN_WORDS = {"basin": _basin, "newborn": _newborn, "splitting": _splitting}


def dyadic(text: str) -> tuple[int, int]:
    """A dyadic as (mantissa, exponent); raises ValueError for other text."""
    mantissa, _, exponent = text.partition("p")
    return int(mantissa, 16), int(exponent)


def _told(value: Any) -> str:
    """An optional part in one line, dyadics as decimals; long ones are cut, the file has all of it."""
    text = json.dumps(_plain(value), separators=(", ", ": ")).replace('"', "")
    return text if len(text) <= LONGEST else text[:LONGEST] + " ..."


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, str):
        try:
            return float(f"{approximate([[dyadic(value)]])[0][0]:.6g}")
        except ValueError:
            return value
    return [_plain(item) for item in value] if isinstance(value, Sequence) else value
