"""A checking process: paths in, verdicts out, one JSON text a line.  Standard library and checker only."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from certify.api import verify


def main(engine: str) -> None:
    """Answer until the input ends."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(asdict(verify(json.loads(line), engine=engine))) + "\n")
        sys.stdout.flush()
