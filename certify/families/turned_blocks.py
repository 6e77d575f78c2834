"""The Hessian and the ambient matrix at a point with p turned students, by isotypic blocks (docs/all-sizes.md, A5).

Every block is 2 pi (Hess L - shift) as a form on a basis scaled by powers of eps, so that it has a limit at infinite
width; all are positive definite if and only if every eigenvalue exceeds the shift, in every dimension.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from certify.arithmetic import pi
from certify.arithmetic.jets import Jet
from certify.arithmetic.laurent import Laurent, laurent
from certify.families.turned import Values

Ball = Any
Matrix = list[list[Jet]]
Number = Any  # of known order in eps (Laurent)
Row = Sequence[Number]

FOLLOWED = (0, 1, 2, 0, 0)  # powers of eps that scale the basis of the standard block of n
TURNED = (0, 0, 0, 1, 2)  # of p


class Side(NamedTuple):
    """One class of students seen from itself: its size, own and other entry in its own class, entry in the other."""

    size: Number
    own: Number
    off: Number
    across: Number
    norm: Number
    weight: Number  # alpha
    own_sine: Number  # sine of the angle with plus or minus the own teacher
    cosine: Number  # with another student of the class
    sine: Number
    complement: Number  # pi - t of the same pair
    off_cosine: Number  # with another teacher of the class
    off_sine: Number
    across_cosine: Number  # with a teacher of the other class
    across_sine: Number


class Pairing(NamedTuple):
    """A student of each class."""

    cosine: Number
    sine: Number
    complement: Number


def blocks(v: Values, rows: Any, p: int, shift: Ball) -> dict[str, Matrix]:
    """Name and lower or full matrix of each block, shift in units of the Hessian.

    rows: Reduced with the list of derivatives by the unknowns in place of each jet.
    """
    make = laurent(v.eps)
    first, second, pair = _sides(v, p, make)
    two_pi = make(2 * pi() * shift)
    result = {"trivial": _trivial(v, rows, p, 2 * pi() * shift)}
    result["standard n"] = scaled(standard(first, second, pair, make, two_pi), FOLLOWED)
    result["antisymmetric n"] = [[antisymmetric(first, make, two_pi).times(0)]]
    if p > 1:
        matrix = scaled(standard(second, first, pair, make, two_pi), TURNED)
        if p == 2:  # T3 = -T2
            matrix = [[row[k] for k in (0, 1, 3, 4)] for row in (matrix[k] for k in (0, 1, 3, 4))]
        result["standard p"] = matrix
        result["product"] = [[x.times(0) for x in row] for row in _product(first, second, pair, make, two_pi)]
    if p > 2:
        result["antisymmetric p"] = [[antisymmetric(second, make, two_pi).times(0)]]
    result["ambient trivial"], result["ambient n"], result["ambient p"] = _ambient(first, second, pair, make, two_pi)
    if p == 1:
        del result["ambient p"]
    return result


def _sides(v: Values, p: int, make: Callable[..., Number]) -> tuple[Side, Side, Pairing]:
    """make(jet, order): the number jet * eps^order."""
    half, h, xi, (u1, u2) = pi() / 2, v.h, v.xi, v.norms
    x, s, xt, t, w, arcs = v.cosines, v.sines, v.teacher_cosines, v.teacher_sines, v.weights, v.arcs
    first = Side(
        make(v.h * 0 + 1, -2), make(v.a), make(xi[1], 4), make(xi[2], 2), make(u1), make(w[0], 2),
        make(v.own_sines[0], 2), make(x[0], 4), make(s[0]), make(half + h.square() * arcs[0]), make(xt[0], 4),
        make(t[0]), make(xt[1], 2), make(t[1]),
    )  # fmt: skip
    second = Side(
        make(v.h * 0 + p), make(v.e), make(xi[5], 2), make(xi[3], 2), make(u2), make(w[1], 1), make(v.own_sines[1], 1),
        make(x[2], 2), make(s[2]), make(half + h * arcs[2]), make(xt[3], 2), make(t[3]), make(xt[2], 2), make(t[2]),
    )  # fmt: skip
    return first, second, Pairing(make(x[1], 2), make(s[1]), make(half + h * arcs[1]))


def scaled(matrix: list[list[Laurent]], powers: Sequence[int]) -> Matrix:
    """The matrix with basis vectors multiplied by powers of eps."""
    return [[x.times(powers[i] + powers[j]) for j, x in enumerate(row)] for i, row in enumerate(matrix)]


def standard(s: Side, o: Side, pair: Pairing, make: Callable[..., Number], shift: Number) -> list[list[Number]]:
    """The form on X_ii = u_i, X_ij = u_i, X_ij = u_j, X_ik = u_i, X_ki = u_i divided by |u|^2; i != j in the class of
    s, k in the other, sum u = 0: a signed sum of squares of linear forms in the five coefficients.
    """
    matrix, terms, total, back = parts(s, o, pair, make, shift)
    across = pair.complement * o.size
    sums = [
        (s.complement, total, total), (across, total, back), (across, back, total),
        (o.complement * o.size * o.size, back, back),
    ]  # fmt: skip
    return add_terms(matrix, [*sums, *terms])


Term = tuple[Number, Row, Row]


def parts(
    s: Side, o: Side, pair: Pairing, make: Callable[..., Number], shift: Number
) -> tuple[list[list[Number]], list[Term], Row, Row]:
    """The same as a matrix and factors of products of forms, without those of sums of students; and what these sums
    are: of the class of s, and each of o.
    """
    zero, one, two, pie = make(0), make(1), make(2), make(pi())
    n, p, m = s.size, o.size, s.size - one
    step = s.own - s.off
    own = (s.own, m * s.off, -s.off, p * s.across, zero)  # <x_i, w_i>
    other = (s.off, s.own + (n - two) * s.off, -s.off, p * s.across, zero)  # <x_i, w_j>, without u_j
    turned = (o.across, m * o.across, -o.across, o.own + (p - one) * o.off, zero)  # <x_i, w_k>
    total = (one, -one, m, zero, zero)  # sum_i x_i
    back = (zero, zero, zero, zero, one)
    ratio = s.own / (s.norm * s.norm)
    to_own = (s.own_sine * s.own_sine, -(ratio * m * s.off), ratio * s.off, -(ratio * p * s.across), zero)
    tilt = s.off_cosine / s.norm
    to_off = _combine((zero, one, zero, zero, zero), -tilt, own)
    to_across = _combine((zero, zero, zero, one, zero), -(s.across_cosine / s.norm), own)
    both = _combine(_combine(other, -(s.cosine / s.norm) * s.norm, own), step, (zero, zero, one, zero, zero))
    cross = _combine(_scale(one / o.norm, turned), -(pair.cosine / s.norm), own)
    cross = _combine(_scale(one / s.norm, cross), step / (s.norm * o.norm), back)
    third, weight = (zero, zero, one, zero, zero), pie + s.weight - s.complement - shift
    squared = s.norm * s.norm
    matrix = [[zero] * 5 for _ in range(5)]
    for i, size in enumerate((one, m, m, p, zero)):
        matrix[i][i] = weight * size
    matrix[1][2] = matrix[2][1] = -weight
    matrix[4][4] = p * (pie + o.weight - o.complement - shift)
    terms = [
        (-((s.weight + s.sine) / squared), own, own),
        ((n - two) / (s.sine * squared), both, both),
        (p * s.norm * o.norm / pair.sine, cross, cross),
        (-(one / (s.norm * s.own_sine)), to_own, to_own),
        (-(m / (s.norm * s.off_sine)), to_off, to_off), (-(m / (s.norm * s.off_sine)), third, third),
        (one / (s.norm * s.off_sine), to_off, third), (one / (s.norm * s.off_sine), third, to_off),
        (-(p / (s.norm * s.across_sine)), to_across, to_across),
        (-(p / (o.norm * o.across_sine)), back, back),
    ]  # fmt: skip
    products: list[Term] = [*terms]
    return matrix, products, total, back


def add_terms(matrix: list[list[Number]], terms: Sequence[Term]) -> list[list[Number]]:
    """The matrix plus factors times products of linear forms."""
    for factor, x, y in terms:
        for i, row in enumerate(matrix):
            for j in range(len(row)):
                row[j] = row[j] + factor * (x[i] * y[j])
    return matrix


def _combine(x: Row, factor: Number, y: Row) -> tuple[Number, ...]:
    return tuple(a + factor * b for a, b in zip(x, y, strict=True))


def _scale(factor: Number, x: Row) -> tuple[Number, ...]:
    return tuple(factor * a for a in x)


def _product(s: Side, o: Side, pair: Pairing, make: Callable[..., Laurent], shift: Laurent) -> list[list[Laurent]]:
    """X_ik = u_i v_k, X_ki = v_k u_i."""
    one, pie = make(1), make(pi())
    steps = (o.own - o.off, s.own - s.off)
    factor = one / (pair.sine * s.norm * o.norm)
    matrix = [[factor * (x * y) for y in steps] for x in steps]
    for k, side in enumerate((s, o)):
        own = pie + side.weight - side.complement - shift - one / (side.norm * side.across_sine)
        matrix[k][k] = matrix[k][k] + own
    return matrix


def antisymmetric(s: Side, make: Callable[..., Number], shift: Number) -> Number:
    """X antisymmetric with zero row sums; the symmetric ones have at least this value."""
    return make(pi()) + s.weight - s.complement - shift - make(1) / (s.norm * s.off_sine)


def _ambient(s: Side, o: Side, pair: Pairing, make: Callable[..., Laurent], shift: Laurent) -> tuple[Matrix, ...]:
    pie, n, p = make(pi()), s.size, o.size
    alone = [pie + side.weight - side.complement - shift for side in (s, o)]
    across = n * p * pair.complement
    trivial = [
        [n * alone[0] + n * n * s.complement, across],
        [across, p * alone[1] + p * p * o.complement],
    ]
    return scaled(trivial, (2, 0)), [[alone[0].times(0)]], [[alone[1].times(0)]]


def _trivial(v: Values, rows: Any, p: int, shift: Ball) -> Matrix:
    """Derivatives of the reduced gradient, weighted by multiplicities and scaled: symmetric, so that entries of rows
    with negative powers of eps are taken from their transposes.
    """
    h, one = v.h, v.h * 0 + 1
    size, powers = 5 if p == 1 else 6, (one, v.eps, h)
    orders = (0, 1, 2, 1, 0, 0)
    counts = (1, None, p, None, p, p * (p - 1))  # of the rows a, c, e, f
    matrix: list[list[Any]] = [[None] * size for _ in range(size)]
    for i, count in enumerate(counts[:size]):
        if count is not None:
            for j in range(size):
                matrix[i][j] = count * powers[orders[j]] * rows.parts[i][j]
            if i >= 2:
                matrix[i][2] = matrix[i][2] + count * pi() / 2
    low, high = rows.parts[1], rows.parts[3]
    matrix[1][1], matrix[3][3] = (1 - h) * low[1], p * high[3]
    matrix[1][3], matrix[3][1] = (1 - h) * low[3], p * high[1]
    for i in (1, 3):
        for j in range(size):
            if matrix[i][j] is None:
                matrix[i][j] = matrix[j][i]
    for i, gram in enumerate((h, (1 - h) * h, p * h, p * one, p * one, p * (p - 1) * one)[:size]):
        matrix[i][i] = matrix[i][i] - shift * gram
    return matrix
