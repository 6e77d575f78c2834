"""The pages, rendered from templates into a folder of their own."""

from __future__ import annotations

import base64
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import log10
from pathlib import Path
from typing import Any

from certify import __version__
from certify.bundle import write_bundle
from certify.cli.text import one_line
from certify.errors import InputError
from certify.figures import Mark, curves, heat_map, inline_svg
from certify.report.facts import Facts
from certify.report.families import Family, families

TEMPLATES = Path(__file__).parent / "templates"
MARKER = ".certify-report"  # in folders that a report may replace
DRAWN_TEACHERS = 200  # the widest points of the figure, unless all are wider
PIXEL = {16: 14, 40: 7, 80: 4}  # rows of a heat map at most, and the size of an entry on the screen
PIXEL_LEAST = 3

Verdicts = Mapping[str, str]


def build(
    found: Sequence[tuple[Facts, bytes]],
    output: str,
    *,
    verdicts: Verdicts | None = None,
    advance: Callable[[], None] = lambda: None,
) -> None:
    """Write the site of certificates with their contents; an interrupted build leaves the old one.

    verdicts: by file, "verified" or why not, if the checker was asked.  advance: called once a page.  Raises InputError
    if the folder holds something else, or a library is missing.
    """
    target = Path(output)
    if target.exists() and not _replaceable(target):
        raise InputError(one_line(f"{output} exists and is not a report"))
    pages = families([item for item, _ in found])
    environment = _environment()
    context = {"version": __version__, "verdicts": verdicts, "count": len(found), "families": pages}
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        folder.chmod(0o755)
        _assets(folder, found)
        for family in pages:
            _write(folder / "families" / family.page, environment, "family.html", root="../", family=family, **context)
            advance()
        _write(folder / "index.html", environment, "index.html", root="", figure=_hierarchy(pages), **context)
        if target.exists():
            shutil.rmtree(target)
        folder.rename(target)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _replaceable(target: Path) -> bool:
    return target.is_dir() and ((target / MARKER).is_file() or not any(target.iterdir()))


def _environment() -> Any:
    try:
        import jinja2  # noqa: PLC0415 - optional
    except ImportError:
        raise InputError("reports need jinja2 and matplotlib: pip install 'certify[report]'") from None
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    environment.filters["pixel"] = pixel
    environment.filters |= {"image": _image, "short": _short, "svg": _svg, "entries": _entries, "count": _count}
    environment.filters["words"] = _words
    environment.globals["evolution"] = _evolution
    return environment


def _words(text: str) -> Any:
    """Text between tags: no other character needs to be escaped there, and pages are many."""
    from markupsafe import Markup  # noqa: PLC0415 - comes with jinja2

    return Markup(text.replace("&", "&amp;").replace("<", "&lt;"))  # noqa: S704 - all that may open something is escaped


def _svg(text: str) -> Any:
    from markupsafe import Markup  # noqa: PLC0415 - comes with jinja2

    return Markup(text)  # noqa: S704 - drawn here, labels escaped by the plotting library


def _write(path: Path, environment: Any, template: str, **context: Any) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(environment.get_template(template).render(**context), encoding="utf-8")


def _assets(folder: Path, found: Sequence[tuple[Facts, bytes]]) -> None:
    (folder / MARKER).write_text("certify report may replace this folder.\n")
    for name in ("style.css", "table.js"):
        shutil.copyfile(TEMPLATES / name, folder / name)
    write_bundle(folder / "checker.pyz")
    for item, content in found:
        path = folder / "certificates" / item.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _short(x: float | None) -> str:
    return "" if x is None else f"{x:.6g}"


def _count(n: int | None) -> str:
    """A whole number, powers of ten from a million on as 1e6."""
    text = "" if n is None else str(n)
    return f"1e{len(text) - 1}" if len(text) > 6 and text.strip("0") == "1" else text


def pixel(grid: Sequence[Sequence[float]]) -> int:
    """Size of an entry on the screen."""
    return next((size for rows, size in PIXEL.items() if max(len(grid), len(grid[0])) <= rows), PIXEL_LEAST)


def _entries(grid: Sequence[Sequence[float]]) -> str:
    return f"{min(map(min, grid)):.3g} to {max(map(max, grid)):.3g}"


def _image(grid: Sequence[Sequence[float]]) -> str:
    return "data:image/webp;base64," + base64.b64encode(heat_map(grid)).decode()


def _marks(members: Sequence[Facts], value: Callable[[Facts], float | None]) -> list[Mark]:
    values = [(m.teachers, value(m), m) for m in members]
    return [Mark(x, y, hollow=bool(m.index)) for x, y, m in values if x is not None and y is not None]


def _positive_loss(m: Facts) -> float | None:
    return m.middle if m.loss is not None and m.loss[0] > 0.0 else None


def _smallest(m: Facts) -> float | None:
    return m.spectrum[0].middle if m.spectrum else None


def _hierarchy(pages: Sequence[Family]) -> str:
    """Loss against the number of teachers, a line a family."""
    series = [(page.name, _marks(page.members, _positive_loss)) for page in pages]
    near = [(name, [m for m in marks if m.x <= DRAWN_TEACHERS]) for name, marks in series]
    shown = [item for item in (near if any(marks for _, marks in near) else series) if item[1]]
    if not shown:
        return ""
    title = "Loss against the number of teachers: filled marks are strict local minima, hollow marks saddles"
    draw = partial(curves, series=shown, xlabel="teachers M", ylabel="loss L(W*)", legend=len(shown) <= 12)
    return inline_svg(draw, title, (9.0, 5.0))


def _evolution(family: Family) -> str:
    """A family's loss and its extreme certified eigenvalues against the number of teachers; "" for one size."""
    eigenvalues = _marks(family.members, _smallest)
    sizes = {mark.x for mark in eigenvalues}
    if len(sizes) < 2 or len(sizes) != len(family.members):
        return ""
    rows = [("smallest eigenvalue", eigenvalues), ("loss", _marks(family.members, lambda m: m.middle))]

    def draw(axes: Any) -> None:
        curves(axes, rows, xlabel="teachers M", ylabel="loss, eigenvalue", legend=True)
        if max(sizes) > 20 * min(sizes):
            axes.set_xscale("log")
            axes.xaxis.set_major_formatter(lambda x, _: f"1e{round(log10(x))}")

    return inline_svg(draw, f"{family.name}: loss and smallest eigenvalue against the number of teachers", (7.0, 3.2))
