"""How much memory a dense proof or check takes, and how much there is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path
from threading import Condition

from certify.linalg.definite import TILE

BASE = 100 << 20  # interpreter and libraries
AGE = 0.5
EIGENDECOMPOSITION = 4  # n x n arrays that saddles take


def needed(students: int, teachers: int, dimension: int, *, arrays: int = 1) -> int:
    """Bytes, at most, of float64 work with so many n x n arrays: one, or those of an eigendecomposition.

    The Hessian; four arrays K N d, three K K d, eight K N; a tile, and the basis of Lanczos' method.
    """
    n, rows = students * dimension, students + teachers
    pairs = students * rows * (4 * dimension + 8) + 3 * students * n
    return BASE + 8 * (arrays * n * n + pairs + n * (TILE + 170))


def available() -> int | None:
    """Bytes that this process may still use, as they were at most AGE seconds ago; None if the system does not tell.

    Asking takes a tenth of a small proof's time, and what needs much memory takes much longer than AGE.
    """
    global _asked, _answer
    if not time.monotonic() - _asked < AGE:
        _asked, _answer = time.monotonic(), _now_available()
    return _answer


_asked: float = -inf
_answer: int | None = None


def _now_available() -> int | None:
    found = []
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                found.append(int(line.split()[1]) << 10)
        limit, used = (Path(f"/sys/fs/cgroup/memory.{name}").read_text().strip() for name in ("max", "current"))
        if limit != "max":
            found.append(max(0, int(limit) - int(used)))
    except (OSError, ValueError, IndexError):
        pass
    return min(found, default=None)


def shortage(bytes_needed: int) -> str | None:
    """One line if that much memory is not there."""
    there = available()
    if there is None or bytes_needed <= there:
        return None
    return f"about {gigabytes(bytes_needed)} of memory are needed, {gigabytes(there)} are free"


class Budget:
    """Lets threads begin what fits into memory beside what the others have begun; what is larger begins alone."""

    def __init__(self, size: int | None) -> None:
        """So many bytes; None: no limit is known."""
        self._free = self._size = size
        self._changed = Condition()

    @contextmanager
    def room(self, size: int) -> Iterator[None]:
        """Wait until there is room; take it during the block."""
        if self._size is None or self._free is None:
            yield
            return
        taken = min(size, self._size)
        with self._changed:
            while self._free < taken:
                self._changed.wait()
            self._free -= taken
        try:
            yield
        finally:
            with self._changed:
                self._free += taken
                self._changed.notify_all()


def gigabytes(size: int) -> str:
    """In words."""
    return f"{size / 1e9:.2g} GB"
