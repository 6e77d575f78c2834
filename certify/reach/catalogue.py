"""The minima that runs came to: each proved once, with its basin; certificates in a folder, reused by the next call."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from certify import api
from certify.certificate import SUFFIX
from certify.families.detect import dense
from certify.families.teachers import teacher_parts
from certify.reach.basins import Basins
from certify.reach.minima import minimum_near
from certify.reach.plan import Plan, spanned
from certify.reach.pursue import turned
from certify.search.setting import Array

ATTEMPTS = 200  # proofs that may fail before end points without a proof are no longer tried


@dataclass(frozen=True, eq=False)
class Member:
    """A certified minimum: where its certificate is, what it says, and its students [K, d0] in some order."""

    certificate: Path | None
    sha256: str
    loss: float
    curvature: float
    radius: float
    turned: int
    W: Array


class Catalogue:
    """Certified basins of one plan.  A folder of None keeps certificates in memory only."""

    def __init__(self, plan: Plan, folder: Path | None) -> None:
        """Empty; `place` fills it."""
        self.plan, self.folder = plan, folder
        self.members: list[Member] = []
        self.basins = Basins(plan.reduced.teacher)
        self.failures: list[str] = []

    def place(self, W: Array) -> int | None:
        """The position of the member whose certified basin holds W [K, d] for certain; proves a new one if need be."""
        found = self.basins.find(W)
        if found is None and len(self.failures) < ATTEMPTS and self._prove_near(W):
            found = self.basins.find(W)
        return None if found is None else found.ball

    def _prove_near(self, W: Array) -> bool:
        setting, span = self.plan.reduced, spanned(self.plan.reduced.teacher)
        minimum = minimum_near(W, setting)
        if minimum is None or self.basins.find(minimum.W) is not None:
            return False
        V = setting.teacher[:, :span]
        outcome = api.prove(minimum.W[:, :span], V, symmetric=teacher_parts(V) is not None, basin=True)
        if not isinstance(outcome, api.Proved) or outcome.basin is None:
            self.failures.append(outcome.reason)
            return False
        certificate = outcome.certificate
        if not api.verify(certificate).verified:
            self.failures.append("the checker refused the certificate")
            return False
        centre = minimum.W[:, :span]
        slack = outcome.displacement + outcome.error_radius
        if outcome.signature is not None and outcome.patterns is not None:
            centre, slack = dense(outcome.signature, outcome.patterns), outcome.error_radius
        path = None
        if self.folder is not None:
            path = certificate.write(self.folder / f"L{sum(outcome.loss) / 2:.8f}-{certificate.sha256[:12]}{SUFFIX}")
        loss, radius = sum(outcome.loss) / 2, outcome.basin.radius
        self.members.append(
            Member(path, certificate.sha256, loss, outcome.curvature, radius, int(turned(centre)), centre)
        )
        self.basins.add(np.asarray(centre), radius - slack)
        return True
