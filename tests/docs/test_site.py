"""The documentation site: built with warnings as errors, the tutorial executed, links followed."""

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from certify.cli.commands import certify

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for library in ("sphinx", "myst_nb", "furo"):
        pytest.importorskip(library)
    folder = tmp_path_factory.mktemp("docs")
    command = [
        sys.executable, "-m", "sphinx", "-n", "-W", "--keep-going", "-q",
        "-d", str(folder / "trees"), "docs", str(folder / "html"),
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "html"


class Page(HTMLParser):
    """Links and anchors."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.anchors.add(value)
            if value and (name == "src" or (name == "href" and tag in ("a", "link"))):
                self.links.append(value)


def test_links(site: Path) -> None:
    """Links within the site resolve, anchors included; pages load nothing from elsewhere."""
    pages = {path.resolve(): Page(path) for path in site.rglob("*.html")}
    followed = 0
    for path, page in pages.items():
        for link in page.links:
            if link.startswith(("http:", "https:", "data:", "mailto:")):
                continue
            file, _, anchor = unquote(link).partition("#")
            file = file.partition("?")[0]
            target = (path.parent / file).resolve() if file else path
            assert target.exists(), f"{path.name} -> {link}"
            if anchor and target in pages:
                assert anchor in pages[target].anchors, f"{path.name} -> {link}"
            followed += 1
    assert followed > 500


def test_every_page_is_reached(site: Path) -> None:
    """Also those that were added without a word in the index."""
    sources = {path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
    linked = {link.partition("#")[0] for link in Page(site / "index.html").links}
    assert {str(path) for path in sources} - linked <= {"index.html"}


def test_the_tutorial_ran(site: Path) -> None:
    text = (site / "tutorial" / "first-theorem.html").read_text()
    for words in (
        "<strong>Proved: </strong>",
        "<strong>verified</strong>",
        "<strong>rejected</strong>",
        "Heat map of W",
    ):
        assert words in text


def test_the_command_line_is_complete(site: Path) -> None:
    text = (site / "reference" / "commands.html").read_text()
    assert all(f'id="certify-{verb}"' in text for verb in certify.commands)
