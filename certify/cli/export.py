"""`certify export` and `certify verify --coq`: certificates for Coq's kernel."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from certify.api import Verification, content_of, refused
from certify.certificate import write_atomically
from certify.checker.reader import Certificate, FamilyCertificate, read
from certify.cli.junit import write as write_junit
from certify.cli.progress import progress
from certify.cli.verify import CODES, record, refusal
from certify.errors import InputError
from certify.kernel.coqc import FILES, Judgement, judge, theory
from certify.kernel.export import coq_source

KIND = "strict-local-minimum"


def run(file: str, output: str, arithmetic: str, coq: bool) -> int:
    """Write the Coq file of a certificate."""
    if not coq:
        raise InputError("say --coq: it is the only format of export")
    try:
        source = _exported(file, arithmetic)
    except InputError:
        raise
    except Exception as error:  # the checker's own table says what it is
        result = refused(error)
        sys.stderr.write(refusal(file, result) + "\n")
        return CODES[result.verdict]
    write_atomically(Path(output), source.encode())
    return 0


def verify(targets: Sequence[str], as_json: bool, quiet: bool, engine: str = "auto", junit: str | None = None) -> int:
    """Have Coq's kernel judge exported files, or certificates exported on the fly; the largest code of theirs."""
    if not targets:
        raise InputError("verify --coq needs a FILE.v or a certificate")
    if engine != "auto":
        raise InputError("--engine chooses for the integer checker; with --coq the kernel computes: leave one out")
    with progress("Coq theory", len(FILES)) as bar:
        theory(bar.advance)
    begun, results = time.monotonic(), []
    for target in targets:
        result, judgement = _judged(target)
        results.append((target, result))
        if as_json:
            line = {**record(target, result), "axioms": list(judgement.axioms)}
            sys.stdout.write(json.dumps(line) + "\n")
        elif result.verified and not quiet:
            sys.stdout.write(f"VERIFIED {result.sha256} {result.sentence} [Coq]\n{judgement.output}")
        if not result.verified:
            sys.stderr.write(refusal(target, result) + "\n")
        sys.stdout.flush()
    if junit is not None:
        write_junit(junit, results, time.monotonic() - begun)
    return max(CODES[result.verdict] for _, result in results)


def _judged(target: str) -> tuple[Verification, Judgement]:
    """The verdict on a target; its SHA-256 is of the Coq file."""
    unread = Judgement(False)
    try:
        source = content_of(target) if target.endswith(".v") else _exported(target, "floats").encode()
    except InputError as error:
        return Verification("limit", reason=str(error)), unread
    except Exception as error:  # the checker's own table says what it is
        return refused(error), unread
    judgement = judge(source)
    if not judgement.accepted:
        return Verification("rejected", reason=judgement.reason), judgement
    digest = hashlib.sha256(source).hexdigest()
    return Verification("verified", KIND, judgement.sentence, digest, engine="coq"), judgement


def _exported(file: str, arithmetic: str) -> str:
    certificate = read(content_of(file))
    if not isinstance(certificate, Certificate | FamilyCertificate):
        raise InputError("only certificates of one critical point can be exported to Coq")
    return coq_source(certificate, arithmetic)
