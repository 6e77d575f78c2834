"""The tables of docs/dynamics.md from the records in data/reach.

    .venv/bin/python data/reach_tables.py [--write]

Prints them, or puts each between its two comments in the page.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE, FOLDER = ROOT / "docs" / "dynamics.md", ROOT / "data" / "reach"
# Per cent of non-global runs in the archive of arXiv 1712.08968 (github.com/ItaySafran/OneLayerGDconvergence), by M;
# no file, so no such run, for M = 6, 7, 9 and K = M + 1.
ARCHIVE = {
    0: {6: 0.3, 7: 5.5, 8: 12.6, 9: 21.8, 10: 34.6, 11: 45.5, 12: 58.5, 13: 73.0, 14: 73.6, 15: 80.3, 16: 85.1,
        17: 89.7, 18: 90.0, 19: 93.4, 20: 94.9},
    1: {6: 0.0, 7: 0.0, 8: 0.1, 9: 0.0, 10: 0.1, 11: 0.1, 12: 0.3, 13: 1.5, 14: 5.5, 15: 10.2, 16: 18.0, 17: 23.3,
        18: 36.9, 19: 49.1},
}  # fmt: skip
GLOBAL = 1e-9  # loss of a certified minimum below which it is the global one
Record = dict[str, Any]


def record(students: int, teachers: int) -> Record:
    """What `certify reach` wrote."""
    result: Record = json.loads((FOLDER / f"m{teachers}-k{students}.json").read_text())
    return result


def markdown(rows: list[list[str]]) -> str:
    """The first row is the head."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def percent(count: int, total: int) -> str:
    """With as many digits as the number of runs gives."""
    return f"{100.0 * count / total:.{1 if total < 10_000 else 2}f}"


def spurious(one: Record) -> int:
    """Runs that came to a certified minimum that is not global."""
    return sum(row["count"] for row in one["rows"] if row["loss"] is not None and row["loss"] > GLOBAL)


def undecided(one: Record) -> int:
    """Runs without a verdict."""
    return sum(row["count"] for row in one["rows"] if row["name"].startswith("undecided"))


def by_size(surplus: int) -> str:
    """K = M + surplus against the archive."""
    sizes = sorted(ARCHIVE[surplus])
    records = [record(m + surplus, m) for m in sizes]
    head = ["M"] + [str(m) for m in sizes]
    here = ["here"] + [percent(spurious(one), one["starts"]) for one in records]
    left = ["undecided"] + [percent(undecided(one), one["starts"]) for one in records]
    return markdown([head, here, left, ["archive"] + [str(ARCHIVE[surplus][m]) for m in sizes]])


def seventeen() -> str:
    """M = 17 by the number of turned students; the certified global minimum has none."""
    records = [record(k, 17) for k in (17, 18, 19)]
    rows = [["M = 17", *(f"K = {one['students']}" for one in records)]]
    near = [sum(row["count"] for row in one["rows"]) - spurious(one) - undecided(one) for one in records]
    rows.append(["global minimum (K = 17), or near the flat set of global minima", *_shares(near, records)])
    for p in range(1, 9):
        counts = [sum(row["count"] for row in one["rows"] if row["turned"] == p) for one in records]
        rows.append([f"certified spurious minima, p turned: {p}" if p == 1 else str(p), *_shares(counts, records)])
    more = [sum(row["count"] for row in one["rows"] if (row["turned"] or 0) > 8) for one in records]
    rows.append(["9 and more", *_shares(more, records)])
    rows.append(["undecided", *_shares([undecided(one) for one in records], records)])
    return markdown(rows)


def _shares(counts: list[int], records: list[Record]) -> list[str]:
    return [percent(count, one["starts"]) for count, one in zip(counts, records, strict=True)]


def by_time(students: int) -> str:
    """M = 17: what a table of runs stopped at a given time would say, and what all came to."""
    one = record(students, 17)
    final: dict[int, int] = {}
    for row in one["rows"]:
        if not row["name"].startswith("undecided"):
            final[row["turned"] or 0] = final.get(row["turned"] or 0, 0) + row["count"]
    columns = [(f"{t['time']:g}", {int(p): n for p, n in t["all"].items()}) for t in one["by time"]] + [("end", final)]
    rows = [["p turned", *(f"time {name}" if name != "end" else name for name, _ in columns)]]
    for p in range(7):
        rows.append([str(p), *(percent(counts.get(p, 0), one["starts"]) for _, counts in columns)])
    rows.append(["still going on", *(percent(sum(t["turned"].values()), one["starts"]) for t in one["by time"]), ""])
    return markdown(rows)


def tables() -> dict[str, str]:
    """By name."""
    return {"K = M": by_size(0), "K = M + 1": by_size(1), "M = 17": seventeen(), "stopping": by_time(18)}


def placed(text: str) -> str:
    """The page with every table between its comments."""
    for name, table in tables().items():
        pattern = rf"(<!-- table {re.escape(name)} -->\n).*?(<!-- end -->)"
        text, count = re.subn(pattern, lambda m, t=table: f"{m[1]}\n{t}\n\n{m[2]}", text, flags=re.DOTALL)  # type: ignore[misc]
        if count != 1:
            raise SystemExit(f"{PAGE.name} has {count} places for the table {name}")
    return text


def main() -> None:
    """Print, or write."""
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(placed(PAGE.read_text()))
    else:
        print("\n\n".join(f"{name}\n\n{table}" for name, table in tables().items()))


if __name__ == "__main__":
    main()
