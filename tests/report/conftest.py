"""A small site, built from shipped certificates and some that are none of the usual."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # odd_ones

from odd_ones import ODD

from certify.catalog import location
from certify.cli import main

SHELVES = ("saddles-K06-M06", "orthonormal-K06-M06", "gaussian-K04-M07-d05-seed3")
FAMILY = "families/all-turned"


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
