"""What a page says about a certificate: plain data from its claim, whatever the claim's kind."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from certify.checker.numerals import DIGITS
from certify.checker.reader import FamilyCertificate, read
from certify.checker.sentence import decimal, sentence
from certify.cli.matrix import Grid, approximate
from certify.cli.spectrum import names

DRAWN = 128  # rows and columns of W in full, at most
CLASS_DRAWN = 12  # coordinates drawn of each class of a larger W
TOLD = {  # in the sentence or in fields of their own
    "landscape", "students", "teachers", "dimension", "teacher", "centre", "kind", "index", "uniqueness_radius",
    "error_radius", "curvature", "ambient_index", "ambient_curvature", "loss", "not_global", "signature", "spectrum",
    "copies", "basin", "newborn",
}  # fmt: skip
LONGEST = 300  # characters of an optional part that has no words of its own


@dataclass(frozen=True)
class Eigenvalue:
    """One certified eigenvalue; told: its certain digits, or an interval rounded outwards."""

    block: str
    multiplicity: int
    told: str
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
    def name(self) -> str:
        """Of the file, without its folder."""
        return self.file.rpartition("/")[2]

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
        dimension=getattr(c, "dimension", getattr(c, "teachers", None)),
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
        Eigenvalue(name, multiplicity, certain(decimal(low, up=False), decimal(high, up=True)), _middle(low, high))
        for name, (multiplicity, pairs) in blocks
        for low, high in pairs
    ]  # fmt: skip
    return sorted(found, key=lambda e: e.middle)


def certain(low: str, high: str) -> str:
    """An interval of decimals that differ by a unit in the last place as the digits that its numbers share."""
    ends = sorted((Decimal(low), Decimal(high)), key=abs)
    unit = Decimal((0, (1,), ends[0].adjusted() - DIGITS + 1))
    if ends[0] * ends[1] <= 0 or abs(ends[1] - ends[0]) > unit:
        return f"[{low}, {high}]"
    return str(ends[0].quantize(unit) if ends[1] != ends[0] else low)


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


def _splitting(value: Any) -> str:
    """docs/splitting.md: least sizes of the eigenvalues whose signs the sentence tells."""
    kinds: dict[tuple[int, ...], list[str]] = {}
    for negative, positive, beside, gap in (entry for entry in value if entry is not None):
        kinds.setdefault((negative, positive, beside), []).append(decimal(dyadic(gap), up=False))
    return "eigenvalues at least " + ", ".join(min(gaps, key=float) for gaps in kinds.values()) + " in size"


def _tube(value: Any) -> str:
    return f"{len(value)} pieces" + (", from infinite width on" if "eps" in value[0] else "")


def _surface(value: Any) -> str:
    return f"{(len(value) + 1) // 2} rectangles"


def _program(value: Any) -> str:
    return f"a program of {len(value['operations'])} operations with {len(value['outputs'])} results"


IN_WORDS = {"splitting": _splitting, "tube": _tube, "surface": _surface, "system": _program}


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
