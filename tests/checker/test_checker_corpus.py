"""Certificates that must be accepted, rejected at a named step, or refused as malformed; found by glob.

A crash or a time-out is neither: anything but the three exceptions of the checker fails the test.
"""

from pathlib import Path

import pytest

from certify.checker import Malformed, Rejected, ResourceLimit, verify_bytes

HERE = Path(__file__).parent
STEPS = {
    "domain",
    "nonzero rows",
    "inertia",
    "uniqueness",
    "existence",
    "curvature",
    "ambient",
    "loss",
    "spectrum",
    "copies",
    "splitting",
    "basin",
    "newborn",
    "cover",
    "glue",
    "set",
    "speed",
    "crossing",
}


def files(kind: str) -> list[Path]:
    found = sorted((HERE / kind).glob("*.cert.json"))
    assert found, f"no files in {kind}"
    return found


def name(path: Path) -> str:
    return path.name.removesuffix(".cert.json")


@pytest.mark.parametrize("path", files("accept"), ids=name)
def test_accept(path: Path) -> None:
    verdict = verify_bytes(path.read_bytes())
    kind = "saddle" if "saddle" in path.name else "strict-local-minimum"
    if path.name.startswith("tube"):
        kind = f"strict-local-minima-of-all-{'correlations' if 'correlation' in path.name else 'widths'}"
    if "-set-" in path.name:
        kinds = {"global": "global-minimum-set", "minima": "manifold-of-local-minima", "saddles": "manifold-of-saddles"}
        kind = kinds[path.name.split("-")[2]]
    assert verdict.kind == kind


@pytest.mark.parametrize("path", files("reject"), ids=name)
def test_reject(path: Path) -> None:
    with pytest.raises(Rejected) as refusal:
        verify_bytes(path.read_bytes())
    assert refusal.value.step == name(path).split("--")[0]


def test_every_step_refuses_something() -> None:
    assert {name(path).split("--")[0] for path in files("reject")} == STEPS


@pytest.mark.parametrize("path", files("malformed"), ids=name)
def test_malformed(path: Path) -> None:
    with pytest.raises(ResourceLimit if path.name.startswith("limit--") else Malformed):
        verify_bytes(path.read_bytes())


def test_losses_known_from_elsewhere() -> None:
    sentence = verify_bytes((HERE / "accept" / "minimum-6-6.cert.json").read_bytes()).sentence
    assert "its loss lies in [0.0250805, 0.0250806]; it is not a global minimum" in sentence
    sentence = verify_bytes((HERE / "accept" / "minimum-7-7.cert.json").read_bytes()).sentence
    assert "its loss lies in [0.0232027, 0.0232028]" in sentence


def test_corpus_is_small() -> None:
    assert sum(path.stat().st_size for path in HERE.rglob("*.cert.json")) < 1 << 20
