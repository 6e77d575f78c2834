"""Systems: prove_zero against Krawczyk tests over python-flint and codac, all_zeros against octave-interval.

    .venv/bin/python benchmarks/systems.py [--octave] [--codac PYTHON]

Ratios of processor times of one run.  By hand: values and Jacobian of the same system as loops over arb,
float64 inverse of the midpoints, K(X) in arb matrices, one box of a radius that works; no search for a larger box and
no certificate.  The same with codac, in a process of its own: PYTHON has codac and numpy.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from flint import arb, arb_mat

import certify
from certify.zeros import AllZeros, ProvedZero

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "systems"))

from problems import boundary_start, broyden, integral_equation

REPETITIONS = 7
SPELL = 0.01  # seconds of each action in a round
OCTAVE_LIMIT = 60  # seconds for one call of fsolve


def broyden_by_hand(x: list[arb]) -> tuple[list[arb], list[list[arb]]]:
    """Values and Jacobian."""
    n, zero = len(x), arb(0)
    values, rows = [], []
    for i in range(n):
        value, row = (3 - 2 * x[i]) * x[i] + 1, [zero] * n
        row[i] = 3 - 4 * x[i]
        if i:
            value, row[i - 1] = value - x[i - 1], arb(-1)
        if i < n - 1:
            value, row[i + 1] = value - 2 * x[i + 1], arb(-2)
        values.append(value)
        rows.append(row)
    return values, rows


def integral_by_hand(x: list[arb]) -> tuple[list[arb], list[list[arb]]]:
    """Values and Jacobian, with the cubes computed once."""
    n = len(x)
    t = [arb(j + 1) / (n + 1) for j in range(n)]
    shifted = [x[j] + t[j] + 1 for j in range(n)]
    squares = [s * s for s in shifted]
    cubes = [s * q for s, q in zip(shifted, squares, strict=True)]
    scale = arb(1) / (2 * (n + 1))
    values, rows = [], []
    for i in range(n):
        kernel = [((1 - t[i]) * t[j] if j <= i else t[i] * (1 - t[j])) * scale for j in range(n)]
        values.append(x[i] + sum((k * c for k, c in zip(kernel, cubes, strict=True)), arb(0)))
        rows.append([3 * k * q + int(i == j) for j, (k, q) in enumerate(zip(kernel, squares, strict=True))])
    return values, rows


def krawczyk_by_hand(function: Callable[..., Any], centre: list[float], radius: float) -> bool:
    """K(X) = m - C f(m) + (I - C J(X))(X - m) inside X."""
    n = len(centre)
    _, rows = function([arb(m) for m in centre])
    c = arb_mat(np.linalg.inv(np.array([[float(e.mid()) for e in row] for row in rows])).tolist())
    values, _ = function([arb(m) for m in centre])
    box = [arb(m, radius) for m in centre]
    _, wide = function(box)
    identity = arb_mat(n, n, [int(i == j) for i in range(n) for j in range(n)])
    image = (identity - c * arb_mat(wide)) * arb_mat(n, 1, [arb(0, radius)] * n) - c * arb_mat(n, 1, values)
    return all(abs(image[i, 0]) < radius for i in range(n))


def fastest(*actions: Callable[[], Any]) -> list[float]:
    """Least processor time of each, from several rounds in which they take turns, each for a while."""
    least = [float("inf")] * len(actions)
    for _ in range(REPETITIONS):
        for place, action in enumerate(actions):
            until = time.process_time() + SPELL
            while True:
                begun = time.process_time()
                action()
                ended = time.process_time()
                least[place] = min(least[place], ended - begun)
                if ended >= until:
                    break
    return least


def codac_ms(python: str | None, name: str, centre: list[float]) -> float:
    """Time of codac's test, NaN without codac."""
    if python is None:
        return float("nan")
    given = json.dumps({"name": name, "centre": centre, "radius": 2.0**-10})
    program = str(Path(__file__).with_name("systems_codac.py"))
    done = subprocess.run([python, program], input=given, capture_output=True, text=True, check=True)
    verdict, seconds = done.stdout.split()
    if verdict != "True":
        raise SystemExit(f"{name} {len(centre)} is not proved by codac")
    return float(seconds) * 1e3


def zeros(codac: str | None) -> None:
    """prove_zero and its checker against the tests by hand, from the same converged float zero."""
    names = ("by hand ms", "codac ms", "prove ms", "ratio", "check ms", "check/prove", "bytes")
    print(f"{'system':12} {'n':>5} " + " ".join(f"{name:>11}" for name in names))
    for name, function, by_hand, start in (
        ("broyden", broyden, broyden_by_hand, lambda n: [-1.0] * n),
        ("integral", integral_equation, integral_by_hand, boundary_start),
    ):
        for n in (5, 20, 50, 100):
            system = certify.system(function, n)
            first = certify.prove_zero(system, start(n))
            if not isinstance(first, ProvedZero):
                raise SystemExit(f"{name} {n} is not proved")
            centre = list(first.centre)
            if not krawczyk_by_hand(by_hand, centre, 2.0**-10):
                raise SystemExit(f"{name} {n} is not proved by hand")
            hand, prove, check = fastest(
                lambda c=centre, h=by_hand: krawczyk_by_hand(h, c, 2.0**-10),
                lambda c=centre, s=system: certify.prove_zero(s, c),
                lambda f=first: certify.verify(f.certificate),
            )
            size = len(first.certificate.content)
            figures = (hand * 1e3, codac_ms(codac, name, centre), prove * 1e3, prove / hand, check * 1e3, check / prove)
            print(f"{name:12} {n:5} " + " ".join(f"{x:11.2f}" for x in figures) + f" {size:11}")
    begun = time.perf_counter()
    system = certify.system(broyden, 1000)
    built = time.perf_counter() - begun
    outcome = certify.prove_zero(system, [-1.0] * 1000)
    proved = time.perf_counter() - begun - built
    verdict = certify.verify(outcome.certificate)
    checked = time.perf_counter() - begun - built - proved
    print(f"broyden 1000: build {built:.2f} s, prove {proved:.2f} s, check {checked:.2f} s, {verdict.verdict}")


FSOLVE = """
pkg load interval
n = {n};
f = @(x) broyden(x, n);
function y = broyden(x, n)
  y = (3 - 2 .* x) .* x + 1;
  y(2:n) = y(2:n) - x(1:n-1);
  y(1:n-1) = y(1:n-1) - 2 .* x(2:n);
end
tic; [z, inside] = fsolve(f, infsup(-ones(n, 1), ones(n, 1)), infsup(0), optimset('TolX', 1e-2, 'MaxIter', 30)); toc
disp(max(wid(z)))
"""


def lists(octave: bool) -> None:
    """all_zeros on Broyden in [-1, 1]^n, checker included, against octave-interval's fsolve to widths of 1e-2."""
    certify.all_zeros("x^2 - 2", [(0, 2)])  # what loads on first use
    for n in (2, 4, 6, 8):
        found = certify.all_zeros(broyden, [(-1.0, 1.0)] * n)
        (spent,) = fastest(lambda n=n: certify.all_zeros(broyden, [(-1.0, 1.0)] * n))
        (checked,) = fastest(lambda f=found: certify.verify(f.certificate)) if isinstance(found, AllZeros) else [0.0]
        line = f"all_zeros broyden {n}: {found.reason}; {spent:.2f} s, of these the checker about {checked:.2f} s"
        if octave:
            line += "; " + _octave(n, spent)
        print(line)


def _octave(n: int, spent: float) -> str:
    program = FSOLVE.format(n=n)
    begun = time.perf_counter()
    try:
        done = subprocess.run(
            ["octave-cli", "--no-gui", "--eval", program],
            capture_output=True,
            text=True,
            timeout=OCTAVE_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"octave fsolve not done in {OCTAVE_LIMIT} s (ratio above {OCTAVE_LIMIT / spent:.0f})"
    if done.returncode:
        return f"octave failed: {done.stderr[-200:].strip()}"
    words = done.stdout.split()
    inner = float(words[words.index("is") + 1]) if "is" in words else time.perf_counter() - begun
    return f"octave fsolve {inner:.1f} s, widest side {words[-1]} (ratio {inner / spent:.0f})"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--octave", action="store_true")
    parser.add_argument("--codac", metavar="PYTHON")
    options = parser.parse_args()
    zeros(options.codac)
    lists(options.octave and shutil.which("octave-cli") is not None)
