"""`certify doctor`: what this installation is made of, and whether it does what proofs and checks rely on."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from fractions import Fraction
from importlib import metadata

from certify import __version__
from certify.catalog import certificate_files, location
from certify.cli.text import columns, one_line

LIBRARIES = ("numpy", "scipy", "python-flint", "click", "rich")
OPTIONAL = {
    "matplotlib": "figures, pip install 'certify[plot]'",
    "jinja2": "certify report, pip install 'certify[report]'",
    "pytest": "certificates as tests",
}
SIZE = 64  # of the matrices of the self-tests


def run() -> int:
    """Print the findings; 1 if a self-test failed."""
    rows = [("certify", __version__), ("Python", f"{platform.python_version()} ({sys.executable})")]
    rows += [(name, _version(name) or "MISSING") for name in LIBRARIES]
    rows += [(name, _version(name) or f"not installed ({use})") for name, use in OPTIONAL.items()]
    tests: dict[str, Callable[[], str]] = {
        "BLAS": _blas, "products of integers": _products, "flint": _flint, "checker": _checker, "catalogue": _catalogue
    }  # fmt: skip
    failed = False
    for name, test in tests.items():
        try:
            rows.append((name, test()))
        except Exception as error:  # whatever an installation can be missing
            rows.append((name, f"FAILED: {type(error).__name__}: {error}"))
            failed = name != "catalogue" or failed
    sys.stdout.write("\n".join(one_line(text) for text in columns(rows, left=2)) + "\n")
    return int(failed)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _blas() -> str:
    import numpy as np  # noqa: PLC0415 - slow to load

    build = np.show_config(mode="dicts")
    blas = build.get("Build Dependencies", {}).get("blas", {}) if isinstance(build, dict) else {}
    return " ".join(str(blas[key]) for key in ("name", "version") if key in blas) or "unknown"


def _products() -> str:
    """docs/theorems.md, T4: products of integers whose partial sums stay below 2^53 are exact in any order."""
    import numpy as np  # noqa: PLC0415
    from scipy.linalg.blas import dsyrk  # noqa: PLC0415

    limit = int((2**53 / SIZE) ** 0.5)
    integers = np.random.default_rng(0).integers(-limit, limit, (SIZE, SIZE))
    exact = [[sum(int(a) * int(b) for a, b in zip(x, y, strict=True)) for y in integers.T] for x in integers.T]
    whole = integers.astype(np.float64)
    upper = np.triu(dsyrk(1.0, whole, trans=1, lower=0))
    if upper.tolist() != np.triu(np.array(exact, dtype=np.float64)).tolist() or (whole.T @ whole).tolist() != exact:
        raise ArithmeticError("BLAS rounds products of integers below 2^53: nothing can be proved with it")
    return f"exact ({SIZE} x {SIZE}, sums below 2^53)"


def _flint() -> str:
    from certify.arithmetic import dyadic_ball, lower, square_root, upper  # noqa: PLC0415

    root = square_root(dyadic_ball((1, 1)))
    low, high = (Fraction(mantissa) * Fraction(2) ** exponent for mantissa, exponent in (lower(root), upper(root)))
    if not low**2 < 2 < high**2:
        raise ArithmeticError("a ball does not contain the square root of 2")
    return "a ball contains the square root of 2"


def _checker() -> str:
    from certify.api import prove, verify  # noqa: PLC0415 - numpy loads with the first proof

    verdict = verify(getattr(prove([[1.0, 0.0], [0.0, 1.0]]), "certificate", b""))
    if not verdict.verified:
        raise ArithmeticError(f"it does not verify a fresh proof: {verdict.reason}")
    return "verifies a fresh proof"


def _catalogue() -> str:
    root = location()
    return f"{len(certificate_files(root))} certificates in {root}"
