"""The theorem a certificate states, hypothesis by hypothesis (docs/theorems.md, T6).

Everything is multiplied by 2 pi: F = 2 pi grad L, H = 2 pi Hess L, A = 2 pi ambient.  Let x0 be the centre, rho the
uniqueness radius, r <= rho the error radius, D(rho) the set of points each of whose rows is within rho of x0's row.

    1 domain       every row of x0 is longer than rho
    2 inertia      H(x0) has q eigenvalues < -gap and all others > gap
    3 uniqueness   |H(x) - H(x0)| <= Lambda(rho) < gap on D(rho)            [Lambda: T2]
    4 existence    |F(x0)| < (gap - Lambda(r)) r
    5 curvature    2 pi curvature <= gap - Lambda(r)
    6 ambient      the same for A at x*: gap_A - Lambda(r) >= 2 pi ambient_curvature
    7 loss         the interval contains L(x*); L(x*) > 0 where "not global" is claimed
    8 splitting    inertia of the splitting matrices at x*, where it is claimed (checker/splitting.py)
    9 basin        the ball that x* attracts, where it is claimed (checker/basin.py)
   10 newborn      a direction of descent for a further student, where it is claimed (checker/newborn.py)

1 to 4 give exactly one critical point x* in D(rho); it lies within r of x0 in the Frobenius norm.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from certify.checker.basin import check_basin
from certify.checker.correlation import Correlated, verify_correlated
from certify.checker.crossing import verify_crossing
from certify.checker.elementary import fixed
from certify.checker.engine import INTEGERS, Engine
from certify.checker.errors import Malformed, Rejected
from certify.checker.intervals import Arithmetic, Interval, add
from certify.checker.isotypic import Block, ambient_blocks, eigenvalues, hessian_blocks
from certify.checker.landscape import Dense, Dyadic, Landscape
from certify.checker.newborn import check_newborn
from certify.checker.orbits import Geometry
from certify.checker.reader import Certificate, Claim, FamilyCertificate, read
from certify.checker.sentence import sentence
from certify.checker.sets import check_global_set, check_split_manifold
from certify.checker.sets_reader import GlobalSet, SplitManifold
from certify.checker.splitting import check_family_splitting, check_splitting
from certify.checker.surface import verify_surface
from certify.checker.surface_format import Surface
from certify.checker.systems import AllZeros, CriticalPoint, SystemClaim, ZeroClaim
from certify.checker.tree import verify_all_zeros
from certify.checker.tube import verify_tube
from certify.checker.tube_format import Crossing, Tube
from certify.checker.zero import verify_critical_point, verify_zero


class Verdict(NamedTuple):
    """What was verified."""

    claim_hash: str
    kind: str
    sentence: str


class Bounds(NamedTuple):
    """Scalars the steps share, in units of 2^-precision; upper bounds unless the name says lower."""

    gap_lower: int
    variation_at_error: int
    hessian_norm: int


def verify_bytes(content: bytes, engine: Engine = INTEGERS) -> Verdict:
    """Verify one certificate; raises Malformed, ResourceLimit or Rejected.  engine: decides what is expensive."""
    certificate = read(content)
    by_kind: dict[type, Callable[[Any], None]] = {
        Tube: verify_tube, Surface: verify_surface, Crossing: verify_crossing, Correlated: verify_correlated,
        GlobalSet: check_global_set, FamilyCertificate: verify_family,
    }  # fmt: skip
    if type(certificate) in by_kind:
        by_kind[type(certificate)](certificate)
    elif isinstance(certificate, SystemClaim):
        _verify_system(certificate)
    elif isinstance(certificate, SplitManifold):
        verify(certificate.base, engine)
        check_split_manifold(certificate)
    elif isinstance(certificate, Certificate):
        verify(certificate, engine)
    else:
        raise Malformed("unknown kind of claim")
    return Verdict(certificate.claim_hash, certificate.kind, sentence(certificate))


def _verify_system(c: SystemClaim) -> None:
    """Claims about programs (docs/systems.md)."""
    if isinstance(c, ZeroClaim):
        verify_zero(c)
    elif isinstance(c, CriticalPoint):
        verify_critical_point(c)
    elif isinstance(c, AllZeros):
        verify_all_zeros(c)
    else:
        raise Malformed("unknown kind of claim about a system")


def verify(c: Certificate, engine: Engine = INTEGERS) -> None:
    """Returns if every hypothesis holds, raises Rejected otherwise."""
    engine.limit(c)
    f = fixed(c.precision)
    for at in _evaluations(c, f, engine):
        try:
            _verify_at(c, f, at, engine)
        except Rejected:
            if isinstance(at, Landscape):
                raise
            continue
        engine.finish()
        return
    raise Rejected("internal", "there was no evaluation")


def _evaluations(c: Certificate, f: Arithmetic, engine: Engine) -> Iterator[Dense]:
    """The engine's own, if nothing claimed needs the integers, then that of integers, which decides."""
    quick = engine.quick(c, f) if c.basin is None else None
    if quick is not None:
        yield quick
    yield Landscape(c.centre, c.teacher, f)


def _verify_at(c: Certificate, f: Arithmetic, at: Dense, engine: Engine) -> None:
    """All steps in order; 9 needs the integers."""
    _check_domain(c, f, at)
    gap = _two_pi_times(c.hessian.gap, f)
    gap_lower, hessian_norm = gap[0], engine.inertia(at, c.hessian, gap)
    if hessian_norm is None:
        raise _unconfirmed("inertia", len(c.hessian.directions))
    bounds = Bounds(gap_lower, _check_uniqueness(c, f, at, gap_lower), hessian_norm)
    _check_existence(c, f, at, bounds)
    _check_curvature("curvature", c.curvature, f, gap_lower - bounds.variation_at_error)
    _check_ambient(c, f, at, bounds, engine)
    _check_loss(c, f, at, bounds)
    check_splitting(c, f, at, bounds.variation_at_error, engine.negatives)
    if isinstance(at, Landscape):
        check_basin(c, f, at, bounds.hessian_norm, bounds.variation_at_error)
    check_newborn(c, f, at)


def verify_family(c: FamilyCertificate) -> None:
    """The same steps for a symmetric point; the inertia comes from its isotypic blocks (docs/families.md, F6)."""
    f = fixed(c.precision)
    geometry = Geometry(c.sizes, c.owners, c.centre, c.teacher, f)
    _check_domain(c, f, geometry)
    found = _enclosures(hessian_blocks(geometry), f)
    if sum(multiplicity * len(pairs) for multiplicity, pairs in found) != c.students * c.dimension:
        raise Rejected("inertia", "the blocks do not add up to all unknowns")  # F4 says that they do
    gap_lower = _check_index("inertia", found, c.index, _two_pi_times(c.gap, f), f)
    norm = max(max(-pair[0], pair[1]) for _, pairs in found for pair in pairs)
    bounds = Bounds(gap_lower, _check_uniqueness(c, f, geometry, gap_lower), norm)
    _check_existence(c, f, geometry, bounds)
    _check_curvature("curvature", c.curvature, f, gap_lower - bounds.variation_at_error)
    if c.ambient_index is not None and c.ambient_curvature is not None:
        beside = _enclosures(ambient_blocks(geometry), f)
        claimed = _two_pi_times(c.ambient_curvature, f)
        gap = claimed[0], claimed[1] + bounds.variation_at_error
        _check_index("ambient", beside, c.ambient_index, gap, f)
    _check_loss(c, f, geometry, bounds)
    _check_spectrum(c, f, found, bounds.variation_at_error)
    _check_copies(c, f, geometry)
    check_family_splitting(c, f, geometry, bounds.variation_at_error)
    check_basin(c, f, geometry, bounds.hessian_norm, bounds.variation_at_error)
    check_newborn(c, f, geometry)


def _enclosures(blocks: Iterable[Block], f: Arithmetic) -> list[tuple[int, list[Interval]]]:
    """Multiplicity and enclosed eigenvalues of each block; the blocks are complete, so these are all eigenvalues."""
    return [(block.dimension, eigenvalues(block, f)) for block in blocks]


def _check_index(step: str, found: list[tuple[int, list[Interval]]], index: int, gap: Interval, f: Arithmetic) -> int:
    """No eigenvalue in [-gap, gap], and `index` of them below; returns the lower end of the gap."""
    negative = 0
    for multiplicity, pairs in found:
        for low, high in pairs:
            if not (gap[1] < low or high < -gap[1]):
                raise Rejected(
                    step, f"an eigenvalue times 2 pi in [{_show(low, f)}, {_show(high, f)}] is not beyond the gap"
                )
            negative += multiplicity if high < 0 else 0
    if negative != index:
        raise Rejected(step, f"{negative} eigenvalues are negative, not {index}")
    return gap[0]


def _check_spectrum(c: FamilyCertificate, f: Arithmetic, found: list[tuple[int, list[Interval]]], change: int) -> None:
    """The claimed intervals contain the eigenvalues of Hess L(x*): those at the centre moved by at most `change`."""
    if [(multiplicity, len(pairs)) for multiplicity, pairs in found] != [(m, len(pairs)) for m, pairs in c.spectrum]:
        raise Rejected("spectrum", "the multiplicities are not those of the blocks")
    for (_, pairs), (_, claimed) in zip(found, c.spectrum, strict=True):
        for (low, high), ends in zip(pairs, claimed, strict=True):
            lower, upper = (_two_pi_times(end, f) for end in ends)
            if not (lower[1] <= low - change and high + change <= upper[0]):
                raise Rejected(
                    "spectrum", f"a claimed interval does not contain [{_show(low, f)}, {_show(high, f)}] / 2 pi"
                )


def _check_copies(c: FamilyCertificate, f: Arithmetic, geometry: Geometry) -> None:
    """F7: the isotropy group is no larger than the signature says, if the claim counts copies."""
    if c.copies and not geometry.is_isotropy_exact(f.exact(*c.error_radius)[1]):
        raise Rejected("copies", "two classes could not be told apart")


def _check_domain(c: Claim, f: Arithmetic, at: Dense | Geometry) -> None:
    """Step 1, and error radius <= uniqueness radius."""
    if not _compare(c.error_radius, c.uniqueness_radius) <= 0:
        raise Rejected("domain", "the error radius is larger than the uniqueness radius")
    radius = f.exact(*c.uniqueness_radius)[1]
    shortest = min(norm[0] for norm, _ in at.student_norms())
    if not radius < shortest:
        raise Rejected("domain", f"a row of norm {_show(shortest, f)} is not longer than the uniqueness radius")


def _check_uniqueness(c: Claim, f: Arithmetic, at: Dense | Geometry, gap_lower: int) -> int:
    """Step 3; returns Lambda(error radius)."""
    wide, tight = (_variation(at, f.exact(*r)[1]) for r in (c.uniqueness_radius, c.error_radius))
    if not wide < gap_lower:
        raise Rejected("uniqueness", f"the Hessian may vary by {_show(wide, f)}, the gap is {_show(gap_lower, f)}")
    return tight


def _unconfirmed(step: str, index: int) -> Rejected:
    """Step 2 failed."""
    return Rejected(step, f"not confirmed that {index} eigenvalues are below -gap and the rest above")


def _variation(at: Dense | Geometry, radius: int) -> int:
    """Lambda(radius), T2: bound of |H(x) - H(x0)| on D(radius), radius < every row norm.

    With m_i = |w_i| - radius, M_j = |w_j| + radius and S_i = sum_{j != i} M_j + sum_m |v_m|, Lambda is radius times the
    largest of  (13/5) S_i / m_i^2 + 4 (K - 1) / m_i + 2 sum_{j != i} 1 / m_j;  13/5 > 3 sqrt(3) / 2.  That is at most
    what the least m and the least M give, because 4 (K - 1) - 2 > 0 for K > 1.
    """
    f = at.arithmetic
    students = at.student_norms()
    count = sum(multiplicity for _, multiplicity in students)
    if min([norm[0] for norm, _ in students]) - radius <= 0:
        raise Rejected("domain", "a row is not longer than the radius")
    inverse = [-(-f.one * f.one // (norm[0] - radius)) for norm, _ in students]
    inverses = sum([n * x for x, (_, n) in zip(inverse, students, strict=True)])
    total = sum([n * (norm[1] + radius) for norm, n in students]) + at.teacher_length()
    lengths, x = total - min([norm[1] for norm, _ in students]) - radius, max(inverse)
    squared = -(-x * x >> f.bits)
    own = -(-13 * lengths * squared // 5 >> f.bits)
    return -(-radius * (own + 4 * (count - 1) * x + 2 * (inverses - x)) >> f.bits)


def _check_existence(c: Claim, f: Arithmetic, at: Dense | Geometry, bounds: Bounds) -> None:
    """Step 4; the product on the right is rounded down."""
    residual = at.gradient_norm()
    reach = (bounds.gap_lower - bounds.variation_at_error) * f.exact(*c.error_radius)[0] >> f.bits
    if not residual < reach:
        raise Rejected("existence", f"2 pi |gradient| may be {_show(residual, f)}, not below {_show(reach, f)}")


def _check_curvature(step: str, claimed: Dyadic, f: Arithmetic, proven_lower: int) -> None:
    """Steps 5 and 6."""
    if not _two_pi_times(claimed, f)[1] <= proven_lower:
        raise Rejected(step, f"2 pi curvature is claimed above the proven {_show(proven_lower, f)}")


def _check_ambient(c: Certificate, f: Arithmetic, at: Dense, bounds: Bounds, engine: Engine) -> None:
    """Step 6: A is the Hessian on one further dimension, so T2 bounds its variation too."""
    if c.ambient is None or c.ambient_curvature is None:
        return
    gap = _two_pi_times(c.ambient.gap, f)
    if not engine.ambient(at, c.ambient, gap):
        raise _unconfirmed("ambient", len(c.ambient.directions))
    _check_curvature("ambient", c.ambient_curvature, f, gap[0] - bounds.variation_at_error)


def _check_loss(c: Claim, f: Arithmetic, at: Dense | Geometry, bounds: Bounds) -> None:
    """Step 7: |L(x0) - L(x*)| <= r^2 max |Hess L| / 2 by Taylor's formula at x*, where the gradient vanishes."""
    radius = f.exact(*c.error_radius)[1]
    square = -(-radius * radius >> f.bits)
    change = (square * (bounds.hessian_norm + bounds.variation_at_error) >> f.bits) // 2 + 1
    loss = add(at.loss(), (-change, change))
    lower, upper = (_two_pi_times(end, f) for end in c.loss)
    if not (lower[1] <= loss[0] and loss[1] <= upper[0]):
        raise Rejected("loss", f"2 pi L lies in [{_show(loss[0], f)}, {_show(loss[1], f)}], the claim is narrower")
    if c.not_global is not (c.students >= c.teachers and c.loss[0][0] > 0):
        raise Rejected("loss", "not_global must say whether students >= teachers and the loss is positive")


def _two_pi_times(x: Dyadic, f: Arithmetic) -> tuple[int, int]:
    """2 pi x for an exact dyadic x."""
    return f.mul((2 * f.pi[0], 2 * f.pi[1]), f.exact(*x))


def _compare(a: Dyadic, b: Dyadic) -> int:
    """Sign of a - b, exactly."""
    low = min(a[1], b[1])
    difference = (a[0] << a[1] - low) - (b[0] << b[1] - low)
    return (difference > 0) - (difference < 0)


def _show(value: int, f: Arithmetic) -> str:
    """Three digits of value / 2^bits for a message."""
    if value <= 0:
        return "0" if value == 0 else "-" + _show(-value, f)
    exponent = 0
    scaled = value
    while scaled < f.one:
        scaled, exponent = scaled * 10, exponent - 1
    while scaled >= 10 * f.one:
        scaled, exponent = scaled // 10, exponent + 1
    digits = str(scaled * 100 >> f.bits)
    return f"{digits[0]}.{digits[1:]}e{exponent}"
