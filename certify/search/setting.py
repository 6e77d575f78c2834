"""What is searched: sizes, teacher, seed and initial scales, checked once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from certify.errors import InputError

Array = NDArray[np.float64]

# Standard deviations of a start's row norms, in units of the longest teacher; start n takes entry n modulo the length.
SCALES = (1.0, 0.3, 1.0, 3.0, 1.0, 0.03)


@dataclass(frozen=True, eq=False)
class Setting:
    """A search problem: `students` rows are sought for the given teacher (M x d)."""

    students: int
    teacher: Array
    seed: int
    scales: tuple[float, ...] = SCALES

    @property
    def teachers(self) -> int:
        """M."""
        return int(self.teacher.shape[0])

    @property
    def dimension(self) -> int:
        """d."""
        return int(self.teacher.shape[1])

    @property
    def unit(self) -> float:
        """Norm of the longest teacher: the length that every tolerance is relative to."""
        return float(np.linalg.norm(self.teacher, axis=1).max())


def make_setting(
    students: int,
    teachers: int | None = None,
    *,
    teacher: ArrayLike | None = None,
    dimension: int | None = None,
    seed: int = 0,
) -> Setting:
    """Check the input and build the teacher; without `teacher` it is the first M rows of the identity in R^d.

    M defaults to K, d to the teacher's dimension (M for the standard basis).  A larger d pads the teacher with zeros.
    Raises InputError for sizes below one, a negative seed, and a teacher that is not a finite M x d array without
    zero rows or does not fit the sizes given.
    """
    _at_least(students, "students", 1)
    _at_least(seed, "seed", 0)
    if teachers is not None:
        _at_least(teachers, "teachers", 1)
    rows = np.eye(teachers or students) if teacher is None else _checked_teacher(teacher)
    if teachers is not None and len(rows) != teachers:
        raise InputError(f"the teacher has {len(rows)} rows, but {teachers} teachers were asked for")
    if dimension is not None:
        _at_least(dimension, "dimension", 1)
        if dimension < rows.shape[1]:
            raise InputError(f"dimension {dimension} is too small: the teacher lives in dimension {rows.shape[1]}")
        rows = np.pad(rows, ((0, 0), (0, dimension - rows.shape[1])))
    rows.setflags(write=False)
    return Setting(int(students), rows, int(seed))


def _at_least(value: int, name: str, lowest: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < lowest:
        raise InputError(f"{name} must be a whole number, at least {lowest}, not {value!r}")


def _checked_teacher(teacher: ArrayLike) -> Array:
    try:
        rows = np.array(teacher, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("the teacher is not an array of real numbers") from None
    if rows.ndim != 2 or 0 in rows.shape:
        raise InputError(f"the teacher must be a matrix with a row a teacher, not an array of shape {rows.shape}")
    if not np.isfinite(rows).all():
        raise InputError("the teacher has an entry that is not a finite number")
    largest = np.abs(rows).max(axis=1)
    if not (largest.min() > 1e-100 and largest.max() < 1e100):
        raise InputError("the teacher has a row that is zero, or too short or too long for float64")
    return rows
