"""The batch's gradient, steps and membership test against slower and independent computations."""

import itertools
from collections.abc import Callable

import mpmath
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from certify.landscape import floats
from certify.reach import chebyshev
from certify.reach.basins import MARGIN, Basins
from certify.reach.fast import Fast
from certify.reach.kernel import FRACTIONS, Kernel
from certify.reach.minima import distance_to_global, minimum_near, radius_of
from certify.reach.noise import sgd
from certify.reach.plan import Plan, decode_arrivals, decode_plan, encode_arrivals, encode_plan, shares
from certify.reach.pursue import Pursuer, turned
from certify.search.setting import Setting, make_setting


def plan(students: int, teachers: int | None = None, **options: object) -> Plan:
    setting = make_setting(students, teachers)
    return Plan(Setting(setting.students, setting.teacher, 0, (1.0,)), **options)  # type: ignore[arg-type]


def columns(W: np.ndarray) -> np.ndarray:
    """A stack of W [B, K, d] as kernel and steps want it, and back."""
    return np.ascontiguousarray(W.swapaxes(1, 2))


@pytest.mark.parametrize(("students", "teachers", "dimension"), [(3, 3, 3), (5, 2, 4), (2, 4, 6), (1, 1, 1)])
@pytest.mark.parametrize("unit", [False, True])
def test_gradient_and_loss(students: int, teachers: int, dimension: int, unit: bool) -> None:
    generator = np.random.default_rng(0)
    V = np.eye(teachers, dimension) if unit else generator.standard_normal((teachers, dimension))
    kernel, coarse = Kernel(V, students), Kernel(V, students, np.float32)
    W = generator.standard_normal((7, students, dimension))
    kernel.chunk = coarse.chunk = 5
    exact = columns(np.array([floats.gradient(w, V) for w in W]))
    np.testing.assert_allclose(kernel.gradient(columns(W)), exact, atol=1e-11)
    np.testing.assert_allclose(kernel.loss(columns(W)), [floats.loss(w, V) for w in W], atol=1e-10)
    single = coarse.gradient(columns(W.astype(np.float32)))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, exact, atol=1e-5)
    np.testing.assert_allclose(coarse.lengths(2), np.linalg.norm(W[5:], axis=2), rtol=1e-6)


@pytest.mark.parametrize(("dtype", "error", "rounding"), [(np.float64, 2.5e-13, 4e-16), (np.float32, 7.3e-8, 2e-7)])
def test_angles(dtype: type, error: float, rounding: float) -> None:
    """Against mpmath, from -1 to 1; the fraction itself in enough digits, then with rounding in its type."""
    cosines = np.concatenate((np.sin(np.linspace(-0.5, 0.5, 401) * np.pi), [-1.0, 0.0, 1.0, 1.0 - 1e-7, 1e-7 - 1.0]))
    with mpmath.workdps(30):
        exact = [(mpmath.pi - mpmath.acos(c)) / (2 * mpmath.pi) for c in cosines.tolist()]
        sines = [mpmath.sqrt(1 - mpmath.mpf(c) ** 2) for c in cosines.tolist()]
        for c, s, t in zip(cosines.tolist(), sines, exact, strict=True):
            value, fraction = mpmath.mpf(0), FRACTIONS[np.dtype(dtype).name]
            for numerator, shift in zip(fraction[-2::-2], fraction[:0:-2], strict=True):
                value = numerator / (s + shift + value)
            assert abs(c * (fraction[0] + value) + 0.25 - t) < error
    cosine = cosines.astype(dtype)
    sine, share = np.empty_like(cosine), np.empty_like(cosine)
    Kernel(np.eye(2), 2, dtype)._angles_of(cosine, sine, share)
    far = np.abs(cosines) < 0.999
    told = np.arccos(-cosine.astype(np.float64)) / (2 * np.pi)
    np.testing.assert_allclose(share[far], told[far], rtol=0, atol=error + rounding)
    np.testing.assert_allclose(share, np.array(exact, dtype=np.float64), rtol=0, atol=error + rounding**0.5)
    np.testing.assert_allclose(sine, np.array(sines, dtype=np.float64), rtol=0, atol=rounding**0.5)


def test_parallel_pairs_in_both_types() -> None:
    """Copies of teachers, and their negatives: rounding costs half of the digits, not more."""
    V = np.eye(4)
    W = np.array([[V[0], 0.5 * V[1], -V[2], 3.0 * V[3], V[3]]])
    exact = floats.gradient(W[0], V)
    for dtype, error in ((np.float64, 1e-7), (np.float32, 1e-3)):
        np.testing.assert_allclose(Kernel(V, 5, dtype).gradient(columns(W.astype(dtype)))[0].T, exact, atol=error)


def test_each_run_is_computed_as_if_alone() -> None:
    generator = np.random.default_rng(1)
    X = generator.standard_normal((64, 5, 6))
    h, counts = generator.uniform(0.01, 4.0, 64), generator.integers(2, 9, 64)
    h[::3] *= 0.1  # with steps that follow the plain force among them
    for teacher, dtype in itertools.product((np.eye(5), generator.standard_normal((4, 5))), (np.float64, np.float32)):
        kernel = Kernel(teacher, 6, dtype)
        kernel.chunk = 20
        rounded = X.astype(dtype)
        together = kernel.gradient(rounded)
        for place in (0, 7, 20, 63):
            assert np.array_equal(kernel.gradient(rounded[place : place + 1])[0], together[place])
        assert np.array_equal(kernel.gradient(rounded[::-1].copy())[::-1], together)
        gradient = together.astype(np.float64)
        stepper, some = chebyshev.Stepper(kernel, 5), np.argsort(-counts)[:20]
        steps = [x.copy() for x in stepper.step(counts[some], X[some], gradient[some], h[some])]
        probes = [x.copy() for x in stepper.probe(X[some], gradient[some], X[some][::-1])]
        for place in range(20):
            one = some[place : place + 1]
            alone = stepper.step(counts[one], X[one], gradient[one], h[one])
            assert all(np.array_equal(a[0], b[place]) for a, b in zip(alone, steps, strict=True))
            alone = stepper.probe(X[one], gradient[one], X[some[19 - place]][None])
            assert all(np.array_equal(a[0], b[place]) for a, b in zip(alone, probes, strict=True))


@pytest.mark.parametrize("count", [2, 5, 12])
def test_steps_are_of_second_order_with_an_honest_error(count: int) -> None:
    kernel, counts = Kernel(np.eye(3), 3), np.array([count])
    X = np.random.default_rng(2).standard_normal((1, 3, 3))
    errors = []
    for h in (0.2, 0.1):
        exact = solve_ivp(lambda _, x: -floats.gradient(x.reshape(3, 3).T, np.eye(3)).T.ravel(), (0, h), X.ravel(),
                          rtol=1e-11, atol=1e-13).y[:, -1]  # fmt: skip
        gradient = kernel.gradient(X)
        increment, there, told = chebyshev.Stepper(kernel, 3).step(counts, X, gradient, np.array([h]))
        np.testing.assert_allclose(there, kernel.gradient(X + increment), atol=1e-13)
        errors.append(float(np.linalg.norm((X + increment).ravel() - exact)))
        assert errors[-1] < 3.0 * told[0] + 1e-9
    assert errors[0] / errors[1] > 6.0  # 8 for local errors of third order


@pytest.mark.parametrize("count", [2, 3, 9])
def test_a_step_is_what_its_formulas_say(count: int) -> None:
    """Stages with the averaged force, and the filtered error, by matrices that act on all of X."""
    students, h = 6, 5.0
    kernel = Kernel(np.eye(students), students)
    X = np.eye(students) + 0.1 * np.random.default_rng(5).standard_normal((1, students, students))
    _, A = matrix_of(X)
    eta = float(chebyshev.window(np.array([count]), np.array([h]))[0])
    average, damping = np.eye(len(A)) + function(A, averaged, eta), np.linalg.inv(np.eye(len(A)) + 0.5 * h * A)

    def force(x: np.ndarray) -> np.ndarray:
        return -average @ kernel.gradient(X + x.reshape(X.shape)).ravel()

    method, first = chebyshev.scheme(count), force(np.zeros(X.size))
    before, last = np.zeros(X.size), method.start * h * first
    for stage in method.stages:
        following = stage.last * last + stage.before * before + h * (stage.slope * force(last) + stage.initial * first)
        before, last = last, following
    error = damping @ (-0.8 * last + 0.4 * h * (first + force(last)))
    moved, _, told = chebyshev.Stepper(kernel, students).step(
        np.array([count]), X, kernel.gradient(X), np.array([h])
    )  # fmt: skip
    np.testing.assert_allclose(moved.ravel(), last, atol=1e-12)
    assert told[0] == pytest.approx(np.linalg.norm(error), rel=1e-9)


@pytest.mark.parametrize("count", [2, 3, 7, 16, 41, chebyshev.MOST])
def test_steps_are_stable_on_the_axis(count: int) -> None:
    """The stability polynomial, by the recursion on y' = -z y."""
    method = chebyshev.scheme(count)
    for z in np.linspace(0.0, method.reach, 200):
        before, last = 1.0, 1.0 - method.start * z
        for stage in method.stages:
            following = (
                1.0
                + stage.last * (last - 1.0)
                + stage.before * (before - 1.0)
                - z * (stage.slope * last + stage.initial)
            )
            before, last = last, following
        assert abs(last) <= 1.0 + 1e-9
    assert method.reach > 0.64 * (count**2 - 1)


def test_number_of_stages_is_the_least_stable_one() -> None:
    slow = np.full(6, 0.7)
    h = np.array([1e-3, 0.5, 2.0, 8.0, 60.0, chebyshev.longest(slow)[0]])
    stiff = np.array([5.0, 5.0, 0.7, 0.7, 0.7, 0.7])
    counts = chebyshev.choose(h, 16, slow)
    rows = list(zip(counts, h * stiff, strict=True))
    assert all(chebyshev.scheme(int(c)).reach >= x * (1 - 1e-12) for c, x in rows)
    assert all(c == 2 or chebyshev.scheme(int(c) - 1).reach < x for c, x in rows[:2] + rows[3:])
    assert counts[2] == 3  # averaged


def matrix_of(X: np.ndarray) -> tuple[Fast, np.ndarray]:
    """Fast directions at X [1, d, K], and A as a matrix."""
    _, dim, students = X.shape
    fast = Fast(np.empty_like(X))
    fast.look(X, np.empty_like(X))
    unit = X[0] / np.linalg.norm(X[0], axis=0)
    unit = (unit - unit.mean(axis=1)[:, None]).ravel()
    if np.linalg.norm(unit) > 0.1:
        unit /= np.linalg.norm(unit)
    else:
        unit[:] = 0.0
    A = float(fast.rates[-1, 0]) * np.outer(unit, unit)
    A += float(fast.rates[0, 0]) * np.kron(np.eye(dim), np.full((students, students), 1.0 / students))
    return fast, A


def averaged(x: np.ndarray) -> np.ndarray:
    """phi - 1."""
    return -np.expm1(-x) / np.maximum(x, 1e-300) - 1.0


def function(A: np.ndarray, one: Callable[[np.ndarray], np.ndarray], eta: float) -> np.ndarray:
    """Of eta A; it is zero at zero."""
    rates, axes = np.linalg.eigh(A)
    values = np.where(np.abs(rates) < 1e-10, 0.0, one(eta * np.maximum(rates, 1e-10)))
    return axes @ (values[:, None] * axes.T)


@pytest.mark.parametrize("students", [1, 2, 7, 17])
def test_functions_of_the_fast_directions(students: int) -> None:
    """Against matrices; long steps are stable: phi(eta A) times the Hessian has no eigenvalue above what was probed."""
    V = np.eye(students)
    X = V + 0.1 * np.random.default_rng(3).standard_normal((1, students, students))
    fast, A = matrix_of(X)
    Y = np.random.default_rng(4).standard_normal(X.shape)
    three, directions = np.full(1, 3.0), X / np.linalg.norm(X, axis=1)
    for factors, values in (
        (fast.averaging(three), averaged),
        (fast.damping(three), lambda x: -x / (1.0 + x)),
    ):
        weight, shift = fast.added(factors * fast.parts(Y))
        found = weight[:, None, None] * directions + shift
        np.testing.assert_allclose(found.ravel(), function(A, values, 3.0) @ Y.ravel(), atol=1e-12)

    kernel = Kernel(V, students)
    stepper, direction = chebyshev.Stepper(kernel, students), Y
    for _ in range(4):
        slow, direction = stepper.probe(X, kernel.gradient(X), direction.copy())
    counts = chebyshev.choose(h := np.array([12.0]), students, slow)
    eta = float(chebyshev.window(counts, h)[0])
    phi = np.eye(len(A)) + function(A, averaged, eta)
    k = students
    H = floats.hessian_of(floats.pairs(X[0].T, V)).reshape(k, k, k, k).transpose(1, 0, 3, 2).reshape(k * k, k * k)
    largest = float(np.linalg.eigvals(phi @ H).real.max())
    assert 12.0 * largest <= chebyshev.scheme(int(counts[0])).reach


def permuted(W: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    return W[generator.permutation(len(W))][:, generator.permutation(W.shape[1])]


def spurious() -> tuple[np.ndarray, float]:
    W = np.full((7, 7), -0.0350801559) + (0.9969227988 + 0.0350801559) * np.eye(7)
    W[:, 6], W[6, :], W[6, 6] = 0.2616910758, 0.1859910463, -0.6327039049
    found = minimum_near(W, make_setting(7))
    assert found is not None
    return found.W, radius_of(found, np.eye(7))


def test_membership_up_to_permutations() -> None:
    generator = np.random.default_rng(3)
    W, radius = spurious()
    basins = Basins(np.eye(7))
    basins.add(np.eye(7), 0.05)
    basins.add(W, radius)
    for ball, centre in enumerate((np.eye(7), W)):
        for share in (0.0, 0.5, 0.99, 1.01):
            for _ in range(10):
                shift = generator.standard_normal(W.shape)
                point = permuted(centre + share * basins.radii[ball] * shift / np.linalg.norm(shift), generator)
                place = basins.find(point)
                assert (place is not None) == (share < 1.0)
                about = basins.find(point, widened=1.5)
                assert about is not None
                assert about.ball == ball
                assert about.distance == pytest.approx(share * basins.radii[ball])
                if place is not None:
                    assert place.ball == ball
                    there = centre[np.ix_(place.students, place.coordinates)]
                    assert np.linalg.norm(point - there) == pytest.approx(place.distance)
                    assert place.distance < basins.radii[ball] - MARGIN


def test_rows_are_not_permuted_against_other_teachers() -> None:
    """With general teachers only students may be exchanged."""
    V = np.array([[1.0, 0.0], [0.3, 2.0]])
    basins = Basins(V)
    basins.add(V, 0.1)
    assert basins.find(V[::-1]) is not None
    assert basins.find(V[:, ::-1]) is None


def test_sorted_norms_exclude_only_what_is_outside() -> None:
    generator = np.random.default_rng(4)
    basins = Basins(np.eye(4))
    centre = generator.standard_normal((4, 4))
    basins.add(centre, 0.3)
    for _ in range(200):
        shift = generator.standard_normal((4, 4))
        inside = permuted(centre + 0.2999 * shift / np.linalg.norm(shift), generator)
        assert basins.near(inside[None])[0, 0]
    assert not basins.near(centre[None] * 2.0)[0, 0]
    assert not basins.near(-centre[None])[0, 0]  # the same row norms, other entries


def test_sorted_entries_where_the_span_is_smaller_than_the_space() -> None:
    """Columns of the span may be permuted, those across may not."""
    generator = np.random.default_rng(5)
    basins = Basins(np.eye(3, 5))
    centre = generator.standard_normal((4, 5))
    basins.add(centre, 0.1)
    for _ in range(50):
        columns = np.concatenate((generator.permutation(3), [3, 4]))
        assert basins.near(centre[generator.permutation(4)][:, columns][None])[0, 0]
    assert not basins.near(centre[:, [0, 1, 2, 4, 3]][None])[0, 0]


def test_distance_to_the_global_set() -> None:
    W = np.array([[0.3, 0.0], [0.7, 0.0], [0.0, 1.0]])
    assert distance_to_global(W, np.eye(2)) < 1e-15
    W[0, 1] = 0.01
    assert distance_to_global(W, np.eye(2)) == pytest.approx(0.01)
    assert distance_to_global(np.array([[1.0, 0.0], [0.5, 0.0]]), np.eye(2)) == np.inf
    assert distance_to_global(np.array([[1.2, 0.0], [-0.1, 0.0], [0.0, 1.0]]), np.eye(2)) == pytest.approx(0.05**0.5)


def test_reduced_starts_have_the_same_flow() -> None:
    """R^40 with 3 teachers and 2 students is followed in R^5: same Gram matrix."""
    setting = make_setting(2, 3, dimension=40)
    full = Plan(Setting(2, setting.teacher, 0, (1.0,)))
    assert full.reduced.dimension == 5
    from certify.search.starts import start

    W, V = start(full.setting, 3), full.setting.teacher
    small, short = full.starts([3])[0], full.reduced.teacher
    rows, reduced = np.concatenate((W, V)), np.concatenate((small, short))
    np.testing.assert_allclose(rows @ rows.T, reduced @ reduced.T, atol=1e-12)
    assert floats.loss(W, V) == pytest.approx(floats.loss(small, short))


def test_sgd_is_reproducible_run_by_run_and_goes_down() -> None:
    noisy = plan(3, method="sgd", step=0.05, noise=4.0)
    both, second = sgd(noisy, [4, 9]), sgd(noisy, [9])
    assert np.array_equal(both[1], second[0])
    start = noisy.starts([4])[0]
    assert floats.loss(both[0], np.eye(3)) < 0.5 * floats.loss(start, np.eye(3))


@pytest.mark.parametrize("count", [0, 1, 63, 2048, 5000, 10_000])
def test_shares_are_equal_and_not_too_large(count: int) -> None:
    for one, workers in itertools.product((plan(6), plan(40), plan(6, method="sgd")), (1, 2, 7)):
        parts = shares(one, numbers := list(range(3, 3 + count)), workers)
        assert [number for part in parts for number in part] == numbers
        sizes = [len(part) for part in parts]
        assert all(size == sizes[0] for size in sizes[:-1])
        assert max(sizes, default=0) <= (512 if one.method == "sgd" else 375 if one.setting.students == 40 else 2048)


def test_lines_are_faithful() -> None:
    one = plan(3, 2, method="gd", step=0.05)
    assert encode_plan(decode_plan(encode_plan(one))) == encode_plan(one)
    arrivals = Pursuer(plan(3)).runs([0, 1])
    again = decode_arrivals(encode_arrivals(arrivals))
    assert encode_arrivals(again) == encode_arrivals(arrivals)
    assert np.array_equal(again[1].W, arrivals[1].W)


def test_turned() -> None:
    assert turned(np.array([[1.0, 0.2], [0.1, -0.7]])) == 1
