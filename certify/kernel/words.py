"""What Coq proved, in one line, and why it refused; decimals are rounded so that no more is said than proved."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor

from certify.checker.numerals import decimal
from certify.kernel.source import Numbers

BITS = 256  # of the dyadics between a rational and its decimals

REASONS = {
    "Shapes": "the matrices do not have the sizes stated",
    "Radii": "not 0 < error < radius",
    "Curvature": "the stated curvature is not positive or more than shift - slack allows",
    "Separation": "a row may be zero or parallel to another in the box",
    "Gradient": "the gradient at the centre is too large for the error radius",
    "Lower_bound": "the loss may be below its lower bound",
    "Upper_bound": "the loss may be above its upper bound",
    "Definiteness": "the factor is not close enough to the Hessian on the box",
}


def sentence(n: Numbers) -> str:
    """The theorem of a file that Coq accepts, but for the numbers of centre and teachers."""
    kind = "orthonormal" if _orthonormal(n.teacher) else "given"
    parts = [
        f"{_counted(len(n.centre), 'ReLU student')}, {_counted(len(n.teacher), f'{kind} teacher')}, "
        f"Gaussian inputs in R^{len(n.centre[0])}, loss in closed form: exactly one critical point has every entry "
        f"within {_decimal(n.radius, up=False)} of the centre's",
        f"it lies within {_decimal(n.error, up=True)} of the centre",
        f"it is a strict local minimum with every Hessian eigenvalue at least {_decimal(n.curvature, up=False)}",
        f"its loss lies in [{_decimal(n.loss[0], up=False)}, {_decimal(n.loss[1], up=True)}]",
    ]
    if n.spurious:
        parts.append("it is not a global minimum")
    if n.symmetries:
        count = _counted(len(n.symmetries), "exchange")
        parts.append(f"it has the symmetries of its centre that {count} of coordinates, students and teachers generate")
    return "; ".join(parts)


def refusal(failed: Sequence[str], message: str) -> str:
    """One line: the parts of the test that fail, or coqc's own message where it is another error."""
    if not failed:
        return f"coqc: {message}"
    return "Coq's kernel refuses: " + "; ".join(REASONS.get(part, part) for part in failed)


def _orthonormal(rows: list[list[Fraction]]) -> bool:
    products = ((i, j, sum(a * b for a, b in zip(rows[i], rows[j], strict=True)))
                for i in range(len(rows)) for j in range(i + 1))  # fmt: skip
    return all(product == (i == j) for i, j, product in products)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count > 1)}"


def _decimal(value: Fraction, *, up: bool) -> str:
    scaled = value * 2**BITS
    return decimal((ceil(scaled) if up else floor(scaled), -BITS), up=up)
