"""One candidate at a time, here or in other processes: what is proved, as plain data that fits through a pipe."""

from __future__ import annotations

import json
import pickle
import time
from base64 import b64decode, b64encode
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import chain, islice
from typing import Any

from certify import api
from certify.api import Proved, ProvedSet
from certify.candidate import Candidate
from certify.errors import InputError
from certify.linalg.definite import Method
from certify.memory import EIGENDECOMPOSITION, Budget, available, needed
from certify.outcome import Refuted, Result, Undecided
from certify.processes import ROOT, Crew, processors, together

PATIENCE = 1.0  # seconds of proving in this process before others are started, which takes them about as long
ONE_THREAD_WORK = 64 * 64  # K d (K d + M) up to which BLAS uses one thread, as it does in the other processes
ARGUMENTS = ["-P", "-m", "certify.cli.prover"]  # -P: a numpy.py in the current directory must not be imported
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
    """How candidates are proved; directions: of descent, wanted for the records of saddles."""

    bits: int
    symmetric: bool
    basin: bool = False
    method: Method = "exact"
    directions: bool = False


@dataclass(frozen=True)
class Report:
    """What became of one input; code: its share in the exit code, 0 proved, 1 not, 2 bad input, 70 a defect."""

    outcome: str
    code: int
    reason: str
    figures: dict[str, Any] = field(default_factory=dict)
    sha256: str = ""
    certificate: str | None = None  # its text


def report_bad(error: InputError) -> Report:
    """Of what could not be read as a candidate."""
    return Report("undecided", 2, f"{BAD_INPUT}{error}")


def report_on(candidate: Candidate, job: Job) -> Report:
    """Prove one candidate."""
    outcome: Result
    try:
        outcome = api.prove(
            candidate.W, candidate.V, bits=job.bits, symmetric=job.symmetric, basin=job.basin, method=job.method
        )
        if isinstance(outcome, Proved | ProvedSet):
            made = outcome.certificate
            return Report(
                outcome.name, 0, outcome.reason, _figures(outcome, job), made.sha256, made.content.decode("ascii")
            )
    except InputError as error:
        return report_bad(error)
    except MemoryError:
        outcome = Undecided("the matrices do not fit into memory", "a smaller network")
    except Exception as error:  # a defect, which must not stop the others
        return Report("internal", 70, f"{type(error).__name__}: {error}")
    remedy = "descend further before proving" if isinstance(outcome, Refuted) else outcome.remedy
    return Report(outcome.name, 1, f"{outcome.reason}; try: {remedy}" if remedy else outcome.reason)


def _figures(outcome: Proved | ProvedSet, job: Job) -> dict[str, Any]:
    figures = {name: getattr(outcome, name, None) for name in FIGURES}
    figures["local_minimum"] = outcome.index == 0
    if job.directions and isinstance(outcome, Proved) and outcome.descent is not None:
        found = outcome.descent
        figures["descent"] = {
            "curvature": found.curvature,
            "centre": found.centre.tolist(),
            "direction": found.direction.tolist(),
        }
    return figures


Input = tuple[Candidate, Report | None]


def reports(inputs: Iterator[Input], job: Job, workers: int | None) -> Generator[tuple[Candidate, Report]]:
    """A report an input, in their order; an input that is no candidate comes with its report.

    A single candidate is proved here, with all threads of BLAS.  Of several, small ones are proved here for a moment;
    then, and at the first larger one, other processes take over, one thread each: certificates depend neither on the
    number of processes nor on which of them proves what.
    """
    first = list(islice(inputs, 2))
    begun, rest = time.monotonic(), chain(first, inputs)
    for candidate, known in rest:
        here = known is not None or len(first) == 1 or (_is_small(candidate) and time.monotonic() - begun < PATIENCE)
        if not here:
            yield from _elsewhere(chain([(candidate, known)], rest), job, workers or processors())
            return
        yield candidate, known or report_on(candidate, job)


def _is_small(candidate: Candidate) -> bool:
    unknowns = candidate.W.size
    return bool(unknowns * (unknowns + teachers(candidate)) <= ONE_THREAD_WORK)


def teachers(candidate: Candidate) -> int:
    """How many."""
    return len(candidate.W[0] if candidate.V is None else candidate.V)


def _elsewhere(inputs: Iterator[Input], job: Job, workers: int) -> Generator[tuple[Candidate, Report]]:
    budget = Budget(available())

    def report(crew: Crew, item: Input) -> tuple[Candidate, Report]:
        candidate, known = item
        if known is not None:
            return candidate, known
        shape = candidate.W.shape
        with budget.room(needed(shape[0], teachers(candidate), shape[1], arrays=EIGENDECOMPOSITION)):
            answer = crew.answer(b64encode(pickle.dumps((candidate, job))).decode("ascii"))
        if isinstance(answer, int):
            return candidate, Report("internal", 70, f"the proving process died (exit status {answer})")
        return candidate, Report(**json.loads(answer))

    with Crew(workers, ARGUMENTS, ROOT) as crew, closing(together(crew, partial(report, crew), inputs)) as answers:
        yield from answers


def answer(line: str) -> str:
    """What a process answers to a line that `_elsewhere` made."""
    candidate, job = pickle.loads(b64decode(line))  # noqa: S301 - from the process that started this one
    return json.dumps(asdict(report_on(candidate, job)))
