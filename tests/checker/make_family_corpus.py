"""Write the corpus files on symmetric points again: python tests/checker/make_family_corpus.py.

Like make_corpus.py, for certificates given by a signature: kinds of signatures that are easy to get wrong, and attacks.
All names contain "family"; make_corpus.py leaves these files alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from make_corpus import Data, Edit, canonical, dyadic, edited, moved, scaled, text

from certify.families.orbits import Pattern
from certify.families.signature import Signature
from certify.outcome import Proved
from certify.proving.family import prove_member

HERE = Path(__file__).parent
HUGE = 10**12
ORTHONORMAL = (1.0, 0.0)
Owners = tuple[int | None, ...]

# name: sizes, owners, patterns (base values and delta), teacher (alpha, beta)
STARTS: dict[str, tuple[tuple[int, ...], Owners, list[list[float]], tuple[float, float]]] = {
    "family-saddle-two-classes-follow-one": (
        (4, 4), (1, 1, None),
        [[0.4897, 0.7634, -0.4688], [0.4492, 0.3876, -0.3113], [0.7454, 0.6778, 0.0]], (0.5, 0.5)),
    "family-saddle-single-student": ((3, 2), (1, None), [[1.1435, 0.4756, 0.7741], [0.7152, 1.2815, 0.0]], (0.5, 0.5)),
    "family-minimum-more-students": (
        (2, 1), (1, 1), [[1.2903, 1.4445, -0.7569], [0.7094, 0.0796, 1.2434]], (0.5, 0.5)),
    "family-minimum-teacher-only-class": (
        (3, 4, 4), (None, 0), [[1.1524, 1.9292, 1.9292, 0.0], [1.1987, 1.3575, 1.3575, 1.2612]], (0.5, 0.5)),
    "family-saddle-every-kind": (
        (4, 3, 1), (1, 0, 1),
        [[0.0089, -0.0266, 0.3699, 0.1074], [0.2797, 0.2785, -0.0168, -0.9853], [0.2765, 0.2704, -0.0157, -0.9629]],
        ORTHONORMAL),
    "family-saddle-no-ambient-claim": ((5,), (None, None), [[-0.7958, 0.0], [0.7958, 0.0]], (1.25, -0.25)),
    "family-saddle-ambient-index-2": (
        (5, 2), (None, None, 0, None),
        [[-0.2027, 0.339, 0.0], [-0.0345, 0.2842, 0.0], [-0.2966, -0.2433, 1.4188], [-0.1931, 0.0839, 0.0]],
        (1.25, -0.25)),
    "family-saddle-2-3": ((2, 1), (0,), [[1.2337, 0.5003, -1.3941]], ORTHONORMAL),
    "family-minimum-one-flipped-of-10-12": (
        (HUGE - 1, 1), (0, 1), [[-1.27 / HUGE**2, 2 / HUGE, 1.0], [1.27 / HUGE, -1.0, 0.0]], ORTHONORMAL),
    "family-minimum-identity-4": ((4,), (0,), [[0.0, 1.0]], ORTHONORMAL),
}  # fmt: skip


def member(name: str) -> Data:
    sizes, owners, rows, teacher = STARTS[name]
    outcome = prove_member(Signature(sizes, owners), [Pattern(tuple(row[:-1]), row[-1]) for row in rows], teacher)
    assert isinstance(outcome, Proved), (name, outcome)
    data: Data = json.loads(outcome.certificate.content)
    return data


def accepted() -> dict[str, Data]:
    files = {name: member(name) for name in STARTS}
    files["family-saddle-2-3-claims-less"] = edited(
        files["family-saddle-2-3"],
        lambda c, w: (
            c.update(
                copies=False, curvature="0x1p-99", ambient_index=None, ambient_curvature=None, loss=["-0x1p9", "0x1p9"]
            ),
            c.update(spectrum=[[m, [["-0x1p9", "0x1p9"] for _ in pairs]] for m, pairs in c["spectrum"]]),
        ),
    )
    # With equal radii the variation of the Hessian and Taylor's remainder count: bounds of a small radius are refused.
    files["family-saddle-2-3-equal-radii"] = edited(
        files["family-saddle-2-3-claims-less"],
        lambda c, w: (c.update(error_radius=c["uniqueness_radius"]), c.pop("splitting")),
    )
    return files


# ---------------------------------------------------------------------------------------------------------------------
# rejected


def _resized(sizes: list[int], owners: list[int | None]) -> Callable[[Data, Data], object]:
    """Another signature with the counts made to fit."""
    students = sum(1 if owner is None else sizes[owner] for owner in owners)
    return lambda c, w: c.update(
        signature={"sizes": sizes, "owners": owners}, students=students, teachers=sum(sizes), dimension=sum(sizes)
    )


def _spectrum(edit: Callable[[list[Any]], object]) -> Callable[[Data, Data], object]:
    return lambda c, w: edit(c["spectrum"])


def _identical_students(c: Data, w: Data) -> None:
    c["centre"][1] = list(c["centre"][0])


def _flat_set(c: Data, w: Data) -> None:
    """The global minimum with every student split in two: four flat directions at least."""
    c["centre"] = [["0x0p0", "0x0p0", "0x1p-1"], ["0x0p0", "0x0p0", "0x1p-1"], ["0x1p0", "0x0p0", "0x0p0"]]


SADDLE, EVERY, MINIMUM = "family-saddle-2-3", "family-saddle-every-kind", "family-minimum-more-students"
HUGE_MINIMUM = "family-minimum-one-flipped-of-10-12"

EQUAL_RADII = "family-saddle-2-3-equal-radii"


def _ambient_of_a_small_radius(c: Data, w: Data) -> None:
    usual = member(SADDLE)["claim"]
    c.update(ambient_index=usual["ambient_index"], ambient_curvature=usual["ambient_curvature"])


def _loss_of_the_smallest_eigenvalue(c: Data, w: Data) -> None:
    """Taylor's remainder with three times the least absolute eigenvalue; the largest is more than that."""
    usual = member(SADDLE)["claim"]
    ends = [abs(fraction(end)) for _, pairs in usual["spectrum"] for pair in pairs for end in pair]
    remainder = 3 * min(ends) * fraction(c["error_radius"]) ** 2 / 2
    c.update(loss=[
        text(((fraction(usual["loss"][0]) - remainder) * 2**80).__floor__(), -80),
        text(((fraction(usual["loss"][1]) + remainder) * 2**80).__ceil__(), -80),
    ])  # fmt: skip
    assert max(ends) > 4 * min(ends)


def fraction(value: str) -> Fraction:
    mantissa, exponent = dyadic(value)
    return Fraction(mantissa) * Fraction(2) ** exponent


REJECTED: dict[str, Edit] = {
    "ambient--family-of-a-small-error-radius": (EQUAL_RADII, _ambient_of_a_small_radius),
    "loss--family-remainder-with-the-least-eigenvalue": (EQUAL_RADII, _loss_of_the_smallest_eigenvalue),
    "curvature--family-of-a-small-error-radius": (
        EQUAL_RADII, lambda c, w: c.update(curvature=member(SADDLE)["claim"]["curvature"])),
    "existence--family-one-size-more": (HUGE_MINIMUM, _resized([HUGE, 1], [0, 1])),
    "inertia--family-sizes-in-another-order": ("family-saddle-single-student", _resized([2, 3], [1, None])),
    "inertia--family-owner-of-another-class": ("family-saddle-single-student", _resized([3, 2], [0, None])),
    "inertia--family-size-of-2-64": (HUGE_MINIMUM, _resized([1 << 64, 1], [0, 1])),
    "existence--family-wrong-teacher": (MINIMUM, lambda c, w: c.update(teacher=["0x1p-1", moved("0x1p-1", 1, -30)])),
    "domain--family-teacher-zero": (MINIMUM, lambda c, w: c.update(teacher=["0x0p0", "0x0p0"])),
    "domain--family-norm-near-zero": (
        SADDLE, lambda c, w: c["centre"].__setitem__(0, [scaled(x, 1, -80) for x in c["centre"][0]])),
    "spectrum--family-identical-student-classes": (MINIMUM, _identical_students),
    "spectrum--family-every-student-split": ("family-saddle-two-classes-follow-one", _flat_set),
    "inertia--family-gap-above-eigenvalue": (SADDLE, lambda c, w: w.update(gap=scaled(w["gap"], 65, -6))),
    "inertia--family-index-one-less": (EVERY, lambda c, w: c.update(index=c["index"] - 1)),
    "inertia--family-index-by-block-not-by-multiplicity": (EVERY, lambda c, w: c.update(index=3)),
    "uniqueness--family-gap-tiny": (SADDLE, lambda c, w: w.update(gap="0x1p-60")),
    "uniqueness--family-gap-below-precision": (SADDLE, lambda c, w: w.update(gap="0x1p-8192")),
    "existence--family-error-radius-tiny": (HUGE_MINIMUM, lambda c, w: c.update(error_radius="0x1p-1000")),
    "existence--family-own-entry-moved": (
        EVERY, lambda c, w: c["centre"][1].__setitem__(3, moved(c["centre"][1][3], 1, -40))),
    "ambient--family-index-one-less": (
        "family-saddle-ambient-index-2", lambda c, w: c.update(ambient_index=1)),
    "ambient--family-curvature-two-percent-more": (
        EVERY, lambda c, w: c.update(ambient_curvature=scaled(c["ambient_curvature"], 131, -7))),
    "curvature--family-two-percent-more": (EVERY, lambda c, w: c.update(curvature=scaled(c["curvature"], 131, -7))),
    "loss--family-not-global-denied": (EVERY, lambda c, w: c.update(not_global=not c["not_global"])),
    "loss--family-not-global-with-too-few-students": (SADDLE, lambda c, w: c.update(not_global=True)),
    "loss--family-global-minimum-called-not-global": (
        "family-minimum-identity-4", lambda c, w: c.update(not_global=True)),
    "loss--family-of-another-width": (HUGE_MINIMUM, lambda c, w: c.update(loss=[scaled(x, 1, 1) for x in c["loss"]])),
    "spectrum--family-permuted": (SADDLE, _spectrum(lambda s: s[0][1].reverse())),
    "spectrum--family-blocks-permuted": (SADDLE, _spectrum(lambda s: s.reverse())),
    "spectrum--family-interval-a-point": (SADDLE, _spectrum(lambda s: s[0][1].__setitem__(0, [s[0][1][0][0]] * 2))),
    "spectrum--family-interval-reversed": (SADDLE, _spectrum(lambda s: s[0][1][0].reverse())),
    "spectrum--family-one-eigenvalue-less": (SADDLE, _spectrum(lambda s: s[0][1].pop())),
    "spectrum--family-one-eigenvalue-more": (SADDLE, _spectrum(lambda s: s[0][1].append(s[0][1][-1]))),
    "spectrum--family-multiplicity-huge": (SADDLE, _spectrum(lambda s: s[1].__setitem__(0, 1 << 128))),
    "spectrum--family-blocks-merged": (
        SADDLE, _spectrum(lambda s: s.__setitem__(slice(0, 2), [[1, s[0][1] + s[1][1]]]))),
    "copies--family-equal-columns": ("family-minimum-teacher-only-class", lambda c, w: c.update(copies=True)),
    "copies--family-opposite-students": ("family-saddle-no-ambient-claim", lambda c, w: c.update(copies=True)),
}  # fmt: skip


# ---------------------------------------------------------------------------------------------------------------------
# malformed


def _limit(classes: int, followers: int, precision: int) -> Callable[[Data, Data], object]:
    def edit(c: Data, w: Data) -> None:
        _resized([3] * classes, [0] * followers)(c, w)
        c.update(centre=[["0x1p0"] * (classes + 1) for _ in range(followers)])
        w.update(precision=precision)

    return edit


MALFORMED: dict[str, Edit] = {
    "family-size-zero": (SADDLE, _resized([0, 3], [0])),
    "family-size-negative": (SADDLE, _resized([-1, 4], [0])),
    "family-size-true": (SADDLE, _resized([2, True], [0])),
    "family-size-null": (SADDLE, lambda c, w: c["signature"].update(sizes=[2, None])),
    "family-size-text": (SADDLE, lambda c, w: c["signature"].update(sizes=[2, "1"])),
    "family-size-beyond-2-64": (SADDLE, _resized([2, (1 << 64) + 1], [0])),
    "family-no-sizes": (SADDLE, lambda c, w: c["signature"].update(sizes=[])),
    "family-no-owners": (SADDLE, lambda c, w: (c["signature"].update(owners=[]), c.update(students=0, centre=[]))),
    "family-owner-negative": (SADDLE, lambda c, w: c["signature"].update(owners=[-2])),
    "family-owner-beyond-the-classes": (SADDLE, lambda c, w: c["signature"].update(owners=[2])),
    "family-owner-false": (SADDLE, lambda c, w: c["signature"].update(owners=[False])),
    "family-owner-text": (SADDLE, lambda c, w: c["signature"].update(owners=["0"])),
    "family-students-mismatch": (SADDLE, lambda c, w: c.update(students=3)),
    "family-students-true": ("family-saddle-2-3-claims-less", lambda c, w: (
        c["signature"].update(owners=[None]), c["centre"][0].__setitem__(-1, "0x0p0"), c.update(students=True))),
    "family-teachers-mismatch": (SADDLE, lambda c, w: c.update(teachers=4)),
    "family-dimension-larger": (SADDLE, lambda c, w: c.update(dimension=4)),
    "family-index-beyond-the-unknowns": (SADDLE, lambda c, w: c.update(index=7)),
    "family-129-classes": (SADDLE, _resized([1] * 129, [None])),
    "family-signature-extra-key": (SADDLE, lambda c, w: c["signature"].update(names=[])),
    "family-signature-list": (SADDLE, lambda c, w: c.update(signature=[[2, 1], [0]])),
    "family-signature-null": (SADDLE, lambda c, w: c.update(signature=None)),
    "family-no-signature": (SADDLE, lambda c, w: c.pop("signature")),
    "family-no-spectrum": (SADDLE, lambda c, w: c.pop("spectrum")),
    "family-no-copies": (SADDLE, lambda c, w: c.pop("copies")),
    "family-copies-number": (SADDLE, lambda c, w: c.update(copies=1)),
    "family-copies-null": (SADDLE, lambda c, w: c.update(copies=None)),
    "family-delta-on-a-single-student": (
        "family-saddle-single-student", lambda c, w: c["centre"][1].__setitem__(2, "0x1p-20")),
    "family-centre-row-missing": (EVERY, lambda c, w: c["centre"].pop()),
    "family-centre-without-delta": (SADDLE, lambda c, w: c["centre"][0].pop()),
    "family-centre-written-out": (SADDLE, lambda c, w: c.update(centre=[["0x1p0"] * 3] * 2)),
    "family-teacher-matrix": (SADDLE, lambda c, w: c.update(teacher=[["0x1p0", "0x0p0", "0x0p0"]] * 3)),
    "family-teacher-three-numbers": (SADDLE, lambda c, w: c.update(teacher=["0x1p0", "0x0p0", "0x0p0"])),
    "family-teacher-text": (SADDLE, lambda c, w: c.update(teacher="identity")),
    "family-spectrum-empty": (SADDLE, lambda c, w: c.update(spectrum=[])),
    "family-spectrum-multiplicity-zero": (SADDLE, lambda c, w: c["spectrum"][0].__setitem__(0, 0)),
    "family-spectrum-multiplicity-true": (SADDLE, lambda c, w: c["spectrum"][0].__setitem__(0, True)),
    "family-spectrum-no-intervals": (SADDLE, lambda c, w: c["spectrum"][0].__setitem__(1, [])),
    "family-spectrum-one-end": (SADDLE, lambda c, w: c["spectrum"][0][1][0].pop()),
    "family-gap-zero": (SADDLE, lambda c, w: w.update(gap="0x0p0")),
    "family-gap-negative": (SADDLE, lambda c, w: w.update(gap="-0x1p-5")),
    "family-witness-of-the-other-kind": (SADDLE, lambda c, w: w.update(
        hessian={"gap": w["gap"], "factor_bits": 16, "directions": [], "weight": 0})),
    "family-ambient-index-alone": (SADDLE, lambda c, w: c.update(ambient_curvature=None)),
    "family-ambient-curvature-alone": (SADDLE, lambda c, w: c.update(ambient_index=None)),
    "family-witness-with-vectors": (SADDLE, lambda c, w: w.update(hessian=[], ambient=[])),
    "family-witness-with-ambient-null": (SADDLE, lambda c, w: w.update(ambient=None)),
    "family-witness-without-gap": (SADDLE, lambda c, w: w.pop("gap")),
    "limit--family-17-classes": (SADDLE, _limit(2, 15, 255)),
    "limit--family-16-classes-at-256-bits": (SADDLE, _limit(2, 14, 256)),
    "limit--family-4-classes-at-8192-bits": (SADDLE, _limit(2, 2, 8192)),
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
        for old in (folder / kind).glob("*family*.cert.json"):
            old.unlink()
        for name, data in files.items():
            (folder / kind / f"{name}.cert.json").write_bytes(canonical(data))


if __name__ == "__main__":
    write(HERE)
