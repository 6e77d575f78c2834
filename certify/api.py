"""The library in three functions: `prove`, `verify`, and `certify.search`.

>>> import certify
>>> outcome = certify.prove([[1.0, 0.0], [0.0, 1.0]])
>>> outcome.name, outcome.kind, outcome.index
('proved', 'strict-local-minimum', 0)
>>> certify.verify(outcome.certificate).verified
True

Nothing here is trusted but what `certify.checker` says.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from certify import outcome as outcomes
from certify.certificate import Certificate
from certify.checker.__main__ import REFUSALS
from certify.checker.errors import Malformed
from certify.checker.fields import canonical
from certify.checker.reader import LIMIT_BYTES, LIMIT_ROWS, LIMIT_WEIGHTS, read
from certify.checker.sentence import sentence
from certify.checker.theorem import verify_bytes
from certify.display import sentence_html, sentence_rich
from certify.engines import engine as find_engine
from certify.errors import InputError
from certify.outcome import Refuted, Undecided

if TYPE_CHECKING:
    from certify.problem import Array, Problem
    from certify.proving.descent import Descent

MOST_DIRECTIONS = 4096  # unknowns, at most, where a direction of descent is computed
LEAST_SYMMETRIC_BITS = 128  # proofs by symmetry start there
VerdictName = Literal["verified", "rejected", "malformed", "limit", "internal"]
_NAMES: dict[str, VerdictName] = {"MALFORMED": "malformed", "REJECTED": "rejected", "LIMIT": "limit"}


@dataclass(frozen=True)
class Proved(outcomes.Proved):
    """`certify.outcome.Proved` with the theorem in words."""

    @cached_property
    def theorem(self) -> str:
        """The sentence that the checker prints if it accepts the certificate; reading it is not checking it."""
        return sentence(read(self.certificate.content))

    @cached_property
    def descent(self) -> Descent | None:
        """At a saddle with no more than 4096 unknowns: an exact direction of negative curvature, with a bound.

        A proof by symmetry lists students by classes, and so do the centre and the direction then.
        """
        claim = self.certificate.claim
        if self.is_minimum or claim["students"] * claim["dimension"] > MOST_DIRECTIONS:
            return None
        from certify.proving.descent import descent  # noqa: PLC0415

        return descent(*centre_and_teacher(self), self.error_radius)


@dataclass(frozen=True)
class ProvedSet(outcomes.ProvedSet):
    """`certify.outcome.ProvedSet` with the theorem in words."""

    @cached_property
    def theorem(self) -> str:
        """The sentence that the checker prints if it accepts the certificate; reading it is not checking it."""
        return sentence(read(self.certificate.content))


@dataclass(frozen=True)
class Verification:
    """What the checker says of a certificate.  True in a condition only if verified.

    verdict: "verified"; "rejected" (a step was not confirmed; the claim may still be true); "malformed" (no
    certificate, or no readable file); "limit" (beyond the checker's resource limits); "internal" (a defect of the
    checker).  kind, sentence: of the verified claim, None otherwise.  sha256: of the canonical claim, None if the file
    is not read that far.  reason: one line, None if verified.  engine: "stdlib", "flint" or "blas", None if not
    verified.
    """

    verdict: VerdictName
    kind: str | None = None
    sentence: str | None = None
    sha256: str | None = None
    reason: str | None = None
    engine: str | None = None

    @property
    def verified(self) -> bool:
        """Whether every step was confirmed."""
        return self.verdict == "verified"

    def __bool__(self) -> bool:
        """The same."""
        return self.verified

    def _repr_html_(self) -> str:
        """In notebooks."""
        return sentence_html(self.verdict, self.sentence or self.reason or "")

    def __rich__(self) -> Any:
        """In terminals that rich writes to."""
        return sentence_rich(self.verdict, self.sentence or self.reason or "")


def prove(
    W: object,
    V: object = None,
    *,
    students: int | None = None,
    bits: int = 53,
    max_bits: int = 512,
    symmetric: bool = False,
    basin: bool = False,
    newborn: bool = False,
    method: Literal["exact", "a-priori"] = "exact",
) -> Proved | ProvedSet | Refuted | Undecided:
    """Try to prove that exactly one critical point of the population loss lies near W, and of which index.

    W: K x d students: an array, nested lists, a tensor of another library (anything with `__array__` or
    `__dlpack__`; `detach()` is called where there is one), or what `scipy.optimize.minimize` returned.  A flat vector
    of K d numbers is taken row by row and needs `students` = K, or V.  V: M x d teachers, exact as float64; None: the
    standard basis of R^d, M = d.  bits, max_bits: first and last precision tried (53, 128, 192, 256, 384, 512); more
    gives a smaller error radius.  Lengths have no unit: the loss is homogeneous in (W, V).  symmetric: where W is
    fixed by permutations of coordinates and students (teachers alpha e_m + beta 1; of teachers that are these in other
    coordinates, up to rounding, the claim is about the exact ones, as `.note` says), prove it by that symmetry: the
    whole spectrum comes along, and the time does not depend on the width; everything else is proved in the full space
    as before (`.route` says which).  basin: claim also a ball that a minimum attracts.  newborn: claim also a direction
    of descent for a further student that starts at norm zero, where the loss is not zero.  method: how float64
    matrices are proven definite, by exact integer products, or by a bound on the rounding errors of the factorisation:
    faster, and it trusts LAPACK.

    Returns Proved or, near a set of critical points that are not isolated, ProvedSet (with `.certificate` and
    `.theorem`), Refuted or Undecided (with `.reason`).  Raises InputError for
    what is no finite matrix, or does not fit V or `students`.

    >>> prove([[0.6, 0.1], [0.2, 0.8]]).name
    'refuted'
    >>> prove([[1.0, 0.0], [0.0, 0.0]]).reason
    'student 1 has norm zero, where the loss is not differentiable'
    >>> print(prove([[1.0, 0.0, 0.0], [0.0, 2.0, 0.0]], [[1, 0, 0], [0, 2, 0]]).theorem)
    2 ReLU students, 2 given teachers, Gaussian inputs in R^3: exactly one critical point has every row within ...
    >>> import numpy as np
    >>> outcome = prove(np.eye(50), symmetric=True)
    >>> outcome.route, outcome.signature.sizes, sum(multiplicity for multiplicity, _, _ in outcome.spectrum)
    ('symmetric', (50,), 2500)
    """
    from certify import memory, problem, proving  # noqa: PLC0415 - numpy, scipy and flint load with the first proof

    points, teacher = problem.points_of(W, V, students)
    count, dimension = points.shape
    if teacher is None:
        about = problem.make_problem(count, teachers=dimension, dimension=dimension)
    else:
        about = problem.make_problem(count, teacher=teacher)
    note = ""
    if symmetric and max_bits >= LEAST_SYMMETRIC_BITS:
        from certify.proving.member import prove_symmetric  # noqa: PLC0415

        by_symmetry, note = prove_symmetric(points, about, bits=bits)
        if by_symmetry is not None:
            return _extended(by_symmetry, about, basin=basin, newborn=newborn)
    if points.size > LIMIT_WEIGHTS or about.teachers > LIMIT_ROWS:
        return Undecided(
            f"{points.size} unknowns and {about.teachers} teachers are more than a certificate may have "
            f"({LIMIT_WEIGHTS} and {LIMIT_ROWS})",
            "a smaller network",
        )
    lack = memory.shortage(memory.needed(count, about.teachers, dimension))
    if lack is not None:
        return Undecided(f"{points.size} unknowns: {lack}", "a machine with more memory")
    result = proving.prove(points, about, bits=bits, max_bits=max_bits, method=method)
    if isinstance(result, outcomes.Proved):
        return _extended(replace(result, note=note) if note else result, about, basin=basin, newborn=newborn)
    from certify.proving.sets import prove_set  # noqa: PLC0415

    found = prove_set(points, about)
    if isinstance(found, outcomes.ProvedSet):
        return ProvedSet(**vars(found))
    return found or result


def _extended(outcome: outcomes.Proved, problem: Problem, *, basin: bool, newborn: bool) -> Proved:
    """With the further claims that were asked for, and the theorem in words."""
    if basin:
        from certify.proving.basin import with_basin  # noqa: PLC0415

        outcome = with_basin(outcome, problem)
    if newborn:
        from certify.proving.newborn import with_newborn  # noqa: PLC0415

        outcome = with_newborn(outcome)
    told = object.__new__(Proved)  # the fields are those of a valid outcome: no need to set them one by one
    told.__dict__.update(vars(outcome))
    return told


def centre_and_teacher(outcome: outcomes.Proved) -> tuple[Array, Array]:
    """W0 [K, d] and V [M, d] as doubles; students of a proof by symmetry in the order of its classes."""
    import numpy as np  # noqa: PLC0415

    from certify.families.detect import dense  # noqa: PLC0415

    claim = outcome.certificate.claim
    if outcome.signature is not None and outcome.patterns is not None:
        centre = dense(outcome.signature, outcome.patterns)
    else:
        centre = np.array([[_double(x) for x in row] for row in claim["centre"]])
    if claim["teacher"] == "orthonormal":
        return centre, np.eye(claim["teachers"], claim["dimension"])
    if outcome.signature is None:
        return centre, np.array([[_double(x) for x in row] for row in claim["teacher"]])
    alpha, beta = (_double(x) for x in claim["teacher"])
    return centre, alpha * np.eye(claim["dimension"]) + beta


def _double(text: str) -> float:
    mantissa, exponent = text.split("p")
    return float(Fraction(int(mantissa, 16)) * Fraction(2) ** int(exponent))


def verify(
    certificate: Certificate | bytes | str | os.PathLike[str] | Mapping[str, Any], *, engine: str = "auto"
) -> Verification:
    """Have the trusted checker verify a certificate: an object, its bytes, a path, or its JSON as a mapping.

    engine: "stdlib" for integers of the standard library alone; "flint", "blas": faster for many unknowns, and
    trusting more (docs/trusted-base.md); "auto": stdlib up to 200 unknowns, otherwise blas where numpy and scipy are
    there.

    Never raises for a bad certificate or an unreadable file: the verdict says so.  Raises InputError for an argument
    of another type, or an engine that is not there.

    >>> verify(b"{}")
    Verification(verdict='malformed', kind=None, sentence=None, sha256=None, reason='certificate does not have ...
    """
    content = None
    chosen = find_engine(engine)
    try:
        content = content_of(certificate)
        verdict = verify_bytes(content, chosen)
    except InputError:
        raise
    except Exception as error:  # every refusal is a value, a defect included
        return refused(error, content)
    return Verification("verified", verdict.kind, verdict.sentence, verdict.claim_hash, engine=chosen.name)


def content_of(certificate: object) -> bytes:
    """The bytes to check; no more of a file than the checker would read."""
    if isinstance(certificate, bytes):
        return certificate
    if isinstance(certificate, str | os.PathLike):
        if not Path(certificate).is_file():
            raise Malformed("no such file, or a directory, pipe or device")
        with Path(certificate).open("rb") as file:
            return file.read(LIMIT_BYTES + 1)
    if not isinstance(certificate, Certificate | Mapping):
        raise InputError(f"{type(certificate).__name__} is neither a certificate nor bytes, path or mapping")
    try:
        return certificate.content if isinstance(certificate, Certificate) else canonical(dict(certificate))
    except (TypeError, ValueError, RecursionError):
        return b""  # no JSON: as malformed as an empty file


def refused(error: Exception, content: bytes | None = None) -> Verification:
    """The verdict for an exception, by the checker's own table."""
    for kind, word, _ in REFUSALS:
        if isinstance(error, kind):
            name = _NAMES[word]
            reason = str(error) or kind.__name__
            return Verification(name, sha256=_claim_hash(content) if name == "rejected" else None, reason=reason)
    return Verification("internal", reason=f"{type(error).__name__}: {error}")


def _claim_hash(content: bytes | None) -> str | None:
    return None if content is None else read(content).claim_hash
