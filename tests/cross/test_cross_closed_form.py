"""The closed form against integrals of the definition, which know nothing of it."""

from itertools import pairwise

import mpmath as mp
import numpy as np
import pytest
import reference_landscape as reference
from scipy.integrate import quad

from certify.landscape import floats

ANGLES = [0.0, 1e-6, 0.1, 0.7, np.pi / 2, 2.0, 3.0, np.pi - 1e-4, np.pi]
RADIAL = quad(lambda r: r**3 * np.exp(-r * r / 2), 0.0, np.inf)[0]  # of r^2 times the plane's r dr


def angular(function: object, t: float) -> float:
    """Integral over the circle, split where a ReLU has its kink."""
    kinks = sorted({x % (2 * np.pi) for x in (np.pi / 2, -np.pi / 2, t + np.pi / 2, t - np.pi / 2)} | {0.0, 2 * np.pi})
    return sum(quad(function, a, b, epsabs=1e-14)[0] for a, b in pairwise(kinks))


def relu(x: float) -> float:
    return max(0.0, x)


@pytest.mark.parametrize("t", ANGLES)
def test_value_gradient_and_second_derivatives_in_the_plane(t: float) -> None:
    u, v = np.array([1.5, 0.0]), 0.8 * np.array([np.cos(t), np.sin(t)])
    weight = RADIAL / (2 * np.pi)

    def moment(f: object) -> float:
        return weight * angular(f, t)

    value = 1.5 * 0.8 * moment(lambda a: relu(np.cos(a)) * relu(np.cos(a - t)))
    slope = [0.8 * moment(lambda a, e=e: (np.cos(a) > 0) * relu(np.cos(a - t)) * e(a)) for e in (np.cos, np.sin)]
    with mp.workprec(120):
        assert float(reference.g(reference.rows([u])[0], reference.rows([v])[0])) == pytest.approx(value, abs=1e-11)
    # L = 1/2 g(u,u) - g(u,v) + 1/2 g(v,v) and g(w,w) = |w|^2 / 2
    assert floats.loss(u[None], v[None]) == pytest.approx((1.5**2 + 0.8**2) / 4 - value, abs=1e-11)
    assert floats.gradient(u[None], v[None])[0] == pytest.approx(u / 2 - slope, abs=1e-11)
    sector = [
        [moment(lambda a, e=e, f=f: (np.cos(a) > 0) * (np.cos(a - t) > 0) * e(a) * f(a)) for f in (np.cos, np.sin)]
        for e in (np.cos, np.sin)
    ]
    two = floats.hessian(np.array([u, v]), np.array([[1.0, 0.0]]))
    assert two[:2, 2:] == pytest.approx(np.array(sector), abs=1e-11)


@pytest.mark.parametrize("t", ANGLES)
def test_out_of_the_plane_only_the_probability_of_the_sector_counts(t: float) -> None:
    sector = angular(lambda a: float(np.cos(a) > 0 and np.cos(a - t) > 0), t) / (2 * np.pi)
    two = floats.hessian(np.array([[1.0, 0, 0], [np.cos(t), np.sin(t), 0]]), np.array([[1.0, 0, 0]]))
    assert two[2, 5] == pytest.approx(sector, abs=1e-11)


def test_the_loss_by_sampling() -> None:
    generator = np.random.default_rng(5)
    W, V = generator.standard_normal((3, 4)), generator.standard_normal((2, 4))
    x = generator.standard_normal((400_000, 4))
    difference = np.maximum(x @ W.T, 0).sum(axis=1) - np.maximum(x @ V.T, 0).sum(axis=1)
    samples = 0.5 * difference**2
    assert floats.loss(W, V) == pytest.approx(samples.mean(), abs=5 * samples.std() / len(x) ** 0.5)
    for i in range(3):
        slopes = (difference * (x @ W[i] > 0))[:, None] * x
        deviation = np.abs(slopes.mean(axis=0) - floats.gradient(W, V)[i]) * len(x) ** 0.5 / slopes.std(axis=0)
        assert deviation.max() < 5.0


def test_reference_hessian_is_the_derivative_of_its_gradient() -> None:
    generator = np.random.default_rng(6)
    with mp.workprec(240):
        W, V = (reference.rows(generator.standard_normal((2, 3))) for _ in range(2))
        by_differences = reference.hessian_by_differences(W, V, 60)
        formulas = reference.hessian(W, V)
        assert all(
            abs(p - q) < 1e-30 for a, b in zip(by_differences, formulas, strict=True) for p, q in zip(a, b, strict=True)
        )
        gradient = [x for row in reference.gradient(W, V) for x in row]
        step = mp.ldexp(mp.mpf(1), -60)
        for b, slope in enumerate(gradient):
            ends = []
            for sign in (1, -1):
                moved = [list(row) for row in W]
                moved[b // 3][b % 3] += sign * step
                ends.append(reference.loss(moved, V))
            assert abs((ends[0] - ends[1]) / (2 * step) - slope) < 1e-30


def test_reference_at_an_antiparallel_and_a_parallel_pair() -> None:
    with mp.workprec(240):
        W, V = reference.rows([[1.0, 2.0], [-2.0, -4.0]]), reference.rows([[0.5, 1.0], [1.0, -1.0]])
        by_differences = reference.hessian_by_differences(W, V, 80)
        formulas = reference.hessian(W, V)
        assert all(
            abs(p - q) < 1e-20 for a, b in zip(by_differences, formulas, strict=True) for p, q in zip(a, b, strict=True)
        )
