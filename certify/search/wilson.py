"""Wilson's score interval for a proportion."""

from __future__ import annotations

from math import sqrt

Z95 = 1.959963984540054  # standard normal quantile at 0.975


def wilson_interval(count: int, total: int, z: float = Z95) -> tuple[float, float]:
    """Score interval (low, high) for the probability behind `count` successes in `total` independent trials.

    (p + z^2/2n -+ z sqrt(p (1-p)/n + z^2/4n^2)) / (1 + z^2/n) with p = count/n; 95 % unless another z is given.
    """
    if not 0 <= count <= total or total == 0:
        raise ValueError(f"no proportion: {count} of {total}")
    p, share = count / total, z * z / total
    centre = p + share / 2.0
    half = z * sqrt(p * (1.0 - p) / total + share / (4.0 * total))
    low = 0.0 if count == 0 else (centre - half) / (1.0 + share)
    high = 1.0 if count == total else (centre + half) / (1.0 + share)
    return low, high
