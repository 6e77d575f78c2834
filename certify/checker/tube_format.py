"""Claims about every width: their fields, validated, and the claim in words (docs/all-sizes.md)."""

import hashlib
from dataclasses import dataclass
from typing import Any, NamedTuple

from certify.checker.errors import Malformed
from certify.checker.fields import Dyadic, canonical, dyadic, integer, keys, positive, sequence
from certify.checker.numerals import decimal

TUBE_KIND = "strict-local-minima-of-all-widths"
CROSSING_KIND = "eigenvalue-crossing-along-a-branch"
ALL, ALL_BUT_ONE, DOUBLED, TWO_DOUBLED = 0, -1, -2, -3  # of Curve.turned
FAMILIES = {"all-turned": ALL, "all-but-one-turned": ALL_BUT_ONE, "doubled": DOUBLED, "two-doubled": TWO_DOUBLED}
UNSCALED = ALL, ALL_BUT_ONE  # whose loss tends to a positive limit
UNKNOWNS = {ALL: 2, ALL_BUT_ONE: 5, DOUBLED: 7, TWO_DOUBLED: 9, 1: 5}  # else 6
LIMIT_PIECES = 1 << 14
LIMIT_TURNED = 1 << 10
LIMIT_WIDTH = 1 << 20
LIMIT_PRECISION = 512
WIDTH_DIGITS = 24


class Piece(NamedTuple):
    """eps in [low, high]; unknowns within radii of centre + slope (eps - middle)."""

    low: Dyadic
    high: Dyadic
    centre: list[Dyadic]
    slope: list[Dyadic]
    radii: list[Dyadic]


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Claim and witness about a curve of critical points, from infinite width down to first_width.

    turned: how many students are turned against their teachers, ALL, ALL_BUT_ONE, or, with one or two students more
    than teachers, DOUBLED or TWO_DOUBLED.  first_width: teachers.
    """

    claim_hash: str
    kind: str
    turned: int
    first_width: int
    pieces: list[Piece]
    precision: int
    scaled_loss: tuple[Dyadic, Dyadic] | None


@dataclass(frozen=True, kw_only=True)
class Tube(Curve):
    """All of them are minima; scaled_loss is claimed."""

    curvature: Dyadic
    scaled_loss: tuple[Dyadic, Dyadic]


@dataclass(frozen=True, kw_only=True)
class Crossing(Curve):
    """One eigenvalue crosses zero, in the piece `crossing`; a pivot is monotone in the pieces from one to the other of
    `monotone`.  scaled_loss is claimed for TWO_DOUBLED.
    """

    monotone: tuple[int, int]
    crossing: int
    crossing_width: tuple[Dyadic, Dyadic]


def read_curve(claim: Any, witness: Any) -> Curve:
    """Parse and validate; raises Malformed."""
    names = {"kind", "landscape", "family", "first_width", "tube"}
    kind = claim.get("kind")
    if kind not in (TUBE_KIND, CROSSING_KIND):  # perhaps not hashable
        raise Malformed("unknown kind")
    names_here = {name: p for name, p in FAMILIES.items() if (p == TWO_DOUBLED) == (kind == CROSSING_KIND)}
    other = next((p for name, p in names_here.items() if name == claim.get("family")), None)
    loss = None if kind == CROSSING_KIND and other is None else "loss" if other in UNSCALED else "scaled_loss"
    own = {"monotone", "crossing", "crossing_width"} if kind == CROSSING_KIND else {"curvature"}
    keys(claim, names | own | ({loss} if loss else set()) | ({"turned"} if other is None else set()), "claim")
    keys(witness, {"precision"}, "witness")
    if claim["landscape"] != "relu-population-loss" or (other is None and claim["family"] != "turned"):
        raise Malformed("unknown landscape or family")
    turned = integer(claim["turned"], 1, LIMIT_TURNED, "turned") if other is None else other
    size = UNKNOWNS.get(turned, 6)
    common: dict[str, Any] = {
        "claim_hash": hashlib.sha256(canonical(claim)).hexdigest(),
        "kind": kind,
        "turned": turned,
        "first_width": integer(claim["first_width"], outside(turned) + 3, LIMIT_WIDTH, "first_width"),
        "pieces": read_pieces(claim["tube"], size),
        "precision": integer(witness["precision"], 64, LIMIT_PRECISION, "precision"),
    }
    common["scaled_loss"] = _ends(claim, loss) if loss else None
    if kind == TUBE_KIND:
        return Tube(**common, curvature=positive(claim["curvature"], "curvature"))
    end = len(claim["tube"]) - 1
    place = integer(claim["crossing"], 0, end, "crossing")
    first, last = sequence(claim["monotone"], 2, "monotone")
    monotone = integer(first, 0, place, "monotone"), integer(last, place, end, "monotone")
    width = _ends(claim, "crossing_width")
    if not 0 <= _floor(width[0]) <= _floor(width[1]) < LIMIT_WIDTH:
        raise Malformed("crossing_width is out of range")
    return Crossing(**common, monotone=monotone, crossing=place, crossing_width=width)


def outside(turned: int) -> int:
    """k - n: teachers that are not in the class of n: those of the turned students, none, or one."""
    return {DOUBLED: 1, TWO_DOUBLED: 2}.get(turned, abs(turned))


def _ends(claim: Any, name: str) -> tuple[Dyadic, Dyadic]:
    low, high = sequence(claim[name], 2, name)
    return dyadic(low, name), dyadic(high, name)


def read_pieces(value: Any, size: int, name: str = "eps") -> list[Piece]:
    """The pieces of a tube; name: of the parameter."""
    if type(value) is not list or not 0 < len(value) <= LIMIT_PIECES:
        raise Malformed(f"tube is not a list of 1 to {LIMIT_PIECES} pieces")
    pieces = []
    for entry in value:
        keys(entry, {name, "centre", "slope", "radii"}, "piece")
        low, high = (dyadic(x, name) for x in sequence(entry[name], 2, name))
        centre, slope = ([dyadic(x, part) for x in sequence(entry[part], size, part)] for part in ("centre", "slope"))
        radii = [positive(x, "radii") for x in sequence(entry["radii"], size, "radii")]
        pieces.append(Piece(low, high, centre, slope, radii))
    return pieces


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
    if p == DOUBLED:
        return (
            f"for every integer k >= {first}, k + 1 ReLU students, k orthonormal teachers, Gaussian inputs: exactly "
            "one critical point fixed by S_(k-1) lies in the section at k of the tube of this certificate, with two "
            "students turned against one teacher; it is a strict local minimum in R^D for every D >= k, with every "
            f"Hessian eigenvalue at least {decimal(c.curvature, up=False)}; k times its loss lies "
            f"in [{low}, {high}]; it is not a global minimum; these points lie on one continuous curve over all real "
            f"k >= {first}, along which k times the loss tends to a limit"
        )
    if p <= 0:
        group, who = ("S_k", "all students") if p == ALL else ("S_1 x S_(k-1)", "all students but one")
        return (
            f"for every integer k >= {first}, k ReLU students, k orthonormal teachers, Gaussian inputs: exactly one "
            f"critical point fixed by {group} lies in the section at k of the tube of this certificate, with {who} "
            "turned against their teachers; it is a strict local minimum in R^D for every D >= k, with every Hessian "
            f"eigenvalue at least {decimal(c.curvature, up=False)}; its loss lies in [{low}, {high}]; it is not a "
            f"global minimum; these points lie on one continuous curve over all real k >= {first}, along which the "
            "loss tends to 1/2 - 1/pi"
        )
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
    if c.scaled_loss is not None:
        return _two_doubled_sentence(first, c.scaled_loss, (low, high), below, above)
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


def _two_doubled_sentence(
    first: int, loss: tuple[Dyadic, Dyadic], width: tuple[str, str], below: int, above: int
) -> str:
    """below, above: the integers next to the bounds of k*."""
    low, high = decimal(loss[0], up=False), decimal(loss[1], up=True)
    where = f"for every integer k from {first} to {below}" if first < below else f"for k = {first}"
    minima = f"{where} the point of the curve is a strict local minimum in R^D for every D >= k; "
    return (
        "k + 2 ReLU students, k orthonormal teachers, Gaussian inputs, two students turned against each of two "
        f"teachers: over all real k >= {first} the zeros of the reduced gradient of class sizes k - 2 and 2 in the "
        "tube of this certificate form one continuous curve, which begins at a limit of infinite width; the block of "
        "the product of the two standard representations has exactly one negative eigenvalue above one real k*, a "
        "simple eigenvalue 0 that crosses with nonzero speed at k*, and no eigenvalue <= 0 below it; k* lies in "
        f"[{width[0]}, {width[1]}]; {minima if first <= below else ''}for every integer k >= {max(above, first)} it "
        "is a saddle of index k - 3 in R^k, and no local minimum in R^D for any D >= k; for every integer k >= "
        f"{first} it is fixed by S_(k-2) x S_2, k times its loss lies in [{low}, {high}], and it is no global minimum"
    )


def _floor(x: Dyadic) -> int:
    """The largest integer <= x."""
    return x[0] << x[1] if x[1] >= 0 else x[0] >> -x[1]
