"""Four implementations of T1 agree: bounded float64, balls, the checker's integers, mpmath from the definition."""

import mpmath as mp
import numpy as np
import pytest
import reference_landscape as reference
from bound_ratios import ball_landscape
from configurations import KINDS, configuration
from flint import arb

from certify.arithmetic import dyadic, precision
from certify.checker.intervals import Arithmetic
from certify.checker.landscape import Landscape
from certify.landscape import bounded, floats

BITS = 160


def dyadics(rows: np.ndarray) -> list[list[tuple[int, int]]]:
    return [[dyadic(x) for x in row] for row in rows.tolist()]


def checker_values(W: np.ndarray, V: np.ndarray, bits: int) -> dict[str, list[tuple[int, int]]]:
    """Intervals in units of 2^-bits, times 2 pi; lower triangles of the matrices row by row."""
    landscape = Landscape(dyadics(W), dyadics(V), Arithmetic(bits))
    return {
        "loss": [landscape.loss()],
        "gradient": [x for row in landscape.gradient() for x in row],
        "hessian": [x for row in landscape.hessian_rows() for x in row],
        "ambient": [x for row in landscape.ambient_rows() for x in row],
    }


def triangle(matrix: object) -> list[object]:
    return [x for a, row in enumerate(matrix) for x in list(row)[: a + 1]]


def ball_values(W: np.ndarray, V: np.ndarray) -> dict[str, list[object]]:
    landscape = ball_landscape(W, V)
    return {
        "loss": [landscape.loss()],
        "gradient": [x for row in landscape.gradient() for x in row],
        "hessian": triangle(landscape.hessian()),
        "ambient": triangle(landscape.ambient()),
    }


def reference_values(W: np.ndarray, V: np.ndarray) -> dict[str, list[mp.mpf]]:
    w, v = reference.rows(W), reference.rows(V)
    return {
        "loss": [reference.loss(w, v)],
        "gradient": [x for row in reference.gradient(w, v) for x in row],
        "hessian": triangle(reference.hessian(w, v)),
        "ambient": triangle(reference.ambient(w, v)),
    }


def float_values(W: np.ndarray, V: np.ndarray) -> dict[str, tuple[list[float], float]]:
    e = bounded.evaluate(W, V)
    assert e is not None
    return {
        "loss": ([e.loss], e.loss_error),
        "gradient": (e.gradient.ravel().tolist(), e.gradient_error),
        "hessian": (triangle(e.hessian().tolist()), e.hessian_error),
        "ambient": (triangle(e.ambient.tolist()), e.ambient_error),
    }


def compare(W: np.ndarray, V: np.ndarray, bits: int = BITS) -> None:
    with precision(bits):
        balls = ball_values(W, V)
    integers, doubles = checker_values(W, V, bits), float_values(W, V)
    norms = [float(np.linalg.norm(row)) for row in (*W, *V)]
    largest, shortest = max(norms), min(norms)
    spread = max(1.0, largest) ** 2 * max(1.0, 1 / shortest, largest / shortest) ** 2 * len(norms) ** 2
    with mp.workprec(900):
        exact = reference_values(W, V)
        two_pi = 2 * mp.pi
        for name, values in exact.items():
            for value, ball, (low, high), double in zip(
                values, balls[name], integers[name], doubles[name][0], strict=True
            ):
                assert reference.inside(ball, value), name
                slack = mp.ldexp(1 + abs(value), -800)
                assert mp.ldexp(low, -bits) - slack <= two_pi * value <= mp.ldexp(high, -bits) + slack, name
                assert abs(mp.mpf(double) - value) <= doubles[name][1], name
                assert high - low <= 2**16 * spread, name  # the integers are tight
                assert reference.width(ball) <= 2.0 ** (24 - bits) * spread, name


@pytest.mark.parametrize("kind", KINDS)
def test_random_and_degenerate_points(kind: str) -> None:
    generator = np.random.default_rng(1)
    for _ in range(6):
        W, V = configuration(kind, generator, largest=3)
        if kind in ("scaled", "uneven"):
            compare(W, V, bits=480)
        else:
            compare(W, V)


@pytest.mark.parametrize("bits", [64, 96, 320])
def test_precisions(bits: int) -> None:
    generator = np.random.default_rng(2)
    for _ in range(3):
        compare(generator.standard_normal((2, 3)), generator.standard_normal((3, 3)), bits)


def test_both_signs_of_a_nearly_flat_angle() -> None:
    """Angles 1e-1 to 1e-300 from 0 and from pi."""
    for exponent in (1, 5, 8, 16, 30, 160, 300):
        for sign in (1.0, -1.0):
            W = np.array([[1.0, 0.0], [0.0, 2.0]])
            V = np.array([[sign, 10.0**-exponent], [1.0, 1.0]])
            compare(W, V)


def test_integers_and_balls_overlap_with_the_plain_float_formulas() -> None:
    generator = np.random.default_rng(3)
    W, V = generator.standard_normal((4, 4)), generator.standard_normal((3, 4))
    integers = checker_values(W, V, 128)
    unit = 2.0**-128 / (2 * np.pi)
    for name, values in {
        "gradient": floats.gradient(W, V).ravel().tolist(),
        "hessian": triangle(floats.hessian(W, V).tolist()),
        "ambient": triangle(floats.ambient(W, V).tolist()),
        "loss": [floats.loss(W, V)],
    }.items():
        assert values == pytest.approx([(low + high) / 2 * unit for low, high in integers[name]], abs=1e-13)


def test_pi_and_arctangent_of_the_checker_against_flint() -> None:
    for bits in (32, 64, 200, 1000):
        f = Arithmetic(bits)
        with precision(bits + 100):
            scale = arb((1, -bits))
            assert arb(f.pi[0]) * scale <= arb.pi()
            assert arb.pi() <= arb(f.pi[1]) * scale
            for numerator in range(0, 9):
                x = (numerator << bits) // 8
                low, high = f.atan((x, x))
                exact = (arb(x) * scale).atan()
                assert not exact < arb(low) * scale
                assert not arb(high) * scale < exact
                assert high - low < 2 ** (14 + bits // 50)


def test_the_comparison_notices_a_swapped_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Landscape, "alpha", lambda self, i: (0, 0))
    generator = np.random.default_rng(4)
    with pytest.raises(AssertionError):
        compare(generator.standard_normal((2, 2)), generator.standard_normal((2, 2)))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_many_points(seed: int) -> None:
    generator = np.random.default_rng(100 + seed)
    for n in range(250):
        kind = KINDS[n % len(KINDS)]
        compare(*configuration(kind, generator, largest=4), bits=480 if kind in ("scaled", "uneven") else 160)
