"""A candidate that a search found."""

import pytest

from certify.search import SearchResult
from certify.search import search as descend


@pytest.fixture(scope="session")
def found() -> SearchResult:
    """Seven students: zero loss and the spurious minimum at 0.0232."""
    return descend(7, starts=40, seed=0, workers=1)
