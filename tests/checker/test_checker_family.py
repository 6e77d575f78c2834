"""Attacks on certificates of symmetric points: every edit is refused, or true by the dense problem written out.

The checker looks for the eigenvectors itself: where a claim is false, no gap and no precision make it pass.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import permutations
from math import factorial, prod
from pathlib import Path
from typing import Any

import checker_reference as reference
import mpmath as mp
import numpy as np
import pytest
from checker_truth import BITS, as_array, assert_true, number, teacher_of, truth
from make_corpus import canonical, dyadic, edited, moved, scaled, text
from test_checker_mutations import edits, load, places, replaced

from certify.checker import Malformed, Rejected, ResourceLimit, verify_bytes

sys.path.insert(0, str(Path(__file__).parents[1] / "families"))
from symmetric_points import block_spectra, dense, teacher

Data = dict[str, Any]


def fraction(value: str) -> Fraction:
    mantissa, exponent = dyadic(value)
    return Fraction(mantissa) * Fraction(2) ** exponent


def dyadic_text(x: Fraction) -> str:
    return text(x.numerator, 1 - x.denominator.bit_length())


def written_out(claim: Data) -> Data:
    """The same claim about the K x M matrix, without spectrum and copies."""
    sizes, owners = claim["signature"]["sizes"], tuple(claim["signature"]["owners"])
    rows = dense(sizes, owners, [[fraction(x) for x in row] for row in claim["centre"]])
    result = {key: value for key, value in claim.items() if key not in ("signature", "spectrum", "copies")}
    result["centre"] = [[dyadic_text(x) for x in row] for row in rows]
    if "splitting" in claim:
        counts = [1 if owner is None else sizes[owner] for owner in owners]
        result["splitting"] = [s for s, n in zip(claim["splitting"], counts, strict=True) for _ in range(n)]
    if claim["teacher"] != "orthonormal":
        full = teacher(claim["teachers"], *(fraction(x) for x in claim["teacher"]))
        result["teacher"] = [[dyadic_text(x) for x in row] for row in full]
    return result


def assert_family_true(claim: Data, trusted: Data) -> None:
    """Every statement, spectrum block by block and copies by counting included."""
    full = written_out(claim)
    assert_true(full, written_out(trusted))
    sizes, owners = claim["signature"]["sizes"], tuple(claim["signature"]["owners"])
    with mp.workprec(BITS):
        problem = {key: full[key] for key in ("teacher", "teachers", "dimension")}
        point = truth(json.dumps([full["centre"], problem])).point
        hessian = mp.matrix(reference.hessian(point, teacher_of(full))) / (2 * mp.pi)
        H = np.array(hessian.tolist(), dtype=float)
    blocks = block_spectra(H, sizes, owners)
    assert [(m, len(values)) for m, values in blocks] == [(m, len(pairs)) for m, pairs in claim["spectrum"]]
    for (_, values), (_, pairs) in zip(blocks, claim["spectrum"], strict=True):
        for value, (low, high) in zip(values, pairs, strict=True):
            assert float(number(low)) - 1e-12 <= value <= float(number(high)) + 1e-12
    if claim["copies"]:
        W = as_array(point).round(10)
        k, m = W.shape
        images = {W[np.ix_(p, q)].tobytes() for p in permutations(range(k)) for q in permutations(range(m))}
        assert len(images) == factorial(k) * factorial(m) // prod(factorial(n) for n in sizes)


def outcome(data: Data, trusted: Data) -> str:
    try:
        verify_bytes(canonical(data))
    except (Malformed, ResourceLimit) as refusal:
        return type(refusal).__name__
    except Rejected as refusal:
        return refusal.step
    if data["claim"] == trusted["claim"]:
        return "witness"
    assert_family_true(data["claim"], trusted["claim"])
    return "true"


SWEPT = ("family-saddle-2-3", "family-minimum-more-students", "family-saddle-single-student")


@pytest.mark.parametrize("name", [SWEPT[0], *(pytest.param(name, marks=pytest.mark.long) for name in SWEPT[1:])])
def test_every_leaf(name: str) -> None:
    data = load(name)
    assert_family_true(data["claim"], data["claim"])
    tally = Counter(outcome(replaced(data, path, value), data) for path, node in places(data) for value in edits(node))
    assert tally["Malformed"] > 100
    for step in ("existence", "inertia", "uniqueness", "curvature", "ambient", "loss", "spectrum", "true", "witness"):
        assert tally[step] > 0, (step, tally)


def test_several_leaves() -> None:
    """Two or three numeric edits at once."""
    r = random.Random(1)
    data = load(SWEPT[0])
    tally: Counter[str] = Counter()
    for _ in range(600):
        changed = data
        for _ in range(r.randint(2, 3)):
            leaves = [
                (p, v) for p, v in places(changed) if type(v) in (int, bool) or (isinstance(v, str) and "0x" in v)
            ]
            path, value = r.choice(leaves)
            new: object = value
            if isinstance(value, str):
                new = moved(value, r.choice((1, -1, 3)), r.randint(-150, 3))
            elif isinstance(value, bool):
                new = not value
            else:
                new = value + r.choice((0, 1, -1, r.randint(-3, 3) << r.randint(0, 36)))
            changed = replaced(changed, path, new)
        tally[outcome(changed, data)] += 1
    assert tally["witness"] + tally["true"] > 0, tally


@pytest.mark.parametrize(
    "name",
    [
        "family-saddle-2-3", "family-saddle-2-3-claims-less", "family-minimum-more-students",
        "family-saddle-single-student", "family-minimum-identity-4",
        pytest.param("family-saddle-no-ambient-claim", marks=pytest.mark.long),
        pytest.param("symmetric-minimum-5-1", marks=pytest.mark.long),
    ],
)  # fmt: skip
def test_accepted_claims_are_true_written_out(name: str) -> None:
    claim = load(name)["claim"]
    assert_family_true(claim, claim)


# ---------------------------------------------------------------------------------------------------------------------
# false claims at any gap and precision


def about(sizes: list[int], owners: list[int | None], centre: list[list[str]], precision: int = 256) -> Data:
    """A claim as weak as the format allows about any point."""
    students, count = sum(1 if o is None else sizes[o] for o in owners), sum(sizes)
    return edited(
        load("family-saddle-2-3-claims-less"),
        lambda c, w: (
            c.update(signature={"sizes": sizes, "owners": owners}, centre=centre, index=0, kind="strict-local-minimum"),
            c.update(students=students, teachers=count, dimension=count, not_global=False, loss=["-0x1p40", "0x1p40"]),
            c.update(uniqueness_radius="0x1p-30", error_radius="0x1p-30"),
            c.pop("splitting", None),
            w.update(precision=precision, gap="0x1p-20"),
        ),
    )


ONE, HALF, ZERO, TINY = "0x1p0", "0x1p-1", "0x0p0", "0x1p-60"
FLAT: dict[str, tuple[list[int], list[int | None], list[list[str]]]] = {
    "every student split in two": ([4], [0, 0], [[ZERO, HALF], [ZERO, HALF]]),
    "one student split": ([3, 1], [0, 1, 1], [[ZERO, ZERO, ONE], [ZERO, ZERO, HALF], [ZERO, ZERO, HALF]]),
    "split unevenly": ([2], [0, 0], [[ZERO, "0x1p-2"], [ZERO, "0x3p-2"]]),
    "split singles": ([1, 1], [0, None, None], [[ZERO, ZERO, ONE], [ZERO, HALF, ZERO], [ZERO, HALF, ZERO]]),
    "a short student more": ([2], [0, 0], [[ZERO, "0xfffffffffffffffp-60"], [ZERO, TINY]]),
}


@pytest.mark.parametrize("name", FLAT)
def test_flat_sets_of_global_minima(name: str) -> None:
    """K > M and loss 0: minima are not isolated, the Hessian is singular, nothing may pass."""
    data = about(*FLAT[name])
    for gap in ("0x1p-20", "0x1p-90", "0x1p-200"):
        for precision in (32, 64, 255, 256, 400):
            tried = edited(data, lambda c, w, g=gap, p=precision: w.update(gap=g, precision=p))
            for index in (0, 1, data["claim"]["students"]):
                kind = "saddle" if index else "strict-local-minimum"
                with pytest.raises(Rejected) as refusal:
                    verify_bytes(canonical(edited(tried, lambda c, w, i=index, k=kind: c.update(index=i, kind=k))))
                assert refusal.value.step in ("inertia", "spectrum", "domain", "precision")


@pytest.mark.parametrize("edit", [
    lambda c, w: c["centre"].__setitem__(1, list(c["centre"][0])),
    lambda c, w: c["centre"].__setitem__(1, [scaled(x, -1) for x in c["centre"][0]]),
    lambda c, w: c["centre"].__setitem__(1, [scaled(x, 1, -8) for x in c["centre"][0]]),
    lambda c, w: c["centre"].__setitem__(1, [scaled(x, 1, -60) for x in c["centre"][1]]),
    lambda c, w: c["centre"][0].__setitem__(2, ZERO),
    lambda c, w: c.update(teacher=[HALF, ZERO]),
    lambda c, w: c.update(teacher=[ZERO, ONE]),
    lambda c, w: c["centre"][0].__setitem__(0, moved(c["centre"][0][0], 1, -40)),
])  # fmt: skip
def test_other_points(edit: Callable[[Data, Data], object]) -> None:
    """Identical, opposite, parallel and short students, another teacher, a moved point: not critical."""
    for name in ("family-minimum-more-students", "family-saddle-two-classes-follow-one"):
        data = edited(load(name), edit)
        for precision in (64, 128, 400):
            for gap in (data["witness"]["gap"], "0x1p-30"):
                tried = edited(data, lambda c, w, p=precision, g=gap: w.update(precision=p, gap=g))
                with pytest.raises(Rejected):
                    verify_bytes(canonical(tried))


def test_a_signature_coarser_than_the_point() -> None:
    """Merging classes is a claim about another matrix; it is refused unless that matrix has the critical point, too."""
    fine = load("symmetric-minimum-5-1-as-3-2-1")
    rows = fine["claim"]["centre"]
    merged = edited(fine, lambda c, w: (
        c.update(signature={"sizes": [5, 1], "owners": [0, 1]}, copies=True),
        c.update(centre=[[rows[0][0], rows[0][2], rows[0][3]], [rows[2][0], rows[2][2], rows[2][3]]]),
        c.update(spectrum=load("symmetric-minimum-5-1")["claim"]["spectrum"]),
    ))  # fmt: skip
    verify_bytes(canonical(merged))  # the same matrix
    wrong = edited(merged, lambda c, w: (c["signature"].update(sizes=[4, 2]),))
    with pytest.raises(Rejected):
        verify_bytes(canonical(wrong))


def test_an_owner_is_not_a_label() -> None:
    """A class of one may be a follower or a single student, its delta in the base or apart: the same matrix."""
    data = load("family-saddle-every-kind")
    assert data["claim"]["signature"]["sizes"][2] == 1
    c = load("family-minimum-more-students")["claim"]
    base, extra = c["centre"][0][1], c["centre"][0][2]
    folded = edited(load("family-minimum-more-students"), lambda c, w: (
        c["signature"].update(owners=[None, 1]),
        c["centre"][0].__setitem__(1, moved(base, *dyadic(extra))),
        c["centre"][0].__setitem__(2, ZERO),
    ))  # fmt: skip
    verify_bytes(canonical(folded))
    with pytest.raises(Rejected):
        verify_bytes(canonical(edited(folded, lambda c, w: c["centre"][0].__setitem__(1, base))))


# ---------------------------------------------------------------------------------------------------------------------
# the largest certificates


TOP = 1 << 64
SHAPES: list[tuple[list[int], list[int | None], int]] = [
    ([TOP] * 7, [0] * 9, 255),
    ([TOP] * 7, [k % 7 for k in range(9)], 255),
    ([TOP] * 3, [0] * 13, 255),
    ([TOP], [0, 0], 8191),
    ([TOP] * 2, [1], 8191),
]


@pytest.mark.parametrize(
    "shape", SHAPES, ids=lambda shape: f"{len(shape[0])}-{len(shape[1])}-{shape[2]}-{max(shape[1])}"
)
def test_the_largest_certificates_take_seconds(shape: tuple[list[int], list[int | None], int]) -> None:
    """Random patterns at the limits; blocks of up to 81 rows."""
    r = random.Random(2)
    sizes, owners, precision = shape
    centre = [
        [text(r.getrandbits(900) | 1, -900 - 40 * (k + 1 < len(sizes))) for k in range(len(sizes) + 1)] for _ in owners
    ]
    data = edited(about(sizes, owners, centre, precision), lambda c, w: w.update(gap="0x1p-250"))
    start = time.process_time()
    with pytest.raises(Rejected):
        verify_bytes(canonical(data))
    assert time.process_time() - start < 40


def test_huge_numbers_everywhere() -> None:
    r = random.Random(3)
    centre = [[text(r.getrandbits(8000) | 1, 8000 if k % 2 else -8192) for _ in range(8)] for k in range(9)]
    data = about([1 << 64] * 7, [0] * 9, centre, 255)
    start = time.process_time()
    with pytest.raises(Rejected):
        verify_bytes(canonical(data))
    assert time.process_time() - start < 40
