"""What the certificate format cannot hold is refused before anything is proved (docs/systems.md, Z1 and Format)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from certify.errors import InputError
from certify.systems.expression import LARGEST_POWER

if TYPE_CHECKING:
    from certify.systems.system import Operation, System

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,31}", re.ASCII)
LARGEST_BITS = 1 << 12  # of numerators and denominators; 1200 characters and the sign have fewer
LONGEST_NUMBER = 1200  # characters
MOST = {"unknowns": 4096, "equations": 4096, "parameters": 256, "operations": 1 << 18}
ARGUMENTS = {
    "const": 0, "pi": 0, "sub": 2, "mul": 2, "div": 2, "atan2": 2,
    **dict.fromkeys(("neg", "sqrt", "exp", "log", "sin", "cos", "tan", "atan", "asin", "acos", "tanh", "erf"), 1),
    "pow": 1, "rpow": 1,
}  # fmt: skip


def check_names(names: Sequence[str]) -> None:
    """Different identifiers of at most 32 characters; raises InputError."""
    for name in names:
        if type(name) is not str or not NAME.fullmatch(name) or name == "pi":
            raise InputError(f"{name!r} cannot be the name of an unknown or parameter")
    if len(set(names)) != len(names):
        raise InputError("variables and parameters must have different names")


def check_operations(operations: Iterable[Operation]) -> None:
    """Numbers; raises InputError."""
    for operation in operations:
        if operation.number is not None:
            check_number(operation.number)


def check_number(number: Fraction) -> None:
    """Not too many digits; raises InputError."""
    bits = max(abs(number.numerator), number.denominator).bit_length()
    if bits > LARGEST_BITS or len(str(number)) > LONGEST_NUMBER:
        raise InputError("a number of the system has too many digits")


def checked(system: System) -> System:
    """A system from elsewhere, if it is one; raises InputError."""
    check_names([*system.variables, *(p.name for p in system.parameters)])
    check_operations(system.operations)
    total = system.inputs + len(system.operations)
    for place, operation in enumerate(system.operations):
        _check_shape(operation, system.inputs + place)
    if not all(type(output) is int and 0 <= output < total for output in system.outputs):
        raise InputError("an output is no node of the system")
    for p in system.parameters:
        e = min(p.low[1], p.high[1])
        if p.low[0] << p.low[1] - e > p.high[0] << p.high[1] - e:
            raise InputError(f"the interval of {p.name} is empty")
    sizes = len(system.variables), len(system.outputs), len(system.parameters), len(system.operations)
    for (what, most), size in zip(MOST.items(), sizes, strict=True):
        if size > most:
            raise InputError(f"the system has more than {most} {what}")
    return system


def _check_shape(operation: Operation, before: int) -> None:
    name, arguments, number = operation
    right = len(arguments) > 1 if name == "add" else ARGUMENTS.get(name) == len(arguments)
    if not right:
        raise InputError(f"{name!r} with {len(arguments)} arguments is not among the operations of a system")
    if not all(type(a) is int and 0 <= a < before for a in arguments):
        raise InputError(f"an argument of {name!r} is no earlier node")
    if number is not None and name != "const":
        whole = number.denominator == 1
        if whole != (name == "pow") or (whole and abs(number) > LARGEST_POWER):
            raise InputError(f"the exponent {number} is not one of {name!r}")
