"""`certify spectrum`: the certified eigenvalues of the Hessian, after the checker has verified the certificate."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import inf, nextafter

from certify.api import content_of, refused
from certify.checker.correlation import Correlated
from certify.checker.fields import Dyadic
from certify.checker.numerals import decimal
from certify.checker.reader import Certificate, FamilyCertificate, read
from certify.checker.surface_format import Surface
from certify.checker.systems import SystemClaim
from certify.checker.theorem import verify_bytes
from certify.checker.tube_format import Curve
from certify.cli.text import columns, one_line
from certify.cli.verify import CODES, refusal
from certify.errors import InputError
from certify.figures import figure

Pair = tuple[Dyadic, Dyadic]
HEADER = ("representation", "multiplicity", "at least", "at most")


def run(*, file: str, plot: str | None) -> int:
    """Verify, then print."""
    try:
        content = content_of(file)
        verify_bytes(content)
        certificate = read(content)
        if isinstance(certificate, SystemClaim):
            raise InputError("certify spectrum is for points of the loss; this certificate is about another function")
    except InputError:
        raise
    except Exception as error:  # the checker's own table says what it is
        result = refused(error)
        sys.stderr.write(refusal(file, result) + "\n")
        return CODES[result.verdict]
    if isinstance(certificate, Curve | Surface | Correlated):
        raise InputError(one_line(f"{file} is about every width or correlation and holds no spectrum"))
    lines = [f"{one_line(file)}: verified"]
    if isinstance(certificate, FamilyCertificate):
        lines += ["", *table(certificate), "", *figures(certificate)]
    elif isinstance(certificate, Certificate):
        lines.append(_only_a_bound(certificate))
    else:
        lines.append("This is about a set of critical points: no spectrum is certified.")
    sys.stdout.write("\n".join(lines) + "\n")
    if plot is not None and isinstance(certificate, Certificate | FamilyCertificate):
        draw(certificate, plot)
    return 0


def _only_a_bound(c: Certificate) -> str:
    return (
        f"This is a proof in the full space: only a bound is certified.  Of {c.students * c.dimension} eigenvalues "
        f"{c.index} are at most -{decimal(c.curvature, up=False)}, the others at least "
        f"{decimal(c.curvature, up=False)}."
    )


def names(sizes: Sequence[int], owners: Sequence[int | None]) -> Iterator[str]:
    """Of the blocks, in the order of certificates: class positions, and partitions as the type of a class's part."""
    yield "trivial"
    for c, n in enumerate(sizes):
        if n >= 2:
            yield f"({n - 1},1) of class {c}"
        if n >= 3 and c in owners:
            yield f"({n - 2},1,1) of class {c}"
        if n >= 4 and c in owners:
            yield f"({n - 2},2) of class {c}"
        for e in range(c):
            if n >= 2 and sizes[e] >= 2 and (c in owners or e in owners):
                yield f"({sizes[e] - 1},1) of class {e} x ({n - 1},1) of class {c}"


def _ordered(c: FamilyCertificate) -> list[tuple[str, int, Pair]]:
    blocks = zip(names(c.sizes, c.owners), c.spectrum, strict=True)
    entries = [(name, multiplicity, pair) for name, (multiplicity, pairs) in blocks for pair in pairs]
    return sorted(entries, key=lambda entry: _exact(entry[2][0]))


def table(c: FamilyCertificate) -> list[str]:
    """The eigenvalues of Hess L at the critical point, ascending."""
    rows: list[Sequence[str]] = [HEADER]
    for name, multiplicity, (low, high) in _ordered(c):
        rows.append([name, str(multiplicity), decimal(low, up=False), decimal(high, up=True)])
    return columns(rows, left=1)


def figures(c: FamilyCertificate) -> list[str]:
    """What follows from the intervals."""
    entries = _ordered(c)
    sizes = [_sizes(pair) for _, _, pair in entries]
    smallest = min(low for low, _ in sizes), min(high for _, high in sizes)
    largest = max(low for low, _ in sizes), max(high for _, high in sizes)
    top = max(_exact(high) for _, _, (_, high) in entries)
    total = sum(multiplicity for _, multiplicity, _ in entries)
    condition = f"[{_down(largest[0] / smallest[1])}, {_up(largest[1] / smallest[0])}]"
    step = f"2 / lambda_max is at least {_down(2 / top)}" if top > 0 else "no eigenvalue is positive"
    note = "" if c.index == 0 else "; at a saddle no step is stable"
    return [
        f"{total} eigenvalues, {c.index} of them negative.",
        f"Condition number, largest over smallest absolute value: in {condition}.",
        f"Gradient descent on L: {step}{note}.",
    ]


def _sizes(pair: Pair) -> tuple[Fraction, Fraction]:
    """Bounds of the absolute value; the interval does not contain zero."""
    low, high = sorted(abs(_exact(x)) for x in pair)
    return low, high


def _exact(x: Dyadic) -> Fraction:
    return Fraction(x[0]) * Fraction(2) ** x[1]


def _down(x: Fraction) -> str:
    return decimal(_dyadic(nextafter(float(x), 0.0)), up=False)


def _up(x: Fraction) -> str:
    return decimal(_dyadic(nextafter(float(x), inf)), up=True)


def _dyadic(x: float) -> Dyadic:
    numerator, denominator = x.as_integer_ratio()
    return numerator, 1 - denominator.bit_length()


def draw(certificate: Certificate | FamilyCertificate, path: str) -> None:
    """Multiplicity against eigenvalue."""
    with figure(path) as axes:
        if isinstance(certificate, FamilyCertificate):
            kinds: dict[str, list[tuple[float, int]]] = {}
            for name, multiplicity, (low, high) in _ordered(certificate):
                kinds.setdefault(name, []).append((float(_exact(low) + _exact(high)) / 2, multiplicity))
            for place, (name, points) in enumerate(kinds.items()):
                axes.vlines([x for x, _ in points], 0.7, [m for _, m in points], color=f"C{place % 10}", lw=1)
                axes.plot([x for x, _ in points], [m for _, m in points], "o", color=f"C{place % 10}", label=name, ms=4)
            axes.set(yscale="log", ylim=(0.7, None), ylabel="multiplicity")
            axes.legend(fontsize="x-small")
            axes.set_xscale("log" if certificate.index == 0 else "linear")
        else:
            bound = float(_exact(certificate.curvature))
            axes.axvspan(-bound, bound, color="0.85", label="certified: no eigenvalue here")
            axes.legend(fontsize="small")
        axes.set(xlabel="eigenvalue of the Hessian")
        axes.set_title(f"{certificate.kind}, K = {certificate.students}, M = {certificate.teachers}")
