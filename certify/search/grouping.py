"""Grouping of end points up to permutations of students and of interchangeable teachers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from certify.search.descent import Run, Status, is_global
from certify.search.matching import find_permutation, gram
from certify.search.setting import Array, Setting
from certify.search.wilson import wilson_interval

TOLERANCE = 1e-6  # on entries of the Gram matrix and on the loss, per unit^2
COLLINEAR = 1e-9  # 1 - cos of students that are merged before degenerate points are compared


@dataclass(frozen=True, eq=False)
class Group:
    """End points that are one point up to permutations; zero-loss end points are one group, flat set or not."""

    representative: Run  # the member with the smallest start number (with no vanishing student, if possible)
    members: tuple[int, ...]  # start numbers, ascending
    interval: tuple[float, float]  # 95 % Wilson interval of the share among all runs
    is_global: bool  # zero loss up to rounding

    @property
    def count(self) -> int:
        """Number of runs that ended here."""
        return len(self.members)

    @property
    def W(self) -> Array:
        """Students of the representative [K, d]."""
        return self.representative.W

    @property
    def loss(self) -> float:
        """Loss of the representative."""
        return self.representative.loss

    @property
    def lowest(self) -> float:
        """Smallest Hessian eigenvalue of the representative, NaN where not measured."""
        return self.representative.lowest

    @property
    def index(self) -> int:
        """Estimated Morse index of the representative."""
        return self.representative.index

    @property
    def status(self) -> Status:
        """Status of the representative."""
        return self.representative.status


@dataclass(eq=False)
class _Class:
    """A group under construction and the invariants of its first member."""

    runs: list[Run]
    gram: Array
    entries: Array
    students: int
    kind: str


def group_runs(runs: Iterable[Run], setting: Setting, advance: Callable[[], None] | None = None) -> tuple[Group, ...]:
    """Groups of the converged runs, by loss; intervals are relative to all runs, converged or not.

    Two runs share a group when a permutation was found that carries one Gram matrix into the other within TOLERANCE.
    Degenerate end points lie on flat sets, mostly of students that share one teacher: they are compared after adding
    up collinear students, which leaves the network's function as it is.  `advance` is called once a run.
    """
    everything = sorted(runs, key=lambda run: run.number)
    buckets: dict[int, list[_Class]] = {}
    zero: list[Run] = []
    for run in everything:
        if is_global(run, setting):
            zero.append(run)
        elif run.converged:
            _insert(run, setting, buckets)
        if advance is not None:
            advance()
    classes = [c.runs for found in buckets.values() for c in found]
    groups = [_group(members, len(everything), False) for members in classes]
    if zero:
        groups.append(_group(zero, len(everything), True))
    return tuple(sorted(groups, key=lambda g: (not g.is_global, g.loss, g.representative.number)))


def _group(runs: list[Run], total: int, zero: bool) -> Group:
    first = next((run for run in runs if not np.isnan(run.lowest)), runs[0])
    return Group(first, tuple(run.number for run in runs), wilson_interval(len(runs), total), zero)


def _insert(run: Run, setting: Setting, buckets: dict[int, list[_Class]]) -> None:
    """Add a run to the class it belongs to, looking only at classes with nearly the same loss."""
    tolerance = TOLERANCE * setting.unit**2
    new = _describe(run, setting)
    key = int(np.floor(run.loss / tolerance))
    for found in (c for near in (key - 1, key, key + 1) for c in buckets.get(near, [])):
        if _same(found, new, tolerance):
            found.runs.append(run)
            return
    buckets.setdefault(key, []).append(new)


def _describe(run: Run, setting: Setting) -> _Class:
    W = merge_collinear(run.W, setting.unit) if run.status == "degenerate" else run.W
    matrix = gram(W, setting.teacher)
    k = len(W)
    parts = (np.diag(matrix)[:k], matrix[:k, :k].ravel(), matrix[:k, k:].ravel())
    return _Class([run], matrix, np.concatenate([np.sort(part) for part in parts]), k, run.status)


def _same(one: _Class, other: _Class, tolerance: float) -> bool:
    if one.kind != other.kind or one.students != other.students:
        return False
    if not (np.abs(one.entries - other.entries) <= tolerance).all():
        return False
    return find_permutation(one.gram, other.gram, one.students, tolerance) is not None


def merge_collinear(W: Array, unit: float) -> Array:
    """W [K, d] with positively collinear rows added up and negligible rows left out (at least one row is kept)."""
    norms = np.linalg.norm(W, axis=1)
    rows = [row for row, norm in zip(W, norms, strict=True) if norm > TOLERANCE * unit] or [W[int(norms.argmax())]]
    merged: list[Array] = []
    for row in rows:
        cosines = [float(row @ other / np.linalg.norm(row) / np.linalg.norm(other)) for other in merged]
        near = [j for j, cosine in enumerate(cosines) if cosine > 1.0 - COLLINEAR]
        if near:
            merged[near[0]] = merged[near[0]] + row
        else:
            merged.append(row)
    return np.array(merged)
