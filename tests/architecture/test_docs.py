"""Labels and commands: what the code cites exists in docs/, and what docs/ numbers is used or proved there."""

import re
from pathlib import Path

import pytest

from certify.cli import main
from certify.cli.commands import certify

ROOT = Path(__file__).parents[2]
SOURCES = "\n".join(path.read_text() for path in sorted((ROOT / "certify").rglob("*.py")))
PAGES = [
    ("theorems.md", "T"), ("families.md", "F"), ("splitting.md", "S"), ("dynamics.md", "B"), ("systems.md", "Z"),
    ("large.md", "L"),
    ("all-sizes.md", "A"), ("correlation.md", "Q"),
]  # fmt: skip


@pytest.mark.parametrize(("page", "letter"), PAGES)
def test_labels(page: str, letter: str) -> None:
    documented = set(re.findall(rf"^## ({letter}\d)\.", (ROOT / "docs" / page).read_text(), re.MULTILINE))
    cited = set(re.findall(rf"\b({letter}\d)\b", SOURCES))
    assert documented
    assert cited == documented


def test_commands_are_documented() -> None:
    text = (ROOT / "README.md").read_text()
    assert set(re.findall(r"^    certify ([\w-]+)", text, re.MULTILINE)) == set(certify.commands)


@pytest.mark.parametrize("verb", sorted(certify.commands))
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([verb, "--help"]) == 0
    assert f"certify {verb}" in capsys.readouterr().out


def test_links_between_documents() -> None:
    for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name} -> {target}"
