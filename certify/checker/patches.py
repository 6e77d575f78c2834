"""Zeros of a system with one parameter or two, and what depends on them (docs/all-sizes.md, A13).

A patch is the set of all y(t) + z with |z_i| <= r_i and |t_a| <= h_a: parameters t from their middles, y affine in t.
Directions: first each unknown; then each parameter, with the unknowns moving along y.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from operator import mul
from typing import Any, NamedTuple

from certify.checker.bends import Bent, full, sharpened
from certify.checker.congruence import certainly_positive_definite
from certify.checker.errors import Rejected
from certify.checker.intervals import Arithmetic, Interval, magnitude
from certify.checker.jets import ZERO, Jet, Moving

INVERSE_BITS = 32
Matrix = list[list[Moving]]  # lower triangle
Blocks = Iterator[tuple[str, Matrix]]


class Patch(NamedTuple):
    """Unknowns, then parameters: at the middle, and with second derivatives on all of the patch."""

    middle: list[Jet]
    box: list[Bent]
    radii: list[Interval]
    halves: list[int]


class Zeros(NamedTuple):
    """Bounds of |z_i| at the zero y(t) + z(t) for every t, and for t = 0; and of |dz_i / dt_a|, a row for each a."""

    reach: list[int]
    start: list[int]
    rates: list[list[int]]


def patch(
    centre: Sequence[Interval],
    slopes: Sequence[Sequence[Interval]],
    radii: list[Interval],
    sides: Sequence[tuple[Interval, Interval]],
    f: Arithmetic,
) -> Patch:
    """y = centre + slopes t, a row of slopes for each unknown; sides: of each parameter its middle and its range."""
    size, count, one = len(centre), len(centre) + len(sides), (f.one, f.one)
    halves = [max(whole[1] - middle[0], middle[1] - whole[0]) for middle, whole in sides]
    units = [[one if i == k else ZERO for k in range(count)] for i in range(count)]
    directions = [*([*unit[:size], *row] for unit, row in zip(units, slopes, strict=False)), *units[size:]]
    box = []
    for x, r, row in zip(centre, radii, slopes, strict=True):
        change = r[1] + sum(-(-magnitude(s) * h >> f.bits) for s, h in zip(row, halves, strict=True))
        box.append((x[0] - change, x[1] + change))
    none = [ZERO] * (count * (count + 1) // 2)
    middles, ranges = [*centre, *(x for x, _ in sides)], [*box, *(x for _, x in sides)]
    return Patch(
        [Jet(f, x, d) for x, d in zip(middles, directions, strict=True)],
        [Bent(f, x, d, none) for x, d in zip(ranges, directions, strict=True)], radii, halves,
    )  # fmt: skip


def find_zeros(middle: Sequence[Jet], box: Sequence[Any], p: Patch) -> Zeros:
    """For every t one zero of F; rejects unless N(z, t) = z - Y F(y(t) + z, t) maps |z_i| <= r_i into |z_i| <= reach_i
    < r_i and contracts, for every t.  No property of the matrix Y is used.

    middle, box: the equations.
    """
    f, size, moves = middle[0].f, len(p.radii), [*(r[1] for r in p.radii), *p.halves]
    count, unit = len(moves), INVERSE_BITS + 1  # a number of N is in units of 2^-(unit + bits)
    inverse = approximate_inverse([x.slopes[:size] for x in middle], f)
    parts = ([x.value, *x.slopes, *y.bends] for x, y in zip(middle, box, strict=True))
    columns = [([a + b for a, b in column], [b - a for a, b in column]) for column in zip(*parts, strict=True)]
    reach, rooms, begun, speeds = [], [], [], []
    for i, (row, radius) in enumerate(zip(inverse, p.radii, strict=True)):
        sizes = list(map(abs, row))
        numbers = [(sum(map(mul, row, centres)), sum(map(mul, sizes, widths))) for centres, widths in columns]
        numbers[1 + i] = numbers[1 + i][0] - (f.one << unit), numbers[1 + i][1]
        value, *rest = [abs(centre) + width for centre, width in numbers]
        rows = full(rest[count:], count)
        steepest = [(s << f.bits) + sum(map(mul, bends, moves)) for s, bends in zip(rest, rows, strict=False)]
        moved = sum(map(mul, steepest, moves[:size]))
        twice = [
            (2 * s << f.bits) + sum(map(mul, bends[size:], p.halves)) for s, bends in zip(rest, rows, strict=False)
        ]
        fixed = (2 * value << 2 * f.bits) + sum(map(mul, twice[size:], p.halves))
        reach.append(-(-(2 * moved + fixed) >> unit + 2 * f.bits + 1))
        if not reach[i] < radius[0]:
            raise Rejected("existence", f"unknown {i} is not confirmed to stay within its radius")
        rooms.append(radius[0] - -(-moved >> unit + 2 * f.bits))
        begun.append(-(-value >> unit))
        speeds.append([-(-x >> unit + f.bits) for x in steepest[size:]])
    largest = [max(-(-(x << f.bits) // room) for x, room in zip(column, rooms, strict=True))
               for column in (begun, *zip(*speeds, strict=True))]  # fmt: skip
    start, *rates = ([-(-x * r[1] >> f.bits) for r in p.radii] for x in largest)
    return Zeros(reach, start, rates)


def approximate_inverse(matrix: Sequence[Sequence[Interval]], f: Arithmetic) -> list[list[int]]:
    """Some integers: about 2^INVERSE_BITS times the inverse of the midpoints, by elimination; nothing is claimed."""
    size, shift, one = len(matrix), f.bits + 1 - INVERSE_BITS, 1 << INVERSE_BITS
    rows = [
        [*((a + b) >> shift for a, b in row), *(one * (i == k) for k in range(size))] for i, row in enumerate(matrix)
    ]
    for k in range(size):
        pivot = max(range(k, size), key=lambda i: abs(rows[i][k]))
        rows[k], rows[pivot] = rows[pivot], rows[k]
        if not rows[k][k]:
            raise Rejected("existence", "the midpoints of the derivatives form a singular matrix")
        rows[k] = [(x << INVERSE_BITS) // rows[k][k] for x in rows[k]]
        for i in range(size):
            if i != k:
                rows[i] = [x - (rows[i][k] * y >> INVERSE_BITS) for x, y in zip(rows[i], rows[k], strict=True)]
    return [row[size:] for row in rows]


def follow(middle: Any, box: Any, zeros: Zeros, p: Patch) -> Any:
    """A quantity at the zeros, or nested tuples of such; an integer, None and the arithmetic are kept."""
    if isinstance(box, tuple):
        parts = [follow(x, y, zeros, p) for x, y in zip(middle, box, strict=True)]
        return type(middle)(*parts)
    if not isinstance(box, Bent):
        if not isinstance(box, int | Arithmetic | None):
            raise TypeError("neither a jet nor what does not move")
        return middle
    return _moving(middle.value, sharpened(middle, box, [*zeros.reach, *p.halves]), box.value, zeros, p)


def follow_slopes(middle: Any, box: Any, zeros: Zeros, p: Patch) -> Any:
    """The derivatives by the unknowns of the quantities of a tuple at the zeros, for each a list."""
    moves, size = [*zeros.reach, *p.halves], len(p.radii)

    def rows(x: Jet, y: Bent) -> list[Moving]:
        """Of one quantity."""
        entries = list(zip(x.slopes, full(y.bends, len(moves)), sharpened(x, y, moves), strict=True))
        return [_moving(*entry, zeros, p) for entry in entries[:size]]

    return type(middle)(*(rows(x, y) if isinstance(y, Bent) else x for x, y in zip(middle, box, strict=True)))


def _moving(value: Interval, slopes: Sequence[Interval], wide: Interval, zeros: Zeros, p: Patch) -> Moving:
    """By its value at the middle, its derivatives on the patch near the zeros, and its value there.

    At zeros a number moves by the chain rule along y(t) + z(t).
    """
    f, size = p.middle[0].f, len(p.radii)
    sizes = list(map(magnitude, slopes))
    rates = [_wider(s, sum(map(mul, sizes, rate)), f) for s, rate in zip(slopes[size:], zeros.rates, strict=True)]
    low, high = _wider(value, sum(map(mul, sizes, [*zeros.reach, *p.halves])), f)
    start = _wider(value, sum(map(mul, sizes, zeros.start)), f)
    return Moving(f, (max(low, wide[0]), min(high, wide[1])), rates, start)


def _wider(x: Interval, change: int, f: Arithmetic) -> Interval:
    """x and what is within change, in units of 4^-bits."""
    step = -(-change >> f.bits)
    return x[0] - step, x[1] + step


def taylor(middle: Jet, box: Any, zeros: Zeros, p: Patch) -> Interval:
    """Encloses a quantity at the zeros by its value and first derivatives at the middle and half the second ones."""
    moves = [*zeros.reach, *p.halves]
    halved = sharpened(middle, box, [x + 1 >> 1 for x in moves])
    return _wider(middle.value, sum(map(mul, map(magnitude, halved), moves)), middle.f)


def check_definite(name: str, block: Matrix, p: Patch) -> None:
    """The block M(t) at the zeros is positive definite: it is M(0) + sum_a t_a S_a with S_a in its slopes over all t,
    hence between the corners t_a = -+ h_a.
    """
    for signs in product((-1, 1), repeat=len(p.halves)):
        steps = [(sign * half, sign * half) for sign, half in zip(signs, p.halves, strict=True)]
        if not certainly_positive_definite([[x.at(steps) for x in row] for row in block], p.middle[0].f):
            raise Rejected("curvature", f"the block {name} is not confirmed to be positive definite")
