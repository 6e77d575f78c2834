"""Other arithmetics for the checker's expensive steps, first of all the inertia of the Hessian.

stdlib: integers of the standard library, certify.checker alone.  flint: the same factorisation, the same integers, in
products of blocks by python-flint.  blas: float64 with error bounds and exact integer products (L5, L1).  What each
of them trusts is in docs/large.md, section Engines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from typing import Literal

from certify.checker.engine import INTEGERS, Engine
from certify.checker.intervals import Arithmetic, Interval
from certify.checker.landscape import Dense
from certify.checker.reader import Certificate, Spectrum
from certify.errors import InputError

EngineName = Literal["auto", "stdlib", "flint", "blas"]
NAMES: tuple[EngineName, ...] = ("auto", "stdlib", "flint", "blas")
FEW = 200  # unknowns that the standard library checks in a moment


class Automatic:
    """The standard library for few unknowns, otherwise BLAS where it is installed; `name` says which one it was."""

    def __init__(self) -> None:
        """Undecided until a certificate with a Hessian comes."""
        self._chosen: Engine = INTEGERS

    @property
    def name(self) -> str:
        """Of the engine chosen last."""
        return self._chosen.name

    def limit(self, c: Certificate) -> None:
        """Choose."""
        many = c.students * c.dimension > FEW and find_spec("scipy") is not None
        self._chosen = engine("blas") if many else INTEGERS
        self._chosen.limit(c)

    def quick(self, c: Certificate, f: Arithmetic) -> Dense | None:
        """The chosen one's answer."""
        return self._chosen.quick(c, f)

    def inertia(self, at: Dense, witness: Spectrum, gap: Interval) -> int | None:
        """The chosen one's answer."""
        return self._chosen.inertia(at, witness, gap)

    def ambient(self, at: Dense, witness: Spectrum, gap: Interval) -> bool:
        """The chosen one's answer."""
        return self._chosen.ambient(at, witness, gap)

    def negatives(self, at: Dense, limits: Mapping[int, int]) -> Mapping[int, int]:
        """The chosen one's answer."""
        return self._chosen.negatives(at, limits)

    def finish(self) -> None:
        """The chosen one's answer."""
        self._chosen.finish()


@cache
def _blas() -> Callable[[], Engine]:
    from certify.engines.blas import Blas  # noqa: PLC0415 - numpy loads when it is asked for

    return Blas


def engine(name: str) -> Engine:
    """The engine of that name, one of NAMES; raises InputError if there is none, or it is not installed."""
    if name in ("auto", "stdlib"):
        return Automatic() if name == "auto" else INTEGERS
    try:
        if name == "blas":
            return _blas()()
        if name == "flint":
            from certify.engines.flint import FLINT  # noqa: PLC0415

            return FLINT
    except ImportError as error:
        raise InputError(f"the engine {name} is not installed here: {error}") from None
    raise InputError(f"there is no engine {name!r}, only {', '.join(NAMES)}")
