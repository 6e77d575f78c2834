"""A small site, built from shipped certificates and some that are none of the usual."""

import json
import shutil
from pathlib import Path

import pytest

from certify.catalog import location
from certify.cli import main

SHELVES = ("saddles-K06-M06", "orthonormal-K06-M06", "gaussian-K04-M07-d05-seed3")
FAMILY = "families/all-turned"
ODD = 'a<b> & "c"'  # a folder's name


@pytest.fixture(scope="session")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("collection")
    for shelf in SHELVES:
        shutil.copytree(location() / shelf, folder / shelf)
    for path in sorted((location() / FAMILY).glob("*.cert.json"))[:12]:
        (folder / FAMILY).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / FAMILY)
    odd = folder / ODD
    odd.mkdir()
    (odd / "it's.cert.json").write_bytes(next((folder / "saddles-K06-M06").rglob("*.cert.json")).read_bytes())
    return folder


@pytest.fixture(scope="session")
def site(collection: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("jinja2")
    pytest.importorskip("matplotlib")
    folder = tmp_path_factory.mktemp("made") / "site"
    assert main(["report", str(collection), "-q", "-o", str(folder)]) == 0
    return folder


def spoiled(path: Path) -> bytes:
    """A certificate with twice the radius of uniqueness, which the checker rejects."""
    data = json.loads(path.read_bytes())
    mantissa, exponent = data["claim"]["uniqueness_radius"].split("p")
    data["claim"]["uniqueness_radius"] = f"{mantissa}p{int(exponent) + 1}"
    return json.dumps(data, sort_keys=True, separators=(",", ":")).encode() + b"\n"
