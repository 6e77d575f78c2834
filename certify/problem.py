"""What a claim is about: K students and M teachers in R^d."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from math import isfinite
from operator import index

import numpy as np
from numpy.typing import NDArray

from certify.errors import InputError

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Problem:
    """The population loss L(W) = 1/2 E (sum_i ReLU(w_i.x) - sum_m ReLU(v_m.x))^2, x ~ N(0, I_d), W in R^{K x d}.

    teacher: V [M, d], exact float64 rows, none zero.  orthonormal: V is the first M standard basis vectors.
    """

    students: int
    teacher: Array
    orthonormal: bool = field(default=False)

    @property
    def teachers(self) -> int:
        """M."""
        return len(self.teacher)

    @property
    def dimension(self) -> int:
        """d."""
        return int(self.teacher.shape[1])


def make_problem(
    students: int, *, teachers: int | None = None, dimension: int | None = None, teacher: object = None
) -> Problem:
    """Validate and build a problem; `teacher` excludes the other two.

    Without a teacher it is orthonormal: M = teachers (default: K), d = dimension (default: M).  With one, a matrix
    equal to the first rows of the identity is recognised as orthonormal.  Raises InputError.
    """
    students = _count(students, "students")
    if teacher is None:
        count = students if teachers is None else _count(teachers, "teachers")
        dim = count if dimension is None else _count(dimension, "dimensions")
        if dim < count:
            raise InputError(f"{count} orthonormal teachers need at least {count} dimensions, not {dim}")
        return _orthonormal(students, count, dim)
    matrix = _frozen(as_matrix(teacher, "V"))
    if teachers not in (None, len(matrix)) or dimension not in (None, matrix.shape[1]):
        raise InputError(f"V has shape {matrix.shape}, which contradicts the requested numbers")
    nonzero = matrix.any(axis=1)
    if not nonzero.all():
        raise InputError(f"teacher {int(nonzero.argmin())} is zero")
    return Problem(students, matrix, orthonormal=bool(np.array_equal(matrix, np.eye(*matrix.shape))))


def _count(value: int, name: str) -> int:
    try:
        count = index(value)
    except TypeError:
        raise InputError(f"the number of {name} must be an integer, not {value!r}") from None
    if count < 1:
        raise InputError(f"the number of {name} must be positive, not {count}")
    return count


@lru_cache(maxsize=1)
def _orthonormal(students: int, teachers: int, dimension: int) -> Problem:
    return Problem(students, _frozen(np.eye(teachers, dimension)), orthonormal=True)


def _frozen(matrix: Array) -> Array:
    """A copy that neither the caller nor the proof can change, so that a claim stays about the teacher it names."""
    copy = matrix.copy()
    copy.setflags(write=False)
    return copy


def as_matrix(value: object, name: str) -> Array:
    """A finite, nonempty float64 matrix from anything numpy can read; raises InputError with one line."""
    try:
        matrix = np.asarray(value)
        if matrix.dtype.kind not in "fiu":
            raise InputError(f"{name} holds {matrix.dtype} entries, not real numbers")
        if matrix.dtype != np.float64:
            with np.errstate(over="ignore"):  # a longer format may hold what is infinite here
                matrix = matrix.astype(np.float64)
        matrix = np.ascontiguousarray(matrix)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{name} is not a matrix of numbers") from None
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise InputError(f"{name} must be a nonempty matrix, not of shape {matrix.shape}")
    if not isfinite(sum(matrix.reshape(-1).tolist())) and not (finite := np.isfinite(matrix)).all():
        row, column = (int(k) for k in np.argwhere(~finite)[0])
        raise InputError(f"{name}[{row}, {column}] is {matrix[row, column]}, not a finite number")
    return matrix


def points_of(W: object, V: object = None, students: int | None = None) -> tuple[Array, Array | None]:
    """W as a matrix [K, d], and V as one [M, d], from what `certify.prove` takes; raises InputError."""
    teacher = None if V is None else as_matrix(_array_like(V), "V")
    points = _array_like(getattr(W, "x", W))  # .x: a result of scipy.optimize
    if getattr(points, "ndim", 2) == 1:
        return _unflattened(
            as_matrix([points], "W")[0], None if teacher is None else teacher.shape[1], students
        ), teacher
    matrix = as_matrix(points, "W")
    if students not in (None, len(matrix)):
        raise InputError(f"W has {len(matrix)} rows, but {students} students were asked for")
    if teacher is not None and teacher.shape[1] != matrix.shape[1]:
        raise InputError(f"W has {matrix.shape[1]} columns, but V has {teacher.shape[1]}")
    return matrix, teacher


def _unflattened(row: Array, dimension: int | None, students: int | None) -> Array:
    """K d numbers as K rows."""
    if dimension is None and students is None:
        raise InputError("a flat vector of weights needs the number of students, or V")
    if students is not None and students < 1:
        raise InputError(f"the number of students must be positive, not {students}")
    columns = dimension or row.size // (students or 1)
    count = students or row.size // columns
    if count * columns != row.size or not columns:
        where = "any dimension" if dimension is None else f"dimension {dimension}"
        raise InputError(f"{row.size} numbers are not {students or 'a whole number of'} students in {where}")
    return row.reshape(count, columns)


def _array_like(value: object) -> object:
    """An array where numpy can make one: tensors may track gradients, live on a device, or speak only dlpack."""
    if isinstance(value, np.ndarray):
        return value
    for method in ("detach", "cpu"):
        if callable(step := getattr(value, method, None)):
            value = step()
    try:
        if hasattr(value, "__dlpack__") and not hasattr(value, "__array__"):
            return np.from_dlpack(value)
        return np.asarray(value)
    except Exception:  # whatever a foreign library raises; as_matrix says what is wrong with the value
        return value
