"""Fields of a certificate: integers, dyadics, lists and keys, validated (docs/certificate-format.md)."""

import json
import re
from typing import Any

from certify.checker.errors import Malformed

Dyadic = tuple[int, int]

LIMIT_UNKNOWNS = 4096
LIMIT_EXPONENT = 1 << 13
LIMIT_DIGITS = 1 << 11
LIMIT_BITS = 1 << 13
LIMIT_DIRECTION_BITS = 64

_DYADIC = re.compile(r"0x0p0|-?0x[1-9a-f][0-9a-f]*(?<=[13579bdf])p(?:0|-?[1-9][0-9]{0,4})", re.ASCII)

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def canonical(data: object) -> bytes:
    """The one way to write a certificate or a claim."""
    return _ENCODER.encode(data).encode() + b"\n"


def keys(value: Any, expected: set[str], name: str, optional: frozenset[str] | set[str] = frozenset()) -> None:
    """An object with exactly these keys, and perhaps optional ones."""
    if type(value) is not dict or not expected <= value.keys() <= expected | optional:
        raise Malformed(f"{name} does not have exactly the keys {', '.join(sorted(expected))}")


def integer(value: Any, low: int, high: int, name: str) -> int:
    """An integer between low and high."""
    if type(value) is not int or not low <= value <= high:
        raise Malformed(f"{name} is not an integer between {low} and {high}" if high < 1 << 70 else f"bad {name}")
    return value


def sequence(value: Any, length: int, name: str) -> list[Any]:
    """A list of this length."""
    if type(value) is not list or len(value) != length:
        raise Malformed(f"{name} is not a list of length {length}")
    return value


def matrix(value: Any, rows: int, columns: int, name: str) -> list[list[Dyadic]]:
    """A list of lists of dyadics."""
    return [[dyadic(x, name) for x in sequence(row, columns, name)] for row in sequence(value, rows, name)]


def positive(value: Any, name: str) -> Dyadic:
    """A dyadic > 0."""
    result = dyadic(value, name)
    if result[0] <= 0:
        raise Malformed(f"{name} is not positive")
    return result


def dyadic(value: Any, name: str) -> Dyadic:
    """A dyadic in canonical text, as (mantissa, exponent)."""
    if type(value) is not str or len(value) > LIMIT_DIGITS or not _DYADIC.fullmatch(value):
        raise Malformed(f"{name} holds something that is not a canonical dyadic")
    mantissa, _, power = value.partition("p")
    if abs(exponent := int(power)) > LIMIT_EXPONENT:
        raise Malformed(f"{name} has an exponent beyond {LIMIT_EXPONENT}")
    return int(mantissa, 16), exponent
