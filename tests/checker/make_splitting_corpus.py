"""Write the corpus files on splitting matrices again: python tests/checker/make_splitting_corpus.py.

Like make_corpus.py.  All names contain "splitting"; the other two scripts leave these files alone.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import make_family_corpus as family
import numpy as np
from make_corpus import (
    COLUMNS,
    PLANE,
    PLANE_TEACHER,
    SADDLE2,
    Data,
    Edit,
    canonical,
    dyadic,
    edited,
    moved,
    proved,
    scaled,
)

import certify
from certify.outcome import ProvedSet
from certify.proving.polish import approximate_newton

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
    files |= sets()
    files |= {f"splitting-{name}": family.member(f"family-{name}") for name in SIGNATURES}
    files["splitting-minimum-flat-all-but-one-left-out"] = edited(
        files["splitting-minimum-flat"], lambda c, w: c["splitting"].__setitem__(slice(1, 3), [None, None])
    )
    return files


def near_set(W: Any, V: Any = None) -> Data:
    outcome = certify.prove(W, V)
    assert isinstance(outcome, ProvedSet), outcome.reason
    data: Data = json.loads(outcome.certificate.content)
    return data


def sets() -> dict[str, Data]:
    """Certificates on sets of critical points."""
    point = np.array(FLAT)
    polished = approximate_newton(point, np.array(FLAT_TEACHER), 0.1)
    flat = np.concatenate(([0.3 * polished[0]], polished[1:], [0.5 * polished[0], 0.2 * polished[0]]))
    both = np.concatenate(
        ([0.25 * polished[0]], [0.5 * polished[2]], polished[1:2], [0.75 * polished[0]], [0.5 * polished[2]])
    )
    third = np.concatenate((polished[:2], 0.25 * polished[2:], 0.25 * polished[2:], 0.5 * polished[2:]))
    saddle = approximate_newton(np.array(SADDLE2), np.eye(3), 0.5)
    four = approximate_newton(np.array(COLUMNS), np.eye(6), 0.5)
    files = {
        "splitting-set-global-4-2": near_set([[0.3, 0.0], [0.0, 1.0], [0.7, 1e-3], [1e-4, 0.0]]),
        "splitting-set-global-one-teacher": near_set([[0.25, 0.0], [0.75, 0.0]], [[1.0, 0.0]]),
        "splitting-set-global-given": near_set([[0.6, 0.6], [0.0, 2.0], [0.4, 0.4]], [[1.0, 1.0], [0.0, 2.0]]),
        "splitting-set-global-not-in-a-half-space": near_set(
            [[0.5, 0.0], [0.5, 0.0], [-1.0, 1.0], [-1.0, -1.0]], [[1.0, 0.0], [-1.0, 1.0], [-1.0, -1.0]]
        ),
        "splitting-set-minima-3-into-5": near_set(flat, FLAT_TEACHER),
        "splitting-set-saddles-3-into-5": near_set(both, FLAT_TEACHER),
        "splitting-set-saddles-3-into-5-one-in-three": near_set(third, FLAT_TEACHER),
        "splitting-set-saddles-of-a-saddle": near_set(np.vstack((saddle, saddle[:1])) * [[0.5], [1.0], [0.5]]),
        "splitting-set-saddles-of-fewer-students-than-teachers": near_set(
            np.vstack((four, four[:1])) * [[0.5], [1.0], [1.0], [1.0], [0.5]]
        ),
    }
    files["splitting-set-minima-3-into-5-of-any-loss"] = edited(
        files["splitting-set-minima-3-into-5"],
        lambda c, w: (c.update(not_global=False), c["base"].update(loss=["-0x1p0", "0x1p4"])),
    )
    for size in (1, 2):  # as many students as teachers
        files[f"splitting-set-global-{size}-{size}"] = edited(
            files["splitting-set-global-4-2"],
            lambda c, w, size=size: (
                c.update(students=size, teachers=size, cells=size, connected=size == 1, set_dimension=0),
                c.update(centre=[["0x1p0", "0x0p0"], ["0x0p0", "0x1p0"]][:size]),
                w.update(owners=list(range(size)), shares=["0x1p0"] * size),
            ),
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

GLOBAL, GIVEN, MINIMA, SADDLES = (
    f"splitting-set-{name}" for name in ("global-4-2", "global-given", "minima-3-into-5", "saddles-3-into-5")
)


def _plus(key: str, step: int) -> Any:
    return lambda c, w: c.update({key: c[key] + step})


FEW, THREE, INDEXED = (
    f"splitting-set-{name}"
    for name in (
        "saddles-of-fewer-students-than-teachers", "saddles-3-into-5-one-in-three", "saddles-of-a-saddle"
    )
)  # fmt: skip


def _on_the_set(c: Data, w: Data) -> None:
    """The centre is a split of the base's centre, exactly; the base's own error is all that is left."""
    for i, (owner, share) in enumerate(zip(w["owners"], w["shares"], strict=True)):
        mantissa, exponent = dyadic(share)
        c["centre"][i] = [scaled(x, mantissa, exponent) for x in c["base"]["centre"][owner]]
    c.update(distance=c["base"]["error_radius"])


def _below_the_error(c: Data, w: Data) -> None:
    _on_the_set(c, w)
    c.update(distance=scaled(c["distance"], 1, -1))


def _far(edit: Any) -> Any:
    """The edit, and a distance so large that nothing else is wrong."""
    return lambda c, w: (edit(c, w), c.update(distance="0x1p9"))


def _parallel(row: int, other: int, factor: int) -> Any:
    """One teacher a multiple of another; nothing claimed that needs a half-space."""
    return _far(lambda c, w: (
        c["teacher"].__setitem__(row, [scaled(x, factor, -1) for x in c["teacher"][other]]),
        c.update(complete=False), w.update(half_space=None)))  # fmt: skip


def _shares(**values: str) -> Any:
    """Other multiples, by row."""
    return _far(lambda c, w: [w["shares"].__setitem__(int(row[1:]), value) for row, value in values.items()])


REJECTED: dict[str, Edit] = {
    "set--global-one-dimension-more": (GLOBAL, _plus("set_dimension", 1)),
    "set--global-one-dimension-less": (GLOBAL, _plus("set_dimension", -1)),
    "set--global-one-cell-more": (GLOBAL, _plus("cells", 1)),
    "set--global-not-connected": (GLOBAL, lambda c, w: c.update(connected=False)),
    "set--global-distance-halved": (GLOBAL, lambda c, w: c.update(distance=scaled(c["distance"], 1, -1))),
    "set--global-a-negative-share": (
        GLOBAL, _far(lambda c, w: w.update(shares=["0x3p-1", "0x1p0", "-0x1p-1", "0x0p0"], owners=[0, 1, 0, 1]))),
    "set--global-shares-above-one": (GLOBAL, _shares(_1="0x3p-1")),
    "set--global-a-teacher-without-students": (GLOBAL, _far(lambda c, w: w.update(
        owners=[0, 0, 0, 0], shares=["0x1p-2"] * 4))),
    "set--global-owners-exchanged": (GLOBAL, lambda c, w: w.update(owners=[1 - x for x in w["owners"]])),
    "set--global-centre-moved": (GLOBAL, lambda c, w: c["centre"][0].__setitem__(1, "0x1p-4")),
    "set--global-teachers-on-a-line": (
        GIVEN, lambda c, w: c["teacher"].__setitem__(1, [scaled(x, -3, 0) for x in c["teacher"][0]])),
    "set--global-half-space-turned": (GIVEN, lambda c, w: w.update(half_space=[-x for x in w["half_space"]])),
    "set--global-half-space-missing": (GIVEN, lambda c, w: w.update(half_space=None)),
    "set--global-half-space-border": (GIVEN, lambda c, w: w.update(half_space=[1, 0])),
    "set--global-not-in-a-half-space-but-complete": (
        "splitting-set-global-not-in-a-half-space",
        lambda c, w: (c.update(complete=True), w.update(half_space=[1, 1]))),
    "set--global-teachers-on-a-line-parallel": (GIVEN, _parallel(1, 0, 3)),
    "set--global-teachers-on-a-line-antiparallel": (GIVEN, _parallel(1, 0, -3)),
    "set--global-teachers-on-a-line-not-neighbours": ("splitting-set-global-not-in-a-half-space", _parallel(2, 0, 3)),
    "set--global-as-many-students-connected": ("splitting-set-global-2-2", lambda c, w: c.update(connected=True)),
    "set--global-one-student-not-connected": ("splitting-set-global-1-1", lambda c, w: c.update(connected=False)),
    "set--global-shares-below-one": (GLOBAL, _shares(_1="0x1p-1")),
    "set--manifold-shares-below-one": (MINIMA, _shares(_1="0x1p-1")),
    "set--manifold-shares-above-one": (MINIMA, _shares(_1="0x3p-1")),
    "set--manifold-a-share-of-nothing": (MINIMA, _shares(_0="0x0p0", _3="0x1p-1", _4="0x1p-1")),
    "set--manifold-a-negative-share": (MINIMA, _shares(_0="-0x1p-1", _3="0x1p0", _4="0x1p-1")),
    "set--manifold-more-multiples-of-one-student-than-claimed": (MINIMA, _far(lambda c, w: w.update(
        owners=[1, 1, 2, 0, 0], shares=["0x1p-1", "0x1p-1", "0x1p0", "0x1p-1", "0x1p-1"]))),
    "set--manifold-distance-below-the-error": (MINIMA, _below_the_error),
    "set--manifold-nothing-split": (
        MINIMA, lambda c, w: (
            c.update(students=3, copies=[1, 1, 1], set_dimension=0, centre=c["base"]["centre"], not_global=False),
            w.update(owners=[0, 1, 2], shares=["0x1p0"] * 3))),
    "set--manifold-copies-counted-once": (THREE, lambda c, w: c.update(index=c["base"]["splitting"][2][0])),
    "set--manifold-index-without-that-of-the-base": (INDEXED, lambda c, w: c.update(
        index=c["index"] - c["base"]["index"])),
    "set--manifold-of-too-few-students-not-global": (FEW, lambda c, w: c.update(not_global=True)),
    "set--manifold-of-any-loss-not-global": (
        "splitting-set-minima-3-into-5-of-any-loss", lambda c, w: c.update(not_global=True)),
    "set--manifold-one-dimension-more": (MINIMA, _plus("set_dimension", 1)),
    "set--manifold-one-dimension-less": (MINIMA, _plus("set_dimension", -1)),
    "set--manifold-copies-moved": (MINIMA, lambda c, w: c.update(copies=[2, 2, 1])),
    "set--manifold-owner-moved": (MINIMA, lambda c, w: w["owners"].__setitem__(0, 1)),
    "set--manifold-index-one-more": (SADDLES, _plus("index", 1)),
    "set--manifold-saddles-called-minima": (
        SADDLES, lambda c, w: c.update(index=0, kind="manifold-of-local-minima")),
    "set--manifold-minima-called-saddles": (MINIMA, lambda c, w: c.update(index=1, kind="manifold-of-saddles")),
    "set--manifold-without-a-splitting-matrix": (MINIMA, lambda c, w: c["base"]["splitting"].__setitem__(0, None)),
    "set--manifold-without-splitting": (MINIMA, lambda c, w: c["base"].pop("splitting")),
    "set--manifold-share-zero": (
        MINIMA, lambda c, w: w["shares"].__setitem__(0, "0x0p0")),
    "set--manifold-distance-without-the-error": (MINIMA, lambda c, w: c.update(distance="0x1p-400")),
    "set--manifold-distance-halved": (MINIMA, lambda c, w: c.update(distance=scaled(c["distance"], 1, -2))),
    "set--manifold-centre-moved": (MINIMA, lambda c, w: c["centre"][0].__setitem__(0, "0x1p0")),
    "set--manifold-not-global": (MINIMA, lambda c, w: c.update(not_global=not c["not_global"])),
    "splitting--manifold-signs-of-the-base-turned": (MINIMA, lambda c, w: (
        c["base"]["splitting"][1].__setitem__(slice(0, 2), [0, 1]))),
    "loss--manifold-base-loss": (MINIMA, lambda c, w: c["base"].update(loss=["0x0p0", "0x1p-9"])),
    "existence--manifold-base-moved": (
        MINIMA, lambda c, w: c["base"]["centre"][0].__setitem__(0, moved(c["base"]["centre"][0][0], 1, -16))),
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
    "splitting-set-owner-beyond": (GLOBAL, lambda c, w: w["owners"].__setitem__(0, 2)),
    "splitting-set-owner-negative": (GLOBAL, lambda c, w: w["owners"].__setitem__(0, -1)),
    "splitting-set-owner-missing": (GLOBAL, lambda c, w: w["owners"].pop()),
    "splitting-set-share-missing": (GLOBAL, lambda c, w: w["shares"].pop()),
    "splitting-set-share-integer": (GLOBAL, lambda c, w: w["shares"].__setitem__(1, 1)),
    "splitting-set-manifold-owner-negative": (MINIMA, lambda c, w: w["owners"].__setitem__(0, -3)),
    "splitting-set-dimension-negative": (GLOBAL, lambda c, w: c.update(set_dimension=-2)),
    "splitting-set-half-space-of-text": (GIVEN, lambda c, w: w.update(half_space=["1", "1"])),
    "splitting-set-half-space-too-long": (GIVEN, lambda c, w: w["half_space"].append(0)),
    "splitting-set-not-global-number": (MINIMA, lambda c, w: c.update(not_global=1)),
    "splitting-set-copies-true": (MINIMA, lambda c, w: c.update(copies=[c["copies"][0], True, True])),
    "splitting-set-a-row-missing": (MINIMA, lambda c, w: c["centre"].pop()),
    "splitting-set-a-teacher-zero": (GIVEN, lambda c, w: c["teacher"].__setitem__(1, ["0x0p0", "0x0p0"])),
    "splitting-set-index-negative": (SADDLES, lambda c, w: c.update(index=-1)),
    "splitting-set-base-of-zero-loss": (MINIMA, lambda c, w: c["base"].update(landscape="zero")),
    "splitting-set-cells-zero": (GLOBAL, lambda c, w: c.update(cells=0)),
    "splitting-set-connected-number": (GLOBAL, lambda c, w: c.update(connected=1)),
    "splitting-set-complete-null": (GLOBAL, lambda c, w: c.update(complete=None)),
    "splitting-set-fewer-students-than-teachers": (GLOBAL, lambda c, w: c.update(teachers=5)),
    "splitting-set-two-students-of-three-teachers": (
        "splitting-set-global-not-in-a-half-space",
        lambda c, w: (c.update(students=2, set_dimension=0, cells=1, centre=c["centre"][:2]),
                      w.update(owners=w["owners"][:2], shares=w["shares"][:2]))),
    "splitting-set-distance-zero": (GLOBAL, lambda c, w: c.update(distance="0x0p0")),
    "splitting-set-an-index": (GLOBAL, lambda c, w: c.update(index=0)),
    "splitting-set-landscape": (GLOBAL, lambda c, w: c.update(landscape="tanh")),
    "splitting-set-kind-and-index": (SADDLES, lambda c, w: c.update(kind="manifold-of-local-minima")),
    "splitting-set-copies-do-not-add-up": (MINIMA, lambda c, w: c.update(copies=[3, 2, 1])),
    "splitting-set-copies-zero": (MINIMA, lambda c, w: c.update(copies=[5, 0, 0])),
    "splitting-set-base-missing": (MINIMA, lambda c, w: c.pop("base")),
    "splitting-set-base-a-set": (MINIMA, lambda c, w: c.update(base={**c, "base": None})),
    "splitting-set-of-points": (MINIMA, lambda c, w: c.update(kind="strict-local-minimum")),
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
        for old in (folder / kind).glob("*.cert.json"):
            if "splitting" in old.name or old.name.startswith("set--") or "--manifold-" in old.name:
                old.unlink()
        for name, data in files.items():
            (folder / kind / f"{name}.cert.json").write_bytes(canonical(data))


if __name__ == "__main__":
    write(HERE)
