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
from certify.reach.plan import Arrival, Plan, decode_arrivals, encode_plan
from certify.reach.store import FILENAME, Store
from certify.search.pool import answered
from certify.search.progress import progress_bar

FOLDER = "certificates"


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
        batches = store.missing(starts)
        if batches:
            order = json.dumps({"plan": encode_plan(plan), "starts": starts})
            crew = min(workers or processors(), len(batches))
            _fill(store, _answers(order, batches, crew, address), bar.task("batches", len(batches)))
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


def _answers(order: str, batches: list[int], workers: int, address: str | None) -> Generator[str]:
    if address is not None:
        return scheduler.answered(address, order, batches)
    return answered(worker.__name__, order, iter(batches), workers)
