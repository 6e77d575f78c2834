"""Exactly one zero near a float point: Newton, a box, the contraction test, the certificate (docs/systems.md, Z5, Z6).

The same pipeline serves the gradient of a function; what is said of its Hessian is in `certify.proving.extremum`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, frexp, inf, isfinite, ldexp, log2
from typing import NamedTuple

import numpy as np

from certify.arithmetic import (
    Ball,
    Dyadic,
    all_finite,
    dyadic,
    dyadic_ball,
    float_midpoints,
    magnitude,
    matrix_of,
    midpoint,
    normal,
    precision,
    rounded,
    texts,
)
from certify.certificate import Certificate
from certify.outcome import ProvedZero, Undecided
from certify.proving import krawczyk
from certify.proving.krawczyk import QUIET, BallTangent, BallUnits, Jacobian, Shares, Tangent, Units, power
from certify.proving.tasks import Task
from certify.systems.evaluate import FLOATS, balls
from certify.systems.system import System

LADDER = (53, 128, 256, 512, 1024)
NEWTON_STEPS = 60
FIRST_EXPONENT = -3  # of the radius of the first box, relative to the size of the coordinate
LARGEST_EXPONENT = 5
NOTHING = -(1 << 30)  # the exponent of 0
SMALLEST = 2.0**-1000  # what coordinates that are not 0 count as at least
ROUNDED_BITS = 44
LEAST_EXPONENT = -10  # of what coordinates count as, relative to those of the start
GOOD = 0.9  # the checker's enclosures differ from these; it gets some room
PROBES = 12
LARGEST_BALL_MATRIX = 300
FUNCTION_BITS = 32
FARTHEST = 1000  # exponent of the largest coordinate that is looked at
ERROR_BITS = 12  # of the mantissa of a claimed error radius


class Box(NamedTuple):
    """A box on which the test succeeded: radii 2^exponents around the centre; units: of the test, and their size."""

    centre: list[Dyadic]
    exponents: list[int]
    shares: Shares
    bits: int
    units: BallUnits | Units
    size: int

    def error_radii(self) -> list[Dyadic]:
        """To be claimed: with a margin for the checker's rounding, at most the uniqueness radii."""
        least, radii = ldexp(1.0, -min(self.bits, 900)), []
        for e, share, weight in zip(self.exponents, self.shares.errors, self.shares.weight, strict=True):
            fraction, place = frexp(min(share * 1.25 + least * weight, 1.0))
            radii.append(normal(ceil(fraction * 2.0**ERROR_BITS), e + place - ERROR_BITS))
        return radii


class Place(NamedTuple):
    """Centre, uniqueness radii and error radii as floats, the last rounded up; the same as texts for a claim."""

    centre: tuple[float, ...]
    uniqueness_radii: tuple[float, ...]
    error_radii: tuple[float, ...]
    claim: dict[str, list[str]]


def placed(box: Box, error_radii: Sequence[Dyadic]) -> Place:
    """What is told of a box."""
    return Place(
        tuple([ldexp(m, e) if -(2**53) < m < 2**53 else _float((m, e)) for m, e in box.centre]),
        tuple([2.0 ** min(e, 1023) for e in box.exponents]),
        tuple([ldexp(m, e) if e > -1060 else ldexp(m, e) + 2.0**-1074 for m, e in error_radii]),
        {
            "centre": texts(box.centre),
            "uniqueness_radii": [f"0x1p{e}" for e in box.exponents],
            "error_radii": texts(error_radii),
        },
    )


def _float(x: Dyadic) -> float:
    mantissa, exponent = x if -(2**53) < x[0] < 2**53 else rounded(x, 53, up=False)
    return ldexp(mantissa, exponent)


class Near(NamedTuple):
    """Where Newton's method ended, the tangent there, and the exponents of the sizes of the coordinates."""

    x: list[float]
    tangent: Tangent
    columns: list[int]


@dataclass(frozen=True)
class Failure:
    """Why a precision did not do.

    final: nothing better is to be had from more bits; shape: exponents in proportion to the errors, where these are
    due to parameters.
    """

    reason: str
    remedy: str
    final: bool = False
    shape: tuple[int, ...] = ()


UNTRIED = Failure("no precision was tried", "a larger max_bits")


def prove_zero(
    system: System,
    start: Sequence[float],
    *,
    bits: int = 53,
    max_bits: int = 1024,
    sizes: Sequence[float] | None = None,
) -> ProvedZero | Undecided:
    """Try to prove that exactly one zero of a square system lies near the start.

    sizes: coordinates count as at least so large; by default as 2^-10 of those of the start.
    """
    task = Task.of(system, 1)
    box = find_box(task, start, bits, max_bits, sizes)
    if isinstance(box, Failure):
        return Undecided(box.reason, box.remedy)
    place = placed(box, box.error_radii())
    claim = {"kind": "zero", "system": system.data, **place.claim}
    witness = {"precision": checker_bits(task, box), "factor_bits": factor_bits(box.shares)}
    return ProvedZero(
        Certificate(claim, witness), system.variables, *place[:3], box.bits, displacement(start, place.centre)
    )


def displacement(start: Sequence[float], centre: Sequence[float]) -> float:
    """How far Newton's method moved the start, in the largest coordinate."""
    return max([abs(a - b) for a, b in zip(start, centre, strict=True)])


def find_box(
    task: Task, start: Sequence[float], bits: int, max_bits: int, sizes: Sequence[float] | None = None
) -> Box | Failure:
    """Newton in float64, then the ladder of precisions; sizes as for `prove_zero`."""
    least = sizes or [abs(v) * 2.0**LEAST_EXPONENT for v in start]
    with precision(LADDER[0]):
        near = approximate_zero(task, start, least)
    return near if isinstance(near, Failure) else _climbed(task, near, start, least, (bits, max_bits))


def _climbed(
    task: Task, near: Near, start: Sequence[float], least: Sequence[float], limits: tuple[int, int]
) -> Box | Failure:
    """The ladder of precisions, between the limits, from an approximate zero."""
    centre = [dyadic(v) for v in near.x]
    failure = UNTRIED
    for level in LADDER:
        if not limits[0] <= level <= limits[1]:
            continue
        with precision(level):
            if level > LADDER[0]:
                centre = refined(task, centre, level)
                x = [_float(v) for v in centre]
                near = near._replace(x=x, columns=_shape(x, least))
            found = _tried(task, near, centre, level, least)
        if isinstance(found, Box) or found.final:
            return found
        failure = found
    rank, told = numerical_rank(task, near.x, start)
    if rank < task.size:
        return Failure(f"singular: the Jacobian at the last point has numerical rank {rank} of {task.size} ({told})",
                       "deflate the system, or look for a simple zero")  # fmt: skip
    return failure


def _tried(task: Task, near: Near, centre: list[Dyadic], level: int, least: Sequence[float]) -> Box | Failure:
    """One precision: boxes in proportion to the coordinates, with like sides, and in proportion to the errors."""
    first = level == LADDER[0]
    point = task.float_point(near.x) if first else task.point(centre)
    values = near.tangent.values if first and not task.system.parameters else task.residual(point, balls())
    if not all_finite(values):
        return Failure(f"domain: {task.offender(point) or 'a value is not finite'}", "another start", final=True)
    trial = Trial(task, centre, point, values, _units(task, near.tangent, near.columns, level), level)
    found = _box_at(trial, _first_size(task, near) if first else FIRST_EXPONENT)
    if isinstance(found, Box):
        return found
    for shape in (_shape(near.x, [max(least)] * task.size), list(found.shape)):
        if shape and shape != near.columns:
            second = _box_at(trial._replace(units=_units(task, near.tangent, shape, level)), FIRST_EXPONENT)
            if isinstance(second, Box):
                return second
    return found


def _units(task: Task, tangent: Tangent, columns: list[int], level: int) -> BallUnits | Units:
    """For the test: balls for few unknowns and, unless there are many, for many bits."""
    if columns == tangent.units.columns and level == LADDER[0]:
        return tangent.units
    if isinstance(tangent, BallTangent) or (level > LADDER[0] and task.size <= LARGEST_BALL_MATRIX):
        return BallUnits.of(columns)
    return Units.of(task.pattern, tangent.numbers, columns)


def approximate_zero(task: Task, start: Sequence[float], least: Sequence[float]) -> Near | Failure:
    """Newton's method in float64 until the steps stop shrinking; not a bound of anything."""
    x, last = list(start), inf
    for step in range(NEWTON_STEPS):
        columns = _shape(x, least)
        tangent = task.tangent(x, columns)
        change = tangent.step()
        size = max(map(abs, change))
        if size < 2.0**-51 or (size < 2.0**-41 and size >= last / 2):
            return Near(x, tangent, columns)
        moved = [v - c * power(e) for v, c, e in zip(x, change, columns, strict=True)]
        if not all(map(isfinite, moved)):
            return _lost(task, x, tangent, step)
        x, last = moved, size
    if last > 2.0**-11:
        return Failure(f"Newton's method does not converge: its last step is {last:.3g} of the point", "a better start")
    columns = _shape(x, least)
    return Near(x, task.tangent(x, columns), columns)


def _lost(task: Task, x: list[float], tangent: Tangent, step: int) -> Failure:
    """Why Newton's method cannot go on."""
    if tangent.finite:
        return Failure("Newton's method leaves the range of floats", "a better start")
    offender = task.offender(task.float_point(x))
    where = "at the start" if step == 0 else "on Newton's way"
    return Failure(f"domain: {offender or 'a value is not finite'} {where}", "a start inside the domain")


def refined(task: Task, centre: list[Dyadic], bits: int) -> list[Dyadic]:
    """Newton's method at the working precision, on midpoints; not a bound of anything."""
    n, before = task.size, None
    for _ in range(NEWTON_STEPS):
        middles = [dyadic_ball(midpoint(p)) for p in task.parameters()]
        values, jacobian = task.both([dyadic_ball(x) for x in centre] + middles, balls())
        if not all_finite(values):
            return centre
        change = _newton_step(values, jacobian, n)
        if change is None:
            return centre
        size = _largest(change)
        if size > FARTHEST:
            return centre
        moved = [_minus(x, c, bits) for x, c in zip(centre, change, strict=True)]
        largest = _largest(moved)
        if largest > FARTHEST:
            return centre
        centre = moved
        if size < largest - bits + 4 or (before is not None and size < largest - bits // 2 and size >= before):
            return centre
        before = size
    return centre


@QUIET
def _newton_step(values: list[Ball], jacobian: Jacobian, n: int) -> list[Dyadic] | None:
    """The solution of the linear system, approximately."""
    if n <= LARGEST_BALL_MATRIX:
        try:
            solution = jacobian.dense().mid().solve(matrix_of(n, 1, values).mid(), algorithm="approx")
        except ZeroDivisionError:
            return None
        parts = [solution[i, 0].mid() for i in range(n)]
        return [midpoint(p) for p in parts] if all_finite(parts) else None
    matrix = jacobian.pattern.dense(float_midpoints(jacobian.entries))[:, :-1]
    sides = np.array(float_midpoints(values))
    scale = np.abs(sides).max()
    if not scale:
        return [(0, 0)] * n
    try:
        solved = np.linalg.solve(matrix, sides / scale)
    except np.linalg.LinAlgError:
        return None
    return [dyadic(float(v * scale)) for v in solved]


def _largest(x: Sequence[Dyadic]) -> int:
    """Exponent of the largest number."""
    return max(abs(v[0]).bit_length() + v[1] if v[0] else NOTHING for v in x)


def _minus(x: Dyadic, c: Dyadic, bits: int) -> Dyadic:
    apart = _largest([x]) - _largest([c])
    if abs(apart) > 2 * bits:  # no difference to the precision
        return x if apart > 0 else rounded((-c[0], c[1]), bits, up=True)
    e = min(x[1], c[1])
    return rounded(((x[0] << x[1] - e) - (c[0] << c[1] - e), e), bits, up=True)


def _first_size(task: Task, near: Near) -> int:
    """Log2 of the size with a contraction of likely about a half, by the Jacobian at two points."""
    reach = [x + 2.0 ** (e + FIRST_EXPONENT) for x, e in zip(near.x, near.columns, strict=True)]
    contraction = near.tangent.contraction(task.jacobian(reach))
    return min(LARGEST_EXPONENT, FIRST_EXPONENT + _change(contraction)) if isfinite(contraction) else FIRST_EXPONENT


class Trial(NamedTuple):
    """Boxes of one shape around a point, at one precision."""

    task: Task
    centre: list[Dyadic]
    point: list[Ball]
    values: list[Ball]
    units: BallUnits | Units
    bits: int

    def box(self, exponents: Sequence[int]) -> list[Ball]:
        """Inputs for one of them."""
        return self.task.box(self.point, exponents)

    def shares(self, size: int, exponents: Sequence[int]) -> Shares | None:
        """The test on one of them; None: not smooth."""
        whole = self.task.around(self.box(exponents))
        if whole is None:
            return None
        if isinstance(self.units, BallUnits):
            found = krawczyk.ball_shares(whole, self.values, self.units, size)
        else:
            found = krawczyk.float_shares(whole, self.values, self.units, size)
        return Shares(*3 * [[inf] * self.task.size]) if found is None and all_finite(whole.entries) else found


def _box_at(trial: Trial, size: int) -> Box | Failure:
    """Probe boxes of one shape and different size at one precision, beginning with `size`; the largest that passes."""
    best, reason, errors = None, "", []
    small, large = -2 * trial.bits, LARGEST_EXPONENT + 1  # sizes up to the one, from the other on, are known to fail
    for _ in range(PROBES):
        exponents = [e + size for e in trial.units.columns]
        shares = trial.shares(size, exponents)
        if shares is None:
            large, step, reason = size, -6, reason or "not smooth"
        elif shares.total < GOOD:
            best = Box(trial.centre, exponents, shares, trial.bits, trial.units, size)
            small = size
            step = max(0, _change(shares.slope))
        else:
            reason = f"the contraction test gives {shares.total:.3g}, not below 1, on boxes of relative size 2^{size}"
            contraction = shares.slope
            sides = zip(shares.residual, exponents, strict=True)
            errors = [max(frexp(r)[1], -trial.bits) + e + 4 for r, e in sides]
            if contraction < GOOD / 2:
                small, step = size, ceil(log2(min(shares.total, 2.0**60))) + 1
            else:
                large, step = size, min(-1, _change(contraction)) if isfinite(contraction) else -6
        if not step or large - small < 2:
            break
        size = size + step if small < size + step < large else (small + large) // 2
    if best is not None:
        return best
    if reason == "not smooth":
        offender = trial.task.offender(trial.box(exponents))
        return Failure(
            f"domain: {offender or 'an equation has a vanishing gradient'}", "a point farther from the border"
        )
    loose = any(p.low != p.high for p in trial.task.system.parameters)
    if loose:
        return Failure(reason, "shorter intervals for the parameters", shape=tuple(errors))
    return Failure(reason, "a larger max_bits")


def _change(contraction: float) -> int:
    """Steps in log2 of the size towards a contraction of about a half, if it grows in proportion to the size."""
    return floor(log2(0.6 / min(max(contraction, 2.0**-60), 2.0**60)))


def _shape(x: Sequence[float], least: Sequence[float]) -> list[int]:
    """Exponents of the sizes of the coordinates, which are at least these.

    What is 0, or rounds to it beside the others, and has no least size counts as half of the largest.
    """
    sizes = [frexp(max(abs(a), b, SMALLEST))[1] if a or b else NOTHING for a, b in zip(x, least, strict=True)]
    if all(least):
        return sizes
    largest = max(sizes) if max(sizes) > NOTHING else 1
    return [e if v or e > largest - ROUNDED_BITS else largest - 1 for e, v in zip(sizes, least, strict=True)]


@QUIET
def numerical_rank(task: Task, x: list[float], start: Sequence[float]) -> tuple[int, str]:
    """Rank of the scaled Jacobian by singular values above 2^-20; no proof.

    Columns are scaled by the size of the coordinates, rows by the largest derivative in a wide box: a derivative that
    vanishes at the centre is small against what it is around.
    """
    pattern, columns = task.pattern, _shape(x, list(map(abs, start)))
    powers = np.array([power(e) for e in columns])[pattern.columns[: pattern.count]]
    entries = np.array(task.slopes(x + task.middles(), FLOATS)) * powers
    rows = pattern.largest(np.abs(entries))
    with precision(LADDER[0]):
        for wide in (-3, -8):
            box = task.box(task.float_point(x), [e + wide for e in columns])
            largest = pattern.largest(np.abs(krawczyk.floats(task.slopes(box, balls()), powers)).sum(axis=0))
            if np.isfinite(largest).all():
                rows = np.maximum(rows, largest)
                break
    scaled = pattern.dense(entries / np.where(rows > 0, rows, 1.0)[pattern.rows[: pattern.count]])[:, :-1]
    if not np.isfinite(scaled).all():
        return task.size, "not finite"
    singular = np.linalg.svd(scaled, compute_uv=False)
    rank = int(np.sum(singular > 2.0**-20 * max(1.0, float(singular[0]))))
    told = f"smallest singular value {float(singular[-1]):.2g}, largest {float(singular[0]):.2g}"
    return rank, f"{told}, columns and rows scaled"


def checker_bits(task: Task, box: Box) -> int:
    """The checker works with more bits than the proof did: it does not know exp(0) or cos(0) exactly, as balls do."""
    return max(64, box.bits + 16) + (FUNCTION_BITS + max(0, -_steepness(task, box)) if task.system.elementary else 0)


def _steepness(task: Task, box: Box) -> int:
    """Exponent of the least of the largest derivatives of the equations at the centre, in units of the box."""
    if isinstance(box.units, Units):
        return min(box.units.rows) + box.size
    rows = [NOTHING] * task.size
    with precision(box.bits):
        entries = task.slopes(task.point(box.centre), balls())
    for (i, j), entry in zip(task.pattern.cells, entries, strict=True):
        rows[i] = max(rows[i], _largest([magnitude(entry)]) + box.exponents[j])
    return min(rows)


def factor_bits(shares: Shares) -> int:
    """Enough for an approximate inverse with these row sums."""
    largest = max(shares.weight)
    return 32 + 4 * ceil((max(0, frexp(largest)[1]) + len(shares.weight).bit_length()) / 4)
