"""The examples in the documentation of the library run as written."""

import doctest

import pytest

from certify import api, bundle, candidate, catalog


@pytest.mark.parametrize(("module", "least"), [(api, 6), (bundle, 0), (candidate, 0), (catalog, 0)])
def test_examples(module: object, least: int) -> None:
    failed, tried = doctest.testmod(module, optionflags=doctest.ELLIPSIS)  # type: ignore[arg-type]
    assert failed == 0
    assert tried >= least
