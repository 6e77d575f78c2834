"""A system as plain data: a straight-line program with named variables and parameters (docs/systems.md, Z1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from certify.arithmetic.dyadic import Dyadic, normal, text
from certify.errors import InputError
from certify.systems.check import check_names, check_operations
from certify.systems.expression import Expression

ARITHMETIC = {"add", "sub", "mul", "neg", "div", "pow", "const"}


class Parameter(NamedTuple):
    """A number known to lie between two dyadics."""

    name: str
    low: Dyadic
    high: Dyadic


class Operation(NamedTuple):
    """Name, positions of the arguments among the nodes, and the number of "const", "pow" and "rpow"."""

    name: str
    arguments: tuple[int, ...]
    number: Fraction | None


@dataclass(frozen=True)
class System:
    """Functions of `variables`; nodes are variables, then parameters, then operations; outputs are nodes."""

    variables: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    operations: tuple[Operation, ...]
    outputs: tuple[int, ...]

    @property
    def inputs(self) -> int:
        """Number of nodes before the first operation."""
        return len(self.variables) + len(self.parameters)

    @cached_property
    def tapes(self) -> dict[int, Any]:
        """Recordings, which `certify.systems.tape` keeps here."""
        return {}

    def narrowed(self, name: str, low: Dyadic, high: Dyadic) -> System:
        """With another interval for a parameter; the recordings are shared."""
        parameters = tuple(
            Parameter(name, normal(*low), normal(*high)) if p.name == name else p for p in self.parameters
        )
        made = replace(self, parameters=parameters)
        vars(made)["tapes"] = self.tapes
        return made

    def __reduce__(self) -> tuple[type[System], tuple[Any, ...]]:
        """What other processes need: not what is kept."""
        return System, (self.variables, self.parameters, self.operations, self.outputs)

    @property
    def square(self) -> bool:
        """As many equations as unknowns."""
        return len(self.outputs) == len(self.variables)

    @cached_property
    def elementary(self) -> bool:
        """Whether there are functions beyond arithmetic."""
        return any(o.name not in ARITHMETIC for o in self.operations)

    @cached_property
    def data(self) -> dict[str, Any]:
        """The certificate form."""
        return {
            "variables": list(self.variables),
            "parameters": [[p.name, text(p.low), text(p.high)] for p in self.parameters],
            "operations": [
                [o.name, *o.arguments] + ([] if o.number is None else [str(o.number)]) for o in self.operations
            ],
            "outputs": list(self.outputs),
        }


def compiled(
    outputs: Sequence[Expression], variables: Sequence[str], parameters: Mapping[str, tuple[Fraction, Fraction]]
) -> System:
    """Expressions as one program: equal subexpressions once, sums of sums flat.

    Parameter bounds that are no dyadics are rounded outward to 128 bits.
    """
    names = [*variables, *parameters]
    check_names(names)
    builder = _Builder({name: place for place, name in enumerate(names)}, _uses(outputs))
    places = tuple(builder.place(output) for output in outputs)
    bounds = tuple(
        Parameter(name, _dyadic(low, up=False), _dyadic(high, up=True)) for name, (low, high) in parameters.items()
    )
    check_operations(builder.operations)
    return pruned(System(tuple(variables), bounds, tuple(builder.operations), places))


def pruned(system: System) -> System:
    """Without operations that no output needs, like children of sums that were made flat."""
    needed = set(system.outputs)
    for place in range(len(system.operations) - 1, -1, -1):
        if place + system.inputs in needed:
            needed.update(system.operations[place].arguments)
    kept = [place for place in range(len(system.operations)) if place + system.inputs in needed]
    position = {i: i for i in range(system.inputs)}
    position.update({place + system.inputs: system.inputs + new for new, place in enumerate(kept)})
    operations = tuple(
        Operation(o.name, tuple(position[a] for a in o.arguments), o.number)
        for o in (system.operations[place] for place in kept)
    )
    return System(system.variables, system.parameters, operations, tuple(position[o] for o in system.outputs))


def _dyadic(x: Fraction, *, up: bool, bits: int = 128) -> Dyadic:
    """The rational itself if it is a dyadic, else rounded outward."""
    if x.denominator & (x.denominator - 1) == 0:
        return normal(x.numerator, 1 - x.denominator.bit_length())
    shift = bits + x.denominator.bit_length() - x.numerator.bit_length()
    scaled = x * Fraction(2) ** shift
    return normal(-(-scaled.numerator // scaled.denominator) if up else scaled.numerator // scaled.denominator, -shift)


def _uses(outputs: Sequence[Expression]) -> Counter[int]:
    """How often each node is an argument or output; by identity."""
    counts: Counter[int] = Counter()
    stack = list(outputs)
    while stack:
        node = stack.pop()
        counts[id(node)] += 1
        if counts[id(node)] == 1:
            stack.extend(node.arguments)
    return counts


class _Builder:
    """Positions of expressions, without recursion."""

    def __init__(self, names: Mapping[str, int], uses: Counter[int]) -> None:
        self.operations: list[Operation] = []
        self._names, self._uses = names, uses
        self._known: dict[Operation, int] = {}
        self._places: dict[int, int] = {}
        self._kept: list[Expression] = []  # keeps the identities above from being used again

    def place(self, root: Expression) -> int:
        """The node of an expression, made if need be."""
        stack = [root]
        while stack:
            node = stack[-1]
            if id(node) in self._places:
                stack.pop()
                continue
            terms = self._terms(node)
            missing = [a for a, _ in terms if id(a) not in self._places]
            if missing:
                stack.extend(reversed(missing))
                continue
            self._places[id(node)] = self._node(node, terms)
            self._kept.append(node)
            stack.pop()
        return self._places[id(root)]

    def _terms(self, node: Expression) -> list[tuple[Expression, bool]]:
        """Arguments, and whether negated; nested sums that nobody else uses are opened."""
        if node.name not in ("add", "sub"):
            return [(a, False) for a in node.arguments]
        result: list[tuple[Expression, bool]] = []
        stack = [(node.arguments[1], node.name == "sub"), (node.arguments[0], False)]
        while stack:
            term, minus = stack.pop()
            if term.name in ("add", "sub") and self._uses[id(term)] == 1:
                stack.append((term.arguments[1], minus ^ (term.name == "sub")))
                stack.append((term.arguments[0], minus))
            elif term.name == "neg" and self._uses[id(term)] == 1:
                stack.append((term.arguments[0], not minus))
            else:
                result.append((term, minus))
        return result

    def _node(self, node: Expression, terms: list[tuple[Expression, bool]]) -> int:
        if node.name == "var":
            if node.number not in self._names:
                raise InputError(f"the unknown {node.number} is not among the variables")
            return self._names[str(node.number)]
        places = [self._places[id(a)] for a, _ in terms]
        number = node.number if isinstance(node.number, Fraction) else None
        if node.name not in ("add", "sub"):
            return self._operation(Operation(node.name, tuple(places), number))
        signs = [minus for _, minus in terms]
        if len(places) == 2 and signs == [False, True]:
            return self._operation(Operation("sub", tuple(places), None))
        arguments = [self._negated(place) if minus else place for place, minus in zip(places, signs, strict=True)]
        return self._operation(Operation("add", tuple(arguments), None))

    def _negated(self, place: int) -> int:
        made = place - len(self._names)
        number = self.operations[made].number if made >= 0 and self.operations[made].name == "const" else None
        if number is not None:
            return self._operation(Operation("const", (), -number))
        return self._operation(Operation("neg", (place,), None))

    def _operation(self, operation: Operation) -> int:
        if operation not in self._known:
            self._known[operation] = len(self._names) + len(self.operations)
            self.operations.append(operation)
        return self._known[operation]
