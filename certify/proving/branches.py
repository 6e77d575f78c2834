"""The critical points of a signature: float search in the fixed space, a proof for each, and which are different."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, permutations, product
from typing import Any

import numpy as np
from scipy.optimize import minimize

from certify.families.detect import dense, detect
from certify.families.numbers import FLOATS
from certify.families.orbits import Geometry, Pattern
from certify.families.signature import Signature
from certify.outcome import Proved
from certify.proving.family import Teacher, approximate_newton, moved, prove_member, restricted, scales
from certify.proving.spectrum import Array

LARGEST_DESCENT = 10**5  # teachers: beyond, the loss as a float is only rounding
DESCENT_STEPS = 120
ALIKE = 1e-9  # float points closer than this, relative to their entries, are proved once
RELABELLINGS = 720
ROUNDING = 2.0**-50
STATIONARY = 1e-6
NEIGHBOUR = 0.25  # rows of one branch move less than this from one size to the next
NO_ZERO = "no zero: Newton's iteration did not converge"
NEARLY = "a nearly degenerate point: the bound of the gradient is too large for the gap of the spectrum"


@dataclass
class Found:
    """What the starts of one signature led to: proved points by loss, and why others were given up, with counts."""

    points: list[Proved] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=dict)

    def add_failure(self, reason: str) -> None:
        """Count one more."""
        self.failures[reason] = self.failures.get(reason, 0) + 1


def find(signature: Signature, starts: Iterable[Sequence[Pattern]], teacher: Teacher = (1.0, 0.0)) -> Found:
    """Newton from every start, directly and after a descent; prove what comes out, each point once."""
    found = Found()
    seen: list[Array] = []
    for start in starts:
        for patterns in _endpoints(signature, start, teacher):
            if patterns is None:
                found.add_failure(NO_ZERO)
                continue
            numbers = _numbers(patterns)
            if not any(np.abs(numbers - other).max() <= ALIKE * np.abs(other).max() for other in seen):
                seen.append(numbers)
                _prove(signature, patterns, teacher, found)
    found.points.sort(key=lambda point: point.loss)
    return found


def _prove(signature: Signature, patterns: Sequence[Pattern], teacher: Teacher, found: Found) -> None:
    try:
        outcome = prove_member(signature, patterns, teacher)
    except ArithmeticError:
        found.add_failure("undecided: a row of length zero, or numbers beyond the range of float64")
        return
    if not isinstance(outcome, Proved):
        if outcome.reason.startswith("Newton"):
            found.add_failure(NO_ZERO)
        else:
            found.add_failure(f"undecided: {outcome.reason if 'too large' not in outcome.reason else NEARLY}")
    elif all(certainly_different(outcome, other) for other in found.points):
        found.points.append(outcome)


def _endpoints(signature: Signature, start: Sequence[Pattern], teacher: Teacher) -> Iterator[list[Pattern] | None]:
    """What Newton's iteration makes of the start and of its descent; None where it does not converge."""
    rough = [start]
    if signature.teachers <= LARGEST_DESCENT:
        rough.append(_descended(signature, start, teacher))
    for patterns in rough:
        try:
            end = approximate_newton(signature, patterns, teacher)
            yield _canonical(signature, end) if _is_stationary(signature, end, teacher) else None
        except ArithmeticError:
            yield None


def _is_stationary(signature: Signature, patterns: Sequence[Pattern], teacher: Teacher) -> bool:
    geometry = Geometry(signature.sizes, signature.owners, patterns, (float(teacher[0]), float(teacher[1])), FLOATS)
    size = float(np.linalg.norm(np.array(restricted(signature, geometry.gradient())) * scales(signature)))
    return bool(size < STATIONARY * max(geometry.norms) * signature.teachers**0.5)


def _canonical(signature: Signature, patterns: Sequence[Pattern]) -> list[Pattern]:
    """In a class of two either entry may be called a follower's own: let it be the larger one in size."""
    result = []
    for owner, p in zip(signature.owners, patterns, strict=True):
        if owner is not None and signature.sizes[owner] == 2 and abs(p.base[owner]) > abs(p.base[owner] + p.delta):
            base = tuple(x + p.delta if c == owner else x for c, x in enumerate(p.base))
            result.append(Pattern(base, -p.delta))
        else:
            result.append(p)
    return result


def _descended(signature: Signature, start: Sequence[Pattern], teacher: Teacher) -> Sequence[Pattern]:
    """Some steps of L-BFGS in the fixed space."""
    scale = scales(signature)
    floats = float(teacher[0]), float(teacher[1])

    def value(x: Array) -> tuple[float, Array]:
        try:
            patterns = moved(signature, start, (-x * scale).tolist())
            geometry = Geometry(signature.sizes, signature.owners, patterns, floats, FLOATS)
            return float(geometry.loss()), np.array(restricted(signature, geometry.gradient())) * scale
        except ArithmeticError:
            return float("inf"), np.zeros_like(x)

    options: Any = {"maxiter": DESCENT_STEPS, "gtol": 1e-7, "ftol": 0.0}
    end = minimize(value, np.zeros(len(scale)), jac=True, method="L-BFGS-B", options=options)
    return moved(signature, start, (-np.asarray(end.x) * scale).tolist())


def _numbers(patterns: Sequence[Pattern]) -> Array:
    return np.array([float(x) for p in patterns for x in (*p.base, p.delta)])


def certainly_different(x: Proved, y: Proved) -> bool:
    """The two critical points of one signature are no relabelling of each other: their boxes are disjoint.

    Equal sizes allow coordinate classes to change places, equal owners student classes.  Where the boxes are neither
    disjoint nor one inside the region of uniqueness of the other, the answer is False.
    """
    if x.signature is None or x.patterns is None or y.patterns is None:
        return False
    return all(
        _farthest_row(x.signature, x.patterns, other) * (1.0 - ROUNDING) > x.error_radius + y.error_radius + ROUNDING
        for other in relabelled(x.signature, y.patterns)
    )


def relabelled(signature: Signature, patterns: Sequence[Pattern]) -> Iterator[list[Pattern]]:
    """The same point with classes renamed such that the signature stays; at most 720 of these."""
    for coordinates, students in islice(_renamings(signature), RELABELLINGS):
        yield [Pattern(tuple(patterns[a].base[c] for c in coordinates), patterns[a].delta) for a in students]


def _renamings(signature: Signature) -> Iterator[tuple[list[int], list[int]]]:
    """Old coordinate and student classes in new order."""
    owners = signature.owners
    for coordinates in _within(signature.sizes, signature.sizes):
        wanted = [None if owner is None else coordinates[owner] for owner in owners]
        for students in _within(wanted, owners):
            yield coordinates, students


def _within(wanted: Sequence[int | None], have: Sequence[int | None]) -> Iterator[list[int]]:
    """All orders in which `have` reads `wanted`."""
    values = list(dict.fromkeys(wanted))
    positions = [[k for k, value in enumerate(have) if value == v] for v in values]
    if sorted(map(str, wanted)) != sorted(map(str, have)):
        return
    for chosen in product(*(permutations(group) for group in positions)):
        left = {value: iter(group) for value, group in zip(values, chosen, strict=True)}
        yield [next(left[value]) for value in wanted]


def _farthest_row(signature: Signature, x: Sequence[Pattern], y: Sequence[Pattern]) -> float:
    """The largest distance of two rows."""
    largest = 0.0
    for owner, p, q in zip(signature.owners, x, y, strict=True):
        square = 0.0
        for c, (n, a, b) in enumerate(zip(signature.sizes, p.base, q.base, strict=True)):
            square += (n - (c == owner)) * (a - b) ** 2
            square += (a + p.delta - b - q.delta) ** 2 if c == owner else 0.0
        largest = max(largest, square)
    return float(largest**0.5)


def nearest(signature: Signature, patterns: Sequence[Pattern], points: Sequence[Proved]) -> int | None:
    """The position of the point that Newton's iteration from a neighbouring size's patterns most likely led to."""
    distances = [
        min(_farthest_row(signature, patterns, other) for other in relabelled(signature, point.patterns))
        for point in points
        if point.patterns is not None
    ]
    if not distances or min(distances) > NEIGHBOUR:
        return None
    return distances.index(min(distances))


def symmetry(point: Proved) -> tuple[int, ...]:
    """Sizes of the coordinate classes of the whole isotropy group, in float64, largest first: classes may merge."""
    if point.signature is None or point.patterns is None:
        return ()
    sizes = point.signature.sizes
    small = Signature(tuple(min(n, 4) for n in sizes), point.signature.owners)  # which classes merge is the same
    tolerance = max(min(1e-9, 1e-3 / point.signature.teachers), 1e-15)
    found = detect(dense(small, point.patterns), tolerance)
    if found is None:
        return tuple(sorted(sizes, reverse=True))
    classes = [c for c, n in enumerate(small.sizes) for _ in range(n)]
    coordinates = iter(found.coordinates)
    merged = [{classes[next(coordinates)] for _ in range(n)} for n in found.signature.sizes]
    return tuple(sorted((sum(sizes[c] for c in group) for group in merged), reverse=True))
