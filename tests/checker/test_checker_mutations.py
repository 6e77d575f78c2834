"""Every field of several certificates is edited in turn: refused, or the edited claim is true all the same."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from checker_truth import assert_true
from hypothesis import given
from hypothesis import strategies as st
from make_corpus import canonical, dyadic, moved, text

from certify.checker import Malformed, Rejected, ResourceLimit, verify_bytes

ACCEPT = Path(__file__).parent / "accept"
BASES = ("identity-1-1", "newborn-saddle-2-3", "line-2-2-antiparallel", "splitting-saddle-2-3")
MORE_BASES = (
    "plane-3-3", "minimum-2-3", "minimum-2-3-no-ambient-claim", "minimum-1-3", "saddle-3-3", "identity-3-3-parallel",
    "identity-2-2-at-192-bits", "gaussian-4-4-parallel",
)  # fmt: skip
DELETE = object()
Path_ = tuple[str | int, ...]


def load(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((ACCEPT / f"{name}.cert.json").read_bytes())
    return data


def places(value: Any, path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    """Every node below the root, containers too."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        yield (*path, key), child
        yield from places(child, (*path, key))


def is_dyadic(value: Any) -> bool:
    return isinstance(value, str) and "p" in value and "0x" in value


def edits(value: Any) -> Iterator[Any]:
    """Replacements for one node."""
    yield DELETE
    yield from (None, True, False, 0, 1, -1, "", "0x1p0", "0x0p0", "-0x1p0", [], {}, 1.5)
    if is_dyadic(value):
        mantissa, exponent = dyadic(value)
        for step in (1, -1):
            yield text(mantissa + step, exponent)
            yield moved(value, step, exponent - 200)
            yield moved(value, step, -20)
        yield text(-mantissa, exponent)
        for shift in (1, -1, 10, -10, 1000, -1000):
            yield text(mantissa, exponent + shift)
        yield int(mantissa)
        yield value.upper()
        yield value + "0"
    elif isinstance(value, str):
        yield from (value + " ", value.upper(), value[:-1], "strict-local-minimum", "saddle", "orthonormal")
    elif isinstance(value, bool):
        yield not value
        yield int(value)
    elif isinstance(value, int):
        yield from (value + 1, value - 1, -value, 2 * value, value // 2, value + (1 << 62), 1 << 9000, str(value))
    elif isinstance(value, list):
        yield value[:-1]
        yield [*value, *value[-1:]]
        yield value[::-1]
        yield value[1:] + value[:1]
        yield [value]
    elif isinstance(value, dict):
        yield {**value, "extra": 0}
        yield list(value)


def replaced(data: dict[str, Any], path: Path_, value: Any) -> dict[str, Any]:
    result = copy.deepcopy(data)
    node: Any = result
    for key in path[:-1]:
        node = node[key]
    if value is DELETE:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return result


def outcome(data: dict[str, Any], trusted: dict[str, Any]) -> str:
    """The refusal's name, or "true" after the claim was confirmed independently."""
    try:
        verify_bytes(canonical(data))
    except (Malformed, ResourceLimit) as refusal:
        return type(refusal).__name__
    except Rejected as refusal:
        return refusal.step
    if data["claim"] != trusted["claim"]:
        assert_true(data["claim"], trusted["claim"])
        return "true"
    return "witness"


@pytest.mark.parametrize(
    "name", [*BASES, *(pytest.param(name, marks=pytest.mark.long) for name in MORE_BASES)]
)  # fmt: skip
def test_every_field(name: str) -> None:
    data = load(name)
    assert_true(data["claim"], data["claim"])
    tally = Counter(outcome(replaced(data, path, value), data) for path, node in places(data) for value in edits(node))
    assert tally["Malformed"] > 100
    for step in ("existence", "inertia", "uniqueness", "curvature", "loss", "true", "witness"):
        assert tally[step] > 0, (step, tally)


@given(st.data())
def test_several_fields(data: st.DataObject) -> None:
    """Two or three numeric edits at once."""
    base = load(data.draw(st.sampled_from(BASES), "base"))
    changed = base
    for _ in range(data.draw(st.integers(2, 3), "count")):
        leaves = [(path, node) for path, node in places(changed) if is_dyadic(node) or type(node) in (int, bool)]
        path, node = data.draw(st.sampled_from(leaves), "leaf")
        if is_dyadic(node):
            step = data.draw(st.sampled_from((1, -1, 3)), "step")
            value: object = moved(node, step, data.draw(st.integers(-150, 3), "exponent"))
        elif isinstance(node, bool):
            value = not node
        else:
            value = max(0, node + data.draw(st.integers(-3, 3), "step"))
        changed = replaced(changed, path, value)
    outcome(changed, base)


def test_rows_and_students_permuted() -> None:
    """Permuting students permutes the Hessian: true claims stay true, whatever the order."""
    data = load("minimum-2-3")
    changed = copy.deepcopy(data)
    changed["claim"]["centre"].reverse()
    assert outcome(changed, changed) == "witness"
    assert_true(changed["claim"], changed["claim"])


def test_claims_of_one_problem_with_the_witness_of_another() -> None:
    names = ["minimum-2-3", "saddle-2-3", "saddle-3-3", "identity-3-3-parallel", "minimum-1-3"]
    for one in names:
        for other in names:
            claim, witness = load(one), load(other)["witness"]
            result = outcome({**claim, "witness": witness}, claim)
            if one == other:
                assert result == "witness"
            elif load(one)["claim"]["index"] != load(other)["claim"]["index"]:
                assert result == "Malformed"
            else:
                assert result in ("witness", "inertia", "uniqueness", "existence", "curvature", "ambient", "Malformed")


def test_centre_of_one_with_the_claim_of_another() -> None:
    """Same shape, other point: only a statement that holds there too may pass, and none does."""
    for one, other in (("minimum-2-3", "saddle-2-3"), ("saddle-3-3", "identity-3-3-parallel")):
        for claim, centre in ((one, other), (other, one)):
            data = load(claim)
            data["claim"]["centre"] = load(centre)["claim"]["centre"]
            with pytest.raises(Rejected):
                verify_bytes(canonical(data))
