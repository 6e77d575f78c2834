"""Claims about every width: their fields, validated, and the claim in words (docs/all-sizes.md)."""

import hashlib
from dataclasses import dataclass
from typing import Any, NamedTuple

from certify.checker.errors import Malformed
from certify.checker.fields import Dyadic, canonical, dyadic, integer, keys, positive, sequence
from certify.checker.numerals import decimal

TUBE_KIND = "strict-local-minima-of-all-widths"
CROSSING_KIND = "eigenvalue-crossing-along-a-branch"
LIMIT_PIECES = 1 << 14
LIMIT_TURNED = 1 << 10
LIMIT_WIDTH = 1 << 20
LIMIT_PRECISION = 512
LIMIT_INVERSE_BITS = 64
WIDTH_DIGITS = 24


class Piece(NamedTuple):
    """eps in [low, high]; unknowns within radii of centre + slope (eps - middle); inverse: in units of 2^-bits."""

    low: Dyadic
    high: Dyadic
    centre: list[Dyadic]
    slope: list[Dyadic]
    radii: list[Dyadic]
    inverse: list[list[int]]


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Claim and witness about a curve of critical points, from infinite width down to first_width."""

    claim_hash: str
    kind: str
    turned: int
    first_width: int
    pieces: list[Piece]
    precision: int
    inverse_bits: int


@dataclass(frozen=True, kw_only=True)
class Tube(Curve):
    """All of them are minima."""

    curvature: Dyadic
    scaled_loss: tuple[Dyadic, Dyadic]


@dataclass(frozen=True, kw_only=True)
class Crossing(Curve):
    """One eigenvalue crosses zero, in the piece `crossing`; a pivot is monotone in the pieces from one to the other of
    `monotone`.
    """

    monotone: tuple[int, int]
    crossing: int
    crossing_width: tuple[Dyadic, Dyadic]


def read_curve(claim: Any, witness: Any) -> Curve:
    """Parse and validate; raises Malformed."""
    names = {"kind", "landscape", "family", "turned", "first_width", "tube"}
    crossing = claim.get("kind") == CROSSING_KIND
    own = {"monotone", "crossing", "crossing_width"} if crossing else {"curvature", "scaled_loss"}
    keys(claim, names | own, "claim")
    keys(witness, {"precision", "inverse_bits", "inverses"}, "witness")
    if claim["kind"] not in (TUBE_KIND, CROSSING_KIND):  # perhaps not hashable
        raise Malformed("unknown kind")
    if (claim["landscape"], claim["family"]) != ("relu-population-loss", "turned"):
        raise Malformed("unknown landscape or family")
    turned = integer(claim["turned"], 1, LIMIT_TURNED, "turned")
    size = 5 if turned == 1 else 6
    if type(claim["tube"]) is not list or not 0 < len(claim["tube"]) <= LIMIT_PIECES:
        raise Malformed(f"tube is not a list of 1 to {LIMIT_PIECES} pieces")
    inverses = sequence(witness["inverses"], len(claim["tube"]), "inverses")
    common: dict[str, Any] = {
        "claim_hash": hashlib.sha256(canonical(claim)).hexdigest(),
        "kind": claim["kind"],
        "turned": turned,
        "first_width": integer(claim["first_width"], turned + 3, LIMIT_WIDTH, "first_width"),
        "pieces": [_piece(entry, inverse, size) for entry, inverse in zip(claim["tube"], inverses, strict=True)],
        "precision": integer(witness["precision"], 64, LIMIT_PRECISION, "precision"),
        "inverse_bits": integer(witness["inverse_bits"], 1, LIMIT_INVERSE_BITS, "inverse_bits"),
    }
    if crossing:
        end = len(claim["tube"]) - 1
        place = integer(claim["crossing"], 0, end, "crossing")
        first, last = sequence(claim["monotone"], 2, "monotone")
        monotone = integer(first, 0, place, "monotone"), integer(last, place, end, "monotone")
        return Crossing(**common, monotone=monotone, crossing=place, crossing_width=_ends(claim, "crossing_width"))
    curvature = positive(claim["curvature"], "curvature")
    return Tube(**common, curvature=curvature, scaled_loss=_ends(claim, "scaled_loss"))


def _ends(claim: Any, name: str) -> tuple[Dyadic, Dyadic]:
    low, high = sequence(claim[name], 2, name)
    return dyadic(low, name), dyadic(high, name)


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


def curve_sentence(c: Curve) -> str:
    """The theorem of such a certificate, in one line."""
    if isinstance(c, Crossing):
        return _crossing_sentence(c)
    if isinstance(c, Tube):
        return _tube_sentence(c)
    raise Malformed("unknown kind of claim")


def _tube_sentence(c: Tube) -> str:
    p, first = c.turned, c.first_width
    low, high = decimal(c.scaled_loss[0], up=False), decimal(c.scaled_loss[1], up=True)
    return (
        f"for every integer k >= {first}, k ReLU students, k orthonormal teachers, Gaussian inputs: "
        f"exactly one critical point fixed by S_(k-{p}) x S_{p} lies in the section at k of the tube of this "
        f"certificate, with {_turned(p)}; it is a strict local minimum in R^D for every D >= k, with every Hessian "
        f"eigenvalue at least {decimal(c.curvature, up=False)}; k times its loss lies in [{low}, {high}]; it is not a "
        f"global minimum; these points lie on one continuous curve over all real k >= {first}, along which k times the "
        f"loss tends to {'' if p == 1 else f'{p} '}(1/2 - 2/pi^2)"
    )


def _turned(p: int) -> str:
    return "one of them turned against its teacher" if p == 1 else f"{p} of them turned against their teachers"


def _crossing_sentence(c: Crossing) -> str:
    p, first = c.turned, c.first_width
    low, high = (decimal(x, up=up, digits=WIDTH_DIGITS) for x, up in zip(c.crossing_width, (False, True), strict=True))
    above = _floor(c.crossing_width[1]) + 1
    below = -_floor((-c.crossing_width[0][0], c.crossing_width[0][1])) - 1
    where = f"for k = {first}" if first == below else f"for every integer k from {first} to {below}"
    saddles = f"; {where} it is a saddle of index k - {p + 1} in R^D for every D >= k"
    return (
        f"k ReLU students, k orthonormal teachers, Gaussian inputs, {_turned(p)}: over all real k >= {first} the zeros "
        f"of the reduced gradient in the tube of this certificate form one continuous curve, which begins at the limit "
        f"of infinite width; along it the blocks of the reduced Hessian are positive definite, save that of the "
        f"standard representation of S_(k-{p}), which has no eigenvalue <= 0 above one real k*, a simple eigenvalue 0 "
        f"that crosses with nonzero speed at k*, and exactly one negative eigenvalue below it; k* lies in "
        f"[{low}, {high}]; for every integer k >= {max(above, first)} the point of the curve is a strict local minimum "
        f"in R^D for every D >= k{saddles if first <= below else ''}"
    )


def _floor(x: Dyadic) -> int:
    """The largest integer <= x."""
    return x[0] << x[1] if x[1] >= 0 else x[0] >> -x[1]
