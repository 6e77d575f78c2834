"""The operations of a program: value, first and second partial derivatives over intervals (docs/systems.md, Z1, Z4).

`smooth` wants every argument inside the open domain of smoothness; `natural` allows the rest of the natural domain.
"""

from collections.abc import Callable
from typing import NamedTuple

from certify.checker import functions
from certify.checker.errors import Rejected
from certify.checker.floating import Floating, Point, Real, at, compare, lower, negative, upper
from certify.checker.functions import ONE

CONSTANTS = {"const", "pi"}
UNARY = {
    "neg", "sqrt", "exp", "log", "sin", "cos", "tan", "atan", "asin", "acos", "tanh", "erf", "pow", "rpow",
}  # fmt: skip
BINARY = {"sub", "mul", "div", "atan2"}
NARY = {"add"}
EVERYWHERE = {"neg", "exp", "sin", "cos", "atan", "tanh", "erf", "sub", "mul", "add", *CONSTANTS}
UNIT: Real = (-1, 1, 0)

Pairs = list[tuple[int, int, Real]]


class Operation(NamedTuple):
    """One step: arguments are positions of earlier nodes; a rational number for "const", "pow" and "rpow"."""

    name: str
    arguments: tuple[int, ...]
    number: tuple[int, int]


class Local(NamedTuple):
    """Value, first partials by argument place, second partials by pair of places (i <= j); zero ones are left out."""

    value: Real
    first: list[tuple[int, Real]]
    second: Pairs


def domain(operation: Operation, arguments: list[Real]) -> str:  # noqa: PLR0911 - one a case
    """ "inside" the open domain of smoothness, "outside" the natural domain, or "crossing"."""
    name = operation.name
    if name in EVERYWHERE or (name == "pow" and operation.number[0] >= 0):
        return "inside"
    if name in ("log", "sqrt", "rpow"):
        low, high = arguments[0][0], arguments[0][1]
        if low > 0:
            return "inside"
        return "outside" if high < 0 or (high == 0 and name != "sqrt") else "crossing"
    if name in ("div", "pow"):
        low, high, _ = arguments[-1]
        if low > 0 or high < 0:
            return "inside"
        return "outside" if low == high == 0 else "crossing"
    if name in ("asin", "acos"):
        ends = [compare(x, (sign, 0)) for x in (lower(arguments[0]), upper(arguments[0])) for sign in (-1, 1)]
        if ends[0] > 0 and ends[3] < 0:  # the four: low - -1, low - 1, high - -1, high - 1
            return "inside"
        return "outside" if ends[1] > 0 or ends[2] < 0 else "crossing"
    if name == "atan2":
        (y_low, y_high, _), (x_low, x_high, _) = arguments
        if x_low > 0 or y_low > 0 or y_high < 0:
            return "inside"
        return "outside" if y_low == y_high == x_low == x_high == 0 else "crossing"
    return "inside" if name == "tan" else "outside"  # a pole of the tangent is found where it is evaluated


def natural(f: Floating, operation: Operation, arguments: list[Real | None]) -> tuple[bool, Real | None]:  # noqa: PLR0911 - one a case
    """(defined somewhere, range over the natural domain); None stands for all real numbers."""
    name = operation.name
    if any(a is None for a in arguments):
        known = [a for a in arguments if a is not None]
        if name in ("sin", "cos", "tanh", "erf"):
            return True, UNIT
        if name == "atan":
            return True, _symmetric(functions.half_pi(f))
        if name in ("atan2", "asin", "acos"):
            return True, _symmetric(functions.pi(f))
        if name == "mul" and any(a[0] == a[1] == 0 for a in known):
            return True, (0, 0, 0)
        return True, None
    whole = [a for a in arguments if a is not None]
    where = domain(operation, whole)
    if where == "outside":
        return False, None
    if where == "inside":
        if name == "tan":
            return True, functions.tan(f, whole[0])
        return True, local(f, operation, whole, 0).value
    if name == "sqrt":
        return True, f.sqrt((0, whole[0][1], whole[0][2]))
    if name == "atan2":
        angle = functions.atan2(f, whole[0], whole[1])
        return True, _symmetric(functions.pi(f)) if angle is None else angle
    if name in ("asin", "acos"):
        return True, _clipped_arc(f, name, whole[0])
    if name == "rpow" and operation.number[0] > 0:
        top = _power(f, name, (whole[0][1], whole[0][1], whole[0][2]), operation.number, 0).value
        return True, (0, top[1], top[2])
    return True, None


def _clipped_arc(f: Floating, name: str, a: Real) -> Real:
    """asin or acos on the part of a in [-1, 1]; asin is increasing, and acos x = pi / 2 - asin x."""
    arc = f.between(lower(_arcsine(f, lower(a))), upper(_arcsine(f, upper(a))))
    return arc if name == "asin" else f.sub(functions.half_pi(f), arc)


def _arcsine(f: Floating, x: Point) -> Real:
    """asin of the nearest number in [-1, 1]."""
    if compare(x, (1, 0)) >= 0:
        return functions.half_pi(f)
    return negative(functions.half_pi(f)) if compare(x, (-1, 0)) <= 0 else functions.asin(f, at(x))


def _symmetric(a: Real) -> Real:
    return -a[1], a[1], a[2]


def smooth(f: Floating, operation: Operation, arguments: list[Real], order: int) -> Local:
    """Everything up to the given order, where the whole box is inside the domain of smoothness."""
    if domain(operation, arguments) != "inside":
        raise Rejected("domain", f"{operation.name} is not certainly smooth on its argument")
    return local(f, operation, arguments, order)


def local(f: Floating, operation: Operation, arguments: list[Real], order: int) -> Local:
    """The table of derivatives; the arguments are inside the domain."""
    name = operation.name
    if name == "add":
        total = arguments[0]
        for a in arguments[1:]:
            total = f.add(total, a)
        return Local(total, [(i, ONE) for i in range(len(arguments))], [])
    if name == "const":
        return Local(f.ratio(*operation.number), [], [])
    if name == "pi":
        return Local(functions.pi(f), [], [])
    if name in BINARY:
        return _binary(f, name, arguments[0], arguments[1], order)
    if name in ("pow", "rpow"):
        return _power(f, name, arguments[0], operation.number, order)
    value, first, second = _TABLE[name](f, arguments[0], order)
    return Local(value, [(0, first)] if order else [], [(0, 0, second)] if order > 1 else [])


def _binary(f: Floating, name: str, a: Real, b: Real, order: int) -> Local:
    if name == "sub":
        return Local(f.sub(a, b), [(0, ONE), (1, negative(ONE))], [])
    if name == "mul":
        return Local(f.mul(a, b), [(0, b), (1, a)], [(0, 1, ONE)])
    if name == "div":
        value = f.div(a, b)
        if not order:
            return Local(value, [], [])
        inverse = f.div(ONE, b)
        by_divisor = negative(f.mul(value, inverse))
        square = f.square(inverse)
        double = f.mul((2, 2, 0), f.mul(value, square))
        return Local(value, [(0, inverse), (1, by_divisor)], [(0, 1, negative(square)), (1, 1, double)])
    angle = functions.atan2(f, a, b)
    if angle is None:
        raise Rejected("domain", "atan2 may touch the origin or cross its cut")
    if not order:
        return Local(angle, [], [])
    square = f.add(f.square(a), f.square(b))
    across, along = f.div(b, square), negative(f.div(a, square))
    mixed = f.mul((2, 2, 0), f.mul(across, along))  # -2 x y / r^4
    difference = f.div(f.sub(f.square(a), f.square(b)), f.square(square))
    return Local(angle, [(0, across), (1, along)], [(0, 0, mixed), (0, 1, difference), (1, 1, negative(mixed))])


def _power(f: Floating, name: str, a: Real, number: tuple[int, int], order: int) -> Local:
    """a^n with n a^(n-1) and n (n-1) a^(n-2); a^r = exp(r log a) with r a^r / a and r (r-1) a^r / a^2."""
    if name == "pow":
        n = number[0]
        value = f.power(a, n)
        first = f.mul((n, n, 0), f.power(a, n - 1)) if order and n else (0, 0, 0)
        factor = n * (n - 1)
        second = f.mul((factor, factor, 0), f.power(a, n - 2)) if order > 1 and factor else (0, 0, 0)
    else:
        p, q = number
        value = functions.exp(f, f.mul(f.ratio(p, q), functions.log(f, a)))
        first = f.div(f.mul(f.ratio(p, q), value), a) if order else (0, 0, 0)
        second = f.mul(f.ratio(p - q, q), f.div(first, a)) if order > 1 else (0, 0, 0)
    return Local(value, [(0, first)], [(0, 0, second)])


Triple = tuple[Real, Real, Real]


def _neg(f: Floating, a: Real, order: int) -> Triple:
    return negative(a), negative(ONE), (0, 0, 0)


def _sqrt(f: Floating, a: Real, order: int) -> Triple:
    value = f.sqrt(a)
    if not order:
        return value, ONE, ONE
    first = f.div(ONE, (2 * value[0], 2 * value[1], value[2]))
    return value, first, negative(f.div(first, (2 * a[0], 2 * a[1], a[2])))


def _exp(f: Floating, a: Real, order: int) -> Triple:
    value = functions.exp(f, a)
    return value, value, value


def _log(f: Floating, a: Real, order: int) -> Triple:
    inverse = f.div(ONE, a)
    return functions.log(f, a), inverse, negative(f.square(inverse))


def _sin(f: Floating, a: Real, order: int) -> Triple:
    value = functions.sin(f, a)
    return value, functions.cos(f, a) if order else value, negative(value)


def _cos(f: Floating, a: Real, order: int) -> Triple:
    value = functions.cos(f, a)
    return value, negative(functions.sin(f, a)) if order else value, negative(value)


def _tan(f: Floating, a: Real, order: int) -> Triple:
    value = functions.tan(f, a)
    if value is None:
        raise Rejected("domain", "tan may have a pole on its argument")
    first = f.add(ONE, f.square(value))
    return value, first, f.mul((2, 2, 0), f.mul(value, first))


def _atan(f: Floating, a: Real, order: int) -> Triple:
    first = f.div(ONE, f.add(ONE, f.square(a)))
    return functions.atan(f, a), first, f.mul((-2, -2, 0), f.mul(a, f.square(first)))


def _asin(f: Floating, a: Real, order: int) -> Triple:
    value = functions.asin(f, a)
    if not order:
        return value, ONE, ONE
    rest = f.mul(f.sub(ONE, a), f.add(ONE, a))
    first = f.div(ONE, f.sqrt(rest))
    return value, first, f.div(f.mul(a, first), rest)


def _acos(f: Floating, a: Real, order: int) -> Triple:
    value = functions.acos(f, a)
    if not order:
        return value, ONE, ONE
    _, first, second = _asin(f, a, order)
    return value, negative(first), negative(second)


def _tanh(f: Floating, a: Real, order: int) -> Triple:
    value = functions.tanh(f, a)
    first = f.mul(f.sub(ONE, value), f.add(ONE, value))
    return value, first, f.mul((-2, -2, 0), f.mul(value, first))


def _erf(f: Floating, a: Real, order: int) -> Triple:
    value = functions.erf(f, a)
    if not order:
        return value, ONE, ONE
    first = f.mul(functions.two_over_root_pi(f), functions.exp(f, negative(f.square(a))))
    return value, first, f.mul((-2, -2, 0), f.mul(a, first))


_TABLE: dict[str, Callable[[Floating, Real, int], Triple]] = {
    "neg": _neg, "sqrt": _sqrt, "exp": _exp, "log": _log, "sin": _sin, "cos": _cos, "tan": _tan, "atan": _atan,
    "asin": _asin, "acos": _acos, "tanh": _tanh, "erf": _erf,
}  # fmt: skip
