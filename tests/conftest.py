"""Fixtures and profiles shared by all tests."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy loads: small matrices gain nothing from threads

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flint import ctx
from hypothesis import HealthCheck, settings

for folder in ("cross", "systems"):  # reference_landscape, rounding_modes, problems
    sys.path.insert(0, str(Path(__file__).parent / folder))

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("dev", max_examples=30, deadline=None, suppress_health_check=SLOW)
settings.register_profile("ci", max_examples=200, deadline=None, suppress_health_check=SLOW, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))


@pytest.fixture(autouse=True)
def flint_precision() -> Iterator[None]:
    """No test may leave flint at another precision than it found."""
    before = ctx.prec
    yield
    after, ctx.prec = ctx.prec, before
    assert after == before, f"flint's precision changed from {before} to {after} bits"
