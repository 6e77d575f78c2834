"""Break single lines of the checker of sets of points on purpose: each time a file of the corpus on sets must notice.

Like test_checker_teeth.py, with these files only, so that it is quick.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest
from test_checker_teeth import HERE, SOURCE

# what: (module, line as it is, line as broken)
BREAKS = {
    "set of another dimension": ("sets", '_equal("the dimension", c.set_dimension, surplus)', "None"),
    "set of any number of cells": ("sets", '_equal("the number of cells", c.cells, cells)', "None"),
    "cells of maps onto fewer teachers": ("sets", "m * (counts[m] + counts[m - 1])", "m * counts[m] + counts[m - 1]"),
    "connected unchecked": ("sets", "if c.connected is not (", "if c.connected and not ("),
    "connected with as many students": ("sets", "surplus > 0 or", "surplus >= 0 or"),
    "one teacher not connected": ("sets", " or c.teachers == 1)", ")"),
    "teachers unchecked": ("sets", "    _check_teachers(c)\n    surplus", "    surplus"),
    "complete without a half-space": ("sets", "if c.complete and not (", "if c.complete and False and not ("),
    "half-space missing": ("sets", "c.half_space and all(", "c.half_space is None or all("),
    "half-space closed": ("sets", "_dot(row, c.half_space) > 0", "_dot(row, c.half_space) >= 0"),
    "half-space of one teacher": ("sets", "all(_dot(row, c.half_space)", "any(_dot(row, c.half_space)"),
    "teachers on a line unchecked": (
        "sets",
        "if _dot(row, rows[n]) ** 2 ==",
        "if False and _dot(row, rows[n]) ** 2 ==",
    ),
    "only neighbouring teachers": ("sets", "        for n in range(m):", "        for n in range(max(0, m - 1), m):"),
    "teachers against each other": (
        "sets",
        "if _dot(row, rows[n]) ** 2 == squares[m] * squares[n]:",
        "if _dot(row, rows[n]) > 0 and _dot(row, rows[n]) ** 2 == squares[m] * squares[n]:",
    ),
    "negative multiples": ("sets", "    if any(mantissa < 0 for mantissa, _ in shares):", "    if False:"),
    "multiples of any sum": ("sets", "_compare(_total(mine), (1, 0)) == 0", "True"),
    "multiples below one": ("sets", "_compare(_total(mine), (1, 0)) == 0", "_compare(_total(mine), (1, 0)) <= 0"),
    "multiples above one": ("sets", "_compare(_total(mine), (1, 0)) == 0", "_compare(_total(mine), (1, 0)) >= 0"),
    "a teacher without students": ("sets", "if not (mine and ", "if mine and not ("),
    "shares of a global set unchecked": ("sets", "    _check_shares(c.owners, c.shares, c.teachers)\n", ""),
    "shares of a manifold unchecked": ("sets", "    _check_shares(c.owners, c.shares, len(c.copies))\n", ""),
    "a multiple of a manifold zero": (
        "sets",
        "if not all(mantissa > 0 for mantissa, _ in c.shares):",
        "if not all(mantissa >= 0 for mantissa, _ in c.shares):",
    ),
    "distance of a global set unchecked": (
        "sets",
        "    _check_distance(_deviations(c.centre, c.owners, c.shares, c.teacher), c.distance, (0, 0))\n",
        "",
    ),
    "distance of a manifold without the error": (
        "sets",
        "_deviations(c.centre, c.owners, c.shares, c.base.centre), c.distance, c.base.error_radius)",
        "_deviations(c.centre, c.owners, c.shares, c.base.centre), c.distance, (0, 0))",
    ),
    "distance below the error": ("sets", "if not (room[0] >= 0 and ", "if not ("),
    "distance of any size": ("sets", "_compare(square, (room[0] ** 2, 2 * room[1])) <= 0", "True"),
    "deviations not squared": ("sets", "[(m * m, 2 * e) for m, e in deviations]", "[(m, e) for m, e in deviations]"),
    "multiples of the wrong row": ("sets", "zip(line, rows[owner], strict=True)", "zip(line, rows[0], strict=True)"),
    "any number of multiples": (
        "sets",
        '_equal(f"the number of multiples of student {i}", sum(owner == i for owner in c.owners), count)',
        "None",
    ),
    "dimension of a manifold": ("sets", "dimension += count - 1", "dimension += count"),
    "dimension of a manifold unchecked": ("sets", '_equal("the dimension", c.set_dimension, dimension)', "None"),
    "index of a manifold unchecked": ("sets", '_equal("the index", c.index, index)', "None"),
    "index of a manifold without that of the base": (
        "sets",
        "index, dimension = c.base.index, 0",
        "index, dimension = 0, 0",
    ),
    "index of a manifold by students": ("sets", "index += (count - 1) * split.negative", "index += split.negative"),
    "index of a manifold by positive signs": ("sets", "(count - 1) * split.negative", "(count - 1) * split.positive"),
    "a manifold without splitting matrices": (
        "sets",
        "            if split is None:\n",
        "            if split is None:\n                continue\n            if split is None:\n",
    ),
    "a manifold of one point": ("sets", "if not dimension > 0:", "if not dimension >= 0:"),
    "not_global of a manifold unchecked": ("sets", "if c.not_global is not (", "if c.not_global and not ("),
    "not_global of too few students": ("sets", "c.students >= c.base.teachers and ", ""),
    "not_global of any loss": ("sets", " and c.base.loss[0][0] > 0)", ")"),
    "base of a manifold unverified": ("theorem", "        verify(certificate.base, engine)\n", ""),
    "manifold unchecked": ("theorem", "        check_split_manifold(certificate)\n", ""),
    "global set unchecked": ("theorem", "GlobalSet: check_global_set,", "GlobalSet: print,"),
    "set with owners from the end": (
        "sets_reader",
        '_integer(x, 0, rows - 1, "owners")',
        '_integer(x, -rows, rows - 1, "owners")',
    ),
    "set with owners beyond": ("sets_reader", '_integer(x, 0, rows - 1, "owners")', '_integer(x, 0, rows, "owners")'),
    "set of more teachers than students": (
        "sets_reader",
        'teachers = _integer(claim["teachers"], 1, students, "teachers")',
        'teachers = _integer(claim["teachers"], 1, LIMIT_ROWS, "teachers")',
    ),
    "set of another landscape": ("sets_reader", 'if claim["landscape"] != "relu-population-loss":', "if False:"),
    "set at any distance": (
        "sets_reader",
        '_positive(claim["distance"], "distance")',
        '_dyadic(claim["distance"], "distance")',
    ),
    "copies that do not add up": ("sets_reader", "if sum(copies) != students:", "if False:"),
    "no copies of a student": (
        "sets_reader",
        '_integer(x, 1, students, "copies")',
        '_integer(x, 0, students, "copies")',
    ),
    "kind of a manifold unchecked": (
        "sets_reader",
        'if (claim["kind"] == MANIFOLD_OF_MINIMA) != (index == 0):',
        "if False:",
    ),
    "connected of any type": ("sets_reader", 'if type(claim["connected"]) is not bool or ', "if "),
    "complete of any type": ("sets_reader", ' or type(claim["complete"]) is not bool:', ":"),
    "not_global of any type": ("sets_reader", 'if type(claim["not_global"]) is not bool:', "if False:"),
}

EVERY_DAY = {
    "cells of maps onto fewer teachers",
    "only neighbouring teachers",
    "multiples below one",
    "distance of a manifold without the error",
    "any number of multiples",
    "index of a manifold by students",
    "dimension of a manifold unchecked",
    "set with owners from the end",
}


def files() -> list[tuple[str, Path]]:
    """What must become of each file: accept, malformed, or the step that rejects it."""
    found = []
    for kind in ("accept", "reject", "malformed"):
        for path in sorted((HERE / kind).glob("*.cert.json")):
            if "-set-" in path.name or path.name.startswith("set--") or "--manifold-" in path.name:
                found.append((path.name.split("--")[0] if kind == "reject" else kind, path))
    return found


def test_every_line_to_break_is_there() -> None:
    """The breaks themselves run with the long tests."""
    for what, (module, line, _) in BREAKS.items():
        assert (SOURCE / f"{module}.py").read_text().count(line) == 1, what


def holds(folder: Path, edit: tuple[str, str, str] | None) -> bool:
    """Whether a copy of the checker with this edit treats all files as it must."""
    name = f"mutant_{folder.name}"
    (folder / name).mkdir()
    for path in SOURCE.glob("*.py"):
        source = path.read_text()
        if edit and path.stem == edit[0]:
            assert source.count(edit[1]) == 1, f"the line to break is not there once: {edit[1]}"
            source = source.replace(edit[1], edit[2])
        (folder / name / path.name).write_text(source.replace("certify.checker", name))
    sys.path.insert(0, str(folder))
    try:
        mutant = importlib.import_module(name)
        return all(outcome(mutant, path) == expected for expected, path in files())
    finally:
        sys.path.remove(str(folder))
        for module in [module for module in sys.modules if module.split(".")[0] == name]:
            del sys.modules[module]


def outcome(mutant: object, path: Path) -> str:
    try:
        mutant.verify_bytes(path.read_bytes())
    except mutant.Rejected as refusal:
        return str(refusal.step)
    except (mutant.Malformed, mutant.ResourceLimit):
        return "malformed"
    except Exception as error:
        return type(error).__name__
    return "accept"


def test_the_faithful_copy_passes(tmp_path: Path) -> None:
    assert len(files()) > 80
    assert holds(tmp_path, None)


@pytest.mark.parametrize(
    "what", [what if what in EVERY_DAY else pytest.param(what, marks=pytest.mark.long) for what in BREAKS]
)
def test_a_broken_line_is_noticed(tmp_path: Path, what: str) -> None:
    assert not holds(tmp_path, BREAKS[what])
