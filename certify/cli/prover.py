"""A proving process: candidates in, reports out, a line each."""

from __future__ import annotations

import sys

from certify.cli.batch import answer


def main() -> None:
    """Answer until the input ends; what else is printed goes to stderr."""
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        answers.write(answer(line) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
