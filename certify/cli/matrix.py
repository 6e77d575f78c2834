"""A matrix in a terminal: numbers if it is small, otherwise a heat map, in colours or in characters."""

from __future__ import annotations

from collections.abc import Sequence
from sys import float_info

from rich.style import Style
from rich.text import Text

SMALL = 12  # rows and columns, at most, of a matrix shown in numbers
HEIGHT = 40  # lines of a heat map, at most
LOW, ZERO, HIGH = (50, 110, 230), (40, 40, 40), (225, 70, 50)  # colours of the most negative, zero, most positive

Grid = list[list[float]]


def approximate(rows: Sequence[Sequence[tuple[int, int]]]) -> Grid:
    """Dyadics (mantissa, exponent) as floats, clipped to their range."""
    return [[_float(*x) for x in row] for row in rows]


def _float(mantissa: int, exponent: int) -> float:
    try:
        return mantissa / (1 << -exponent) if exponent < 0 else float(mantissa << exponent)
    except OverflowError:
        return float_info.max if mantissa > 0 else -float_info.max


def picture(name: str, grid: Grid, width: int, *, coloured: bool) -> list[Text]:
    """The lines, at most `width` characters each."""
    size = f"{name} ({len(grid)} x {len(grid[0])})"
    cell = width // len(grid[0])
    if max(len(grid), len(grid[0])) <= SMALL and cell >= 6:
        return [Text(f"{size}, rounded"), *_numbers(grid, min(cell, 9), coloured=coloured)]
    return _heat_map(size, grid, width // (2 if coloured else 3), coloured=coloured)


def _numbers(grid: Grid, cell: int, *, coloured: bool) -> list[Text]:
    largest = _largest(grid)
    plain = all(x == 0.0 or 0.1 <= largest < 10.0 for row in grid for x in row)
    lines = []
    for row in grid:
        line = Text()
        for x in row:
            shown = f"{x:.{cell - 4}f}" if plain else f"{x:.{max(0, cell - 8)}e}"
            line.append(shown.rjust(cell), _style(x / largest) if coloured else "")
        lines.append(line)
    return lines


def _heat_map(size: str, grid: Grid, places: int, *, coloured: bool) -> list[Text]:
    tall, wide = -(-len(grid) // HEIGHT), -(-len(grid[0]) // places)
    cells, largest = _blocks(grid, tall, wide), _largest(grid)
    block = "" if tall == wide == 1 else f"; a cell is the largest entry of {tall} x {wide}"
    legend = "blue negative, red positive" if coloured else "sign and size, 9 is the largest"
    lines = [Text(f"{size}, {legend}{block}")]
    for row in cells:
        line = Text()
        for x in row:
            line.append("  " if coloured else _characters(x / largest), _style(x / largest) if coloured else "")
        lines.append(line)
    return lines


def _blocks(grid: Grid, tall: int, wide: int) -> Grid:
    """The entry of largest absolute value of each block."""
    return [
        [
            max((x for row in grid[top : top + tall] for x in row[left : left + wide]), key=abs)
            for left in range(0, len(grid[0]), wide)
        ]
        for top in range(0, len(grid), tall)
    ]


def _largest(grid: Grid) -> float:
    return max(abs(x) for row in grid for x in row) or 1.0


def _characters(share: float) -> str:
    digit = round(9 * abs(share))
    return " . " if digit == 0 else f"{'-' if share < 0 else '+'}{digit} "


def _style(share: float) -> Style:
    end, weight = (HIGH if share > 0 else LOW), abs(share)
    red, green, blue = (round(a + (b - a) * weight) for a, b in zip(ZERO, end, strict=True))
    return Style(color="white", bgcolor=f"rgb({red},{green},{blue})")
