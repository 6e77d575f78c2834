"""A zero followed along a parameter: the interval is cut until a zero is proved on each piece (docs/systems.md, Z9)."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from certify.errors import InputError
from certify.outcome import Undecided
from certify.zeros import ProvedZero, prepared, prove_zero, relation

if TYPE_CHECKING:
    from certify.systems import System

Dyadic = tuple[int, int]
LARGEST = 1000  # exponent of the ends
LEAST_BITS = 20  # pieces are not shorter than 2^-20 of the interval


@dataclass(frozen=True)
class Piece:
    """What is known for every value of the parameter from low to high (floats; the exact ends are in the claim)."""

    low: float
    high: float
    outcome: ProvedZero | Undecided

    @property
    def proved(self) -> bool:
        """Whether there is exactly one zero in the box for each of these values."""
        return isinstance(self.outcome, ProvedZero)


@dataclass(frozen=True)
class Sweep:
    """A zero along a parameter.

    pieces: from the low to the high end, without gaps.  joints: for each piece but the first, the proof that at its low
    end its zero is that of the piece before: a zero proved there, which lies in the boxes of both; None: not shown.
    """

    parameter: str
    pieces: tuple[Piece, ...]
    joints: tuple[ProvedZero | None, ...]

    @property
    def complete(self) -> bool:
        """Whether one zero is followed along the whole interval."""
        return all(piece.proved for piece in self.pieces) and None not in self.joints

    @property
    def stretches(self) -> tuple[tuple[float, float], ...]:
        """The parts on each of which one zero is followed, as long as they can be made."""
        found: list[list[float]] = []
        for place, piece in enumerate(self.pieces):
            if piece.proved and place and self.pieces[place - 1].proved and self.joints[place - 1] is not None:
                found[-1][1] = piece.high
            elif piece.proved:
                found.append([piece.low, piece.high])
        return tuple((low, high) for low, high in found)

    @property
    def reason(self) -> str:
        """One line for tables."""
        parts = ", ".join(f"[{low:.6g}, {high:.6g}]" for low, high in self.stretches) or "no"
        return f"one zero for every {self.parameter} in {parts}; {len(self.pieces)} pieces"


def prove_sweep(
    value: object,
    start: object,
    parameters: Mapping[str, Any] | None = None,
    *,
    over: str | None = None,
    names: str | Sequence[str] | None = None,
    max_pieces: int = 256,
    max_bits: int = 53,
) -> Sweep:
    """Follow a zero along a parameter: `prove_zero` on the whole interval, or on pieces of it.

    start: near the zero at the middle of the interval, or at any value that has no other.  over: the parameter whose
    interval is cut; not needed where only one is no number.  A piece on which nothing is proved is halved, the longest
    first; the next start is the zero that is proved for the nearest values.  max_pieces: how many are tried; max_bits:
    see `prove_zero`.

    >>> sweep = prove_sweep("x - e*sin(x) - 1", [1.0], {"e": (0, 0.9)})
    >>> sweep.complete
    True
    >>> prove_sweep("x^2 - p", [1.0], {"p": (-1, 2)}).stretches[-1]
    (..., 2.0)
    >>> print(prove_sweep("x^2 - p", [1.0], {"p": (0.01, 100)}).reason)
    one zero for every p in [0.01, 100]; ... pieces
    """
    system, coordinates = prepared(value, start, names, parameters)
    loose = [p.name for p in system.parameters if p.low != p.high]
    if over is None and len(loose) == 1:
        over = loose[0]
    if over not in loose:
        raise InputError(f"the parameter to cut is none of the intervals {', '.join(loose) or '(there are none)'}")
    ends = next((p.low, p.high) for p in system.parameters if p.name == over)
    if any(x[0] and x[0].bit_length() + x[1] > LARGEST for x in ends):
        raise InputError(f"the interval of {over} is beyond the range of floats")
    return _Walk(system, over, max_bits).swept(coordinates, max_pieces)


class _Tried(NamedTuple):
    """What became of the interval from low to high."""

    low: Dyadic
    high: Dyadic
    outcome: ProvedZero | Undecided


class _Walk:
    """Pieces of an interval of one parameter."""

    def __init__(self, system: System, name: str, max_bits: int) -> None:
        self._system, self._name, self._max_bits = system, name, max_bits
        self._whole = next((p.low, p.high) for p in system.parameters if p.name == name)

    def swept(self, start: Sequence[float], max_pieces: int) -> Sweep:
        """Pieces and joints; the longest pieces are tried first, from the nearest zero that is proved."""
        waiting = deque([(*self._whole, 0)])
        done: list[_Tried] = []
        for tried in range(1, max(1, max_pieces) + 1):
            low, high, depth = waiting.popleft()
            outcome = self._proved(low, high, _nearest(done, _float(_middle(low, high)), start))
            if isinstance(outcome, ProvedZero) or depth == LEAST_BITS or tried + len(waiting) + 2 > max_pieces:
                done.append(_Tried(low, high, outcome))
            else:
                middle = _middle(low, high)
                waiting += [(low, middle, depth + 1), (middle, high, depth + 1)]
            if not waiting:
                break
        done.sort(key=lambda t: (_float(t.low), _float(t.high)))
        pieces = tuple(Piece(_float(t.low), _float(t.high), t.outcome) for t in done)
        return Sweep(self._name, pieces, tuple(self._joint(a, b) for a, b in pairwise(done)))

    def _proved(self, low: Dyadic, high: Dyadic, start: Sequence[float]) -> ProvedZero | Undecided:
        return prove_zero(self._system.narrowed(self._name, low, high), start, max_bits=self._max_bits)

    def _joint(self, before: _Tried, after: _Tried) -> ProvedZero | None:
        """A zero at the common end that both pieces have in their boxes."""
        if isinstance(before.outcome, Undecided) or isinstance(after.outcome, Undecided):
            return None
        there = self._proved(after.low, after.low, after.outcome.centre)
        if isinstance(there, Undecided):
            return None
        return there if relation(there, before.outcome) == relation(there, after.outcome) == "same" else None


def _nearest(done: Sequence[_Tried], place: float, start: Sequence[float]) -> Sequence[float]:
    """The zero that is proved for the nearest value of the parameter, or the start."""
    proved = [(abs(_float(_middle(t.low, t.high)) - place), t.outcome.centre) for t in done
              if isinstance(t.outcome, ProvedZero)]  # fmt: skip
    return min(proved, default=(0.0, start))[1]


def _middle(low: Dyadic, high: Dyadic) -> Dyadic:
    e = min(low[1], high[1])
    return (low[0] << low[1] - e) + (high[0] << high[1] - e), e - 1


def _float(x: Dyadic) -> float:
    return x[0] / 2 ** -x[1] if x[1] < 0 else float(x[0] << x[1])
