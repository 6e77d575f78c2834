"""A Krawczyk test of one box with codac: `python systems_codac.py < JSON` prints whether it succeeds, and seconds.

The JSON has "name" (broyden, integral), "centre" and "radius"; derivatives are codac's own, equation by
equation: its vectors of expressions are short.
"""

import json
import sys
import time

import numpy as np
from codac import AnalyticFunction, Interval, IntervalMatrix, IntervalVector, VectorVar

REPETITIONS = 7


def broyden(x: VectorVar, n: int) -> list:
    """Components."""
    return [
        (3 - 2 * x[i]) * x[i] - (x[i - 1] if i else 0) - 2 * (x[i + 1] if i < n - 1 else 0) + 1 for i in range(n)
    ]  # fmt: skip


def integral(x: VectorVar, n: int) -> list:
    """Components; codac computes each cube n times."""
    t = [Interval(j + 1) / (n + 1) for j in range(n)]
    rows = []
    for i in range(n):
        total = x[i]
        for j in range(n):
            kernel = ((1 - t[i]) * t[j] if j <= i else t[i] * (1 - t[j])) / (2 * (n + 1))
            total = total + kernel * (x[j] + (t[j] + 1)) ** 3
        rows.append(total)
    return rows


def krawczyk(rows: list[AnalyticFunction], centre: list[float], radius: float) -> bool:
    """K(X) = m - C f(m) + (I - C J(X))(X - m) inside X."""
    n = len(centre)
    middle = IntervalVector([[m, m] for m in centre])
    box = IntervalVector([[m - radius, m + radius] for m in centre])
    slopes = [row.diff(box) for row in rows]
    wide = IntervalMatrix([[slope[0, j] for j in range(n)] for slope in slopes])
    inverse = np.linalg.inv(np.array([[wide[i, j].mid() for j in range(n)] for i in range(n)]))
    c = IntervalMatrix([[Interval(x) for x in row] for row in inverse.tolist()])
    one = IntervalMatrix([[Interval(int(i == j)) for j in range(n)] for i in range(n)])
    reach = IntervalVector([[-radius, radius]] * n)
    image = (one - c * wide) * reach - c * IntervalVector([row.eval(middle) for row in rows])
    return all(-radius < image[i].lb() and image[i].ub() < radius for i in range(n))


def main() -> None:
    """Least time of several runs; the functions are built before."""
    given = json.load(sys.stdin)
    n = len(given["centre"])
    x = VectorVar(n)
    rows = [AnalyticFunction([x], row) for row in {"broyden": broyden, "integral": integral}[given["name"]](x, n)]
    times = []
    for _ in range(REPETITIONS):
        begun = time.perf_counter()
        done = krawczyk(rows, given["centre"], given["radius"])
        times.append(time.perf_counter() - begun)
    print(done, min(times))


if __name__ == "__main__":
    main()
