"""One-pass SGD, the runs of a batch one after the other in R^d, samples drawn for each run from its own seed."""

from __future__ import annotations

import numpy as np

from certify.reach.plan import Plan
from certify.search.setting import Array
from certify.search.starts import start

BLOCK = 256


def sgd(plan: Plan, numbers: list[int]) -> Array:
    """W of the reduced setting [B, K, d] after time `noise`: samples = noise d / step, each used once.

    w_i -= (step / d) (f_W(x) - f_V(x)) 1(w_i.x > 0) x.
    """
    setting = plan.setting
    W = np.array([start(setting, number) for number in numbers])
    generators = [np.random.default_rng([setting.seed, number, 1]) for number in numbers]
    rate, V = plan.step / setting.dimension, setting.teacher
    left = int(np.ceil(plan.noise / rate))
    while left > 0:
        count = min(BLOCK, left)
        samples = np.array([g.standard_normal((count, setting.dimension)) for g in generators])
        targets = np.maximum(samples @ V.T, 0.0).sum(axis=2)
        for n in range(count):
            x = samples[:, n]
            fields = np.einsum("bia,ba->bi", W, x)
            error = np.maximum(fields, 0.0).sum(axis=1) - targets[:, n]
            W -= (rate * error[:, None] * (fields > 0.0))[:, :, None] * x[:, None, :]
        left -= count
    return plan.rotated(W)
