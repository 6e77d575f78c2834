"""`certify split`: what a critical point says about networks with more students (docs/splitting.md)."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from certify import api
from certify.api import content_of, refused
from certify.candidate import read_candidates
from certify.certificate import SUFFIX, Certificate
from certify.checker.correlation import Correlated
from certify.checker.fields import Dyadic
from certify.checker.newborn import slope_bounds
from certify.checker.reader import Claim, FamilyCertificate, Split, read
from certify.checker.sentence import decimal, sentence, split_nature
from certify.checker.sets_reader import GlobalSet, SplitManifold
from certify.checker.surface_format import Surface
from certify.checker.systems import SystemClaim
from certify.checker.theorem import verify_bytes
from certify.checker.tube_format import Curve
from certify.cli.text import columns, one_line
from certify.cli.verify import CODES, refusal
from certify.errors import InputError
from certify.outcome import Proved, ProvedSet

AT_ZERO_LOSS = "there a further student of norm zero has slope 0 in every direction"
HEADER = ("negative", "positive", "beside", "gap", "split into n > 1 positive multiples")


def run(*, file: str, as_json: bool, output: str | None) -> int:
    """Verify a certificate, or prove the candidates of a file; then print."""
    code = 0
    if output is not None:
        return _extend(file, output, as_json=as_json)
    for name, source in [(file, file)] if file.endswith(SUFFIX) else _proved(file):
        if isinstance(source, str) and name != source:
            sys.stderr.write(one_line(f"{name}: {source}") + "\n")
            code = max(code, 1)
        else:
            code = max(code, _show(name, source, as_json=as_json))
    return code


def _proved(file: str) -> Iterator[tuple[str, Certificate | str]]:
    """Name and certificate, or the reason why there is none, of each candidate of a file."""
    try:
        for candidate in read_candidates(file):
            outcome = api.prove(candidate.W, candidate.V, symmetric=True, newborn=True)
            if isinstance(outcome, Proved | ProvedSet):
                yield candidate.name, outcome.certificate
            else:
                yield candidate.name, f"{outcome.name}: {outcome.reason}"
    except InputError as error:
        raise InputError(f"{file}: {error}") from None


def _extend(file: str, output: str, *, as_json: bool) -> int:
    """Add a direction of descent to the claim of a certificate, verify the new one, write and print it."""
    from certify.proving.newborn import newborn as found_in  # noqa: PLC0415 - with numpy and flint
    from certify.proving.newborn import told  # noqa: PLC0415

    if not file.endswith(SUFFIX):
        raise InputError(f"{file}: -o is for a certificate, *{SUFFIX}")
    try:
        content = content_of(file)
        verify_bytes(content)
    except Exception as error:  # the checker's own table says what it is
        result = refused(error)
        sys.stderr.write(refusal(file, result) + "\n")
        return CODES[result.verdict]
    data = json.loads(content)
    certificate = Certificate(data["claim"], data["witness"])
    found = found_in(certificate) if isinstance(read(content), Claim) else None
    if found is None:
        sys.stderr.write(one_line(f"{file}: no direction of descent for a further student was found") + "\n")
        return 1
    code = _show(output, told(certificate, found), as_json=as_json)
    if code == 0:
        told(certificate, found).write(output)
    return code


def _show(name: str, source: Certificate | str, *, as_json: bool) -> int:
    """Verify one certificate and print it; its exit code."""
    try:
        content = content_of(source)
        verify_bytes(content)
        claim = read(content)
        if isinstance(claim, SystemClaim):
            raise InputError(f"{name}: certify split is for points of the loss; this is about another function")
        if isinstance(claim, Curve | Surface | Correlated):
            raise InputError(one_line(f"{name} is about every width or correlation and says nothing about splitting"))
        claim = claim.base if isinstance(claim, SplitManifold) else claim
    except InputError:
        raise
    except Exception as error:  # the checker's own table says what it is
        result = refused(error)
        sys.stderr.write(refusal(name, result) + "\n")
        return CODES[result.verdict]
    if isinstance(claim, GlobalSet):
        sys.stdout.write(one_line(f"{name}: {sentence(claim)}; {AT_ZERO_LOSS}") + "\n")
    elif not isinstance(claim, Claim):
        sys.stdout.write(one_line(f"{name}: {sentence(claim)}") + "\n")
    elif as_json:
        sys.stdout.write(json.dumps(record(name, claim)) + "\n")
    else:
        lines = [one_line(f"{name}: verified"), "", *table(claim), "", *newborn(claim)]
        sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _noun(c: Claim) -> str:
    return "student class" if isinstance(c, FamilyCertificate) else "student"


def record(name: str, c: Claim) -> dict[str, Any]:
    """The line of `--json`."""
    splits = [s and [s.negative, s.positive, s.beside, float(decimal(s.gap, up=False))] for s in c.splitting]
    bounds = slope_bounds(c)
    return {
        "file": name,
        "sha256": c.claim_hash,
        "index": c.index,
        "of": _noun(c),
        "splitting": splits,
        "newborn": c.newborn and {"teacher": c.newborn.teacher, "slope": _ends(c.newborn.slope)},
        "steepest": bounds and _ends(bounds),
    }


def _ends(interval: tuple[Dyadic, Dyadic]) -> list[float]:
    return [float(decimal(interval[0], up=False)), float(decimal(interval[1], up=True))]


def newborn(c: Claim) -> list[str]:
    """What a further student of norm zero can do (docs/splitting.md, S7)."""
    bounds = slope_bounds(c)
    if bounds is None:
        return ["The loss may be zero; where it is, a further student of norm zero has slope 0 in every direction."]
    low, high = _ends(bounds)
    lines = [
        "A further student of norm zero has a direction of descent.  The steepest one-sided derivative of the loss, "
        f"over all unit vectors, is between {low} and {high}."
    ]
    if c.newborn is not None:
        noun = "a teacher of class" if isinstance(c, FamilyCertificate) else "teacher"
        low, high = _ends(c.newborn.slope)
        lines.append(f"Along {noun} {c.newborn.teacher} it is between {low} and {high}.")
    return lines


def table(c: Claim) -> list[str]:
    """A line a student or class; equal neighbours share one."""
    if not c.splitting:
        return ["Nothing is claimed about more students."]
    rows: list[tuple[str, ...]] = [(_noun(c), *HEADER)]
    last = None
    for i, split in enumerate(c.splitting):
        row = _row(c, split)
        if row == last:
            rows[-1] = (f"{rows[-1][0].split('-')[0]}-{i}", *row)
        else:
            rows.append((str(i), *row))
        last = row
    return _aligned(rows)


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    """Columns, the last one flush left."""
    heads = columns([row[:-1] for row in rows], left=1)
    width = max(map(len, heads))
    return [f"{head.ljust(width)}  {row[-1]}" for head, row in zip(heads, rows, strict=True)]


def _row(c: Claim, split: Split | None) -> tuple[str, ...]:
    if split is None:
        return ("", "", "", "", "nothing is claimed")
    beside = "+" if split.beside > 0 else "-"
    nature = split_nature(c, split.negative, split.beside)
    return (str(split.negative), str(split.positive), beside, decimal(split.gap, up=False), nature)
