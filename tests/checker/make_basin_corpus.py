"""Write the corpus files on basins again: python tests/checker/make_basin_corpus.py.  All names contain "basin"."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from make_corpus import Data, Edit, canonical, edited, scaled

import certify

HERE = Path(__file__).parent
FULL, CLASSES = "basin-minimum-7-7", "basin-minimum-6-1"


def turned() -> np.ndarray:
    """The spurious minimum of K = M = 7."""
    W = np.full((7, 7), -0.0350801559) + (0.9969227988 + 0.0350801559) * np.eye(7)
    W[:, 6], W[6, :], W[6, 6] = 0.2616910758, 0.1859910463, -0.6327039049
    return W


def proved(*, symmetric: bool) -> Data:
    outcome = certify.prove(turned(), symmetric=symmetric, basin=True)
    data: Data = json.loads(outcome.certificate.content)
    assert "basin" in data["claim"]
    return data


def figure(name: str, factor: int, shift: int) -> Edit:
    return lambda c, w: c["basin"].__setitem__(name, scaled(c["basin"][name], factor, shift))


REJECTED: dict[str, tuple[str, Edit]] = {
    "basin--radius-a-quarter-more": (FULL, figure("radius", 5, -2)),
    "basin--radius-a-quarter-more-by-classes": (CLASSES, figure("radius", 5, -2)),
    "basin--radius-beyond-a-row": (FULL, figure("radius", 1, 9)),
    "basin--radius-astronomical": (CLASSES, figure("radius", 1, 4000)),
    "basin--rate-half-as-much-again": (FULL, figure("rate", 3, -1)),
    "basin--rate-half-as-much-again-by-classes": (CLASSES, figure("rate", 3, -1)),
    "basin--step-a-quarter-more": (FULL, figure("step", 5, -2)),
    "basin--step-a-quarter-more-by-classes": (CLASSES, figure("step", 5, -2)),
    "basin--radius-and-step-swapped": (
        FULL, lambda c, w: c["basin"].update(radius=c["basin"]["step"], step=c["basin"]["radius"])),
}  # fmt: skip

MALFORMED: dict[str, tuple[str, Edit]] = {
    "basin-radius-zero": (FULL, lambda c, w: c["basin"].update(radius="0x0p0")),
    "basin-rate-negative": (FULL, lambda c, w: c["basin"].update(rate="-0x1p-9")),
    "basin-step-integer": (CLASSES, lambda c, w: c["basin"].update(step=1)),
    "basin-null": (CLASSES, lambda c, w: c.update(basin=None)),
    "basin-key-missing": (FULL, lambda c, w: c["basin"].pop("rate")),
    "basin-key-unknown": (FULL, lambda c, w: c["basin"].update(more="0x1p0")),
    "basin-without-other-dimensions": (
        FULL, lambda c, w: (c.update(ambient_index=None, ambient_curvature=None), w.update(ambient=None))),
    "basin-in-the-witness": (FULL, lambda c, w: w.update(basin=c.pop("basin"))),
}  # fmt: skip


def main() -> None:
    accept = {FULL: proved(symmetric=False), CLASSES: proved(symmetric=True)}
    for data in accept.values():
        data["claim"].pop("splitting", None)
    contents = {
        "accept": accept,
        "reject": {name: edited(accept[base], edit) for name, (base, edit) in REJECTED.items()},
        "malformed": {name: edited(accept[base], edit) for name, (base, edit) in MALFORMED.items()},
    }
    for kind, files in contents.items():
        for name, data in files.items():
            (HERE / kind / f"{name}.cert.json").write_bytes(canonical(data))


if __name__ == "__main__":
    main()
