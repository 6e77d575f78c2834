"""Splitting matrices S_i = H_ii - I / 2, and what more students can do (docs/splitting.md, S2 to S4).

For each student (or student class) the claim says how many eigenvalues of S_i at the critical point are negative and
how many positive on the complement of w_i, which sign alpha_i has, and a gap: none of these eigenvalues, nor
alpha_i / 2 pi, is smaller in absolute value.  S_i w_i = 0 everywhere (T1), S_i is a diagonal block of the Hessian and
alpha_i / 2 pi + 1/2 a diagonal entry of the ambient matrix, so that none of them moves by more than Lambda(r) between
the centre and the critical point (T2).  So the signs at the centre, with the gap and Lambda(r) to spare, are those at
the critical point.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import isqrt

from certify.checker.errors import Rejected
from certify.checker.forms import Form, Sparse
from certify.checker.intervals import Arithmetic, Interval, add, sub
from certify.checker.landscape import Dense, Landscape, Vector
from certify.checker.orbits import Geometry
from certify.checker.pivots import negative_count
from certify.checker.reader import Certificate, FamilyCertificate, Split

STEP = "splitting"
Count = Callable[[Dense, Mapping[int, int]], Mapping[int, int]]


def check_splitting(c: Certificate, f: Arithmetic, at: Dense, change: int, count: Count) -> None:
    """Every entry of the claim; change: 2 pi Lambda(error radius); count: `negatives` or what an engine has for it."""
    limits = {i: _limit(split, f, change) for i, split in enumerate(c.splitting) if split is not None}
    negative = count(at, limits) if limits else {}
    for i, split in enumerate(c.splitting):
        if split is not None:
            _compare(split, negative[i], c.dimension, at.alpha(i), limits[i])


def negatives(landscape: Landscape, limits: Mapping[int, int]) -> dict[int, int]:
    """For each student i with a limit: the number of eigenvalues of 2 pi S_i below -limit, all others on the complement
    of w_i being above limit; raises Rejected where that is not confirmed."""
    one = landscape.arithmetic.one
    return {i: _negative(_lifted_rows(landscape, i, one + limit), limit) for i, limit in limits.items()}


def unconfirmed() -> Rejected:
    """What to raise then."""
    return Rejected(STEP, "an eigenvalue was not confirmed to be beyond the gap")


def check_family_splitting(c: FamilyCertificate, f: Arithmetic, geometry: Geometry, change: int) -> None:
    """The same for student classes: S_i taken apart by the group that fixes student i."""
    for a, split in enumerate(c.splitting):
        if split is not None:
            limit = _limit(split, f, change)
            negative = sum(n * _negative(rows, limit) for n, rows in splitting_blocks(geometry, a, f.one + limit))
            _compare(split, negative, c.dimension, geometry.alphas[a], limit)


def _limit(split: Split, f: Arithmetic, change: int) -> int:
    """Upper bound of 2 pi gap + change."""
    return f.mul((2 * f.pi[0], 2 * f.pi[1]), f.exact(*split.gap))[1] + change


def _negative(rows: Sequence[Vector], limit: int) -> int:
    """Eigenvalues below -limit, if no other is below limit; the matrix is given by a lower triangle of intervals."""
    middle = [[(low + high) >> 1 for low, high in row] for row in rows]
    error = max(high - low for row in rows for low, high in row) // 2 + 1
    negative = negative_count(middle, error, limit)
    if negative is None:
        raise unconfirmed()
    return negative


def _compare(split: Split, negative: int, dimension: int, alpha: Interval, limit: int) -> None:
    """The eigenvalues that are not negative are positive, but for the one of w_i that was lifted."""
    if (split.negative, split.positive) != (negative, dimension - 1 - negative):
        raise Rejected(STEP, f"{negative} of {dimension - 1} eigenvalues are negative, not {split.negative}")
    beyond = alpha[1] < -limit if split.beside < 0 else limit < alpha[0]
    if not beyond:
        raise Rejected(STEP, "the curvature beside the span was not confirmed")


def _lifted_rows(landscape: Landscape, i: int, lift: int) -> list[Vector]:
    """Lower triangle of 2 pi S_i + lift u_i u_i^T: its eigenvalues are those of 2 pi S_i beside w_i, and lift."""
    f, unit = landscape.arithmetic, landscape.units[i]
    result = []
    for a, row in enumerate(landscape.own_rows(i)):
        scaled = f.mul((lift, lift), unit[a])
        lifted = [add(x, f.mul(scaled, y)) for x, y in zip(row, unit, strict=False)]
        lifted[a] = sub(lifted[a], f.pi)
        result.append(lifted)
    return result


def splitting_blocks(geometry: Geometry, a: int, lift: int) -> Iterator[tuple[int, list[Vector]]]:
    """Multiplicities and lower triangles of all blocks of 2 pi S_i + lift u_i u_i^T for a student of class a.

    In orthonormal bases: one on vectors constant on {own}, on the rest of the own class and on every other class; and
    one number for each of these classes with two coordinates or more (docs/families.md, F8).
    """
    owner = geometry.rows[a].owner
    marks = {} if owner is None else {owner: 1}
    form = Form(geometry, marks)
    yield 1, _lifted_block(form, a, lift, [Sparse(((c, 1),), 0) for c in range(len(form.sizes))])
    for c, size in enumerate(geometry.sizes):
        apart = marks.get(c, 0)
        members = size - apart
        if members >= 2:
            form = Form(geometry, {**marks, c: apart + 1})
            one, rest = form.parts[c][apart:]
            vector = Sparse(((one, members - 1), (rest, -1)), 0)
            yield members - 1, _lifted_block(form, a, lift, [vector])


def _lifted_block(form: Form, a: int, lift: int, basis: Sequence[Sparse]) -> list[Vector]:
    """2 pi S_i + lift u_i u_i^T on the normalised vectors of an orthogonal basis."""
    f, row = form.geometry.arithmetic, form.members[a][0]
    matrix, gram, shadows = form.splitting(row, basis)
    result = []
    for m, entries in enumerate(matrix):
        line = []
        for n, entry in enumerate(entries):
            square = gram[m] * gram[n] << 2 * f.bits
            length = isqrt(square), isqrt(square) + 1
            along = f.mul((lift, lift), f.mul(shadows[m], shadows[n]))
            line.append(f.div(add(entry, along), length))
        result.append(line)
    return result
