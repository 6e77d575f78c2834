"""Values, gradients and Hessians of a system by forward differentiation, over floats or balls (docs/systems.md, Z4).

A backend is a table of elementary functions; the rules are written once.  Where an operation is undefined the result is
NaN, over floats and over balls; for the exceptions see `strays`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

from certify.arithmetic import ball_functions, precision_in_force
from certify.systems.system import Operation, System

Scalar = Any
Gradient = dict[int, Scalar]
Hessian = dict[tuple[int, int], Scalar]


class Backend(NamedTuple):
    """Its name and precision, elementary functions by name, exact rationals, and pi."""

    name: str
    bits: int
    functions: Mapping[str, Callable[..., Scalar]]
    number: Callable[[Fraction], Scalar]
    pi: Callable[[], Scalar]


def _quiet(function: Callable[..., float]) -> Callable[..., float]:
    """NaN where the math module raises."""

    def wrapped(*arguments: float) -> float:
        try:
            return function(*arguments)
        except (ValueError, OverflowError, ZeroDivisionError):
            return math.nan

    return wrapped


FLOATS = Backend(
    "floats",
    53,
    {name: _quiet(getattr(math, name)) for name in
     ("sqrt", "exp", "log", "sin", "cos", "tan", "atan", "asin", "acos", "tanh", "erf", "atan2")}
    | {"div": _quiet(lambda a, b: a / b), "pow": _quiet(lambda a, n: a**n), "rational": _quiet(float)},
    _quiet(float),
    lambda: math.pi,
)  # fmt: skip


def balls() -> Backend:
    """Ball arithmetic at the precision in force."""
    return _balls(precision_in_force())


@cache
def _balls(bits: int) -> Backend:
    return Backend("balls", bits, _BALLS, _BALLS["rational"], _BALLS["pi"])


_BALLS = ball_functions()


class Result(NamedTuple):
    """All nodes: value, gradient by variable, Hessian by pair i <= j; the latter two as far as the order says."""

    values: list[Scalar]
    gradients: list[Gradient]
    hessians: list[Hessian]


Widening = Callable[[str, Sequence[Scalar], Scalar], Scalar]  # of an operation, its arguments and its value


def evaluate(
    system: System, inputs: Sequence[Scalar], backend: Backend, order: int, widened: Widening | None = None
) -> Result:
    """Evaluate every node; inputs are values of the variables and then of the parameters.

    widened: what to go on with instead of each value.
    """
    values = list(inputs)
    gradients: list[Gradient] = [{i: 1} for i in range(len(system.variables))] + [{} for _ in system.parameters]
    hessians: list[Hessian] = [{} for _ in values]
    for operation in system.operations:
        arguments = [values[a] for a in operation.arguments]
        value, first, second = _rule(operation, arguments, backend, order)
        values.append(value if widened is None else widened(operation.name, arguments, value))
        if order:
            gradients.append(_chain(first, [gradients[a] for a in operation.arguments]))
        if order > 1:
            own = [gradients[a] for a in operation.arguments]
            hessians.append(_curved(first, second, own, [hessians[a] for a in operation.arguments]))
    return Result(values, gradients, hessians)


def _chain(first: Sequence[Scalar], gradients: Sequence[Gradient]) -> Gradient:
    result: Gradient = {}
    for factor, gradient in zip(first, gradients, strict=True):
        if type(factor) is int and factor == 1:
            terms = gradient
            if not result:
                result = dict(gradient)
                continue
        else:
            terms = {i: factor * entry for i, entry in gradient.items()}
        for i, term in terms.items():
            result[i] = result[i] + term if i in result else term
    return result


def _curved(
    first: Sequence[Scalar], second: Mapping[tuple[int, int], Scalar], gradients: Sequence[Gradient],
    hessians: Sequence[Hessian],
) -> Hessian:  # fmt: skip
    result: Hessian = {}
    for factor, hessian in zip(first, hessians, strict=True):
        for pair, entry in hessian.items():
            term = factor * entry
            result[pair] = result[pair] + term if pair in result else term
    for (p, q), factor in second.items():
        for i, a in gradients[p].items():
            scaled = factor * a
            for j, b in gradients[q].items():
                if p == q and i > j:
                    continue
                pair = (i, j) if i <= j else (j, i)
                term = scaled * b if p == q or i != j else 2 * scaled * b
                result[pair] = result[pair] + term if pair in result else term
    return result


Rule = tuple[Scalar, Sequence[Scalar], Mapping[tuple[int, int], Scalar]]


def _rule(operation: Operation, a: Sequence[Scalar], backend: Backend, order: int) -> Rule:  # noqa: PLR0911 - one a case
    """Value, first partials by argument, second partials by pair of arguments (zero ones left out)."""
    name, number = operation.name, operation.number
    if name == "add":
        total = a[0]
        for term in a[1:]:
            total = total + term
        return total, [1] * len(a), {}
    if name == "mul":
        return a[0] * a[1], (a[1], a[0]), {(0, 1): 1}
    if name == "sub":
        return a[0] - a[1], (1, -1), {}
    if name == "neg":
        return -a[0], (-1,), {}
    if name == "const":
        return backend.number(number or Fraction(0)), (), {}
    if name == "pi":
        return backend.pi(), (), {}
    if name == "pow":
        return _integer_power(a[0], int(number or 0), backend, order)
    rule = _RULES[name]
    value, first, second = rule(backend.functions, a, order, number)
    return value, first, second


def _integer_power(x: Scalar, n: int, backend: Backend, order: int) -> Rule:
    if n == 0:
        return 1 + 0 * x, (0,), {}  # NaN stays NaN
    power = backend.functions["pow"]
    first = n * power(x, n - 1) if order else 0
    second = n * (n - 1) * power(x, n - 2) if order > 1 and n * (n - 1) else 0
    return power(x, n), (first,), {(0, 0): second} if order > 1 and n * (n - 1) else {}


Table = Mapping[str, Callable[..., Scalar]]


def _div(g: Table, a: Sequence[Scalar], order: int, _: object) -> Rule:
    div = g["div"]
    value = div(a[0], a[1])
    if not order:
        return value, (), {}
    inverse = div(1, a[1])
    square = inverse * inverse
    return value, (inverse, -value * inverse), {(0, 1): -square, (1, 1): 2 * value * square} if order > 1 else {}


def _atan2(g: Table, a: Sequence[Scalar], order: int, _: object) -> Rule:
    y, x = a
    value = g["atan2"](y, x)
    if not order:
        return value, (), {}
    square = g["pow"](x, 2) + g["pow"](y, 2)
    across, along = g["div"](x, square), -g["div"](y, square)
    mixed = 2 * across * along
    difference = across * across - along * along
    return value, (across, along), {(0, 0): mixed, (0, 1): -difference, (1, 1): -mixed} if order > 1 else {}


def _rpow(g: Table, a: Sequence[Scalar], order: int, number: Any) -> Rule:
    exponent = g["rational"](number)
    value = g["exp"](exponent * g["log"](a[0]))
    first = g["div"](exponent * value, a[0])
    return value, (first,), {(0, 0): g["div"]((exponent - 1) * first, a[0])} if order > 1 else {}


def _sqrt(g: Table, a: Sequence[Scalar], order: int, _: object) -> Rule:
    value = g["sqrt"](a[0])
    if not order:
        return value, (), {}
    first = g["div"](1, 2 * value)
    return value, (first,), {(0, 0): -g["div"](first, 2 * a[0])} if order > 1 else {}


def _exp(g: Table, a: Sequence[Scalar], order: int, _: object) -> Rule:
    value = g["exp"](a[0])
    return value, (value,), {(0, 0): value}


def _log(g: Table, a: Sequence[Scalar], order: int, _: object) -> Rule:
    inverse = g["div"](1, a[0])
    return g["log"](a[0]), (inverse,), {(0, 0): -inverse * inverse}


def _sin(g: Table, a: Sequence[Scalar], order: int, _: object) -> Rule:
    value = g["sin"](a[0])
    return value, (g["cos"](a[0]) if order else 0,), {(0, 0): -value}


def _cos(g: Table, a: Sequence[Scalar], order: int, _: object) -> Rule:
    value = g["cos"](a[0])
    return value, (-g["sin"](a[0]) if order else 0,), {(0, 0): -value}


def _tan(g: Table, a: Sequence[Scalar], order: int, _: object) -> Rule:
    value = g["tan"](a[0])
    first = 1 + value * value
    return value, (first,), {(0, 0): 2 * value * first}


def _atan(g: Table, a: Sequence[Scalar], order: int, _: object) -> Rule:
    first = g["div"](1, 1 + g["pow"](a[0], 2))
    return g["atan"](a[0]), (first,), {(0, 0): -2 * a[0] * first * first}


def _asin(g: Table, a: Sequence[Scalar], order: int, _: object) -> Rule:
    rest = (1 - a[0]) * (1 + a[0])
    first = g["div"](1, g["sqrt"](rest)) if order else 0
    return g["asin"](a[0]), (first,), {(0, 0): g["div"](a[0] * first, rest)} if order > 1 else {}


def _acos(g: Table, a: Sequence[Scalar], order: int, number: object) -> Rule:
    _, (first,), second = _asin(g, a, order, number)
    return g["acos"](a[0]), (-first,), {pair: -entry for pair, entry in second.items()}


def _tanh(g: Table, a: Sequence[Scalar], order: int, _: object) -> Rule:
    value = g["tanh"](a[0])
    first = (1 - value) * (1 + value)
    return value, (first,), {(0, 0): -2 * value * first}


def _erf(g: Table, a: Sequence[Scalar], order: int, _: object) -> Rule:
    root = g["sqrt"](g["atan"](1 + 0 * a[0]))  # sqrt(pi) / 2
    first = g["div"](g["exp"](-a[0] * a[0]), root)
    return g["erf"](a[0]), (first,), {(0, 0): -2 * a[0] * first}


_RULES: Mapping[str, Callable[[Table, Sequence[Scalar], int, Any], Rule]] = {
    "div": _div, "atan2": _atan2, "rpow": _rpow, "sqrt": _sqrt, "exp": _exp, "log": _log, "sin": _sin, "cos": _cos,
    "tan": _tan, "atan": _atan, "asin": _asin, "acos": _acos, "tanh": _tanh, "erf": _erf,
}  # fmt: skip


RANGES: Mapping[str, tuple[int | None, int | None]] = {
    "sqrt": (0, None), "asin": (-1, 1), "acos": (-1, 1),
    "exp": (None, 2**15), "sin": (-(2**62), 2**62), "cos": (-(2**62), 2**62), "tan": (-(2**62), 2**62),
}  # fmt: skip
GUARDED = {"atan2", *RANGES}


def strays(name: str, arguments: Sequence[Scalar], certainly_less: Callable[[Scalar, Scalar], bool]) -> bool:
    """Whether the checker may refuse a guarded operation that balls evaluate without complaint.

    That is at the ends of a domain, where atan2 may touch the origin or cross its cut, and where numbers are too large.
    """
    if name == "atan2":
        y, x = arguments
        return not (certainly_less(0, x) or certainly_less(0, y) or certainly_less(y, 0))
    low, high = RANGES[name]
    inside = low is None or certainly_less(low, arguments[0])
    return not (inside and (high is None or certainly_less(arguments[0], high)))
