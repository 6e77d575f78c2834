"""Build the theory of proofs/coq once in a cache folder and run coqc on exported files."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from certify.catalog import location
from certify.errors import InputError

FILES = ("Sums", "Contraction", "Convexity", "Kernel", "Statement", "Landscape", "Conclusion", "Enclosures", "Check",
         "Certificate")  # fmt: skip
INSTALL = "apt-get install coq libcoq-interval libcoq-coquelicot libcoq-flocq"
QUIET = ("-q", "-w", "-ambiguous-paths")


@dataclass(frozen=True)
class Compilation:
    """What coqc said: its exit status, the theorem and its axioms, the errors."""

    accepted: bool
    output: str
    errors: str


def coqc() -> str:
    """The compiler; its absence is bad input."""
    program = shutil.which("coqc")
    if program is None:
        raise InputError(f"coqc is not installed ({INSTALL} on Debian 12)")
    return program


def theory() -> Path:
    """Folder of the compiled theory, built where it is missing; named after the sources and the compiler."""
    program, sources = coqc(), location() / "coq"
    version = subprocess.run([program, "--version"], capture_output=True, check=True).stdout
    contents = [(name, (sources / f"{name}.v").read_bytes()) for name in FILES]
    digest = hashlib.sha256(version + b"".join(content for _, content in contents)).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "certify" / f"coq-{digest}"
    cache.mkdir(parents=True, exist_ok=True)
    for name, content in contents:
        if (cache / f"{name}.vo").is_file():
            continue
        (cache / f"{name}.v").write_bytes(content)
        done = _compile(program, cache, cache / f"{name}.v")
        if done.returncode != 0:
            raise InputError(f"proofs/coq/{name}.v does not compile: is everything there? ({INSTALL})")
    return cache


def check(source: Path, scratch: Path) -> Compilation:
    """Have the kernel check a copy of an exported file in a scratch folder."""
    library = theory()
    copy = scratch / "exported.v"
    copy.write_bytes(source.read_bytes())
    done = _compile(coqc(), library, copy)
    return Compilation(done.returncode == 0, done.stdout, done.stderr)


def _compile(program: str, library: Path, file: Path) -> subprocess.CompletedProcess[str]:
    command = [program, *QUIET, "-Q", str(library), "Certify", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)
