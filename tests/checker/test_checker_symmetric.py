"""Symmetric points: orbits and isotypic blocks against the dense matrix at small sizes, critical or not."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import numpy as np
import pytest

from certify.checker.errors import Rejected
from certify.checker.intervals import Arithmetic, Interval
from certify.checker.isotypic import Block, ambient_blocks, eigenvalues, enclosures, hessian_blocks
from certify.checker.landscape import Landscape
from certify.checker.orbits import Geometry
from certify.checker.theorem import _variation
from certify.landscape import floats

BITS = 160
Dyadic = tuple[int, int]

SIGNATURES: list[tuple[list[int], list[int | None]]] = [
    ([1], [0]),
    ([1], [None]),
    ([2], [0]),
    ([3], [0]),
    ([4], [0]),
    ([5], [0]),
    ([2], [0, None]),
    ([3], [0, 0]),
    ([4], [0, 0, None]),
    ([3], [None, None]),
    ([5, 1], [0, 1]),
    ([4, 2], [0, 1]),
    ([3, 3], [0, 1]),
    ([4, 3], [0, None]),
    ([2, 2], [1, 1]),
    ([2, 3, 1], [0, 1, 2]),
    ([2, 2, 2], [0, 1, 2, None]),
    ([1, 4], [0, 1, 1]),
    ([3, 2, 2], [0, 2, 0]),
]


def number(x: Dyadic) -> Fraction:
    return x[0] * Fraction(2) ** x[1]


def dense(
    sizes: list[int], owners: list[int | None], centre: list[list[Dyadic]], teacher: tuple[Dyadic, Dyadic]
) -> tuple[list[list[Dyadic]], list[list[Dyadic]]]:
    """All rows written out; sums of two dyadics with the common exponent -20."""
    starts = [sum(sizes[:c]) for c in range(len(sizes))]
    dim = sum(sizes)
    owner_of = [c for c, size in enumerate(sizes) for _ in range(size)]

    def total(*parts: Dyadic) -> Dyadic:
        value = sum(map(number, parts)) * 2**20
        assert value.denominator == 1
        return int(value), -20

    rows = []
    for owner, values in zip(owners, centre, strict=True):
        plain = [values[owner_of[j]] for j in range(dim)]
        for k in range(1 if owner is None else sizes[owner]):
            row = list(plain)
            if owner is not None:
                row[starts[owner] + k] = total(row[starts[owner] + k], values[-1])
            rows.append(row)
    alpha, beta = teacher
    teachers = [[total(alpha, beta) if j == m else beta for j in range(dim)] for m in range(dim)]
    return rows, teachers


def draw(r: random.Random, sizes: list[int], owners: list[int | None], kind: str) -> tuple[list, tuple[Dyadic, Dyadic]]:
    def value() -> Dyadic:
        return r.randint(-(1 << 20), 1 << 20) | 1, -20

    centre = [[value() for _ in range(len(sizes) + 1)] for _ in owners]
    teacher: tuple[Dyadic, Dyadic] = ((1, 0), (0, 0)) if r.randrange(2) else (value(), value())
    if kind == "teachers":  # students on teachers: exactly parallel pairs
        for owner, row in zip(owners, centre, strict=True):
            if owner is not None:
                row[:] = [*([teacher[1]] * len(sizes)), teacher[0]]
    if kind == "opposite":
        for owner, row in zip(owners, centre, strict=True):
            if owner is not None:
                row[:] = [*([(-teacher[1][0], teacher[1][1])] * len(sizes)), (-teacher[0][0], teacher[0][1])]
    return centre, teacher


CASES = [(k, kind) for k in range(len(SIGNATURES)) for kind in ("random", "random again", "teachers", "opposite")]


@pytest.fixture(params=CASES, ids=lambda case: f"{SIGNATURES[case[0]][0]}-{SIGNATURES[case[0]][1]}-{case[1]}")
def case(request: pytest.FixtureRequest) -> tuple[Geometry, Landscape, np.ndarray, np.ndarray]:
    k, kind = request.param
    sizes, owners = SIGNATURES[k]
    r = random.Random(f"certify {k} {kind}")
    centre, teacher = draw(r, sizes, owners, kind)
    rows, teachers = dense(sizes, owners, centre, teacher)
    f = Arithmetic(BITS)
    arrays = [np.array([[float(number(x)) for x in row] for row in matrix]) for matrix in (rows, teachers)]
    return Geometry(sizes, owners, centre, teacher, f), Landscape(rows, teachers, f), *arrays


def overlap(a: Interval, b: Interval) -> bool:
    return a[0] <= b[1] and b[0] <= a[1]


def test_scalars_agree_with_the_dense_landscape(case: tuple[Geometry, Landscape, np.ndarray, np.ndarray]) -> None:
    """Loss, norms, gradient norm and variation: two enclosures of one number overlap, and are both tight."""
    geometry, landscape, W, V = case
    one = geometry.arithmetic.one
    assert overlap(geometry.loss(), landscape.loss())
    for loss in (geometry.loss(), landscape.loss()):
        assert (loss[1] - loss[0]) / one < 1e-12
    norms = [norm for norm, count in geometry.student_norms() for _ in range(count)]
    assert all(overlap(a, b) for a, (b, _) in zip(norms, landscape.student_norms(), strict=True))
    size = float(np.linalg.norm(floats.gradient(W, V))) * 2 * np.pi
    for found in (geometry, landscape):
        assert found.gradient_norm() / one == pytest.approx(size, rel=1e-6, abs=1e-12)
    assert geometry.teacher_length() / one == pytest.approx(float(np.linalg.norm(V, axis=1).sum()), rel=1e-12)
    radius = min(norm[0] for norm in norms) // 10
    assert _variation(geometry, radius) / _variation(landscape, radius) == pytest.approx(1.0, abs=1e-9)


def compare(blocks: list[Block], f: Arithmetic, exact: np.ndarray) -> None:
    """All eigenvalues with multiplicities, each in its interval."""
    assert sum(block.dimension * len(block.gram) for block in blocks) == len(exact)
    found = [
        (low / f.one, high / f.one)
        for block in blocks
        for low, high in eigenvalues(block, f)
        for _ in range(block.dimension)
    ]
    values = np.linalg.eigvalsh(exact * 2 * np.pi)
    slack = 1e-11 * (1.0 + np.abs(values).max())
    lows, highs = (np.sort([pair[end] for pair in found]) for end in (0, 1))
    assert (lows <= values + slack).all()
    assert (values <= highs + slack).all()
    assert (highs - lows).max() < 1e-6 * (1.0 + np.abs(values).max())


def test_blocks_have_the_spectrum_of_the_hessian(case: tuple[Geometry, Landscape, np.ndarray, np.ndarray]) -> None:
    geometry, _, W, V = case
    hessian = floats.hessian(W, V)
    if np.abs(np.linalg.eigvalsh(hessian)).min() < 1e-9:
        pytest.skip("a flat direction: nothing can be enclosed relative to its size")
    compare(list(hessian_blocks(geometry)), geometry.arithmetic, hessian)


def test_blocks_have_the_spectrum_of_the_ambient_matrix(
    case: tuple[Geometry, Landscape, np.ndarray, np.ndarray],
) -> None:
    geometry, _, W, V = case
    ambient = floats.ambient(W, V)
    if np.abs(np.linalg.eigvalsh(ambient)).min() < 1e-9:
        pytest.skip("singular")
    compare(list(ambient_blocks(geometry)), geometry.arithmetic, ambient)


@pytest.mark.parametrize("sizes", [s for n in range(1, 4) for s in itertools.product((1, 2, 3, 4, 6), repeat=n)])
def test_blocks_are_complete(sizes: tuple[int, ...]) -> None:
    """Multiplicities times rows add up to K d, whoever follows whom."""
    r = random.Random(str(sizes))
    for _ in range(2):
        owners = [r.choice((None, *range(len(sizes)))) for _ in range(r.randint(1, 3))]
        centre, teacher = draw(r, list(sizes), owners, "random")
        geometry = Geometry(list(sizes), owners, centre, teacher, Arithmetic(64))
        students = sum(1 if owner is None else sizes[owner] for owner in owners)
        blocks = list(ambient_blocks(geometry))
        assert sum(block.dimension * len(block.gram) for block in blocks) == students
        if len(sizes) < 3:
            blocks = list(hessian_blocks(geometry))
            assert sum(block.dimension * len(block.gram) for block in blocks) == students * sum(sizes)
            for block in blocks:  # and the rows of each are independent
                size = len(block.gram)
                gram = [[float(block.gram[max(a, b)][min(a, b)]) for b in range(size)] for a in range(size)]
                assert np.linalg.eigvalsh(np.array(gram)).min() > 1e-9


def test_eigenvalue_enclosures_hold_for_any_vectors() -> None:
    """F5 with exact rational pencils: perturbed, exchanged and scaled vectors give wider intervals or a refusal."""
    r = random.Random("certify pencil")
    f = Arithmetic(96)
    good = 0
    for _ in range(300):
        size = r.randint(1, 4)
        basis = np.array([[r.randint(-3, 3) for _ in range(size)] for _ in range(size)], dtype=float)
        if abs(np.linalg.det(basis)) < 0.5:
            continue
        exact = np.array([r.choice((-1, 1)) * r.choice((0.001, 0.5, 0.5001, 1.0, 1.0, 300.0)) for _ in range(size)])
        gram = np.rint(basis.T @ basis)
        matrix = basis.T @ np.diag(exact) @ basis
        block = Block(
            1,
            [[(int(x * f.one) - 1, int(x * f.one) + 1) for x in row[: a + 1]] for a, row in enumerate(matrix.tolist())],
            [[int(x) for x in row[: a + 1]] for a, row in enumerate(gram.tolist())],
        )
        shifts = np.array([2.0 ** (int(gram[k, k]).bit_length() // 2) for k in range(size)])
        right = shifts[:, None] * np.linalg.inv(basis)
        noise = r.choice((0.0, 1e-12, 1e-6, 1e-3, 0.1))
        found = right * (1.0 + noise * np.array([[r.gauss(0, 1) for _ in range(size)] for _ in range(size)]))
        found = found[:, r.sample(range(size), size)]
        integers = [[round(x * 2.0**50) for x in row] for row in found.tolist()]
        try:
            intervals = enclosures(block, integers, 50, f)
        except Rejected:
            continue
        for value, (low, high) in zip(np.sort(exact), intervals, strict=True):
            if not low <= 0 <= high:  # an interval around zero is refused by the next step
                good += 1
                assert low / f.one <= value + 1e-9 * abs(value)
                assert value <= high / f.one + 1e-9 * abs(value)
    assert good > 200
