"""Exactly one zero in a box, and the nature of a critical point (docs/systems.md, Z5 to Z7).

The steps of a zero: "domain" (every operation is smooth on the whole box), "contraction" (Z5), "error" (the claimed
error radii); of a critical point also "inertia" and "value".
"""

from collections.abc import Sequence
from typing import NamedTuple

from certify.checker.definite import certainly_has_inertia, limit_work
from certify.checker.errors import Rejected, ResourceLimit
from certify.checker.floating import Floating, Point, Real, at, ceil_to, compare, floor_to, lower, top, upper
from certify.checker.program import Gradient, Hessian, Program
from certify.checker.systems import CriticalPoint, Place, ZeroClaim

LIMIT_STEPS = 1 << 31


class Budget:
    """Steps that all linear systems of a certificate together may take."""

    def __init__(self, bits: int) -> None:
        """bits: of the numbers."""
        self.bits, self._left = bits, LIMIT_STEPS

    def spend(self, steps: int) -> None:
        """Refuse what is beyond."""
        self._left -= steps * (1 + self.bits // 512) ** 2
        if self._left < 0:
            raise ResourceLimit("the linear systems would take too long")


class Row(NamedTuple):
    """One equation in units in which the box is [-1, 1]^n: midpoints of its gradient, their error, its value."""

    middle: dict[int, int]
    error: int
    value: tuple[int, int]


def verify_zero(c: ZeroClaim) -> None:
    """All steps for a system."""
    f, program = Floating(c.precision), c.program
    program.limit_work(1, c.precision)
    values = program.values(inputs(program, c.place, f, whole=False), f)
    gradients = program.gradients(inputs(program, c.place, f, whole=True), f)
    check_contraction(c.place, values, gradients, f, Budget(c.factor_bits))


def verify_critical_point(c: CriticalPoint) -> None:
    """All steps for the gradient of a function."""
    f, program = Floating(c.precision), c.program
    program.limit_work(2, c.precision)
    limit_work(len(program.variables), c.index, 2 * c.factor_bits)
    gradient, curvature = program.hessian(inputs(program, c.place, f, whole=False), f)
    _, everywhere = program.hessian(inputs(program, c.place, f, whole=True), f)
    count = len(program.variables)
    values = [gradient.get(i, (0, 0, 0)) for i in range(count)]
    check_contraction(c.place, values, _rows_of(everywhere, count), f, Budget(c.factor_bits))
    _check_inertia(c, _rows_of(curvature, count), f)
    within = Place(c.place.centre, c.place.error_radii, c.place.error_radii)
    value = program.values(inputs(program, within, f, whole=True), f)[0]
    if not (compare(c.value[0], lower(value)) <= 0 and compare(upper(value), c.value[1]) <= 0):
        raise Rejected("value", "the claimed interval does not contain the enclosure of the value")


def inputs(program: Program, place: Place, f: Floating, *, whole: bool) -> list[Real]:
    """Intervals for the variables, at the centre or on the whole box, and for the parameters."""
    nodes = [_around(x, r, f) if whole else at(x) for x, r in zip(place.centre, place.uniqueness_radii, strict=True)]
    return nodes + [f.between(parameter.low, parameter.high) for parameter in program.parameters]


def _around(x: Point, radius: Point, f: Floating) -> Real:
    e = min(x[1], radius[1])
    middle, reach = x[0] << x[1] - e, radius[0] << radius[1] - e
    return f.between((middle - reach, e), (middle + reach, e))


def check_contraction(place: Place, values: list[Real], gradients: list[Gradient], f: Floating, budget: Budget) -> None:
    """Z5: |C F| + |I - C A| 1 < 1, row by row, for an approximate inverse C; then the error radii.

    Here F and A are value and Jacobian in units in which the box is [-1, 1]^n; no property of C is assumed.
    """
    bits = budget.bits
    rows = [_row(*pair, place.uniqueness_radii, bits, f) for pair in zip(values, gradients, strict=True)]
    shares: list[
        tuple[int, int]
    ] = []  # residual in units of 2^-(bits + precision), contraction in units of 2^-(2 bits)
    one_residual, one = 1 << bits + f.bits, 1 << 2 * bits
    for i, inverse in enumerate(inverse_rows([row.middle for row in rows], budget)):
        residual, contraction = _shares(i, inverse, rows, one)
        if not residual * one + contraction * one_residual < one * one_residual:
            raise Rejected("contraction", f"unknown {i}: not confirmed that the box is mapped into its interior")
        shares.append((residual, contraction))
    distance = max(-(-residual * one // (one - contraction)) for residual, contraction in shares)
    for (residual, contraction), radius, claimed in zip(shares, place.uniqueness_radii, place.error_radii, strict=True):
        bound = residual - (-contraction * distance // one)
        if not compare((radius[0] * bound, radius[1] - bits - f.bits), claimed) <= 0:
            raise Rejected("error", "an error radius is claimed below the proven one")


def _row(value: Real, gradient: Gradient, radii: Sequence[Point], bits: int, f: Floating) -> Row:
    """The equation divided by a power of two near its largest derivative, in integers."""
    scaled = {j: f.mul(entry, at(radii[j])) for j, entry in gradient.items()}
    scaled = {j: entry for j, entry in scaled.items() if entry[0] or entry[1]}
    if not scaled:
        raise Rejected("contraction", "the gradient of an equation vanishes")
    unit = max(top(end) for entry in scaled.values() for end in (lower(entry), upper(entry)) if end[0])
    middle, error = {}, 0
    for j, entry in scaled.items():
        low, high = floor_to(lower(entry), unit - bits), ceil_to(upper(entry), unit - bits)
        middle[j] = low + high >> 1
        error += max(high - middle[j], middle[j] - low)
    return Row(middle, error, (floor_to(lower(value), unit - f.bits), ceil_to(upper(value), unit - f.bits)))


def _shares(i: int, inverse: dict[int, int], rows: list[Row], one: int) -> tuple[int, int]:
    """|(C F)_i| and sum_j |(I - C A)_ij|, for one row of C."""
    low = high = contraction = 0
    product: dict[int, int] = {i: -one}
    for k, factor in inverse.items():
        row = rows[k]
        ends = factor * row.value[0], factor * row.value[1]
        low, high = low + min(ends), high + max(ends)
        contraction += abs(factor) * row.error
        for j, entry in row.middle.items():
            product[j] = product.get(j, 0) + factor * entry
    return max(-low, high), contraction + sum(map(abs, product.values()))


def inverse_rows(matrix: list[dict[int, int]], budget: Budget) -> list[dict[int, int]]:
    """Rows of an approximate inverse of a sparse matrix, everything in units of 2^-bits: Gauss, largest pivots.

    Its quality decides whether the test that follows succeeds, nothing else.
    """
    upper_rows, steps = _eliminated(matrix, budget)
    bits, result = budget.bits, []
    for i in range(len(matrix)):
        left, solution = {i: 1 << 2 * bits}, {}
        for j in range(i, len(matrix)):
            value = left.pop(j, 0) // upper_rows[j][j]
            if value:
                solution[steps[j][0]] = value
                for k, entry in upper_rows[j].items():
                    if k > j:
                        left[k] = left.get(k, 0) - value * entry
        for pivot, multiples in reversed(steps):
            change = sum(solution[k] * factor for k, factor in multiples if k in solution) >> bits
            if change:
                solution[pivot] = solution.get(pivot, 0) - change
        result.append(solution)
    return result


def _eliminated(
    matrix: list[dict[int, int]], budget: Budget
) -> tuple[list[dict[int, int]], list[tuple[int, list[tuple[int, int]]]]]:
    """Upper triangular rows by column, and for each column its pivot row and the multiples subtracted elsewhere."""
    rows = [dict(row) for row in matrix]
    holders: list[set[int]] = [set() for _ in rows]  # rows with an entry in the column and no pivot yet
    for i, row in enumerate(rows):
        for j in row:
            holders[j].add(i)
    bits, upper_rows, steps = budget.bits, [], []
    for j in range(len(rows)):
        pivot = max(sorted(holders[j]), key=lambda i: abs(rows[i].get(j, 0)), default=-1)
        if pivot < 0 or not rows[pivot].get(j, 0):
            raise Rejected("contraction", f"the Jacobian is singular to working precision; rank at least {j}")
        own, multiples = rows[pivot], []
        for k in own:
            holders[k].discard(pivot)
        for i in sorted(holders[j]):
            factor = (rows[i].pop(j) << bits) // own[j]
            multiples.append((i, factor))
            for k, entry in own.items():
                if k != j:
                    rows[i][k] = rows[i].get(k, 0) - (factor * entry >> bits)
                    holders[k].add(i)
        budget.spend(len(multiples) * len(own) + (len(multiples) + len(own)) * len(rows))
        upper_rows.append(own)
        steps.append((pivot, multiples))
    return upper_rows, steps


def _rows_of(hessian: Hessian, count: int) -> list[Gradient]:
    """The full symmetric matrix, by rows."""
    rows: list[Gradient] = [{} for _ in range(count)]
    for (i, j), entry in hessian.items():
        rows[i][j] = rows[j][i] = entry
    return rows


def _check_inertia(c: CriticalPoint, rows: list[Gradient], f: Floating) -> None:
    """Z7: the Hessian at the centre, in the units of the box, has `index` negative eigenvalues and no zero one."""
    radii, unit = c.place.uniqueness_radii, None
    scaled = [[f.mul(f.mul(row.get(j, (0, 0, 0)), at(radii[i])), at(radii[j])) for j in range(i + 1)]
              for i, row in enumerate(rows)]  # fmt: skip
    unit = max(top(end) for row in scaled for entry in row for end in (lower(entry), upper(entry)) if end[0])
    e = unit - 2 * c.factor_bits
    ends = [[(floor_to(lower(entry), e), ceil_to(upper(entry), e)) for entry in row] for row in scaled]
    middle = [[low + high >> 1 for low, high in row] for row in ends]
    error = max(high - low for row in ends for low, high in row)
    if not certainly_has_inertia(middle, error, 1, c.directions, c.weight):
        raise Rejected("inertia", f"not confirmed that {c.index} eigenvalues are negative and the others positive")
