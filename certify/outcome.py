"""What became of a candidate: values, never exceptions.  "Undecided" never means false."""

from __future__ import annotations

from dataclasses import dataclass

from certify.certificate import Certificate


@dataclass(frozen=True)
class Proved:
    """A critical point near the candidate exists, is unique in a region, and has a known index (docs/theorems.md, T6).

    kind: "strict-local-minimum" (index 0) or "saddle".  index: Morse index in the given dimension; ambient_index:
    negative eigenvalues of the ambient matrix, None if undecided.  uniqueness_radius: every row may move this far
    (Euclidean norm) and still no other critical point is met.  error_radius: Frobenius distance from the centre to the
    critical point is at most this.  curvature: no Hessian eigenvalue at the critical point is smaller in absolute
    value.  loss: enclosure of its loss.  displacement: how far polishing moved the candidate (Frobenius).  bits:
    precision of the stage that succeeded (53: float64 with error bounds).
    """

    certificate: Certificate
    kind: str
    index: int
    ambient_index: int | None
    uniqueness_radius: float
    error_radius: float
    curvature: float
    loss: tuple[float, float]
    not_global: bool
    displacement: float
    bits: int
    name: str = "proved"

    @property
    def reason(self) -> str:
        """One line for tables."""
        return f"{self.kind} of index {self.index}, loss {sum(self.loss) / 2:.8g}, precision {self.bits} bits"


@dataclass(frozen=True)
class Refuted:
    """Proven: no critical point lies within `radius` (Frobenius norm) of the candidate (docs/theorems.md, T8)."""

    radius: float
    reason: str
    name: str = "refuted"


@dataclass(frozen=True)
class Undecided:
    """Nothing was proven, and why; `remedy` says what to try."""

    reason: str
    remedy: str
    name: str = "undecided"


Outcome = Proved | Refuted | Undecided
