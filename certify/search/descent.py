"""One run: start, L-BFGS descent, Newton polish, and what the end point looks like in float64 (nothing is proved)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import numpy as np
from scipy.optimize import minimize

from certify.landscape import floats
from certify.search.newton import polish
from certify.search.objective import Objective, objective
from certify.search.setting import Array, Setting
from certify.search.starts import scale_of, start

Status = Literal["minimum", "saddle", "degenerate", "not converged"]

ROUNDS = 6  # descents of one run; after the first, each leaves a saddle or continues with a smaller target
ITERATIONS = 3000  # L-BFGS iterations a round
DESCENT_GRADIENT = 1e-6  # where Newton takes over, per unit (the norm of the longest teacher)
CONVERGED_GRADIENT = 1e-12  # largest gradient entry of a converged end point, per unit
FLAT = 1e-7  # eigenvalues within +-FLAT count as zero (the Hessian has no unit)
SHORTEST = 1e-8  # the loss is not C^2 at a zero student: a run that gets this close, per unit, has not converged
GLOBAL_LOSS = 1e-12  # per unit^2


@dataclass(frozen=True, eq=False)
class Run:
    """End point of one start.  Figures are float64 estimates; `lowest` and `ambient` are NaN where not measured:

    at runs that have not converged, and at zero loss with a student that vanishes or a gradient above the target.
    """

    number: int  # of the start, 0-based
    scale: float  # initial scale, in units of the longest teacher
    status: Status
    W: Array  # end point [K, d]
    loss: float
    gradient: float  # largest absolute entry of the gradient
    lowest: float  # smallest Hessian eigenvalue
    index: int  # number of Hessian eigenvalues below -FLAT; -1 when not converged
    ambient: float  # smallest eigenvalue of the ambient matrix (the Hessian across span V)
    iterations: int  # of L-BFGS, all rounds together

    @property
    def converged(self) -> bool:
        """Whether this is a critical point up to rounding."""
        return self.status != "not converged"


def is_global(run: Run, setting: Setting) -> bool:
    """Whether the loss of a converged run is zero up to rounding."""
    return run.converged and run.loss < GLOBAL_LOSS * setting.unit**2


def run_start(setting: Setting, number: int) -> Run:
    """Run start `number` of a search to its end; never raises for a start that leads nowhere."""
    with np.errstate(all="ignore"):
        try:
            return _run(setting, number)
        except np.linalg.LinAlgError:  # LAPACK gave up on a spectrum: nothing is known of this end
            W = start(setting, number)
            return Run(number, scale_of(setting, number), "not converged", W, np.inf, np.inf, np.nan, -1, np.nan, 0)


def _run(setting: Setting, number: int) -> Run:
    V, target = setting.teacher, CONVERGED_GRADIENT * setting.unit
    evaluate = objective(V / setting.unit, setting.students)
    W, iterations = start(setting, number), 0
    for attempt in range(ROUNDS):
        descended, used = _descend(evaluate, W / setting.unit, DESCENT_GRADIENT * 0.1**attempt)
        descended, iterations = descended * setting.unit, iterations + used
        W = polish(descended, V, target)
        run = describe(setting, number, W, iterations)
        if run.status in ("minimum", "degenerate") and run.index == 0:
            return run
        if _shortest(descended) < SHORTEST * setting.unit:
            break
        W = _leave_saddle(descended, W, V, setting.unit) if run.index > 0 else descended
    return run


def _descend(evaluate: Objective, W: Array, target: float) -> tuple[Array, int]:
    """L-BFGS from W until the largest gradient entry is below `target` or nothing improves; (end, iterations)."""
    options = {"maxiter": ITERATIONS, "maxfun": 2 * ITERATIONS, "gtol": target, "ftol": 0.0, "maxcor": 20}
    result: Any = minimize(cast(Any, evaluate), W.ravel(), jac=True, method="L-BFGS-B", options=cast(Any, options))
    return np.array(result.x, dtype=np.float64).reshape(W.shape), int(result.nit)


def _leave_saddle(descended: Array, saddle: Array, V: Array, unit: float) -> Array:
    """The point before the polish, pushed downhill along the saddle's most negative direction."""
    direction = np.linalg.eigh(floats.hessian(saddle, V))[1][:, 0].reshape(saddle.shape)
    downhill = -1.0 if float(np.vdot(floats.gradient(descended, V), direction)) > 0.0 else 1.0
    return descended + downhill * 1e-2 * unit * direction


def describe(setting: Setting, number: int, W: Array, iterations: int = 0) -> Run:
    """Measure an end point W [K, d] and name its status."""
    pairs = floats.pairs(W, setting.teacher)
    loss = floats.loss_of(pairs, floats.teacher_energy(setting.teacher))
    gradient = float(np.abs(floats.gradient_of(pairs)).max())
    scale = scale_of(setting, number)
    result = Run(number, scale, "not converged", W, loss, gradient, np.nan, -1, np.nan, iterations)
    short = not (_shortest(W) >= SHORTEST * setting.unit)  # written so that NaN is short, and large below
    large = not (gradient <= CONVERGED_GRADIENT * setting.unit)
    if (short or large) and abs(loss) < GLOBAL_LOSS * setting.unit**2:
        return replace(result, status="degenerate", index=0)  # zero loss: a minimum, wherever students vanish
    return result if short or large else _with_spectrum(result, pairs)


def _with_spectrum(run: Run, pairs: floats.Pairs) -> Run:
    values = np.linalg.eigvalsh(floats.hessian_of(pairs))
    index = int((values < -FLAT).sum())
    ambient = float(np.linalg.eigvalsh(floats.ambient_of(pairs))[0])
    status: Status = "degenerate" if (np.abs(values) <= FLAT).any() else "saddle" if index else "minimum"
    return replace(run, status=status, lowest=float(values[0]), index=index, ambient=ambient)


def _shortest(W: Array) -> float:
    return float(np.linalg.norm(W, axis=1).min())
