"""Arrivals in an SQLite file, a transaction a batch: safe against kill -9, a second process, and batches done twice."""

from __future__ import annotations

import json
import sqlite3
from contextlib import suppress
from pathlib import Path

import numpy as np

from certify.errors import InputError
from certify.reach.plan import Arrival, Plan, encode_plan

FILENAME = "reach.sqlite"
FORMAT = 3  # raise when starts or integration change: runs of different versions must not mix
WAIT = 60.0  # seconds to wait for another process
TABLES = (
    "CREATE TABLE IF NOT EXISTS plan (format INTEGER, content TEXT, UNIQUE (format, content))",
    "CREATE TABLE IF NOT EXISTS arrivals (number INTEGER PRIMARY KEY, status TEXT, time REAL, evaluations INTEGER, "
    "loss REAL, gradient REAL, distance REAL, turned TEXT, students BLOB)",
)


class Store:
    """Arrivals of one plan; path None keeps them in memory."""

    def __init__(self, path: Path | None, plan: Plan) -> None:
        """Open or create; InputError if the file is something else, or of another plan."""
        self._shape = plan.setting.students, plan.reduced.dimension
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._base = sqlite3.connect(path or ":memory:", timeout=WAIT, isolation_level=None)
            with suppress(sqlite3.OperationalError):
                self._base.execute("PRAGMA journal_mode = WAL")
            self._base.execute("BEGIN IMMEDIATE")
            for statement in TABLES:
                self._base.execute(statement)
            kept = self._base.execute("SELECT format, content FROM plan").fetchone()
            if kept is None:
                self._base.execute("INSERT INTO plan VALUES (?, ?)", (FORMAT, encode_plan(plan)))
            self._base.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise InputError(f"{path} cannot be used as a database of runs: {error}") from None
        if kept not in (None, (FORMAT, encode_plan(plan))):
            self.close()
            raise InputError("the directory holds runs of another plan: choose another directory")

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def add(self, arrivals: list[Arrival]) -> None:
        """Record runs at once; those that are there stay as they are."""
        rows = [
            (a.number, a.status, a.time, a.evaluations, a.loss, a.gradient, a.distance, json.dumps(a.turned),
             np.ascontiguousarray(a.W, dtype="<f8").tobytes())
            for a in arrivals
        ]  # fmt: skip
        self._base.execute("BEGIN IMMEDIATE")
        self._base.executemany("INSERT OR IGNORE INTO arrivals VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self._base.execute("COMMIT")

    def missing(self, starts: int) -> list[int]:
        """Which of the first `starts` runs are not there, in order."""
        rows = self._base.execute("SELECT number FROM arrivals WHERE number < ?", (starts,))
        return sorted(set(range(starts)) - {number for (number,) in rows})

    def arrivals(self, starts: int) -> list[Arrival]:
        """Those of the first `starts` runs that are there, in order."""
        rows = self._base.execute("SELECT * FROM arrivals WHERE number < ? ORDER BY number", (starts,))
        result = []
        for number, status, time, evaluations, *figures, turned, students in rows:
            W = np.frombuffer(students, dtype="<f8").astype(np.float64).reshape(self._shape)
            looks = tuple((t, p) for t, p in json.loads(turned))
            loss, gradient, distance = (np.nan if x is None else float(x) for x in figures)
            result.append(Arrival(number, status, time, evaluations, W, loss, gradient, distance, looks))
        return result
