"""Systems in files: JSON, or Python that is run."""

from __future__ import annotations

import json
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from certify.errors import InputError
from certify.systems import System, as_system
from certify.systems.build import point, takes_vector

KEYS = {"system", "equations", "function", "variables", "parameters", "start", "starts", "box"}


class Described(NamedTuple):
    """What a file says: the system, whether a critical point is wanted, starts, and a region."""

    system: System
    critical: bool
    starts: list[list[float]]
    box: list[tuple[Any, Any]] | None


def read_system_file(path: str) -> Described:
    """Read FILE.json, or run FILE.py and take its names; raises InputError with one line."""
    place = Path(path)
    if not place.is_file():
        raise InputError(f"{path}: no such file")
    try:
        data = _python(place) if place.suffix == ".py" else json.loads(place.read_text(encoding="utf-8"))
    except (ValueError, UnicodeError, RecursionError) as error:
        raise InputError(f"{path}: {error}") from None
    try:
        return _described(data)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _python(path: Path) -> dict[str, Any]:
    """Run the file: whatever it does, it does."""
    try:
        names = runpy.run_path(str(path))
    except Exception as error:
        raise InputError(f"{path}: {type(error).__name__}: {error}") from None
    return {name: value for name, value in names.items() if name in KEYS}


def _described(data: object) -> Described:
    if not isinstance(data, Mapping):
        raise InputError("not an object with the keys of a system")
    unknown = set(data) - KEYS
    if unknown:
        raise InputError(f"unknown keys: {', '.join(sorted(map(str, unknown)))}")
    given = [name for name in ("system", "equations", "function") if data.get(name) is not None]
    if len(given) != 1:
        raise InputError("exactly one of system, equations and function is needed")
    value = data[given[0]]
    if given[0] == "equations" and isinstance(value, list) and all(isinstance(line, str) for line in value):
        value = "\n".join(value)
    starts = list(data["starts"]) if data.get("starts") is not None else []
    starts = [data["start"], *starts] if data.get("start") is not None else starts
    box = [tuple(side) for side in data["box"]] if data.get("box") is not None else None
    length = len(starts[0]) if starts and hasattr(starts[0], "__len__") else len(box) if box else 1
    names, parameters = data.get("variables"), data.get("parameters")
    vector = takes_vector(value, length, names, parameters)
    system = as_system(value, length if vector else None, names, parameters)
    return Described(system, given[0] == "function", [point(start, system) for start in starts], box)
