"""The Hessian and the ambient matrix where directions are doubled, by blocks (docs/all-sizes.md, A12, A15).

As `turned_blocks` with the long students for the turned ones; the short ones add a row to the standard block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from certify.arithmetic import pi
from certify.arithmetic.jets import Jet
from certify.arithmetic.laurent import laurent
from certify.families.doubled import Across, Values
from certify.families.turned_blocks import (
    FOLLOWED,
    Matrix,
    Number,
    Pairing,
    Side,
    antisymmetric,
    scaled,
    standard,
)

Ball = Any

PRODUCT = "product"


def blocks(v: Values, rows: Any, shift: Ball) -> dict[str, Matrix]:
    """Name and matrix of each block; rows and shift as in `turned_blocks`."""
    make, number = laurent(v.eps), 2 * pi() * shift
    two_pi = make(number)
    side, _, pair = _sides(v, make)
    alone = make(pi()) + side.weight - side.complement - two_pi
    half, m = pi() / 2, make(v.directions)
    free = [make(pi()) + make(v.weights[1], 1) - two_pi, make(pi()) + make(v.weights[2]) - two_pi]
    q13, q23 = make(half + v.eps * v.p13), make(half + v.p23)
    result = {
        "trivial": _trivial(v, rows, number),
        "standard n": scaled(_standard(v, make, two_pi), (*FOLLOWED, 0)),
        "antisymmetric n": [[antisymmetric(side, make, two_pi).times(0)]],
        "ambient n": [[alone.times(0)]],
    }
    sums = [m * free[0], m * q23, m * free[1]]
    if v.across:
        q22, qz, q33 = map(make, _complements(v.eps, v.across))
        sums = [x + m * y for x, y in zip(sums, (q22, qz, q33), strict=True)]
        rest = [free[0] - q22, q23 - qz, free[1] - q33]
        result["ambient exchanged"] = [[x.times(0) for x in row] for row in (rest[:2], rest[1:])]
        result[PRODUCT] = _product(v, v.across, number)
        result["exchanged"] = _exchanged(v, v.across, number)
    across = [side.size * (m * pair.complement), side.size * (m * q13)]
    ambient = [
        [side.size * alone + side.size * side.size * side.complement, *across],
        [across[0], *sums[:2]],
        [across[1], *sums[1:]],
    ]
    result["ambient trivial"] = scaled(ambient, (2, 0, 0))
    return result


def _complements(eps: Jet, c: Across) -> tuple[Jet, Jet, Jet]:
    """pi - t of long and long, long and short, short and short of two directions."""
    half = pi() / 2
    return half + eps * c.p22, half + c.p23, half + c.p33


def _sides(v: Values, make: Callable[..., Number]) -> tuple[Side, Side, Pairing]:
    """Followers and the long students; make(jet, order): the number jet * eps^order."""
    half, h, zero, one = pi() / 2, v.h, v.h * 0, v.h * 0 + 1
    _, be, ga, _, de, _, _ = v.xi
    (u1, u2, _), (w1, w2, _), (s11, s12, _, _) = v.norms, v.weights, v.sines
    (xb, xc, xd, _, _), (sb, sc, sd, _, _), (sa, se) = v.teacher_cosines, v.teacher_sines, v.own_sines
    followers = Side(
        make(one, -2), make(v.a), make(be, 4), make(ga, 2), make(u1), make(w1, 1), make(sa, 2), make(v.x11, 4),
        make(s11), make(half + h.square() * v.p11), make(xb, 4), make(sb), make(xc, 2), make(sc),
    )  # fmt: skip
    off, cosine, sine, complement, off_cosine, off_sine = zero, zero, one, zero, zero, one
    if v.across:
        off, cosine, off_cosine = v.across.phi, v.across.x22, v.across.xf
        sine, off_sine, complement = v.across.sines[0], v.across.teacher_sines[0], _complements(v.eps, v.across)[0]
    long = Side(
        make(one * v.directions), make(v.e), make(off, 1), make(de, 2), make(u2), make(w2, 1), make(se, 1),
        make(cosine, 1), make(sine), make(complement), make(off_cosine, 1), make(off_sine), make(xd, 2), make(sd),
    )  # fmt: skip
    return followers, long, Pairing(make(v.x12, 2), make(s12), make(half + h * v.p12))


def _standard(v: Values, make: Callable[..., Number], shift: Number) -> list[list[Number]]:
    """The block of `turned_blocks` and the row of X_3i = u_i; shift: the number itself."""
    side, other, pair = _sides(v, make)
    five = standard(side, other, pair, make, shift)
    _, _, _, _, _, ta, si = v.xi
    (u1, _, r), s13 = v.norms, v.sines[2]
    zero, one, count, half = make(0), make(1), make(v.directions), pi() / 2
    m, step = side.size - one, side.own - side.off
    row = (side.own, m * side.off, -side.off, count * side.across, zero)  # <x_i, w_i> / u_i
    tilt = make(r * v.x13 / u1, 2)
    short = make(ta, 2)
    guest = (short, m * short, -short, make(si + v.across.omega if v.across else si, 1), zero)  # <x_i, w_3> / u_i
    seen = [x - tilt * y for x, y in zip(guest, row, strict=True)]
    factor = count / make(u1 * r * s13, 1)
    q13, q23 = make(half + v.eps * v.p13), make(half + v.p23)
    total = (one, -one, m, zero, zero)
    last = [count * q13 * t + factor * step * g for t, g in zip(total, seen, strict=True)]
    corner = _corner(v, make, shift)
    if v.across:
        _, qz, q33 = map(make, _complements(v.eps, v.across))
        q23, corner = q23 + qz, corner + q33
    last[4] = last[4] + count * q23
    matrix = [[five[i][j] + factor * (seen[i] * seen[j]) for j in range(5)] + [last[i]] for i in range(5)]
    return [*matrix, [*last, count * corner]]


def _corner(v: Values, make: Callable[..., Number], shift: Number) -> Number:
    """pi + alpha_3 - shift and what followers and their teachers add to it."""
    al, be = v.xi[:2]
    (u1, _, r), s13, st = v.norms, v.sines[2], v.teacher_sines[3]
    growth = al - v.eps * be  # a - b = 1 + eps^3 growth
    bend = (2 * growth + v.eps * v.h * growth.square()) * st - v.excess[0] * s13 + v.drops[0]
    return make(v.weights[2] + pi() + v.h * (bend / (u1 * s13 * st) / r)) - shift


def _product(v: Values, c: Across, shift: Number) -> list[list[Jet]]:
    """X_ik = u_i v_k, and u_i v_k in row k of the long and of the short students, u and v with sum zero; all of order
    one.  shift: the number itself, a ball.
    """
    eps = v.eps
    (al, be, _, _, _, _, si), (u1, u2, r), (w1, w2, w3) = v.xi, v.norms, v.weights
    (_, s12, s13, _), (_, sc, sd, st, _) = v.sines, v.teacher_sines
    q22, qz, q33 = _complements(eps, c)
    y = al - eps * be
    step, gap, lean = 1 + eps * v.h * y, v.e - eps * c.phi, si - c.omega
    q11 = pi() / 2 + v.h.square() * v.p11
    first = eps * w1 - q11 - 1 / (u1 * sc) + gap * gap / (s12 * u1 * u2) + eps * (lean * lean) / (s13 * u1 * r)
    second = eps * w2 - q22 - 1 / (u2 * sd) + step * step / (s12 * u1 * u2)
    bend = (2 * y + eps * v.h * y.square()) * st - v.excess[0] * s13 + v.drops[0]
    third = w3 - q33 + v.h * bend / (u1 * s13 * st) / r
    across = gap * step / (s12 * u1 * u2), lean * step / (s13 * u1 * r), pi() / 2 + v.p23 - qz
    base = pi() - shift
    return [[first + base, *across[:2]], [across[0], second + base, across[2]], [*across[1:], third + base]]


def _exchanged(v: Values, c: Across, shift: Ball) -> list[list[Jet]]:
    """What changes sign when the two directions are exchanged, fixed by S_n; on the basis of A15, all of order one.

    Coordinates: of a follower in the two last ones, eps^2 t and - eps^2 t; long: own, other, 1 / eps of those followed;
    short: the same.
    """
    eps, h, zero = v.eps, v.h, v.eps * 0
    al, be, ga, et, de, ta, si = v.xi
    (u1, u2, r), (m1, m2), (w1, w2, w3), se = v.norms, v.excess, v.weights, v.own_sines[1]
    (_, s12, s13, s23), (s22, sz, s33), (sf, sw) = v.sines, c.sines, c.teacher_sines
    (_, _, xd, xt, xs), (_, sc, sd, st, ss), (b13, b23) = v.teacher_cosines, v.teacher_sines, v.drops
    half = pi() / 2
    q11, q12, q13, q23 = half + h.square() * v.p11, half + h * v.p12, half + eps * v.p13, half + v.p23
    q22, qz, q33 = half + eps * c.p22, half + c.p23, half + c.p33
    t1, t2, t3, t5, t6, t7, t8 = [[zero + 1 if i == k else zero for i in range(7)] for k in range(7)]

    def mix(*parts: tuple[Number, Sequence[Jet]]) -> list[Jet]:
        """A sum of factors times linear forms."""
        return [_sum((factor * form[k] for factor, form in parts if form[k] is not zero), zero) for k in range(7)]

    long = mix((v.e / u2, t2), (eps * c.phi / u2, t3), (eps * de / u2, t5))  # <x, w> / |w|
    short = mix((xs, t6), (c.xw, t7), (xt, t8))
    rest = h * al + eps * (1 - h) * be  # a + (n - 1) b = 1 + eps rest
    cross = mix((1 + eps * rest, t5), (eps * ga, t2), (eps * ga, t3), (eps * (v.e - eps * c.phi), t1),
                (-u1 * eps * v.x12, long))  # fmt: skip
    gap, gap6, gap7 = mix((1, t8), (-xt, short)), mix((1, t6), (-xs, short)), mix((1, t7), (-c.xw, short))
    lean = mix((eps * (si - c.omega), t1), (ga, t6), (ga, t7), (-v.drift, short), (rest, t8))
    same = mix((et + m2, t6), (de, t8), (c.phi, t7), (-u2 * v.near[1], short),
               (ta, t5), (si, t2), (c.omega, t3), (-r * v.x23, long))  # fmt: skip
    other = mix((et + m2, t7), (de, t8), (c.phi, t6), (-u2 * c.near, short),
                (-ta, t5), (-c.omega, t2), (-si, t3), (r * c.x23, long))  # fmt: skip
    own = mix((eps * (se * u2) * (se * u2), t2), (-v.e * de, t5), (-v.e * c.phi, t3))
    far, off = mix((1, t5), (-eps * xd, long)), mix((1, t3), (-eps * c.xf, long))
    two, three = pi() + eps * w2 - shift, pi() + w3 - shift
    terms = [
        (h * (pi() + eps * w1 - q11 - shift - 1 / (u1 * sc)) + q11, t1, t1),
        *((two, t, t) for t in (t2, t3, t5)), *((three, t, t) for t in (t6, t7, t8)),
        (-eps * w2 - s22, long, long), (-q22, t5, t5), (-2 * q22, t2, t3),
        (-w3 - s33, short, short), (-q33, t8, t8), (-2 * q33, t6, t7),
        (2 * q12, t1, t2), (-2 * q12, t1, t3), (2 * q13, t1, t6), (-2 * q13, t1, t7),
        (2 * q23 - 2 * qz, t5, t8), (2 * q23, t2, t6), (2 * q23, t3, t7), (-2 * qz, t2, t7), (-2 * qz, t3, t6),
        (2 * (s23 - sz), long, short), (1 / (u1 * u2 * s12), cross, cross),
        (2 / (r * u1 * s13), gap, lean), (eps / (r * u1 * s13), lean, lean),
        (h * (b13 - m1 * s13) / (r * u1 * s13 * st), gap, gap),
        (-2 / (r * s23), gap6, same), (eps / (r * u2 * s23), same, same),
        ((m2 * ss + b23) / (r * s23 * ss), gap6, gap6),
        (-2 / (r * sz), gap7, other), (eps / (r * u2 * sz), other, other),
        ((m2 * sw + c.drop) / (r * sz * sw), gap7, gap7),
        (-1 / (u2 * sd), far, far), (-eps / (u2 * u2 * u2 * u2 * u2 * se), own, own), (-1 / (u2 * sf), off, off),
    ]  # fmt: skip
    weighted = [([a if a is zero else factor * a for a in x], y) for factor, x, y in terms]
    pairs = [(x, y) for x, y in weighted] + [(y, x) for x, y in weighted]
    half_matrix = [
        [_sum((x[i] * y[j] for x, y in pairs if x[i] is not zero and y[j] is not zero), zero) / 2 for j in range(i + 1)]
        for i in range(7)
    ]
    return [[half_matrix[max(i, j)][min(i, j)] for j in range(7)] for i in range(7)]


def _sum(terms: Iterable[Jet], zero: Jet) -> Jet:
    return sum(terms, zero)


def _trivial(v: Values, rows: Any, shift: Ball) -> Matrix:
    """Derivatives of the reduced gradient by a, b, c, e, d, of the short student, and f and its short counterpart,
    times multiplicities; scaled by eps^(2, 3, 2, 0, 1, 1, 0, 0, 0).
    """
    eps, h, half, m, one = v.eps, v.h, pi() / 2, v.directions, v.h * 0 + 1
    gradient = (rows.first, rows.second, rows.third, rows.own, rows.fourth, rows.other, rows.last)
    matrix = [list(row) for row in (*gradient, *((rows.beyond, rows.far) if v.across else ()))]
    matrix[1] = [(1 - h) * x for x in matrix[1]]
    for row in matrix[:3]:
        row[2] = eps * row[2]
    matrix[2][2] = half + matrix[2][2]
    counts = (1, 1, *(m for _ in matrix[2:]))
    for i, gram in enumerate((h, (1 - h) * h, h, *(one for _ in matrix[3:]))):
        matrix[i][i] = matrix[i][i] - shift * gram
    size = len(matrix)
    return [[counts[min(i, j)] * matrix[min(i, j)][max(i, j)] for j in range(size)] for i in range(size)]
