"""From exceptions to one line on stderr and an exit code."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

import click

from certify.cli.commands import certify
from certify.cli.text import one_line
from certify.errors import InputError


def run(arguments: Sequence[str] | None) -> int:
    """Run the command line; see `certify.cli`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # file names need not be text in the locale's encoding
    try:
        code = certify.main(None if arguments is None else list(arguments), "certify", standalone_mode=False)
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit) as end:  # click and rich exit by themselves where stdout's reader is gone
        if isinstance(end, SystemExit) and not end.code:
            return 0  # a shell has asked for completions and has got them
        _drop_output()
        return 1
    except (Exception, KeyboardInterrupt) as error:
        message, code = explain(error)
        click.echo(one_line(" ".join(message.split())), err=True)
        if isinstance(error, OSError):
            _drop_output()  # perhaps it was stdout that could not be written
    return int(code or 0)


def explain(error: BaseException) -> tuple[str, int]:
    """One line and an exit code for whatever ended a verb."""
    if isinstance(error, click.UsageError):
        place = error.ctx.command_path if error.ctx else "certify"
        return f"{place}: {error.format_message()} ({place} --help)", 2
    if isinstance(error, click.ClickException):
        return f"certify: {error.format_message()}", 2
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return "certify: interrupted", 130
    if isinstance(error, InputError):
        return f"certify: {error}", 2
    if isinstance(error, OSError) and error.filename is not None:
        return f"certify: {os.fsdecode(error.filename)}: {error.strerror}", 2
    return f"certify: internal error: {type(error).__name__}: {error}", 70


def _drop_output() -> None:
    """Silence the flush at exit, which would complain once more."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
