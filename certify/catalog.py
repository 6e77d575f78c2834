"""Where certificates are: the shipped collection, and all below a directory."""

from __future__ import annotations

import os
from pathlib import Path

from certify.certificate import SUFFIX
from certify.errors import InputError


def location() -> Path:
    """The folder of the shipped certificates: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent
    checkout = package.parent
    if (package / "proofs").is_dir():
        return package / "proofs"
    if (checkout / "pyproject.toml").is_file() and (checkout / "proofs").is_dir():
        return checkout / "proofs"
    raise InputError("the catalog of certificates is not part of this installation")


def certificate_files(directory: Path) -> list[Path]:
    """All certificates below a directory, sorted by path; links to directories are not followed.

    Raises InputError if there are none, or if some folder cannot be read: nothing is passed over in silence.
    """
    found: list[Path] = []
    try:
        for folder, _, names in os.walk(directory, onerror=_raise):
            found += [Path(folder) / name for name in names if name.endswith(SUFFIX)]
    except OSError as error:
        raise InputError(f"{error.filename} cannot be read: {error.strerror}") from None
    if not found:
        raise InputError(f"no certificates (*{SUFFIX}) below this directory")
    return sorted(found, key=lambda path: path.relative_to(directory).parts)


def _raise(error: OSError) -> None:
    raise error
