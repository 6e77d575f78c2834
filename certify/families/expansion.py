"""The branch near infinite width, to first order in eps = n^(-1/2), enclosed (docs/all-sizes.md, A8)."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.arithmetic import ball_matrix
from certify.arithmetic.jets import variables
from certify.families.branch import evaluate
from certify.families.turned import limit

Ball = Any


class Expansion(NamedTuple):
    """unknowns = values + slopes eps + O(eps^2), K L = loss[0] + loss[1] eps + O(eps^2)."""

    values: list[Ball]
    slopes: list[Ball]
    loss: tuple[Ball, Ball]


def expansion(p: int) -> Expansion:
    """Enclosures: the zero of A3, and the solution of DG x' = -dG/d eps there."""
    values = limit(p)
    size = len(values)
    *unknowns, eps = variables([*values, values[0] * 0])
    state = evaluate(unknowns, eps, p)
    change = ball_matrix([[-f.slopes[size]] for f in state.system])
    found = ball_matrix([f.slopes[:size] for f in state.system]).solve(change)
    slopes = [found[i, 0] for i in range(size)]
    rate = state.loss.slopes[size] + sum((state.loss.slopes[i] * x for i, x in enumerate(slopes)), values[0] * 0)
    return Expansion(values, slopes, (state.loss.value, rate))
