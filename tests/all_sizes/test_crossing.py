"""Crossings of an eigenvalue: pivots and speeds, what the checker accepts, and that planted errors are refused."""

from __future__ import annotations

import copy
import json
import math
import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import isqrt
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from turned_points import (
    CASES,
    FACTORS,
    PROOFS,
    checked,
    checked_blocks,
    checker_jets,
    fixed,
    geometry,
    inside,
    number,
    unknowns,
)

from certify.arithmetic import Ball, ball_matrix, dyadic_ball, precision, text
from certify.arithmetic.dyadic import normal
from certify.arithmetic.jets import Jet, variables
from certify.checker import Malformed, Rejected, crossing, turned_blocks, verify_bytes
from certify.checker import pieces as joined
from certify.checker.crossing import WATCHED
from certify.checker.intervals import Arithmetic
from certify.checker.jets import Moving
from certify.checker.pieces import frame
from certify.checker.reader import read
from certify.checker.sentence import sentence
from certify.checker.tube import examine
from certify.checker.tube_format import Crossing, Piece
from certify.checker.turned_blocks import STANDARD
from certify.families.blocks import hessian_blocks
from certify.families.branch import evaluate, exact, last_pivot, point_blocks, solve
from certify.outcome import Undecided
from certify.proving.crossing import prove_crossing

Data = dict[str, Any]
SHIPPED = list(range(1, 13))
FOLDER = PROOFS / "crossings"
FIRST = FOLDER / "turned-p01" / "certificate.cert.json"


def canonical(data: Data) -> bytes:
    return (json.dumps(data, sort_keys=True, separators=(",", ":")) + "\n").encode()


def shipped() -> Crossing:
    c = read(FIRST.read_bytes())
    assert isinstance(c, Crossing)
    return c


@pytest.fixture(scope="module")
def first() -> Data:
    data: Data = json.loads(FIRST.read_bytes())
    return data


def refusal(data: Data) -> Rejected:
    with pytest.raises(Rejected) as caught:
        verify_bytes(canonical(data))
    return caught.value


@pytest.mark.parametrize("factors", FACTORS)
@pytest.mark.parametrize(("p", "n"), CASES)
def test_the_last_pivot(p: int, n: int, factors: tuple[float, ...]) -> None:
    """Where the block without T3 is positive: the quotient of determinants of the generic block; else refused.

    The generic basis is T1 + T3, T1 + T2, T4, T1, T5 with |u|^2 = 2; T3 is scaled by eps^2.
    """
    f = Arithmetic(200)
    with precision(300):
        xi, eps = unknowns(p, factors), 1 / dyadic_ball((n, 0)).sqrt()
        state = evaluate(variables(xi), Jet(eps, [eps * 0] * len(xi)), p)
        ours = last_pivot(point_blocks(state, p, eps * 0)[STANDARD], WATCHED.order).value
        block = next(b.matrix for b in hessian_blocks(geometry(xi, n, p)) if b.name == "standard 0")
        rest = [row[1:] for row in block[1:]]
        found = checked_blocks(checked(*checker_jets(xi, eps, f), p), p, (0, 0))[STANDARD]
        theirs = [[fixed(f, x) for x in row] for row in found]
        if not np.linalg.eigvalsh(np.array([[float(x.mid()) for x in row] for row in rest]))[0] > 0:
            assert not ours > 0
            with pytest.raises(Rejected, match="pivot"):
                crossing.last_pivot(theirs, WATCHED)
            return
        expected = ball_matrix(block).det() / ball_matrix(rest).det() / 2 / n**2
        assert abs(ours - expected) < 1e-50
        assert inside(ours, crossing.last_pivot(theirs, WATCHED).value, f)


def check_crossing(piece: Piece, found: Moving, c: Crossing, f: Arithmetic) -> None:
    """The checker's look at the piece of the crossing."""
    crossing.check_crossing(piece, found, frame(piece, f).half, c)


def pivot(c: Crossing, piece: Piece) -> Moving:
    """The checker's, at the zeros of the piece."""
    f = Arithmetic(c.precision)
    found = examine(frame(piece, f), c.turned, f)
    return crossing.last_pivot(dict(found.blocks((0, 0)))[STANDARD], WATCHED)


def exact_pivot(c: Crossing, eps: Ball, guess: Sequence[tuple[int, int]]) -> Ball:
    """At the zero, without slopes."""
    xi = solve([dyadic_ball(x) for x in guess], eps, c.turned, 80)
    assert xi is not None
    state = evaluate(variables([exact(x) for x in xi]), Jet(eps, [eps * 0] * len(xi)), c.turned)
    return last_pivot(point_blocks(state, c.turned, eps * 0)[STANDARD], WATCHED.order).value


def true_speed(c: Crossing, piece: Piece) -> float:
    """Of the pivot along the curve, in the middle of the piece."""
    with precision(300):
        eps, step = (dyadic_ball(piece.low) + dyadic_ball(piece.high)) / 2, dyadic_ball((1, -60))
        low, high = (exact_pivot(c, eps + side * step, piece.centre) for side in (-1, 1))
        return float(((high - low) / (2 * step)).mid())


def test_the_speed_is_bounded() -> None:
    """At and beside the crossing; also where the slope of the line is wrong by far more than the pieces need."""
    c = shipped()
    one = 2.0**c.precision
    for k in (c.monotone[0], c.crossing - 1, c.crossing, c.crossing + 1, c.monotone[1]):
        ((low, high),) = pivot(c, c.pieces[k]).slopes
        assert low / one <= true_speed(c, c.pieces[k]) <= high / one < 0
    piece = c.pieces[c.crossing]
    best = true_speed(c, piece)
    ((low, high),) = pivot(c, piece).slopes
    assert (high - low) / one < 1e-3 * abs(best)
    for i in range(5):
        for sign in (-1, 1):
            slope = list(piece.slope)
            slope[i] = normal((slope[i][0] << 40 + slope[i][1]) + sign * (1 << 36), -40)
            wide = [normal(r[0] << 24, r[1]) for r in piece.radii]
            ((low, high),) = pivot(c, piece._replace(slope=slope, radii=wide)).slopes
            assert low / one <= best <= high / one


def test_the_pivot_at_the_zeros_of_a_piece() -> None:
    """Contained at both ends and in the middle; not without the slopes."""
    c, f = shipped(), Arithmetic(shipped().precision)
    for k in (c.monotone[0], c.monotone[1] + 1, len(c.pieces) - 1):
        piece = c.pieces[k]
        found, half = pivot(c, piece), frame(piece, f).half
        with precision(200):
            ends = [dyadic_ball(piece.low), (dyadic_ball(piece.low) + dyadic_ball(piece.high)) / 2,
                    dyadic_ball(piece.high)]  # fmt: skip
            for step, eps in zip((-half[1], 0, half[1]), ends, strict=True):
                there = exact_pivot(c, eps, piece.centre)
                assert inside(there, found.at([(step, step)]), f)
                assert inside(there, found.value, f)
                assert inside(there, found.start, f) == (step == 0)


def test_both_signs_decide() -> None:
    """At the ends of the piece; zero is no sign."""
    c, f = shipped(), Arithmetic(shipped().precision)
    piece = c.pieces[c.crossing]
    half, speed = frame(piece, f).half[0], f.one
    for start, slope, message in (
        ((0, 0), -speed, None),
        ((half - 1, half - 1), -speed, None),
        ((half, half), -speed, "second sign"),
        ((-half, -half), -speed, "first sign"),
        ((0, 0), speed, "first sign"),
        ((-1, half), -speed, "second sign"),
    ):
        found = Moving(f, (-half, half), [(slope, slope)], start)
        if message is None:
            check_crossing(piece, found, c, f)
        else:
            with pytest.raises(Rejected, match=message):
                check_crossing(piece, found, c, f)


def test_the_width_is_that_of_the_piece() -> None:
    """(width - p) eps^2 = 1 exactly at the end: more and less by the smallest amounts."""
    for eps, width in (((1, -1), 4), ((1, -2), 16), ((1, 0), 1)):
        for p in (1, 3):
            assert crossing._excess((width + p, 0), eps, p) == 0
            assert crossing._excess(((width + p << 200) + 1, -200), eps, p) > 0
            assert crossing._excess(((width + p << 200) - 1, -200), eps, p) < 0
    c = shipped()
    low, high = c.crossing_width
    piece = c.pieces[c.crossing]
    exact_low, exact_high = (
        c.turned + 1 / (Fraction(x[0]) * Fraction(2) ** x[1]) ** 2 for x in (piece.high, piece.low)
    )
    assert value(low) <= exact_low < exact_high <= value(high)
    assert value(high) - value(low) < Fraction(1, 10**21)


def value(x: tuple[int, int]) -> Fraction:
    return Fraction(x[0]) * Fraction(2) ** x[1]


def set_claim(name: str, new: Any) -> Callable[[Data], None]:
    return lambda data: data["claim"].update({name: new})


def monotone_early(data: Data) -> None:
    """The pivot's derivative has the wrong sign for large n, or cannot be bounded."""
    data["claim"]["monotone"][0] = 3


def another_piece(data: Data) -> None:
    data["claim"]["crossing"] = data["claim"]["monotone"][0]


def not_negative(data: Data) -> None:
    """The pivot is said to be negative from before the crossing on."""
    first = data["claim"]["monotone"][0]
    data["claim"].update(monotone=[first, first], crossing=first)


def not_definite(data: Data) -> None:
    """The block is said to be definite up to after the crossing."""
    last = data["claim"]["monotone"][1]
    data["claim"].update(monotone=[last, last], crossing=last)


def one_removed(data: Data) -> None:
    del data["claim"]["tube"][-1]


def radius(data: Data) -> None:
    radii = data["claim"]["tube"][0]["radii"]
    radii[2] = text(normal(1, -40))


@pytest.mark.parametrize(("edit", "step"), [
    (set_claim("first_width", 4), "cover"), (one_removed, "cover"), (radius, "existence"),
    (set_claim("first_width", 6), "crossing"), (set_claim("first_width", 50), "crossing"),
    (monotone_early, "speed"), (another_piece, "crossing"), (not_definite, "curvature"), (not_negative, "crossing"),
])  # fmt: skip
def test_errors_are_refused(first: Data, edit: Callable[[Data], None], step: str) -> None:
    data = copy.deepcopy(first)
    edit(data)
    assert refusal(data).step == step


@pytest.mark.parametrize(("key", "new"), [
    ("monotone", 3), ("monotone", [-1, 140]), ("monotone", [138, 10**6]), ("monotone", [0]), ("monotone", [140, 141]),
    ("monotone", [1, 2]), ("crossing", -1), ("crossing", 10**4), ("crossing", True), ("first_width", 3),
    ("crossing_width", ["0x1p0"]), ("turned", 2), ("kind", ["x"]), ("curvature", "0x1p-8"),
    ("kind", "strict-local-minima-of-all-widths"),
])  # fmt: skip
def test_what_is_not_the_format(first: Data, key: str, new: Any) -> None:
    data = copy.deepcopy(first)
    data["claim"][key] = new
    with pytest.raises(Malformed):
        verify_bytes(canonical(data))


def test_wrong_widths_and_places(first: Data) -> None:
    """What only the crossing's own piece can tell."""
    c, f = shipped(), Arithmetic(shipped().precision)
    piece = c.pieces[c.crossing]
    found = pivot(c, piece)
    low, high = c.crossing_width
    for width in ((high, high), (low, low), ((11, -1), low), (high, (3, 1))):
        with pytest.raises(Rejected, match="widths"):
            check_crossing(piece, found, vary(c, crossing_width=width), f)
    for k in (c.crossing - 1, c.crossing + 1):
        with pytest.raises(Rejected, match="not confirmed to have"):
            check_crossing(c.pieces[k], pivot(c, c.pieces[k]), c, f)


def test_the_piece_is_not_below_the_first_width() -> None:
    """Exactly at it is enough: (k1 - p) high^2 <= 1."""
    c, f = shipped(), Arithmetic(shipped().precision)
    piece = c.pieces[c.crossing]
    found = pivot(c, piece)
    check_crossing(piece, found, vary(c, first_width=5), f)
    with pytest.raises(Rejected, match="above the first width"):
        check_crossing(piece, found, vary(c, first_width=6), f)


def test_a_width_inside_the_piece_is_no_bound() -> None:
    c, f = shipped(), Arithmetic(shipped().precision)
    piece = c.pieces[c.crossing]
    found = pivot(c, piece)
    low, high = c.crossing_width
    inside_it = c.turned + 1 / ((value(piece.low) + value(piece.high)) / 2) ** 2
    middle = (int(inside_it * 2**200), -200)
    for width in ((middle, high), (low, middle)):
        with pytest.raises(Rejected, match="widths"):
            check_crossing(piece, found, vary(c, crossing_width=width), f)


def test_an_empty_piece() -> None:
    c = shipped()
    empty = c.pieces[3]._replace(low=c.pieces[3].low, high=c.pieces[3].low)
    with pytest.raises(Rejected, match="piece 3 is empty"):
        crossing.verify_crossing(vary(c, pieces=[*c.pieces[:3], empty, *c.pieces[3:]]))


def vary(c: Crossing, **changes: Any) -> Crossing:
    return Crossing(**{**vars(c), **changes})


def signs(c: Crossing, piece: Piece, part: int) -> None:
    """The checker's look at the blocks."""
    f = Arithmetic(c.precision)
    crossing.check_signs(examine(frame(piece, f), c.turned, f), WATCHED, part)


def test_blocks_of_the_three_stretches() -> None:
    """Definite before `monotone`, its last pivot negative after it; each of the three is refused where it is not so."""
    c = shipped()
    before, within, after = (c.pieces[k] for k in (c.monotone[0] - 1, c.monotone[1], c.monotone[1] + 1))
    for part, piece in enumerate((before, within, after)):
        signs(c, piece, part)
    for piece in (within, after, c.pieces[c.crossing]):
        with pytest.raises(Rejected, match="standard n is not confirmed to be positive definite"):
            signs(c, piece, 0)
    with pytest.raises(Rejected, match="not confirmed to move"):
        signs(c, c.pieces[3], 1)
    with pytest.raises(Rejected, match="not confirmed to be negative"):
        signs(c, before, 2)


def test_the_shift_of_the_last_pivot() -> None:
    """With the shift the pivot is less, by shift times t^T N t > shift N_33, N scaled: the block is B - shift N."""
    c, f = shipped(), Arithmetic(shipped().precision)
    piece = c.pieces[c.monotone[0] - 1]
    found, step = examine(frame(piece, f), c.turned, f), f.one >> 30
    plain, less = (crossing.last_pivot(dict(found.blocks((s, s)))[STANDARD], WATCHED) for s in (0, step))
    eps = value(piece.high)
    assert (eps**-2 - 1) * eps**4 * step < plain.start[0] - less.start[1]
    with precision(100):
        xi, width = [dyadic_ball(x) for x in piece.centre], dyadic_ball(piece.low)
        state = evaluate(variables(xi), Jet(width, [width * 0] * 5), 1)
        a, b = (last_pivot(point_blocks(state, 1, width * 0 + s)[STANDARD], WATCHED.order).value for s in (0, 2.0**-40))
        assert (a - b) * 2.0**40 > 2 * math.pi * (float(width) ** -2 - 1) * float(width) ** 4


def test_every_block_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    c, right = shipped(), turned_blocks.blocks
    names = ["trivial", "antisymmetric n", "ambient n", "ambient trivial"]
    for name in names:

        def wrong(x: Any, r: Any, shift: Any, name: str = name) -> Any:
            for other, matrix in right(x, r, shift):
                yield other, [[fixed(Arithmetic(144), (-1, -1), 1)]] if other == name else matrix

        monkeypatch.setattr(turned_blocks, "blocks", wrong)
        for part, piece in ((0, c.pieces[c.monotone[0] - 1]), (1, c.pieces[c.crossing]), (2, c.pieces[-1])):
            with pytest.raises(Rejected, match=f"block {name} "):
                signs(c, piece, part)


def test_pieces_are_checked_in_turn(first: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which pieces need definite blocks, which one holds the crossing, and that joints are looked at."""
    seen: list[tuple[Any, ...]] = []

    def check(found: Any, block: Any, part: int) -> Any:
        assert block == WATCHED
        seen.append(("piece", part))
        return 1

    monkeypatch.setattr(crossing, "examine", lambda w, p, f: SimpleNamespace(zeros=SimpleNamespace(reach=[])))
    monkeypatch.setattr(crossing, "proven_piece", lambda w, reach, f: len(seen))
    monkeypatch.setattr(crossing, "check_signs", check)
    monkeypatch.setattr(joined, "check_glue", lambda a, b: seen.append(("glue", a < b)))
    monkeypatch.setattr(crossing, "check_crossing", lambda piece, pivot, half, c: seen.append(("crossing", piece)))
    c = shipped()
    crossing.verify_crossing(c)
    first, last = c.monotone
    parts = [0] * first + [1] * (last + 1 - first) + [2] * (len(c.pieces) - 1 - last)
    assert [x for kind, x in seen if kind == "piece"] == parts
    assert [x for kind, x in seen if kind == "crossing"] == [c.pieces[c.crossing]]
    assert [x for kind, x in seen if kind == "glue"] == [True] * (len(c.pieces) - 1)


def test_the_sentence() -> None:
    statement = (FIRST.parent / "statement.txt").read_text()
    assert "k* lies in [5.585505247425880006941" in statement
    assert "for every integer k >= 6 the point of the curve is a strict local minimum" in statement
    assert "for k = 5 it is a saddle of index k - 2 in R^D" in statement
    c = shipped()
    told = sentence(c)
    assert statement.startswith(told)
    low, high = (Fraction(x) for x in re.findall(r"k\* lies in \[(\S+), (\S+)\]", told)[0])
    assert low <= value(c.crossing_width[0]) < value(c.crossing_width[1]) <= high
    told = sentence(
        vary(c, first_width=4, turned=1, crossing_width=((15, -1), (9, 0)))
    )  # 7.5 to 9: nothing about 8 and 9
    assert "for every integer k >= 10 the point" in told
    assert "for every integer k from 4 to 7 it is a saddle" in told
    told = sentence(vary(c, first_width=12, turned=3, crossing_width=((7, 0), (15, -1))))
    assert "for every integer k >= 12 the point" in told
    assert "saddle" not in told
    told = sentence(vary(c, first_width=6, turned=3, crossing_width=((7, 0), (15, -1))))
    assert "for every integer k >= 8 the point" in told
    assert "for k = 6 it is a saddle of index k - 4" in told


def test_the_curves_are_those_of_the_minima() -> None:
    """One width below those of proofs/all-sizes, whose bounds are sharp on the curves; with the shipped saddles."""
    known = {1: "5.58550525", 2: "7.56119050", 3: "9.32317222"}  # by floating-point continuation
    seen = []
    for path in sorted(FOLDER.glob("turned-*/certificate.cert.json")):
        c = read(path.read_bytes())
        assert isinstance(c, Crossing)
        other = json.loads((PROOFS / "all-sizes" / path.parent.name / path.name).read_bytes())["claim"]
        assert c.first_width == other["first_width"] - 1
        low, high = map(value, c.crossing_width)
        assert c.first_width < low < high < other["first_width"]
        assert high - low < Fraction(1, 10**20)
        assert abs(low - Fraction(known.get(c.turned, str(float(low))))) < Fraction(2, 10**8)
        saddle = json.loads(
            (PROOFS / "families" / f"turned-p{c.turned:02d}-a" / f"k{c.first_width:04d}.cert.json").read_bytes()
        )
        claim = saddle["claim"]
        assert (claim["kind"], claim["index"]) == ("saddle", c.first_width - c.turned - 1)
        in_the_tube(claim, c)
        seen.append(c.turned)
    assert seen == SHIPPED


def in_the_tube(claim: Data, c: Crossing) -> None:
    """The centre of a point certificate lies in the section of the last piece at its width."""
    n = c.first_width - c.turned
    rows = [[number(x) for x in row] for row in claim["centre"]]
    h = Fraction(1, n)
    own = rows[1][1] + rows[1][2]
    xi = [(rows[0][0] + rows[0][2] - 1) / h**2, rows[0][0] / h**2, rows[0][1] / h, rows[1][0] / h, (own + 1) / h]
    if c.turned > 1:
        xi.append(rows[1][1] / h)
    piece = c.pieces[-1]
    eps = Fraction(isqrt(2**240 // n), 2**120)
    middle = (value(piece.low) + value(piece.high)) / 2
    assert value(piece.low) < eps < value(piece.high)
    for x, y, s, r in zip(xi, piece.centre, piece.slope, piece.radii, strict=True):
        assert abs(x - value(y) - value(s) * (eps - middle)) < value(r)


def test_the_table_agrees_with_the_claims() -> None:
    rows = re.findall(r"^\| \[(\d+)\]\((\S+)/statement.txt\) \| (\S+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$",
                      (FOLDER / "README.md").read_text(), re.MULTILINE)  # fmt: skip
    assert [int(row[0]) for row in rows] == SHIPPED
    for _, name, begins, minima, saddles, pieces, size in rows:
        path = FOLDER / name / "certificate.cert.json"
        claim = json.loads(path.read_bytes())["claim"]
        low, high = map(number, claim["crossing_width"])
        digits = len(begins.split(".")[1])
        assert Fraction(begins) <= low < high <= Fraction(begins) + Fraction(1, 10**digits)
        assert int(saddles) == claim["first_width"] == int(minima) - 1 == int(begins.split(".")[0])
        assert (int(pieces), int(size)) == (len(claim["tube"]), path.stat().st_size)


def test_no_crossing_above_the_first_width() -> None:
    result = prove_crossing(1, 6)
    assert isinstance(result, Undecided)
    assert "is not above the first width" in result.reason


@pytest.mark.long
@pytest.mark.parametrize("p", [1, 2, 5])
def test_shipped_certificates(p: int) -> None:
    path = FOLDER / f"turned-p{p:02d}" / "certificate.cert.json"
    sentence = verify_bytes(path.read_bytes()).sentence
    assert (path.parent / "statement.txt").read_text().startswith(sentence)


@pytest.mark.long
def test_it_is_made_again() -> None:
    result = prove_crossing(1)
    assert not isinstance(result, Undecided)
    assert result.certificate.content == FIRST.read_bytes()
