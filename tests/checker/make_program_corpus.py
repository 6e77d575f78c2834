"""Writes tests/checker/programs: certificates about programs that must be accepted, rejected at a step, or malformed.

python tests/checker/make_program_corpus.py
"""

import copy
import json
import shutil
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "systems"))

import certify

EVERYTHING = """atan2(y, x) - sqrt(z)/3 - 0.436; exp(x - y) - z/2 - 0.155
tan(x) + log(z) - asin(y/4) - erf(x)*tanh(z)*acos(x/3) - 0.35"""

HERE = Path(__file__).parent / "programs"


def data(outcome: Any) -> dict[str, Any]:
    """A certificate as JSON."""
    loaded: dict[str, Any] = json.loads(outcome.certificate.content)
    return loaded


def good() -> dict[str, dict[str, Any]]:
    """Certificates that must be accepted."""
    himmelblau = "(x^2 + y - 11)^2 + (x + y^2 - 7)^2"
    return {
        "zero-circle": data(certify.prove_zero("x^2 + y^2 - 1; y - x^3", [0.8, 0.6])),
        "zero-transcendental": data(
            certify.prove_zero(EVERYTHING,
                               [0.8, 0.9, 1.5])
        ),
        "zero-parameter": data(certify.prove_zero("x^2 - p", [1.4], parameters={"p": (1.9, 2.1)})),
        "zero-many-bits": data(certify.prove_zero("x^(2/3) - 2; y*x - 1", [2.8, 0.3], bits=256)),
        "minimum": data(certify.prove_minimum(himmelblau, [3, 2])),
        "saddle": data(certify.prove_minimum(himmelblau, [0.09, 2.88])),
        "all-zeros-himmelblau": data(certify.all_zeros(
            "4*x*(x^2 + y - 11) + 2*(x + y^2 - 7); 2*(x^2 + y - 11) + 4*y*(x + y^2 - 7)", [(-5, 5), (-5, 5)])),
        "all-zeros-domains": data(certify.all_zeros("sqrt(x) - y; log(y + 1) + x - 1", [(-2, 2), (-2, 2)])),
        "all-zeros-border": data(certify.all_zeros("sin(x)", [(0, 7)])),
        "all-zeros-double": data(certify.all_zeros("(x - 1)^2*(x + 1)", [(-2, 3)], least=2.0**-10)),
        "maximum": data(certify.prove_minimum(himmelblau, [-0.27, -0.92])),
    }  # fmt: skip


def edited(source: dict[str, Any], path: list[Any], value: Any) -> dict[str, Any]:
    """One entry changed."""
    result = copy.deepcopy(source)
    place = result
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return result


def program(
    variables: list[str], operations: list[Any], outputs: list[int], parameters: list[Any] | None = None
) -> dict[str, Any]:
    """The data of a system."""
    return {"variables": variables, "parameters": parameters or [], "operations": operations, "outputs": outputs}


def zero(
    system: dict[str, Any], centre: list[str], unique: list[str], error: list[str], precision: int = 64
) -> dict[str, Any]:
    """A claim of a zero, true or not."""
    claim = {"kind": "zero", "system": system, "centre": centre, "uniqueness_radii": unique, "error_radii": error}
    return {"format": "certify", "version": 1, "claim": claim, "witness": {"precision": precision, "factor_bits": 40}}


def false_claims(accepted: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Claims that are wrong or not shown, by the step that must refuse them."""
    square = program(["x"], [["pow", 0, "2"]], [1])
    nearly = program(["x"], [["pow", 0, "2"], ["const", "1/100000000000000000000"], ["sub", 1, 2]], [3])
    close = program(
        ["x"], [["const", "1"], ["sub", 0, 1], ["pow", 2, "2"], ["const", "1/1" + 28 * "0"], ["sub", 3, 4]], [5]
    )
    root = program(["x"], [["sqrt", 0], ["const", "1"], ["sub", 1, 2]], [3])
    pole = program(["x"], [["const", "1"], ["div", 1, 0], ["sub", 2, 1]], [3])
    angle = program(["x", "y"], [["atan2", 1, 0], ["const", "1"], ["add", 0, 3]], [2, 4])
    arc = program(["x"], [["asin", 0]], [1])
    tangent = program(["x"], [["tan", 0]], [1])
    matrix = ((116, 44, -95), (-73, 41, 65), (100, -45, -90))  # 8 bits are too few for its inverse
    products = [
        [["const", str(entry)], ["mul", 3 + 6 * i + 2 * j, j]]
        for i, row in enumerate(matrix)
        for j, entry in enumerate(row)
    ]
    sums = [["add", 4 + 6 * i, 6 + 6 * i, 8 + 6 * i] for i in range(3)]
    linear = program(["x", "y", "z"], [*(o for pair in products for o in pair), *sums], [21, 22, 23])
    coarse = zero(linear, ["0x0p0"] * 3, ["0x1p0"] * 3, ["0x1p-9"] * 3)
    around = ["0x0p0"] * 2, ["0x1p-9"] * 2, ["0x1p-9"] * 2
    circle, saddle = accepted["zero-circle"], accepted["saddle"]
    parameter = ["claim", "system", "parameters", 0]
    turned = [[-row[1], row[0]] for row in saddle["witness"]["directions"]]
    return {
        "contraction--few-bits": edited(coarse, ["witness", "factor_bits"], 8),
        "contraction--double": zero(square, ["0x0p0"], ["0x1p-10"], ["0x1p-20"]),
        "contraction--two-zeros-in-the-box": zero(nearly, ["0x1p-33"], ["0x1p-32"], ["0x1p-34"]),
        "contraction--no-zero": zero(program(["x"], [["exp", 0]], [1]), ["-0x1p5"], ["0x1p0"], ["0x1p-1"]),
        "contraction--wrong-centre": edited(circle, ["claim", "centre", 0], "0x1p0"),
        "contraction--singular": zero(program(["x", "y"], [["add", 0, 1], ["mul", 0, 1]], [2, 3]), *around),
        "contraction--vanishing-gradient": zero(program(["x", "y"], [["const", "0"], ["add", 0, 1]], [2, 3]), *around),
        "contraction--parameter-too-wide": edited(accepted["zero-parameter"], [*parameter, 2], "0x1p3"),
        "contraction--another-function": edited(circle, ["claim", "system", "operations", -1, 0], "mul"),
        "error--too-small": edited(circle, ["claim", "error_radii", 0], "0x1p-80"),
        "domain--root-touches-zero": zero(root, ["0x1p0"], ["0x1p0"], ["0x1p-1"]),
        "domain--pole": zero(pole, ["0x1p0"], ["0x1p0"], ["0x1p-1"]),
        "domain--cut": zero(angle, ["-0x1p0", "0x0p0"], ["0x1p-3"] * 2, ["0x1p-3"] * 2),
        "domain--arcsine-beyond-one": zero(arc, ["0x0p0"], ["0x1p0"], ["0x1p-1"]),
        "domain--tangent-pole": zero(tangent, ["0x0p0"], ["0x1p1"], ["0x1p-1"]),
        "inertia--wrong-index": edited(edited(saddle, ["claim", "index"], 0), ["witness", "directions"], []),
        "inertia--positive-direction": edited(saddle, ["witness", "directions"], turned),
        "inertia--zero-direction": edited(saddle, ["witness", "directions"], [[0, 0]]),
        "inertia--no-weight": edited(saddle, ["witness", "weight"], 0),
        **tree_edits(accepted),
        "value--too-narrow": edited(saddle, ["claim", "value", 1], saddle["claim"]["value"][0]),
        "contraction--zeros-at-distance-2e-14": zero(close, ["0x1p0"], ["0x1p-40"], ["0x1p-45"], 128),
        "contraction--triple": zero(program(["x"], [["pow", 0, "3"]], [1]), ["0x1p-60"], ["0x1p-61"], ["0x1p-61"], 256),
        "domain--power-touches-zero": zero(
            program(["x"], [["rpow", 0, "5/3"]], [1]), ["0x1p-9"], ["0x1p-9"], ["0x1p-9"]),
        "domain--inverse-power-around-zero": zero(
            program(["x"], [["pow", 0, "-2"], ["const", "1"], ["sub", 1, 2]], [3]), ["0x1p0"], ["0x3p0"], ["0x1p-1"]),
        "domain--logarithm-touches-zero": zero(program(["x"], [["log", 0]], [1]), ["0x1p0"], ["0x1p0"], ["0x1p-9"]),
        "domain--angle-around-the-origin": zero(angle, ["0x0p0"] * 2, ["0x1p-9"] * 2, ["0x1p-9"] * 2),
        "domain--arccosine-touches-one": zero(
            program(["x"], [["acos", 0], ["const", "1"], ["sub", 1, 2]], [3]), ["0x1p-1"], ["0x1p-1"], ["0x1p-1"]),
        "domain--not-needed-by-the-derivative": zero(  # x + 0 sqrt(x - 1): a zero where the root is not defined is none
            program(["x"], [["const", "1"], ["sub", 0, 1], ["sqrt", 2], ["const", "0"], ["mul", 3, 4], ["add", 0, 5]],
                    [6]), ["0x0p0"], ["0x1p-9"], ["0x1p-9"]),
        "precision--tower": zero(
            program(["x"], [["pow", 0, "4096"], ["pow", 1, "4096"]], [2]), ["0x1p1"], ["0x1p0"], ["0x1p-1"]),
        "precision--huge": zero(program(["x"], [["exp", 0]], [1]), ["0x1p40"], ["0x1p0"], ["0x1p-1"]),
        "precision--angle": zero(program(["x"], [["sin", 0]], [1]), ["0x1p400"], ["0x1p0"], ["0x1p-1"]),
    }  # fmt: skip


def tree_edits(accepted: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Lists of zeros with something missing, invented or moved."""
    whole, border = accepted["all-zeros-himmelblau"], accepted["all-zeros-border"]
    double, domains = accepted["all-zeros-double"], accepted["all-zeros-domains"]
    tree, node = whole["witness"]["tree"], ["witness", "tree"]
    first = {
        kind: next(i for i, node in enumerate(tree) if node[0] == kind)
        for kind in ("split", "newton", "zero", "excluded")
    }
    narrow = next(i for i, n in enumerate(tree) if n[0] == "newton" and n[2] is not None)
    low = tree[narrow][2][0][0]
    invented = {**whole["claim"]["zeros"][0], "centre": ["0x1p0", "0x1p0"]}
    empty = [["newton", n[1], None] if i == narrow else n for i, n in enumerate(tree)]
    zeros = whole["claim"]["zeros"]
    moved = edited(border, ["claim", "zeros"], border["claim"]["zeros"] + border["claim"]["border"])
    moved = edited(moved, ["claim", "border"], [])
    line = program(["x"], [["const", "3/4"], ["sub", 0, 1]], [2])
    claim = {
        "kind": "all-zeros",
        "system": line,
        "region": [["0x0p0", "0x1p0"]],
        "zeros": [],
        "border": [],
        "leftovers": [],
    }
    half = {"precision": 64, "factor_bits": 32, "grid": 4, "tree": [["split", 0, 8], ["excluded", 0]]}
    forged = {"format": "certify", "version": 1, "claim": claim, "witness": half}
    reversed_box = edited(edited(forged, ["claim", "system", "operations", 0, 1], "5"), [*node, 0, 2], 32)
    shifted = program(
        ["x"], [["const", "1"], ["sub", 0, 1], ["div", 1, 2], ["const", "2"], ["sub", 3, 4]], [5]
    )  # 1/(x - 1) = 2
    pole = {**forged, "claim": {**claim, "system": shifted, "region": [["0x0p0", "0x1p1"]]},
            "witness": {**half, "tree": [["excluded", 0]]}}  # fmt: skip
    rooted = program(["x"], [["sqrt", 0], ["const", "1/1000"], ["sub", 1, 2]], [3])
    end = {**forged, "claim": {**claim, "system": rooted, "region": [["-0x1p0", "0x1p-9"]]},
           "witness": {**half, "grid": 16, "tree": [["newton", [[0, [1]]], None]]}}  # fmt: skip
    renamed = [["zero", {0: 2, 1: 0, 2: 1}.get(n[1], n[1])] if n[0] == "zero" else n for n in tree]
    return {
        "tree--zero-leaf-excluded": edited(whole, [*node, first["zero"]], ["excluded", 0]),
        "tree--another-zero": edited(whole, [*node, first["zero"], 1], (tree[first["zero"]][1] + 1) % 9),
        "tree--zeros-renamed": edited(whole, node, renamed),
        "tree--excluded-by-another-equation": edited(domains, node, [
            ["excluded", 1 - n[1]] if n[0] == "excluded" else n for n in domains["witness"]["tree"]]),
        "tree--half-forgotten": forged,
        "tree--zero-beside-a-pole-excluded": pole,
        "domain--newton-beyond-the-end-of-a-root": end,
        "tree--reversed-box": edited(reversed_box, node, [["split", 0, 32], ["excluded", 0], ["excluded", 0]]),
        "tree--node-missing": edited(whole, node, tree[:-1]),
        "tree--node-too-many": edited(whole, node, [*tree, ["excluded", 0]]),
        "tree--cut-outside": edited(whole, [*node, first["split"], 2], 1 << 70),
        "tree--too-narrow": edited(whole, [*node, narrow, 2, 0], [low, low]),
        "tree--empty-invented": edited(whole, node, empty),
        "tree--combination-zero": edited(whole, [*node, narrow, 1], [[0, [0, 0]]]),
        "tree--larger-region": edited(whole, ["claim", "region", 0, 1], "0x1p5"),
        "tree--leftover-shrunk": edited(double, ["claim", "leftovers", 0, 0, 1], double["claim"]["leftovers"][0][0][0]),
        "tree--leftover-forgotten": edited(double, node, [
            ["excluded", 0] if n[0] == "leftover" else n for n in double["witness"]["tree"]]),
        "listing--twice": edited(whole, ["claim", "zeros"], [*zeros, zeros[0]]),
        "listing--outside": moved,
        "contraction--zero-invented": edited(whole, ["claim", "zeros"], [*zeros, invented]),
    }  # fmt: skip


def unreadable(accepted: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Certificates that the reader must refuse."""
    circle, saddle = accepted["zero-circle"], accepted["saddle"]
    operations = ["claim", "system", "operations"]
    return {
        "kind": edited(circle, ["claim", "kind"], "minimum"),
        "kind-list": edited(circle, ["claim", "kind"], []),
        "extra-key": edited(circle, ["claim", "index"], 0),
        "forward-reference": edited(circle, [*operations, 0, 1], 9),
        "self-reference": edited(circle, [*operations, 0, 1], 2),
        "negative-reference": edited(circle, [*operations, 0, 1], -1),
        "truth-as-reference": edited(circle, [*operations, 0, 1], True),
        "unknown-operation": edited(circle, [*operations, 0], ["abs", 0]),
        "unhashable-operation": edited(circle, [*operations, 0], [["exp"], 0]),
        "missing-argument": edited(circle, [*operations, 0], ["exp"]),
        "missing-number": edited(circle, [*operations, 0], ["pow"]),
        "fraction-not-reduced": edited(circle, [*operations, 0], ["const", "2/4"]),
        "fraction-over-one": edited(circle, [*operations, 0], ["const", "2/1"]),
        "fraction-zero": edited(circle, [*operations, 0], ["const", "-0"]),
        "power-no-integer": edited(circle, [*operations, 0], ["pow", 0, "1/2"]),
        "power-too-large": edited(circle, [*operations, 0], ["pow", 0, "5000"]),
        "rational-power-integer": edited(circle, [*operations, 0], ["rpow", 0, "2"]),
        "unused-operation": edited(circle, operations, [*circle["claim"]["system"]["operations"], ["exp", 0]]),
        "same-names": edited(circle, ["claim", "system", "variables"], ["x", "x"]),
        "variable-pi": edited(circle, ["claim", "system", "variables", 0], "pi"),
        "parameter-pi": edited(accepted["zero-parameter"], ["claim", "system", "parameters", 0, 0], "pi"),
        "bad-name": edited(circle, ["claim", "system", "variables", 0], "x y"),
        "not-square": edited(circle, ["claim", "system", "outputs"], circle["claim"]["system"]["outputs"][:1]),
        "output-out-of-range": edited(circle, ["claim", "system", "outputs", 0], 99),
        "error-larger": edited(circle, ["claim", "error_radii", 0], "0x1p9"),
        "radius-zero": edited(circle, ["claim", "uniqueness_radii", 0], "0x0p0"),
        "centre-short": edited(circle, ["claim", "centre"], circle["claim"]["centre"][:1]),
        "parameter-empty": edited(accepted["zero-parameter"], ["claim", "system", "parameters", 0, 2], "0x1p-9"),
        "precision-small": edited(circle, ["witness", "precision"], 8),
        "tree-unknown-node": edited(accepted["all-zeros-border"], ["witness", "tree", 0], ["guess"]),
        "tree-empty": edited(accepted["all-zeros-border"], ["witness", "tree"], []),
        "tree-no-such-zero": edited(accepted["all-zeros-border"], ["witness", "tree", 0], ["zero", 99]),
        "tree-negative": edited(accepted["all-zeros-border"], ["witness", "tree", 0], ["zero", -1]),
        "region-empty": edited(accepted["all-zeros-border"], ["claim", "region", 0], ["0x1p1", "0x1p0"]),
        "index-beyond": edited(saddle, ["claim", "index"], 3),
        "directions-missing": edited(saddle, ["witness", "directions"], []),
        "limit--error-functions": zero(
            program(["x"], [["erf", 0], ["erf", 1]], [2]), ["0x3fp0"], ["0x1p0"], ["0x1p0"], 8192
        ),
        "limit--number": edited(circle, [*operations, 0], ["const", "1" * 1300]),
        "limit--unknowns": edited(circle, ["claim", "system", "variables"], [f"x{i}" for i in range(4097)]),
    }


def main() -> None:
    """Write all files anew."""
    accepted = good()
    for kind, files in {
        "accept": accepted,
        "reject": false_claims(accepted),
        "malformed": unreadable(accepted),
    }.items():
        shutil.rmtree(HERE / kind, ignore_errors=True)
        (HERE / kind).mkdir(parents=True)
        for name, content in files.items():
            text = json.dumps(content, sort_keys=True, separators=(",", ":")) + "\n"
            (HERE / kind / f"{name}.cert.json").write_text(text)


if __name__ == "__main__":
    main()
