"""Claims on sets of critical points: their format (docs/certificate-format.md)."""

import hashlib
from dataclasses import dataclass
from typing import Any

from certify.checker.errors import Malformed, ResourceLimit
from certify.checker.fields import LIMIT_DIRECTION_BITS, LIMIT_UNKNOWNS, Dyadic, canonical
from certify.checker.fields import dyadic as _dyadic
from certify.checker.fields import integer as _integer
from certify.checker.fields import keys as _keys
from certify.checker.fields import matrix as _matrix
from certify.checker.fields import positive as _positive
from certify.checker.fields import sequence as _list
from certify.checker.reader import (
    GLOBAL_SET,
    LIMIT_ROWS,
    MANIFOLD_OF_MINIMA,
    Certificate,
    PointSet,
    _certificate,
    _teacher,
)

LIMIT_SET_STUDENTS = 512
LIMIT_CELL_BITS = 9 * LIMIT_SET_STUDENTS  # M! S(K, M) is at most M^K
_SET_KEYS = {"kind", "landscape", "students", "set_dimension", "centre", "distance"}


@dataclass(frozen=True)
class GlobalSet(PointSet):
    """All global minima where K >= M (docs/splitting.md, S5)."""

    teachers: int
    dimension: int
    orthonormal: bool
    teacher: list[list[Dyadic]]
    cells: int
    connected: bool
    complete: bool
    half_space: list[int] | None


@dataclass(frozen=True)
class SplitManifold(PointSet):
    """All points at which student i of the base is copies[i] positive multiples that add up to it (S4)."""

    base: Certificate
    copies: list[int]
    index: int
    not_global: bool


def read_set(claim: Any, witness: Any) -> GlobalSet | SplitManifold:
    """Validate a claim on a set of points; raises Malformed or ResourceLimit, never anything else."""
    return _global_set(claim, witness) if claim["kind"] == GLOBAL_SET else _split_manifold(claim, witness)


def _point_set(claim: Any, witness: Any, rows: int, dimension: int) -> dict[str, Any]:
    """The fields of PointSet; rows: of which those of the set are multiples."""
    students = claim["students"]
    if students * dimension > LIMIT_UNKNOWNS:
        raise ResourceLimit(f"{students * dimension} unknowns are more than {LIMIT_UNKNOWNS}")
    if claim["landscape"] != "relu-population-loss":
        raise Malformed("unknown landscape")
    return {
        "claim_hash": hashlib.sha256(canonical(claim)).hexdigest(),
        "kind": claim["kind"],
        "students": students,
        "set_dimension": _integer(claim["set_dimension"], 0, students, "set_dimension"),
        "centre": _matrix(claim["centre"], students, dimension, "centre"),
        "distance": _positive(claim["distance"], "distance"),
        "owners": [_integer(x, 0, rows - 1, "owners") for x in _list(witness["owners"], students, "owners")],
        "shares": [_dyadic(x, "shares") for x in _list(witness["shares"], students, "shares")],
    }


def _global_set(claim: Any, witness: Any) -> GlobalSet:
    _keys(claim, _SET_KEYS | {"teachers", "dimension", "teacher", "cells", "connected", "complete"}, "claim")
    _keys(witness, {"owners", "shares", "half_space"}, "witness")
    students = _integer(claim["students"], 1, LIMIT_SET_STUDENTS, "students")
    teachers = _integer(claim["teachers"], 1, students, "teachers")
    dimension = _integer(claim["dimension"], 1, LIMIT_ROWS, "dimension")
    orthonormal, teacher = _teacher(claim["teacher"], teachers, dimension)
    if type(claim["connected"]) is not bool or type(claim["complete"]) is not bool:
        raise Malformed("connected or complete is not a truth value")
    top = 1 << LIMIT_DIRECTION_BITS
    half_space = None
    if witness["half_space"] is not None:
        half_space = [
            _integer(x, -top, top, "half_space") for x in _list(witness["half_space"], dimension, "half_space")
        ]
    return GlobalSet(
        **_point_set(claim, witness, teachers, dimension),
        teachers=teachers,
        dimension=dimension,
        orthonormal=orthonormal,
        teacher=teacher,
        cells=_integer(claim["cells"], 1, 1 << LIMIT_CELL_BITS, "cells"),
        connected=claim["connected"],
        complete=claim["complete"],
        half_space=half_space,
    )


def _split_manifold(claim: Any, witness: Any) -> SplitManifold:
    _keys(claim, _SET_KEYS | {"base", "copies", "index", "not_global"}, "claim")
    _keys(witness, {"owners", "shares", "base"}, "witness")
    base = _certificate(claim["base"], witness["base"], canonical(claim["base"]))
    students = _integer(claim["students"], 1, LIMIT_SET_STUDENTS, "students")
    copies = [_integer(x, 1, students, "copies") for x in _list(claim["copies"], base.students, "copies")]
    if sum(copies) != students:
        raise Malformed("the copies do not add up to the students")
    index = _integer(claim["index"], 0, students * base.dimension, "index")
    if (claim["kind"] == MANIFOLD_OF_MINIMA) != (index == 0):
        raise Malformed("kind and index disagree")
    if type(claim["not_global"]) is not bool:
        raise Malformed("not_global is not a truth value")
    return SplitManifold(
        **_point_set(claim, witness, base.students, base.dimension),
        base=base,
        copies=copies,
        index=index,
        not_global=claim["not_global"],
    )
