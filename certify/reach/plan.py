"""What is run: problem, method, tolerances; as one line of JSON for workers and for the store."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from certify.search.setting import Array, Setting
from certify.search.starts import start
from certify.search.wire import decode_setting, encode_setting

Method = Literal["flow", "gd", "sgd"]
Status = Literal["basin", "zero loss", "limit", "vanished"]
# Starts that one worker follows together: many, since the last ones to arrive leave it little to do at a time.
MOST = {"flow": 2048, "gd": 2048, "sgd": 512}  # by method: SGD holds many samples of each
LEAST, ENTRIES = 64, 600_000  # as long as their W have no more entries, if they are more than LEAST


@dataclass(frozen=True, eq=False)
class Plan:
    """Runs of one setting.

    method: "flow" (Runge-Kutta-Chebyshev with error control), "gd" (gradient descent with `step`), "sgd" (one-pass SGD
    in R^d with `step` / d and one sample an update until time `noise`, then flow, which says into which basin it had
    come).  tolerance: local error of a flow step, Frobenius norm, per unit.  limit: time at which a run is given up
    (for gd: step times number of steps).
    """

    setting: Setting
    method: Method = "flow"
    step: float = 0.1
    noise: float = 100.0
    tolerance: float = 1e-2
    limit: float = 1e6

    @property
    def reduced(self) -> Setting:
        """The setting in which runs are followed: flow stays in span(V, W(0)), of dimension at most d0 + K."""
        span, k = spanned(self.setting.teacher), self.setting.students
        if self.setting.dimension <= span + k:
            return self.setting
        return replace(self.setting, teacher=np.pad(self.setting.teacher[:, :span], ((0, 0), (0, k))))

    def starts(self, numbers: list[int]) -> Array:
        """Initial W of the reduced setting, [B, K, d]: coordinates across the span of V are rotated into K of them."""
        return self.rotated(np.array([start(self.setting, number) for number in numbers]))

    def rotated(self, W: Array) -> Array:
        """Points [B, K, d] of the full space in the reduced one, up to a rotation across the span of V."""
        if self.reduced is self.setting:
            return W
        span = spanned(self.setting.teacher)
        across = [np.asarray(np.linalg.qr(w[:, span:].T, mode="r")).T for w in W]
        return np.concatenate((W[:, :, :span], across), axis=2)


def shares(plan: Plan, numbers: list[int], workers: int) -> list[list[int]]:
    """Starts in equal parts, as many for each worker, in order."""
    setting = plan.reduced
    most = min(MOST[plan.method], max(LEAST, ENTRIES // (setting.students * setting.dimension)))
    parts = workers * -(-len(numbers) // (workers * most))
    size = -(-len(numbers) // max(parts, 1))
    return [numbers[first : first + size] for first in range(0, len(numbers), max(size, 1))]


def spanned(teacher: Array) -> int:
    """The number of leading coordinates that hold all teachers."""
    return int(np.flatnonzero(teacher.any(axis=0)).max()) + 1


def encode_plan(plan: Plan) -> str:
    """A plan as one line."""
    fields = {name: getattr(plan, name) for name in ("method", "step", "noise", "tolerance", "limit")}
    return json.dumps({**fields, "setting": json.loads(encode_setting(plan.setting))})


def decode_plan(line: str) -> Plan:
    """Inverse of encode_plan."""
    fields: dict[str, Any] = json.loads(line)
    setting = decode_setting(json.dumps(fields.pop("setting")))
    return Plan(setting, **fields)


@dataclass(frozen=True, eq=False)
class Arrival:
    """Where a run was stopped.

    status: "basin" (a float estimate says that a minimum attracts this ball; the certificate decides later), "zero
    loss" (within reach of an explicit global minimum of a flat set), "limit" (of time), "vanished" (a student).
    distance: to that global minimum, else NaN.  W: [K, d] of the reduced setting.  turned: (time, number of students
    whose largest entry is negative) at the checkpoints passed before the stop.
    """

    number: int
    status: Status
    time: float
    evaluations: int
    W: Array
    loss: float
    gradient: float
    distance: float
    turned: tuple[tuple[float, int], ...]


def encode_arrivals(arrivals: list[Arrival]) -> str:
    """A batch as one line."""
    return json.dumps([{**vars(a), "W": a.W.astype("<f8").tobytes().hex(), "shape": a.W.shape} for a in arrivals])


def decode_arrivals(line: str) -> list[Arrival]:
    """Inverse of encode_arrivals."""
    return [_decoded(**fields) for fields in json.loads(line)]


def _decoded(W: str, shape: list[int], turned: list[list[Any]], **fields: Any) -> Arrival:
    students = np.frombuffer(bytes.fromhex(W), dtype="<f8").astype(np.float64).reshape(shape)
    return Arrival(W=students, turned=tuple((t, p) for t, p in turned), **fields)
