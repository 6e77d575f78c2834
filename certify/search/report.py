"""Candidate files and the table of groups, written atomically into the search's directory."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from certify.search.descent import Run
from certify.search.grouping import Group
from certify.search.setting import Setting
from certify.search.store import Store

TABLE = "report.txt"


def candidate_name(position: int, group: Group) -> str:
    """File name of the group at this (0-based) position of the table: NNN-status-Lloss.npz."""
    return f"{position:03d}-{group.status}-L{max(0.0, group.loss):.8f}.npz"


def write_report(directory: Path, store: Store, setting: Setting, runs: Sequence[Run], groups: Sequence[Group]) -> None:
    """Write a candidate file a group and report.txt; remove the candidate files of earlier reports of this store.

    Names go into the store before the files are written, so whatever a killed report left behind is known to the
    next.  Only names found there are ever removed.  Two processes reporting at once wait for one another.
    """
    contents = {candidate_name(n, group): _candidate(setting, group) for n, group in enumerate(groups)}
    contents[TABLE] = table(setting, runs, groups).encode()
    store.add_files(set(contents))
    with store.transaction():
        for name, content in contents.items():
            _write(directory / name, content)
        stale = {name for name in store.files() - set(contents) if Path(name).name == name}
        for name in stale:
            (directory / name).unlink(missing_ok=True)
            _temporary(directory / name).unlink(missing_ok=True)
        store.forget_files(stale)
        store.add_files(set(contents))  # another process may have forgotten them since


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.tmp")


def _write(path: Path, content: bytes) -> None:
    temporary = _temporary(path)
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _candidate(setting: Setting, group: Group) -> bytes:
    """The npz file of a group: W [K, d], V [M, d] and where W comes from."""
    run, buffer = group.representative, io.BytesIO()
    np.savez(
        buffer,
        W=run.W,
        V=setting.teacher,
        seed=np.array(str(setting.seed)),  # text: a seed may exceed 64 bits
        start=np.int64(run.number),
        scale=np.float64(run.scale),
        loss=np.float64(run.loss),
    )
    return buffer.getvalue()


def table(setting: Setting, runs: Sequence[Run], groups: Sequence[Group]) -> str:
    """The text of report.txt; ends in a newline."""
    sizes = f"K={setting.students} students, M={setting.teachers} teachers, d={setting.dimension}"
    lines = [
        f"Search: {sizes}, {len(runs)} starts, seed {setting.seed}",
        "Float64 estimates; nothing here is proved.  Shares are of all starts, with 95 % Wilson intervals.",
        "Last columns: counts by initial scale (row norm of a start over the longest teacher).",
        "",
    ]
    scales = sorted(set(setting.scales))
    totals = Counter(run.scale for run in runs)
    rows = [_header(scales), *(_row(n, group, runs, scales) for n, group in enumerate(groups))]
    failed = sum(not run.converged for run in runs)
    counts = [str(totals[scale]) for scale in scales]
    rows.append(["all", "", "", "", "", "", str(len(runs)), "", "", *counts])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines += ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    lines += ["", f"{failed} of {len(runs)} starts did not converge."]
    return "\n".join(lines) + "\n"


def _header(scales: Sequence[float]) -> list[str]:
    names = ["group", "status", "loss", "lowest eigenvalue", "index", "ambient", "count", "share", "interval"]
    return [*names, *(f"{scale:g}" for scale in scales)]


def _row(position: int, group: Group, runs: Sequence[Run], scales: Sequence[float]) -> list[str]:
    run, (low, high) = group.representative, group.interval
    members = set(group.members)
    counts = Counter(other.scale for other in runs if other.number in members)
    return [
        f"{position:03d}",
        f"{group.status}{' (zero loss)' if group.is_global else ''}",
        f"{max(0.0, run.loss):.8f}",
        f"{run.lowest:.6e}",
        str(run.index),
        f"{run.ambient:.6e}",
        str(group.count),
        f"{group.count / len(runs):.4f}",
        f"{low:.4f}..{high:.4f}",
        *(str(counts[scale]) for scale in scales),
    ]
