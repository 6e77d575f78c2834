"""Two collections of claims compared: what was lost, weakened, strengthened or gained.  Exact arithmetic throughout.

Claims are taken as they stand; whether they are true is the checker's business.  Two claims about one problem are about
*the same critical point* if the centres are so near that one claim's point lies in the other's region of uniqueness,
students in any order.  The test is sufficient: a point that it does not recognise counts as lost and gained.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from certify.checker.fields import LIMIT_UNKNOWNS

Claim = Mapping[str, Any]
Row = list[tuple[int, Fraction]]  # entries, each with the number of coordinates that share it

PROBLEM = ("landscape", "students", "teachers", "dimension", "teacher", "system", "family", "turned")
LARGER_IS_STRONGER = ("uniqueness_radius", "curvature", "ambient_curvature")
SMALLER_IS_STRONGER = ("error_radius",)
INTERVALS = ("loss", "value")
RANKED = {*LARGER_IS_STRONGER, *SMALLER_IS_STRONGER, *INTERVALS}
IDENTITY = {*PROBLEM, "centre", "kind", "signature"}


@dataclass(frozen=True)
class Theorem:
    """A claim with the path under which it is filed, its hash and its sentence."""

    path: str
    sha256: str
    claim: Claim
    sentence: str = ""


@dataclass(frozen=True)
class Change:
    """One line of a comparison.  word: same, stronger, weakened, lost or gained.  details: what differs."""

    word: str
    path: str
    old: Theorem | None
    new: Theorem | None
    details: tuple[str, ...] = ()


def changes(old: Sequence[Theorem], new: Sequence[Theorem], slack: Fraction = Fraction(0)) -> Iterator[Change]:
    """All changes, in the order of `old`, then what was gained in the order of `new`.

    slack: by what share a radius, a curvature or a width may get worse and still count as kept.
    """
    partners = _partners(old, new)
    for theorem in old:
        partner = partners.get(id(theorem))
        if partner is None:
            yield Change("lost", theorem.path, theorem, None)
            continue
        worse, better = weaker(theorem.claim, partner.claim, slack), weaker(partner.claim, theorem.claim, slack)
        word = "weakened" if worse else "stronger" if better else "same"
        yield Change(word, partner.path, theorem, partner, tuple(worse or better))
    taken = {id(partner) for partner in partners.values()}
    for theorem in new:
        if id(theorem) not in taken:
            yield Change("gained", theorem.path, None, theorem)


def _partners(old: Sequence[Theorem], new: Sequence[Theorem]) -> dict[int, Theorem]:
    """For old theorems, by id, the new one about the same point: the same claim, the same path, or any other."""
    free = {id(theorem): theorem for theorem in new}
    found: dict[int, Theorem] = {}

    def settle(theorem: Theorem, candidates: Sequence[Theorem]) -> None:
        for candidate in candidates:
            if id(candidate) in free and same_point(theorem.claim, candidate.claim):
                found[id(theorem)] = free.pop(id(candidate))
                return

    for key in (_hash, _path, _problem):
        groups: dict[str, list[Theorem]] = {}
        for theorem in new:
            groups.setdefault(key(theorem), []).append(theorem)
        for theorem in old:
            if id(theorem) not in found:
                settle(theorem, groups.get(key(theorem), []))
    return found


def _hash(theorem: Theorem) -> str:
    return theorem.sha256


def _path(theorem: Theorem) -> str:
    return theorem.path


def _problem(theorem: Theorem) -> str:
    return repr(_sizes(theorem.claim))


def _sizes(claim: Claim) -> list[Any]:
    return [claim.get(name) for name in PROBLEM if name != "teacher"]


def same_point(old: Claim, new: Claim) -> bool:
    """Whether the two claims are certainly about one critical point (students in any order).

    If every row of one centre is within rho' - r of a row of the other, distinct rows for distinct rows, then the point
    within r of the first lies where the second's, rho' apart, is unique.
    """
    if old == new:
        return True
    if _sizes(old) != _sizes(new) or not _overlap(old.get("loss"), new.get("loss")):
        return False
    if "uniqueness_radii" in old and "uniqueness_radii" in new:
        return old.get("kind") == new.get("kind") and any(_in_box(a, b) for a, b in ((old, new), (new, old)))
    if "centre" in old and all(old.get(name) == new.get(name) for name in ("teacher", "signature", "centre")):
        return True  # the smaller error radius is at most the other claim's uniqueness radius
    first, second = _rows(old, new), _rows(new, old)
    if first is None or second is None:
        return False
    return any(
        _matched(first, second, number(a["uniqueness_radius"]) - number(b["error_radius"]))
        for a, b in ((old, new), (new, old))
    )


def _in_box(outer: Claim, inner: Claim) -> bool:
    """Whether the box that holds the inner claim's zero is in the one where the outer claim's is unique."""
    parts = (outer["centre"], inner["centre"], outer["uniqueness_radii"], inner["error_radii"])
    return all(
        abs(number(a) - number(b)) + number(error) <= number(unique) for a, b, unique, error in zip(*parts, strict=True)
    )


def _overlap(first: Any, second: Any) -> bool:
    if first is None or second is None:
        return first is second
    return number(first[0]) <= number(second[1]) and number(second[0]) <= number(first[1])


def _rows(claim: Claim, other: Claim) -> list[Row] | None:
    """The centre's rows, by classes if the other has the same; None if there is no matrix, or it is too large."""
    if claim.get("teacher") != other.get("teacher") and not _written_out(claim, other):
        return None
    if "uniqueness_radius" not in claim or "error_radius" not in claim:
        return None
    if "signature" not in claim:
        centre = claim.get("centre")
        matrix = isinstance(centre, list) and all(isinstance(row, list) for row in centre)
        return [[(1, number(x)) for x in row] for row in centre] if matrix and centre else None
    if claim["signature"] == other.get("signature"):
        return list(_by_classes(claim))
    return list(_in_full(claim)) if claim["students"] * claim["dimension"] <= LIMIT_UNKNOWNS else None


def _written_out(claim: Claim, other: Claim) -> bool:
    """Whether the teachers are the same in two ways of writing: [alpha, beta], and a matrix."""
    teachers = sorted((claim.get("teacher"), other.get("teacher")), key=lambda t: isinstance(t, list) and len(t) == 2)
    matrix, pair = teachers
    if not isinstance(matrix, list) or not isinstance(pair, list) or not isinstance(pair[0], str):
        return False
    alpha, beta = (number(x) for x in pair)
    return all(number(x) == (alpha if m == a else 0) + beta for m, row in enumerate(matrix) for a, x in enumerate(row))


def _by_classes(claim: Claim) -> Iterator[Row]:
    """One row a student class; weights say how many coordinates share a value (docs/families.md, F2)."""
    sizes, owners = claim["signature"]["sizes"], claim["signature"]["owners"]
    for owner, pattern in zip(owners, claim["centre"], strict=True):
        *base, delta = (number(x) for x in pattern)
        row = [(size - (c == owner), value) for c, (size, value) in enumerate(zip(sizes, base, strict=True))]
        yield row if owner is None else [*row, (1, base[owner] + delta)]


def _in_full(claim: Claim) -> Iterator[Row]:
    """All K rows of all d entries."""
    sizes, owners = claim["signature"]["sizes"], claim["signature"]["owners"]
    for owner, pattern in zip(owners, claim["centre"], strict=True):
        *base, delta = (number(x) for x in pattern)
        row = [value for value, size in zip(base, sizes, strict=True) for _ in range(size)]
        if owner is None:
            yield [(1, x) for x in row]
            continue
        for own in range(sum(sizes[:owner]), sum(sizes[: owner + 1])):
            yield [(1, x + delta * (a == own)) for a, x in enumerate(row)]


def _matched(first: Sequence[Row], second: Sequence[Row], limit: Fraction) -> bool:
    """Whether each row of `first` has a row of `second` of its own within the limit."""
    if limit < 0 or len(first) != len(second):
        return False
    free = list(range(len(second)))
    for place, row in enumerate(first):
        order = sorted(free, key=lambda k: k != place)
        partner = next((k for k in order if _is_near(row, second[k], limit)), None)
        if partner is None:
            return False
        free.remove(partner)
    return True


def _is_near(first: Row, second: Row, limit: Fraction) -> bool:
    total, bound = Fraction(0), limit**2
    for (weight, a), (other, b) in zip(first, second, strict=True):
        total += weight * (a - b) ** 2
        if weight != other or total > bound:
            return False
    return True


def weaker(old: Claim, new: Claim, slack: Fraction = Fraction(0)) -> list[str]:
    """In which respects the new claim about the same point says less; of what cannot be ranked, that it differs."""
    found = []
    if old.get("index") != new.get("index"):
        found.append(f"index: {old.get('index')} -> {new.get('index')} (both cannot be true)")
    for name in sorted(old.keys() - IDENTITY - {"index"}):
        before, after = old[name], new.get(name)
        if before is None or before is False or before == after:
            continue
        if after is None or after is False:
            found.append(f"{_words(name)}: no longer claimed")
        elif not (name in RANKED or name in WHOLES) or _is_weaker(name, before, after, slack):
            found.append(f"{_words(name)}: {_told(name, before, after)}")
    return found


def _is_weaker(name: str, before: Any, after: Any, slack: Fraction) -> bool:
    if name in LARGER_IS_STRONGER:
        return number(after) < number(before) * (1 - slack)
    if name in SMALLER_IS_STRONGER:
        return number(after) > number(before) * (1 + slack)
    if name in INTERVALS:
        return not _inside(after, before, slack)
    return WHOLES[name](before, after, slack)


def _basin(before: Any, after: Any, slack: Fraction) -> bool:
    return any(number(after[part]) < number(value) * (1 - slack) for part, value in before.items())


def _newborn(before: Any, after: Any, slack: Fraction) -> bool:
    return before["teacher"] != after["teacher"] or not _inside(after["slope"], before["slope"], slack)


def _splitting(before: Any, after: Any, slack: Fraction) -> bool:
    return len(before) != len(after) or any(_splits_less(*pair, slack) for pair in zip(before, after, strict=True))


def _spectrum(before: Any, after: Any, slack: Fraction) -> bool:
    shapes = [[(multiplicity, len(pairs)) for multiplicity, pairs in value] for value in (before, after)]
    if shapes[0] != shapes[1]:
        return True
    blocks = zip(before, after, strict=True)
    return not all(_inside(y, x, slack) for old, new in blocks for x, y in zip(old[1], new[1], strict=True))


def _uniqueness_radii(before: Any, after: Any, slack: Fraction) -> bool:
    return any(number(b) < number(a) * (1 - slack) for a, b in zip(before, after, strict=True))


def _error_radii(before: Any, after: Any, slack: Fraction) -> bool:
    return any(number(b) > number(a) * (1 + slack) for a, b in zip(before, after, strict=True))


WHOLES = {
    "basin": _basin,
    "error_radii": _error_radii,
    "newborn": _newborn,
    "splitting": _splitting,
    "spectrum": _spectrum,
    "uniqueness_radii": _uniqueness_radii,
}


def _splits_less(before: Any, after: Any, slack: Fraction) -> bool:
    """Of one row: signs and gap (docs/splitting.md); null claims nothing."""
    if before is None or after is None:
        return after is None and before is not None
    return bool(before[:3] != after[:3]) or number(after[3]) < number(before[3]) * (1 - slack)


def _inside(inner: Sequence[str], outer: Sequence[str], slack: Fraction) -> bool:
    low, high = number(outer[0]), number(outer[1])
    room = slack * (high - low)
    return low - room <= number(inner[0]) and number(inner[1]) <= high + room


def _words(name: str) -> str:
    return name.replace("_", " ")


def _told(name: str, before: Any, after: Any) -> str:
    if name == "spectrum":
        return "wider or other intervals"
    if name in INTERVALS:
        width = [float(number(high) - number(low)) for low, high in (before, after)]
        return f"interval of width {width[0]:.3e} -> {width[1]:.3e}"
    if name in (*LARGER_IS_STRONGER, *SMALLER_IS_STRONGER):
        return f"{float(number(before)):.6g} -> {float(number(after)):.6g}"
    return "says less" if name in WHOLES else "differs"


def number(dyadic: str) -> Fraction:
    """The value of a dyadic as text (docs/certificate-format.md)."""
    mantissa, exponent = dyadic.split("p")
    return Fraction(int(mantissa, 16)) * Fraction(2) ** int(exponent)
