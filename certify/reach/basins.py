"""Balls around known minima, and which of them holds a point up to permutations of students and of coordinates.

`Basins.find` never errs on one side: it returns a permutation, and the distance computed in float64 is below the radius
less MARGIN, far more than rounding can do.  None says nothing: the permutation may not have been found.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from certify.families.teachers import teacher_parts
from certify.reach.plan import spanned
from certify.search.matching import Integers
from certify.search.setting import Array

MARGIN = 1e-9
ROUNDS = 6


class Place(NamedTuple):
    """The ball (by position), students[i], coordinates[a]: W[i, a] is near centre[students[i], coordinates[a]]."""

    ball: int
    students: Integers
    coordinates: Integers
    distance: float


class Basins:
    """Balls of centre [K, d] and radius for one teacher [M, d]."""

    def __init__(self, teacher: Array) -> None:
        """Coordinates may be permuted where that permutes the teachers: alpha I + beta J in the span, zero beyond."""
        self.teacher, span = teacher, spanned(teacher)
        parts = teacher_parts(teacher[:, :span]) if teacher.shape[0] == span else None
        self.free = span if parts is not None else 0
        self.centres: list[Array] = []
        self.radii: list[float] = []
        self._features: list[Array] = []
        self._norms: tuple[Array, ...] = ()
        self._entries = np.empty((0, 0))

    def add(self, centre: Array, radius: float) -> None:
        """A further ball; `centre` is padded with zeros up to d."""
        centre = np.pad(centre, ((0, 0), (0, self.teacher.shape[1] - centre.shape[1])))
        self.centres.append(centre)
        self.radii.append(radius)
        self._features.append(_features(centre[:, : self.free]) if self.free else centre)
        stack = np.array(self.centres)
        self._norms, self._entries = self._sorted_norms(stack), self._sorted_entries(stack)

    def near(self, W: Array, widened: float = 1.0) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
        """For stacks [B, K, d] and every ball whether sorted norms and entries allow membership; False excludes it.

        Sorting minimises the distance of two vectors over the permutations of their entries.  Radii times `widened`.
        """
        result = np.ones((len(W), len(self.centres)), dtype=bool)
        if self.centres:
            radii = widened * np.array(self.radii)
            for norms, known in zip(self._sorted_norms(W), self._norms, strict=True):
                difference = norms[:, None, :] - known
                result &= np.einsum("bcn,bcn->bc", difference, difference) < radii * radii
            left, balls = np.nonzero(result)
            entries = self._sorted_entries(W[left]) - self._entries[balls]
            result[left, balls] = np.einsum("be,be->b", entries, entries) < radii[balls] ** 2
        return result

    def _sorted_norms(self, W: Array) -> tuple[Array, Array]:
        """Norms of each W by size: of rows, and of the columns that may be permuted."""
        squares = W * W
        columns = squares[:, :, : self.free].sum(axis=1)
        return np.sort(np.sqrt(squares.sum(axis=2)), axis=1), np.sort(np.sqrt(columns), axis=1)

    def _sorted_entries(self, W: Array) -> Array:
        """Entries by size: together in the columns that may be permuted, column by column in the others."""
        count, k, _ = W.shape
        inside, across = W[:, :, : self.free].reshape(count, k * self.free), W[:, :, self.free :]
        columns = np.sort(across, axis=1).reshape(count, k * across.shape[2])
        return np.concatenate((np.sort(inside, axis=1), columns), axis=1)

    def find(self, W: Array, balls: Any = None, widened: float = 1.0) -> Place | None:
        """A ball that certainly holds W [K, d], among those given by position (default: all that `near` allows).

        Radii times `widened`.
        """
        candidates = np.flatnonzero(self.near(W[None], widened)[0]) if balls is None else balls
        for ball in candidates:
            enough = widened * self.radii[ball] - MARGIN
            place = self.place(W, int(ball), enough)
            if place.distance < enough:
                return place
        return None

    def place(self, W: Array, ball: int, enough: float) -> Place:
        """The closest permutation of a ball's centre that was found, or the first one closer than `enough`."""
        centre, best = self.centres[ball], Place(ball, np.arange(len(W)), np.arange(W.shape[1]), np.inf)
        for coordinates in self._guesses(W, ball):
            found = self._descend(W, best._replace(coordinates=coordinates, distance=np.inf), centre, enough)
            best = min(best, found, key=_distance)
            if best.distance < enough:
                break
        return best

    def _guesses(self, W: Array, ball: int) -> Iterator[Integers]:
        """Permutations of coordinates to start from, best first."""
        d, free = W.shape[1], self.free
        identity = np.arange(d)
        if not free:
            yield identity
            return
        _, match = linear_sum_assignment(_costs(_features(W[:, :free]), self._features[ball]))
        yield np.concatenate((match, identity[free:]))
        yield identity

    def _descend(self, W: Array, best: Place, centre: Array, enough: float) -> Place:
        """Assign rows and columns in turn until nothing improves."""
        d, free = W.shape[1], self.free
        for _ in range(ROUNDS):
            last = best.distance
            _, students = linear_sum_assignment(_costs(W, centre[:, best.coordinates]))
            best = min(best, _placed(W, best._replace(students=students), centre), key=_distance)
            if free and best.distance >= enough:
                _, match = linear_sum_assignment(_costs(W[:, :free].T, centre[best.students, :free].T))
                coordinates = np.concatenate((match, np.arange(free, d)))
                best = min(best, _placed(W, best._replace(coordinates=coordinates), centre), key=_distance)
            if best.distance < enough or not best.distance < last:
                break
        return best


def _placed(W: Array, place: Place, centre: Array) -> Place:
    """With its distance."""
    return place._replace(distance=float(np.linalg.norm(W - centre[place.students][:, place.coordinates])))


def _distance(place: Place) -> float:
    return place.distance


def _features(X: Array) -> Array:
    """For each coordinate what no permutation of students or other coordinates changes: its sorted column, and the

    sorted row of the student that is largest there.
    """
    own = np.abs(X).argmax(axis=0)
    return np.concatenate(
        (np.sort(X, axis=0), np.sort(X[own], axis=1).T, X[own, np.arange(X.shape[1])][None]), axis=0
    ).T


def _costs(A: Array, B: Array) -> Array:
    """Squared distances of rows, less what depends on the row of A alone: assignments do not see it."""
    result: Array = np.einsum("ja,ja->j", B, B) - 2.0 * (A @ B.T)
    return result
