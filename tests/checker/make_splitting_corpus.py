"""Write the corpus files on splitting matrices again: python tests/checker/make_splitting_corpus.py.

Like make_corpus.py.  All names contain "splitting"; the other two scripts leave these files alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import make_family_corpus as family
from make_corpus import COLUMNS, PLANE, PLANE_TEACHER, SADDLE2, Data, Edit, canonical, edited, proved, scaled

HERE = Path(__file__).parent
FLAT = [[0.1436, -0.3739], [1.5679, 1.8792], [-2.7171, 0.0138]]  # its first student may be split without loss
FLAT_TEACHER = [[-1.0, -0.1], [-1.4, -0.4], [-0.1, 1.5], [1.5, 0.6]]
SIGNATURES = ("saddle-every-kind", "minimum-more-students", "minimum-one-flipped-of-10-12", "saddle-single-student")


def accepted() -> dict[str, Data]:
    files = {
        "splitting-saddle-2-3": proved(SADDLE2, 2, teachers=3),
        "splitting-minimum-4-6": proved(COLUMNS, 4, teachers=6),
        "splitting-minimum-4-6-at-128-bits": proved(COLUMNS, 4, teachers=6, bits=128),
        "splitting-minimum-plane": proved(PLANE, 3, teacher=PLANE_TEACHER),
        "splitting-minimum-flat": proved(FLAT, 3, teacher=FLAT_TEACHER),
    }
    files |= {f"splitting-{name}": family.member(f"family-{name}") for name in SIGNATURES}
    files["splitting-minimum-flat-all-but-one-left-out"] = edited(
        files["splitting-minimum-flat"], lambda c, w: c["splitting"].__setitem__(slice(1, 3), [None, None])
    )
    return files


def _entry(row: int, place: int, value: Any) -> Any:
    return lambda c, w: c["splitting"][row].__setitem__(place, value)


def _signs(row: int, negative: int, positive: int) -> Any:
    return lambda c, w: c["splitting"][row].__setitem__(slice(0, 2), [negative, positive])


def _gap(row: int, factor: int, shift: int) -> Any:
    return lambda c, w: c["splitting"][row].__setitem__(3, scaled(c["splitting"][row][3], factor, shift))


COLUMN, LINE, SYMMETRIC, HUGE = (
    "splitting-minimum-4-6",
    "splitting-minimum-flat",
    "splitting-minimum-more-students",
    10**12,
)

REJECTED: dict[str, Edit] = {
    "splitting--one-negative-less": (COLUMN, _signs(0, 4, 1)),
    "splitting--all-signs-turned": (COLUMN, _signs(0, 0, 5)),
    "splitting--a-negative-is-forgotten": (COLUMN, _signs(0, 4, 0)),
    "splitting--one-eigenvalue-too-many": (COLUMN, _signs(0, 5, 1)),
    "splitting--flat-called-saddle": (LINE, _signs(0, 1, 0)),
    "splitting--saddle-called-flat": (LINE, _signs(1, 0, 1)),
    "splitting--beside-turned": (LINE, _entry(0, 2, -1)),
    "splitting--entries-exchanged": (LINE, lambda c, w: c["splitting"].reverse()),
    "splitting--gap-doubled": (LINE, _gap(0, 1, 1)),
    "splitting--gap-above-beside": (LINE, _entry(0, 3, "0x1p-3")),
    "splitting--gap-above-an-eigenvalue": (COLUMN, _entry(0, 3, "0x1p-4")),
    "splitting--gap-of-one": (COLUMN, _entry(3, 3, "0x1p0")),
    "splitting--centre-moved-within-the-error": (
        LINE,  # everything else still holds: only the change of S_i between centre and critical point is larger
        lambda c, w: c.update(error_radius=scaled(c["uniqueness_radius"], 1, 0), curvature="0x1p-90",
                              ambient_curvature="0x1p-90", loss=["-0x1p3", "0x1p3"]) or _gap(2, 1, 0)(c, w)),
    "splitting--symmetric-one-negative-less": (
        SYMMETRIC, lambda c, w: c["splitting"].__setitem__(0, [*_less(c["splitting"][0]), *c["splitting"][0][2:]])),
    "splitting--symmetric-beside-turned": (SYMMETRIC, lambda c, w: _entry(0, 2, -c["splitting"][0][2])(c, w)),
    "splitting--symmetric-gap-doubled": (SYMMETRIC, _gap(0, 1, 1)),
    "splitting--symmetric-of-10-12-one-off": (
        "splitting-minimum-one-flipped-of-10-12", lambda c, w: c["splitting"].__setitem__(
            0, [*_less(c["splitting"][0]), *c["splitting"][0][2:]])),
}  # fmt: skip


def _less(entry: list[int]) -> list[int]:
    step = 1 if entry[0] else -1
    return [entry[0] - step, entry[1] + step]


MALFORMED: dict[str, Edit] = {
    "splitting-empty": (LINE, lambda c, w: c.update(splitting=[])),
    "splitting-null": (LINE, lambda c, w: c.update(splitting=None)),
    "splitting-object": (LINE, lambda c, w: c.update(splitting={})),
    "splitting-one-entry-missing": (LINE, lambda c, w: c["splitting"].pop()),
    "splitting-entry-too-long": (LINE, lambda c, w: c["splitting"][0].append(0)),
    "splitting-beside-zero": (LINE, _entry(0, 2, 0)),
    "splitting-beside-two": (LINE, _entry(0, 2, 2)),
    "splitting-beside-true": (LINE, _entry(0, 2, True)),
    "splitting-negative-count": (LINE, _signs(0, -1, 2)),
    "splitting-count-true": (LINE, _signs(0, 0, True)),
    "splitting-count-beyond-the-dimension": (LINE, _signs(0, 0, 2)),
    "splitting-gap-zero": (LINE, _entry(0, 3, "0x0p0")),
    "splitting-gap-negative": (LINE, _entry(0, 3, "-0x1p-9")),
    "splitting-in-the-witness": (LINE, lambda c, w: w.update(splitting=c.pop("splitting"))),
    "splitting-entry-for-each-student-of-a-class": (
        SYMMETRIC, lambda c, w: c.update(splitting=[c["splitting"][0]] * (c["students"] + 3))),
}  # fmt: skip


def write(folder: Path) -> None:
    """Into the three folders below `folder`; other files there stay."""
    accept = accepted()
    contents = {
        "accept": accept,
        "reject": {name: edited(accept[base], edit) for name, (base, edit) in REJECTED.items()},
        "malformed": {name: edited(accept[base], edit) for name, (base, edit) in MALFORMED.items()},
    }
    for kind, files in contents.items():
        for old in (folder / kind).glob("*splitting*.cert.json"):
            old.unlink()
        for name, data in files.items():
            (folder / kind / f"{name}.cert.json").write_bytes(canonical(data))


if __name__ == "__main__":
    write(HERE)
