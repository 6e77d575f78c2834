"""Break single lines of the checker on purpose: each time the corpus or a small containment test must notice.

A copy of the package is made under another name for every break, so that the real one is never touched.
"""

from __future__ import annotations

import importlib
import random
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import checker_reference as reference
import mpmath as mp
import pytest
from test_checker_definite import full, gram, inertia, perturbed
from test_checker_jets import truth as arcsine
from test_checker_landscape import WORK, point
from test_checker_packed import one_by_one

import certify.checker

HERE = Path(__file__).parent
SOURCE = Path(certify.checker.__file__).parent

BREAKS = {
    "splitting ignores the variation": ("splitting", "f.exact(*split.gap))[1] + change", "f.exact(*split.gap))[1]"),
    "splitting ignores the gap": (
        "splitting",
        "f.exact(*split.gap))[1] + change",
        "f.exact(*split.gap))[1] * 0 + change",
    ),
    "splitting without the lift": ("splitting", "return negative\n\n\ndef _compare", "return 0\n\n\ndef _compare"),
    "splitting with half the error": ("splitting", "// 2 + 1\n", "// 4\n"),
    "splitting counts the zero as positive": ("splitting", "dimension - 1 - negative)", "dimension - negative)"),
    "beside of any size": ("splitting", "else limit < alpha[0]", "else 0 < alpha[0]"),
    "beside of any sign": ("splitting", "alpha[1] < -limit if", "alpha[0] < alpha[1] + 1 if"),
    "multiplicities of splitting blocks": ("splitting", "yield members - 1,", "yield size - 1,"),
    "splitting block not normalised": ("splitting", "square = gram[m] * gram[n]", "square = gram[m] * gram[m]"),
    "pivots without rounding": ("pivots", "shift = gap + n * (n + error)", "shift = gap + n * error"),
    "pivots without entry errors": ("pivots", "shift = gap + n * (n + error)", "shift = gap + n * n"),
    "pivots counted on one side": ("pivots", "return low if low == high else None", "return low"),
    "newborn ignores the error radius": ("newborn", "slope[0] - change", "slope[0]"),
    "newborn ignores the error radius above": ("newborn", "slope[1] + change", "slope[1]"),
    "newborn with the change of one student": ("newborn", "isqrt(c.students << 2 * f.bits)", "isqrt(1 << 2 * f.bits)"),
    "newborn with the change not times pi": ("newborn", "f.mul(f.pi, (moved, moved))[1]", "moved"),
    "newborn with one end": ("newborn", "low[1] <= slope[0] - change and ", ""),
    "newborn with the other end": ("newborn", " and slope[1] + change <= high[0]", ""),
    "newborn of any teacher": ("newborn", "landscape.slope(c.newborn.teacher)", "landscape.slope(0)"),
    "slope with teachers added": (
        "landscape",
        "if self.signs[j] > 0 else sub(total, product)\n        return total\n\n    def hessian_block",
        "if True else sub(total, product)\n        return total\n\n    def hessian_block",
    ),
    "slope without the teacher itself": ("landscape", "f.pi if j == own else", "(0, 0) if j == own else"),
    "slope of a class with all its students": (
        "orbits",
        "f.multiple(pairs // self.rows[place].count, kernel)",
        "f.multiple(pairs, kernel)",
    ),
    "slope of a class with all pairs of teachers": ("orbits", "(low // count, -(-high // count))", "(low, high)"),
    "slope of any class": ("orbits", "if relation.right == place:", "if relation.right >= self.students:"),
    "newborn without descent": ("reader", "if high[0] >= 0:", "if high[0] > 0:"),
    "newborn of a teacher beyond": (
        "reader",
        '_integer(value["teacher"], 0, teachers - 1, "newborn")',
        'value["teacher"]',
    ),
    # what: (module, line as it is, line as broken)
    "uniqueness ignores the variation": (
        "theorem",
        "if not wide < gap_lower:",
        "if not 0 < gap_lower:",
    ),
    "existence ignores the gradient": (
        "theorem",
        "if not residual < reach:",
        "if not 0 < reach:",
    ),
    "existence ignores the variation": (
        "theorem",
        "reach = (bounds.gap_lower - bounds.variation_at_error) *",
        "reach = bounds.gap_lower *",
    ),
    "curvature ignores the variation": (
        "theorem",
        '_check_curvature("curvature", c.curvature, f, gap_lower - bounds.variation_at_error)\n    _check_ambient',
        '_check_curvature("curvature", c.curvature, f, gap_lower)\n    _check_ambient',
    ),
    "ambient ignores the variation": (
        "theorem",
        "c.ambient_curvature, f, gap[0] - bounds.variation_at_error)",
        "c.ambient_curvature, f, gap[0])",
    ),
    "loss ignores the error radius": (
        "theorem",
        "add(at.loss(), (-change, change))",
        "at.loss()",
    ),
    "not_global is not compared": (
        "theorem",
        "if c.not_global is not (",
        "if c.not_global and not (",
    ),
    "radii in any order": (
        "theorem",
        "c.uniqueness_radius) <= 0:",
        "c.uniqueness_radius) <= 1:",
    ),
    "variation with 12/5": (
        "theorem",
        "-13 *",
        "-12 *",
    ),
    "variation without cross terms": (
        "theorem",
        "4 * (count - 1) * x",
        "2 * (count - 1) * x",
    ),
    "variation without neighbours": (
        "theorem",
        "+ 2 * (inverses - x)",
        "+ (inverses - x)",
    ),
    "gap rounded down to the factor's unit": (
        "engine",
        "gap_upper = -(-gap[1] >> f.bits - unit)",
        "gap_upper = 0 + 1",
    ),
    "digits too short for the sums": ("definite", "(2 * largest).bit_length() + 8", "largest.bit_length() // 2 + 8"),
    "packed numbers cut too early": ("definite", "words.cut(row, n - 1 - i)", "words.cut(row, n - 3 - i)"),
    "digits read from the wrong end": (
        "definite",
        "later = isqrt(radicands[i]), range(n - 1, i, -1)",
        "later = isqrt(radicands[i]), range(i + 1, n)",
    ),
    "own block as wide as its right factors": (
        "landscape",
        "sum(map(mul, x.sizes, radii)) + sum(map(mul, x.radii, tops))",
        "sum(map(mul, x.sizes, radii))",
    ),
    "own block as wide as its left factors": (
        "landscape",
        "sum(map(mul, x.sizes, radii)) + sum(map(mul, x.radii, tops))",
        "sum(map(mul, x.radii, tops))",
    ),
    "residuals as wide as the unit vectors": (
        "intervals",
        "widest = size * max(x.radii) + radius * max(x.tops)",
        "widest = size * max(x.radii)",
    ),
    "residuals as wide as the cosine": (
        "intervals",
        "widest = size * max(x.radii) + radius * max(x.tops)",
        "widest = radius * max(x.tops)",
    ),
    "series cut off, upper bound of the derivative": (
        "jets",
        "15 * j * abs(slope), 15",
        "0, 15",
    ),
    "series rounded down for upper bounds": ("jets", "term = -f.one if up else f.one", "term = f.one"),
    "no shift before the factorisation": (
        "definite",
        "shift = (n + 1)",
        "shift = 0 * (n + 1)",
    ),
    "entry errors forgotten": (
        "definite",
        "(isqrt(max(diagonal)) + 1 + error)",
        "(isqrt(max(diagonal)) + 1)",
    ),
    "entry errors counted once": (
        "definite",
        "(n + 1) * (isqrt(max(diagonal)) + 1 + error)",
        "(n + 1) * (isqrt(max(diagonal)) + 1) + error",
    ),
    "pivots of any sign": (
        "definite",
        "            if not radicands[j] > 0:\n                return False\n",
        "            radicands[j] = abs(radicands[j]) + 1\n",
    ),
    "gap added instead of subtracted": (
        "definite",
        "row[-1] -= gap",
        "row[-1] += gap",
    ),
    "gap forgotten below": (
        "definite",
        "- gap * sum(map(mul, directions[k], other))",
        "",
    ),
    "error not scaled to the directions": (
        "definite",
        "error * largest * largest",
        "error",
    ),
    "directions not checked": (
        "definite",
        "return _negative_on(matrix, error, gap, directions) and",
        "return",
    ),
    "complement not checked": (
        "definite",
        " and definite(_lifted(matrix, gap, directions, weight), error)",
        "",
    ),
    "rounding error of midpoints forgotten": (
        "definite",
        "return triangle, (widest >> shift + 1) + 2",
        "return triangle, 0",
    ),
    "upper ends rounded down": (
        "intervals",
        "return a[0] >> self.bits, -(-a[1] >> self.bits)",
        "return a[0] >> self.bits, a[1] >> self.bits",
    ),
    "lower ends rounded up": (
        "intervals",
        "return low >> self.bits, -(",
        "return -(-low >> self.bits), -(",
    ),
    "lower ends of wider units rounded up": (
        "intervals",
        "return a[0] >> self.bits, -",
        "return -(-a[0] >> self.bits), -",
    ),
    "quotients rounded down": (
        "intervals",
        "high = -((-a[1] << self.bits) //",
        "high = ((a[1] << self.bits) //",
    ),
    "square roots rounded down": (
        "intervals",
        "return isqrt(lo), isqrt(hi) + 1",
        "return isqrt(lo), isqrt(hi)",
    ),
    "arctan halved once too often": (
        "intervals",
        "(y * total >> bits) << halvings",
        "(y * total >> bits) << halvings - 1",
    ),
    "pi without its error": (
        "intervals",
        "return total - 2 * k - 2, total + 2 * k + 2",
        "return total, total",
    ),
    "the angle instead of twice half of it": (
        "landscape",
        "sub(f.pi, twice)) if inner > 0",
        "sub(f.pi, half)) if inner > 0",
    ),
    "angles beyond a right one": (
        "landscape",
        "sine, twice)",
        "sine, sub(f.pi, twice))",
    ),
    "alpha with teachers added": (
        "landscape",
        "if self.signs[j] > 0 else sub(total, product)\n        return f.div",
        "if True else sub(total, product)\n        return f.div",
    ),
    "gradient without pi": (
        "landscape",
        "weights = [add(self.alpha(i), f.pi)]",
        "weights = [self.alpha(i)]",
    ),
    "loss with whole norms": (
        "landscape",
        "(own[0] >> 1, -(-own[1] >> 1))",
        "own",
    ),
    "loss of unlike rows added": (
        "landscape",
        "if self.signs[i] == self.signs[j] else",
        "if True else",
    ),
    "loss without teacher pairs": (
        "landscape",
        "pair = self.pairs[i][j] if i < self.count else self._pair(i, j)",
        "pair = self.pairs[min(i, self.count - 1)][j]",
    ),
    "cross block transposed": (
        "landscape",
        "right = split(self.units[j]), split(self.residual(j, i))",
        "right = split(self.units[j]), split(self.residual(i, j))",
    ),
    "cross block as wide as its right factors": (
        "landscape",
        "radius = sum(x.sizes[a] * r + x.radii[a] * t for",
        "radius = sum(x.sizes[a] * r for",
    ),
    "cross block as wide as its left factors": (
        "landscape",
        "radius = sum(x.sizes[a] * r + x.radii[a] * t for",
        "radius = sum(x.radii[a] * t for",
    ),
    "product as wide as its second factor": (
        "intervals",
        "radius = sum(map(mul, x.sizes, y.radii)) + sum(map(mul, x.radii, y.tops))",
        "radius = sum(map(mul, x.sizes, y.radii))",
    ),
    "product as wide as its first factor": (
        "intervals",
        "radius = sum(map(mul, x.sizes, y.radii)) + sum(map(mul, x.radii, y.tops))",
        "radius = sum(map(mul, x.radii, y.tops))",
    ),
    "product of radii forgotten": (
        "intervals",
        "sum(map(mul, x.radii, y.tops))",
        "sum(map(mul, x.radii, y.sizes))",
    ),
    "squares of negative numbers": (
        "intervals",
        "lo += high * high if high < 0 else 0",
        "lo += high * high",
    ),
    "squares of wide intervals": (
        "intervals",
        "hi += max(low * low, high * high)",
        "hi += high * high",
    ),
    "own block without pi": (
        "landscape",
        "diagonal = add(f.pi, alpha)",
        "diagonal = alpha",
    ),
    "own block with teachers added": (
        "landscape",
        "            if self.signs[j] < 0:\n                weight = sub((0, 0), weight)\n",
        "",
    ),
    "ambient without alpha": (
        "landscape",
        "yield [*row, add(self.arithmetic.pi, self.alpha(i))]",
        "yield [*row, self.arithmetic.pi]",
    ),
    "sine of a pair rounded down": (
        "intervals",
        "isqrt(max(0, a[0])), isqrt(max(0, a[1])) + 1",
        "isqrt(max(0, a[0])), isqrt(max(0, a[1]))",
    ),
    "ends without what the bend adds": (
        "taylor",
        "add(add(start.value, end), self.f.mul(line.bends[0], self.half_square))",
        "add(start.value, end)",
    ),
    "ends without what the moves add": ("taylor", "return low - far, high + far", "return low, high"),
    "half of the bend": ("taylor", "step * step >> f.bits + 1)", "step * step >> f.bits + 2)"),
    "slope on the line without the bend": (
        "taylor",
        "clip(slope, *add(first, self.f.mul(bend, self.around)))",
        "clip(slope, *first)",
    ),
    "box without its moves": ("taylor", "clip(box.value, low - far, high + far)", "clip(box.value, low, high)"),
    "angle without the bend of its cosine": (
        "taylor",
        "second = f.mul(cosine.value, f.mul(",
        "second = f.mul(ZERO, f.mul(",
    ),
    "zeros as if the plane were exact": (
        "patches",
        "fixed = (2 * value << 2 * f.bits) + sum(map(mul, twice[size:], p.halves))",
        "fixed = 2 * value << 2 * f.bits",
    ),
    "zeros without the plane's bend": (
        "patches",
        "(2 * s << f.bits) + sum(map(mul, bends[size:], p.halves))",
        "(2 * s << f.bits)",
    ),
    "zeros that do not move": ("patches", "moved = sum(map(mul, steepest, moves[:size]))", "moved = 0"),
    "first derivatives that stay": (
        "patches",
        "(s << f.bits) + sum(map(mul, bends, moves)) for",
        "(s << f.bits) for",
    ),
    "first zero and speeds without the contraction": (
        "patches",
        "rooms.append(radius[0] - -(-moved >> unit + 2 * f.bits))",
        "rooms.append(radius[0])",
    ),
    "numbers begin at the centre": (
        "patches",
        "start = _wider(value, sum(map(mul, sizes, zeros.start)), f)",
        "start = value",
    ),
    "numbers move with the plane": ("patches", "_wider(s, sum(map(mul, sizes, rate)), f)", "s"),
    "numbers on the plane": (
        "patches",
        "[*zeros.reach, *p.halves])), f)",
        "[*(0 for _ in zeros.reach), *p.halves])), f)",
    ),
    "blocks at one corner": ("patches", "in product((-1, 1), repeat", "in product((1,), repeat"),
    "loss without bends": ("patches", "[x + 1 >> 1 for x in moves]", "[0 for _ in moves]"),
    "derivatives on a box as at its middle": ("bends", "[(low - change, high + change) for", "[(low, high) for"),
    "correlation reached from one side": ("correlation", "if not side * (bottom", "if not abs(side) * (bottom"),
    "dependent teachers": ("correlation", "if not unit + count * beta > 0:", "if not unit > 0:"),
    "blocks at one end only": ("correlation", "product(blocks, (-1, 1))", "product(blocks, (1,))"),
    "gradient without the own entry": ("orbits", "f.plus(sums[row.owner], delta)", "sums[row.owner]"),
    "quotients at vanishing sines": (
        "forms",
        "            return -limit, limit\n",
        "            return ZERO\n",
    ),
    "quotients at vanishing sines, without the other row": (
        "forms",
        " + f.one * self._length(b, Y)",
        "",
    ),
    "largest eigenvalue mistaken": (
        "theorem",
        "norm = max(max(-pair[0], pair[1])",
        "norm = min(max(-pair[0], pair[1])",
    ),
    "family's ambient ignores the variation": (
        "theorem",
        "claimed[1] + bounds.variation_at_error",
        "claimed[1]",
    ),
    "floats for integers": (
        "fields",
        "type(value) is not int or not low",
        "not low",
    ),
    "text that is not canonical": (
        "reader",
        "rest[:-1]) != content:",
        "rest[:-1]) is None:",
    ),
    "kind unchecked": (
        "reader",
        'if claim["kind"] != ("saddle" if index else "strict-local-minimum"):',
        "if False:",
    ),
}


EVERY_DAY = {
    "uniqueness ignores the variation",
    "existence ignores the variation",
    "curvature ignores the variation",
    "loss ignores the error radius",
    "variation with 12/5",
    "variation without cross terms",
    "no shift before the factorisation",
    "entry errors counted once",
    "error not scaled to the directions",
    "upper ends rounded down",
    "pi without its error",
    "cross block transposed",
    "cross block as wide as its left factors",
    "sine of a pair rounded down",
    "quotients at vanishing sines",
    "product as wide as its second factor",
    "loss without teacher pairs",
    "text that is not canonical",
}


def test_every_line_to_break_is_there() -> None:
    """The breaks themselves take long and run with the long tests."""
    for what, (module, line, _) in BREAKS.items():
        assert (SOURCE / f"{module}.py").read_text().count(line) == 1, what


@pytest.fixture
def mutant(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The checker with one line changed, imported under another name; no parameter: a faithful copy."""
    name, edit = f"mutant_{abs(hash(request.node.name))}", BREAKS.get(getattr(request, "param", ""))
    folder = tmp_path / name
    folder.mkdir()
    for path in SOURCE.glob("*.py"):
        source = path.read_text()
        if edit and path.stem == edit[0]:
            assert source.count(edit[1]) == 1, f"the line to break is not there once: {edit[1]}"
            source = source.replace(edit[1], edit[2])
        (folder / path.name).write_text(source.replace("certify.checker", name))
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module(name)
    for module in [module for module in sys.modules if module.split(".")[0] == name]:
        del sys.modules[module]


def part(mutant: ModuleType, module: str) -> Any:
    return importlib.import_module(f"{mutant.__name__}.{module}")


def corpus_holds(mutant: ModuleType) -> bool:
    """Accepted, rejected at the named step, or malformed, as the folders say."""
    for kind in ("accept", "reject", "malformed"):
        for path in sorted((HERE / kind).glob("*.cert.json")):
            try:
                mutant.verify_bytes(path.read_bytes())
                found = "accept"
            except mutant.Rejected as refusal:
                found = refusal.step
            except (mutant.Malformed, mutant.ResourceLimit):
                found = "malformed"
            except Exception:
                return False
            if found != (path.name.split("--")[0] if kind == "reject" else kind):
                return False
    return True


def contained(mutant: ModuleType) -> bool:
    """Pi, arctan, gradient, loss, Hessian, ambient matrix and variation bound on a few points."""
    arithmetics = [part(mutant, "intervals").Arithmetic(bits) for bits in (32, 64, 96)]
    landscape, variation = part(mutant, "landscape").Landscape, part(mutant, "theorem")._variation
    r = random.Random("certify teeth")
    with mp.workprec(WORK):
        for f in arithmetics:
            tests = [(f.pi, mp.pi)] + [
                (f.atan((x, x)), mp.atan(mp.mpf(x) / f.one)) for x in (0, 1, f.one // 3, f.one // 7, f.one)
            ]
            for k in (3, 1000, f.one - 1, f.one // 3):
                a = r.randrange(f.one) | 1
                tests += [(f.mul((a, a), (-k, -k)), -mp.mpf(a) * k / f.one**2)]
                tests += [(f.mul((a, a), (k, k)), mp.mpf(a) * k / f.one**2)]
                tests += [(f.narrow((x, x)), mp.mpf(x) / f.one**2) for x in (a * k, -a * k)]
                tests += [(f.div((a, a), (k, k)), mp.mpf(a) / k), (f.length(((a, a), (k, k))), mp.hypot(a, k) / f.one)]
            low, high = -3 * f.one, 5 * f.one
            for x, y in ((-2 * f.one, 7 * f.one), (2 * f.one, 3 * f.one), (-9 * f.one, -f.one)):
                product, size = f.dot([(low, high)], [(x, y)]), f.length([(low, high), (x, y)])
                for a, b in ((low, x), (low, y), (high, x), (high, y), (f.one, x), (f.one, y), (0, x), (0, y)):
                    tests += [(product, mp.mpf(a) * b / f.one**2), (size, mp.hypot(a, b) / f.one)]
            if not all(inside(f, *test) for test in tests):
                return False
        for trial in range(60):
            students, teachers = point(r)
            f = arithmetics[trial % 3]
            here = landscape(students, teachers, f)
            W, V = [reference.row(x) for x in students], [reference.row(x) for x in teachers]
            hessian, ambient = reference.hessian(W, V), reference.ambient(W, V)
            tests = [(here.loss(), reference.loss(W, V))]
            tests += [
                (x, y)
                for line, exact in zip(here.gradient(), reference.gradient(W, V), strict=True)
                for x, y in zip(line, exact, strict=True)
            ]
            tests += [(x, hessian[a][b]) for a, row in enumerate(here.hessian_rows()) for b, x in enumerate(row)]
            tests += [(x, ambient[a][b]) for a, row in enumerate(here.ambient_rows()) for b, x in enumerate(row)]
            if not all(inside(f, *test) for test in tests):
                return False
            radius = min(norm[0] for norm in here.norms[: len(W)]) // 50
            if variation(here, radius) < formula(W, V, mp.ldexp(radius, -f.bits)) * f.one:
                return False
    return True


def coarse_contains_fine(mutant: ModuleType) -> bool:
    """Angles and blocks of symmetric points with few bits contain those with many, also for rows almost parallel."""
    arithmetic, geometry = part(mutant, "intervals").Arithmetic, part(mutant, "orbits").Geometry
    blocks = part(mutant, "isotypic").hessian_blocks
    r = random.Random("certify coarse")
    points = [[[(r.randrange(-999, 999), -10), (1, 0)]] for _ in range(40)]
    points += [[[(1, 0), (-3, -1)], [(sign, 0), (sign * (-3 * 2**25 + 1), -26)]] for sign in (1, -1)]
    for centre in points:
        sizes, owners, teacher = [4], [0] * len(centre), ((1, 0), (0, 0))
        coarse, fine = (geometry(sizes, owners, centre, teacher, arithmetic(bits)) for bits in (48, 480))
        pairs = [(x, y) for k, angle in coarse.angles.items() for x, y in zip(angle, fine.angles[k], strict=True)]
        for x, y in zip(blocks(coarse), blocks(fine), strict=True):
            pairs += [pair for rows in zip(x.matrix, y.matrix, strict=True) for pair in zip(*rows, strict=True)]
        pairs += list(zip(*(quotients(part(mutant, "forms"), where) for where in (coarse, fine)), strict=True))
        if not all(x[0] << 432 <= y[1] and y[0] <= x[1] << 432 for x, y in pairs):
            return False
    return True


def quotients(forms: Any, geometry: Any) -> list[tuple[int, int]]:
    """By relation, of matrices with one entry in one class of rows: beside the form other intervals hide them."""
    form, result = forms.Form(geometry, {}), []
    for a in range(form.students):
        for entry in (forms.Sparse(((0, 1),), 0), forms.Sparse((), 1)):
            shadow = form._shadow({a: entry})
            result += [form._quotient(k, {a: entry}, shadow) for k in sorted({*shadow.forward, *shadow.backward})]
    return result


def cross_block_widens(mutant: ModuleType) -> bool:
    """The block pi/2 I + u v^T of students e_1 and e_2 contains that of every member of a wide unit vector v."""
    f = part(mutant, "intervals").Arithmetic(96)
    here = part(mutant, "landscape").Landscape([[(1, 0), (0, 0)], [(0, 0), (1, 0)]], [[(1, 0), (1, 0)]], f)
    here.residual(0, 1), here.residual(1, 0)  # of the narrow one
    here.units[1] = [(x - f.one // 8, y + f.one // 8) for x, y in here.units[1]]
    (a, b), (c, d) = here.hessian_block(0, 1)[0]
    return (d - c) * 5 >= f.one and (b - a) * 5 >= f.one


def inside(f: Any, enclosure: tuple[int, int], value: mp.mpf) -> bool:
    slack = mp.ldexp(1, -300)
    return bool(enclosure[0] - slack <= mp.ldexp(value, f.bits) <= enclosure[1] + slack)


def formula(W: reference.Rows, V: reference.Rows, rho: mp.mpf) -> mp.mpf:
    """T2 with the sharp constant."""
    sizes, others = [reference.norm(w) for w in W], mp.fsum(reference.norm(v) for v in V)
    return rho * max(
        3 * mp.sqrt(3) / 2 * (sum(sizes) - size + (len(W) - 1) * rho + others) / (size - rho) ** 2
        + 4 * (len(W) - 1) / (size - rho)
        + 2 * sum(1 / (other - rho) for j, other in enumerate(sizes) if j != i)
        for i, size in enumerate(sizes)
    )


def definiteness_holds(mutant: ModuleType) -> bool:
    """No matrix is called definite, or of an inertia, that it does not have, near and away from the border."""
    definite = part(mutant, "definite")
    r = random.Random("certify teeth")
    for _ in range(1500):
        n = r.randint(1, 4)
        matrix, error = gram(r, n, r.choice((3, 40, 1000))), r.choice((0, 0, 1, 30))
        largest = max(row[-1] for row in matrix)
        shift = r.choice((0, 1, -1, r.randint(0, 2 * (n + 1) * int(largest**0.5 + 2 + error))))
        for row in matrix:
            row[-1] += shift
        answer = definite.certainly_positive_definite(matrix, error)
        if answer and not all(inertia(corner)[2] == n for corner in perturbed(r, matrix, error)):
            return False
    for n in (1, 2, 5):  # with entry errors of s / n the neighbourhood of s I holds a singular matrix
        if definite.certainly_positive_definite([[0] * a + [10**8] for a in range(n)], 10**8 // n):
            return False
    return inertia_holds(definite) and rounding_holds(definite)


def inertia_holds(definite: Any) -> bool:
    scale = 10**8
    tests = [  # matrix, error, gap, directions, truth
        ([[-scale], [0, scale]], 10, 10**6, [[1 << 12, 0]], True),
        ([[-scale], [0, scale]], 10, scale + 1, [[1 << 12, 0]], False),
        ([[-scale], [0, 3 * scale]], 10, scale + 1, [[1 << 12, 0]], False),
        ([[-3 * scale], [0, scale]], 10, scale + 1, [[1 << 12, 0]], False),
        ([[-scale], [0, scale]], 2 * scale, 10**6, [[1 << 12, 0]], False),
        ([[scale], [0, scale]], 10, 10**6, [[1 << 12, 0]], False),
        ([[-scale], [0, -scale]], 10, 10**6, [[1 << 12, 0]], False),
        ([[scale], [0, scale]], 10, scale + 1, [], False),
        ([[-scale]], 10, 10**6, [[1 << 12]], True),
        ([[-scale]], 2 * scale, 10**6, [[1 << 12]], False),
    ]
    return all(
        definite.certainly_has_inertia(matrix, error, gap, directions, 10**3) is truth
        for matrix, error, gap, directions, truth in tests
    )


def rounding_holds(definite: Any) -> bool:
    for rows, shift in (([[(0, 255)]], 0), ([[(-255, 255)], [(1, 3), (5, 6)]], 4), ([[(7, 7)]], 3)):
        triangle, error = definite.rounded(rows, shift)
        for row, integers in zip(rows, triangle, strict=True):
            for ends, integer in zip(row, integers, strict=True):
                if any(abs(Fraction(end, 1 << shift) - integer) > error for end in ends):
                    return False
    return True


def pivots_hold(mutant: ModuleType) -> bool:
    """Singular matrices, also within entry errors, have no inertia; clear ones the right one."""
    count = part(mutant, "pivots").negative_count
    r = random.Random("certify pivots")
    for _ in range(400):
        n = r.randint(2, 5)
        factor = [[r.randint(-4, 4) for _ in range(n - 1)] for _ in range(n)]
        signs = [r.choice((1, -1)) for _ in range(n - 1)]
        singular = [[sum(s * x * y for s, x, y in zip(signs, factor[a], factor[b], strict=True)) for b in range(a + 1)]
                    for a in range(n)]  # fmt: skip
        if count(singular, 0, 0) is not None or count([[10**6 * x for x in row] for row in singular], 0, 0) is not None:
            return False
    try:
        part(mutant, "splitting")._negative([[(-4, 100)]], 0)
        return False
    except mutant.Rejected:
        pass
    line = [[10**8], [0, -(10**8)]]
    return count(line, 10**8, 0) is None and count(line, 1, 10**8) is None and count(line, 1, 10**7) == 1


def packing_holds(mutant: ModuleType) -> bool:
    """The factorisation gives the answers of one that handles one entry at a time."""
    factorises = part(mutant, "definite")._factorises
    r = random.Random("certify packing")
    try:
        for size in (2, 3, 40):
            for top in (2, 100, 1 << 15):
                factor = [[r.randint(-top, top) for _ in range(a + 1)] for a in range(size)]
                matrix = [[sum(map(int.__mul__, factor[a], factor[b])) for b in range(a + 1)] for a in range(size)]
                for shift in (0, -size * top, size * top):
                    largest = max(abs(x) for row in matrix for x in row)
                    if factorises(matrix, shift, largest) is not one_by_one(matrix, shift):
                        return False
    except OverflowError:
        return False
    return True


def series_hold(mutant: ModuleType) -> bool:
    """Both bounds of the arcsine's series and of its derivative."""
    series = part(mutant, "jets")._series
    with mp.workprec(400):
        for bits in (4, 5, 6, 8, 10, 64):  # few bits: rounding does not hide what is cut off
            f = part(mutant, "intervals").Arithmetic(bits)
            for z in (0, f.one // 9, f.one // 3, 7 * f.one // 8):
                for shift in (0, 1):
                    lower, upper = (series(z, shift, up, f, bent=True) for up in (0, 1))
                    bounds = zip(lower, upper, arcsine(shift, mp.mpf(z) / f.one), strict=True)
                    if not all(low <= exact * f.one <= high for low, high, exact in bounds):
                        return False
    return True


def vectors_widen(mutant: ModuleType) -> bool:
    """Residuals and own blocks contain those of the members of wide vectors, wide cosines and wide factors."""
    f = part(mutant, "intervals").Arithmetic(64)
    one, wide = (f.one, f.one), (f.one // 2, f.one)
    for factor, x, ends in ((one, wide, {f.one // 2, f.one}), (wide, one, {f.one // 2, f.one})):
        (low, high), *_ = f.minus_multiple([(0, 0)], factor, part(mutant, "intervals").split([x]))
        if not all(low <= -end <= high for end in ends):
            return False
    for which in ("units", "norms"):
        here = part(mutant, "landscape").Landscape([[(1, 0), (0, 0)], [(1, 0), (1, 0)]], [[(1, 0), (3, 0)]], f)
        here.residual(0, 1), here.residual(0, 2)
        if which == "units":
            here._residuals[0, 1] = [(x - f.one // 8, y + f.one // 8) for x, y in here._residuals[0, 1]]
            here.direction = lambda i, j, sine: [one, one]
        else:
            here.norms[1] = here.norms[1][0], 2 * here.norms[1][1]
        (low, high), *_ = here.own_rows(0)[1]
        if not high - low > f.one // 64:
            return False
    return True


def taylor_holds(mutant: ModuleType) -> bool:
    """An angle and a product: values at the ends and in the corners, slopes and bends on the line."""
    f = part(mutant, "intervals").Arithmetic(96)
    unit, step, move = f.one, f.one >> 4, f.one >> 6
    t = part(mutant, "taylor").TaylorArithmetic(f, step, [move])
    cosine, other = t.variable((unit // 2, unit // 2), (unit, unit), 0), t.variable((unit // 3,) * 2, (-3 * unit,) * 2)
    quantities = t.angle(cosine).complement, t.mul(cosine, other), t.product([cosine, other], [other, other])
    c, d = lambda s, z: mp.mpf(1) / 2 + s + z, lambda s: mp.mpf(1) / 3 - 3 * s
    exact = (
        lambda s, z: mp.pi - mp.acos(c(s, z)), lambda s, z: c(s, z) * d(s), lambda s, z: d(s) * (c(s, z) + d(s)),
    )  # fmt: skip
    with mp.workprec(200):
        h, r = mp.mpf(step) / unit, mp.mpf(move) / unit
        for x, q in zip(quantities, exact, strict=True):
            tests = [(x.box.value, q(s * h, z * r)) for s in (-1, 0, 1) for z in (-1, 1)]
            tests += [(t.at_end(side, x, [move]), q(side * h, z * r)) for side in (-1, 1) for z in (-1, 1)]
            tests += [(x.line.slopes[0], mp.diff(lambda s, q=q: q(s, 0), side * h)) for side in (-1, 1)]
            tests += [(x.line.bends[0], mp.diff(lambda s, q=q: q(s, 0), side * h, 2)) for side in (-1, 1)]
            for (low, high), value in tests:
                if not low - 2**40 <= value * unit <= high + 2**40:
                    return False
    return True


class One(NamedTuple):
    """A quantity."""

    x: Any


def patches_hold(mutant: ModuleType) -> bool:
    """x = v + p t + c t^2 + q x^2 + m t x: its zero, what is made of it, and blocks with a sign at one end."""
    f = part(mutant, "intervals").Arithmetic(96)
    patches, unit = part(mutant, "patches"), f.one

    def number(x: float) -> tuple[int, int]:
        return int(x * unit), int(x * unit)

    for v, p, c, q, m in (
        (2**-6, 0, 0, 0, 0), (0, 0.125, 0, 0, 0), (0, 0, 1, 0, 0), (0.0625, 0, 0, 1, 0), (0.125, 0.125, 0, 0.5, 0),
        (0.125, 0, 0, 0, 1), (0, 0.125, 0, 0, -1),
    ):  # fmt: skip
        sides = [((0, 0), (-unit // 8, unit // 8))]
        place = patches.patch([(0, 0)], [[(0, 0)]], [number(0.25)], sides, f)
        equations, squares = [], []
        for x, t in (place.middle, place.box):
            parts = (t.by(number(p)), t.square().by(number(c)), x.square().by(number(q)), (t * x).by(number(m)))
            equations.append([(x - sum(parts[1:], parts[0])).plus(number(-v))])
            squares.append(One(x.square() + 3 * x))
        zeros = patches.find_zeros(*equations, place)
        followed, loss = (
            patches.follow(*squares, zeros, place),
            patches.taylor(squares[0].x, squares[1].x, zeros, place),
        )
        if not zeros_hold((v, p, c, q, m), zeros, followed.x, loss, unit):
            return False
    for slope in (unit, -unit):
        try:
            block = part(mutant, "jets").Moving(f, (-unit, unit), [(slope, slope)], number(2**-4))
            patches.check_definite("", [[block]], place)
        except mutant.Rejected:
            continue
        return False
    return True


def zeros_hold(system: tuple[float, ...], zeros: Any, square: Any, loss: tuple[int, int], unit: int) -> bool:
    """The bounds of |z| and of its derivative, and z^2 + 3 z with its derivative, for |t| <= 1/8."""
    v, p, c, q, m = map(mp.mpf, system)

    def zero(t: mp.mpf) -> mp.mpf:
        size, line = v + p * t + c * t * t, 1 - m * t
        return 2 * size / (line + mp.sqrt(line * line - 4 * q * size))

    with mp.workprec(200):
        for t in (-mp.mpf(1) / 8, mp.mpf(0), mp.mpf(1) / 8):
            z, speed = zero(t), mp.diff(zero, t)
            tests = [((-r, r), x) for r, x in ((zeros.reach[0], z), (zeros.rates[0][0], speed))]
            tests += [(square.value, z * z + 3 * z), (loss, z * z + 3 * z), (square.slopes[0], (2 * z + 3) * speed)]
            tests += [] if t else [((-zeros.start[0], zeros.start[0]), z), (square.start, z * z + 3 * z)]
            if not all(low - 2**40 <= x * unit <= high + 2**40 for (low, high), x in tests):
                return False
    return True


def correlated_blocks_hold(mutant: ModuleType) -> bool:
    """A block that is definite at one end only is refused, whichever end it is."""
    module, f = part(mutant, "correlation"), part(mutant, "intervals").Arithmetic(96)
    c = part(mutant, "reader").read((HERE / "accept" / "tube-correlation-5-1.cert.json").read_bytes())
    t = part(mutant, "taylor").TaylorArithmetic(f, f.one, [])
    for slope in (f.one, -f.one):
        try:
            module._check_definite("curvature", [(1, [[t.variable((f.one // 2,) * 2, (slope,) * 2)]], [[1]])], c, t, [])
        except mutant.Rejected:
            continue
        return False
    return True


DETECTORS = (
    taylor_holds, correlated_blocks_hold, patches_hold,
    corpus_holds, contained, coarse_contains_fine, cross_block_widens, definiteness_holds, pivots_hold, packing_holds,
    series_hold, vectors_widen,
)  # fmt: skip


def test_the_faithful_copy_passes(mutant: ModuleType) -> None:
    assert all(detector(mutant) for detector in DETECTORS)


@pytest.mark.parametrize(
    "mutant",
    [name if name in EVERY_DAY else pytest.param(name, marks=pytest.mark.long) for name in BREAKS],
    indirect=True,
)
def test_a_broken_line_is_noticed(mutant: ModuleType) -> None:
    assert not all(detector(mutant) for detector in DETECTORS)


def test_every_line_to_break_is_there_once() -> None:
    for name, (module, line, broken) in BREAKS.items():
        assert (SOURCE / f"{module}.py").read_text().count(line) == 1, name
        assert broken != line


def test_helpers() -> None:
    assert inertia(full([[1], [0, -1]])) == (1, 0, 1)
