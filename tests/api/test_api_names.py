"""The public names, and that they load nothing before they are used."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import certify

ROOT = Path(__file__).parents[2]
HEAVY = {"numpy", "scipy", "flint", "click", "rich"}


def loaded_by(code: str) -> set[str]:
    """Names of the modules in a fresh interpreter after the code."""
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_public_names() -> None:
    assert certify.__all__ == [
        "AllZeros",
        "Certificate",
        "InputError",
        "Problem",
        "Proved",
        "ProvedZero",
        "Refuted",
        "Undecided",
        "__version__",
        "all_zeros",
        "from_scipy",
        "prove",
        "prove_minimum",
        "prove_sweep",
        "prove_zero",
        "prove_zeros",
        "search",
        "system",
        "verify",
    ]
    assert all(getattr(certify, name) is not None for name in certify.__all__)
    assert dir(certify) == certify.__all__


def test_unknown_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'proof'"):
        _ = certify.proof


def test_version() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == certify.__version__


@pytest.mark.parametrize(
    "code",
    [
        "import certify",
        "import certify.checker",
        "from certify.checker import verify_bytes",
        "from certify import verify, InputError, Certificate, Undecided; verify(b'')",
        "import certify.cli.worker",
    ],
)
def test_light_imports(code: str) -> None:
    assert not HEAVY & loaded_by(code)


def test_the_checker_loads_nothing_else_of_certify() -> None:
    ours = {name for name in loaded_by("import certify.checker.__main__") if name.startswith("certify")}
    assert all(name == "certify" or name.startswith("certify.checker") for name in ours)


def test_help_is_light() -> None:
    assert not (HEAVY - {"click"}) & loaded_by("from certify.cli import main; main(['prove', '--help'])")


@pytest.mark.parametrize("first", ["pass", "import certify.search", "from certify.search import Group"])
@pytest.mark.parametrize("call", ["certify.search(2, starts=1, workers=1)", "search(2, starts=1, workers=1)"])
def test_search_is_a_function_and_a_package(first: str, call: str) -> None:
    check = "import certify.search.wilson, certify.search as s; s.wilson.wilson_interval(1, 2); s.Group"
    loaded_by(f"{first}; import certify; from certify import search; r = {call}; assert r.runs; {check}")
