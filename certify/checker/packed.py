"""Vectors of integers as single integers, so that a multiple of one is subtracted from another in one operation.

The entries x_0, x_1, ... are the digits of sum_j x_j 2^(8 width j), with either sign.  Sums and integer multiples of
such numbers are exact whatever happens; digits can be read off where all of them are less than 2^(8 width - 1) in size.
"""

from collections.abc import Sequence


class Words:
    """Digits of `width` bytes, at most `count` of them."""

    def __init__(self, width: int, count: int) -> None:
        """Choose the base."""
        self._width, self._count = width, count
        self._half = 1 << 8 * width - 1
        self._offset = self._halves(count)

    def _halves(self, count: int) -> int:
        """The number with `count` digits 2^(8 width - 1)."""
        return int.from_bytes((bytes(self._width - 1) + b"\x80") * count, "little")

    def pack(self, entries: Sequence[int]) -> int:
        """The number with these digits; OverflowError if one is out of range."""
        text = b"".join([(x + self._half).to_bytes(self._width, "little") for x in entries])
        return int.from_bytes(text, "little") - self._halves(len(entries))

    def first(self, number: int, count: int) -> list[int]:
        """The first digits of a number all of whose digits, at most `self._count`, are in range."""
        width, text = self._width, (number + self._offset).to_bytes(self._width * self._count, "little")
        return [int.from_bytes(text[k : k + width], "little") - self._half for k in range(0, count * width, width)]

    def cut(self, number: int, count: int) -> int:
        """The number with the first digits of such a number."""
        return (number + self._offset & (1 << 8 * self._width * count) - 1) - self._halves(count)
