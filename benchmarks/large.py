"""Proving and checking points without symmetry beside a float Newton step, as the number of unknowns grows.

    python benchmarks/large.py 6 20 32 64 --figure docs/figures/large.png --codac PYTHON

The minimum of `prove.py` for K = M = k, n = k^2 unknowns.  Each line is a process of its own, with one BLAS thread,
then with two; its figures come from interleaved repetitions, the least time of each (with one thread, processor time:
other work on the machine counts less); quote ratios.  step: Hessian,
gradient and Cholesky solve in float64, the Hessian factorised in place; copied: by scipy's `cho_factor` as it is
usually called.  exact, a-priori: `certify.prove`, from candidate to certificate text, by L1 or L2 (docs/large.md).
check: of the exact proof's certificate by the engine blas.  arb: the naive Krawczyk test of `prove.py`, up to --naive
unknowns.  octave, codac: the same test by octave-interval and by codac (PYTHON: an interpreter that has it), a process
each, without its start.  The last lines are exponents fitted to the sizes above 300 unknowns.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from prove import candidate, krawczyk, newton_step
from scipy.linalg import cho_factor, cho_solve

import certify
from certify.checker.theorem import verify_bytes
from certify.engines import engine
from certify.figures import figure
from certify.landscape import floats

Array = floats.Array
HERE = Path(__file__).parent
RADIUS = 1e-10
LONG = 0.05  # seconds; shorter calls are repeated
Times = dict[str, float]


def step_in_place(W: Array, V: Array) -> Array:
    """`prove.newton_step` without a second matrix."""
    pairs = floats.pairs(W, V)
    gradient = floats.gradient_of(pairs)
    factor = cho_factor(floats.hessian_of(pairs).T, lower=True, overwrite_a=True, check_finite=False)
    return cho_solve(factor, gradient.ravel(), check_finite=False)


def fastest(calls: dict[str, Callable[[], object]], seconds: float) -> Times:
    """Least time of each call; what is short several times in a row, or caches would favour some."""
    best = dict.fromkeys(calls, float("inf"))
    clock = time.process_time if os.environ.get("OPENBLAS_NUM_THREADS") == "1" else time.perf_counter
    end = time.perf_counter() + seconds
    while True:
        for name, call in calls.items():
            for _ in range(5):
                start = clock()
                call()
                best[name] = min(best[name], clock() - start)
                if best[name] > LONG:
                    break
        if time.perf_counter() > end:
            return best


def measure(k: int, naive: int, seconds: float) -> Times:
    """One line, in this process."""
    W, V = candidate(k), np.eye(k)
    outcome = certify.prove(W)
    if not isinstance(outcome, certify.Proved):
        raise SystemExit(f"k = {k}: {outcome.reason}")
    content = outcome.certificate.content
    calls: dict[str, Callable[[], object]] = {
        "step": lambda: step_in_place(W, V),
        "copied": lambda: newton_step(W, V),
        "exact": lambda: certify.prove(W).certificate.content,  # type: ignore[union-attr]
        "a-priori": lambda: certify.prove(W, method="a-priori").certificate.content,  # type: ignore[union-attr]
        "check": lambda: verify_bytes(content, engine("blas")),
    }
    times = fastest(calls, seconds)
    times["gigabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    times["bytes"] = len(content) / k / k
    times["box"] = outcome.uniqueness_radius / k**0.5
    if k * k <= naive:
        if not krawczyk(W, V, RADIUS) < 1.0:
            raise SystemExit("the naive Krawczyk test failed")
        times |= fastest({"arb": lambda: krawczyk(W, V, RADIUS)}, 1.0)
    return times


def elsewhere(k: int, threads: int, options: argparse.Namespace) -> Times:
    """One line, in a process with so many BLAS threads; the peers beside the first."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": str(threads)}
    naive = options.naive if threads == options.threads[0] else 0
    command = [sys.executable, __file__, str(k), "--one", "--naive", str(naive), "--seconds", str(options.seconds)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    times: Times = json.loads(done.stdout)
    if k * k <= min(naive, options.peers):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "W.txt"
            np.savetxt(path, candidate(k), fmt="%.17g")
            if shutil.which("octave-cli"):
                times["octave"] = peer(["octave-cli", "--no-gui", str(HERE / "krawczyk.m"), str(path)])
            if options.codac:
                times["codac"] = peer([options.codac, str(HERE / "krawczyk_codac.py"), str(path)])
    return times


def peer(command: list[str]) -> float:
    """Seconds that the test took, as the program itself says, if it succeeded."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    worst, seconds = (float(x) for x in done.stdout.split()) if not done.returncode else (np.nan, np.nan)
    if not worst < 1.0:
        raise SystemExit(f"{command[0]}: {done.stdout} {done.stderr}")
    return seconds


def row(k: int, threads: int, t: Times) -> str:
    """A line of the table."""
    cells = [k * k, threads, f"{t['step'] * 1e3:.3g} ms"]
    cells += [f"{t[name] / t['step']:.2f}" for name in ("copied", "exact", "a-priori")]
    cells.append(f"{t['check'] / t['exact']:.2f}")
    cells += [f"{t[name] / t['step']:.0f}" if name in t else "" for name in ("arb", "octave", "codac")]
    cells += [f"{t['gigabytes']:.2f} GB", f"{t['bytes']:.0f}", f"{t['box']:.3g}"]
    return "| " + " | ".join(map(str, cells)) + " |"


HEAD = (
    "| n | threads | step | copied / step | exact / step | a-priori / step | check / exact | arb / step | octave / step"
    " | codac / step | peak | bytes an unknown | box |"
)


def draw(curves: dict[str, list[tuple[int, float]]], path: str) -> None:
    """Seconds against unknowns, one BLAS thread; the proofs solid, the step and what others offer dashed."""
    with figure(path) as axes:
        for name, curve in curves.items():
            dash = "-" if name in ("exact", "a-priori", "check") else "--"
            axes.loglog(*zip(*curve, strict=True), "o" + dash, label=name, ms=3, lw=1.0)
        axes.set(xlabel="unknowns", ylabel="seconds, one BLAS thread")
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(fontsize="small", ncols=2)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, metavar="K", default=[6, 20, 32, 64])
    parser.add_argument("--threads", nargs="*", type=int, default=[1, 2])
    parser.add_argument("--naive", type=int, default=400, help="most unknowns of the naive test")
    parser.add_argument("--peers", type=int, default=400, help="most unknowns of octave and codac")
    parser.add_argument("--codac", metavar="PYTHON")
    parser.add_argument("--figure", metavar="OUT.png")
    parser.add_argument("--seconds", type=float, default=2.0, help="for repetitions of one line")
    parser.add_argument("--one", action="store_true", help="one line, as JSON, in this process")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.sizes[0], options.naive, options.seconds)))
        return
    print(HEAD + "\n" + "|---" * HEAD.count(" |") + "|", flush=True)
    curves = {}
    for threads in options.threads:
        table = []
        for k in options.sizes:
            table.append((k, elsewhere(k, threads, options)))
            print(row(k, threads, table[-1][1]), flush=True)
        large = [(k, t) for k, t in table if k * k > 300]
        for name in ("step", "exact", "a-priori", "check") if len(large) > 1 else ():
            slope = np.polyfit([2 * np.log(k) for k, _ in large], [np.log(t[name]) for _, t in large], 1)[0]
            print(f"{threads} threads, {name}: n^{slope:.2f}")
        if threads == options.threads[0]:
            for name in ("step", "a-priori", "exact", "check", "arb", "codac", "octave"):
                if any(name in t for _, t in table):
                    curves[name] = [(k * k, t[name]) for k, t in table if name in t]
    if options.figure:
        draw(curves, options.figure)


if __name__ == "__main__":
    main()
