"""Isotypic blocks of 2 pi (Hess L - shift) and of 2 pi (A - shift) at the zeros of a patch (docs/all-sizes.md, A5).

Each block is the form of docs/families.md, F3, on the basis of F4 scaled by powers of eps, so that it has a limit at
infinite width.  All of them positive definite: every eigenvalue of the Hessian in every dimension exceeds the shift.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from certify.checker.intervals import Interval, scaled, sub
from certify.checker.jets import Laurent, packed, powers_of
from certify.checker.patches import Blocks, Matrix
from certify.checker.turned import Point, half_of

Put = Callable[[Any, int], Laurent]
Constants = tuple[Laurent, Laurent, Laurent, Laurent]  # 1, 0, n, pi less the shift

FOLLOWED = (0, 1, 2, 0, 0)
TURNED = (0, 0, 0, 1, 2)
STANDARD = "standard n"
TRIVIAL = (0, 1, 2, 1, 0, 0)
POWERS = 48


class Class(NamedTuple):
    """What one class of students sees; `out` is the other class."""

    members: Laurent
    own: Laurent
    off: Laurent
    out: Laurent
    norm: Laurent
    weight: Laurent  # alpha_i
    own_sine: Laurent
    cosine: Laurent  # with a student of the same class
    sine: Laurent
    complement: Laurent
    off_cosine: Laurent  # with the teacher of such a student
    off_sine: Laurent
    out_cosine: Laurent  # with a teacher of the other class
    out_sine: Laurent


class Scene(NamedTuple):
    """Two classes, the angle between their students, and constants."""

    one: Laurent
    zero: Laurent
    pi_less: Laurent  # pi - 2 pi shift
    cosine: Laurent
    sine: Laurent
    complement: Laurent


def blocks(x: Point, rows: Any, shift: Interval) -> Blocks:
    """Name and lower triangle of every block; shift is 2 pi times the bound in units of the Hessian.

    rows: for each quantity of a System its derivatives by the unknowns.
    """
    scene, first, second = _arranged(x, *of_known_order(x.eps, shift))
    yield "trivial", _trivial(x, rows, shift)
    yield STANDARD, scaled_matrix(standard(scene, first, second), FOLLOWED)
    yield "antisymmetric n", [[antisymmetric(scene, first).at(0)]]
    if x.p == 2:  # T3 = -T2
        yield "standard p", scaled_matrix(_without(standard(scene, second, first), 2), (0, 0, 1, 2))
    if x.p >= 3:
        yield "standard p", scaled_matrix(standard(scene, second, first), TURNED)
        yield "antisymmetric p", [[antisymmetric(scene, second).at(0)]]
    if x.p >= 2:
        yield "standard n x standard p", scaled_matrix(product(scene, first, second), (0, 0))
        yield "ambient p", [[free_weight(scene, second).at(0)]]
    yield "ambient n", [[free_weight(scene, first).at(0)]]
    yield "ambient trivial", scaled_matrix(ambient(scene, first, second), (2, 0))


def of_known_order(eps: Any, shift: Interval) -> tuple[Put, Constants]:
    """put(jet, order), the number jet * eps^order, and the constants; shift as for `blocks`."""
    put, zero = laurent(eps), eps * 0
    return put, (put(zero + 1, 0), put(zero, 0), put(zero + 1, -2), put(zero.plus(sub(eps.f.pi, shift)), 0))


def laurent(*bases: Any) -> Callable[..., Laurent]:
    """put(jet, *orders), a jet times powers of the bases."""
    powers = [powers_of(eps, POWERS) for eps in bases]
    return lambda jet, *orders: Laurent(powers, jet, packed(orders))


def _arranged(x: Point, put: Put, constants: Constants) -> tuple[Scene, Class, Class]:
    """The two classes."""
    one, zero, members, pi_less = constants
    first = Class(
        members, put(x.a, 0), put(x.be, 4), put(x.ga, 2), put(x.u1, 0), put(x.w1, 2), put(x.sa, 2), put(x.x11, 4),
        put(x.s11, 0), put(x.q11, 0), put(x.xb, 4), put(x.sb, 0), put(x.xc, 2), put(x.sc, 0),
    )  # fmt: skip
    second = Class(
        one * x.p, put(x.e, 0), put(x.ph, 2), put(x.de, 2), put(x.u2, 0), put(x.w2, 1), put(x.se, 1), put(x.x22, 2),
        put(x.s22, 0), put(x.q22, 0), put(x.xf, 2), put(x.sf, 0), put(x.xd, 2), put(x.sd, 0),
    )  # fmt: skip
    return Scene(one, zero, pi_less, put(x.x12, 2), put(x.s12, 0), put(x.q12, 0)), first, second


def scaled_matrix(matrix: list[list[Laurent]], powers: Sequence[int]) -> Matrix:
    """The matrix with basis vectors multiplied by powers of eps."""
    return [[entry.at(powers[i] + powers[j]) for j, entry in enumerate(row)] for i, row in enumerate(matrix)]


def _without(matrix: list[list[Laurent]], k: int) -> list[list[Laurent]]:
    """The lower triangle without row and column k."""
    return [[x for j, x in enumerate(row) if j != k] for i, row in enumerate(matrix) if i != k]


def free_weight(c: Scene, s: Class) -> Laurent:
    """Weight of |X|^2 on what sums to zero over the class."""
    return c.pi_less + s.weight - s.complement


def standard(c: Scene, s: Class, o: Class) -> list[list[Laurent]]:
    """The standard block of class s on T1: X_ii = u_i, T2: X_ij = u_i, T3: X_ij = u_j, T4: X_ik = u_i, T5: X_ki = u_i
    (i != j in s, k in o), divided by |u|^2.
    """
    terms, total, last = without_sums(c, s, o)
    back = c.complement * o.members
    terms += [
        (s.complement, total, total), (back, total, last), (back, last, total),
        (o.members * o.members * o.complement, last, last),
    ]  # fmt: skip
    return summed(terms, c.zero)


Form = list[Laurent]
Term = tuple[Laurent, Form, Form]


def without_sums(c: Scene, s: Class, o: Class) -> tuple[list[Term], Form, Form]:
    """The same without the products of sums of students: weights and pairs of linear forms; and, as forms, the sum of
    the students of s and one student of o.
    """
    one, zero = c.one, c.zero
    rest, step, double = s.members - one, s.own - s.off, s.norm * s.norm
    unit = [[one if i == k else zero for i in range(5)] for k in range(5)]
    row = [s.own, rest * s.off, -s.off, o.members * s.out, zero]  # <x_i, w_i> / u_i
    mate = [s.off, s.own + (s.members - one * 2) * s.off, step - s.off, o.members * s.out, zero]  # + T3's u_j part
    guest = [o.out, rest * o.out, -o.out, o.own + (o.members - one) * o.off, zero]  # <x_i, w_k> / u_i
    total = [one, -one, rest, zero, zero]  # sum_i x_i = (this) u
    slope = s.own.over(double)
    own = [s.own_sine * s.own_sine, -(slope * row[1]), -(slope * row[2]), -(slope * row[3]), zero]
    mates = _less(mate, s.cosine, row)
    cross = _less([t.over(s.norm * o.norm) for t in guest], c.cosine.over(double), row)
    cross[4] = step.over(s.norm * o.norm)
    off = _less(unit[1], s.off_cosine.over(s.norm), row)
    out = _less(unit[3], s.out_cosine.over(s.norm), row)
    to_off, to_out = one.over(s.norm * s.off_sine), one.over(s.norm * s.out_sine)
    base = free_weight(c, s)
    terms = [
        (base, unit[0], unit[0]), (base * rest, unit[1], unit[1]), (base * rest, unit[2], unit[2]),
        (-base, unit[1], unit[2]), (-base, unit[2], unit[1]), (base * o.members, unit[3], unit[3]),
        (o.members * (free_weight(c, o) - one.over(o.norm * o.out_sine)), unit[4], unit[4]),
        (-(s.weight + s.sine).over(double), row, row),
        ((rest - one).over(double * s.sine), mates, mates),
        ((o.members * s.norm * o.norm).over(c.sine), cross, cross),
        (-one.over(s.norm * s.own_sine), own, own),
        (-(rest * to_off), off, off), (-(rest * to_off), unit[2], unit[2]),
        (to_off, off, unit[2]), (to_off, unit[2], off),
        (-(o.members * to_out), out, out),
    ]  # fmt: skip
    return terms, total, unit[4]


def summed(terms: Sequence[Term], zero: Laurent) -> list[list[Laurent]]:
    """The lower triangle of a sum of weights times products of two linear forms."""
    weighted = [([a if a is zero else w * a for a in y], z) for w, y, z in terms]
    return [[_entry(weighted, i, j, zero) for j in range(i + 1)] for i in range(len(terms[0][1]))]


def _entry(terms: Sequence[tuple[Sequence[Laurent], Sequence[Laurent]]], i: int, j: int, zero: Laurent) -> Laurent:
    """Of a sum of products of linear forms; what is `zero` itself is passed over."""
    return _sum([y[i] * z[j] for y, z in terms if y[i] is not zero and z[j] is not zero], zero)


def _less(x: Sequence[Laurent], factor: Laurent, y: Sequence[Laurent]) -> list[Laurent]:
    """x - factor y."""
    return [a - factor * b for a, b in zip(x, y, strict=True)]


def _sum(terms: Sequence[Laurent], zero: Laurent) -> Laurent:
    return sum(terms, zero)


def product(c: Scene, s: Class, o: Class) -> list[list[Laurent]]:
    """X_ik = u_i v_k and X_ki = v_k u_i, divided by |u|^2 |v|^2."""
    factor = c.one.over(c.sine * s.norm * o.norm)
    x, y = o.own - o.off, s.own - s.off
    first = free_weight(c, s) - c.one.over(s.norm * s.out_sine) + factor * (x * x)
    second = free_weight(c, o) - c.one.over(o.norm * o.out_sine) + factor * (y * y)
    return [[first], [factor * (x * y), second]]


def antisymmetric(c: Scene, s: Class) -> Laurent:
    """X antisymmetric with zero row sums, divided by |X|^2; on symmetric ones the form is larger."""
    return free_weight(c, s) - c.one.over(s.norm * s.off_sine)


def ambient(c: Scene, s: Class, o: Class) -> list[list[Laurent]]:
    """The ambient matrix on the indicators of the two classes."""
    first, second = (
        side.members * free_weight(c, side) + side.members * side.members * side.complement for side in (s, o)
    )
    return [[first], [s.members * o.members * c.complement, second]]


def _trivial(x: Any, rows: Any, shift: Interval) -> Matrix:
    """Multiplicities times derivatives of the gradient, which form a symmetric matrix.

    With T_r scaled by eps^w, w = (2, 3, 2, 1, 0, 0), row r of the derivative by the unknowns (a, b, c, d, e, f) is
    count * eps^TRIVIAL times rows.a, .c, .e, .f; rows b and d are used among themselves only.
    """
    p, h, half = x.p, x.h, half_of(x.h.f.pi)
    powers = powers_of(x.eps, 3)
    known = {0: (rows.a, 1), 2: (rows.c, p), 4: (rows.e, p), 5: (rows.f, p * (p - 1))}
    size = 5 if p == 1 else 6
    matrix = [[h * 0] * (i + 1) for i in range(size)]
    for i in range(size):
        for j in range(i + 1):
            k, m = (i, j) if i in known else (j, i)
            if k in known:
                row, count = known[k]
                entry = count * (powers[TRIVIAL[m]] * row[m])
                matrix[i][j] = entry.plus(scaled(count, half)) if m == 2 and k != 0 else entry
    matrix[1][1] = (1 - h) * rows.b[1]
    matrix[3][1], matrix[3][3] = p * rows.d[1], p * rows.d[3]
    one = powers[0]
    for i, gram in enumerate((h, (1 - h) * h, p * h, p * one, p * one, p * (p - 1) * one)[:size]):
        matrix[i][i] = matrix[i][i] - gram.by(shift)
    return matrix
