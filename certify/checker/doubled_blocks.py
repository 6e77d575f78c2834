"""Blocks of 2 pi (Hess L - shift) and 2 pi (A - shift) where two students are turned against one teacher each
(docs/all-sizes.md, A12, A15).

As in `turned_blocks` with the long students for the other class; the short ones add a row to the standard block.
"""

from collections.abc import Sequence
from typing import Any

from certify.checker.doubled import Point
from certify.checker.intervals import Interval, sub
from certify.checker.jets import ZERO, Jet, Laurent
from certify.checker.patches import Blocks, Matrix
from certify.checker.turned import half_of
from certify.checker.turned_blocks import (
    FOLLOWED,
    STANDARD,
    Class,
    Constants,
    Put,
    Scene,
    antisymmetric,
    free_weight,
    of_known_order,
    scaled_matrix,
    standard,
)

PRODUCT, EXCHANGED, AMBIENT_EXCHANGED = "product", "exchanged", "ambient exchanged"
Form = list[Any]


def blocks(x: Any, rows: Any, shift: Interval) -> Blocks:
    """Name and lower triangle of every block; rows and shift as in `turned_blocks`."""
    put, constants = of_known_order(x.eps, shift)
    scene, followers, _ = _classes(x, put, constants)
    yield "trivial", _trivial(x, rows, shift)
    yield STANDARD, scaled_matrix(_standard(x, put, constants), (*FOLLOWED, 0))
    yield "antisymmetric n", [[antisymmetric(scene, followers).at(0)]]
    free, n, m, o = free_weight(scene, followers), followers.members, x.m, x.across
    yield "ambient n", [[free.at(0)]]
    second, third = scene.pi_less + put(x.w2, 1), scene.pi_less + put(x.w3, 0)
    tie, own = put(x.q23, 0), (second, third)
    if o:
        tie, own = tie + put(o.q23, 0), (second + put(o.q22, 0), third + put(o.q33, 0))
        less = second - put(o.q22, 0), third - put(o.q33, 0)
        yield AMBIENT_EXCHANGED, [[less[0].at(0)], [x.q23 - o.q23, less[1].at(0)]]
        yield PRODUCT, _product(x, o, shift)
        yield EXCHANGED, _exchanged(x, o, shift)
    ambient = [
        [n * free + n * n * followers.complement],
        [n * scene.complement * m, own[0] * m],
        [n * put(x.q13, 0) * m, tie * m, own[1] * m],
    ]
    yield "ambient trivial", scaled_matrix(ambient, (2, 0, 0))


def _classes(x: Point, put: Put, constants: Constants) -> tuple[Scene, Class, Class]:
    """Followers and the long students; where there is one of these, what has to do with others has a factor of zero."""
    one, zero, members, pi_less = constants
    followers = Class(
        members, put(x.a, 0), put(x.be, 4), put(x.ga, 2), put(x.u1, 0), put(x.w1, 1), put(x.sa, 2), put(x.x11, 4),
        put(x.s11, 0), put(x.q11, 0), put(x.xb, 4), put(x.sb, 0), put(x.xc, 2), put(x.sc, 0),
    )  # fmt: skip
    off, cosine, sine, complement, off_cosine, off_sine = zero, zero, one, zero, zero, one
    if o := x.across:
        off, cosine, sine, complement = put(o.ph, 1), put(o.x22, 1), put(o.s22, 0), put(o.q22, 0)
        off_cosine, off_sine = put(o.xf, 1), put(o.sf, 0)
    long = Class(
        one * x.m, put(x.e, 0), off, put(x.de, 2), put(x.u2, 0), put(x.w2, 1), put(x.se, 1), cosine, sine, complement,
        off_cosine, off_sine, put(x.xd, 2), put(x.sd, 0),
    )  # fmt: skip
    return Scene(one, zero, pi_less, put(x.x12, 2), put(x.s12, 0), put(x.q12, 0)), followers, long


def _standard(x: Point, put: Put, constants: Constants) -> list[list[Laurent]]:
    """A5's block of the followers, with what the short students add, and the row of T6: X_3i = u_i."""
    scene, s, long = _classes(x, put, constants)
    one, zero, n, m, o = scene.one, scene.zero, s.members, x.m, x.across
    rest, step, short = n - one, s.own - s.off, put(x.ta, 2)
    row = [s.own, rest * s.off, -s.off, s.out * m, zero]
    tilt = put((x.r * x.x13).over(x.u1), 2)
    guest = [short, rest * short, -short, put(x.si + o.om if o else x.si, 1), zero]
    seen = [g - tilt * y for g, y in zip(guest, row, strict=True)]
    factor = one.over(put(x.u1 * x.r * x.s13, 1)) * m
    corner = scene.pi_less + put(x.w3 + _lift(x), 0)
    q = put(x.q13, 0) * m
    total = [one, -one, rest, zero, zero]
    last: list[Laurent] = [q * t + factor * (step * g) for t, g in zip(total, seen, strict=True)]
    lines: list[list[Laurent]] = []
    for i, line in enumerate(standard(scene, s, long)):
        lines.append([entry + factor * (seen[i] * seen[j]) for j, entry in enumerate(line)])
    tie = put(x.q23 + o.q23 if o else x.q23, 0)
    last[4:] = [tie * m, (corner + put(o.q33, 0) if o else corner) * m]
    lines.append(last)
    return lines


def _lift(x: Point) -> Jet:
    """What followers and their teachers add to the weight of short students."""
    growth = x.al - x.eps * x.be  # own - off = 1 + eps^3 growth
    bend = (2 * growth + x.eps * x.h * growth.square()) * x.st + x.b13 - x.m1 * x.s13
    return x.h * bend.over(x.r * x.u1 * x.s13 * x.st)


def _trivial(x: Point, rows: Any, shift: Interval) -> Matrix:
    """n, n (n - 1), n m, m, n m, n m, m and m (m - 1), m (m - 1) times the derivatives of the gradient by a, b, c, e,
    d, t, s, f, g, a symmetric matrix, on the basis scaled by eps^(2, 3, 2, 0, 1, 1, 0, 0, 0); from the upper triangle.
    """
    h, m = x.h, x.m
    small, one = 1 - h, h * 0 + 1
    names = (rows.a, rows.b, rows.c, rows.e, rows.d, rows.t, rows.s, *((rows.f, rows.g) if x.across else ()))
    matrix = [list(row) for row in names]
    matrix[1] = [small * entry for entry in matrix[1]]
    for line in matrix[:3]:
        line[2] = x.eps * line[2]
    matrix[2][2] = matrix[2][2].plus(half_of(h.f.pi))
    for i, gram in enumerate((h, small * h, h, *([one] * (len(matrix) - 3)))):
        matrix[i][i] = matrix[i][i] - gram.by(shift)
    matrix[2:] = [[m * entry for entry in line] for line in matrix[2:]]
    return [[matrix[j][i] for j in range(i + 1)] for i in range(len(matrix))]


def _product(x: Any, o: Any, shift: Interval) -> Matrix:
    """X_ik = u_i v_k of followers, and X_ki = v_k u_i of long and of short students; u and v with sum zero."""
    f, eps = x.eps.f, x.eps
    weight = sub(f.pi, shift)
    step, gap, lean = 1 + eps * x.h * (x.al - eps * x.be), x.e - eps * o.ph, x.si - o.om
    near, far = x.s12 * x.u1 * x.u2, x.s13 * x.u1 * x.r
    one = eps * 0 + 1
    first = eps * x.w1 - x.q11 - one.over(x.u1 * x.sc) + gap.square().over(near) + eps * lean.square().over(far)
    second = eps * x.w2 - o.q22 - one.over(x.u2 * x.sd) + step.square().over(near)
    third = x.w3 - o.q33 + _lift(x)
    return [
        [first.plus(weight)],
        [(gap * step).over(near), second.plus(weight)],
        [(lean * step).over(far), x.q23 - o.q23, third.plus(weight)],
    ]


def _exchanged(x: Any, o: Any, shift: Interval) -> Matrix:
    """What is fixed by S_n and changes sign when the two directions are exchanged, on A15's basis, all of order one.

    Coordinates: t1, eps^2 t1 and - eps^2 t1 of followers in the two last columns; of one long student t2 own, t3 in
    the other of these, eps t4 where others follow; t5, t6, t7 likewise of one short student.
    """
    eps, h, weight = x.eps, x.h, sub(x.eps.f.pi, shift)
    zero = eps * 0
    one = zero + 1
    t1, t2, t3, t4, t5, t6, t7 = ([one if i == k else zero for i in range(7)] for k in range(7))
    slant = h * x.al + eps * ((1 - h) * x.be)  # a + (n - 1) b = 1 + eps slant
    long = _mix((x.e, t2), (eps * o.ph, t3), (eps * x.de, t4))  # |w| <x, w> / |w|
    p = [y.over(x.u2) for y in long]
    q = _mix((x.xs, t5), (o.xw, t6), (x.xt, t7))
    cross = _mix((eps * (x.e - eps * o.ph), t1), (eps * x.ga, t2), (eps * x.ga, t3), (1 + eps * slant, t4),
                 (-(eps * x.x12 * x.u1), p))  # fmt: skip
    gap = _mix((one, t7), (-x.xt, q))
    lean = _mix((eps * (x.si - o.om), t1), (x.ga, t5), (x.ga, t6), (slant, t7), (-x.drift, q))
    own, other = _mix((one, t5), (-x.xs, q)), _mix((one, t6), (-o.xw, q))
    turn = x.et + x.m2
    same = _mix((turn, t5), (o.ph, t6), (x.de, t7), (-(x.u2 * x.y23), q), (x.si, t2), (o.om, t3), (x.ta, t4),
                (-(x.r * x.x23), p))  # fmt: skip
    opposite = _mix((turn, t6), (o.ph, t5), (x.de, t7), (-(x.u2 * o.z23), q), (-o.om, t2), (-x.si, t3), (-x.ta, t4),
                    (x.r * o.x23, p))  # fmt: skip
    axis = _mix((eps * (x.se * x.u2).square(), t2), (-(x.e * o.ph), t3), (-(x.e * x.de), t4))
    third, fourth = _mix((one, t3), (-(eps * o.xf), p)), _mix((one, t4), (-(eps * x.xd), p))
    to_gap, to_own, to_other = x.r * x.u1 * x.s13, x.r * x.s23, x.r * o.s23
    second, last = (eps * x.w2).plus(weight), x.w3.plus(weight)
    squares = [
        (h * ((eps * x.w1).plus(weight) - x.q11 - one.over(x.u1 * x.sc)) + x.q11, t1),
        *((second, t) for t in (t2, t3)), (second - o.q22, t4), (-(eps * x.w2 + o.s22), p),
        *((last, t) for t in (t5, t6)), (last - o.q33, t7), (-(x.w3 + o.s33), q),
        (one.over(x.s12 * x.u1 * x.u2), cross), (eps.over(to_gap), lean),
        (h * (x.b13 - x.m1 * x.s13).over(to_gap * x.st), gap),
        (eps.over(to_own * x.u2), same), ((x.m2 * x.ss + x.b23).over(to_own * x.ss), own),
        (eps.over(to_other * x.u2), opposite), ((x.m2 * o.sw + o.e23).over(to_other * o.sw), other),
        (-eps.over(x.u2.square().square() * x.u2 * x.se), axis),
        (-one.over(x.u2 * o.sf), third), (-one.over(x.u2 * x.sd), fourth),
    ]  # fmt: skip
    products = [  # twice
        (-o.q22, t2, t3), (-o.q33, t5, t6), (x.q12, t1, [y - z for y, z in zip(t2, t3, strict=True)]),
        (x.q13, t1, [y - z for y, z in zip(t5, t6, strict=True)]), (x.q23 - o.q23, t4, t7),
        (x.q23, t2, t5), (x.q23, t3, t6), (-o.q23, t2, t6), (-o.q23, t3, t5), (x.s23 - o.s23, p, q),
        (one.over(to_gap), gap, lean), (-one.over(to_own), own, same), (-one.over(to_other), other, opposite),
    ]  # fmt: skip
    terms = [(w, y, y) for w, y in squares] + [t for w, y, z in products for t in ((w, y, z), (w, z, y))]
    scaled = [([a if a is zero else w * a for a in y], z) for w, y, z in terms]
    return [[_dot([(y[i], z[j]) for y, z in scaled], zero) for j in range(i + 1)] for i in range(7)]


def _mix(*parts: tuple[Any, Form]) -> Form:
    """A sum of factors times linear forms."""
    zero = parts[0][0] * 0
    return [_dot([(factor, form[k]) for factor, form in parts], zero) for k in range(len(parts[0][1]))]


def _dot(pairs: Sequence[tuple[Any, Any]], zero: Any) -> Any:
    """A sum of products; those with an exact zero are passed over."""
    return sum((a * b for a, b in pairs if not (_vanishes(a) or _vanishes(b))), zero)


def _vanishes(x: Jet) -> bool:
    return x.value == ZERO and all(slope == ZERO for slope in x.slopes)
