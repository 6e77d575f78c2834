"""The float64 evaluation of the engine blas (L5) against 240-bit balls, broken on purpose, and where it is used."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bound_ratios import BITS, ball_landscape
from configurations import configurations
from flint import arb
from rounding_modes import AVAILABLE, NAMES, rounding

import certify
from certify.arithmetic import precision, square_root
from certify.checker import theorem, verify_bytes
from certify.checker.errors import ResourceLimit
from certify.checker.intervals import Arithmetic
from certify.engines import blas, engine, scalars
from certify.engines.scalars import FloatLandscape
from certify.landscape.balls import BallLandscape

MODES = NAMES if AVAILABLE else ("nearest",)
ACCEPTED = Path(__file__).parents[1] / "checker" / "accept"


def evaluated(W: np.ndarray, V: np.ndarray, mode: str = "nearest") -> FloatLandscape:
    with rounding(mode) if AVAILABLE else np.errstate():
        norms = scalars.row_norms(np.concatenate((W, V)))
        assert norms is not None
        return FloatLandscape(W, V, norms, Arithmetic(256), orthonormal=np.array_equal(V, np.eye(*V.shape)))


def differences(approximate: np.ndarray, balls: Any, scale: Any = 1) -> list[arb]:
    """approximate - scale * balls, entry by entry."""
    return [
        arb(x) - scale * ball
        for row, exact in zip(approximate.tolist(), balls, strict=True)
        for x, ball in zip(row, exact, strict=True)
    ]


def largest(errors: list[arb]) -> float:
    return max((float(abs(x).upper()) for x in errors), default=0.0)


def frobenius(errors: list[arb]) -> float:
    return float(sum((x * x for x in errors), arb(0)).sqrt().upper())


def dot(x: list[arb], y: list[arb]) -> arb:
    return sum((a * b for a, b in zip(x, y, strict=True)), arb(0))


def slope_ratio(at: FloatLandscape, exact: BallLandscape, m: int) -> float:
    """D is a difference of kernels: that of a vector with itself is pi / 2 pi of its length."""
    total, own = arb(0), exact.units[exact.students + m]
    for j, (norm, unit) in enumerate(zip(exact.norms, exact.units, strict=True)):
        squares = (dot(*2 * [[a - s * b for a, b in zip(unit, own, strict=True)]]) for s in (1, -1))
        near, far = map(square_root, squares)
        cosine = dot(unit, own)
        kernel = norm * (near * far / 2 + 2 * arb.atan2(far, near) * cosine if j != exact.students + m else arb.pi())
        total += kernel if j < exact.students else -kernel
    low, high = at.slope(m)
    return float(abs((total * arb(2) ** 256 - arb(low + high) / 2) / (arb(high - low) / 2)).upper())


def ratios(at: FloatLandscape, W: np.ndarray, V: np.ndarray, mode: str) -> dict[str, float]:
    """Error / bound of everything; above 1 is wrong."""
    s, k = at.scalars, len(W)
    with rounding(mode) if AVAILABLE else np.errstate():
        hessian, hessian_error = blas.assembled(s)
        ambient, ambient_error = blas.ambient(s)
    with precision(BITS):
        exact, two_pi = ball_landscape(W, V), 2 * arb.pi()
        beside, signed = exact.ambient(), [arb(1)] * k + [arb(-1)] * len(V)
        quotients = [[y / x for y in exact.norms] for x in exact.norms[:k]]
        weights = [[sign * q for sign, q in zip(signed, row, strict=True)] for row in quotients]
        off = differences(s.weights, weights)
        sizes = [1 + q for row in quotients for q in row]
        alphas = [[two_pi * (beside[i][i] - arb(0.5)) for i in range(k)]]
        between = [[two_pi * beside[i][j] if i != j else arb.pi() for j in range(k)] for i in range(k)]
        low, high = at.loss()
        middle, radius = arb(low + high) / 2, arb(high - low) / 2
        found = {
            "units": largest(differences(s.units, exact.units)) / s.delta,
            "weights": largest([x / size for x, size in zip(off, sizes, strict=True)]) / s.delta,
            "alphas": largest(differences(s.alphas[None], alphas)) / s.alpha_error,
            "complement": largest(differences(s.complement, between)) / s.delta,
            "gradient": frobenius(differences(at.gradient, exact.gradient(), two_pi)) / at.gradient_error,
            "ambient": frobenius(differences(ambient, beside, two_pi)) / ambient_error,
            "hessian": frobenius(differences(hessian, exact.hessian(), two_pi)) / hessian_error,
            "loss": largest([(two_pi * exact.loss() * arb(2) ** 256 - middle) / radius]),
            "slope": max(slope_ratio(at, exact, m) for m in range(len(V))),
        }
        for (lower, upper), norm in zip((n for n, _ in at.student_norms()), exact.norms, strict=False):
            assert arb(lower) <= norm * arb(2) ** 256 <= arb(upper)
        assert at.teacher_length() >= sum(exact.norms[k:], arb(0)) * arb(2) ** 256
    assert all(ratio <= 1.0 for ratio in found.values()), (mode, found, W.tolist(), V.tolist())
    return found


@pytest.mark.parametrize("mode", MODES)
def test_within_the_bounds(mode: str) -> None:
    """Generic, parallel, nearly (anti)parallel, badly scaled; and orthonormal teachers."""
    worst: dict[str, float] = {}
    points = [(W, V) for _, W, V in configurations(3, 11)]
    points += [(W, np.eye(W.shape[1])) for _, W, _ in configurations(1, 12)]
    for W, V in points:
        if np.linalg.norm(np.vstack([W, V]), axis=1).max() < 2.0**8 * np.linalg.norm(W, axis=1).min():
            for name, ratio in ratios(evaluated(W, V, mode), W, V, mode).items():
                worst[name] = max(worst.get(name, 0.0), ratio)
    assert min(worst["gradient"], worst["loss"], worst["alphas"]) > 5e-3  # generous, not absurd
    assert worst["hessian"] > 1e-4


def test_a_smaller_unit_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scalars, "U", 2.0**-62)
    with pytest.raises(AssertionError):
        test_within_the_bounds("nearest")


@pytest.mark.parametrize("mode", MODES)
def test_arctangent(mode: str) -> None:
    generator = np.random.default_rng(5)
    tiny = 10.0 ** -generator.uniform(0, 320, 300)
    x = np.concatenate((generator.uniform(0, 1.01, 2000), tiny, [0.0, 5e-324, 1.0, 1.0 + 2**-52, 1.01]))
    with rounding(mode) if AVAILABLE else np.errstate():
        values = scalars.arctangent(x)
    with precision(100):
        error = max(
            float(abs(arb(a) - arb(b).atan()).upper()) for a, b in zip(values.tolist(), x.tolist(), strict=True)
        )
    assert 2.0**-54 < error < 6.0 * 2.0**-52  # the derivation says 5.7, the claim is 8


def test_the_bounds_are_those_of_the_proof() -> None:
    """No smaller than what L5 derives, and not twice as large; the prover's bound of the gradient is larger."""
    for k, m, d in ((1, 1, 1), (3, 2, 4), (6, 6, 6), (20, 20, 20), (2, 40, 3)):
        generator = np.random.default_rng(k)
        W, V = generator.standard_normal((k, d)), generator.standard_normal((m, d))
        at = evaluated(W, V)
        unit, n = 2.0**-52, k + m
        norms = np.linalg.norm(np.vstack([W, V]), axis=1)
        total, ratio = float(norms.sum()), float(norms.sum() / norms[:k].min())
        radius = float(at.loss()[1] - at.loss()[0]) / 2.0**257
        for bound, least in (
            (at.scalars.delta, (5.5 * d + 40) * unit),
            (at.scalars.alpha_error, ratio * (4.5 * d + n + 14) * unit),
            (at._slope_error, total * (16.9 * d + 3.2 * n + 78) * unit),
            (at.gradient_error, k**0.5 * total * (10 * d + 4.2 * n + 59) * unit),
            (radius, total**2 / 2 * (18.5 * d + 6.3 * n + 92) * unit),
        ):
            assert least <= bound < 2.0 * least
        assert at.gradient_error < k**0.5 * total * (16 * d + 5 * n + 180) * unit


@pytest.mark.parametrize("scale", [2.0**-101, 2.0**101, np.nan, np.inf, 0.0])
def test_outside_its_range(scale: float) -> None:
    with np.errstate(all="ignore"):
        assert scalars.row_norms(np.array([[1.0, 0.0], [scale, 0.0]])) is None


def test_what_is_no_float64() -> None:
    assert scalars.exact([[((1 << 53) + 1, 0)]]) is None
    assert scalars.exact([[(1, 2000)]]) is None
    assert scalars.exact([[(1, -1023)]]) is None
    numbers = scalars.exact([[((1 << 53) - 1, -60), (0, 0)], [(-3, -1022), (1, 1023)]])
    assert numbers is not None
    assert numbers.tolist() == [[((1 << 53) - 1) / 2**60, 0.0], [-3 * 2.0**-1022, 2.0**1023]]


def test_coarse_scalars_say_nothing() -> None:
    """The bounds of L3 and L4 leave out terms of second order, which needs small errors."""
    rng = np.random.default_rng(3)
    W = rng.normal(size=(3, 4))
    fine = evaluated(W, np.eye(3, 4)).scalars
    for error in (2.0**-9, np.nan):
        coarse = replace(fine, delta=error)
        bounds = [act[1] for act in (blas.assembled(coarse), blas.ambient(coarse), blas.lifted(coarse, 2.0))]
        assert bounds == [np.inf] * 3
    assert max(blas.assembled(fine)[1], blas.ambient(fine)[1], blas.lifted(fine, 2.0)[1]) < 2.0**-30


def no_integers(*_: object) -> None:
    raise ZeroDivisionError("integers")


def test_where_integers_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not for a proof in float64; for more precision, or a basin."""
    W = np.array([[0.6, 0.1, 0.0], [0.2, 0.8, 0.1], [-0.1, 0.1, 0.7]])
    outcomes = [certify.prove(np.eye(3), W[:, :3] * 0 + np.eye(3), **options)
                for options in ({}, {"bits": 128}, {"basin": True})]  # fmt: skip
    content = [outcome.certificate.content for outcome in outcomes]
    monkeypatch.setattr(theorem, "Landscape", type("Landscape", (), {"__init__": no_integers}))
    verify_bytes(content[0], engine("blas"))
    for other in content[1:]:
        with pytest.raises(ZeroDivisionError):
            verify_bytes(other, engine("blas"))
    verify_bytes((ACCEPTED / "newborn-minimum-4-6.cert.json").read_bytes(), engine("blas"))


@pytest.mark.parametrize("name", ["_loss_error", "gradient_size", "_norm_error", "_slope_error"])
def test_what_float64_does_not_confirm_is_decided_in_integers(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    content = (ACCEPTED / "newborn-minimum-4-6.cert.json").read_bytes()
    original, seen = FloatLandscape.__init__, []

    def wide(self: FloatLandscape, *arguments: object, **options: object) -> None:
        original(self, *arguments, **options)
        setattr(self, name, getattr(self, name) * 2.0**48)
        seen.append(self)

    monkeypatch.setattr(FloatLandscape, "__init__", wide)
    verify_bytes(content, engine("blas"))
    assert seen
    monkeypatch.setattr(theorem, "Landscape", type("Landscape", (), {"__init__": no_integers}))
    with pytest.raises(ZeroDivisionError):
        verify_bytes(content, engine("blas"))


def test_the_library_is_tested_before_and_after(monkeypatch: pytest.MonkeyPatch) -> None:
    for answers in (["it is broken"], [None, "it is broken"]):
        remaining = iter(answers)
        monkeypatch.setattr(blas, "trouble", lambda _, remaining=remaining: next(remaining))
        with pytest.raises(ResourceLimit, match="it is broken"):
            verify_bytes((ACCEPTED / "splitting-minimum-4-6.cert.json").read_bytes(), engine("blas"))
        assert not list(remaining)
