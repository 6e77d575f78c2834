"""The search as a whole: starts, workers, store, groups, report."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from certify.errors import InputError
from certify.processes import processors
from certify.search.descent import Run
from certify.search.grouping import Group, group_runs
from certify.search.pool import completed
from certify.search.progress import Bar, progress_bar
from certify.search.report import write_report
from certify.search.setting import Setting, make_setting
from certify.search.store import Store, open_store


@dataclass(frozen=True, eq=False)
class SearchResult:
    """What `starts` runs of a setting ended in; all figures are float64 estimates."""

    setting: Setting
    runs: tuple[Run, ...]  # by start number
    groups: tuple[Group, ...]  # of the converged runs, zero loss first, then by loss

    @property
    def unconverged(self) -> tuple[Run, ...]:
        """Runs that reached no critical point within their budget, or a student of norm zero."""
        return tuple(run for run in self.runs if not run.converged)


def search(
    students: int,
    teachers: int | None = None,
    *,
    teacher: ArrayLike | None = None,
    dimension: int | None = None,
    starts: int = 200,
    seed: int = 0,
    directory: str | Path | None = None,
    workers: int | None = None,
    progress: bool = False,
) -> SearchResult:
    """Descend from `starts` random points, polish and group the end points.

    `teacher` [M x d] defaults to the standard basis of R^M (M = `teachers`, by default K = `students`), padded with
    zeros up to `dimension`.  The result depends on these and `seed`, not on `workers` (default: all processors) or on
    interruptions.  With a `directory`, every run is stored there as soon as it ends, a further call with the same
    setting continues (or, with fewer starts, reuses) them, and candidate files and a table are written.  `progress`
    shows a bar on stderr.  Raises InputError for input that cannot be meant, and for a directory of another search.
    """
    setting = make_setting(students, teachers, teacher=teacher, dimension=dimension, seed=seed)
    for value, name in ((starts, "starts"), (processors() if workers is None else workers, "workers")):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise InputError(f"{name} must be a whole number, at least 1, not {value!r}")
    folder = None if directory is None else Path(directory)
    with closing(open_store(folder, setting)) as store, progress_bar(progress) as bar:
        _fill(store, int(starts), processors() if workers is None else int(workers), bar)
        runs = store.runs(starts)
        advance = bar.task("grouping", len(runs))
        result = SearchResult(setting, runs, group_runs(runs, setting, advance))
        if folder is not None:
            write_report(folder, store, setting, runs, result.groups)
    return result


def _fill(store: Store, starts: int, workers: int, bar: Bar) -> None:
    """Run and store what is missing of the first `starts` runs."""
    present = store.count(starts)
    if present == starts:
        return
    advance = bar.task("search", starts, present)
    workers = min(workers, starts - present)
    with closing(completed(store.setting, _missing(store, starts), workers)) as ended:
        for run in ended:
            store.add(run)
            advance()


def _missing(store: Store, starts: int) -> Iterator[int]:
    """Start numbers still to do, asked one by one: another process may be filling the same store."""
    return (number for number in range(starts) if not store.has(number))
