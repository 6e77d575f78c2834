"""Runs a second into basins, against loops of scipy L-BFGS and of gradient descent in numpy, in one process.

    OPENBLAS_NUM_THREADS=1 python benchmarks/reach.py [--students 17] [--runs 2048] [--slow 24] [--sizes 6,10,14,17,20]

Times are those of the processor, since the machine may be shared.

All three end when the same membership test says so (docs/dynamics.md, Counting runs), from the same starts.  L-BFGS
takes other paths than the flow and may come to another minimum; its time counts all the same.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from scipy.optimize import minimize

from certify.reach.basins import Basins
from certify.reach.plan import Plan, shares
from certify.reach.pursue import Pursuer
from certify.search.objective import objective
from certify.search.setting import Setting, make_setting

STEP, CHECKED = 0.25, 50


def pursuer(students: int) -> Pursuer:
    """Runs with K = M, entries N(0, 1/d)."""
    setting = make_setting(students)
    return Pursuer(Plan(Setting(students, setting.teacher, 0, (1.0,))))


def batched(students: int, runs: int) -> tuple[float, Pursuer, list[str]]:
    """Seconds a run."""
    one = pursuer(students)
    begun = time.process_time()
    arrivals = [arrival for numbers in shares(one.plan, list(range(runs)), 1) for arrival in one.runs(numbers)]
    return (time.process_time() - begun) / runs, one, [a.status for a in arrivals]


def lbfgs(one: Pursuer, basins: Basins, runs: int) -> tuple[float, int]:
    """Seconds a run, and how many came into a known basin."""
    evaluate, k = objective(one.setting.teacher, one.setting.students), one.setting.students
    begun, held = time.process_time(), 0
    for W in one.plan.starts(list(range(runs))):
        options = {"maxiter": 3000, "maxfun": 6000, "gtol": 1e-6, "ftol": 0.0, "maxcor": 20}
        end = minimize(evaluate, W.ravel(), jac=True, method="L-BFGS-B", options=options)
        held += basins.find(end.x.reshape(k, -1)) is not None
    return (time.process_time() - begun) / runs, held


def descent(one: Pursuer, basins: Basins, runs: int) -> tuple[float, int]:
    """Gradient descent run by run."""
    evaluate, k = objective(one.setting.teacher, one.setting.students), one.setting.students
    begun, held = time.process_time(), 0
    for W in one.plan.starts(list(range(runs))):
        x = W.ravel()
        for _ in range(1000):
            for _ in range(CHECKED):
                x = x - STEP * evaluate(x)[1]
            if basins.find(x.reshape(k, -1)) is not None:
                held += 1
                break
    return (time.process_time() - begun) / runs, held


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=17)
    parser.add_argument("--runs", type=int, default=2048)
    parser.add_argument("--slow", type=int, default=24)
    parser.add_argument("--sizes", default="")
    options = parser.parse_args()
    batch, one, statuses = batched(options.students, options.runs)
    decided = sum(status == "basin" for status in statuses)
    print(f"K = M = {options.students}: batch {batch * 1e3:.2f} ms a run, {decided} of {options.runs} in a basin")
    for name, slow in (("L-BFGS", lbfgs), ("gradient descent", descent)):
        seconds, held = slow(one, one.basins, options.slow)
        print(
            f"  {name}: {seconds * 1e3:.1f} ms a run, {held} of {options.slow} in a basin: {seconds / batch:.1f} times"
        )
    sizes = [int(x) for x in options.sizes.split(",") if x]
    if sizes:
        times = [batched(k, options.runs)[0] for k in sizes]
        slope = np.polyfit(np.log(sizes), np.log(times), 1)[0]
        told = ", ".join(f"{k}: {t * 1e3:.2f} ms" for k, t in zip(sizes, times, strict=True))
        print(f"  {told}; fitted exponent {slope:.2f}")


if __name__ == "__main__":
    main()
