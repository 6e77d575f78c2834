"""What Coq's kernel costs beside the prover and the integer checker, for points of the catalogue.

    OPENBLAS_NUM_THREADS=1 python benchmarks/kernel.py [--arithmetics floats,bigint,stdlib] [--repeat 3] [NAME ...]

NAME: a folder or certificate of proofs/.  Processor seconds (user), least of the repetitions.  prove: `certify.prove`.
check: the integer checker, standard library.  Coq, for each arithmetic: load, coqc on a file with the libraries and the
numbers; test, what the theorem adds to that; axioms, what printing the assumptions adds.  First line: building the
theory, done once.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import certify
from certify.catalog import location
from certify.checker.reader import read
from certify.checker.theorem import verify_bytes
from certify.kernel.coqc import QUIET, coqc, theory
from certify.kernel.export import numbers
from certify.kernel.source import ARITHMETICS, Numbers, diagnosis, render

DEFAULT = (
    "orthonormal-K06-M06/minimum-L0.02508058",
    "gaussian-K06-M06-d06-seed2/minimum-L0.00258849",
    "orthonormal-K07-M07/minimum-L0.02320271",
    "orthonormal-K08-M08/minimum-L0.02150804",
    "orthonormal-K09-M08",
    "orthonormal-K09-M09/minimum-L0.02001418",
    "orthonormal-K10-M10/minimum-L0.01870219",
)


def least(call: Callable[[], object], repeat: int) -> float:
    """Least processor time of some calls in this process."""
    times = []
    for _ in range(repeat):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return min(times)


def coq(text: str, library: Path, repeat: int) -> float:
    """Least user seconds of coqc on a file."""
    times = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "timed.v")
        file.write_text(text)
        for _ in range(repeat):
            start = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            subprocess.run([coqc(), *QUIET, "-Q", str(library), "Certify", str(file)], check=True, capture_output=True)
            times.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - start)
    return min(times)


def kernel(n: Numbers, arithmetic: str, library: Path, repeat: int) -> tuple[float, float, float]:
    """Seconds to load, to check, and to print the assumptions."""
    full = render(n, arithmetic)
    load = coq(diagnosis(n, arithmetic).partition("Eval")[0], library, repeat)
    check = coq(full.partition("Check minimum_exists.")[0], library, repeat)
    return load, check - load, coq(full, library, repeat) - check


def measure(path: Path, arithmetics: list[str], library: Path, repeat: int) -> None:
    """One line."""
    content = path.read_bytes()
    c = read(content)
    n = numbers(c)
    W, V = (np.array([[float(v) for v in row] for row in rows]) for rows in (n.centre, n.teacher))
    certify.prove(W, V)
    prove = least(lambda: certify.prove(W, V), 10)
    check = least(lambda: verify_bytes(content), 5)
    line = f"{path.parent.relative_to(location())}: {c.students * c.dimension} unknowns"
    line += f", prove {prove * 1e3:.1f} ms, check {check:.3f} s"
    for name in arithmetics:
        load, test, axioms = kernel(n, name, library, repeat)
        line += f"; {name}: load {load:.2f} test {test:.2f} axioms {axioms:.2f}"
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    print(f"{line}; peak {peak:.2f} GB", flush=True)


def main() -> None:
    """Print a line a point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=DEFAULT, metavar="NAME")
    parser.add_argument("--arithmetics", default="floats", type=lambda text: text.split(","))
    parser.add_argument("--repeat", type=int, default=1)
    options = parser.parse_args()
    if not set(options.arithmetics) <= set(ARITHMETICS):
        parser.error(f"arithmetics are {', '.join(ARITHMETICS)}")
    with tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = cache
        start = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        library = theory()
        print(f"theory: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - start:.1f} s", flush=True)
        for name in options.names:
            place = location() / name
            path = place if place.is_file() else min(place.rglob("*.cert.json"))
            measure(path, options.arithmetics, library, options.repeat)


if __name__ == "__main__":
    main()
