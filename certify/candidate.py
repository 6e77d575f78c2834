"""Candidates from files: float points that somebody believes to be critical.  Files are data, never code."""

from __future__ import annotations

import json
import os
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from certify.certificate import SUFFIX
from certify.errors import InputError
from certify.problem import Array, as_matrix

SUFFIXES = (".json", ".npy", ".npz")
LIMIT_JSON_BYTES = 256 << 20
LIMIT_MEMBER_BYTES = 4 << 30  # of an array inside an .npz, unpacked


@dataclass(frozen=True, eq=False)
class Candidate:
    """One float point.  W [K, d], of any dtype and not yet looked at.  V [M, d]: the teacher, None: standard basis."""

    W: Any
    V: Array | None = None
    source: str = ""  # file, as given
    item: int | None = None  # position in the file's stack

    @property
    def name(self) -> str:
        """File and position, for messages."""
        return self.source if self.item is None else f"{self.source}[{self.item}]"

    @property
    def stem(self) -> str:
        """How file names made from this candidate begin; cut where a file system would refuse the length."""
        stem = Path(self.source).stem
        while len(os.fsencode(stem)) > 160:
            stem = stem[:-1]
        return stem if self.item is None else f"{stem}-{self.item}"


def candidate_files(path: str) -> list[str]:
    """The path itself, or of a folder its candidate files, sorted by name; raises InputError if there are none.

    A folder may hold certificates and a search's own files as well: those, and hidden files, are left out.
    """
    if not path:
        raise InputError("an empty path")
    try:
        if not Path(path).is_dir():
            return [path]
        names = sorted(entry.name for entry in Path(path).iterdir() if entry.is_file())
    except (OSError, ValueError) as error:
        raise InputError(_cause(error)) from None
    names = [n for n in names if n.endswith(SUFFIXES) and not n.endswith(SUFFIX) and not n.startswith(".")]
    if not names:
        raise InputError("no candidates (.npz, .npy or .json files) in this folder")
    return [str(Path(path) / name) for name in names]


def read_candidates(path: str) -> list[Candidate]:
    """The candidates of one file; raises InputError with one line that says what is wrong with the file.

    .npz: arrays W and, optionally, V; .npy: W; .json: {"W": [[...]], "V": [[...]]}, V optional, or a list of such
    objects or of matrices, or {"points": such a list}; other keys are ignored.  W is K x d, or a stack n x K x d; V is
    M x d.  Without V the teacher is the standard basis of R^d.
    """
    points = _points(path)
    if points is None:
        return _candidates(_read(path, "W"), path)
    return [replace(_only(point, path, item), item=item) for item, point in enumerate(points)]


def _candidates(data: Mapping[str, Any], path: str) -> list[Candidate]:
    V = as_matrix(data["V"], "V") if "V" in data else None
    stack = _array(data["W"], "W")
    if stack.ndim not in (2, 3) or 0 in stack.shape:
        raise InputError(f"W must be a nonempty K x d matrix or an n x K x d stack, not of shape {stack.shape}")
    if V is not None and V.shape[1] != stack.shape[-1]:
        raise InputError(f"W has {stack.shape[-1]} columns, but V has {V.shape[1]}")
    if stack.ndim == 2:
        return [Candidate(stack, V, path)]
    return [Candidate(W, V, path, item) for item, W in enumerate(stack)]


def _points(path: str) -> list[Any] | None:
    """The list in a .json file of several points; None for any other file."""
    if Path(path).suffix.lower() != ".json" or not Path(path).is_file():
        return None
    try:
        data = _parsed(path)
    except InputError:
        raise
    except Exception as error:  # as in _read
        raise InputError(_cause(error)) from None
    points = data.get("points") if isinstance(data, dict) and "W" not in data else data
    if not isinstance(points, list):
        return None
    if not points:
        raise InputError("a list of no points")
    return points


def _only(point: Any, path: str, item: int) -> Candidate:
    """The one point of an object or of a matrix."""
    data = point if isinstance(point, dict) else {"W": point}
    try:
        if "W" not in data:
            raise InputError("there is no W")
        found = _candidates(data, path)
        if found[0].item is not None:
            raise InputError("W is not a matrix")
    except InputError as error:
        raise InputError(f"point {item}: {error}") from None
    return found[0]


def read_teacher(path: str) -> Array:
    """A teacher V [M, d] from a .npy (V alone), .npz or .json file; raises InputError."""
    return as_matrix(_read(path, "V")["V"], "V")


def _read(path: str, needed: str) -> Mapping[str, Any]:
    """The entries W and V of a file, as far as they are there; an .npy file holds the needed one."""
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(f"the name does not end in {', '.join(SUFFIXES)}")
    if not Path(path).is_file():
        raise InputError("no such file, or a directory, pipe or device")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # numpy's remarks about old headers
            if suffix == ".npy":
                data = {needed: _read_npy(path)}
            else:
                data = _read_npz(path) if suffix == ".npz" else _read_json(path)
    except InputError:
        raise
    except Exception as error:  # whatever a reader makes of a broken file, the file is at fault
        raise InputError(_cause(error)) from None
    if needed not in data:
        raise InputError(f"there is no {needed} in the file")
    return data


def _read_npy(path: str) -> Array:
    # Mapped, so that a header that promises more than the file holds costs no memory.
    return np.array(np.load(path, mmap_mode="r", allow_pickle=False))


def _read_npz(path: str) -> dict[str, Any]:
    data = {}
    with zipfile.ZipFile(path) as archive:
        for name in ("W", "V"):
            if f"{name}.npy" not in archive.namelist():
                continue
            if archive.getinfo(f"{name}.npy").file_size > LIMIT_MEMBER_BYTES:
                raise InputError(f"{name} is larger than {LIMIT_MEMBER_BYTES} bytes")
            with archive.open(f"{name}.npy") as file:
                data[name] = np.lib.format.read_array(file, allow_pickle=False)
    return data


def _read_json(path: str) -> dict[str, Any]:
    data = _parsed(path)
    if not isinstance(data, dict):
        raise InputError('the text is not of the form {"W": [[...]], "V": [[...]]}')
    if {"claim", "witness"} <= data.keys():
        raise InputError("this is a certificate, not a candidate: certify verify checks it")
    return {name: data[name] for name in ("W", "V") if name in data}


def _parsed(path: str) -> Any:
    with Path(path).open("rb") as file:
        content = file.read(LIMIT_JSON_BYTES + 1)
    if len(content) > LIMIT_JSON_BYTES:
        raise InputError(f"the file is larger than {LIMIT_JSON_BYTES} bytes")
    return json.loads(content)


def _array(value: Any, name: str) -> Any:
    """An array of any shape."""
    try:
        return np.asarray(value)
    except Exception:
        raise InputError(f"{name} is not a matrix of numbers") from None


def _cause(error: Exception) -> str:
    """One short line on why a file cannot be read."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[:1].lower() + error.strerror[1:]
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, MemoryError):
        return "more numbers than there is memory"
    message = " ".join(str(error).split())[:120]
    return f"not readable ({message or type(error).__name__})"
