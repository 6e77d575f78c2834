"""A critical point of a function: a zero of its gradient, and the inertia of its Hessian (docs/systems.md, Z7)."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log2

import numpy as np

from certify.arithmetic import Ball, Dyadic, float_lower, float_upper, lower, precision, rectangle, rounded, text, upper
from certify.certificate import Certificate
from certify.outcome import ProvedZero, Undecided
from certify.proving.krawczyk import Array
from certify.proving.tasks import Task
from certify.proving.zero import (
    Box,
    Failure,
    checker_bits,
    displacement,
    factor_bits,
    find_box,
    placed,
)  # fmt: skip
from certify.systems.evaluate import FLOATS, balls, evaluate
from certify.systems.system import System

DIRECTION_BITS = 24


def prove_critical_point(
    system: System, start: Sequence[float], *, bits: int = 53, max_bits: int = 1024
) -> ProvedZero | Undecided:
    """Try to prove that exactly one critical point of the only output lies near the start, and of which index.

    Every Hessian over the box is nonsingular by the contraction test, so the index is that at the centre.
    """
    task = Task(system, 2)
    box = find_box(task, start, bits, max_bits)
    if isinstance(box, Failure):
        return Undecided(box.reason, box.remedy)
    errors = box.error_radii()
    place = placed(box, errors)
    scaled = _scaled_hessian(task, place.centre, box)
    values, vectors = np.linalg.eigh(scaled)
    index, condition = int(np.sum(values < 0)), float(np.max(np.abs(values)) / np.min(np.abs(values)))
    spread = ceil(log2(max(condition, 1.0) * task.size)) + 8
    half = 24 + spread
    with precision(checker_bits(box.bits)):
        value = _value(task, box, errors)
    ends = _text_ends(value)
    claim = {"kind": "critical-point", "system": system.data, **place.claim, "index": index, "value": ends}
    witness = {
        "precision": max(checker_bits(box.bits), half + spread + 32),
        "factor_bits": max(factor_bits(box.shares), half),
        "directions": [[int(x) for x in np.rint(vectors[:, k] * 2.0**DIRECTION_BITS)] for k in range(index)],
        "weight": 1 << 2 * max(factor_bits(box.shares), half) - 2 * DIRECTION_BITS + 4 if index else 0,
    }
    floats = float_lower(lower(value)), float_upper(upper(value))
    return ProvedZero(
        Certificate(claim, witness),
        system.variables,
        *place[:3],
        box.bits,
        displacement(start, place.centre),
        index,
        floats,
    )


def _scaled_hessian(task: Task, x: Sequence[float], box: Box) -> Array:
    """In units of the box, divided by the largest entry; the parameters at their middles."""
    hessian = task.pattern.dense(task.slopes([*x, *task.middles()], FLOATS))[:, :-1]
    scales = np.array([2.0**e for e in box.exponents])
    scaled: Array = hessian * scales[:, None] * scales[None, :]
    scaled /= np.max(np.abs(scaled))
    return scaled


def _value(task: Task, box: Box, errors: Sequence[Dyadic]) -> Ball:
    """Encloses the function over the box of the error radii, a little widened."""
    inputs = [rectangle(x, (r[0] * 9, r[1] - 3)) for x, r in zip(box.centre, errors, strict=True)]
    result = evaluate(task.system, inputs + task.parameters(), balls(), 0)
    return result.values[task.system.outputs[0]]


def _text_ends(value: Ball) -> list[str]:
    """Rounded outward to few bits beyond the width."""
    low, high = lower(value), upper(value)
    return [text(rounded(low, 160, up=False)), text(rounded(high, 160, up=True))]
