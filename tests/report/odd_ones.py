"""What is not as usual: a folder's name, and a certificate that the checker rejects."""

import json
from pathlib import Path

ODD = 'a<b> & "c"'


def spoiled(path: Path) -> bytes:
    """A certificate with twice the radius of uniqueness, which the checker rejects."""
    data = json.loads(path.read_bytes())
    mantissa, exponent = data["claim"]["uniqueness_radius"].split("p")
    data["claim"]["uniqueness_radius"] = f"{mantissa}p{int(exponent) + 1}"
    return json.dumps(data, sort_keys=True, separators=(",", ":")).encode() + b"\n"
