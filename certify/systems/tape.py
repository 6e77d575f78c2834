"""A system's values and derivatives as one flat list of steps: recorded once, replayed over floats or balls.

The rules of `certify.systems.evaluate` are run once on symbols that write down what is done to them.  A tape's cells
hold the inputs, then constants, then the result of each step, which has one or two earlier cells as arguments.
"""

from __future__ import annotations

import gc
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, partial
from itertools import accumulate, chain, compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from certify.systems.evaluate import GUARDED, Backend, Result, Scalar, evaluate
from certify.systems.system import System

ARITHMETIC: Mapping[str, Callable[..., Scalar]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "neg": operator.neg,
}  # fmt: skip
SIGNS = {"+": "{} + {}", "-": "{} - {}", "*": "{} * {}", "neg": "-{}"}
OFTEN = 200  # uses after which the time to make a function is regained
SHORT = 1000  # steps
NAMES = ("sqrt", "exp", "log", "sin", "cos", "tan", "atan", "asin", "acos", "tanh", "erf", "atan2", "div", "pow")
NONE = -1
UNUSED = -(1 << 60)  # the place of NONE while it is recorded
IntegerArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
Step = tuple[str, int, int]  # name, first cell, second cell or NONE
Constant = Fraction | int | None  # integers of the rules stay integers; None is pi
Entry = tuple[int, int, Scalar]  # row, column
Guard = tuple[str, list[int]]
Sides = tuple[list[Scalar], list[Entry]]


@dataclass(frozen=True)
class Pattern:
    """The places in a square matrix and a column beside it that may differ from zero: those of the entries of a

    Jacobian, row by row, at least one in each row, and then all of the column, which is for the values.
    """

    size: int
    rows: IntegerArray
    columns: IntegerArray

    @cached_property
    def count(self) -> int:
        """Number of entries, without the column."""
        return len(self.rows) - self.size

    @cached_property
    def cells(self) -> list[tuple[int, int]]:
        """Row and column of the entries, without the column."""
        return list(zip(self.rows[: self.count].tolist(), self.columns[: self.count].tolist(), strict=True))

    @cached_property
    def places(self) -> IntegerArray:
        """In the list of all numbers of matrix and column, row by row."""
        return np.asarray(self.rows * (self.size + 1) + self.columns)

    @cached_property
    def starts(self) -> IntegerArray:
        """Where the rows of the Jacobian begin, and then the places of the column."""
        return np.flatnonzero(np.diff(self.rows, prepend=-1) | (self.columns == self.size))

    @cached_property
    def heads(self) -> IntegerArray:
        """Where the rows of the Jacobian begin."""
        return self.starts[: self.size]

    @cached_property
    def identity(self) -> FloatArray:
        """The identity beside a column of zeros."""
        return np.eye(self.size, self.size + 1)

    def dense(self, numbers: Sequence[float] | FloatArray) -> FloatArray:
        """Matrix and column; the latter is zero where only the entries of the Jacobian are given."""
        full = np.zeros(self.size * (self.size + 1))
        full[self.places[: len(numbers)]] = numbers
        return full.reshape(self.size, self.size + 1)

    def largest(self, numbers: FloatArray) -> FloatArray:
        """The largest entry of each row of the Jacobian."""
        return np.asarray(np.maximum.reduceat(numbers[: self.count], self.heads))

    def sums(self, numbers: FloatArray) -> FloatArray:
        """The sum of each row of the Jacobian, then the column, for one list of numbers or several."""
        return np.asarray(np.add.reduceat(numbers, self.starts, -1))


@dataclass
class Ready:
    """Constants and steps for one kind of numbers; how often they were used, and the function made of them."""

    numbers: list[Scalar]
    calls: list[tuple[Callable[..., Scalar], int, int]]
    uses: int = 0
    function: Callable[..., list[Scalar]] | None = None


@dataclass(frozen=True)
class Tape:
    """What is computed; `sides`, `entries` and `guards` name cells.

    sides: what is to be zero; entries: of the Jacobian of these, at the places of the pattern; guards: the
    arguments of each guarded operation.
    """

    inputs: int
    constants: list[Constant]
    steps: list[Step]
    sides: list[int]
    pattern: Pattern
    entries: list[int]
    guards: list[Guard]
    _ready: dict[tuple[str, int], Ready] = field(default_factory=dict)

    @cached_property
    def values(self) -> Tape:
        """The sides alone."""
        return self._part(self.sides, [], [])

    @cached_property
    def slopes(self) -> Tape:
        """The entries alone, and the guards."""
        return self._part([], self.entries, self.guards)

    def _part(self, sides: list[int], entries: list[int], guards: list[Guard]) -> Tape:
        """Without the steps that these cells do not need."""
        first = self.inputs + len(self.constants)
        needed = bytearray(first + len(self.steps) + 1)  # the last one for NONE
        for cell in [*sides, *entries, *chain(*(arguments for _, arguments in guards))]:
            needed[cell] = 1
        for cell, (_, a, b) in zip(range(len(needed) - 2, first - 1, -1), reversed(self.steps), strict=True):
            if needed[cell]:
                needed[a] = needed[b] = 1
        place = [*range(first), *accumulate(needed[first:-2], initial=first), NONE]
        steps = [(name, place[a], place[b]) for name, a, b in compress(self.steps, needed[first:])]
        return replace(
            self,
            steps=steps,
            sides=[place[c] for c in sides],
            entries=[place[c] for c in entries],
            guards=[(name, [place[a] for a in arguments]) for name, arguments in guards],
            _ready={},
        )

    def _prepared(self, backend: Backend) -> Ready:
        """What is the same for all inputs; the calls are shared by all precisions of a kind of numbers."""
        known = [ready.calls for (name, _), ready in self._ready.items() if name == backend.name]
        table = {**ARITHMETIC, **backend.functions}
        calls = known[0] if known else [(table[name], a, b) for name, a, b in self.steps]
        ready = Ready([_number(x, backend) for x in self.constants], calls)
        self._ready[backend.name, backend.bits] = ready
        return ready

    @cached_property
    def wanted(self) -> list[int]:
        """Cells of the sides, of the entries, of the arguments of the guarded operations."""
        return [*self.sides, *self.entries, *chain(*(arguments for _, arguments in self.guards))]

    def computed(self, inputs: Sequence[Scalar], backend: Backend) -> list[Scalar]:
        """The wanted cells; a short tape that is used often is made a Python function, in half of the time."""
        ready = self._ready.get((backend.name, backend.bits)) or self._prepared(backend)
        if ready.function is None:
            ready.uses += 1
            if ready.uses > OFTEN and len(self.steps) <= SHORT:
                ready.function = self._function(ready.numbers, backend)
            cells = self.replayed(inputs, backend)
            return [cells[c] for c in self.wanted]
        return ready.function(*inputs)

    def _function(self, numbers: list[Scalar], backend: Backend) -> Callable[..., list[Scalar]]:
        """Of the inputs, with the value of cell 7 in the variable v7."""
        first = self.inputs + len(numbers)
        names = [f"v{cell}" for cell in range(first + len(self.steps))]
        lines = [
            f"{names[first + k]} = "
            + SIGNS.get(name, name + "({}, {})" if b >= 0 else name + "({})").format(names[a], names[b])
            for k, (name, a, b) in enumerate(self.steps)
        ]
        outer, inner = ", ".join([*backend.functions, *names[self.inputs : first]]), ", ".join(names[: self.inputs])
        body = "\n  ".join([*lines, f"return [{', '.join(names[c] for c in self.wanted)}]"])
        space: dict[str, Any] = {}
        exec(f"def bound({outer}):\n def made({inner}):\n  {body}\n return made", space)  # noqa: S102 - only names above
        made: Callable[..., list[Scalar]] = space["bound"](*backend.functions.values(), *numbers)
        return made

    def replayed(self, inputs: Sequence[Scalar], backend: Backend) -> list[Scalar]:
        """All cells; inputs are values of the variables and then of the parameters."""
        ready = self._ready.get((backend.name, backend.bits)) or self._prepared(backend)
        cells = [*inputs, *ready.numbers]
        add = cells.append
        for function, a, b in ready.calls:
            add(function(cells[a], cells[b]) if b >= 0 else function(cells[a]))
        return cells


def _number(x: Constant, backend: Backend) -> Scalar:
    if x is None:
        return backend.pi()
    return x if isinstance(x, int) else backend.number(x)


def tape(system: System, order: int) -> Tape:
    """The recording of a system (order 1) or of the gradient of its first output (order 2); made once."""
    if order not in system.tapes:
        with _uncollected():
            system.tapes[order] = _recorded(system, order)
    made: Tape = system.tapes[order]
    return made


@contextmanager
def _uncollected() -> Iterator[None]:
    """No search for cycles while many small objects are made, which takes half of the time and finds none."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _recorded(system: System, order: int) -> Tape:
    recorder = Recorder(system.inputs)
    result = evaluate(system, [Symbol(recorder, i) for i in range(system.inputs)], recorder.backend(), order)
    sides, entries = (_equations if order == 1 else _critical)(system, result)
    guarded = [o for o in system.operations if o.name in GUARDED]
    guards = [(o.name, [recorder.place(result.values[a]) for a in o.arguments]) for o in guarded]
    rows, columns, symbols = zip(*_filled(entries, len(sides)), strict=True)
    names, first, second = zip(*recorder.steps, strict=True) if recorder.steps else ((), (), ())
    told = [recorder.result(side) for side in sides], [recorder.result(entry) for entry in symbols]
    final = recorder.final  # from here on no constants are added
    return Tape(
        system.inputs,
        recorder.constants,
        list(zip(names, final(first), final(second), strict=True)),
        final(told[0]),
        _pattern(len(system.variables), rows, columns),
        final(told[1]),
        [(name, final(arguments)) for name, arguments in guards],
    )


def _pattern(size: int, rows: Sequence[int], columns: Sequence[int]) -> Pattern:
    beside = range(size)
    return Pattern(size, np.array([*rows, *beside], dtype=np.int64), np.array([*columns, *[size] * size]))


def _filled(entries: Sequence[Entry], count: int) -> list[Entry]:
    """Row by row, with a zero where a row has no entry."""
    rows: list[list[Entry]] = [[] for _ in range(count)]
    for entry in entries:
        rows[entry[0]].append(entry)
    return [entry for i, row in enumerate(rows) for entry in row or [(i, 0, 0)]]


def _equations(system: System, result: Result) -> Sides:
    """The outputs and their gradients."""
    outputs = system.outputs
    rows = [result.gradients[o] for o in outputs]
    entries = [(i, j, entry) for i, row in enumerate(rows) for j, entry in row.items()]
    return [result.values[o] for o in outputs], entries


def _critical(system: System, result: Result) -> Sides:
    """The gradient of the first output and its Hessian."""
    output = system.outputs[0]
    gradient, hessian = result.gradients[output], result.hessians[output]
    entries = [(*place, entry) for (i, j), entry in hessian.items() for place in {(i, j), (j, i)}]
    return [gradient.get(i, 0) for i in range(len(system.variables))], entries


class Symbol:
    """A cell while it is recorded; constants have negative places until their number is known."""

    __slots__ = ("place", "recorder")

    def __init__(self, recorder: Recorder, place: int) -> None:
        """Plain data."""
        self.recorder, self.place = recorder, place

    def __add__(self, other: Any) -> Symbol:
        """The sum."""
        return self.recorder.step("+", self, other)

    def __radd__(self, other: Any) -> Symbol:
        """The sum."""
        return self.recorder.step("+", other, self)

    def __sub__(self, other: Any) -> Symbol:
        """The difference."""
        return self.recorder.step("-", self, other)

    def __rsub__(self, other: Any) -> Symbol:
        """The difference."""
        return self.recorder.step("-", other, self)

    def __mul__(self, other: Any) -> Symbol:
        """The product."""
        return self if type(other) is int and other == 1 else self.recorder.step("*", self, other)

    def __rmul__(self, other: Any) -> Symbol:
        """The product."""
        return self if type(other) is int and other == 1 else self.recorder.step("*", other, self)

    def __neg__(self) -> Symbol:
        """Minus."""
        return self.recorder.step("neg", self)


class Recorder:
    """Writes steps down; equal ones once."""

    def __init__(self, inputs: int) -> None:
        """inputs: cells that come first."""
        self._inputs = inputs
        self._constants: dict[tuple[type, Constant], int] = {}
        self.steps: dict[Step, int] = {}  # arguments are places

    @property
    def constants(self) -> list[Constant]:
        """In the order of their cells."""
        return [x for _, x in self._constants]

    def backend(self) -> Backend:
        """For `evaluate`."""
        functions: dict[str, Callable[..., Scalar]] = {name: partial(self.step, name) for name in NAMES}
        return Backend(
            "symbols", 0, {**functions, "rational": self._constant}, self._constant, lambda: self._constant(None)
        )

    def step(self, name: str, a: Any, b: Any = None) -> Symbol:
        """The cell of a step, new unless there was an equal one."""
        first = a.place if type(a) is Symbol else self.place(a)
        second = b.place if type(b) is Symbol else UNUSED if b is None else self.place(b)
        steps = self.steps
        return Symbol(self, steps.setdefault((name, first, second), self._inputs + len(steps)))

    def place(self, x: Any) -> int:
        """Of a symbol, or of a constant for an exact integer."""
        return x.place if isinstance(x, Symbol) else self._constant(int(x)).place

    def result(self, x: Any) -> int:
        """As `place`, but an integer becomes a number of the kind that is computed with."""
        return x.place if isinstance(x, Symbol) else self._constant(Fraction(x)).place

    def final(self, places: Sequence[int]) -> list[int]:
        """The cells of places, once all constants are known."""
        told, inputs = np.array(places, dtype=np.int64), self._inputs
        cells = np.where(told < 0, inputs - 1 - told, np.where(told < inputs, told, told + len(self._constants)))
        result: list[int] = np.where(told == UNUSED, NONE, cells).tolist()
        return result

    def _constant(self, x: Constant) -> Symbol:
        return Symbol(self, self._constants.setdefault((type(x), x), -1 - len(self._constants)))
