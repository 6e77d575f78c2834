"""Further students of norm zero (docs/splitting.md, S6 and S7): slopes, bounds, and the theorem itself."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import checker_reference as reference
import mpmath as mp
import numpy as np
import pytest
from test_checker_splitting import SIZES, dyadics, written_out

import certify
from certify.checker import verify_bytes
from certify.checker.intervals import Arithmetic
from certify.checker.landscape import Landscape
from certify.checker.newborn import slope_bounds
from certify.checker.orbits import Geometry
from certify.checker.reader import read
from certify.landscape import floats

ACCEPT = Path(__file__).parent / "accept"
POINTS = ("minimum-4-6", "minimum-plane", "saddle-2-3", "saddle-every-kind")


def slope(W: np.ndarray, V: np.ndarray, u: np.ndarray) -> mp.mpf:
    """2 pi D(u), in 40 digits."""
    with mp.workdps(40):
        rows = lambda matrix: [[mp.mpf(x) for x in row] for row in matrix.tolist()]  # noqa: E731
        direction = reference.unit([mp.mpf(x) for x in u.tolist()])
        terms = [reference.phi(w, direction) for w in rows(W)] + [-reference.phi(v, direction) for v in rows(V)]
        return mp.fsum(terms)


def number(x: tuple[int, int]) -> float:
    return float(Fraction(x[0]) * Fraction(2) ** x[1])


def point(name: str) -> tuple[certify.checker.reader.Claim, np.ndarray, np.ndarray]:
    content = (ACCEPT / f"newborn-{name}.cert.json").read_bytes()
    verify_bytes(content)
    c = read(content)
    centre = [[number(x) for x in row] for row in c.centre]
    if hasattr(c, "owners"):
        return (
            c,
            written_out(c.sizes, c.owners, centre)[0],
            number(c.teacher[0]) * np.eye(c.dimension) + number(c.teacher[1]),
        )
    return c, np.array(centre), np.array([[number(x) for x in row] for row in c.teacher])


@pytest.mark.parametrize(("sizes", "owners"), SIZES)
@pytest.mark.parametrize("teacher", [(1.0, 0.0), (1.25, 0.5), (1.0, -0.75)])
def test_slopes_contain_the_exact_ones(sizes, owners, teacher) -> None:
    """Of every teacher, by rows and by classes, also where students are parallel to teachers."""
    r = np.random.default_rng(sum(sizes) + len(owners))
    m = sum(sizes)
    V = teacher[0] * np.eye(m) + teacher[1]
    f = Arithmetic(96)
    for parallel in (False, True):
        draw = lambda n: (r.integers(-2048, 2048, size=n) / 1024).tolist()  # noqa: E731 - sums are exact
        patterns = [[*draw(len(sizes)), *([0.0] if o is None else draw(1))] for o in owners]
        if parallel and owners[0] is not None:
            patterns[0] = [2 * teacher[1]] * len(sizes) + [2 * teacher[0]]
        W, _ = written_out(sizes, owners, patterns)
        landscape = Landscape(dyadics(W), dyadics(V), f)
        geometry = Geometry(sizes, owners, dyadics(patterns), dyadics([teacher])[0], f)
        for n in range(m):
            exact = mp.ldexp(slope(W, V, V[n]), f.bits)  # a product would be rounded
            owner = int(np.searchsorted(np.cumsum(sizes), n, side="right"))
            for low, high in (landscape.slope(n), geometry.slope(owner)):
                assert low <= exact <= high
                assert high - low < 2 ** (60 if parallel else 24)  # half of the digits may be lost


@pytest.mark.parametrize("name", POINTS)
def test_the_loss_falls_as_stated(name: str) -> None:
    """The network with one student more: its loss along the direction, from the loss function alone."""
    c, W, V = point(name)
    assert c.newborn is not None
    low, high = map(number, c.newborn.slope)
    m = c.newborn.teacher if not hasattr(c, "sizes") else sum(c.sizes[: c.newborn.teacher])
    unit, loss = V[m] / np.linalg.norm(V[m]), floats.loss(W, V)
    for t in (1e-3, 1e-2, -2 * high):
        change = floats.loss(np.vstack((W, t * unit)), V) - loss
        assert low * t - 1e-12 <= change - t * t / 4 <= high * t + 1e-12
    assert number(c.loss[1]) - high**2 >= floats.loss(np.vstack((W, -2 * high * unit)), V) - 1e-12
    assert "the loss falls to at most" in verify_bytes((ACCEPT / f"newborn-{name}.cert.json").read_bytes()).sentence


@pytest.mark.parametrize("name", POINTS)
def test_theorem(name: str) -> None:
    """S7: the slopes along the teachers add up to -2 L, those along the students vanish; bounds of the steepest one."""
    c, W, V = point(name)
    loss = floats.loss(W, V)
    along = [float(slope(W, V, v)) / (2 * np.pi) for v in V]
    assert np.dot(along, np.linalg.norm(V, axis=1)) == pytest.approx(-2 * loss, abs=1e-7)
    assert all(abs(float(slope(W, V, w))) < 1e-6 for w in W)
    bounds = slope_bounds(c)
    assert bounds is not None
    low, high = map(number, bounds)
    assert low == pytest.approx(-(loss**0.5), rel=1e-6)
    assert high == pytest.approx(-2 * loss / np.linalg.norm(V, axis=1).sum(), rel=1e-6)
    assert min(along) <= high
    r = np.random.default_rng(5)
    found = [float(slope(W, V, u)) / (2 * np.pi) for u in r.normal(size=(15, V.shape[1]))]
    assert low <= min(*found, *along)


def test_at_zero_loss_every_slope_is_zero() -> None:
    W = np.vstack((0.25 * np.eye(3), np.diag([0.75, 0.75, 0.75])))
    r = np.random.default_rng(6)
    assert all(abs(slope(W, np.eye(3), u)) < 1e-30 for u in r.normal(size=(20, 3)))
    c = read(certify.prove(np.eye(3), newborn=True).certificate.content)
    assert c.newborn is None
    assert slope_bounds(c) is None


def test_prove_adds_it_on_request() -> None:
    W = [[0.9463, 0.9463, -0.2438], [0.0896, 0.0896, 1.3179]]
    assert certify.prove(W, np.eye(3)).newborn is None
    for symmetric in (False, True):
        outcome = certify.prove(W, np.eye(3), newborn=True, symmetric=symmetric)
        assert outcome.newborn.slope[1] < 0
        assert certify.verify(outcome.certificate).verified


def test_bounds_from_the_loss_are_rounded_outward() -> None:
    for name in POINTS:
        c, _, V = point(name)
        with mp.workdps(60):
            lengths = mp.fsum(mp.sqrt(mp.fsum(mp.mpf(x) ** 2 for x in row)) for row in V.tolist())
            (steepest, least), ends = slope_bounds(c), [mp.ldexp(m, e) for m, e in c.loss]
            exact = -mp.sqrt(ends[1]), -2 * ends[0] / lengths
            assert mp.ldexp(*steepest) <= exact[0] <= mp.ldexp(*steepest) * (1 - mp.mpf(2) ** -40)
            assert exact[1] <= mp.ldexp(*least) <= exact[1] * (1 - mp.mpf(2) ** -40)
