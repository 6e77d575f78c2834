"""The command line: `main` is the entry point, `commands` says what there is, and each verb has a module of its own.

Exit codes: 0 done; 1 not proved, or rejected; 2 bad input or usage; 3 resource limit of the checker; 70 a defect;
130 interrupted.  Every error is one line on stderr.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `certify ARGUMENTS` (None: those of the process) and return the exit code; never raises."""
    try:
        return int(import_module("certify.cli.entry").run(arguments))
    except KeyboardInterrupt:
        return 130
