"""Whether a claim is true, by an argument that shares nothing with the checker: Newton in mpmath, and sampling."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import checker_reference as reference
import mpmath as mp
import numpy as np

from certify.landscape import floats

BITS = 400


class Truth:
    """The critical point that Newton's iteration finds from a centre, and what is true there (all times 2 pi)."""

    def __init__(self, centre: reference.Rows, teacher: reference.Rows) -> None:
        self.teacher = teacher
        self.point = newton(centre, teacher)
        size = max(abs(g) for row in reference.gradient(self.point, teacher) for g in row)
        self.is_critical = size < mp.ldexp(1, -BITS // 2)
        self.hessian = spectrum(reference.hessian(self.point, teacher))
        self.ambient = spectrum(reference.ambient(self.point, teacher))
        self.loss = reference.loss(self.point, teacher)
        self.splitting = [self._splitting(i) for i in range(len(centre))]

    def slope(self, m: int) -> mp.mpf:
        """Of the loss in the length of a further student along teacher m."""
        unit = reference.unit(self.teacher[m])
        terms = [reference.phi(w, unit) for w in self.point] + [-reference.phi(v, unit) for v in self.teacher]
        return mp.fsum(terms)

    def _splitting(self, i: int) -> tuple[list[mp.mpf], mp.mpf]:
        """Eigenvalues of 2 pi S_i but the one nearest to 0, and alpha_i."""
        dim = len(self.point[i])
        rows, beside = reference.hessian(self.point, self.teacher), reference.ambient(self.point, self.teacher)
        block = mp.matrix([row[i * dim : (i + 1) * dim] for row in rows[i * dim : (i + 1) * dim]])
        values = sorted(mp.eigsy(block - mp.pi * mp.eye(dim), eigvals_only=True), key=abs)
        assert abs(values[0]) < mp.ldexp(1, -BITS // 4)
        return values[1:], beside[i][i] - mp.pi


def spectrum(matrix: reference.Rows) -> tuple[int, mp.mpf]:
    """Number of negative eigenvalues, and the least absolute value."""
    values = mp.eigsy(mp.matrix(matrix), eigvals_only=True)
    return sum(x < 0 for x in values), min(abs(x) for x in values)


def newton(start: reference.Rows, teacher: reference.Rows) -> reference.Rows:
    """Newton's iteration with the Hessian at the start; every step gains at least a few digits close to a zero."""
    rows = [list(row) for row in start]
    inverse = mp.inverse(mp.matrix(reference.hessian(rows, teacher)))
    dim = len(rows[0])
    for step in range(60):
        gradient = mp.matrix([g for row in reference.gradient(rows, teacher) for g in row])
        if mp.norm(gradient) < mp.ldexp(1, -BITS // 2 - 20):
            break
        if step in (3, 6):
            inverse = mp.inverse(mp.matrix(reference.hessian(rows, teacher)))
        move = inverse * gradient
        rows = [[x - move[i * dim + a] for a, x in enumerate(row)] for i, row in enumerate(rows)]
    return rows


def number(text: str) -> mp.mpf:
    mantissa, exponent = text.split("p")
    return mp.ldexp(mp.mpf(int(mantissa, 16)), int(exponent))


def matrix(rows: list[list[str]]) -> reference.Rows:
    return [[number(x) for x in row] for row in rows]


def teacher_of(claim: dict[str, Any]) -> reference.Rows:
    if claim["teacher"] == "orthonormal":
        return [[mp.mpf(int(a == m)) for a in range(claim["dimension"])] for m in range(claim["teachers"])]
    return matrix(claim["teacher"])


@lru_cache(maxsize=4096)
def truth(problem: str) -> Truth:
    centre, teacher = json.loads(problem)
    return Truth(matrix(centre), teacher_of(teacher))


def assert_true(claim: dict[str, Any], trusted: dict[str, Any]) -> None:
    """Every statement of `claim`; `trusted` is the claim of an unedited certificate, for its uniqueness region.

    Where the problem is the trusted one, the new region must lie in the trusted one or carry its own evidence;
    otherwise Newton's iteration from many points of the region must never end at a second point of it.
    """
    with mp.workprec(BITS):
        problem = {key: claim[key] for key in ("teacher", "teachers", "dimension")}
        assert claim["landscape"] == "relu-population-loss"
        assert len(claim["centre"]) == claim["students"]
        assert {len(row) for row in claim["centre"]} == {claim["dimension"]}
        centre, teacher = matrix(claim["centre"]), teacher_of(claim)
        assert len(teacher) == claim["teachers"]
        found = truth(json.dumps([claim["centre"], problem]))
        assert found.is_critical
        move = [x - y for p, q in zip(found.point, centre, strict=True) for x, y in zip(p, q, strict=True)]
        assert reference.norm(move) <= number(claim["error_radius"])
        assert number(claim["error_radius"]) <= number(claim["uniqueness_radius"])
        index, gap = found.hessian
        assert index == claim["index"]
        assert gap >= 2 * mp.pi * number(claim["curvature"])
        assert claim["kind"] == ("saddle" if index else "strict-local-minimum")
        if claim["ambient_index"] is not None:
            index, gap = found.ambient
            assert index == claim["ambient_index"]
            assert gap >= 2 * mp.pi * number(claim["ambient_curvature"])
        low, high = (2 * mp.pi * number(x) for x in claim["loss"])
        tiny = mp.ldexp(1, -BITS // 2)
        assert low <= found.loss + tiny
        assert found.loss <= high + tiny
        assert claim["not_global"] == (claim["students"] >= claim["teachers"] and low > 0)
        for entry, (values, alpha) in zip(claim.get("splitting", []), found.splitting, strict="splitting" in claim):
            if entry is not None:
                gap = 2 * mp.pi * number(entry[3])
                assert entry[:2] == [sum(x < 0 for x in values), sum(x > 0 for x in values)]
                assert all(abs(x) >= gap for x in (*values, alpha))
                assert mp.sign(alpha) == entry[2]
        if "newborn" in claim:
            low, high = (2 * mp.pi * number(x) for x in claim["newborn"]["slope"])
            assert low <= found.slope(claim["newborn"]["teacher"]) <= high < 0
        radius = number(claim["uniqueness_radius"])
        same = all(claim[key] == trusted[key] for key in ("students", *problem))
        if same:
            shifts = [
                reference.norm([x - y for x, y in zip(p, q, strict=True)])
                for p, q in zip(centre, matrix(trusted["centre"]), strict=True)
            ]
            if max(shifts) + radius <= number(trusted["uniqueness_radius"]):
                return
        assert_alone(found, centre, radius)


def assert_alone(found: Truth, centre: reference.Rows, radius: mp.mpf) -> None:
    """Sampled evidence, in float64, that the region holds no second critical point: at random points of it the Hessian
    has the inertia found, and the gradient points back to the zero found (where doubles can tell)."""
    r = np.random.default_rng(1)
    W, V, point = as_array(centre), as_array(found.teacher), as_array(found.point)
    inverse = np.linalg.inv(floats.hessian(point, V))
    for _ in range(40):
        step = r.normal(size=W.shape)
        there = W + float(radius) * step / np.linalg.norm(step, axis=1)[:, None]
        offset = (there - point).ravel()
        if radius > 1e-8:
            newton_step = inverse @ floats.gradient(there, V).ravel()
            assert np.linalg.norm(newton_step - offset) < np.linalg.norm(offset)
        assert (np.linalg.eigvalsh(floats.hessian(there, V)) < 0).sum() == found.hessian[0]


def as_array(rows: reference.Rows) -> np.ndarray:
    return np.array([[float(x) for x in row] for row in rows])
