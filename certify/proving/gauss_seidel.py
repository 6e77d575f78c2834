"""One sweep of interval Gauss-Seidel on many boxes at once, in float64; only guides a search (docs/systems.md, Z8)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from certify.systems.batch import Batch, Interval, evaluate_batch
from certify.systems.system import System

Array = NDArray[np.float64]

COMBINATION_BITS = 14


class Contraction(NamedTuple):
    """For a batch: new sides, rows that exclude a box alone (or -1), boxes excluded, boxes with a regular Jacobian."""

    low: Array
    high: Array
    rows: NDArray[np.int64]
    alone: NDArray[np.int64]
    empty: NDArray[np.bool_]
    regular: NDArray[np.bool_]


class Forms(NamedTuple):
    """Mean value forms c.f(m) + sum_j (c.J)_j (x_j - m_j): middles [n, B], combinations [B, n, n], values, slopes."""

    middle: Array
    rows: Array
    value: tuple[Array, Array]
    low: Array
    high: Array


def sides(low: Array, high: Array) -> list[Interval]:
    """Intervals by variable."""
    return [(low[i], high[i]) for i in range(len(low))]


def contracted(system: System, low: Array, high: Array, batch: Batch, unit: float) -> Contraction:
    """Gauss-Seidel on preconditioned mean value forms, as the checker does it, with combinations of small integers.

    unit: a power of two; sides are multiples of it, and so are middles and new sides, rounded outward.
    """
    n, count = low.shape
    with np.errstate(all="ignore"):
        middle = np.floor(0.5 * (low + high) / unit) * unit
        values = evaluate_batch(system, sides(middle, middle), gradients=False).values
        f_middle = np.stack([0.5 * (a + b) for a, b in values], axis=-1)
        f_radius = np.stack([0.5 * (b - a) for a, b in values], axis=-1)
        j_middle, j_radius = np.zeros((count, n, n)), np.zeros((count, n, n))
        for i, row in enumerate(batch.gradients):
            for j, (a, b) in row.items():
                j_middle[:, i, j], j_radius[:, i, j] = 0.5 * (a + b), 0.5 * (b - a)
        rows = _combinations(j_middle, j_radius)
        g_middle, size = np.matmul(rows, j_middle), np.abs(rows)
        g_radius = np.matmul(size, j_radius) + 1e-14 * np.matmul(size, np.abs(j_middle))
        b_middle = np.einsum("bij,bj->bi", rows, f_middle)
        b_radius = np.einsum("bij,bj->bi", size, f_radius + 1e-14 * np.abs(f_middle))
        value = b_middle - b_radius, b_middle + b_radius
        return _swept(low, high, Forms(middle, rows, value, g_middle - g_radius, g_middle + g_radius), unit)


def _combinations(j_middle: Array, j_radius: Array) -> Array:
    """Approximate inverses, rows scaled to integers; where there is none, single equations."""
    n = j_middle.shape[1]
    usable = np.asarray(np.isfinite(j_middle + j_radius).all(axis=(1, 2)))[:, None, None]
    safe = np.where(usable, j_middle, np.eye(n))
    try:
        inverse = np.linalg.inv(safe)
    except np.linalg.LinAlgError:
        inverse = np.linalg.pinv(safe)
    inverse = np.where(np.isfinite(inverse), inverse, 0.0)
    largest = np.abs(inverse).max(axis=2, keepdims=True)
    combinations = np.rint(inverse / np.where(largest > 0, largest, 1.0) * 2.0**COMBINATION_BITS)
    result: Array = np.where((largest > 0) & usable, combinations, np.eye(n))
    return result


def _swept(low: Array, high: Array, forms: Forms, unit: float) -> Contraction:
    """One sweep over the rows; what later rows start from is rounded as the checker rounds it."""
    n, count = low.shape
    bottom, top = low - forms.middle, high - forms.middle
    alone, empty = np.full(count, -1), np.zeros(count, dtype=bool)
    regular = np.ones(count, dtype=bool)
    first = bottom.copy(), top.copy()
    for k in range(n):
        total = _form(forms, k, *first)
        gone = (total[0] > 0) | (total[1] < 0)
        alone[gone & (alone < 0)] = k
        rest = _form(forms, k, bottom, top, skip=k)
        own = forms.low[:, k, k], forms.high[:, k, k]
        whole = _plus(rest, own, bottom[k], top[k])
        empty |= (whole[0] > 0) | (whole[1] < 0)
        usable = (own[0] > 0) | (own[1] < 0)
        size = np.maximum(np.abs(forms.low[:, k]), np.abs(forms.high[:, k]))
        regular &= usable & (np.minimum(np.abs(own[0]), np.abs(own[1])) > size.sum(axis=1) - size[:, k])
        quotients = [-r / o for r in rest for o in own]
        least, most = np.minimum.reduce(quotients), np.maximum.reduce(quotients)
        slack = 1e-14 * (np.abs(least) + np.abs(most)) + 1e-15 * np.abs(forms.middle[k])
        least, most = np.floor((least - slack) / unit) * unit, np.ceil((most + slack) / unit) * unit
        bottom[k] = np.where(usable, np.fmax(bottom[k], least), bottom[k])
        top[k] = np.where(usable, np.fmin(top[k], most), top[k])
        empty |= bottom[k] > top[k]
    empty |= alone >= 0
    return Contraction(
        forms.middle + bottom, forms.middle + top, forms.rows.astype(np.int64), alone, empty, regular & ~empty
    )


def _form(forms: Forms, k: int, bottom: Array, top: Array, skip: int = -1) -> tuple[Array, Array]:
    """c.f(m) + sum_j (c.J)_j dx_j, outward."""
    total = forms.value[0][:, k], forms.value[1][:, k]
    for j in range(len(bottom)):
        if j != skip:
            total = _plus(total, (forms.low[:, k, j], forms.high[:, k, j]), bottom[j], top[j])
    slack = 1e-13 * (np.abs(total[0]) + np.abs(total[1]))
    return total[0] - slack, total[1] + slack


def _plus(total: tuple[Array, Array], slope: tuple[Array, Array], bottom: Array, top: Array) -> tuple[Array, Array]:
    parts = [s * x for s in slope for x in (bottom, top)]
    return total[0] + np.minimum.reduce(parts), total[1] + np.maximum.reduce(parts)
