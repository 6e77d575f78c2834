"""What a long proof will take, said before it starts."""

from __future__ import annotations

import time

import numpy as np

from certify.linalg.definite import Method
from certify.memory import gigabytes, needed

MANY = 2048  # unknowns from which a proof may take seconds
PROBE = 512
ALLOWANCE = 2.0  # for everything that is no multiplication, and for LAPACK being slower than products


def forecast(students: int, teachers: int, dimension: int, method: Method) -> str | None:
    """One line on memory and time in the full space, judged by one product of matrices; None for few unknowns."""
    n = students * dimension
    if n < MANY:
        return None
    matrix = np.full((PROBE, PROBE), 0.5)
    spent = []
    for _ in range(2):
        start = time.perf_counter()
        matrix @ matrix
        spent.append(time.perf_counter() - start)
    operations = n**3 / 3 * (1.0 if method == "a-priori" else 3.0)
    seconds = ALLOWANCE * operations * min(spent) / (2.0 * PROBE**3)
    size = gigabytes(needed(students, teachers, dimension))
    return f"{n} unknowns: about {size} of memory and {max(1, round(seconds))} s, unless symmetry helps"
