"""Make the catalogue: search, prove, verify, write data/ and proofs/.

    python data/build.py [NAME ...]           all shelves, or those whose name starts with one of the given words
    python data/build.py --again [NAME ...]   prove what data/ already holds, without searching

Every shelf is one problem.  Its end points go to data/SHELF.npz (a stack W [n, K, d], V, and where they come from), its
certificates to proofs/SHELF/FAMILY/, one folder a family with the statement in words.  The searches are deterministic;
all of it takes about half an hour on two cores.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from certify.certificate import SUFFIX, write_atomically
from certify.checker import verify_bytes
from certify.landscape import floats
from certify.outcome import Proved
from certify.problem import Array, Problem, make_problem
from certify.proving import prove
from certify.proving.newborn import with_newborn
from certify.search import search

ROOT = Path(__file__).resolve().parent.parent
FLAT = 1e-9  # a loss below this is the global minimum, which for K > M is not isolated


@dataclass(frozen=True)
class Shelf:
    """One problem and how to look for its critical points."""

    name: str
    problem: Problem
    starts: int
    saddles: bool = False


@dataclass(frozen=True)
class Entry:
    """An end point: how often the search met it, or 0 for saddles found by Newton's iteration."""

    W: Array
    loss: float
    count: int


def orthonormal(students: int, teachers: int, starts: int, dimension: int | None = None) -> Shelf:
    """A shelf with the standard basis as teacher."""
    problem = make_problem(students, teachers=teachers, dimension=dimension)
    suffix = f"-d{dimension:02d}" if dimension else ""
    return Shelf(f"orthonormal-K{students:02d}-M{teachers:02d}{suffix}", problem, starts)


def gaussian(students: int, teachers: int, dimension: int, seed: int, starts: int) -> Shelf:
    """A shelf with a random Gaussian teacher: no symmetry at all."""
    V = np.random.default_rng(seed).normal(size=(teachers, dimension)) / dimension**0.5
    name = f"gaussian-K{students:02d}-M{teachers:02d}-d{dimension:02d}-seed{seed}"
    return Shelf(name, make_problem(students, teacher=V), starts)


def saddles(size: int, tries: int) -> Shelf:
    """Saddles of the orthonormal problem K = M = size."""
    return Shelf(f"saddles-K{size:02d}-M{size:02d}", make_problem(size), tries, saddles=True)


SHELVES = [
    *(orthonormal(k, k, 6000 if k < 8 else 3000) for k in range(6, 21)),
    *(orthonormal(m + 1, m, 6000 if m < 14 else 2500) for m in range(8, 20)),
    orthonormal(7, 7, 400, dimension=10),
    orthonormal(4, 6, 1000),
    orthonormal(5, 8, 1000),
    gaussian(10, 10, 10, seed=1, starts=600),
    gaussian(6, 6, 6, seed=2, starts=600),
    gaussian(4, 7, 5, seed=3, starts=600),
    saddles(6, 400),
    saddles(8, 400),
]


def build(shelf: Shelf, again: bool) -> str:
    """Search (or load), prove and write one shelf; returns its table for the index."""
    if again:
        entries = load(shelf)
    else:
        entries = newton_saddles(shelf) if shelf.saddles else end_points(shelf)
        save(shelf, entries)
    folder = ROOT / "proofs" / shelf.name
    shutil.rmtree(folder, ignore_errors=True)
    rows, unproven = [], []
    for entry in entries:
        outcome = prove(entry.W, shelf.problem)
        if not isinstance(outcome, Proved):
            unproven.append(f"loss {entry.loss:.8f}, met {entry.count} times: {outcome.name}, {outcome.reason}")
            continue
        rows.append(row(shelf, entry, with_newborn(outcome), folder))
    met = f"Newton's iteration from {shelf.starts} random points" if shelf.saddles else f"{shelf.starts} random starts"
    head = f"## {shelf.name}\n\n{met}; {len(rows)} certificates.\n\n"
    table = "| family | loss | index | curvature | uniqueness | error | met |\n|---|---|---|---|---|---|---|\n"
    notes = "".join(f"\nNot certified: {line}.\n" for line in unproven)
    print(f"{shelf.name}: {len(rows)} certificates, {len(unproven)} without", flush=True)
    return head + (table + "\n".join(rows) + "\n" if rows else "") + notes


def row(shelf: Shelf, entry: Entry, outcome: Proved, folder: Path) -> str:
    """Verify and write one certificate with its statement; returns its line of the index."""
    verdict = verify_bytes(outcome.certificate.content)
    word = "minimum" if outcome.index == 0 else f"saddle{outcome.index}"
    word = "global-minimum" if entry.loss < FLAT else word
    family = f"{word}-L{max(0.0, sum(outcome.loss) / 2):.8f}"
    while (folder / family).exists():  # another point with the same loss to eight digits
        family += "x"
    outcome.certificate.write(folder / family / f"certificate{SUFFIX}")
    statement = f"{verdict.sentence}.\n\nclaim {verdict.claim_hash}\n"
    write_atomically(folder / family / "statement.txt", statement.encode())
    figures = f"{sum(outcome.loss) / 2:.10g} | {outcome.index} | {outcome.curvature:.4g}"
    return (
        f"| [{family}]({shelf.name}/{family}/statement.txt) | {figures} | {outcome.uniqueness_radius:.3g} "
        f"| {outcome.error_radius:.2g} | {entry.count or ''} |"
    )


def end_points(shelf: Shelf) -> list[Entry]:
    """The groups of a random search, without the flat sets of global minima."""
    problem = shelf.problem
    teacher = None if problem.orthonormal else problem.teacher
    dimension = problem.dimension if problem.orthonormal else None
    count = problem.teachers if problem.orthonormal else None
    result = search(problem.students, count, teacher=teacher, dimension=dimension, starts=shelf.starts)
    flat = problem.students > problem.teachers
    return [Entry(g.W, g.loss, g.count) for g in result.groups if not (flat and g.loss < FLAT)]


def newton_saddles(shelf: Shelf) -> list[Entry]:
    """Critical points with negative curvature that plain Newton iterations end in, one for each loss."""
    rng = np.random.default_rng(0)
    V = shelf.problem.teacher
    found: dict[float, Entry] = {}
    for _ in range(shelf.starts):
        W = newton(0.6 * rng.normal(size=(shelf.problem.students, V.shape[1])), V)
        if W is None:
            continue
        values = np.linalg.eigvalsh(floats.hessian(W, V))
        if values[0] < -1e-4 and np.abs(values).min() > 1e-4:
            loss = floats.loss(W, V)
            found.setdefault(round(loss, 9), Entry(W, loss, 0))
    return [found[key] for key in sorted(found)][:12]


def newton(W: Array, V: Array) -> Array | None:
    """Forty undamped Newton steps; None unless they end at a critical point with rows away from zero."""
    for _ in range(40):
        W = W - np.linalg.solve(floats.hessian(W, V), floats.gradient(W, V).ravel()).reshape(W.shape)
        lengths = np.linalg.norm(W, axis=1)
        if not (lengths.min() > 0.05 and lengths.max() < 10.0):
            return None
    return W if np.abs(floats.gradient(W, V)).max() < 1e-13 else None


def load(shelf: Shelf) -> list[Entry]:
    """What an earlier search stored in data/."""
    with np.load(ROOT / "data" / f"{shelf.name}.npz") as stored:
        columns = stored["W"], stored["loss"].tolist(), stored["count"].tolist()
    return [Entry(*entry) for entry in zip(*columns, strict=True)]


def save(shelf: Shelf, entries: list[Entry]) -> None:
    """data/SHELF.npz: the float candidates with their counts."""
    (ROOT / "data").mkdir(exist_ok=True)
    np.savez_compressed(
        ROOT / "data" / f"{shelf.name}.npz",
        W=np.array([entry.W for entry in entries]).reshape(-1, shelf.problem.students, shelf.problem.dimension),
        V=shelf.problem.teacher,
        loss=np.array([entry.loss for entry in entries]),
        count=np.array([entry.count for entry in entries]),
        starts=shelf.starts,
        seed=0,
    )


def main(words: list[str]) -> None:
    """Build the chosen shelves, then the index of all of them."""
    again = "--again" in words
    words = [word for word in words if word != "--again"]
    for shelf in SHELVES:
        if not words or any(shelf.name.startswith(word) for word in words):
            write_atomically(ROOT / "proofs" / shelf.name / "README.md", build(shelf, again).encode())
    text = "# Catalogue\n\nMade by `python data/build.py`; verify with `certify verify catalog`.  "
    text += "Points of every width, proved by symmetry: [families](families).  Every width in one certificate: "
    text += "[all-sizes](all-sizes); where minima begin or end between two widths: [crossings](crossings), "
    text += "[fractional-widths](fractional-widths).  Every correlation of the teachers in an interval: "
    text += "[correlation](correlation).  Complete lists: [systems](systems).\n\n"
    for shelf in SHELVES:
        part = ROOT / "proofs" / shelf.name / "README.md"
        if part.exists():
            text += part.read_text() + "\n"
    write_atomically(ROOT / "proofs" / "README.md", text.encode())


if __name__ == "__main__":
    main(sys.argv[1:])
