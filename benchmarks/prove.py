"""What a proof costs, in float Newton steps; and a naive Krawczyk test in ball arithmetic beside it.

    python benchmarks/prove.py [--check] [K ...]       default 6 10 20, that is 36, 100 and 400 unknowns

All figures of one line come from one process and interleaved repetitions, in processor time; the ratios are what to
quote.  One Newton step is Hessian, gradient and Cholesky solve with the project's own vectorised float64 code.  `prove`
is the library call from float candidate to certificate text.  The Krawczyk test is the textbook one: interval Hessian
over a box by python-flint, preconditioned with the float inverse, K(X) inside X.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import time
from collections.abc import Callable

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize

import certify
from certify.arithmetic import ball_matrix, dyadic, dyadic_ball, float_upper, magnitude, precision, rectangle
from certify.checker import verify_bytes
from certify.landscape import floats
from certify.landscape.balls import BallLandscape
from certify.proving.polish import approximate_newton

Array = floats.Array


def candidate(k: int) -> Array:
    """The minimum with one student near minus a teacher, found in the five-dimensional space its symmetry fixes."""
    V = np.eye(k)
    basis = np.zeros((5, k, k))
    basis[0][np.arange(k - 1), np.arange(k - 1)] = 1.0
    basis[1][:-1, :-1] = 1.0 - np.eye(k - 1)
    basis[2][:-1, -1] = basis[3][-1, :-1] = basis[4][-1, -1] = 1.0

    def objective(y: Array) -> tuple[float, Array]:
        W = np.tensordot(y, basis, 1)
        return floats.loss(W, V), np.tensordot(basis, floats.gradient(W, V), 2)

    start = np.array([1.0, 0.0, 0.05, 2.0 / k, -1.0])
    found = minimize(objective, start, jac=True, method="BFGS", options={"gtol": 1e-9})
    return approximate_newton(np.tensordot(found.x, basis, 1), V, 1.0)


def newton_step(W: Array, V: Array) -> Array:
    """Hessian, gradient and Cholesky solve."""
    pairs = floats.pairs(W, V)
    gradient = floats.gradient_of(pairs)
    factor = cho_factor(floats.hessian_of(pairs), check_finite=False)
    return cho_solve(factor, gradient.ravel(), check_finite=False)


def krawczyk(W: Array, V: Array, radius: float, bits: int = 53) -> float:
    """The naive test over the box W +- radius; the test succeeds if the result is below 1."""
    inverse = np.linalg.inv(floats.hessian(W, V))
    with precision(bits):
        teachers = [[dyadic_ball(dyadic(x)) for x in row] for row in V.tolist()]
        point = BallLandscape([[dyadic_ball(dyadic(x)) for x in row] for row in W.tolist()], teachers)
        box = BallLandscape([[rectangle(dyadic(x), dyadic(radius)) for x in row] for row in W.tolist()], teachers)
        preconditioner = ball_matrix([[dyadic_ball(dyadic(x)) for x in row] for row in inverse.tolist()])
        gradient = ball_matrix([[g] for row in point.gradient() for g in row])
        step = (preconditioner * gradient).entries()
        product = (preconditioner * ball_matrix(box.hessian())).tolist()
        worst = 0.0
        for i, row in enumerate(product):
            row[i] -= 1
            worst = max(worst, float_upper(magnitude(step[i] / radius + sum(entry.abs_upper() for entry in row))))
    return worst


def widest(W: Array, V: Array) -> float:
    """The largest half-width of a box the naive Krawczyk test accepts, to two per cent."""
    low, high = 1e-8, 1e-2
    while high / low > 1.02:
        middle = (low * high) ** 0.5
        low, high = (middle, high) if krawczyk(W, V, middle) < 1.0 else (low, middle)
    return low


def fastest(calls: dict[str, Callable[[], object]], seconds: float) -> dict[str, float]:
    """Least time of each call, repetitions interleaved."""
    best = dict.fromkeys(calls, float("inf"))
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for name, call in calls.items():
            start = time.process_time()
            call()
            best[name] = min(best[name], time.process_time() - start)
    return best


def measure(k: int, *, check: bool) -> str:
    """One line of the table."""
    W, V = candidate(k), np.eye(k)
    outcome = certify.prove(W)
    content = outcome.certificate.content
    times = fastest({"step": lambda: newton_step(W, V), "prove": lambda: certify.prove(W).certificate.content}, 4.0)
    line = f"n={k * k:5d}  step {times['step'] * 1e3:8.3f} ms  prove/step {times['prove'] / times['step']:6.2f}"
    if not krawczyk(W, V, 1e-10) < 1.0:
        raise SystemExit("the naive Krawczyk test failed")
    naive = fastest({"krawczyk": lambda: krawczyk(W, V, 1e-10)}, 2.0)["krawczyk"]
    line += f"  naive Krawczyk/step {naive / times['step']:8.1f}"
    start = time.process_time()
    verify_bytes(content)
    line += f"  check {time.process_time() - start:7.3f} s  {len(content) / k / k:5.1f} bytes an unknown"
    line += f"  unique within {outcome.uniqueness_radius:.3g} a row (max norm {outcome.uniqueness_radius / k**0.5:.3g})"
    if check:
        line += f"  naive Krawczyk: max norm {widest(W, V):.3g}"
    return line


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, metavar="K")
    parser.add_argument("--check", action="store_true", help="also find the widest box of the naive Krawczyk test")
    options = parser.parse_args()
    for k in options.sizes or [6, 10, 20]:
        print(measure(k, check=options.check), flush=True)


if __name__ == "__main__":
    main()
