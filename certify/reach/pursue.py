"""One batch of runs: start, follow, stop each inside a basin, near a flat global minimum, or at the time limit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from certify.reach import chebyshev
from certify.reach.basins import Basins, Place
from certify.reach.chebyshev import Stepper
from certify.reach.fast import products
from certify.reach.kernel import Kernel
from certify.reach.minima import Minimum, convex_at, distance_to_global, minimum_near, radius_of
from certify.reach.noise import sgd
from certify.reach.plan import Arrival, Plan, Status
from certify.search.setting import Array

Places = Any  # positions, integers of numpy's choice

CHECKPOINTS = (100.0, 300.0, 1000.0, 4000.0, 16000.0)  # flow times at which runs that go on are looked at
CURIOUS = 1e-4  # gradient norm, per unit, below which Newton's method looks for a minimum not met before
FLAT = 0.015  # gradient norm, per unit, above which no known basin is looked for
ABOUT = 8.0  # radii: a run so close to a known minimum is taken to be on its way to it, not to one to be looked for
AGAIN = 0.2  # and once more when the gradient has fallen by this factor
COARSE = 1e-4  # gradient norm, per unit, above which gradients are computed in float32
CLOSE = 0.02  # distance to a flat set of global minima, per unit, at which a run has arrived
SHORTEST = 1e-6
FIRST_STEP = 0.05
PROBED = 32  # long steps between two looks at how stiff a run is, unless one is refused
CHECKED = 8  # gradient descent is looked at every so many steps


@dataclass
class Pursuer:
    """Follows batches of one plan; remembers the minima met."""

    plan: Plan
    kernel: Kernel = field(init=False)
    fine: Stepper = field(init=False)
    rough: Stepper = field(init=False)
    basins: Basins = field(init=False)
    edges: list[float] = field(init=False)  # of each ball the gradient at the edge, at least, in the lowest direction

    def __post_init__(self) -> None:
        """Empty memory."""
        setting = self.plan.reduced
        self.setting, self.unit = setting, setting.unit
        self.kernel = Kernel(setting.teacher, setting.students)
        dimension = setting.dimension
        self.fine = Stepper(self.kernel, dimension)
        self.rough = Stepper(Kernel(setting.teacher, setting.students, np.float32), dimension)
        self.basins, self.edges = Basins(setting.teacher), []

    def runs(self, numbers: list[int]) -> list[Arrival]:
        """The runs of these starts, in this order."""
        with np.errstate(all="ignore"):
            W = sgd(self.plan, numbers) if self.plan.method == "sgd" else self.plan.starts(numbers)
            X = np.ascontiguousarray(W.transpose(0, 2, 1))
            state = _State(numbers, X, self.kernel.gradient(X), self.unit)
            while state.active.any():
                moved = self._descend(state) if self.plan.method == "gd" else self._flow(state)
                self._stop(state, moved)
            return state.arrivals(self.kernel)

    def _by_type(self, state: _State, active: Places) -> tuple[tuple[Stepper, Places], ...]:
        """Which runs are computed in float32 now, and which in float64."""
        coarse = state.size[active] > COARSE * self.unit
        return (self.rough, active[coarse]), (self.fine, active[~coarse])

    def _flow(self, state: _State) -> Places:
        """One step of every active run; positions of the accepted ones."""
        active = np.flatnonzero(state.active)
        for stepper, runs in self._by_type(state, active):
            self._probe(state, stepper, runs[(state.h[runs] >= chebyshev.LONG) & (state.unprobed[runs] >= PROBED)])
            counts = chebyshev.choose(state.h[runs], self.setting.students, state.slow[runs])
            order = np.argsort(-counts, kind="stable")
            for first in range(0, len(runs), stepper.kernel.chunk):
                part = order[first : first + stepper.kernel.chunk]
                self._step(state, stepper, runs[part], counts[part])
        return np.asarray(active[state.fresh[active]])

    def _probe(self, state: _State, stepper: Stepper, runs: Places) -> None:
        """Estimate how stiff these runs are now: several times at first, then once in a while."""
        for first in range(0, len(runs), stepper.kernel.chunk):
            part = runs[first : first + stepper.kernel.chunk]
            known = state.slow[part] > 0.0
            for again in (~known, ~known, np.ones(len(part), dtype=bool)):
                some = part[again]
                if len(some):
                    found = stepper.probe(state.X[some], state.gradient[some], state.direction[some])
                    state.slow[some], state.direction[some] = found
                    state.evaluations[some] += 1
            state.unprobed[part] = 0

    def _step(self, state: _State, stepper: Stepper, runs: Places, counts: Any) -> None:
        """One step of these runs, of so many stages."""
        h, tolerance = state.h[runs], self.plan.tolerance * self.unit
        X = state.X[runs]
        increment, gradient, error = stepper.step(counts, X, state.gradient[runs], h)
        X += increment
        sizes, shortest = _sizes(gradient), stepper.kernel.lengths(len(runs)).min(axis=1)
        good = error <= tolerance
        kept = runs[good]
        if len(kept) < len(runs):
            X, gradient, sizes, shortest = X[good], gradient[good], sizes[good], shortest[good]
        state.X[kept], state.gradient[kept], state.size[kept], state.shortest[kept] = X, gradient, sizes, shortest
        state.time[kept] += h[good]
        state.evaluations[runs] += counts
        factor = 0.8 * np.cbrt(tolerance / np.maximum(error, 1e-300))
        factor = np.where(np.isfinite(error), np.clip(factor, 0.2, 2.5), 0.2)
        state.h[runs] = np.minimum(h * factor, chebyshev.longest(state.slow[runs]))
        state.fresh[runs] = good
        state.unprobed[runs] += np.where(good, 1, PROBED)

    def _descend(self, state: _State) -> Places:
        """A few steps of gradient descent of every active run."""
        active = np.flatnonzero(state.active)
        for stepper, runs in self._by_type(state, active):
            X, gradient = state.X[runs], state.gradient[runs].astype(stepper.dtype)
            for _ in range(CHECKED):
                X -= self.plan.step * gradient
                stepper.kernel.gradient(X.astype(stepper.dtype, copy=False), gradient)
            state.X[runs], state.gradient[runs], state.size[runs] = X, gradient, _sizes(gradient)
            state.shortest[runs] = np.sqrt(np.einsum("bai,bai->bi", X, X).min(axis=1))
        state.time[active] += CHECKED * self.plan.step
        state.evaluations[active] += CHECKED
        return active

    def _stop(self, state: _State, moved: Places) -> None:
        """Look at the runs that moved, and stop those that have arrived or come to their limit."""
        sizes = state.size[moved]
        state.look(moved)
        allowed = np.zeros((len(moved), len(self.basins.radii)), dtype=bool)
        flat = sizes < FLAT * self.unit
        allowed[flat] = self.basins.near(state.W(moved[flat]))
        late = state.time[moved] >= self.plan.limit
        broken = ~(state.shortest[moved] > SHORTEST * self.unit) | ~np.isfinite(sizes)
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

    def _held(self, state: _State, run: Any, balls: Places | None = None) -> bool:
        if self.basins.find(state.W(run), balls) is None:
            return False
        state.stop(run, "basin")
        return True

    def _met(self, state: _State, run: Any, size: float) -> bool:
        """Newton's method from here, or the flat set of global minima."""
        state.asked[run] = size
        W = state.W(run)
        if self._at_flat_set(state, run) or self._held(state, run):  # in a ball that this look at the runs has found
            return True
        about = self.basins.find(W, widened=ABOUT)
        if about is None or size < self.edges[about.ball]:
            found = minimum_near(W, self.setting) if convex_at(W, self.setting) else None
            if found is None:
                return False
            about = self.basins.find(found.W) or self._add(found)
            if self._held(state, run):
                return True
        state.asked[run] = min(size, self.edges[about.ball])  # until then the run is on its way
        return False

    def _add(self, found: Minimum) -> Place:
        """A minimum not met before: its place in its ball."""
        radius = radius_of(found, self.setting.teacher)
        self.basins.add(found.W, radius)
        self.edges.append(found.lowest * radius)
        ball = len(self.edges) - 1
        return self.basins.place(found.W, ball, radius)

    def _at_flat_set(self, state: _State, run: Any) -> bool:
        """Stop a run that is close to an explicit global minimum of a flat set."""
        if self.setting.students <= self.setting.teachers:
            return False
        distance = distance_to_global(state.W(run), self.setting.teacher)
        if not distance < CLOSE * self.unit:
            return False
        state.stop(run, "zero loss", distance)
        return True


class _State:
    """Arrays over the runs of a batch; X [B, d, K]: each W transposed."""

    def __init__(self, numbers: list[int], X: Array, gradient: Array, unit: float) -> None:
        count = len(numbers)
        self.numbers, self.X, self.gradient = numbers, X, gradient.astype(np.float32)  # enough to start a step from
        self.h, self.time = np.full(count, FIRST_STEP), np.zeros(count)
        self.slow, self.unprobed = np.zeros(count), np.full(count, PROBED)
        self.direction = np.broadcast_to(np.random.default_rng(0).standard_normal(X.shape[1:]), X.shape).astype(
            np.float32
        )
        self.size, self.asked = _sizes(gradient), np.full(count, np.inf)
        self.shortest = np.full(count, np.inf)
        self.evaluations = np.ones(count, dtype=np.int64)
        self.active, self.fresh = np.ones(count, dtype=bool), np.zeros(count, dtype=bool)
        self.due = np.full(count, CHECKPOINTS[0])
        self.looks: list[list[tuple[float, int]]] = [[] for _ in numbers]
        self.status: list[Status] = ["limit"] * count
        self.distance = [float("nan")] * count

    def W(self, runs: Places) -> Any:
        """Of a run or of some."""
        return self.X[runs].swapaxes(-1, -2)

    def look(self, runs: Places) -> None:
        """Count turned students at the checkpoints passed."""
        passed = runs[self.time[runs] >= self.due[runs]]
        for run, count in zip(passed.tolist(), turned(self.W(passed)).tolist(), strict=True):
            looks = self.looks[run]
            while len(looks) < len(CHECKPOINTS) and self.time[run] >= CHECKPOINTS[len(looks)]:
                looks.append((CHECKPOINTS[len(looks)], count))
            self.due[run] = (*CHECKPOINTS, np.inf)[len(looks)]

    def stop(self, run: Any, status: Status, distance: float = float("nan")) -> None:
        """Record where the run is."""
        self.active[run], self.status[run], self.distance[run] = False, status, distance

    def arrivals(self, kernel: Kernel) -> list[Arrival]:
        """What became of every run, in order."""
        losses, looks, W = (
            kernel.loss(self.X).tolist(),
            map(tuple, self.looks),
            np.ascontiguousarray(self.W(slice(None))),
        )
        figures = zip(
            self.numbers, self.status, self.time.tolist(), self.evaluations.tolist(), W, losses,
            self.size.tolist(), self.distance, looks, strict=True,
        )  # fmt: skip
        return [Arrival(*row) for row in figures]


def _sizes(gradient: Any) -> Any:
    """Frobenius norms of a stack."""
    return np.sqrt(products(gradient, gradient))


def turned(W: Array) -> Any:
    """Students of W [..., K, d] whose entry of largest absolute value is negative: turned against their teacher, if

    orthonormal.
    """
    largest = np.take_along_axis(W, np.abs(W).argmax(axis=-1)[..., None], axis=-1)
    return (largest[..., 0] < 0.0).sum(axis=-1)
