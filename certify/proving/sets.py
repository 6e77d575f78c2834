"""Candidates near a set of critical points: global minima of more students than teachers, or splits of a point.

Nothing isolated can be proved there.  Near the global minima their set is described and the distance bounded (S5 of
docs/splitting.md); near parallel students are put together, the point with fewer students is proved, and its splitting
matrices decide (S4).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from certify.arithmetic import float_text, text
from certify.arithmetic.dyadic import normal
from certify.certificate import Certificate
from certify.outcome import Outcome, Proved, ProvedSet, Undecided
from certify.problem import Array, Problem
from certify.proving.pipeline import CAPTURE, prove
from certify.proving.radii import round_up
from certify.proving.stages import float_texts

Owners = NDArray[np.int64]  # for each student the row it is a multiple of
ANGLES = (1e-6, 1e-4, 1e-2, 0.1)  # students at most this far apart in direction are put together
SHARE_BITS = 40
MOST_STUDENTS, MOST_UNKNOWNS = 512, 4096  # the checker's limits
HALF_SPACE_BITS = 20
NORMS = 2.0**-300, 2.0**300


def prove_set(W: Array, problem: Problem) -> ProvedSet | Undecided | None:
    """Try to prove that W [K, d] is near a set of critical points; None: it is not near one that is known.

    Undecided: it is near the splits of a point, but the point or its splitting matrices could not be decided.
    """
    sizes = np.abs(W).max(), np.abs(problem.teacher).max()
    if len(W) > MOST_STUDENTS or W.size > MOST_UNKNOWNS or not (NORMS[0] < min(sizes) and max(sizes) < NORMS[1]):
        return None
    reach = CAPTURE * float(np.linalg.norm(W, axis=1).max())
    found = _global_set(W, problem, reach) if len(W) > problem.teachers else None
    return found or _split_manifold(W, problem, reach)


def _global_set(W: Array, problem: Problem, reach: float) -> ProvedSet | None:
    V = problem.teacher
    lengths = np.linalg.norm(V, axis=1)
    along = W @ (V / lengths[:, None]).T
    owners: Owners = along.argmax(axis=1)
    if set(owners.tolist()) != set(range(len(V))):
        return None
    shares = _shares((along[np.arange(len(W)), owners] / lengths[owners]).tolist(), owners, len(V))
    distance = _distance(W, V, owners, shares)
    if not distance <= reach or not (problem.orthonormal or _are_on_lines_of_their_own(V)):
        return None
    half_space = None if problem.orthonormal else _half_space(V)
    students, teachers = W.shape[0], len(V)
    cells = sum((-1) ** j * comb(teachers, j) * (teachers - j) ** students for j in range(teachers))
    claim = {
        **_common("global-minimum-set", W, distance, students - teachers),
        "teachers": teachers,
        "dimension": W.shape[1],
        "teacher": "orthonormal" if problem.orthonormal else float_texts(V),
        "cells": cells,
        "connected": students > teachers or teachers == 1,
        "complete": problem.orthonormal or half_space is not None,
    }
    witness = {**_point(owners, shares), "half_space": half_space}
    return ProvedSet(Certificate(claim, witness), str(claim["kind"]), 0, students - teachers, distance, (0.0, 0.0))


def _are_on_lines_of_their_own(V: Array) -> bool:
    """No two teachers are parallel or antiparallel, exactly."""
    rows = _fractions(V)
    squares = [_dot(row, row) for row in rows]
    return all(_dot(rows[m], rows[n]) ** 2 != squares[m] * squares[n] for m in range(len(rows)) for n in range(m))


def _half_space(V: Array) -> list[int] | None:
    """Integers c with c.v > 0 for all teachers; None if none were found."""
    rows = _fractions(V)
    units = V / np.linalg.norm(V, axis=1)[:, None]
    d = V.shape[1]
    slack = np.hstack((-units, np.ones((len(V), 1))))
    result = linprog(np.append(np.zeros(d), -1.0), A_ub=slack, b_ub=np.zeros(len(V)), bounds=[(-1, 1)] * d + [(0, 1)])
    if not result.success or result.x is None:
        return None
    c = [round(x * 2**HALF_SPACE_BITS) for x in result.x[:d].tolist()]
    return c if all(_dot(row, [Fraction(x) for x in c]) > 0 for row in rows) else None


def _split_manifold(W: Array, problem: Problem, reach: float) -> ProvedSet | Undecided | None:
    reason: Undecided | None = None
    for owners in _mergers(W):
        result = _splits_of(W, owners, _merged(W, owners, problem), reach)
        if isinstance(result, ProvedSet):
            return result
        reason = result or reason
    return reason


def split_base(W: Array, problem: Problem) -> tuple[Proved, float] | None:
    """A proved point with fewer students whose splits come near W [K, d], and a bound of the distance, if there is one.

    Splits of a critical point are critical (S3 of docs/splitting.md), whatever the splitting matrices are.
    """
    for owners in _mergers(W):
        base = _merged(W, owners, problem)
        near = _nearest_split(W, owners, base) if isinstance(base, Proved) else None
        if isinstance(base, Proved) and near is not None:
            return base, near[1]
    return None


def _mergers(W: Array) -> Iterator[Owners]:
    """Ways to put nearly parallel students together."""
    tried: set[tuple[int, ...]] = set()
    for angle in ANGLES:
        owners = _clusters(W, angle)
        key = tuple(owners.tolist())
        if int(owners.max()) + 1 < len(W) and key not in tried:
            tried.add(key)
            yield owners


def _merged(W: Array, owners: Owners, problem: Problem) -> Outcome:
    merged = np.zeros((int(owners.max()) + 1, W.shape[1]))
    np.add.at(merged, owners, W)
    return prove(merged, Problem(len(merged), problem.teacher, problem.orthonormal))


def _nearest_split(W: Array, owners: Owners, base: Proved) -> tuple[list[Fraction], float] | None:
    """Shares of the split that is about the nearest, and a bound of W's distance from it."""
    centre = np.array([[_number(x) for x in row] for row in base.certificate.claim["centre"]])
    along = np.einsum("ia,ia->i", W, centre[owners]) / np.einsum("ia,ia->i", centre, centre)[owners]
    shares = _shares(along.tolist(), owners, len(centre))
    if shares is None or not all(share > 0 for share in shares):
        return None
    return shares, round_up(_distance(W, centre, owners, shares) + base.error_radius)


def _splits_of(W: Array, owners: Owners, base: Outcome, reach: float) -> ProvedSet | Undecided | None:
    """The set of the splits of a proved point, if W is near it and the splitting matrices are decided."""
    near = _nearest_split(W, owners, base) if isinstance(base, Proved) else None
    if not isinstance(base, Proved) or near is None or not near[1] <= reach:
        return None
    shares, distance = near
    copies = np.bincount(owners).tolist()
    missing = [i for i, n in enumerate(copies) if n > 1 and base.splits[i] is None]
    if missing:
        return Undecided(
            f"close to a set of points with parallel students, but the splitting matrix of student {missing[0]} of the "
            f"{len(copies)} that remain when these are put together could not be told from a singular one",
            "nothing is known that decides this",
        )
    pairs = [(n - 1, split.negative) for n, split in zip(copies, base.splits, strict=True) if split is not None]
    index = base.index + sum(n * negative for n, negative in pairs)
    kind = "manifold-of-saddles" if index else "manifold-of-local-minima"
    not_global = len(W) >= base.certificate.claim["teachers"] and base.loss[0] > 0.0
    claim = {
        **_common(kind, W, distance, len(W) - len(copies)),
        "base": base.certificate.claim,
        "copies": copies,
        "index": index,
        "not_global": not_global,
    }
    witness = {**_point(owners, shares), "base": base.certificate.witness}
    return ProvedSet(Certificate(claim, witness), kind, index, len(W) - len(copies), distance, base.loss, not_global)


def _clusters(W: Array, angle: float) -> Owners:
    """For each row the number of the first row, among those not yet taken, that it is nearly parallel to."""
    units = W / np.maximum(np.linalg.norm(W, axis=1), 2.0**-1000)[:, None]
    owners = np.full(len(W), -1)
    count = 0
    for i in range(len(W)):
        if owners[i] < 0:
            near = (np.linalg.norm(units - units[i], axis=1) <= angle) & (owners < 0)
            owners[near] = count
            owners[i] = count
            count += 1
    return owners


def _shares(along: Sequence[float], owners: Owners, count: int) -> list[Fraction] | None:
    """Multiples on a grid, none negative, that add up to exactly 1 for each owner."""
    result = [Fraction(0)] * len(owners)
    for row in range(count):
        mine = [i for i, owner in enumerate(owners.tolist()) if owner == row]
        raw = [max(0.0, along[i]) for i in mine]
        total = sum(raw)
        if not total > 0.0:
            return None
        for i, x in zip(mine, raw, strict=True):
            result[i] = Fraction(round(x / total * 2**SHARE_BITS), 2**SHARE_BITS)
        largest = max(mine, key=lambda i: result[i])
        result[largest] += 1 - sum(result[i] for i in mine)
    return result


def _distance(W: Array, rows: Array, owners: Owners, shares: Sequence[Fraction] | None) -> float:
    """A little more than the Frobenius distance of W from the multiples of the rows."""
    if shares is None:
        return float("inf")
    near = np.array([float(share) for share in shares])[:, None] * rows[owners]
    size = float(np.linalg.norm(near))
    return round_up(float(np.linalg.norm(W - near)) * (1.0 + 2.0**-20) + 2.0**-48 * size + 2.0**-900)


def _common(kind: str, W: Array, distance: float, dimension: int) -> dict[str, Any]:
    return {
        "kind": kind,
        "landscape": "relu-population-loss",
        "students": len(W),
        "set_dimension": dimension,
        "centre": float_texts(W),
        "distance": float_text(distance),
    }


def _point(owners: Owners, shares: Sequence[Fraction] | None) -> dict[str, Any]:
    exact = [normal(x.numerator, 1 - x.denominator.bit_length()) for x in shares or ()]
    return {"owners": owners.tolist(), "shares": [text(x) for x in exact]}


def _number(value: str) -> float:
    mantissa, exponent = value.split("p")
    return float(Fraction(int(mantissa, 16)) * Fraction(2) ** int(exponent))


def _fractions(V: Array) -> list[list[Fraction]]:
    return [[Fraction(x) for x in row] for row in V.tolist()]


def _dot(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))
