"""From a float matrix to its block symmetry and back.

Two coordinates are alike when swapping their columns gives the same rows in another order; that is an equivalence, and
the product of the symmetric groups of its classes fixes W.  Rows then fall into students that follow a class (one entry
of its columns differs from the others) and single students (all entries alike).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from certify.families.orbits import Pattern
from certify.families.signature import Signature

Array = NDArray[np.float64]
ATTEMPTS = 4  # each with a sixteenth of the tolerance for telling values apart


class Detection(NamedTuple):
    """W[students][:, coordinates] is `dense(signature, patterns)` up to the tolerance it was detected with.

    students [K], coordinates [M]: positions in W, in the order of the signature's classes.
    """

    signature: Signature
    patterns: list[Pattern]
    students: list[int]
    coordinates: list[int]


class _Rows(NamedTuple):
    """A class of students by position in W: followers in the order of the coordinates of `owner`, or a single one."""

    owner: int | None
    members: list[int]


def detect(W: Array, tolerance: float) -> Detection | None:
    """The block symmetry of W [K, M], exactly symmetrised; the teacher's rows are alpha e_m + beta 1.

    tolerance: entries that differ by less may be taken for equal, and no entry is moved by more.  A matrix without
    symmetry gives classes of one coordinate each; None: no consistent classes were found within the tolerance.
    """
    if not np.isfinite(W).all():
        return None
    for attempt in range(ATTEMPTS):
        found = _symmetrised(W, _rounded(W, tolerance / 16**attempt))
        moved = dense(found.signature, found.patterns) - W[np.ix_(found.students, found.coordinates)]
        if np.abs(moved).max() <= tolerance:
            return found
    return None


def dense(signature: Signature, patterns: Sequence[Pattern]) -> Array:
    """The matrix [K, M] of a symmetric point, classes in the order of the signature."""
    ends = np.cumsum((0, *signature.sizes))
    blocks = []
    for owner, pattern in zip(signature.owners, patterns, strict=True):
        block = np.repeat([float(x) for x in pattern.base], signature.sizes)
        block = np.tile(block, (1 if owner is None else signature.sizes[owner], 1))
        if owner is not None:
            block[:, ends[owner] : ends[owner + 1]] += float(pattern.delta) * np.eye(signature.sizes[owner])
        blocks.append(block)
    return np.vstack(blocks)


def _rounded(W: Array, tolerance: float) -> Array:
    """W with runs of values closer than the tolerance replaced by their means."""
    order = np.argsort(W, axis=None)
    values = W.ravel()[order]
    runs = np.concatenate(([0], np.cumsum(np.diff(values) > tolerance)))
    result = np.empty(W.size)
    result[order] = (np.bincount(runs, values) / np.bincount(runs))[runs]
    return result.reshape(W.shape)


def _symmetrised(W: Array, values: Array) -> Detection:
    """Classes of the rounded values, and the averages of W over them."""
    classes = _coordinate_classes(values)
    while isinstance(rows := _row_classes(values, classes), int):
        classes = [*classes[:rows], *([c] for c in classes[rows]), *classes[rows + 1 :]]
    patterns = [_average(W, classes, row) for row in rows]
    signature = Signature(tuple(map(len, classes)), tuple(row.owner for row in rows))
    return Detection(signature, patterns, [i for row in rows for i in row.members], [j for c in classes for j in c])


def _coordinate_classes(values: Array) -> list[list[int]]:
    """Large classes first; among equals those with the larger entries."""
    classes: list[list[int]] = []
    contents = np.sort(-values, axis=0).T.tolist()  # equal for coordinates that are alike
    for j in range(values.shape[1]):
        for members in classes:
            if contents[j] == contents[members[0]] and _alike(values, members[0], j):
                members.append(j)
                break
        else:
            classes.append([j])
    return sorted(classes, key=lambda members: (-len(members), contents[members[0]]))


def _alike(values: Array, j: int, k: int) -> bool:
    """Swapping columns j and k permutes the rows."""
    moved = values[values[:, j] != values[:, k]]
    swapped = moved.copy()
    swapped[:, [j, k]] = moved[:, [k, j]]
    return bool(np.array_equal(moved[np.lexsort(moved.T)], swapped[np.lexsort(swapped.T)]))


def _row_classes(values: Array, classes: Sequence[Sequence[int]]) -> list[_Rows] | int:
    """Student classes, followers first; or a coordinate class to give up: some student neither follows nor ignores it.

    Those that follow one class, and single students, come with larger entries first.
    """
    followers: dict[tuple[int, tuple[float, ...]], dict[int, list[int]]] = {}  # by owner and pattern, by coordinate
    for i, row in enumerate(values):
        uneven = [c for c, members in enumerate(classes) if np.ptp(row[members]) > 0.0]
        owner, own = (uneven[-1], _own_coordinate(row, classes[uneven[-1]])) if uneven else (len(classes), 0)
        if own is None or len(uneven) > 1:
            return owner
        pattern = tuple(-float(x) for members in classes for x in sorted(row[members], reverse=True))
        followers.setdefault((owner, pattern), {}).setdefault(own, []).append(i)
    result = []
    for (owner, _), by_own in sorted(followers.items()):
        if owner == len(classes):
            result += [_Rows(None, [i]) for i in by_own[0]]
        else:
            result += [_Rows(owner, list(layer)) for layer in zip(*(by_own[j] for j in classes[owner]), strict=True)]
    return result


def _own_coordinate(row: Array, members: Sequence[int]) -> int | None:
    """The one member whose entry differs from all others, which agree; of two members the one of larger size."""
    found, positions, counts = np.unique(row[members], return_index=True, return_counts=True)
    if len(found) != 2 or counts.min() != 1:
        return None
    if counts.max() > 1:
        return members[int(positions[counts.argmin()])]
    return members[int(positions[0 if (abs(found[0]), found[0]) > (abs(found[1]), found[1]) else 1])]


def _average(W: Array, classes: Sequence[Sequence[int]], row: _Rows) -> Pattern:
    """Means over the orbits of the entries of a student class."""
    base, delta = [], 0.0
    for c, members in enumerate(classes):
        block = W[np.ix_(row.members, members)]
        total, size = float(block.sum()), len(members)
        if c == row.owner:
            own = float(np.trace(block))
            base.append((total - own) / (size * (size - 1)))
            delta = own / size - base[-1]
        else:
            base.append(total / block.size)
    return Pattern(tuple(base), delta)
