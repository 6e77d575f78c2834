"""Extended systems at fractional class sizes: the programs are the formulas, and the shelf says what it proves."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from certify.checker.fields import canonical
from certify.checker.reader import read
from certify.checker.systems import ZeroClaim
from certify.checker.tube_format import Crossing
from certify.families.numbers import FLOATS
from certify.families.orbits import Geometry, Pattern
from certify.proving.fractional import SIZE, block_named, extended_system, flattened, reduced_system
from certify.systems.evaluate import FLOATS as SYSTEM_FLOATS
from certify.systems.evaluate import evaluate
from certify.systems.system import System
from certify.zeros import ProvedZero, prove_zero

PROOFS = Path(__file__).resolve().parent.parent.parent / "proofs"
FOLDER = PROOFS / "fractional-widths"
SHIPPED = sorted(path for kind in ("crossing", "fold") for path in FOLDER.glob(f"*-{kind}"))
CROSSINGS = [folder for folder in SHIPPED if folder.name.endswith("-crossing")]
FILE = "certificate.cert.json"


def table() -> dict[str, list[str]]:
    """The cells of the README's rows by the name of the place."""
    rows = {}
    for line in (FOLDER / "README.md").read_text().splitlines():
        if line.startswith("| ["):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            rows[cells[0][1:].split("]")[0]] = cells
    return rows


def value(x: tuple[int, int]) -> Fraction:
    return Fraction(x[0]) * Fraction(2) ** x[1]


def number(x: str) -> Fraction:
    mantissa, exponent = x.split("p")
    return int(mantissa, 16) * Fraction(2) ** int(exponent)


def claim(path: Path) -> ZeroClaim:
    result = read(path.read_bytes())
    assert isinstance(result, ZeroClaim)
    return result


def title(folder: Path) -> tuple[list[int | None], list[int | None], str]:
    """Sizes, owners and block of a shipped place."""
    cells = table()[folder.name]
    sizes, owners = ([int(x) if x.isdigit() else None for x in cells[k].split(", ")] for k in (1, 2))
    return sizes, owners, cells[3]


def curve_of(folder: Path) -> Path:
    return folder.with_name(folder.name.removesuffix("crossing") + "curve") / FILE


@pytest.mark.parametrize(("sizes", "owners"), [
    ([None, 3], [0, 1]), ([None, 3], [0, 1, None]), ([None, 1], [0, None]), ([2, None, 2], [0, 1, 2]),
])  # fmt: skip
@pytest.mark.parametrize("name", ["trivial", "standard 0", "standard 1", "standard 0 x standard 1"])
def test_the_program_is_the_formula(sizes: list[int | None], owners: list[int | None], name: str) -> None:
    """At integer sizes: gradient, and block times vector, of `families` in floats, at a random point."""
    generator, n = np.random.default_rng(3), 5
    whole = [n if x is None else x for x in sizes]
    patterns = [
        Pattern(tuple(generator.normal(size=len(sizes))), 0.0 if owner is None else float(generator.normal()))
        for owner in owners
    ]
    geometry = Geometry(whole, owners, patterns, (1.0, 0.0), FLOATS)
    follows = [owner is not None for owner in owners]
    try:
        matrix = np.array(block_named(geometry, name).matrix)
    except ValueError:
        with pytest.raises(ValueError, match="no block"):
            extended_system(sizes, owners, name, 0)
        return
    normal = len(matrix) - 1
    vector = generator.normal(size=len(matrix))
    vector[normal] = 1.0
    expected = [*flattened(geometry.gradient(), follows), *(matrix @ vector)]
    point = [*flattened(patterns, follows), float(n), *np.delete(vector, normal)]
    system = extended_system(sizes, owners, name, normal)
    assert len(system.outputs) == len(expected)
    np.testing.assert_allclose(evaluated(system, point), expected, rtol=1e-11, atol=1e-11)
    reduced = reduced_system(sizes, owners, (n, n))
    count = len(reduced.variables)
    np.testing.assert_allclose(evaluated(reduced, point[:count]), expected[:count], rtol=1e-11, atol=1e-11)


def evaluated(system: System, point: Sequence[float]) -> list[float]:
    inputs = [*map(float, point), *(float(value(p.low)) for p in system.parameters)]
    nodes = evaluate(system, inputs, SYSTEM_FLOATS, 0).values
    return [nodes[k] for k in system.outputs]


def test_what_is_shipped() -> None:
    assert len(SHIPPED) == 33
    assert len(CROSSINGS) == 25
    for folder in SHIPPED:
        assert (title(folder)[2] == "trivial") == folder.name.endswith("-fold")
    everything = {folder.name for folder in FOLDER.iterdir() if folder.is_dir()}
    assert everything == {f.name for f in SHIPPED} | {curve_of(f).parent.name for f in CROSSINGS}


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda x: x.name)
def test_the_programs_are_those_of_the_signature(folder: Path) -> None:
    """The certificates' programs are made again from signature and block, for some normalisation; n is pinned down."""
    sizes, owners, name = title(folder)
    extended = json.loads((folder / FILE).read_bytes())["claim"]["system"]
    made = [canonical(extended_system(sizes, owners, name, k).data) for k in range(count(extended))]
    assert canonical(extended) in made
    c = claim(folder / FILE)
    at = c.program.variables.index(SIZE)
    low, high = (value(c.place.centre[at]) + sign * value(c.place.error_radii[at]) for sign in (-1, 1))
    assert 2 < low < high < low + Fraction(1, 10**25)
    if folder.name.endswith("-fold"):
        return
    curve = json.loads(curve_of(folder).read_bytes())["claim"]["system"]
    [[parameter, first, last]] = curve["parameters"]
    assert parameter == SIZE
    assert number(first) < low < high < number(last)
    assert canonical(curve) == canonical(reduced_system(sizes, owners, (number(first), number(last))).data)
    there = claim(curve_of(folder)).place
    assert c.program.variables[:at] == tuple(curve["variables"])
    for k in range(at):  # the zero of the extended system is the curve's zero
        apart = abs(value(there.centre[k]) - value(c.place.centre[k]))
        assert apart + value(c.place.error_radii[k]) <= value(there.uniqueness_radii[k])


def count(extended: Any) -> int:
    """Coordinates of the null vector."""
    return 1 + sum(re.fullmatch(r"v\d+", name) is not None for name in extended["variables"])


def index_of(family: str, size: int) -> int | None:
    for path in (PROOFS / "families" / family).glob("*.cert.json"):
        found = json.loads(path.read_bytes())["claim"]
        if found["signature"]["sizes"][0] == size:
            return int(found.get("index", 0))
    return None


@pytest.mark.parametrize("folder", CROSSINGS, ids=lambda x: x.name)
def test_a_crossing_lies_between_a_minimum_and_a_saddle(folder: Path) -> None:
    family = folder.name.removesuffix("-crossing")
    c = claim(folder / FILE)
    size = int(value(c.place.centre[c.program.variables.index(SIZE)]))
    indices = index_of(family, size), index_of(family, size + 1)
    assert 0 in indices
    assert None not in indices
    assert indices != (0, 0)


def test_the_table_agrees_with_the_certificates() -> None:
    rows = table()
    assert list(rows) == [folder.name for folder in SHIPPED]
    for folder in SHIPPED:
        _, sizes, _, _, digits, told, _ = rows[folder.name]
        c = claim(folder / FILE)
        at = c.program.variables.index(SIZE)
        middle, radius = value(c.place.centre[at]), value(c.place.error_radii[at])
        step = Fraction(1, 10 ** len(digits.split(".")[1]))
        assert Fraction(digits) <= middle - radius
        assert middle + radius <= Fraction(digits) + step
        assert len(digits) > 28
        others = sum(int(n) for n in sizes.split(", ")[1:])
        assert abs(middle + others - Fraction(told.split("= ")[1])) < Fraction(1, 10**8)


def test_known_places() -> None:
    """beta(3) loses its minimum near M = 16.97, branch B of p = 6 just above k = 17: read from the literature."""
    found = {}
    for name, others in (("one-more-beta-p03", 3), ("turned-p06-b", 6)):
        c = claim(FOLDER / f"{name}-crossing" / FILE)
        found[name] = float(value(c.place.centre[c.program.variables.index(SIZE)])) + others
    assert abs(found["one-more-beta-p03"] - 16.97) < 0.005
    assert 17 < found["turned-p06-b"] < 17.01


@pytest.mark.parametrize("p", [1, 2, 5])
def test_the_crossings_of_every_width_agree(p: int) -> None:
    """The same k* by an extended system as by the tubes of proofs/crossings, which know nothing of each other."""
    c = read((PROOFS / "crossings" / f"turned-p{p:02d}" / "certificate.cert.json").read_bytes())
    assert isinstance(c, Crossing)
    low, high = map(value, c.crossing_width)
    path = PROOFS / "families" / f"turned-p{p:02d}-a" / f"k{c.first_width + 1:04d}.cert.json"
    found = json.loads(path.read_bytes())["claim"]
    owners = found["signature"]["owners"]
    rows = [[float(number(x)) for x in row] for row in found["centre"]]
    patterns = [Pattern(tuple(row[:-1]), row[-1]) for row in rows]
    geometry = Geometry(found["signature"]["sizes"], owners, patterns, (1.0, 0.0), FLOATS)
    block = block_named(geometry, "standard 0")
    values, vectors = np.linalg.eigh(np.array(block.matrix))
    vector = vectors[:, np.argmin(abs(values))]
    normal = int(np.argmax(abs(vector)))
    start = flattened(patterns, [True, p > 1])
    start += [float(low) - p, *np.delete(vector / vector[normal], normal)]
    result = prove_zero(extended_system([None, p], owners, "standard 0", normal), start, bits=128)
    assert isinstance(result, ProvedZero), result.reason
    place = read(result.certificate.content)
    assert isinstance(place, ZeroClaim)
    at = place.program.variables.index(SIZE)
    middle, radius = value(place.place.centre[at]) + p, value(place.place.error_radii[at])
    assert low <= middle - radius < middle + radius <= high
