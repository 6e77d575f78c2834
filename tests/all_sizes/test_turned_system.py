"""The scaled system, its derivatives and the loss: two implementations against the unscaled ones."""

from __future__ import annotations

import random

import mpmath
import pytest
from turned_points import CASES, FACTORS, checker_jets, entries, exact, geometry, inside, prover_jets, unknowns

from certify.arithmetic import dyadic_ball, precision
from certify.arithmetic.jets import Jet
from certify.checker import turned as checked
from certify.checker.intervals import Arithmetic
from certify.families import turned
from certify.families.branch import evaluate, solve

BITS = 700  # 200 digits


@pytest.mark.parametrize("factors", FACTORS)
@pytest.mark.parametrize(("p", "n"), CASES)
def test_the_reduced_gradient_is_the_generic_one(p: int, n: int, factors: tuple[float, ...]) -> None:
    with precision(BITS):
        xi, h = unknowns(p, factors), dyadic_ball((1, 0)) / n
        r = turned.reduced(turned.values([Jet(x) for x in xi], Jet(h.sqrt()), p), p)
        first, second = geometry(xi, n, p).gradient()
        expected = [first.base[0] + first.delta, first.base[0], first.base[1], second.base[0],
                    second.base[1] + second.delta, second.base[1]]  # fmt: skip
        lead = [h * 0, h * 0, r.leading.value, h * 0, r.leading.value, r.leading.value]
        for k, part in enumerate(r.parts):
            assert abs(lead[k] + h * part.value - expected[k]) < 1e-60


@pytest.mark.parametrize(("p", "n"), CASES)
def test_the_unscaled_gradient_in_mpmath(p: int, n: int) -> None:
    """From the loss itself: derivatives of L along the fixed space, at 200 digits, without any of the formulas."""
    with precision(BITS):
        xi = unknowns(p, FACTORS[1])
        h = dyadic_ball((1, 0)) / n
        r = turned.reduced(turned.values([Jet(x) for x in xi], Jet(h.sqrt()), p), p)
        gradient = [h * 0 + part.value * h for part in r.parts]
        for k in (2, 4, 5)[: 2 if p == 1 else 3]:
            gradient[k] = gradient[k] + r.leading.value
        found = [mpmath.mpf(0) + float(0) for _ in gradient]
    with mpmath.workdps(200):
        point = [mpmath.mpf(exact(x).numerator) / exact(x).denominator for x in xi]
        where = list(entries(point, mpmath.mpf(1) / n))
        counts = (n, n * (n - 1), n * p, n * p, p, p * (p - 1))
        for k in range(len(xi)):
            step = mpmath.mpf(10) ** -40
            ends = []
            for side in (-2, -1, 1, 2):
                moved = [*where]
                moved[k] += side * step
                ends.append(loss_times_two_pi(moved, n, p))
            slope = (ends[0] - 8 * ends[1] + 8 * ends[2] - ends[3]) / (12 * step)  # error of order step^4
            found[k] = slope / counts[k]
            middle = exact(gradient[k])
            assert abs(found[k] - mpmath.mpf(middle.numerator) / middle.denominator) < mpmath.mpf(10) ** -55


def loss_times_two_pi(x: list[mpmath.mpf], n: int, p: int) -> mpmath.mpf:
    """2 pi L by T1 from inner products, pair by pair."""
    a, b, c, d, e, f = x
    rows = [[a if i == j else b if j < n else c for j in range(n + p)] for i in (0, 1)]
    rows += [[d if j < n else e if j == n + i else f for j in range(n + p)] for i in (0, 1)]
    unit = [[mpmath.mpf(i == j) for j in range(n + p)] for i in range(n + p)]

    def phi(u: list[mpmath.mpf], v: list[mpmath.mpf]) -> mpmath.mpf:
        product = mpmath.fdot(u, v)
        lengths = mpmath.sqrt(mpmath.fdot(u, u) * mpmath.fdot(v, v))
        angle = mpmath.acos(product / lengths)
        return lengths * mpmath.sin(angle) + (mpmath.pi - angle) * product

    def square(u: list[mpmath.mpf]) -> mpmath.mpf:
        return mpmath.pi * mpmath.fdot(u, u)

    total = (n * square(rows[0]) + p * square(rows[2]) + n * (n - 1) * phi(rows[0], rows[1])) / 2
    total += n * p * phi(rows[0], rows[2]) + (p * (p - 1) * phi(rows[2], rows[3]) / 2 if p > 1 else 0)
    total -= n * (phi(rows[0], unit[0]) + (n - 1) * phi(rows[0], unit[1]) + p * phi(rows[0], unit[n]))
    total -= p * (
        n * phi(rows[2], unit[0]) + phi(rows[2], unit[n]) + ((p - 1) * phi(rows[2], unit[n + 1]) if p > 1 else 0)
    )
    return total + ((n + p) * mpmath.pi + (n + p) * (n + p - 1)) / 2


@pytest.mark.parametrize("factors", FACTORS)
@pytest.mark.parametrize(("p", "n"), [*CASES, (1, 10**6), (3, 10**9)])
def test_the_checker_encloses_the_prover(p: int, n: int, factors: tuple[float, ...]) -> None:
    """Values and all derivatives of system, rest and loss; the checker's intervals are also tight."""
    f = Arithmetic(160)
    with precision(300):
        xi = unknowns(p, factors)
        eps = dyadic_ball((round(2**40 / n**0.5), -40))
        state = evaluate(*prover_jets(xi, eps), p)
        at = checked.point(*checker_jets(xi, eps, f), p)
        found = checked.gradient(at)
        theirs = [*found.equations(at), found.rest, checked.scaled_loss(at, found)]
        ours = [*state.system, state.reduced.rest, state.loss * (4 * turned.pi())]
        for mine, other in zip(ours, theirs, strict=True):
            for ball, interval in zip([mine.value, *mine.slopes], [other.value, *other.slopes], strict=True):
                assert inside(ball, interval, f)
                assert interval[1] - interval[0] < 1 << 60  # 100 of 160 bits


@pytest.mark.parametrize(("p", "n"), CASES)
def test_boxes_contain_points(p: int, n: int) -> None:
    """Containment over boxes, checker and prover: what holds at a member holds in the enclosure."""
    rng = random.Random(n)
    f = Arithmetic(100)
    with precision(100):
        for _ in range(4):
            middle = unknowns(p, [rng.uniform(0.4, 0.6) if i == 4 else rng.uniform(0.6, 1.2) for i in range(6)])
            wide = [x + dyadic_ball((0, 0)).union(dyadic_ball((1, -6))) for x in middle]
            range_ = dyadic_ball((round(2**20 / n**0.5), -20)) + dyadic_ball((0, 0)).union(dyadic_ball((1, -9)))
            inner = [x + dyadic_ball((rng.randrange(1, 1023), -16)) for x in middle]
            place = dyadic_ball((round(2**20 / n**0.5), -20)) + dyadic_ball((rng.randrange(1, 127), -16))
            box = evaluate(*prover_jets(wide, range_), p)
            point = evaluate(*prover_jets(inner, place), p)
            at = checked.point(*checker_jets(wide, range_, f), p)
            found = checked.gradient(at)
            theirs = [*found.equations(at), checked.scaled_loss(at, found)]
            ours = [*box.system, box.loss * (4 * turned.pi())]
            exactly = [*point.system, point.loss * (4 * turned.pi())]
            for b, x, t in zip(ours, exactly, theirs, strict=True):
                for ball, value, interval in zip(
                    [b.value, *b.slopes], [x.value, *x.slopes], [t.value, *t.slopes], strict=True
                ):
                    assert ball.overlaps(value)
                    assert inside(value, interval, f)


@pytest.mark.parametrize("p", [1, 2, 3, 7])
def test_the_limit(p: int) -> None:
    """A3 and A4 at eps = 0."""
    with precision(BITS):
        xi = turned.limit(p)
        state = evaluate([Jet(x) for x in xi], Jet(dyadic_ball((0, 0))), p)
        assert all(abs(x.value) < 1e-190 for x in state.system)
        assert abs(state.loss.value - p * (dyadic_ball((1, -1)) - 2 / turned.pi() ** 2)) < 1e-190


@pytest.mark.parametrize(("p", "n"), [(1, 5), (1, 19), (2, 6), (3, 10), (6, 20)])
def test_the_scaled_loss_at_critical_points(p: int, n: int) -> None:
    with precision(300):
        eps = 1 / (dyadic_ball((n, 0))).sqrt()
        xi = turned.limit(p)
        for k in range(1, 17):
            xi = solve(xi, eps * k / 16, p) or pytest.fail("no convergence")
        for _ in range(3):
            xi = solve(xi, eps, p) or pytest.fail("no convergence")
        state = evaluate([Jet(x) for x in xi], Jet(eps), p)
        assert max(abs(float(x.value.mid())) for x in state.system) < 1e-60
        expected = (n + p) * geometry(xi, n, p).loss() / (2 * turned.pi())
        assert abs(state.loss.value - expected) < 1e-50
