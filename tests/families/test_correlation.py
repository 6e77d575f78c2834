"""Curves over the teachers' correlation: enclosures against 60 digits, both codes, and what is refused where."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from test_families_containment import Case, Dense, ambient_bases, bases, contains, entry, share_of

from certify.arithmetic import dyadic_ball, lower, precision, rectangle, upper
from certify.arithmetic import pi as ball_pi
from certify.arithmetic.dyadic import normal
from certify.arithmetic.dyadic import text as dyadic_text
from certify.arithmetic.taylor import Domain, taylor, taylor_complement, taylor_products, taylor_root
from certify.checker import Malformed, Rejected, ResourceLimit, correlation, forms, isotypic, orbits, verify_bytes
from certify.checker.correlation import Correlated
from certify.checker.intervals import Arithmetic
from certify.checker.jets import ZERO
from certify.checker.pieces import frame
from certify.checker.reader import read
from certify.checker.taylor import TaylorArithmetic
from certify.families import blocks as family_blocks
from certify.families.orbits import Geometry, Numbers, Pattern
from certify.families.signature import Signature
from certify.families.starts import asymptotic_starts, layout
from certify.outcome import Undecided
from certify.proving.branches import find
from certify.proving.correlation import Correlated as Proof
from certify.proving.correlation import beta_of, correlation_of, prove_correlation
from certify.proving.family import approximate_newton, prove_member, restricted

Data = dict[str, Any]
BITS = 96
STEP, MOVE = Fraction(1, 128), Fraction(1, 1024)
SIGNATURES = [((3, 1), (0, None)), ((2, 2), (0, 1)), ((4,), (0, None)), ((2, 1), (0, 0, None)), ((3, 2), (1, 0))]


class Line:
    """Random patterns that move with t, within MOVE of them, and teachers e_m + (middle + t) 1."""

    def __init__(self, seed: int) -> None:
        r = np.random.default_rng(seed)
        self.sizes, self.owners = SIGNATURES[seed % len(SIGNATURES)]
        self.middle = Fraction(int(r.integers(-16, 64)), 512)
        draw = lambda scale: Fraction(int(r.normal() * 2**20), 2**20) * scale  # noqa: E731
        self.free = [[*(True for _ in self.sizes), o is not None and self.sizes[o] > 1] for o in self.owners]
        self.centre = [[draw(1) if x else Fraction(0) for x in row] for row in self.free]
        self.slope = [[draw(1) if x else Fraction(0) for x in row] for row in self.free]

    def at(self, t: Fraction, z: Iterator[Fraction]) -> Case:
        rows = [
            [c + s * t + (next(z) if free else 0) for c, s, free in zip(*parts, strict=True)]
            for parts in zip(self.centre, self.slope, self.free, strict=True)
        ]
        pair = lambda x: (x.numerator, 1 - x.denominator.bit_length())  # noqa: E731
        return Case(self.sizes, self.owners, [[pair(x) for x in row] for row in rows], ((1, 0), pair(self.middle + t)))

    def points(self, seed: int, count: int) -> Iterator[tuple[Fraction, list[Fraction]]]:
        """Corners, and points inside."""
        r = np.random.default_rng(seed)
        for k in range(count):
            share = Fraction(1) if k < 2 else Fraction(int(r.integers(-8, 9)), 8)
            t = (STEP if k % 2 else -STEP) * share
            yield (
                t,
                [
                    MOVE * Fraction(int(x), 8)
                    for x in (r.integers(0, 2, 40) * 16 - 8 if k < 2 else r.integers(-8, 9, 40))
                ],
            )

    def checked(self) -> orbits.Geometry:
        f = Arithmetic(BITS)
        unit = lambda x: (x.numerator << BITS) // x.denominator  # noqa: E731
        exact = lambda x: (unit(x), unit(x))  # noqa: E731
        count = sum(x for row in self.free for x in row)
        t = TaylorArithmetic(f, unit(STEP), [unit(MOVE)] * count)
        places = iter(range(count))
        rows = [
            [t.variable(exact(c), exact(s), next(places)) if free else ZERO for c, s, free in zip(*parts, strict=True)]
            for parts in zip(self.centre, self.slope, self.free, strict=True)
        ]
        beta = t.variable(exact(self.middle), (f.one, f.one))
        return orbits.Geometry(self.sizes, self.owners, rows, ((1, 0), beta), t)  # type: ignore[arg-type]

    def proved(self) -> Geometry:
        ball = lambda x: dyadic_ball((x.numerator, 1 - x.denominator.bit_length()))  # noqa: E731
        unit, places = rectangle((0, 0), (1, 0)), iter(range(40))
        count = sum(x for row in self.free for x in row)
        domain = Domain(unit * ball(STEP), (unit * ball(MOVE),) * count)
        rows = [
            [taylor(domain, ball(c), ball(s), next(places)) if free else 0 for c, s, free in zip(*parts, strict=True)]
            for parts in zip(self.centre, self.slope, self.free, strict=True)
        ]
        numbers = Numbers(
            taylor_root, taylor_complement, lambda s: 1 / s, lambda n, y: 1 / 0, taylor_products, ball_pi()
        )
        shape = ball(Fraction(1)), taylor(domain, ball(self.middle), ball(Fraction(1)), None)
        patterns = [Pattern(tuple(row[:-1]), row[-1]) for row in rows]
        return Geometry(self.sizes, self.owners, patterns, shape, numbers)


def usable(seed: int) -> bool:
    try:
        Line(seed).checked()
    except Rejected:
        return False
    return True


SEEDS = [seed for seed in range(40) if usable(seed)][:6]


@pytest.mark.parametrize("seed", SEEDS)
def test_taylor_numbers_contain_the_truth(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """System, blocks, ambient blocks and loss at corners and inside; and blocks between their ends."""
    line = Line(seed)
    geometry = line.checked()
    t: Any = geometry.arithmetic
    found = bases(isotypic, forms.Form, geometry, monkeypatch)
    ambient = list(isotypic.ambient_blocks(geometry))
    system: Any = geometry.projected_gradient()
    loss: Any = geometry.loss()
    with mp.workprec(400):
        centre = Dense(line.at(Fraction(0), iter([Fraction(0)] * 40)))
        for moment, z in line.points(seed, 4):
            case = line.at(moment, iter(z))
            truth = Dense(case)
            flat = [g for row in truth.gradient for g in row]
            moves = [abs((x.numerator << BITS) // x.denominator) + 1 for x in z[: len(t.moves)]]
            share = mp.mpf((moment / STEP).numerator) / (moment / STEP).denominator
            for x, basis in zip(system, found[0][1], strict=True):
                assert contains(x.box.value, BITS, mp.fsum(a * g for a, g in zip(basis, flat, strict=True)))
            assert contains(loss.box.value, BITS, truth.loss)
            pairs = [(block, truth.H, centre.H, basis) for block, basis in found]
            pairs += [(block, truth.A, centre.A, b) for block, b in zip(ambient, ambient_bases(case), strict=True)]
            for block, H, H0, basis in pairs:
                for m, row in enumerate(block.matrix):
                    for n, x in enumerate(row):
                        exact = entry(H, basis[m], basis[n])
                        assert contains(x.box.value, BITS, exact)
                        assert contains(x.start.value, BITS, entry(H0, basis[m], basis[n]))
                        ends = [t.at_end(side, x, moves) for side in (-1, 1)]
                        mixed = [((1 - share) * a + (1 + share) * b) / 2 for a, b in zip(*ends, strict=True)]
                        assert mixed[0] - 1 <= mp.ldexp(exact, BITS) <= mixed[1] + 1


@pytest.mark.parametrize("seed", SEEDS[:5])
def test_slopes_and_bends_are_those_of_differences(seed: int) -> None:
    """Of the system by t on the line, and of the loss by each unknown, by differences of 400 bits."""
    line = Line(seed)
    geometry = line.checked()
    count, step = sum(x for row in line.free for x in row), Fraction(1, 2**80)
    loss: Any = geometry.loss()
    with mp.workprec(400):

        def value(t: Fraction, z: list[Fraction]) -> mp.mpf:
            return Dense(line.at(t, iter(z))).loss

        none = [Fraction(0)] * count
        unit = mp.ldexp(1, 80)
        low, here, high = (value(x, none) for x in (-step, Fraction(0), step))
        for interval, exact in (
            (loss.start.slopes[0], (high - low) / 2 * unit),
            (loss.line.slopes[0], (high - low) / 2 * unit),
            (loss.line.bends[0], (high - 2 * here + low) * unit**2),
        ):
            assert (
                mp.ldexp(interval[0], -BITS) - mp.mpf(2) ** -60
                <= exact
                <= mp.ldexp(interval[1], -BITS) + mp.mpf(2) ** -60
            )
        for k in range(count):
            up = [step if i == k else Fraction(0) for i in range(count)]
            exact = (value(Fraction(0), up) - here) * unit
            interval = loss.box.slopes[k]
            assert (
                mp.ldexp(interval[0], -BITS) - mp.mpf(2) ** -60
                <= exact
                <= mp.ldexp(interval[1], -BITS) + mp.mpf(2) ** -60
            )


@pytest.mark.parametrize("seed", SEEDS)
def test_both_codes_agree(seed: int) -> None:
    """Every part of every entry of prover and checker has a common point; the prover's contain the checker's start."""
    line = Line(seed)
    exact = line.checked()
    with precision(BITS):
        other = line.proved()
        pairs = [*zip(isotypic.hessian_blocks(exact), family_blocks.hessian_blocks(other), strict=True),
                 *zip(isotypic.ambient_blocks(exact), family_blocks.ambient_blocks(other), strict=True)]  # fmt: skip
        entries: list[tuple[Any, Any, Fraction]] = [
            (x, block.matrix[m][n], share_of(found, block))
            for found, block in pairs
            for m, row in enumerate(found.matrix)
            for n, x in enumerate(row)
        ]
        entries += [(exact.loss(), other.loss(), Fraction(1))]
        system = restricted(Signature(line.sizes, line.owners), other.gradient())
        entries += [(x, y, Fraction(1)) for x, y in zip(exact.projected_gradient(), system, strict=True)]
        for x, y, share in entries:
            parts = [(x.start.value, y.start.value), (x.line.value, y.line.value), (x.box.value, y.box.value)]
            parts += [(x.start.slopes[0], y.start.slopes[0]), (x.line.slopes[0], y.line.slopes[0])]
            parts += [(x.line.bends[0], y.line.bends[0]), *zip(x.box.slopes, y.box.slopes, strict=True)]
            for interval, ball in parts:
                ends = [share * Fraction(m) * Fraction(2) ** e for m, e in (lower(ball), upper(ball))]
                slack = Fraction(1, 2**60)
                assert ends[0] <= Fraction(interval[1], 1 << BITS) + slack
                assert Fraction(interval[0], 1 << BITS) <= ends[1] + slack


def test_parallel_rows_and_rows_of_length_zero_are_refused() -> None:
    f = Arithmetic(64)
    t: Any = TaylorArithmetic(f, f.one >> 8, [f.one >> 8] * 5)
    one, none = (f.one, f.one), ZERO
    for first in (one, none):
        rows = [[t.variable(none, none, 0), t.variable(none, none, 1), t.variable(first, none, 2)],
                [t.variable(none, none, 3), t.variable(one, none, 4), ZERO]]  # fmt: skip
        with pytest.raises(Rejected, match="not certainly positive"):
            orbits.Geometry([3, 1], [0, None], rows, ((1, 0), t.variable(none, one)), t)


# Certificates


def point(sizes: tuple[int, ...], extra: int = 0) -> tuple[Signature, Any]:
    shape = layout(sizes, extra=extra)
    points = find(shape.signature, asymptotic_starts(shape, [1])).points
    return shape.signature, next(p for p in points if p.index == 0 and p.loss[0] > 1e-9)


@pytest.fixture(scope="module")
def proof() -> Proof:
    """K = M = 6 from rho = -1/50 to 3/100: a few pieces."""
    signature, found = point((5, 1))
    result = prove_correlation(signature, found.patterns, 0.0, (Fraction(-1, 50), Fraction(3, 100)))
    assert not isinstance(result, Undecided)
    return result


@pytest.fixture(scope="module")
def small(proof: Proof) -> Data:
    data: Data = json.loads(proof.certificate.content)
    assert 3 <= len(data["claim"]["tube"]) <= 12
    return data


def written(data: Data) -> bytes:
    return (json.dumps(data, sort_keys=True, separators=(",", ":")) + "\n").encode()


def number(text: str) -> Fraction:
    mantissa, exponent = text.split("p")
    return Fraction(int(mantissa, 16)) * Fraction(2) ** int(exponent)


def text(x: Fraction) -> str:
    return dyadic_text(normal(x.numerator, 1 - x.denominator.bit_length()))


def test_it_is_accepted(small: Data) -> None:
    verdict = verify_bytes(written(small))
    assert verdict.kind == "strict-local-minima-of-all-correlations"
    assert verdict.sentence.startswith("for every real rho in [-1/50, 3/100], 6 ReLU students, 6 teachers with Gram ")
    assert "fixed by S_5 x S_1 " in verdict.sentence
    assert "R^D for every D >= 6" in verdict.sentence
    assert "it is not a global minimum" in verdict.sentence


def test_zeros_of_single_proofs_lie_in_the_tube(small: Data) -> None:
    """And their eigenvalues and losses are within the claimed bounds."""
    c: Any = read(written(small))
    signature, found = point((5, 1))
    bound, (low, high) = number(small["claim"]["curvature"]), map(number, small["claim"]["scaled_loss"])
    for rho in (-0.02, -0.0123, 0.0, 0.011, 0.0299):
        beta = beta_of(rho, 6)
        assert abs(correlation_of(beta, 6) - rho) < 1e-12
        start = approximate_newton(signature, found.patterns, (1.0, beta))
        exact: Any = prove_member(signature, start, (1.0, beta))
        assert exact.index == exact.ambient_index == 0
        assert exact.curvature > bound
        assert low < Fraction(exact.loss[0]) < Fraction(exact.loss[1]) < high
        inside = 0
        for piece in c.pieces:
            ends = [Fraction(m) * Fraction(2) ** e for m, e in (piece.low, piece.high)]
            if ends[0] <= Fraction(beta) <= ends[1]:
                inside += 1
                values = [x for p, o in zip(exact.patterns, signature.owners, strict=True)
                          for x in (*p.base, *([p.delta] if o is not None else []))]  # fmt: skip
                parts = zip(values, piece.centre, piece.slope, piece.radii, strict=True)
                for x, centre, slope, radius in parts:
                    y, s, r = (Fraction(m) * Fraction(2) ** e for m, e in (centre, slope, radius))
                    assert abs(Fraction(x) - y - s * (Fraction(beta) - sum(ends) / 2)) < r
        assert inside


def test_radii_at_the_reach_are_too_small(small: Data) -> None:
    """reach_i < r_i and not less strict: the line, of which the zero's distance is known, with radii that it fills."""
    c: Any = read(written(small))
    f = Arithmetic(c.precision)
    for piece in (c.pieces[0], c.pieces[-1]):
        reach = correlation._check_piece(c, frame(piece, f), f).reach
        tight = piece._replace(radii=[(7 * x // 8, -c.precision) for x in reach])
        with pytest.raises(Rejected, match="within its radius"):
            correlation._check_piece(c, frame(tight, f), f)


def shift(piece: Data) -> None:
    piece["centre"][0] = text(number(piece["centre"][0]) + 2 * number(piece["radii"][0]))


def tilt(piece: Data) -> None:
    length = number(piece["beta"][1]) - number(piece["beta"][0])
    piece["slope"][3] = text(
        number(piece["slope"][3]) + Fraction(int(8 * number(piece["radii"][3]) / length * 2**30), 2**30)
    )


def narrow(piece: Data) -> None:
    piece["radii"][2] = text(number(piece["radii"][2]) / 8)


def widen(piece: Data) -> None:
    piece["radii"] = [text(number(r) * 256) for r in piece["radii"]]


@pytest.mark.parametrize("plant", [shift, tilt, narrow, widen])
def test_an_error_in_a_piece_is_refused_there(small: Data, plant: Callable[[Data], None]) -> None:
    for k in (0, 1, len(small["claim"]["tube"]) - 1):
        data = copy.deepcopy(small)
        plant(data["claim"]["tube"][k])
        with pytest.raises(Rejected) as caught:
            verify_bytes(written(data))
        assert caught.value.step in ("existence", "glue", "domain", "precision", "curvature")
        assert caught.value.detail.startswith(f"piece {k}: ") or (
            caught.value.step == "glue" and caught.value.detail.startswith(f"piece {k + 1}: ")
        )


def test_gaps_and_ends(small: Data) -> None:
    tube = small["claim"]["tube"]
    for k in range(1, len(tube) - 1):
        data = copy.deepcopy(small)
        del data["claim"]["tube"][k]
        with pytest.raises(Rejected, match=f"piece {k} does not begin"):
            verify_bytes(written(data))
    for side, claim in ((0, [-21, 1000]), (1, [31, 1000])):
        data = copy.deepcopy(small)
        data["claim"]["correlation"][side] = claim
        with pytest.raises(Rejected, match=f"do not reach the correlation {claim[0]}/1000"):
            verify_bytes(written(data))
    for side, place in ((0, 0), (1, -1)):  # one unit of 2^-40 less than the prover's ends
        data = copy.deepcopy(small)
        end = data["claim"]["tube"][place]["beta"]
        end[side] = text(number(end[side]) + Fraction(1 - 2 * side, 2**40))
        with pytest.raises(Rejected, match="do not reach"):
            verify_bytes(written(data))
    data = copy.deepcopy(small)
    data["claim"]["tube"][0]["beta"][0] = "-0x1p-2"
    with pytest.raises(Rejected, match="not independent"):
        verify_bytes(written(data))


def test_claims_of_more_are_refused(small: Data) -> None:
    claim = small["claim"]
    for name, more, step in (
        ("curvature", text(2 * number(claim["curvature"])), "curvature"),
        ("scaled_loss", [text(number(claim["scaled_loss"][0]) * Fraction(65, 64)), claim["scaled_loss"][1]], "loss"),
        ("scaled_loss", [claim["scaled_loss"][0], text(number(claim["scaled_loss"][1]) * Fraction(63, 64))], "loss"),
    ):
        data = copy.deepcopy(small)
        data["claim"][name] = more
        with pytest.raises(Rejected) as caught:
            verify_bytes(written(data))
        assert (caught.value.step, caught.value.detail[:6]) == (step, "piece ")


@pytest.mark.parametrize(
    ("name", "place", "step"), [("hessian_blocks", 1, "curvature"), ("hessian_blocks", 3, "curvature"),
                                ("ambient_blocks", 0, "ambient"), ("ambient_blocks", 1, "ambient")],
)  # fmt: skip
def test_every_block_is_looked_at(
    small: Data, monkeypatch: pytest.MonkeyPatch, name: str, place: int, step: str
) -> None:
    """A block of the opposite sign."""
    c, plain = read(written(small)), getattr(isotypic, name)
    assert isinstance(c, Correlated)

    def wrong(geometry: Any) -> Iterator[Any]:
        for k, block in enumerate(plain(geometry)):
            turned = [[geometry.arithmetic.multiple(-1, x) for x in row] for row in block.matrix]
            yield block._replace(matrix=turned) if k == place else block

    monkeypatch.setattr(correlation, name, wrong)
    with pytest.raises(Rejected, match="a block is not confirmed") as caught:
        correlation.verify_correlated(c)
    assert caught.value.step == step


def test_the_line_must_follow_the_curve(small: Data) -> None:
    """With its slopes reversed it does not."""
    c = read(written(small))
    assert isinstance(c, Correlated)
    f = Arithmetic(c.precision)
    w = frame(c.pieces[0], f)
    assert correlation._check_piece(c, w, f).reach
    with pytest.raises(Rejected):
        correlation._check_piece(c, w._replace(slope=[(-s[1], -s[0]) for s in w.slope]), f)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: c.update(correlation=[[1, 10], [1, 20]]), "not an interval"),
        (lambda c: c.update(correlation=[[1, 0], [1, 20]]), "not an interval"),
        (lambda c: c.update(correlation=[["0", 1], [1, 20]]), "correlation is not an integer"),
        (lambda c: c.update(correlation=[[0, 1]]), "list of length 2"),
        (lambda c: c.update(correlation=[[-(10**9), 1], [1, 20]]), "correlation is not an integer"),
        (lambda c: c.update(curvature="0x0p0"), "curvature is not positive"),
        (lambda c: c.update(curvature="nan"), "canonical dyadic"),
        (lambda c: c.update(scaled_loss=["0x1p0"]), "list of length 2"),
        (lambda c: c.update(landscape="other"), "unknown kind or landscape"),
        (lambda c: c.update(kind={}), "unknown kind or landscape"),
        (lambda c: c.update(tube=[]), "not a list of 1 to"),
        (lambda c: c.update(tube={}), "not a list of 1 to"),
        (lambda c: c["tube"][0].update(eps=["0x0p0", "0x1p0"]), "exactly the keys"),
        (lambda c: c["tube"][0].update(radii=["0x1p-9"] * 4), "list of length 5"),
        (lambda c: c["tube"][0].update(beta=["0x1p99999", "0x1p0"]), "beta"),
        (lambda c: c["signature"].update(sizes=[5, 2**64]), "number of teachers"),
        (lambda c: c["signature"].update(sizes=[1], owners=[0]), "number of teachers"),
        (lambda c: c["signature"].update(owners=[0, 7]), "owner"),
        (lambda c: c.pop("signature"), "signature"),
        (lambda c: c.update(more=1), "exactly the keys"),
    ],
)
def test_malformed(small: Data, change: Callable[[Data], object], words: str) -> None:
    data = copy.deepcopy(small)
    change(data["claim"])
    with pytest.raises(Malformed, match=words):
        verify_bytes(written(data))


def test_too_much_work_and_large_numbers(small: Data) -> None:
    data = copy.deepcopy(small)
    data["claim"]["tube"] *= 1000
    with pytest.raises(ResourceLimit, match="too long"):
        verify_bytes(written(data))
    for value in ("0x1p8000", "-0x1p8000"):
        data = copy.deepcopy(small)
        data["claim"]["tube"][0]["centre"][0] = value
        with pytest.raises(Rejected, match="piece 0: "):
            verify_bytes(written(data))


def test_undecided_in_words() -> None:
    signature, found = point((5, 1))
    far = prove_correlation(signature, found.patterns, 0.0, (Fraction(0), Fraction(1, 5)))
    assert isinstance(far, Undecided)
    assert far.reason.startswith("it is no minimum any more near rho = 0.16")
    much = prove_correlation(signature, found.patterns, 0.0, (Fraction(0), Fraction(1, 100)), curvature=0.0047)
    assert isinstance(much, Undecided)
    assert much.reason.startswith("an eigenvalue is only 0.004")


def test_a_curve_past_the_given_point_is_not_told_to_be_its_own() -> None:
    """As if Newton's iteration had jumped to another curve on the way to the lower end."""
    signature, found = point((5, 1))
    moved = [p._replace(delta=p.delta + 0.01) if p.delta else p for p in found.patterns]
    result = prove_correlation(signature, moved, 0.0, (Fraction(-1, 1000), Fraction(1, 1000)))
    assert isinstance(result, Undecided)
    assert result.reason == "the curve that was followed is that of another minimum"


def test_wide_networks_are_confirmed() -> None:
    """K = M = 101: sums of many terms, which the two codes add up in different orders."""
    signature, found = point((100, 1))
    result = prove_correlation(signature, found.patterns, 0.0, (Fraction(0), Fraction(1, 2000)))
    assert not isinstance(result, Undecided)
    assert "101 ReLU students" in verify_bytes(result.certificate.content).sentence


@pytest.mark.parametrize("sizes", [(6,), (1, 6)])
def test_other_classes(sizes: tuple[int, ...]) -> None:
    """All students turned, and all but one, over a short interval."""
    shape = layout(sizes)
    points = find(shape.signature, asymptotic_starts(shape, [len(sizes) - 1]), (1.0, beta_of(-0.05, sum(sizes)))).points
    minimum = next(p for p in points if p.index == 0 and p.loss[0] > 1e-9)
    result = prove_correlation(shape.signature, minimum.patterns, -0.05, (Fraction(-1, 20), Fraction(-1, 21)))
    assert not isinstance(result, Undecided)
    assert "for every real rho in [-1/20, -1/21]" in verify_bytes(result.certificate.content).sentence


SHELF = Path(__file__).parents[2] / "proofs"


def inside(c: Correlated, beta: Fraction, values: list[Fraction]) -> list[bool]:
    """Whether the unknowns are within the radii, for each piece that contains beta."""
    result = []
    for piece in c.pieces:
        low, high = (Fraction(m) * Fraction(2) ** e for m, e in (piece.low, piece.high))
        if low <= beta <= high:
            parts = zip(values, piece.centre, piece.slope, piece.radii, strict=True)
            numbers = ((x, *(Fraction(m) * Fraction(2) ** e for m, e in dyadics)) for x, *dyadics in parts)
            result.append(all(abs(x - y - s * (beta - (low + high) / 2)) < r for x, y, s, r in numbers))
    return result


@pytest.mark.parametrize(("name", "member"), [
    ("5-1", "turned-p01-a/k0006"), ("7-1", "turned-p01-a/k0008"), ("8-2", "turned-p02-a/k0010"),
])  # fmt: skip
def test_orthonormal_teachers_have_the_shipped_member(name: str, member: str) -> None:
    """At rho = 0 the curve passes through the proved point of proofs/families."""
    c: Any = read((SHELF / "correlation" / name / "certificate.cert.json").read_bytes())
    point: Any = read((SHELF / "families" / f"{member}.cert.json").read_bytes())
    assert (c.sizes, c.owners, point.orthonormal, point.index) == (point.sizes, point.owners, True, 0)
    values = [Fraction(m) * Fraction(2) ** e for owner, row in zip(c.owners, point.centre, strict=True)
              for m, e in (row if owner is not None else row[:-1])]  # fmt: skip
    assert all(inside(c, Fraction(0), values))
    assert inside(c, Fraction(0), values)


@pytest.mark.parametrize("name", ["5-1", "7-1", "8-2", "9-1-and-one-more"])
def test_single_proofs_lie_in_the_shipped_tubes(name: str) -> None:
    """Newton's iteration from the middle of every eighth piece, proved alone: index, curvature, loss, and place."""
    c: Any = read((SHELF / "correlation" / name / "certificate.cert.json").read_bytes())
    signature = Signature(tuple(c.sizes), tuple(c.owners))
    value = lambda x: Fraction(x[0]) * Fraction(2) ** x[1]  # noqa: E731
    for piece in c.pieces[::8]:
        beta = float(value(piece.low) + value(piece.high)) / 2
        entries = iter([float(value(x)) for x in piece.centre])
        start = [
            Pattern(tuple(next(entries) for _ in c.sizes), next(entries) if o is not None else 0.0) for o in c.owners
        ]
        exact: Any = prove_member(signature, start, (1.0, beta))
        assert exact.index == exact.ambient_index == 0
        assert exact.curvature > value(c.curvature)
        assert value(c.scaled_loss[0]) < Fraction(exact.loss[0]) < Fraction(exact.loss[1]) < value(c.scaled_loss[1])
        values = [Fraction(x) for p, o in zip(exact.patterns, c.owners, strict=True)
                  for x in (*p.base, *([p.delta] if o is not None else []))]  # fmt: skip
        found = inside(c, Fraction(beta), values)
        assert found
        assert all(found)
