"""A process that calls functions: a function and its argument in, its value or what it raised out, a line each."""

from __future__ import annotations

import pickle
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable


def answer(line: str) -> str:
    """What the process answers to a line of `certify.processes.Crew.called`."""
    function, argument = pickle.loads(b64decode(line))  # noqa: S301 - from the process that started this one
    told: tuple[object, Exception | None]
    try:
        told = function(argument), None
    except Exception as error:  # raised again by the caller
        told = None, error
    return b64encode(pickle.dumps(told)).decode("ascii")


def serve(answer: Callable[[str], str]) -> None:
    """Answer each line of the input until it ends; what else is printed goes to stderr."""
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        answers.write(answer(line) + "\n")
        answers.flush()


if __name__ == "__main__":
    serve(answer)
