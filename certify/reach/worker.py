"""Work on batches: a program (`python -m certify.reach.worker`, see search.pool), and a function for a scheduler."""

from __future__ import annotations

import json
import os
import sys
from functools import lru_cache

from certify.reach.plan import decode_plan, encode_arrivals
from certify.reach.pursue import Pursuer


@lru_cache(maxsize=1)
def _pursuer(plan: str) -> Pursuer:
    """One for each process: it remembers the minima met, which saves time and changes no verdict."""
    return Pursuer(decode_plan(plan))


def pursue(plan: str, numbers: str) -> str:
    """The arrivals of starts (JSON of their numbers), as a line; plan: its line."""
    return encode_arrivals(_pursuer(plan).runs(json.loads(numbers)))


def main() -> None:
    """Read the plan, then a batch a line; answer a line each."""
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # whatever a library prints must not get between the answers
    plan = sys.stdin.readline()
    try:
        for line in sys.stdin:
            answers.write(pursue(plan, line) + "\n")
            answers.flush()
    except BrokenPipeError:
        os._exit(0)


if __name__ == "__main__":
    main()
