"""A critical point of a function: a zero of its gradient, and the inertia of its Hessian (docs/systems.md, Z7)."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log2

import numpy as np

from certify.arithmetic import (
    Ball,
    Dyadic,
    all_finite,
    float_lower,
    float_upper,
    lower,
    precision,
    precision_in_force,
    rectangle,
    rounded,
    text,
    upper,
)
from certify.certificate import Certificate
from certify.outcome import ProvedZero, Undecided
from certify.proving.krawczyk import Array, floats, power
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
from certify.systems.evaluate import balls, evaluate
from certify.systems.system import System

DIRECTION_BITS = 24
MARGIN = 8  # bits


def prove_critical_point(
    system: System, start: Sequence[float], *, bits: int = 53, max_bits: int = 1024
) -> ProvedZero | Undecided:
    """Try to prove that exactly one critical point of the only output lies near the start, and of which index.

    Every Hessian over the box is nonsingular by the contraction test, so the index is that at the centre.
    """
    task = Task.of(system, 2)
    box = find_box(task, start, bits, max_bits)
    if isinstance(box, Failure):
        return Undecided(box.reason, box.remedy)
    errors = box.error_radii()
    place = placed(box, errors)
    with precision(checker_bits(task, box)), np.errstate(all="ignore"):
        scaled, doubt = _scaled_hessian(task, box)
        value = _value(task, box, errors)
        if not all_finite([value]):
            return Undecided(f"domain: {task.offender(task.point(box.centre)) or 'the value is not finite'}", "")
    if not np.isfinite(scaled).all():
        return Undecided("inertia: the Hessian in units of the box is beyond the range of floats", "other units")
    values, vectors = np.linalg.eigh(scaled)
    smallest = float(np.min(np.abs(values)))
    if not smallest > doubt:
        return Undecided(
            f"inertia: an eigenvalue of the scaled Hessian is {smallest:.3g}, known within {doubt:.3g}",
            "shorter intervals for the parameters, or other units for the unknowns",
        )
    index, condition = int(np.sum(values < 0)), float(np.max(np.abs(values))) / smallest
    spread = ceil(log2(condition * task.size)) + 8
    half = 24 + spread
    ends = _text_ends(value)
    claim = {"kind": "critical-point", "system": system.data, **place.claim, "index": index, "value": ends}
    witness = {
        "precision": max(checker_bits(task, box), half + spread + 32),
        "factor_bits": max(factor_bits(box.shares), half),
        "directions": [[int(x) for x in np.rint(vectors[:, k] * 2.0**DIRECTION_BITS)] for k in range(index)],
        "weight": 1 << 2 * max(factor_bits(box.shares), half) - 2 * DIRECTION_BITS + 4 if index else 0,
    }
    return ProvedZero(
        Certificate(claim, witness),
        system.variables,
        *place[:3],
        box.bits,
        displacement(start, place.centre),
        index,
        (float_lower(lower(value)), float_upper(upper(value))),
    )


def _scaled_hessian(task: Task, box: Box) -> tuple[Array, float]:
    """At the centre, in units of the box, divided by the largest entry, and how far its eigenvalues may be off.

    That is by floats, and by the entries for other parameters; doubled, and as the checker bounds it (T5).
    """
    n, pattern = task.size, task.pattern
    scales = np.array([power(e) for e in box.exponents])
    entries = pattern.count
    factors = scales[pattern.columns[:entries]] * scales[pattern.rows[:entries]]
    middles, radii = floats(task.slopes(task.point(box.centre), balls()), factors)
    largest = float(np.max(np.abs(middles)))
    scaled = pattern.dense(middles / largest)[:, :-1]
    return scaled, n * 2.0**-45 + 4 * n * (n + 1) * float(np.max(radii)) / largest


def _value(task: Task, box: Box, errors: Sequence[Dyadic]) -> Ball:
    """Encloses what the checker finds for the function over the box of the error radii."""
    inputs = [rectangle(x, (r[0] * 9, r[1] - 3)) for x, r in zip(box.centre, errors, strict=True)]
    result = evaluate(task.system, inputs + task.parameters(), balls(), 0, _widened)
    return result.values[task.system.outputs[0]]


def _widened(name: str, arguments: Sequence[Ball], value: Ball) -> Ball:
    """By more than the checker's rounding: relative to the terms of a sum, and absolute for sine and cosine."""
    little = rectangle((0, 0), (1, MARGIN - precision_in_force()))
    if name in ("add", "sub"):
        return value + sum((little * a for a in arguments), little * value)
    return value + little * (1 + value * value if name in ("sin", "cos", "tan") else value)


def _text_ends(value: Ball) -> list[str]:
    """Rounded outward to few bits beyond the width."""
    low, high = lower(value), upper(value)
    return [text(rounded(low, 160, up=False)), text(rounded(high, 160, up=True))]
