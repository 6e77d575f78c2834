"""SVG as matplotlib writes it, made small for pages: styles named once, short numbers, nothing that draws nothing."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from zlib import crc32

SHEET = "svg{font-family:'DejaVu Sans',Verdana,sans-serif}svg *{stroke-linejoin:round}"
DIGITS = 2  # after the point, of coordinates in points


def slim(text: str, spoken: str) -> str:
    """The element <svg> of a document, with the name `spoken` for those who cannot see it.

    Equal styles are classes of the same name wherever they occur, so that pictures may share a page.
    """
    root = ET.fromstring(text)  # noqa: S314 - drawn here
    for element in root.iter():
        element.tag = _local(element.tag)
        element.attrib = {_local(name): value for name, value in element.attrib.items()}
    used = {name for e in root.iter() for value in e.attrib.values() for name in re.findall(r"#([\w.-]+)", value)}
    styles: dict[str, str] = {}
    _clean(root, styles, used)
    sheet = ET.Element("style")
    sheet.text = SHEET + "".join(f".{name}{{{style}}}" for style, name in styles.items())
    root.insert(0, sheet)
    root.attrib = {"role": "img", "aria-label": spoken, "viewBox": root.attrib["viewBox"]}
    return ET.tostring(root, encoding="unicode")


def _local(name: str) -> str:
    """Without its namespace: HTML knows the names of SVG."""
    return name.rpartition("}")[2]


def _clean(element: ET.Element, styles: dict[str, str], used: set[str]) -> None:
    """In place; `styles` collects the class of each style, ids that are not `used` go."""
    _share(element)
    for child in element:
        _clean(child, styles, used)
    element[:] = [kept for child in element for kept in _kept(child)]
    own = {name: _short(value) for name, value in element.attrib.items() if name != "id" or value in used}
    style = re.sub(r"font-family:[^;]*;|\s", "", own.pop("style", ""))
    if style:
        own["class"] = styles.setdefault(style, f"s{crc32(style.encode()):x}")
    if own.get("transform", "").startswith("rotate(-0 "):
        del own["transform"]
    element.attrib, element.tail = own, None
    if element.tag not in ("text", "tspan") or len(element):
        element.text = None


def _share(group: ET.Element) -> None:
    """The style of equal marks once, at their group."""
    marks = {(child.tag, child.get("style")) for child in group}
    if len(group) > 1 and len(marks) == 1 and "style" not in group.attrib:
        ((tag, style),) = marks
        if tag == "use" and style:
            group.set("style", style)
            for child in group:
                del child.attrib["style"]


def _kept(child: ET.Element) -> list[ET.Element]:
    """Nothing for what draws nothing, the children of a group that says nothing."""
    if child.tag in ("metadata", "style") or (child.tag in ("g", "defs") and not len(child)):
        return []
    return list(child) if child.tag == "g" and not child.attrib else [child]


def _short(value: str) -> str:
    """Rounded numbers; commands of paths without blanks around them; lines to where one is have no length."""
    value = re.sub(r"-?\d+\.\d+", lambda number: _rounded(float(number[0])), value)
    value = re.sub(r" ?\b([MLCQz])\b ?", r"\1", " ".join(value.split()))
    return re.sub(r"M([^LCQz]+)L\1(?=M|$)", r"M\1h0", value)


def _rounded(number: float) -> str:
    return f"{round(number, DIGITS) + 0.0:.{DIGITS}f}".rstrip("0").rstrip(".")
