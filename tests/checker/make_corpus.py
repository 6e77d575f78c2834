"""Write the corpus again: python tests/checker/make_corpus.py.

accept/    certificates written by the prover, or hand-weakened so that they still hold
reject/    STEP--what.cert.json: the smallest edit of an accepted file that the named step must refuse
malformed/ refused before anything is computed; limit--*.json are beyond a limit (exit code 3)

Everything follows from the starts below; edits act on the canonical data.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from certify.families.orbits import Pattern
from certify.families.signature import Signature
from certify.outcome import Proved
from certify.problem import make_problem
from certify.proving import prove
from certify.proving.family import prove_member
from certify.proving.polish import approximate_newton

HERE = Path(__file__).parent
OWN_SCRIPTS = {
    "family",
    "splitting",
    "basin",
    "newborn",
    "tube",
    "set",
    "manifold",
}  # words in the names of files that other scripts write
Data = dict[str, Any]


def canonical(data: object) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def dyadic(text: str) -> tuple[int, int]:
    mantissa, exponent = text.split("p")
    return int(mantissa, 16), int(exponent)


def text(mantissa: int, exponent: int) -> str:
    """Canonical text of any dyadic."""
    if mantissa == 0:
        return "0x0p0"
    while mantissa % 2 == 0:
        mantissa, exponent = mantissa // 2, exponent + 1
    return f"{mantissa:#x}p{exponent}"


def scaled(value: str, factor: int, shift: int = 0) -> str:
    """value * factor * 2^shift."""
    mantissa, exponent = dyadic(value)
    return text(mantissa * factor, exponent + shift)


def moved(value: str, mantissa: int, exponent: int) -> str:
    """value + mantissa * 2^exponent."""
    m, e = dyadic(value)
    low = min(e, exponent)
    return text((m << e - low) + (mantissa << exponent - low), low)


# ---------------------------------------------------------------------------------------------------------------------
# accepted


def one_off(size: int, diagonal: float, off: float, edge: tuple[float, float, float]) -> np.ndarray:
    """The spurious minimum with one student that belongs to no teacher: classes (size - 1, 1)."""
    W = np.full((size, size), off)
    np.fill_diagonal(W, diagonal)
    W[:, -1], W[-1, :], W[-1, -1] = edge
    return W


def seven_students_six_teachers() -> np.ndarray:
    W = np.zeros((7, 6))
    W[0, :3], W[1, :3] = (-0.322, 0.588, 0.559), (0.588, -0.322, 0.559)
    W[2] = (0.123, 0.123, -0.321, 0.028, 0.028, 0.028)
    W[3] = (0.576, 0.576, -0.03, -0.008, -0.008, -0.008)
    W[4:] = np.concatenate((np.tile((0.009, 0.009, 0.068), (3, 1)), 1.018 * np.eye(3) + 0.001), axis=1)
    return W


COLUMNS = [[-0.101, 0.251, 1.36, -0.101, -0.101, 0.251], [1.36, 0.251, -0.101, -0.101, -0.101, 0.251],
           [-0.101, 0.251, -0.101, -0.101, 1.36, 0.251], [-0.101, 0.251, -0.101, 1.36, -0.101, 0.251]]  # fmt: skip
SADDLE3 = [[0.1932, 0.7227, 0.7227], [1.1702, 0.0193, 0.0193], [-0.3446, 0.2826, 0.2826]]
SADDLE2 = [[-0.1604, 0.5003, 1.2337], [1.2337, 0.5003, -0.1604]]
MINIMUM2 = [[0.9463, 0.9463, -0.2438], [0.0896, 0.0896, 1.3179]]
PLANE = [[0.016, -0.3681], [-1.0137, 0.1886], [1.5025, 1.1291]]
PLANE_TEACHER = [[0.1, 1.0], [-0.9, -0.3], [1.3, 0.3]]
GAUSSIAN = [[0.17, -0.31, -0.52, 0.27], [-0.49, 0.27, 2.15, 1.33], [-0.22, -0.37, -0.33, -2.95], [-1.27, -1.11, -0.47, -1.35]]  # fmt: skip # noqa: E501


def proved(W: object, students: int, *, bits: int = 53, **problem: Any) -> Data:
    """The prover's certificate at the critical point that Newton's iteration reaches from W."""
    made = make_problem(students, **problem)
    start = approximate_newton(np.array(W, dtype=float), made.teacher, 0.5)
    outcome = prove(start, made, bits=bits)
    assert isinstance(outcome, Proved), outcome.reason
    data: Data = json.loads(outcome.certificate.content)
    return data


def symmetric(sizes: tuple[int, ...], owners: tuple[int | None, ...], rows: list[list[float]]) -> Data:
    """The certificate of a symmetric point; rows: base values and delta of each student class."""
    outcome = prove_member(Signature(sizes, owners), [Pattern(tuple(row[:-1]), row[-1]) for row in rows])
    assert isinstance(outcome, Proved), outcome.reason
    data: Data = json.loads(outcome.certificate.content)
    return data


def accepted() -> dict[str, Data]:
    six = one_off(6, 0.987, -0.05, (0.308, 0.225, -0.602))
    files = {
        "minimum-6-6": proved(six, 6),
        "minimum-6-6-in-8-dimensions": proved(np.pad(six, ((0, 0), (0, 2))), 6, teachers=6, dimension=8),
        "minimum-6-6-at-192-bits": proved(six, 6, bits=192),
        "minimum-7-7": proved(one_off(7, 0.997, -0.035, (0.262, 0.186, -0.633)), 7),
        "saddle-7-6": proved(seven_students_six_teachers(), 7, teachers=6),
        "minimum-4-6": proved(COLUMNS, 4, teachers=6),
        "saddle-3-3": proved(SADDLE3, 3),
        "saddle-2-3": proved(SADDLE2, 2, teachers=3),
        "minimum-2-3": proved(MINIMUM2, 2, teachers=3),
        "minimum-1-3": proved(np.full((1, 3), 1.146), 1, teachers=3),
        "plane-3-3": proved(PLANE, 3, teacher=PLANE_TEACHER),
        "line-2-2-antiparallel": proved([[-1.1], [1.4]], 2, teacher=[[-1.1], [1.4]]),
        "gaussian-4-4-parallel": proved(GAUSSIAN, 4, teacher=GAUSSIAN),
        "identity-3-3-parallel": proved(np.eye(3), 3),
        "identity-2-2-at-192-bits": proved(np.eye(2), 2, bits=192),
        "identity-1-1": proved([[1.0]], 1),
        "symmetric-minimum-5-1": symmetric((5, 1), (0, 1), [[-0.05, 0.308, 1.037], [0.225, -0.602, 0.0]]),
        "symmetric-minimum-99-1": symmetric((99, 1), (0, 1), [[-0.0003, 0.0197, 1.0003], [0.0121, -0.97, 0.0]]),
        "symmetric-minimum-5-1-as-3-2-1": symmetric(
            (3, 2, 1),
            (0, 1, 2),
            [[-0.05, -0.05, 0.308, 1.037], [-0.05, -0.05, 0.308, 1.037], [0.225, 0.225, -0.602, 0.0]],
        ),
        "symmetric-saddle-3": symmetric((3,), (0,), [[0.65, -0.98]]),
    }
    files["minimum-2-3-no-ambient-claim"] = edited(
        files["minimum-2-3"],
        lambda c, w: (c.update(ambient_index=None, ambient_curvature=None), w.update(ambient=None)),
    )
    files["identity-2-2-equal-radii"] = edited(
        files["identity-2-2-at-192-bits"], lambda c, w: c.update(error_radius=c["uniqueness_radius"], **ZERO_CURVATURE)
    )
    return files


ZERO_CURVATURE = {"curvature": "0x1p-99", "ambient_curvature": "0x1p-99", "loss": ["-0x1p1", "0x1p1"]}


def edited(data: Data, edit: Callable[[Data, Data], object]) -> Data:
    """A copy with claim and witness changed."""
    result = copy.deepcopy(data)
    edit(result["claim"], result["witness"])
    return result


# ---------------------------------------------------------------------------------------------------------------------
# rejected

Edit = tuple[str, Callable[[Data, Data], object]]


def _scale_rows(shift: int) -> Callable[[Data, Data], object]:
    return lambda c, w: c.update(centre=[[scaled(x, 1, shift) for x in row] for row in c["centre"]])


def _set(row: int, column: int, value: str) -> Callable[[Data, Data], object]:
    return lambda c, w: c["centre"][row].__setitem__(column, value)


def _spectrum(name: str, **values: Any) -> Callable[[Data, Data], object]:
    return lambda c, w: w[name].update(values)


def _one_more_index(c: Data, w: Data) -> None:
    size = c["students"] * c["dimension"]
    c.update(index=c["index"] + 1, kind="saddle")
    row = [int(a == size - 1) for a in range(size)]
    w["hessian"].update(directions=[*w["hessian"]["directions"], row], weight=w["hessian"]["weight"] + (1 << 60))


def _one_index_less(c: Data, w: Data) -> None:
    c.update(index=c["index"] - 1)
    c.update(kind="saddle" if c["index"] else "strict-local-minimum")
    w["hessian"]["directions"].pop()


def _half_the_teacher(c: Data, w: Data) -> None:
    c["teacher"][0] = [scaled(x, 1, -1) for x in c["teacher"][0]]


def _ambient_up(c: Data, w: Data) -> None:
    c["ambient_index"] = 1
    w["ambient"].update(directions=[[int(a == 0) for a in range(c["students"])]], weight=1 << 60)


REJECTED: dict[str, Edit] = {
    # base, edit; the name starts with the step that must refuse
    "domain--radii-swapped": (
        "minimum-2-3",
        lambda c, w: c.update(error_radius=c["uniqueness_radius"], uniqueness_radius=c["error_radius"]),
    ),
    "domain--error-one-ulp-above-uniqueness": (
        "identity-2-2-equal-radii",
        lambda c, w: c.update(error_radius=moved(c["error_radius"], 1, -200)),
    ),
    "domain--uniqueness-as-long-as-a-row": (
        "identity-2-2-at-192-bits",
        lambda c, w: c.update(uniqueness_radius="0x1p0"),
    ),
    "domain--rows-of-1e-30": ("minimum-2-3", _scale_rows(-100)),
    "domain--rows-of-1e-300": ("minimum-2-3", _scale_rows(-1000)),
    "nonzero rows--zero-row": ("identity-2-2-at-192-bits", _set(0, 0, "0x0p0")),
    "inertia--two-equal-students": ("saddle-2-3", lambda c, w: c["centre"].__setitem__(1, list(c["centre"][0]))),
    "inertia--index-one-more": ("minimum-2-3", _one_more_index),
    "inertia--index-one-less": ("saddle-2-3", _one_index_less),
    "inertia--saddle-called-minimum": (
        "saddle-3-3",
        lambda c, w: (
            c.update(index=0, kind="strict-local-minimum"),
            w["hessian"].update(directions=[], weight=w["hessian"]["weight"]),
        ),
    ),
    "inertia--index-one-less-of-two": ("saddle-7-6", _one_index_less),
    "inertia--gap-doubled": ("minimum-2-3", lambda c, w: w["hessian"].update(gap=scaled(w["hessian"]["gap"], 1, 1))),
    "inertia--gap-above-eigenvalue": (
        "saddle-2-3",
        lambda c, w: w["hessian"].update(gap=scaled(w["hessian"]["gap"], 68, -6)),
    ),
    "inertia--directions-zero": (
        "saddle-2-3",
        lambda c, w: w["hessian"].update(directions=[[0] * 6]),
    ),
    "inertia--directions-wrong": (
        "saddle-2-3",
        lambda c, w: w["hessian"].update(directions=[[1 << 64] * 6]),
    ),
    "inertia--directions-twice-the-same": (
        "saddle-7-6",
        lambda c, w: w["hessian"].update(directions=[w["hessian"]["directions"][0]] * 2),
    ),
    "inertia--weight-zero": ("saddle-2-3", _spectrum("hessian", weight=0)),
    "inertia--factor-bits-minimal": ("minimum-2-3", _spectrum("hessian", factor_bits=8)),
    "existence--wrong-teacher": ("plane-3-3", _half_the_teacher),
    "inertia--matrix-of-another-problem": (
        "minimum-1-3",
        lambda c, w: c.update(
            teacher=[["0x1p20", "0x0p0", "0x0p0"], ["0x0p0", "0x1p0", "0x0p0"], ["0x0p0", "0x0p0", "0x1p0"]]
        ),
    ),
    "uniqueness--radius-doubled": (
        "minimum-2-3",
        lambda c, w: c.update(uniqueness_radius=scaled(c["uniqueness_radius"], 1, 1)),
    ),
    "uniqueness--radius-two-percent-more": (
        "saddle-3-3",
        lambda c, w: c.update(uniqueness_radius=scaled(c["uniqueness_radius"], 131, -7)),
    ),
    "uniqueness--gap-tiny": ("minimum-2-3", _spectrum("hessian", gap="0x1p-60")),
    "existence--error-radius-over-65536": (
        "minimum-2-3",
        lambda c, w: c.update(error_radius=scaled(c["error_radius"], 1, -16)),
    ),
    "existence--error-radius-tiny": ("identity-3-3-parallel", lambda c, w: c.update(error_radius="0x1p-1000")),
    "existence--centre-moved": (
        "minimum-6-6",
        lambda c, w: c["centre"][2].__setitem__(3, moved(c["centre"][2][3], 1, -30)),
    ),
    "existence--centre-sign": ("identity-2-2-at-192-bits", _set(0, 1, "0x1p-150")),
    "existence--teacher-moved": (
        "gaussian-4-4-parallel",
        lambda c, w: c["teacher"][3].__setitem__(1, moved(c["teacher"][3][1], 1, -30)),
    ),
    "existence--precision-minimal": (
        "minimum-1-3",
        lambda c, w: (w.update(precision=32), w["hessian"].update(factor_bits=16), w["ambient"].update(factor_bits=16)),
    ),
    "existence--too-few-bits-for-192": ("minimum-6-6-at-192-bits", lambda c, w: w.update(precision=128)),
    "curvature--two-percent-more": ("minimum-2-3", lambda c, w: c.update(curvature=scaled(c["curvature"], 131, -7))),
    "curvature--huge": ("identity-1-1", lambda c, w: c.update(curvature="0x1p8000")),
    "ambient--curvature-two-percent-more": (
        "minimum-2-3",
        lambda c, w: c.update(ambient_curvature=scaled(c["ambient_curvature"], 131, -7)),
    ),
    "ambient--index-one-more": ("minimum-2-3", _ambient_up),
    "ambient--gap-doubled": ("saddle-3-3", lambda c, w: w["ambient"].update(gap=scaled(w["ambient"]["gap"], 1, 1))),
    "loss--interval-of-another-point": (
        "minimum-2-3",
        lambda c, w: c.update(loss=[moved(x, 1, -10) for x in c["loss"]]),
    ),
    "loss--lower-end-above-the-loss": ("minimum-4-6", lambda c, w: c.update(loss=[c["loss"][1], c["loss"][1]])),
    "loss--upper-end-below-the-loss": ("minimum-4-6", lambda c, w: c.update(loss=[c["loss"][0], c["loss"][0]])),
    "loss--ends-swapped": ("minimum-7-7", lambda c, w: c["loss"].reverse()),
    "loss--global-minimum-called-not-global": ("identity-3-3-parallel", lambda c, w: c.update(not_global=True)),
    "loss--positive-lower-end-for-a-global-minimum": (
        "identity-3-3-parallel",
        lambda c, w: c.update(not_global=True, loss=["0x1p-60", c["loss"][1]]),
    ),
    "loss--not-global-denied": ("minimum-6-6", lambda c, w: c.update(not_global=False)),
    "loss--not-global-with-too-few-students": ("minimum-4-6", lambda c, w: c.update(not_global=True)),
}


def _ends(block: int, position: int, factor: int) -> Callable[[Data, Data], object]:
    """One end of the first interval of a block, times factor / 64."""

    def edit(c: Data, w: Data) -> None:
        pair = c["spectrum"][block][1][0]
        pair[position] = scaled(pair[position], factor, -6)

    return edit


REJECTED_SYMMETRIC: dict[str, Edit] = {
    "domain--symmetric-zero-row": (
        "symmetric-minimum-5-1",
        lambda c, w: c["centre"].__setitem__(1, ["0x0p0", "0x0p0", "0x0p0"]),
    ),
    "domain--symmetric-radius": ("symmetric-minimum-5-1", lambda c, w: c.update(uniqueness_radius="0x1p0")),
    "inertia--symmetric-index": ("symmetric-minimum-5-1", lambda c, w: c.update(index=1, kind="saddle")),
    "inertia--symmetric-index-without-multiplicity": (
        "symmetric-saddle-3",
        lambda c, w: c.update(index=c["index"] + 1),
    ),
    "inertia--symmetric-saddle-called-minimum": (
        "symmetric-saddle-3",
        lambda c, w: c.update(index=0, kind="strict-local-minimum"),
    ),
    "inertia--symmetric-gap": ("symmetric-saddle-3", lambda c, w: w.update(gap=scaled(w["gap"], 1, 1))),
    "uniqueness--symmetric-radius": (
        "symmetric-minimum-5-1",
        lambda c, w: c.update(uniqueness_radius=scaled(c["uniqueness_radius"], 131, -7)),
    ),
    "existence--symmetric-own-entry": (
        "symmetric-minimum-5-1",
        lambda c, w: c["centre"][0].__setitem__(2, moved(c["centre"][0][2], 1, -40)),
    ),
    "uniqueness--symmetric-one-more-student": (
        "symmetric-minimum-99-1",
        lambda c, w: (
            c["signature"].update(sizes=[100, 1]),
            c.update(students=101, teachers=101, dimension=101),
        ),
    ),
    "curvature--symmetric": ("symmetric-saddle-3", lambda c, w: c.update(curvature=scaled(c["curvature"], 131, -7))),
    "ambient--symmetric": (
        "symmetric-saddle-3",
        lambda c, w: c.update(ambient_curvature=scaled(c["ambient_curvature"], 131, -7)),
    ),
    "ambient--symmetric-index": ("symmetric-minimum-5-1", lambda c, w: c.update(ambient_index=1)),
    "loss--symmetric": ("symmetric-minimum-5-1", lambda c, w: c.update(loss=[c["loss"][0], c["loss"][0]])),
    "copies--of-a-point-with-more-symmetry": ("symmetric-minimum-5-1-as-3-2-1", lambda c, w: c.update(copies=True)),
    "spectrum--lower-end": ("symmetric-minimum-5-1", _ends(0, 0, 65)),
    "spectrum--upper-end": ("symmetric-minimum-5-1", _ends(1, 1, 63)),
    "spectrum--multiplicity": ("symmetric-minimum-5-1", lambda c, w: c["spectrum"][1].__setitem__(0, 5)),
    "spectrum--a-block-left-out": ("symmetric-minimum-5-1", lambda c, w: c["spectrum"].pop()),
}


def flat_directions() -> Data:
    """The global minimum of three students and two teachers, one teacher split in two: a segment of minima."""
    data = proved(np.eye(2), 2)
    claim, witness = data["claim"], data["witness"]
    claim.update(students=3, centre=[["0x1p0", "0x0p0"], ["0x0p0", "0x1p-1"], ["0x0p0", "0x1p-1"]])
    claim.update(
        uniqueness_radius="0x1p-60", error_radius="0x1p-60", curvature="0x1p-100", loss=["-0x1p-20", "0x1p-20"]
    )
    claim.update(ambient_index=None, ambient_curvature=None)
    witness.update(ambient=None, precision=256)
    witness["hessian"].update(gap="0x1p-50", factor_bits=100)
    return data


def rejected(accept: dict[str, Data]) -> dict[str, Data]:
    files = {name: edited(accept[base], edit) for name, (base, edit) in {**REJECTED, **REJECTED_SYMMETRIC}.items()}
    files["inertia--flat-directions"] = flat_directions()
    # with equal radii the variation of the Hessian is nearly the gap: here each step must subtract it
    usual = accept["identity-2-2-at-192-bits"]["claim"]
    for step, keys in (("curvature", ("curvature",)), ("ambient", ("ambient_curvature",)), ("loss", ("loss",))):
        values = {key: usual[key] for key in keys}
        files[f"{step}--of-a-small-error-radius"] = edited(
            accept["identity-2-2-equal-radii"], lambda c, w, values=values: c.update(values)
        )
    files["existence--centre-moved-by-a-five-hundredth-of-the-radius"] = edited(
        accept["identity-2-2-equal-radii"], _set(0, 1, "0x1p-15")
    )
    return files


# ---------------------------------------------------------------------------------------------------------------------
# malformed


def malformed(accept: dict[str, Data]) -> dict[str, bytes]:
    base = accept["identity-1-1"]
    good = canonical(base)
    saddle = accept["saddle-2-3"]

    def claim(**values: Any) -> bytes:
        return canonical(edited(base, lambda c, w: c.update(values)))

    def hessian(**values: Any) -> bytes:
        return canonical(edited(base, _spectrum("hessian", **values)))

    def swap(old: bytes, new: bytes) -> bytes:
        assert good.count(old) >= 1, old
        return good.replace(old, new, 1)

    centre = base["claim"]["centre"][0][0].encode()
    return {
        "empty": b"",
        "line-feed-only": b"\n",
        "null": b"null\n",
        "list": b"[]\n",
        "byte-order-mark": b"\xef\xbb\xbf" + good,
        "utf-16": good.decode().encode("utf-16"),
        "latin-1-byte": swap(b"relu-population-loss", b"relu-population-lo\xdfs"),
        "unicode-minus": swap(b"p0", "p\u22121".encode()),
        "escaped-key": swap(b'"format"', b'"f\\u006frmat"'),
        "fullwidth-digit": claim(centre=[["0x\uff11p0"]]),
        "no-line-feed": good[:-1],
        "two-line-feeds": good + b"\n",
        "carriage-return": good[:-1] + b"\r\n",
        "trailing-byte": good + b"0",
        "trailing-nul": good + b"\0",
        "truncated": good[: len(good) // 2],
        "twice": good + good,
        "white-space": json.dumps(base, sort_keys=True).encode() + b"\n",
        "keys-not-sorted": json.dumps(dict(reversed(base.items())), separators=(",", ":")).encode() + b"\n",
        "duplicate-key": swap(b'"format":"certify"', b'"format":"certify","format":"certify"'),
        "duplicate-key-in-claim": swap(b'"index":0', b'"index":0,"index":0'),
        "unknown-key": canonical({**base, "comment": ""}),
        "missing-key": canonical({k: v for k, v in base.items() if k != "version"}),
        "unknown-claim-key": claim(global_minimum=True),
        "version-2": canonical({**base, "version": 2}),
        "version-true": canonical({**base, "version": True}),
        "version-text": canonical({**base, "version": "1"}),
        "other-format": canonical({**base, "format": "Certify"}),
        "other-landscape": claim(landscape="erf-population-loss"),
        "index-minus-zero": swap(b'"index":0', b'"index":-0'),
        "index-leading-zero": swap(b'"index":0', b'"index":00'),
        "index-float": swap(b'"index":0', b'"index":0.0'),
        "index-exponent": swap(b'"index":0', b'"index":0e5'),
        "index-nan": swap(b'"index":0', b'"index":NaN'),
        "index-infinity": swap(b'"index":0', b'"index":Infinity'),
        "index-false": swap(b'"index":0', b'"index":false'),
        "index-null": claim(index=None),
        "index-negative": claim(index=-1),
        "index-above-unknowns": claim(index=2, kind="saddle"),
        "index-of-5000-digits": swap(b'"index":0', b'"index":' + b"1" * 5000),
        "kind-against-index": claim(kind="saddle"),
        "kind-unknown": claim(kind="global-minimum"),
        "not-global-number": claim(not_global=0),
        "not-global-null": claim(not_global=None),
        "students-zero": claim(students=0, centre=[]),
        "students-disagree": claim(students=2),
        "dimension-disagrees": claim(dimension=2),
        "teachers-above-dimension": claim(teachers=2),
        "teacher-unknown": claim(teacher="orthogonal"),
        "teacher-zero-row": claim(teacher=[["0x0p0"]]),
        "teacher-wrong-shape": claim(teacher=[["0x1p0", "0x0p0"]]),
        "centre-number": claim(centre=[[1]]),
        "centre-null": claim(centre=[[None]]),
        "centre-list": claim(centre=[[["0x1p0"]]]),
        "centre-flat": claim(centre=["0x1p0"]),
        "dyadic-even": claim(centre=[["0x2p-1"]]),
        "dyadic-upper-case": claim(centre=[["0xAp0"]]),
        "dyadic-leading-zero": claim(centre=[["0x01p0"]]),
        "dyadic-minus-zero": claim(centre=[["-0x0p0"]]),
        "dyadic-zero-with-exponent": claim(centre=[["0x0p1"]]),
        "dyadic-plus": claim(centre=[["+0x1p0"]]),
        "dyadic-exponent-plus": claim(centre=[["0x1p+1"]]),
        "dyadic-exponent-minus-zero": claim(centre=[["0x1p-0"]]),
        "dyadic-exponent-leading-zero": claim(centre=[["0x1p01"]]),
        "dyadic-exponent-beyond-limit": claim(centre=[["0x1p8193"]]),
        "dyadic-exponent-huge": claim(centre=[["0x1p-99999"]]),
        "dyadic-underscore": claim(centre=[["0x1_1p0"]]),
        "dyadic-space": claim(centre=[[" 0x1p0"]]),
        "dyadic-line-feed": claim(centre=[["0x1p0\n"]]),
        "dyadic-decimal": claim(centre=[["1.0"]]),
        "dyadic-decimal-exponent": claim(centre=[["1e5"]]),
        "dyadic-nan": claim(centre=[["nan"]]),
        "dyadic-empty": claim(centre=[[""]]),
        "dyadic-too-long": claim(centre=[["0x1" + "0" * 2048 + "1p0"]]),
        "dyadic-float-hex": claim(centre=[[float.hex(1.0)]]),
        "radius-zero": claim(uniqueness_radius="0x0p0"),
        "radius-negative": claim(error_radius="-0x1p-9"),
        "radius-null": claim(error_radius=None),
        "curvature-zero": claim(curvature="0x0p0"),
        "curvature-negative": claim(curvature="-0x1p-9"),
        "loss-one-end": claim(loss=["0x0p0"]),
        "loss-text": claim(loss="0x0p0"),
        "ambient-half": claim(ambient_index=None),
        "ambient-without-witness": canonical(edited(base, lambda c, w: w.update(ambient=None))),
        "ambient-curvature-zero": claim(ambient_curvature="0x0p0"),
        "gap-zero": hessian(gap="0x0p0"),
        "gap-negative": hessian(gap="-0x1p-4"),
        "weight-negative": hessian(weight=-1),
        "weight-huge": hessian(weight=(1 << 8192) + 1),
        "weight-dyadic": hessian(weight="0x0p0"),
        "factor-bits-7": hessian(factor_bits=7),
        "factor-bits-above-half-the-precision": hessian(factor_bits=base["witness"]["precision"] // 2 + 1),
        "directions-too-many": hessian(directions=[[1]]),
        "directions-too-few": canonical(edited(saddle, _spectrum("hessian", directions=[]))),
        "directions-too-short": canonical(edited(saddle, _spectrum("hessian", directions=[[1] * 5]))),
        "directions-beyond-limit": canonical(edited(saddle, _spectrum("hessian", directions=[[(1 << 64) + 1] * 6]))),
        "directions-true": canonical(edited(saddle, _spectrum("hessian", directions=[[True] * 6]))),
        "precision-31": canonical(edited(base, lambda c, w: w.update(precision=31))),
        "precision-8193": canonical(edited(base, lambda c, w: w.update(precision=8193))),
        "precision-true": canonical(edited(base, lambda c, w: w.update(precision=True))),
        "nested": b"[" * 20_000,
        "nested-dictionaries": b'{"a":' * 5_000,
        "nested-inside": swap(b'["' + centre + b'"]', b"[" * 900 + b"]" * 900),
        "limit--unknowns": claim(students=129, dimension=128, teachers=1),
        "limit--teacher-of-16-million": claim(teachers=4096, dimension=4096),
        "limit--pairs": canonical(
            edited(base, lambda c, w: (c.update(students=1, teachers=50, dimension=4000), w.update(precision=8192)))
        ),
        "limit--factor": canonical(
            edited(
                base,
                lambda c, w: (
                    c.update(dimension=2048, centre=[["0x1p0", *["0x0p0"] * 2047]]),
                    w.update(precision=512),
                    w["hessian"].update(factor_bits=256),
                ),
            )
        ),
    }


def write(folder: Path) -> None:
    """All three folders below `folder`."""
    accept = accepted()
    contents = {
        "accept": {name: canonical(data) for name, data in accept.items()},
        "reject": {name: canonical(data) for name, data in rejected(accept).items()},
        "malformed": malformed(accept),
    }
    for kind, files in contents.items():
        (folder / kind).mkdir(exist_ok=True)
        for old in (folder / kind).glob("*.cert.json"):
            if not OWN_SCRIPTS & set(old.name.replace(".", "-").split("-")):
                old.unlink()
        for name, content in files.items():
            (folder / kind / f"{name}.cert.json").write_bytes(content)


if __name__ == "__main__":
    write(HERE)
