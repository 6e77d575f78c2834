"""Enclosures of the population loss and its derivatives at one point, all multiplied by 2 pi.

Notation of docs/theorems.md, T1: students w_i (rows of the centre), teachers v_m; rows x_j are the students followed
by the teachers, with sign +1 and -1; u_j = x_j / |x_j|, c = u_i.u_j, r_ij = u_j - c u_i, s = |r_ij| = sin t_ij.
All numbers are intervals of `intervals.Arithmetic`.
"""

from collections.abc import Iterator, Sequence
from math import isqrt
from operator import mul
from typing import NamedTuple, Protocol

from certify.checker.errors import Rejected, ResourceLimit
from certify.checker.intervals import Arithmetic, Interval, add, clip, magnitude, split, sub

Dyadic = tuple[int, int]
Vector = list[Interval]

LIMIT_GRAM_WORK = 1 << 28
LIMIT_KEPT = 1 << 18


class Pair(NamedTuple):
    """Two rows; the same in either order."""

    cosine: Interval
    sine: Interval
    complement: Interval  # pi - t


class Dense(Protocol):
    """What the theorem asks of the loss at one point, times 2 pi: intervals, or upper bounds, in units of 2^-bits."""

    arithmetic: Arithmetic

    def student_norms(self) -> list[tuple[Interval, int]]:
        """Row norms of the students, with multiplicities."""

    def teacher_length(self) -> int:
        """Upper bound of sum_m |v_m|."""

    def gradient_norm(self) -> int:
        """Upper bound of the Frobenius norm of 2 pi grad L."""

    def loss(self) -> Interval:
        """2 pi L."""

    def alpha(self, i: int) -> Interval:
        """alpha_i = sum_j sign_j |x_j| s_ij / |w_i|."""

    def slope(self, m: int) -> Interval:
        """2 pi D(v_m / |v_m|)."""


class Landscape:
    """The loss around a centre: K students and M teachers in R^d, rows of exact dyadics."""

    def __init__(
        self, students: Sequence[Sequence[Dyadic]], teachers: Sequence[Sequence[Dyadic]], arithmetic: Arithmetic
    ) -> None:
        """Compute norms, unit vectors and the pairs (student, row) once."""
        self.arithmetic = arithmetic
        self.count = len(students)
        rows = [*students, *teachers]
        self.signs = [1] * self.count + [-1] * len(teachers)
        self.rows = [[arithmetic.exact(*x) for x in row] for row in rows]
        self.norms, self.units = [], []
        for row in rows:
            norm, unit = _normalise(row, arithmetic)
            self.norms.append(norm)
            self.units.append(unit)
        self._split_units = [split(unit) for unit in self.units]
        self._integers = _aligned(rows)
        self._squares = [sum(map(mul, row, row)) for row in self._integers]
        self._known: dict[tuple[int, int], Pair] = {}
        self.pairs: list[list[Pair | None]] = [[None] * len(rows) for _ in range(self.count)]
        for i, line in enumerate(self.pairs):
            for j in range(i + 1, len(rows)):
                line[j] = self._pair(i, j)
                if j < self.count:
                    self.pairs[j][i] = line[j]
        self._residuals: dict[tuple[int, int], Vector] = {}
        self._own: dict[int, list[Vector]] = {}
        self._alphas: dict[int, Interval] = {}

    def _pair(self, i: int, j: int) -> Pair:
        """All scalars of one pair, from exact inner products: c^2 and s^2 are quotients of integers.

        With G the inner product, P = |x_i|^2 |x_j|^2 (each row in a unit of its own): c = G / sqrt(P),
        s = sqrt((P - G^2) / P), no cancellation; and tan of half the angle, or of half of pi - t, is s / (1 + |c|).
        """
        f = self.arithmetic
        inner = sum(map(mul, self._integers[i], self._integers[j]))
        product = self._squares[i] * self._squares[j]
        known = self._known.get((inner, product))
        if known is not None:
            return known
        size = clip(_root(inner * inner, product, f.bits), 0, f.one)
        sine = clip(_root(product - inner * inner, product, f.bits), 0, f.one)
        half = f.atan(f.div(sine, add((f.one, f.one), size)))
        twice = 2 * half[0], 2 * half[1]
        pair = Pair(size, sine, sub(f.pi, twice)) if inner > 0 else Pair((-size[1], -size[0]), sine, twice)
        self._known[inner, product] = pair
        return pair

    def residual(self, i: int, j: int) -> Vector:
        """r_ij."""
        if (i, j) not in self._residuals:
            f, pair = self.arithmetic, self.pairs[i][j]
            if pair is None:
                raise Rejected("internal", "a row was paired with itself")
            self._residuals[i, j] = f.minus_multiple(self.units[j], pair.cosine, self._split_units[i])
        return self._residuals[i, j]

    def direction(self, i: int, j: int, sine: Interval) -> Vector:
        """r_ij / s, any vector of [-1, 1]^d where s may be 0."""
        f = self.arithmetic
        whole = (-f.one, f.one)
        return [clip(f.div(x, sine), *whole) if sine[0] > 0 else whole for x in self.residual(i, j)]

    def _others(self, i: int) -> list[tuple[int, Pair]]:
        """Rows j != i with their pairs."""
        return [(j, pair) for j, pair in enumerate(self.pairs[i]) if pair is not None]

    def alpha(self, i: int) -> Interval:
        """alpha_i = sum_j sign_j |x_j| s_ij / |w_i|."""
        if i not in self._alphas:
            self._alphas[i] = self._alpha(i)
        return self._alphas[i]

    def _alpha(self, i: int) -> Interval:
        f = self.arithmetic
        total = (0, 0)
        for j, pair in self._others(i):
            product = f.mul(self.norms[j], pair.sine)
            total = add(total, product) if self.signs[j] > 0 else sub(total, product)
        return f.div(total, self.norms[i])

    def gradient(self) -> list[Vector]:
        """Rows alpha_i w_i + pi w_i + sum_{j != i} sign_j (pi - t_ij) x_j."""
        f = self.arithmetic
        columns = [split(column) for column in zip(*self.rows, strict=True)]
        result = []
        for i in range(self.count):
            weights = [add(self.alpha(i), f.pi)] * len(self.rows)
            for j, pair in self._others(i):
                weights[j] = pair.complement if self.signs[j] > 0 else sub((0, 0), pair.complement)
            factors = split(weights)
            result.append([f.product(factors, column) for column in columns])
        return result

    def loss(self) -> Interval:
        """2 pi L = sum over unordered pairs of sign_i sign_j k(x_i, x_j) + sum_j pi |x_j|^2 / 2."""
        f = self.arithmetic
        total = (0, 0)
        for j, norm in enumerate(self.norms):
            own = f.mul(f.pi, f.narrow(f.square(norm)))
            total = add(total, (own[0] >> 1, -(-own[1] >> 1)))
            for i in range(j):
                product = f.mul(f.mul(norm, self.norms[i]), self._shape(i, j))
                total = add(total, product) if self.signs[i] == self.signs[j] else sub(total, product)
        return total

    def _shape(self, i: int, j: int) -> Interval:
        """2 pi g of two unit vectors: s + (pi - t) c, for i < j or two teachers."""
        f = self.arithmetic
        pair = self.pairs[i][j] if i < self.count else self._pair(i, j)
        if pair is None:
            raise Rejected("internal", "a row was paired with itself")
        return add(pair.sine, f.mul(pair.complement, pair.cosine))

    def slope(self, m: int) -> Interval:
        """2 pi D(v_m / |v_m|), D(u) = sum_i g(w_i, u) - sum_n g(v_n, u) (docs/splitting.md, S6)."""
        f, own, total = self.arithmetic, self.count + m, (0, 0)
        for j, norm in enumerate(self.norms):
            product = f.mul(norm, f.pi if j == own else self._shape(j, own))
            total = add(total, product) if self.signs[j] > 0 else sub(total, product)
        return total

    def hessian_block(self, i: int, j: int) -> list[Vector]:
        """The d x d block of students i and j; T1 (b) for i != j, T1 (a) summed over all rows for i = j."""
        if i != j:
            return self._cross_block(i, j)
        rows = self.own_rows(i)
        return [[rows[max(a, b)][min(a, b)] for b in range(len(rows))] for a in range(len(rows))]

    def _cross_block(self, i: int, j: int) -> list[Vector]:
        """(pi - t) I + s u_i u_j^T + n_ij r_ji^T with n_ij = r_ij / s."""
        f = self.arithmetic
        pair = self.pairs[i][j]
        if pair is None:
            raise Rejected("internal", "an off-diagonal block was asked for on the diagonal")
        left = split(f.mul(pair.sine, a) for a in self.units[i]), split(self.direction(i, j, pair.sine))
        right = split(self.units[j]), split(self.residual(j, i))
        widest = [(max(y.radii), max(y.tops)) for y in right]
        block = []
        for a in range(len(self.units[i])):
            # As in Arithmetic.product, with one radius for the whole row.
            radius = sum(x.sizes[a] * r + x.radii[a] * t for x, (r, t) in zip(left, widest, strict=True))
            one, two = left[0].middles[a], left[1].middles[a]
            middles = [one * v + two * r for v, r in zip(right[0].middles, right[1].middles, strict=True)]
            block.append([(m - radius >> f.bits + 2, -(-m - radius >> f.bits + 2)) for m in middles])
        for a, row in enumerate(block):
            row[a] = add(row[a], pair.complement)
        return block

    def own_rows(self, i: int) -> list[Vector]:
        """Lower triangle of pi I + alpha_i (I - u_i u_i^T) + sum_j sign_j |x_j| / |w_i| n_ij r_ij^T."""
        rows = self._own.get(i) or list(self._own_rows(i))
        if self.count * len(rows) ** 2 <= LIMIT_KEPT:
            self._own[i] = rows
        return rows

    def _own_rows(self, i: int) -> Iterator[Vector]:
        f = self.arithmetic
        unit, alpha = self.units[i], self.alpha(i)
        left, right = [[f.mul(alpha, sub((0, 0), a)) for a in unit]], [unit]
        for j, pair in self._others(i):
            weight = f.div(self.norms[j], self.norms[i])
            if self.signs[j] < 0:
                weight = sub((0, 0), weight)
            left.append([f.mul(weight, n) for n in self.direction(i, j, pair.sine)])
            right.append(self.residual(i, j))
        factors, columns = ([split(column) for column in zip(*rows, strict=True)] for rows in (left, right))
        radii = [max(x) for x in zip(*(y.radii for y in columns), strict=True)]
        tops = [max(x) for x in zip(*(y.tops for y in columns), strict=True)]
        diagonal = add(f.pi, alpha)
        for a, x in enumerate(factors):
            # As in Arithmetic.product, with one radius for the whole row.
            radius = sum(map(mul, x.sizes, radii)) + sum(map(mul, x.radii, tops))
            middles = [sum(map(mul, x.middles, y.middles)) for y in columns[: a + 1]]
            row = [(m - radius >> f.bits + 2, -(-m - radius >> f.bits + 2)) for m in middles]
            row[a] = add(row[a], diagonal)
            yield row

    def hessian_rows(self) -> Iterator[Vector]:
        """Lower triangle of the Hessian, row by row in the order (student, coordinate); row a has a + 1 entries."""
        for i in range(self.count):
            blocks = [self._cross_block(i, j) for j in range(i)]
            for a, own in enumerate(self.own_rows(i)):
                yield [entry for block in blocks for entry in block[a]] + own

    def ambient_rows(self) -> Iterator[Vector]:
        """Lower triangle of 2 pi A: pi - t_ij off the diagonal, pi + alpha_i on it."""
        for i in range(self.count):
            row = [pair.complement for pair in self.pairs[i][:i] if pair is not None]
            yield [*row, add(self.arithmetic.pi, self.alpha(i))]

    def student_norms(self) -> list[tuple[Interval, int]]:
        """Row norms of the students, each with multiplicity 1."""
        return [(norm, 1) for norm in self.norms[: self.count]]

    def teacher_length(self) -> int:
        """Upper bound of sum_m |v_m|."""
        return sum(norm[1] for norm in self.norms[self.count :])

    def gradient_norm(self) -> int:
        """Upper bound of the Frobenius norm of 2 pi grad L."""
        zero = (0, 0)
        sizes = [(magnitude(g), magnitude(g)) for row in self.gradient() for g in row]
        return self.arithmetic.length(sizes or [zero])[1]


def _aligned(rows: Sequence[Sequence[Dyadic]]) -> list[list[int]]:
    """The entries of each row as integers in a unit of the row; refuses what would take too long to multiply."""
    result = []
    for row in rows:
        low = min((exponent for mantissa, exponent in row if mantissa), default=0)
        result.append([mantissa << exponent - low if mantissa else 0 for mantissa, exponent in row])
    widest = max(max(map(int.bit_length, row)) for row in result)
    if len(rows) ** 2 * len(rows[0]) * (1 + widest // 256) ** 2 > LIMIT_GRAM_WORK:
        raise ResourceLimit("the entries of a row differ too much in size")
    return result


def _root(numerator: int, denominator: int, bits: int) -> Interval:
    """Square root of a quotient >= 0, in units of 2^-bits."""
    scaled = numerator << 2 * bits
    low = isqrt(scaled // denominator)
    return low, low + (low * low * denominator < scaled)


def _normalise(row: Sequence[Dyadic], arithmetic: Arithmetic) -> tuple[Interval, Vector]:
    """Norm and unit vector of an exact nonzero row; the unit vector is accurate however small the row is."""
    low = min(exponent for _, exponent in row)
    mantissas = [mantissa << exponent - low for mantissa, exponent in row]
    size = max(abs(m) for m in mantissas).bit_length()
    scale = max(0, arithmetic.bits - size + 8)
    integers = [(m << scale, m << scale) for m in mantissas]
    length = arithmetic.length(integers)
    if length[0] <= 0:
        raise Rejected("nonzero rows", "a row is zero")
    unit = [clip(arithmetic.div(m, length), -arithmetic.one, arithmetic.one) for m in integers]
    shift = low - scale + arithmetic.bits
    if shift >= 0:
        return (length[0] << shift, length[1] << shift), unit
    return (length[0] >> -shift, -(-length[1] >> -shift)), unit
