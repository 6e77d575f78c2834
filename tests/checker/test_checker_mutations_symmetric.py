"""Every field of a certificate on a symmetric point is edited: refused, or the claim, written out in full, is true."""

from __future__ import annotations

import copy
import json
from collections import Counter
from itertools import permutations
from math import factorial, prod
from typing import Any

import checker_reference as reference
import mpmath as mp
import numpy as np
from checker_truth import BITS, assert_true, matrix, number, teacher_of, truth
from make_corpus import canonical, dyadic, moved
from test_checker_mutations import edits, load, places, replaced

from certify.checker import Malformed, Rejected, ResourceLimit, verify_bytes


def written_out(claim: dict[str, Any]) -> dict[str, Any]:
    """The same claim about a matrix; spectrum and copies are looked at separately."""
    result = copy.deepcopy(claim)
    signature = result.pop("signature")
    result.pop("spectrum")
    result.pop("copies")
    sizes, owners = signature["sizes"], signature["owners"]
    starts = [sum(sizes[:c]) for c in range(len(sizes))]
    centre = []
    for owner, values in zip(owners, claim["centre"], strict=True):
        plain = [value for value, size in zip(values, sizes, strict=False) for _ in range(size)]
        for k in range(1 if owner is None else sizes[owner]):
            row = list(plain)
            if owner is not None:
                row[starts[owner] + k] = moved(row[starts[owner] + k], *dyadic(values[-1]))
            centre.append(row)
    result["centre"] = centre
    if claim["teacher"] != "orthonormal":
        alpha, beta = claim["teacher"]
        own, dim = moved(beta, *dyadic(alpha)), claim["dimension"]
        result["teacher"] = [[own if a == m else beta for a in range(dim)] for m in range(dim)]
    return result


def assert_spectrum(claim: dict[str, Any], full: dict[str, Any]) -> None:
    """Each claimed interval holds its eigenvalues, and together they are all of them."""
    with mp.workprec(BITS):
        problem = {key: full[key] for key in ("teacher", "teachers", "dimension")}
        point = truth(json.dumps([full["centre"], problem])).point
        hessian = mp.matrix(reference.hessian(point, teacher_of(full))) / (2 * mp.pi)
        values = sorted(mp.eigsy(hessian, eigvals_only=True))
        pairs = [
            (number(low), number(high), multiplicity)
            for multiplicity, ends in claim["spectrum"]
            for low, high in ends
            for _ in range(multiplicity)
        ]
        assert len(values) == len(pairs)
        tiny = mp.ldexp(1, -BITS // 4)  # sorted ends bound sorted values
        for value, low, high in zip(values, sorted(p[0] for p in pairs), sorted(p[1] for p in pairs), strict=True):
            assert low - tiny <= value <= high + tiny


def outcome(data: dict[str, Any], trusted: dict[str, Any]) -> str:
    try:
        verify_bytes(canonical(data))
    except (Malformed, ResourceLimit) as refusal:
        return type(refusal).__name__
    except Rejected as refusal:
        return refusal.step
    if data["claim"] == trusted["claim"]:
        return "witness"
    full = written_out(data["claim"])
    assert_true(full, written_out(trusted["claim"]))
    assert_spectrum(data["claim"], full)
    if data["claim"]["copies"]:
        assert copies(full) == exact_copies(data["claim"])
    return "true"


def copies(full: dict[str, Any]) -> int:
    """Distinct images of the point under permutations of students and coordinates, counted one by one."""
    W = np.array([[float(x) for x in row] for row in matrix(full["centre"])]).round(9)
    rows, columns = W.shape
    return len(
        {W[list(p)][:, list(q)].tobytes() for p in permutations(range(rows)) for q in permutations(range(columns))}
    )


def exact_copies(claim: dict[str, Any]) -> int:
    sizes = claim["signature"]["sizes"]
    return factorial(claim["students"]) * factorial(claim["teachers"]) // prod(factorial(n) for n in sizes)


def test_every_field() -> None:
    data = load("symmetric-saddle-3")
    full = written_out(data["claim"])
    assert_true(full, full)
    assert_spectrum(data["claim"], full)
    assert copies(full) == exact_copies(data["claim"]) == 6
    tally = Counter(outcome(replaced(data, path, value), data) for path, node in places(data) for value in edits(node))
    assert tally["Malformed"] > 100
    for step in ("existence", "inertia", "uniqueness", "curvature", "loss", "spectrum", "true", "witness"):
        assert tally[step] > 0, (step, tally)
