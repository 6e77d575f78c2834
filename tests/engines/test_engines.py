"""Three engines, one verdict; and an engine that is lied to, starved or run on an unfit machine refuses."""

from pathlib import Path

import numpy as np
import pytest
from rounding_modes import AVAILABLE, NAMES, rounding

import certify
from certify import memory
from certify.arithmetic import dyadic, dyadic_ball, precision
from certify.checker import Rejected, ResourceLimit, verify_bytes
from certify.checker.definite import certainly_positive_definite
from certify.checker.engine import INTEGERS
from certify.checker.intervals import Arithmetic
from certify.checker.landscape import Landscape
from certify.engines import blas, engine, flint, selftest
from certify.landscape.balls import BallLandscape
from certify.linalg.inertia import norm, signs

CORPUS = Path(__file__).parents[1] / "checker"
FILES = sorted(path for kind in ("accept", "reject") for path in (CORPUS / kind).glob("*.cert.json"))


def verdict(content: bytes, name: str) -> str:
    try:
        verify_bytes(content, engine(name))
    except Rejected as refusal:
        return refusal.step
    return "verified"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem.removesuffix(".cert"))
def test_the_same_verdict(path: Path) -> None:
    content = path.read_bytes()
    found = {name: verdict(content, name) for name in ("stdlib", "flint", "blas", "auto")}
    if path.name == "inertia--factor-bits-minimal.cert.json":  # a true claim: blas needs no bits for its factor
        assert found.pop("blas") == "verified"
    assert len(set(found.values())) == 1, found
    assert (found["stdlib"] == "verified") == (path.parent.name == "accept")


def test_flint_computes_the_same_integers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of every shape, and matrices on the edge of what T4 confirms."""
    monkeypatch.setattr(flint, "BLOCK", 4)
    generator = np.random.default_rng(1)
    answers = []
    for n in (1, 3, 4, 5, 8, 9, 17):
        for _ in range(30):
            bits = int(generator.integers(4, 40))
            B = [[int(x) for x in row] for row in generator.integers(-9, 10, (n, n))]
            gram = [[sum(row[a] * row[b] for row in B) << bits for b in range(a + 1)] for a in range(n)]
            edge = 0
            while edge < 60 and not certainly_positive_definite(
                [[*row[:-1], row[-1] + (1 << edge)] for row in gram], 1
            ):
                edge += 1
            for power in (edge - 1, edge):
                lifted = [[*row[:-1], row[-1] + (1 << power if power >= 0 else 0)] for row in gram]
                answers.append(flint.certainly_positive_definite([[*row] for row in lifted], 1))
                assert answers[-1] == certainly_positive_definite(lifted, 1)
    assert 50 < sum(answers) < len(answers) - 50


@pytest.mark.parametrize("mode", NAMES if AVAILABLE else ("nearest",))
def test_assembled_hessian(mode: str) -> None:
    """Within its bound of 200-bit balls, in general position, parallel, nearly parallel, badly scaled."""
    generator = np.random.default_rng(2)
    worst = 0.0
    for trial in range(40):
        k, m, d = (int(x) for x in generator.integers(1, 5, 3))
        W, V = generator.standard_normal((k, d)), generator.standard_normal((m, d))
        if trial % 4 == 1:
            W[0] = V[0] * (1.0 + 2.0**-30 * (trial % 8))
        elif trial % 4 == 2:
            W[0] = -V[0] + 1e-14 * generator.standard_normal(d)
        elif trial % 4 == 3:
            W *= 2.0 ** generator.integers(-12, 13, (k, 1))
        rows = [[dyadic(x) for x in row] for row in W.tolist()], [[dyadic(x) for x in row] for row in V.tolist()]
        landscape = Landscape(*rows, Arithmetic(128))
        with rounding(mode) if AVAILABLE else np.errstate():
            matrix, error = blas.assembled(blas.scalars(landscape))
        with precision(200):
            balls = BallLandscape(*([[dyadic_ball(x) for x in row] for row in part] for part in rows)).hessian()
            exact = np.array([[float(x * 2) for x in row] for row in balls])
            gap = np.array([[float(dyadic_ball(dyadic(matrix[a, b])) / (2 * balls[0][0].pi()) - balls[a][b])
                             for b in range(len(matrix))] for a in range(len(matrix))])  # fmt: skip
        ratio = float(np.linalg.norm(gap, 2)) * 2 * np.pi / error
        worst = max(worst, ratio)
        assert ratio <= 1.0, (trial, ratio, exact.shape)
    assert worst > 1e-3


@pytest.mark.parametrize("mode", NAMES if AVAILABLE else ("nearest",))
def test_lifted_splitting_matrices(mode: str) -> None:
    """Within their bounds of 200-bit balls, and the bounds no smaller than L4's formula."""
    generator = np.random.default_rng(6)
    for lift in (1.0, 1e3) * 10:
        k, m, d = (int(x) for x in generator.integers(1, 5, 3))
        W, V = generator.standard_normal((k, d)), generator.standard_normal((m, d))
        rows = [[dyadic(x) for x in row] for row in W.tolist()], [[dyadic(x) for x in row] for row in V.tolist()]
        landscape = Landscape(*rows, Arithmetic(128))
        with rounding(mode) if AVAILABLE else np.errstate():
            s = blas.scalars(landscape)
            matrices, error = blas.lifted(s, lift)
        with precision(200):
            exact = BallLandscape(*([[dyadic_ball(x) for x in row] for row in part] for part in rows))
            hessian, pi = exact.hessian(), exact.units[0][0].pi()
            for i, unit in enumerate(exact.units[:k]):
                off = [[float(2 * pi * hessian[i * d + a][i * d + b] - (pi if a == b else 0) + lift * unit[a] * unit[b]
                              - matrices[i, a, b]) for b in range(d)] for a in range(d)]  # fmt: skip
                assert np.linalg.norm(off, 2) <= error
        least = s.curvatures[1] + lift * 2.0**-52 * (2.0 * d**0.5 + 2.0)
        assert least <= error


def test_signs_of_many_matrices() -> None:
    """Never wrong within the error, and certain where there is room."""
    generator = np.random.default_rng(7)
    values = generator.choice([-1.0, 1.0], (40, 5)) * 10.0 ** generator.uniform(-3, 1, (40, 5))
    Q = np.linalg.qr(generator.standard_normal((40, 5, 5)))[0]
    matrices = (Q * values[:, None, :]) @ Q.transpose(0, 2, 1)
    for error in (1e-9, 3e-3, 0.3):
        found = signs(matrices, error, norm(matrices))
        room = np.abs(values).min(axis=1) - error
        smallest = np.array(found.smallest)
        certain = smallest > 0.0
        assert (smallest <= room)[certain].all()
        assert (certain == (room > 1e-12)).all()
        assert (np.array(found.negative) == (values < 0.0).sum(axis=1))[certain].all()
    spoiled = matrices.copy()
    spoiled[3, 1, 2] = np.nan
    for found in (signs(spoiled, 0.0, norm(spoiled)), signs(matrices, np.inf, norm(matrices))):
        assert not any(smallest > 0.0 for smallest in found.smallest)


@pytest.mark.parametrize(("wider", "expected"), [(1.0, "verified"), (2.0**36, "splitting"), (np.inf, "splitting")])
def test_blas_subtracts_the_bound_of_splitting_matrices(
    monkeypatch: pytest.MonkeyPatch, wider: float, expected: str
) -> None:
    original = blas.lifted
    monkeypatch.setattr(blas, "lifted", lambda s, lift: (original(s, lift)[0], original(s, lift)[1] * wider))
    assert verdict((CORPUS / "accept" / "splitting-minimum-4-6.cert.json").read_bytes(), "blas") == expected


def test_a_wider_interval_is_a_larger_bound() -> None:
    """The error follows from the widths the checker hands over."""
    rows = [[(3, 0), (1, 0)]], [[(1, 0), (1, -1)]]
    coarse, fine = (blas.scalars(Landscape(*rows, Arithmetic(bits))) for bits in (40, 90))
    assert blas.assembled(coarse)[1] > 100 * blas.assembled(fine)[1]
    assert blas.lifted(coarse, 1.0)[1] > 100 * blas.lifted(fine, 1.0)[1]


def test_unfit_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(selftest.trouble(size) is None for size in (1, 2, 36, 10**4))
    content = (CORPUS / "accept" / "minimum-6-6.cert.json").read_bytes()
    for mode in set(NAMES) - {"nearest"} if AVAILABLE else ():
        with rounding(mode), pytest.raises(ResourceLimit, match="round to nearest"):
            verify_bytes(content, engine("blas"))
    original = selftest._probes
    monkeypatch.setattr(
        selftest, "_probes", lambda size: (*original(size)[:2], b"\0" + original(size)[2][1:], original(size)[3])
    )
    with pytest.raises(ResourceLimit, match="not exact"):
        verify_bytes(content, engine("blas"))


def test_the_bound_is_that_of_the_proof() -> None:
    """L3, with e = e_4 = 0: no smaller than its formula at delta = U."""
    k, m, d = 7, 2, 5
    W, V = np.random.default_rng(3).standard_normal((k, d)), np.random.default_rng(4).standard_normal((m, d))
    landscape = Landscape(*([[dyadic(x) for x in row] for row in part.tolist()] for part in (W, V)), Arithmetic(128))
    norms = np.linalg.norm(np.vstack([W, V]), axis=1)
    total = float(norms.sum() - norms[:k].min()) / float(norms[:k].min())  # R without a student's own row, or more
    N, root = k + m, d**0.5
    unit = 2.0**-52
    least = unit * (k * (22 + 21 * root + d / 2) + (total + N) * (24 + 24 * root + d / 2 + N))
    assert least <= blas.assembled(blas.scalars(landscape))[1] < 1.5 * least


@pytest.mark.parametrize(("wider", "expected"), [(1.0, "verified"), (2.0**40, "inertia"), (np.inf, "inertia")])
def test_blas_subtracts_the_bound_of_its_error(monkeypatch: pytest.MonkeyPatch, wider: float, expected: str) -> None:
    original = blas.assembled
    monkeypatch.setattr(blas, "assembled", lambda s: (original(s)[0], original(s)[1] * wider))
    assert verdict((CORPUS / "accept" / "minimum-6-6.cert.json").read_bytes(), "blas") == expected
    assert verdict((CORPUS / "accept" / "saddle-7-6.cert.json").read_bytes(), "blas") == expected


def test_too_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available", lambda: 1 << 20)
    content = (CORPUS / "accept" / "minimum-6-6.cert.json").read_bytes()
    with pytest.raises(ResourceLimit, match="of memory are needed"):
        verify_bytes(content, engine("blas"))
    outcome = certify.prove(np.eye(3))
    assert isinstance(outcome, certify.Undecided)
    assert "of memory are needed" in outcome.reason


def test_names() -> None:
    assert engine("stdlib") is INTEGERS
    with pytest.raises(certify.InputError, match="no engine 'abacus'"):
        certify.verify(b"{}", engine="abacus")
    assert certify.verify(certify.prove(np.eye(15)).certificate).engine == "blas"  # type: ignore[union-attr]
    assert certify.verify(certify.prove(np.eye(3)).certificate).engine == "stdlib"  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["flint", "blas"])
def test_what_is_not_true_at_fifteen_neurons(name: str) -> None:
    """The gap raised beyond the spectrum, a moved centre and a false index."""
    outcome = certify.prove(np.eye(15))
    assert outcome.name == "proved"
    claim, witness = dict(outcome.certificate.claim), dict(outcome.certificate.witness)

    def check(claim: dict[str, object], witness: dict[str, object]) -> str:
        return verdict(type(outcome.certificate)(claim, witness).content, name)

    assert check(claim, witness) == "verified"
    larger = {**witness, "hessian": {**witness["hessian"], "gap": "0x1p-1"}}
    assert check(claim, larger) == "inertia"
    moved = [list(row) for row in claim["centre"]]
    moved[0][1] = "0x1p-26"
    assert check({**claim, "centre": moved}, witness) == "existence"
