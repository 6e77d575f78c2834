"""The runs of one search in an SQLite file: one transaction a run, safe against kill -9 and a second process."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from certify.errors import InputError
from certify.search.descent import Run
from certify.search.setting import Setting

FILENAME = "search.sqlite"
FORMAT = 1  # raise when the tables, the starts or the descent change: runs of different versions must not mix
WAIT = 60.0  # seconds to wait for another process's transaction
TABLES = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS runs (
    number INTEGER PRIMARY KEY, scale REAL, status TEXT, loss REAL, gradient REAL, lowest REAL, negative INTEGER,
    ambient REAL, iterations INTEGER, students BLOB);
CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY);
"""


class Store:
    """Runs of one setting.  `path` is the database file, or None for memory only."""

    def __init__(self, path: Path | None, setting: Setting) -> None:
        """Open or create; InputError if the file is no search, or the search of another setting."""
        self.setting = setting
        try:
            # Autocommit: transactions are explicit.
            self._base = sqlite3.connect(path or ":memory:", timeout=WAIT, isolation_level=None)
            self._prepare()
        except sqlite3.Error as error:
            raise InputError(f"{path} cannot be used as a search database: {error}") from None

    def _prepare(self) -> None:
        try:
            # Write-ahead log: a commit survives the process without waiting for the disk.
            # Refused while another process opens the file, which then does the same.
            with suppress(sqlite3.OperationalError):
                self._base.execute("PRAGMA journal_mode = WAL")
            self._base.execute("PRAGMA synchronous = NORMAL")
            with self.transaction():
                for statement in TABLES.split(";"):
                    self._base.execute(statement)
                for name, value in _settings(self.setting).items():
                    self._base.execute("INSERT OR IGNORE INTO settings VALUES (?, ?)", (name, json.dumps(value)))
                self._compare()
        except BaseException:
            self.close()
            raise

    def _compare(self) -> None:
        stored = {name: json.loads(value) for name, value in self._base.execute("SELECT name, value FROM settings")}
        for name, value in _settings(self.setting).items():
            if stored[name] != value:
                shown = "" if name == "teacher" else f" ({stored[name]}, not {value})"
                raise InputError(f"the directory holds a search with another {name}{shown}: choose another directory")

    def close(self) -> None:
        """Close the database; what was added is there to stay."""
        self._base.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One writing transaction; other processes wait until it ends."""
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")
            raise
        self._base.execute("COMMIT")

    def add(self, run: Run) -> None:
        """Record a run at once; a run that is there already stays as it is."""
        students = np.ascontiguousarray(run.W, dtype="<f8").tobytes()
        row = (run.number, run.scale, run.status, run.loss, run.gradient, run.lowest, run.index, run.ambient)
        marks = ", ".join("?" * 10)
        self._base.execute(
            f"INSERT OR IGNORE INTO runs VALUES ({marks})",  # noqa: S608 - question marks only
            (*row, run.iterations, students),
        )

    def has(self, number: int) -> bool:
        """Whether the run of this start is there."""
        return self._base.execute("SELECT 1 FROM runs WHERE number = ?", (number,)).fetchone() is not None

    def count(self, starts: int) -> int:
        """How many of the first `starts` runs are there."""
        return int(self._base.execute("SELECT count(*) FROM runs WHERE number < ?", (starts,)).fetchone()[0])

    def runs(self, starts: int) -> tuple[Run, ...]:
        """Those of the first `starts` runs that are there, in order."""
        rows = self._base.execute("SELECT * FROM runs WHERE number < ? ORDER BY number", (starts,))
        return tuple(self._run(row) for row in rows)

    def _run(self, row: Sequence[Any]) -> Run:
        number, scale, status, loss, gradient, lowest, index, ambient, iterations, students = row
        shape = (self.setting.students, self.setting.dimension)
        W = np.frombuffer(students, dtype="<f8").astype(np.float64).reshape(shape)
        figures = [np.nan if value is None else float(value) for value in (loss, gradient, lowest, ambient)]
        return Run(number, scale, status, W, figures[0], figures[1], figures[2], index, figures[3], iterations)

    def files(self) -> set[str]:
        """Names of the files that reports have written, or were about to write."""
        return {str(name) for (name,) in self._base.execute("SELECT name FROM files")}

    def add_files(self, names: set[str]) -> None:
        """Record names of files about to be written."""
        self._base.executemany("INSERT OR IGNORE INTO files VALUES (?)", [(name,) for name in sorted(names)])

    def forget_files(self, names: set[str]) -> None:
        """Drop the names of files that are gone."""
        self._base.executemany("DELETE FROM files WHERE name = ?", [(name,) for name in sorted(names)])


def open_store(directory: Path | None, setting: Setting) -> Store:
    """The store of a directory, made if need be; None keeps everything in memory."""
    if directory is None:
        return Store(None, setting)
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{directory} cannot be used as a directory: {error.strerror}") from None
    return Store(directory / FILENAME, setting)


def _settings(setting: Setting) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "number of students": setting.students,
        "number of teachers": setting.teachers,
        "dimension": setting.dimension,
        "seed": setting.seed,
        "scales": list(setting.scales),
        "teacher": setting.teacher.tolist(),
    }
