"""All zeros in a region: bisection, exclusion and contraction on many boxes at once (docs/systems.md, Z8).

The search is a guide and proves nothing: its result is a certificate that the checker must confirm.  Boxes are float64
multiples of 2^-grid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from math import ceil, floor, ldexp
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from certify.arithmetic import Dyadic, float_text, text
from certify.arithmetic.dyadic import normal
from certify.certificate import Certificate
from certify.errors import InputError
from certify.outcome import ProvedZero
from certify.proving.gauss_seidel import contracted, sides
from certify.proving.zero import prove_zero
from certify.systems.batch import Batch, evaluate_batch
from certify.systems.system import System

Array = NDArray[np.float64]
Together = Callable[[Callable[["Part"], "Grown"], list["Part"]], Iterable["Grown"]]

BATCH = 2048
MANTISSA = 51
USEFUL = 0.8  # a contraction is recorded where some side shrinks to this share
LEAST_SIZE = 2.0**-4  # what coordinates of zeros count as, by sides of the region
KEPT_BITS = 8  # contracted sides are rounded outward to this share of their width
OFF_CENTRE = 0.5 + 2.0**-6  # cuts avoid the middle, where zeros of symmetric systems are
PRECISION = 64
LARGEST_BITS = 128
LARGEST = 2.0**1000  # of coordinates
MANY = 256  # waiting boxes that are dealt out
PARTS = 16  # into so many searches of their own, however many processes there are
ROUND = 1024  # boxes that each of them looks at


class Progress(NamedTuple):
    """Boxes done and waiting, zeros found."""

    done: int
    waiting: int
    zeros: int


class Part(NamedTuple):
    """Boxes of a search to be searched alone: sides, zeros known so far, how many boxes may be looked at."""

    system: System
    region: list[tuple[Dyadic, Dyadic]]
    least: float
    low: Array
    high: Array
    places: list[ProvedZero]
    limit: int


class Grown(NamedTuple):
    """What became of a part: its trees, whose first nodes are the part's boxes, and what is open."""

    nodes: list[list[Any] | None]
    children: list[list[int]]
    waiting: tuple[NDArray[np.int64], Array, Array]
    leftovers: list[tuple[int, Array, Array]]
    known: list[tuple[int, int, Array, Array]]  # name, zero, sides of boxes inside the box of a zero
    places: list[ProvedZero]
    done: int


class Listing(NamedTuple):
    """What a search found: the certificate, zeros inside and at the border, leftover boxes, boxes looked at."""

    certificate: Certificate
    zeros: list[ProvedZero]
    border: list[ProvedZero]
    leftovers: list[list[tuple[float, float]]]
    boxes: int


class Search:
    """A tree of boxes; `nodes` holds what became of each, `children` where it goes on."""

    def __init__(self, system: System, region: Sequence[tuple[Dyadic, Dyadic]], least: float) -> None:
        """least: boxes are not cut below this share of the region's sides."""
        self.system, self.region, self._share = system, list(region), least
        ends = [Fraction(x[0]) * Fraction(2) ** x[1] for side in region for x in side]
        largest = max(map(abs, ends)) or Fraction(1)
        self.grid = MANTISSA - (largest.numerator.bit_length() - largest.denominator.bit_length() + 1)
        unit = Fraction(2) ** self.grid
        low = [ldexp(floor(ends[2 * i] * unit), -self.grid) for i in range(len(region))]
        high = [ldexp(ceil(ends[2 * i + 1] * unit), -self.grid) for i in range(len(region))]
        self.low, self.high = np.array(low)[:, None], np.array(high)[:, None]
        self.sizes = ((self.high - self.low)[:, 0] * LEAST_SIZE).tolist()
        self.least = np.maximum((self.high - self.low)[:, 0] * least, ldexp(16.0, -self.grid))
        self.identities = np.zeros(1, dtype=np.int64)
        self.nodes: list[list[Any] | None] = [None]
        self.children: list[list[int]] = [[]]
        self.places: list[ProvedZero] = []
        none = np.zeros((0, len(region)))
        self.unique = none, none  # sides of the boxes that have one zero each, slightly smaller
        self.errors = none, none  # sides of the boxes that these zeros are in, slightly larger
        self.leftovers: list[tuple[int, Array, Array]] = []
        self.known: list[tuple[int, int, Array, Array]] = []
        self.done = 0

    @property
    def subject(self) -> dict[str, Any]:
        """System and region as in the claim."""
        return {"system": self.system.data, "region": [[text(a), text(b)] for a, b in self.region]}

    def run(self, max_boxes: int, report: Callable[[Progress], None] | None, together: Together = map) -> None:
        """Until no box is left, or so many have been looked at; what is left then is left over.

        together: calls a function on many arguments and gives its values in order, in processes if it likes.  What is
        found depends on neither the number of processes nor on which of them is faster.
        """
        while self.identities.size and self.done < max_boxes:
            left = max_boxes - self.done
            if self.identities.size < MANY or left < MANY * PARTS:
                self._step(min(BATCH, left))
                self._tell(report)
                continue
            dealt = self._dealt(min(ROUND, left // PARTS))
            for names, grown in zip(
                [names for names, _ in dealt], together(grow, [part for _, part in dealt]), strict=True
            ):
                self._merge(names, grown)
                self._tell(report)
        for place, identity in enumerate(self.identities):
            self.leftovers.append((int(identity), self.low[:, place], self.high[:, place]))

    def _tell(self, report: Callable[[Progress], None] | None) -> None:
        if report is not None:
            report(Progress(self.done, int(self.identities.size), len(self.places)))

    def _dealt(self, limit: int) -> list[tuple[NDArray[np.int64], Part]]:
        """All waiting boxes in parts, neighbours in different ones."""
        low, high, names = self.low, self.high, self.identities
        self.low, self.high, self.identities = low[:, :0], high[:, :0], names[:0]
        return [
            (names[k::PARTS], Part(self.system, self.region, self._share, low[:, k::PARTS], high[:, k::PARTS],
                                   list(self.places), limit))
            for k in range(PARTS)
        ]  # fmt: skip

    def _merge(self, names: NDArray[np.int64], grown: Grown) -> None:
        """Put the trees of a part where its boxes were."""
        count, base = len(names), len(self.nodes) - len(names)
        name = [*names.tolist(), *range(base + count, base + len(grown.nodes))]
        self.nodes += [None] * (len(grown.nodes) - count)
        self.children += [[] for _ in range(len(grown.nodes) - count)]
        for k, node in enumerate(grown.nodes):
            self.nodes[name[k]], self.children[name[k]] = node, [name[child] for child in grown.children[k]]
        places = {i: self._admitted(place) for i, place in enumerate(grown.places)}
        for k, zero, low, high in grown.known:
            place = places[zero]
            self.nodes[name[k]] = None if place is None else ["zero", place]
            if place is None:  # another part has found this zero, with another box
                self._push(name[k], low, high)
        for k, low, high in zip(grown.waiting[0].tolist(), grown.waiting[1].T, grown.waiting[2].T, strict=True):
            self._push(name[k], low, high)
        self.leftovers += [(name[k], low, high) for k, low, high in grown.leftovers]
        self.done += grown.done

    def grown(self, part: Part) -> Grown:
        """Search the boxes of a part instead of the region."""
        self.low, self.high, self.identities = part.low, part.high, np.arange(part.low.shape[1])
        self.nodes, self.children = [None] * part.low.shape[1], [[] for _ in range(part.low.shape[1])]
        for place in part.places:
            self._admit(place)
        while self.identities.size and self.done < part.limit:
            self._step(min(BATCH, part.limit - self.done))
        before, waiting = len(part.places), (self.identities, self.low, self.high)
        known = [(name, zero - before, low, high) for name, zero, low, high in self.known if zero >= before]
        return Grown(self.nodes, self.children, waiting, self.leftovers, known, self.places[before:], self.done)

    def resume(self, tree: Sequence[list[Any]], grid: int) -> None:
        """Go on from the tree of a certificate about the same system and region: cuts, contractions and exclusions are
        kept, and the leaves that are zeros or left over are looked at again.
        """
        if grid != self.grid:
            raise InputError("the certificate has another grid")
        root, stack, nodes = (0, self.low[:, 0], self.high[:, 0]), [], iter(tree)
        self.low, self.high, self.identities = self.low[:, :0], self.high[:, :0], self.identities[:0]
        stack.append(root)
        while stack:
            name, low, high = stack.pop()
            node = next(nodes, None)
            if node is None:
                raise InputError("the tree of the certificate is incomplete")
            if node[0] in ("zero", "leftover"):
                self._push(name, low, high)
                continue
            self.nodes[name] = list(node)
            if node[0] == "split":
                below, above = high.copy(), low.copy()
                below[node[1]] = above[node[1]] = ldexp(float(node[2]), -grid)
                first, second = self._child(name), self._child(name)
                stack += [(second, above, high), (first, low, below)]
            elif node[0] == "newton" and node[2] is not None:
                ends = np.array([[ldexp(float(x), -grid) for x in side] for side in node[2]])
                stack.append((self._child(name), ends[:, 0], ends[:, 1]))

    def _step(self, size: int) -> None:
        """The youngest boxes: those on the way down a branch first, so that few wait."""
        take, keep = slice(-size, None), slice(0, max(0, self.identities.size - size))
        low, high, names = self.low[:, take], self.high[:, take], self.identities[take]
        self.low, self.high, self.identities = self.low[:, keep], self.high[:, keep], self.identities[keep]
        self.done += names.size
        left = self._known(low, high, names)
        low, high, names = low[:, left], high[:, left], names[left]
        if not names.size:
            return
        batch = evaluate_batch(self.system, sides(low, high), gradients=True)
        excluded = np.full(names.size, -1)
        for i, (value, undefined) in enumerate(zip(batch.values, batch.undefined, strict=True)):
            excluded[((value[0] > 0) | (value[1] < 0) | undefined) & (excluded < 0)] = i
        for k in np.flatnonzero(excluded >= 0):
            self.nodes[names[k]] = ["excluded", int(excluded[k])]
        rest = np.flatnonzero(excluded < 0)
        if rest.size:
            self._contract(low[:, rest], high[:, rest], names[rest], _selected(batch, rest))

    def _known(self, low: Array, high: Array, names: NDArray[np.int64]) -> NDArray[np.int64]:
        """Boxes inside a box of a known zero become leaves; the positions of the others."""
        left = []
        for k, (bottom, top) in enumerate(zip(low.T, high.T, strict=True)):
            around = np.flatnonzero(((bottom >= self.unique[0]) & (top <= self.unique[1])).all(axis=1))
            if around.size:
                self.nodes[names[k]] = ["zero", int(around[0])]
                self.known.append((int(names[k]), int(around[0]), bottom, top))
            else:
                left.append(k)
        return np.array(left, dtype=np.int64)

    def _contract(self, low: Array, high: Array, names: NDArray[np.int64], batch: Batch) -> None:
        smear = _smear(batch, high - low)
        smooth = np.flatnonzero(batch.smooth)
        for rough in np.flatnonzero(~batch.smooth):
            self._cut(int(names[rough]), low[:, rough], high[:, rough], smear[:, rough])
        if not smooth.size:
            return
        low, high, names, smear = low[:, smooth], high[:, smooth], names[smooth], smear[:, smooth]
        found = contracted(self.system, low, high, _selected(batch, smooth), ldexp(1.0, -self.grid))
        for k in range(names.size):
            name, rows = int(names[k]), found.rows[k]
            if found.empty[k]:
                alone = int(found.alone[k])
                told = range(len(rows)) if alone < 0 else [alone]
                self.nodes[name] = ["newton", [[r, [int(c) for c in rows[r]]] for r in told], None]
                continue
            bottom, top = self._rounded(low[:, k], high[:, k], found.low[:, k], found.high[:, k])
            before, after = high[:, k] - low[:, k], top - bottom
            shrunk = bool((after < USEFUL * before).any())  # a side may have no width
            if shrunk:
                ends = [[self._units(a), self._units(b)] for a, b in zip(bottom, top, strict=True)]
                self.nodes[name] = ["newton", [[r, [int(c) for c in row]] for r, row in enumerate(rows)], ends]
                name = self._child(name)
            else:
                bottom, top = low[:, k], high[:, k]
            if found.regular[k]:
                self._look(0.5 * (bottom + top))
            if shrunk and self._known(bottom[:, None], top[:, None], np.array([name])).size == 0:
                continue
            if shrunk and (after < 0.5 * before).any():
                self._push(name, bottom, top)
            else:
                self._cut(name, bottom, top, smear[:, k])

    def _look(self, start: Array) -> None:
        """Remember the zero near a point, if there is one that is new."""
        if ((start >= self.unique[0]) & (start <= self.unique[1])).all(axis=1).any():
            return
        outcome = prove_zero(self.system, start.tolist(), max_bits=LARGEST_BITS, sizes=self.sizes)
        if isinstance(outcome, ProvedZero):
            self._admitted(outcome)

    def _admitted(self, outcome: ProvedZero) -> int | None:
        """The number of a zero that is new; None: it is, or might be, one of those that are known."""
        centre, error = np.array(outcome.centre), np.array(outcome.error_radii)
        if ((centre - error <= self.errors[1]) & (centre + error >= self.errors[0])).all(axis=1).any():
            return None
        self._admit(outcome)
        return len(self.places) - 1

    def _admit(self, outcome: ProvedZero) -> None:
        centre = np.array(outcome.centre)
        reach, error = np.array(outcome.uniqueness_radii), np.array(outcome.error_radii)
        slack = 2.0**-50 * (np.abs(centre) + reach)
        self.places.append(outcome)
        self.unique = _added(self.unique, centre - reach + slack, centre + reach - slack)
        self.errors = _added(self.errors, centre - error - slack, centre + error + slack)

    def _cut(self, name: int, low: Array, high: Array, smear: Array) -> None:
        """Two halves along the side that matters most, or a leftover."""
        width = high - low
        possible = width > self.least
        if not possible.any():
            self.leftovers.append((name, low, high))
            return
        k = int(np.argmax(np.where(possible, smear, -1.0)))
        cut = self._units(low[k] + width[k] * OFF_CENTRE)
        self.nodes[name] = ["split", k, cut]
        place = ldexp(float(cut), -self.grid)
        below, above = high.copy(), low.copy()
        below[k] = above[k] = place
        self._push(self._child(name), low, below)
        self._push(self._child(name), above, high)

    def _child(self, name: int) -> int:
        self.nodes.append(None)
        self.children.append([])
        self.children[name].append(len(self.nodes) - 1)
        return len(self.nodes) - 1

    def _push(self, name: int, low: Array, high: Array) -> None:
        self.low = np.column_stack([self.low, low])
        self.high = np.column_stack([self.high, high])
        self.identities = np.append(self.identities, name)

    def _units(self, x: float) -> int:
        return round(ldexp(float(x), self.grid))

    def _rounded(self, low: Array, high: Array, bottom: Array, top: Array) -> tuple[Array, Array]:
        """Contracted sides, outward to few digits, inside the old ones."""
        step = np.maximum(
            2.0 ** np.floor(np.log2(np.maximum(top - bottom, 1e-300)) - KEPT_BITS), ldexp(1.0, -self.grid)
        )
        return np.maximum(low, np.floor(bottom / step) * step), np.minimum(high, np.ceil(top / step) * step)

    def listing(self) -> Listing:
        """The certificate of what was found."""
        used = {node[1] for node in self.nodes if node is not None and node[0] == "zero"}
        inside = [i for i in sorted(used) if self._relation(self.places[i]) == "inside"]
        border = [i for i in sorted(used) if i not in inside]
        position = {i: place for place, i in enumerate([*inside, *border])}
        boxes, member = merged([(low, high) for _, low, high in self.leftovers])
        for (name, _, _), group in zip(self.leftovers, member, strict=True):
            self.nodes[name] = ["leftover", group]
        tree = [
            ["zero", position[node[1]]] if node[0] == "zero" else node
            for node in (self.nodes[name] or [] for name in self._preorder())
        ]
        told = [[(float(a), float(b)) for a, b in zip(low, high, strict=True)] for low, high in boxes]
        zeros, beside = [self.places[i] for i in inside], [self.places[i] for i in border]
        claim = {
            "kind": "all-zeros",
            **self.subject,
            "zeros": [_entry(place) for place in zeros],
            "border": [_entry(place) for place in beside],
            "leftovers": [[[float_text(a), float_text(b)] for a, b in box] for box in told],
        }
        witnesses = [place.certificate.witness for place in (*zeros, *beside)]
        witness = {
            "precision": max([PRECISION, *(w["precision"] for w in witnesses)]),
            "factor_bits": max([32, *(w["factor_bits"] for w in witnesses)]),
            "grid": self.grid,
            "tree": tree,
        }
        return Listing(Certificate(claim, witness), zeros, beside, told, self.done)

    def _preorder(self) -> Iterable[int]:
        stack = [0]
        while stack:
            name = stack.pop()
            yield name
            stack.extend(reversed(self.children[name]))

    def _relation(self, place: ProvedZero) -> str:
        """Where the zero is: inside the region for certain, or not certainly."""
        for (low, high), x, r in zip(self.region, place.centre, place.error_radii, strict=True):
            bottom, top = Fraction(x) - Fraction(r), Fraction(x) + Fraction(r)
            ends = [Fraction(e[0]) * Fraction(2) ** e[1] for e in (low, high)]
            if not (ends[0] < bottom and top < ends[1]):
                return "open"
        return "inside"


def _added(sides: tuple[Array, Array], low: Array, high: Array) -> tuple[Array, Array]:
    """One box more."""
    return np.vstack([sides[0], low]), np.vstack([sides[1], high])


def grow(part: Part) -> Grown:
    """A search of a part, for another process."""
    return Search(part.system, part.region, part.least).grown(part)


def _entry(place: ProvedZero) -> dict[str, Any]:
    return {name: place.certificate.claim[name] for name in ("centre", "uniqueness_radii", "error_radii")}


def _selected(batch: Batch, which: NDArray[np.int64]) -> Batch:
    """The batch of some of the boxes; constant entries stay scalars."""

    def part(x: Any) -> Any:
        return x[which] if len(x) > 1 else x  # constants have one entry

    return Batch(
        [(part(a), part(b)) for a, b in batch.values],
        [{j: (part(a), part(b)) for j, (a, b) in row.items()} for row in batch.gradients],
        batch.smooth[which],
        [mask[which] for mask in batch.undefined],
    )


def _smear(batch: Batch, width: Array) -> Array:
    """How much each side matters: the largest derivative times the width; the width alone where that is not finite."""
    smear = np.zeros_like(width)
    with np.errstate(all="ignore"):
        _add_smear(smear, batch, width)
    plain = width / np.maximum(width.max(axis=0), 1e-300)
    return np.where(batch.smooth, smear, plain)


def _add_smear(smear: Array, batch: Batch, width: Array) -> None:
    for row in batch.gradients:
        rates = {j: np.maximum(np.abs(low), np.abs(high)) * width[j] for j, (low, high) in row.items()}
        total = np.maximum(sum(rates.values(), np.zeros(width.shape[1])), 1e-300)
        for j, rate in rates.items():
            smear[j] = np.maximum(smear[j], np.nan_to_num(rate / total, nan=0.0, posinf=0.0))


def merged(boxes: Sequence[tuple[Array, Array]]) -> tuple[list[tuple[Array, Array]], list[int]]:
    """Boxes that touch are put into one, until none touch; and for each given box where it went."""
    groups: list[tuple[Array, Array, list[int]]] = []
    for place, (low, high) in enumerate(boxes):
        bottom, top, members = low, high, [place]
        while True:
            near = [g for g in groups if (bottom <= g[1]).all() and (g[0] <= top).all()]
            if not near:
                break
            groups = [g for g in groups if all(g is not other for other in near)]
            bottom = np.minimum.reduce([bottom, *(g[0] for g in near)])
            top = np.maximum.reduce([top, *(g[1] for g in near)])
            members += [m for g in near for m in g[2]]
        groups.append((bottom, top, members))
    where = {member: place for place, group in enumerate(groups) for member in group[2]}
    return [(bottom, top) for bottom, top, _ in groups], [where[place] for place in range(len(boxes))]


def region_of(value: Sequence[Any], system: System) -> list[tuple[Dyadic, Dyadic]]:
    """Pairs of finite numbers by variable, exact; fractions that are no dyadics are rounded outward."""
    if not isinstance(value, Sequence):
        raise InputError("a region is a sequence of pairs")
    if len(value) != len(system.variables):
        raise InputError(f"the region has {len(value)} sides, the system {len(system.variables)} unknowns")
    result = []
    for side in value:
        try:
            low, high = (Fraction(end) for end in side)
        except (TypeError, ValueError, OverflowError):
            raise InputError("a side of the region is not a pair of finite numbers") from None
        if not low < high:
            raise InputError("a side of the region is empty")
        if max(abs(low), abs(high)) > LARGEST:
            raise InputError("a side of the region is beyond the range of floats")
        result.append((_outward(low, up=False), _outward(high, up=True)))
    return result


def _outward(x: Fraction, *, up: bool) -> Dyadic:
    if x.denominator & (x.denominator - 1) == 0:
        return normal(x.numerator, 1 - x.denominator.bit_length())
    shift = 64 + x.denominator.bit_length()
    scaled = x * 2**shift
    return normal(ceil(scaled) if up else floor(scaled), -shift)
