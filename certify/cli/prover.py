"""A proving process: candidates in, reports out, a line each."""

from __future__ import annotations

from certify.called import serve
from certify.cli.batch import answer

if __name__ == "__main__":
    serve(answer)
