"""The landscape in mpmath, times 2 pi, from formulas other than the checker's; plain values, no enclosures.

Blocks of the Hessian from the wedge formula: 2 pi E 1(u.x > 0) 1(v.x > 0) x x^T is (pi - t) I + sin t (2 b b^T - P),
with b the bisector of u and v and P the projection to their plane.  Angles from the residual and the cosine, by atan2.
"""

from __future__ import annotations

from collections.abc import Sequence

import mpmath as mp
import numpy as np

Row = list[mp.mpf]
Rows = list[Row]


def row(dyadics: Sequence[tuple[int, int]]) -> Row:
    return [mp.ldexp(mp.mpf(mantissa), exponent) for mantissa, exponent in dyadics]


def dot(u: Row, v: Row) -> mp.mpf:
    return mp.fsum(a * b for a, b in zip(u, v, strict=True))


def norm(u: Row) -> mp.mpf:
    return mp.sqrt(dot(u, u))


def unit(u: Row) -> Row:
    size = norm(u)
    return [a / size for a in u]


def frame(u: Row, v: Row) -> tuple[Row, Row, mp.mpf, mp.mpf]:
    """u / |u|, the direction of v across it (zero if parallel), and cosine and sine of the angle."""
    e, f = unit(u), unit(v)
    zero = [mp.mpf(0)] * len(u)
    if all(u[a] * v[b] == u[b] * v[a] for a in range(len(u)) for b in range(a)):  # exactly parallel: no rounding
        return e, zero, mp.mpf(1 if dot(u, v) > 0 else -1), mp.mpf(0)
    along = dot(e, f)
    across = [b - along * a for a, b in zip(e, f, strict=True)]
    size = norm(across)
    return e, [x / size for x in across] if size else zero, along, size


def angle(u: Row, v: Row) -> mp.mpf:
    _, _, cosine, sine = frame(u, v)
    return mp.atan2(sine, cosine)


def phi(u: Row, v: Row) -> mp.mpf:
    t = angle(u, v)
    return norm(u) * norm(v) * (mp.sin(t) + (mp.pi - t) * mp.cos(t))


def phi_uu(u: Row, v: Row) -> Rows:
    e, n, _, sine = frame(u, v)
    factor, d = norm(v) / norm(u) * sine, range(len(u))
    return [[factor * ((a == b) - e[a] * e[b] + n[a] * n[b]) for b in d] for a in d]


def phi_uv(u: Row, v: Row) -> Rows:
    e, n, cosine, sine = frame(u, v)
    d = range(len(u))
    complement = mp.pi - mp.atan2(sine, cosine)
    result = [[complement * (a == b) for b in d] for a in d]
    between = [a + b for a, b in zip(unit(u), unit(v), strict=True)]
    if any(n) and any(between):
        bisector = unit(between)
        for a in d:
            for b in d:
                result[a][b] += sine * (2 * bisector[a] * bisector[b] - e[a] * e[b] - n[a] * n[b])
    return result


def loss(students: Rows, teachers: Rows) -> mp.mpf:
    signed = [(1, x) for x in students] + [(-1, x) for x in teachers]
    return mp.fsum(s * t * phi(x, y) for s, x in signed for t, y in signed) / 2


def gradient(students: Rows, teachers: Rows) -> Rows:
    """sum_j sign_j phi_u(w_i, x_j), phi_u = phi_uv v."""
    result = []
    for w in students:
        total = [mp.mpf(0)] * len(w)
        for sign, x in [(1, x) for x in students] + [(-1, x) for x in teachers]:
            for a, line in enumerate(phi_uv(w, x)):
                total[a] += sign * dot(line, x)
        result.append(total)
    return result


def hessian(students: Rows, teachers: Rows) -> Rows:
    """[K d][K d]."""
    count, dim = len(students), len(students[0])
    result = [[mp.mpf(0)] * (count * dim) for _ in range(count * dim)]
    for i, w in enumerate(students):
        signed = [(1, x) for j, x in enumerate(students) if j != i] + [(-1, x) for x in teachers]
        own = [phi_uu(w, x) for _, x in signed]
        for j, x in enumerate(students):
            cross = phi_uv(w, x) if i != j else []
            for a in range(dim):
                for b in range(dim):
                    if i != j:
                        value = cross[a][b]
                    else:
                        value = mp.pi * (a == b) + sum(s * m[a][b] for (s, _), m in zip(signed, own, strict=True))
                    result[i * dim + a][j * dim + b] = value
    return result


def ambient(students: Rows, teachers: Rows) -> Rows:
    """The Hessian in one further coordinate, which no row uses."""
    pad = [[*w, mp.mpf(0)] for w in students]
    full = hessian(pad, [[*v, mp.mpf(0)] for v in teachers])
    last = range(len(students[0]), len(full), len(pad[0]))
    return [[full[a][b] for b in last] for a in last]


def difference(a: Rows, b: Rows) -> Rows:
    return [[x - y for x, y in zip(p, q, strict=True)] for p, q in zip(a, b, strict=True)]


def spectral_norm(matrix: Rows) -> float:
    """In float64, relative error about 1e-14."""
    return float(np.linalg.norm(np.array([[float(x) for x in row] for row in matrix]), 2))
