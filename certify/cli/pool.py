"""Certificates checked on all processors, by interpreters that load the checker and, with stdlib, nothing else."""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Sequence
from functools import partial
from pathlib import Path

from certify.api import Verification, verify
from certify.processes import ROOT, Crew, processors, together

PATIENCE = 0.3  # seconds of checking in this process before others are started
LARGE = 1 << 15  # bytes of a certificate that is not checked here if there are others
PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from certify.cli.worker import main; main(sys.argv[2])"


def verifications(paths: Sequence[str], engine: str = "stdlib") -> Generator[Verification]:
    """A verdict a path, in order, as soon as it is there."""
    begun = time.monotonic()
    for place, path in enumerate(paths):
        workers = min(processors(), len(paths) - place)
        if workers > 1 and (time.monotonic() - begun > PATIENCE or _size(path) > LARGE):
            bare = ["-S"] if engine == "stdlib" else []
            with Crew(workers, [*bare, "-I", "-c", PROGRAM, ROOT, engine]) as crew:
                yield from together(crew, partial(_verified, crew), paths[place:])
            return
        yield verify(path, engine=engine)


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except (OSError, ValueError):
        return 0


def _verified(crew: Crew, path: str) -> Verification:
    answer = crew.answer(json.dumps(path))
    if isinstance(answer, int):
        return Verification("internal", reason=f"the checking process died (exit status {answer})")
    return Verification(**json.loads(answer))
