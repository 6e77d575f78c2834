"""The trusted source, read as a syntax tree: integers only, few imports, nothing that runs other code."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "certify" / "checker").glob("*.py"))
IMPORTS = {
    "collections.abc", "dataclasses", "functools", "hashlib", "itertools", "json", "math", "operator", "os", "pathlib",
    "re", "sys", "typing",
}  # fmt: skip
MATH = {"isqrt", "factorial", "comb", "gcd"}  # exact on integers
ONLY_IN_MAIN = {"os", "sys", "pathlib"}
FORBIDDEN_NAMES = {
    "float", "complex", "eval", "exec", "compile", "open", "input", "print", "globals", "locals", "vars", "setattr",
    "delattr", "__import__", "breakpoint", "round", "pow", "divmod", "Decimal", "Fraction",
}  # fmt: skip
FORBIDDEN_ATTRIBUTES = {"open", "system", "popen", "loads_unchecked", "write_text", "read_text", "unlink", "__dict__"}


def name(path: Path) -> str:
    return path.name


def trees() -> list[tuple[Path, ast.Module]]:
    return [(path, ast.parse(path.read_text())) for path in SOURCES]


def test_sources_exist() -> None:
    assert {"reader.py", "intervals.py", "landscape.py", "definite.py", "theorem.py"} <= {path.name for path in SOURCES}
    assert not [path for path in (ROOT / "certify" / "checker").rglob("*") if path.suffix in (".so", ".pyd", ".pyx")]


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_floats_asserts_or_true_division(path: Path) -> None:
    """`assert` disappears under -O; `/` and `**` with a negative exponent make floats."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant):
            assert not isinstance(node.value, float | complex), f"float literal in line {node.lineno}"
        assert not isinstance(node, ast.Assert), f"assert in line {getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            # pathlib's operator would be the only innocent one, and the checker has no use for it
            raise AssertionError(f"true division in line {node.lineno}")
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Pow):
            exponent = node.right if isinstance(node, ast.BinOp) else node.value
            positive = isinstance(exponent, ast.Constant) and type(exponent.value) is int
            guarded = isinstance(exponent, ast.Call) and ast.unparse(exponent.func) == "max"
            assert positive or guarded, f"a power that may be negative in line {node.lineno}"


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_names(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Name):
            assert node.id not in FORBIDDEN_NAMES, f"{node.id} in line {node.lineno}"
        if isinstance(node, ast.Attribute) and path.name != "__main__.py":
            assert node.attr not in FORBIDDEN_ATTRIBUTES, f".{node.attr} in line {node.lineno}"
        assert not isinstance(node, ast.Global | ast.Nonlocal)


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_imports(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            modules = [node.module or ""]
            assert all(alias.name != "*" for alias in node.names)
            if node.module == "math":
                assert {alias.name for alias in node.names} <= MATH
        else:
            continue
        for module in modules:
            assert module in IMPORTS or (module + ".").startswith("certify.checker."), module
            assert module not in ONLY_IN_MAIN or path.name == "__main__.py", module
            assert module != "math" or isinstance(node, ast.ImportFrom)


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_silent_exceptions(path: Path) -> None:
    """Every handler raises, or is the program's own translation of exceptions into exit codes."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None
            raises = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
            assert raises or path.name == "__main__.py", f"line {node.lineno}"


def test_modules_have_docstrings_and_stay_small() -> None:
    for path, tree in trees():
        assert ast.get_docstring(tree), path.name
        assert len(path.read_text().splitlines()) <= 450, path.name
    assert sum(len(path.read_text().splitlines()) for path in SOURCES) < 8450


def test_public_functions_have_docstrings() -> None:
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{path.name}: {node.name}"


def test_standard_library_only() -> None:
    assert {module.split(".")[0] for module in IMPORTS} <= set(sys.stdlib_module_names)
