"""Tubes: what the checker accepts, that an error planted in any piece is refused there, and the shipped points."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import isqrt
from typing import Any

import numpy as np
import pytest
from turned_points import PROOFS, fixed, number

from certify.arithmetic import text
from certify.arithmetic.dyadic import normal
from certify.checker import Malformed, Rejected, patches, tube, turned, verify_bytes
from certify.checker.congruence import certainly_positive_definite
from certify.checker.intervals import Arithmetic
from certify.checker.jets import Jet, Laurent, powers_of
from certify.checker.pieces import Proven, check_glue, frame
from certify.checker.reader import read
from certify.checker.tube_format import Tube
from certify.checker.turned import Point, point
from certify.families.orbits import Pattern
from certify.families.signature import Signature
from certify.outcome import Undecided
from certify.proving.family import approximate_newton, prove_member
from certify.proving.tube import prove_all_sizes

Data = dict[str, Any]


@pytest.fixture(scope="module")
def small() -> Data:
    """p = 2 from k = 200 on: a few pieces."""
    result = prove_all_sizes(2, 200, 0.04)
    assert not isinstance(result, Undecided)
    data: Data = json.loads(result.certificate.content)
    return data


def refusal(data: Data) -> Rejected:
    with pytest.raises(Rejected) as caught:
        verify_bytes((json.dumps(data, sort_keys=True, separators=(",", ":")) + "\n").encode())
    return caught.value


def times(value: str, factor: Fraction) -> str:
    mantissa, exponent = value.split("p")
    return text(normal(int(mantissa, 16) * factor.numerator, int(exponent) - factor.denominator.bit_length() + 1))


def plus(value: str, step: Fraction) -> str:
    total = number(value) + step
    return text(normal(total.numerator, 1 - total.denominator.bit_length()))


def test_it_is_accepted(small: Data) -> None:
    verdict = verify_bytes((json.dumps(small, sort_keys=True, separators=(",", ":")) + "\n").encode())
    assert verdict.kind == "strict-local-minima-of-all-widths"
    assert "for every integer k >= 200" in verdict.sentence
    assert "S_(k-2) x S_2" in verdict.sentence


def centre(piece: Data) -> None:
    piece["centre"][3] = plus(piece["centre"][3], 2 * number(piece["radii"][3]))


def slope(piece: Data) -> None:
    length = number(piece["eps"][1]) - number(piece["eps"][0])
    ratio = 4 * number(piece["radii"][0]) / length
    step = Fraction(isqrt(int(ratio * 2**40) ** 2) + 1, 2**40)
    piece["slope"][0] = plus(piece["slope"][0], step)


def radius(piece: Data) -> None:
    piece["radii"][4] = times(piece["radii"][4], Fraction(1, 2))


def huge_radius(piece: Data) -> None:
    piece["radii"][1] = "0x1p8"


@pytest.mark.parametrize("edit", [centre, slope, radius, huge_radius])
def test_an_error_in_any_piece_is_refused_there(small: Data, edit: Callable[[Data], None]) -> None:
    for k in range(len(small["claim"]["tube"])):
        data = copy.deepcopy(small)
        edit(data["claim"]["tube"][k])
        error = refusal(data)
        assert f"piece {k}:" in str(error)
        assert error.step in ("existence", "domain", "precision")


def test_a_gap_is_refused(small: Data) -> None:
    for k in range(1, len(small["claim"]["tube"])):
        data = copy.deepcopy(small)
        del data["claim"]["tube"][k]
        error = refusal(data)
        assert error.step == "cover"
        assert f"piece {k}" in str(error) or f"piece, {k - 1}" in str(error)
        data = copy.deepcopy(small)
        data["claim"]["tube"][k]["eps"][0] = plus(data["claim"]["tube"][k]["eps"][0], Fraction(1, 2**40))
        assert str(refusal(data)).startswith(f"cover: piece {k} ")


def test_the_end(small: Data) -> None:
    """One width less is not covered; the last end is the claim's only slack."""
    data = copy.deepcopy(small)
    data["claim"]["first_width"] = 199
    assert "ends before the first width" in str(refusal(data))


@pytest.mark.parametrize(("key", "value", "step"), [
    ("curvature", "0x1p-3", "curvature"),
    ("scaled_loss", ["0x1p-2", "0x1p-2"], "loss"),
    ("scaled_loss", ["-0x1p2", "0x1p2"], "loss"),
])  # fmt: skip
def test_claims_that_say_too_much(small: Data, key: str, value: Any, step: str) -> None:
    data = copy.deepcopy(small)
    data["claim"][key] = value
    assert refusal(data).step == step


@pytest.mark.parametrize(("key", "value"), [("turned", 1), ("turned", 0), ("first_width", 4), ("kind", "saddle"),
                                            ("family", "other"), ("curvature", "-0x1p-3"), ("tube", [])])  # fmt: skip
def test_what_is_not_the_format(small: Data, key: str, value: Any) -> None:
    data = copy.deepcopy(small)
    data["claim"][key] = value
    with pytest.raises(Malformed):
        verify_bytes((json.dumps(data, sort_keys=True, separators=(",", ":")) + "\n").encode())


def test_what_the_matrix_is_does_not_matter(small: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a wrong sign, a row of zeros or rows exchanged nothing is accepted; a few wrong bits cost little."""
    content = (json.dumps(small, sort_keys=True, separators=(",", ":")) + "\n").encode()
    right = patches.approximate_inverse

    def changed(change: Callable[[list[list[int]]], Any]) -> Callable[..., list[list[int]]]:
        def inverse(*arguments: Any) -> list[list[int]]:
            rows = right(*arguments)
            change(rows)
            return rows

        return inverse

    def sign(rows: list[list[int]]) -> None:
        rows[2] = [-x for x in rows[2]]

    def zero(rows: list[list[int]]) -> None:
        rows[5] = [0] * 6

    for change in (sign, zero, list.reverse):
        monkeypatch.setattr(patches, "approximate_inverse", changed(change))
        with pytest.raises(Rejected) as caught:
            verify_bytes(content)
        assert caught.value.step == "existence"

    def blurred(rows: list[list[int]]) -> None:
        rows[:] = [[x | 0xFFF for x in row] for row in rows]

    monkeypatch.setattr(patches, "approximate_inverse", changed(blurred))
    assert verify_bytes(content).kind == "strict-local-minima-of-all-widths"


def test_the_approximate_inverse() -> None:
    f = Arithmetic(80)
    for rows in ([[2, 1], [1, 3]], [[0, 1], [1, 0]], [[0, 2, 1], [1, 0, 0], [3, 1, 5]]):
        inverse = patches.approximate_inverse([[(x << 80, x << 80) for x in row] for row in rows], f)
        product = np.array(inverse, float) @ np.array(rows, float) / 2**patches.INVERSE_BITS
        np.testing.assert_allclose(product, np.eye(len(rows)), atol=1e-8)
    for rows in ([[0, 0], [0, 0]], [[1, 2], [2, 4]]):
        with pytest.raises(Rejected, match="singular"):
            patches.approximate_inverse([[(x << 80, x << 80) for x in row] for row in rows], f)


def test_another_number_of_turned_students(small: Data) -> None:
    data = copy.deepcopy(small)
    data["claim"]["turned"] = 3
    assert refusal(data).step == "cover"
    data["claim"]["first_width"] = 210
    assert refusal(data).step == "existence"


def test_glue_needs_one_zero_inside_the_other_box() -> None:
    def proven(at: int, reach: list[int], radii: list[int]) -> Proven:
        return Proven([(at, at)] * 2, [(at, at)] * 2, reach, [(r, r) for r in radii])

    check_glue(proven(0, [4, 4], [9, 9]), proven(1, [3, 3], [5, 5]))
    check_glue(proven(0, [3, 3], [4, 4]), proven(1, [4, 4], [5, 9]))
    for pair in (
        (proven(0, [4, 4], [5, 9]), proven(2, [4, 4], [9, 5])),  # crossed boxes
        (proven(0, [4, 4], [5, 5]), proven(20, [4, 4], [5, 5])),  # disjoint boxes
    ):
        with pytest.raises(Rejected, match="continue"):
            check_glue(*pair)


def test_definiteness_of_small_interval_matrices() -> None:
    f = Arithmetic(80)

    def matrix(rows: list[list[float]], radius: float = 0.0) -> list[list[tuple[int, int]]]:
        return [[(int((x - radius) * f.one), int((x + radius) * f.one)) for x in row] for row in rows]

    assert certainly_positive_definite(matrix([[2.0], [1.0, 2.0]]), f)
    assert certainly_positive_definite(matrix([[2.0], [1.0, 2.0]], 0.3), f)
    assert not certainly_positive_definite(matrix([[2.0], [1.0, 2.0]], 0.51), f)
    assert not certainly_positive_definite(matrix([[1.0], [1.0, 1.0]]), f)
    assert not certainly_positive_definite(matrix([[1.0], [2.0, 1.0]]), f)
    assert not certainly_positive_definite(matrix([[-1.0]]), f)
    assert certainly_positive_definite(matrix([[1e-9], [0.0, 1.0]]), f)


def test_undecided_beyond_the_first_width() -> None:
    """The eigenvalues fall below 0.08 somewhere: pieces get ever shorter there."""
    result = prove_all_sizes(1, 1000, 0.0895)
    assert isinstance(result, Undecided)
    assert "too short near n = " in result.reason


def unknowns(claim: Data, p: int, n: int) -> list[Fraction]:
    """A1's unknowns of a point certificate's centre."""
    first, second = ([number(x) for x in row] for row in claim["centre"])
    h = Fraction(1, n)
    own = second[1] + second[2]
    result = [(first[0] + first[2] - 1) / h**2, first[0] / h**2, first[1] / h, second[0] / h, (own + 1) / h]
    return result if p == 1 else [*result, second[1] / h]


@pytest.mark.parametrize("p", range(1, 13))
def test_shipped_points_lie_in_the_tubes(p: int) -> None:
    """Every certified minimum of branch a at k >= k_min, up to 10^12, is in the section of the tube at its width."""
    tube = json.loads((PROOFS / "all-sizes" / f"turned-p{p:02d}" / "certificate.cert.json").read_bytes())["claim"]
    ends = [number(piece["eps"][1]) for piece in tube["tube"]]
    seen = 0
    for path in sorted((PROOFS / "families" / f"turned-p{p:02d}-a").glob("*.cert.json")):
        claim = json.loads(path.read_bytes())["claim"]
        k = claim["students"]
        if k < tube["first_width"]:
            assert claim["kind"] == "saddle"
            continue
        assert claim["kind"] == "strict-local-minimum"
        low, high = (number(x) for x in claim["loss"])
        assert number(tube["scaled_loss"][0]) <= k * low
        assert k * high <= number(tube["scaled_loss"][1])
        assert number(claim["curvature"]) > number(tube["curvature"])
        line, radii = section(tube, ends, k - p)
        for x, y, r in zip(unknowns(claim, p, k - p), line, radii, strict=True):
            assert abs(x - y) < r
        seen += 1
    assert seen >= 38


def section(tube: Data, ends: Sequence[Fraction], n: int) -> tuple[list[Fraction], list[Fraction]]:
    """The line and the radii at this size."""
    eps = Fraction(isqrt(2**240 // n), 2**120)
    piece = tube["tube"][next(i for i, end in enumerate(ends) if eps < end)]
    middle = (number(piece["eps"][0]) + number(piece["eps"][1])) / 2
    line = [number(c) + number(s) * (eps - middle) for c, s in zip(piece["centre"], piece["slope"], strict=True)]
    return line, [number(r) for r in piece["radii"]]


@pytest.mark.parametrize("p", range(1, 13))
def test_points_up_to_200_lie_in_the_tubes(p: int) -> None:
    """Proved one by one, k from the first width to 200 in steps of 7: Newton from the line ends inside the section."""
    check_points(p, 7)


@pytest.mark.long
@pytest.mark.parametrize("p", range(1, 13))
def test_all_points_up_to_200_lie_in_the_tubes(p: int) -> None:
    check_points(p, 1)


def check_points(p: int, step: int) -> None:
    path = PROOFS / "all-sizes" / f"turned-p{p:02d}" / "certificate.cert.json"
    tube = json.loads(path.read_bytes())["claim"]
    ends = [number(piece["eps"][1]) for piece in tube["tube"]]
    for k in range(tube["first_width"], 201, step):
        n, h = k - p, 1 / (k - p)
        line, radii = section(tube, ends, n)
        al, be, ga, de, et, *ph = map(float, line)
        own, other, turned = 1 + h * h * al, h * h * be, -1 + h * et
        signature = Signature((n, p), (0, None if p == 1 else 1))
        second = Pattern((h * de, turned), 0.0) if p == 1 else Pattern((h * de, h * ph[0]), turned - h * ph[0])
        patterns = approximate_newton(signature, [Pattern((other, h * ga), own - other), second], (1.0, 0.0))
        outcome = prove_member(signature, patterns)
        assert outcome.name == "proved"
        claim = json.loads(outcome.certificate.content)["claim"]
        assert claim["kind"] == "strict-local-minimum"
        assert number(claim["curvature"]) > number(tube["curvature"])
        for x, y, r in zip(unknowns(claim, p, n), line, radii, strict=True):
            assert abs(x - y) < r


@pytest.mark.parametrize("p", [1])
def test_the_shipped_certificate(p: int) -> None:
    path = PROOFS / "all-sizes" / f"turned-p{p:02d}" / "certificate.cert.json"
    assert len(path.read_bytes()) < 300_000
    assert "k >= 6" in verify_bytes(path.read_bytes()).sentence


def test_the_curvature_is_that_of_the_last_width() -> None:
    """The smallest eigenvalue at k = 6 is 0.0047003: the last piece is good for 0.0046 and not for 0.00471."""
    c = read((PROOFS / "all-sizes" / "turned-p01" / "certificate.cert.json").read_bytes())
    assert isinstance(c, Tube)
    f = Arithmetic(c.precision)
    less, more = (f.exact(*normal(int(x * 2**60), -60)) for x in (6.2831854 * 0.0046, 6.2831853 * 0.00471))
    tube._check_piece(frame(c.pieces[-1], f), c, less, f)
    with pytest.raises(Rejected, match="block standard n"):
        tube._check_piece(frame(c.pieces[-1], f), c, more, f)


def test_first_widths_shipped() -> None:
    widths = {}
    for path in (PROOFS / "all-sizes").glob("turned-*/certificate.cert.json"):
        claim = json.loads(path.read_bytes())["claim"]
        widths[claim["turned"]] = claim["first_width"]
    assert widths == dict(zip(range(1, 13), (6, 8, 10, 11, 13, 15, 16, 18, 19, 20, 22, 23), strict=True))


def test_the_table_agrees_with_the_claims() -> None:
    rows = {}
    for line in (PROOFS / "all-sizes" / "README.md").read_text().splitlines():
        if line.startswith("| ["):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            rows[cells[0][1:].split("]")[0]] = cells
    assert list(rows) == [*map(str, range(1, 13)), "all", "all but one", "doubled"]
    for p, cells in rows.items():
        path = (
            PROOFS
            / "all-sizes"
            / (f"turned-p{p:>02}" if p.isdigit() else p if p == "doubled" else p.replace(" ", "-") + "-turned")
            / "certificate.cert.json"
        )
        claim = json.loads(path.read_bytes())["claim"]
        low, high = (Fraction(x) for x in cells[3].split(" to "))
        assert int(cells[1]) == claim["first_width"]
        assert Fraction(cells[2]) <= number(claim["curvature"]) < Fraction(cells[2]) * Fraction(1001, 1000)
        loss = claim["loss" if p.startswith("all") else "scaled_loss"]
        assert low <= number(loss[0]) < low + Fraction(1, 1000)
        assert high - Fraction(1, 1000) < number(loss[1]) <= high
        assert [int(x) for x in cells[5:]] == [len(claim["tube"]), path.stat().st_size]


def test_the_two_evaluations(small: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the centre, and on the whole box with all of eps."""
    seen: list[tuple[list[tuple[int, int]], tuple[int, int]]] = []

    def spy(unknowns: Sequence[Jet], eps: Jet, p: int) -> Point:
        seen.append(([x.value for x in unknowns], eps.value))
        return point(unknowns, eps, p)

    monkeypatch.setattr(turned, "point", spy)
    verify_bytes((json.dumps(small, sort_keys=True, separators=(",", ":")) + "\n").encode())
    unit = Fraction(1, 2 ** small["witness"]["precision"])
    assert len(seen) == 2 * len(small["claim"]["tube"])
    for k, piece in enumerate(small["claim"]["tube"]):
        (centre, middle), (box, over) = seen[2 * k : 2 * k + 2]
        low, high = (number(x) for x in piece["eps"])
        assert middle[0] * unit <= (low + high) / 2 <= middle[1] * unit
        assert over[0] * unit <= low < high <= over[1] * unit
        for i, (c, s, r) in enumerate(zip(piece["centre"], piece["slope"], piece["radii"], strict=True)):
            reach = abs(number(s)) * (high - low) / 2
            assert centre[i][0] * unit <= number(c) <= centre[i][1] * unit
            assert box[i][0] * unit <= number(c) - reach - number(r)
            assert number(c) + reach + number(r) <= box[i][1] * unit


def test_refusals_of_the_arithmetic() -> None:
    f = Arithmetic(80)
    jet = Jet(f, (0, f.one - 1))
    with pytest.raises(Rejected, match="7/8"):
        jet.arcsine_ratio()
    with pytest.raises(Rejected, match="7/8"):
        jet.arcsine_rest()
    with pytest.raises(Rejected, match="square root"):
        jet.sqrt()
    one = (f.one, f.one)
    with pytest.raises(Rejected, match="negative power"):
        Laurent([powers_of(fixed(f, one), 4)], fixed(f, one), -2).at(1)
    for own in (-4, 16):  # a = 1 + alpha / 4 and e = -1 + eta / 4 with the wrong sign
        numbers = [own if own < 0 else 1, 1, 2, 1, own if own > 0 else 1]
        at = [Jet(f, (x << f.bits, x << f.bits)) for x in numbers]
        with pytest.raises(Rejected, match="wrong sign"):
            point(at, Jet(f, (f.one, f.one)), 1)
