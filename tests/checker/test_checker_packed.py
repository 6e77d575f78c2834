"""Vectors as single integers, and the factorisation that uses them, against one entry at a time."""

import random
from math import isqrt

import pytest

from certify.checker.definite import SHORTEN, _factorises
from certify.checker.packed import Words


def test_digits_survive_sums_and_multiples() -> None:
    r = random.Random("certify packed")
    for _ in range(300):
        width, count = r.randint(1, 9), r.randint(1, 40)
        words, top = Words(width, count), 1 << 8 * width - 1
        x, y = ([r.choice((0, r.randrange(-(top // 8), top // 8))) for _ in range(count)] for _ in range(2))
        factor = r.choice((-3, -1, 0, 2, 3))
        number = words.pack(x) - factor * words.pack(y)
        expected = [a - factor * b for a, b in zip(x, y, strict=True)]
        first = r.randint(0, count)
        assert words.first(number, first) == expected[:first]
        assert words.cut(number, first) == words.pack(expected[:first])


def test_the_largest_digits() -> None:
    words, ends = Words(2, 3), [-(1 << 15), (1 << 15) - 1, -(1 << 15)]
    assert words.first(words.pack(ends), 3) == ends
    assert words.cut(words.pack(ends), 1) == ends[0]
    for entry in (1 << 15, -(1 << 15) - 1):
        with pytest.raises(OverflowError):
            words.pack([0, entry])


def one_by_one(matrix: list[list[int]], shift: int) -> bool:
    """The recursion of T4 as it is written there."""
    columns: list[list[int]] = []
    for row in matrix:
        column: list[int] = []
        for done, entry in zip(columns, row[:-1], strict=True):
            column.append((entry - sum(a * b for a, b in zip(done, column, strict=False))) // done[-1])
        radicand = row[-1] - shift - sum(x * x for x in column)
        if radicand <= 0:
            return False
        columns.append([*column, isqrt(radicand)])
    return True


@pytest.mark.parametrize("size", [1, 2, 5, SHORTEN - 1, SHORTEN, SHORTEN + 1, 2 * SHORTEN + 1])
def test_the_same_answer_as_one_entry_at_a_time(size: int) -> None:
    """Also at the border, where the last radicands have few digits, and for matrices far from definite."""
    r = random.Random(f"certify factorisation {size}")
    answers = set()
    for _ in range(6000 // size**2 + 8):
        top = 1 << r.choice((2, 8, 30, 63, 64, 90))
        factor = [[r.randint(-top, top) for _ in range(a + 1)] for a in range(size)]
        matrix = [[sum(x * y for x, y in zip(factor[a], factor[b], strict=False)) for b in range(a + 1)]
                  for a in range(size)]  # fmt: skip
        for row in matrix:
            row[-1] += r.choice((0, 1, 2 * size * top, r.randint(0, top)))
        if r.randrange(4) == 0:
            matrix[r.randrange(size)][0] += r.randint(-size * top * top, size * top * top)
        shift = r.choice((0, 1, r.randint(0, 2 * size * top)))
        largest = max(abs(x) for row in matrix for x in row)
        answers.add(one_by_one(matrix, shift))
        assert _factorises(matrix, shift, largest) is one_by_one(matrix, shift)
    assert answers == {True, False}
