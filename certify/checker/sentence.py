"""The claim in words.  Decimals are rounded so that the sentence never says more than the certificate."""

from certify.checker.correlation import Correlated, correlated_sentence
from certify.checker.numerals import decimal
from certify.checker.phrases import system_sentence
from certify.checker.reader import Certificate, Claim, FamilyCertificate, PointSet
from certify.checker.sets_reader import GlobalSet, SplitManifold
from certify.checker.surface_format import Surface, surface_sentence
from certify.checker.systems import SystemClaim
from certify.checker.tube_format import Curve, curve_sentence

__all__ = ["decimal", "sentence", "span_dimension"]


def sentence(c: Claim | SystemClaim | Curve | Surface | Correlated | PointSet) -> str:
    """The theorem a certificate proves, in one line."""
    if isinstance(c, SystemClaim):
        return system_sentence(c)
    if isinstance(c, Curve):
        return curve_sentence(c)
    if isinstance(c, Surface):
        return surface_sentence(c)
    if isinstance(c, Correlated):
        return correlated_sentence(c)
    if isinstance(c, PointSet):
        return set_sentence(c)
    neurons = f"{c.students} ReLU student{'s' * (c.students > 1)}"
    teachers = f"{c.teachers} {_teacher_kind(c)} teacher{'s' * (c.teachers > 1)}"
    place = (
        f"exactly one critical point has every row within {_uniqueness(c)} of the centre's; "
        f"it lies within {decimal(c.error_radius, up=True)} of the centre"
    )
    low, high = decimal(c.loss[0], up=False), decimal(c.loss[1], up=True)
    parts = [f"{neurons}, {teachers}, Gaussian inputs in R^{c.dimension}: {place}", _nature(c), _everywhere(c)]
    parts.append(f"its loss lies in [{low}, {high}]")
    if c.not_global:
        parts.append("it is not a global minimum")
    if isinstance(c, FamilyCertificate):
        parts += _symmetry(c)
    parts += _copies(c)
    parts += _newborn(c)
    parts += _basin(c)
    return "; ".join(part for part in parts if part)


def set_sentence(c: PointSet) -> str:
    """The theorem about a set of critical points, in one line."""
    near = f"the centre lies within {decimal(c.distance, up=True)} of it"
    if isinstance(c, GlobalSet):
        return f"{_global_set(c)}; {near}"
    return f"{_manifold(c)}; {near}" if isinstance(c, SplitManifold) else ""


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count > 1)}"


def _global_set(c: GlobalSet) -> str:
    """S5; in every dimension, because nothing in it depends on d."""
    kind = "orthonormal" if c.orthonormal else "given"
    numbers = f"{_counted(c.students, 'ReLU student')}, {_counted(c.teachers, f'{kind} teacher')}, Gaussian inputs"
    return (
        f"{numbers}: the loss is 0 {'exactly ' if c.complete else ''}where every student is a nonnegative multiple of "
        "one teacher and the multiples of each teacher add up to it; this set of global "
        f"minima is the union of {_counted(c.cells, 'cell')}, products of simplices of dimension {c.set_dimension}, "
        f"and is {'connected' if c.connected else 'not connected'}"
    )


def _manifold(c: SplitManifold) -> str:
    """S4."""
    split = [(i, n) for i, n in enumerate(c.copies) if n > 1]
    where = f"R^{c.base.dimension}"
    beside = [entry.beside for (i, _) in split if (entry := c.base.splitting[i]) is not None]
    if c.base.ambient_index == 0 and min(beside) > 0:
        where += " and every larger dimension"
    nature = "local minima that are not strict" if c.index == 0 else f"saddles of index {c.index}"
    told = ", ".join(f"student {i} in {n}" for i, n in split)
    globally = "; they are not global minima" if c.not_global else ""
    return (
        f"{_counted(c.students, 'ReLU student')}: a Morse-Bott manifold of dimension {c.set_dimension} of {nature} in "
        f"{where}, {told} positive multiples that add up to it{globally}; of the point: {sentence(c.base)}"
    )


def _copies(c: Claim) -> list[str]:
    """What more students can do (docs/splitting.md, S3, S4 and S6): one part for each kind of splitting matrix."""
    groups: dict[tuple[int, int], list[int]] = {}
    for i, split in enumerate(c.splitting):
        if split is not None:
            groups.setdefault((split.negative, split.beside), []).append(i)
    noun = "student" if isinstance(c, Certificate) else "student of class"
    parts = "split into n > 1 positive multiples that add up to it"
    result = [f"{noun} {_ranges(members)} {parts} gives {split_nature(c, *kind)}" for kind, members in groups.items()]
    if any(negative for negative, _ in groups) and c.newborn is None:
        result.append("a further student of norm zero has a direction of descent")
    return result


def _newborn(c: Claim) -> list[str]:
    """S7; a student t u, |u| = 1, changes the loss by t D(u) + t^2 / 4, least at t = -2 D(u)."""
    if c.newborn is None:
        return []
    low, high = c.newborn.slope
    ends = f"[{decimal(low, up=False)}, {decimal(high, up=True)}]"
    noun = "teacher" if isinstance(c, Certificate) else "a teacher of class"
    (loss, exponent), (square, other) = c.loss[1], (-high[0] * high[0], 2 * high[1])
    unit = min(exponent, other)
    below = (loss << exponent - unit) + (square << other - unit), unit
    return [
        f"a further student of norm zero has a direction of descent: along {noun} {c.newborn.teacher} the one-sided "
        f"derivative of the loss lies in {ends}, and the loss falls to at most {decimal(below, up=True)}"
    ]


def _basin(c: Claim) -> list[str]:
    """B2, numbers rounded down.  Steps that add up to a finite sum need not arrive, constant ones do."""
    if c.basin is None:
        return []
    radius, rate, step = (decimal(x, up=False) for x in (c.basin.radius, c.basin.rate, c.basin.step))
    return [
        f"gradient flow, and gradient descent with any constant step of at most {step}, from any start within {radius} "
        f"(Frobenius) of it, in all these dimensions, stay within and converge to it: the flow at a rate of at least "
        f"{rate}, descent by a factor of at most 1 - {rate} step each time"
    ]


def _ranges(numbers: list[int]) -> str:
    """Ascending numbers as 0-3 or 5 or 7-8."""
    runs: list[list[int]] = []
    for x in numbers:
        if runs and x == runs[-1][1] + 1:
            runs[-1][1] = x
        else:
            runs.append([x, x])
    return " or ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def split_nature(c: Claim, negative: int, beside: int) -> str:
    """The set of all splits of one student into n: in R^D a split adds D - d eigenvalues alpha_i / 2 pi a copy."""
    own = f"{c.index} + " if c.index else ""
    everywhere = c.ambient_index == 0
    if negative:
        further = f", {own}(D - {c.dimension - negative}) (n - 1) in R^D" if everywhere and beside < 0 else ""
        return f"a saddle of index {own}{negative} (n - 1){further}"
    nature = "local minima that are not strict" if c.index == 0 else f"saddles of index {c.index}"
    where = f"R^{c.dimension}"
    if everywhere:
        where += f", of saddles in R^D for D > {c.dimension}" if beside < 0 else " and every larger dimension"
    return f"a point of a Morse-Bott manifold of dimension n - 1 of {nature} in {where}"


def _teacher_kind(c: Claim) -> str:
    if c.orthonormal:
        return "orthonormal"
    return "given" if isinstance(c, Certificate) else "permutation-symmetric (a I + b J)"


def _symmetry(c: FamilyCertificate) -> list[str]:
    """Isotropy and spectrum."""
    group = " x ".join(f"S_{size}" for size in c.sizes)
    ends = [end for _, pairs in c.spectrum for end in pairs]
    low = min((pair[0] for pair in ends), key=_order)
    high = max((pair[1] for pair in ends), key=_order)
    parts = [
        f"it is fixed by {group}",
        f"its Hessian eigenvalues lie in {len(ends)} intervals with multiplicities that add up to "
        f"{sum(multiplicity * len(pairs) for multiplicity, pairs in c.spectrum)}, all in "
        f"[{decimal(low, up=False)}, {decimal(high, up=True)}]",
    ]
    if c.copies:
        sizes = " ".join(f"{size}!" for size in c.sizes)
        parts.append(f"permutations make exactly {c.students}! {c.teachers}! / ({sizes}) such points of it")
    return parts


class _order:
    """Sorting key for dyadics, exact."""

    def __init__(self, x: tuple[int, int]) -> None:
        self.x = x

    def __lt__(self, other: "_order") -> bool:
        low = min(self.x[1], other.x[1])
        return self.x[0] << self.x[1] - low < other.x[0] << other.x[1] - low


def _uniqueness(c: Claim) -> str:
    """The uniqueness radius, rounded down: that must not make it smaller than the error radius."""
    radius = decimal(c.uniqueness_radius, up=False)
    low = min(c.error_radius[1], c.uniqueness_radius[1])
    error, uniqueness = (mantissa << exponent - low for mantissa, exponent in (c.error_radius, c.uniqueness_radius))
    return radius if 2 * error <= uniqueness else f"a certain radius >= {radius}"


def _nature(c: Claim) -> str:
    """Kind, index and curvature in the given dimension."""
    curvature = decimal(c.curvature, up=False)
    if c.index == 0:
        return f"it is a strict local minimum with every Hessian eigenvalue at least {curvature}"
    nature = f"it is no local minimum but a saddle of Morse index {c.index}"
    return f"{nature} with no Hessian eigenvalue inside (-{curvature}, {curvature})"


def _everywhere(c: Claim) -> str:
    """What holds in the other dimensions: index(D) = index + (D - d) ambient_index (docs/theorems.md, T7)."""
    if c.ambient_index is None:
        return "nothing is claimed in other dimensions"
    first = span_dimension(c) if isinstance(c, Certificate) else c.dimension
    nature = "a strict local minimum" if c.index == 0 else f"a saddle of index {c.index}"
    if c.ambient_index == 0:
        return f"it is {nature} in R^D for every D >= {first}"
    return f"in R^D, D >= {first}, its index is {c.index} + (D - {c.dimension}) * {c.ambient_index}"


def span_dimension(c: Certificate) -> int:
    """The smallest D such that all teachers lie in the span of the first D coordinates."""
    return c.teachers if c.orthonormal else max(a + 1 for row in c.teacher for a, (m, _) in enumerate(row) if m)
