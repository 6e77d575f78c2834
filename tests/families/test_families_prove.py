"""Proofs at symmetric points: from every start, a certificate that the checker accepts, or Undecided."""

from __future__ import annotations

import json

import numpy as np
import pytest
from symmetric_points import dense, random_patterns, random_signature, teacher

from certify.checker import verify_bytes
from certify.errors import InputError
from certify.families.orbits import Pattern
from certify.families.signature import Signature
from certify.landscape import floats
from certify.outcome import Proved, Undecided
from certify.proving.family import prove_member

TEACHERS = ((1.0, 0.0), (1.25, -0.25), (0.5, 0.5), (-1.0, 2.0))


def pattern(row: list[float]) -> Pattern:
    return Pattern(tuple(row[:-1]), row[-1])


def attempt(seed: int) -> bool:
    r = np.random.default_rng(seed)
    sizes, owners = random_signature(r, 80)
    shape = TEACHERS[seed % len(TEACHERS)]
    outcome = prove_member(Signature(sizes, owners), [pattern(p) for p in random_patterns(r, sizes, owners)], shape)
    if isinstance(outcome, Undecided):
        return False
    assert isinstance(outcome, Proved)
    verify_bytes(outcome.certificate.content)
    claim = json.loads(outcome.certificate.content)["claim"]
    numbers = [[floating(x) for x in row] for row in claim["centre"]]
    W, V = np.array(dense(sizes, owners, numbers)), np.array(teacher(sum(sizes), *shape))
    values = np.linalg.eigvalsh(floats.hessian(W, V))
    assert (values < 0).sum() == outcome.index
    assert np.abs(values).min() > 0.99 * outcome.curvature - 1e-7
    claimed = sorted(
        (floating(low), floating(high)) for m, pairs in claim["spectrum"] for low, high in pairs for _ in range(m)
    )
    assert len(claimed) == W.size
    # doubles near a parallel pair are off by the root of their precision
    assert all(low - 1e-6 <= x <= high + 1e-6 for x, (low, high) in zip(values, claimed, strict=True))
    if outcome.ambient_index is not None:
        assert (np.linalg.eigvalsh(floats.ambient(W, V)) < 0).sum() == outcome.ambient_index
    assert outcome.loss[0] - 1e-12 <= floats.loss(W, V) <= outcome.loss[1] + 1e-12
    return True


def floating(text: str) -> float:
    mantissa, exponent = text.split("p")
    return float(int(mantissa, 16)) * 2.0 ** int(exponent)


def test_random_starts() -> None:
    assert sum(attempt(seed) for seed in range(150)) > 20


@pytest.mark.long
def test_many_random_starts() -> None:
    assert sum(attempt(seed) for seed in range(150, 1750)) > 200


@pytest.mark.parametrize(
    ("sizes", "owners", "rows"),
    [
        ((4,), (0,), [[0.0, 1.0]]),
        ((1,), (0,), [[0.0, 1.0]]),
        ((1,), (None,), [[1.0, 0.0]]),
        ((2, 2), (0, 1), [[0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]),
        ((10**9,), (0,), [[0.0, 1.0]]),
    ],
)
@pytest.mark.parametrize("bits", [None, 64, 300])
def test_students_equal_to_teachers(sizes: tuple, owners: tuple, rows: list, bits: int | None) -> None:
    """Parallel pairs: a sine computed from its cosine keeps half of the bits; the certificate must ask for enough."""
    outcome = prove_member(Signature(sizes, owners), [pattern(row) for row in rows], bits=bits)
    assert isinstance(outcome, Proved)
    assert outcome.kind == "strict-local-minimum"
    assert not outcome.not_global
    verify_bytes(outcome.certificate.content)


@pytest.mark.parametrize(
    "rows",
    [
        [[0.0, 0.0, 0.0]],
        [[1e-320, 0.0, 0.0]],
        [[1e300, -1e300, 1e300]],
        [[1e-160, 1e-160, 0.0]],
        [[0.0, 0.0, 1e-30]],
    ],
)
def test_useless_starts(rows: list) -> None:
    assert isinstance(prove_member(Signature((2, 1), (0,)), [pattern(row) for row in rows]), Proved | Undecided)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_not_finite(value: float) -> None:
    for row in ([value, 0.0, 1.0], [0.0, 1.0, value]):
        with pytest.raises(InputError):
            prove_member(Signature((2, 1), (0,)), [pattern(row)])


def test_delta_of_a_single_student_is_ignored() -> None:
    """It stands for nothing, and no certificate may hold it."""
    found = [
        prove_member(Signature((3,), (None,)), [Pattern((1.146,), delta)], (1.0, 0.0)) for delta in (0.0, 0.5, -3.0)
    ]
    contents = {outcome.certificate.content for outcome in found if isinstance(outcome, Proved)}
    assert len(contents) == 1
    verify_bytes(contents.pop())


def test_a_wide_minimum() -> None:
    """One flipped student among 10^12: k L tends to 1/2 - 2/pi^2, with the first correction of order k^(-1/2)."""
    for width in (100, 10**4, 10**8, 10**12):
        n = width - 1
        rows = [[-1.27 / width**2, 2 / width, 1.0 + 1.27 / width**2], [1.27 / width, -1 + 5.36 / width, 0.0]]
        outcome = prove_member(Signature((n, 1), (0, 1)), [pattern(row) for row in rows])
        assert isinstance(outcome, Proved)
        assert outcome.kind == "strict-local-minimum"
        assert outcome.ambient_index == 0
        low, high = (width * x for x in outcome.loss)
        limit = 0.5 - 2 / np.pi**2
        assert limit - 0.12 / width**0.5 - 1.5 / width < low <= high < limit
        assert "it is not a global minimum" in verify_bytes(outcome.certificate.content).sentence
        assert outcome.certificate.content.count(b"p") < 400


def test_newton_that_ends_on_a_zero_row(monkeypatch: pytest.MonkeyPatch) -> None:
    zero = [Pattern((0.0, 0.0), 0.0), Pattern((1.0, 0.5), 0.0)]
    monkeypatch.setattr("certify.proving.family.approximate_newton", lambda *_: zero)
    outcome = prove_member(Signature((3, 1), (0, None)), [Pattern((0.1, 0.1), 1.0), Pattern((1.0, 0.5), 0.0)])
    assert isinstance(outcome, Undecided)
