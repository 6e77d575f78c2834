"""The closed flow of the order parameters (docs/dynamics.md, B3): float64 for trajectories, balls for enclosures.

    dR/dt = -(A R - B T),    dQ/dt = -(A Q + Q A - B R^T - R B^T)

A_ij = (pi - t_ij)/2 pi, A_ii = 1/2 + alpha_i/2 pi, B_im = (pi - t_im)/2 pi, with angles of Q, R, T.  Time is that of
gradient flow; SGD in R^d with step eta takes t = eta (number of samples).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Order parameters of B runs at times [n]: Q [B, n, K, K] and R [B, n, K, M]."""

    times: Array
    Q: Array
    R: Array


def coefficients(Q: Array, R: Array, T: Array) -> tuple[Array, Array]:
    """A [..., K, K] and B [..., K, M] of the gradient A W - B V; norms must not vanish."""
    own = np.sqrt(np.einsum("...ii->...i", Q))
    teachers = np.sqrt(np.diag(T))
    cosine = np.clip(Q / (own[..., :, None] * own[..., None, :]), -1.0, 1.0)
    mixed = np.clip(R / (own[..., :, None] * teachers), -1.0, 1.0)
    sine, beside = np.sqrt(1.0 - cosine**2), np.sqrt(1.0 - mixed**2)
    diagonal = np.arange(Q.shape[-1])
    sine[..., diagonal, diagonal] = 0.0
    alpha = (np.einsum("...ij,...j->...i", sine, own) - beside @ teachers) / own
    A = (np.pi - np.arccos(cosine)) / (2.0 * np.pi)
    A[..., diagonal, diagonal] = 0.5 + alpha / (2.0 * np.pi)
    return A, (np.pi - np.arccos(mixed)) / (2.0 * np.pi)


def velocity(Q: Array, R: Array, T: Array) -> tuple[Array, Array]:
    """(dQ/dt, dR/dt) for stacks Q [..., K, K], R [..., K, M]; T [M, M]."""
    A, B = coefficients(Q, R, T)
    half = A @ Q - B @ np.swapaxes(R, -1, -2)
    return -(half + np.swapaxes(half, -1, -2)), -(A @ R - B @ T)


def integrate(Q: Array, R: Array, T: Array, times: Sequence[float], tolerance: float = 1e-9) -> Trajectory:
    """The flow from Q [B, K, K], R [B, K, M] at time 0, all runs as one system; scipy's LSODA."""
    count, k, m = R.shape
    cut = k * k

    def slope(_: float, y: Array) -> Array:
        rows = y.reshape(count, -1)
        dq, dr = velocity(rows[:, :cut].reshape(count, k, k), rows[:, cut:].reshape(count, k, m), T)
        return np.concatenate((dq.reshape(count, -1), dr.reshape(count, -1)), axis=1).ravel()

    start = np.concatenate((Q.reshape(count, -1), R.reshape(count, -1)), axis=1).ravel()
    grid = np.asarray(times, dtype=np.float64)
    method = "LSODA" if count == 1 else "DOP853"  # implicit steps of all runs together would cost too much
    result: Any = cast(Any, solve_ivp)(
        slope, (0.0, float(grid[-1])), start, method=method, t_eval=grid, rtol=tolerance, atol=tolerance
    )
    if not result.success:
        raise ArithmeticError(f"the integrator gave up: {result.message}")
    rows = result.y.T.reshape(len(grid), count, -1).swapaxes(0, 1)
    shape = count, len(grid), k
    return Trajectory(grid, rows[..., :cut].reshape(*shape, k), rows[..., cut:].reshape(*shape, m))


def sgd(
    W: Array, V: Array, *, step: float, samples: int, every: int, generator: np.random.Generator
) -> tuple[Array, Array, Array]:
    """One-pass SGD in R^d with batches of one: times [n], Q [n, K, K], R [n, K, M] before every `every`-th sample.

    w_i -= (step / d) (f_W(x) - f_V(x)) 1(w_i.x > 0) x, x ~ N(0, I_d); time is (step / d) (samples so far).
    """
    W, rate = W.copy(), step / W.shape[1]
    times, Q, R = [], [], []
    for first in range(0, samples, every):
        times.append(rate * first)
        Q.append(W @ W.T)
        R.append(W @ V.T)
        for x in generator.standard_normal((min(every, samples - first), W.shape[1])):
            fields = W @ x
            error = np.maximum(fields, 0.0).sum() - np.maximum(V @ x, 0.0).sum()
            W -= rate * error * np.outer(fields > 0.0, x)
    return np.array(times), np.array(Q), np.array(R)
