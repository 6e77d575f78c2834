"""What a symmetric point costs against its width: prove and check, in milliseconds.

    python benchmarks/family.py [--figure OUT.png]

The families are (k-p, p), p = 1, 2, 3, from k = 12 to 10^12.  `prove` goes from a float64 candidate to certificate
text, `check` is the checker on that text; medians of repeated calls in one process.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import time
from collections.abc import Callable
from math import pi
from statistics import median

from certify.checker import verify_bytes
from certify.families.orbits import Pattern
from certify.families.signature import Signature
from certify.proving.family import approximate_newton, prove_member

SIZES = (12, 30, 100, 1000, 10**4, 10**6, 10**9, 10**12)


def start(n: int, p: int) -> tuple[Signature, list[Pattern]]:
    """Leading terms of the branch with p students near minus their teachers, for large n = k - p."""
    h = 1.0 / n
    a, b, c, d, e = 1 + 8 * p / pi * h * h, -4 * p / pi * h * h, 2 * h, 4 / pi * h, -1 + (2 + 8 / pi + 8 / pi**2) * h
    f = (16 / pi**2 + 4 + pi - 12 / pi) / (1 + pi / 2) * h
    if p == 1:
        return Signature((n, 1), (0, None)), [Pattern((b, c), a - b), Pattern((d, e), 0.0)]
    return Signature((n, p), (0, 1)), [Pattern((b, c), a - b), Pattern((d, f), e - f)]


def milliseconds(call: Callable[[], object], repetitions: int = 15) -> float:
    """Median time of a call."""
    times = []
    for _ in range(repetitions):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return median(times) * 1e3


def main() -> None:
    """Print the table; draw the figure if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--figure", metavar="OUT.png")
    options = parser.parse_args()
    rows = []
    print("p             k  prove ms  check ms  bytes")
    for p in (1, 2, 3):
        for k in SIZES:
            signature, patterns = start(k - p, p)
            patterns = approximate_newton(signature, patterns, (1.0, 0.0))
            outcome = prove_member(signature, patterns)
            if outcome.name != "proved":
                print(f"{p} {k:13d}  {outcome.name}: {outcome.reason}")
                continue
            content = outcome.certificate.content
            proving = milliseconds(lambda s=signature, x=patterns: prove_member(s, x).certificate.content)
            checking = milliseconds(lambda text=content: verify_bytes(text))
            rows.append((p, k, proving, checking))
            print(f"{p} {k:13d} {proving:9.2f} {checking:9.2f} {len(content):6d}", flush=True)
    print(f"median of all: prove {median(r[2] for r in rows):.2f} ms, check {median(r[3] for r in rows):.2f} ms")
    if options.figure:
        draw(rows, options.figure)


def draw(rows: list[tuple[int, int, float, float]], path: str) -> None:
    """Time against k, one line for each p."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
    for p, colour in ((1, "tab:blue"), (2, "tab:orange"), (3, "tab:green")):
        mine = [r for r in rows if r[0] == p]
        axes.plot([r[1] for r in mine], [r[2] for r in mine], "o-", color=colour, label=f"prove, p = {p}")
        axes.plot([r[1] for r in mine], [r[3] for r in mine], "s--", color=colour, label=f"check, p = {p}")
    axes.set(xscale="log", ylim=(0, None), xlabel="students k", ylabel="milliseconds")
    axes.set_title("Proving and checking a symmetric minimum against its width")
    axes.legend(ncols=3, fontsize="small")
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main()
