"""The checker's intervals and the prover's balls against mpmath on the dense matrices, and against one another.

The reference writes the point out, takes 60 digits more, and shares no formula of orbits.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import checker_reference as reference
import mpmath as mp
import numpy as np
import pytest
from symmetric_points import (
    coordinates,
    dense,
    dense_orbit_matrix,
    random_signature,
    teacher,
)

from certify.arithmetic import dyadic_ball, lower, precision, upper
from certify.checker import forms, isotypic, orbits
from certify.checker.intervals import Arithmetic
from certify.families import blocks as family_blocks
from certify.families.numbers import FLOATS, ball_numbers
from certify.families.orbits import Geometry, Pattern

Dyadic = tuple[int, int]
DIGITS = 700  # bits of the reference


class Case(NamedTuple):
    sizes: tuple
    owners: tuple
    centre: list[list[Dyadic]]
    shape: tuple[Dyadic, Dyadic]


def case(seed: int, unknowns: int = 30) -> Case:
    """Small signatures with generic, degenerate (parallel, axes) and uneven patterns."""
    r = np.random.default_rng(seed)
    sizes, owners = random_signature(r, unknowns)
    kind = seed % 4
    centre = []
    for k, owner in enumerate(owners):
        scale = -40 + (int(r.integers(-20, 20)) if kind == 1 else 0)
        row = [(int(x), scale) for x in r.integers(-(2**41), 2**41, len(sizes) + 1)]
        if kind == 2:  # on the axes: parallel to teachers where it follows a class
            row = [(0, 0)] * len(sizes) + [(int(r.choice([-2, -1, 1, 3])), -1)]
            row[0] = row[0] if owner is not None else (1, 0)
        if kind == 3 and k:  # parallel or nearly parallel to the first class
            row = [(x + int(r.integers(0, 2)) * (k % 2), e) for x, e in centre[0]]
        if owner is None:
            row[-1] = (0, 0)
        if not any(x for x, _ in row):
            row[0] = (1, 0)
        centre.append(row)
    shape = [((1, 0), (0, 0)), ((5, -2), (-1, -2)), ((1, -1), (1, -1))][seed % 3]
    return Case(sizes, owners, centre, shape)


def usable(c: Case) -> bool:
    W = dense(c.sizes, c.owners, [[Fraction(m) * Fraction(2) ** e for m, e in row] for row in c.centre])
    V = teacher(sum(c.sizes), *(Fraction(m) * Fraction(2) ** e for m, e in c.shape))
    return all(any(row) for row in [*W, *V])


class Dense:
    """Everything in mpmath."""

    def __init__(self, c: Case) -> None:
        value = lambda x: mp.ldexp(mp.mpf(x[0]), x[1])  # noqa: E731
        self.W = dense(c.sizes, c.owners, [[value(x) for x in row] for row in c.centre])
        self.V = teacher(sum(c.sizes), *(value(x) for x in c.shape))
        self.H = mp.matrix(reference.hessian(self.W, self.V))
        self.A = mp.matrix(reference.ambient(self.W, self.V))
        self.gradient = reference.gradient(self.W, self.V)
        self.loss = reference.loss(self.W, self.V)


def bases(module: Any, form_of: type, geometry: Any, monkeypatch: pytest.MonkeyPatch) -> list:
    """(block, dense basis) of every block."""
    seen, listened = [], form_of.hessian

    def hessian(self: Any, basis: list) -> Any:
        seen.append([dense_orbit_matrix(self, X).ravel().tolist() for X in basis])
        return listened(self, basis)

    monkeypatch.setattr(form_of, "hessian", hessian)
    found = list(module.hessian_blocks(geometry))
    monkeypatch.undo()
    return list(zip(found, seen, strict=True))


def entry(H: mp.matrix, x: list[int], y: list[int]) -> mp.mpf:
    return mp.fsum(a * b * H[i, j] for i, a in enumerate(x) if a for j, b in enumerate(y) if b)


def contains(interval: tuple[int, int], bits: int, value: mp.mpf) -> bool:
    rounding = mp.ldexp(1, -DIGITS // 2)  # the reference's
    return mp.ldexp(interval[0], -bits) - rounding <= value <= mp.ldexp(interval[1], -bits) + rounding


SEEDS = [seed for seed in range(60) if usable(case(seed))]


@pytest.mark.parametrize("bits", [64, 200])
def test_checker_intervals_contain(bits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Block entries, ambient entries, norms, gradient and loss of random, degenerate and uneven points."""
    for seed in SEEDS[: 24 if bits == 64 else 12]:
        check(case(seed), bits, monkeypatch)


@pytest.mark.parametrize("apart", [-25, -40, -60])
def test_rows_too_close_to_tell_their_sine(apart: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 48 bits the sine may be 0, at 700 it is not: the quotients must cover the truth."""
    for shape in (((1, 0), (0, 0)), ((1, -1), (1, -1))):
        for sign in (1, -1):
            first, second = [(1, 0), (3, -1), (5, -2)], [(sign, 0), (sign * 3, -1), (sign * 5, -2)]
            second[1] = (second[1][0] * 2 ** (-1 - apart) + 1, apart)
            check(Case((3, 2), (0, 0), [first, second], shape), 48, monkeypatch)


@pytest.mark.long
def test_checker_intervals_contain_many(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(100, 340):
        if usable(case(seed, 60)):
            check(case(seed, 60), (40, 100, 300)[seed % 3], monkeypatch)


def check(c: Case, bits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    f = Arithmetic(bits)
    geometry = orbits.Geometry(c.sizes, c.owners, c.centre, c.shape, f)
    with mp.workprec(DIGITS):
        truth = Dense(c)
        for block, basis in bases(isotypic, forms.Form, geometry, monkeypatch):
            for m, row in enumerate(block.matrix):
                for n, interval in enumerate(row):
                    assert contains(interval, bits, entry(truth.H, basis[m], basis[n])), (c, m, n)
        for block, vectors in zip(isotypic.ambient_blocks(geometry), ambient_bases(c), strict=True):
            for m, row in enumerate(block.matrix):
                for n, interval in enumerate(row):
                    assert contains(interval, bits, entry(truth.A, vectors[m], vectors[n]))
        lengths = [norm for norm, count in geometry.student_norms() for _ in range(count)]
        for interval, row in zip(lengths, truth.W, strict=True):
            assert contains(interval, bits, reference.norm(row))
        total = mp.fsum(reference.norm(v) for v in truth.V)
        assert total <= mp.ldexp(geometry.teacher_length(), -bits)
        size = mp.sqrt(mp.fsum(g * g for row in truth.gradient for g in row))
        assert size <= mp.ldexp(geometry.gradient_norm(), -bits)
        assert contains(geometry.loss(), bits, truth.loss)


def ambient_bases(c: Case) -> list[list[list[int]]]:
    """Indicators of student classes; then (n-1) e_1 - e_2 - ... - e_n of each class of followers."""
    owned = [a for a, owner in enumerate(c.owners) for _ in range(1 if owner is None else c.sizes[owner])]
    result = [[[int(x == a) for x in owned] for a in range(len(c.owners))]]
    for k, members in enumerate(coordinates(c.sizes)):
        followers = [a for a, owner in enumerate(c.owners) if owner == k]
        if len(members) >= 2 and followers:
            vectors = []
            for a in followers:
                vector = [0] * len(owned)
                start = owned.index(a)
                vector[start : start + len(members)] = [len(members) - 1, *[-1] * (len(members) - 1)]
                vectors.append(vector)
            result.append(vectors)
    return result


def share_of(exact: Any, other: Any) -> Fraction:
    """What the checker's fixed vectors make of a block: a multiple of the prover's, whose vectors are e_1 - e_2."""
    return Fraction(exact.gram[0][0], other.gram[0][0])


def meet(ball: Any, low: int, high: int, bits: int, share: Fraction = Fraction(1)) -> bool:
    """The ball times `share` and the interval [low, high] / 2^bits have a common point."""
    ends = [share * Fraction(m) * Fraction(2) ** e for m, e in (lower(ball), upper(ball))]
    return ends[0] <= Fraction(high, 1 << bits) and Fraction(low, 1 << bits) <= ends[1]


def test_three_implementations_agree() -> None:
    """Floats lie near the balls, balls meet the checker's intervals, entry by entry."""
    for seed in SEEDS[:30]:
        c = case(seed)
        with precision(150):
            balls = ball_numbers()
            patterns = [Pattern(tuple(dyadic_ball(x) for x in row[:-1]), dyadic_ball(row[-1])) for row in c.centre]
            shape = tuple(dyadic_ball(x) for x in c.shape)
            ball = Geometry(c.sizes, c.owners, patterns, (shape[0], shape[1]), balls)
            value = lambda x: float(x[0]) * 2.0 ** x[1]  # noqa: E731
            rows = [Pattern(tuple(value(x) for x in row[:-1]), value(row[-1])) for row in c.centre]
            plain = Geometry(c.sizes, c.owners, rows, (value(c.shape[0]), value(c.shape[1])), FLOATS)
            integer = orbits.Geometry(c.sizes, c.owners, c.centre, c.shape, Arithmetic(150))
            triples = list(
                zip(
                    family_blocks.hessian_blocks(ball),
                    family_blocks.hessian_blocks(plain),
                    isotypic.hessian_blocks(integer),
                    strict=True,
                )
            )
            for middle, near, exact in triples:
                assert middle.dimension == near.dimension == exact.dimension
                share = share_of(exact, middle)
                for m, row in enumerate(exact.matrix):
                    assert list(middle.gram[m][: m + 1]) == list(near.gram[m][: m + 1])
                    assert [share * x for x in middle.gram[m][: m + 1]] == exact.gram[m]
                    for n, (low, high) in enumerate(row):
                        x = middle.matrix[m][n]
                        assert meet(x, low, high, 150, share)
                        scale = 1.0 + max(abs(float(y.matrix[k][k])) for y in (near,) for k in (m, n))
                        if seed % 4 < 2:  # no parallel rows
                            assert abs(near.matrix[m][n] - float(x.mid())) < 1e-6 * scale
            low, high = integer.loss()
            assert meet(ball.loss(), low, high, 150)


def test_huge_classes_against_balls() -> None:
    """At sizes no dense matrix reaches, the two enclosures still meet, and the checker's is narrow."""
    for sizes, owners in (((10**12, 3), (0, 1)), ((2**63, 10**9, 1), (0, 0, 1, None)), ((10**15,), (0,))):
        r = np.random.default_rng(5)
        centre = [[(int(x), -60) for x in r.integers(2**40, 2**50, len(sizes) + 1)] for _ in owners]
        centre = [[*row[:-1], (0, 0) if owner is None else (1, 0)] for row, owner in zip(centre, owners, strict=True)]
        integer = orbits.Geometry(sizes, owners, centre, ((1, 0), (0, 0)), Arithmetic(400))
        with precision(400):
            patterns = [Pattern(tuple(dyadic_ball(x) for x in row[:-1]), dyadic_ball(row[-1])) for row in centre]
            ball = Geometry(sizes, owners, patterns, (dyadic_ball((1, 0)), dyadic_ball((0, 0))), ball_numbers())
            pairs = zip(family_blocks.hessian_blocks(ball), isotypic.hessian_blocks(integer), strict=True)
            for middle, exact in pairs:
                share = share_of(exact, middle)
                for m, row in enumerate(exact.matrix):
                    for n, (low, high) in enumerate(row):
                        assert meet(middle.matrix[m][n], low, high, 400, share)
                        assert high - low < share * (1 << 250)
