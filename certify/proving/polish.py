"""Newton's iteration from a candidate to a critical point nearby; no guarantee, only a better centre."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, minres

from certify.arithmetic import Ball, Dyadic, dyadic_ball, precision
from certify.arithmetic.dyadic import normal
from certify.landscape import floats
from certify.landscape.balls import BallLandscape

Array = NDArray[np.float64]
MAX_STEPS = 60
SHORTEST_DAMPING = 2.0**-6
LARGE = 512  # unknowns from which an iteration with products takes less time and memory than a solution


def approximate_newton(W: Array, V: Array, limit: float) -> Array:
    """The last iterate of a damped Newton iteration on the gradient that stays within `limit` (Frobenius) of W.

    A step is taken only if it lowers the gradient norm; so the result is never worse than W.
    """
    current = W
    pairs = floats.pairs(W, V)
    gradient = floats.gradient_of(pairs)
    for _ in range(MAX_STEPS):
        size = float(np.linalg.norm(gradient))
        try:
            step = _solve(pairs, gradient.ravel()).reshape(W.shape)
        except np.linalg.LinAlgError:
            break
        damping = 1.0
        while damping >= SHORTEST_DAMPING:
            trial = current - damping * step
            if np.linalg.norm(trial - W) <= limit and np.linalg.norm(trial, axis=1).min() > 0.0:
                trial_pairs = floats.pairs(trial, V)
                trial_gradient = floats.gradient_of(trial_pairs)
                if np.linalg.norm(trial_gradient) < size:
                    break
            damping *= 0.5
        else:
            break
        current, pairs, gradient = trial, trial_pairs, trial_gradient
    return current


def _solve(pairs: floats.Pairs, gradient: Array) -> Array:
    """Hessian^-1 gradient; many unknowns by iteration with products, which take less memory and time."""
    n, result = gradient.size, np.empty(gradient.size)
    if n < LARGE:
        result[:] = np.linalg.solve(floats.hessian_of(pairs), gradient)
    else:
        operator = LinearOperator((n, n), matvec=floats.hessian_product(pairs), dtype=np.float64)
        result[:] = minres(operator, gradient, rtol=1e-12, maxiter=2000)[0]
    return result


def approximate_refinement(
    centre: Sequence[Sequence[Dyadic]], teacher: Sequence[Sequence[Dyadic]], bits: int
) -> list[list[Dyadic]]:
    """Newton with a float64 inverse and gradients of `bits` bits; each step gains about ten digits.

    Returns a centre on a grid of about `bits` - 16 significant bits relative to the largest entry.
    """
    W = np.array([[float(_fraction(x)) for x in row] for row in centre])
    V = np.array([[float(_fraction(x)) for x in row] for row in teacher])
    try:
        inverse = np.linalg.inv(floats.hessian(W, V))
    except np.linalg.LinAlgError:
        return [list(row) for row in centre]
    if not np.isfinite(inverse).all():
        return [list(row) for row in centre]
    grid = bits - 16 - int(np.frexp(np.abs(W).max())[1])
    best = [[_on_grid(_fraction(x), grid) for x in row] for row in centre]
    best_size = None
    current = best
    for _ in range(bits // 20 + 4):
        gradient = _gradient(current, teacher, bits, grid)
        size = max(abs(g) for row in gradient for g in row)
        if best_size is not None and size >= best_size:
            break
        best, best_size = current, size
        scale = float(size) or 1.0
        step = inverse @ np.array([float(g / Fraction(scale)) for row in gradient for g in row])
        steps = iter(step.tolist())
        current = [
            [_on_grid(_fraction(x) - Fraction(next(steps)) * Fraction(scale), grid) for x in row] for row in current
        ]
    return best


def _gradient(
    centre: Sequence[Sequence[Dyadic]], teacher: Sequence[Sequence[Dyadic]], bits: int, grid: int
) -> list[list[Fraction]]:
    """Midpoints of the gradient as exact fractions."""
    with precision(bits):
        landscape = BallLandscape(
            [[dyadic_ball(x) for x in row] for row in centre], [[dyadic_ball(x) for x in row] for row in teacher]
        )
        return [[_midpoint(g, grid) for g in row] for row in landscape.gradient()]


def _midpoint(ball: Ball, grid: int) -> Fraction:
    if not ball.is_finite():
        return Fraction(1)
    mantissa, exponent = ball.mid().man_exp()
    return _fraction((int(mantissa), int(exponent))) if int(exponent) > -4 * grid - 4096 else Fraction(0)


def _fraction(x: Dyadic) -> Fraction:
    return Fraction(x[0]) * Fraction(2) ** x[1]


def _on_grid(x: Fraction, grid: int) -> Dyadic:
    return normal(round(x * Fraction(2) ** grid), -grid)
