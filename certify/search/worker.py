"""A worker process: one line with the setting, then one line a start number; answers one line a run, all JSON.

It is a program of its own and not a fork, so that it has BLAS on one thread whatever the caller does with threads, and
the caller's script needs no guard around its main part.  The end of its input (also when the caller is killed) ends it.
"""

from __future__ import annotations

import os
import sys
from typing import TextIO

from certify.search.descent import run_start
from certify.search.wire import decode_setting, encode_run


def serve(questions: TextIO, answers: TextIO) -> None:
    """Answer start numbers until the input ends."""
    setting = decode_setting(questions.readline())
    for line in questions:
        answers.write(encode_run(run_start(setting, int(line))) + "\n")
        answers.flush()


def main() -> None:
    """Entry point of `python -m certify.search.worker`."""
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # whatever a library prints must not get between the answers
    try:
        serve(sys.stdin, answers)
    except BrokenPipeError:
        os._exit(0)  # the caller is gone; flushing at exit would only complain


if __name__ == "__main__":
    main()
