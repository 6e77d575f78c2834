"""How outcomes and certificates show themselves: as HTML in notebooks, and through rich in terminals.

Everything shown is what a certificate claims, read by the checker's reader; showing is not verifying.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from certify.report.facts import Facts

CELL = 8  # pixels of an entry of W
DRAWN = 48  # rows and columns of W, at most
WIDTH = 96  # characters of a heat map in a terminal, at most


def rows(facts: Facts) -> list[tuple[str, str]]:
    """Names and values, as far as this kind of claim has them."""
    known = [
        ("critical point", facts.kind + (f" of index {facts.index}" if facts.index else "")),
        ("loss", facts.loss_text and f"in {facts.loss_text}"),
        ("curvature", facts.curvature_text and f"at least {facts.curvature_text}"),
        ("uniqueness radius", facts.uniqueness_text and f"at least {facts.uniqueness_text} a row"),
        ("error radius", facts.error_text and f"at most {facts.error_text}"),
        ("classes", facts.classes),
        *facts.others,
        ("SHA-256 of the claim", facts.sha256),
    ]
    return [(name, value) for name, value in known if value]


def certificate_html(content: bytes, heading: str = "Claimed") -> str:
    """The theorem, its numbers, and a heat map of W."""
    from certify.report.facts import facts  # noqa: PLC0415 - loaded with the first certificate that is shown

    found = facts("", content)
    root = ET.Element("div", {"class": "certify"})
    title = ET.SubElement(root, "p")
    ET.SubElement(title, "strong").text = f"{heading}: "
    title[0].tail = found.sentence + "."
    table = ET.SubElement(root, "table")
    for name, value in rows(found):
        row = ET.SubElement(table, "tr")
        ET.SubElement(row, "th", {"scope": "row", "style": "text-align: left"}).text = name
        ET.SubElement(row, "td", {"style": "text-align: left"}).text = value
    if found.picture is not None and max(len(found.picture), len(found.picture[0])) <= DRAWN:
        root.append(_heat_map(found.picture))
    return ET.tostring(root, encoding="unicode", method="html")


def sentence_html(word: str, text: str) -> str:
    """A verdict and its reason."""
    root = ET.Element("p")
    ET.SubElement(root, "strong").text = word
    root[0].tail = f": {text}"
    return ET.tostring(root, encoding="unicode", method="html")


def _heat_map(grid: Sequence[Sequence[float]]) -> ET.Element:
    """W as coloured squares: blue negative, white zero, red positive."""
    tall, wide = len(grid) * CELL, len(grid[0]) * CELL
    label = f"Heat map of W, {len(grid)} rows and {len(grid[0])} columns"
    attributes = {"width": str(wide), "height": str(tall), "role": "img", "aria-label": label}
    root = ET.Element("svg", attributes)
    ET.SubElement(root, "rect", {"width": str(wide), "height": str(tall), "fill": "#fff", "stroke": "#888"})
    largest = max(abs(x) for row in grid for x in row) or 1.0
    for y, row in enumerate(grid):
        for x, value in enumerate(row):
            square = {"x": str(x * CELL), "y": str(y * CELL), "width": str(CELL), "height": str(CELL)}
            ET.SubElement(root, "rect", {**square, "fill": _color(value / largest)})
    return root


def _color(share: float) -> str:
    """White for 0, red for 1, blue for -1."""
    end = (178, 24, 43) if share > 0 else (33, 102, 172)
    return "#" + "".join(f"{round(255 + (channel - 255) * abs(share)):02x}" for channel in end)


def certificate_rich(content: bytes, heading: str = "Claimed") -> Any:
    """The same for a terminal."""
    from rich.console import Group  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    from certify.cli.matrix import picture  # noqa: PLC0415
    from certify.report.facts import facts  # noqa: PLC0415

    found = facts("", content)
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, value in rows(found):
        table.add_row(Text(name, style="bold"), Text(value))
    parts: list[Any] = [Text.assemble((f"{heading}: ", "bold"), found.sentence + "."), table]
    if found.picture is not None:
        parts += picture("W", found.picture, WIDTH, coloured=True)
    return Group(*parts)


def sentence_rich(word: str, text: str) -> Any:
    """A verdict and its reason."""
    from rich.text import Text  # noqa: PLC0415

    return Text.assemble((word, "bold"), f": {text}")
