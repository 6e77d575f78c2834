"""Many certificates on all processors: interpreters that load the checker and, with the engine stdlib, nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Lock

from certify.api import Verification, verify

PATIENCE = 0.3  # seconds of checking in this process before others are started

ROOT = str(Path(__file__).resolve().parents[2])
PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from certify.cli.worker import main; main(sys.argv[2])"


def verifications(paths: Sequence[str], engine: str = "stdlib") -> Generator[Verification]:
    """A verdict a path, in order, as soon as it is there."""
    begun = time.monotonic()
    for place, path in enumerate(paths):
        workers = min(processors(), len(paths) - place)
        if workers > 1 and time.monotonic() - begun > PATIENCE:
            yield from _together(paths[place:], workers, engine)
            return
        yield verify(path, engine=engine)


def processors() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _together(paths: Sequence[str], workers: int, engine: str) -> Generator[Verification]:
    crew = _Crew(workers, engine)
    threads = ThreadPoolExecutor(workers)
    try:
        yield from threads.map(crew.verify, paths)
    finally:
        crew.kill()
        threads.shutdown(cancel_futures=True)
        crew.close()


class _Crew:
    """Places for processes; a process starts when its place is first used, and again should it die."""

    def __init__(self, places: int, engine: str) -> None:
        self._bare = ["-S"] if engine == "stdlib" else []
        self._engine = engine
        self._idle: SimpleQueue[subprocess.Popen[str] | None] = SimpleQueue()
        self._all: list[subprocess.Popen[str]] = []
        self._lock, self._closed = Lock(), False
        for _ in range(places):
            self._idle.put(None)

    def verify(self, path: str) -> Verification:
        process = self._idle.get() or self._start()
        try:
            answer = _ask(process, path)
        except OSError:
            answer = ""
        if answer.endswith("\n"):
            self._idle.put(process)
            return Verification(**json.loads(answer))
        self._idle.put(None)
        return Verification("internal", reason=f"the checking process died (exit status {process.wait()})")

    def kill(self) -> None:
        """End the processes at once; threads that wait for them come back."""
        with self._lock:
            self._closed = True
            for process in self._all:
                process.kill()

    def close(self) -> None:
        """Reap them; what was still meant for one is lost."""
        for process in self._all:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()

    def _start(self) -> subprocess.Popen[str]:
        with self._lock:
            if self._closed:
                raise RuntimeError("closed")
            process = subprocess.Popen(
                [sys.executable, *self._bare, "-I", "-c", PROGRAM, ROOT, self._engine],
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # there is a process for each processor
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="ascii",
                start_new_session=True,  # Ctrl-C is for the caller, who then ends these
            )
            self._all.append(process)
            return process


def _ask(process: subprocess.Popen[str], path: str) -> str:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("a checking process has no pipe")
    with suppress(BrokenPipeError):
        process.stdin.write(json.dumps(path) + "\n")
        process.stdin.flush()
    return process.stdout.readline()
