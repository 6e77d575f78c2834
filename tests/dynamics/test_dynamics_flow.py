"""The closed flow against gradient flow of W, its linearisation against the Hessian, SGD, and balls against floats."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from certify.arithmetic import dyadic, dyadic_ball, precision
from certify.dynamics import enclosure, flow
from certify.landscape import floats
from certify.search import search

GENERATOR = np.random.default_rng
CORPUS = Path(__file__).parents[1] / "checker" / "accept"


def value(text: str) -> float:
    mantissa, exponent = text.split("p")
    return float(int(mantissa, 16)) * 2.0 ** int(exponent)


def parameters(W: np.ndarray, V: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return W @ W.T, W @ V.T, V @ V.T


@pytest.mark.parametrize(("students", "teachers", "dimension"), [(3, 3, 3), (4, 2, 7), (2, 5, 5)])
def test_velocity_is_that_of_gradient_flow(students: int, teachers: int, dimension: int) -> None:
    generator = GENERATOR(0)
    W, V = generator.standard_normal((students, dimension)), generator.standard_normal((teachers, dimension))
    Q, R, T = parameters(W, V)
    dq, dr = flow.velocity(Q, R, T)
    G = floats.gradient(W, V)
    np.testing.assert_allclose(dr, -G @ V.T, atol=1e-12)
    np.testing.assert_allclose(dq, -(G @ W.T + W @ G.T), atol=1e-12)


def test_trajectories_of_several_runs_are_those_of_gradient_flow() -> None:
    generator, V = GENERATOR(1), np.eye(3, 6)
    starts = 0.7 * generator.standard_normal((2, 4, 6))
    Q = np.array([W @ W.T for W in starts])
    R = np.array([W @ V.T for W in starts])
    times = [0.0, 1.0, 5.0, 20.0]
    both = flow.integrate(Q, R, V @ V.T, times)
    for run, W in enumerate(starts):
        alone = flow.integrate(Q[run : run + 1], R[run : run + 1], V @ V.T, times)
        exact = solve_ivp(
            lambda _, w: -floats.gradient(w.reshape(4, 6), V).ravel(), (0, 20), W.ravel(), t_eval=times, rtol=1e-10,
            atol=1e-12,
        )  # fmt: skip
        for place in range(len(times)):
            end = exact.y[:, place].reshape(4, 6)
            for found in (both.Q[run, place], alone.Q[0, place]):
                np.testing.assert_allclose(found, end @ end.T, atol=2e-6)
            np.testing.assert_allclose(both.R[run, place], end @ V.T, atol=2e-6)


def jacobian(Q: np.ndarray, R: np.ndarray, T: np.ndarray) -> np.ndarray:
    """In the upper triangle of Q and all of R, by central differences."""
    k, (upper, m) = len(Q), (np.triu_indices(len(Q)), len(T))

    def packed(y: np.ndarray) -> np.ndarray:
        q = np.zeros((k, k))
        q[upper] = y[: len(upper[0])]
        q = q + q.T - np.diag(np.diag(q))
        dq, dr = flow.velocity(q, y[len(upper[0]) :].reshape(k, m), T)
        return np.concatenate((dq[upper], dr.ravel()))

    y, h = np.concatenate((Q[upper], R.ravel())), 1e-6
    return np.array([(packed(y + h * e) - packed(y - h * e)) / (2 * h) for e in np.eye(len(y))]).T


@pytest.mark.parametrize("case", ["minimum", "saddle", "fewer"])
def test_spectrum_of_the_linearisation(case: str) -> None:
    """B3: -spec(H in the span) and -(a_i + a_j)."""
    if case == "minimum":
        V = np.eye(6)
        W = next(g.W for g in search(6, starts=200, seed=1).groups if g.status == "minimum" and not g.is_global)
    elif case == "fewer":
        V = np.eye(4)
        W = search(2, 4, starts=5).groups[0].W
    else:
        claim = json.loads((CORPUS / "splitting-saddle-2-3.cert.json").read_text())["claim"]
        W, V = np.array([[value(x) for x in row] for row in claim["centre"]]), np.eye(3)
        assert claim["teacher"] == "orthonormal"
        assert claim["index"] > 0
    Q, R, T = parameters(W, V)
    own = np.linalg.eigvalsh(floats.hessian(W, V))
    beside = np.linalg.eigvalsh(floats.ambient(W, V))
    sums = (beside[:, None] + beside)[np.triu_indices(len(beside))]
    expected = np.sort(-np.concatenate((own, sums)))
    found = np.linalg.eigvals(jacobian(Q, R, T))
    assert np.abs(found.imag).max() < 1e-4
    np.testing.assert_allclose(np.sort(found.real), expected, atol=2e-5)


def test_balls_contain_the_floats_and_close_in_on_them() -> None:
    generator = GENERATOR(2)
    W, V = generator.standard_normal((3, 4)), np.eye(2, 4)
    Q, R, T = parameters(W, V)
    with precision(128):
        balls = [[[dyadic_ball(dyadic(float(x))) for x in row] for row in X] for X in (Q, R, T)]
        dq, dr = enclosure.velocity(*balls)
    for enclosed, values in ((dq, flow.velocity(Q, R, T)[0]), (dr, flow.velocity(Q, R, T)[1])):
        for row, floats_row in zip(enclosed, values, strict=True):
            for ball, value in zip(row, floats_row, strict=True):
                assert abs(float(ball.mid()) - value) < 1e-12
                assert float(ball.rad()) < 1e-30


def test_wide_balls_contain_every_point() -> None:
    generator = GENERATOR(3)
    W, V = generator.standard_normal((2, 2)), np.eye(2)
    Q, R, T = parameters(W, V)
    with precision(64):
        width = 2.0**-8
        balls = [[[dyadic_ball(dyadic(float(x))) + dyadic_ball(dyadic(width)) * type(dyadic_ball((0, 0)))(0, 1)
                   for x in row] for row in X] for X in (Q, R)]  # fmt: skip
        dq, dr = enclosure.velocity(*balls, [[dyadic_ball(dyadic(float(x))) for x in row] for row in T])
        for _ in range(50):
            shift = width * generator.uniform(-1, 1, Q.shape)
            q = Q + np.triu(shift) + np.triu(shift, 1).T
            r = R + width * generator.uniform(-1, 1, R.shape)
            for enclosed, values in zip((dq, dr), flow.velocity(q, r, T), strict=True):
                for row, floats_row in zip(enclosed, values, strict=True):
                    assert all(ball.contains(float(v)) or abs(float(ball.mid()) - v) < float(ball.rad()) + 1e-14
                               for ball, v in zip(row, floats_row, strict=True))  # fmt: skip


@pytest.mark.parametrize("dimension", [200, pytest.param(1000, marks=pytest.mark.long)])
def test_sgd_follows_the_flow(dimension: int) -> None:
    """One-pass SGD at a small step stays within a few multiples of sqrt(step / d) of the flow."""
    generator, step = GENERATOR(4), 0.2
    V = np.eye(2, dimension)
    W = generator.standard_normal((2, dimension)) / np.sqrt(dimension)
    samples = int(6.0 * dimension / step)
    times, Q, R = flow.sgd(W, V, step=step, samples=samples, every=samples // 12, generator=generator)
    exact = flow.integrate((W @ W.T)[None], (W @ V.T)[None], V @ V.T, times.tolist())
    apart = max(float(np.abs(Q - exact.Q[0]).max()), float(np.abs(R - exact.R[0]).max()))
    moved = float(np.abs(exact.R[0, -1] - exact.R[0, 0]).max())
    assert moved > 0.3
    assert apart < 0.25 if dimension == 200 else 0.12
