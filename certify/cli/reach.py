"""`certify reach`: which certified minima random starts come to."""

from __future__ import annotations

import sys
from pathlib import Path

from certify.certificate import write_atomically
from certify.cli.text import columns, one_line
from certify.errors import InputError
from certify.figures import figure
from certify.reach.plan import Method, Plan
from certify.reach.report import Row, by_time, record, rows
from certify.reach.run import ReachResult, reach
from certify.search.setting import Setting, make_setting


def run(
    *,
    students: int,
    teachers: int | None,
    dim: int | None,
    starts: int,
    seed: int,
    method: Method,
    init: float,
    step: float,
    tolerance: float,
    time: float,
    workers: int | None,
    scheduler: str | None,
    plot: str | None,
    output: str,
    quiet: bool,
) -> int:
    """Run, print the table; 1 if some run is undecided."""
    if not output:
        raise InputError("the path of the output folder is empty")
    setting = make_setting(students, teachers, dimension=dim, seed=seed)
    scaled = Setting(setting.students, setting.teacher, setting.seed, (init,))
    plan = Plan(scaled, method, step=step, tolerance=tolerance, limit=time)
    shown = sys.stderr.isatty() and not quiet
    result = reach(plan, starts, Path(output), workers=workers, address=scheduler, progress=shown)
    try:
        write_atomically(Path(output) / "reach.json", record(result).encode())
    except OSError as error:
        raise InputError(one_line(f"{output} cannot be written: {error.strerror}")) from None
    if plot is not None:
        _draw(plot, result)
    if not quiet:
        sys.stdout.write("\n".join(summary(result)) + "\n")
    return int(not all(verdict.decided for verdict in result.verdicts))


def summary(result: ReachResult) -> list[str]:
    """Both tables."""
    s, total = result.plan.setting, len(result.verdicts)
    decided = sum(verdict.decided for verdict in result.verdicts)
    lines = [
        f"{s.students} students, {s.teachers} teachers, dimension {s.dimension}: {total} starts, "
        f"method {result.plan.method}, seed {s.seed}; {decided} decided",
        "",
    ]
    names = ["certificate", "turned", "loss", "curvature", "basin", "count", "share", "95 % interval", "median time"]
    lines += columns([names, *(_cells(row) for row in rows(result))], left=1)
    lines += ["", "stopped by flow time, and students turned in the runs that go on:"]
    for time, share, looks in by_time(result):
        told = ", ".join(f"{p}: {count}" for p, count in looks.items())
        lines.append(f"  {time:>8g}  {share:8.4f}" + (f"   {told}" if told else ""))
    for reason in sorted(set(result.failures)):
        lines.append(one_line(f"not proved: {reason}"))
    return lines


def _cells(row: Row) -> list[str]:
    low, high = row.interval
    figures = [
        "" if row.turned is None else str(row.turned),
        *("" if x is None else form.format(x) for x, form in
          ((row.loss, "{:.8f}"), (row.curvature, "{:.2e}"), (row.radius, "{:.2e}"))),
    ]  # fmt: skip
    return [row.name, *figures, str(row.count), f"{row.share:.4f}", f"{low:.4f} to {high:.4f}", f"{row.time:.0f}"]


def _draw(path: str, result: ReachResult) -> None:
    """Shares with their intervals, a bar for each row."""
    table = rows(result)
    with figure(path) as axes:
        shares = [row.share for row in table]
        ends = [[row.share - row.interval[0] for row in table], [row.interval[1] - row.share for row in table]]
        axes.bar(range(len(table)), shares, yerr=ends, capsize=3, color="tab:blue")
        labels = [row.name if row.loss is None else f"p = {row.turned}\n{max(0.0, row.loss):.4f}" for row in table]
        axes.set_xticks(range(len(table)), labels, rotation=60, fontsize=7)
        setting = result.plan.setting
        axes.set_title(f"{setting.students} students, {setting.teachers} teachers, {len(result.verdicts)} runs")
        axes.set_ylabel("share of runs, 95 % interval")
