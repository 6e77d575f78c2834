"""`certify diff`: what became of the theorems of an older collection of certificates."""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any

from certify.api import Verification, content_of, refused
from certify.catalog import certificate_files, location
from certify.checker.errors import Malformed
from certify.checker.fields import canonical
from certify.checker.reader import read
from certify.checker.sentence import sentence
from certify.cli.pool import verifications
from certify.cli.progress import progress
from certify.cli.text import one_line
from certify.cli.verify import CATALOG, CODES, refusal
from certify.compare import Change, Theorem, changes
from certify.errors import InputError

LOSSES = ("lost", "weakened")


def run(*, old: str, new: str, slack: float, as_json: bool, quiet: bool) -> int:
    """Compare; 0 nothing lost, 1 something lost, weakened or refused by the checker, 2 or more: as for verify."""
    before, after = _contents(old), _contents(new)
    kept = {content for path, content in after.items() if before.get(path) == content}
    refusals = _refusals(after, set(before.values()), Path(new))
    for path, verdict in refusals.items():
        sys.stderr.write(refusal(path, verdict) + "\n")
    ancient, trouble = _theorems({path: content for path, content in before.items() if content not in kept})
    for path, verdict in trouble.items():
        sys.stderr.write(refusal(path, verdict) + "\n")
    recent, _ = _theorems({p: content for p, content in after.items() if content not in kept and p not in refusals})
    counts = Counter({"same": sum(content in kept for content in after.values())})
    for change in changes(ancient, recent, Fraction(slack)):
        counts[change.word] += 1
        if as_json:
            sys.stdout.write(json.dumps(record(change)) + "\n")
        elif change.word in LOSSES or not (quiet or change.word == "same"):
            sys.stdout.write(line(change) + "\n")
    if not as_json and not quiet:
        words = ("same", "stronger", "gained", "weakened", "lost")
        sys.stdout.write(", ".join(f"{counts[word]} {word}" for word in words) + f", {len(refusals)} not verified\n")
    codes = [CODES[verdict.verdict] for verdict in [*refusals.values(), *trouble.values()]]
    return max([*codes, int(any(counts[word] for word in LOSSES))])


def line(change: Change) -> str:
    """A word, a path, and what is to be said."""
    said = "; ".join(change.details)
    if change.word in ("lost", "gained"):
        theorem = change.old or change.new
        said = "" if theorem is None else theorem.sentence
    return one_line(f"{change.word.upper()} {change.path}: {said}" if said else f"{change.word.upper()} {change.path}")


def record(change: Change) -> dict[str, Any]:
    """The line of `--json`."""
    hashes = {name: None if t is None else t.sha256 for name, t in (("old", change.old), ("new", change.new))}
    return {"change": change.word, "file": change.path, **hashes, "details": list(change.details)}


def _contents(target: str) -> dict[str, bytes]:
    """Of a file, or all certificates below a folder: content by path, relative to the folder."""
    root = location() if target == CATALOG else Path(target)
    if root.is_dir():
        return {str(path.relative_to(root)): _content(path) for path in certificate_files(root)}
    return {root.name: _content(root)}


def _content(path: Path) -> bytes:
    try:
        return content_of(path)
    except (Malformed, OSError) as error:
        raise InputError(one_line(f"{path}: {error}")) from None


def _refusals(contents: dict[str, bytes], known: set[bytes], root: Path) -> dict[str, Verification]:
    """What the checker says of the files that are not, byte for byte, among the known ones; verified ones left out."""
    fresh = [path for path, content in contents.items() if content not in known]
    places = [str(root / path) if root.is_dir() else str(root) for path in fresh]
    found = {}
    with progress("verify", len(fresh)) as bar, closing(verifications(places)) as verdicts:
        for path, verdict in zip(fresh, verdicts, strict=True):
            bar.advance()
            if not verdict.verified:
                found[path] = verdict
    return found


def _theorems(contents: dict[str, bytes]) -> tuple[Sequence[Theorem], dict[str, Verification]]:
    """Claims of the files that can be read, and verdicts on the others."""
    theorems, trouble = [], {}
    for path, content in contents.items():
        try:
            told = sentence(read(content))
        except Exception as error:  # the checker's own table says what it is
            trouble[path] = refused(error)
            continue
        claim = json.loads(content)["claim"]
        theorems.append(Theorem(path, hashlib.sha256(canonical(claim)).hexdigest(), claim, told))
    return theorems, trouble
