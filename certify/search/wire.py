"""Settings and runs as lines of JSON, for the pipes between a search and its workers.

Floats survive exactly (shortest round-trip decimals); NaN and infinities are written as Python's json writes them.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np

from certify.search.descent import Run
from certify.search.setting import Setting


def encode_setting(setting: Setting) -> str:
    """A setting as one line."""
    return json.dumps({**asdict(setting), "teacher": setting.teacher.tolist()})


def decode_setting(line: str) -> Setting:
    """Inverse of encode_setting."""
    fields: dict[str, Any] = json.loads(line)
    teacher = np.array(fields["teacher"], dtype=np.float64)
    return Setting(fields["students"], teacher, fields["seed"], tuple(fields["scales"]))


def encode_run(run: Run) -> str:
    """A run as one line."""
    return json.dumps({**asdict(run), "W": run.W.tolist()})


def decode_run(line: str) -> Run:
    """Inverse of encode_run."""
    fields: dict[str, Any] = json.loads(line)
    return Run(**{**fields, "W": np.array(fields["W"], dtype=np.float64)})
