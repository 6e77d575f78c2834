"""The progress bar, on stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class Bar:
    """Counts tasks on a rich bar, or nowhere."""

    def __init__(self, progress: Progress | None) -> None:
        """None shows nothing."""
        self._progress = progress

    def task(self, name: str, total: int, done: int = 0) -> Callable[[], None]:
        """Announce a task; the function returned counts one step of it."""
        if self._progress is None:
            return _nothing
        return partial(self._progress.advance, self._progress.add_task(name, total=total, completed=done))


def _nothing() -> None:
    pass


@contextmanager
def progress_bar(shown: bool) -> Iterator[Bar]:
    """A bar on stderr while the block runs, if `shown`; it vanishes at the end."""
    if not shown:
        yield Bar(None)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Bar(progress)
