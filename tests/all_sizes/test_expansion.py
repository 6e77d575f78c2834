"""The expansion at infinite width: enclosures against the closed forms of docs/all-sizes.md, A3 and A8."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from turned_points import PROOFS, exact, number

from certify.arithmetic import dyadic_ball, pi, precision
from certify.arithmetic.jets import Jet
from certify.families.branch import evaluate, solve
from certify.families.expansion import expansion


@pytest.mark.parametrize("p", [*range(1, 13), 100, 1000])
def test_closed_forms(p: int) -> None:
    with precision(200):
        d, half = 4 / pi(), pi() / 2
        phi = (d**2 + 4 + pi() - 3 * d) / (1 + half)
        eta = d**3 * (1 - 3 * d) / (3 * pi() - 6)
        values = [2 * p * d, -p * d, d * 0 + 2, d, 2 + 2 * d + d**2 / 2, phi]
        slopes = [
            p * (eta - d**4 / 2), -p * d**3 / 2, d * 0, d**3 / 2, eta,
            (d * phi - (dyadic_ball((3, -1)) - d) * d**3) / (1 + half),
        ]  # fmt: skip
        found = expansion(p)
        for x, y in zip(
            [*found.values, *found.slopes], [*values[: len(found.values)], *slopes[: len(found.slopes)]], strict=True
        ):
            assert x.overlaps(y)
            assert abs(x - y) < 1e-45
        assert abs(found.loss[0] - p * (dyadic_ball((1, -1)) - d**2 / 8)) < 1e-45
        assert abs(found.loss[1] + p * d**3 / (6 * pi())) < 1e-45


def test_numbers_found_by_another_program() -> None:
    """The first coefficients for p = 1, by a power series in ball arithmetic."""
    with precision(100):
        found = expansion(1)
        known = (-3.0134774, -1.0320491, 0.0, 1.0320491, -1.6994317)
        assert all(abs(float(x.mid()) - y) < 1e-7 for x, y in zip(found.slopes, known, strict=True))
        assert abs(float(found.loss[1].mid()) + 0.1095038107) < 1e-10


@pytest.mark.parametrize("p", [1, 2, 7])
def test_the_rest_is_of_second_order(p: int) -> None:
    """At eps = 2^-20 and 2^-21 what is left falls by four."""
    with precision(400):
        found = expansion(p)
        rests = []
        for power in (20, 21):
            eps = dyadic_ball((1, -power))
            xi = solve([x + y * eps for x, y in zip(found.values, found.slopes, strict=True)], eps, p, 150)
            assert xi is not None
            loss = evaluate([Jet(x) for x in xi], Jet(eps), p).loss.value
            line = [x + y * eps for x, y in zip(found.values, found.slopes, strict=True)]
            rests.append([*(x - y for x, y in zip(xi, line, strict=True)), loss - found.loss[0] - found.loss[1] * eps])
        for coarse, fine in zip(*rests, strict=True):
            assert abs(coarse / fine - 4) < 1e-4


@pytest.mark.parametrize("p", range(1, 13))
def test_the_tubes_begin_there(p: int) -> None:
    """The limit lies in the first section of the shipped tube; the slopes of the first two lines lead to its slopes."""
    path = PROOFS / "all-sizes" / f"turned-p{p:02d}" / "certificate.cert.json"
    first, second, *_ = json.loads(path.read_bytes())["claim"]["tube"]
    with precision(100):
        found = expansion(p)
    half, last = number(first["eps"][1]) / 2, number(second["eps"][1])
    for i, (x, slope) in enumerate(zip(found.values, found.slopes, strict=True)):
        centre, tilt, radius = (number(first[key][i]) for key in ("centre", "slope", "radii"))
        assert abs(exact(x) - (centre - tilt * half)) < radius
        start = tilt + (tilt - number(second["slope"][i])) * 2 * half / last
        assert abs(exact(slope) - start) < Fraction(p, 4)
