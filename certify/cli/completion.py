"""`certify completion`: the script by which a shell completes verbs and options."""

from __future__ import annotations

import sys

from click.shell_completion import get_completion_class

from certify.cli.commands import certify
from certify.errors import InputError

VARIABLE = "_CERTIFY_COMPLETE"


def run(shell: str) -> int:
    """Print it."""
    found = get_completion_class(shell)
    if found is None:
        raise InputError(f"no completion for {shell}")
    sys.stdout.write(found(certify, {}, "certify", VARIABLE).source() + "\n")
    return 0
