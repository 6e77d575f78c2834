"""Proving and checking points without symmetry, side by side with a float Newton step, as the number of unknowns grows.

    OPENBLAS_NUM_THREADS=1 python benchmarks/large.py 6 20 32 64 100 [--engines]

The minimum of `prove.py` for K = M = k, n = k^2 unknowns.  All figures of a line come from one process, repetitions
interleaved, the least time of each; quote ratios.  step: Hessian, gradient and Cholesky solve in float64.  exact,
a-priori: `certify.prove`, from candidate to certificate text, by L1 or L2 (docs/large.md).  blas, flint, stdlib: the
check by each engine (--engines: the two slow ones too, up to a thousand unknowns).  The last lines are exponents fitted
to the sizes above 300 unknowns.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import resource
import time
from collections.abc import Callable

import numpy as np
from prove import candidate, newton_step

import certify
from certify.checker.theorem import verify_bytes
from certify.engines import engine

SLOW = {"flint": 1100, "stdlib": 500}  # most unknowns


def fastest(calls: dict[str, Callable[[], object]], seconds: float) -> dict[str, float]:
    """Least time of each call; at least once each."""
    best = dict.fromkeys(calls, float("inf"))
    end = time.perf_counter() + seconds
    while True:
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            best[name] = min(best[name], time.perf_counter() - start)
        if time.perf_counter() > end:
            return best


def measure(k: int, *, engines: bool, seconds: float) -> dict[str, float]:
    """One line."""
    W, V = candidate(k), np.eye(k)
    outcome = certify.prove(W)
    if not isinstance(outcome, certify.Proved):
        raise SystemExit(f"k = {k}: {outcome.reason}")
    content = outcome.certificate.content
    calls: dict[str, Callable[[], object]] = {
        "step": lambda: newton_step(W, V),
        "exact": lambda: certify.prove(W).certificate.content,  # type: ignore[union-attr]
        "a-priori": lambda: certify.prove(W, method="a-priori").certificate.content,  # type: ignore[union-attr]
        "blas": lambda: verify_bytes(content, engine("blas")),
    }
    times = fastest(calls, seconds)
    for name, most in SLOW.items():
        if engines and k * k <= most:
            start = time.perf_counter()
            verify_bytes(content, engine(name))
            times[name] = time.perf_counter() - start
    print(
        f"n={k * k:6d}  step {times['step'] * 1e3:9.2f} ms"
        + "".join(f"  {name}/step {times[name] / times['step']:6.2f}" for name in ("exact", "a-priori"))
        + f"  check/prove {times['blas'] / times['exact']:6.2f}"
        + "".join(f"  {name} {times[name]:.3g} s" for name in ("exact", "a-priori", "blas", *SLOW) if name in times)
        + f"  {len(content) / k / k:.1f} bytes an unknown  box {outcome.uniqueness_radius / k**0.5:.3g}"
        + f"  peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB",
        flush=True,
    )
    return times


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, metavar="K")
    parser.add_argument("--engines", action="store_true", help="also the engines flint and stdlib")
    parser.add_argument("--seconds", type=float, default=3.0, help="for repetitions of one line")
    options = parser.parse_args()
    sizes = options.sizes or [6, 20, 32]
    table = [(k, measure(k, engines=options.engines, seconds=options.seconds)) for k in sizes]
    large = [(k, times) for k, times in table if k * k > 300]
    for name in ("step", "exact", "a-priori", "blas") if len(large) > 1 else ():
        slope = np.polyfit([2 * np.log(k) for k, _ in large], [np.log(times[name]) for _, times in large], 1)[0]
        print(f"{name}: n^{slope:.2f}")


if __name__ == "__main__":
    main()
