"""Exactly one zero near a float point: Newton, a box, the contraction test, the certificate (docs/systems.md, Z5, Z6).

The same pipeline serves the gradient of a function; what is said of its Hessian is in `certify.proving.extremum`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from math import ceil, floor, frexp, inf, isfinite, ldexp, log2
from typing import NamedTuple

import numpy as np

from certify.arithmetic import (
    Ball,
    Dyadic,
    all_finite,
    dyadic,
    dyadic_ball,
    matrix_of,
    midpoint,
    normal,
    precision,
    rounded,
    text,
)
from certify.certificate import Certificate
from certify.outcome import ProvedZero, Undecided
from certify.proving import krawczyk
from certify.proving.krawczyk import LARGEST_BALL_MATRIX, Array, Jacobian, Shares, power
from certify.proving.tasks import Task
from certify.systems.evaluate import FLOATS, balls
from certify.systems.system import System
from certify.systems.tape import Pattern

LADDER = (53, 128, 256, 512, 1024)
NEWTON_STEPS = 60
FIRST_EXPONENT = -3  # of the radius of the first box, relative to the size of the coordinate
LARGEST_EXPONENT = 5
NOTHING = -(1 << 30)  # the exponent of 0
ROUNDED_BITS = 44
LEAST_EXPONENT = -10  # of what coordinates count as, relative to those of the start
GOOD = 0.9  # the checker's enclosures differ from these; it gets some room
PROBES = 12
ERROR_BITS = 12  # of the mantissa of a claimed error radius


@dataclass(frozen=True)
class Box:
    """A box on which the test succeeded: radii 2^exponents around the centre."""

    centre: list[Dyadic]
    exponents: list[int]
    shares: Shares
    bits: int

    @cached_property
    def error_radii(self) -> list[Dyadic]:
        """Claimed with a margin for the checker's rounding, at most the uniqueness radii."""
        least = ldexp(1.0, -min(self.bits, 900))
        return [
            _rounded_up(error, e) if (error := share * 1.25 + least * weight) < 1 else (1, e)
            for e, share, weight in zip(self.exponents, self.shares.errors, self.shares.weight, strict=True)
        ]

    @property
    def radii(self) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
        """Centre, uniqueness radii and error radii as floats; the last rounded up."""
        return (
            tuple([_float(x) for x in self.centre]),
            tuple([ldexp(1.0, e) for e in self.exponents]),
            tuple([ldexp(*r) if r[1] > -1060 else 2.0**-1040 for r in self.error_radii]),
        )

    @property
    def place(self) -> dict[str, list[str]]:
        """Centre and radii for a claim."""
        return {
            "centre": [text(x) for x in self.centre],
            "uniqueness_radii": [f"0x1p{e}" for e in self.exponents],
            "error_radii": [text(r) for r in self.error_radii],
        }


def _float(x: Dyadic) -> float:
    mantissa, exponent = x if -(2**53) < x[0] < 2**53 else rounded(x, 53, up=False)
    return ldexp(mantissa, exponent)


def _rounded_up(x: float, exponent: int) -> Dyadic:
    """x 2^exponent or a little more, of few bits; x is positive."""
    mantissa, e = frexp(x)
    return normal(ceil(mantissa * 2**ERROR_BITS), e - ERROR_BITS + exponent)


class Slopes(NamedTuple):
    """The Jacobian in float64 at a point, inverted in units of the sizes of coordinates and of the largest entries."""

    entries: Array
    inverse: Array
    sizes: list[float]
    rows: list[float]


class Near(NamedTuple):
    """Where Newton's method ended, and the last Jacobian that it used; None where it is not finite."""

    x: list[float]
    slopes: Slopes | None


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
    task = Task(system, 1)
    box = find_box(task, start, bits, max_bits, sizes)
    if isinstance(box, Failure):
        return Undecided(box.reason, box.remedy)
    claim = {"kind": "zero", "system": system.data, **box.place}
    witness = {"precision": checker_bits(box.bits), "factor_bits": factor_bits(box.shares)}
    radii = box.radii
    return ProvedZero(Certificate(claim, witness), system.variables, *radii, box.bits, displacement(start, radii[0]))


def displacement(start: Sequence[float], centre: Sequence[float]) -> float:
    """How far Newton's method moved the start, in the largest coordinate."""
    return max([abs(a - b) for a, b in zip(start, centre, strict=True)])


def find_box(
    task: Task, start: Sequence[float], bits: int, max_bits: int, sizes: Sequence[float] | None = None
) -> Box | Failure:
    """Newton in float64, then the ladder of precisions; sizes as for `prove_zero`."""
    with np.errstate(all="ignore"):  # what overflows fails a test later
        near = approximate_zero(task, start)
        return near if isinstance(near, Failure) else _climbed(task, near, start, sizes, (bits, max_bits))


def _climbed(
    task: Task, near: Near, start: Sequence[float], sizes: Sequence[float] | None, limits: tuple[int, int]
) -> Box | Failure:
    """The ladder of precisions, between the limits, from an approximate zero."""
    centre = [dyadic(v) for v in near.x]
    least = sizes or [v * 2.0**LEAST_EXPONENT for v in start]
    failure = Failure("no precision was tried", "a larger max_bits")
    for level in LADDER:
        if not limits[0] <= level <= limits[1]:
            continue
        with precision(level):
            if level > LADDER[0]:
                centre = refined(task, centre, level)
            shape = _shape(centre, least)
            size = _first_size(task, near, shape) if level == LADDER[0] else FIRST_EXPONENT
            found = _box_at(task, centre, level, shape, size)
            if isinstance(found, Failure):
                found = _in_other_shapes(task, centre, level, shape, least, found)
        if isinstance(found, Box) or found.final:
            return found
        failure = found
    rank, told = numerical_rank(task, centre, start)
    if rank < task.size:
        return Failure(f"singular: the Jacobian at the last point has numerical rank {rank} of {task.size} ({told})",
                       "deflate the system, or look for a simple zero")  # fmt: skip
    return failure


def _in_other_shapes(
    task: Task, centre: list[Dyadic], level: int, shape: list[int], least: Sequence[float], failure: Failure
) -> Box | Failure:
    """The same precision with boxes of like sides, and in proportion to the errors."""
    found: Box | Failure = failure
    for other in (_shape(centre, [max(map(abs, least))] * task.size), list(failure.shape)):
        if isinstance(found, Failure) and other and other != shape:
            second = _box_at(task, centre, level, other, FIRST_EXPONENT)
            found = second if isinstance(second, Box) else found
    return found


def approximate_zero(task: Task, start: Sequence[float]) -> Near | Failure:
    """Newton's method in float64 until the steps stop shrinking; not a bound of anything."""
    x, last, least, middles = list(start), inf, [2.0**-10 * v for v in _sizes(start, start)], task.middles()
    for step in range(NEWTON_STEPS):
        values, jacobian = task.both(x + middles, FLOATS)
        if not all(map(isfinite, chain(values, jacobian.entries))):
            with precision(53):
                offender = task.offender(task.point([dyadic(v) for v in x]))
            where = "at the start" if step == 0 else "on Newton's way"
            return Failure(f"domain: {offender or 'a value is not finite'} {where}", "a start inside the domain")
        slopes = _inverted(jacobian.pattern, jacobian.entries, _sizes(x, start))
        if not any(values):
            return Near(x, slopes)
        moved = None if slopes is None else _moved(x, values, slopes)
        if moved is None:
            return Failure("Newton's method leaves the range of floats", "a better start")
        size = max([abs(a - b) / max(abs(b), c) for a, b, c in zip(moved, x, least, strict=True)])
        if size < 2.0**-40 and size >= last / 2:
            return Near(x, slopes)
        x, last = moved, size
        if size < 2.0**-52:
            return Near(x, slopes)
    if last > 2.0**-10:
        return Failure(f"Newton's method does not converge: its last step is {last:.3g} of the point", "a better start")
    return Near(x, slopes)


def _inverted(pattern: Pattern, entries: Sequence[float], sizes: list[float]) -> Slopes | None:
    """Columns scaled by the sizes of the coordinates, rows by their largest entries; None where that is not finite."""
    given = np.array(entries, dtype=float)
    scaled = given * np.array(sizes)[pattern.columns]
    rows = [x or 1.0 for x in pattern.largest(np.abs(scaled)).tolist()]
    if not all(map(isfinite, rows)):
        return None
    matrix = pattern.dense(scaled / np.array(rows)[pattern.rows])
    try:
        inverse = np.linalg.inv(matrix)
    except np.linalg.LinAlgError:
        inverse = np.linalg.pinv(matrix)
    return Slopes(given, inverse, sizes, rows)


def _moved(x: list[float], values: Sequence[float], slopes: Slopes) -> list[float] | None:
    """Newton's step; None where it leads out of the floats."""
    change = slopes.inverse @ [value / row for value, row in zip(values, slopes.rows, strict=True)]
    moved = [v - c * size for v, c, size in zip(x, change.tolist(), slopes.sizes, strict=True)]
    return moved if all(map(isfinite, moved)) else None


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
        size = max(abs(c[0]).bit_length() + c[1] if c[0] else NOTHING for c in change)
        centre = [_minus(x, c, bits) for x, c in zip(centre, change, strict=True)]
        largest = max(abs(x[0]).bit_length() + x[1] if x[0] else NOTHING for x in centre)
        if size < largest - bits + 4 or (before is not None and size < largest - bits // 2 and size >= before):
            return centre
        before = size
    return centre


def _newton_step(values: list[Ball], jacobian: Jacobian, n: int) -> list[Dyadic] | None:
    """The solution of the linear system, approximately."""
    if n <= LARGEST_BALL_MATRIX:
        try:
            solution = jacobian.dense().mid().solve(matrix_of(n, 1, values).mid(), algorithm="approx")
        except ZeroDivisionError:
            return None
        parts = [solution[i, 0].mid() for i in range(n)]
        return [midpoint(p) for p in parts] if all_finite(parts) else None
    matrix = jacobian.pattern.dense(krawczyk.enclosures(jacobian.entries)[0])
    sides, _ = krawczyk.enclosures(values)
    scale = np.abs(sides).max()
    if not scale:
        return [(0, 0)] * n
    try:
        solved = np.linalg.solve(matrix, sides / scale)
    except np.linalg.LinAlgError:
        return None
    return [dyadic(float(v * scale)) for v in solved]


def _minus(x: Dyadic, c: Dyadic, bits: int) -> Dyadic:
    e = min(x[1], c[1])
    return rounded(((x[0] << x[1] - e) - (c[0] << c[1] - e), e), bits, up=True)


def _first_size(task: Task, near: Near, shape: list[int]) -> int:
    """Log2 of the size with a contraction of likely about a half, by the Jacobian in float64 at two points."""
    if near.slopes is None:
        return FIRST_EXPONENT
    first, inverse, sizes, rows = near.slopes
    reach = [power(e + FIRST_EXPONENT) for e in shape]
    there = task.slopes([x + r for x, r in zip(near.x, reach, strict=True)] + task.middles(), FLOATS)
    change = task.pattern.sums(np.abs(there - first) * np.array(reach)[task.pattern.columns]) / rows
    shares = (np.abs(inverse) @ change).tolist()
    contraction = max([share * size / r for share, size, r in zip(shares, sizes, reach, strict=True)])
    return min(LARGEST_EXPONENT, FIRST_EXPONENT + _change(contraction)) if isfinite(contraction) else FIRST_EXPONENT


def _box_at(task: Task, centre: list[Dyadic], bits: int, shape: list[int], size: int) -> Box | Failure:
    """Probe boxes of one shape and different size at one precision, beginning with `size`; the largest that passes."""
    values = task.residual(task.point(centre), balls())
    if not all_finite(values):
        return Failure(
            f"domain: {task.offender(task.point(centre)) or 'a value is not finite'}", "another start", final=True
        )
    best, reason, exponents, errors = None, "", shape, shape
    small, large = -2 * bits, LARGEST_EXPONENT + 1  # sizes up to the one, from the other on, are known to fail
    for _ in range(PROBES):
        exponents = [s + size for s in shape]
        shares = _shares(task, centre, exponents, values, bits)
        if shares is None:
            large, step, reason = size, -6, reason or "not smooth"
        elif shares.total < GOOD:
            best, small = Box(centre, exponents, shares, bits), size
            step = max(0, _change(shares.slope))
        else:
            reason = f"the contraction test gives {shares.total:.3g}, not below 1, on boxes of relative size 2^{size}"
            contraction = shares.slope
            errors = [frexp(r)[1] + e + 4 for r, e in zip(shares.residual, exponents, strict=True)]
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
        offender = task.offender(task.box(centre, exponents))
        return Failure(
            f"domain: {offender or 'an equation has a vanishing gradient'}", "a point farther from the border"
        )
    loose = any(p.low != p.high for p in task.system.parameters)
    if loose:
        return Failure(reason, "shorter intervals for the parameters", shape=tuple(errors))
    return Failure(reason, "a larger max_bits")


def _change(contraction: float) -> int:
    """Steps in log2 of the size towards a contraction of about a half, if it grows in proportion to the size."""
    return floor(log2(0.6 / min(max(contraction, 2.0**-60), 2.0**60)))


def _sizes(x: Sequence[float], start: Sequence[float]) -> list[float]:
    """Positive sizes of the coordinates: those of point or start, or of the largest coordinate where both are 0."""
    sizes = [max(abs(a), abs(b)) for a, b in zip(x, start, strict=True)]
    return sizes if all(sizes) else [size or max(sizes) or 1.0 for size in sizes]


def _shape(centre: Sequence[Dyadic], least: Sequence[float]) -> list[int]:
    """Exponents of the sizes of the coordinates, which are at least these.

    What is 0, or rounds to it beside the others, and has no least size counts as half of the largest.
    """
    own = [abs(x[0]).bit_length() + x[1] if x[0] else NOTHING for x in centre]
    sizes = [max(e, frexp(v)[1] if v else NOTHING) for e, v in zip(own, least, strict=True)]
    largest = max(sizes) if max(sizes) > NOTHING else 1
    return [e if v or e > largest - ROUNDED_BITS else largest - 1 for e, v in zip(sizes, least, strict=True)]


def _shares(task: Task, centre: list[Dyadic], exponents: list[int], values: list[Ball], bits: int) -> Shares | None:
    whole = task.around(task.box(centre, exponents))
    scaled = None if whole is None else krawczyk.linear(whole, exponents)
    if scaled is None:
        return None
    if bits == LADDER[0] or task.size > LARGEST_BALL_MATRIX:
        found = krawczyk.float_shares(scaled, values)
    else:
        found = krawczyk.ball_shares(scaled, values, exponents)
    return Shares(*3 * [[inf] * task.size]) if found is None else found


def numerical_rank(task: Task, centre: Sequence[Dyadic], start: Sequence[float]) -> tuple[int, str]:
    """Rank of the scaled Jacobian by singular values above 2^-20; no proof.

    Columns are scaled by the size of the coordinates, rows by the largest derivative in a wide box: a derivative that
    vanishes at the centre is small against what it is around.
    """
    x = [_float(v) for v in centre]
    jacobian = task.pattern.dense(task.slopes(x + task.middles(), FLOATS))
    sizes = np.array(_sizes(x, start))
    exponents = [frexp(size)[1] for size in sizes]
    rows = np.max(np.abs(jacobian * sizes), axis=1)
    with precision(LADDER[0]):
        for wide in (-3, -8):
            around = krawczyk.linear(task.both(task.box(centre, [e + wide for e in exponents]), balls())[1], exponents)
            if around is not None:
                rows = np.maximum(rows, np.array([ldexp(1.0, min(e, 1000)) for e in around.scales]))
                break
    scaled = jacobian * sizes / np.where(rows > 0, rows, 1.0)[:, None]
    if not np.isfinite(scaled).all():
        return task.size, "not finite"
    singular = np.linalg.svd(scaled, compute_uv=False)
    rank = int(np.sum(singular > 2.0**-20 * max(1.0, float(singular[0]))))
    told = f"smallest singular value {float(singular[-1]):.2g}, largest {float(singular[0]):.2g}"
    return rank, f"{told}, columns and rows scaled"


def checker_bits(bits: int) -> int:
    """The checker works with somewhat more bits than the proof did."""
    return max(64, bits + 16)


def factor_bits(shares: Shares) -> int:
    """Enough for an approximate inverse with these row sums."""
    largest = max(shares.weight)
    return 32 + 4 * ceil((max(0, frexp(largest)[1]) + len(shares.weight).bit_length()) / 4)
