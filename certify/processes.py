"""Much to do on all processors: interpreters that read a line, work, and answer with a line."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import Self, TypeVar, cast

# For the environment of processes of which there is one a processor.
ONE_THREAD = dict.fromkeys(
    (
        "OPENBLAS_NUM_THREADS",
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "BLIS_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
    ),
    "1",
)


AHEAD = 32  # items read ahead for each process, so that a slow one in front leaves nobody idle
ROOT = str(Path(__file__).resolve().parents[1])
CALLED = ["-P", "-m", "certify.called"]  # -P: a numpy.py in the current directory must not be imported

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def processors() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def together(crew: Crew, work: Callable[[Item], Answer], items: Iterable[Item]) -> Generator[Answer]:
    """The work's answers in the order of the items, which are read as they are needed; `work` runs in threads.

    Whatever ends this generator early ends the processes at once.
    """
    threads, waiting = ThreadPoolExecutor(crew.places), deque[Future[Answer]]()
    try:
        for item in items:
            waiting.append(threads.submit(work, item))
            while waiting and (waiting[0].done() or len(waiting) > AHEAD * crew.places):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BaseException:
        crew.kill()
        raise
    finally:
        threads.shutdown(cancel_futures=True)


class Crew:
    """Places for processes; a process starts when its place is first used, and again should it die.

    Use it in a with statement, at whose end the processes are gone.
    """

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

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End and reap the processes; what was still meant for one is lost."""
        self.kill()
        for process in self._all:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()

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

    def called(self, function: Callable[[Item], Answer], argument: Item) -> Answer:
        """The value of a function, by a process that runs `certify.called`; raises what it raises.

        Function and argument must be what pickle takes.  RuntimeError: the process died.
        """
        answer = self.answer(b64encode(pickle.dumps((function, argument))).decode("ascii"))
        if isinstance(answer, int):
            raise RuntimeError(f"a process died (exit status {answer})")
        value, error = pickle.loads(b64decode(answer))  # noqa: S301 - from a process that this one started
        if error is not None:
            raise error
        return cast("Answer", value)

    def kill(self) -> None:
        """End the processes at once; threads that wait for them come back."""
        with self._lock:
            self._closed = True
            for process in self._all:
                process.kill()

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
