"""Every function of the checker's intervals against flint at a much higher precision: containment, tightness, edges."""

import random
from collections.abc import Callable

import pytest
from flint import arb, ctx

from certify.checker.errors import Rejected
from certify.checker.floating import Floating, Point, Real
from certify.checker.operations import Operation, domain, local

REFERENCE_BITS = 900
UNARY = ["neg", "sqrt", "exp", "log", "sin", "cos", "tan", "atan", "asin", "acos", "tanh", "erf"]
NUMBERED = [("pow", (n, 1)) for n in (-3, -2, -1, 0, 1, 2, 3, 7)] + [("rpow", r) for r in ((1, 3), (-2, 5), (7, 2))]
FUNCTIONS: list[tuple[str, tuple[int, int]]] = [(name, (0, 1)) for name in UNARY] + NUMBERED
BINARY = ["add", "sub", "mul", "div", "atan2"]


def exact(x: Point) -> arb:
    return arb((x[0], x[1]))


def reference(name: str, number: tuple[int, int], x: list[arb]) -> arb:
    if name == "neg":
        return -x[0]
    if name == "pow":
        return x[0] ** number[0]
    if name == "rpow":
        return (arb(number[0]) / number[1] * x[0].log()).exp()
    if name in BINARY:
        operations: dict[str, Callable[[], arb]] = {
            "add": lambda: x[0] + x[1], "sub": lambda: x[0] - x[1], "mul": lambda: x[0] * x[1],
            "div": lambda: x[0] / x[1], "atan2": lambda: arb.atan2(x[0], x[1]),
        }  # fmt: skip
        return operations[name]()
    return getattr(x[0], name)()


def derivatives(name: str, number: tuple[int, int], x: list[arb]) -> list[arb]:
    """First partials by a formula of their own, or by a difference quotient far below the tolerance of the test."""
    h = arb(2) ** -200
    result = []
    for i in range(len(x)):
        up, down = list(x), list(x)
        up[i], down[i] = x[i] + h, x[i] - h
        result.append((reference(name, number, up) - reference(name, number, down)) / (2 * h))
    return result


def contains(interval: Real, value: arb, slack: arb | int = 0) -> bool:
    """Not certainly outside; the reference ball is far thinner than what is tested."""
    low, high = exact((interval[0], interval[2])), exact((interval[1], interval[2]))
    return not (value < low - slack) and not (value > high + slack)


def random_interval(rng: random.Random, name: str) -> Real:
    """All magnitudes; inside the domain or not."""
    style = rng.random()
    scale = rng.choice([0, 0, 0, -1, 1, 2, 3, -20, -60, -120, 10]) if style < 0.9 else rng.randint(-400, 14)
    bits = rng.choice([1, 5, 53, 90])
    middle = rng.getrandbits(bits) - (rng.getrandbits(bits) if rng.random() < 0.5 else 0)
    width = rng.choice([0, 0, 1, rng.getrandbits(max(1, bits - 3)), rng.getrandbits(bits)])
    if name in ("asin", "acos"):
        scale = rng.choice([-1, -1, -2, -30])
    return middle, middle + width, scale - bits


def member(rng: random.Random, a: Real) -> Point:
    choice = rng.random()
    if choice < 0.2:
        return a[0], a[2]
    if choice < 0.4:
        return a[1], a[2]
    return (a[0] << 40) + rng.randint(0, (a[1] - a[0]) << 40), a[2] - 40


def trial(rng: random.Random, name: str, number: tuple[int, int], arity: int) -> bool:
    """One containment trial; whether the interval was inside the domain."""
    f = Floating(rng.choice([32, 64, 64, 100, 300]))
    arguments = [random_interval(rng, name) for _ in range(arity)]
    operation = Operation(name, tuple(range(arity)), number)
    if domain(operation, arguments) != "inside":
        return False
    try:
        step = local(f, operation, arguments, 1)
    except Rejected:
        return False
    ctx.prec = REFERENCE_BITS
    points = [exact(member(rng, a)) for a in arguments]
    value = reference(name, number, points)
    assert contains(step.value, value), (name, number, f.bits, arguments)
    if rng.random() < 0.7:
        return True  # slopes are checked in fewer trials, they cost most
    slopes = derivatives(name, number, points)
    for place, entry in step.first:
        if slopes[place].is_finite():
            sizes = [abs(float(x.mid())) for x in points]
            if (
                min(sizes) > 2.0**-60 and max(sizes) < 2.0**60
            ):  # where the step of the difference quotient is small against the point
                slack = (abs(slopes[place]) + 1) * arb(2) ** -100
                assert contains(entry, slopes[place], slack), (name, number, f.bits, arguments, place)
    return True


@pytest.fixture(autouse=True)
def reference_precision() -> object:
    before = ctx.prec
    yield
    ctx.prec = before


@pytest.mark.parametrize(("name", "number"), FUNCTIONS)
def test_unary_containment(name: str, number: tuple[int, int]) -> None:
    rng = random.Random(f"{name}{number}")
    assert sum(trial(rng, name, number, 1) for _ in range(250)) > 40


@pytest.mark.parametrize("name", BINARY)
def test_binary_containment(name: str) -> None:
    rng = random.Random(name)
    assert sum(trial(rng, name, (0, 1), 2) for _ in range(250)) > 60


@pytest.mark.long
@pytest.mark.parametrize(("name", "number"), FUNCTIONS)
def test_unary_containment_long(name: str, number: tuple[int, int]) -> None:
    """10^5 trials for each elementary function, a tenth of that for each power."""
    rng = random.Random(f"long {name}{number}")
    for _ in range(10**5 if name in UNARY else 10**4):
        trial(rng, name, number, 1)


@pytest.mark.long
@pytest.mark.parametrize("name", BINARY)
def test_binary_containment_long(name: str) -> None:
    rng = random.Random(f"long {name}")
    for _ in range(10**5):
        trial(rng, name, (0, 1), 2)


@pytest.mark.parametrize("name", [n for n in UNARY if n != "neg"])
def test_points_are_tight(name: str) -> None:
    """At a point the relative width is a few units of the precision: nothing is hidden behind wide intervals."""
    f = Floating(80)
    for x in ((3, -3), (7, -3), (1, -60), (-5, -4)):
        operation = Operation(name, (0,), (0, 1))
        if domain(operation, [(x[0], x[0], x[1])]) == "inside":
            low, high, _ = local(f, operation, [(x[0], x[0], x[1])], 0).value
            assert (high - low) << 70 <= max(abs(low), abs(high)), (name, x)


@pytest.mark.parametrize(
    ("name", "argument", "where"),
    [
        ("sqrt", (0, 4, 0), "crossing"), ("sqrt", (-1, 4, 0), "crossing"), ("sqrt", (-4, -1, 0), "outside"),
        ("sqrt", (0, 0, 0), "crossing"), ("sqrt", (1, 4, -9000), "inside"), ("log", (0, 1, 0), "crossing"),
        ("log", (-1, 0, 0), "outside"), ("log", (1, 1, -5000), "inside"), ("rpow", (0, 1, 0), "crossing"),
        ("rpow", (0, 0, 0), "outside"), ("asin", (-1, 1, 0), "crossing"), ("asin", (2, 3, 0), "outside"),
        ("acos", (-(2**60), 2**60 - 1, -60), "crossing"), ("acos", (1 - 2**60, 2**60 - 1, -60), "inside"),
        ("acos", (1, 1, 0), "crossing"), ("asin", (2**60 + 1, 2**61, -60), "outside"),
    ],
)  # fmt: skip
def test_domains(name: str, argument: Real, where: str) -> None:
    assert domain(Operation(name, (0,), (1, 3)), [argument]) == where


def test_domains_of_two_arguments() -> None:
    divide, angle = Operation("div", (0, 1), (0, 1)), Operation("atan2", (0, 1), (0, 1))
    assert domain(divide, [(1, 1, 0), (0, 3, 0)]) == "crossing"
    assert domain(divide, [(1, 1, 0), (0, 0, 0)]) == "outside"
    assert domain(divide, [(1, 1, 0), (-3, -1, 0)]) == "inside"
    assert domain(angle, [(0, 0, 0), (1, 2, 0)]) == "inside"  # the positive half line is no cut
    assert domain(angle, [(0, 1, 0), (-2, -1, 0)]) == "crossing"  # touches the cut
    assert domain(angle, [(1, 2, 0), (-2, 2, 0)]) == "inside"
    assert domain(angle, [(0, 0, 0), (0, 0, 0)]) == "outside"
    assert domain(angle, [(-1, 1, 0), (0, 1, 0)]) == "crossing"


def test_huge_and_tiny() -> None:
    """Refused as precision or enclosed; never a wrong enclosure."""
    f = Floating(64)

    def value(name: str, *arguments: Real) -> Real:
        return local(f, Operation(name, tuple(range(len(arguments))), (0, 1)), list(arguments), 0).value

    with pytest.raises(Rejected, match="precision"):
        value("exp", (1, 1, 17))
    assert value("exp", (-1, -1, 17))[0] == 0
    low, high, e = value("exp", (-1, -1, 17))
    assert high > 0
    assert high.bit_length() + e <= -65535
    with pytest.raises(Rejected, match="precision"):
        value("sin", (1, 1, 70))
    with pytest.raises(Rejected, match="precision"):
        value("mul", (1, 1, 40000), (1, 1, 40000))
    assert value("mul", (1, 1, -40000), (-1, -1, -40000))[0] < 0
    for large in ((1, 1, 40), (1, 1, 14), (30000, 30000, 0)):
        low, high, e = value("tanh", large)
        assert exact((low, e)) < 1
        assert exact((high, e)) == 1
    for name in ("sin", "atan", "tanh"):
        low, high, e = value(name, (1, 1, -5000))
        assert exact((low, e)) <= arb((1, -5000))
        assert exact((high, e)) == arb((1, -5000))
    low, high, e = value("erf", (1, 1, 3))
    assert not exact((high, e)) < 1


def test_extremes_of_sine_and_cosine() -> None:
    """Intervals around a maximum contain 1 exactly, wherever the maximum is; a pole of the tangent is refused."""
    f = Floating(64)
    ctx.prec = 200
    for j in (*range(-9, 10), 10**9, 10**15 + 3):
        place = arb.pi() * j / 2
        n = int((place * 2**30).floor().unique_fmpz())
        around = (n - 1, n + 2, -30)
        sine = local(f, Operation("sin", (0,), (0, 1)), [around], 0).value
        cosine = local(f, Operation("cos", (0,), (0, 1)), [around], 0).value
        ends = {0: (cosine, 1), 1: (sine, 1), 2: (cosine, -1), 3: (sine, -1)}[j % 4]
        assert exact((ends[0][1 if ends[1] > 0 else 0], ends[0][2])) == ends[1]
        if j % 2:
            with pytest.raises(Rejected, match="pole"):
                local(f, Operation("tan", (0,), (0, 1)), [around], 0)
    assert local(f, Operation("sin", (0,), (0, 1)), [(0, 7, 0)], 0).value == (-1, 1, 0)
