"""The tables of `certify reach`: where runs came to, and how that depends on when they are stopped."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from statistics import median

from certify.reach.pursue import CHECKPOINTS, turned
from certify.reach.run import ReachResult, Verdict
from certify.search.wilson import wilson_interval


@dataclass(frozen=True)
class Row:
    """One line: runs that came to the same."""

    name: str
    turned: int | None
    loss: float | None
    curvature: float | None
    radius: float | None
    count: int
    share: float
    interval: tuple[float, float]
    time: float  # median, of stopping


def rows(result: ReachResult) -> list[Row]:
    """By loss; then the runs without a certified minimum, by what became of them."""
    total = len(result.verdicts)
    kinds: dict[tuple[int, str], list[Verdict]] = {}
    order = {member.sha256: place for place, member in enumerate(result.members)}
    for verdict in result.verdicts:
        kinds.setdefault(_kind(verdict, order), []).append(verdict)
    return [_row(name, verdicts, total) for (_, name), verdicts in sorted(kinds.items())]


def _kind(verdict: Verdict, order: dict[str, int]) -> tuple[int, str]:
    if verdict.member is not None:
        return order[verdict.member.sha256], verdict.member.sha256[:12]
    status = verdict.arrival.status
    if status == "zero loss":
        return -1, "near global set"
    return len(order), "undecided: no proof" if status == "basin" else f"undecided: {status}"


def _row(name: str, verdicts: list[Verdict], total: int) -> Row:
    member, count = verdicts[0].member, len(verdicts)
    time, interval = median(verdict.arrival.time for verdict in verdicts), wilson_interval(count, total)
    if member is None:
        return Row(name, None, None, None, None, count, count / total, interval, time)
    return Row(name, member.turned, member.loss, member.curvature, member.radius, count, count / total, interval, time)


def by_time(result: ReachResult) -> list[tuple[float, float, dict[int, int]]]:
    """(flow time, share of runs stopped before, turned students of the others at that time)."""
    total, table = len(result.verdicts), []
    for place, time in enumerate(CHECKPOINTS):
        looks = Counter(v.arrival.turned[place][1] for v in result.verdicts if len(v.arrival.turned) > place)
        table.append((time, 1.0 - looks.total() / total, dict(sorted(looks.items()))))
    return table


def if_stopped(result: ReachResult) -> list[tuple[float, dict[int, int]]]:
    """(flow time, turned students of all runs at that time): what a table would say of runs stopped then.

    Runs that had come to a certified basin, or to the flat set, are counted with what they came to.
    """
    table = []
    for place, time in enumerate(CHECKPOINTS):
        counts = Counter(_turned(v, place) for v in result.verdicts)
        table.append((time, dict(sorted(counts.items()))))
    return table


def _turned(verdict: Verdict, place: int) -> int:
    looks = verdict.arrival.turned
    if len(looks) > place:
        return looks[place][1]
    if verdict.member is not None:
        return verdict.member.turned
    return 0 if verdict.arrival.status == "zero loss" else int(turned(verdict.arrival.W))


def record(result: ReachResult) -> str:
    """Everything of the tables as JSON."""
    table = [{**vars(row), "interval": list(row.interval)} for row in rows(result)]
    times = [
        {"time": time, "stopped": share, "turned": looks, "all": everything}
        for (time, share, looks), (_, everything) in zip(by_time(result), if_stopped(result), strict=True)
    ]
    distances = [v.arrival.distance for v in result.verdicts if v.arrival.status == "zero loss"]
    plan, setting = result.plan, result.plan.setting
    head = {
        "students": setting.students,
        "teachers": setting.teachers,
        "dimension": setting.dimension,
        "seed": setting.seed,
        "scale": setting.scales[0],
        "method": plan.method,
        "tolerance": plan.tolerance,
        "starts": len(result.verdicts),
        "limit": plan.limit,
        "failures": sorted(set(result.failures)),
        "largest distance to the global set": max(distances, default=None),
    }
    return json.dumps({**head, "rows": table, "by time": times}, indent=1) + "\n"
