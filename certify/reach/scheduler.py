"""Batches on other machines: dask.distributed, an optional extra.  Its workers need this package installed.

A batch is a pure function of the plan and the numbers of its starts, so a worker that dies costs nothing but time: the
scheduler gives its batches to others, and the store ignores what it has already.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from typing import Any

from certify.errors import InputError
from certify.reach.worker import pursue

PATIENCE = 30.0  # seconds to find the scheduler
WORKERS = 60.0  # seconds without any worker before giving up


def answered(address: str, plan: str, batches: Sequence[str]) -> Generator[str]:
    """The answers to all batches, as they come."""
    try:
        import distributed  # noqa: PLC0415 - optional
    except ImportError:
        raise InputError("--scheduler needs dask.distributed: pip install 'certify[cluster]'") from None
    try:
        dask: Any = distributed
        client = dask.Client(address, timeout=PATIENCE)
    except (OSError, ValueError, TimeoutError) as error:
        raise InputError(f"no scheduler at {address}: {error}") from None
    try:
        _wait_for_workers(client, address)
        futures = [client.submit(pursue, plan, batch, pure=False, retries=3) for batch in batches]
        for future in dask.as_completed(futures):
            yield str(future.result())
            future.release()
    finally:
        client.close()


def _wait_for_workers(client: Any, address: str) -> None:
    begun = time.monotonic()
    while not client.scheduler_info()["workers"]:
        if time.monotonic() - begun > WORKERS:
            raise InputError(f"the scheduler at {address} has no workers")
        time.sleep(0.2)
