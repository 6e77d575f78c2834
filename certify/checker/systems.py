"""Certificates about systems of equations and functions: plain data from JSON (docs/systems.md, format)."""

import hashlib
import re
from dataclasses import dataclass
from math import gcd
from typing import Any, NamedTuple

from certify.checker.errors import Malformed, ResourceLimit
from certify.checker.fields import (
    LIMIT_BITS,
    LIMIT_DIRECTION_BITS,
    LIMIT_UNKNOWNS,
    Dyadic,
    canonical,
    dyadic,
    integer,
    keys,
    positive,
    sequence,
)  # fmt: skip
from certify.checker.floating import compare
from certify.checker.operations import BINARY, NARY, UNARY, Operation
from certify.checker.program import Parameter, Program

LIMIT_OPERATIONS = 1 << 18
LIMIT_NUMBER = 1200
LIMIT_POWER = 1 << 12
LIMIT_PARAMETERS = 256
LIMIT_NODES = 1 << 20
NUMBER = re.compile(r"(0|-?[1-9][0-9]*)(?:/([1-9][0-9]*))?", re.ASCII)
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,31}", re.ASCII)


class Place(NamedTuple):
    """A box around a centre, and a smaller one around the same centre; radii by coordinate."""

    centre: list[Dyadic]
    uniqueness_radii: list[Dyadic]
    error_radii: list[Dyadic]


@dataclass(frozen=True)
class SystemClaim:
    """What every certificate about a program has."""

    claim_hash: str
    kind: str
    program: Program
    program_hash: str
    precision: int
    factor_bits: int


@dataclass(frozen=True)
class ZeroClaim(SystemClaim):
    """Exactly one zero in a box."""

    place: Place


@dataclass(frozen=True)
class CriticalPoint(SystemClaim):
    """Exactly one critical point of a function in a box, with its Morse index and bounds of its value."""

    place: Place
    index: int
    value: tuple[Dyadic, Dyadic]
    directions: list[list[int]]
    weight: int


@dataclass(frozen=True)
class AllZeros(SystemClaim):
    """A list of zeros in a region; every other zero in the region lies in a leftover box."""

    region: list[tuple[Dyadic, Dyadic]]
    zeros: list[Place]
    border: list[Place]
    leftovers: list[list[tuple[Dyadic, Dyadic]]]
    grid: int
    tree: list[list[Any]]


def read_system(claim: Any, witness: Any) -> SystemClaim:
    """Validate a claim that has a system."""
    kinds = {"zero": _zero, "critical-point": _critical_point, "all-zeros": _all_zeros}
    if type(claim.get("kind")) is not str or claim["kind"] not in kinds:
        raise Malformed("unknown kind of claim about a system")
    return kinds[claim["kind"]](claim, witness)


def _zero(claim: Any, witness: Any) -> ZeroClaim:
    keys(claim, {"kind", "system", "centre", "uniqueness_radii", "error_radii"}, "claim")
    keys(witness, {"precision", "factor_bits"}, "witness")
    common = _common(claim, witness)
    return ZeroClaim(**common, place=read_place(claim, _square(common["program"])))


def _critical_point(claim: Any, witness: Any) -> CriticalPoint:
    keys(claim, {"kind", "system", "centre", "uniqueness_radii", "error_radii", "index", "value"}, "claim")
    keys(witness, {"precision", "factor_bits", "directions", "weight"}, "witness")
    common = _common(claim, witness)
    if len(common["program"].outputs) != 1:
        raise Malformed("a critical point needs exactly one function")
    count = len(common["program"].variables)
    index = integer(claim["index"], 0, count, "index")
    bound = 1 << LIMIT_DIRECTION_BITS
    ends = [dyadic(end, "value") for end in sequence(claim["value"], 2, "value")]
    return CriticalPoint(
        **common,
        place=read_place(claim, count),
        index=index,
        value=(ends[0], ends[1]),
        directions=[
            [integer(x, -bound, bound, "directions") for x in sequence(row, count, "directions")]
            for row in sequence(witness["directions"], index, "directions")
        ],
        weight=integer(witness["weight"], 0, 1 << LIMIT_BITS, "weight"),
    )


def _all_zeros(claim: Any, witness: Any) -> AllZeros:
    keys(claim, {"kind", "system", "region", "zeros", "border", "leftovers"}, "claim")
    keys(witness, {"precision", "factor_bits", "grid", "tree"}, "witness")
    common = _common(claim, witness)
    count = _square(common["program"])
    places = [_places(claim[name], count) for name in ("zeros", "border")]
    leftovers = [_box(box, count) for box in _long_list(claim["leftovers"], 0, LIMIT_NODES, "leftovers")]
    sizes = count, len(places[0]) + len(places[1]), len(leftovers)
    tree = [_node(node, sizes) for node in _long_list(witness["tree"], 1, LIMIT_NODES, "tree")]
    return AllZeros(
        **common,
        region=_box(claim["region"], count),
        zeros=places[0],
        border=places[1],
        leftovers=leftovers,
        grid=integer(witness["grid"], -LIMIT_BITS, LIMIT_BITS, "grid"),
        tree=tree,
    )


def _places(value: Any, count: int) -> list[Place]:
    result = []
    for entry in _long_list(value, 0, LIMIT_NODES, "zeros"):
        keys(entry, {"centre", "uniqueness_radii", "error_radii"}, "zero")
        result.append(read_place(entry, count))
    return result


def _box(value: Any, count: int) -> list[tuple[Dyadic, Dyadic]]:
    ends = [[dyadic(end, "box") for end in sequence(side, 2, "box")] for side in sequence(value, count, "box")]
    if any(compare(low, high) > 0 for low, high in ends):
        raise Malformed("a box is empty")
    return [(low, high) for low, high in ends]


def _node(value: Any, sizes: tuple[int, int, int]) -> list[Any]:
    """["split", k, cut], ["excluded", i], ["newton", [[k, [c, ...]], ...], box or null], ["zero" or "leftover", i]."""
    count, places, leftovers = sizes
    bound = 1 << LIMIT_BITS
    if type(value) is not list or not value or type(value[0]) is not str:
        raise Malformed("a node of the tree is not a list that starts with its kind")
    kind, *rest = value
    if kind == "split":
        sequence(rest, 2, "split")
        return [kind, integer(rest[0], 0, count - 1, "split"), integer(rest[1], -bound, bound, "split")]
    if kind == "newton":
        sequence(rest, 2, "newton")
        rows = [_combination(row, count) for row in _long_list(rest[0], 1, 4 * count, "newton")]
        box = None if rest[1] is None else [_ends(side, bound) for side in sequence(rest[1], count, "newton")]
        return [kind, rows, box]
    limits = {"excluded": count, "zero": places, "leftover": leftovers}
    if kind not in limits:
        raise Malformed("unknown node of the tree")
    return [kind, integer(sequence(rest, 1, kind)[0], 0, limits[kind] - 1, kind)]


def _combination(value: Any, count: int) -> tuple[int, list[int]]:
    row, bound = sequence(value, 2, "newton"), 1 << LIMIT_DIRECTION_BITS
    factors = [integer(x, -bound, bound, "newton") for x in sequence(row[1], count, "newton")]
    return integer(row[0], 0, count - 1, "newton"), factors


def _ends(value: Any, bound: int) -> tuple[int, int]:
    low, high = (integer(end, -bound, bound, "newton") for end in sequence(value, 2, "newton"))
    return low, high


def _square(program: Program) -> int:
    if len(program.outputs) != len(program.variables):
        raise Malformed("the system is not square")
    return len(program.variables)


def _common(claim: Any, witness: Any) -> dict[str, Any]:
    return {
        "claim_hash": hashlib.sha256(canonical(claim)).hexdigest(),
        "kind": claim["kind"],
        "program": read_program(claim["system"]),
        "program_hash": hashlib.sha256(canonical(claim["system"])).hexdigest(),
        "precision": integer(witness["precision"], 32, LIMIT_BITS, "precision"),
        "factor_bits": integer(witness["factor_bits"], 8, LIMIT_BITS, "factor_bits"),
    }


def read_place(value: Any, count: int) -> Place:
    """Centre and radii; the error radii are not larger than the uniqueness radii."""
    centre = [dyadic(x, "centre") for x in sequence(value["centre"], count, "centre")]
    unique = [positive(x, "uniqueness_radii") for x in sequence(value["uniqueness_radii"], count, "uniqueness_radii")]
    error = [positive(x, "error_radii") for x in sequence(value["error_radii"], count, "error_radii")]
    if any(compare(small, large) > 0 for small, large in zip(error, unique, strict=True)):
        raise Malformed("an error radius is larger than the uniqueness radius")
    return Place(centre, unique, error)


def read_program(value: Any) -> Program:
    """Names, parameters, operations, outputs; every operation is used."""
    keys(value, {"variables", "parameters", "operations", "outputs"}, "system")
    variables = _long_list(value["variables"], 1, LIMIT_UNKNOWNS, "variables")
    parameters = [sequence(entry, 3, "parameters") for entry in _long_list(value["parameters"], 0, LIMIT_PARAMETERS,
                                                                          "parameters")]  # fmt: skip
    names = [*variables, *(entry[0] for entry in parameters)]
    if not all(type(name) is str and NAME.fullmatch(name) for name in names) or len({"pi", *names}) <= len(names):
        raise Malformed("names must be different identifiers of at most 32 characters, and not pi")
    program = Program(
        tuple(variables),
        tuple(_parameter(entry) for entry in parameters),
        tuple(
            _operation(entry, len(names) + place)
            for place, entry in enumerate(_long_list(value["operations"], 0, LIMIT_OPERATIONS, "operations"))
        ),
        tuple(_long_list(value["outputs"], 1, LIMIT_UNKNOWNS, "outputs")),
    )
    total = program.inputs + len(program.operations)
    for output in program.outputs:
        integer(output, 0, total - 1, "output")
    used = {a for operation in program.operations for a in operation.arguments} | set(program.outputs)
    if not used >= set(range(program.inputs, total)):
        raise Malformed("an operation is not used")
    return program


def _parameter(entry: list[Any]) -> Parameter:
    parameter = Parameter(entry[0], dyadic(entry[1], "parameters"), dyadic(entry[2], "parameters"))
    if compare(parameter.low, parameter.high) > 0:
        raise Malformed("the interval of a parameter is empty")
    return parameter


def _operation(entry: Any, before: int) -> Operation:
    """["add", nodes...], ["mul", a, b], ["exp", a], ["pow", a, "n"], ["rpow", a, "p/q"], ["const", "p/q"], ["pi"]."""
    if type(entry) is not list or not entry or type(entry[0]) is not str:
        raise Malformed("an operation is not a list that starts with its name")
    name, *rest = entry
    number = (0, 1)
    if name in ("const", "pow", "rpow"):
        if not rest:
            raise Malformed(f"{name} lacks its number")
        number = _number(rest.pop())
    counts = {"const": 0, "pi": 0, **dict.fromkeys(UNARY, 1), **dict.fromkeys(BINARY, 2)}
    if name in NARY:
        _long_list(rest, 2, LIMIT_OPERATIONS, name)
    elif name not in counts or len(rest) != counts[name]:
        raise Malformed("unknown operation, or a wrong number of arguments")
    if name == "pow" and (number[1] != 1 or abs(number[0]) > LIMIT_POWER):
        raise Malformed(f"pow needs an integer exponent between -{LIMIT_POWER} and {LIMIT_POWER}")
    if name == "rpow" and number[1] == 1:
        raise Malformed("rpow needs an exponent that is no integer")
    return Operation(name, tuple(integer(a, 0, before - 1, "argument") for a in rest), number)


def _number(value: Any) -> tuple[int, int]:
    """A rational number in lowest terms, decimal."""
    if type(value) is not str:
        raise Malformed("a number is not a text")
    if len(value) > LIMIT_NUMBER:
        raise ResourceLimit(f"a number has more than {LIMIT_NUMBER} characters")
    match = NUMBER.fullmatch(value)
    if not match or match[2] == "1":
        raise Malformed("a number is not a canonical fraction")
    numerator, denominator = int(match[1]), int(match[2] or 1)
    if gcd(numerator, denominator) != 1:
        raise Malformed("a fraction is not in lowest terms")
    return numerator, denominator


def _long_list(value: Any, low: int, high: int, name: str) -> list[Any]:
    if type(value) is not list or len(value) < low:
        raise Malformed(f"{name} is not a list of at least {low} entries")
    if len(value) > high:
        raise ResourceLimit(f"{name} has more than {high} entries")
    return value
