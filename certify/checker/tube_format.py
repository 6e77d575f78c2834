"""Claims about every width: the tube's fields, validated, and the claim in words (docs/all-sizes.md)."""

import hashlib
from dataclasses import dataclass
from typing import Any, NamedTuple

from certify.checker.errors import Malformed
from certify.checker.fields import Dyadic, canonical, dyadic, integer, keys, positive, sequence
from certify.checker.numerals import decimal

KIND = "strict-local-minima-of-all-widths"
LIMIT_PIECES = 1 << 14
LIMIT_TURNED = 1 << 10
LIMIT_WIDTH = 1 << 20
LIMIT_PRECISION = 512
LIMIT_INVERSE_BITS = 64


class Piece(NamedTuple):
    """eps in [low, high]; unknowns within radii of centre + slope (eps - middle); inverse: in units of 2^-bits."""

    low: Dyadic
    high: Dyadic
    centre: list[Dyadic]
    slope: list[Dyadic]
    radii: list[Dyadic]
    inverse: list[list[int]]


@dataclass(frozen=True)
class Tube:
    """Claim and witness."""

    claim_hash: str
    kind: str
    turned: int
    first_width: int
    pieces: list[Piece]
    curvature: Dyadic
    scaled_loss: tuple[Dyadic, Dyadic]
    precision: int
    inverse_bits: int


def read_tube(claim: Any, witness: Any) -> Tube:
    """Parse and validate; raises Malformed."""
    names = {"kind", "landscape", "family", "turned", "first_width", "tube", "curvature", "scaled_loss"}
    keys(claim, names, "claim")
    keys(witness, {"precision", "inverse_bits", "inverses"}, "witness")
    if (claim["kind"], claim["landscape"], claim["family"]) != (KIND, "relu-population-loss", "turned"):
        raise Malformed("unknown kind, landscape or family")
    turned = integer(claim["turned"], 1, LIMIT_TURNED, "turned")
    first_width = integer(claim["first_width"], turned + 3, LIMIT_WIDTH, "first_width")
    size = 5 if turned == 1 else 6
    if type(claim["tube"]) is not list or not 0 < len(claim["tube"]) <= LIMIT_PIECES:
        raise Malformed(f"tube is not a list of 1 to {LIMIT_PIECES} pieces")
    inverses = sequence(witness["inverses"], len(claim["tube"]), "inverses")
    low, high = sequence(claim["scaled_loss"], 2, "scaled_loss")
    return Tube(
        claim_hash=hashlib.sha256(canonical(claim)).hexdigest(),
        kind=KIND,
        turned=turned,
        first_width=first_width,
        pieces=[_piece(entry, inverse, size) for entry, inverse in zip(claim["tube"], inverses, strict=True)],
        curvature=positive(claim["curvature"], "curvature"),
        scaled_loss=(dyadic(low, "scaled_loss"), dyadic(high, "scaled_loss")),
        precision=integer(witness["precision"], 64, LIMIT_PRECISION, "precision"),
        inverse_bits=integer(witness["inverse_bits"], 1, LIMIT_INVERSE_BITS, "inverse_bits"),
    )


def _piece(entry: Any, inverse: Any, size: int) -> Piece:
    keys(entry, {"eps", "centre", "slope", "radii"}, "piece")
    low, high = (dyadic(x, "eps") for x in sequence(entry["eps"], 2, "eps"))
    centre, slope = ([dyadic(x, name) for x in sequence(entry[name], size, name)] for name in ("centre", "slope"))
    radii = [positive(x, "radii") for x in sequence(entry["radii"], size, "radii")]
    top = 1 << 2 * LIMIT_INVERSE_BITS
    rows = [
        [integer(x, -top, top, "inverse") for x in sequence(r, size, "inverse")]
        for r in sequence(inverse, size, "inverse")
    ]
    return Piece(low, high, centre, slope, radii, rows)


def tube_sentence(c: Tube) -> str:
    """The theorem a tube proves, in one line."""
    p, first = c.turned, c.first_width
    low, high = decimal(c.scaled_loss[0], up=False), decimal(c.scaled_loss[1], up=True)
    turned = "one of them turned against its teacher" if p == 1 else f"{p} of them turned against their teachers"
    return (
        f"for every integer k >= {first}, k ReLU students, k orthonormal teachers, Gaussian inputs: "
        f"exactly one critical point fixed by S_(k-{p}) x S_{p} lies in the section at k of the tube of this "
        f"certificate, with {turned}; it is a strict local minimum in R^D for every D >= k, with every Hessian "
        f"eigenvalue at least {decimal(c.curvature, up=False)}; k times its loss lies in [{low}, {high}]; it is not a "
        f"global minimum; these points lie on one continuous curve over all real k >= {first}, along which k times the "
        f"loss tends to {'' if p == 1 else f'{p} '}(1/2 - 2/pi^2)"
    )
