"""Much to do on all processors: interpreters that read a line, work, and answer with a line.

Certificates are checked by interpreters that load the checker and, with the engine stdlib, nothing else; candidates
are proved by `certify.cli.prover`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import TypeVar

from certify.api import Verification, verify
from certify.processes import ONE_THREAD, processors

PATIENCE = 0.3  # seconds of checking in this process before others are started
AHEAD = 4  # items read ahead for each process, so that a slow one in front leaves nobody idle

ROOT = str(Path(__file__).resolve().parents[2])
PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from certify.cli.worker import main; main(sys.argv[2])"

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def verifications(paths: Sequence[str], engine: str = "stdlib") -> Generator[Verification]:
    """A verdict a path, in order, as soon as it is there."""
    begun = time.monotonic()
    for place, path in enumerate(paths):
        workers = min(processors(), len(paths) - place)
        if workers > 1 and time.monotonic() - begun > PATIENCE:
            bare = ["-S"] if engine == "stdlib" else []
            crew = Crew(workers, [*bare, "-I", "-c", PROGRAM, ROOT, engine])
            yield from together(crew, partial(_verified, crew), paths[place:])
            return
        yield verify(path, engine=engine)


def _verified(crew: Crew, path: str) -> Verification:
    answer = crew.answer(json.dumps(path))
    if isinstance(answer, int):
        return Verification("internal", reason=f"the checking process died (exit status {answer})")
    return Verification(**json.loads(answer))


def together(crew: Crew, work: Callable[[Item], Answer], items: Iterable[Item]) -> Generator[Answer]:
    """The work's answers in the order of the items, which are read as they are needed; `work` runs in threads.

    Whatever ends this generator ends the processes at once.
    """
    threads, waiting = ThreadPoolExecutor(crew.places), deque[Future[Answer]]()
    try:
        for item in items:
            waiting.append(threads.submit(work, item))
            while waiting and (waiting[0].done() or len(waiting) > AHEAD * crew.places):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        crew.kill()
        threads.shutdown(cancel_futures=True)
        crew.close()


class Crew:
    """Places for processes; a process starts when its place is first used, and again should it die."""

    def __init__(self, places: int, arguments: Sequence[str], path: str = "") -> None:
        """Python is called with the arguments; `path`: added to PYTHONPATH."""
        self.places = places
        self._command = [sys.executable, *arguments]
        paths = [part for part in (path, os.environ.get("PYTHONPATH", "")) if part]
        self._environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": os.pathsep.join(paths)}
        self._idle: SimpleQueue[subprocess.Popen[str] | None] = SimpleQueue()
        self._all: list[subprocess.Popen[str]] = []
        self._lock, self._closed = Lock(), False
        for _ in range(places):
            self._idle.put(None)

    def answer(self, request: str) -> str | int:
        """The line that some process answers to a line; its exit status if it died over it."""
        process = self._idle.get() or self._start()
        try:
            answer = _ask(process, request)
        except OSError:
            answer = ""
        if answer.endswith("\n"):
            self._idle.put(process)
            return answer
        self._idle.put(None)
        return process.wait()

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
                self._command,
                env=self._environment,  # there is a process for each processor
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="ascii",
                start_new_session=True,  # Ctrl-C is for the caller, who then ends these
            )
            self._all.append(process)
            return process


def _ask(process: subprocess.Popen[str], request: str) -> str:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("a process has no pipe")
    with suppress(BrokenPipeError):
        process.stdin.write(request + "\n")
        process.stdin.flush()
    return process.stdout.readline()
