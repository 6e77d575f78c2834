"""The examples of docs/systems.md and of certify.zeros run as written; sympy is not needed to import certify."""

import doctest
import subprocess
import sys
from pathlib import Path

from certify import zeros
from certify.systems import build

ROOT = Path(__file__).parents[2]


def test_page() -> None:
    failed, tried = doctest.testfile(
        str(ROOT / "docs" / "systems.md"), module_relative=False, optionflags=doctest.ELLIPSIS
    )
    assert failed == 0
    assert tried >= 14


def test_docstrings() -> None:
    for module in (zeros, build):
        failed, tried = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
        assert failed == 0
        assert tried >= 2


def test_sympy_is_optional() -> None:
    program = (
        "import sys; sys.modules['sympy'] = None; import certify; "
        "o = certify.prove_zero('x^2 - 2', [1.4]); assert certify.verify(o.certificate).verified"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)
