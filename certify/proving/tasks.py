"""What is to be zero: the equations of a system, or the gradient of a function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from math import copysign, inf, ldexp
from typing import Any, NamedTuple

from certify.arithmetic import (
    Ball,
    Dyadic,
    certainly_less,
    dyadic_ball,
    float_balls,
    rectangle,
    rectangles,
    rounded,
    shown,
)
from certify.proving.krawczyk import BallTangent, FloatTangent, Jacobian, Tangent
from certify.systems.evaluate import FLOATS, GUARDED, Backend, balls, evaluate, strays
from certify.systems.system import System
from certify.systems.tape import Pattern, Tape, tape

FEW = 10  # unknowns for which linear algebra in balls takes less time than in floats
LARGE = ("exp", "sin", "cos", "tan")


class Task(NamedTuple):
    """order 1: outputs = 0; order 2: gradient of the only output = 0.  recorded: values and derivatives."""

    system: System
    order: int
    recorded: Tape

    @classmethod
    def of(cls, system: System, order: int) -> Task:
        """With the recording of the system."""
        return cls(system, order, tape(system, order))

    @property
    def size(self) -> int:
        """Number of unknowns."""
        return len(self.system.variables)

    @property
    def pattern(self) -> Pattern:
        """Where the entries of the Jacobian are."""
        return self.recorded.pattern

    def residual(self, inputs: Sequence[Any], backend: Backend) -> list[Any]:
        """The left-hand sides."""
        return self.recorded.values.computed(inputs, backend)

    def slopes(self, inputs: Sequence[Any], backend: Backend) -> list[Any]:
        """The entries of the Jacobian."""
        recorded = self.recorded.slopes
        return recorded.computed(inputs, backend)[: recorded.pattern.count]

    def both(self, inputs: Sequence[Any], backend: Backend) -> tuple[list[Any], Jacobian]:
        """Left-hand sides and their Jacobian."""
        n, pattern = self.size, self.pattern
        told = self.recorded.computed(inputs, backend)
        return told[:n], Jacobian(pattern, told[n : n + pattern.count])

    def tangent(self, x: Sequence[float], columns: list[int]) -> Tangent:
        """Values and Jacobian at a point, parameters at their middles, units 2^columns."""
        inputs = float_balls([*x, *self.middles()])
        if self.size > FEW:
            return FloatTangent.of(self.residual(inputs, balls()), self.jacobian(x), columns)
        values, jacobian = self.both(inputs, balls())
        return BallTangent.of(values, jacobian, columns) or FloatTangent.of(values, jacobian, columns)

    def jacobian(self, x: Sequence[float]) -> Jacobian:
        """At a point, parameters at their middles; in balls for few unknowns, else in floats."""
        inputs = [*x, *self.middles()]
        if self.size > FEW:
            return Jacobian(self.pattern, self.slopes(inputs, FLOATS))
        return Jacobian(self.pattern, self.slopes(float_balls(inputs), balls()))

    def around(self, box: Sequence[Ball]) -> Jacobian | None:
        """The Jacobian over a box; None where a guarded operation strays, which its ball does not tell."""
        recorded = self.recorded.slopes
        told = recorded.computed(box, balls())
        rest = iter(told[recorded.pattern.count :])
        for name, arguments in recorded.guards:
            if strays(name, list(islice(rest, len(arguments))), certainly_less):
                return None
        return Jacobian(recorded.pattern, told[: recorded.pattern.count])

    def parameters(self) -> list[Ball]:
        """Balls around the intervals of the parameters."""
        return [_interval(p.low, p.high) for p in self.system.parameters]

    def box(self, point: Sequence[Ball], exponents: Sequence[int]) -> list[Ball]:
        """Inputs for the box of radii 2^exponents around the inputs for a point."""
        return [*rectangles(point, exponents), *point[self.size :]]

    def point(self, centre: Sequence[Dyadic]) -> list[Ball]:
        """Inputs for the centre."""
        return [dyadic_ball(x) for x in centre] + self.parameters()

    def float_point(self, x: Sequence[float]) -> list[Ball]:
        """Inputs for a centre in floats."""
        return float_balls(x) + self.parameters()

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
            if bad or (operation.name in GUARDED and strays(operation.name, arguments, certainly_less)):
                what = "not smooth" if bad or operation.name not in LARGE else "too large"
                told = ", ".join(map(shown, arguments))
                return f"operation {place} ({operation.name}) is {what} on its argument {told}"
        return None


def _value(x: Dyadic) -> float:
    mantissa, exponent = rounded(x, 53, up=False)
    return ldexp(mantissa, exponent) if mantissa.bit_length() + exponent < 1024 else copysign(inf, mantissa)


def _interval(low: Dyadic, high: Dyadic) -> Ball:
    e = min(low[1], high[1]) - 1
    ends = low[0] << low[1] - e, high[0] << high[1] - e
    return rectangle((sum(ends) >> 1, e), ((ends[1] - ends[0]) // 2, e)) if ends[0] != ends[1] else dyadic_ball(low)


def _finite(x: Any) -> bool:
    check: Callable[[], bool] | None = getattr(x, "is_finite", None)
    return True if check is None else bool(check())
