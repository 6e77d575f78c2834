"""`python -S -m certify.checker FILE...`: verify certificates, one verdict a line."""

import os
import sys
from pathlib import Path

from certify.checker.errors import Malformed, Rejected, ResourceLimit
from certify.checker.reader import LIMIT_BYTES
from certify.checker.theorem import verify_bytes

USAGE = "usage: python -S -m certify.checker FILE...   (0 all verified, 1 rejected, 2 malformed, 3 limit, 70 internal)"

REFUSALS: tuple[tuple[type[Exception], str, int], ...] = (
    (Malformed, "MALFORMED", 2),
    (OSError, "MALFORMED", 2),
    (RecursionError, "MALFORMED", 2),
    (Rejected, "REJECTED", 1),
    (ResourceLimit, "LIMIT", 3),
    (MemoryError, "LIMIT", 3),
)


def check_file(path: str) -> int:
    """Verify one file: the verdict on stdout or the reason on stderr; returns the exit code."""
    try:
        if not Path(path).is_file():
            raise Malformed("no such file, or a directory, pipe or device")
        with Path(path).open("rb") as file:
            content = file.read(LIMIT_BYTES + 1)
        verdict = verify_bytes(content)
    except Exception as error:
        return _refuse(path, error)
    sys.stdout.write(f"VERIFIED {verdict.claim_hash} {verdict.sentence}\n")
    return 0


def _refuse(path: str, error: Exception) -> int:
    """One line on stderr; the exit code."""
    word, code, reason = "INTERNAL", 70, f"{type(error).__name__}: {error}"
    for kind, name, number in REFUSALS:
        if isinstance(error, kind):
            word, code, reason = name, number, str(error) or kind.__name__
            break
    sys.stderr.write(f"{word} {ascii(path)[1:-1]}: {ascii(reason)[1:-1]}\n")
    return code


def main(arguments: list[str]) -> int:
    """Verify the named files; the exit code is the largest of theirs."""
    if not arguments or any(argument.startswith("-") for argument in arguments):
        sys.stderr.write(USAGE + "\n")
        return 2
    code = 0
    for path in arguments:
        code = max(code, check_file(path))
        sys.stdout.flush()
    return code


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        os._exit(130)
    except OSError:
        os._exit(70)  # the verdict could not be written
