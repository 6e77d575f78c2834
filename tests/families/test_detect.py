"""Block symmetry found again in shuffled matrices."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certify.families.detect import dense, detect
from certify.families.orbits import Pattern
from certify.families.signature import Signature
from certify.families.teachers import teacher_parts

SIGNATURES = [
    Signature((11, 1), (0, None)),
    Signature((10, 2), (0, 1)),
    Signature((5,), (0,)),
    Signature((2,), (0,)),
    Signature((2, 2), (0, 1)),
    Signature((12, 6, 1), (0, 1, None)),  # three classes
    Signature((5, 5, 5), (0, 1, 2)),  # equal sizes
    Signature((9, 1), (0, None, None)),  # one teacher direction, two anti-aligned students
    Signature((8, 3), (0, 1, 1)),  # the same for a whole class
    Signature((13, 3), (0, 1, None)),  # a student near the sum of three teachers
    Signature((6, 2), (0,)),  # teachers nobody follows
    Signature((4, 3), (None, None)),  # single students only
    Signature((7,), (0, 0, 0)),
    Signature((6, 3, 2, 2, 1), (0, 1, 1, 3, None, None)),
]


def point(signature: Signature, generator: np.random.Generator) -> list[Pattern]:
    """Random patterns, far from any coincidence."""
    return [
        Pattern(tuple(generator.normal(size=len(signature.sizes))), 0.0 if owner is None else generator.normal() * 3)
        for owner in signature.owners
    ]


def kinds(signature: Signature) -> list[tuple[int, int, int]]:
    """What the classes are, in no order: size, followers."""
    return sorted((n, signature.owners.count(c), signature.owners.count(None)) for c, n in enumerate(signature.sizes))


@pytest.mark.parametrize("noise", [0.0, 1e-10])
@pytest.mark.parametrize("signature", SIGNATURES, ids=lambda s: f"{s.sizes}{s.owners}")
def test_a_shuffled_symmetric_matrix(signature: Signature, noise: float) -> None:
    generator = np.random.default_rng(hash(signature.sizes) % 1000)
    for _ in range(5):
        W = dense(signature, point(signature, generator))
        W = W[generator.permutation(len(W))][:, generator.permutation(W.shape[1])]
        W += noise * generator.uniform(-1, 1, W.shape)
        found = detect(W, 1e-8)
        assert found is not None
        assert kinds(found.signature) == kinds(signature)
        again = dense(found.signature, found.patterns)
        assert np.abs(again - W[np.ix_(found.students, found.coordinates)]).max() <= 4 * noise + 1e-14
        assert sorted(found.students) == list(range(len(W)))
        assert sorted(found.coordinates) == list(range(W.shape[1]))


@pytest.mark.parametrize("signature", SIGNATURES, ids=lambda s: f"{s.sizes}{s.owners}")
def test_the_order_of_rows_and_columns_does_not_matter(signature: Signature) -> None:
    generator = np.random.default_rng(3)
    W = dense(signature, point(signature, generator))
    first = detect(W, 1e-9)
    assert first is not None
    for _ in range(3):
        other = detect(W[generator.permutation(len(W))][:, generator.permutation(W.shape[1])], 1e-9)
        assert other is not None
        assert other.signature == first.signature
        for p, q in zip(other.patterns, first.patterns, strict=True):
            assert np.allclose([*p.base, p.delta], [*q.base, q.delta], atol=1e-13)


@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=4),
    st.lists(st.none() | st.integers(0, 3), min_size=1, max_size=5),
    st.integers(0, 10**6),
)
def test_any_signature(sizes: list[int], owners: list[int | None], seed: int) -> None:
    allowed = [None if o is None or o >= len(sizes) or sizes[o] == 1 else o for o in owners]
    signature = Signature(tuple(sizes), tuple(allowed))
    generator = np.random.default_rng(seed)
    W = dense(signature, point(signature, generator))
    found = detect(W[generator.permutation(len(W))][:, generator.permutation(W.shape[1])], 1e-9)
    assert found is not None
    assert (found.signature.students, found.signature.teachers) == W.shape
    assert found.signature.unknowns <= signature.unknowns


def test_no_symmetry() -> None:
    found = detect(np.random.default_rng(0).normal(size=(5, 4)), 1e-9)
    assert found is not None
    assert found.signature == Signature((1,) * 4, (None,) * 5)
    assert all(p.delta == 0.0 for p in found.patterns)


def test_near_symmetry_is_a_matter_of_tolerance() -> None:
    W = np.eye(6)
    W[0, 0] += 1e-4
    fine, coarse = detect(W, 1e-6), detect(W, 1e-3)
    assert fine is not None
    assert coarse is not None
    assert fine.signature == Signature((5, 1), (0, None))
    assert coarse.signature == Signature((6,), (0,))
    assert coarse.patterns[0].delta == pytest.approx(1 + 1e-4 / 6)


def test_values_close_to_each_other_do_not_fake_a_symmetry() -> None:
    W = np.arange(36.0).reshape(6, 6) * 1e-3  # steps of the tolerance: a chain of values, all linked
    found = detect(W, 1e-3 + 1e-9)
    assert found is not None
    assert max(found.signature.sizes) == 1
    assert detect(np.full((2, 2), np.nan), 1e-3) is None


def test_pairs_of_coordinates_are_no_block_symmetry() -> None:
    W = np.array([[1.0 if k in (i, j) else 0.0 for k in range(4)] for i in range(4) for j in range(i)])
    found = detect(W, 1e-9)  # six students on four coordinates: the symmetric group acts, but on pairs
    assert found is not None
    assert found.signature == Signature((1,) * 4, (None,) * 6)


def test_two_members_of_opposite_entries() -> None:
    found = detect(np.array([[-1.0, 1.0, 0.5], [1.0, -1.0, 0.5], [0.0, 0.0, 2.0]]), 1e-9)
    assert found is not None
    assert found.signature == Signature((2, 1), (0, None))
    assert found.patterns[0] == Pattern((-1.0, 0.5), 2.0)


def test_teachers() -> None:
    assert teacher_parts(np.eye(4)) == (1.0, 0.0)
    assert teacher_parts(np.eye(4)[[2, 0, 3, 1]]) == (1.0, 0.0)
    assert teacher_parts(np.full((3, 3), 0.25) + np.eye(3)) == (1.0, 0.25)
    assert teacher_parts(np.array([[3.0]])) == (3.0, 0.0)
    assert teacher_parts(np.diag([1.0, 2.0])) is None
    assert teacher_parts(np.ones((3, 3))) is None
    assert teacher_parts(np.eye(3, 4)) is None
    assert teacher_parts(np.eye(3) + np.random.default_rng(0).normal(size=(3, 3))) is None
    alpha, beta = teacher_parts(np.full((3, 3), 0.2) + 0.8 * np.eye(3)) or (0, 0)
    assert Fraction(alpha) + Fraction(beta) == Fraction(1.0)  # exactly V, rounding or not
