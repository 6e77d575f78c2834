"""Verdicts as a JUnit report, which continuous integration services show as tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from certify.api import Verification
from certify.certificate import write_atomically
from certify.cli.text import one_line
from certify.errors import InputError


def write(path: str, results: Sequence[tuple[str, Verification]], seconds: float) -> None:
    """One test case a certificate: a failure if rejected, an error if it cannot be checked.  Raises InputError."""
    refused = [result.verdict for _, result in results if not result.verified]
    failures = refused.count("rejected")
    attributes = {
        "name": "certify verify", "tests": str(len(results)), "failures": str(failures),
        "errors": str(len(refused) - failures), "skipped": "0", "time": f"{seconds:.3f}",
    }  # fmt: skip
    root = ET.Element("testsuites")
    suite = ET.SubElement(root, "testsuite", attributes)
    for file, result in results:
        suite.append(_case(file, result))
    ET.indent(root)
    try:
        write_atomically(Path(path), ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")
    except OSError as error:
        raise InputError(one_line(f"{path} cannot be written: {error.strerror}")) from None


def _case(file: str, result: Verification) -> ET.Element:
    place = Path(file)
    case = ET.Element("testcase", {"classname": _text(str(place.parent)), "name": _text(place.name)})
    if result.verified:
        ET.SubElement(case, "system-out").text = _text(f"VERIFIED {result.sha256} {result.sentence}")
        return case
    name = "failure" if result.verdict == "rejected" else "error"
    message = _text(result.reason or "")
    ET.SubElement(case, name, {"type": result.verdict, "message": message}).text = f"{result.verdict}: {message}"
    return case


def _text(text: str) -> str:
    """Without characters that XML or an encoding refuses."""
    return one_line(text).encode("ascii", "backslashreplace").decode()
