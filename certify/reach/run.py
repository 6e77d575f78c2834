"""The experiment as a whole: batches on processes or a scheduler, the store, and what every run came to."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from certify.processes import processors
from certify.reach import scheduler, worker
from certify.reach.catalogue import Catalogue, Member
from certify.reach.plan import Arrival, Plan, decode_arrivals, encode_plan, shares
from certify.reach.store import FILENAME, Store
from certify.search.pool import answered
from certify.search.progress import progress_bar

FOLDER = "certificates"
SCHEDULED = 64  # workers that a scheduler is taken to have


@dataclass(frozen=True, eq=False)
class Verdict:
    """One run: `member` is the certified minimum whose basin holds its last point, if any."""

    arrival: Arrival
    member: Member | None

    @property
    def decided(self) -> bool:
        """In a certified basin, or at a flat set of global minima."""
        return self.member is not None or self.arrival.status == "zero loss"


@dataclass(frozen=True, eq=False)
class ReachResult:
    """All runs in order; members by loss; reasons of proofs that failed."""

    plan: Plan
    verdicts: tuple[Verdict, ...]
    members: tuple[Member, ...]
    failures: tuple[str, ...]


def reach(
    plan: Plan,
    starts: int,
    directory: Path | None = None,
    *,
    workers: int | None = None,
    address: str | None = None,
    progress: bool = False,
) -> ReachResult:
    """Follow `starts` runs, each into a certified basin if it gets there.

    Which minimum a run comes to depends on the plan alone, not on workers, scheduler, interruptions or earlier calls.
    How far into the basin it is stopped depends on what its worker had met before, and so do last digits of centres.
    """
    path = None if directory is None else directory / FILENAME
    with closing(Store(path, plan)) as store, progress_bar(progress) as bar:
        crew = workers or (processors() if address is None else SCHEDULED)
        batches = [json.dumps(part) for part in shares(plan, store.missing(starts), crew)]
        if batches:
            answers = _answers(encode_plan(plan), batches, min(crew, len(batches)), address)
            _fill(store, answers, bar.task("batches", len(batches)))
        arrivals = store.arrivals(starts)
        catalogue = Catalogue(plan, None if directory is None else directory / FOLDER)
        advance = bar.task("placing", len(arrivals))
        verdicts = tuple(_verdict(catalogue, arrival, advance) for arrival in arrivals)
    members = tuple(sorted(catalogue.members, key=lambda member: member.loss))
    return ReachResult(plan, verdicts, members, tuple(catalogue.failures))


def _verdict(catalogue: Catalogue, arrival: Arrival, advance: Callable[[], None]) -> Verdict:
    place = catalogue.place(arrival.W) if arrival.status in ("basin", "limit") else None
    advance()
    return Verdict(arrival, None if place is None else catalogue.members[place])


def _fill(store: Store, answers: Generator[str], advance: Callable[[], None]) -> None:
    """Store what comes."""
    with closing(answers):
        for answer in answers:
            store.add(decode_arrivals(answer))
            advance()


def _answers(plan: str, batches: list[str], workers: int, address: str | None) -> Generator[str]:
    if address is not None:
        return scheduler.answered(address, plan, batches)
    return answered(worker.__name__, plan, iter(batches), workers)
