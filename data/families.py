"""Make the family catalogue: search in fixed spaces, prove, verify, write data/families/ and proofs/families/.

    python data/families.py [GROUP ...]         all groups, or those whose name starts with one of the given words
    python data/families.py --again [GROUP ...] prove again what data/families/ holds, without searching

A member is a symmetric critical point: a signature and one pattern a student class.  Starts come from asymptotic
series, from random points of the fixed space and from continuation to neighbouring sizes.  What a search found is
kept in data/families/GROUP.json; certificates go to proofs/families/FAMILY/kKKKK.cert.json.  Both are written
atomically and only if they are not there yet, so that a run that was stopped goes on.  Searches are deterministic;
they take about fifteen minutes, proofs and checks two.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import pi
from operator import mul
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from scipy.linalg import eigh

from certify.certificate import SUFFIX, Certificate, write_atomically
from certify.checker import Rejected, verify_bytes
from certify.families.blocks import ambient_blocks, hessian_blocks, trivial_basis
from certify.families.forms import Form
from certify.families.numbers import FLOATS
from certify.families.orbits import Geometry, Numbers, Pattern
from certify.families.signature import Signature
from certify.outcome import Proved
from certify.proving.family import approximate_newton, prove_member
from certify.proving.newborn import with_newborn

ROOT = Path(__file__).resolve().parent.parent
STORE, PROOFS = ROOT / "data" / "families", ROOT / "proofs" / "families"
TEACHER = (1.0, 0.0)
TOP = 60  # largest K = M of the searched families
FULL = 40  # up to here every p has certificates, beyond only p <= 5 k / 8
WIDE = (10**3, 10**6, 10**12)
FLAT = 1e-7  # an eigenvalue of the Hessian below this is not worth a try
SAME = 1e-9  # critical points of one signature whose losses differ by less are the same
Array = Any


# --- points ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Point:
    """A float critical point of the orthonormal problem with its symmetry."""

    signature: Signature
    patterns: tuple[Pattern, ...]
    loss: float
    index: int
    gap: float  # least absolute eigenvalue

    @property
    def key(self) -> tuple[tuple[int, ...], int]:
        """Sizes and rounded loss."""
        return self.signature.sizes, round(self.loss / SAME)


def polish(signature: Signature, patterns: Sequence[Pattern]) -> Point | None:
    """Newton's iteration in the fixed space; None unless it ends at a nondegenerate critical point."""
    try:
        ends = approximate_newton(signature, patterns, TEACHER)
        geometry = Geometry(signature.sizes, signature.owners, ends, TEACHER, FLOATS)
        residual = max(abs(x) for p in geometry.gradient() for x in (*p.base, p.delta))
        loss = geometry.loss() / (2 * pi)
        small = residual < max(1e-9, 1e-15 * signature.teachers)
        if not small or not min(geometry.norms) > 0.03 or not max(geometry.norms) < 4.0:
            return None
        spectrum = [(b.dimension, *_values(b.matrix, b.gram)) for b in hessian_blocks(geometry)]
        beside = [_values(b.matrix, b.gram) for b in ambient_blocks(geometry)]
    except (ZeroDivisionError, ValueError, OverflowError, np.linalg.LinAlgError):
        return None
    index = sum(multiplicity * sum(x < 0.0 for x in values) for multiplicity, *values in spectrum)
    gap = min(abs(x) for _, *values in spectrum for x in values)
    if gap < FLAT or min(x for values in beside for x in values) < FLAT:
        return None
    return Point(signature, tuple(ends), float(loss), index, gap)


def _values(matrix: Array, gram: Array) -> list[float]:
    """Eigenvalues of matrix - x gram, divided by 2 pi."""
    scale = np.array([float(gram[k][k]) ** -0.5 for k in range(len(gram))])
    left, right = (np.array(m, dtype=float) * np.outer(scale, scale) for m in (matrix, gram))
    return [float(x) / (2 * pi) for x in eigh(left, right, eigvals_only=True)]


def resized(patterns: Sequence[Pattern], old: Signature, new: Signature) -> list[Pattern]:
    """The same numbers for other class sizes; a class that grows from one member gets delta = +1 or -1 by sign."""
    result = []
    for a, pattern in enumerate(patterns):
        owner, base, delta = new.owners[a], list(pattern.base), pattern.delta
        c = old.owners[a] if owner is None else owner
        if c is not None and (old.sizes[c] == 1 or old.owners[a] is None) and new.sizes[c] > 1:
            own = base[c] + delta
            base[c] = 0.1 if own < 0 else 0.0
            delta = own - base[c]
        elif c is not None and owner is None:
            base[c], delta = base[c] + delta, 0.0
        result.append(Pattern(tuple(base), delta))
    return result


# --- search in a fixed space -----------------------------------------------------------------------------------------

BATCH = Numbers(
    square_root=lambda x: np.sqrt(np.maximum(x, 0.0)),
    complement=lambda sine, cosine: np.arctan2(sine, -cosine),
    inverse=lambda sine: 1.0 / np.maximum(sine, 1e-12),
    within=lambda bound, y: 0.0,
    products=lambda left, right: [[sum(map(mul, x, y)) for y in right] for x in left],
    pi=pi,
)


def unknowns(signature: Signature) -> list[tuple[int, int | None]]:
    """(student class, coordinate class) of base values and (student class, None) of deltas, as in trivial_basis."""
    result: list[tuple[int, int | None]] = []
    for a, owner in enumerate(signature.owners):
        result += [(a, c) for c in range(len(signature.sizes))]
        if owner is not None and signature.sizes[owner] > 1:
            result.append((a, None))
    return result


def to_patterns(signature: Signature, x: Array) -> list[Pattern]:
    """x: [unknowns] or [unknowns, batch]."""
    values = dict(zip(unknowns(signature), x, strict=True))
    zero = x[0] * 0.0
    classes = range(len(signature.sizes))
    return [
        Pattern(tuple(values[a, c] for c in classes), values.get((a, None), zero)) for a in range(len(signature.owners))
    ]


def restricted(signature: Signature, gradient: Sequence[Pattern]) -> Array:
    """Inner products of the gradient with the basis of the fixed space."""
    result = []
    for a, c in unknowns(signature):
        pattern, owner, count = gradient[a], signature.owners[a], signature.count(a)
        if c is None:
            value = pattern.base[owner or 0] + pattern.delta
        else:
            value = signature.sizes[c] * pattern.base[c] + (pattern.delta if owner == c else 0.0)
        result.append(count * value)
    return np.array(result)


def descend(signature: Signature, x: Array, steps: int = 70) -> Array:
    """Trust-region descent of a batch [unknowns, batch] with absolute eigenvalues; the end points."""
    counts = [signature.count(a) * (1 if c is None else signature.sizes[c]) for a, c in unknowns(signature)]
    scale = np.array([float(n) ** -0.5 for n in counts])
    radius = np.full(x.shape[1], 0.5)
    loss, gradient, hessian = _batch(signature, x)
    for _ in range(steps):
        values, vectors = np.linalg.eigh(hessian * np.outer(scale, scale))
        slope = np.einsum("nij,in->nj", vectors, gradient * scale[:, None])
        step = np.einsum("nij,nj->in", vectors, slope / np.maximum(np.abs(values), 1e-3))
        length = np.linalg.norm(step, axis=0)
        step *= np.minimum(1.0, radius / np.maximum(length, 1e-300))
        trial = x - step * scale[:, None]
        new = _batch(signature, trial)
        better = new[0] <= loss + 1e-13 * np.abs(loss)
        x = np.where(better, trial, x)
        loss = np.where(better, new[0], loss)
        gradient = np.where(better, new[1], gradient)
        hessian = np.where(better[:, None, None], new[2], hessian)
        radius = np.where(better, np.minimum(2.0 * radius, 1.0), 0.25 * np.minimum(radius, length))
    quiet = np.linalg.norm(gradient * scale[:, None], axis=0) < 1e-4
    return x[:, quiet]


def _batch(signature: Signature, x: Array) -> tuple[Array, Array, Array]:
    """Loss [batch], gradient [unknowns, batch], Hessian [batch, unknowns, unknowns], all times 2 pi."""
    with np.errstate(all="ignore"):
        geometry = Geometry(signature.sizes, signature.owners, to_patterns(signature, x), TEACHER, BATCH)
        form = Form(geometry, {})
        rows = form.hessian(trivial_basis(form))
        hessian = np.array([[np.broadcast_to(h, x.shape[1:]) for h in row] for row in rows]).transpose(2, 0, 1)
        loss, gradient = geometry.loss(), restricted(signature, geometry.gradient())
    bad = ~(np.isfinite(loss) & np.isfinite(gradient).all(axis=0) & np.isfinite(hessian).all(axis=(1, 2)))
    return np.where(bad, np.inf, loss), np.where(bad, 0.0, gradient), np.where(bad[:, None, None], 0.0, hessian)


def random_minima(
    signature: Signature,
    signs: Sequence[float | None],
    tries: int,
    *,
    centres: Mapping[tuple[int, int], float] | None = None,
    saddles: bool = False,
) -> list[Point]:
    """Strict minima of the full problem that random starts of the fixed space lead to, one for each loss.

    signs[A]: the delta near which class A starts; None: anywhere.  saddles: minima of the fixed space only are enough.
    """
    rng = np.random.default_rng(crc32(repr((signature.sizes, signature.owners, signs)).encode()))
    width = np.exp(rng.uniform(np.log(0.3 / signature.teachers), np.log(0.4), size=tries))
    x = np.empty((len(unknowns(signature)), tries))
    for row, (a, c) in enumerate(unknowns(signature)):
        sign = signs[a]
        if c is None:
            x[row] = (0.0 if sign is None else sign) + 0.3 * rng.normal(size=tries)
        else:
            single = signature.owners[a] is None
            x[row] = rng.normal(size=tries) * (0.5 if single and signature.sizes[c] == 1 else width)
            if single and (a, c) in (centres or {}):
                x[row] = (centres or {})[a, c] + 0.15 * rng.normal(size=tries)
    found: dict[tuple[tuple[int, ...], int], Point] = {}
    ends = descend(signature, x)
    seen: set[tuple[float, ...]] = set()
    for end in ends.T:
        rough = tuple(np.round(end, 3).tolist())
        if rough in seen:
            continue
        seen.add(rough)
        point = polish(signature, to_patterns(signature, end))
        if point is not None and (saddles or point.index == 0):
            found.setdefault(point.key, point)
    return list(found.values())


# --- two classes: p of the k students turned against their teachers -------------------------------------------------


def two_classes(n: int, p: int) -> Signature:
    """N aligned and p turned students."""
    if n == 0:
        return Signature((p,), (0 if p > 1 else None,))
    return Signature((n, p), (0 if n > 1 else None, 1 if p > 1 else None))


def asymptotic(n: int, p: int) -> list[Pattern]:
    """Leading order in h = 1/n."""
    h = 1.0 / n
    al, be, ga, de = 8 * p / pi, -4 * p / pi, 2.0, 4 / pi
    et, ph = 2 + 8 / pi + 8 / pi**2, (16 / pi**2 + 4 + pi - 12 / pi) / (1 + pi / 2)
    a, b, c, d, e, f = 1 + al * h * h, be * h * h, ga * h, de * h, -1 + et * h, ph * h
    own = Pattern((d, e), 0.0) if p == 1 else Pattern((d, f), e - f)
    return [Pattern((b, c), a - b), own]


def is_turned(point: Point) -> bool:
    """Class 1 turned, class 0 aligned: neither the global minimum nor another family in other words."""
    owners, patterns = point.signature.owners, point.patterns
    first = patterns[0].base[0] > 0.0 if owners[0] is None else patterns[0].delta > 0.3
    last = patterns[1].delta < -0.3 if owners[1] is not None else patterns[1].base[1] < 0.0
    return first and last and point.loss > 1e-6 and not is_more_symmetric(point)


def is_more_symmetric(point: Point) -> bool:
    """Two student classes with rows of the same length: a point of a smaller signature in disguise."""
    signature = point.signature
    lengths = sorted(
        Geometry(signature.sizes, signature.owners, point.patterns, TEACHER, FLOATS).norms[: -len(signature.sizes)]
    )
    return any(y - x < 1e-6 for x, y in pairwise(lengths))


Neighbours = Callable[[tuple[int, ...]], Iterable[tuple[int, ...]]]


def spread(
    seeds: Iterable[Point],
    make: Callable[[tuple[int, ...]], Signature],
    near: Neighbours,
    keep: Callable[[Point], bool],
    clouds: int = 0,
) -> dict[tuple[int, ...], list[Point]]:
    """All minima that continuation to neighbouring sizes reaches from the seeds, by sizes.

    clouds: also descend from so many points around the neighbour's; 0: Newton's iteration only.
    """
    found: dict[tuple[tuple[int, ...], int], Point] = {}
    queue = [point for point in seeds if keep(point)]
    while queue:
        point = queue.pop()
        if point.key in found:
            continue
        found[point.key] = point
        for sizes in near(point.signature.sizes):
            signature = make(sizes)
            start = resized(point.patterns, point.signature, signature)
            for ends in (start, *(cloud(signature, start, clouds) if clouds else ())):
                other = polish(signature, ends)
                if other is not None and other.index == 0 and keep(other) and other.key not in found:
                    queue.append(other)
    result: dict[tuple[int, ...], list[Point]] = {}
    for point in found.values():
        result.setdefault(point.signature.sizes, []).append(point)
    return {sizes: sorted(result[sizes], key=lambda point: point.loss) for sizes in sorted(result)}


def cloud(signature: Signature, patterns: Sequence[Pattern], count: int) -> list[list[Pattern]]:
    """End points of descents from around the patterns, without repetitions."""
    rng = np.random.default_rng(crc32(repr((signature.sizes, [round(p.delta, 6) for p in patterns])).encode()))
    values = {(a, c): x for a, p in enumerate(patterns) for c, x in enumerate(p.base)}
    values |= {(a, None): p.delta for a, p in enumerate(patterns)}
    centre = np.array([values[key] for key in unknowns(signature)])[:, None]
    spread = np.array([0.3 if signature.owners[a] is None and c is not None and signature.sizes[c] == 1 else 0.02
                       for a, c in unknowns(signature)])[:, None]  # fmt: skip
    ends = descend(signature, centre + spread * rng.normal(size=(len(centre), count)))
    distinct = {tuple(np.round(end, 3).tolist()): end for end in ends.T}
    return [to_patterns(signature, end) for end in distinct.values()]


def turned_near(sizes: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """One student or teacher more or less, or one turned."""
    n, p = sizes
    for dn, dp in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, -1), (-1, 1)):
        if n + dn >= 1 and p + dp >= 1 and n + p + dn + dp <= TOP:
            yield n + dn, p + dp


def descended(p: int) -> Point | None:
    """The asymptotic point at a large k, followed down to k = TOP."""
    n = 40 * p + 1000
    point = polish(two_classes(n, p), asymptotic(n, p))
    while point is not None and n + p > TOP:
        smaller = max(TOP - p, min(n - 1, int(0.97 * n)))
        base = [list(x.base) for x in point.patterns]
        deltas = [x.delta for x in point.patterns]
        ratio = n / smaller
        base[0] = [base[0][0] * ratio**2, base[0][1] * ratio]
        base[1] = [base[1][0] * ratio, base[1][1] * ratio if p > 1 else -1 + (base[1][1] + 1) * ratio]
        n = smaller
        if n < 1:
            return None
        guess = [Pattern(tuple(b), d) for b, d in zip(base, deltas, strict=True)]
        point = polish(two_classes(n, p), guess)
    return point


def search_turned() -> list[tuple[str, Point]]:
    """Both branches for every p and k <= TOP, the members at their ends, and very wide ones for p = 1, 2, 3."""
    seeds = [point for p in range(1, TOP) if (point := descended(p)) is not None and point.index == 0]
    say(f"turned: {len(seeds)} series followed down to k = {TOP}")
    first = {point.key for point in seeds}
    for k in range(6, TOP + 1):
        for p in range(1, k):
            seeds += random_minima(two_classes(k - p, p), (1.0, -1.0), 60 if k <= 40 else 20)
        say(f"turned: random starts at k = {k}, {len(seeds)} seeds")
    table = spread(seeds, lambda sizes: two_classes(*sizes), turned_near, is_turned)
    result = []
    for p in range(1, TOP):
        members = label(p, {n: table[n, p] for n in range(1, TOP - p + 1) if (n, p) in table}, first)
        result += [
            (name, point)
            for name, point in members
            if point.signature.teachers <= FULL or 8 * p <= 5 * point.signature.teachers
        ]
    for p in (1, 2, 3):
        for k in WIDE:
            point = polish(two_classes(k - p, p), asymptotic(k - p, p))
            if point is not None:
                result.append((f"turned-p{p:02d}-a", point))
    return result


def label(p: int, column: dict[int, list[Point]], first: set[tuple[tuple[int, ...], int]]) -> list[tuple[str, Point]]:
    """Chains of a fixed p: a is the one the series belongs to, b the one that starts at n = 1, then c, d ..."""
    left = {point.key: point for points in column.values() for point in points}
    chains: list[list[Point]] = []
    while left:
        chain = [left.pop(max(left))]
        for step in (-1, 1):
            while True:
                end = chain[0] if step < 0 else chain[-1]
                n = end.signature.sizes[0] + step
                other = None
                if n >= 1:
                    signature = two_classes(n, p)
                    other = polish(signature, resized(end.patterns, end.signature, signature))
                known = None if other is None else left.pop(other.key, None)
                if known is None:
                    break
                chain = [known, *chain] if step < 0 else [*chain, known]
        chains.append(chain)
    names = {}
    for number, chain in enumerate(chains):
        if any(point.key in first for point in chain):
            names[number] = "a"
        elif chain[0].signature.sizes[0] == 1:
            names[number] = "b"
    spare = iter("cdefgh")
    result = []
    for number, chain in enumerate(chains):
        family = f"turned-p{p:02d}-{names.get(number) or next(spare)}"
        result += [(family, point) for point in (*chain, *ends_of(chain, lambda n: two_classes(n, p)))]
    return result


def ends_of(chain: list[Point], make: Callable[[int], Signature]) -> list[Point]:
    """Saddles one step beyond the ends of a chain, where continuation finds the branch's next point."""
    result = []
    for end, step in ((chain[0], -1), (chain[-1], 1)):
        n = end.signature.sizes[0] + step
        if n < 1 or (step > 0 and make(n).teachers > TOP):
            continue
        signature = make(n)
        point = polish(signature, resized(end.patterns, end.signature, signature))
        if point is not None and point.index > 0 and is_turned(point) and close(point, end):
            result.append(point)
    return result


def close(one: Point, two: Point) -> bool:
    """Neighbours on a branch: no number differs by much."""
    gaps = [abs(x - y) for p, q in zip(one.patterns, two.patterns, strict=True)
            for x, y in zip((*p.base, p.delta), (*q.base, q.delta), strict=True)]  # fmt: skip
    return max(gaps) < 0.12


# --- one class ------------------------------------------------------------------------------------------------------


def search_one_class() -> list[tuple[str, Point]]:
    """All students turned (W near -I + 2/k J), and the global minimum W = I."""
    result = []
    for k in (*range(5, TOP + 1), *WIDE):
        signature = Signature((k,), (0,))
        point = polish(signature, [Pattern((2.0 / k,), -1.0)])
        if point is not None and point.loss > 1e-6:
            result.append(("all-turned", point))
        if k >= 6:
            perfect = polish(signature, [Pattern((0.0,), 1.0)])
            if perfect is not None:
                result.append(("global", perfect))
    return result


# --- three classes: p turned, one between, q aligned -----------------------------------------------------------------


def three_classes(p: int, q: int) -> Signature:
    """P turned students, one single student, q aligned ones."""
    return Signature((p, 1, q), (0 if p > 1 else None, None, 2 if q > 1 else None))


def is_half_turned(point: Point) -> bool:
    """Class 0 turned, class 2 aligned, the single student like neither."""
    turned, _, aligned = point.patterns
    return turned.delta < -0.3 and aligned.delta > 0.3 and point.loss > 1e-6 and not is_more_symmetric(point)


def half_turned_near(sizes: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """One student and teacher more or less, or one turned."""
    p, _, q = sizes
    for dp, dq in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, -1), (-1, 1)):
        if p + dp >= 2 and q + dq >= 2 and p + q + 1 + dp + dq <= TOP:
            yield p + dp, 1, q + dq


def search_half_turned() -> list[tuple[str, Point]]:
    """Random starts for every (p, 1, q) up to k = 26 and a few beyond, then continuation to all k <= TOP."""
    seeds: list[Point] = []
    for k in (*range(8, 27), 30, 35, 40, 50):
        for p in range(2, k - 2):
            seeds += random_minima(three_classes(p, k - 1 - p), (-1.0, None, 1.0), 40 if k <= 26 else 10)
        say(f"half-turned: random starts at k = {k}, {sum(map(is_half_turned, seeds))} seeds")
    table = spread(seeds, lambda sizes: three_classes(sizes[0], sizes[2]), half_turned_near, is_half_turned,
                   clouds=16)  # fmt: skip
    return [(f"half-turned-p{sizes[0]:02d}", point) for sizes, points in table.items() for point in points]


# --- more students than teachers -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recipe:
    """A family with K > M: how its signature depends on M, and which points of that signature belong to it."""

    family: str
    make: Callable[[int], Signature]
    signs: tuple[float | None, ...]
    centres: dict[tuple[int, int], float]  # where base values of single students start, around
    belongs: Callable[[Point], bool]
    widths: Sequence[int]  # M, ascending
    saddles: bool = False  # ship every saddle, not only those next to a minimum


def repelled(p: int) -> Recipe:
    """K = M + 1: p turned, one further student that points away from the sum of their teachers."""

    def make(m: int) -> Signature:
        return Signature((m - p, p), (0, 1 if p > 1 else None, None))

    def belongs(point: Point) -> bool:
        aligned, turned, single = point.patterns
        if p == 1:
            return aligned.delta > 0.3 and turned.base[1] < -0.03 and single.base[1] < -0.03
        return aligned.delta > 0.3 and turned.delta < -0.3 and single.base[1] < -0.003 < 0.003 < single.base[0]

    family = "one-more-alpha" if p == 1 else f"one-more-{'alpha' if p < 12 else 'gamma'}-p{p:02d}"
    centres = {(1, 1): -0.6, (2, 1): -0.2} if p == 1 else {(2, 1): -0.15}
    return Recipe(family, make, (1.0, -1.0, None), centres, belongs, range(max(4, p + 2), 21), saddles=p == 1)


def summed(p: int) -> Recipe:
    """K = M + 1: p turned, one further student near the sum of their teachers."""

    def make(m: int) -> Signature:
        return Signature((m - p, p), (0 if m > p + 1 else None, 1, None))

    def belongs(point: Point) -> bool:
        aligned, turned, single = point.patterns
        fine = aligned.delta > 0.3 if point.signature.sizes[0] > 1 else aligned.base[0] > 0.3
        return fine and turned.delta < -0.3 and single.base[1] > 0.05 and single.base[0] < 0.0

    top = 31 if p == 2 else 21
    return Recipe(f"one-more-beta-p{p:02d}", make, (1.0, -1.0, None), {(0, 0): 1.0}, belongs, range(max(9, p + 1), top),
                  saddles=p == 2)  # fmt: skip


def several(q: int, doubled: bool) -> Recipe:
    """K = M + q: q turned students and q short ones, one of each for q of the teachers.

    doubled: a short student points away from its own teacher; otherwise (q >= 3) from the other q - 1.
    """

    def make(m: int) -> Signature:
        return Signature((m - q, q), (0, 1, 1))

    def belongs(point: Point) -> bool:
        aligned, *pair = point.patterns
        turned, short = sorted(pair, key=lambda x: x.base[1] + x.delta)
        if not (aligned.delta > 0.3 and turned.delta < -0.5 and short.base[1] < 0.1):
            return False
        return q == 2 or (short.delta < 0.0) == doubled

    if q == 2:
        widths: Sequence[int] = range(9, 33)
    elif q == 3:
        widths = range(12, 21) if doubled else (*range(10, 33), 48, 64, 128, 256, 1024)
    elif q <= 8:
        top = (40, 44, 48, 56, 64, 96, 128, 256, 512, 1024)
        widths = (*range(20, 37, 2 if q > 4 else 1), *top)
    else:
        widths = (56, 60, 64, 72, 80, 96, 128, 192, 256, 512, 1024)
    family = f"more-{q:02d}-{'doubled' if doubled else 'opposed'}"
    tries = (1.0, -0.7, -0.2 if doubled else 0.12)
    return Recipe(family, make, tries, {}, belongs, [m for m in widths if m >= q + 4])


def search_recipe(recipe: Recipe) -> list[tuple[str, Point]]:
    """Random starts at every M, continuation in M both ways; minima, and saddles next to them."""
    table: dict[int, dict[tuple[tuple[int, ...], int], Point]] = {m: {} for m in recipe.widths}

    def admit(m: int, point: Point | None) -> bool:
        fine = point is not None and point.loss > 1e-6 and recipe.belongs(point) and not is_more_symmetric(point)
        if point is None or not fine or any(abs(x.loss - point.loss) < 10 * SAME for x in table[m].values()):
            return False
        table[m][point.key] = point
        return True

    for m in recipe.widths:
        for point in random_minima(recipe.make(m), recipe.signs, 60, centres=recipe.centres, saddles=True):
            admit(m, point)
    beside = {
        m: [recipe.widths[k + step] for step in (-1, 1) if 0 <= k + step < len(recipe.widths)]
        for k, m in enumerate(recipe.widths)
    }
    queue = [(m, point) for m in recipe.widths for point in table[m].values()]
    while queue:
        m, point = queue.pop()
        for near in beside[m]:
            signature = recipe.make(near)
            other = polish(signature, resized(point.patterns, point.signature, signature))
            if admit(near, other) and other is not None:
                queue.append((near, other))
    result = []
    for m, points in table.items():
        ranked = sorted(points.values(), key=lambda point: (point.index, point.loss))
        minima = [point for point in ranked if point.index == 0]
        kin = ranked
        if not recipe.saddles:
            minima_beside = [
                x for near in beside[m] if abs(near - m) <= 8 for x in table[near].values() if x.index == 0
            ]
            kin = [] if minima else continued(recipe.make(m), minima_beside, recipe.belongs)
        result += [(recipe.family, point) for point in minima or kin[:1]]
    return result


def continued(signature: Signature, points: Iterable[Point], belongs: Callable[[Point], bool]) -> list[Point]:
    """Where continuation of points of a neighbouring size ends, if it stays near."""
    result = []
    for point in points:
        start = resized(point.patterns, point.signature, signature)
        for patterns in (start, *cloud(signature, start, 12)):
            other = polish(signature, patterns)
            if other is not None and belongs(other) and close(other, point):
                result.append(other)
    return result


def search_more() -> list[tuple[str, Point]]:
    """All families with K > M."""
    result = []
    recipes = [*(repelled(p) for p in range(1, 19)), *(summed(p) for p in range(2, 19))]
    recipes += [several(q, True) for q in (2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 32)]
    recipes += [several(q, False) for q in (3, 4, 5, 6, 7, 8)]
    for recipe in recipes:
        found = search_recipe(recipe)
        say(f"{recipe.family}: {[(point.signature.teachers, point.index) for _, point in found]}")
        result += found
    return result


# --- proofs ----------------------------------------------------------------------------------------------------------

GROUPS: dict[str, Callable[[], list[tuple[str, Point]]]] = {
    "one-class": search_one_class,
    "turned": search_turned,
    "half-turned": search_half_turned,
    "more": search_more,
}


def load_or_search(group: str, again: bool) -> list[dict[str, Any]]:
    """Members of a group: from data/families/GROUP.json if it is there."""
    path = STORE / f"{group}.json"
    if not path.exists():
        if again:
            return []
        found = sorted(GROUPS[group](), key=lambda member: (member[0], member[1].signature.students, member[1].loss))
        lines = [
            json.dumps({
                "family": family,
                "sizes": point.signature.sizes,
                "owners": point.signature.owners,
                "patterns": [[*p.base, p.delta] for p in point.patterns],
            })
            for family, point in found
        ]  # fmt: skip
        write_atomically(path, ("[\n" + ",\n".join(lines) + "\n]\n").encode())
    members = json.loads(path.read_text())
    return [dict(member) for member in members]


def prove_group(group: str, members: list[dict[str, Any]], again: bool) -> None:
    """Certificates that are missing; all if `again`."""
    wanted: set[Path] = set()
    for member in members:
        signature = Signature(tuple(member["sizes"]), tuple(member["owners"]))
        path = PROOFS / member["family"] / f"k{signature.students:04d}{SUFFIX}"
        if path in wanted:
            raise SystemExit(f"{path}: two members of one family with the same number of students")
        wanted.add(path)
        if path.exists() and not again:
            continue
        patterns = [Pattern(tuple(float(x) for x in row[:-1]), float(row[-1])) for row in member["patterns"]]
        outcome = prove_member(signature, patterns, TEACHER)
        if not isinstance(outcome, Proved):
            wanted.remove(path)
            say(f"{path}: not proved, {getattr(outcome, 'reason', outcome)}")
            continue
        verified(with_newborn(outcome).certificate).write(path)
    say(f"{group}: {len(wanted)} of {len(members)} members have certificates")


def remove_strays() -> None:
    """Delete what no group holds any more, once all groups have been searched."""
    stores = [STORE / f"{group}.json" for group in GROUPS]
    if not all(path.exists() for path in stores):
        return
    members = [member for path in stores for member in json.loads(path.read_text())]
    families = {member["family"] for member in members}
    wanted = {
        (member["family"], f"k{Signature(tuple(member['sizes']), tuple(member['owners'])).students:04d}{SUFFIX}")
        for member in members
    }
    for folder in [path for path in PROOFS.iterdir() if path.is_dir()]:
        if folder.name not in families:
            shutil.rmtree(folder)
            continue
        for path in folder.glob(f"*{SUFFIX}"):
            if (folder.name, path.name) not in wanted:
                path.unlink()


def verified(certificate: Certificate) -> Certificate:
    """The certificate, accepted by the checker; parallel rows (W = I) cost half the digits, so more bits if refused."""
    try:
        verify_bytes(certificate.content)
    except Rejected:
        witness = dict(certificate.witness)
        certificate = Certificate(certificate.claim, witness | {"precision": 2 * witness["precision"]})
        verify_bytes(certificate.content)
    return certificate


# --- index -----------------------------------------------------------------------------------------------------------


def number(text: str) -> float:
    """A dyadic of a certificate, "-0x1a3p-54", as the nearest double."""
    mantissa, exponent = text.split("p")
    return float(Fraction(int(mantissa, 16)) * Fraction(2) ** int(exponent))


EQUAL = "K = M = k, orthonormal teachers.  "
MORE = "K = M + {h} = k, orthonormal teachers.  "
WORDS = {
    r"global": EQUAL + "The global minimum: every student equals its teacher; fixed by S_k.",
    r"all-turned": EQUAL + "Every student points away from its own teacher, W near -I + (2/k) J; fixed by S_k.  Called "
    "type A in the literature.",
    r"turned-p(?P<p>\d+)-a": EQUAL + "{p} students point away from their own teachers, the others towards; fixed by "
    "S_(k-{p}) x S_{p}.  Branch a: the one the asymptotic series at large k leads to.  Its losses fall as k grows.",
    r"turned-p(?P<p>\d+)-b": EQUAL + "{p} students point away from their own teachers, the others towards; fixed by "
    "S_(k-{p}) x S_{p}.  Branch b: the one that starts at k = p + 1, called type I in the literature.",
    r"turned-p(?P<p>\d+)-[c-h]": EQUAL
    + "{p} students point away from their own teachers, the others towards; fixed by "
    "S_(k-{p}) x S_{p}.  Continuation in steps of one in k connects it to neither branch a nor branch b.",
    r"half-turned-p(?P<p>\d+)": EQUAL
    + "{p} students point away from their own teachers, one is in between, the others "
    "point towards theirs; fixed by S_{p} x S_(k-{p}-1).",
    r"one-more-alpha": MORE + "One teacher carries two students of different length that both point away from it, the "
    "other students point towards theirs; fixed by S_(M-1).",
    r"one-more-alpha-p(?P<p>\d+)": MORE
    + "{p} students point away from their own teachers, one further student from the "
    "sum of these teachers, the others point towards theirs; fixed by S_(M-{p}) x S_{p}.",
    r"one-more-beta-p(?P<p>\d+)": MORE + "{p} students point away from their own teachers, one further student points "
    "towards the sum of these teachers, the others towards theirs; fixed by S_(M-{p}) x S_{p}.",
    r"one-more-gamma-p(?P<p>\d+)": MORE
    + "{p} students point away from their own teachers, one further student is short, "
    "the others point towards theirs; fixed by S_(M-{p}) x S_{p}.",
    r"more-(?P<h>\d+)-doubled": MORE
    + "{h} teachers carry two students each, of different length, that point away from "
    "them, the other students point towards theirs; fixed by S_(M-{h}) x S_{h}.",
    r"more-(?P<h>\d+)-opposed": MORE
    + "{h} students point away from their own teachers, and for each of these teachers a "
    "short student points away from the other ones; fixed by S_(M-{h}) x S_{h}.",
}


def words(family: str) -> str:
    """What a family is; which way students point describes the numbers and is not part of the claims."""
    for pattern, text in WORDS.items():
        match = re.fullmatch(pattern, family)
        if match:
            numbers = {name: int(value) for name, value in match.groupdict().items()}
            return text.format(**{"h": 1} | numbers)
    raise SystemExit(f"no words for {family}")


def family_index(folder: Path) -> tuple[str, list[dict[str, Any]]]:
    """README.md of a family from its certificates, and their claims."""
    claims = []
    lines = []
    for path in sorted(folder.glob(f"*{SUFFIX}"), key=lambda path: int(path.name[1:].split(".")[0])):
        claim = json.loads(path.read_bytes())["claim"]
        claims.append(claim)
        low, high = (number(end) for end in claim["loss"])
        least = min(abs(number(end)) for _, pairs in claim["spectrum"] for pair in pairs for end in pair)
        lines.append(
            f"| [{claim['students']}]({path.name}) | {claim['teachers']} | {(low + high) / 2:.10g} | {claim['index']} "
            f"| {number(claim['curvature']):.4g} | {least:.6g} | {number(claim['uniqueness_radius']):.3g} "
            f"| {number(claim['error_radius']):.2g} |"
        )
    head = (
        f"# {folder.name}\n\n{words(folder.name)}\n\n"
        "Index 0 is a strict local minimum.  No eigenvalue of the Hessian is smaller in absolute value than the "
        "curvature, nor than the least absolute end of the proven intervals, beside it.\n\n"
        "| k | M | loss | index | curvature | least eigenvalue | uniqueness radius | error radius |\n"
        "|---|---|---|---|---|---|---|---|\n"
    )
    return head + "\n".join(lines) + "\n", claims


def spans(numbers: Iterable[int]) -> str:
    """6..12, 14."""
    parts: list[list[int]] = []
    for k in sorted(numbers):
        if parts and k == parts[-1][1] + 1:
            parts[-1][1] = k
        else:
            parts.append([k, k])
    return ", ".join(str(a) if a == b else f"{a}..{b}" for a, b in parts)


def write_indices() -> None:
    """README.md of every family and of all of them."""
    rows = []
    for folder in sorted(path for path in PROOFS.iterdir() if path.is_dir()):
        text, claims = family_index(folder)
        write_atomically(folder / "README.md", text.encode())
        minima = spans(claim["students"] for claim in claims if claim["index"] == 0)
        saddles = spans(claim["students"] for claim in claims if claim["index"] > 0)
        rows.append(f"| [{folder.name}]({folder.name}/README.md) | {len(claims)} | {minima} | {saddles} |")
    head = (
        "# Families\n\nMade by `python data/families.py`.  A file proves one symmetric critical point: existence and\n"
        "uniqueness near the centre, loss, index, and the whole spectrum with multiplicities.\n\n"
        "| family | certificates | strict minima, k | saddles, k |\n|---|---|---|---|\n"
    )
    write_atomically(PROOFS / "README.md", (head + "\n".join(rows) + "\n").encode())


# --- driver ----------------------------------------------------------------------------------------------------------


def say(text: str) -> None:
    """Progress."""
    print(text, file=sys.stderr, flush=True)


def main(words: list[str]) -> None:
    """Build the chosen groups, then the indices of all of them."""
    again = "--again" in words
    words = [word for word in words if word != "--again"]
    for group in GROUPS:
        if not words or any(group.startswith(word) for word in words):
            prove_group(group, load_or_search(group, again), again)
    remove_strays()
    write_indices()


if __name__ == "__main__":
    main(sys.argv[1:])
