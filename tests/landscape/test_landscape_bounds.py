"""The a-priori float64 bounds against 240-bit balls, in every rounding mode, and broken on purpose."""

import math
from contextlib import nullcontext

import mpmath as mp
import numpy as np
import pytest
from bound_ratios import ratios
from configurations import configuration, configurations
from flint import arb
from rounding_modes import AVAILABLE, NAMES, rounding

from certify.arithmetic import precision
from certify.landscape import bounded, floats

needs_modes = pytest.mark.skipif(not AVAILABLE, reason="the rounding mode cannot be set here")


def check(W: np.ndarray, V: np.ndarray, mode: str = "nearest") -> dict[str, float]:
    with nullcontext() if mode == "nearest" else rounding(mode):
        e = bounded.evaluate(W, V)
        assert e is not None
        computed = e.hessian()
    result = ratios(e, computed, W, V)
    assert max(result.values()) <= 1.0, (mode, result, W.tolist(), V.tolist())
    return result


def test_random_and_degenerate_points() -> None:
    worst: dict[str, float] = {}
    for _, W, V in configurations(12, 1):
        for name, ratio in check(W, V).items():
            worst[name] = max(worst.get(name, 0.0), ratio)
    assert worst["gradient"] > 1e-3  # generous, not absurd
    assert worst["hessian"] > 1e-3


@needs_modes
@pytest.mark.parametrize("mode", NAMES)
def test_every_rounding_mode(mode: str) -> None:
    for _, W, V in configurations(4, 2):
        check(W, V, mode)


@pytest.mark.parametrize("shape", [(1, 1, 40), (2, 1, 60), (8, 8, 8), (3, 12, 12), (12, 3, 5)])
def test_larger_shapes(shape: tuple[int, int, int]) -> None:
    k, m, d = shape
    generator = np.random.default_rng(3)
    check(generator.standard_normal((k, d)), generator.standard_normal((m, d)))


@pytest.mark.parametrize("seed", range(4))
def test_subnormal_and_tiny_entries(seed: int) -> None:
    generator = np.random.default_rng(seed)
    W, V = np.eye(3, 4), np.eye(3, 4)
    for rows in (W, V):
        rows[rows == 0.0] = generator.choice([5e-324, -5e-324, 1e-310, 1e-200, 1.6e-162, 1.5e-154, 0.0], 9)
    check(W, V)


@pytest.mark.long
def test_many_entries() -> None:
    """At least 10^5 entries of gradients and Hessians, all kinds, all modes."""
    entries = 0
    generator = np.random.default_rng(4)
    kinds = ("generic", "near-parallel", "near-antiparallel", "parallel", "scaled", "uneven", "axes")
    while entries < 10**5:
        W, V = configuration(kinds[entries % len(kinds)], generator, largest=7)
        mode = NAMES[int(generator.integers(4))] if AVAILABLE else "nearest"
        check(W, V, mode)
        entries += W.size + W.size**2


def arctangent_error(x: np.ndarray) -> float:
    """Largest error in units of U, against 100-bit balls."""
    values = bounded._arctangent(x)
    with precision(100):
        return (
            max(float((arb(a) - arb(b).atan()).abs_upper()) for a, b in zip(values.tolist(), x.tolist(), strict=True))
            / bounded.U
        )


def arguments(count: int, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    tiny = 10.0 ** -generator.uniform(0, 320, count // 4)
    return np.concatenate((generator.uniform(0, 1.01, count), tiny, [0.0, 5e-324, 1.0, 1.0 + 2**-52, 1.01]))


@pytest.mark.parametrize("mode", NAMES if AVAILABLE else ("nearest",))
def test_arctangent(mode: str) -> None:
    x = arguments(2000, 5)
    if not AVAILABLE:
        assert arctangent_error(x) < 16.0
        return
    with rounding(mode):
        values = bounded._arctangent(x)
    with precision(100):
        error = max(
            float((arb(a) - arb(b).atan()).abs_upper()) for a, b in zip(values.tolist(), x.tolist(), strict=True)
        )
    assert error < 8.0 * bounded.U  # the derivation says 5.7, the claim is 16


@pytest.mark.long
def test_arctangent_on_many_arguments() -> None:
    assert arctangent_error(arguments(100_000, 6)) < 8.0


def complement_error(pairs: list[tuple[np.ndarray, np.ndarray]]) -> float:
    """Largest error of pi - t, in units of (11 d + 106) U."""
    worst = 0.0
    with mp.workprec(160):
        for W, V in pairs:
            p = floats.pairs(W, V)
            angles = bounded.complement(p.sine, p.cosine)
            for i, w in enumerate(W.tolist()):
                for j, x in enumerate(p.rows.tolist()):
                    u, v = mp.matrix(w), mp.matrix(x)
                    far, near = mp.norm(u * mp.norm(v) + v * mp.norm(u)), mp.norm(u * mp.norm(v) - v * mp.norm(u))
                    exact = mp.pi - 2 * mp.atan2(near, far) if i != j else mp.pi
                    error = abs(mp.mpf(float(angles[i, j])) - exact) / bounded.U
                    worst = max(worst, float(error) / (11 * W.shape[1] + 106))
    return worst


def test_complement() -> None:
    assert complement_error([(W, V) for _, W, V in configurations(6, 7)]) < 0.6


@pytest.mark.long
def test_complement_on_many_pairs() -> None:
    generator = np.random.default_rng(8)
    pairs = []
    for _ in range(55):
        W = generator.standard_normal((30, 3))
        V = generator.standard_normal((30, 3))
        V[:15] = (
            np.where(generator.random((15, 1)) < 0.5, -1, 1) * W[:15]
            + 10.0 ** -generator.uniform(1, 17, (15, 1)) * V[:15]
        )
        pairs.append((W, V))
    assert complement_error(pairs) < 0.6


@pytest.mark.parametrize("scale", [2.0**-101, 2.0**101, 1e-200, 1e200, math.nan, math.inf, 0.0])
def test_outside_its_range_nothing_is_claimed(scale: float) -> None:
    with np.errstate(all="ignore"):
        assert bounded.evaluate(np.array([[scale, 0.0]]), np.eye(2)) is None
        assert bounded.evaluate(np.eye(2), np.array([[scale, 0.0]])) is None
        assert bounded.evaluate(np.array([[scale, 0.0], [0.0, 1.0]]), np.eye(2)) is None


def test_too_many_rows_are_refused() -> None:
    assert bounded.evaluate(np.ones((2, 1)), np.ones((bounded.DIMENSION_LIMIT, 1))) is None


def test_the_test_notices_a_unit_that_is_too_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "U", 2.0**-62)
    broken = set()
    for _, W, V in configurations(4, 9):
        e = bounded.evaluate(W, V)
        assert e is not None
        broken |= {name for name, ratio in ratios(e, e.hessian(), W, V).items() if ratio > 1.0}
    assert {"gradient", "hessian", "ambient", "loss", "norms"} <= broken


def test_the_test_notices_an_inaccurate_angle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "complement", lambda sine, cosine: np.arccos(np.clip(-cosine, -1.0, 1.0)))
    W = np.array([[1.0, 2.0, 3.0]])
    e = bounded.evaluate(W, W + np.array([[1e-8, 0.0, -1e-8]]))
    assert e is not None
    assert ratios(e, e.hessian(), W, W + np.array([[1e-8, 0.0, -1e-8]]))["gradient"] > 1.0
