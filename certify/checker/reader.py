"""The certificate format: canonical text in, plain data out, everything else refused (docs/certificate-format.md).

Numbers are integers or dyadics `"-0x1a3p-54"`: an odd hexadecimal mantissa and a decimal binary exponent; zero is
`"0x0p0"`.  The text must be the canonical JSON of its own content, so that equal certificates are equal files.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from certify.checker.correlation import Correlated, read_correlated
from certify.checker.errors import Malformed, ResourceLimit
from certify.checker.fields import LIMIT_BITS, LIMIT_DIRECTION_BITS, Dyadic, canonical
from certify.checker.fields import dyadic as _dyadic
from certify.checker.fields import integer as _integer
from certify.checker.fields import keys as _keys
from certify.checker.fields import matrix as _matrix
from certify.checker.fields import positive as _positive
from certify.checker.fields import sequence as _list
from certify.checker.pivots import limit_work as limit_pivots
from certify.checker.surface_format import Surface, read_surface
from certify.checker.systems import SystemClaim, read_system
from certify.checker.tube_format import Curve, read_curve

FORMAT, VERSION = "certify", 1
GLOBAL_SET, MANIFOLD_OF_MINIMA = "global-minimum-set", "manifold-of-local-minima"
SET_KINDS = [GLOBAL_SET, MANIFOLD_OF_MINIMA, "manifold-of-saddles"]
LIMIT_BYTES = 16 << 20
LIMIT_ROWS = 4096
LIMIT_WEIGHTS = 16384
LIMIT_PAIR_WORK = 1 << 25
LIMIT_CLASS_SIZE = 1 << 64
LIMIT_CLASS_WORK = 1 << 20
LIMIT_LIST = 128

_CLAIM_KEYS = {
    "kind", "landscape", "students", "teachers", "dimension", "teacher", "centre", "uniqueness_radius",
    "error_radius", "index", "curvature", "ambient_index", "ambient_curvature", "loss", "not_global",
}  # fmt: skip
_OPTIONAL_KEYS = {"splitting", "basin", "newborn"}
_SPECTRUM_KEYS = {"gap", "factor_bits", "directions", "weight"}


@dataclass(frozen=True)
class Spectrum:
    """Witness for the inertia of one matrix: no eigenvalue in [-gap, gap]."""

    gap: Dyadic
    factor_bits: int
    directions: list[list[int]]
    weight: int


@dataclass(frozen=True)
class Split:
    """Signs of the eigenvalues of S_i on the complement of w_i, of alpha_i, and a lower bound of their sizes."""

    negative: int
    positive: int
    beside: int
    gap: Dyadic


@dataclass(frozen=True)
class Basin:
    """Gradient flow from within `radius` of the point converges to it, at `rate`; so does descent with `step`."""

    radius: Dyadic
    rate: Dyadic
    step: Dyadic


@dataclass(frozen=True)
class Newborn:
    """The one-sided derivative of the loss in the length of a further student along a teacher (docs/splitting.md, S7).

    teacher: its number, or that of its class.
    """

    teacher: int
    slope: tuple[Dyadic, Dyadic]


@dataclass(frozen=True)
class Claim:
    """What every certificate asserts, and the precision at which it is checked; dyadics as (mantissa, exponent)."""

    claim_hash: str
    kind: str
    students: int
    teachers: int
    dimension: int
    orthonormal: bool
    uniqueness_radius: Dyadic
    error_radius: Dyadic
    index: int
    curvature: Dyadic
    ambient_index: int | None
    ambient_curvature: Dyadic | None
    loss: tuple[Dyadic, Dyadic]
    not_global: bool
    precision: int
    splitting: list[Split | None]
    basin: Basin | None
    newborn: Newborn | None


@dataclass(frozen=True)
class Certificate(Claim):
    """A point given by its matrix."""

    teacher: list[list[Dyadic]]
    centre: list[list[Dyadic]]
    hessian: Spectrum
    ambient: Spectrum | None


@dataclass(frozen=True)
class FamilyCertificate(Claim):
    """A symmetric point given by class sizes and patterns; teacher rows alpha e_m + beta 1 (docs/families.md)."""

    sizes: list[int]
    owners: list[int | None]
    teacher: tuple[Dyadic, Dyadic]
    centre: list[list[Dyadic]]
    copies: bool
    gap: Dyadic
    spectrum: list[tuple[int, list[tuple[Dyadic, Dyadic]]]]


@dataclass(frozen=True)
class PointSet:
    """What claims about sets have in common: owners[i] and shares[i] name the point of the set next to the centre."""

    claim_hash: str
    kind: str
    students: int
    set_dimension: int
    centre: list[list[Dyadic]]
    distance: Dyadic
    owners: list[int]
    shares: list[Dyadic]


def read(content: bytes) -> Certificate | FamilyCertificate | SystemClaim | Curve | Surface | Correlated | PointSet:
    """Parse and validate; raises Malformed or ResourceLimit, never anything else."""
    if len(content) > LIMIT_BYTES:
        raise ResourceLimit(f"the file is larger than {LIMIT_BYTES} bytes")
    data = _parse(content)
    _keys(data, {"format", "version", "claim", "witness"}, "certificate")
    if data["format"] != FORMAT:
        raise Malformed(f"format is not {FORMAT!r}")
    if type(data["version"]) is not int or data["version"] != VERSION:
        raise Malformed(f"this checker reads version {VERSION} only")
    claim, witness = data["claim"], data["witness"]
    text, rest = canonical(claim), canonical(witness)
    if b'{"claim":%b,"format":"certify","version":1,"witness":%b}\n' % (text[:-1], rest[:-1]) != content:
        raise Malformed("the text is not canonical")
    if type(claim) is dict and "system" in claim:
        return read_system(claim, witness)
    if type(claim) is dict and "correlation" in claim:
        return read_correlated(claim, witness, *_signature(claim.get("signature")))
    if type(claim) is dict and "tube" in claim:
        return read_curve(claim, witness)
    if type(claim) is dict and "surface" in claim:
        return read_surface(claim, witness)
    if type(claim) is dict and claim.get("kind") in SET_KINDS:
        from certify.checker.sets_reader import read_set  # noqa: PLC0415 - that module imports this one

        return read_set(claim, witness)
    return (_family if type(claim) is dict and "signature" in claim else _certificate)(claim, witness, text)


def _parse(content: bytes) -> Any:
    try:
        return _DECODER.decode(content.decode("ascii"))
    except RecursionError:
        raise Malformed("nested too deeply") from None
    except ValueError as error:
        raise Malformed(f"not a JSON text this format allows: {str(error)[:80]}") from None


def _unique(items: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(items)
    if len(result) != len(items):
        raise ValueError("a key occurs twice")
    return result


def _no_float(text: str) -> Any:
    raise ValueError(f"{text[:20]} is neither an integer nor a dyadic")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_no_float, parse_constant=_no_float)


def _certificate(claim: Any, witness: Any, text: bytes) -> Certificate:
    """text: the canonical claim."""
    _keys(claim, _CLAIM_KEYS, "claim", optional=_OPTIONAL_KEYS)
    _keys(witness, {"precision", "hessian", "ambient"}, "witness")
    students = _integer(claim["students"], 1, LIMIT_ROWS, "students")
    teachers = _integer(claim["teachers"], 1, LIMIT_ROWS, "teachers")
    dimension = _integer(claim["dimension"], 1, LIMIT_ROWS, "dimension")
    unknowns = students * dimension
    if unknowns > LIMIT_WEIGHTS:
        raise ResourceLimit(f"{unknowns} unknowns are more than {LIMIT_WEIGHTS}")
    precision = _integer(witness["precision"], 32, LIMIT_BITS, "precision")
    if (students + teachers) ** 2 * (dimension + 8) * (1 + precision // 256) ** 2 > LIMIT_PAIR_WORK:
        raise ResourceLimit("the pairs of neurons would take too long at this precision")
    orthonormal, teacher = _teacher(claim["teacher"], teachers, dimension)
    common = _common(claim, witness, text, (students, teachers), witness["ambient"])
    limit_pivots(dimension, len(common["splitting"]), precision)
    hessian = _spectrum(witness["hessian"], common["index"], unknowns, precision)
    ambient = None
    if common["ambient_index"] is not None:
        ambient = _spectrum(witness["ambient"], common["ambient_index"], students, precision)
    return Certificate(
        **common,
        orthonormal=orthonormal,
        teacher=teacher,
        centre=_matrix(claim["centre"], students, dimension, "centre"),
        hessian=hessian,
        ambient=ambient,
    )


def _common(claim: Any, witness: Any, text: bytes, rows: tuple[int, int], *ambient: Any) -> dict[str, Any]:
    """The fields of Claim but `orthonormal`; sizes and precision have been validated.

    rows: of the centre, and teachers or classes of them; ambient: what else must be null exactly if the ambient claims
    are.
    """
    if claim["landscape"] != "relu-population-loss":
        raise Malformed("unknown landscape")
    index = _integer(claim["index"], 0, claim["students"] * claim["dimension"], "index")
    if claim["kind"] != ("saddle" if index else "strict-local-minimum"):
        raise Malformed("kind and index disagree")
    loss = _list(claim["loss"], 2, "loss")
    if type(claim["not_global"]) is not bool:
        raise Malformed("not_global is not a truth value")
    parts = claim["ambient_index"], claim["ambient_curvature"]
    if len({part is None for part in (*parts, *ambient)}) != 1:
        raise Malformed("the ambient statement is incomplete")
    there = parts[0] is not None
    return {
        "claim_hash": hashlib.sha256(text).hexdigest(),
        "kind": claim["kind"],
        "students": claim["students"],
        "teachers": claim["teachers"],
        "dimension": claim["dimension"],
        "uniqueness_radius": _positive(claim["uniqueness_radius"], "uniqueness_radius"),
        "error_radius": _positive(claim["error_radius"], "error_radius"),
        "index": index,
        "curvature": _positive(claim["curvature"], "curvature"),
        "ambient_index": _integer(parts[0], 0, claim["students"], "ambient_index") if there else None,
        "ambient_curvature": _positive(parts[1], "ambient_curvature") if there else None,
        "loss": (_dyadic(loss[0], "loss"), _dyadic(loss[1], "loss")),
        "not_global": claim["not_global"],
        "precision": witness["precision"],
        "splitting": _splitting(claim["splitting"], rows[0], claim["dimension"]) if "splitting" in claim else [],
        "basin": _basin(claim) if "basin" in claim else None,
        "newborn": _newborn(claim["newborn"], rows[1]) if "newborn" in claim else None,
    }


def _basin(claim: Any) -> Basin:
    """Only for a strict minimum in every dimension."""
    _keys(claim["basin"], {"radius", "rate", "step"}, "basin")
    if claim["index"] != 0 or claim["ambient_index"] != 0:
        raise Malformed("a basin is claimed of a point that is not a strict minimum in every dimension")
    return Basin(*(_positive(claim["basin"][name], "basin") for name in ("radius", "rate", "step")))


def _newborn(value: Any, teachers: int) -> Newborn:
    """A direction of descent: the slope is negative."""
    _keys(value, {"teacher", "slope"}, "newborn")
    low, high = (_dyadic(end, "newborn") for end in _list(value["slope"], 2, "newborn"))
    if high[0] >= 0:
        raise Malformed("newborn: the slope is not negative")
    return Newborn(_integer(value["teacher"], 0, teachers - 1, "newborn"), (low, high))


def _splitting(value: Any, rows: int, dimension: int) -> list[Split | None]:
    """For each row of the centre null or [negative, positive, beside, gap]."""
    return [None if entry is None else _split(_list(entry, 4, "splitting"), dimension)
            for entry in _list(value, rows, "splitting")]  # fmt: skip


def _split(entry: list[Any], dimension: int) -> Split:
    negative, positive = (_integer(x, 0, dimension - 1, "splitting") for x in entry[:2])
    if type(entry[2]) is not int or abs(entry[2]) != 1:
        raise Malformed("splitting: the sign beside the span is not 1 or -1")
    return Split(negative, positive, entry[2], _positive(entry[3], "splitting"))


def _family(claim: Any, witness: Any, text: bytes) -> FamilyCertificate:
    _keys(claim, _CLAIM_KEYS | {"signature", "spectrum", "copies"}, "claim", optional=_OPTIONAL_KEYS)
    _keys(witness, {"precision", "gap"}, "witness")
    sizes, owners = _signature(claim["signature"])
    students = sum(1 if owner is None else sizes[owner] for owner in owners)
    if [claim[name] for name in ("students", "teachers", "dimension")] != [students, sum(sizes), sum(sizes)]:
        raise Malformed("students, teachers and dimension are not those of the signature")
    if any(type(claim[name]) is not int for name in ("students", "teachers", "dimension")):
        raise Malformed("students, teachers and dimension must be integers")
    precision = _integer(witness["precision"], 32, LIMIT_BITS, "precision")
    if (len(sizes) + len(owners)) ** 5 * (1 + precision // 256) ** 2 > LIMIT_CLASS_WORK:
        raise ResourceLimit("the blocks of so many classes would take too long at this precision")
    orthonormal = claim["teacher"] == "orthonormal"
    teacher = (
        [(1, 0), (0, 0)] if orthonormal else [_dyadic(x, "teacher") for x in _list(claim["teacher"], 2, "teacher")]
    )
    centre = _matrix(claim["centre"], len(owners), len(sizes) + 1, "centre")
    if any(owner is None and row[-1][0] for owner, row in zip(owners, centre, strict=True)):
        raise Malformed("a single student has an entry of its own")
    if type(claim["copies"]) is not bool:
        raise Malformed("copies is not a truth value")
    return FamilyCertificate(
        **_common(claim, witness, text, (len(owners), len(sizes))),
        orthonormal=orthonormal,
        sizes=sizes,
        owners=owners,
        teacher=(teacher[0], teacher[1]),
        centre=centre,
        copies=claim["copies"],
        gap=_positive(witness["gap"], "gap"),
        spectrum=[_eigenvalues(entry) for entry in _short_list(claim["spectrum"], "spectrum")],
    )


def _signature(value: Any) -> tuple[list[int], list[int | None]]:
    _keys(value, {"sizes", "owners"}, "signature")
    sizes, owners = (_short_list(value[name], name) for name in ("sizes", "owners"))
    for size in sizes:
        _integer(size, 1, LIMIT_CLASS_SIZE, "class size")
    for owner in (x for x in owners if x is not None):
        _integer(owner, 0, len(sizes) - 1, "owner")
    return sizes, owners


def _short_list(value: Any, name: str) -> list[Any]:
    if type(value) is not list or not 0 < len(value) <= LIMIT_LIST:
        raise Malformed(f"{name} is not a list of 1 to {LIMIT_LIST} entries")
    return value


def _eigenvalues(value: Any) -> tuple[int, list[tuple[Dyadic, Dyadic]]]:
    """[multiplicity, [[lower, upper], ...]]."""
    entry = _list(value, 2, "spectrum")
    pairs = [_list(pair, 2, "spectrum") for pair in _short_list(entry[1], "spectrum")]
    multiplicity = _integer(entry[0], 1, LIMIT_CLASS_SIZE**2, "multiplicity")
    return multiplicity, [(_dyadic(low, "spectrum"), _dyadic(high, "spectrum")) for low, high in pairs]


def _teacher(value: Any, teachers: int, dimension: int) -> tuple[bool, list[list[Dyadic]]]:
    """The standard basis, or an explicit matrix with nonzero rows."""
    if value == "orthonormal":
        if teachers > dimension:
            raise Malformed("more orthonormal teachers than dimensions")
        return True, [[(1, 0) if a == m else (0, 0) for a in range(dimension)] for m in range(teachers)]
    matrix = _matrix(value, teachers, dimension, "teacher")
    if not all(any(mantissa for mantissa, _ in row) for row in matrix):
        raise Malformed("a teacher is zero")
    return False, matrix


def _spectrum(value: Any, count: int, size: int, precision: int) -> Spectrum:
    _keys(value, _SPECTRUM_KEYS, "spectrum")
    bits = _integer(value["factor_bits"], 8, LIMIT_BITS, "factor_bits")
    if 2 * bits > precision:
        raise Malformed("factor_bits needs twice as many bits of precision")
    top = 1 << LIMIT_DIRECTION_BITS
    directions = [
        [_integer(x, -top, top, "directions") for x in _list(row, size, "directions")]
        for row in _list(value["directions"], count, "directions")
    ]
    weight = _integer(value["weight"], 0, 1 << LIMIT_BITS, "weight")
    return Spectrum(_positive(value["gap"], "gap"), bits, directions, weight)
