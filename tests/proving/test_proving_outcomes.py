"""Proved, refuted, undecided: each is truthful, and false proofs are tried."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from bound_ratios import ball_landscape
from hypothesis import given
from hypothesis import strategies as st

from certify.arithmetic import precision
from certify.checker import Rejected, verify_bytes
from certify.landscape import bounded, floats
from certify.linalg.definite import InertiaTest
from certify.outcome import Outcome, Proved, Refuted, Undecided
from certify.problem import make_problem
from certify.proving import pipeline, prove
from certify.proving.polish import approximate_newton
from certify.proving.stages import DoubleStage

# K = M = 6, one student near minus a teacher: five students (a + b at the diagonal, b elsewhere), c; d, e
SYMMETRIC = (1.0067, -0.0213, 0.2132, 0.1689, -0.6013)


def certified(W: object, students: int, teacher: object = None, **options: int) -> Outcome:
    outcome = prove(W, make_problem(students, teacher=teacher), **options)
    if isinstance(outcome, Proved):
        verify_bytes(outcome.certificate.content)
    return outcome


def spurious() -> np.ndarray:
    """The spurious minimum of K = M = 6 by Newton in the symmetric coordinates' neighbourhood."""
    diagonal, off, column, row, corner = SYMMETRIC
    W = np.full((6, 6), off)
    np.fill_diagonal(W, diagonal)
    W[:5, 5], W[5, :5], W[5, 5] = column, row, corner
    for _ in range(40):
        W = W - np.linalg.solve(floats.hessian(W, np.eye(6)), floats.gradient(W, np.eye(6)).ravel()).reshape(6, 6)
    return W


def exact_centre(outcome: Proved) -> np.ndarray:
    """The certificate's centre, rounded to doubles."""
    parts = [[text.split("p") for text in row] for row in outcome.certificate.claim["centre"]]
    return np.array([[float(np.ldexp(float(int(m, 16)), int(e))) for m, e in row] for row in parts])


def test_the_spurious_minimum_of_six() -> None:
    outcome = certified(spurious(), 6)
    assert isinstance(outcome, Proved)
    assert outcome.index == outcome.ambient_index == 0
    assert outcome.kind == "strict-local-minimum"
    assert outcome.loss[0] <= 0.0250806 + 1e-7
    assert outcome.loss[1] >= 0.0250806 - 1e-7
    assert outcome.loss[1] - outcome.loss[0] < 1e-10
    assert outcome.not_global
    assert outcome.uniqueness_radius / 6**0.5 >= 5.7e-5  # max norm
    assert outcome.error_radius < 1e-10
    assert outcome.bits == 53
    values = np.linalg.eigvalsh(floats.hessian(spurious(), np.eye(6)))
    assert 0.9 * values[0] < outcome.curvature <= values[0]


def test_more_bits_give_smaller_error_radii_around_the_same_point() -> None:
    outcomes = [certified(spurious(), 6, bits=bits, max_bits=bits) for bits in (53, 128, 192, 256, 384, 512)]
    assert all(isinstance(o, Proved) for o in outcomes)
    errors = [o.error_radius for o in outcomes]
    assert all(b < 1e-10 * a for a, b in pairwise(errors))
    assert len({o.index for o in outcomes}) == 1

    def centre(o: Proved) -> list[Fraction]:
        flat = [text.split("p") for row in o.certificate.claim["centre"] for text in row]
        return [Fraction(int(m, 16)) * Fraction(2) ** int(e) for m, e in flat]

    finest = centre(outcomes[-1])
    for o in outcomes[:-1]:  # the refined point lies in each error ball
        square = sum((a - b) ** 2 for a, b in zip(centre(o), finest, strict=True))
        assert square <= (Fraction(o.error_radius) + Fraction(outcomes[-1].error_radius)) ** 2
        assert o.loss[0] <= outcomes[-1].loss[1]
        assert outcomes[-1].loss[0] <= o.loss[1]


@pytest.mark.parametrize("n", [1, 2, 3, 6, 9])
def test_global_minima_are_never_called_not_global(n: int) -> None:
    outcome = certified(np.eye(n), n)
    assert isinstance(outcome, Proved)
    assert not outcome.not_global
    assert outcome.loss[0] <= 0.0 <= outcome.loss[1]
    if n > 1:
        assert outcome.curvature == pytest.approx(0.25 - 1 / (2 * np.pi), rel=0.06)
        assert outcome.curvature <= 0.25 - 1 / (2 * np.pi)


@pytest.mark.parametrize("teachers", [1, 2, 4, 7])
def test_one_student_by_its_closed_form(teachers: int) -> None:
    r = teachers**-0.5
    kappa = ((1 - r * r) ** 0.5 + (np.pi - np.arccos(r)) * r) / (2 * np.pi)
    loss = (teachers / 2 + teachers * (teachers - 1) / (2 * np.pi) - 2 * teachers**2 * kappa**2) / 2
    W = np.full((1, teachers), 2 * teachers * kappa * r)
    outcome = certified(W + 1e-4, 1, np.eye(teachers))
    assert isinstance(outcome, Proved)
    assert outcome.kind == "strict-local-minimum"
    assert outcome.loss[0] - 1e-15 <= loss <= outcome.loss[1] + 1e-15
    assert np.abs(exact_centre(outcome) - W).max() <= outcome.error_radius + 1e-14
    assert not outcome.not_global  # fewer students than teachers, or the global minimum


def saddles(count: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Critical points by Newton from random starts, small gradients, any index."""
    generator = np.random.default_rng(seed)
    found = []
    while len(found) < count:
        k, m = (int(x) for x in generator.integers(1, 5, 2))
        V = generator.standard_normal((m, max(m, 2)))
        W = approximate_newton(generator.standard_normal((k, V.shape[1])), V, 1e3)
        values = np.abs(np.linalg.eigvalsh(floats.hessian(W, V)))
        if (
            np.abs(floats.gradient(W, V)).max() < 1e-13
            and values.min() > 1e-4
            and np.linalg.norm(W, axis=1).min() > 1e-2
        ):
            found.append((W, V))
    return found


def test_indices_agree_with_numpy() -> None:
    indices = set()
    for W, V in saddles(60, 1):
        outcome = certified(W, len(W), V)
        assert isinstance(outcome, Proved), outcome
        values = np.linalg.eigvalsh(floats.hessian(W, V))
        assert outcome.index == int((values < 0).sum())
        assert outcome.kind == ("saddle" if outcome.index else "strict-local-minimum")
        assert 0.5 * np.abs(values).min() < outcome.curvature <= np.abs(values).min() * (1 + 1e-12)
        if outcome.ambient_index is not None:
            assert outcome.ambient_index == int((np.linalg.eigvalsh(floats.ambient(W, V)) < 0).sum())
        indices.add(outcome.index)
    assert {0, 1, 2} <= indices


def test_the_uniqueness_region_holds_one_critical_point() -> None:
    """Newton from many starts in D(rho) meets the proven point or leaves."""
    generator = np.random.default_rng(2)
    for W, V in saddles(6, 3):
        outcome = certified(W, len(W), V)
        assert isinstance(outcome, Proved)
        for _ in range(20):
            shift = generator.standard_normal(W.shape)
            shift *= outcome.uniqueness_radius / np.linalg.norm(shift, axis=1, keepdims=True)
            end = approximate_newton(W + shift, V, 2 * outcome.uniqueness_radius * len(W) ** 0.5)
            inside = np.linalg.norm(end - W, axis=1).max() <= outcome.uniqueness_radius
            if inside and np.abs(floats.gradient(end, V)).max() < 1e-14:
                assert np.linalg.norm(end - W) < 1e-10


def test_a_refuted_candidate_has_no_critical_point_within_the_radius() -> None:
    """Newton from many starts inside."""
    generator = np.random.default_rng(4)
    refuted = 0
    for _ in range(40):
        k, m, d = (int(x) for x in generator.integers(1, 4, 3))
        W, V = generator.standard_normal((k, d)), generator.standard_normal((m, d))
        outcome = certified(W, k, V)
        if not isinstance(outcome, Refuted):
            continue
        refuted += 1
        for _ in range(10):
            shift = generator.standard_normal((k, d))
            shift *= outcome.radius * generator.random() / np.linalg.norm(shift)
            end = approximate_newton(W + shift, V, 1e3)
            if np.abs(floats.gradient(end, V)).max() < 1e-12 and np.linalg.norm(end, axis=1).min() > 1e-9:
                assert np.linalg.norm(end - W) > outcome.radius
    assert refuted > 20


def test_refuted_is_never_said_next_to_a_critical_point() -> None:
    generator = np.random.default_rng(5)
    for W, V in saddles(20, 6):
        for size in (1e-12, 1e-8, 1e-4, 1e-2):
            start = W + size * generator.standard_normal(W.shape)
            outcome = certified(start, len(W), V)
            if isinstance(outcome, Refuted):
                assert outcome.radius < np.linalg.norm(start - W)


def test_what_is_proved_is_near_the_candidate() -> None:
    """Refinement in more bits once carried a candidate with a tiny row to the global minimum, a distance of 1 away."""
    for scale in (1e-140, 1e-100, 1e-40, 1e-20, 1e-5):
        for W in (np.diag([scale, 1.0]), scale * np.eye(2), np.array([[1.0, 0.0], [scale, scale]])):
            for bits in (53, 128):
                outcome = certified(W, 2, bits=bits)
                if isinstance(outcome, Proved):
                    moved = float(np.linalg.norm(exact_centre(outcome) - W))
                    assert moved <= 0.05 * np.linalg.norm(W, axis=1).max() * 1.0001
                    assert outcome.displacement == pytest.approx(moved, rel=1e-6, abs=1e-13)


def test_near_double_zeros_are_not_certified_as_one() -> None:
    """Between two nearby critical points of a one-parameter family: proofs hold, or there are none.

    One student, two teachers v and -a v': as the angle of the teachers grows the minimum and a saddle approach.
    """
    proved = 0
    for angle in np.linspace(1.0, np.pi, 60):
        V = np.array([[1.0, 0.0], [np.cos(angle), np.sin(angle)]])
        for start in (V[:1] + V[1:], V[:1], -V[:1] - V[1:], np.array([[-np.sin(angle / 2), np.cos(angle / 2)]])):
            W = approximate_newton(start + 1e-3, V, 10.0)
            if np.linalg.norm(W) < 1e-6:
                continue
            outcome = certified(W, 1, V)
            if isinstance(outcome, Proved):
                proved += 1
                values = np.linalg.eigvalsh(floats.hessian(W, V))
                assert outcome.curvature <= np.abs(values).min() * (1 + 1e-9)
    assert proved > 20


def test_midpoints_of_two_critical_points() -> None:
    points = [(W, V) for W, V in saddles(30, 7)]
    for W, V in points[:8]:
        k = len(W)
        other = approximate_newton(W + 0.3 * np.random.default_rng(8).standard_normal(W.shape), V, 1e3)
        middle = (W + other) / 2
        if not np.linalg.norm(middle, axis=1).min() > 1e-3 or np.linalg.norm(W - other) < 1e-8:
            continue
        outcome = certified(middle, k, V)
        if isinstance(outcome, Refuted):
            assert outcome.radius <= np.linalg.norm(W - other) / 2


def test_flat_sets_are_undecided() -> None:
    for share in (0.5, 0.3, 0.123456):
        W = np.vstack((np.eye(3), np.eye(1, 3)))
        W[0] *= share
        W[3] *= 1 - share
        outcome = certified(W, 4, np.eye(3))
        assert isinstance(outcome, Undecided)
        assert outcome.remedy


@given(st.integers(0, 10**6))
def test_whatever_newton_finds_is_proved_or_not_and_verifies(seed: int) -> None:
    generator = np.random.default_rng(seed)
    k, m, d = (int(x) for x in generator.integers(1, 5, 3))
    V = generator.standard_normal((m, d))
    W = approximate_newton(generator.standard_normal((k, d)), V, float(generator.choice([0.1, 1.0, 100.0])))
    if generator.random() < 0.3:
        W = W * 2.0 ** int(generator.integers(-60, 60))
        V = V * float(2.0 ** int(generator.integers(-60, 60)))
    outcome = certified(W, k, V)
    assert isinstance(outcome, Proved | Refuted | Undecided)
    assert outcome.reason
    assert "\n" not in outcome.reason


def test_outcomes_at_every_precision_agree() -> None:
    for W, V in saddles(4, 9):
        results = [certified(W, len(W), V, bits=bits) for bits in (53, 128, 192, 512)]
        assert all(isinstance(r, Proved) for r in results)
        assert len({r.index for r in results}) == 1
        assert len({r.ambient_index for r in results}) == 1


def test_the_loss_interval_holds_the_loss_of_the_refined_point() -> None:
    for W, V in saddles(5, 10):
        coarse, fine = certified(W, len(W), V), certified(W, len(W), V, bits=256)
        assert isinstance(coarse, Proved)
        assert isinstance(fine, Proved)
        assert coarse.loss[0] <= fine.loss[0] <= fine.loss[1] <= coarse.loss[1]
        with precision(300):
            value = ball_landscape(exact_centre(fine), V).loss()
        assert abs(float(value.mid()) - sum(fine.loss) / 2) < 1e-13


def test_dropping_the_variation_makes_proofs_the_checker_refuses(monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.setattr(DoubleStage, "variation", lambda self, radius: 1e-3 * radius)
    outcome = prove(np.eye(3), make_problem(3))
    assert isinstance(outcome, Proved)
    with pytest.raises(Rejected):
        verify_bytes(outcome.certificate.content)


def test_a_wrong_inertia_test_makes_proofs_the_checker_refuses(monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.setattr(pipeline, "MARGIN", 1.1)
    monkeypatch.setattr(InertiaTest, "certainly", lambda self, gap: True)
    outcome = prove(np.eye(3), make_problem(3))
    assert isinstance(outcome, Proved)
    with pytest.raises(Rejected):
        verify_bytes(outcome.certificate.content)


def test_a_larger_unit_makes_the_prover_careful_not_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "U", 2.0**-30)
    outcome = certified(spurious(), 6, max_bits=53)
    assert isinstance(outcome, Undecided)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_many_certificates_verify(seed: int) -> None:
    proved = 0
    for W, V in saddles(400, 100 + seed):
        outcome = certified(W, len(W), V, bits=(53, 53, 128, 256)[proved % 4])
        proved += isinstance(outcome, Proved)
    assert proved > 390
