"""Expressions by operator overloading; numpy's functions work on them too, element by element.

Numbers are exact: a float stands for the binary fraction it is, so write `Fraction(1, 10)` for a tenth.  Branches and
kinks (`abs`, `max`, comparisons) are not smooth and are refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import isfinite
from numbers import Integral, Rational, Real
from typing import Any, NoReturn

from certify.errors import InputError

LARGEST_POWER = 4096
LARGEST_CONSTANT = 1 << 16  # bits of powers that are folded


class Expression:
    """A node: the name of an operation, its arguments, and the number of "const", "pow" and "rpow"."""

    __slots__ = ("arguments", "name", "number")

    def __init__(self, name: str, arguments: tuple[Expression, ...] = (), number: Fraction | str | None = None) -> None:
        """Plain data; use the operators and functions."""
        self.name, self.arguments, self.number = name, arguments, number

    def __add__(self, other: object) -> Any:
        """The sum."""
        return _binary("add", self, other)

    def __radd__(self, other: object) -> Any:
        """The sum."""
        return _binary("add", other, self)

    def __sub__(self, other: object) -> Any:
        """The difference."""
        return _binary("sub", self, other)

    def __rsub__(self, other: object) -> Any:
        """The difference."""
        return _binary("sub", other, self)

    def __mul__(self, other: object) -> Any:
        """The product."""
        return _binary("mul", self, other)

    def __rmul__(self, other: object) -> Any:
        """The product."""
        return _binary("mul", other, self)

    def __truediv__(self, other: object) -> Any:
        """The quotient."""
        return _binary("div", self, other)

    def __rtruediv__(self, other: object) -> Any:
        """The quotient."""
        return _binary("div", other, self)

    def __neg__(self) -> Expression:
        """Minus."""
        return constant(-_value(self)) if self.name == "const" else Expression("neg", (self,))

    def __pos__(self) -> Expression:
        """The same."""
        return self

    def __pow__(self, exponent: object) -> Expression:
        """A power: integer, rational (positive base), or any expression (positive base)."""
        return power(self, as_expression(exponent))

    def __rpow__(self, base: object) -> Expression:
        """A power."""
        return power(as_expression(base), self)

    def __abs__(self) -> NoReturn:
        """Not smooth."""
        raise InputError("abs is not smooth and cannot be used in a system")

    def __float__(self) -> float:
        """There is no value: functions of the math module do not work."""
        raise TypeError("an expression has no float value: use numpy's functions or those of certify.systems")

    def _refuse(self, other: object) -> NoReturn:
        """Branches are not smooth."""
        raise InputError("comparisons cannot be used in a system")

    __lt__ = __le__ = __gt__ = __ge__ = _refuse

    def __bool__(self) -> NoReturn:
        """Branches are not smooth."""
        raise InputError("a system cannot branch on the value of an expression")

    def sqrt(self) -> Expression:
        """For numpy."""
        return sqrt(self)

    def exp(self) -> Expression:
        """For numpy."""
        return exp(self)

    def log(self) -> Expression:
        """For numpy."""
        return log(self)

    def sin(self) -> Expression:
        """For numpy."""
        return sin(self)

    def cos(self) -> Expression:
        """For numpy."""
        return cos(self)

    def tan(self) -> Expression:
        """For numpy."""
        return tan(self)

    def tanh(self) -> Expression:
        """For numpy."""
        return tanh(self)

    def arctan(self) -> Expression:
        """For numpy."""
        return atan(self)

    def arcsin(self) -> Expression:
        """For numpy."""
        return asin(self)

    def arccos(self) -> Expression:
        """For numpy."""
        return acos(self)

    def arctan2(self, x: object) -> Expression:
        """For numpy."""
        return atan2(self, x)


def variables(names: str | Iterable[str]) -> tuple[Expression, ...]:
    """Named unknowns, "x y z" or a list of names."""
    return tuple(Expression("var", (), name) for name in (names.split() if isinstance(names, str) else names))


def constant(value: Fraction | int) -> Expression:
    """An exact rational number."""
    return Expression("const", (), Fraction(value))


def as_expression(value: object) -> Expression:
    """An expression, or an exact number; raises InputError for anything else."""
    if isinstance(value, Expression):
        return value
    if isinstance(value, Integral):
        return constant(int(value))
    if isinstance(value, Rational):
        return constant(Fraction(int(value.numerator), int(value.denominator)))
    if isinstance(value, Real):
        if not isfinite(float(value)):
            raise InputError(f"{value} is not a finite number")
        return constant(Fraction(float(value)))
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        return as_expression(value.item())
    raise InputError(f"{type(value).__name__} cannot be used in a system")


def _value(x: Expression) -> Fraction:
    if not isinstance(x.number, Fraction):
        raise InputError("not a number")
    return x.number


def _binary(name: str, a: object, b: object) -> Any:  # noqa: PLR0911 - one a case
    """One operation; constants are folded exactly, and what does nothing is left out."""
    if hasattr(a, "shape") and getattr(a, "shape", None) != ():
        return NotImplemented
    if hasattr(b, "shape") and getattr(b, "shape", None) != ():
        return NotImplemented
    left, right = as_expression(a), as_expression(b)
    x = _value(left) if left.name == "const" else None
    y = _value(right) if right.name == "const" else None
    if name == "div" and y == 0:
        raise InputError("division by zero")
    if x is not None and y is not None:
        return constant({"add": x + y, "sub": x - y, "mul": x * y, "div": x / y if y else x}[name])
    if name in ("add", "sub") and y == 0:
        return left
    if name == "add" and x == 0:
        return right
    if name == "sub" and x == 0:
        return -right
    if name in ("mul", "div") and y == 1:
        return left
    if name == "mul" and x == 1:
        return right
    if name == "mul" and (x == -1 or y == -1):
        return -(right if x == -1 else left)
    if name == "mul" and left is right:
        return power(left, constant(2))
    return Expression(name, (left, right))


def power(base: Expression, exponent: Expression) -> Expression:
    """base^exponent: an operation of its own for rational exponents, exp(exponent log(base)) for others."""
    if exponent.name != "const":
        return exp(exponent * log(base))
    number = _value(exponent)
    if number == 1:
        return base
    if number == Fraction(1, 2):
        return sqrt(base)
    if number.denominator != 1:
        return Expression("rpow", (base,), number)
    if abs(number) > LARGEST_POWER:
        raise InputError(f"the exponent {number} is beyond {LARGEST_POWER}")
    if base.name == "const" and (_value(base) or number > 0):
        bits = max(abs(_value(base).numerator), _value(base).denominator).bit_length()
        if bits * abs(number) > LARGEST_CONSTANT:
            raise InputError("a number of the system has too many digits")
        return constant(_value(base) ** int(number))
    return Expression("pow", (base,), number)


def _unary(name: str, x: object) -> Expression:
    return Expression(name, (as_expression(x),))


def sqrt(x: object) -> Expression:
    """Square root."""
    return _unary("sqrt", x)


def exp(x: object) -> Expression:
    """Exponential."""
    return _unary("exp", x)


def log(x: object) -> Expression:
    """Natural logarithm."""
    return _unary("log", x)


def sin(x: object) -> Expression:
    """Sine."""
    return _unary("sin", x)


def cos(x: object) -> Expression:
    """Cosine."""
    return _unary("cos", x)


def tan(x: object) -> Expression:
    """Tangent."""
    return _unary("tan", x)


def atan(x: object) -> Expression:
    """Arctangent."""
    return _unary("atan", x)


def asin(x: object) -> Expression:
    """Arcsine."""
    return _unary("asin", x)


def acos(x: object) -> Expression:
    """Arccosine."""
    return _unary("acos", x)


def tanh(x: object) -> Expression:
    """Hyperbolic tangent."""
    return _unary("tanh", x)


def erf(x: object) -> Expression:
    """The error function."""
    return _unary("erf", x)


def sinh(x: object) -> Expression:
    """Hyperbolic sine, by exponentials."""
    e = exp(x)
    return (e - 1 / e) / 2  # type: ignore[no-any-return]


def cosh(x: object) -> Expression:
    """Hyperbolic cosine, by exponentials."""
    e = exp(x)
    return (e + 1 / e) / 2  # type: ignore[no-any-return]


def atan2(y: object, x: object) -> Expression:
    """The angle of (x, y), smooth off the half line y = 0, x <= 0."""
    return Expression("atan2", (as_expression(y), as_expression(x)))


pi = Expression("pi")
