"""One batch of runs: start, follow, stop each inside a basin, near a flat global minimum, or at the time limit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from certify.reach import chebyshev
from certify.reach.basins import Basins
from certify.reach.kernel import Kernel
from certify.reach.minima import convex_at, distance_to_global, minimum_near, radius_of
from certify.reach.noise import sgd
from certify.reach.plan import BATCH, Arrival, Plan, Status
from certify.search.setting import Array

Places = Any  # positions, integers of numpy's choice

CHECKPOINTS = (100.0, 300.0, 1000.0, 4000.0, 16000.0)  # flow times at which runs that go on are looked at
CURIOUS = 1e-4  # gradient norm, per unit, below which Newton's method looks for a minimum not met before
AGAIN = 0.2  # and once more when the gradient has fallen by this factor
COARSE = 1e-3  # gradient norm, per unit, above which flow steps are computed in float32
CLOSE = 0.02  # distance to a flat set of global minima, per unit, at which a run has arrived
SHORTEST = 1e-6
FIRST_STEP = 0.1
CHECKED = 8  # gradient descent is looked at every so many steps


@dataclass
class Pursuer:
    """Follows batches of one plan; remembers the minima met."""

    plan: Plan
    kernel: Kernel = field(init=False)
    coarse: Kernel = field(init=False)
    basins: Basins = field(init=False)

    def __post_init__(self) -> None:
        """Empty memory."""
        setting = self.plan.reduced
        self.setting, self.unit = setting, setting.unit
        self.kernel = Kernel(setting.teacher, setting.students)
        self.coarse = Kernel(setting.teacher, setting.students, np.float32)
        self.basins = Basins(setting.teacher)
        self.largest = setting.students / 4.0 + 1.0

    def batch(self, position: int, starts: int) -> list[Arrival]:
        """The runs BATCH * position and following, below `starts`."""
        return self.runs(list(range(BATCH * position, min(starts, BATCH * (position + 1)))))

    def runs(self, numbers: list[int]) -> list[Arrival]:
        """The runs of these starts, in this order."""
        with np.errstate(all="ignore"):
            W = sgd(self.plan, numbers) if self.plan.method == "sgd" else self.plan.starts(numbers)
            state = _State(numbers, W, self.kernel.gradient(W), self.unit)
            while state.active.any():
                moved = self._descend(state) if self.plan.method == "gd" else self._flow(state)
                self._stop(state, moved)
            return state.arrivals(self.kernel)

    def _flow(self, state: _State) -> Places:
        """One Runge-Kutta-Chebyshev step of every active run; positions of the accepted ones."""
        active = np.flatnonzero(state.active)
        tolerance, coarse = self.plan.tolerance * self.unit, state.size[active] > COARSE * self.unit
        for kernel, runs in ((self.coarse, active[coarse]), (self.kernel, active[~coarse])):
            h = state.h[runs]
            counts = chebyshev.choose(h, self.largest)
            after, gradient, error = chebyshev.step(kernel, counts, state.W[runs], state.gradient[runs], h)
            good = error <= tolerance
            kept = runs[good]
            state.W[kept], state.gradient[kept] = after[good], gradient[good]
            state.time[kept] += h[good]
            state.evaluations[runs] += counts
            factor = 0.8 * np.cbrt(tolerance / np.maximum(error, 1e-300))
            factor = np.where(np.isfinite(error), np.clip(factor, 0.2, 2.5), 0.2)
            state.h[runs] = np.minimum(h * factor, chebyshev.longest(self.largest))
            state.fresh[runs] = good
        return np.asarray(active[state.fresh[active]])

    def _descend(self, state: _State) -> Places:
        """A few steps of gradient descent of every active run."""
        active = np.flatnonzero(state.active)
        W, gradient = state.W[active], state.gradient[active]
        for _ in range(CHECKED):
            W -= self.plan.step * gradient
            self.kernel.gradient(W, gradient)
        state.W[active], state.gradient[active] = W, gradient
        state.time[active] += CHECKED * self.plan.step
        state.evaluations[active] += CHECKED
        return active

    def _stop(self, state: _State, moved: Places) -> None:
        """Look at the runs that moved, and stop those that have arrived or come to their limit."""
        sizes = _sizes(state.gradient[moved])
        state.size[moved] = sizes
        state.look(moved)
        shortest = np.sqrt(np.einsum("bia,bia->bi", state.W[moved], state.W[moved]).min(axis=1))
        allowed = self.basins.near(state.W[moved])
        late = state.time[moved] >= self.plan.limit
        broken = ~(shortest > SHORTEST * self.unit) | ~np.isfinite(sizes)
        curious = sizes < np.minimum(CURIOUS * self.unit, AGAIN * state.asked[moved])
        for place in np.flatnonzero(broken | allowed.any(axis=1) | curious | late):
            run = moved[place]
            if broken[place]:
                if not self._at_flat_set(state, run):  # where a student may vanish and the loss still be zero
                    state.stop(run, "vanished")
            elif allowed[place].any() and self._held(state, run, np.flatnonzero(allowed[place])):
                pass
            elif not (curious[place] and self._met(state, run, float(sizes[place]))) and late[place]:
                state.stop(run, "limit")
        for run in np.flatnonzero(state.active & ~np.isfinite(state.h) | state.active & (state.h < 1e-12)):
            state.stop(run, "vanished")

    def _held(self, state: _State, run: Any, balls: Places) -> bool:
        if self.basins.find(state.W[run], balls) is None:
            return False
        state.stop(run, "basin")
        return True

    def _met(self, state: _State, run: Any, size: float) -> bool:
        """Newton's method from here, or the flat set of global minima."""
        state.asked[run] = size
        if self._at_flat_set(state, run):
            return True
        found = minimum_near(state.W[run], self.setting) if convex_at(state.W[run], self.setting) else None
        if found is None:
            return False
        if self.basins.find(found.W) is None:
            self.basins.add(found.W, radius_of(found, self.setting.teacher))
        if self._held(state, run, np.arange(len(self.basins.radii))):
            return True
        state.asked[run] = min(size, found.lowest * min(self.basins.radii))  # until then the run is on its way
        return False

    def _at_flat_set(self, state: _State, run: Any) -> bool:
        """Stop a run that is close to an explicit global minimum of a flat set."""
        if self.setting.students <= self.setting.teachers:
            return False
        distance = distance_to_global(state.W[run], self.setting.teacher)
        if not distance < CLOSE * self.unit:
            return False
        state.stop(run, "zero loss", distance)
        return True


class _State:
    """Arrays over the runs of a batch."""

    def __init__(self, numbers: list[int], W: Array, gradient: Array, unit: float) -> None:
        count = len(numbers)
        self.numbers, self.W, self.gradient = numbers, W, gradient
        self.h, self.time = np.full(count, FIRST_STEP), np.zeros(count)
        self.size, self.asked = _sizes(gradient), np.full(count, np.inf)
        self.evaluations = np.ones(count, dtype=np.int64)
        self.active, self.fresh = np.ones(count, dtype=bool), np.zeros(count, dtype=bool)
        self.due = np.full(count, CHECKPOINTS[0])
        self.looks: list[list[tuple[float, int]]] = [[] for _ in numbers]
        self.status: list[Status] = ["limit"] * count
        self.distance = [float("nan")] * count

    def look(self, runs: Places) -> None:
        """Count turned students at the checkpoints passed."""
        for run in runs[self.time[runs] >= self.due[runs]]:
            looks = self.looks[run]
            while len(looks) < len(CHECKPOINTS) and self.time[run] >= CHECKPOINTS[len(looks)]:
                looks.append((CHECKPOINTS[len(looks)], turned(self.W[run])))
            self.due[run] = (*CHECKPOINTS, np.inf)[len(looks)]

    def stop(self, run: Any, status: Status, distance: float = float("nan")) -> None:
        """Record where the run is."""
        self.active[run], self.status[run], self.distance[run] = False, status, distance

    def arrivals(self, kernel: Kernel) -> list[Arrival]:
        """What became of every run, in order."""
        losses, looks = kernel.loss(self.W).tolist(), map(tuple, self.looks)
        figures = zip(
            self.numbers, self.status, self.time.tolist(), self.evaluations.tolist(), self.W, losses,
            self.size.tolist(), self.distance, looks, strict=True,
        )  # fmt: skip
        return [Arrival(*row) for row in figures]


def _sizes(gradient: Array) -> Array:
    """Frobenius norms of a stack."""
    result: Array = np.sqrt(np.einsum("bia,bia->b", gradient, gradient))
    return result


def turned(W: Array) -> int:
    """Students whose entry of largest absolute value is negative: turned against their teacher, if orthonormal."""
    largest = np.take_along_axis(W, np.abs(W).argmax(axis=1)[:, None], axis=1)
    return int((largest < 0.0).sum())
