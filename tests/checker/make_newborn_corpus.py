"""Write the corpus files on newborn students again: python tests/checker/make_newborn_corpus.py.

Like make_corpus.py.  All names contain "newborn"; the other scripts leave these files alone.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import make_family_corpus as family
from make_corpus import COLUMNS, PLANE, PLANE_TEACHER, SADDLE2, Data, Edit, canonical, edited, proved, scaled

from certify.arithmetic import dyadic, text
from certify.certificate import Certificate
from certify.proving.newborn import newborn, told

HERE = Path(__file__).parent
FULL, PLANAR, CLASSES, EQUAL = (
    f"newborn-{name}" for name in ("minimum-4-6", "minimum-plane", "saddle-every-kind", "saddle-2-3-equal-radii")
)


def extended(data: Data) -> Data:
    """With a direction of descent, and no other optional claim."""
    data["claim"].pop("splitting", None)
    certificate = Certificate(data["claim"], data["witness"])
    found = newborn(certificate)
    assert found is not None
    result: Data = json.loads(told(certificate, found).content)
    return result


def number(word: str) -> Fraction:
    mantissa, exponent = word.split("p")
    return Fraction(int(mantissa, 16)) * Fraction(2) ** int(exponent)


def equal_radii(c: Data, w: Data) -> None:
    """A large error radius; the slope, known much better, with the room S7 asks for: sqrt(2) r / 2, and a 32nd more."""
    c.update(error_radius=c["uniqueness_radius"], curvature="0x1p-90", ambient_curvature="0x1p-90",
             loss=["-0x1p3", "0x1p3"], not_global=False)  # fmt: skip
    c["newborn"]["slope"] = _around(c, 33, 33)


def _around(c: Data, low: int, high: int) -> list[str]:
    """The slope of the centre minus low, plus high 32nds of sqrt(2) r / 2."""
    middle = sum(map(number, c["newborn"]["slope"])) / 2
    room = 2.0**0.5 * float(number(c["uniqueness_radius"])) / 64
    return [text(dyadic(float(middle) + step * room)) for step in (-low, high)]


def accepted() -> dict[str, Data]:
    files = {
        FULL: extended(proved(COLUMNS, 4, teachers=6)),
        PLANAR: extended(proved(PLANE, 3, teacher=PLANE_TEACHER)),
        "newborn-saddle-2-3": extended(proved(SADDLE2, 2, teachers=3)),
        CLASSES: extended(family.member("family-saddle-every-kind")),
        "newborn-minimum-one-flipped-of-10-12": extended(family.member("family-minimum-one-flipped-of-10-12")),
    }
    files[EQUAL] = edited(files["newborn-saddle-2-3"], equal_radii)
    return files


def _slope(end: int, factor: int, shift: int) -> Any:
    return lambda c, w: c["newborn"]["slope"].__setitem__(end, scaled(c["newborn"]["slope"][end], factor, shift))


def _teacher(teacher: Any) -> Any:
    return lambda c, w: c["newborn"].update(teacher=teacher)


def _other_end(end: int) -> Any:
    """An interval that touches the slope's with one end."""
    return lambda c, w: c["newborn"]["slope"].__setitem__(end, c["newborn"]["slope"][1 - end])


def _room(low: int, high: int) -> Any:
    return lambda c, w: c["newborn"].update(slope=_around(c, low, high))


REJECTED: dict[str, tuple[str, Edit]] = {}
for _name, _base in {"": FULL, "-plane": PLANAR, "-classes": CLASSES}.items():
    REJECTED |= {
        f"newborn--slope{_name}-above": (_base, _other_end(0)),
        f"newborn--slope{_name}-below": (_base, _other_end(1)),
        f"newborn--slope{_name}-doubled": (_base, lambda c, w: (_slope(0, 2, 0)(c, w), _slope(1, 2, 0)(c, w))),
    }
REJECTED |= {
    "newborn--another-teacher": (PLANAR, lambda c, w: _teacher((c["newborn"]["teacher"] + 1) % 3)(c, w)),
    "newborn--another-class": (CLASSES, lambda c, w: _teacher((c["newborn"]["teacher"] + 1) % 2)(c, w)),
    "newborn--ends-exchanged": (FULL, lambda c, w: c["newborn"]["slope"].reverse()),
    "newborn--shortest-interval-below-zero": (
        FULL, lambda c, w: c["newborn"].update(slope=["-0x1p-1000", "-0x1p-1001"])),
    "newborn--room-too-small-below": (EQUAL, _room(31, 33)),
    "newborn--room-too-small-above": (EQUAL, _room(33, 31)),
    "newborn--of-10-12-another-class": ("newborn-minimum-one-flipped-of-10-12", lambda c, w: (
        _teacher(1 - c["newborn"]["teacher"])(c, w))),
}  # fmt: skip

MALFORMED: dict[str, tuple[str, Edit]] = {
    "newborn-null": (FULL, lambda c, w: c.update(newborn=None)),
    "newborn-list": (FULL, lambda c, w: c.update(newborn=[0, *c["newborn"]["slope"]])),
    "newborn-in-the-witness": (FULL, lambda c, w: w.update(newborn=c.pop("newborn"))),
    "newborn-teacher-beyond": (FULL, _teacher(6)),
    "newborn-teacher-negative": (FULL, _teacher(-1)),
    "newborn-teacher-true": (FULL, _teacher(True)),
    "newborn-teacher-missing": (FULL, lambda c, w: c["newborn"].pop("teacher")),
    "newborn-teacher-of-a-class": (CLASSES, lambda c, w: _teacher(len(c["signature"]["sizes"]))(c, w)),
    "newborn-slope-zero": (FULL, lambda c, w: c["newborn"]["slope"].__setitem__(1, "0x0p0")),
    "newborn-slope-positive": (FULL, _slope(1, -1, 0)),
    "newborn-slope-one-number": (FULL, lambda c, w: c["newborn"]["slope"].pop()),
    "newborn-slope-integer": (FULL, lambda c, w: c["newborn"]["slope"].__setitem__(1, -1)),
    "newborn-key-unknown": (FULL, lambda c, w: c["newborn"].update(more=0)),
}


def write(folder: Path) -> None:
    """Into the three folders below `folder`; other files there stay."""
    accept = accepted()
    contents = {
        "accept": accept,
        "reject": {name: edited(accept[base], edit) for name, (base, edit) in REJECTED.items()},
        "malformed": {name: edited(accept[base], edit) for name, (base, edit) in MALFORMED.items()},
    }
    for kind, files in contents.items():
        for old in (folder / kind).glob("*newborn*.cert.json"):
            old.unlink()
        for name, data in files.items():
            (folder / kind / f"{name}.cert.json").write_bytes(canonical(data))


if __name__ == "__main__":
    write(HERE)
