"""certify: critical points of two-layer ReLU networks as theorems with checkable certificates.

    prove(W)            what can be proved about a float point: Proved, Refuted or Undecided
    verify(certificate) what the trusted checker says of a certificate
    search(students)    random search for candidates
    prove_zero(system, start), prove_minimum(function, start)     the same for systems and functions of your own

Names load on first use: importing `certify` or `certify.checker` loads the standard library only.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from certify.api import Proved, prove, verify
    from certify.certificate import Certificate
    from certify.errors import InputError
    from certify.outcome import Refuted, Undecided
    from certify.problem import Problem
    from certify.search import search
    from certify.sweeps import prove_sweep
    from certify.zeros import (
        AllZeros,
        ProvedZero,
        all_zeros,
        from_scipy,
        prove_minimum,
        prove_zero,
        prove_zeros,
        system,
    )

__all__ = [
    "AllZeros",
    "Certificate",
    "InputError",
    "Problem",
    "Proved",
    "ProvedZero",
    "Refuted",
    "Undecided",
    "__version__",
    "all_zeros",
    "from_scipy",
    "prove",
    "prove_minimum",
    "prove_sweep",
    "prove_zero",
    "prove_zeros",
    "search",
    "system",
    "verify",
]

__version__ = "0.1.0"

_HOMES = {
    "AllZeros": "certify.zeros",
    "Certificate": "certify.certificate",
    "InputError": "certify.errors",
    "Problem": "certify.problem",
    "Proved": "certify.api",
    "ProvedZero": "certify.zeros",
    "Refuted": "certify.outcome",
    "Undecided": "certify.outcome",
    "all_zeros": "certify.zeros",
    "from_scipy": "certify.zeros",
    "prove": "certify.api",
    "prove_minimum": "certify.zeros",
    "prove_sweep": "certify.sweeps",
    "prove_zero": "certify.zeros",
    "prove_zeros": "certify.zeros",
    "system": "certify.zeros",
    "verify": "certify.api",
}


def __getattr__(name: str) -> Any:
    if name == "search":
        return import_module("certify.search")  # callable, see _Package
    if name not in _HOMES:
        raise AttributeError(f"module 'certify' has no attribute {name!r}")
    globals()[name] = value = getattr(import_module(_HOMES[name]), name)  # found without this function from now on
    return value


def __dir__() -> list[str]:
    return __all__


class _CallableModule(ModuleType):
    """A package that, when called, is its function of the same name."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return getattr(self, self.__name__.rpartition(".")[2])(*arguments, **options)


class _Package(ModuleType):
    """Importing `certify.search` sets the attribute `search` to that package; it must stay the function as well."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "search" and type(value) is ModuleType:
            value.__class__ = _CallableModule
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
