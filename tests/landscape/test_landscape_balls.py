"""Balls contain the exact values at every point of the box, are finite and tight, also at parallel pairs."""

from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
import reference_landscape as reference
from configurations import KINDS, configuration

from certify.arithmetic import Ball, dyadic, precision, rectangle
from certify.landscape.balls import BallLandscape

Point = list[list[Fraction]]


def everything(landscape: BallLandscape) -> list[Ball]:
    """Loss, gradient, Hessian, ambient matrix in one list."""
    tables = landscape.gradient(), landscape.hessian(), landscape.ambient()
    return [landscape.loss(), *(x for table in tables for row in table for x in row)]


def exactly(W: Point, V: Point) -> list[mp.mpf]:
    """The same from the reference."""
    w, v = reference.rows(W), reference.rows(V)
    tables = reference.gradient(w, v), reference.hessian(w, v), reference.ambient(w, v)
    return [reference.loss(w, v), *(x for table in tables for row in table for x in row)]


def boxes(rows: np.ndarray, radius: float) -> list[list[Ball]]:
    return [[rectangle(dyadic(x), dyadic(radius)) for x in row] for row in rows.tolist()]


def sample(rows: np.ndarray, radius: float, generator: np.random.Generator) -> Point:
    """An exact point of the box: inside, on an edge or in a corner."""
    share = [Fraction(int(k), 64) for k in np.clip(generator.integers(-96, 97, rows.size), -64, 64)]
    flat = [Fraction(x) + Fraction(radius) * s for x, s in zip(rows.ravel().tolist(), share, strict=True)]
    dim = rows.shape[1]
    return [flat[a : a + dim] for a in range(0, len(flat), dim)]


def contained(balls: list[Ball], values: list[mp.mpf]) -> bool:
    return all(not b.is_finite() or reference.inside(b, x) for b, x in zip(balls, values, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_at_points(kind: str) -> None:
    generator = np.random.default_rng(1)
    for _ in range(6):
        W, V = configuration(kind, generator, largest=3)
        with precision(128):
            balls = everything(BallLandscape(boxes(W, 0.0), boxes(V, 0.0)))
        assert all(b.is_finite() for b in balls)
        with mp.workprec(700):
            assert contained(balls, exactly(W, V))
            ratio = float(max(np.abs(W).sum(), np.abs(V).sum()) / np.sqrt((W * W).sum(axis=1)).min())
            size = max(1.0, ratio, float(np.abs(W).sum() + np.abs(V).sum()) ** 2)
            assert max(map(reference.width, balls)) < 2.0**-110 * size


@pytest.mark.parametrize("kind", ["generic", "near-parallel", "near-antiparallel", "parallel", "antiparallel", "axes"])
@pytest.mark.parametrize("radius", [2.0**-40, 2.0**-10, 0.05])
def test_over_boxes(kind: str, radius: float) -> None:
    generator = np.random.default_rng(2)
    for _ in range(3):
        W, V = configuration(kind, generator, largest=3)
        moving = radius if generator.random() < 0.5 else 0.0  # of the teachers
        with precision(96):
            balls = everything(BallLandscape(boxes(W, radius), boxes(V, moving)))
        with mp.workprec(700):
            for _ in range(4):
                assert contained(balls, exactly(sample(W, radius, generator), sample(V, moving, generator)))


@pytest.mark.parametrize("v", [[1.0, 0.0, 0.0], [-2.0, 0.0, 0.0], [1.0, 1e-9, 0.0], [0.0, 1.0, 0.0]])
@pytest.mark.parametrize("radius", [2.0**-60, 2.0**-30, 2.0**-12])
def test_widths_over_boxes_are_proportional_to_the_radius(v: list[float], radius: float) -> None:
    """Also where r r^T / s is 0 / 0: the loss is C^2 with a Lipschitz Hessian."""
    W = np.array([[1.0, 0.0, 0.0], [0.5, 1.0, 0.25], v])
    with precision(128):
        balls = everything(BallLandscape(boxes(W, radius), boxes(np.array([v, [0.0, 0.0, 1.0]]), 0.0)))
    assert all(b.is_finite() for b in balls)
    with mp.workprec(300):
        assert max(map(reference.width, balls)) < 100.0 * radius


def test_a_box_around_zero_is_not_finite_but_no_error() -> None:
    with precision(64):
        landscape = BallLandscape(boxes(np.array([[0.01, 0.0]]), 0.1), boxes(np.eye(2), 0.0))
        assert not any(x.is_finite() for row in landscape.gradient() for x in row)


def test_more_bits_give_enclosures_inside() -> None:
    W, V = configuration("generic", np.random.default_rng(3), largest=3)
    coarse, fine = [], []
    for bits, result in ((64, coarse), (256, fine)):
        with precision(bits):
            result.extend(everything(BallLandscape(boxes(W, 0.0), boxes(V, 0.0))))
    with precision(256):
        assert all(c.contains(f) for c, f in zip(coarse, fine, strict=True))
    with mp.workprec(500):
        assert max(map(reference.width, fine)) < 2.0**-200


def test_the_hessian_is_symmetric_and_the_gradient_of_a_pair_is_by_hand() -> None:
    with precision(128):
        landscape = BallLandscape(boxes(np.array([[1.0, 0.0]]), 0.0), boxes(np.array([[0.0, 1.0]]), 0.0))
        gradient, hessian = landscape.gradient(), landscape.hessian()
    with mp.workprec(300):
        assert reference.inside(gradient[0][0], mp.mpf(1) / 2 - 1 / (2 * mp.pi))
        assert reference.inside(gradient[0][1], mp.mpf(-1) / 4)
        assert reference.inside(hessian[1][1], mp.mpf(1) / 2 - 1 / mp.pi)
        assert reference.inside(hessian[0][1], mp.mpf(0))


def test_the_test_notices_a_missing_term(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BallLandscape, "alpha", lambda self, i: self.norms[0] * 0)
    generator = np.random.default_rng(4)
    W, V = generator.standard_normal((2, 2)), generator.standard_normal((2, 2))
    with precision(128):
        balls = everything(BallLandscape(boxes(W, 0.0), boxes(V, 0.0)))
    with mp.workprec(400):
        assert not contained(balls, exactly(W, V))


def test_the_test_notices_a_point_outside_the_box() -> None:
    generator = np.random.default_rng(5)
    W, V = generator.standard_normal((2, 2)), generator.standard_normal((2, 2))
    with precision(128):
        balls = everything(BallLandscape(boxes(W, 2.0**-20), boxes(V, 0.0)))
    with mp.workprec(400):
        assert not contained(balls, exactly(W + 2.0**-12, V))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(8))
def test_many_boxes(seed: int) -> None:
    """About 10^5 entries in all."""
    generator = np.random.default_rng(100 + seed)
    entries = 0
    while entries < 12_500:
        W, V = configuration(KINDS[int(generator.integers(4))], generator, largest=3)
        radius = float(2.0 ** -generator.uniform(3, 60))
        with precision(int(generator.integers(64, 200))):
            balls = everything(BallLandscape(boxes(W, radius), boxes(V, 0.0)))
        with mp.workprec(700):
            for _ in range(4):
                assert contained(balls, exactly(sample(W, radius, generator), sample(V, 0.0, generator)))
                entries += len(balls)
