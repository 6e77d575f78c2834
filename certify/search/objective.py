"""Loss and gradient for the descent only: from Gram matrices, O((K+M)^2) memory instead of O((K+M)^2 d).

sin t is computed as sqrt(1 - c^2), which loses half of the digits near parallel pairs: good enough to descend, not to
polish.  `certify.landscape.floats` is the accurate version.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from certify.landscape.floats import TWO_PI, teacher_energy
from certify.search.setting import Array

Objective = Callable[[Array], tuple[float, Array]]


def objective(V: Array, students: int) -> Objective:
    """Function of the flattened students [K d] returning loss and flattened gradient; not finite at zero rows."""
    k, constant = students, teacher_energy(V)

    def evaluate(flat: Array) -> tuple[float, Array]:
        W = flat.reshape(k, -1)
        rows = np.concatenate((W, V))
        norms = np.sqrt(np.einsum("ja,ja->j", rows, rows))
        units = rows / norms[:, None]
        cosine = np.clip(units[:k] @ units.T, -1.0, 1.0)
        sine = np.sqrt(1.0 - cosine * cosine)
        complement = np.pi - np.arccos(cosine)
        signed = np.concatenate((norms[:k], -norms[k:]))
        half = np.concatenate((0.5 * norms[:k], -norms[k:]))
        value = float(norms[:k] @ ((sine + complement * cosine) @ half)) / TWO_PI + constant
        complement[:, k:] *= -1.0
        slope = ((sine @ signed) / norms[:k])[:, None] * W + complement @ rows
        return value, slope.ravel() / TWO_PI

    return evaluate
