"""What became of a candidate: values, never exceptions.  "Undecided" never means false."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from certify.certificate import Certificate, display

if TYPE_CHECKING:
    from certify.families.orbits import Pattern
    from certify.families.signature import Signature

ROUNDING = 1.0 + 2.0**-50


class Split(NamedTuple):
    """One student i, or each of a class, at the critical point (docs/splitting.md, S2).

    negative, positive: eigenvalues of S_i on the complement of w_i.  beside: sign of alpha_i, the curvature in further
    dimensions.  gap: none of these eigenvalues, nor alpha_i / 2 pi, is smaller in absolute value.
    """

    negative: int
    positive: int
    beside: int
    gap: float


@dataclass(frozen=True)
class Basin:
    """Gradient flow, and descent with steps up to `step`, from within `radius` (Frobenius) of the critical point

    converge to it at `rate` at least, in every input dimension that holds the teachers (docs/dynamics.md, B2).
    """

    radius: float
    rate: float
    step: float


@dataclass(frozen=True)
class Newborn:
    """A further student of norm zero can leave downhill along this teacher, or any teacher of this class: `slope`

    encloses the one-sided derivative of the loss in its length, and is negative (docs/splitting.md, S7).
    """

    teacher: int
    slope: tuple[float, float]


@dataclass(frozen=True)
class Proved:
    """A critical point near the candidate exists, is unique in a region, and has a known index (docs/theorems.md, T6).

    kind: "strict-local-minimum" (index 0) or "saddle".  index: Morse index in the given dimension; ambient_index:
    negative eigenvalues of the ambient matrix, None if undecided.  uniqueness_radius: every row may move this far
    (Euclidean norm) and still no other critical point is met.  error_radius: Frobenius distance from the centre to the
    critical point is at most this.  curvature: no Hessian eigenvalue at the critical point is smaller in absolute
    value.  loss: enclosure of its loss.  displacement: how far polishing moved the candidate (Frobenius).  bits:
    precision of the stage that succeeded (53: float64 with error bounds).

    signature, patterns, spectrum: of a proof by symmetry, None otherwise: the classes; base values and delta of each
    student class at the centre, as floats; (multiplicity, lower, upper) for all eigenvalues of Hess L at the critical
    point.  splits: for each student, or student class, what its splitting matrix is like, None if undecided.  note:
    what else there is to say, in one line, or "".
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
    signature: Signature | None = None
    patterns: tuple[Pattern, ...] | None = None
    spectrum: tuple[tuple[int, float, float], ...] | None = None
    splits: tuple[Split | None, ...] = ()
    basin: Basin | None = None
    newborn: Newborn | None = None
    note: str = ""
    name: str = "proved"

    def _repr_html_(self) -> str:
        """In notebooks: the theorem, its numbers, and W."""
        return str(display().certificate_html(self.certificate.content, "Proved"))

    def __rich__(self) -> Any:
        """In terminals that rich writes to."""
        return display().certificate_rich(self.certificate.content, "Proved")

    @property
    def is_minimum(self) -> bool:
        """Whether the critical point is a local minimum; if not, that is refuted: it is a saddle."""
        return self.index == 0

    @property
    def route(self) -> str:
        """ "symmetric": the Hessian was taken apart by symmetry; "full": it was taken whole."""
        return "full" if self.signature is None else "symmetric"

    @property
    def condition(self) -> float | None:
        """Upper bound of the condition number of Hess L at the critical point; None without a spectrum."""
        if self.spectrum is None:
            return None
        sizes = [sorted((abs(low), abs(high))) for _, low, high in self.spectrum]
        return max(large for _, large in sizes) / min(small for small, _ in sizes) * ROUNDING

    @property
    def largest_step(self) -> float | None:
        """Lower bound of 2 / lambda_max, where gradient descent stops being stable; None without a spectrum."""
        if self.spectrum is None:
            return None
        return 2.0 / (max(high for _, _, high in self.spectrum) * ROUNDING) / ROUNDING

    @property
    def reason(self) -> str:
        """One line for tables."""
        kind = self.kind if self.is_minimum else f"no local minimum but a {self.kind}"
        told = f"{kind} of index {self.index}, loss {sum(self.loss) / 2:.8g}, precision {self.bits} bits"
        if self.signature is not None:
            told += f", by symmetry (classes {self.signature.name})"
        return f"{told}; {self.note}" if self.note else told


class _Sentence:
    """Shows a name and a reason."""

    name: str
    reason: str

    def _repr_html_(self) -> str:
        """In notebooks."""
        return str(display().sentence_html(self.name, self.reason))

    def __rich__(self) -> Any:
        """In terminals that rich writes to."""
        return display().sentence_rich(self.name, self.reason)


@dataclass(frozen=True)
class ProvedSet:
    """The candidate lies near a set of critical points that is described exactly (docs/splitting.md, S4 and S5).

    kind: "global-minimum-set", "manifold-of-local-minima" (none of them strict) or "manifold-of-saddles".  index: Morse
    index on the manifold.  set_dimension: of the set.  distance: the candidate is at most this far from it (Frobenius).
    loss: enclosure of its value on the set.
    """

    certificate: Certificate
    kind: str
    index: int
    set_dimension: int
    distance: float
    loss: tuple[float, float]
    not_global: bool = False
    ambient_index: int | None = None
    route: str = "set"
    name: str = "proved"

    @property
    def reason(self) -> str:
        """One line for tables."""
        index = f" of index {self.index}" if self.index else ""
        loss = f"loss {sum(self.loss) / 2:.8g}"
        return f"{self.kind} of dimension {self.set_dimension}{index} within {self.distance:.3g}, {loss}"

    def _repr_html_(self) -> str:
        """In notebooks."""
        return str(display().sentence_html(self.name, self.reason))

    def __rich__(self) -> Any:
        """In terminals that rich writes to."""
        return display().sentence_rich(self.name, self.reason)


@dataclass(frozen=True)
class Refuted(_Sentence):
    """Proven: no critical point lies within `radius` (Frobenius norm) of the candidate (docs/theorems.md, T8)."""

    radius: float
    reason: str
    name: str = "refuted"


@dataclass(frozen=True)
class Undecided(_Sentence):
    """Nothing was proven, and why; `remedy` says what to try."""

    reason: str
    remedy: str
    name: str = "undecided"


@dataclass(frozen=True)
class ProvedZero:
    """Exactly one zero lies in a box, and it is simple (docs/systems.md, Z5); for a function, one critical point (Z7).

    centre, uniqueness_radii, error_radii: by variable: no other zero has every coordinate within the uniqueness radii
    of the centre, and the zero lies within the error radii.  bits: precision of the stage that succeeded.
    displacement: how far Newton's method moved the start, largest coordinate.  index, value: of critical points, else
    None: Morse index and bounds of the value.  parameters: everything holds for each value of
    the parameters in their intervals.
    """

    certificate: Certificate
    variables: tuple[str, ...]
    centre: tuple[float, ...]
    uniqueness_radii: tuple[float, ...]
    error_radii: tuple[float, ...]
    bits: int
    displacement: float
    index: int | None = None
    value: tuple[float, float] | None = None
    name: str = "proved"

    @property
    def kind(self) -> str:
        """ "zero", or what kind of critical point."""
        if self.index is None:
            return "zero"
        if self.index == 0:
            return "strict-local-minimum"
        return "strict-local-maximum" if self.index == len(self.variables) else "saddle"

    @property
    def reason(self) -> str:
        """One line for tables."""
        told = self.kind if self.index is None or self.kind != "saddle" else f"saddle of index {self.index}"
        return (
            f"{told}, unique within {min(self.uniqueness_radii):.3g}, known within {max(self.error_radii):.3g}, "
            f"precision {self.bits} bits"
        )


Outcome = Proved | Refuted | Undecided
Result = Outcome | ProvedSet
