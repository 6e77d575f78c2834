"""The population loss and its derivatives in ball arithmetic, at a point or over a box.

Formulas as in `floats`; every result contains the exact value for every point of the input balls.  Balls stay finite
and tight at and near parallel and antiparallel pairs: the angle comes from atan2(|u + v|, |u - v|), and the rank-one
term r r'^T / s from a direction r / s clipped to [-1, 1].  Precision is that of the enclosing `precision` scope.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from certify.arithmetic import Ball, ball_matrix, clipped, dyadic_ball, pi, square_root

Row = Sequence[Ball]
ZERO = (0, 0)


@dataclass(frozen=True)
class BallPair:
    """Student i against row j: cosine, sine, pi - t, r_ij and r_ij / s."""

    cosine: Ball
    sine: Ball
    complement: Ball
    residual: list[Ball]
    direction: list[Ball]


class BallLandscape:
    """Loss, gradient, Hessian and ambient matrix over a box of students, for exact or ball-valued teachers."""

    def __init__(self, students: Sequence[Row], teachers: Sequence[Row]) -> None:
        """Students [K][d] and teachers [M][d] as balls; rows whose ball contains zero give non-finite results."""
        self.students = len(students)
        self.rows = [list(row) for row in (*students, *teachers)]
        self.signs = [1] * len(students) + [-1] * len(teachers)
        self.norms = [square_root(_dot(row, row)) for row in self.rows]
        self.units = [[clipped(x / norm, -1, 1) for x in row] for row, norm in zip(self.rows, self.norms, strict=True)]
        self.cosines = (ball_matrix(self.units) * ball_matrix(self.units).transpose()).tolist()
        self.pairs = [
            [None if i == j else self._pair(i, j) for j in range(len(self.rows))] for i in range(self.students)
        ]

    def _pair(self, i: int, j: int) -> BallPair:
        u, v = self.units[i], self.units[j]
        cosine = clipped(self.cosines[i][j], -1, 1)
        residual = [clipped(b - cosine * a, -1, 1) for a, b in zip(u, v, strict=True)]
        sine = clipped(square_root(_dot(residual, residual)), 0, 1)
        difference = [b - a for a, b in zip(u, v, strict=True)]
        total = [b + a for a, b in zip(u, v, strict=True)]
        near, far = square_root(_dot(difference, difference)), square_root(_dot(total, total))
        complement = 2 * type(near).atan2(far, near)
        whole = clipped(cosine / 0, -1, 1)
        direction = [clipped(r / sine, -1, 1) if sine > 0 else whole for r in residual]
        return BallPair(cosine, sine, complement, residual, direction)

    def _others(self, i: int) -> list[tuple[int, BallPair]]:
        return [(j, pair) for j, pair in enumerate(self.pairs[i]) if pair is not None]

    def alpha(self, i: int) -> Ball:
        """alpha_i = sum_j sign_j |x_j| s_ij / |w_i|."""
        total = dyadic_ball(ZERO)
        for j, pair in self._others(i):
            total += self.signs[j] * (self.norms[j] * pair.sine)
        return total / self.norms[i]

    def gradient(self) -> list[list[Ball]]:
        """Gradient of L, [K][d]."""
        weights = [
            [pi() + self.alpha(i) if pair is None else self.signs[j] * pair.complement for j, pair in enumerate(row)]
            for i, row in enumerate(self.pairs)
        ]
        product = (ball_matrix(weights) * ball_matrix(self.rows)).tolist()
        return [[g / (2 * pi()) for g in row] for row in product]

    def loss(self) -> Ball:
        """The loss."""
        total = dyadic_ball(ZERO)
        for j, norm in enumerate(self.norms):
            total += pi() * norm * norm / 2
            for i in range(j):
                pair = (self.pairs[i][j] if i < self.students else None) or self._pair(i, j)
                shape = pair.sine + pair.complement * pair.cosine
                total += self.signs[i] * self.signs[j] * (norm * self.norms[i] * shape)
        return total / (2 * pi())

    def hessian(self) -> list[list[Ball]]:
        """Hessian of L, [n][n] with n = K d, both triangles equal."""
        dim = len(self.units[0])
        scale = 1 / (2 * pi())
        size = self.students * dim
        result: list[list[Ball]] = [[None] * size for _ in range(size)]
        for i in range(self.students):
            for j in range(i + 1):
                block = self._own_block(i) if i == j else self._cross_block(i, j)
                for a in range(dim):
                    for b in range(dim):
                        entry = block[a][b] * scale
                        result[i * dim + a][j * dim + b] = result[j * dim + b][i * dim + a] = entry
        return result

    def _cross_block(self, i: int, j: int) -> list[list[Ball]]:
        pair, mirror = self.pairs[i][j], self.pairs[j][i]
        if pair is None or mirror is None:
            raise ValueError("the pair of a student with itself has no cross block")
        scaled = [pair.sine * a for a in self.units[i]]
        block = [
            [a * v + n * r for v, r in zip(self.units[j], mirror.residual, strict=True)]
            for a, n in zip(scaled, pair.direction, strict=True)
        ]
        for a, row in enumerate(block):
            row[a] += pair.complement
        return block

    def _own_block(self, i: int) -> list[list[Ball]]:
        unit, alpha = self.units[i], self.alpha(i)
        left, right = [[-(alpha * a) for a in unit]], [unit]
        for j, pair in self._others(i):
            weight = self.signs[j] * (self.norms[j] / self.norms[i])
            left.append([weight * n for n in pair.direction])
            right.append(pair.residual)
        block: list[list[Ball]] = (ball_matrix(left).transpose() * ball_matrix(right)).tolist()
        diagonal = pi() + alpha
        return [[block[max(a, b)][min(a, b)] + (diagonal if a == b else 0) for b in range(len(unit))]
                for a in range(len(unit))]  # fmt: skip

    def ambient(self) -> list[list[Ball]]:
        """Ambient matrix A, [K][K]."""
        scale = 1 / (2 * pi())
        return [
            [(pi() + self.alpha(i) if pair is None else pair.complement) * scale for pair in row[: self.students]]
            for i, row in enumerate(self.pairs)
        ]


def _dot(a: Row, b: Row) -> Ball:
    total = dyadic_ball(ZERO)
    for x, y in zip(a, b, strict=True):
        total += x * y
    return total
