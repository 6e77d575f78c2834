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


def pursue(order: str, batch: int) -> str:
    """The arrivals of a batch, as a line; order: JSON of the plan (a line) and the number of starts."""
    told = json.loads(order)
    return encode_arrivals(_pursuer(told["plan"]).batch(batch, told["starts"]))


def main() -> None:
    """Read the order, then a batch a line; answer a line each."""
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # whatever a library prints must not get between the answers
    order = sys.stdin.readline()
    try:
        for line in sys.stdin:
            answers.write(pursue(order, int(line)) + "\n")
            answers.flush()
    except BrokenPipeError:
        os._exit(0)


if __name__ == "__main__":
    main()
