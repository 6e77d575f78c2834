"""All students turned: the scaled formulas against the generic ones, the theorem for every width, planted errors."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from math import isqrt
from typing import Any

import numpy as np
import pytest
from scipy.linalg import eigh
from turned_points import PROOFS, checker_jets, inside, interval, number, prover_jets

from certify.arithmetic import Ball, dyadic_ball, pi, precision
from certify.arithmetic.jets import Jet, variables
from certify.checker import Malformed, Rejected, tube, verify_bytes
from certify.checker import all_turned as checked
from certify.checker.intervals import Arithmetic
from certify.checker.jets import Jet as CheckerJet
from certify.checker.reader import read
from certify.checker.tube import evaluate as checker_evaluate
from certify.checker.tube_format import ALL, Tube
from certify.families import all_turned_blocks
from certify.families.blocks import ambient_blocks, hessian_blocks
from certify.families.branch import evaluate, limit, solve
from certify.families.numbers import ball_numbers
from certify.families.orbits import Geometry, Pattern
from certify.outcome import Undecided
from certify.proving.tube import prove_all_sizes

Data = dict[str, Any]
SHIPPED = PROOFS / "all-sizes" / "all-turned" / "certificate.cert.json"
POINTS = [(3, 1.7, 2.2), (5, 2.0, 1.4), (9, 1.2, 2.6), (60, 2.4, 1.9)]


def geometry(xi: list[Ball], n: int) -> Geometry:
    """The generic unscaled machinery: own -1 + eta / n, other phi / n."""
    one = dyadic_ball((1, 0))
    e, f = xi[0] / n - 1, xi[1] / n
    return Geometry((n,), (0,), [Pattern((f,), e - f)], (one, one * 0), ball_numbers())


def point(n: int, eta: float, phi: float) -> tuple[list[Ball], Ball]:
    return [dyadic_ball((round(x * 2**20), -20)) for x in (eta, phi)], 1 / dyadic_ball((n, 0)).sqrt()


@pytest.mark.parametrize(("n", "eta", "phi"), POINTS)
def test_the_system_is_the_gradient(n: int, eta: float, phi: float) -> None:
    with precision(300):
        xi, eps = point(n, eta, phi)
        own, scaled = (x.value for x in evaluate([Jet(x) for x in xi], Jet(eps), ALL).system)
        [gradient] = geometry(xi, n).gradient()
        assert abs(own - gradient.base[0] - gradient.delta) < 1e-60
        assert abs(scaled - gradient.base[0]) < 1e-60


@pytest.mark.parametrize(("n", "eta", "phi"), POINTS)
def test_both_codes_agree(n: int, eta: float, phi: float) -> None:
    f = Arithmetic(160)
    with precision(300):
        xi, eps = point(n, eta, phi)
        ours, theirs = evaluate(*prover_jets(xi, eps), ALL), checker_evaluate(*checker_jets(xi, eps, f), ALL)
        pairs = zip([*ours.system, ours.loss * (4 * pi())], [*theirs.equations, theirs.loss()], strict=True)
        entry = all_turned_blocks.antisymmetric_entry(ours.values, eps * 0)
        for mine, other in [*pairs, (entry, theirs.pivot((0, 0)))]:
            for ball, found in zip([mine.value, *mine.slopes], [other.value, *other.slopes], strict=True):
                assert inside(ball, found, f)
                assert found[1] - found[0] < 1 << 60


@pytest.mark.parametrize(("n", "eta", "phi"), POINTS)
def test_eigenvalues(n: int, eta: float, phi: float) -> None:
    """Of every block but the symmetric one, also where nothing is critical."""
    f = Arithmetic(200)
    with precision(300):
        xi, eps = point(n, eta, phi)
        state = evaluate(variables(xi), Jet(eps, [eps * 0] * 2), ALL)
        ours = [all_turned_blocks.blocks(state.values, state.reduced, eps * 0 + s) for s in (0, 1)]
        jets, last = checker_jets(xi, eps, f)
        at = checker_evaluate([CheckerJet(f, x.value, x.slopes[:-1]) for x in jets],
                              CheckerJet(f, last.value, [(0, 0)] * 2), ALL)  # fmt: skip
        theirs = [dict(at.blocks(interval(2 * pi() * s, f))) for s in (eps * 0, eps * 0 + 1)]
        place = geometry(xi, n)
        generic = [("", block) for block in hessian_blocks(place)] + [("ambient ", b) for b in ambient_blocks(place)]
        names = {"trivial": "trivial", "standard 0": "standard n", "antisymmetric 0": "antisymmetric n",
                 "ambient trivial": "ambient trivial", "ambient standard 0": "ambient n"}  # fmt: skip
        least = {}
        for prefix, block in generic:
            form = np.array([[float(x.mid()) for x in row] for row in block.matrix])
            expected = eigh(form, np.array(block.gram, float), eigvals_only=True) / (2 * np.pi)
            least[prefix + block.name] = expected[0]
            if block.name.startswith("symmetric"):
                continue
            name = names[prefix + block.name]
            mine = [np.array([[float(x.mid()) for x in row] for row in entry[name]]) for entry in ours]
            found = [middles(entry[name], f) for entry in theirs]
            for pair in (mine, found):
                assert np.allclose(eigh(pair[0], pair[0] - pair[1], eigvals_only=True), expected, rtol=1e-9)
        if n > 3:
            assert least["symmetric 0"] > least["antisymmetric 0"]
        assert set(ours[0]) == set(theirs[0]) == set(names.values())


def middles(lower: list[list[tuple[int, int]]], f: Arithmetic) -> np.ndarray:
    size = len(lower)
    return np.array([[sum(lower[max(i, j)][min(i, j)]) / (2 * f.one) for j in range(size)] for i in range(size)])


def test_the_limit() -> None:
    with precision(300):
        state = evaluate([Jet(x) for x in limit(ALL)], Jet(dyadic_ball((0, 0))), ALL)
        assert all(abs(x.value) < 1e-80 for x in state.system)
        assert abs(state.loss.value - dyadic_ball((1, -1)) + 1 / pi()) < 1e-80


@pytest.mark.parametrize("n", [4, 6, 20, 1000])
def test_the_loss_at_critical_points(n: int) -> None:
    with precision(300):
        eps = 1 / dyadic_ball((n, 0)).sqrt()
        xi = [x + dyadic_ball((1, -9)) for x in limit(ALL)]  # where the cosine of two students is not zero
        for k in range(1, 21):
            xi = solve(xi, eps * min(k, 16) / 16, ALL) or pytest.fail("no convergence")
        state = evaluate([Jet(x) for x in xi], Jet(eps), ALL)
        assert abs(state.loss.value - geometry(xi, n).loss() / (2 * pi())) < 1e-50


def test_boxes_contain_points() -> None:
    rng = random.Random(2)
    f = Arithmetic(100)
    zero = dyadic_ball((0, 0))
    with precision(100):
        for n in (6, 9, 30, 10**6):
            middle, _ = point(n, rng.uniform(1.5, 2.5), rng.uniform(1.5, 2.2))
            start = dyadic_ball((round(2**20 / n**0.5), -20))
            wide, range_ = (
                [x + zero.union(dyadic_ball((1, -6))) for x in middle],
                start + zero.union(dyadic_ball((1, -9))),
            )
            box = checker_evaluate(*checker_jets(wide, range_, f), ALL)
            inner = [x + dyadic_ball((rng.randrange(1, 1023), -16)) for x in middle]
            there = evaluate(*prover_jets(inner, start + dyadic_ball((rng.randrange(1, 127), -16))), ALL)
            for ball, found in zip([*there.system, there.loss * (4 * pi())], [*box.equations, box.loss()], strict=True):
                for value, other in zip([ball.value, *ball.slopes], [found.value, *found.slopes], strict=True):
                    assert inside(value, other, f)


@pytest.fixture(scope="module")
def shipped() -> Data:
    data: Data = json.loads(SHIPPED.read_bytes())
    return data


def refused(data: Data) -> Exception:
    with pytest.raises((Rejected, Malformed)) as caught:
        verify_bytes((json.dumps(data, sort_keys=True, separators=(",", ":")) + "\n").encode())
    return caught.value


def test_the_shipped_certificate(shipped: Data) -> None:
    verdict = verify_bytes(SHIPPED.read_bytes())
    assert "for every integer k >= 6, k ReLU students" in verdict.sentence
    assert "fixed by S_k lies" in verdict.sentence
    assert "along which the loss tends to 1/2 - 1/pi" in verdict.sentence
    c = read(SHIPPED.read_bytes())
    assert isinstance(c, Tube)
    assert c.turned == ALL


def test_the_same_again(shipped: Data) -> None:
    result = prove_all_sizes(ALL)
    assert not isinstance(result, Undecided)
    assert json.loads(result.certificate.content) == shipped


@pytest.mark.parametrize(("key", "value", "step"), [
    ("first_width", 5, "cover"), ("curvature", "0x1p-9", "curvature"), ("loss", ["0x1p-4", "0x1p-2"], "loss"),
    ("loss", ["0x0p0", "0x1p-2"], "loss"),
])  # fmt: skip
def test_claims_that_say_too_much(shipped: Data, key: str, value: Any, step: str) -> None:
    data = json.loads(json.dumps(shipped))
    data["claim"][key] = value
    error = refused(data)
    assert isinstance(error, Rejected)
    assert error.step == step


@pytest.mark.parametrize("change", [
    {"family": "turned"}, {"turned": 6}, {"first_width": 2}, {"scaled_loss": ["0x1p-4", "0x1p-2"]},
    {"kind": "eigenvalue-crossing-along-a-branch"},
])  # fmt: skip
def test_what_is_not_the_format(shipped: Data, change: Data) -> None:
    data = json.loads(json.dumps(shipped))
    data["claim"].update(change)
    assert isinstance(refused(data), Malformed)


@pytest.mark.parametrize("edit", ["centre", "radii", "slope", "gap"])
def test_an_error_in_any_piece_is_refused_there(shipped: Data, edit: str) -> None:
    for k in range(1, len(shipped["claim"]["tube"]), 7):
        data = json.loads(json.dumps(shipped))
        piece = data["claim"]["tube"][k]
        if edit == "gap":
            del data["claim"]["tube"][k]
        elif edit == "radii":
            piece["radii"][0] = "0x1p-60"
        else:
            piece[edit][1] = "0x3p0"
        error = refused(data)
        assert f"piece {k}" in str(error) or f"piece, {k - 1}," in str(error)


def test_every_block_is_looked_at(shipped: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    right, c = checked.blocks, read(SHIPPED.read_bytes())
    assert isinstance(c, Tube)
    for name in ("trivial", "standard n", "antisymmetric n", "ambient n", "ambient trivial"):

        def wrong(x: Any, r: Any, shift: Any, name: str = name) -> Any:
            for other, matrix in right(x, r, shift):
                yield other, [[(-1, -1)]] if other == name else matrix

        monkeypatch.setattr(checked, "blocks", wrong)
        assert "curvature" in str(refused(shipped))
        if name != checked.WEAKEST:  # which may be found positive in another way, for eps > 0
            with pytest.raises(Rejected, match=f"block {name} "):
                tube._check_piece(c.pieces[-1], c, (0, 0), Arithmetic(c.precision))


def test_shipped_points_lie_in_the_tube(shipped: Data) -> None:
    """Those of proofs/families/all-turned, k = 6 to 10^12."""
    tube = shipped["claim"]
    ends = [number(piece["eps"][1]) for piece in tube["tube"]]
    seen = 0
    for path in sorted((PROOFS / "families" / "all-turned").glob("*.cert.json")):
        claim = json.loads(path.read_bytes())["claim"]
        k = claim["students"]
        if k < tube["first_width"]:
            assert claim["kind"] == "saddle"
            continue
        [[other, step]] = [[number(x) for x in row] for row in claim["centre"]]
        unknowns = [(other + step + 1) * k, other * k]
        eps = Fraction(isqrt(2**240 // k), 2**120)
        piece = tube["tube"][next(i for i, end in enumerate(ends) if eps < end)]
        middle = (number(piece["eps"][0]) + number(piece["eps"][1])) / 2
        for x, c, s, r in zip(unknowns, piece["centre"], piece["slope"], piece["radii"], strict=True):
            assert abs(x - number(c) - number(s) * (eps - middle)) < number(r)
        low, high = (number(x) for x in claim["loss"])
        assert number(tube["loss"][0]) <= low <= high <= number(tube["loss"][1])
        assert number(claim["curvature"]) > number(tube["curvature"])
        seen += 1
    assert seen > 50


def test_domain() -> None:
    f = Arithmetic(80)
    with pytest.raises(Rejected, match="wrong sign"):
        checked.point([CheckerJet(f, (x << 80, x << 80)) for x in (5, 1)], CheckerJet(f, (f.one >> 1, f.one >> 1)))
    with pytest.raises(Rejected, match="wrong sign"):
        checked.point([CheckerJet(f, (x << 80, x << 80)) for x in (4, 1)], CheckerJet(f, (f.one >> 1, f.one >> 1)))
    wide = [CheckerJet(f, (3 << 80, 5 << 80)), CheckerJet(f, (1 << 80, 1 << 80))]
    with pytest.raises(Rejected, match="wrong sign"):
        checked.point(wide, CheckerJet(f, (f.one >> 1, f.one >> 1)))
    with pytest.raises(Rejected, match="square root"):
        checked.point([CheckerJet(f, (x << 80, x << 80)) for x in (2, 0)], CheckerJet(f, (f.one >> 2, f.one >> 2)))
