"""The table of docs/splitting.md is what the certificates say."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_table() -> None:
    spec = importlib.util.spec_from_file_location("more_students", ROOT / "data" / "more_students.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = (ROOT / "docs" / "splitting.md").read_text()
    lines = module.table()
    assert len(lines) == len(module.SHOWN)
    assert "\n".join(lines) in text


def test_the_figure_is_drawn(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("more_students", ROOT / "data" / "more_students.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.draw(str(tmp_path / "more.png"))
    assert (tmp_path / "more.png").stat().st_size > 10_000
