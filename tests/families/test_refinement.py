"""Refinements against the students and coordinates that they stand for, one by one."""

from collections import Counter

import pytest
from symmetric_points import Owners, small_signatures

from certify.families.refinement import Refinement

MARKS = ((), ((0, 1),), ((0, 2),), ((0, 1), (1, 1)))
SIGNATURES = [*small_signatures(3, 2), ((5,), (0, None)), ((4, 3), (0, 1, 0))]


def expanded(refined: Refinement) -> list[tuple[int, int | None]]:
    """(row class, own coordinate) of all rows, students first; coordinates are counted through all refined classes."""
    first = [sum(refined.sizes[:c]) for c in range(len(refined.sizes))]
    result: list[tuple[int, int | None]] = []
    for a, row in enumerate(refined.rows):
        if row.place is None:
            result.append((a, None))
        else:
            result += [(a, first[row.place] + k) for k in range(row.count)]
    return result


@pytest.mark.parametrize("marks", MARKS)
def test_relations_count_all_pairs(marks: tuple[tuple[int, int], ...]) -> None:
    tried = 0
    for sizes, owners in SIGNATURES:
        if any(c >= len(sizes) or n > sizes[c] for c, n in marks):
            continue
        tried += 1
        check(sizes, owners, marks)
    assert tried > 10


def check(sizes: tuple[int, ...], owners: Owners, marks: tuple[tuple[int, int], ...]) -> None:
    refined = Refinement(sizes, owners, marks)
    assert sum(refined.sizes) == sum(sizes)
    assert [refined.sizes[p] for c, n in marks for p in refined.parts[c][:n]] == [1] * sum(n for _, n in marks)
    rows = expanded(refined)
    pairs = Counter(
        (a, b, own is not None and own == other and refined.rows[a].owner is not None)
        for i, (a, own) in enumerate(rows) if a < refined.students
        for j, (b, other) in enumerate(rows) if i != j
    )  # fmt: skip
    found = [relation for a in range(refined.students) for relation in refined.leaving(a)]
    assert pairs == {(r.left, r.right, r.same): refined.rows[r.left].count * r.each for r in found}
    numbers = {r.number: r for r in found}
    assert len(numbers) == len(found)
    assert all(0 <= number < refined.relations for number in numbers)
    for r in found:
        if r.right < refined.students:
            back = numbers[r.mirror]
            assert (back.left, back.right, back.same, back.mirror) == (r.right, r.left, r.same, r.number)
        own, other = (refined.rows[x] for x in (r.left, r.right))
        one = own.place is not None and own.place == other.place and (r.same or own.mark is not None)
        assert r.key == (own.kind, other.kind, one)  # whether they owned one coordinate before
