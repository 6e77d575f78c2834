"""What is to be zero: the equations of a system, or the gradient of a function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from certify.arithmetic import Ball, Dyadic, certainly_less, dyadic_ball, rectangle
from certify.systems.evaluate import FLOATS, Backend, balls, crossing, evaluate
from certify.systems.system import System

Array = NDArray[np.float64]
Rows = list[dict[int, Any]]


class Task(NamedTuple):
    """order 1: outputs = 0; order 2: gradient of the only output = 0."""

    system: System
    order: int

    @property
    def size(self) -> int:
        """Number of unknowns."""
        return len(self.system.variables)

    def residual(self, inputs: Sequence[Any], backend: Backend) -> list[Any]:
        """The left-hand sides."""
        result = evaluate(self.system, inputs, backend, self.order - 1)
        if self.order == 1:
            return [result.values[o] for o in self.system.outputs]
        gradient = result.gradients[self.system.outputs[0]]
        return [gradient.get(i, 0 * inputs[0]) for i in range(self.size)]

    def both(self, inputs: Sequence[Any], backend: Backend) -> tuple[list[Any], Rows]:
        """Left-hand sides and the rows of the Jacobian."""
        result = evaluate(self.system, inputs, backend, self.order)
        if self.order == 1:
            outputs = self.system.outputs
            return [result.values[o] for o in outputs], [result.gradients[o] for o in outputs]
        output = self.system.outputs[0]
        rows: Rows = [{} for _ in range(self.size)]
        for (i, j), entry in result.hessians[output].items():
            rows[i][j] = rows[j][i] = entry
        gradient = result.gradients[output]
        return [gradient.get(i, 0 * inputs[0]) for i in range(self.size)], rows

    def parameters(self) -> list[Ball]:
        """Balls around the intervals of the parameters."""
        return [_interval(p.low, p.high) for p in self.system.parameters]

    def box(self, centre: Sequence[Dyadic], exponents: Sequence[int]) -> list[Ball]:
        """Inputs for the box of radii 2^exponents."""
        return [rectangle(x, (1, e)) for x, e in zip(centre, exponents, strict=True)] + self.parameters()

    def point(self, centre: Sequence[Dyadic]) -> list[Ball]:
        """Inputs for the centre."""
        return [dyadic_ball(x) for x in centre] + self.parameters()

    def float_both(self, x: Array) -> tuple[Array, Array]:
        """Left-hand sides and Jacobian in float64, parameters at the middle."""
        inputs = [float(v) for v in x] + self.middles()
        values, rows = self.both(inputs, FLOATS)
        jacobian = np.zeros((self.size, self.size))
        for i, row in enumerate(rows):
            for j, entry in row.items():
                jacobian[i, j] = entry
        return np.array(values, dtype=float), jacobian

    def middles(self) -> list[float]:
        """Middles of the parameters, as floats."""
        return [float((_value(p.low) + _value(p.high)) / 2) for p in self.system.parameters]

    def offender(self, inputs: Sequence[Ball]) -> str | None:
        """The first operation that is not smooth on the inputs, in words."""
        result = evaluate(self.system, inputs, balls(), self.order)
        for place, operation in enumerate(self.system.operations):
            node = place + self.system.inputs
            arguments = [result.values[a] for a in operation.arguments]
            parts = [result.values[node], *result.gradients[node].values()]
            bad = not all(_finite(part) for part in parts) and all(_finite(a) for a in arguments)
            if bad or crossing(operation, arguments, certainly_less):
                shown = ", ".join(map(str, arguments))
                return f"operation {place} ({operation.name}) is not smooth on its argument {shown[:120]}"
        return None

    def crosses(self, inputs: Sequence[Ball]) -> bool:
        """Whether some atan2 may cross its cut, which its balls do not tell."""
        operations = [o for o in self.system.operations if o.name == "atan2"]
        if not operations:
            return False
        values = evaluate(self.system, inputs, balls(), 0).values
        return any(crossing(o, [values[a] for a in o.arguments], certainly_less) for o in operations)


def _value(x: Dyadic) -> float:
    return float(x[0]) * 2.0 ** x[1] if abs(x[1]) < 900 else float(0)


def _interval(low: Dyadic, high: Dyadic) -> Ball:
    e = min(low[1], high[1]) - 1
    ends = low[0] << low[1] - e, high[0] << high[1] - e
    return rectangle((sum(ends) >> 1, e), ((ends[1] - ends[0]) // 2, e)) if ends[0] != ends[1] else dyadic_ball(low)


def _finite(x: Any) -> bool:
    check: Callable[[], bool] | None = getattr(x, "is_finite", None)
    return True if check is None else bool(check())
