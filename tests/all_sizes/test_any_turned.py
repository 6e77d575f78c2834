"""All widths and any number of turned students: formulas, steps of the theorem, planted errors (A14)."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import count
from math import isqrt
from typing import Any

import numpy as np
import pytest
from turned_points import PROOFS, at_point, fixed, inside, interval, number, rows_at_point

from certify.arithmetic import Ball, dyadic_ball, precision
from certify.arithmetic.jets import Jet, mapped, variables
from certify.checker import Malformed, Rejected, any_turned, surface, verify_bytes
from certify.checker.intervals import Arithmetic
from certify.checker.jets import Jet as CheckerJet
from certify.checker.reader import read
from certify.checker.surface_format import Leaf, Split, Surface, Tree
from certify.families import any_turned as ours
from certify.families.any_turned_blocks import blocks
from certify.families.branch import evaluate, point_blocks
from certify.families.numbers import ball_numbers
from certify.families.orbits import Geometry, Pattern
from certify.outcome import Undecided
from certify.proving import surface as proving
from certify.proving.surface import prove_any_turned

Data = dict[str, Any]
PLACE = PROOFS / "all-sizes" / "any-turned" / "certificate.cert.json"
UNKNOWNS = (1.3, -1.1, 1.8, 1.2, 3.1, 1.7)
CASES = [(13, 3), (40, 11), (5, 4), (200, 150)]
at_cases = pytest.mark.parametrize(("n", "p"), CASES)


def parameters(n: int, p: int) -> tuple[list[Ball], Ball, Ball]:
    one = dyadic_ball((1, 0))
    return [dyadic_ball((round(x * 2**20), -20)) for x in UNKNOWNS], (one * p / n).sqrt(), 1 / (one * p).sqrt()


def entries(xi: Sequence[Ball], n: int, p: int) -> tuple[Ball, ...]:
    al, be, ga, de, et, ph = xi
    scale = dyadic_ball((p, 0)) / n / n
    return 1 + scale * al, scale * be, ga / n, de / n, et / n - 1, ph / n


def checked(xi: Sequence[Ball], share: Ball, kappa: Ball, f: Arithmetic) -> any_turned.Point:
    one, zero = (f.one, f.one), (0, 0)
    seeds = [[one if i == k else zero for k in range(8)] for i in range(8)]
    jets = [CheckerJet(f, interval(x, f), s) for x, s in zip((*xi, share, kappa), seeds, strict=True)]
    return any_turned.point(jets[:6], *jets[6:])


@at_cases
def test_the_system_is_the_gradient(n: int, p: int) -> None:
    """Each equation is the stated combination of the generic gradient's entries."""
    with precision(300):
        xi, share, kappa = parameters(n, p)
        v = ours.values([Jet(x) for x in xi], Jet(share), Jet(kappa))
        a, b, c, d, e, f = entries(xi, n, p)
        one = dyadic_ball((1, 0))
        place = Geometry(
            (n, p), (0, 1), [Pattern((b, c), a - b), Pattern((d, f), e - f)], (one, one * 0), ball_numbers()
        )
        first, second = place.gradient()
        rho, h = dyadic_ball((p, 0)) / n, one / n
        gb, gc = first.base[0] / rho, first.base[1]
        ga = gb + first.delta / rho
        gd, gf = second.base
        tilt = rho * v.norms[0].value / (v.norms[1].value * a)
        expected = [ga, gb, gc, (gd - rho * gb) / h, (gf + second.delta - gc + tilt * (ga - gb)) / h, (gf - gc) / h]
        assert all(abs(x.value - y) < 1e-60 for x, y in zip(ours.reduced(v), expected, strict=True))


@at_cases
def test_both_codes_agree(n: int, p: int) -> None:
    f = Arithmetic(160)
    with precision(300):
        xi, share, kappa = parameters(n, p)
        *unknowns, first, second = variables([*xi, share, kappa])
        v = ours.values(unknowns, first, second)
        at = checked(xi, share, kappa, f)
        for mine, other in zip(ours.reduced(v), any_turned.gradient(at), strict=True):
            for ball, found in zip([mine.value, *mine.slopes], [other.value, *other.slopes], strict=True):
                assert inside(ball, found, f)
                assert found[1] - found[0] < 1 << 60
        mine, theirs = blocks(mapped(lambda x: Jet(x.value), v)), dict(any_turned.blocks(at_point(at)))
        assert set(mine) == set(theirs)
        for name, matrix in theirs.items():
            for i, row in enumerate(matrix):
                for j, found in enumerate(row):
                    assert inside(mine[name][i][j].value, found.value, f)


@at_cases
def test_the_blocks_are_those_of_one_parameter(n: int, p: int) -> None:
    """On the other basis; also where nothing is critical."""
    with precision(300):
        xi, share, kappa = parameters(n, p)
        found = blocks(ours.values([Jet(x) for x in xi], Jet(share), Jet(kappa)))
        eps = 1 / dyadic_ball((n, 0)).sqrt()
        same = [xi[0] * p, xi[1] * p, *xi[2:]]
        known = point_blocks(evaluate(variables(same), Jet(eps, [eps * 0] * 6), p), p, eps * 0)
        e, k = n**-0.5, p**-0.5
        moved = {
            "standard n": ((1, e, e * e, 1, 1), [[1, 0, 0, 0, 0], [0, e, 0, 0, 0], [0, 0, e * e, 0, 0], [0, 0, 0, k, 0],
                                                 [0, 0, -k * p / (n - 1), 0, k]]),
            "standard p": ((1, 1, 1, e, e * e), [[1, 0, 0, 0, 0], [0, k, 0, 0, 0], [0, 0, k, 0, -k * (p - 1) / n],
                                                 [0, 0, 0, e, 0], [0, 0, 0, 0, e * e]]),
            "ambient trivial": ((e * e, 1), [[e * e, 0], [-k * p / n, k]]),
        }  # fmt: skip
        names = {"product": "standard n x standard p"}
        for name, matrix in known.items():
            if name == "trivial":
                continue
            expected, mine = (
                np.array([[float(x.value) for x in row] for row in m]) for m in (matrix, found[names.get(name, name)])
            )
            if name in moved:
                scales, basis = moved[name]
                raw = expected / np.outer(scales, scales)
                expected = np.array(basis) @ raw @ np.array(basis).T
            assert np.allclose(mine, expected, atol=1e-11)


@at_cases
def test_the_trivial_block(n: int, p: int) -> None:
    """By the derivatives of the system, at a zero of it: those of the generic reduced gradient."""
    f = Arithmetic(200)
    with precision(300):
        xi, share, kappa = parameters(n, p)
        flat = [share * 0] * 6
        for _ in range(60):
            system = ours.reduced(ours.values(variables(xi), Jet(share, flat), Jet(kappa, flat)))
            jacobian = np.array([[float(x) for x in row.slopes] for row in system])
            step = np.linalg.solve(jacobian, [float(x.value) for x in system])
            xi = [(x - dyadic_ball((round(s * 2**250), -250))).mid() for x, s in zip(xi, step, strict=True)]
        if max(map(abs, step)) > 1e-50:
            pytest.fail("no convergence at this size")
        at = checked(xi, share, kappa, f)
        found = any_turned.trivial(at_point(at), rows_at_point(any_turned.gradient(at), 6))
        eps = 1 / dyadic_ball((n, 0)).sqrt()
        same = [xi[0] * p, xi[1] * p, *xi[2:]]
        known = point_blocks(evaluate(variables(same), Jet(eps, [eps * 0] * 6), p), p, eps * 0)["trivial"]
        powers = [float(eps) ** w for w in (2, 3, 2, 1, 0, 0)]
        for i, row in enumerate(found):
            for j, x in enumerate(row):
                expected = float(known[i][j].value) / powers[i] / powers[j]
                assert sum(x.value) / (2 * f.one) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def shipped() -> Data:
    data: Data = json.loads(PLACE.read_bytes())
    return data


@pytest.fixture(scope="module")
def small() -> Data:
    """A quick certificate."""
    result = prove_any_turned(40, (30, 1))
    assert not isinstance(result, Undecided)
    data: Data = json.loads(result.certificate.content)
    assert len(data["claim"]["surface"]) == 2 * result.rectangles - 1
    return data


def content(data: Data) -> bytes:
    return (json.dumps(data, sort_keys=True, separators=(",", ":")) + "\n").encode()


def refused(data: Data) -> Exception:
    with pytest.raises((Rejected, Malformed)) as caught:
        verify_bytes(content(data))
    return caught.value


def rectangles(data: Data) -> list[int]:
    return [i for i, entry in enumerate(data["claim"]["surface"]) if isinstance(entry, list)]


def test_a_theorem(small: Data) -> None:
    sentence = verify_bytes(content(small)).sentence
    assert "for all integers p >= 40 and k with k - p >= 30 p" in sentence
    assert "it is a strict local minimum in R^D for every D >= k; it is not a global minimum" in sentence


@pytest.mark.parametrize(("key", "value", "step"), [
    ("least_turned", 39, "cover"), ("ratio", [29, 1], "cover"), ("share", "0x1p-3", "cover"),
    ("kappa", "0x1p-3", "cover"), ("kappa", "0x1p0", "cover"), ("share", "0x1p3", "cover"),
    ("kappa", "0xfp-4", ""), ("share", "0x1p-1", ""),
])  # fmt: skip
def test_claims_that_say_too_much(small: Data, key: str, value: Any, step: str) -> None:
    """The last two stretch the rectangles over more than they hold for, the two before over p <= 1 and n <= 1."""
    data = json.loads(content(small))
    data["claim"][key] = value
    error = refused(data)
    assert isinstance(error, Rejected)
    assert error.step == step or not step


@pytest.mark.parametrize("edit", ["centre", "radii", "slopes", "wide"])
def test_an_error_in_any_rectangle_is_refused_there(small: Data, edit: str) -> None:
    for k in rectangles(small):
        data = json.loads(content(small))
        entry = data["claim"]["surface"][k]
        bits = data["claim"]["bits"]
        if edit == "wide":
            for row in entry:
                row[3] = 1 << bits[3]
        elif edit == "radii":
            entry[0][3] = 1
        elif edit == "slopes":
            entry[1][1:3] = [24 << bits[1], 24 << bits[2]]
        else:
            entry[1][0] = 3 << bits[0]
        assert f"entry {k}: " in str(refused(data))


def test_the_tree(small: Data) -> None:
    """A rectangle left out, doubled, or halved the other way; nothing after the last one; and a limit of depth."""
    for edit in ("less", "more", "turned", "word", "deep", "none"):
        data = json.loads(content(small))
        nodes = data["claim"]["surface"]
        if edit == "less":
            del nodes[-1]
        if edit == "more":
            nodes.append(nodes[-1])
        if edit == "turned":
            nodes[0] = "kappa" if nodes[0] == "share" else "share"
        if edit == "word":
            nodes[0] = "other"
        if edit == "deep":
            nodes[:0] = ["share"] * 41
        if edit == "none":
            data["claim"]["surface"] = []
        error = refused(data)
        assert isinstance(error, Malformed) == (edit != "turned")


@pytest.mark.parametrize("change", [
    {"family": "all-turned"}, {"kind": "strict-local-minima-of-all-widths"}, {"landscape": "other"},
    {"least_turned": 2}, {"ratio": [1]}, {"ratio": [0, 1]}, {"share": "-0x1p-1"}, {"share": "0x3p-17"}, {"tube": []},
    {"surface": "share"}, {"bits": [24, 14, 14]}, {"bits": [24, 14, 14, -1]}, {"bits": [24, 14, 14, 10**9]},
    {"surface": [[[1, 1, 1, 1]] * 5]}, {"surface": [[[1, 1, 1, 0]] * 6]}, {"surface": [[[1, 1, 1]] * 6]},
    {"surface": [[[1, 1, 1, 1.5]] * 6]}, {"surface": [[[1 << 300, 1, 1, 1]] * 6]}, {"surface": [True]},
])  # fmt: skip
def test_what_is_not_the_format(small: Data, change: Data) -> None:
    data = json.loads(content(small))
    data["claim"].update(change)
    assert isinstance(refused(data), Malformed)


@pytest.mark.parametrize("start", [-1, 10**6, "0", None, 0])
def test_the_start(small: Data, start: Any) -> None:
    """It is the position of a rectangle; the first entry is none."""
    data = json.loads(content(small))
    data["witness"]["start"] = start
    assert isinstance(refused(data), Rejected if start == 0 else Malformed)


def test_every_block_is_looked_at(small: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    right, first = any_turned.blocks, rectangles(small)[0]
    names = [name for name, _ in right(at_point(checked(*parameters(13, 3), Arithmetic(100))))]
    assert len(names) == 8
    for name in names:

        def wrong(x: Any, name: str = name) -> Iterator[Any]:
            for other, matrix in right(x):
                yield other, [[fixed(Arithmetic(80), (-1, -1), 2)]] if other == name else matrix

        monkeypatch.setattr(any_turned, "blocks", wrong)
        assert f"entry {first}: the block {name} " in str(refused(small))
    monkeypatch.undo()
    monkeypatch.setattr(any_turned, "trivial", lambda x, rows: [[fixed(Arithmetic(80), (-1, -1), 2)]])
    assert f"entry {small['witness']['start']}: the trivial block " in str(refused(small))


def meetings(places: Sequence[tuple[Leaf, surface.Sides]]) -> set[tuple[int, int]]:
    """Positions of every two rectangles that share more than a point, the lower first; by comparing all."""
    result = set()
    for one, a in places:
        for other, b in places:
            for axis in (0, 1):
                low, high = max(a[1 - axis][0], b[1 - axis][0]), min(a[1 - axis][1], b[1 - axis][1])
                if a[axis][1] == b[axis][0] and low < high:
                    result.add((one.number, other.number))
    return result


def test_glue(small: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every two rectangles with a common side are compared; planes that are apart are refused."""
    c = read(content(small))
    assert isinstance(c, Surface)
    f = Arithmetic(c.precision)
    places = list(surface._leaves(c.tree, ((0, f.exact(*c.ends[0])[0]), (0, f.exact(*c.ends[1])[0]))))
    area = sum((s[1] - s[0]) * (k[1] - k[0]) for _, (s, k) in places)
    assert area == f.exact(*c.ends[0])[0] * f.exact(*c.ends[1])[0]
    seen = []
    right = surface._check_glue

    def counted(before: surface.Proven, after: surface.Proven, axis: int, f: Arithmetic) -> None:
        seen.append((before.leaf.number, after.leaf.number))
        right(before, after, axis, f)

    monkeypatch.setattr(surface, "_check_glue", counted)
    verify_bytes(content(small))
    assert sorted(seen) == sorted(meetings(places))
    monkeypatch.setattr(surface.Proven, "plane", lambda self, corner, f: [(self.leaf.number << 80,) * 2] * 6)
    with pytest.raises(Rejected, match="glue"):
        verify_bytes(content(small))


@pytest.mark.parametrize("seed", range(8))
def test_what_meets_in_any_tree(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each pair once, on its side, and no pair without a common side."""
    rng, numbers = random.Random(seed), count()

    def grown(depth: int) -> Tree:
        if depth == 0 or rng.random() < 0.15:
            return Leaf(next(numbers), [], [], [])
        return Split(rng.randrange(2), (grown(depth - 1), grown(depth - 1)))

    tree, seen = Split(seed % 2, (grown(6), grown(6))), []
    places = list(surface._leaves(tree, ((0, 3 << 20), (0, 1 << 20))))

    def seeing(before: surface.Proven, after: surface.Proven, axis: int, _f: Arithmetic) -> None:
        assert before.sides[axis][1] == after.sides[axis][0]
        seen.append((before.leaf.number, after.leaf.number))

    monkeypatch.setattr(surface, "_check_glue", seeing)
    surface._glue(tree, {leaf.number: surface.Proven(leaf, sides, [], []) for leaf, sides in places}, Arithmetic(64))
    assert sorted(seen) == sorted(meetings(places))


def test_rectangles_that_do_not_agree_are_halved(monkeypatch: pytest.MonkeyPatch, small: Data) -> None:
    right, calls = proving._agree, iter([True, False, True, False])
    monkeypatch.setattr(proving, "_agree", lambda *meeting: next(calls, True) and right(*meeting))
    result = prove_any_turned(40, (30, 1))
    assert not isinstance(result, Undecided)
    assert result.rectangles > len(rectangles(small))
    assert verify_bytes(result.certificate.content)
    monkeypatch.setattr(proving, "_agree", lambda *meeting: False)
    monkeypatch.setattr(proving, "ROUNDS", 1)
    assert isinstance(prove_any_turned(40, (30, 1)), Undecided)


def test_regions_without_a_proof() -> None:
    outcome = prove_any_turned(13, (1, 8))
    assert isinstance(outcome, Undecided)
    assert isinstance(prove_any_turned(3, (1, 2)), Undecided)


@pytest.mark.long
def test_the_shipped_certificate() -> None:
    verdict = verify_bytes(PLACE.read_bytes())
    assert "for all integers p >= 13 and k with 5 (k - p) >= 6 p" in verdict.sentence


def test_shipped_points_lie_on_the_surface() -> None:
    """Points of integer sizes, proved one by one: within the radii of the rectangle of their parameters."""
    c = read(PLACE.read_bytes())
    assert isinstance(c, Surface)
    f = Arithmetic(c.precision)
    places = list(surface._leaves(c.tree, ((0, f.exact(*c.ends[0])[0]), (0, f.exact(*c.ends[1])[0]))))
    seen = 0
    for path in sorted((PROOFS / "families").glob("turned-p1[3-9]-a/*.cert.json")):
        claim = json.loads(path.read_bytes())["claim"]
        n, p = claim["signature"]["sizes"]
        if claim["kind"] == "saddle" or not 5 * n >= 6 * p:
            continue
        (b, c_, step), (d, other, turn) = [[number(x) for x in row] for row in claim["centre"]]
        scale = Fraction(p, n * n)
        unknowns = [(b + step - 1) / scale, b / scale, c_ * n, d * n, (other + turn + 1) * n, other * n]
        corner = [isqrt((p << 2 * f.bits) // n), isqrt((1 << 2 * f.bits) // p)]
        leaf, sides = next(
            (leaf, sides) for leaf, sides in places
            if all(low <= x < high for x, (low, high) in zip(corner, sides, strict=True))
        )  # fmt: skip
        plane = surface.Proven(leaf, sides, [], []).plane(corner, f)
        for x, (low, high), r in zip(unknowns, plane, leaf.radii, strict=True):
            assert abs(x - Fraction(low + high, 2 * f.one)) < r[0] * Fraction(2) ** r[1]
        seen += 1
    assert seen > 20


def test_glue_needs_room_for_the_zero(small: Data) -> None:
    """The zero is within reach of its plane: planes that are apart by less than a radius are not enough."""
    c = read(content(small))
    assert isinstance(c, Surface)
    f = Arithmetic(c.precision)
    radius, sides = f.one >> 8, ((0, f.one), (0, f.one))
    flat = [[(0, 0), (0, 0)]] * 6
    before = Leaf(0, [(0, 0)] * 6, flat, [(1, -8)] * 6)
    after = Leaf(1, [(1, -9)] * 6, flat, [(1, -8)] * 6)  # half a radius apart

    def glued(first: int, second: int) -> None:
        radii = [(radius, radius)] * 6
        one = surface.Proven(before, sides, [first] * 6, radii)
        other = surface.Proven(after, ((f.one, 2 * f.one), sides[1]), [second] * 6, radii)
        surface._check_glue(one, other, 0, f)

    half = radius >> 1
    glued(half, radius)
    glued(radius, half)
    with pytest.raises(Rejected, match="glue"):
        glued(half + 1, half + 1)


def test_three_followers_at_least(small: Data) -> None:
    """p = 40 and n >= p / 20 allow two followers, in a region that has all these parameters."""
    c = read(content(small))
    assert isinstance(c, Surface)
    ends = (5, 0), (11, -6)
    surface._check_region(replace(c, ratio=(3, 40), ends=ends))
    with pytest.raises(Rejected, match="less than 3 students"):
        surface._check_region(replace(c, ratio=(2, 40), ends=ends))
