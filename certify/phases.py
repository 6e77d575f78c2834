"""Where a long computation stands, said to whoever watches it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Watcher = Callable[[str], None]
_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


def phase(name: str, share: float | None = None) -> None:
    """What begins now, or how much of it is done; costs nothing while nobody watches."""
    watcher = _watcher.get()
    if watcher is not None:
        watcher(name if share is None else f"{name}, {100.0 * share:.0f} %")


@contextmanager
def watched(watcher: Watcher) -> Iterator[None]:
    """Tell `watcher` the phases of the block."""
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)
