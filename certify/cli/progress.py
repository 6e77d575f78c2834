"""A progress bar on stderr for what takes longer than a moment, and lines of output that do not disturb it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Timer
from typing import Any, TextIO

from certify.phases import watched

DELAY = 2.0  # seconds without a bar


@contextmanager
def progress(name: str, total: int) -> Iterator[Bar]:
    """A bar while the block runs; it shows nothing unless stderr is a terminal and two seconds have passed."""
    bar = Bar(name, total)
    timer = Timer(DELAY, bar.show)
    timer.daemon = True
    if sys.stderr.isatty():
        timer.start()
    try:
        with watched(bar.phase):
            yield bar
    finally:
        timer.cancel()
        bar.close()


class Bar:
    """Counts steps, visible or not."""

    _shown: Any = None  # rich is loaded when the bar appears

    def __init__(self, name: str, total: int) -> None:
        """Announce `total` steps."""
        self._name, self._total, self._done = name, total, 0
        self._phase = ""
        self._lock, self._closed = Lock(), False

    def phase(self, name: str) -> None:
        """What is done now, for a step that takes long."""
        with self._lock:
            self._phase = name
            self._update()

    def close(self) -> None:
        """Vanish."""
        with self._lock:
            self._closed = True
            if self._shown is not None:
                self._shown.stop()

    def extend(self, steps: int) -> None:
        """There are more steps than announced."""
        with self._lock:
            self._total += steps
            self._update()

    def advance(self) -> None:
        """One step is done."""
        with self._lock:
            self._done, self._phase = self._done + 1, ""
            self._update()

    def at(self, done: int, waiting: int) -> None:
        """So many steps are done and so many are known to wait."""
        with self._lock:
            self._done, self._total = done, done + waiting
            self._update()

    def share(self, share: float) -> None:
        """So much of the announced steps is done, from 0 to 1."""
        with self._lock:
            self._done = int(share * self._total)
            self._update()

    def write(self, stream: TextIO, line: str) -> None:
        """Write a line at once, above the bar."""
        with self._lock:
            pause = self._shown is not None and stream.isatty()
            if pause:
                self._shown.stop()
            stream.write(line + "\n")
            stream.flush()
            if pause:
                self._shown.start()

    def _update(self) -> None:
        if self._shown is not None:
            self._shown.update(self._shown.task_ids[0], description=self._text, completed=self._done, total=self._total)

    @property
    def _text(self) -> str:
        return f"{self._name}: {self._phase}" if self._phase and self._total - self._done == 1 else self._name

    def show(self) -> None:
        """Appear."""
        from rich.console import Console  # noqa: PLC0415 - most calls end before a bar is due
        from rich.progress import (  # noqa: PLC0415  # noqa: PLC0415
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        times = TimeElapsedColumn(), TimeRemainingColumn()
        columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), *times)
        with self._lock:
            if self._closed:
                return
            self._shown = Progress(
                *columns,
                console=Console(stderr=True),
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._shown.add_task(self._text, total=self._total, completed=self._done)
            self._shown.start()
