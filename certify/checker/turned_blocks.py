"""Isotypic blocks of 2 pi (Hess L - shift) and of 2 pi (A - shift) over a box of unknowns (docs/all-sizes.md, A5).

Each block is the form of docs/families.md, F3, on the basis of F4 scaled by powers of eps, so that it has a limit at
infinite width.  All of them positive definite: every eigenvalue of the Hessian in every dimension exceeds the shift.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

from certify.checker.errors import Rejected
from certify.checker.intervals import Interval, add, scaled, sub
from certify.checker.jets import ZERO, Jet, Laurent, packed, powers_of
from certify.checker.turned import Point, System

Matrix = list[list[Interval]]  # lower triangle
N = TypeVar("N", Jet, Laurent)
Constants = tuple[N, N, N, N]  # 1, 0, n, pi less the shift

FOLLOWED = (0, 1, 2, 0, 0)
TURNED = (0, 0, 0, 1, 2)
STANDARD = "standard n"
TRIVIAL = (0, 1, 2, 1, 0, 0)
POWERS = 48


class Class(NamedTuple, Generic[N]):
    """What one class of students sees; `out` is the other class."""

    members: N
    own: N
    off: N
    out: N
    norm: N
    weight: N  # alpha_i
    own_sine: N
    cosine: N  # with a student of the same class
    sine: N
    complement: N
    off_cosine: N  # with the teacher of such a student
    off_sine: N
    out_cosine: N  # with a teacher of the other class
    out_sine: N


class Scene(NamedTuple, Generic[N]):
    """Two classes, the angle between their students, and constants."""

    one: N
    zero: N
    pi_less: N  # pi - 2 pi shift
    cosine: N
    sine: N
    complement: N


def blocks(x: Point, r: System, shift: Interval) -> Iterator[tuple[str, Matrix]]:
    """Name and lower triangle of every block; shift is 2 pi times the bound in units of the Hessian."""
    scene, first, second = _arranged(x, *of_known_order(x.eps, shift))
    yield "trivial", _trivial(x, r, shift)
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


def of_known_order(eps: Jet, shift: Interval) -> tuple[Callable[[Jet, int], Laurent], Constants[Laurent]]:
    """put(jet, order), the values of jet * eps^order on a box, and the constants; shift as for `blocks`."""
    put = laurent(eps)
    one, zero = put((eps.f.one, eps.f.one), 0), put(ZERO, 0)
    constants = one, zero, put((eps.f.one, eps.f.one), -2), put(sub(eps.f.pi, shift), 0)
    return lambda jet, order: put(jet.value, order), constants


def laurent(*bases: Jet) -> Callable[..., Laurent]:
    """put(value, *orders), an interval times powers of the values of the bases."""
    f, powers = bases[0].f, [powers_of(eps.value, POWERS, eps.f) for eps in bases]
    return lambda value, *orders: Laurent(f, powers, value, packed(orders))


def with_slopes(eps: Jet, h: Jet, shift: Interval) -> tuple[Callable[[Jet, int], Jet], Constants[Jet]]:
    """The same for eps > 0, with slopes; the orders are 0, 1, 2 and 4."""
    zero = eps * 0
    one, powers = zero + 1, {1: eps, 2: h, 4: h.square()}
    constants = one, zero, one.over(h), zero.plus(sub(eps.f.pi, shift))
    return lambda jet, order: jet * powers[order] if order else jet, constants


def _arranged(x: Point, put: Callable[[Jet, int], N], constants: Constants[N]) -> tuple[Scene[N], Class[N], Class[N]]:
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


def last_pivot(x: Point, shift: Interval = ZERO) -> Jet:
    """The pivot of T3 in the standard block of n when T1, T2, T4, T5 are eliminated first, for eps > 0 (A5, A7).

    Rejects unless the four pivots before it are positive; shift as for `blocks`.
    """
    scene, first, second = _arranged(x, *with_slopes(x.eps, x.h, shift))
    return pivot_of(standard(scene, first, second), (0, 1, 3, 4, 2))


def pivot_of(lower: Sequence[Sequence[Jet]], order: Sequence[int]) -> Jet:
    """The last pivot of a symmetric matrix when eliminated in that order; rejects unless those before are positive."""
    matrix = [[lower[max(i, j)][min(i, j)] for j in order] for i in order]
    for k in range(len(order) - 1):
        if not matrix[k][k].value[0] > 0:
            raise Rejected("curvature", f"pivot {k} of the block {STANDARD} is not confirmed to be positive")
        for i in range(k + 1, len(order)):
            factor = matrix[i][k].over(matrix[k][k])
            matrix[i] = [a - factor * b for a, b in zip(matrix[i], matrix[k], strict=True)]
    return matrix[-1][-1]


def scaled_matrix(matrix: list[list[Laurent]], powers: Sequence[int]) -> Matrix:
    """The matrix with basis vectors multiplied by powers of eps."""
    return [[entry.at(powers[i] + powers[j]) for j, entry in enumerate(row)] for i, row in enumerate(matrix)]


def _without(matrix: list[list[Laurent]], k: int) -> list[list[Laurent]]:
    """The lower triangle without row and column k."""
    return [[x for j, x in enumerate(row) if j != k] for i, row in enumerate(matrix) if i != k]


def free_weight(c: Scene[N], s: Class[N]) -> N:
    """Weight of |X|^2 on what sums to zero over the class."""
    return c.pi_less + s.weight - s.complement


def standard(c: Scene[N], s: Class[N], o: Class[N]) -> list[list[N]]:
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


Form = list[N]
Term = tuple[N, Form[N], Form[N]]


def without_sums(c: Scene[N], s: Class[N], o: Class[N]) -> tuple[list[Term[N]], Form[N], Form[N]]:
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


def summed(terms: Sequence[Term[N]], zero: N) -> list[list[N]]:
    """The lower triangle of a sum of weights times products of two linear forms."""
    weighted = [([a if a is zero else w * a for a in y], z) for w, y, z in terms]
    return [[_entry(weighted, i, j, zero) for j in range(i + 1)] for i in range(len(terms[0][1]))]


def _entry(terms: Sequence[tuple[Sequence[N], Sequence[N]]], i: int, j: int, zero: N) -> N:
    """Of a sum of products of linear forms; what is `zero` itself is passed over."""
    return _sum([y[i] * z[j] for y, z in terms if y[i] is not zero and z[j] is not zero], zero)


def _less(x: Sequence[N], factor: N, y: Sequence[N]) -> list[N]:
    """x - factor y."""
    return [a - factor * b for a, b in zip(x, y, strict=True)]


def _sum(terms: Sequence[N], zero: N) -> N:
    return sum(terms, zero)


def product(c: Scene[Laurent], s: Class[Laurent], o: Class[Laurent]) -> list[list[Laurent]]:
    """X_ik = u_i v_k and X_ki = v_k u_i, divided by |u|^2 |v|^2."""
    factor = c.one.over(c.sine * s.norm * o.norm)
    x, y = o.own - o.off, s.own - s.off
    first = free_weight(c, s) - c.one.over(s.norm * s.out_sine) + factor * (x * x)
    second = free_weight(c, o) - c.one.over(o.norm * o.out_sine) + factor * (y * y)
    return [[first], [factor * (x * y), second]]


def antisymmetric(c: Scene[N], s: Class[N]) -> N:
    """X antisymmetric with zero row sums, divided by |X|^2; on symmetric ones the form is larger."""
    return free_weight(c, s) - c.one.over(s.norm * s.off_sine)


def ambient(c: Scene[Laurent], s: Class[Laurent], o: Class[Laurent]) -> list[list[Laurent]]:
    """The ambient matrix on the indicators of the two classes."""
    first, second = (
        side.members * free_weight(c, side) + side.members * side.members * side.complement for side in (s, o)
    )
    return [[first], [s.members * o.members * c.complement, second]]


def _trivial(x: Point, r: System, shift: Interval) -> Matrix:
    """Multiplicities times derivatives of the gradient, which form a symmetric matrix.

    With T_r scaled by eps^w, w = (2, 3, 2, 1, 0, 0), row r of the derivative by the unknowns (a, b, c, d, e, f) is
    count * eps^TRIVIAL times the slopes of r.a, r.c, r.e, r.f; rows b and d are used among themselves only.
    """
    f, p, h = x.f, x.p, x.h.value
    powers = powers_of(x.eps.value, 3, f)
    one: Interval = (f.one, f.one)
    half = f.pi[0] >> 1, -(-f.pi[1] >> 1)
    small = sub(one, h)  # 1 - h
    rows = {0: (r.a, 1), 2: (r.c, p), 4: (r.e, p)}
    if r.f is not None:
        rows[5] = (r.f, p * (p - 1))
    size = len(r.a.slopes)
    matrix: Matrix = [[(0, 0)] * (i + 1) for i in range(size)]
    for i in range(size):
        for j in range(i + 1):
            k, m = (i, j) if i in rows else (j, i)
            if k in rows:
                jet, count = rows[k]
                entry = scaled(count, f.mul(powers[TRIVIAL[m]], jet.slopes[m]))
                matrix[i][j] = add(entry, scaled(count, half)) if m == 2 and k != 0 else entry
    matrix[1][1] = f.mul(small, r.b.slopes[1])
    matrix[3][1] = scaled(p, r.d.slopes[1])
    matrix[3][3] = scaled(p, r.d.slopes[3])
    grams = [h, f.mul(small, h), scaled(p, h), scaled(p, one), scaled(p, one), scaled(p * (p - 1), one)]
    for i in range(size):
        matrix[i][i] = sub(matrix[i][i], f.mul(shift, grams[i]))
    return matrix
