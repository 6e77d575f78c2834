"""From a clone to the first own theorem: README's first line in a fresh clone, timed.

python benchmarks/first_minutes.py
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run() -> None:
    """Clone, run, print."""
    line = re.search(r"^    (python3 -m venv .*certify search.*)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    if line is None:
        raise SystemExit("README has no such line")
    with tempfile.TemporaryDirectory() as name:
        begun = time.monotonic()
        subprocess.run(["git", "clone", "-q", str(ROOT), f"{name}/certify"], check=True)
        cloned = time.monotonic()
        done = subprocess.run(
            ["bash", "-ec", line[1]], cwd=f"{name}/certify", capture_output=True, text=True, check=False
        )
        ended = time.monotonic()
    theorems = done.stdout.count("VERIFIED ")
    print(f"clone {cloned - begun:.0f} s, installation to verification {ended - cloned:.0f} s, {theorems} verified")
    if done.returncode or not theorems:
        raise SystemExit(done.stdout + done.stderr)


if __name__ == "__main__":
    run()
