"""What a symmetric point costs against its width: prove and check, in milliseconds.

    python benchmarks/family.py [--figure OUT.png]
    python benchmarks/family.py --members 20       every 20th shipped member of a family: prove, check, splitting, bytes
    python benchmarks/family.py --catalogue [NAME ..]  shipped certificates (in folders of these names, patterns
                                                    allowed), integers only or by --engine: processor time by kind

The families are (k-p, p), p = 1, 2, 3, from k = 6 to 10^12.  `prove` goes from a float64 candidate to certificate
text, `check` is the checker on that text; medians of repeated calls in one process.  All times are processor times:
other work on the machine counts less.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable
from fnmatch import fnmatch
from math import pi
from pathlib import Path
from statistics import median
from typing import Any

from certify.checker import verify_bytes
from certify.checker.fields import canonical
from certify.checker.intervals import Arithmetic
from certify.checker.orbits import Geometry
from certify.checker.reader import FamilyCertificate, read
from certify.checker.splitting import check_family_splitting
from certify.engines import engine
from certify.families.orbits import Pattern
from certify.families.refinement import refinement
from certify.families.signature import Signature
from certify.proving.family import approximate_newton, prove_member

PROOFS = Path(__file__).resolve().parent.parent / "proofs"
SIZES = (6, 8, 12, 30, 100, 1000, 10**4, 10**6, 10**9, 10**12)


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
        refinement.cache_clear()  # what one call knows of a signature is no help to the next one
        begin = time.process_time()
        call()
        times.append(time.process_time() - begin)
    return median(times) * 1e3


def main() -> None:
    """Print the table; draw the figure if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--figure", metavar="OUT.png")
    parser.add_argument("--members", metavar="N", type=int)
    parser.add_argument("--catalogue", metavar="NAME", nargs="*")
    parser.add_argument("--engine", default="stdlib")
    options = parser.parse_args()
    if options.members:
        members(options.members)
    elif options.catalogue is not None:
        catalogue(options.catalogue or ["*"], options.engine)
    else:
        widths(options.figure)


def widths(path: str | None) -> None:
    """The table of times against k."""
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
    if path:
        draw(rows, path)


def members(stride: int) -> None:
    """Medians and largest values over shipped members: milliseconds, and bytes with and without splitting claims."""
    files = sorted(PROOFS.glob("families/*/*.cert.json"))
    sizes = [_bytes(json.loads(path.read_bytes())) for path in files]
    for name, column in zip(("bytes", "bytes without splitting"), zip(*sizes, strict=True), strict=True):
        print(f"{name}: median {median(column):.0f}, largest {max(column)}, {len(files)} members")
    times: dict[str, list[float]] = {"prove": [], "check": [], "splitting": []}
    for path in files[::stride]:
        content = path.read_bytes()
        c = read(content)
        if not isinstance(c, FamilyCertificate):
            continue
        signature, teacher = Signature(tuple(c.sizes), tuple(c.owners)), tuple(map(_number, c.teacher))
        patterns = [Pattern(tuple(map(_number, row[:-1])), _number(row[-1])) for row in c.centre]
        arithmetic = Arithmetic(c.precision)
        geometry = Geometry(c.sizes, c.owners, c.centre, c.teacher, arithmetic)
        calls: dict[str, Callable[[], Any]] = {
            "prove": lambda s=signature, x=patterns, t=teacher: prove_member(s, x, t),
            "check": lambda text=content: verify_bytes(text),
            "splitting": lambda a=(c, arithmetic, geometry): check_family_splitting(*a, 0),
        }
        for name, call in calls.items():
            times[name].append(milliseconds(call, 3))
    for name, column in times.items():
        print(
            f"{name}: median {median(column):.2f} ms, largest {max(column):.2f} ms, {len(column)} members", flush=True
        )


def _number(x: tuple[int, int]) -> float:
    mantissa, exponent = x
    return float(mantissa) * 2.0**exponent


def _bytes(data: dict[str, Any]) -> tuple[int, int]:
    size = len(canonical(data))
    data["claim"].pop("splitting", None)
    return size, len(canonical(data))


def catalogue(names: list[str], engine_name: str) -> None:
    """Every shipped certificate in these folders once."""
    total: Counter[str] = Counter()
    count: Counter[str] = Counter()
    for path in sorted(PROOFS.rglob("*.cert.json")):
        folder = path.relative_to(PROOFS).parts[0]
        if not any(fnmatch(folder, name) for name in names):
            continue
        kind = folder if folder in ("families", "all-sizes", "crossings", "systems") else "matrices"
        content, begin = path.read_bytes(), time.process_time()
        verify_bytes(content, engine(engine_name))
        total[kind] += time.process_time() - begin
        count[kind] += 1
    for kind, seconds in total.items():
        print(f"{kind}: {count[kind]} certificates, {seconds:.1f} s")
    print(f"all: {count.total()} certificates, {total.total():.1f} s of processor time")


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
