"""True errors of the float64 evaluation against 200-bit balls, as fractions of the claimed bounds."""

from typing import Any

import numpy as np
from flint import arb

from certify.arithmetic import dyadic, dyadic_ball, precision
from certify.landscape.balls import BallLandscape
from certify.landscape.bounded import Evaluation

BITS = 240


def ball_landscape(W: np.ndarray, V: np.ndarray) -> BallLandscape:
    """Balls at exact points; call inside a precision scope."""
    return BallLandscape(*([[dyadic_ball(dyadic(x)) for x in row] for row in rows.tolist()] for rows in (W, V)))


def _size(approximate: np.ndarray, balls: Any) -> float:
    """Upper bound of the Frobenius norm of the difference, up to float rounding."""
    total = arb(0)
    for row, exact in zip(np.atleast_2d(approximate).tolist(), balls, strict=True):
        for x, ball in zip(row, exact, strict=True):
            difference = arb(x) - ball
            total += difference * difference
    return float(total.abs_upper()) ** 0.5


def ratios(e: Evaluation, computed: np.ndarray, W: np.ndarray, V: np.ndarray) -> dict[str, float]:
    """Error / bound; computed: e.hessian(); above 1 is wrong.  Matrices also mirrored from either triangle."""
    with precision(BITS + 200 if max(np.abs(W).max(), np.abs(V).max()) > 2**40 else BITS):
        exact = ball_landscape(W, V)
        hessian, ambient = exact.hessian(), exact.ambient()
        result = {
            "gradient": _size(e.gradient, exact.gradient()) / e.gradient_error,
            "loss": float((arb(e.loss) - exact.loss()).abs_upper()) / e.loss_error,
        }
        for name, matrix, balls, bound in (
            ("hessian", computed, hessian, e.hessian_error),
            ("ambient", e.ambient, ambient, e.ambient_error),
        ):
            low, high = np.tril(matrix), np.triu(matrix)
            mirrored = matrix, low + np.tril(matrix, -1).T, high + np.triu(matrix, 1).T
            result[name] = max(_size(m, balls) for m in mirrored) / bound
        norms = [float(((arb(x) - ball) / ball).abs_upper()) for x, ball in zip(e.norms, exact.norms, strict=False)]
        result["norms"] = max(norms) / e.norm_error
        teachers = sum((ball for ball in exact.norms[len(W) :]), arb(0))
        result["teacher_total"] = float((teachers / e.teacher_total).abs_upper())
        slopes = sum((ball * ball for ball in (arb(x) for x in e.gradient.ravel().tolist())), arb(0))
        result["gradient_norm"] = float(slopes.sqrt().abs_upper()) / (
            e.gradient_norm * (1 + 2.0**-20) + e.gradient_error
        )
    return result
