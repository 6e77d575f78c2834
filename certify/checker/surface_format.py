"""Claims about every width and any number of turned students: fields, validated, and words (docs/all-sizes.md, A14)."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from certify.checker.errors import Malformed
from certify.checker.fields import Dyadic, canonical, integer, keys, positive, sequence
from certify.checker.tube_format import LIMIT_PRECISION

SURFACE_KIND = "strict-local-minima-of-all-widths-and-turned"
UNKNOWNS = 6
AXES = {"share": 0, "kappa": 1}
LIMIT_NODES = 1 << 16
LIMIT_DEPTH = 40  # with GRID, so that all ends and middles are exact at 64 bits
GRID = 16
LIMIT_TURNED = 1 << 20
LIMIT_RATIO = 1 << 10
LIMIT_BITS = 256
LIMIT_NUMBER = 1 << 256
COLUMNS = (
    ("centre", -LIMIT_NUMBER),
    ("slope", -LIMIT_NUMBER),
    ("slope", -LIMIT_NUMBER),
    ("radius", 1),
)  # of an unknown, in units of 2^-bits, and from where on


class Leaf(NamedTuple):
    """On one rectangle: unknowns within radii of centre + slopes (parameters - their middle)."""

    number: int
    centre: list[Dyadic]
    slopes: list[list[Dyadic]]  # by share and kappa, for each unknown
    radii: list[Dyadic]


class Split(NamedTuple):
    """Both halves of a rectangle, the lower first."""

    axis: int
    halves: tuple["Tree", "Tree"]


Tree = Leaf | Split


@dataclass(frozen=True, kw_only=True)
class Surface:
    """Minima for all p >= least_turned and n p[1] >= ratio[0] p / ratio[1]; ends: of share and kappa."""

    claim_hash: str
    kind: str
    least_turned: int
    ratio: tuple[int, int]
    ends: tuple[Dyadic, Dyadic]
    tree: Tree
    leaves: int
    precision: int
    start: int


def read_surface(claim: Any, witness: Any) -> Surface:
    """Parse and validate; raises Malformed."""
    keys(claim, {"kind", "landscape", "family", "least_turned", "ratio", "share", "kappa", "bits", "surface"}, "claim")
    keys(witness, {"precision", "start"}, "witness")
    if (claim["kind"], claim["landscape"], claim["family"]) != (SURFACE_KIND, "relu-population-loss", "turned"):
        raise Malformed("unknown kind, landscape or family")
    bits = [integer(x, 0, LIMIT_BITS, "bits") for x in sequence(claim["bits"], len(COLUMNS), "bits")]
    first, second = (integer(x, 1, LIMIT_RATIO, "ratio") for x in sequence(claim["ratio"], 2, "ratio"))
    ends = positive(claim["share"], "share"), positive(claim["kappa"], "kappa")
    if min(exponent for _, exponent in ends) < -GRID:
        raise Malformed(f"share and kappa are not multiples of 2^-{GRID}")
    if type(claim["surface"]) is not list or not len(claim["surface"]) <= LIMIT_NODES:
        raise Malformed(f"surface is not a list of at most {LIMIT_NODES} entries")
    nodes: Iterator[tuple[int, Any]] = iter(enumerate(claim["surface"]))
    tree = _tree(nodes, bits, 0)
    if next(nodes, None) is not None:
        raise Malformed("surface has entries after its last rectangle")
    leaves = (len(claim["surface"]) + 1) // 2
    return Surface(
        claim_hash=hashlib.sha256(canonical(claim)).hexdigest(),
        kind=SURFACE_KIND,
        least_turned=integer(claim["least_turned"], 3, LIMIT_TURNED, "least_turned"),
        ratio=(first, second),
        ends=ends,
        tree=tree,
        leaves=leaves,
        precision=integer(witness["precision"], 64, LIMIT_PRECISION, "precision"),
        start=integer(witness["start"], 0, len(claim["surface"]) - 1, "start"),
    )


def _tree(nodes: Iterator[tuple[int, Any]], bits: list[int], depth: int) -> Tree:
    """In preorder: the name of the parameter that is halved, or a rectangle; numbered by position."""
    last: tuple[int, Any] = (0, None)
    number, entry = next(nodes, last)
    if type(entry) is str and entry in AXES:
        if depth == LIMIT_DEPTH:
            raise Malformed(f"surface is more than {LIMIT_DEPTH} deep")
        return Split(AXES[entry], (_tree(nodes, bits, depth + 1), _tree(nodes, bits, depth + 1)))
    rows = [sequence(row, len(COLUMNS), "rectangle") for row in sequence(entry, UNKNOWNS, "rectangle")]
    columns = [
        [(integer(row[k], low, LIMIT_NUMBER, name), -bits[k]) for row in rows] for k, (name, low) in enumerate(COLUMNS)
    ]
    centre, share, kappa, radii = columns
    return Leaf(number, centre, [list(pair) for pair in zip(share, kappa, strict=True)], radii)


def surface_sentence(c: Surface) -> str:
    """The theorem of such a certificate, in one line."""
    most, least = c.ratio
    where = f"{least} (k - p) >= {most} p" if least > 1 else f"k - p >= {most} p"
    return (
        f"for all integers p >= {c.least_turned} and k with {where}, k ReLU students, k orthonormal teachers, Gaussian "
        "inputs: exactly one critical point fixed by S_(k-p) x S_p lies in the section at k and p of the surface of "
        "this certificate, with p of them turned against their teachers; it is a strict local minimum in R^D for every "
        f"D >= k; it is not a global minimum; these points lie on one continuous surface over all real p >= "
        f"{c.least_turned} and k with {where}"
    )
