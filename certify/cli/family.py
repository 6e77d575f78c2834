"""`certify family`: the critical points of a signature, of any width, as certificates and a table."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from certify.certificate import SUFFIX
from certify.cli.all_sizes import run as every_size
from certify.cli.any_turned import run as any_turned
from certify.cli.correlation import Ends, interval
from certify.cli.correlation import run as every_correlation
from certify.cli.progress import progress
from certify.cli.prove import folder
from certify.cli.text import columns, one_line
from certify.errors import InputError
from certify.families.orbits import Pattern
from certify.families.signature import Signature
from certify.families.starts import Layout, asymptotic_starts, layout, random_starts, toward
from certify.families.teachers import teacher_of
from certify.outcome import Proved
from certify.proving.branches import Found, find, nearest, symmetry

MOST_MEMBERS = 10_000
LEAST_TURNED, RATIO = 13, "6/5"
HEADER = ("K", "M", "branch", "loss", "index", "curvature", "own entries", "symmetry")


@dataclass(frozen=True)
class Request:
    """What the command line asked for."""

    paired: tuple[int, ...]
    teachers: tuple[int, ...]
    extra: int
    owners: tuple[str, ...] | None
    anti: tuple[int, ...] | None
    range: tuple[int, int] | None
    starts: int
    seed: int
    correlation: float
    norm: float

    def teacher(self, shape: Layout) -> tuple[float, float]:
        """Alpha and beta."""
        if (self.correlation, self.norm) == (0.0, 1.0):
            return 1.0, 0.0
        alpha, beta = teacher_of(self.correlation, self.norm, shape.signature.teachers)
        return float(alpha), float(beta)

    def layouts(self) -> Iterator[Layout]:
        """One for each size, smallest first."""
        if self.range is None:
            yield self._layout(self.paired[:1])
            return
        rest = sum(self.paired[1:]) + sum(self.teachers)
        for k in range(self.range[0], self.range[1] + 1):
            yield self._layout((k - rest,))

    def _layout(self, first: tuple[int, ...]) -> Layout:
        shape = layout((*first, *self.paired[1:]), teachers=self.teachers, extra=self.extra, owners=self.owners)
        if self.anti is not None and not all(0 <= a < len(shape.near) for a in self.anti):
            raise InputError(f"--anti names student classes, from 0 to {len(shape.near) - 1}")
        return shape


@dataclass
class Branches:
    """Names of branches, kept from one size to the next."""

    known: dict[str, Proved] = field(default_factory=dict)
    count: int = 0

    def starts(self, shape: Layout) -> Iterator[Sequence[Pattern]]:
        """The points of the previous size."""
        for point in self.known.values():
            same = point.signature is not None and point.signature.owners == shape.signature.owners
            if same and point.patterns is not None:
                yield point.patterns

    def named(self, points: Sequence[Proved], shape: Layout) -> list[tuple[str, Proved]]:
        """The points with the names of those they continue, and new names for the others; by loss."""
        names: dict[int, str] = {}
        for name, old in self.known.items():
            if old.patterns is not None:
                place = nearest(shape.signature, old.patterns, points)
                if place is not None:
                    names.setdefault(place, name)
        for place in range(len(points)):
            if place not in names:
                names[place] = _letters(self.count)
                self.count += 1
        self.known = {names[place]: point for place, point in enumerate(points)}
        return [(names[place], point) for place, point in enumerate(points)]


def _letters(number: int) -> str:
    """A, B, ..., Z, AA, AB, ..."""
    name = ""
    while number >= 0:
        name = ascii_uppercase[number % 26] + name
        number = number // 26 - 1
    return name


def run(
    *,
    classes: str,
    teacher_classes: str | None,
    students_extra: int,
    owners: str | None,
    anti: str | None,
    size_range: str | None,
    starts: int,
    seed: int,
    correlation: str,
    norm: float,
    all_sizes: bool,
    first_width: int | None,
    curvature: float | None,
    crossing: bool,
    plot: str | None,
    least_turned: int | None,
    ratio: str | None,
    output: str,
    as_json: bool,
    quiet: bool,
) -> int:
    """Find, prove, write, tell; exit code 1 if some size has no proved point."""
    if all_sizes:
        if (teacher_classes, owners, anti, size_range) != (None,) * 4 or (correlation, norm) != ("0", 1.0):
            raise InputError("--all-sizes goes with --classes and --students-extra alone")
        if [entry.strip() for entry in classes.split(",")] == ["n", "p"]:
            if (first_width, curvature, plot) != (None, None, None) or crossing or students_extra:
                raise InputError("--classes n,p --all-sizes goes with --least-turned and --ratio alone")
            return any_turned(
                least_turned=least_turned or LEAST_TURNED, ratio=ratio or RATIO, output=output, as_json=as_json,
                quiet=quiet,
            )  # fmt: skip
        if (least_turned, ratio) != (None, None):
            raise InputError("--least-turned and --ratio go with --classes n,p --all-sizes")
        return every_size(
            classes=classes, extra=students_extra, first_width=first_width, curvature=curvature, crossing=crossing,
            plot=plot, output=output, as_json=as_json, quiet=quiet,
        )  # fmt: skip
    ends = interval(correlation) if ":" in correlation else None
    others = (first_width, plot, least_turned, ratio, crossing or None, curvature if ends is None else None)
    if others != (None,) * len(others):
        raise InputError(
            "--first-width, --curvature, --crossing, --plot, --least-turned and --ratio go with --all-sizes"
        )
    request = Request(
        paired=integers(classes, "--classes"),
        teachers=() if teacher_classes is None else integers(teacher_classes, "--teacher-classes"),
        extra=students_extra,
        owners=None if owners is None else tuple(entry.strip() for entry in owners.split(",")),
        anti=None if anti is None else integers(anti, "--anti"),
        range=None if size_range is None else _range(size_range),
        starts=starts,
        seed=seed,
        correlation=_number(correlation) if ends is None else 0.0,
        norm=norm,
    )
    if ends is not None:
        return _over_interval(request, ends, curvature=curvature, output=output, as_json=as_json, quiet=quiet)
    return _members(request, output, as_json=as_json, quiet=quiet)


def _members(request: Request, output: str, *, as_json: bool, quiet: bool) -> int:
    """The points of each size."""
    shapes = list(request.layouts())
    for shape in shapes:
        request.teacher(shape)  # bad input before anything is written
    directory = folder(output)
    branches, code = Branches(), 0
    rows: list[Sequence[str]] = [HEADER]
    notes: list[str] = []
    with progress("family", len(shapes)) as bar:
        for shape in shapes:
            found, records = _member(request, shape, branches, directory)
            code = max(code, 0 if found.points else 1)
            if as_json:
                for record in records:
                    bar.write(sys.stdout, json.dumps(record))
            rows += [_row(record) for record in records if record["outcome"] == "proved"]
            notes.append(summary(shape.signature, found))
            bar.advance()
    if not (as_json or quiet):
        sys.stdout.write("\n".join([*(columns(rows, left=0) if len(rows) > 1 else []), "", *notes]).lstrip("\n") + "\n")
        if len(rows) > 1:
            sys.stdout.write(one_line(f"{len(rows) - 1} proved; confirm with: certify verify {directory}") + "\n")
    return code


def _over_interval(request: Request, ends: Ends, **options: Any) -> int:
    """The curves through the minima of one size."""
    if request.range is not None or request.norm != 1.0:
        raise InputError(
            "--correlation LOW:HIGH is about every norm and one size: without --teacher-norm, --size-range"
        )
    (shape,) = request.layouts()
    return every_correlation(shape, lambda teacher: _starts(request, shape, Branches(), teacher), ends, **options)


def integers(text: str, name: str) -> tuple[int, ...]:
    """Comma-separated integers >= 0."""
    entries = [entry.strip() for entry in text.split(",")]
    if not all(entry.isascii() and entry.isdigit() and len(entry) < 24 for entry in entries):
        raise InputError(one_line(f"{name} takes integers with commas between, such as 11,1, not {text[:40]!r}"))
    return tuple(map(int, entries))


def _number(text: str) -> float:
    """A correlation."""
    try:
        return float(text)
    except ValueError:
        raise InputError(
            one_line(f"--correlation takes RHO or LOW:HIGH, such as 0.2, -1/20:1/10 or 0:0.1, not {text[:40]!r}")
        ) from None


def _range(text: str) -> tuple[int, int]:
    ends = text.split(":")
    if len(ends) != 2 or not all(end.isascii() and end.isdigit() and len(end) < 24 for end in ends):
        raise InputError(one_line(f"--size-range takes A:B with integers A <= B, not {text[:40]!r}"))
    low, high = map(int, ends)
    if not low <= high < low + MOST_MEMBERS:
        raise InputError(f"--size-range takes A <= B and at most {MOST_MEMBERS} sizes")
    return low, high


def _starts(
    request: Request, shape: Layout, branches: Branches, teacher: tuple[float, float]
) -> Iterator[Sequence[Pattern]]:
    """Points of the previous size, then leading terms and random ones."""
    fresh = chain(
        asymptotic_starts(shape, request.anti),
        random_starts(shape, request.starts, request.seed, request.anti),
    )
    return chain(branches.starts(shape), (toward(shape, start, teacher) for start in fresh))


def _member(request: Request, shape: Layout, branches: Branches, directory: Path) -> tuple[Found, list[dict[str, Any]]]:
    teacher = request.teacher(shape)
    found = find(shape.signature, _starts(request, shape, branches, teacher), teacher)
    records = []
    for name, point in branches.named(found.points, shape):
        certificate = point.certificate
        size = "-".join(map(str, shape.signature.sizes))
        path = directory / f"family-{size}-{name}-{certificate.sha256[:12]}{SUFFIX}"
        try:
            certificate.write(path)
        except OSError as error:
            raise InputError(one_line(f"{path} cannot be written: {error.strerror}")) from None
        records.append(_record(shape, name, point, str(path)))
    if not records:
        records.append({**_head(shape), "outcome": "undecided", "reason": summary(shape.signature, found)})
    return found, records


def _head(shape: Layout) -> dict[str, Any]:
    signature = shape.signature
    return {
        "students": signature.students,
        "teachers": signature.teachers,
        "sizes": list(signature.sizes),
        "owners": list(signature.owners),
    }


def _record(shape: Layout, name: str, point: Proved, path: str) -> dict[str, Any]:
    """The line of `--json`."""
    own = []
    for c, pattern in zip(shape.near, point.patterns or (), strict=True):
        own.append(None if c is None else pattern.base[c] + pattern.delta)
    return {
        **_head(shape),
        "outcome": "proved",
        "branch": name,
        "kind": point.kind,
        "index": point.index,
        "ambient_index": point.ambient_index,
        "loss": point.loss,
        "curvature": point.curvature,
        "condition": point.condition,
        "largest_step": point.largest_step,
        "uniqueness_radius": point.uniqueness_radius,
        "error_radius": point.error_radius,
        "own_entries": own,
        "symmetry": list(symmetry(point)),
        "certificate": path,
        "reason": point.reason,
    }


def _row(record: dict[str, Any]) -> list[str]:
    return [
        str(record["students"]),
        str(record["teachers"]),
        record["branch"],
        f"{max(0.0, record['loss'][0]):.8g}" if record["loss"][1] > 1e-30 else "0",
        str(record["index"]),
        f"{record['curvature']:.4e}",
        " ".join("-" if x is None else f"{x:.3f}" for x in record["own_entries"]),
        "+".join(map(str, record["symmetry"])),
    ]


def summary(signature: Signature, found: Found) -> str:
    """What was found and what was not, in one line."""
    exact = [p for p in found.points if symmetry(p) == tuple(sorted(signature.sizes, reverse=True))]
    minima = [p for p in exact if p.index == 0]
    told = f"M = {signature.teachers}, classes {signature.name}: "
    if minima:
        told += f"{len(minima)} minima" if len(minima) > 1 else "1 minimum"
    else:
        told += "no minimum was found"
    saddles = sorted(p.index for p in exact if p.index)
    if saddles:
        told += f", {len(saddles)} saddle{'s' * (len(saddles) > 1)} (index {', '.join(map(str, saddles))})"
    more = len(found.points) - len(exact)
    if more:
        told += f", {more} of larger symmetry"
    failures = "; ".join(f"{count} x {reason}" for reason, count in sorted(found.failures.items()))
    return f"{told}; not used: {failures}" if failures and not minima else told
