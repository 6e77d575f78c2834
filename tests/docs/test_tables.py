"""Tables of docs/dynamics.md are those that data/reach_tables.py makes from the records."""

import json
import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_tables_are_those_of_the_records() -> None:
    script = runpy.run_path(str(ROOT / "data" / "reach_tables.py"))
    page = (ROOT / "docs" / "dynamics.md").read_text()
    assert script["placed"](page) == page
    assert page.count("<!-- table") == len(script["tables"]())


def test_records_account_for_every_run() -> None:
    records = [json.loads(path.read_text()) for path in sorted((ROOT / "data" / "reach").glob("*.json"))]
    assert len(records) == 30
    for one in records:
        assert sum(row["count"] for row in one["rows"]) == one["starts"]
        for then in one["by time"]:
            assert sum(then.get("all", then["turned"]).values()) <= one["starts"]
