"""All plotting: figures as PNG, PDF or SVG.  matplotlib is an optional extra, loaded with the first figure.

Colours are those of Okabe and Ito (jfly.uni-koeln.de/color), which the colour-blind can tell apart; where colour says
something, a shape or a line style says it too.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import Any

from certify.cli.text import one_line
from certify.errors import InputError
from certify.svg import slim

SUFFIXES = (".png", ".pdf", ".svg")
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F7F7F")
DASHES = ("-", "--", ":", "-.")
SIZE = 3.7  # of a mark, points
INK = "#010203"  # of text and axes in pages, where it becomes the page's own colour


@dataclass(frozen=True)
class Mark:
    """A point of a curve: hollow marks are saddles."""

    x: float
    y: float
    hollow: bool = False


def _pyplot() -> Any:
    """matplotlib's drawing interface, with the project's style; raises InputError if it is missing."""
    try:
        import matplotlib as mpl  # noqa: PLC0415 - optional, and slow to load
    except ImportError:
        raise InputError("figures need matplotlib: pip install 'certify[plot]'") from None
    mpl.use("Agg")
    from cycler import cycler  # noqa: PLC0415
    from matplotlib import pyplot  # noqa: PLC0415

    pyplot.rcParams.update(
        {"axes.prop_cycle": cycler(color=PALETTE), "svg.fonttype": "none", "svg.hashsalt": "certify"}
    )
    return pyplot


@contextmanager
def figure(path: str, rows: int = 1) -> Iterator[Any]:
    """Axes to draw on, `rows` of them above a common horizontal axis; saved when the block ends.

    Raises InputError without matplotlib, or for another suffix.
    """
    if Path(path).suffix.lower() not in SUFFIXES:
        raise InputError(one_line(f"{path}: a figure's name ends in {', '.join(SUFFIXES)}"))
    pyplot = _pyplot()
    height = 4.5 if rows == 1 else 2.5 * rows
    drawing, axes = pyplot.subplots(rows, figsize=(7, height), layout="constrained", sharex=True)
    try:
        yield axes
        drawing.savefig(path, dpi=150)
    except OSError as error:
        raise InputError(one_line(f"{path} cannot be written: {error.strerror}")) from None
    finally:
        pyplot.close(drawing)


def inline_svg(draw: Callable[[Any], None], title: str, size: tuple[float, float] = (7.0, 4.0)) -> str:
    """An SVG element for a page: without a background, its text and axes in the page's colour."""
    pyplot = _pyplot()
    ink = dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK)
    target = io.StringIO()
    with pyplot.rc_context({**ink, "legend.framealpha": 0.0, "font.size": 9, "path.simplify": False}):
        drawing, axes = pyplot.subplots(figsize=size)
        drawing.subplots_adjust(0.72 / size[0], 0.55 / size[1], 1 - 0.1 / size[0], 1 - 0.1 / size[1])  # inches
        try:
            draw(axes)
            drawing.savefig(target, format="svg", transparent=True, metadata=dict.fromkeys(("Date", "Creator")))
        finally:
            pyplot.close(drawing)
    return slim(target.getvalue(), title).replace(INK, "currentColor")


def heat_map(grid: Sequence[Sequence[float]]) -> bytes:
    """A WebP without losses, shorter than a PNG, of one pixel an entry: blue negative, white zero, red positive."""
    _pyplot()
    import numpy as np  # noqa: PLC0415
    from matplotlib import colormaps  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415 - comes with matplotlib

    array = np.array(grid, dtype=np.float64)
    largest = float(np.abs(array).max()) or 1.0
    colors = np.rint(255.0 * colormaps["RdBu_r"](np.linspace(0.0, 1.0, 255))[:, :3]).astype(np.uint8)
    place = np.rint(127.0 * array / largest).astype(np.int64) + 127
    target = io.BytesIO()
    Image.fromarray(colors[place]).save(target, "WEBP", lossless=True)
    return target.getvalue()


def curves(axes: Any, series: Sequence[tuple[str, Sequence[Mark]]], *, xlabel: str, ylabel: str, legend: bool) -> None:
    """One line a series, if its points differ in x, with a mark a point: filled or hollow."""
    for place, (name, marks) in enumerate(series):
        color, dash = PALETTE[place % len(PALETTE)], DASHES[place // len(PALETTE) % len(DASHES)]
        joined = dash if len({m.x for m in marks}) == len(marks) else ""  # several points of one size are no curve
        axes.plot([m.x for m in marks], [m.y for m in marks], joined, color=color, lw=0.6, label=name)
        hollow = [m for m in marks if m.hollow]
        axes.plot([m.x for m in hollow], [m.y for m in hollow], "o", color=color, ms=SIZE - 0.7, mew=0.7, mfc="none")
        ends = [(x, y) for m in marks if not m.hollow for x, y in ((m.x, m.y), (m.x, m.y), (nan, nan))]
        axes.plot([x for x, _ in ends], [y for _, y in ends], color=color, lw=SIZE, solid_capstyle="round")  # dots
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.spines[["top", "right"]].set_visible(False)
    if legend:
        axes.legend(fontsize="x-small", ncols=2)
