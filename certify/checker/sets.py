"""Sets of critical points: the global minima where K >= M, and the splits of a point (docs/splitting.md, S4 and S5).

Everything here is exact arithmetic on dyadics; what is analytic has been verified for the base of a split manifold.
"""

from collections.abc import Iterable, Sequence

from certify.checker.errors import Rejected
from certify.checker.fields import Dyadic
from certify.checker.sets_reader import GlobalSet, SplitManifold

STEP = "set"


def check_global_set(c: GlobalSet) -> None:
    """S5: the hypotheses on the teachers, the numbers that follow, and the distance of the centre."""
    _check_teachers(c)
    surplus = c.students - c.teachers
    cells = _maps_onto(c.students, c.teachers)
    _equal("the dimension", c.set_dimension, surplus)
    _equal("the number of cells", c.cells, cells)
    if c.connected is not (surplus > 0 or c.teachers == 1):
        raise Rejected(STEP, "the set is connected exactly if K > M or M = 1")
    _check_shares(c.owners, c.shares, c.teachers)
    _check_distance(_deviations(c.centre, c.owners, c.shares, c.teacher), c.distance, (0, 0))


def _maps_onto(students: int, teachers: int) -> int:
    """M! S(K, M): the last student joins the others' image, or makes it complete."""
    counts = [1] + [0] * teachers  # maps of the first students onto 0, 1, ..., M teachers
    for _ in range(students):
        counts = [0] + [m * (counts[m] + counts[m - 1]) for m in range(1, teachers + 1)]
    return counts[teachers]


def check_split_manifold(c: SplitManifold) -> None:
    """S4, once the base has been verified: dimension and index from the splitting matrices, and the distance."""
    index, dimension = c.base.index, 0
    for i, count in enumerate(c.copies):
        _equal(f"the number of multiples of student {i}", sum(owner == i for owner in c.owners), count)
        dimension += count - 1
        if count > 1:
            split = c.base.splitting[i] if c.base.splitting else None
            if split is None:
                raise Rejected(STEP, f"nothing is claimed about the splitting matrix of student {i}")
            index += (count - 1) * split.negative
    if not dimension > 0:
        raise Rejected(STEP, "no student is split")
    _equal("the dimension", c.set_dimension, dimension)
    _equal("the index", c.index, index)
    if c.not_global is not (c.students >= c.base.teachers and c.base.loss[0][0] > 0):
        raise Rejected(STEP, "not_global must say whether students >= teachers and the loss is positive")
    if not all(mantissa > 0 for mantissa, _ in c.shares):
        raise Rejected(STEP, "a multiple is zero")
    _check_shares(c.owners, c.shares, len(c.copies))
    _check_distance(_deviations(c.centre, c.owners, c.shares, c.base.centre), c.distance, c.base.error_radius)


def _equal(name: str, claimed: int, proven: int) -> None:
    if claimed != proven:
        raise Rejected(STEP, f"{name} is not as claimed")


def _check_teachers(c: GlobalSet) -> None:
    """No two teachers on a line; and all of them in an open half-space, if the set is said to be complete."""
    if c.orthonormal:
        return
    rows = _integers(c.teacher)
    if c.complete and not (c.half_space and all(_dot(row, c.half_space) > 0 for row in rows)):
        raise Rejected(STEP, "the teachers are not confirmed to be in a half-space")
    squares = [_dot(row, row) for row in rows]
    for m, row in enumerate(rows):
        for n in range(m):
            if _dot(row, rows[n]) ** 2 == squares[m] * squares[n]:
                raise Rejected(STEP, "two teachers lie on a line")


def _check_shares(owners: Sequence[int], shares: Sequence[Dyadic], count: int) -> None:
    """The multiples of each row add up to 1, and none is negative."""
    if any(mantissa < 0 for mantissa, _ in shares):
        raise Rejected(STEP, "a multiple is negative")
    for row in range(count):
        mine = [share for owner, share in zip(owners, shares, strict=True) if owner == row]
        if not (mine and _compare(_total(mine), (1, 0)) == 0):
            raise Rejected(STEP, "the multiples of a row do not add up to 1")


def _deviations(
    centre: Sequence[Sequence[Dyadic]],
    owners: Sequence[int],
    shares: Sequence[Dyadic],
    rows: Sequence[Sequence[Dyadic]],
) -> list[Dyadic]:
    """All entries of the centre minus the point of the set."""
    return [
        _total([x, (-share[0] * y[0], share[1] + y[1])])
        for line, owner, share in zip(centre, owners, shares, strict=True)
        for x, y in zip(line, rows[owner], strict=True)
    ]


def _check_distance(deviations: Sequence[Dyadic], distance: Dyadic, error: Dyadic) -> None:
    """|deviations| + error <= distance."""
    room = _total([distance, (-error[0], error[1])])
    square = _total([(m * m, 2 * e) for m, e in deviations])
    if not (room[0] >= 0 and _compare(square, (room[0] ** 2, 2 * room[1])) <= 0):
        raise Rejected(STEP, "the centre is not confirmed to be within the distance")


def _total(terms: Sequence[Dyadic]) -> Dyadic:
    """The exact sum."""
    low = min(exponent for _, exponent in terms)
    return sum(mantissa << exponent - low for mantissa, exponent in terms), low


def _compare(a: Dyadic, b: Dyadic) -> int:
    """Sign of a - b, exactly."""
    difference = _total([a, (-b[0], b[1])])[0]
    return (difference > 0) - (difference < 0)


def _integers(rows: Sequence[Sequence[Dyadic]]) -> list[list[int]]:
    """The rows times one power of two."""
    low = min(exponent for row in rows for _, exponent in row)
    return [[mantissa << exponent - low for mantissa, exponent in row] for row in rows]


def _dot(a: Iterable[int], b: Iterable[int]) -> int:
    return sum(x * y for x, y in zip(a, b, strict=True))
