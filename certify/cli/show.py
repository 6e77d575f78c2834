"""`certify show`: a certificate for people."""

from __future__ import annotations

import shutil
import sys
import textwrap
from fractions import Fraction
from typing import Any

from rich.console import Console
from rich.text import Text

from certify.api import content_of, refused
from certify.checker.correlation import Correlated
from certify.checker.numerals import decimal
from certify.checker.reader import Certificate, FamilyCertificate, PointSet, read
from certify.checker.sentence import sentence
from certify.checker.surface_format import Surface
from certify.checker.systems import SystemClaim
from certify.checker.tube_format import (
    ALL,
    ALL_BUT_ONE,
    DOUBLED,
    TWO_DOUBLED,
    UNSCALED,
    WIDTH_DIGITS,
    Crossing,
    Curve,
    Tube,
)
from certify.cli.matrix import approximate, picture
from certify.cli.program import program_lines
from certify.cli.text import columns, one_line
from certify.cli.verify import CODES, refusal

WIDTH = 100  # characters a line, at most


def run(file: str) -> int:
    """Print the claim, as the checker's reader reads it."""
    try:
        certificate = read(content_of(file))
    except Exception as error:  # the checker's own table says what it is
        result = refused(error)
        sys.stderr.write(refusal(file, result) + "\n")
        return CODES[result.verdict]
    console = Console(highlight=False, soft_wrap=True)
    coloured = console.is_terminal and console.color_system is not None and not console.no_color
    width = min(shutil.get_terminal_size().columns, WIDTH) - 2
    console.print(Text(f"{one_line(file)}: what it claims (not verified; certify verify does that)", style="bold"))
    told = sentence(certificate)
    if isinstance(certificate, SystemClaim):
        for told_line in ["", *textwrap.wrap(told + ".", width), "", *program_lines(certificate)]:
            console.print(Text("  " + told_line if told_line else ""))
        return 0
    blocks = [
        [Text(line) for line in textwrap.wrap(told + ".", width)],
        [Text(line) for line in columns(_quantities(certificate), left=2)],
    ]
    if not isinstance(certificate, Curve | Surface | Correlated):
        blocks.append(picture(_centre_name(certificate), approximate(certificate.centre), width, coloured=coloured))
    if isinstance(certificate, Certificate) and not certificate.orthonormal:
        blocks.append(picture("V", approximate(certificate.teacher), width, coloured=coloured))
    for block in blocks:
        console.print()
        for line in block:
            console.print(Text("  ").append_text(line))
    return 0


def _centre_name(certificate: object) -> str:
    """A certificate on a symmetric point, of any size, holds its pattern and not W."""
    return "W by classes" if isinstance(certificate, FamilyCertificate) else "W"


def _quantities(c: Any) -> list[tuple[str, str]]:
    """Of a claim of any kind."""
    if not isinstance(c, PointSet):
        return quantities(c)
    near = f"at most {decimal(c.distance, up=True)}  (of W from the set)"
    return [
        ("critical points", c.kind),
        ("dimension of the set", str(c.set_dimension)),
        ("distance", near),
        ("SHA-256 of the claim", c.claim_hash),
    ]


def quantities(c: Any) -> list[tuple[str, str]]:
    """Names and values of a certificate of any kind, each rounded to the safe side."""
    if isinstance(c, Curve):
        return _of_curve(c)
    if isinstance(c, Surface):
        return _of_surface(c)
    if isinstance(c, Correlated):
        return _of_correlated(c)
    nature = "strict local minimum" if c.index == 0 else f"saddle of index {c.index}"
    rows = [
        ("critical point", nature),
        ("loss", f"in [{decimal(c.loss[0], up=False)}, {decimal(c.loss[1], up=True)}]"),
        ("global minimum", "no" if c.not_global else "nothing is claimed"),
        ("uniqueness radius", f"at least {decimal(c.uniqueness_radius, up=False)}  (each row)"),
        ("error radius", f"at most  {decimal(c.error_radius, up=True)}  (all of W)"),
        ("curvature", f"at least {decimal(c.curvature, up=False)}  (absolute value of every Hessian eigenvalue)"),
    ]
    if c.ambient_index is None or c.ambient_curvature is None:
        rows.append(("further dimensions", "nothing is claimed"))
    else:
        curvature = decimal(c.ambient_curvature, up=False)
        rows.append(
            ("further dimensions", f"{c.ambient_index} negative directions each, curvature at least {curvature}")
        )
    return [*rows, ("precision", f"{c.precision} bits"), ("SHA-256 of the claim", c.claim_hash)]


def _of_correlated(c: Correlated) -> list[tuple[str, str]]:
    """Of a certificate about an interval of the teachers' correlation."""
    low, high = (str(Fraction(top, bottom)) for top, bottom in c.correlation)
    return [
        ("correlations of the teachers", f"every rho from {low} to {high}"),
        ("students, teachers", f"{c.students}, {c.teachers}"),
        (
            "loss / (c^2 (1 - rho))",
            f"in [{decimal(c.scaled_loss[0], up=False)}, {decimal(c.scaled_loss[1], up=True)}]",
        ),
        ("curvature", f"at least {decimal(c.curvature, up=False)}  (every Hessian eigenvalue, in every dimension)"),
        ("pieces of the tube", str(len(c.pieces))),
        ("precision", f"{c.precision} bits"),
        ("SHA-256 of the claim", c.claim_hash),
    ]


def _of_surface(c: Surface) -> list[tuple[str, str]]:
    """Of a certificate about every width and any number of turned students."""
    most, least = c.ratio
    return [
        ("turned students", f"every p >= {c.least_turned}"),
        ("widths", f"every k = n + p with {least if least > 1 else ''}{' ' * (least > 1)}n >= {most} p"),
        ("rectangles of the surface", str(c.leaves)),
        ("precision", f"{c.precision} bits"),
        ("SHA-256 of the claim", c.claim_hash),
    ]


TURNED = {
    ALL: "all",
    ALL_BUT_ONE: "all but one",
    DOUBLED: "two, against one teacher",
    TWO_DOUBLED: "two against each of two teachers",
}


def _of_curve(c: Curve) -> list[tuple[str, str]]:
    """Of a certificate about every width."""
    own: list[tuple[str, str]] = []
    if c.scaled_loss is not None:
        name = "loss" if c.turned in UNSCALED else "k times the loss"
        own = [(name, f"in [{decimal(c.scaled_loss[0], up=False)}, {decimal(c.scaled_loss[1], up=True)}]")]
    if isinstance(c, Tube):
        least = decimal(c.curvature, up=False)
        own += [("curvature", f"at least {least}  (every Hessian eigenvalue, in every dimension)")]
    if isinstance(c, Crossing):
        low, high = (decimal(x, up=i > 0, digits=WIDTH_DIGITS) for i, x in enumerate(c.crossing_width))
        own += [("an eigenvalue is 0", f"at one k* in [{low}, {high}]"), ("there", f"piece {c.crossing}")]
    students = {DOUBLED: "k + 1", TWO_DOUBLED: "k + 2"}.get(c.turned, "k")
    return [
        ("widths", f"every k >= {c.first_width}, k teachers, {students} students"),
        ("turned students", TURNED.get(c.turned, str(c.turned))),
        *own,
        ("pieces of the tube", str(len(c.pieces))),
        ("precision", f"{c.precision} bits"),
        ("SHA-256 of the claim", c.claim_hash),
    ]
