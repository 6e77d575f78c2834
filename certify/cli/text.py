"""Plain text for terminals: aligned columns, and names that cannot break a line."""

from __future__ import annotations

from collections.abc import Sequence


def one_line(text: str) -> str:
    """The text with control characters escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def columns(rows: Sequence[Sequence[str]], left: int = 0) -> list[str]:
    """Rows as lines of aligned cells; the first `left` columns flush left, the others flush right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if place < left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
