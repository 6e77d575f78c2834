"""The branch of points with p turned students in floating point: no guarantees, only where to prove what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import LinAlgError, eigh

from certify.arithmetic import Ball, ball_matrix, dyadic_ball, midpoint, precision
from certify.arithmetic.jets import Jet, mapped, variables
from certify.families import (
    all_turned,
    all_turned_blocks,
    but_one_turned,
    but_one_turned_blocks,
    doubled,
    doubled_blocks,
    turned,
    turned_blocks,
)
from certify.families.turned_blocks import Matrix

NEWTON_STEPS = 12
CONVERGED = 40  # bits: of the last step, so that about twice as many are right after it
STEP = 1 / 64  # of eps along the branch
ALL, ALL_BUT_ONE, DOUBLED, TWO_DOUBLED = 0, -1, -2, -3  # numbers of turned students that stand for these families
NAMES = {  # in certificates
    ALL: "all-turned",
    ALL_BUT_ONE: "all-but-one-turned",
    DOUBLED: "doubled",
    TWO_DOUBLED: "two-doubled",
}
DIRECTIONS = {DOUBLED: 1, TWO_DOUBLED: 2}  # each carried by two students
UNSCALED = ALL, ALL_BUT_ONE  # whose loss does not tend to 0
OTHERS: dict[int, tuple[Any, Any]] = {
    ALL: (all_turned, all_turned_blocks),
    ALL_BUT_ONE: (but_one_turned, but_one_turned_blocks),
    DOUBLED: (doubled, doubled_blocks),
    TWO_DOUBLED: (doubled, doubled_blocks),
}
LAST = 0.57  # n = 3.08
SECANTS = 24
LOSSES = 32


class Watched(NamedTuple):
    """The block in which an eigenvalue crosses zero, in what order it is eliminated, the sign of its last pivot at
    infinite width, and what else may be indefinite where that is negative.
    """

    block: str
    order: tuple[int, ...]
    sign: int
    others: tuple[str, ...]


STANDARD = Watched("standard n", (0, 1, 3, 4, 2), 1, ())
PRODUCT = Watched(doubled_blocks.PRODUCT, (0, 1, 2), -1, ("ambient exchanged",))


class State(NamedTuple):
    """Jets of the system and of the scaled loss, and the values behind them."""

    values: Any
    reduced: Any
    system: list[Jet]
    loss: Jet


def outside(p: int) -> int:
    """M - n: teachers that are not in the class of n."""
    return DIRECTIONS.get(p, abs(p))


def evaluate(xi: Sequence[Jet], eps: Jet, p: int) -> State:
    """Everything at once; directions of the jets as the caller chose them.  p: turned students, or a key of OTHERS."""
    if p > 0:
        v = turned.values(xi, eps, p)
        r = turned.reduced(v, p)
        return State(v, r, turned.system(r, v.h), turned.scaled_loss(v, r, p))
    family = OTHERS[p][0]
    v = family.values(xi, eps)
    r = family.reduced(v)
    return State(v, r, family.system(v, r), family.loss(v, r))


def limit(p: int) -> list[Ball]:
    """The zero of the system at infinite width, or near it where there is no formula."""
    if p > 0:
        return turned.limit(p)
    result: list[Ball] = doubled.limit(DIRECTIONS[p]) if p in DIRECTIONS else OTHERS[p][0].limit()
    return result


def blocks(values: Any, rows: Any, p: int, shift: Ball) -> dict[str, Matrix]:
    """Name and matrix of each block, shift in units of the Hessian.

    rows: the reduced gradient, with the list of derivatives by the unknowns in place of each jet.
    """
    if p > 0:
        return turned_blocks.blocks(values, rows, p, shift)
    result: dict[str, Matrix] = OTHERS[p][1].blocks(values, rows, shift)
    return result


def point_blocks(at: State, p: int, shift: Ball) -> dict[str, Matrix]:
    """The same at a point, of jets without slopes; the jets have slopes by the unknowns."""
    values = mapped(lambda x: Jet(x.value), at.values)
    return blocks(values, mapped(lambda x: [Jet(s) for s in x.slopes], at.reduced), p, shift)


def watched(p: int) -> Watched:
    """Of the families whose crossing is looked for: p turned students, or TWO_DOUBLED."""
    return PRODUCT if p == TWO_DOUBLED else STANDARD


def last_pivot(matrix: Sequence[Sequence[Jet]], order: Sequence[int]) -> Jet:
    """Of a block eliminated in that order (docs/all-sizes.md, A7); NaN where one of the others is not certainly
    positive.
    """
    rows = [[matrix[i][j] for j in order] for i in order]
    for k in range(len(order) - 1):
        if not rows[k][k].value > 0:
            return rows[k][k] * float("nan")
        for i in range(k + 1, len(order)):
            factor = rows[i][k] / rows[k][k]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k], strict=True)]
    return rows[-1][-1]


def exact(ball: Ball) -> Ball:
    """The midpoint as a point."""
    return dyadic_ball(midpoint(ball))


def solve(xi: Sequence[Ball], eps: Ball, p: int, converged: int = CONVERGED) -> list[Ball] | None:
    """Newton's iteration from xi to a zero of the scaled system, or None where it does not converge."""
    point = [exact(x) for x in xi]
    flat = Jet(eps, [eps * 0] * len(point))
    for _ in range(NEWTON_STEPS):
        found = evaluate(variables(point), flat, p).system
        jacobian = ball_matrix([[exact(x) for x in f.slopes] for f in found])
        try:
            step = jacobian.mid().solve(ball_matrix([[exact(f.value)] for f in found]))
        except ZeroDivisionError:
            return None
        point = [exact(x - step[i, 0]) for i, x in enumerate(point)]
        size = max(abs(float(step[i, 0].mid())) for i in range(len(point)))
        if not size < 1e3:
            return None
        if size < 2.0**-converged:
            return point
    return None


def approximate_curvature(xi: Sequence[Ball], eps: Ball, p: int) -> float:
    """The smallest eigenvalue of the Hessian and of the ambient matrix at a point of the branch."""
    found = evaluate(variables(xi), Jet(eps, [eps * 0] * len(xi)), p)
    zero = eps * 0
    forms, shifted = (point_blocks(found, p, zero + shift) for shift in (0, 1))
    smallest = np.inf
    for name, matrix in forms.items():
        form, other = (np.array([[float(x.value.mid()) for x in row] for row in m]) for m in (matrix, shifted[name]))
        try:
            smallest = min(smallest, float(eigh(form, form - other, eigvals_only=True)[0]))
        except LinAlgError:
            return -np.inf
    return smallest


def approximate_first_size(p: int) -> tuple[int, float]:
    """The least n >= 3 from which on the branch, continued from n = infinity, has positive curvature; and that there.

    Raises ValueError if there is none below 4 p + 16.
    """
    most = 4 * max(p, 0) + 16
    with precision(80):
        xi: list[Ball] | None = limit(p)
        last: tuple[int, float] | None = None
        steps = [k / 8 / most**0.5 for k in range(9)] + [n**-0.5 for n in range(most - 1, 2, -1)]
        for eps in steps:
            xi = solve(xi, dyadic_ball((0, 0)) + eps, p) if xi is not None else None
            curvature = approximate_curvature(xi, dyadic_ball((0, 0)) + eps, p) if xi is not None and eps > 0 else 0.0
            if eps >= steps[8]:
                if not curvature > 0.0:
                    break
                last = round(eps**-2), curvature
    if last is None:
        raise ValueError(f"no minimum with {p} turned students was found")
    return last


def approximate_losses(p: int, size: int) -> tuple[float, float]:
    """The least and the largest one seen along the branch from n = infinity to this size; not finite if it is lost."""
    with precision(80):
        xi: list[Ball] | None = limit(p)
        found: list[float] = []
        for k in range(LOSSES + 1):
            eps = dyadic_ball((0, 0)) + k / LOSSES / size**0.5
            xi = solve(xi, eps, p) if xi is not None else None
            found.append(float(evaluate([Jet(x) for x in xi], Jet(eps), p).loss.value) if xi else np.inf)
    return min(found), max(found)


def approximate_crossing(p: int, bits: int) -> Ball | None:
    """The first eps where the last pivot of A7 is zero along the branch, to about so many bits; None without one."""
    xi = limit(p)
    low = eps = dyadic_ball((0, 0))
    while float(eps) < LAST:
        eps = eps + STEP
        found = solve(xi, eps, p)
        if found is None:
            return None
        xi = found
        if not watched(p).sign * _pivot(xi, eps, p) > 0.0:
            return _secant(xi, (low, eps), p, bits)
        low = eps
    return None


def _secant(xi: Sequence[Ball], ends: tuple[Ball, Ball], p: int, bits: int) -> Ball | None:
    """A zero of the last pivot, from eps = ends at first."""
    (a, b), value = ends, None
    for _ in range(SECANTS):
        found = solve(xi, a, p, bits // 2)
        if found is None:
            return None
        xi, last, value = found, value, exact(_pivot(found, a, p))
        if last is not None:
            b = exact(a - value * (a - b) / (value - last))
        a, b = b, a
        if abs(float(a - b)) < 2.0**-bits:
            return a
    return None


def _pivot(xi: Sequence[Ball], eps: Ball, p: int) -> Ball:
    found, looked_at = evaluate(variables(xi), Jet(eps, [eps * 0] * len(xi)), p), watched(p)
    return last_pivot(point_blocks(found, p, eps * 0)[looked_at.block], looked_at.order).value
