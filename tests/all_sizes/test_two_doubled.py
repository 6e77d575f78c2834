"""Two students turned against each of two teachers: formulas against the generic ones, the theorem, planted errors."""

from __future__ import annotations

import copy
import json
import random
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.linalg import eigh
from turned_points import PROOFS, checker_jets, inside, interval, number, prover_jets

from certify.arithmetic import Ball, dyadic_ball, pi, precision
from certify.arithmetic.jets import Jet, variables
from certify.checker import Malformed, Rejected, doubled, doubled_blocks, verify_bytes
from certify.checker.crossing import OF_TWO_DOUBLED, check_crossing, check_signs, last_pivot
from certify.checker.intervals import Arithmetic
from certify.checker.jets import Jet as CheckerJet
from certify.checker.jets import Moving
from certify.checker.pieces import frame
from certify.checker.reader import read
from certify.checker.systems import ZeroClaim
from certify.checker.tube import Examined, examine
from certify.checker.tube_format import TWO_DOUBLED, Crossing, curve_sentence
from certify.families.blocks import ambient_blocks, hessian_blocks
from certify.families.branch import PRODUCT, evaluate, limit, point_blocks, solve
from certify.families.branch import last_pivot as prover_pivot
from certify.families.numbers import FLOATS, ball_numbers
from certify.families.orbits import Geometry, Pattern
from certify.families.signature import Signature
from certify.outcome import Proved
from certify.proving.crossing import prove_crossing
from certify.proving.family import prove_member
from certify.proving.fractional import SIZE, extended_system, flattened
from certify.zeros import ProvedZero, prove_zero

Data = dict[str, Any]
FILE = PROOFS / "crossings" / "two-doubled" / "certificate.cert.json"
POINTS = [
    (5, (-0.3, -1.8, 1.4, 1.2, 0.6, 0.9, -0.5, 0.4, -0.15)),
    (9, (0.4, 1.2, 1.4, 0.8, 0.3, 0.7, -0.8, -0.2, -0.3)),
    (60, (-0.4, -2.7, 2.1, 1.0, 0.8, 0.8, -1.2, 0.3, -0.6)),
]
NAMES = {
    "trivial": "trivial", "standard 0": "standard n", "antisymmetric 0": "antisymmetric n", "standard 1": "exchanged",
    "standard 0 x standard 1": "product", "ambient trivial": "ambient trivial", "ambient standard 0": "ambient n",
    "ambient standard 1": "ambient exchanged",
}  # fmt: skip
at_points = pytest.mark.parametrize(("n", "numbers"), POINTS)


def geometry(xi: list[Ball], n: int) -> Geometry:
    """The generic unscaled machinery."""
    al, be, ga, et, de, ta, si, ph, om = xi
    one, eps = dyadic_ball((1, 0)), 1 / dyadic_ball((n, 0)).sqrt()
    patterns = [
        Pattern((be / n**2, ga / n), 1 + eps**3 * al - be / n**2),
        Pattern((de / n, eps * ph), eps * et - 1 - eps * ph),
        Pattern((ta / n, eps * om), eps * (si - om)),
    ]
    return Geometry((n, 2), (0, 1, 1), patterns, (one, one * 0), ball_numbers())


def point(n: int, numbers: tuple[float, ...]) -> tuple[list[Ball], Ball]:
    return [dyadic_ball((round(x * 2**20), -20)) for x in numbers], 1 / dyadic_ball((n, 0)).sqrt()


@at_points
def test_the_system_is_the_gradient(n: int, numbers: tuple[float, ...]) -> None:
    """Each equation is the stated combination of the generic gradient's entries."""
    with precision(300):
        xi, eps = point(n, numbers)
        found = [x.value for x in evaluate([Jet(x) for x in xi], Jet(eps), TWO_DOUBLED).system]
        gradient, h = geometry(xi, n).gradient(), dyadic_ball((1, 0)) / n
        (b, c), (d, f), (t, w) = (row.base for row in gradient)
        a, e, s = (row.base[k] + row.delta for k, row in zip((0, 1, 1), gradient, strict=True))
        expected = [
            a / eps, b / h, c, (e - c) / eps, d / h, t / h, (s - c) / eps, (f - c) / eps, (w - c) / eps,
        ]  # fmt: skip
        assert all(abs(x - y) < 1e-60 for x, y in zip(found, expected, strict=True))


@at_points
def test_both_codes_agree(n: int, numbers: tuple[float, ...]) -> None:
    f = Arithmetic(160)
    with precision(300):
        xi, eps = point(n, numbers)
        ours = evaluate(*prover_jets(xi, eps), TWO_DOUBLED)
        at = doubled.point(*checker_jets(xi, eps, f))
        theirs = doubled.gradient(at)
        pairs = zip([*ours.system, ours.loss * (4 * pi())],
                    [*theirs.equations(at), doubled.scaled_loss(at, theirs)], strict=True)  # fmt: skip
        for mine, other in pairs:
            for ball, found in zip([mine.value, *mine.slopes], [other.value, *other.slopes], strict=True):
                assert inside(ball, found, f)
                assert found[1] - found[0] < 1 << 60


def without_slopes(x: Any) -> Any:
    """The checker's jets, alone or in tuples."""
    if isinstance(x, CheckerJet):
        return CheckerJet(x.f, x.value)
    return type(x)(*map(without_slopes, x)) if isinstance(x, tuple) else x


def checker_blocks(xi: list[Ball], eps: Ball, shift: Ball, f: Arithmetic) -> dict[str, np.ndarray]:
    at = doubled.point(*checker_jets(xi, eps, f))
    rows = doubled.gradient(at)
    slopes = SimpleNamespace(**{name: [CheckerJet(f, s) for s in x.slopes[:-1]] for name, x in rows._asdict().items()})
    found = doubled_blocks.blocks(without_slopes(at), slopes, interval(2 * pi() * shift, f))
    return {name: full([[sum(x.value) / (2 * f.one) for x in row] for row in matrix]) for name, matrix in found}


def full(lower: list[list[float]]) -> np.ndarray:
    size = len(lower)
    return np.array([[lower[max(i, j)][min(i, j)] for j in range(size)] for i in range(size)])


@at_points
def test_eigenvalues(n: int, numbers: tuple[float, ...]) -> None:
    """Of every block but the symmetric one, also where nothing is critical; both codes."""
    f = Arithmetic(200)
    with precision(300):
        xi, eps = point(n, numbers)
        state = evaluate(variables(xi), Jet(eps, [eps * 0] * 9), TWO_DOUBLED)
        ours = [point_blocks(state, TWO_DOUBLED, eps * 0 + s) for s in (0, 1)]
        theirs = [checker_blocks(xi, eps, eps * 0 + s, f) for s in (0, 1)]
        place, least = geometry(xi, n), {}
        for prefix, block in [
            *(("", b) for b in hessian_blocks(place)),
            *(("ambient ", b) for b in ambient_blocks(place)),
        ]:
            form = np.array([[float(x.mid()) for x in row] for row in block.matrix])
            expected = eigh(form, np.array(block.gram, float), eigvals_only=True) / (2 * np.pi)
            least[prefix + block.name] = expected[0]
            if not block.name.startswith("symmetric"):
                name = NAMES[prefix + block.name]
                mine = [np.array([[float(x.value.mid()) for x in row] for row in entry[name]]) for entry in ours]
                for pair in (mine, [entry[name] for entry in theirs]):
                    assert np.allclose(eigh(pair[0], pair[0] - pair[1], eigvals_only=True), expected, rtol=1e-9)
        assert least["symmetric 0"] > least["antisymmetric 0"]
        assert set(ours[0]) == set(theirs[0]) == set(NAMES.values())


@pytest.mark.parametrize("n", [9, 20, 1000])
def test_the_loss_at_critical_points(n: int) -> None:
    with precision(300):
        xi, eps = limit(TWO_DOUBLED), 1 / dyadic_ball((n, 0)).sqrt()
        for k in range(1, 37):
            xi = solve(xi, eps * min(k, 32) / 32, TWO_DOUBLED) or pytest.fail("no convergence")
        loss = evaluate([Jet(x) for x in xi], Jet(eps), TWO_DOUBLED).loss.value
        assert abs(loss - geometry(xi, n).loss() / (2 * pi()) * (n + 2)) < 1e-50


@at_points
def test_the_loss_off_critical_points(n: int, numbers: tuple[float, ...]) -> None:
    """4 pi L = h T and terms that vanish with the system: what is inserted in A15 is an identity."""
    with precision(300):
        xi, eps = point(n, numbers)
        state, place = evaluate([Jet(x) for x in xi], Jet(eps), TWO_DOUBLED), geometry(xi, n)
        entries, slopes = place.patterns[:3], place.gradient()
        along = dyadic_ball((0, 0))
        for (base, delta), (fall, own), members, k in zip(entries, slopes, (n, 2, 2), (0, 1, 1), strict=True):
            counts = [n - (k == 0), 2 - (k == 1)]
            along += members * (base[k] + delta) * (fall[k] + own)
            along += members * sum(count * x * y for count, x, y in zip(counts, base, fall, strict=True))
        first, _, third, fourth, *_ = (x.value for x in state.system)
        u1, a = state.values.norms[0].value, state.values.a.value
        left = 2 * place.loss() - along
        right = 4 * pi() * state.loss.value / (n + 2) + 2 * (eps * fourth - third) - u1 / a * first / eps
        assert abs(left - right) < 1e-60


def test_boxes_contain_points() -> None:
    rng, f, zero = random.Random(2), Arithmetic(100), dyadic_ball((0, 0))
    with precision(100):
        for n in (12, 60, 10**6):
            xi, start = limit(TWO_DOUBLED), 1 / dyadic_ball((n, 0)).sqrt()
            for k in range(1, 9):
                xi = solve(xi, start * k / 8, TWO_DOUBLED) or pytest.fail("no convergence")
            wide, range_ = [x + zero.union(dyadic_ball((1, -7))) for x in xi], start + zero.union(dyadic_ball((1, -9)))
            at = doubled.point(*checker_jets(wide, range_, f))
            box = doubled.gradient(at)
            inner = [x + dyadic_ball((rng.randrange(1, 511), -16)) for x in xi]
            there = evaluate(*prover_jets(inner, start + dyadic_ball((rng.randrange(1, 127), -16))), TWO_DOUBLED)
            theirs = [*box.equations(at), doubled.scaled_loss(at, box)]
            for ball, found in zip([*there.system, there.loss * (4 * pi())], theirs, strict=True):
                for value, other in zip([ball.value, *ball.slopes], [found.value, *found.slopes], strict=True):
                    assert inside(value, other, f)


@pytest.mark.parametrize(("index", "number"), [(5, -0.9), (6, 0.5), (7, 3.0), (8, 0.1), (2, 40.0)])
def test_the_domain(index: int, number: float) -> None:
    """Signs of tau, sigma, omega, and an acute angle of long and short students of two directions; then others."""
    f, numbers = Arithmetic(100), list(POINTS[1][1])
    eps = CheckerJet(f, (f.one // 3, f.one // 3 + 1))

    def jets() -> list[CheckerJet]:
        return [CheckerJet(f, (round(x * 2**20) << 80,) * 2) for x in numbers]

    doubled.point(jets(), eps)
    numbers[index] = number
    with pytest.raises(Rejected, match="domain"):
        doubled.point(jets(), eps)


@pytest.fixture(scope="module")
def shipped() -> Data:
    data: Data = json.loads(FILE.read_bytes())
    return data


def claim() -> Crossing:
    c = read(FILE.read_bytes())
    assert isinstance(c, Crossing)
    return c


def refused(data: Data) -> Exception:
    with pytest.raises((Rejected, Malformed)) as caught:
        verify_bytes((json.dumps(data, sort_keys=True, separators=(",", ":")) + "\n").encode())
    return caught.value


@pytest.mark.long
def test_the_shipped_certificate_is_what_is_proved(shipped: Data) -> None:
    result = prove_crossing(TWO_DOUBLED)
    assert json.loads(result.certificate.content) == shipped  # type: ignore[union-attr]
    assert verify_bytes(FILE.read_bytes()).sentence == curve_sentence(claim())


def test_the_sentence() -> None:
    sentence = curve_sentence(claim())
    assert "for every integer k from 11 to 100 the point of the curve is a strict local minimum in R^D" in sentence
    assert "for every integer k >= 101 it is a saddle of index k - 3 in R^k" in sentence
    assert "k* lies in [100.779319929024429" in sentence


def section(c: Crossing, n: int) -> list[tuple[Fraction, Fraction]]:
    """Bounds of the unknowns for class size n in the piece that holds 1 / sqrt(n)."""
    piece = next(x for x in c.pieces if n * value(x.high) ** 2 >= 1)
    low, high = value(piece.low), value(piece.high)
    result = []
    for x, s, r in zip(piece.centre, piece.slope, piece.radii, strict=True):
        ends = [value(x) + value(s) * (e - (low + high) / 2) for e in (low, high)]
        result.append((min(ends) - value(r), max(ends) + value(r)))
    return result


def value(x: tuple[int, int]) -> Fraction:
    return Fraction(x[0]) * Fraction(2) ** x[1]


def test_known_points_lie_in_the_tube() -> None:
    """The certified minima and saddle of proofs/families, M = 11 to 32; M = 10 is beyond the last piece."""
    c, seen = claim(), 0
    for path in sorted((PROOFS / "families" / "more-02-doubled").glob("*.cert.json")):
        entry = json.loads(path.read_bytes())["claim"]
        n = entry["signature"]["sizes"][0]
        if n < 9:
            assert entry["index"] == n - 1
            continue
        rows = [[float(number(x)) for x in row] for row in entry["centre"]]
        (b, c0, a), *rest = rows
        pairs = [
            (*sorted((base, base + own)), other) for other, base, own in rest
        ]  # of two columns the lower is its own
        (e, f, d), (s, w, t) = sorted(pairs)
        eps = n**-0.5
        found = ((a + b - 1) / eps**3, b * n**2, c0 * n, (e + 1) / eps, d * n, t * n, s / eps, f / eps, w / eps)
        assert all(low - 1e-9 <= x <= high + 1e-9 for x, (low, high) in zip(found, section(c, n), strict=True))
        assert entry["index"] == 0
        seen += 1
    assert seen == 22


def patterns_on_the_curve(n: float) -> list[Pattern]:
    """In floating point; n may be fractional."""
    with precision(80):
        xi = limit(TWO_DOUBLED)
        for k in range(1, 17):
            xi = solve(xi, dyadic_ball((0, 0)) + n**-0.5 * k / 16, TWO_DOUBLED) or pytest.fail("no convergence")
    al, be, ga, et, de, ta, si, ph, om = map(float, xi)
    eps = n**-0.5
    return [
        Pattern((be / n**2, ga / n), 1 + eps**3 * al - be / n**2),
        Pattern((de / n, eps * ph), eps * et - 1 - eps * ph),
        Pattern((ta / n, eps * om), eps * (si - om)),
    ]


@pytest.mark.parametrize(("teachers", "index"), [(100, 0), (101, 98), (1000, 997)])
def test_single_points_on_both_sides(teachers: int, index: int) -> None:
    """Proved one by one, by the generic code: the last minimum, the first saddle, and another one."""
    n = teachers - 2
    outcome = prove_member(Signature((n, 2), (0, 1, 1)), patterns_on_the_curve(n))
    assert isinstance(outcome, Proved)
    assert outcome.certificate.claim["index"] == index


def test_the_width_by_an_extended_system() -> None:
    """Another code, without the curve: critical point, null vector and class size as one zero (A9)."""
    n0 = 98.78
    patterns = patterns_on_the_curve(n0)
    place = Geometry((n0, 2), (0, 1, 1), patterns, (1.0, 0.0), FLOATS)
    block = next(b for b in hessian_blocks(place) if b.name == "standard 0 x standard 1")
    values, vectors = eigh(np.array(block.matrix, float), np.array(block.gram, float))
    vector = vectors[:, np.argmin(abs(values))]
    normal = int(np.argmax(abs(vector)))
    rest = [float(x / vector[normal]) for k, x in enumerate(vector) if k != normal]
    extended = extended_system([None, 2], (0, 1, 1), block.name, normal)
    found = prove_zero(extended, [*flattened(patterns, [True] * 3), n0, *rest], bits=128)
    assert isinstance(found, ProvedZero)
    at = extended.variables.index(SIZE)
    low, high = map(value, claim().crossing_width)
    zero = read(found.certificate.content)
    assert isinstance(zero, ZeroClaim)
    assert low < value(zero.place.centre[at]) + 2 < high


@pytest.mark.parametrize(
    ("change", "step"),
    [
        ({"first_width": 10}, "cover"), ({"scaled_loss": ["0x1p-3", "0x1p-2"]}, "loss"),
        ({"scaled_loss": ["0x0p0", "0x1p0"]}, "loss"), ({"monotone": [1, 100]}, "curvature"),
    ],
)  # fmt: skip
def test_claims_that_say_too_much(shipped: Data, change: Data, step: str) -> None:
    data = copy.deepcopy(shipped)
    data["claim"].update(change)
    error = refused(data)
    assert isinstance(error, Rejected)
    assert error.step == step


def at_width(c: Crossing, n: int) -> Examined:
    """The piece that holds 1 / sqrt(n)."""
    piece, f = next(x for x in c.pieces if n * value(x.high) ** 2 >= 1), Arithmetic(c.precision)
    return examine(frame(piece, f), TWO_DOUBLED, f)


@pytest.mark.parametrize(("n", "steps"), [
    (10**6, ("curvature", "curvature", None)), (90, (None, None, "curvature")), (11, (None, "speed", "curvature")),
])  # fmt: skip
def test_signs(n: int, steps: tuple[str | None, ...]) -> None:
    """What is accepted as definite, as monotone, and as negative: far from, next to, and below the crossing."""
    found = at_width(claim(), n)
    for part, step in enumerate(steps):
        if step is None:
            assert (check_signs(found, OF_TWO_DOUBLED, part) is None) == (part == 0)
            continue
        with pytest.raises(Rejected) as caught:
            check_signs(found, OF_TWO_DOUBLED, part)
        assert caught.value.step == step


def test_pivots_before_the_last() -> None:
    f = Arithmetic(100)
    for entries in ((1, 0, 2, 0, 0, -3), (-1, 0, 2, 0, 0, 3), (1, 2, 3, 0, 0, 1)):
        numbers = iter(Moving(f, *((x * f.one, x * f.one), [], (x * f.one, x * f.one))) for x in entries)
        matrix = [[next(numbers) for _ in range(i + 1)] for i in range(3)]
        if entries[:3] == (1, 0, 2):
            assert last_pivot(matrix, OF_TWO_DOUBLED).value == (-3 * f.one, -3 * f.one)
            continue
        with pytest.raises(Rejected, match="not confirmed to be positive"):
            last_pivot(matrix, OF_TWO_DOUBLED)


@pytest.mark.parametrize(("change", "detail"), [
    ({}, None), ({"crossing": -1}, "second sign"), ({"crossing": 1}, "first sign"),
    ({"crossing_width": ((101, 0), (51, 1))}, "do not contain"), ({"first_width": 101}, "above the first width"),
])  # fmt: skip
def test_the_piece_of_the_crossing(change: Data, detail: str | None) -> None:
    c, moved = claim(), dict(change)
    place, f = c.crossing + moved.pop("crossing", 0), Arithmetic(c.precision)
    w = frame(c.pieces[place], f)
    pivot = check_signs(examine(w, TWO_DOUBLED, f), OF_TWO_DOUBLED, 1)
    assert pivot is not None
    arguments = c.pieces[place], -pivot, w.half, replace(c, **moved)
    if detail is None:
        check_crossing(*arguments)
        return
    with pytest.raises(Rejected, match=detail):
        check_crossing(*arguments)


@pytest.mark.parametrize("change", [
    {"family": "doubled"}, {"family": "turned", "turned": 2}, {"turned": 2}, {"first_width": 4}, {"scaled_loss": None},
    {"kind": "strict-local-minima-of-all-widths"}, {"kind": ["x"]}, {"landscape": "other"},
    {"crossing_width": ["0x1p0", "0x1p20"]}, {"crossing_width": ["0x1p0", "0x1p8000"]},
    {"crossing_width": ["-0x1p0", "0x1p1"]},
])  # fmt: skip
def test_what_is_not_the_format(shipped: Data, change: Data) -> None:
    data = copy.deepcopy(shipped)
    data["claim"].update(change)
    assert isinstance(refused(data), Malformed)


@pytest.mark.parametrize(("entry", "step"), [("eps", "cover"), ("radii", "existence"), ("centre", "existence")])
def test_a_wrong_piece_is_named(shipped: Data, entry: str, step: str) -> None:
    for k in (1, 2, 3):
        data = copy.deepcopy(shipped)
        piece = data["claim"]["tube"][k]
        if entry == "eps":
            piece["eps"][0] = data["claim"]["tube"][k - 1]["eps"][0]
        elif entry == "radii":
            piece["radii"] = ["0x1p-30"] * 9
        else:
            piece["centre"][8] = "-0x1p-1"
        error = refused(data)
        assert isinstance(error, Rejected)
        assert error.step == step
        assert f"piece {k}" in str(error)


def test_pieces_contain_the_curve() -> None:
    """Random pieces: zero, loss and watched pivot by the other code lie in what the checker encloses."""
    c, rng = claim(), random.Random(4)
    f = Arithmetic(c.precision)
    with precision(200):
        for k in (0, *rng.sample(range(1, len(c.pieces)), 4)):
            piece = c.pieces[k]
            found = examine(frame(piece, f), TWO_DOUBLED, f)
            low, high = (dyadic_ball(x) for x in (piece.low, piece.high))
            eps = low + (high - low) * dyadic_ball((rng.randrange(1, 255), -8))
            xi = solve([dyadic_ball(x) for x in piece.centre], eps, TWO_DOUBLED, 80) or pytest.fail("no convergence")
            state = evaluate(variables(xi), Jet(eps, [eps * 0] * 9), TWO_DOUBLED)
            line = [
                dyadic_ball(x) + dyadic_ball(s) * (eps - (low + high) / 2)
                for x, s in zip(piece.centre, piece.slope, strict=True)
            ]
            assert all(
                float(abs(x - y).upper()) <= r / f.one for x, y, r in zip(xi, line, found.zeros.reach, strict=True)
            )
            assert inside(state.loss.value * (4 * pi()), found.loss(), f)
            blocks = point_blocks(state, TWO_DOUBLED, eps * 0)
            for name, over in found.blocks((0, 0)):
                for row, wide in zip(blocks[name], over, strict=True):
                    assert all(inside(x.value, y.value, f) for x, y in zip(row, wide, strict=False))
                if name == PRODUCT.block:
                    pivot = prover_pivot(blocks[name], PRODUCT.order)
                    assert inside(pivot.value, last_pivot(over, OF_TWO_DOUBLED).value, f)
