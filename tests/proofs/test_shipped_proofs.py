"""What proofs/ ships: the words and tables beside each certificate say what it says; a sample is verified.

All of them are verified by .ci/run, by the checker on the standard library alone and by `certify verify catalog`.
"""

import json
import random
import re
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from certify.checker import verify_bytes
from certify.checker.reader import read
from certify.checker.sentence import sentence

ROOT = Path(__file__).parents[2]
PROOFS = ROOT / "proofs"
FAMILIES = PROOFS / "families"
SMALL = 40_000  # bytes
LINK = re.compile(r"\[[^\]]+\]\(([^)]+)\)")


@cache
def certificates() -> list[Path]:
    return sorted(PROOFS.rglob("*.cert.json"))


@cache
def family_folders() -> list[Path]:
    return sorted(path for path in FAMILIES.iterdir() if path.is_dir())


def sample() -> list[Path]:
    rng = random.Random(3)
    families = sorted(FAMILIES.rglob("*.cert.json"))
    others = [path for path in certificates() if FAMILIES not in path.parents and path.stat().st_size < SMALL]
    return rng.sample(families, min(18, len(families))) + rng.sample(others, min(7, len(others)))


def number(text: str) -> float:
    mantissa, exponent = text.split("p")
    return float(Fraction(int(mantissa, 16)) * Fraction(2) ** int(exponent))


def identity(path: Path) -> str:
    return str(path.relative_to(PROOFS))


@pytest.mark.parametrize("path", sample(), ids=identity)
def test_a_sample_is_accepted(path: Path) -> None:
    verdict = verify_bytes(path.read_bytes())
    assert verdict.kind in ("strict-local-minimum", "saddle", "all-zeros", "zero")


def test_nothing_else_lies_in_the_folders() -> None:
    names = {
        path.name
        for path in PROOFS.rglob("*")
        if path.is_file() and not path.name.endswith(".cert.json") and path.parent != PROOFS / "coq"
    }
    assert names <= {"README.md", "statement.txt"}
    for path in FAMILIES.rglob("*.cert.json"):
        assert re.fullmatch(r"k\d{4,13}\.cert\.json", path.name)
    for path in certificates():
        if FAMILIES not in path.parents:
            assert path.name == "certificate.cert.json"
            assert (path.parent / "statement.txt").exists()


def test_every_statement_is_the_checkers_sentence() -> None:
    statements = sorted(PROOFS.glob("*/*/statement.txt"))
    assert statements
    for path in statements:
        certificate = read((path.parent / "certificate.cert.json").read_bytes())
        assert path.read_text() == f"{sentence(certificate)}.\n\nclaim {certificate.claim_hash}\n", path


def test_every_shelf_lists_its_certificates() -> None:
    own_tables = ("coq", "systems", "all-sizes", "correlation", "crossings", "fractional-widths")
    other = [FAMILIES, *(PROOFS / name for name in own_tables)]
    for shelf in sorted(path for path in PROOFS.iterdir() if path.is_dir() and path not in other):
        index = shelf / "README.md"
        if not index.exists():
            continue
        links = {Path(link).parts[1] for link in LINK.findall(index.read_text())}
        assert links == {path.name for path in shelf.iterdir() if path.is_dir()}, shelf


def test_the_family_index_lists_every_family() -> None:
    text = (FAMILIES / "README.md").read_text()
    rows = re.findall(r"^\| \[([^\]]+)\]\(([^)]+)\) \| (\d+) \|", text, re.MULTILINE)
    assert [name for name, _, _ in rows] == [folder.name for folder in family_folders()]
    for name, link, count in rows:
        assert (FAMILIES / link).exists()
        assert len(list((FAMILIES / name).glob("*.cert.json"))) == int(count)


def row_of(claim: dict[str, Any], name: str) -> str:
    """The line of the table, made from the claim alone."""
    low, high = (number(end) for end in claim["loss"])
    least = min(abs(number(end)) for _, pairs in claim["spectrum"] for pair in pairs for end in pair)
    cells = [
        f"[{claim['students']}]({name})",
        str(claim["teachers"]),
        f"{(low + high) / 2:.10g}",
        str(claim["index"]),
        f"{number(claim['curvature']):.4g}",
        f"{least:.6g}",
        f"{number(claim['uniqueness_radius']):.3g}",
        f"{number(claim['error_radius']):.2g}",
    ]
    return "| " + " | ".join(cells) + " |"


def test_every_table_agrees_with_the_claims() -> None:
    for folder in family_folders():
        lines = [line for line in (folder / "README.md").read_text().splitlines() if line.startswith("| [")]
        paths = sorted(folder.glob("*.cert.json"), key=lambda path: int(path.name[1:].split(".")[0]))
        claims = [json.loads(path.read_bytes())["claim"] for path in paths]
        assert lines == [row_of(claim, path.name) for claim, path in zip(claims, paths, strict=True)], folder
        for claim, path in zip(claims, paths, strict=True):
            assert path.name == f"k{claim['students']:04d}.cert.json"


def test_every_stored_member_has_a_certificate() -> None:
    stored = set()
    for path in sorted((ROOT / "data" / "families").glob("*.json")):
        for member in json.loads(path.read_text()):
            sizes, owners = member["sizes"], member["owners"]
            count = sum(1 if owner is None else sizes[owner] for owner in owners)
            stored.add((member["family"], f"k{count:04d}.cert.json", tuple(sizes), tuple(owners)))
    shipped = set()
    for path in FAMILIES.rglob("*.cert.json"):
        signature = json.loads(path.read_bytes())["claim"]["signature"]
        shipped.add((path.parent.name, path.name, tuple(signature["sizes"]), tuple(signature["owners"])))
    assert stored == shipped


def test_every_point_of_positive_loss_has_a_way_down() -> None:
    """docs/splitting.md, S7: the claim is there exactly where the loss is certainly positive."""
    points = [json.loads(path.read_bytes())["claim"] for path in certificates()]
    points = [claim for claim in points if "curvature" in claim and "system" not in claim and "tube" not in claim]
    assert len(points) > 2500
    for claim in points:
        low, high = (number(end) for end in claim["loss"])
        assert ("newborn" in claim) == (low > 0), claim["loss"]
        if "newborn" in claim:
            ends = [number(end) for end in claim["newborn"]["slope"]]
            assert -(high**0.5) < ends[0] <= ends[1] < 0
            if claim["teacher"] == "orthonormal":  # the steepest teacher was chosen
                assert ends[0] <= -2 * low / claim["teachers"]
