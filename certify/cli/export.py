"""`certify export` and `certify verify --coq`: certificates for Coq's kernel."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from certify.api import content_of, refused
from certify.certificate import write_atomically
from certify.checker.reader import Certificate, FamilyCertificate, read
from certify.cli.verify import CODES, refusal
from certify.errors import InputError
from certify.kernel.coqc import check
from certify.kernel.export import coq_source
from certify.kernel.recognise import is_exported


def run(file: str, output: str, arithmetic: str, coq: bool) -> int:
    """Write the Coq file of a certificate."""
    if not coq:
        raise InputError("say --coq: it is the only format of export")
    try:
        certificate = read(content_of(file))
    except Exception as error:  # the checker's own table says what it is
        result = refused(error)
        sys.stderr.write(refusal(file, result) + "\n")
        return CODES[result.verdict]
    if not isinstance(certificate, Certificate | FamilyCertificate):
        raise InputError("only certificates of one critical point can be exported to Coq")
    write_atomically(Path(output), coq_source(certificate, arithmetic).encode())
    return 0


def verify(targets: Sequence[str]) -> int:
    """Have coqc check exported files, or certificates exported on the fly; 0 if all are accepted, else 1."""
    if not targets:
        raise InputError("verify --coq needs a FILE.v or a certificate")
    code = 0
    for target in targets:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(target)
            if source.suffix != ".v":
                source = Path(folder) / "source.v"
                written = run(target, str(source), "floats", True)
                if written:
                    code = max(code, written)
                    continue
            elif not is_exported(_text(source)):
                sys.stderr.write(
                    f"REJECTED {target}: not a file as certify export writes it; run coqc on it yourself\n"
                )
                code = max(code, 1)
                continue
            result = check(source, Path(folder))
        if result.accepted:
            sys.stdout.write(f"VERIFIED by Coq {target}\n{result.output}")
        else:
            lines = result.errors.strip().splitlines() or ["no message"]
            sys.stderr.write(f"REJECTED {target}: coqc: {' '.join(lines[-3:])}\n")
            code = max(code, 1)
    return code


def _text(file: Path) -> str:
    try:
        return file.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read: {getattr(error, 'strerror', None) or 'not ASCII'}") from None
