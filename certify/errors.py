"""Misuse and bad input.  What could not be proved is a value (`outcome`), never an exception.

CertifyError(Exception)
└── InputError(CertifyError, ValueError)   a file, array or option that cannot be meant; one line says why
"""

from __future__ import annotations


class CertifyError(Exception):
    """Base of every exception this package raises on purpose."""


class InputError(CertifyError, ValueError):
    """Bad input: wrong shape, not a number, unreadable file.  The message is one line."""
