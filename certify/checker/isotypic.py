"""Isotypic blocks at a symmetric point, and enclosures of their eigenvalues (docs/families.md, F4, F5)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from math import isqrt
from operator import mul
from typing import NamedTuple

from certify.checker.errors import Rejected
from certify.checker.forms import Form, OrbitMatrix, Sparse
from certify.checker.intervals import Arithmetic, Interval, magnitude
from certify.checker.jacobi import approximate_eigenvectors
from certify.checker.orbits import Geometry


class Block(NamedTuple):
    """Lower triangles of the form and of the Gram matrix on one copy of each isomorphic summand.

    dimension: that of the irreducible representation, the multiplicity of every eigenvalue of the block.
    """

    dimension: int
    matrix: list[list[Interval]]
    gram: list[list[int]]


VECTOR_BITS = 96
ANTISYMMETRIC = {(0, 1): 1, (1, 0): -1, (1, 2): 1, (2, 1): -1, (2, 0): 1, (0, 2): -1}
SYMMETRIC = {(0, 2): 1, (2, 0): 1, (1, 3): 1, (3, 1): 1, (0, 3): -1, (3, 0): -1, (1, 2): -1, (2, 1): -1}


def hessian_blocks(geometry: Geometry) -> Iterator[Block]:
    """All blocks of 2 pi Hess L in canonical order."""
    yield _block(1, Form(geometry, {}), _trivial_basis)
    for c, n in enumerate(geometry.sizes):
        followed = _followed(geometry, c)
        if n >= 2:
            yield _block(n - 1, Form(geometry, {c: 1}), partial(_standard_basis, c=c, n=n))
        if n >= 3 and followed:
            form = Form(geometry, {c: 3})
            yield _block((n - 1) * (n - 2) // 2, form, partial(_matrices, c=c, entries=ANTISYMMETRIC))
        if n >= 4 and followed:
            yield _block(n * (n - 3) // 2, Form(geometry, {c: 4}), partial(_matrices, c=c, entries=SYMMETRIC))
        for e in range(c):
            size = geometry.sizes[e]
            if n >= 2 and size >= 2 and (followed or _followed(geometry, e)):
                form = Form(geometry, {c: 1, e: 1})
                yield _block((n - 1) * (size - 1), form, partial(_products, c=(e, size), e=(c, n)))


def ambient_blocks(geometry: Geometry) -> Iterator[Block]:
    """All blocks of 2 pi A in canonical order."""
    form = Form(geometry, {})
    yield Block(1, *form.ambient([[int(a == m) for a in range(form.students)] for m in range(form.students)]))
    for c, n in enumerate(geometry.sizes):
        if n >= 2 and _followed(geometry, c):
            form = Form(geometry, {c: 1})
            pairs = [members for members in form.members if _marked(form, members, c)]
            basis = [[(n - 1) * (a == one) - (a == rest) for a in range(form.students)] for one, rest in pairs]
            yield Block(n - 1, *form.ambient(basis))


def _block(dimension: int, form: Form, basis_of: Callable[[Form], list[OrbitMatrix]]) -> Block:
    basis = basis_of(form)
    return Block(dimension, form.hessian(basis), form.gram(basis))


def _followed(geometry: Geometry, c: int) -> bool:
    return any(row.owner == c for row in geometry.rows[: geometry.students])


def _marked(form: Form, members: Sequence[int], c: int) -> bool:
    """The student class these are the parts of follows coordinate class c, which has marks."""
    return form.rows[members[0]].mark == (c, 0)


def _orbit_matrix(entries: Mapping[tuple[int, int], int]) -> OrbitMatrix:
    """entries[(student class, coordinate class)] as base values."""
    rows: dict[int, list[tuple[int, int]]] = {}
    for (a, c), value in entries.items():
        rows.setdefault(a, []).append((c, value))
    return {a: Sparse(tuple(base), 0) for a, base in rows.items()}


def _trivial_basis(form: Form) -> list[OrbitMatrix]:
    """Base values of each student class and, where it has two members or more, delta."""
    basis: list[OrbitMatrix] = []
    for a in range(form.students):
        basis += [{a: Sparse(((c, 1),), 0)} for c in range(len(form.sizes))]
        owner = form.rows[a].owner
        if owner is not None and form.sizes[owner] > 1:
            basis.append({a: Sparse((), 1)})
    return basis


def _standard_basis(form: Form, c: int, n: int) -> list[OrbitMatrix]:
    """X_ji = u_i for students j of a class; X_ij = u_i for coordinates j of a class; X_ii = u_i.

    u = (n-1) e_1 - e_2 - ... - e_n.
    """
    first, rest = form.parts[c]
    basis = []
    for members in form.members:
        basis.append(_orbit_matrix({(a, p): s for a in members for p, s in ((first, n - 1), (rest, -1))}))
        if _marked(form, members, c):
            one, others = members
            for parts in form.parts:
                basis.append(_orbit_matrix({(a, p): s for a, s in ((one, n - 1), (others, -1)) for p in parts}))
            if n >= 3:
                basis.append({one: Sparse(((first, n - 1),), 0), others: Sparse((), -1)})
    return basis


def _products(form: Form, c: tuple[int, int], e: tuple[int, int]) -> list[OrbitMatrix]:
    """X_ij = u_i v_j for followers i of one class and coordinates j of the other; class and size of both."""
    basis = []
    for (rows, n), (columns, m) in ((c, e), (e, c)):
        first, rest = form.parts[columns]
        for members in form.members:
            if _marked(form, members, rows):
                one, others = members
                basis.append(_orbit_matrix({
                    (one, first): (n - 1) * (m - 1), (one, rest): 1 - n, (others, first): 1 - m, (others, rest): 1,
                }))  # fmt: skip
    return basis


def _matrices(form: Form, c: int, entries: Mapping[tuple[int, int], int]) -> list[OrbitMatrix]:
    """A small matrix on marked followers and coordinates, for each class of followers of c."""
    parts = form.parts[c]
    return [
        _orbit_matrix({(members[i], parts[j]): s for (i, j), s in entries.items()})
        for members in form.members
        if _marked(form, members, c)
    ]


def eigenvalues(block: Block, f: Arithmetic) -> list[Interval]:
    """F5: enclosures of the eigenvalues of the pencil (matrix, gram), ascending, as many as the block has rows.

    Vectors in units of 2^-bits, half of the working precision or about 96, are good for relative widths near that.
    """
    bits = max(f.bits // 2, min(f.bits, VECTOR_BITS))
    halves = [row[-1].bit_length() // 2 for row in block.gram]
    shifts = [[x + y + f.bits - bits for y in halves] for x in halves]
    matrix = [[a + b >> 1 + shifts[r][s] for s, (a, b) in enumerate(x)] for r, x in enumerate(block.matrix)]
    gram = [[(x << f.bits) >> shifts[r][s] for s, x in enumerate(row)] for r, row in enumerate(block.gram)]
    rows = approximate_eigenvectors(_symmetric(matrix), _symmetric(gram), bits)
    return enclosures(block, list(zip(*rows, strict=True)), bits, f)


def enclosures(block: Block, vectors: Sequence[Sequence[int]], bits: int, f: Arithmetic) -> list[Interval]:
    """The same from a matrix `vectors` in units of 2^-bits, of which nothing is assumed.

    With Q = S vectors / 2^bits, S = diag(2^-(bit length of gram_rr // 2)), D = diag(d), d the midpoints of the diagonal
    of Q^T matrix Q, let eps >= |Q^T gram Q - I|_F, delta >= | |D|^-1/2 (Q^T matrix Q - D) |D|^-1/2 |_F and
    share = (delta + eps) / (1 - eps).  If eps < 1/4 and share < 1, the k-th eigenvalue is within share |d_k| of the
    k-th d in order.
    """
    size = len(block.gram)
    shifts = [block.gram[r][r].bit_length() // 2 for r in range(size)]
    top = max(shifts)
    q = [[vectors[r][k] << top - shifts[r] for r in range(size)] for k in range(size)]
    unit = 2 * (bits + top)
    entries, gram = _interval_congruence(block.matrix, q), _congruence(_symmetric(block.gram), q)
    middles = [(entries[k][k][0] + entries[k][k][1]) >> unit + 1 for k in range(size)]
    if not all(middles):
        raise Rejected("spectrum", "an eigenvalue is zero to working precision")
    eps = delta = 0
    for k in range(size):
        for m in range(size):
            target = 1 << unit if k == m else 0
            deviation = -(-abs(gram[k][m] - target) << f.bits >> unit) + 1
            eps += deviation * deviation
            low, high = entries[k][m]
            rest = (low >> unit) - (middles[k] if k == m else 0), -(-high >> unit) - (middles[k] if k == m else 0)
            square = magnitude(rest) ** 2 << 2 * f.bits
            delta += -(-square // abs(middles[k] * middles[m]))
    eps, delta = isqrt(eps) + 1, isqrt(delta) + 1
    if not 4 * eps < f.one:
        raise Rejected("spectrum", "the vectors of a block are far from orthonormal")
    share = -(-(eps + delta << f.bits) // (f.one - eps))
    if not share < f.one:
        raise Rejected("spectrum", "the vectors of a block are far from eigenvectors")
    spreads = [(d, -(-share * abs(d) >> f.bits)) for d in sorted(middles)]
    return [(d - spread, d + spread) for d, spread in spreads]


def _symmetric(lower: Sequence[Sequence[int]]) -> list[list[int]]:
    return [[lower[max(r, s)][min(r, s)] for s in range(len(lower))] for r in range(len(lower))]


def _congruence(matrix: Sequence[Sequence[int]], columns: Sequence[Sequence[int]]) -> list[list[int]]:
    """x^T matrix y for all columns x and y, exact."""
    images = [[sum(map(mul, row, y)) for row in matrix] for y in columns]
    return [[sum(map(mul, x, image)) for image in images] for x in columns]


def _interval_congruence(lower: Sequence[Sequence[Interval]], columns: Sequence[Sequence[int]]) -> list[list[Interval]]:
    """The same for an interval matrix: |x^T (A - centre) y| <= |x|^T radius |y|; twice these two are integers."""
    twice_centre = _congruence(_symmetric([[a + b for a, b in row] for row in lower]), columns)
    sizes = [[abs(x) for x in column] for column in columns]
    twice_radius = _congruence(_symmetric([[b - a for a, b in row] for row in lower]), sizes)
    return [
        [(c - r >> 1, -(-c - r >> 1)) for c, r in zip(centres, radii, strict=True)]
        for centres, radii in zip(twice_centre, twice_radius, strict=True)
    ]
