"""Where a block of the Hessian becomes singular at a fractional class size: an extended system as a program.

The formulas of docs/families.md (F2 to F4) contain class sizes as plain numbers.  With one of them as an unknown, and a
null vector v of one block as further unknowns, the zeros of

    gradient on the fixed space = 0,    block v = 0,    one coordinate of v = 1

are the places where that block of the curve of critical points is singular (docs/all-sizes.md, A9).  The code of
`families/orbits.py` and `families/blocks.py` runs on expressions, so nothing is typed a second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from certify.families.blocks import Block, hessian_blocks
from certify.families.orbits import Geometry, Number, Numbers, Pattern
from certify.systems.expression import Expression, as_expression, atan2, pi, sqrt, variables
from certify.systems.system import System, compiled

SIZE = "n"


class Size(Expression):
    """A class size that is a variable, or a polynomial in it; larger than every integer it is compared with."""

    __slots__ = ()

    def __add__(self, other: object) -> Any:
        """With an integer or another size: a size."""
        return _size(super().__add__(other), other)

    __radd__ = __add__

    def __sub__(self, other: object) -> Any:
        """The same."""
        return _size(super().__sub__(other), other)

    def __mul__(self, other: object) -> Any:
        """The same; nothing is left of a product with the integer 0."""
        return 0 if type(other) is int and other == 0 else _size(super().__mul__(other), other)

    __rmul__ = __mul__

    def __floordiv__(self, other: int) -> Any:
        """Of what is divisible: the quotient."""
        return _size(super().__truediv__(other), other)

    def __gt__(self, other: object) -> bool:  # type: ignore[override]
        """Yes."""
        return True

    __ge__ = __gt__  # type: ignore[assignment]

    def __bool__(self) -> bool:  # type: ignore[override]
        """Not zero."""
        return True


def _size(value: Expression, other: object) -> Expression:
    return Size(value.name, value.arguments, value.number) if isinstance(other, (int, Size)) else value


EXPRESSIONS = Numbers(
    square_root=lambda x: x if x == 1 else sqrt(x),
    complement=lambda sine, cosine: atan2(sine, -cosine),
    inverse=lambda sine: 1 / sine,
    within=lambda bound, y: y * 0,  # never needed: every sine has an inverse
    products=lambda left, right: [[sum(a * b for a, b in zip(x, y, strict=True)) for y in right] for x in left],
    pi=pi,
)


class Unknowns(NamedTuple):
    """Names and patterns of the student classes; follows: which of them have a delta."""

    names: list[str]
    sizes: list[Any]
    patterns: list[Pattern]
    follows: list[bool]


def reduced_system(sizes: Sequence[int | None], owners: Sequence[int | None], size: tuple[Any, Any]) -> System:
    """The gradient on the fixed space alone, for orthonormal teachers; the class size None, SIZE, is a parameter.

    sizes, owners: as for `extended_system`; size: lower and upper end of the parameter.
    """
    unknowns = _unknowns(sizes, owners)
    geometry = Geometry(unknowns.sizes, owners, unknowns.patterns, (1, 0), EXPRESSIONS)
    return compiled(_gradient(geometry, unknowns), unknowns.names, {SIZE: (Fraction(size[0]), Fraction(size[1]))})


def extended_system(sizes: Sequence[int | None], owners: Sequence[int | None], block: str, normal: int) -> System:
    """The program for orthonormal teachers; the class size None is the unknown SIZE.

    sizes, owners: the signature; the other sizes are 1 or more.  block: its name (`families.blocks.hessian_blocks`).
    normal: the coordinate of the null vector that is 1.  Unknowns: "a0", "a1", ..., "a" for the base and the own part
    of the first class of students, "b0" ... of the next; SIZE; "v0", "v1", ... without the fixed one.
    """
    unknowns = _unknowns(sizes, owners)
    geometry = Geometry(unknowns.sizes, owners, unknowns.patterns, (1, 0), EXPRESSIONS)
    matrix = block_named(geometry, block).matrix
    others = [f"v{k}" for k in range(len(matrix)) if k != normal]
    vector: list[Any] = list(variables(others))
    vector.insert(normal, 1)
    image = [as_expression(sum(entry * x for entry, x in zip(row, vector, strict=True))) for row in matrix]
    return compiled([*_gradient(geometry, unknowns), *image], [*unknowns.names, SIZE, *others], {})


def _unknowns(sizes: Sequence[int | None], owners: Sequence[int | None]) -> Unknowns:
    (size,) = variables(SIZE)
    real = Size(size.name, size.arguments, size.number)
    result = Unknowns([], [real if n is None else n for n in sizes], [], [])
    for letter, owner in zip("abcdefghij", owners, strict=False):
        base = [f"{letter}{c}" for c in range(len(sizes))]
        follows = owner is not None and result.sizes[owner] > 1
        result.names.extend([*base, letter] if follows else base)
        result.patterns.append(Pattern(variables(base), variables(letter)[0] if follows else 0))
        result.follows.append(follows)
    return result


def _gradient(geometry: Geometry, unknowns: Unknowns) -> list[Expression]:
    return [as_expression(x) for x in flattened(geometry.gradient(), unknowns.follows)]


def flattened(patterns: Sequence[Pattern], follows: Sequence[bool]) -> list[Number]:
    """Base values and, where a class follows one of two coordinates or more, delta: the order of the unknowns."""
    result: list[Number] = []
    for pattern, delta in zip(patterns, follows, strict=True):
        result += [*pattern.base, pattern.delta] if delta else pattern.base
    return result


def block_named(geometry: Geometry, name: str) -> Block:
    """The block of that name; raises ValueError if there is none."""
    for block in hessian_blocks(geometry):
        if block.name == name:
            return block
    raise ValueError(f"there is no block {name}")
