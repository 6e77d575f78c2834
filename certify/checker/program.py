"""Programs: functions of named variables as lists of operations, and their derivatives (docs/systems.md, Z1).

Nodes are numbered: first the variables, then the parameters, then the operations, each of which uses earlier nodes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from certify.checker.errors import Rejected, ResourceLimit
from certify.checker.floating import Floating, Real
from certify.checker.functions import ONE
from certify.checker.operations import Local, Operation, natural, smooth

Dyadic = tuple[int, int]
Gradient = dict[int, Real]
Hessian = dict[tuple[int, int], Real]

LIMIT_ENTRIES = 1 << 24
LIMIT_WORK = 1 << 26


class Parameter(NamedTuple):
    """A number of which only bounds are known."""

    name: str
    low: Dyadic
    high: Dyadic


@dataclass(frozen=True)
class Program:
    """Real functions, one an output, of the variables; each for all values of the parameters."""

    variables: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    operations: tuple[Operation, ...]
    outputs: tuple[int, ...]

    @property
    def inputs(self) -> int:
        """Number of nodes before the first operation."""
        return len(self.variables) + len(self.parameters)

    @cached_property
    def support(self) -> list[int]:
        """For each node the set of variables it depends on, as bits."""
        sets = [1 << i for i in range(len(self.variables))] + [0] * len(self.parameters)
        for operation in self.operations:
            union = 0
            for a in operation.arguments:
                union |= sets[a]
            sets.append(union)
        return sets

    @cached_property
    def needed(self) -> list[list[int]]:
        """For each output the positions of the operations that it depends on, ascending."""
        result = []
        for output in self.outputs:
            marked = {output}
            for i in range(len(self.operations) - 1, -1, -1):
                if i + self.inputs in marked:
                    marked.update(self.operations[i].arguments)
            result.append(sorted(node - self.inputs for node in marked if node >= self.inputs))
        return result

    def entries(self, order: int) -> int:
        """Terms of the chain rule for all gradients (order 1) or Hessians (order 2): of results and of arguments."""
        sizes: list[int] = [mask.bit_count() ** max(1, order) for mask in self.support]
        return sum(sizes) + sum(sizes[a] for operation in self.operations for a in operation.arguments)

    def limit_work(self, order: int, precision: int) -> None:
        """Refuse what would need too many entries of gradients (order 1) or Hessians (order 2), or long functions."""
        if self.entries(order) * (1 + precision // 256) > LIMIT_ENTRIES:
            raise ResourceLimit("the derivatives of the system would take too long")
        if self.work(precision) > LIMIT_WORK:
            raise ResourceLimit("the functions of the system would take too long at this precision")

    def work(self, precision: int) -> int:
        """Of one evaluation, in units of 4 microseconds.

        Measured: 60 ms an exponential at 8192 bits; 2 s an error function at 2000, whose series is longer.
        """
        words, slow = 1 + precision // 64, sum(operation.name == "erf" for operation in self.operations)
        terms = sum(max(1, len(operation.arguments) - 1) for operation in self.operations)
        return words**2 * (terms + 16 * slow * words)

    def values(self, inputs: Sequence[Real], f: Floating) -> list[Real]:
        """The outputs over a box; refuses unless every operation is smooth on the whole box."""
        nodes = list(inputs)
        for place, operation in enumerate(self.operations):
            nodes.append(_named(f, place, operation, [nodes[a] for a in operation.arguments], 0).value)
        return [nodes[output] for output in self.outputs]

    def gradients(self, inputs: Sequence[Real], f: Floating) -> list[Gradient]:
        """The gradient of each output over a box, zero entries left out."""
        nodes, gradients = list(inputs), _units(self)
        for place, operation in enumerate(self.operations):
            step = _named(f, place, operation, [nodes[a] for a in operation.arguments], 1)
            nodes.append(step.value)
            gradients.append(_combined(f, step, [gradients[a] for a in operation.arguments]))
        return [gradients[output] for output in self.outputs]

    def hessian(self, inputs: Sequence[Real], f: Floating) -> tuple[Gradient, Hessian]:
        """Gradient and Hessian (keys i <= j) of the first output."""
        nodes, gradients = list(inputs), _units(self)
        hessians: list[Hessian] = [{} for _ in nodes]
        for place, operation in enumerate(self.operations):
            step = _named(f, place, operation, [nodes[a] for a in operation.arguments], 2)
            nodes.append(step.value)
            own = [gradients[a] for a in operation.arguments]
            gradients.append(_combined(f, step, own))
            hessians.append(_curved(f, step, own, [hessians[a] for a in operation.arguments]))
        return gradients[self.outputs[0]], hessians[self.outputs[0]]

    def excludes(self, output: int, inputs: Sequence[Real], f: Floating) -> bool:
        """True: the output has no zero in the box, wherever it is defined; it need not be defined everywhere."""
        nodes: dict[int, Real | None] = dict(enumerate(inputs))
        for place in self.needed[output]:
            operation = self.operations[place]
            defined, value = natural(f, operation, [nodes[a] for a in operation.arguments])
            if not defined:
                return True
            nodes[self.inputs + place] = value
        value = nodes[self.outputs[output]]
        return value is not None and (value[0] > 0 or value[1] < 0)


def _named(f: Floating, place: int, operation: Operation, arguments: list[Real], order: int) -> Local:
    """`smooth`, with the operation's position in refusals."""
    try:
        return smooth(f, operation, arguments, order)
    except Rejected as refusal:
        raise Rejected(refusal.step, f"operation {place} ({operation.name}): {refusal.detail}") from None


def _units(program: Program) -> list[Gradient]:
    return [{i: ONE} for i in range(len(program.variables))] + [{} for _ in program.parameters]


def _combined(f: Floating, step: Local, gradients: list[Gradient]) -> Gradient:
    """Chain rule."""
    result: Gradient = {}
    for place, factor in step.first:
        for i, entry in gradients[place].items():
            term = entry if factor is ONE else f.mul(factor, entry)
            result[i] = f.add(result[i], term) if i in result else term
    return result


def _curved(f: Floating, step: Local, gradients: list[Gradient], hessians: list[Hessian]) -> Hessian:
    """Chain rule of second order: sum_p d_p H_p + sum_pq d_pq g_p g_q^T over ordered pairs of argument places."""
    result: Hessian = {}
    for place, factor in step.first:
        for pair, entry in hessians[place].items():
            _accumulate(f, result, pair, f.mul(factor, entry))
    for p, q, factor in step.second:
        for i, a in gradients[p].items():
            scaled = f.mul(factor, a)
            for j, b in gradients[q].items():
                term = f.square(a) if p == q and i == j else f.mul(a, b)
                entry = f.mul(factor, term) if p == q and i == j else f.mul(scaled, b)
                if p == q:
                    if i <= j:
                        _accumulate(f, result, (i, j), entry)
                else:
                    _accumulate(f, result, (min(i, j), max(i, j)), entry if i != j else f.mul((2, 2, 0), entry))
    return result


def _accumulate(f: Floating, result: Hessian, pair: tuple[int, int], entry: Real) -> None:
    result[pair] = f.add(result[pair], entry) if pair in result else entry
