"""Students and teachers for tests: generic, degenerate, badly scaled."""

from collections.abc import Iterator

import numpy as np

Array = np.ndarray
KINDS = ("generic", "near-parallel", "near-antiparallel", "parallel", "antiparallel", "scaled", "axes", "uneven")


def configuration(kind: str, generator: np.random.Generator, *, largest: int = 4) -> tuple[Array, Array]:
    """One random (W, V) of the given kind with at most `largest` students, teachers and dimensions."""
    k, m, d = (int(x) for x in generator.integers(1, largest + 1, 3))
    W, V = generator.standard_normal((k, d)), generator.standard_normal((m, d))
    small = 10.0 ** -generator.uniform(1.0, 17.0)
    if kind == "near-parallel":
        V[0] = W[0] * generator.uniform(0.5, 2.0) + small * generator.standard_normal(d)
        W[-1] = V[-1] + 0.1 * small * generator.standard_normal(d)
    elif kind == "near-antiparallel":
        V[0] = -W[0] * generator.uniform(0.5, 2.0) + small * generator.standard_normal(d)
        W[-1] = -V[-1] + 0.1 * small * generator.standard_normal(d)
    elif kind == "parallel":
        V[0] = 2.0 ** int(generator.integers(-3, 4)) * W[0]
        W[-1] = 3.0 * W[0] if k > 1 else W[0]
    elif kind == "antiparallel":
        V[0] = -(2.0 ** int(generator.integers(-3, 4))) * W[0]
        W[-1] = -W[0] if k > 1 else W[0]
    elif kind == "scaled":
        W, V = 2.0 ** int(generator.integers(-90, 91)) * W, 2.0 ** int(generator.integers(-90, 91)) * V
    elif kind == "axes":
        W, V = np.sign(np.round(W)) + 0.0, np.sign(np.round(V)) + 0.0
        W[~W.any(axis=1), 0] = 1.0
        V[~V.any(axis=1), -1] = -1.0
    elif kind == "uneven":
        W *= 10.0 ** generator.uniform(-12.0, 12.0, (k, 1))
        V *= 10.0 ** generator.uniform(-12.0, 12.0, (m, 1))
    return W, V


def configurations(count: int, seed: int, *, largest: int = 4) -> Iterator[tuple[str, Array, Array]]:
    """`count` of each kind."""
    generator = np.random.default_rng(seed)
    for _ in range(count):
        for kind in KINDS:
            yield (kind, *configuration(kind, generator, largest=largest))
