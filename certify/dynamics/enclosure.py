"""The right-hand side of the order parameters' flow in balls: guaranteed enclosures at exact or uncertain points."""

from __future__ import annotations

from collections.abc import Sequence

from certify.arithmetic import Ball, clipped
from certify.families.numbers import ball_numbers
from certify.families.orbits import Numbers

Matrix = Sequence[Sequence[Ball]]


def velocity(Q: Matrix, R: Matrix, T: Matrix) -> tuple[list[list[Ball]], list[list[Ball]]]:
    """Enclosures of (dQ/dt, dR/dt), as `dynamics.flow.velocity`; balls with no value where a norm may vanish."""
    n = ball_numbers()
    k, m = len(Q), len(T)
    own = [n.square_root(Q[i][i]) for i in range(k)]
    teachers = [n.square_root(T[j][j]) for j in range(m)]
    A, B = [], []
    for i in range(k):
        alpha = n.pi * 0
        row, mixed = [], []
        for j in range(k):
            if i != j:
                sine, complement = _angle(Q[i][j] / (own[i] * own[j]), n)
                alpha = alpha + own[j] * sine
                row.append(complement / (2 * n.pi))
            else:
                row.append(n.pi * 0)
        for j in range(m):
            sine, complement = _angle(R[i][j] / (own[i] * teachers[j]), n)
            alpha = alpha - teachers[j] * sine
            mixed.append(complement / (2 * n.pi))
        row[i] = (n.pi + alpha / own[i]) / (2 * n.pi)
        A.append(row)
        B.append(mixed)
    half = [
        [_sum([A[i][p] * Q[p][j] for p in range(k)], n) - _sum([B[i][p] * R[j][p] for p in range(m)], n)
         for j in range(k)] for i in range(k)
    ]  # fmt: skip
    across = [
        [_sum([B[i][p] * T[p][j] for p in range(m)], n) - _sum([A[i][p] * R[p][j] for p in range(k)], n)
         for j in range(m)] for i in range(k)
    ]  # fmt: skip
    return [[-(half[i][j] + half[j][i]) for j in range(k)] for i in range(k)], across


def _angle(cosine: Ball, n: Numbers) -> tuple[Ball, Ball]:
    """Sine, and pi minus the angle."""
    cosine = clipped(cosine, -1, 1)
    sine = n.square_root(clipped(1 - cosine * cosine, 0, 1))
    return sine, n.complement(sine, cosine)


def _sum(terms: Sequence[Ball], n: Numbers) -> Ball:
    total = n.pi * 0
    for term in terms:
        total = total + term
    return total
