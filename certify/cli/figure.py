"""Figures: matplotlib is an optional extra."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from certify.cli.text import one_line
from certify.errors import InputError

SUFFIXES = (".png", ".pdf", ".svg")


@contextmanager
def figure(path: str) -> Iterator[Any]:
    """Axes to draw on; saved when the block ends.  Raises InputError without matplotlib, or for another suffix."""
    if Path(path).suffix.lower() not in SUFFIXES:
        raise InputError(one_line(f"{path}: a figure's name ends in {', '.join(SUFFIXES)}"))
    try:
        import matplotlib as mpl  # noqa: PLC0415 - optional, and slow to load
    except ImportError:
        raise InputError("figures need matplotlib: pip install 'certify[plot]'") from None
    mpl.use("Agg")
    from matplotlib import pyplot  # noqa: PLC0415

    drawing, axes = pyplot.subplots(figsize=(7, 4.5), layout="constrained")
    try:
        yield axes
        drawing.savefig(path, dpi=150)
    except OSError as error:
        raise InputError(one_line(f"{path} cannot be written: {error.strerror}")) from None
    finally:
        pyplot.close(drawing)
