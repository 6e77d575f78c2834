"""Interval evaluation of a program on many boxes at once, in float64 arrays; only guides a search.

An interval is a pair of arrays (low, high).  Results are widened by a few units in the last place, and by what the
checker's rounding to 64 bits may cost: a share of the larger end at both ends (docs/systems.md, Z2).  But numpy's
functions have no guaranteed accuracy and nothing here is trusted: the checker evaluates every box again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from certify.systems.system import Operation, System

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Interval = tuple[Array, Array]

UNIT = 2.0**-50
FAR = 2.0**-60  # of the larger end
TINY = 1e-300
ONE: Interval = (np.ones(1), np.ones(1))
WHOLE = {"sin": 1.0, "cos": 1.0, "tanh": 1.0, "erf": 1.0, "atan": 1.6, "atan2": 3.2, "asin": 3.2, "acos": 3.2}  # ranges


class Batch(NamedTuple):
    """Per box: value and gradient of each output, whether everything is smooth, and whether an output is undefined."""

    values: list[Interval]
    gradients: list[dict[int, Interval]]
    smooth: Mask
    undefined: list[Mask]


def widened(low: Array, high: Array) -> Interval:
    """Outward by a few units, and by the checker's rounding; NaN means anything."""
    low = np.where(np.isnan(low), -np.inf, low)
    high = np.where(np.isnan(high), np.inf, high)
    sizes = np.abs(low), np.abs(high)
    far = np.maximum(*sizes) * FAR + TINY
    return low - sizes[0] * UNIT - far, high + sizes[1] * UNIT + far


def add(a: Interval, b: Interval) -> Interval:
    """a + b."""
    return widened(a[0] + b[0], a[1] + b[1])


def sub(a: Interval, b: Interval) -> Interval:
    """a - b."""
    return widened(a[0] - b[1], a[1] - b[0])


def neg(a: Interval) -> Interval:
    """-a."""
    return -a[1], -a[0]


def mul(a: Interval, b: Interval) -> Interval:
    """a b; zero times infinity is zero."""
    parts = [np.where((x == 0) | (y == 0), 0.0, x * y) for x in a for y in b]
    return widened(np.minimum.reduce(parts), np.maximum.reduce(parts))


def div(a: Interval, b: Interval) -> Interval:
    """a / b; everything where b may be zero."""
    bad = (b[0] <= 0) & (b[1] >= 0)
    low, high = mul(a, (1 / np.where(bad, 1.0, b[1]), 1 / np.where(bad, 1.0, b[0])))
    return np.where(bad, -np.inf, low), np.where(bad, np.inf, high)


def power(a: Interval, n: int) -> Interval:
    """a^n."""
    if n == 0:
        return np.ones_like(a[0]), np.ones_like(a[1])
    if n < 0:
        return div(ONE, power(a, -n))
    low, high = a[0] ** n, a[1] ** n
    if n % 2:
        return widened(low, high)
    least = np.where((a[0] <= 0) & (a[1] >= 0), 0.0, np.minimum(low, high))
    return widened(least, np.maximum(low, high))


def evaluate_batch(system: System, boxes: Sequence[Interval], *, gradients: bool) -> Batch:
    """Evaluate on the boxes whose sides are given by variable; parameters at their intervals."""
    count = len(boxes[0][0])
    with np.errstate(all="ignore"):
        return _evaluated(system, list(boxes), count, gradients)


def _evaluated(system: System, nodes: list[Interval], count: int, gradients: bool) -> Batch:
    for p in system.parameters:
        ends = widened(np.full(count, _float(p.low)), np.full(count, _float(p.high)))
        nodes.append(ends)
    slopes: list[dict[int, Interval]] = [{i: ONE} for i in range(len(system.variables))] + [
        {} for _ in system.parameters
    ]
    crossing = [np.zeros(count, dtype=bool) for _ in nodes]
    outside = [np.zeros(count, dtype=bool) for _ in nodes]
    for operation in system.operations:
        arguments = [nodes[a] for a in operation.arguments]
        where, gone = _domain(operation, arguments, count)
        value = _everything(operation, arguments, _value(operation, arguments, count))
        nodes.append((np.where(gone, -np.inf, value[0]), np.where(gone, np.inf, value[1])))
        crossing.append(np.logical_or.reduce([where, *(crossing[a] for a in operation.arguments)]))
        outside.append(np.logical_or.reduce([gone, *(outside[a] for a in operation.arguments)]))
        if gradients:
            slopes.append(_chain(_partials(operation, arguments, nodes[-1]), [slopes[a] for a in operation.arguments]))
    smooth = ~np.logical_or.reduce([crossing[o] | outside[o] for o in system.outputs])
    found = [slopes[o] for o in system.outputs] if gradients else []
    return Batch([nodes[o] for o in system.outputs], found, smooth, [outside[o] for o in system.outputs])


def _everything(operation: Operation, arguments: Sequence[Interval], value: Interval) -> Interval:
    """The whole range of the operation where an argument is unbounded, which the checker knows nothing more about."""
    lost = np.zeros(1, dtype=bool)
    for low, high in arguments:
        lost = lost | ~(np.isfinite(low) & np.isfinite(high))
    bound = WHOLE.get(operation.name, np.inf)
    return np.where(lost, -bound, value[0]), np.where(lost, bound, value[1])


def _float(x: tuple[int, int]) -> float:
    return float(x[0]) * 2.0 ** x[1] if x[0].bit_length() < 900 else float(x[0] >> 400) * 2.0 ** (x[1] + 400)


def _chain(partials: Sequence[Interval], slopes: Sequence[dict[int, Interval]]) -> dict[int, Interval]:
    result: dict[int, Interval] = {}
    for factor, slope in zip(partials, slopes, strict=True):
        for i, entry in slope.items():
            term = mul(factor, entry)
            result[i] = add(result[i], term) if i in result else term
    return result


def _domain(operation: Operation, a: Sequence[Interval], count: int) -> tuple[Mask, Mask]:
    """Not certainly smooth; certainly undefined.  As in the checker's `domain`."""
    name, none = operation.name, np.zeros(count, dtype=bool)
    if name in ("log", "sqrt", "rpow"):
        return a[0][0] <= 0, a[0][1] < 0 if name == "sqrt" else a[0][1] <= 0
    if name == "div" or (name == "pow" and (operation.number or 0) < 0):
        return (a[-1][0] <= 0) & (a[-1][1] >= 0), none
    if name in ("asin", "acos"):
        return (a[0][0] <= -1) | (a[0][1] >= 1), (a[0][0] > 1) | (a[0][1] < -1)
    if name == "atan2":
        y, x = a
        return ~((x[0] > 0) | (y[0] > 0) | (y[1] < 0)), none
    if name == "tan":
        return np.floor(a[0][0] / np.pi + 0.5 - 1e-9) != np.floor(a[0][1] / np.pi + 0.5 + 1e-9), none
    return none, none


def _monotone(function: Callable[[Array], Array], a: Interval) -> Interval:
    low, high = function(a[0]), function(a[1])
    return widened(low - np.abs(low) * 8 * UNIT, high + np.abs(high) * 8 * UNIT)


def _erf(x: Array) -> Array:
    from scipy.special import erf  # noqa: PLC0415 - rarely used

    return np.asarray(erf(x), dtype=np.float64)


def _wave(a: Interval, phase: float) -> Interval:
    """sin(a + phase)."""
    low, high = a[0] + phase, a[1] + phase
    ends = np.sin(low), np.sin(high)
    slack = 1e-15 * (np.abs(low) + np.abs(high) + 1)
    top = np.floor((high / np.pi - 0.5) / 2 + 1e-12) > np.ceil((low / np.pi - 0.5) / 2 - 1e-12) - 1
    bottom = np.floor((high / np.pi + 0.5) / 2 + 1e-12) > np.ceil((low / np.pi + 0.5) / 2 - 1e-12) - 1
    wide = ~(high - low < 1e8)
    least = np.where(bottom | wide, -1.0, np.minimum(*ends) - slack)
    most = np.where(top | wide, 1.0, np.maximum(*ends) + slack)
    return np.maximum(least, -1.0), np.minimum(most, 1.0)


def _atan2(y: Interval, x: Interval) -> Interval:
    right, upper, lower = x[0] > 0, y[0] > 0, y[1] < 0
    left = (x[1] < 0) & (y[0] >= 0)
    steep = div(y, x)
    flat = div(x, y)
    first, second = _monotone(np.arctan, steep), _monotone(np.arctan, flat)
    half = np.pi / 2
    low = np.select(
        [right, upper, lower, left], [first[0], half - second[1], -half - second[1], np.pi + first[0]], -np.pi
    )
    high = np.select(
        [right, upper, lower, left], [first[1], half - second[0], -half - second[0], np.pi + first[1]], np.pi
    )
    return widened(low - 1e-15, high + 1e-15)


def _value(operation: Operation, a: Sequence[Interval], count: int) -> Interval:  # noqa: PLR0911 - one a case
    """Range over the natural domain, never narrower than the checker's in kind: everything where that says so."""
    name, number = operation.name, operation.number
    if name == "add":
        total = a[0]
        for term in a[1:]:
            total = add(total, term)
        return total
    if name == "const":
        exact = np.full(count, float(number or 0))
        return widened(exact, exact)
    if name == "pi":
        return widened(np.full(count, np.pi), np.full(count, np.pi))
    if name in _BINARY:
        return _BINARY[name](*a)
    if name == "pow":
        return power(a[0], int(number or 0))
    x = a[0]
    if name == "sqrt":
        return _monotone(np.sqrt, (np.maximum(x[0], 0.0), np.maximum(x[1], 0.0)))
    if name in ("log", "rpow"):
        bad = x[0] <= 0
        logs = _monotone(np.log, (np.where(bad, 1.0, x[0]), np.where(bad, 1.0, x[1])))
        if name == "rpow":
            r = float(number or 0)
            logs = _monotone(np.exp, mul((np.full(count, r), np.full(count, r)), logs))
            if r > 0:
                top = _monotone(lambda v: np.maximum(v, 0.0) ** r, x)[1]
                return np.where(bad, 0.0, logs[0]), np.where(bad, top, logs[1])
        return np.where(bad, -np.inf, logs[0]), np.where(bad, np.inf, logs[1])
    if name in ("asin", "acos"):
        inside = np.clip(x[0], -1.0, 1.0), np.clip(x[1], -1.0, 1.0)
        return _monotone(np.arcsin, inside) if name == "asin" else neg(_monotone(lambda v: -np.arccos(v), inside))
    if name == "tan":
        bad, _ = _domain(operation, a, count)
        low, high = _monotone(np.tan, x)
        return np.where(bad, -np.inf, low), np.where(bad, np.inf, high)
    return _UNARY[name](x)


_BINARY: dict[str, Callable[[Interval, Interval], Interval]] = {"sub": sub, "mul": mul, "div": div, "atan2": _atan2}
_UNARY: dict[str, Callable[[Interval], Interval]] = {
    "neg": neg,
    "exp": lambda x: _monotone(np.exp, x),
    "atan": lambda x: _monotone(np.arctan, x),
    "tanh": lambda x: _monotone(np.tanh, x),
    "erf": lambda x: _monotone(_erf, x),
    "sin": lambda x: _wave(x, 0.0),
    "cos": lambda x: _wave(x, np.pi / 2),
}


def _partials(operation: Operation, a: Sequence[Interval], value: Interval) -> Sequence[Interval]:  # noqa: PLR0911
    """First partials by argument."""
    name, number = operation.name, operation.number
    if name == "add":
        return [ONE] * len(a)
    if name in ("const", "pi"):
        return ()
    if name == "sub":
        return ONE, neg(ONE)
    if name == "mul":
        return a[1], a[0]
    if name == "div":
        inverse = div(ONE, a[1])
        return inverse, neg(mul(value, inverse))
    if name == "atan2":
        square = add(power(a[0], 2), power(a[1], 2))
        return div(a[1], square), neg(div(a[0], square))
    if name == "pow":
        n = int(number or 0)
        return (mul(_both(n), power(a[0], n - 1)),) if n else (_both(0),)
    if name == "rpow":
        return (div(mul(widened(*_both(float(number or 0))), value), a[0]),)
    return (_SLOPES[name](a[0], value),)


def _both(x: float) -> Interval:
    return np.full(1, float(x)), np.full(1, float(x))


def _inverse_root(x: Interval) -> Interval:
    rest = mul(sub(ONE, x), add(ONE, x))
    return div(ONE, _monotone(np.sqrt, (np.maximum(rest[0], 0.0), np.maximum(rest[1], 0.0))))


_SLOPES: dict[str, Callable[[Interval, Interval], Interval]] = {
    "neg": lambda x, v: neg(ONE),
    "sqrt": lambda x, v: div(ONE, add(v, v)),
    "exp": lambda x, v: v,
    "log": lambda x, v: div(ONE, x),
    "sin": lambda x, v: _wave(x, np.pi / 2),
    "cos": lambda x, v: neg(_wave(x, 0.0)),
    "tan": lambda x, v: add(ONE, power(v, 2)),
    "atan": lambda x, v: div(ONE, add(ONE, power(x, 2))),
    "asin": lambda x, v: _inverse_root(x),
    "acos": lambda x, v: neg(_inverse_root(x)),
    "tanh": lambda x, v: mul(sub(ONE, v), add(ONE, v)),
    "erf": lambda x, v: mul(widened(*_both(1.1283791670955126)), _monotone(np.exp, neg(power(x, 2)))),
}
