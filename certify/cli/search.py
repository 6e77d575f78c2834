"""`certify search`: candidates by random descent."""

from __future__ import annotations

import sys
from pathlib import Path

from certify.candidate import read_teacher
from certify.cli.text import columns, one_line
from certify.errors import InputError
from certify.problem import Array
from certify.search import SearchResult
from certify.search import search as descend

SHOWN = 25  # groups in the table


def run(
    *,
    students: int,
    teachers: int | None,
    dim: int | None,
    teacher: str | None,
    starts: int,
    seed: int,
    workers: int | None,
    output: str,
    quiet: bool,
) -> int:
    """Search, and print the table of groups."""
    if not output:
        raise InputError("the path of the output folder is empty")
    result = descend(
        students,
        teachers,
        teacher=given_teacher(teacher),
        dimension=dim,
        starts=starts,
        seed=seed,
        directory=Path(output),
        workers=workers,
        progress=sys.stderr.isatty() and not quiet,
    )
    if not quiet:
        sys.stdout.write("\n".join([*summary(result), "", *_next(result, output)]) + "\n")
    return 0


def given_teacher(path: str | None) -> Array | None:
    """The matrix in a file that the command line names, if it names one."""
    if path is None:
        return None
    try:
        return read_teacher(path)
    except InputError as error:
        raise InputError(one_line(f"{path}: {error}")) from None


def summary(result: SearchResult) -> list[str]:
    """Sizes and the table of groups."""
    setting, total = result.setting, len(result.runs)
    sizes = f"{setting.students} students, {setting.teachers} teachers, dimension {setting.dimension}"
    rows = [["group", "kind", "loss", "lowest eigenvalue", "index", "count", "share", "95 % interval"]]
    for place, group in enumerate(result.groups[:SHOWN]):
        low, high = group.interval
        rows.append(
            [
                f"{place:03d}",
                "zero loss" if group.is_global else group.status,
                f"{max(0.0, group.loss):.8f}",
                f"{group.lowest:.3e}",
                str(group.index),
                str(group.count),
                f"{group.count / total:.4f}",
                f"{low:.4f} to {high:.4f}",
            ]
        )
    lines = [f"{sizes}: {total} starts, seed {setting.seed} (float64 estimates; nothing is proved)", "", *columns(rows)]
    if len(result.groups) > SHOWN:
        lines.append(f"... and {len(result.groups) - SHOWN} more groups, see report.txt")
    if result.unconverged:
        lines.append(f"{len(result.unconverged)} of {total} starts did not converge.")
    return lines


def _next(result: SearchResult, output: str) -> list[str]:
    """Where the candidates are, and what to do with them."""
    if not result.groups:
        return ["No candidates were found."]
    count = f"{len(result.groups)} candidate{'s' * (len(result.groups) > 1)}"
    return [one_line(f"{count} in {output}; next: certify prove {output} -o {output}")]
