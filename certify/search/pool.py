"""Worker processes: lines out, lines back, in the order in which they come."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from typing import IO

from certify.processes import ONE_THREAD
from certify.search.descent import Run
from certify.search.setting import Setting
from certify.search.wire import decode_run, encode_setting


def completed(setting: Setting, numbers: Iterator[int], workers: int) -> Generator[Run]:
    """Runs of the start numbers, as they end."""
    for answer in answered("certify.search.worker", encode_setting(setting), map(str, numbers), workers):
        yield decode_run(answer)


def answered(program: str, first: str, lines: Iterator[str], workers: int) -> Generator[str]:
    """Lines that processes running the module `program` answer to lines, as they come.

    Every process reads the line `first`, then others; it has at most one in flight.
    `lines` is read only when a worker is free.  Closing the iterator, or any exception, kills the workers at once.
    Raises RuntimeError when a worker dies.
    """
    processes: list[subprocess.Popen[str]] = []
    busy: dict[Future[str], subprocess.Popen[str]] = {}
    threads = ThreadPoolExecutor(workers)
    try:
        for _ in range(workers):
            processes.append(_launch(program))
            _say(processes[-1], first)
        idle = list(processes)
        while True:
            while idle and (line := next(lines, None)) is not None:
                process = idle.pop()
                busy[threads.submit(_ask, process, line)] = process
            if not busy:
                return
            for future in wait(busy, return_when=FIRST_COMPLETED).done:
                idle.append(busy.pop(future))
                yield future.result()
    finally:
        for process in processes:
            process.kill()
        threads.shutdown()
        for process in processes:
            _close(process)


def _launch(program: str) -> subprocess.Popen[str]:
    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": os.pathsep.join(paths)}
    return subprocess.Popen(
        # -P: a numpy.py in the current directory must not be imported.
        [sys.executable, "-P", "-m", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,  # Ctrl-C is for the caller, who then ends the workers
    )


def _ask(process: subprocess.Popen[str], line: str) -> str:
    _say(process, line)
    answer = _pipe(process.stdout).readline()
    if not answer.endswith("\n"):
        raise RuntimeError(f"a worker died over {line:.40}")
    return answer


def _say(process: subprocess.Popen[str], line: str) -> None:
    pipe = _pipe(process.stdin)
    try:
        pipe.write(line + "\n")
        pipe.flush()
    except OSError:
        raise RuntimeError("a worker died") from None


def _pipe(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise RuntimeError("a search worker has no pipe")
    return pipe


def _close(process: subprocess.Popen[str]) -> None:
    """Reap a killed worker; what was still meant for it is lost."""
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):
            _pipe(pipe).close()
    process.wait()
