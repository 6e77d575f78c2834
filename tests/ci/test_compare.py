"""Which theorems are about one point, and which says less."""

import json
from fractions import Fraction
from typing import Any

import pytest
from claims import certificate, claim, edited, scaled, turned

from certify.compare import Theorem, changes, number, same_point, weaker


def theorem(path: str, content: bytes) -> Theorem:
    return Theorem(path, str(hash(content)), claim(content))


def words(old: list[Theorem], new: list[Theorem]) -> list[str]:
    return [change.word for change in changes(old, new)]


def test_one_point_proved_from_two_places() -> None:
    first, second = claim(certificate()), claim(certificate(moved=1e-3))
    assert first["centre"] != second["centre"]
    assert same_point(first, second)
    assert same_point(second, first)


def test_students_in_another_order() -> None:
    first = claim(certificate(moved=1e-3))
    second = dict(first, centre=[first["centre"][k] for k in (2, 0, 1)])
    assert same_point(first, second)
    twice = dict(first, centre=[first["centre"][k] for k in (0, 0, 1)])
    assert not same_point(first, twice)
    assert not same_point(twice, first)


def test_another_point_of_the_same_loss_is_not_the_same() -> None:
    """Moved by a little more than the regions of uniqueness allow; the error radius is half of theirs."""
    first = claim(certificate())
    first["error_radius"] = claim(edited(certificate(), scaled("uniqueness_radius", -1)))["uniqueness_radius"]
    room = number(first["uniqueness_radius"]) - number(first["error_radius"])
    for share, same in ((Fraction(99, 100), True), (Fraction(101, 100), False)):
        value = number(first["centre"][0][0]) + share * room
        mantissa = int(value * 2**80)
        centre = [[f"{hex(mantissa | 1)}p-80", *first["centre"][0][1:]], *first["centre"][1:]]
        assert same_point(first, dict(first, centre=centre)) is same


def test_a_full_and_a_symmetric_proof() -> None:
    assert same_point(claim(turned()), claim(turned(symmetric=True)))
    assert not same_point(claim(turned()), claim(certificate(8, symmetric=True)))
    assert same_point(claim(certificate(8)), claim(certificate(8, symmetric=True)))


def test_classes_are_compared_with_multiplicities() -> None:
    """A base value moved by e moves a row of n entries by e sqrt(n)."""
    first = claim(certificate(50, symmetric=True))
    room = number(first["uniqueness_radius"]) - number(first["error_radius"])
    for share, same in ((Fraction(1, 8), True), (Fraction(1, 6), False)):  # sqrt(50) is near 7
        moved = int(share * room * 2**80) | 1
        old = first["centre"][0][0]
        value = int(number(old) * 2**80) + moved
        second = dict(first, centre=[[f"{hex(value | 1)}p-80", first["centre"][0][1]]])
        assert same_point(first, second) is same


@pytest.mark.parametrize(
    ("name", "factor", "words"),
    [
        ("uniqueness_radius", -1, "uniqueness radius: "),
        ("curvature", -1, "curvature: "),
        ("ambient_curvature", -1, "ambient curvature: "),
        ("error_radius", 1, "error radius: "),
    ],
)
def test_weaker_numbers(name: str, factor: int, words: str) -> None:
    old = claim(certificate())
    new = claim(edited(certificate(), scaled(name, factor)))
    assert [text.startswith(words) for text in weaker(old, new)] == [True]
    assert weaker(new, old) == []
    assert weaker(old, new, slack=Fraction(1)) == []


def test_what_is_no_longer_claimed() -> None:
    old = claim(turned(symmetric=True))
    assert weaker(old, dict(old, not_global=False)) == ["not global: no longer claimed"]
    assert weaker(old, dict(old, ambient_index=None)) == ["ambient index: no longer claimed"]
    assert weaker(old, dict(old, copies=False)) == ["copies: no longer claimed"]
    assert weaker(dict(old, news=1), old) == ["news: no longer claimed"]
    assert weaker(old, dict(old, news=1)) == []
    assert weaker(dict(old, news=1), dict(old, news=2)) == ["news: differs"]
    assert weaker(old, dict(old, index=2)) == ["index: 0 -> 2 (both cannot be true)"]
    assert weaker(old, dict(old, index=False)) == []  # 0 and False are one number


def test_splitting_and_basin() -> None:
    old = claim(certificate())
    split, unsplit = dict(old, splitting=[[1, 1, 1, "0x1p-3"], None]), dict(old, splitting=[None, None])
    assert weaker(split, unsplit) == ["splitting: says less"]
    assert weaker(unsplit, split) == []
    assert weaker(split, dict(old, splitting=[[2, 0, 1, "0x1p-3"], None])) == ["splitting: says less"]
    assert weaker(split, dict(old, splitting=[[1, 1, 1, "0x1p-4"], None])) == ["splitting: says less"]
    assert weaker(split, dict(old, splitting=[[1, 1, 1, "0x1p-2"], None])) == []
    basin = {"radius": "0x1p-3", "rate": "0x1p-4", "step": "0x1p-5"}
    for part in basin:
        less = dict(basin, **{part: "0x1p-9"})
        assert weaker(dict(old, basin=basin), dict(old, basin=less)) == ["basin: says less"]
        assert weaker(dict(old, basin=less), dict(old, basin=basin)) == []


def test_newborn() -> None:
    old = {"newborn": {"teacher": 1, "slope": ["-0x1p-3", "-0x1p-4"]}}
    wider = {"newborn": {"teacher": 1, "slope": ["-0x1p-2", "-0x1p-4"]}}
    other = {"newborn": {"teacher": 0, "slope": ["-0x1p-3", "-0x1p-4"]}}
    assert weaker(old, old) == []
    assert weaker(old, wider) == weaker(old, other) == ["newborn: says less"]
    assert weaker(wider, old) == []
    assert weaker(old, {}) == ["newborn: no longer claimed"]


def test_wider_intervals() -> None:
    old = claim(turned(symmetric=True))
    high = old["loss"][1]
    wider = dict(old, loss=["0x1p-9", high])
    assert [text.split(":")[0] for text in weaker(old, wider)] == ["loss"]
    assert weaker(wider, old) == []
    spectrum: list[Any] = json.loads(json.dumps(old["spectrum"]))
    spectrum[0][1][0] = ["-0x1p9", spectrum[0][1][0][1]]
    assert weaker(old, dict(old, spectrum=spectrum)) == ["spectrum: wider or other intervals"]
    assert weaker(dict(old, spectrum=spectrum), old) == []


def test_pairs_lost_and_gained() -> None:
    old = [theorem("a", certificate()), theorem("b", turned())]
    assert words(old, old[::-1]) == ["same", "same"]
    assert words(old, old[:1]) == ["same", "lost"]
    assert words(old[:1], old) == ["same", "gained"]
    assert words(old[:1], [theorem("elsewhere", certificate(moved=1e-3))])[0] in ("same", "stronger", "weakened")
    assert words(old[:1], [theorem("a", turned())]) == ["lost", "gained"]
    halved = edited(certificate(), scaled("uniqueness_radius", -1))
    assert words(old[:1], [theorem("a", halved)]) == ["weakened"]
    assert words([theorem("a", halved)], old[:1]) == ["stronger"]


def test_one_new_theorem_answers_for_one_old() -> None:
    twice = [theorem("a", certificate()), theorem("b", certificate())]
    assert words(twice, twice[:1]) == ["same", "lost"]


def test_the_own_entry_counts_once() -> None:
    """The base value moved and the own entry kept: of eight entries of a row seven have moved."""
    first = claim(certificate(8, symmetric=True))
    room = number(first["uniqueness_radius"]) - number(first["error_radius"])
    for share, same in ((Fraction(37, 100), True), (Fraction(39, 100), False)):  # 1 / sqrt(7) is between them
        moved = (int(share * room * 2**100) // 2) * 2
        base, delta = (int(number(x) * 2**100) for x in first["centre"][0])
        centre = [[f"{hex(base + moved | 1)}p-100", f"{hex(delta - moved | 1)}p-100"]]
        assert same_point(first, dict(first, centre=centre)) is same


def test_boxes() -> None:
    """Claims about systems of equations: radii by coordinate."""
    old = {
        "kind": "zero", "system": {}, "centre": ["0x1p0", "0x0p0"],
        "uniqueness_radii": ["0x1p-2", "0x1p-2"], "error_radii": ["0x1p-4", "0x1p-4"],
    }  # fmt: skip
    near = dict(old, centre=["0x1p0", "0x1p-3"])
    assert same_point(old, near)
    assert not same_point(old, dict(old, centre=["0x1p0", "0x1p-2"]))
    assert not same_point(old, dict(old, system={"other": 1}))
    assert not same_point(old, dict(near, kind="critical-point"))
    assert weaker(old, dict(old, uniqueness_radii=["0x1p-2", "0x1p-3"])) == ["uniqueness radii: says less"]
    assert weaker(old, dict(old, error_radii=["0x1p-2", "0x1p-5"])) == ["error radii: says less"]
    assert weaker(old, dict(old, uniqueness_radii=["0x1p-2", "0x1p-1"])) == []


def test_a_claim_without_a_centre_is_only_itself() -> None:
    old = {"kind": "other", "system": {}, "words": 1}
    assert same_point(old, dict(old))
    assert not same_point(old, dict(old, words=2))
