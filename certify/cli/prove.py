"""`certify prove`: candidates in, certificates out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from certify.candidate import Candidate, candidate_files, read_candidates
from certify.certificate import SUFFIX, write_atomically
from certify.cli.batch import BAD_INPUT, Input, Job, Report, report_bad, reports, teachers
from certify.cli.forecast import forecast
from certify.cli.progress import Bar, progress
from certify.cli.text import one_line
from certify.errors import InputError
from certify.linalg.definite import Method

NAMES = {0: "proved", 1: "undecided or refuted", 2: "bad input", 70: "ended by a defect"}


def run(
    files: Sequence[str],
    output: str,
    *,
    as_json: bool,
    quiet: bool,
    bits: int,
    full: bool,
    basin: bool,
    method: Method,
    workers: int | None = None,
) -> int:
    """Process all inputs in order; the exit code is the largest of theirs."""
    directory = folder(output)
    counts = dict.fromkeys(NAMES, 0)
    job = Job(bits, symmetric=not full, basin=basin, method=method, directions=as_json)
    with progress("prove", len(files)) as bar, closing(reports(_inputs(files, method, bar), job, workers)) as done:
        for candidate, report in done:
            path = _written(candidate, report, directory)
            counts[report.code] += 1
            if as_json:
                bar.write(sys.stdout, json.dumps(_record(candidate, report, path)))
            elif not (report.code or quiet):
                bar.write(sys.stdout, _line(candidate, report, path))
            if report.code > 1 or (report.code and not as_json):
                bar.write(sys.stderr, _line(candidate, report, path))
            bar.advance()
    if not (as_json or quiet):
        sys.stdout.write(_summary(counts, directory))
    return max(code for code, count in counts.items() if count)


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


def _inputs(files: Sequence[str], method: Method, bar: Bar) -> Iterator[Input]:
    """Candidates in the order of the files; of what cannot be read, the report."""
    for argument in files:
        try:
            paths = candidate_files(argument)
        except InputError as error:
            yield Candidate(None, source=argument), report_bad(error)
            continue
        bar.extend(len(paths) - 1)
        for path in paths:
            try:
                candidates = read_candidates(path)
            except InputError as error:
                yield Candidate(None, source=path), report_bad(error)
                continue
            bar.extend(len(candidates) - 1)
            for candidate in candidates:
                if sys.stderr.isatty() and (line := _forecast(candidate, method)):
                    bar.write(sys.stderr, line)
                yield candidate, None


def _forecast(candidate: Candidate, method: Method) -> str | None:
    """What it may take, if that is much."""
    told = forecast(len(candidate.W), teachers(candidate), candidate.W.shape[1], method)
    return told and one_line(f"{candidate.name}: {told}")


def _written(candidate: Candidate, report: Report, directory: Path) -> Path | None:
    """Where its certificate is now.

    The name of a certificate follows from its claim: whoever else writes to that name at the same time writes the
    same theorem, and writes are atomic.
    """
    if report.certificate is None:
        return None
    path = directory / f"{candidate.stem}-{report.sha256[:12]}{SUFFIX}"
    try:
        return write_atomically(path, report.certificate.encode("ascii"))
    except OSError as error:
        raise InputError(one_line(f"{path} cannot be written: {error.strerror}")) from None


def _record(candidate: Candidate, report: Report, certificate: Path | None) -> dict[str, Any]:
    """The line of `--json`."""
    record: dict[str, Any] = {
        "file": candidate.source,
        "item": candidate.item,
        "outcome": report.outcome,
        **dict.fromkeys(("kind", "local_minimum", "index", "ambient_index", "route", "certificate")),
        "reason": report.reason,
        **report.figures,
    }
    return record if certificate is None else {**record, "certificate": str(certificate)}


def _line(candidate: Candidate, report: Report, certificate: Path | None) -> str:
    """The line for people."""
    word = "BAD INPUT" if report.code == 2 else report.outcome.upper()
    target = "" if certificate is None else f" -> {certificate}"
    return one_line(f"{word} {candidate.name}: {report.reason.removeprefix(BAD_INPUT)}{target}")


def _summary(counts: dict[int, int], directory: Path) -> str:
    """How many, and the next step."""
    told = ", ".join(f"{count} {NAMES[code]}" for code, count in counts.items() if count)
    hint = f"; confirm with: certify verify {directory}" if counts[0] else ""
    return one_line(told + hint) + "\n"
