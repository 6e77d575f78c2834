"""Systems of equations and functions as data: from Python functions, text or sympy; evaluated with derivatives."""

from certify.systems.build import as_system, from_function, from_json, from_sympy, from_text
from certify.systems.expression import (
    Expression,
    acos,
    asin,
    atan,
    atan2,
    cos,
    erf,
    exp,
    log,
    pi,
    sin,
    sqrt,
    tan,
    tanh,
    variables,
)  # fmt: skip
from certify.systems.system import Parameter, System

__all__ = [
    "Expression", "Parameter", "System", "acos", "as_system", "asin", "atan", "atan2", "cos", "erf", "exp",
    "from_function", "from_json", "from_sympy", "from_text", "log", "pi", "sin", "sqrt", "tan", "tanh", "variables",
]  # fmt: skip
