"""Every fenced block of Python, and every fenced console, in README and docs does what it says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SETTING = {
    "README.md": "import numpy as np\nW = np.eye(3)\n",  # "W: K x d array"
}


def blocks(language: str) -> list[object]:
    found: list[object] = []
    for page in PAGES:
        texts = [text for name, text in BLOCK.findall(page.read_text()) if name == language]
        if texts:
            found.append(pytest.param(page, texts, id=str(page.relative_to(ROOT))))
    return found


def run(command: list[str], folder: Path) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("page", "texts"), blocks("python"))
def test_python(page: Path, texts: list[str], tmp_path: Path) -> None:
    """The blocks of a page in one go."""
    program = SETTING.get(page.name, "") + "\n".join(texts)
    run([sys.executable, "-W", "error", "-c", program], tmp_path)


@pytest.mark.parametrize(("page", "texts"), blocks("console"))
def test_console(page: Path, texts: list[str], tmp_path: Path) -> None:
    """Lines that begin with $."""
    commands = re.findall(r"^\$ (.+)$", "\n".join(texts), re.MULTILINE)
    assert commands
    if any("certify report" in command for command in commands):
        pytest.importorskip("jinja2")
    for command in commands:
        run(["bash", "-c", command], tmp_path)


def test_languages_are_those_that_run_or_are_shown() -> None:
    shown = {"yaml", "ini", "toctree", "text", "json"}
    found = {name for page in PAGES for name, _ in BLOCK.findall(page.read_text())}
    assert found <= {"python", "console"} | shown
