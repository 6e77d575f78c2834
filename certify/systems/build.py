"""Systems from Python functions, text, sympy expressions and JSON."""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from math import isfinite
from typing import Any

from certify.arithmetic.dyadic import Dyadic
from certify.errors import InputError
from certify.systems import expression as ex
from certify.systems.check import checked
from certify.systems.expression import Expression, as_expression, variables
from certify.systems.system import Operation, Parameter, System, compiled, pruned

Bounds = Mapping[str, Any]

FUNCTIONS: dict[str, Callable[..., Expression]] = {
    name: getattr(ex, name)
    for name in (
        "sqrt",
        "exp",
        "log",
        "sin",
        "cos",
        "tan",
        "atan",
        "asin",
        "acos",
        "tanh",
        "erf",
        "atan2",
        "sinh",
        "cosh",
    )
}
EXPONENT = re.compile(r"[eE][+-]?0*[0-9]{0,4}|")  # of a decimal: less than 10^4
SHOWN = 60  # characters of a formula in a message


def as_system(
    value: object, count: int | None = None, names: str | Sequence[str] | None = None, parameters: Bounds | None = None
) -> System:
    """A System from what users have: a System, a Python function, text, sympy expressions, or JSON data.

    >>> as_system(lambda x, y: [x**2 + y**2 - 1, x - y]).variables
    ('x', 'y')
    >>> as_system(lambda x: [x[0] - 1, x[1] - x[0]], 2).variables
    ('x0', 'x1')
    >>> as_system("exp(x) - 2").variables
    ('x',)
    """
    if isinstance(value, System):
        return value
    if isinstance(value, str):
        return from_text(value, names, parameters)
    if isinstance(value, Mapping):
        return from_json(value)
    if callable(value) and not hasattr(value, "free_symbols"):
        return from_function(value, count, names, parameters)
    return from_sympy(value, names, parameters)


def from_function(
    function: Callable[..., object], count: int | None = None, names: str | Sequence[str] | None = None,
    parameters: Bounds | None = None,
) -> System:  # fmt: skip
    """Call a Python function on symbols: f(x, y, ...), or f(v) with a vector of `count` unknowns.

    Parameters are passed by keyword: f(x, y, p=...).  What the function returns is an expression or a sequence of them.
    """
    bounds = _bounds(parameters)
    keywords = dict(zip(bounds, variables(bounds), strict=True))
    told = _names(names)
    if count is None and told is None:
        signature = inspect.signature(function)
        told = [
            p.name for p in signature.parameters.values()
            if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.name not in bounds and p.default is p.empty
        ]  # fmt: skip
        result = function(*variables(told), **keywords)
    elif count is None and told is not None:
        result = function(*variables(told), **keywords)
    else:
        told = told or [f"x{i}" for i in range(count or 0)]
        if len(told) != count:
            raise InputError(f"there are {len(told)} names for {count} unknowns")
        result = function(_vector(variables(told)), **keywords)
    return compiled(_outputs(result), told or [], bounds)


def _vector(symbols: Sequence[Expression]) -> object:
    """An array of objects, so that slices, sums and numpy's functions work."""
    import numpy as np  # noqa: PLC0415 - only needed here

    array = np.empty(len(symbols), dtype=object)
    array[:] = symbols
    return array


def _outputs(result: object) -> list[Expression]:
    if hasattr(result, "ravel"):
        result = list(result.ravel())
    return [as_expression(x) for x in result] if isinstance(result, Iterable) else [as_expression(result)]


def _names(names: str | Sequence[str] | None) -> list[str] | None:
    if names is None:
        return None
    if not isinstance(names, Iterable):
        raise InputError(f"{names!r} are no names")
    told = re.split(r"[\s,]+", names.strip()) if isinstance(names, str) else [str(name) for name in names]
    for name in told:
        if name in FUNCTIONS:
            raise InputError(f"{name!r} cannot be the name of an unknown or parameter")
    return told


def _bounds(parameters: Bounds | None) -> dict[str, tuple[Fraction, Fraction]]:
    if not isinstance(parameters or {}, Mapping):
        raise InputError("the parameters are no mapping from names to numbers or pairs")
    result = {}
    for name, value in (parameters or {}).items():
        told = list(value) if isinstance(value, Iterable) and not isinstance(value, str) else [value]
        if len(told) not in (1, 2):
            raise InputError(f"the parameter {name} is neither a number nor a pair of numbers")
        ends = _rational(told[0]), _rational(told[-1])
        if ends[0] > ends[1]:
            raise InputError(f"the interval of {name} is empty")
        result[name] = ends
    _names(list(result))
    return result


def _rational(value: object) -> Fraction:
    """Exactly; raises InputError."""
    if isinstance(value, str):
        try:
            return Fraction(value)
        except (ValueError, ZeroDivisionError):
            raise InputError(f"{value[:SHOWN]!r} is no number") from None
    number = as_expression(value).number
    if not isinstance(number, Fraction):
        raise InputError(f"{type(value).__name__} is no number")
    return number


def from_text(text: str, names: str | Sequence[str] | None = None, parameters: Bounds | None = None) -> System:
    """Formulas separated by `;` or new lines; `=` may separate two sides; decimals are exact: 0.1 is 1/10.

    Without `names` the unknowns are sorted by name.

    >>> from_text("x^2 + y^2 = 1; y = x^3").outputs
    (5, 7)
    """
    bounds = _bounds(parameters)
    lines = [line.split("#")[0].strip() for line in re.split(r"[;\n]", text)]
    outputs = [_formula(line) for line in lines if line]
    if not outputs:
        raise InputError("there is no formula")
    told = _names(names) or sorted(_unknowns(outputs) - set(bounds))
    return compiled(outputs, told, bounds)


def _formula(line: str) -> Expression:
    sides = line.replace("^", "**").split("=")
    if len(sides) > 2:
        raise InputError(f"more than one = in {line!r}")
    parsed = [_parsed(side.strip()) for side in sides]
    return parsed[0] if len(parsed) == 1 else as_expression(parsed[0] - parsed[1])


def _parsed(text: str) -> Expression:
    try:
        return _walked(ast.parse(text, mode="eval").body, text)
    except InputError:
        raise
    except (SyntaxError, RecursionError, MemoryError, ValueError) as error:
        shown = repr(text) if len(text) <= SHOWN else f"{text[:SHOWN]!r}..."
        deep = isinstance(error, RecursionError | MemoryError)
        raise InputError(f"{shown} is {'nested too deeply' if deep else 'not a formula'}") from None


def _walked(node: ast.AST, text: str) -> Expression:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return as_expression(_decimal(ast.get_source_segment(text, node) or ""))
    if isinstance(node, ast.Name):
        return ex.pi if node.id == "pi" else variables([node.id])[0]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = _walked(node.operand, text)
        return -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.BinOp):
        left, right = _walked(node.left, text), _walked(node.right, text)
        for kind, apply in _OPERATORS.items():
            if isinstance(node.op, kind):
                return as_expression(apply(left, right))
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in FUNCTIONS
        and not node.keywords
    ):
        arguments = [_walked(a, text) for a in node.args]
        if len(arguments) == (2 if node.func.id == "atan2" else 1):
            return FUNCTIONS[node.func.id](*arguments)
    raise InputError(f"{ast.get_source_segment(text, node)!r} is not among the operations of a system")


def _decimal(text: str) -> Fraction:
    """Exactly."""
    if not EXPONENT.fullmatch(text.lstrip("0123456789._")):
        raise InputError(f"{text[:SHOWN]!r} is no number, or has too many digits")
    return Fraction(text)


_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b, ast.Sub: lambda a, b: a - b, ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b, ast.Pow: lambda a, b: a**b,
}  # fmt: skip


def _unknowns(outputs: Sequence[Expression]) -> set[str]:
    found, seen, stack = set(), set(), list(outputs)
    while stack:
        node = stack.pop()
        if id(node) not in seen:
            seen.add(id(node))
            stack.extend(node.arguments)
            if node.name == "var":
                found.add(str(node.number))
    return found


def from_sympy(value: Any, names: str | Sequence[str] | None = None, parameters: Bounds | None = None) -> System:
    """Sympy expressions or equations; symbols sorted by name unless `names` says otherwise; floats are exact."""
    items = list(value) if isinstance(value, Iterable) else [value]
    if not items or not all(hasattr(item, "free_symbols") for item in items):
        raise InputError(f"{type(value).__name__} is no function, text, sympy expression or JSON of a system")
    bounds = _bounds(parameters)
    known: dict[Any, Expression] = {}
    outputs = [
        _translated(item.lhs - item.rhs if getattr(item, "is_Equality", False) else item, known) for item in items
    ]
    told = _names(names) or sorted({str(s) for item in items for s in item.free_symbols} - set(bounds))
    return compiled(outputs, told, bounds)


def _translated(item: Any, known: dict[Any, Expression]) -> Expression:
    if item not in known:
        known[item] = _translation(item, known)
    return known[item]


def _translation(item: Any, known: dict[Any, Expression]) -> Expression:  # noqa: PLR0911 - one a case
    """One sympy node; equal subexpressions are translated once."""
    name = type(item).__name__
    if item.is_Symbol:
        return variables([str(item)])[0]
    if item.is_Rational:
        return as_expression(Fraction(int(item.p), int(item.q)))
    if item.is_Float:
        mantissa, exponent = item._mpf_[1], item._mpf_[2]
        if abs(exponent) > ex.LARGEST_CONSTANT:
            raise InputError("a number of the system has too many digits")
        return as_expression((-1) ** item._mpf_[0] * mantissa * Fraction(2) ** exponent)
    if name == "Pi":
        return ex.pi
    if name == "Exp1":
        return ex.exp(1)
    arguments = [_translated(argument, known) for argument in item.args]
    if item.is_Add or item.is_Mul:
        total = arguments[0]
        for a in arguments[1:]:
            total = as_expression(total + a if item.is_Add else total * a)
        return total
    if item.is_Pow:
        return ex.power(*arguments)
    if name in FUNCTIONS:
        return FUNCTIONS[name](*arguments)
    raise InputError(f"sympy's {name} is not among the operations of a system")


def from_json(value: Mapping[str, Any] | str) -> System:
    """The certificate form, or {"equations": [...], "variables": [...], "parameters": {name: [low, high]}}."""
    data = json.loads(value) if isinstance(value, str) else dict(value)
    try:
        if "equations" in data:
            return from_text("\n".join(data["equations"]), data.get("variables"), data.get("parameters"))
        given = System(
            tuple(data["variables"]),
            tuple(Parameter(name, _from_text(low), _from_text(high)) for name, low, high in data["parameters"]),
            tuple(_operation(entry) for entry in data["operations"]),
            tuple(data["outputs"]),
        )
        return pruned(checked(given))
    except InputError:
        raise
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise InputError(f"not a system in JSON: {type(error).__name__}: {error}") from None


def _from_text(value: str) -> Dyadic:
    mantissa, exponent = value.split("p")
    return int(mantissa, 16), int(exponent)


def _operation(entry: Sequence[Any]) -> Operation:
    name, *rest = entry
    number = Fraction(rest.pop()) if name in ("const", "pow", "rpow") else None
    return Operation(name, tuple(rest), number)


def point(values: object, system: System) -> list[float]:
    """A start: a sequence, an array, a mapping by name, or something with `.x`."""
    told = values if isinstance(values, list) else _listed(getattr(values, "x", values), system)
    if len(told) != len(system.variables):
        raise InputError(f"the point has {len(told)} coordinates, the system {len(system.variables)} unknowns")
    try:
        result = list(map(float, told))
    except (TypeError, ValueError):
        raise InputError("the point holds something that is no number") from None
    except OverflowError:
        raise InputError("the point is beyond the range of floats") from None
    if not all(map(isfinite, result)):
        raise InputError(f"{next(x for x in result if not isfinite(x))} is not a finite number")
    return result


def _listed(values: object, system: System) -> list[Any]:
    if isinstance(values, Mapping):
        missing = set(system.variables) ^ set(values)
        if missing:
            raise InputError(f"the point and the system differ in {', '.join(sorted(map(str, missing)))}")
        values = [values[name] for name in system.variables]
    if hasattr(values, "ravel"):
        values = values.ravel()
    return list(values) if isinstance(values, Iterable) else [values]


def takes_vector(value: object, length: int, names: object, parameters: Bounds | None) -> bool:
    """Whether a function wants one vector of `length` unknowns and not each for itself."""
    if isinstance(value, System | str | Mapping) or not callable(value) or hasattr(value, "free_symbols"):
        return False
    plain = [
        p for p in inspect.signature(value).parameters.values()
        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.name not in (parameters or {})
        and p.default is p.empty
    ]  # fmt: skip
    return len(plain) == 1 and length > 1
