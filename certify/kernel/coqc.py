"""Build the theory of proofs/coq once in a cache folder and have coqc judge exported files."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from certify.catalog import location
from certify.errors import InputError
from certify.kernel.axioms import EXPECTED, printed
from certify.kernel.recognise import read_back
from certify.kernel.source import Numbers, diagnosis
from certify.kernel.words import refusal, sentence

FILES = ("Sums", "Contraction", "Convexity", "Kernel", "Statement", "Landscape", "Conclusion", "Enclosures", "Check",
         "Certificate", "Symmetry")  # fmt: skip
INSTALL = "apt-get install coq libcoq-interval libcoq-coquelicot libcoq-flocq"
QUIET = ("-q", "-w", "-ambiguous-paths")


@dataclass(frozen=True)
class Judgement:
    """What Coq's kernel says of an exported file.

    accepted: the theorem is proved, from the documented axioms alone.  sentence: the theorem in words, None if not
    accepted.  axioms: names, sorted.  output: what coqc printed, the statements and their axioms with types.
    failed: the parts of the test that do not hold.  reason: one line, None if accepted.
    """

    accepted: bool
    sentence: str | None = None
    axioms: tuple[str, ...] = ()
    output: str = ""
    failed: tuple[str, ...] = ()
    reason: str | None = None


def coqc() -> str:
    """The compiler; its absence is bad input."""
    program = shutil.which("coqc")
    if program is None:
        raise InputError(f"coqc is not installed ({INSTALL} on Debian 12)")
    return program


def theory(step: Callable[[], None] = lambda: None) -> Path:
    """Folder of the compiled theory, built where it is missing; named after the sources and the compiler.

    `step` is called for each of FILES.  Raises InputError where a library that they need is not installed.
    """
    program, sources = coqc(), location() / "coq"
    version = subprocess.run([program, "--version"], capture_output=True, check=True).stdout
    contents = [(name, (sources / f"{name}.v").read_bytes()) for name in FILES]
    digest = hashlib.sha256(version + b"".join(content for _, content in contents)).hexdigest()[:16]
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "certify"
    cache = caches / f"coq-{digest}"
    if cache.is_dir():
        return cache
    caches.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=caches, prefix="building-") as folder:
        built = Path(folder, "theory")
        built.mkdir()
        for name, content in contents:
            (built / f"{name}.v").write_bytes(content)
            done = _compile(program, built, built / f"{name}.v")
            if done.returncode != 0:
                raise InputError(f"proofs/coq/{name}.v does not compile: {_last(done.stderr)} ({INSTALL})")
            step()
        with suppress(OSError):  # somebody else was faster
            built.rename(cache)
    return cache


def judge(source: bytes) -> Judgement:
    """Have the kernel check an exported file, byte for byte, in a scratch folder; other files are refused."""
    library = theory()
    read = read_back(source.decode("ascii", "replace"))
    if read is None:
        return Judgement(False, reason="not a file as certify export writes it; run coqc on it yourself")
    numbers, arithmetic = read
    with tempfile.TemporaryDirectory() as folder:
        done = _run(library, Path(folder), source)
        if done.returncode != 0:
            failed = _failed_parts(library, Path(folder), numbers, arithmetic)
            return Judgement(False, failed=failed, reason=refusal(failed, _last(done.stderr)))
    return _believed(numbers, arithmetic, done.stdout)


def _believed(numbers: Numbers, arithmetic: str, output: str) -> Judgement:
    """What coqc accepts, it must accept from the documented axioms."""
    try:
        axioms = printed(output)
    except ValueError as error:
        return Judgement(False, output=output, reason=str(error))
    unexpected = sorted(set(axioms) - EXPECTED[arithmetic])
    if unexpected:
        reason = f"assumes more than docs list: {', '.join(unexpected)}"
        return Judgement(False, axioms=tuple(axioms), output=output, reason=reason)
    return Judgement(True, sentence(numbers), tuple(axioms), output)


def _failed_parts(library: Path, folder: Path, numbers: Numbers, arithmetic: str) -> tuple[str, ...]:
    done = _run(library, folder, diagnosis(numbers, arithmetic).encode())
    found = re.search(r"= \[([^\]]*)\]", done.stdout)
    return tuple(re.findall(r"\w+", found[1])) if found else ()


def _run(library: Path, folder: Path, source: bytes) -> subprocess.CompletedProcess[str]:
    file = folder / "exported.v"
    file.write_bytes(source)
    return _compile(coqc(), library, file)


def _compile(program: str, library: Path, file: Path) -> subprocess.CompletedProcess[str]:
    command = [program, *QUIET, "-Q", str(library), "Certify", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _last(errors: str) -> str:
    """The end of coqc's message in one line."""
    return " ".join(" ".join(errors.strip().splitlines()[-3:]).split()) or "no message"
