"""The scaled blocks against the generic isotypic blocks, also where nothing is critical."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import eigh
from turned_points import CASES, FACTORS, checked, checked_blocks, checker_jets, geometry, interval, unknowns

from certify.arithmetic import Ball, dyadic_ball, pi, precision
from certify.arithmetic.jets import Jet, variables
from certify.checker.intervals import Arithmetic
from certify.families.blocks import ambient_blocks, hessian_blocks
from certify.families.branch import evaluate, point_blocks

GENERIC = {
    "trivial": "trivial", "standard 0": "standard n", "standard 1": "standard p", "antisymmetric 0": "antisymmetric n",
    "antisymmetric 1": "antisymmetric p", "standard 0 x standard 1": "product",
    "ambient trivial": "ambient trivial", "ambient standard 0": "ambient n", "ambient standard 1": "ambient p",
}  # fmt: skip


def floats(matrix: list[list[Ball]]) -> np.ndarray:
    return np.array([[float(x.mid()) for x in row] for row in matrix])


def jets(matrix: list[list[Jet]]) -> np.ndarray:
    return floats([[x.value for x in row] for row in matrix])


def middles(lower: list[list[tuple[int, int]]], f: Arithmetic) -> np.ndarray:
    size = len(lower)
    return np.array([[sum(lower[max(i, j)][min(i, j)]) / (2 * f.one) for j in range(size)] for i in range(size)])


@pytest.mark.parametrize("factors", FACTORS)
@pytest.mark.parametrize(("p", "n"), CASES)
def test_eigenvalues(p: int, n: int, factors: tuple[float, ...]) -> None:
    f = Arithmetic(200)
    with precision(300):
        xi = unknowns(p, factors)
        eps = 1 / dyadic_ball((n, 0)).sqrt()
        state = evaluate(variables(xi), Jet(eps, [eps * 0] * len(xi)), p)
        ours = [point_blocks(state, p, eps * 0 + s) for s in (0, 1)]
        numbers, last = checker_jets(xi, eps, f)
        found = checked(numbers, last, p)
        theirs = [checked_blocks(found, p, interval(2 * pi() * s, f)) for s in (eps * 0, eps * 0 + 1)]
        place = geometry(xi, n, p)
        generic = [("", block) for block in hessian_blocks(place)] + [("ambient ", b) for b in ambient_blocks(place)]
        seen = set()
        for prefix, block in generic:
            expected = eigh(floats(block.matrix), np.array(block.gram, dtype=float), eigvals_only=True) / (2 * np.pi)
            if block.name.startswith("symmetric"):  # larger than the antisymmetric one, by A5
                assert expected[0] > eigenvalues(ours, f"antisymmetric {'np'[int(block.name[-1])]}")[0]
                continue
            name = GENERIC[prefix + block.name]
            seen.add(name)
            assert np.allclose(eigenvalues(ours, name), expected, rtol=1e-9)
            other = "standard n x standard p" if name == "product" else name
            pair = [middles(entry[other], f) for entry in theirs]
            assert np.allclose(eigh(pair[0], pair[0] - pair[1], eigvals_only=True), expected, rtol=1e-9)
        assert seen == set(ours[0])
        assert len(theirs[0]) == len(ours[0])


def eigenvalues(pair: list[dict[str, list[list[Jet]]]], name: str) -> np.ndarray:
    """Of the Hessian, from the forms with shifts 0 and 1, whose difference is the Gram matrix."""
    form, shifted = (jets(entry[name]) for entry in pair)
    return eigh(form, form - shifted, eigvals_only=True)


@pytest.mark.parametrize(("p", "n"), CASES)
def test_the_trivial_block_is_symmetric(p: int, n: int) -> None:
    """N_r dF_r/ds = N_s dF_s/dr for all pairs, so either triangle may be used."""
    with precision(200):
        xi = unknowns(p, FACTORS[1])
        h = dyadic_ball((1, 0)) / n
        state = evaluate(variables(xi), Jet(h.sqrt(), [h * 0] * len(xi)), p)
        counts, orders = (n, n * (n - 1), n * p, n * p, p, p * (p - 1)), (2, 2, 1, 1, 1, 1)
        for r in range(len(xi)):
            for s in range(r):
                entry = [
                    counts[i] * (h * state.reduced.parts[i].slopes[j]
                                 + (state.reduced.leading.slopes[j] if i in (2, 4, 5) else 0)) / h ** orders[j]
                    for i, j in ((r, s), (s, r))
                ]  # fmt: skip
                assert abs(entry[0] - entry[1]) < 1e-40 * (1 + abs(entry[0]))
