"""Values that can be computed with a pencil."""

import numpy as np
import pytest
from numpy import pi

from certify.landscape import floats


@pytest.mark.parametrize(
    ("v", "loss", "gradient"),
    [
        ([1.0, 0.0], 0.0, [0.0, 0.0]),
        ([-1.0, 0.0], 0.5, [0.5, 0.0]),  # disjoint half spaces: 1/4 + 1/4
        ([0.0, 1.0], 0.5 - 1 / (2 * pi), [0.5 - 1 / (2 * pi), -0.25]),
        ([3.0, 0.0], 1.0, [-1.0, 0.0]),  # 1/4 (1 - 3)^2, slope 1/2 (1 - 3)
    ],
)
def test_one_student_at_the_first_axis(v: list[float], loss: float, gradient: list[float]) -> None:
    W, V = np.array([[1.0, 0.0]]), np.array([v])
    assert floats.loss(W, V) == pytest.approx(loss, abs=1e-15)
    assert floats.gradient(W, V)[0] == pytest.approx(gradient, abs=1e-15)


def test_hessian_at_angles_0_half_pi_and_pi() -> None:
    W = np.array([[2.0, 0.0]])
    assert floats.hessian(W, np.array([[1.0, 0.0]])) == pytest.approx(0.5 * np.eye(2), abs=1e-15)
    assert floats.hessian(W, np.array([[-1.0, 0.0]])) == pytest.approx(0.5 * np.eye(2), abs=1e-15)
    # t = pi/2: 1/2 I - |v|/|w| / 2 pi ((I - u u^T) + r r^T / s)
    assert floats.hessian(W, np.array([[0.0, 1.0]])) == pytest.approx(np.diag([0.5, 0.5 - 1 / (2 * pi)]), abs=1e-15)
    three = floats.hessian(np.array([[2.0, 0.0, 0.0]]), np.array([[0.0, 1.0, 0.0]]))
    assert three == pytest.approx(np.diag([0.5, 0.5 - 1 / (2 * pi), 0.5 - 1 / (4 * pi)]), abs=1e-15)


def test_cross_blocks_at_angles_0_half_pi_and_pi() -> None:
    V = np.array([[1.0, 1.0]])
    for v, block in (
        ([3.0, 0.0], 0.5 * np.eye(2)),
        ([-3.0, 0.0], np.zeros((2, 2))),
        ([0.0, 3.0], np.array([[0.25, 1 / (2 * pi)], [1 / (2 * pi), 0.25]])),
    ):
        assert floats.hessian(np.array([[1.0, 0.0], v]), V)[:2, 2:] == pytest.approx(block, abs=1e-15)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 9])
def test_spectrum_at_the_global_minimum(n: int) -> None:
    eye = np.eye(n)
    values = np.linalg.eigvalsh(floats.hessian(eye, eye))
    ambient = np.linalg.eigvalsh(floats.ambient(eye, eye))
    assert floats.loss(eye, eye) == pytest.approx(0.0, abs=1e-15 * n * n)
    if n > 1:
        assert values[0] == pytest.approx(0.25 - 1 / (2 * pi), abs=1e-14)
        assert ambient[0] == pytest.approx(0.25, abs=1e-14)
    assert ambient[-1] == pytest.approx(0.25 + 0.25 * n, abs=1e-14)


@pytest.mark.parametrize("teachers", [1, 2, 4, 7])
def test_one_student_for_orthonormal_teachers(teachers: int) -> None:
    r = teachers**-0.5
    kappa = ((1 - r * r) ** 0.5 + (pi - np.arccos(r)) * r) / (2 * pi)
    V = np.eye(teachers)
    W = 2 * teachers * kappa * V.sum(axis=0, keepdims=True) * r
    expected = (teachers / 2 + teachers * (teachers - 1) / (2 * pi) - 2 * teachers**2 * kappa**2) / 2
    assert np.abs(floats.gradient(W, V)).max() < 1e-15 * teachers
    assert floats.loss(W, V) == pytest.approx(expected, abs=1e-14 * teachers**2)
    assert np.linalg.eigvalsh(floats.hessian(W, V)).min() > 0.0


def test_loss_gradient_hessian_scale_with_degrees_2_1_0() -> None:
    generator = np.random.default_rng(1)
    W, V = generator.standard_normal((3, 4)), generator.standard_normal((2, 4))
    assert floats.loss(8 * W, 8 * V) == pytest.approx(64 * floats.loss(W, V), rel=1e-14)
    assert floats.gradient(8 * W, 8 * V) == pytest.approx(8 * floats.gradient(W, V), rel=1e-13)
    assert floats.hessian(8 * W, 8 * V) == pytest.approx(floats.hessian(W, V), rel=1e-13)


def test_ambient_matrix_is_the_hessian_of_one_more_dimension() -> None:
    generator = np.random.default_rng(2)
    W, V = generator.standard_normal((3, 4)), generator.standard_normal((2, 4))
    padded = floats.hessian(np.pad(W, ((0, 0), (0, 1))), np.pad(V, ((0, 0), (0, 1)))).reshape(3, 5, 3, 5)
    assert padded[:, 4, :, 4] == pytest.approx(floats.ambient(W, V), abs=1e-15)
    assert np.abs(padded[:, 4, :, :4]).max() == 0.0


def test_a_critical_point_lies_in_the_span_of_the_teachers() -> None:
    """Grad = A W - B V."""
    generator = np.random.default_rng(3)
    W, V = generator.standard_normal((3, 4)), generator.standard_normal((2, 4))
    complement = floats.pairs(W, V).complement[:, 3:] / (2 * pi)
    assert floats.ambient(W, V) @ W - complement @ V == pytest.approx(floats.gradient(W, V), abs=1e-15)


@pytest.mark.parametrize("seed", range(6))
def test_gradient_and_hessian_are_derivatives(seed: int) -> None:
    generator = np.random.default_rng(seed)
    k, m, d = (int(x) for x in generator.integers(1, 5, 3))
    W, V, step = generator.standard_normal((k, d)), generator.standard_normal((m, d)), 1e-6
    for a in range(k * d):
        shift = np.zeros(k * d)
        shift[a] = step
        shift = shift.reshape(k, d)
        slope = (floats.loss(W + shift, V) - floats.loss(W - shift, V)) / (2 * step)
        column = (floats.gradient(W + shift, V) - floats.gradient(W - shift, V)).ravel() / (2 * step)
        assert floats.gradient(W, V).ravel()[a] == pytest.approx(slope, abs=1e-7)
        if d > 1:
            assert floats.hessian(W, V)[a] == pytest.approx(column, abs=1e-5)


def test_products_without_the_matrix() -> None:
    generator = np.random.default_rng(21)
    for k, m, d in ((3, 4, 5), (5, 2, 3), (1, 1, 1), (2, 3, 1)):
        p = floats.pairs(generator.standard_normal((k, d)), generator.standard_normal((m, d)))
        x = generator.standard_normal(k * d)
        assert floats.hessian_product(p)(x) == pytest.approx(floats.hessian_of(p) @ x, abs=1e-14)
