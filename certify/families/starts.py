"""Where to look for the critical points of a signature: leading terms for large classes, and seeded random patterns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import pi
from typing import NamedTuple

import numpy as np

from certify.errors import InputError
from certify.families.orbits import Pattern
from certify.families.signature import Signature

MOST_CLASSES = 12  # coordinate and student classes together
LARGEST = 10**18
MOST_SYSTEMATIC = 64
DASH = "-"


class Layout(NamedTuple):
    """A signature, and for each student class the coordinate class that it starts near (None: an extra student)."""

    signature: Signature
    near: tuple[int | None, ...]


def layout(
    paired: Sequence[int], *, teachers: Sequence[int] = (), extra: int = 0, owners: Sequence[str] | None = None
) -> Layout:
    """Classes of a student a teacher, then classes of teachers alone, then `extra` single students.

    owners: instead of all that, for each student class the position of the coordinate class it follows, or "-" for a
    single student; `paired` then gives the sizes of the coordinate classes.
    Raises InputError for what is no signature, or has more classes than can be worked with.
    """
    sizes = (*paired, *teachers)
    if not sizes or not all(1 <= n <= LARGEST for n in sizes):
        raise InputError(f"class sizes must be integers from 1 to {LARGEST}")
    if extra < 0:
        raise InputError("the number of extra students must not be negative")
    count = len(sizes) + (len(paired) + extra if owners is None else len(owners))
    if count > MOST_CLASSES:
        raise InputError(f"{count} classes of students and coordinates are more than {MOST_CLASSES}")
    near: tuple[int | None, ...] = (*range(len(paired)), *(None,) * extra)
    if owners is not None:
        near = tuple(_owner(entry, len(sizes)) for entry in owners)
    followed = tuple(None if c is None or sizes[c] == 1 else c for c in near)
    return Layout(Signature(sizes, followed), near)


def _owner(entry: str, classes: int) -> int | None:
    if entry == DASH:
        return None
    if not (entry.isascii() and entry.isdigit() and int(entry) < classes):
        raise InputError(f"an owner is a coordinate class from 0 to {classes - 1}, or {DASH} for a single student")
    return int(entry)


def asymptotic_starts(shape: Layout, anti: Sequence[int] | None = None) -> Iterator[list[Pattern]]:
    """One for each choice of student classes near minus their teachers; `anti`: that choice alone.

    With n aligned and p anti-aligned students and h = 1 / n, the leading terms for large n (docs/families.md): an
    aligned row is 1 + (8 p / pi) h^2 on its own coordinate, -(4 p / pi) h^2 on aligned and 2 h on anti-aligned ones;
    an anti-aligned row is -1 + (2 + 8 / pi + 8 / pi^2) h, (4 / pi) h and
    (16 / pi^2 + 4 + pi - 12 / pi) / (1 + pi / 2) h.  If no more than half of the students are aligned: -I + (2 / M) J.
    Extra students start near the sum of the teachers of one class.
    """
    paired = [a for a, c in enumerate(shape.near) if c is not None]
    extra = len(paired) < len(shape.near)
    choices = product((1, -1), repeat=len(paired)) if anti is None else [[-1 if a in anti else 1 for a in paired]]
    count = 0
    for signs in choices:
        chosen = dict(zip(paired, signs, strict=True))
        for target in range(len(shape.signature.sizes)) if extra else (0,):
            if count == MOST_SYSTEMATIC:
                return
            count += 1
            yield _leading_terms(shape, chosen, target)


def _leading_terms(shape: Layout, signs: dict[int, int], target: int) -> list[Pattern]:
    sizes, near = shape.signature.sizes, shape.near
    anti_classes = {near[a] for a, sign in signs.items() if sign < 0}
    p = sum(sizes[c] for c in anti_classes if c is not None)
    n = sum(sizes) - p
    if 2 * n >= sum(sizes):
        h = 1.0 / n
        own = {1: 1 + 8 * p / pi * h * h, -1: -1 + (2 + 8 / pi + 8 / pi**2) * h}
        aligned = {1: -4 * p / pi * h * h, -1: 4 / pi * h}
        against = {1: 2 * h, -1: (16 / pi**2 + 4 + pi - 12 / pi) / (1 + pi / 2) * h}
        if n < 12:  # far from the limit
            own[-1] = max(own[-1], -1.0 + 4.0 * h) if n > 5 else -0.6
    else:
        h = 2.0 / sum(sizes)
        own, aligned, against = {1: 1.0, -1: -1.0 + h}, {1: 0.0, -1: h}, {1: h, -1: h}
    result = []
    for a, c in enumerate(near):
        if c is None:
            result.append(Pattern(tuple(0.9 if e == target else 0.0 for e in range(len(sizes))), 0.0))
            continue
        base = [against[signs[a]] if e in anti_classes else aligned[signs[a]] for e in range(len(sizes))]
        result.append(_following(shape.signature, a, c, base, own[signs[a]]))
    return result


def _following(signature: Signature, a: int, c: int, base: list[float], own: float) -> Pattern:
    """A row with the given entries, own included."""
    if signature.owners[a] is None:
        base[c] = own
        return Pattern(tuple(base), 0.0)
    return Pattern(tuple(base), own - base[c])


def toward(shape: Layout, patterns: Sequence[Pattern], teacher: tuple[float, float]) -> list[Pattern]:
    """The rows W as combinations of the teachers alpha e_m + beta 1 instead of e_m: W (alpha I + beta J)."""
    alpha, beta = teacher
    result = []
    for p in patterns:
        total = sum(n * x for n, x in zip(shape.signature.sizes, p.base, strict=True)) + p.delta
        result.append(Pattern(tuple(alpha * x + beta * total for x in p.base), alpha * p.delta))
    return result


def random_starts(shape: Layout, count: int, seed: int, anti: Sequence[int] | None = None) -> Iterator[list[Pattern]]:
    """Rows of about unit length near plus or minus a teacher; extra ones and half of the single ones anywhere; seeded.

    anti: the student classes near minus their teachers; None: at random.
    """
    generator = np.random.default_rng(seed)
    sizes = shape.signature.sizes
    spread = 1.5 / max(4, sum(sizes))
    for _ in range(count):
        patterns = []
        for a, c in enumerate(shape.near):
            lone = shape.signature.owners[a] is None and (anti is None or a not in anti)
            if c is None or (lone and generator.random() < 0.5):
                base = [float(generator.normal() * min(1.0, 1.5 / n**0.5)) for n in sizes]
                patterns.append(Pattern(tuple(base), 0.0))
                continue
            base = [float(generator.normal(0.5, 1.0) * spread) for _ in sizes]
            sign = (-1 if a in anti else 1) if anti is not None else int(generator.choice((-1, 1)))
            patterns.append(_following(shape.signature, a, c, base, sign * float(generator.uniform(0.3, 1.2))))
        yield patterns
