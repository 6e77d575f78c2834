"""`certify catalog`: what is there, in order of loss.  Read by the checker's reader; listing is not verifying."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import inf, nextafter
from pathlib import Path

from certify.api import content_of, refused
from certify.catalog import certificate_files, location
from certify.checker.numerals import decimal
from certify.checker.reader import Certificate, FamilyCertificate, read
from certify.cli.matrix import approximate
from certify.cli.text import columns, one_line
from certify.cli.verify import refusal
from certify.figures import figure

HEADER = ("K", "M", "d", "teacher", "loss", "index", "curvature", "anti", "classes", "file")
WIDEST = 200  # teachers, in the figure
NOTICE = "Listed as the files claim; certify verify has them checked."


@dataclass(frozen=True)
class Entry:
    """A certificate.  classes: how coordinates are alike, "" if unknown; anti: students whose largest entry is < 0."""

    students: int
    teachers: int
    dimension: int
    orthonormal: bool
    kind: str
    index: int
    loss: tuple[float, float]
    curvature: float
    anti: int
    classes: str
    file: str


def run(*, students: int | None, teachers: int | None, directory: str | None, output: str | None, as_json: bool) -> int:
    """Print the table; exit code 2 if a file cannot be read."""
    root = location() if directory is None else Path(directory)
    entries, code = [], 0
    for path in certificate_files(root):
        try:
            claim = read(content_of(path))
            if not isinstance(claim, Certificate | FamilyCertificate):
                continue  # has no students, or any number, or no single point
            found = entry(claim, str(path.relative_to(root)), students, teachers)
        except Exception as error:  # the checker's own table says what it is
            sys.stderr.write(refusal(str(path), refused(error)) + "\n")
            code = 2
            continue
        if found is not None:
            entries.append(found)
    entries.sort(key=lambda e: (e.teachers, e.students, e.dimension, not e.orthonormal, e.loss, e.file))
    if as_json:
        sys.stdout.writelines(json.dumps(asdict(e)) + "\n" for e in entries)
    else:
        sys.stdout.write("\n".join([*table(entries), "", f"{len(entries)} certificates.  {NOTICE}"]) + "\n")
    if output is not None:
        draw(entries, output)
    return code


def entry(
    c: Certificate | FamilyCertificate, file: str, students: int | None = None, teachers: int | None = None
) -> Entry | None:
    """A certificate's line; None if it has another number of students or teachers than asked for."""
    if students not in (None, c.students) or teachers not in (None, c.teachers):
        return None
    low, high = approximate([c.loss])[0]
    anti, classes = _of_family(c) if isinstance(c, FamilyCertificate) else _of_matrix(c)
    return Entry(
        c.students, c.teachers, c.dimension, c.orthonormal, c.kind, c.index,
        (nextafter(low, -inf), nextafter(high, inf)), float(decimal(c.curvature, up=False)), anti, classes, file,
    )  # fmt: skip


def _of_family(c: FamilyCertificate) -> tuple[int, str]:
    from certify.families.signature import Signature  # noqa: PLC0415 - numpy loads with the first matrix

    anti = 0
    for owner, row in zip(c.owners, approximate(c.centre), strict=True):
        values = [*row[:-1], row[owner] + row[-1]] if owner is not None else row[:-1]
        anti += (1 if owner is None else c.sizes[owner]) * (max(values, key=abs) < 0.0)
    return anti, Signature(tuple(c.sizes), tuple(c.owners)).name


def _of_matrix(c: Certificate) -> tuple[int, str]:
    import numpy as np  # noqa: PLC0415

    from certify.families.detect import detect  # noqa: PLC0415
    from certify.families.teachers import teacher_parts  # noqa: PLC0415

    W = np.array(approximate(c.centre))
    anti = sum(max(row, key=abs) < 0.0 for row in W.tolist())
    symmetric = c.teachers == c.dimension and teacher_parts(np.array(approximate(c.teacher))) is not None
    found = detect(W, 1e-7 * float(np.abs(W).max())) if symmetric else None
    return anti, "" if found is None or max(found.signature.sizes) == 1 else found.signature.name


def table(entries: Sequence[Entry]) -> list[str]:
    """Aligned lines."""
    rows: list[Sequence[str]] = [HEADER]
    for e in entries:
        rows.append(
            [
                str(e.students), str(e.teachers), str(e.dimension), "orthonormal" if e.orthonormal else "given",
                "0" if e.loss[0] <= 0.0 else f"{sum(e.loss) / 2:.8g}", str(e.index), f"{e.curvature:.3e}",
                str(e.anti), e.classes or "-", one_line(e.file),
            ]
        )  # fmt: skip
    return columns(rows)


SURPLUS = (("K < M", -(10**9), -1), ("K = M", 0, 0), ("K = M + 1", 1, 1), ("K = M + 2", 2, 2), ("K > M + 2", 3, 10**9))


def draw(entries: Sequence[Entry], path: str) -> None:
    """Loss against the number of teachers, one mark a certificate: filled minima, hollow saddles, colour by K - M."""
    above = [e for e in entries if e.loss[0] > 0.0]
    shown = [e for e in above if e.teachers <= WIDEST] or above
    with figure(path) as axes:
        for rank, (name, least, most) in enumerate(SURPLUS):
            for saddle in (True, False):
                mine = [e for e in shown if bool(e.index) == saddle and least <= e.students - e.teachers <= most]
                if mine:
                    axes.scatter(
                        [e.teachers for e in mine], [sum(e.loss) / 2 for e in mine], s=9, linewidths=0.7,
                        edgecolors=f"C{rank}", facecolors="none" if saddle else f"C{rank}",
                        label=f"{'saddles' if saddle else 'strict minima'}, {name}",
                    )  # fmt: skip
        left = f"; {len(above) - len(shown)} wider ones left out" if len(shown) < len(above) else ""
        axes.set(xlabel="teachers M", ylabel="loss", title=f"Critical points above zero loss, as certified{left}")
        axes.xaxis.get_major_locator().set_params(integer=True)
        if shown:
            axes.legend(fontsize="x-small", ncols=2)
