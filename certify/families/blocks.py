"""Isotypic blocks of the Hessian and of the ambient matrix (docs/families.md, F4, F5).

Each block is the form restricted to one copy of every isomorphic summand, spanned by explicit orbit matrices of a
refined signature: no block is derived by hand.  X_ij below means: row of student i, coordinate j; u = e_1 - e_2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from certify.families.forms import Form, OrbitMatrix, Sparse
from certify.families.orbits import Geometry, Number

Matrix = list[list[Number]]


class Block(NamedTuple):
    """matrix - lambda gram is singular at every eigenvalue lambda of 2 pi Hess L on this isotypic component.

    dimension: of the irreducible representation, that is the multiplicity of each of the block's eigenvalues.
    """

    name: str
    dimension: int
    matrix: Matrix
    gram: list[list[int]]


def hessian_blocks(geometry: Geometry) -> Iterator[Block]:
    """All blocks; sizes times dimensions add up to K M."""
    form = Form(geometry, {})
    yield _block("trivial", 1, form, trivial_basis(form))
    sizes = geometry.sizes
    for c, n in enumerate(sizes):
        if n >= 2:
            form = Form(geometry, {c: 2})
            yield _block(f"standard {c}", n - 1, form, _standard_basis(form, c, with_own=n >= 3))
        followers = _followers(geometry, c)
        if n >= 3 and followers:
            form = Form(geometry, {c: 3})
            yield _block(f"antisymmetric {c}", (n - 1) * (n - 2) // 2, form, _matrices(form, c, ANTISYMMETRIC))
        if n >= 4 and followers:
            form = Form(geometry, {c: 4})
            yield _block(f"symmetric {c}", n * (n - 3) // 2, form, _matrices(form, c, SYMMETRIC))
        for e in range(c):
            if n >= 2 and sizes[e] >= 2 and (followers or _followers(geometry, e)):
                form = Form(geometry, {c: 2, e: 2})
                yield _block(f"standard {e} x standard {c}", (n - 1) * (sizes[e] - 1), form, _products(form, e, c))


def ambient_blocks(geometry: Geometry) -> Iterator[Block]:
    """All blocks of 2 pi A; sizes times dimensions add up to K."""
    form = Form(geometry, {})
    yield Block("trivial", 1, *form.ambient([[int(a == m) for a in range(form.students)]
                                             for m in range(form.students)]))  # fmt: skip
    for c, n in enumerate(geometry.sizes):
        followers = _followers(geometry, c)
        if n >= 2 and followers:
            form = Form(geometry, {c: 2})
            basis = []
            for a in followers:
                vector = [0] * form.students
                vector[form.members[a][0]], vector[form.members[a][1]] = 1, -1
                basis.append(vector)
            yield Block(f"standard {c}", n - 1, *form.ambient(basis))


def splitting_blocks(geometry: Geometry, a: int) -> Iterator[Block]:
    """All blocks of 2 pi S_i = 2 pi (H_ii - I / 2) for a student of class a (F8); dimensions times sizes give M.

    Its stabiliser permutes the other coordinates of its class and every other class.  S_i w_i = 0 always.
    """
    owner = geometry.rows[a].owner
    form = Form(geometry, {} if owner is None else {owner: 1})
    basis = [Sparse(((c, 1),)) for c in range(len(form.sizes))]
    yield Block("trivial", 1, *form.splitting(form.members[a][0], basis))
    for c, n in enumerate(geometry.sizes):
        free = n - (c == owner)
        if free >= 2:
            form = Form(geometry, {c: 2})  # neither of the two is the student's own coordinate
            one, two = form.parts[c][:2]
            vector = Sparse(((one, 1), (two, -1)))
            yield Block(f"standard {c}", free - 1, *form.splitting(form.members[a][-1], [vector]))


ANTISYMMETRIC = {(0, 1): 1, (1, 0): -1, (1, 2): 1, (2, 1): -1, (2, 0): 1, (0, 2): -1}
SYMMETRIC = {(0, 2): 1, (2, 0): 1, (1, 3): 1, (3, 1): 1, (0, 3): -1, (3, 0): -1, (1, 2): -1, (2, 1): -1}


def _block(name: str, dimension: int, form: Form, basis: list[OrbitMatrix]) -> Block:
    return Block(name, dimension, form.hessian(basis), form.gram(basis))


def _followers(geometry: Geometry, c: int) -> list[int]:
    """Student classes that follow coordinate class c."""
    return [a for a in range(geometry.students) if geometry.rows[a].owner == c]


def _orbit_matrix(entries: Mapping[tuple[int, int], int]) -> OrbitMatrix:
    """entries[(student class, coordinate class)] as base values, in refined classes."""
    rows: dict[int, list[tuple[int, int]]] = {}
    for (a, c), value in entries.items():
        rows.setdefault(a, []).append((c, value))
    return {a: Sparse(tuple(base)) for a, base in rows.items()}


def trivial_basis(form: Form) -> list[OrbitMatrix]:
    """For each student class its base values and, if it has two members or more, its delta."""
    basis: list[OrbitMatrix] = []
    for a in range(form.students):
        basis += [{a: Sparse(((c, 1),))} for c in range(len(form.sizes))]
        owner = form.rows[a].owner
        if owner is not None and form.sizes[owner] > 1:
            basis.append({a: Sparse((), 1)})
    return basis


def _standard_basis(form: Form, c: int, *, with_own: bool) -> list[OrbitMatrix]:
    """X_ij = u_i for j in one class; X_ii = u_i; X_ji = u_i for all students j of one class."""
    first, second = form.parts[c][:2]
    basis = []
    for members in form.members:
        basis.append(_orbit_matrix({(a, p): s for a in members for p, s in ((first, 1), (second, -1))}))
        if _marked(form, members, c):
            one, two = members[:2]
            for parts in form.parts:
                basis.append(_orbit_matrix({(a, p): s for a, s in ((one, 1), (two, -1)) for p in parts}))
            if with_own:
                basis.append(_orbit_matrix({(one, first): 1, (two, second): -1}))
    return basis


def _products(form: Form, c: int, e: int) -> list[OrbitMatrix]:
    """X_ij = u_i v_j for followers i of one class and coordinates j of the other."""
    basis = []
    for rows, columns in ((c, e), (e, c)):
        first, second = form.parts[columns][:2]
        for members in form.members:
            if _marked(form, members, rows):
                one, two = members[:2]
                basis.append(_orbit_matrix({(one, first): 1, (one, second): -1, (two, first): -1, (two, second): 1}))
    return basis


def _matrices(form: Form, c: int, entries: Mapping[tuple[int, int], int]) -> list[OrbitMatrix]:
    """The given small matrix on the marked followers and coordinates of class c, for each class of followers."""
    parts = form.parts[c]
    return [
        _orbit_matrix({(members[i], parts[j]): s for (i, j), s in entries.items()})
        for members in form.members
        if _marked(form, members, c)
    ]


def _marked(form: Form, members: list[int], c: int) -> bool:
    """The student class these are the parts of follows coordinate class c."""
    return form.rows[members[0]].mark == (c, 0)
