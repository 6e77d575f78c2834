"""A ball around a point in which the loss has no critical point (docs/theorems.md, T8)."""

from __future__ import annotations

from certify.proving.radii import round_down
from certify.proving.stages import DoubleStage


def exclusion_radius(stage: DoubleStage) -> float:
    """The largest radius found for which no point within it (Frobenius norm) is critical; 0 if none was found.

    For |x - x0| <= R, |grad L(x)| >= |grad L(x0)| - (|Hess L(x0)| + variation(R)) R; so R works if
    (hessian_norm + variation(R)) R < gradient_lower.
    """
    norm, gradient_lower = stage.hessian_norm, stage.gradient_lower
    if not (gradient_lower > 0.0 and norm < float("inf")):
        return 0.0
    radius = min(gradient_lower / norm, 0.5 * min(stage.norms))
    for _ in range(60):
        if (norm + stage.variation(radius)) * radius < gradient_lower * (1.0 - 2.0**-20):
            return round_down(radius)
        radius *= 0.75
    return 0.0
