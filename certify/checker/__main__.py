"""`python -S -m certify.checker FILE...`: verify certificates, one verdict a line."""

import os
import sys
from pathlib import Path

from certify.checker.errors import Malformed, Rejected, ResourceLimit
from certify.checker.reader import LIMIT_BYTES
from certify.checker.theorem import verify_bytes

USAGE = "usage: python -S -m certify.checker FILE...   (0 all verified, 1 rejected, 2 malformed, 3 limit, 70 internal)"


def check_file(path: str) -> int:
    """Verify one file: the verdict on stdout or the reason on stderr; returns the exit code."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(LIMIT_BYTES + 1)
        verdict = verify_bytes(content)
    except OSError as error:
        return _refuse("MALFORMED", path, f"cannot be read: {error.strerror}", 2)
    except ValueError:
        return _refuse("MALFORMED", path, "not a file name", 2)
    except Malformed as error:
        return _refuse("MALFORMED", path, str(error), 2)
    except Rejected as error:
        return _refuse("REJECTED", path, str(error), 1)
    except (ResourceLimit, MemoryError) as error:
        return _refuse("LIMIT", path, str(error) or "out of memory", 3)
    except Exception as error:
        return _refuse("INTERNAL", path, f"{type(error).__name__}: {error}", 70)
    sys.stdout.write(f"VERIFIED {verdict.claim_hash} {verdict.sentence}\n")
    return 0


def _refuse(word: str, path: str, reason: str, code: int) -> int:
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
    except BrokenPipeError:
        os._exit(1)
