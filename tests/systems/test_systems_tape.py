"""Recorded systems replay what the rules compute, over floats and over balls of several precisions."""

import copy
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from problems import PROBLEMS, Problem

import certify
from certify.arithmetic import dyadic, dyadic_ball, precision
from certify.systems import tape as tapes
from certify.systems.evaluate import FLOATS, Backend, balls, evaluate
from certify.systems.tape import tape

EVERYTHING = """atan2(y, x + 3) - sqrt(x + 3)/3 + p; exp(x - y)^(2/3) - (x*y)^-2 + pi*acos(x/9)
tan(x/9) + log(y + 4) - asin(y/4) - erf(x)*tanh(y)*cos(x) - atan(x)*sin(y) + 1/10 - x^3"""


@pytest.fixture(autouse=True)
def functions_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tapes are made functions when they are used, however long they are."""
    monkeypatch.setattr(tapes, "OFTEN", 0)
    monkeypatch.setattr(tapes, "SHORT", 10**9)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.name)
def test_values_and_gradients(problem: Problem) -> None:
    system = certify.system(problem.function, len(problem.start))
    _same(system, problem.start)


def test_every_operation() -> None:
    for text in EVERYTHING.replace("\n", ";").split(";"):
        system = certify.system(text, names="x y", parameters={"p": (1, 1)} if "p;" in text + ";" else None)
        for x in np.random.default_rng(1).uniform(0.1, 1, size=(5, 2)):
            _same(system, [float(v) for v in x] + [1.0] * len(system.parameters))


def _same(system: certify.systems.System, inputs: list[float]) -> None:
    """Both orders, both backends: the same operations in the same order give the same numbers."""
    for bits in (0, 53, 200):
        with precision(bits or 53):
            backend = balls() if bits else FLOATS
            given = [dyadic_ball(dyadic(x)) for x in inputs] if bits else inputs
            for order in (1, 2):
                expected, recorded = evaluate(system, given, backend, order), tape(system, order)
                told = [recorded.computed(given, backend) for _ in range(2)]
                count = len(recorded.sides)
                sides, entries = told[0][:count], told[0][count:]
                found = {k: str(e) for k, e in zip(recorded.pattern.cells, entries, strict=False)}
                outputs = system.outputs

                def shown(x: Any, backend: Backend = backend) -> str:
                    return str(backend.number(Fraction(x)) if isinstance(x, int) else x)

                assert list(map(str, told[0])) == list(map(str, told[1]))  # the second time by a function
                assert any(ready.function for ready in recorded._ready.values())
                if order == 1:
                    assert list(map(str, sides)) == [shown(expected.values[o]) for o in outputs]
                    rows = {(i, j): e for i, o in enumerate(outputs) for j, e in expected.gradients[o].items()}
                    assert found == {k: shown(v) for k, v in rows.items()}
                else:
                    gradient, hessian = expected.gradients[outputs[0]], expected.hessians[outputs[0]]
                    assert list(map(str, sides)) == [shown(gradient.get(i, 0)) for i in range(len(system.variables))]
                    assert all(found[i, j] == found[j, i] == shown(e) for (i, j), e in hessian.items())


def test_recordings_stay_at_home() -> None:
    system = certify.system("x^2 - 2")
    tape(system, 1)
    assert not copy.copy(system).tapes  # what goes to other processes
