"""The landscape once more, from the definition of the loss, in mpmath: slow, plain, shares no code with certify.

    L(W) = 1/2 sum_ab sign_a sign_b g(x_a, x_b),   g(u, v) = |u||v| (sin t + (pi - t) cos t) / (2 pi)

Angles come from Kahan's formula, derivatives from numerical differentiation of a lower one by mpmath; nothing here is
an enclosure.  Ordinary integrals of the definition check g itself in test_closed_form.
"""

from collections.abc import Sequence
from fractions import Fraction

import mpmath as mp

from certify.arithmetic import precision

Rows = list[list[mp.mpf]]


def rows(matrix: object) -> Rows:
    """A matrix of floats, Fractions or dyadics as exact mpf (the working precision must suffice)."""
    return [[exact(x) for x in row] for row in matrix]


def exact(x: object) -> mp.mpf:
    """An exact number as mpf."""
    if isinstance(x, tuple):
        return mp.ldexp(mp.mpf(int(x[0])), int(x[1]))
    if isinstance(x, Fraction):
        return mp.mpf(x.numerator) / mp.mpf(x.denominator)
    return mp.mpf(float(x))


def norm(u: Sequence[mp.mpf]) -> mp.mpf:
    return mp.sqrt(mp.fsum(a * a for a in u))


def angle(u: Sequence[mp.mpf], v: Sequence[mp.mpf]) -> mp.mpf:
    """t in [0, pi], accurate at both ends."""
    p, q = norm(u), norm(v)
    far = norm([a * q + b * p for a, b in zip(u, v, strict=True)])
    near = norm([a * q - b * p for a, b in zip(u, v, strict=True)])
    return 2 * mp.atan2(near, far)


def g(u: Sequence[mp.mpf], v: Sequence[mp.mpf]) -> mp.mpf:
    """E ReLU(u.x) ReLU(v.x)."""
    t = angle(u, v)
    return norm(u) * norm(v) * (mp.sin(t) + (mp.pi - t) * mp.cos(t)) / (2 * mp.pi)


def loss(W: Rows, V: Rows) -> mp.mpf:
    total = mp.mpf(0)
    signed = [(1, w) for w in W] + [(-1, v) for v in V]
    for s, x in signed:
        for r, y in signed:
            total += s * r * g(x, y)
    return total / 2


def gradient(W: Rows, V: Rows) -> Rows:
    """grad_u g(u, v) = (|v| sin t u/|u| + (pi - t) v) / (2 pi) by pairs; g(w, w) = |w|^2 / 2."""
    result = []
    for i, w in enumerate(W):
        total = [a / 2 for a in w]
        others = [(1, x) for j, x in enumerate(W) if j != i] + [(-1, v) for v in V]
        for s, x in others:
            t = angle(w, x)
            along = norm(x) * mp.sin(t) / norm(w)
            total = [
                total_a + s * (along * a + (mp.pi - t) * b) / (2 * mp.pi)
                for total_a, a, b in zip(total, w, x, strict=True)
            ]
        result.append(total)
    return result


def hessian_by_differences(W: Rows, V: Rows, step_bits: int) -> list[list[mp.mpf]]:
    """Central differences of the gradient with step 2^-step_bits; the error is of the order of the step at kinks of the
    third derivative and of its square elsewhere."""
    h = mp.ldexp(mp.mpf(1), -step_bits)
    size, dim = len(W) * len(W[0]), len(W[0])
    columns = []
    for b in range(size):
        ends = []
        for sign in (1, -1):
            moved = [list(w) for w in W]
            moved[b // dim][b % dim] += sign * h
            ends.append([x for row in gradient(moved, V) for x in row])
        columns.append([(p - m) / (2 * h) for p, m in zip(*ends, strict=True)])
    return [[columns[b][a] for b in range(size)] for a in range(size)]


def second_derivative(u: Sequence[mp.mpf], v: Sequence[mp.mpf]) -> tuple[list[list[mp.mpf]], list[list[mp.mpf]]]:
    """(g_uu, g_uv) from E 1(u.x>0) 1(v.x>0) x x^T in coordinates of the plane of u and v, by the sector's moments.

    g_uv = that matrix; g_uu from the angle's derivative: for unit vectors (s (I - u u^T) + s n n^T) / 2 pi with n the
    unit vector across u in the plane.  Zero-angle pairs: the plane's terms vanish or add up to half the identity.
    """
    d = len(u)
    p, q = norm(u), norm(v)
    a = [x / p for x in u]
    b = [x / q for x in v]
    t = angle(u, v)
    c, s = mp.cos(t), mp.sin(t)
    identity = [[mp.mpf(int(k == m)) for m in range(d)] for k in range(d)]
    if s < mp.ldexp(mp.mpf(1), -mp.mp.prec // 3):
        n = [mp.mpf(0)] * d
        s = mp.mpf(0)
    else:
        n = [(y - c * x) / s for x, y in zip(a, b, strict=True)]
    uu = [[q / p * s * (identity[k][m] - a[k] * a[m] + n[k] * n[m]) / (2 * mp.pi) for m in range(d)] for k in range(d)]
    # out of the plane (pi - t); in the plane the reflection [[c, s], [s, -c]] of the basis (a, n), times s
    uv = [
        [
            ((mp.pi - t) * identity[k][m] + s * (c * a[k] * a[m] + s * (a[k] * n[m] + n[k] * a[m]) - c * n[k] * n[m]))
            / (2 * mp.pi)
            for m in range(d)
        ]
        for k in range(d)
    ]
    return uu, uv


def hessian(W: Rows, V: Rows) -> list[list[mp.mpf]]:
    """Hessian of the loss, [K d][K d]."""
    d = len(W[0])
    result = [[mp.mpf(0)] * (len(W) * d) for _ in range(len(W) * d)]

    def add(i: int, j: int, block: list[list[mp.mpf]], sign: int) -> None:
        for k in range(d):
            for m in range(d):
                result[i * d + k][j * d + m] += sign * block[k][m]

    for i, w in enumerate(W):
        for k in range(d):
            result[i * d + k][i * d + k] += mp.mpf(1) / 2
        for j, x in enumerate(W):
            if j != i:
                uu, uv = second_derivative(w, x)
                add(i, i, uu, 1)
                add(i, j, uv, 1)
        for v in V:
            add(i, i, second_derivative(w, v)[0], -1)
    return result


def ambient(W: Rows, V: Rows) -> list[list[mp.mpf]]:
    """Second derivatives in one more dimension, read off the padded Hessian's last coordinates."""
    d = len(W[0])
    padded = hessian([[*w, mp.mpf(0)] for w in W], [[*v, mp.mpf(0)] for v in V])
    return [[padded[i * (d + 1) + d][j * (d + 1) + d] for j in range(len(W))] for i in range(len(W))]


def ends(ball: object) -> tuple[mp.mpf, mp.mpf]:
    """End points of a finite flint ball, to 1000 bits: flint rounds them outward to its own working precision."""
    with precision(1000):
        low, high = ball.lower().man_exp(), ball.upper().man_exp()
    return exact(low), exact(high)


def inside(ball: object, value: mp.mpf) -> bool:
    """The value, known to about mp.prec - 60 bits, lies in the ball."""
    slack = mp.ldexp(1 + abs(value), 60 - mp.mp.prec)
    low, high = ends(ball)
    return bool(low - slack <= value <= high + slack)


def width(ball: object) -> float:
    """Upper minus lower end."""
    low, high = ends(ball)
    return float(high - low)
