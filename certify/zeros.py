"""Zeros, minima and complete lists of zeros of systems that users bring along (docs/systems.md).

>>> import certify
>>> outcome = certify.prove_zero(lambda x, y: [x**2 + y**2 - 1, y - x**3], [0.8, 0.6])
>>> outcome.name, outcome.bits
('proved', 53)
>>> certify.verify(outcome.certificate).verified
True

Nothing here is trusted but what `certify.checker` says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from typing import Any, TypeVar

from certify import outcome as outcomes
from certify.certificate import Certificate
from certify.checker.reader import read
from certify.checker.sentence import sentence
from certify.checker.theorem import verify_bytes
from certify.errors import InputError
from certify.outcome import Undecided
from certify.processes import CALLED, ROOT, Crew, together
from certify.proving.complete import Search, region_of
from certify.proving.extremum import prove_critical_point
from certify.proving.zero import prove_zero as prove_near
from certify.systems.build import as_system, point, takes_vector
from certify.systems.system import System

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class ProvedZero(outcomes.ProvedZero):
    """`certify.outcome.ProvedZero` with the theorem in words."""

    @cached_property
    def theorem(self) -> str:
        """The sentence that the checker prints if it accepts the certificate; reading it is not checking it."""
        return sentence(read(self.certificate.content))


def system(
    value: object,
    count: int | None = None,
    *,
    names: str | Sequence[str] | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> System:
    """A system from a Python function, text, sympy expressions or JSON.

    value: f(x, y, ...) of symbols; f(v) of a vector of `count` symbols (numpy's functions work); text with formulas
    separated by `;` or new lines; sympy expressions or equations; the JSON of docs/systems.md.  parameters: name to
    number or (low, high): theorems then hold for every value in the interval; functions get them by keyword.

    >>> system("x^2 + y^2 = 1; x = y").variables
    ('x', 'y')
    """
    return as_system(value, count, names, parameters)


def prepared(value: object, start: object, names: Any, parameters: Any) -> tuple[System, list[float]]:
    """System and start as plain data; raises InputError."""
    if isinstance(value, System):
        return value, point(start, value)
    coordinates = getattr(start, "x", start)
    length = len(coordinates) if hasattr(coordinates, "__len__") else 1
    made = as_system(value, length if takes_vector(value, length, names, parameters) else None, names, parameters)
    return made, point(start, made)


def prove_zero(
    value: object,
    start: object,
    *,
    names: str | Sequence[str] | None = None,
    parameters: Mapping[str, Any] | None = None,
    bits: int = 53,
    max_bits: int = 1024,
) -> ProvedZero | Undecided:
    """Try to prove that exactly one zero of a square system lies near `start`, and that it is simple.

    value: see `certify.system`; a function of one argument is called on the vector of unknowns where the start has
    several coordinates.  start: numbers by position or by name, or a result of scipy.optimize.root; Newton's method
    improves it.  bits, max_bits: first and last precision tried (53, 128, 256, 512, 1024).

    Returns ProvedZero (with `.certificate` and `.theorem`) or Undecided (with `.reason`): multiple zeros are
    "singular", operations that are not smooth on the box are named.  Raises InputError for
    what is no square system or no point.

    >>> prove_zero("x^2 - 2", [1.4]).reason
    'zero, unique within 0.5, known within 3.79e-16, precision 53 bits'
    >>> prove_zero("(x - 1)^2", [1.1]).reason
    'singular: the Jacobian at the last point has numerical rank 0 of 1 (...'
    >>> prove_zero("log(x) - y; y + 1", [-1, -1]).reason
    'domain: operation 0 (log) is not smooth on its argument -1.00000000000000 at the start'
    >>> print(prove_zero("x^2 - p", [1.4], parameters={"p": (1.9, 2.1)}).theorem)
    the system of 1 equation in x (x^2 - p = 0): for every p in [1.9, 2.1] (exact ends in the claim), ...
    """
    made, coordinates = prepared(value, start, names, parameters)
    if not made.square:
        raise InputError(f"{len(made.outputs)} equations in {len(made.variables)} unknowns are no square system")
    return _told(prove_near(made, coordinates, bits=bits, max_bits=max_bits))


@dataclass(frozen=True)
class Batch:
    """Proofs from many starts.

    outcomes: one for each start.  zeros: for each start the number of its zero, from 0, or None where nothing is
    proved; equal numbers: the same zero, different numbers: different zeros, both proved.  unclear: pairs of starts
    whose zeros are proved but not told apart nor known to be the same (they have a number each).
    """

    outcomes: tuple[ProvedZero | Undecided, ...]
    zeros: tuple[int | None, ...]
    unclear: tuple[tuple[int, int], ...]

    @property
    def distinct(self) -> int:
        """How many zeros there are among them for certain."""
        numbers = {n for n in self.zeros if n is not None}
        return len(numbers) - len({max(self.zeros[i] or 0, self.zeros[j] or 0) for i, j in self.unclear})


def prove_zeros(
    value: object, starts: Iterable[object], *, workers: int = 1, bits: int = 53, max_bits: int = 1024, **options: Any
) -> Batch:
    """`prove_zero` from many starts: which are certified, and which of them are one zero.

    Two zeros are the same if the error box of the one is inside the uniqueness box of the other, and different if
    their error boxes are disjoint.  workers: processes.  options: names and parameters, as for `prove_zero`.

    >>> batch = prove_zeros("x^2 - 2", [[1.4], [-1.5], [1.6], [0.0]])
    >>> batch.zeros, batch.distinct
    ((0, 1, 0, None), 2)
    """
    starts = list(starts)
    if not starts:
        raise InputError("there is no start")
    made, _ = prepared(value, starts[0], options.pop("names", None), options.pop("parameters", None))
    if options:
        raise InputError(f"unknown options: {', '.join(options)}")
    task = partial(prove_zero, made, bits=bits, max_bits=max_bits)
    with Crew(workers, CALLED, ROOT) as crew:
        return _numbered(tuple(map(task, starts) if workers < 2 else _together(crew, task, starts)))


def _numbered(found: tuple[ProvedZero | Undecided, ...]) -> Batch:
    """Which are the same zero."""
    first: list[int] = []
    numbers: list[int | None] = []
    unclear = []
    for place, outcome in enumerate(found):
        if not isinstance(outcome, ProvedZero):
            numbers.append(None)
            continue
        relations = [relation(outcome, other) for i in first if isinstance(other := found[i], ProvedZero)]
        if "same" in relations:
            numbers.append(relations.index("same"))
            continue
        unclear += [(first[n], place) for n, relation in enumerate(relations) if relation == "unclear"]
        numbers.append(len(first))
        first.append(place)
    return Batch(found, tuple(numbers), tuple(unclear))


def relation(a: outcomes.ProvedZero, b: outcomes.ProvedZero) -> str:
    """Exact comparison of the boxes of the two claims: "same", "different" or "unclear" zeros."""
    boxes = [
        [[Fraction(int(m, 16)) * Fraction(2) ** int(e) for m, e in (text.split("p") for text in claim[name])]
         for name in ("centre", "uniqueness_radii", "error_radii")]
        for claim in (a.certificate.claim, b.certificate.claim)
    ]  # fmt: skip
    (x, large, small), (y, wide, tight) = boxes
    apart = [abs(u - v) for u, v in zip(x, y, strict=True)]
    if any(d > r + s for d, r, s in zip(apart, small, tight, strict=True)):
        return "different"
    inside = [
        all(d + r <= u for d, r, u in zip(apart, radii, room, strict=True))
        for radii, room in ((small, wide), (tight, large))
    ]
    return "same" if any(inside) else "unclear"


def prove_minimum(
    value: object,
    start: object,
    *,
    names: str | Sequence[str] | None = None,
    parameters: Mapping[str, Any] | None = None,
    bits: int = 53,
    max_bits: int = 1024,
) -> ProvedZero | Undecided:
    """Try to prove that exactly one critical point of a function lies near `start`, of which index, and its value.

    As `prove_zero` for the gradient; saddles and maxima are proved too: `.kind` and `.index` say what it is.

    >>> outcome = prove_minimum(lambda x, y: 100 * (y - x**2)**2 + (1 - x)**2, [1.0, 1.0])
    >>> outcome.kind, outcome.index
    ('strict-local-minimum', 0)
    """
    made, coordinates = prepared(value, start, names, parameters)
    if len(made.outputs) != 1:
        raise InputError(f"a minimum needs one function, not {len(made.outputs)}")
    return _told(prove_critical_point(made, coordinates, bits=bits, max_bits=max_bits))


@dataclass(frozen=True)
class AllZeros:
    """A verified list of zeros in a region.

    zeros: in the region, each once; border: in small boxes at the border, on which side is open; leftovers: boxes in
    which further zeros may lie, as (low, high) by variable; boxes: how many were looked at.  complete: nothing is open.
    """

    certificate: Certificate
    zeros: tuple[outcomes.ProvedZero, ...]
    border: tuple[outcomes.ProvedZero, ...]
    leftovers: tuple[tuple[tuple[float, float], ...], ...]
    boxes: int
    theorem: str
    name: str = "proved"

    @property
    def complete(self) -> bool:
        """Whether the list is the complete list."""
        return not self.leftovers and "at least" not in self.theorem

    @property
    def reason(self) -> str:
        """One line for tables."""
        told = f"{len(self.zeros)} zeros, {len(self.leftovers)} leftover boxes, {self.boxes} boxes looked at"
        return f"{told}, {'complete' if self.complete else 'not complete'}"


def all_zeros(
    value: object,
    region: Sequence[Any],
    *,
    names: str | Sequence[str] | None = None,
    parameters: Mapping[str, Any] | None = None,
    max_boxes: int = 200_000,
    least: float = 2.0**-24,
    workers: int = 1,
    resume: Certificate | None = None,
    report: Callable[[Any], None] | None = None,
) -> AllZeros | Undecided:
    """All zeros of a square system in a box, with a certificate that the checker has confirmed.

    region: (low, high) for each variable.  max_boxes: how many boxes are looked at before the rest is left over.
    least: boxes are not cut below this share of the region.  resume: a certificate about the same system and region
    whose leftovers are to be worked on.  report: called with counts from time to time.  workers: processes, which start
    once many boxes wait; the certificate does not depend on their number.

    >>> found = all_zeros("x^2 + y^2 - 1; y - x^3", [(-2, 2), (-2, 2)])
    >>> len(found.zeros), found.complete
    (2, True)
    """
    count = len(region) if hasattr(region, "__len__") else 0
    made = as_system(value, count if takes_vector(value, count, names, parameters) else None, names, parameters)
    if not made.square:
        raise InputError(f"{len(made.outputs)} equations in {len(made.variables)} unknowns are no square system")
    search = Search(made, region_of(region, made), least)
    if resume is not None:
        if {"system": resume.claim.get("system"), "region": resume.claim.get("region")} != search.subject:
            raise InputError("the certificate to go on from is about another system or region")
        search.resume(resume.witness["tree"], resume.witness["grid"])
    with Crew(workers, CALLED, ROOT) as crew:
        search.run(max_boxes, report, map if workers < 2 else partial(_together, crew))
    listing = search.listing()
    try:
        verdict = verify_bytes(listing.certificate.content)
    except Exception as error:  # the checker's word is final
        return Undecided(f"the checker does not confirm the list: {error}", "a smaller region")
    leftovers = tuple(tuple(box) for box in listing.leftovers)
    return AllZeros(
        listing.certificate, tuple(listing.zeros), tuple(listing.border), leftovers, listing.boxes, verdict.sentence
    )


def _together(crew: Crew, function: Callable[[Item], Answer], arguments: Sequence[Item]) -> Iterator[Answer]:
    return together(crew, partial(crew.called, function), arguments)


def from_scipy(result: object, value: object, **options: Any) -> ProvedZero | Undecided:
    """Prove what scipy found: a zero for the result of `root`, a minimum for that of `minimize`.

    result: has `.x`; for `minimize` also a number `.fun`.  value: the same function, written so that it can be called
    on symbols (numpy's functions can).
    """
    if not hasattr(result, "x"):
        raise InputError("a result of scipy.optimize has an attribute x")
    many = getattr(getattr(result, "fun", None), "shape", ()) not in ((), (1,))
    one = hasattr(result, "jac") and not hasattr(result, "qtf") and not many and hasattr(result, "nit")
    return (prove_minimum if one else prove_zero)(value, result, **options)


def _told(outcome: outcomes.ProvedZero | Undecided) -> ProvedZero | Undecided:
    if not isinstance(outcome, outcomes.ProvedZero):
        return outcome
    told = object.__new__(ProvedZero)
    vars(told).update(vars(outcome))
    return told


__all__ = [
    "AllZeros",
    "Batch",
    "ProvedZero",
    "all_zeros",
    "from_scipy",
    "prove_minimum",
    "prove_zero",
    "prove_zeros",
    "system",
]
