"""Theorems about a candidate, and the pipeline that picks a precision and writes the certificate."""

from certify.proving.pipeline import prove

__all__ = ["prove"]
