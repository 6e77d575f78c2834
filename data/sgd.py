"""Order parameters of one-pass SGD over the closed flow: python data/sgd.py docs/figures/sgd-over-flow.png."""

from __future__ import annotations

import sys

import numpy as np

from certify.dynamics.flow import integrate, sgd
from certify.figures import figure

STEP, TIME = 0.2, 12.0


def main() -> None:
    """Two students, two teachers, d = 200 and 1000: entries of R = W V^T, SGD as points, the flow as lines."""
    with figure(sys.argv[1]) as axes:
        for dimension, colour in ((200, "tab:orange"), (1000, "tab:blue")):
            generator = np.random.default_rng(0)
            V = np.eye(2, dimension)
            W = generator.standard_normal((2, dimension)) / np.sqrt(dimension)
            samples = int(TIME * dimension / STEP)
            times, _, R = sgd(W, V, step=STEP, samples=samples, every=samples // 60, generator=generator)
            exact = integrate((W @ W.T)[None], (W @ V.T)[None], V @ V.T, np.linspace(0.0, TIME, 200).tolist())
            for i, m in np.ndindex(2, 2):
                label = f"d = {dimension}" if i == m == 0 else None
                axes.plot(times, R[:, i, m], ".", color=colour, markersize=4, label=label)
                axes.plot(exact.times, exact.R[0, :, i, m], "-", color=colour, linewidth=1)
        axes.set_xlabel("time = step x samples / d")
        axes.set_ylabel("entries of R = W V^T")
        axes.set_title("One-pass SGD (points) and the closed flow (lines)")
        axes.legend()


if __name__ == "__main__":
    main()
