"""`certify audit`: does full-parameter optimisation end anywhere that is not certified?"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from certify import api
from certify.certificate import SUFFIX, write_atomically
from certify.cli.search import given_teacher
from certify.cli.text import columns, one_line
from certify.errors import InputError
from certify.outcome import Proved
from certify.problem import make_problem
from certify.proving.sets import split_base
from certify.search import Group, SearchResult, search
from certify.search.setting import Array

Row = tuple[str, str, str, int]  # verdict, loss, certificate or reason, runs
BESIDE = 1e-9  # entries across the span of the teachers, per unit, that count as zero
NEAR_SET = 1e-6  # distance to a certified set of critical points, per unit, at which an end point counts as one of them
KINDS = {
    "global-minimum-set": "global set",
    "manifold-of-local-minima": "set of minima",
    "manifold-of-saddles": "set of saddles",
}


def run(
    *, students: int, teachers: int | None, dim: int | None, teacher: str | None, starts: int, seed: int,
    workers: int | None, output: str, quiet: bool,
) -> int:  # fmt: skip
    """Optimise in R^D without any reduction, then account for every end point; 1 if something stayed unexplained."""
    if not output:
        raise InputError("the path of the output folder is empty")
    folder = Path(output)
    result = search(
        students, teachers, teacher=given_teacher(teacher), dimension=dim, starts=starts, seed=seed,
        directory=folder / "search", workers=workers, progress=sys.stderr.isatty() and not quiet,
    )  # fmt: skip
    table = list(_explained(result, folder))
    verdicts = {number: row for row, numbers in table for number in numbers}
    lines = [json.dumps({"start": n, "verdict": verdicts[n][0], "by": verdicts[n][2]}) for n in sorted(verdicts)]
    write_atomically(folder / "verdicts.jsonl", ("\n".join(lines) + "\n").encode())
    unexplained = sum(row[3] for row, _ in table if row[0] == "UNEXPLAINED")
    if not quiet:
        cells = [["verdict", "loss", "by", "runs"], *([*row[:3], str(row[3])] for row, _ in table)]
        told = f"{starts - unexplained} of {starts} runs explained, {unexplained} unexplained"
        sys.stdout.write("\n".join([*(one_line(line) for line in columns(cells, left=3)), "", told]) + "\n")
    return int(unexplained > 0)


def _explained(result: SearchResult, folder: Path) -> Iterator[tuple[Row, tuple[int, ...]]]:
    """One row a group of end points; runs without an end point are unexplained."""
    for group in result.groups:
        verdict, by = _verdict(group, result, folder)
        yield (verdict, f"{max(0.0, group.loss):.8f}", by, group.count), group.members
    for lost in result.unconverged:
        reason = "no critical point was reached" if np.isfinite(lost.loss) else "the descent broke down"
        yield ("UNEXPLAINED", f"{lost.loss:.8f}", reason, 1), (lost.number,)


def _verdict(group: Group, result: SearchResult, folder: Path) -> tuple[str, str]:
    setting = result.setting
    V, span = setting.teacher, int(np.flatnonzero(setting.teacher.any(axis=0)).max()) + 1
    W, beside = group.W, float(np.abs(group.W[:, span:]).max(initial=0.0))
    if group.is_global and setting.students > setting.teachers:
        return "global set", "zero loss to rounding: a flat set, not a point"
    if beside > BESIDE * setting.unit:
        return "UNEXPLAINED", f"it leaves the span of the teachers by {beside:.1e}"
    outcome = _proved(W[:, :span], V[:, :span], wider=setting.dimension > span)
    if isinstance(outcome, str):
        base = _split(W[:, :span], V[:, :span])
        if base is None:
            return "UNEXPLAINED", outcome
        base.certificate.write(folder / "certificates" / f"{base.certificate.sha256[:12]}{SUFFIX}")
        return "split point", base.certificate.sha256[:12]
    outcome.certificate.write(folder / "certificates" / f"{outcome.certificate.sha256[:12]}{SUFFIX}")
    if isinstance(outcome, api.ProvedSet):
        return KINDS[outcome.kind], outcome.certificate.sha256[:12]
    saddle = outcome.index or outcome.ambient_index
    return "saddle" if saddle else "minimum", outcome.certificate.sha256[:12]


def _proved(W: Array, V: Array, *, wider: bool) -> api.Proved | api.ProvedSet | str:
    """A verified proof, or why there is none."""
    outcome = api.prove(W, V, symmetric=True)
    if isinstance(outcome, api.ProvedSet):
        if not outcome.distance < NEAR_SET * float(np.linalg.norm(V, axis=1).max()):
            return f"a certified set is {outcome.distance:.1e} away"
        if wider and outcome.ambient_index is None:
            return "nothing is known across the span"
    elif not isinstance(outcome, api.Proved):
        return outcome.reason
    elif outcome.ambient_index is None:
        return "nothing is known across the span"
    verdict = api.verify(outcome.certificate)
    return outcome if verdict.verified else f"refused by the checker: {verdict.reason}"


def _split(W: Array, V: Array) -> Proved | None:
    """A verified critical point with fewer students, of which W is a split: critical too, of a kind that is not known.

    Splitting matrices can be zero for a reason (docs/dynamics.md, B4).
    """
    found = split_base(W, make_problem(len(W), teacher=V))
    if found is None or not found[1] < NEAR_SET * float(np.linalg.norm(V, axis=1).max()):
        return None
    return found[0] if api.verify(found[0].certificate).verified else None
