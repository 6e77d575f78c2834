"""The site's files: complete, escaped, offline, and honest about what was checked."""

import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from odd_ones import ODD, spoiled

from certify.cli import main
from certify.report.facts import IN_WORDS, certain, facts
from certify.report.families import families

Capture = pytest.CaptureFixture[str]


class Page(HTMLParser):
    """Links, anchors and tags of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.tags: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id" and value:
                self.anchors.add(value)
            if name in ("href", "src") and value:
                self.links.append(value)


def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path) for path in site.rglob("*.html")}


def test_every_link_resolves_and_stays_inside(site: Path) -> None:
    known = pages(site)
    assert len(known) == 6
    for path, page in known.items():
        for link in page.links:
            if link.startswith(("data:", "#m", "#p", "#clip")):
                continue
            assert "//" not in link
            file, _, anchor = link.partition("#")
            target = (path.parent / unquote(file)).resolve() if file else path
            assert target.is_relative_to(site.resolve()), link
            assert target.is_file(), link
            if anchor:
                assert anchor in known[target].anchors, link


def test_pages_are_escaped(site: Path) -> None:
    text = (site / "index.html").read_text()
    assert "a&lt;b&gt; &amp; &#34;c&#34;" in text
    assert "<b>" not in text
    assert "b" not in Page(site / "index.html").tags


def test_the_command_on_each_page_checks_its_certificates(site: Path) -> None:
    for path in (site / "families").iterdir():
        command = re.search(r"<code>(python3 checker.pyz .*?)</code>", path.read_text())
        assert command is not None
        text = command[1].replace("&#39;", "'").replace("&#34;", '"').replace("&lt;", "<").replace("&gt;", ">")
        text = text.replace("&amp;", "&").replace("python3", f"{sys.executable} -S -I", 1)
        done = subprocess.run(["sh", "-c", text], cwd=site, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("VERIFIED") == len(re.findall("<article", path.read_text()))


def test_what_a_page_says(site: Path, collection: Path) -> None:
    page = next(p for p in (site / "families").iterdir() if "<h1>families/all-turned</h1>" in p.read_text())
    text = page.read_text()
    assert " eigenvalues</summary>" in text
    assert text.count("<img") == 12
    assert text.count("<figure><svg") == 1
    assert len(re.sub(r"<article.*</article>", "", text, flags=re.DOTALL)) < 10_000
    assert len(text) < 12 * 3000 + 10_000
    assert "The checker was not asked" in text
    assert "nan" not in re.sub(r'src="data:[^"]*"', "", text).lower().replace("finance", "")


def test_folders_become_families(collection: Path) -> None:
    found = [
        facts(path.relative_to(collection).as_posix(), path.read_bytes())
        for path in sorted(collection.rglob("*.cert.json"))
    ]
    names = {family.name: len(family.members) for family in families(found)}
    assert names == {
        ODD: 1,
        "families/all-turned": 12,
        "gaussian-K04-M07-d05-seed3": 1,
        "orthonormal-K06-M06": 2,
        "saddles-K06-M06": 7,
    }
    assert [family.name for family in families([])] == []


def test_the_checker_is_asked_for(collection: Path, tmp_path: Path, capsys: Capture) -> None:
    pytest.importorskip("jinja2")
    shutil.copytree(collection / "orthonormal-K06-M06", tmp_path / "in")
    bad = next((tmp_path / "in").rglob("*.cert.json"))
    bad.write_bytes(spoiled(bad))
    (tmp_path / "in" / "broken.cert.json").write_bytes(b"{}")
    assert main(["report", str(tmp_path / "in"), "--verify", "-o", str(tmp_path / "out")]) == 2
    assert "MALFORMED" in capsys.readouterr().err
    text = (tmp_path / "out" / "index.html").read_text()
    assert text.count("<td>verified\n") == 1
    assert text.count("<td>REFUSED\n") == 1
    assert "Not verified:</strong>" in "".join(p.read_text() for p in (tmp_path / "out" / "families").iterdir())


def test_only_reports_are_replaced(collection: Path, tmp_path: Path, capsys: Capture) -> None:
    pytest.importorskip("jinja2")
    one = collection / "gaussian-K04-M07-d05-seed3"
    target = tmp_path / "out"
    assert main(["report", str(one), "-o", str(target)]) == 0
    (target / "stale").write_text("")
    assert main(["report", str(one), "-o", str(target)]) == 0
    assert not (target / "stale").exists()
    (target / ".certify-report").unlink()
    assert main(["report", str(one), "-o", str(target)]) == 2
    assert "is not a report" in capsys.readouterr().err
    assert (target / "index.html").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_splitting_in_words() -> None:
    rows = [[2, 3, 1, "0x1p-3"], [2, 3, 1, "0x1p-4"], [0, 5, -1, "0x1p0"], None]
    assert IN_WORDS["splitting"](rows) == "eigenvalues at least 0.0625, 1 in size"


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        ("0.00640126", "0.00640127", "0.00640126"),
        ("2.16099", "2.161", "2.16099"),
        ("1.9014", "1.90141", "1.90140"),
        ("-0.00458829", "-0.00458828", "-0.00458828"),
        ("0.999999", "1", "0.999999"),
        ("0.5", "0.5", "0.5"),
        ("1.90139", "1.90141", "[1.90139, 1.90141]"),
        ("-1.2e-30", "1.2e-30", "[-1.2e-30, 1.2e-30]"),
        ("0", "1e-30", "[0, 1e-30]"),
    ],
)
def test_certain_digits_hold_for_every_number_between(low: str, high: str, told: str) -> None:
    assert certain(low, high) == told


def test_accepted_certificates_of_every_kind_have_facts() -> None:
    """The checker's corpus holds one of each kind of claim and of optional part."""
    corpus = sorted((Path(__file__).parents[1] / "checker" / "accept").glob("*.cert.json"))
    assert len(corpus) > 20
    found = [facts(path.name, path.read_bytes()) for path in corpus]
    assert {name for item in found for name, _ in item.others} >= {"splitting"}
    assert all(item.sentence for item in found)


def test_optional_parts_of_claims_are_shown(collection: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts that this version has no words for; the reader is told to let them pass."""
    import json

    from certify.checker.reader import canonical, read
    from certify.report import facts as module

    path = next((collection / "orthonormal-K06-M06").rglob("*.cert.json"))
    data = json.loads(path.read_bytes())
    data["claim"]["some_part"] = {"radius": "0x1p-1", "list": [None, True, "word", ["0x3p0"]]}
    monkeypatch.setattr(module, "read", lambda content: read(path.read_bytes()))
    found = facts("a.cert.json", canonical(data))
    assert found.others == (("some part", "{list: [null, true, word, [3.0]], radius: 0.5}"),)


@pytest.mark.parametrize("hidden", ["jinja2", "matplotlib"])
def test_without_the_libraries(
    hidden: str, collection: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    pytest.importorskip("jinja2")
    monkeypatch.setitem(sys.modules, hidden, None)
    one = collection / "gaussian-K04-M07-d05-seed3"
    assert main(["report", str(one), "-o", str(tmp_path / "out")]) == 2
    assert "pip install 'certify[" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_long_parts_in_words() -> None:
    """Tubes and programs are counted, not copied."""
    root = Path(__file__).parents[2] / "proofs"
    tube = root / "all-sizes" / "all-turned" / "certificate.cert.json"
    program = root / "fractional-widths" / "all-turned-curve" / "certificate.cert.json"
    told = dict(facts("tube", tube.read_bytes()).others)
    count = len(json.loads(tube.read_bytes())["claim"]["tube"])
    assert told["tube"] == f"{count} pieces, from infinite width on"
    found = facts("one", (root / "correlation" / "5-1" / "certificate.cert.json").read_bytes())
    assert (found.students, found.teachers, found.dimension, found.index, found.loss) == (6, 6, 6, None, None)
    assert dict(found.others) == {
        "correlation": "[[-19, 100], [4, 25]]", "scaled loss": "[0.0158997, 0.0281949]", "tube": "29 pieces",
    }  # fmt: skip
    assert dict(facts("program", program.read_bytes()).others)["system"].endswith("operations with 2 results")
