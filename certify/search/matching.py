"""Permutations of students and of teachers that carry one Gram matrix into another.

Of X = [W; V] take G = X X^T, that is Q = W W^T, R = W V^T and T = V V^T in one matrix: it determines the loss in every
dimension.  Two points are equivalent when some permutation of the rows of W and some permutation of the rows of V
carry one G into the other; the permutation of V then leaves T unchanged, so nothing about T has to be found out first.

Method: all entries of both matrices are cut into labels at gaps above the tolerance, colours of rows are refined until
they are stable (Weisfeiler-Leman), and what is left undecided is decided by trial.  Labels and colours only steer the
search: the answer is a permutation whose entries have been compared.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from certify.search.setting import Array

Integers = NDArray[np.int64]
TRIALS = 2000  # colourings looked at before giving up: the two points then count as different


def gram(W: Array, V: Array) -> Array:
    """G = X X^T for X = [W; V], shape [K + M, K + M]."""
    rows = np.concatenate((W, V))
    result: Array = rows @ rows.T
    return result


def find_permutation(A: Array, B: Array, students: int, tolerance: float) -> Integers | None:
    """Permutation p with |A - B[p][:, p]| <= tolerance everywhere that maps students (the first rows) to students.

    None when there is none, or when none was found among the first TRIALS colourings.
    """
    if A.shape != B.shape:
        return None
    colours = np.zeros((2, len(A)), dtype=np.int64)
    colours[:, students:] = 1
    pair = _Pair(A, B, _labels(A, B, tolerance), tolerance)
    stable = _refine(pair.labels, colours)
    quick = pair.greedy(stable)
    return pair.exact(stable) if quick is None else quick


@dataclass
class _Pair:
    """The matrices being compared, their labels [2, N, N], and the number of colourings still allowed."""

    A: Array
    B: Array
    labels: Integers
    tolerance: float
    left: int = field(default=TRIALS)

    def greedy(self, colours: Integers) -> Integers | None:
        """Pair off a whole undecided cell at once, in any order: right where the cell's symmetry is complete."""
        while _balanced(colours) and (cell := _undecided(colours)) is not None:
            members = np.nonzero(colours == cell)[1].reshape(2, -1)
            marked = colours.copy()
            np.put_along_axis(marked, members, colours.max() + 1 + np.arange(members.shape[1]), axis=1)
            colours = _refine(self.labels, marked)
        return self._verified(colours)

    def exact(self, colours: Integers) -> Integers | None:
        """Depth-first: fix one row of an undecided cell in A, try every row of that cell in B."""
        self.left -= 1
        if self.left < 0 or not _balanced(colours):
            return None
        cell = _undecided(colours)
        if cell is None:
            return self._verified(colours)
        ours, theirs = (np.flatnonzero(row == cell) for row in colours)
        for candidate in theirs:
            marked = colours.copy()
            marked[0, ours[0]] = marked[1, candidate] = colours.max() + 1
            found = self.exact(_refine(self.labels, marked))
            if found is not None:
                return found
        return None

    def _verified(self, colours: Integers) -> Integers | None:
        """The permutation that equal colours define, if it does carry B into A."""
        if not _balanced(colours):
            return None
        permutation = np.empty(len(self.A), dtype=np.int64)
        permutation[np.argsort(colours[0])] = np.argsort(colours[1])
        moved = self.B[np.ix_(permutation, permutation)]
        return permutation if (np.abs(self.A - moved) <= self.tolerance).all() else None


def _labels(A: Array, B: Array, tolerance: float) -> Integers:
    """Labels [2, N, N]: entries of A and B within the tolerance share one; entries on the diagonal have their own."""
    entries = np.stack((A, B))
    values = np.sort(entries, axis=None)
    steps = np.flatnonzero(np.diff(values) > tolerance)
    labels = np.searchsorted(values[steps], entries.ravel(), side="left").reshape(entries.shape).astype(np.int64)
    labels[:, np.arange(len(A)), np.arange(len(A))] += len(steps) + 1
    return labels


def _refine(labels: Integers, colours: Integers) -> Integers:
    """Coarsest stable refinement of the colours [2, N], both sides at once, numbered alike."""
    size = colours.shape[1]
    known = _count(colours)
    while True:
        around = np.sort(labels * (int(colours.max()) + 1) + colours[:, None, :], axis=2)
        rows = np.concatenate((colours[:, :, None], around), axis=2).reshape(2 * size, size + 1)
        colours = np.unique(rows, axis=0, return_inverse=True)[1].reshape(2, size).astype(np.int64)
        count = _count(colours)
        if count == known:
            return colours
        known = count


def _count(colours: Integers) -> int:
    return len(np.unique(colours))


def _balanced(colours: Integers) -> bool:
    return bool((np.sort(colours[0]) == np.sort(colours[1])).all())


def _undecided(colours: Integers) -> int | None:
    """A smallest colour class with more than one row, if any."""
    values, sizes = np.unique(colours[0], return_counts=True)
    several = sizes > 1
    return int(values[several][np.argmin(sizes[several])]) if several.any() else None
