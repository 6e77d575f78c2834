"""A naive Krawczyk test with codac: `python krawczyk_codac.py W.txt` prints its result (below 1: proved) and seconds.

The teachers are the standard basis; scalars in Python, products of interval matrices in codac; the formulas are T1 of
docs/theorems.md.
"""

import sys
import time
from pathlib import Path

import numpy as np
from codac import Interval, IntervalMatrix, Matrix, atan2, sqr, sqrt

RADIUS = 1e-10
PI = Interval.pi()
Row = list[Interval]


def scalars(rows: list[Row], k: int) -> tuple[list[Row], Row, list[Row], list[Row], list[Row]]:
    """Unit vectors, norms, and cosine, sine, pi - angle of each student with each other row."""
    norms = []
    for row in rows:
        total = Interval(0.0)
        for x in row:
            total = total + sqr(x)
        norms.append(sqrt(total))
    units = [[x / norm for x in row] for row, norm in zip(rows, norms, strict=True)]
    matrix = IntervalMatrix(units)
    gram = matrix * matrix.transpose()
    cosine = [[gram[i, j] if i != j else Interval(0.0) for j in range(len(rows))] for i in range(k)]
    sine = [[sqrt(1.0 - sqr(c)) for c in row] for row in cosine]
    complement = [[atan2(s, -c) for s, c in zip(*pair, strict=True)] for pair in zip(sine, cosine, strict=True)]
    return units, norms, cosine, sine, complement


def derivatives(W: list[Row], V: list[Row], *, second: bool) -> IntervalMatrix:
    """The gradient as a column, or the Hessian."""
    k, d = len(W), len(W[0])
    units, norms, cosine, sine, complement = scalars([*W, *V], k)
    two_pi = 2.0 * PI
    result = IntervalMatrix(k * d, k * d if second else 1)
    for i in range(k):
        others = [j for j in range(k + len(V)) if j != i]
        signed = {j: norms[j] if j < k else -norms[j] for j in others}
        if not second:
            mine = Interval(0.0)
            for j in others:
                mine = mine + signed[j] * sine[i][j]
            for a in range(d):
                total = mine * units[i][a]
                for j in others:
                    total = total + signed[j] * complement[i][j] * units[j][a]
                result[i * d + a, 0] = 0.5 * W[i][a] + total / two_pi
            continue
        residual = {j: [x - cosine[i][j] * u for x, u in zip(units[j], units[i], strict=True)] for j in others}
        direction = {j: [x / sine[i][j] for x in residual[j]] for j in others}
        weights = {j: signed[j] / norms[i] for j in others}
        alpha = Interval(0.0)
        for j in others:
            alpha = alpha + weights[j] * sine[i][j]
        left = IntervalMatrix([[weights[j] * x for x in direction[j]] for j in others])
        own = left.transpose() * IntervalMatrix([residual[j] for j in others])
        for a in range(d):
            for b in range(d):
                x = own[a, b] - alpha * units[i][a] * units[i][b]
                result[i * d + a, i * d + b] = (x + PI + alpha if a == b else x) / two_pi
        for j in range(k):
            if j == i:
                continue
            back = [u - cosine[i][j] * x for x, u in zip(units[j], units[i], strict=True)]
            turned = [sine[i][j] * u for u in units[i]]
            for a in range(d):
                for b in range(d):
                    x = turned[a] * units[j][b] + direction[j][a] * back[b]
                    result[i * d + a, j * d + b] = (x + complement[i][j] if a == b else x) / two_pi
    return result


def main() -> None:
    """Print the largest row sum, and the time."""
    points = np.loadtxt(Path(sys.argv[1]), ndmin=2).tolist()
    start = time.perf_counter()
    V = [[Interval(float(a == b)) for b in range(len(points[0]))] for a in range(len(points[0]))]
    centre = [[Interval(x) for x in row] for row in points]
    box = [[Interval(x - RADIUS, x + RADIUS) for x in row] for row in points]
    hessian = derivatives(centre, V, second=True)
    n = hessian.rows()
    middle = np.array([[hessian[i, j].mid() for j in range(n)] for i in range(n)])
    inverse = IntervalMatrix(Matrix(np.linalg.inv(middle)))
    step = inverse * derivatives(centre, V, second=False)
    product = inverse * derivatives(box, V, second=True)
    worst = 0.0
    for i in range(n):
        total = step[i, 0].mag() / RADIUS
        for j in range(n):
            x = product[i, j]
            total += (x - 1.0 if i == j else x).mag()
        worst = max(worst, total)
    print(worst, time.perf_counter() - start)


if __name__ == "__main__":
    main()
