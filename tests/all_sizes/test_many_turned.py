"""Most students turned, or two against one teacher: formulas against the generic ones, theorems, planted errors."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import isqrt
from typing import Any

import numpy as np
import pytest
from scipy.linalg import eigh
from turned_points import PROOFS, checked, checked_blocks, checker_jets, fixed, inside, interval, number, prover_jets

from certify.arithmetic import Ball, dyadic_ball, pi, precision
from certify.arithmetic.jets import Jet, variables
from certify.checker import (
    Malformed,
    Rejected,
    all_turned,
    but_one_turned,
    doubled,
    doubled_blocks,
    tube,
    tube_format,
    verify_bytes,
)
from certify.checker.intervals import Arithmetic
from certify.checker.jets import Jet as CheckerJet
from certify.checker.pieces import frame
from certify.checker.reader import read
from certify.checker.tube_format import ALL, ALL_BUT_ONE, DOUBLED, Tube
from certify.families.blocks import ambient_blocks, hessian_blocks
from certify.families.branch import evaluate, limit, point_blocks, solve
from certify.families.numbers import ball_numbers
from certify.families.orbits import Geometry, Pattern
from certify.outcome import Undecided
from certify.proving.tube import prove_all_sizes

Data = dict[str, Any]
FAMILIES = (ALL, ALL_BUT_ONE, DOUBLED)
PLACES = {p: PROOFS / "all-sizes" / name / "certificate.cert.json" for name, p in tube_format.FAMILIES.items()}
CHECKED = {ALL: all_turned, ALL_BUT_ONE: but_one_turned, DOUBLED: doubled_blocks}  # modules that have the blocks
POINTS = [
    (ALL, 3, (1.7, 2.2)), (ALL, 5, (2.0, 1.4)), (ALL, 9, (1.2, 2.6)), (ALL, 60, (2.4, 1.9)),
    (ALL_BUT_ONE, 3, (0.9, 0.6, -1.5, 1.7, 2.1)), (ALL_BUT_ONE, 6, (1.5, 0.4, -2.5, 2.2, 1.8)),
    (ALL_BUT_ONE, 9, (2.0, 1.1, 0.7, 1.5, 2.3)), (ALL_BUT_ONE, 60, (1.1, 0.8, -2.0, 2.1, 2.0)),
    (DOUBLED, 3, (-0.5, -1.4, 1.5, 1.2, 0.5, 0.9, -0.4)), (DOUBLED, 6, (-0.3, -1.5, 1.8, 1.2, 0.6, 0.9, -0.7)),
    (DOUBLED, 9, (0.4, 1.2, 1.4, 0.8, 0.3, 1.2, -0.5)), (DOUBLED, 60, (-0.4, -1.7, 2.1, 1.0, 0.8, 1.1, -1.5)),
]  # fmt: skip
at_points = pytest.mark.parametrize(("p", "n", "numbers"), POINTS)
at_families = pytest.mark.parametrize("p", FAMILIES)


def geometry(xi: list[Ball], n: int) -> Geometry:
    """The generic unscaled machinery."""
    one = dyadic_ball((1, 0))
    if len(xi) == 7:
        al, be, ga, et, de, ta, si = xi
        eps = 1 / dyadic_ball((n, 0)).sqrt()
        follower = Pattern((be / n**2, ga / n), 1 + eps**3 * al - be / n**2)
        rest = [Pattern((de / n, eps * et - 1), one * 0), Pattern((ta / n, eps * si), one * 0)]
        return Geometry((n, 1), (0, None, None), [follower, *rest], (one, one * 0), ball_numbers())
    e, f = xi[-2] / n - 1, xi[-1] / n
    if len(xi) == 2:
        return Geometry((n,), (0,), [Pattern((f,), e - f)], (one, one * 0), ball_numbers())
    first, second = Pattern((1 + xi[0] / n, xi[1] / n), one * 0), Pattern((xi[2] / n**2, f), e - f)
    return Geometry((1, n), (None, 1), [first, second], (one, one * 0), ball_numbers())


def point(n: int, numbers: Sequence[float]) -> tuple[list[Ball], Ball]:
    return [dyadic_ball((round(x * 2**20), -20)) for x in numbers], 1 / dyadic_ball((n, 0)).sqrt()


@at_points
def test_the_system_is_the_gradient(p: int, n: int, numbers: tuple[float, ...]) -> None:
    """Each equation is the stated combination of the generic gradient's entries."""
    with precision(300):
        xi, eps = point(n, numbers)
        found = [x.value for x in evaluate([Jet(x) for x in xi], Jet(eps), p).system]
        h, gradient = dyadic_ball((1, 0)) / n, geometry(xi, n).gradient()
        f = gradient[-1].base[-1]
        e = f + gradient[-1].delta
        expected = [e, f]
        if p == ALL_BUT_ONE:
            (a, c), d = gradient[0].base, gradient[1].base[0]
            expected = [(e + a - (1 - h) * f) / h, (c - f) / h, d / h, e, f]
        if p == DOUBLED:
            (b, c), (d, e), (t, s) = (row.base for row in gradient)
            a = b + gradient[0].delta
            expected = [a / eps, b / h, c, (e - c) / eps, d / h, t / h, (s - c) / eps]
        assert all(abs(x - y) < 1e-60 for x, y in zip(found, expected, strict=True))


@at_points
def test_both_codes_agree(p: int, n: int, numbers: tuple[float, ...]) -> None:
    f = Arithmetic(160)
    with precision(300):
        xi, eps = point(n, numbers)
        ours, theirs = evaluate(*prover_jets(xi, eps), p), checked(*checker_jets(xi, eps, f), p)
        pairs = zip([*ours.system, ours.loss * (4 * pi())], [*theirs.equations, theirs.loss], strict=True)
        for mine, other in pairs:
            for ball, found in zip([mine.value, *mine.slopes], [other.value, *other.slopes], strict=True):
                assert inside(ball, found, f)
                assert found[1] - found[0] < 1 << 60


@at_points
def test_eigenvalues(p: int, n: int, numbers: tuple[float, ...]) -> None:
    """Of every block but the symmetric one, also where nothing is critical."""
    f, last = Arithmetic(200), int(p == ALL_BUT_ONE)  # of the class of n
    with precision(300):
        xi, eps = point(n, numbers)
        zeros = [eps * 0] * len(xi)
        state = evaluate(variables(xi), Jet(eps, zeros), p)
        ours = [point_blocks(state, p, eps * 0 + s) for s in (0, 1)]
        found = checked(*checker_jets(xi, eps, f), p)
        theirs = [checked_blocks(found, p, interval(2 * pi() * s, f)) for s in (eps * 0, eps * 0 + 1)]
        place = geometry(xi, n)
        generic = [("", block) for block in hessian_blocks(place)] + [("ambient ", b) for b in ambient_blocks(place)]
        names = {"trivial": "trivial", f"standard {last}": "standard n", f"antisymmetric {last}": "antisymmetric n",
                 "ambient trivial": "ambient trivial", f"ambient standard {last}": "ambient n"}  # fmt: skip
        least = {}
        for prefix, block in generic:
            form = np.array([[float(x.mid()) for x in row] for row in block.matrix])
            expected = eigh(form, np.array(block.gram, float), eigvals_only=True) / (2 * np.pi)
            least[prefix + block.name] = expected[0]
            if block.name.startswith("symmetric"):
                continue
            name = names[prefix + block.name]
            mine = [np.array([[float(x.value.mid()) for x in row] for row in entry[name]]) for entry in ours]
            other = [middles(entry[name], f) for entry in theirs]
            for pair in (mine, other):
                assert np.allclose(eigh(pair[0], pair[0] - pair[1], eigvals_only=True), expected, rtol=1e-9)
        if n > 3:
            assert least[f"symmetric {last}"] > least[f"antisymmetric {last}"]
        assert set(ours[0]) == set(theirs[0]) == set(names.values())


def middles(lower: list[list[tuple[int, int]]], f: Arithmetic) -> np.ndarray:
    size = len(lower)
    return np.array([[sum(lower[max(i, j)][min(i, j)]) / (2 * f.one) for j in range(size)] for i in range(size)])


@pytest.mark.parametrize("p", [ALL, ALL_BUT_ONE])
def test_the_limit(p: int) -> None:
    with precision(300):
        state = evaluate([Jet(x) for x in limit(p)], Jet(dyadic_ball((0, 0))), p)
        assert all(abs(x.value) < 1e-80 for x in state.system)
        assert abs(state.loss.value - dyadic_ball((1, -1)) + 1 / pi()) < 1e-80


@at_families
@pytest.mark.parametrize("n", [4, 6, 20, 1000])
def test_the_loss_at_critical_points(p: int, n: int) -> None:
    with precision(300):
        eps = 1 / dyadic_ball((n, 0)).sqrt()
        xi = [x + dyadic_ball((1, -9)) for x in limit(p)]  # where the cosine of two students is not zero
        for k in range(1, 37):
            xi = solve(xi, eps * min(k, 32) / 32, p) or pytest.fail("no convergence")
        state = evaluate([Jet(x) for x in xi], Jet(eps), p)
        loss = geometry(xi, n).loss() / (2 * pi())
        assert abs(state.loss.value - (loss * (n + 1) if p == DOUBLED else loss)) < 1e-50


@pytest.mark.parametrize(("n", "numbers"), [(n, x) for p, n, x in POINTS if p == DOUBLED])
def test_the_loss_of_two_against_one_off_critical_points(n: int, numbers: tuple[float, ...]) -> None:
    """4 pi L = h T and terms that vanish with the system: what is inserted in A12 is an identity."""
    with precision(300):
        xi, eps = point(n, numbers)
        state, place = evaluate([Jet(x) for x in xi], Jet(eps), DOUBLED), geometry(xi, n)
        (b, c), (d, e), (t, s) = (row.base for row in place.patterns[:3])
        (fb, fc), (fd, fe), (ft, fs) = (row.base for row in place.gradient())
        a, fa = b + place.patterns[0].delta, fb + place.gradient()[0].delta
        along = n * (a * fa + (n - 1) * b * fb + c * fc) + n * (d * fd + t * ft) + e * fe + s * fs
        first, _, third, fourth, *_ = (x.value for x in state.system)
        u1 = state.values.norms[0].value
        left = 2 * place.loss() - along
        right = 4 * pi() * state.loss.value / (n + 1) - third + eps * fourth - u1 / a * first / eps
        assert abs(left - right) < 1e-60


@at_families
def test_boxes_contain_points(p: int) -> None:
    rng = random.Random(2)
    f = Arithmetic(100)
    zero = dyadic_ball((0, 0))
    with precision(100):
        for n in (25, 60, 10**6) if p == DOUBLED else (6, 9, 30, 10**6):
            middle, _ = point(n, [float(x.mid()) * rng.uniform(0.8, 1.1) for x in limit(p)])
            start = dyadic_ball((round(2**20 / n**0.5), -20))
            wide, range_ = (
                [x + zero.union(dyadic_ball((1, -6))) for x in middle],
                start + zero.union(dyadic_ball((1, -9))),
            )
            box = checked(*checker_jets(wide, range_, f), p)
            inner = [x + dyadic_ball((rng.randrange(1, 1023), -16)) for x in middle]
            there = evaluate(*prover_jets(inner, start + dyadic_ball((rng.randrange(1, 127), -16))), p)
            for ball, found in zip([*there.system, there.loss * (4 * pi())], [*box.equations, box.loss], strict=True):
                for value, other in zip([ball.value, *ball.slopes], [found.value, *found.slopes], strict=True):
                    assert inside(value, other, f)


def shipped(p: int) -> Data:
    data: Data = json.loads(PLACES[p].read_bytes())
    return data


def refused(data: Data) -> Exception:
    with pytest.raises((Rejected, Malformed)) as caught:
        verify_bytes((json.dumps(data, sort_keys=True, separators=(",", ":")) + "\n").encode())
    return caught.value


@pytest.mark.parametrize(
    ("p", "first", "group"), [(ALL, 6, "S_k"), (ALL_BUT_ONE, 7, "S_1 x S_(k-1)"), (DOUBLED, 7, "S_(k-1)")]
)
def test_the_shipped_certificates(p: int, first: int, group: str) -> None:
    verdict = verify_bytes(PLACES[p].read_bytes())
    assert f"for every integer k >= {first}, k{' + 1' * (p == DOUBLED)} ReLU students" in verdict.sentence
    assert f"fixed by {group} lies" in verdict.sentence
    limit = "k times the loss tends to a limit" if p == DOUBLED else "the loss tends to 1/2 - 1/pi"
    assert f"along which {limit}" in verdict.sentence
    c = read(PLACES[p].read_bytes())
    assert isinstance(c, Tube)
    assert c.turned == p


@pytest.mark.parametrize("p", [ALL, ALL_BUT_ONE, pytest.param(DOUBLED, marks=pytest.mark.long)])
def test_the_same_again(p: int) -> None:
    result = prove_all_sizes(p)
    assert not isinstance(result, Undecided)
    assert json.loads(result.certificate.content) == shipped(p)


@at_families
@pytest.mark.parametrize(("key", "value", "step"), [
    ("first_width", 5, "cover"), ("curvature", "0x1p-8", "curvature"), ("loss", ["0x1p-4", "0x1p-2"], "loss"),
    ("loss", ["0x0p0", "0x1p-2"], "loss"),
])  # fmt: skip
def test_claims_that_say_too_much(p: int, key: str, value: Any, step: str) -> None:
    data = shipped(p)
    data["claim"]["scaled_loss" if p == DOUBLED and key == "loss" else key] = value
    error = refused(data)
    assert isinstance(error, Rejected)
    assert error.step == step


@at_families
@pytest.mark.parametrize("change", [
    {"family": "turned"}, {"turned": 6}, {"first_width": 2}, {"scaled_loss": ["0x1p-4", "0x1p-2"], "loss": ["0x1p-4"]},
    {"kind": "eigenvalue-crossing-along-a-branch"}, {"family": ["x"]}, {"landscape": "other"},
])  # fmt: skip
def test_what_is_not_the_format(p: int, change: Data) -> None:
    data = shipped(p)
    data["claim"].update(change)
    assert isinstance(refused(data), Malformed)


def test_one_family_for_the_other() -> None:
    for p, name in ((ALL, "all-but-one-turned"), (ALL_BUT_ONE, "doubled"), (DOUBLED, "all-turned")):
        data = shipped(p)
        data["claim"]["family"] = name
        assert isinstance(refused(data), Malformed)


def test_the_least_first_width() -> None:
    """n >= 3: one width more where one teacher is not among the n."""
    for p in (ALL_BUT_ONE, DOUBLED):
        data = shipped(p)
        data["claim"]["first_width"] = 3
        assert isinstance(refused(data), Malformed)


@at_families
@pytest.mark.parametrize("edit", ["centre", "radii", "slope", "gap"])
def test_an_error_in_any_piece_is_refused_there(p: int, edit: str) -> None:
    for k in (1, 12, 60) if p == DOUBLED else range(1, len(shipped(p)["claim"]["tube"]), 3):
        data = shipped(p)
        piece = data["claim"]["tube"][k]
        if edit == "gap":
            del data["claim"]["tube"][k]
        elif edit == "radii":
            piece["radii"][0] = "0x1p-60"
        else:
            piece[edit][1] = "0x3p0"
        error = refused(data)
        assert f"piece {k}" in str(error) or f"piece, {k - 1}," in str(error)


@at_families
def test_every_block_is_looked_at(p: int, monkeypatch: pytest.MonkeyPatch) -> None:
    module, c = CHECKED[p], read(PLACES[p].read_bytes())
    right, data = module.blocks, shipped(p)
    assert isinstance(c, Tube)
    for name in ("trivial", "standard n", "antisymmetric n", "ambient n", "ambient trivial"):

        def wrong(x: Any, r: Any, shift: Any, name: str = name) -> Any:
            for other, matrix in right(x, r, shift):
                yield other, [[fixed(Arithmetic(80), (-1, -1), 1)]] if other == name else matrix

        monkeypatch.setattr(module, "blocks", wrong)
        assert "curvature" in str(refused(data))
        with pytest.raises(Rejected, match=f"block {name} "):
            tube._check_piece(frame(c.pieces[-1], Arithmetic(c.precision)), c, (0, 0), Arithmetic(c.precision))


def shipped_points(p: int) -> Iterator[tuple[Data, list[Fraction], int]]:
    """Claim, scaled unknowns and n of the points in proofs/families."""
    folder = PROOFS / "families"
    if p == ALL:
        for path in sorted((folder / "all-turned").glob("*.cert.json")):
            claim = json.loads(path.read_bytes())["claim"]
            k = claim["students"]
            [[other, step]] = [[number(x) for x in row] for row in claim["centre"]]
            yield claim, [(other + step + 1) * k, other * k], k
        return
    if p == DOUBLED:
        for path in sorted((folder / "one-more-alpha").glob("*.cert.json")):
            claim = json.loads(path.read_bytes())["claim"]
            n = claim["dimension"] - 1
            (b, c, step), *rest = [[number(x) for x in row] for row in claim["centre"]]
            (t, s, _), (d, e, _) = sorted(rest, key=lambda row: -row[1])
            root = Fraction(isqrt(n * 2**240), 2**120)
            yield claim, [(b + step - 1) * n * root, b * n**2, c * n, (e + 1) * root, d * n, t * n, s * root], n
        return
    for path in sorted(folder.glob("turned-p*-b/*.cert.json")):
        claim = json.loads(path.read_bytes())["claim"]
        if claim["signature"]["sizes"][0] == 1:
            n = claim["signature"]["sizes"][1]
            (a, c, _), (d, f, step) = [[number(x) for x in row] for row in claim["centre"]]
            yield claim, [(a - 1) * n, c * n, d * n * n, (f + step + 1) * n, f * n], n


@at_families
def test_shipped_points_lie_in_the_tube(p: int) -> None:
    """All turned: k = 6 to 10^12; all but one: k = 7 to 40; two against one teacher: 7 to 20 teachers."""
    claim = shipped(p)["claim"]
    ends = [number(piece["eps"][1]) for piece in claim["tube"]]
    seen = 0
    for found, unknowns, n in shipped_points(p):
        if found["dimension"] < claim["first_width"]:
            assert found["kind"] == "saddle"
            continue
        eps = Fraction(isqrt(2**240 // n), 2**120)
        piece = claim["tube"][next(i for i, end in enumerate(ends) if eps < end)]
        middle = (number(piece["eps"][0]) + number(piece["eps"][1])) / 2
        for x, c, s, r in zip(unknowns, piece["centre"], piece["slope"], piece["radii"], strict=True):
            assert abs(x - number(c) - number(s) * (eps - middle)) < number(r)
        low, high = (number(x) for x in found["loss"])
        factor, name = (n + 1, "scaled_loss") if p == DOUBLED else (1, "loss")
        assert number(claim[name][0]) <= factor * low <= factor * high <= number(claim[name][1])
        assert number(found["curvature"]) > number(claim["curvature"])
        seen += 1
    assert seen > (13 if p == DOUBLED else 30)


def test_domain() -> None:
    f = Arithmetic(80)
    with pytest.raises(Rejected, match="wrong sign"):
        all_turned.point([CheckerJet(f, (x << 80, x << 80)) for x in (5, 1)], CheckerJet(f, (f.one >> 1, f.one >> 1)))
    with pytest.raises(Rejected, match="wrong sign"):
        all_turned.point([CheckerJet(f, (x << 80, x << 80)) for x in (4, 1)], CheckerJet(f, (f.one >> 1, f.one >> 1)))
    wide = [CheckerJet(f, (3 << 80, 5 << 80)), CheckerJet(f, (1 << 80, 1 << 80))]
    with pytest.raises(Rejected, match="wrong sign"):
        all_turned.point(wide, CheckerJet(f, (f.one >> 1, f.one >> 1)))
    with pytest.raises(Rejected, match="square root"):
        all_turned.point([CheckerJet(f, (x << 80, x << 80)) for x in (2, 0)], CheckerJet(f, (f.one >> 2, f.one >> 2)))
    quarter = CheckerJet(f, (f.one >> 1, f.one >> 1))
    for first in ((-4, 1, 0, 1, 1), (1, 1, 0, 4, 1)):  # a = 0, e = 0
        with pytest.raises(Rejected, match="wrong sign"):
            but_one_turned.point([CheckerJet(f, (x << 80, x << 80)) for x in first], quarter)
    for first in (((-5, -3), 1, 0, 1, 1), (1, 1, 0, (3, 5), 1)):
        ends = [x if isinstance(x, tuple) else (x, x) for x in first]
        with pytest.raises(Rejected, match="wrong sign"):
            but_one_turned.point([CheckerJet(f, (a << 80, b << 80)) for a, b in ends], quarter)
    with pytest.raises(Rejected, match="square root"):
        but_one_turned.point([CheckerJet(f, (x << 80, x << 80)) for x in (1, 0, 0, 1, 1)], quarter)


@pytest.mark.parametrize(("unknown", "ends", "reason"), [
    (0, (-64, -64), "wrong sign"), (0, (-65, -63), "wrong sign"), (3, (4, 4), "wrong sign"), (3, (3, 5), "wrong sign"),
    (5, (0, 0), "wrong sign"), (5, (-1, 1), "wrong sign"), (6, (0, 0), "wrong sign"), (6, (-1, 1), "wrong sign"),
    (2, (40, 40), "acute"), (4, (-3, -3), "acute"), (4, (0, 0), "square root"), (4, (-1, 1), "square root"),
    (6, (-1.5, -1.5), "squared sine"),
])  # fmt: skip
def test_domain_of_two_against_one(unknown: int, ends: tuple[float, float], reason: str) -> None:
    f = Arithmetic(80)
    quarter = CheckerJet(f, (f.one >> 2, f.one >> 2))
    numbers = [CheckerJet(f, (round(x * 1024) << 70,) * 2) for x in (-0.3, -1.5, 1.8, 1.2, 0.6, 0.9, -0.7)]
    doubled.point(numbers, quarter)
    numbers[unknown] = CheckerJet(f, (int(ends[0] * f.one), int(ends[1] * f.one)))
    with pytest.raises(Rejected, match=reason):
        doubled.point(numbers, quarter)
