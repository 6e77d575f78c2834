"""prove_zero and prove_minimum on what others use as tests; every certificate goes through the checker."""

import random
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from problems import PROBLEMS, Problem, broyden
from scipy import optimize

import certify
from certify.errors import InputError
from certify.outcome import Undecided
from certify.systems import as_system, from_json
from certify.zeros import ProvedZero


def proved(outcome: object) -> ProvedZero:
    """A proof that the checker confirms."""
    assert isinstance(outcome, ProvedZero), outcome
    verdict = certify.verify(outcome.certificate)
    assert verdict.verified, verdict
    assert verdict.sentence == outcome.theorem
    return outcome


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.name)
def test_problems(problem: Problem) -> None:
    system = certify.system(problem.function, len(problem.start))
    outcome = proved(certify.prove_zero(system, problem.start))
    values = problem.function(np.array(outcome.centre))
    scale = max(1.0, *(abs(x) for x in outcome.centre))
    assert max(abs(v) for v in values) < 1e-9 * scale
    assert max(outcome.error_radii) < 1e-9 * scale
    for _ in range(20):  # Newton from elsewhere in the box ends at the same zero, if it stays in the box
        rng = random.Random(7)
        start = [x + r * rng.uniform(-1, 1) for x, r in zip(outcome.centre, outcome.uniqueness_radii, strict=True)]
        other = certify.prove_zero(system, start)
        if isinstance(other, ProvedZero):
            apart = [abs(a - b) for a, b in zip(other.centre, outcome.centre, strict=True)]
            inside = all(a <= r for a, r in zip(apart, outcome.uniqueness_radii, strict=True))
            close = all(a <= e + f for a, e, f in zip(apart, other.error_radii, outcome.error_radii, strict=True))
            assert close or not inside


@pytest.mark.parametrize("distance", ["1e-6", "1e-10", "1e-14", "1e-40"])
def test_nearly_double_roots_are_told_apart(distance: str) -> None:
    """x^2 = (d/2)^2 in three disguises: two different zeros, or undecided, never one for both."""
    d = float(distance)
    for system in (f"x^2 - {distance}^2/4", f"x^2 - {distance}^2/4; y - x", f"x^2 - {distance}^2/4 + y; y*(y + 3)"):
        size = system.count(";") + 1
        found = [certify.prove_zero(system, [side * d / 2] + [0.0] * (size - 1)) for side in (1.0, -1.0)]
        if all(isinstance(f, ProvedZero) for f in found):
            right, left = (proved(f) for f in found)
            assert right.centre[0] - left.centre[0] > right.uniqueness_radii[0] / 2
            assert right.centre[0] > right.error_radii[0] > 0
            assert right.centre[0] - right.uniqueness_radii[0] > -d / 2  # the other root is not inside


@pytest.mark.parametrize("distance", ["1e-6", "1e-10", "1e-14"])
def test_nearly_double_roots_away_from_zero(distance: str) -> None:
    """Around 1 the floats are too coarse for 1e-14: the ladder of precisions takes over, or nothing is said."""
    d = float(distance)
    for system in (
        f"(x - 1)^2 - {distance}^2/4",
        f"x*(x - 2) + 1 - {distance}^2/4; y - 2*x",
        f"x^2 - 2*x + 1 - {distance}^2/4",
    ):
        start = [1 + d / 2, 2 + d][: system.count(";") + 1]
        outcome = certify.prove_zero(system, start)
        if isinstance(outcome, ProvedZero):
            assert proved(outcome).uniqueness_radii[0] < d
        else:
            assert "singular" in outcome.reason or "contraction" in outcome.reason


@pytest.mark.parametrize(
    ("system", "start"),
    [
        ("x^2", [0.0]), ("x^2", [0.1]), ("x^3", [1e-3]), ("x^2 + y^2; x*y", [0.01, 0.02]),
        ("(x - 1)^2; y - x", [1.1, 1]), ("x^2 - y; x^2 - 2*x*y + y^2", [0.1, 0.02]), ("x - y; 2*x - 2*y", [1, 1]),
        ("cos(x) - 1", [0.1]), ("x - sin(x)", [0.2]), ("x^2 - 4*x + 4; y", [2.01, 0]),
        ("x + y - 2; x*y - 1", [1.1, 0.9]), ("exp(x) - x - 1", [0.01]), ("(x - 1/3)^3", [0.34]),
        ("w + 10*x; sqrt(5)*(y - z); (x - 2*y)^2; sqrt(10)*(w - z)^2", [3, -1, 0, 1]),  # More, Garbow, Hillstrom, 13
        ("x^3 - 3*x^2 + 3*x - 1; y + x", [1.01, -1]), ("x*y^3; x - 1 + y", [1, 0.01]),
    ],
)  # fmt: skip
def test_multiple_zeros_are_never_certified(system: str, start: list[float]) -> None:
    outcome = certify.prove_zero(system, start)
    assert isinstance(outcome, Undecided)
    assert "singular" in outcome.reason or "converge" in outcome.reason, outcome.reason
    if "singular" in outcome.reason:
        assert "rank" in outcome.reason


@pytest.mark.parametrize(
    ("system", "start", "name"),
    [
        ("sqrt(x) - y; y", [0.0, 0.0], "sqrt"), ("log(x); y", [-1, 0], "log"), ("1/x - y; y - 1", [0.0, 1.0], "div"),
        ("asin(x) - pi/2", [1.0], "asin"), ("acos(x) + y; x - 1 + y^2", [1.0, 0.0], "acos"),
        ("atan2(y, x) - pi; x + 1", [-1.0, 0.0], "atan2"),
        ("x^(1/3) - y; y", [0.0, 0.0], "rpow"), ("x^-2 - y; y - 1", [0.0, 1.0], "pow"),
        ("x - 1 + sqrt(0)", [1.0], "sqrt"), ("x - acos(1)", [0.0], "acos"), ("x - atan2(0, -1)", [3.1], "atan2"),
        ("x - atan2(exp(10^6), 1)", [1.5], "exp"), ("x - sin(10^30)", [0.5], "sin"), ("x - (-8)^(1/3)", [-2], "rpow"),
        ("x - 1 + 0*log(x - 1)", [1], "log"), ("x - (log(-1))^0", [1], "log"),
    ],
)  # fmt: skip
def test_domain_errors_name_the_operation(system: str, start: list[float], name: str) -> None:
    outcome = certify.prove_zero(system, start)
    assert isinstance(outcome, Undecided)
    assert outcome.reason.startswith("domain: operation")
    assert f"({name})" in outcome.reason


def test_domains_close_to_the_border_limit_the_box() -> None:
    outcome = proved(certify.prove_zero("sqrt(x) - 1/1000", [1e-6]))
    assert outcome.uniqueness_radii[0] < 1e-6
    outcome = proved(certify.prove_zero("atan2(y, x) - 3.14; x + 1", [-1, 0.0016]))
    assert outcome.uniqueness_radii[1] < 0.0016


def test_parameters() -> None:
    """The theorem is for every parameter: the zero of each sample lies within the error radius."""
    outcome = proved(certify.prove_zero("x^3 - p*x - 1; y - p*x", [1.3, 1.3], parameters={"p": (0.97, 1.03)}))
    for p in np.linspace(0.97, 1.03, 11):
        x = optimize.brentq(lambda x, p=p: x**3 - p * x - 1, 1, 2)
        for value, centre, radius in zip((x, p * x), outcome.centre, outcome.error_radii, strict=True):
            assert abs(value - centre) <= radius
    assert "for every p in [0.97, 1.03]" in outcome.theorem
    wide = certify.prove_zero("x^2 - p", [1.0], parameters={"p": (-1, 2)})
    assert isinstance(wide, Undecided)
    assert "parameters" in wide.remedy or "singular" in wide.reason


def test_wide_parameters() -> None:
    """An interval that is too wide as a whole is covered by pieces, in each of which the zero moves far."""

    def near(p: float) -> Any:
        return optimize.root(lambda v: [v[1] ** 3 + p * v[1] - v[0], v[0] + v[1] * np.exp(-p) - 1], [0.6, 0.5]).x

    system = "y^3 + p*y - x; x + y*exp(-p) - 1"
    whole = certify.prove_zero(system, [0.6, 0.5], parameters={"p": (0, 3)}, max_bits=53)
    assert isinstance(whole, Undecided)
    assert whole.remedy == "shorter intervals for the parameters"
    for pair in pairwise(np.linspace(0, 3, 13)):
        piece = proved(certify.prove_zero(system, near(sum(pair) / 2), parameters={"p": pair}, max_bits=53))
        for p in np.linspace(*pair, 5):
            assert all(abs(near(p) - piece.centre) <= piece.error_radii)


def test_scales() -> None:
    """Huge, tiny and mixed magnitudes."""
    for scale in (1e-140, 1e-30, 1e30, 1e140):
        outcome = proved(
            certify.prove_zero(lambda x, y, s=scale: [x * x - 2 * s * s, x * y - 3], [1.4 * scale, 2 / scale])
        )
        assert abs(outcome.centre[0] / scale - 2**0.5) < 1e-12
    outcome = proved(certify.prove_zero("sin(x/1e100) - 1/2; y - x/1e50", [0.5e100, 0.5e50]))
    assert abs(outcome.centre[0] / 1e100 - np.pi / 6) < 1e-12


def test_more_bits_give_smaller_error_radii() -> None:
    errors = [proved(certify.prove_zero("x^2 - 2", [1.4], bits=bits)).error_radii[0] for bits in (53, 128, 256, 512)]
    assert errors[0] < 1e-15
    assert errors[1] < 1e-37
    assert errors[2] < 1e-75
    assert errors[3] < 1e-150


def test_random_polynomial_systems() -> None:
    """Whatever is claimed is confirmed, and the zero of higher precision lies in the error radius."""
    rng = np.random.default_rng(5)
    count = 0
    for _ in range(25):
        n = int(rng.integers(1, 6))
        a, b = rng.normal(size=(n, n)), rng.normal(size=(n, n, n))

        def function(x: Any, a: Any = a, b: Any = b, n: int = n) -> list[Any]:
            pairs = [(j, k) for j in range(n) for k in range(n)]
            return [a[i] @ x + sum(b[i, j, k] * x[j] * x[k] for j, k in pairs) - 1 for i in range(n)]

        outcome = certify.prove_zero(certify.system(function, n), rng.normal(size=n))
        if isinstance(outcome, ProvedZero):
            finer = proved(certify.prove_zero(certify.system(function, n), proved(outcome).centre, bits=256))
            for x, y, e in zip(outcome.centre, finer.centre, outcome.error_radii, strict=True):
                assert abs(x - y) <= e
            count += 1
    assert count >= 10


@pytest.mark.parametrize(
    ("function", "start", "kind"),
    [
        (lambda x, y: x**2 + 3 * y**2 - x * y, [0.1, 0.1], "strict-local-minimum"),
        (lambda x, y: np.cos(x) * np.cos(y), [0.1, 0.1], "strict-local-maximum"),
        (lambda x, y, z: x**2 - y**2 - z**2 + x * y * z, [0.01, 0.01, 0.01], "saddle"),
        (lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2, [3.0, 2.0], "strict-local-minimum"),
        (lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2, [-0.27, -0.92], "strict-local-maximum"),
        (lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2, [0.09, 2.88], "saddle"),
        (
            lambda w, x, y, z: (
                100 * (x - w**2) ** 2
                + (1 - w) ** 2
                + 90 * (z - y**2) ** 2
                + (1 - y) ** 2
                + 10 * (x + z - 2) ** 2
                + (x - z) ** 2 / 10
            ),
            [1.1, 1.2, 1.1, 1.2],
            "strict-local-minimum",
        ),
        (lambda x: np.exp(x) - 2 * x, [0.6], "strict-local-minimum"),
    ],
)
def test_critical_points(function: Any, start: list[float], kind: str) -> None:
    outcome = proved(certify.prove_minimum(function, start))
    assert outcome.kind == kind
    assert outcome.value is not None
    value = float(function(*outcome.centre))
    assert outcome.value[0] - 1e-12 <= value <= outcome.value[1] + 1e-12


@pytest.mark.parametrize(
    ("text", "parameters", "reason"),
    [
        ("x^2 + log(1/10 - tanh(p))", {"p": (0.5, 0.8)}, "domain"),
        ("x^2 + sqrt(0)", None, "domain"),
        ("tan(p*y) + cos(y) - z^2 + x*z", {"p": (0.5, 0.51)}, "inertia"),
        ("(x + y)^2 + 1e-20*(x - y)^2*(1 + x)", None, "inertia"),
    ],
)  # fmt: skip
def test_critical_points_that_are_not_decided(text: str, parameters: Any, reason: str) -> None:
    names = sorted({name for name in "xyz" if name in text.replace("tanh", "").replace("exp", "")})
    outcome = certify.prove_minimum(text, [1e-3] * len(names), names=names, parameters=parameters)
    assert isinstance(outcome, Undecided), outcome
    assert outcome.reason.startswith(reason), outcome.reason


def test_functions_that_balls_know_exactly() -> None:
    """The checker's exp(0) is 1 up to rounding, which matters beside tiny coordinates."""
    proved(certify.prove_zero("atan(y) - 1e-8; sinh(sinh(x))", [0.0, 1e-8]))


def test_errors_of_very_different_size() -> None:
    """The checker's inverse has few bits, which moves a small error by a small part of a large one."""
    proved(certify.prove_zero("x - 1e-8;  cos(atan2(x, y)) - 0.9999999999999998", [1e-8, 0.5]))


def test_values_of_critical_points_cancel() -> None:
    for text in ("x^2 + cos(y) - 1", "x^2 - y^2 + 10^20 + sin(pi + y*x) - 10^20", "exp(x) - x - 1 + erf(0)"):
        proved(certify.prove_minimum(text, [0.01] * (2 if "y" in text else 1)))


def test_degenerate_minimum_is_undecided() -> None:
    for function in (lambda x, y: (x - y) ** 2, lambda x, y: x**4 + y**2, lambda x, y: x**2 + y**3):
        outcome = certify.prove_minimum(function, [0.001, 0.001])
        assert isinstance(outcome, Undecided)
        assert "singular" in outcome.reason


def test_scipy_results() -> None:
    def rosenbrock(v: Any) -> Any:
        return sum(100 * (v[i + 1] - v[i] ** 2) ** 2 + (1 - v[i]) ** 2 for i in range(len(v) - 1))

    outcome = proved(certify.from_scipy(optimize.minimize(rosenbrock, [0.5] * 4), rosenbrock))
    assert outcome.kind == "strict-local-minimum"
    outcome = proved(certify.from_scipy(optimize.root(broyden, [-1.0] * 6), broyden))
    assert outcome.kind == "zero"


def test_json_round_trip() -> None:
    system = certify.system("atan2(y, x) - pi/4; x^(2/3) + y^-2 - p", parameters={"p": (1, 2)})
    assert from_json(system.data) == system
    assert as_system(system.data) == system


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: certify.prove_zero("x + y", [1, 1]), "no square system"),
        (lambda: certify.prove_zero("x - 1", [1, 2]), "2 coordinates"),
        (lambda: certify.prove_zero("x - 1", [float("nan")]), "finite"),
        (lambda: certify.prove_zero("x - 1", ["a"]), "no number"),
        (lambda: certify.prove_zero("x - f(x)", [1]), "not among the operations"),
        (lambda: certify.prove_zero("x - __import__('os')", [1]), "not among the operations"),
        (lambda: certify.prove_zero("x - ", [1]), "not a formula"),
        (lambda: certify.prove_zero(lambda x: abs(x) - 1, [1]), "not smooth"),
        (lambda: certify.prove_zero(lambda x: x if x > 0 else -x, [1]), "comparisons"),
        (lambda: certify.prove_zero(lambda x: [x, x], [1]), "no square system"),
        (lambda: certify.prove_zero("x/0", [1]), "division by zero"),
        (lambda: certify.prove_zero("x^5000", [1]), "beyond 4096"),
        (lambda: certify.prove_zero("x - p", [1], parameters={"p": (2, 1)}), "empty"),
        (lambda: certify.prove_minimum("x; y", [1, 1]), "one function"),
        (lambda: certify.prove_zero(3, [1]), "no function"),
        (lambda: certify.from_scipy([1.0], "x"), "attribute x"),
        (lambda: certify.prove_zero("x - 1", {"y": 1}), "differ"),
        (lambda: certify.prove_zero("x - 1", [10**400]), "range of floats"),
        (lambda: certify.prove_zero("x - 1", [1], names=5), "no names"),
        (lambda: certify.prove_zero("x - 1", [1], names="pi"), "cannot be the name"),
        (lambda: certify.prove_zero("\u00e9 - 1", [1]), "cannot be the name"),
        (lambda: certify.prove_zero("x" * 33 + "- 1", [1]), "cannot be the name"),
        (lambda: certify.prove_zero("x - p", [1], parameters={"p": float("nan")}), "finite"),
        (lambda: certify.prove_zero("x - p", [1], parameters={"p": (0, float("inf"))}), "finite"),
        (lambda: certify.prove_zero("x - p", [1], parameters={"p": "a"}), "no number"),
        (lambda: certify.prove_zero("x - p", [1], parameters={"p": (1, 2, 3)}), "neither a number nor a pair"),
        (lambda: certify.prove_zero("x - p", [1], parameters=["p"]), "no mapping"),
        (lambda: certify.prove_zero("x - 1e100000000", [1]), "too many digits"),
        (lambda: certify.prove_zero("x - 10^3000", [1]), "too many digits"),
        (lambda: certify.prove_zero("x - (10^4000)^4000", [1]), "too many digits"),
        (lambda: certify.prove_zero("x - 0x10", [1]), "no number"),
        (lambda: certify.prove_zero("x" + "+1" * 1500, [1]), "nested too deeply"),
        (lambda: certify.all_zeros("x - 1", None), "sequence of pairs"),
        (lambda: certify.all_zeros("x - 1", [(0, 10**400)]), "range of floats"),
    ],
)
def test_bad_input(make: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"operations": [["mul", 0, 99]], "outputs": [0, 2]}, "no earlier node"),
        ({"operations": [["mul", 0, 2]], "outputs": [0, 2]}, "no earlier node"),
        ({"operations": [["mul", 0, -1]], "outputs": [0, 2]}, "no earlier node"),
        ({"operations": [["sin", "0"]], "outputs": [0, 2]}, "no earlier node"),
        ({"operations": [["sin", 0, 1]], "outputs": [0, 2]}, "with 2 arguments"),
        ({"operations": [["add", 0]], "outputs": [0, 2]}, "with 1 arguments"),
        ({"operations": [["eval", 0]], "outputs": [0, 2]}, "not among the operations"),
        ({"operations": [["const", "1/0"]], "outputs": [0, 2]}, "ZeroDivisionError"),
        ({"operations": [["pow", 0, "1/2"]], "outputs": [0, 2]}, "exponent"),
        ({"operations": [["pow", 0, "5000"]], "outputs": [0, 2]}, "exponent"),
        ({"operations": [["rpow", 0, "2"]], "outputs": [0, 2]}, "exponent"),
        ({"operations": [], "outputs": [0, 2]}, "no node"),
        ({"operations": [], "outputs": [0, 1], "variables": ["x", "x"]}, "different names"),
        ({"operations": [], "outputs": [0, 1], "variables": ["x", 5]}, "cannot be the name"),
        ({"operations": [], "outputs": [0, 1], "parameters": [["p", "0x1p0", "0x0p0"]]}, "empty"),
        ({"operations": [["const", "9" * 1201]], "outputs": [0, 2]}, "too many digits"),
    ],
)
def test_json_that_is_no_system(changed: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        certify.system({"variables": ["x", "y"], "parameters": [], **changed})


def test_operations_that_nothing_uses_are_left_out() -> None:
    data = {"variables": ["x"], "parameters": [], "operations": [["sin", 0], ["cos", 0]], "outputs": [2]}
    assert len(certify.system(data).operations) == 1


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("x - 1e308", [1e308]), ("x - 5e-324", [5e-324]), ("x^2 - 1e-320", [1e-160]), ("x^4096 - 2", [1.0]),
        ("x*1e300 - 1e300*y; y*1e-300 - 1e-300", [1.0, 1.0]), ("x - p*10^400", [1.0]), ("x - 10^1000/10^1000", [1.0]),
    ],
)  # fmt: skip
def test_ends_of_the_range_of_floats(text: str, start: list[float]) -> None:
    tiny = Fraction(1, 10**400)
    outcome = proved(certify.prove_zero(text, start, parameters={"p": (tiny, tiny)} if "p" in text else None))
    assert max(outcome.uniqueness_radii) < float("inf")


def test_newton_in_balls_stays_in_the_range_of_floats() -> None:
    for system, start in (
        ("erf(x)", [1.6664920881933034]),
        ("1/x - y; x", [1e-320, 1.0]),
        ("x; erf(sqrt(y)) - sin(2*x)", [1.51, 23738.0]),
        ("y - 1; erf((x + 1/10^10)*y^2)", [1.01, 0.5]),
    ):
        assert isinstance(certify.prove_zero(system, start), Undecided | ProvedZero)


def test_many_starts() -> None:
    """Four zeros of the circle and the hyperbola from sixty starts; numbers agree with the signs of the coordinates."""
    rng = np.random.default_rng(2)
    starts = [list(x) for x in rng.uniform(-2, 2, size=(60, 2))]
    batch = certify.prove_zeros("x^2 + y^2 - 4; x*y - 1", starts)
    assert batch.distinct == 4
    assert not batch.unclear
    quadrant = {}
    for outcome, number in zip(batch.outcomes, batch.zeros, strict=True):
        if isinstance(outcome, ProvedZero):
            x, y = outcome.centre
            assert quadrant.setdefault(number, (x > 0, x > y)) == (x > 0, x > y)
    assert len(set(quadrant.values())) == 4


def test_many_starts_in_processes() -> None:
    starts = [[1.4], [-1.5], [0.0]]
    assert certify.prove_zeros("x^2 - 2", starts, workers=2).zeros == (0, 1, None)


def test_nearly_equal_zeros_are_not_merged() -> None:
    batch = certify.prove_zeros("(x - 1)^2 - 1/10^24", [[1 + 1e-12], [1 - 1e-12]])
    proved_ones = [n for n in batch.zeros if n is not None]
    assert len(proved_ones) == len(set(proved_ones))


@pytest.mark.parametrize("text", ["x*0 + 1", "0*x", "1"])
def test_a_gradient_that_vanishes_is_explained(text: str) -> None:
    outcome = certify.prove_zero(text, [1.0], names="x")
    assert outcome.name == "undecided"
    assert "singular" in outcome.reason


def test_a_gradient_below_the_range_of_floats() -> None:
    """Balls have no such range; floats, for more unknowns, leave it to the next precision."""
    assert proved(certify.prove_zero("x*1e-320 - 1e-320", [1.0])).bits == 53
    many = "; ".join(f"x{i}*1e-320 - 1e-320" for i in range(12))
    assert proved(certify.prove_zero(many, [1.0] * 12)).bits == 128
