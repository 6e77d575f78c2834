"""Claims about programs: a corpus found by glob, edits of every field, formulas, broken lines."""

import ast
import copy
import inspect
import json
import random
from pathlib import Path
from typing import Any

import pytest
from flint import arb, ctx

import certify
from certify.checker import Malformed, Rejected, ResourceLimit, definite, verify_bytes
from certify.checker import tree as tree_module
from certify.checker import zero as zero_module
from certify.checker.fields import canonical
from certify.checker.floating import Floating
from certify.checker.phrases import formulas
from certify.checker.systems import read_program
from certify.systems import as_system
from certify.systems.evaluate import FLOATS, evaluate

HERE = Path(__file__).parent / "programs"
STEPS = {"domain", "contraction", "error", "inertia", "value", "precision", "listing", "tree"}


def files(kind: str) -> list[Path]:
    found = sorted((HERE / kind).glob("*.cert.json"))
    assert found, f"no files in {kind}"
    return found


def name(path: Path) -> str:
    return path.name.removesuffix(".cert.json")


@pytest.mark.parametrize("path", files("accept"), ids=name)
def test_accept(path: Path) -> None:
    verdict = verify_bytes(path.read_bytes())
    kinds = {"zero": "zero", "all": "all-zeros"}
    word = name(path).split("-")[0]
    assert verdict.kind == kinds.get(word, "critical-point")
    assert word in verdict.sentence or "region" in verdict.sentence


@pytest.mark.parametrize("path", files("reject"), ids=name)
def test_reject(path: Path) -> None:
    with pytest.raises(Rejected) as refusal:
        verify_bytes(path.read_bytes())
    assert refusal.value.step == name(path).split("--")[0]


def test_every_step_refuses_something() -> None:
    assert {name(path).split("--")[0] for path in files("reject")} == STEPS


@pytest.mark.parametrize("path", files("malformed"), ids=name)
def test_malformed(path: Path) -> None:
    with pytest.raises(ResourceLimit if path.name.startswith("limit--") else Malformed):
        verify_bytes(path.read_bytes())


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [leaf for key in value for leaf in leaves(value[key], (*path, key))]
    if isinstance(value, list) and value:
        return [leaf for place, entry in enumerate(value) for leaf in leaves(entry, (*path, place))]
    return [path]


@pytest.mark.parametrize("path", files("accept"), ids=name)
def test_every_field_is_read(path: Path) -> None:
    """Another type in any field is refused as malformed, never by a crash."""
    data = json.loads(path.read_bytes())
    found = leaves(data)
    random.Random(1).shuffle(found)
    for leaf in found[:120]:
        for value in (None, [], {}, 1.5, "x", True, -1, 10**400, "0x1p-99999"):
            changed = copy.deepcopy(data)
            place = changed
            for key in leaf[:-1]:
                place = place[key]
            if type(place[leaf[-1]]) is type(value):
                continue
            place[leaf[-1]] = value
            with pytest.raises((Malformed, ResourceLimit)):
                verify_bytes(json.dumps(changed, sort_keys=True, separators=(",", ":")).encode() + b"\n")


def test_certificates_are_linear_in_the_program() -> None:
    sizes = {}
    from problems import broyden

    import certify

    for n in (20, 80):
        outcome = certify.prove_zero(certify.system(broyden, n), [-1.0] * n)
        sizes[n] = len(outcome.certificate.content)
        assert verify_bytes(outcome.certificate.content).kind == "zero"
    assert sizes[80] < 5 * sizes[20]


EXPRESSIONS = [
    "-(x - y)*z - (x + y)^2/(-z)", "x - (y - z) + (-2)^3*x - (-1/3)*y", "-x^2 + (-x)^2 - (-x)*(-y)", "1/3*x/(y*z)/x",
    "2^x", "(x^y)^(1/3) + x^(-2)", "-1/3*x", "x*(1/3)^5 - 5/7", "x/(y/z)", "x - (-y)",
    "-(x + y)", "-(x*y)*z", "(x*y)^2",
    "atan2(y, x)*sqrt(x) - erf(z)^3", "x - (y + z)", "x*(y - z)", "(x/y)*(z/x)", "x - y*(-2)", "-(-x)",
    "x^2^1", "pi*x - pi",
]  # fmt: skip


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_formulas_say_what_the_program_computes(text: str) -> None:
    """The formula of a sentence, read again, has the same values as the program."""
    system = as_system(text, names="x y z")
    shown = formulas(read_program(system.data))[0]
    again = as_system(shown, names="x y z")
    for point in ([0.7, 1.3, 2.1], [1.9, 0.4, 0.6]):
        first, second = (evaluate(s, point, FLOATS, 0).values[s.outputs[0]] for s in (system, again))
        assert first == pytest.approx(second, rel=1e-12)


def test_long_formulas_are_replaced_by_the_hash() -> None:
    doubled = "x"
    for _ in range(12):
        doubled = f"({doubled} + 1)*({doubled})" if len(doubled) < 200 else doubled
    system = as_system(f"sin({doubled})")
    assert formulas(read_program(system.data)) == [""]
    operations = [["exp", 0], *(["mul", i, i] for i in range(1, 60))]
    program = read_program({"variables": ["x"], "parameters": [], "operations": operations, "outputs": [60]})
    assert formulas(program) == [""]  # 2^59 characters if it were written out


def test_gradients_and_hessians_contain_differences() -> None:
    """Over random boxes, values at sampled points differ by what the enclosed gradient allows."""
    rng = random.Random(3)
    text = "exp(x*y)/(1 + z^2) + atan2(y, x)*sqrt(z) - log(x + y)*tanh(z*x) + (x*z)^(2/3) - cos(x - y)*asin(z/9)"
    system = as_system(text, names="x y z")
    program, f = read_program(system.data), Floating(64)
    ctx.prec = 120
    try:
        for _ in range(40):
            centre = [rng.randint(1 << 18, 3 << 18) for _ in range(3)]
            reach = rng.choice([1, 1 << 8, 1 << 14])
            box = [(c - reach, c + reach, -19) for c in centre]
            gradient, hessian = program.hessian(box, f)
            ends = [[arb((rng.randint(c - reach, c + reach), -19)) for c in centre] for _ in range(2)]
            values = [_ball_value(system, end) for end in ends]
            slopes = [sum(_ball(gradient[i]) * (ends[0][i] - ends[1][i]) for i in range(3))]
            assert slopes[0].overlaps(values[0][0] - values[1][0])
            for i in range(3):
                change = sum(_ball(hessian[min(i, j), max(i, j)]) * (ends[0][j] - ends[1][j]) for j in range(3))
                assert change.overlaps(values[0][1][i] - values[1][1][i])
    finally:
        ctx.prec = 53


def _ball(interval: tuple[int, int, int]) -> arb:
    return arb((interval[0], interval[2])).union(arb((interval[1], interval[2])))


def _ball_value(system: Any, point: list[arb]) -> tuple[arb, dict[int, arb]]:
    from certify.systems.evaluate import balls

    result = evaluate(system, point, balls(), 1)
    return result.values[system.outputs[0]], result.gradients[system.outputs[0]]


COMPARED = "if not residual * one + contraction * one_residual < one * one_residual:"
TREE = [
    ("if not _inside(box, known):", "if False:"),
    ("if not self._program.excludes(node[1], self._inputs(box), self._f):", "if False:"),
    ("if left is not None and (node[2] is None or not _inside(left, node[2])):", "if False:"),
    ("if not box[k][0] <= cut <= box[k][1]:", "if False:"),
    ("if next(nodes, None) is not None:", "if False:"),
    ("yield [*box[:k], (cut, box[k][1]), *box[k + 1 :]]", "pass"),
    ("        check_contraction(place, values, gradients, f, budget)", "        pass"),
    ("if any(not _disjoint(place, other) for other in active):", "if False:"),
    ("if not (compare(low, _shifted(x, r, -1)) <= 0 and compare(_shifted(x, r, 1), high) <= 0):", "if False:"),
]
BROKEN = [
    (COMPARED, "if not contraction * one_residual < one * one_residual:"),
    (COMPARED, "if False:"),
    ("error += max(high - middle[j], middle[j] - low)", "error += 0"),
    ("contraction += abs(factor) * row.error", "contraction += 0"),
    ("return max(-low, high), contraction + sum(map(abs, product.values()))", "return max(-low, high), contraction"),
    ("if whole else at(x) for x, r", "if False else at(x) for x, r"),
    ("if not compare((radius[0] * bound, radius[1] - bits - f.bits), claimed) <= 0:", "if False:"),
    ("    _check_inertia(c, _rows_of(curvature, count), f)", "    pass"),
    ("if not (compare(c.value[0], lower(value)) <= 0 and compare(upper(value), c.value[1]) <= 0):", "if False:"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("module", "line", "broken"), [(zero_module, *pair) for pair in BROKEN] + [(tree_module, *pair) for pair in TREE]
)
def test_each_line_matters(module: Any, line: str, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the line broken some certificate of the reject folder is accepted, or refused elsewhere."""
    source = inspect.getsource(module)
    assert source.count(line) == 1, line
    namespace: dict[str, Any] = {"__name__": "broken"}
    exec(compile(ast.parse(source.replace(line, broken)), "broken", "exec"), namespace)  # noqa: S102
    from certify.checker import theorem

    for function in ("verify_zero", "verify_critical_point", "verify_all_zeros"):
        if function in namespace:
            monkeypatch.setattr(theorem, function, namespace[function])
    accepted = []
    for path in files("reject"):
        try:
            verify_bytes(path.read_bytes())
        except ZeroDivisionError:
            pass
        except Rejected as refusal:
            if refusal.step == name(path).split("--")[0]:
                continue
        accepted.append(path.name)
    assert accepted, "no test notices that this line is broken"


def test_canonical_text_is_enforced() -> None:
    content = files("accept")[0].read_bytes()
    data = json.loads(content)
    assert canonical(data) == content
    with pytest.raises(Malformed):
        verify_bytes(json.dumps(data).encode())


def test_work_grows_with_the_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few unknowns, and numbers of many bits in the functions, the elimination, the factorisation, a tree."""
    circle = json.loads((HERE / "accept" / "zero-circle.cert.json").read_bytes())
    saddle = json.loads((HERE / "accept" / "saddle.cert.json").read_bytes())
    tree = next(json.loads(path.read_bytes()) for path in files("accept") if name(path).startswith("all"))
    for source, patched, limit, value, field in (
        (circle, zero_module, "LIMIT_STEPS", 1 << 10, "factor_bits"),
        (saddle, definite, "LIMIT_WORK", 1 << 12, "factor_bits"),
        (tree, tree_module, "LIMIT_WORK", 1 << 16, "precision"),
    ):
        with monkeypatch.context() as context:
            context.setattr(patched, limit, value)
            verify_bytes(json.dumps(source, sort_keys=True, separators=(",", ":")).encode() + b"\n")
            changed = copy.deepcopy(source)
            changed["witness"][field] = 8192
            with pytest.raises(ResourceLimit):
                verify_bytes(json.dumps(changed, sort_keys=True, separators=(",", ":")).encode() + b"\n")


def test_the_zeros_of_a_list_share_one_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine zeros cost nine eliminations, not the largest of them; evaluations and rows of newton nodes add up."""
    path = HERE / "accept" / "all-zeros-himmelblau.cert.json"
    one = canonical(json.loads((HERE / "accept" / "zero-circle.cert.json").read_bytes()))
    spent = []
    for content in (one, path.read_bytes()):
        budget: list[int] = []
        monkeypatch.setattr(zero_module.Budget, "spend", lambda self, steps, b=budget: b.append(steps))
        verify_bytes(content)
        spent.append(sum(budget))
    monkeypatch.undo()
    assert spent[1] == 9 * spent[0]
    work = tree_work(json.loads(path.read_bytes()))
    for module, limit, largest in ((zero_module, "LIMIT_STEPS", spent[1]), (tree_module, "LIMIT_WORK", work)):
        monkeypatch.setattr(module, limit, largest)
        verify_bytes(path.read_bytes())
        monkeypatch.setattr(module, limit, largest - 1)
        with pytest.raises(ResourceLimit, match="would take too long"):
            verify_bytes(path.read_bytes())
        monkeypatch.undo()


def test_zeros_side_by_side_are_compared_at_a_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """All zeros have the same first coordinate, so that every pair is compared."""
    found = certify.all_zeros("x; sin(y)", [(-1, 1), (-13, 13)])
    costs: list[int] = []
    monkeypatch.setattr(zero_module.Budget, "spend", lambda self, steps: costs.append(steps))
    verify_bytes(found.certificate.content)
    assert costs[-9:] == [tree_module.COMPARISON * 2 * k for k in range(9)]


def tree_work(data: dict[str, Any]) -> int:
    """Two unknowns: an evaluation costs four words squared a term; a row of a newton node six."""
    tree, operations = data["witness"]["tree"], data["claim"]["system"]["operations"]
    rows = sum(len(node[1]) for node in tree if node[0] == "newton")
    terms = sum(max(1, sum(type(a) is int for a in operation) - 1) for operation in operations)
    return (len(tree) + 9) * 16 * terms + 6 * rows


def test_sums_cost_what_they_add() -> None:
    """One operation with very many arguments is no cheap operation, neither once nor at each of many nodes."""
    long = [["add", *range(1024)], ["add", *[1024] * (1 << 14)]]
    system = {
        "variables": [f"x{i}" for i in range(1024)],
        "parameters": [],
        "operations": long,
        "outputs": [1025] * 1024,
    }
    place = {name: ["0x1p0"] * 1024 for name in ("centre", "uniqueness_radii", "error_radii")}
    claim = {"kind": "zero", "system": system, **place}
    witness: dict[str, Any] = {"precision": 64, "factor_bits": 32}
    with pytest.raises(ResourceLimit, match="derivatives"):
        verify_bytes(canonical({"format": "certify", "version": 1, "claim": claim, "witness": witness}))
    system = {"variables": ["x"], "parameters": [], "operations": [["add", *[0] * (1 << 14)]], "outputs": [1]}
    claim = {"kind": "all-zeros", "system": system, "region": [["0x1p0", "0x1p1"]], "zeros": [], "border": [],
             "leftovers": []}  # fmt: skip
    tree = [["excluded", 0]] * (1 << 13)
    with pytest.raises(ResourceLimit, match="tree"):
        verify_bytes(
            canonical(
                {"format": "certify", "version": 1, "claim": claim, "witness": {**witness, "grid": 0, "tree": tree}}
            )
        )


def test_a_zero_beyond_the_rounded_end_of_a_region() -> None:
    """The zero 0.33333333 is in [0, 0.3333333395...], not in [0, 0.333333]."""
    operations = [["const", "33333333/100000000"], ["sub", 0, 1]]
    system = {"variables": ["x"], "parameters": [], "operations": operations, "outputs": [2]}
    place = {"centre": ["0x5555555p-28"], "uniqueness_radii": ["0x1p-1"], "error_radii": ["0x1p-28"]}
    for end, told in (("0x5555557p-28", "the region about x in [0, 0.333333] (exact ends in the claim) contains"),
                      ("0x1p-1", "the region x in [0, 0.5] contains")):  # fmt: skip
        claim = {"kind": "all-zeros", "system": system, "region": [["0x0p0", end]], "zeros": [place], "border": [],
                 "leftovers": []}  # fmt: skip
        witness = {"precision": 64, "factor_bits": 53, "grid": 40, "tree": [["zero", 0]]}
        data = {"format": "certify", "version": 1, "claim": claim, "witness": witness}
        assert told in verify_bytes(canonical(data)).sentence
