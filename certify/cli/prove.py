"""`certify prove`: candidates in, certificates out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from certify import api
from certify.api import Proved, ProvedSet
from certify.candidate import Candidate, candidate_files, read_candidates
from certify.certificate import SUFFIX
from certify.cli.progress import Bar, progress
from certify.cli.text import one_line
from certify.errors import InputError
from certify.linalg.definite import Method
from certify.outcome import Refuted, Result, Undecided

BAD_INPUT = "bad input: "
FIGURES = (
    "kind",
    "index",
    "ambient_index",
    "route",
    "uniqueness_radius",
    "error_radius",
    "curvature",
    "loss",
    "set_dimension",
    "distance",
)


@dataclass(frozen=True)
class Job:
    """Where certificates go, and how they are proved."""

    directory: Path
    bits: int
    symmetric: bool
    basin: bool = False
    method: Method = "exact"


@dataclass(frozen=True)
class Report:
    """What became of one input; `bad`: it could not be read as a candidate."""

    candidate: Candidate
    outcome: Result
    certificate: Path | None = None
    bad: bool = False

    @property
    def code(self) -> int:
        """Its share in the exit code."""
        return 2 if self.bad else int(self.certificate is None)

    @property
    def reason(self) -> str:
        """Cause, and what to try."""
        if isinstance(self.outcome, Undecided) and self.outcome.remedy:
            return f"{self.outcome.reason}; try: {self.outcome.remedy}"
        if isinstance(self.outcome, Refuted):
            return f"{self.outcome.reason}; try: descend further before proving"
        return self.outcome.reason

    @property
    def record(self) -> dict[str, Any]:
        """The line of `--json`."""
        record: dict[str, Any] = {
            "file": self.candidate.source,
            "item": self.candidate.item,
            "outcome": self.outcome.name,
            **dict.fromkeys(("kind", "local_minimum", "index", "ambient_index", "route", "certificate")),
            "reason": self.reason,
        }
        if isinstance(self.outcome, Proved | ProvedSet):
            figures = {name: getattr(self.outcome, name, None) for name in FIGURES}
            figures["local_minimum"] = self.outcome.index == 0
            if isinstance(self.outcome, Proved) and self.outcome.descent is not None:
                found = self.outcome.descent
                figures["descent"] = {
                    "curvature": found.curvature,
                    "centre": found.centre.tolist(),
                    "direction": found.direction.tolist(),
                }
            record.update(figures, certificate=str(self.certificate))
        return record

    @property
    def line(self) -> str:
        """The line for people."""
        word = "BAD INPUT" if self.bad else self.outcome.name.upper()
        target = "" if self.certificate is None else f" -> {self.certificate}"
        return one_line(f"{word} {self.candidate.name}: {self.reason.removeprefix(BAD_INPUT)}{target}")


def run(
    files: Sequence[str], output: str, *, as_json: bool, quiet: bool, bits: int, full: bool, basin: bool, method: Method
) -> int:
    """Process all inputs in order; the exit code is the largest of theirs."""
    directory = folder(output)
    counts = [0, 0, 0]
    with progress("prove", len(files)) as bar:
        for report in reports(files, Job(directory, bits, symmetric=not full, basin=basin, method=method), bar):
            counts[report.code] += 1
            if as_json:
                bar.write(sys.stdout, json.dumps(report.record))
            elif not (report.code or quiet):
                bar.write(sys.stdout, report.line)
            if report.bad or (report.code and not as_json):
                bar.write(sys.stderr, report.line)
            bar.advance()
    if not (as_json or quiet):
        sys.stdout.write(_summary(counts, directory))
    return max(code for code, count in enumerate(counts) if count)


def folder(output: str) -> Path:
    """The folder for the certificates, made if need be."""
    if not output:
        raise InputError("the path of the output folder is empty")
    try:
        Path(output).mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        cause = error.strerror if isinstance(error, OSError) else error
        raise InputError(one_line(f"{output} cannot be used as a folder: {cause}")) from None
    return Path(output)


def reports(files: Sequence[str], job: Job, bar: Bar) -> Iterator[Report]:
    """One report a candidate or unreadable input, in the order of the input."""
    for argument in files:
        try:
            paths = candidate_files(argument)
        except InputError as error:
            yield _bad(Candidate(None, source=argument), error)
            continue
        bar.extend(len(paths) - 1)
        for path in paths:
            yield from _file(path, job, bar)


def _file(path: str, job: Job, bar: Bar) -> Iterator[Report]:
    try:
        candidates = read_candidates(path)
    except InputError as error:
        yield _bad(Candidate(None, source=path), error)
        return
    bar.extend(len(candidates) - 1)
    for candidate in candidates:
        yield prove_one(candidate, job)


def prove_one(candidate: Candidate, job: Job) -> Report:
    """Prove one candidate and write its certificate.

    The name of a certificate follows from its claim: whoever else writes to that name at the same time writes the
    same theorem, and writes are atomic.
    """
    outcome: Result
    try:
        outcome = api.prove(
            candidate.W, candidate.V, bits=job.bits, symmetric=job.symmetric, basin=job.basin, method=job.method
        )
    except InputError as error:
        return _bad(candidate, error)
    except MemoryError:
        outcome = Undecided("the matrices do not fit into memory", "a smaller network")
    if not isinstance(outcome, Proved | ProvedSet):
        return Report(candidate, outcome)
    certificate = outcome.certificate
    path = job.directory / f"{candidate.stem}-{certificate.sha256[:12]}{SUFFIX}"
    try:
        return Report(candidate, outcome, certificate.write(path))
    except OSError as error:
        raise InputError(one_line(f"{path} cannot be written: {error.strerror}")) from None


def _bad(candidate: Candidate, error: InputError) -> Report:
    return Report(candidate, Undecided(f"{BAD_INPUT}{error}", ""), bad=True)


def _summary(counts: Sequence[int], directory: Path) -> str:
    """How many, and the next step."""
    names = ("proved", "undecided or refuted", "bad input")
    told = ", ".join(f"{count} {name}" for count, name in zip(counts, names, strict=True) if count)
    hint = f"; confirm with: certify verify {directory}" if counts[0] else ""
    return one_line(told + hint) + "\n"
