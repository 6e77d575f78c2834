"""Initial points, reproducible one by one: start n depends on the seed and n alone, not on how many are run."""

from __future__ import annotations

import numpy as np

from certify.search.setting import Array, Setting


def scale_of(setting: Setting, number: int) -> float:
    """Initial scale of start `number`, in units of the longest teacher."""
    return setting.scales[number % len(setting.scales)]


def start(setting: Setting, number: int) -> Array:
    """Initial students of start `number` (0-based), shape [K, d]: independent N(0, (scale unit)^2 / d) entries."""
    generator = np.random.default_rng([setting.seed, number])
    deviation = scale_of(setting, number) * setting.unit / np.sqrt(setting.dimension)
    result: Array = deviation * generator.standard_normal((setting.students, setting.dimension))
    return result
