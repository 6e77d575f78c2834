"""Certificates as tests: `pytest --certificates` collects every *.cert.json file it meets as one test item.

Off unless asked for, on the command line or by `certificates = true` in pytest's configuration.  A test passes if the
trusted checker verifies the file; a failure shows the verdict, the claim in words, and how to check it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SUFFIX = ".cert.json"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option and its equivalent in the configuration."""
    text = f"collect certificates (*{SUFFIX}) as tests: the checker of certify must verify them"
    parser.getgroup("certify").addoption("--certificates", action="store_true", default=False, help=text)
    parser.addini("certificates", text, type="bool", default=False)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> CertificateFile | None:
    """Certificates, if asked for."""
    wanted = parent.config.getoption("certificates") or parent.config.getini("certificates")
    if not wanted or not file_path.name.endswith(SUFFIX):
        return None
    return CertificateFile.from_parent(parent, path=file_path)


class CertificateFile(pytest.File):
    """A file of one certificate."""

    def collect(self) -> Iterator[CertificateItem]:
        """Its only test."""
        yield CertificateItem.from_parent(self, name="verified")


class CertificateItem(pytest.Item):
    """Whether the checker verifies the file."""

    def runtest(self) -> None:
        """Raise Refused unless verified."""
        from certify import verify  # noqa: PLC0415 - loaded with the first certificate

        verdict = verify(self.path)
        self.add_report_section("call", "certify", verdict.sentence or "")
        if not verdict.verified:
            raise Refused(f"{verdict.verdict.upper()}: {verdict.reason}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Verdict, claim, and the command to repeat it; no traceback."""
        if not isinstance(excinfo.value, Refused):
            return super().repr_failure(excinfo, style)
        return "\n".join(
            [f"{excinfo.value}", f"claim: {_claim(self.path)}", f"check again: certify verify {self.path}"]
        )

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where, and under which name, it is reported."""
        return self.path, None, f"certificate {self.path.name}"


class Refused(Exception):
    """The checker did not verify the file."""


def _claim(path: Path) -> str:
    """What the file claims, if it can be read at all."""
    from certify.api import content_of  # noqa: PLC0415
    from certify.checker.reader import read  # noqa: PLC0415
    from certify.checker.sentence import sentence  # noqa: PLC0415

    try:
        return sentence(read(content_of(path)))
    except Exception as error:  # whatever the reader refuses
        return f"cannot be read ({error})"
