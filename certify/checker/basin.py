"""Basins: a ball around the critical point that it attracts (docs/dynamics.md, B1 and B2).

    M         |D^3 L| <= M / 2 pi on the ball of radius R + r around the centre, in every input dimension           [B1]
    rate      2 pi rate + M R / 2 <= 2 pi min(curvature, ambient_curvature)
    step      step (2 pi rate + 2 pi max |Hess L(x*)| + M R / 2) <= 4 pi

All numbers are integers in units of 2^-bits; they are upper bounds unless the name says lower.
"""

from collections.abc import Sequence
from math import isqrt
from typing import NamedTuple

from certify.checker.errors import Rejected
from certify.checker.intervals import Arithmetic, Interval, magnitude
from certify.checker.landscape import Landscape
from certify.checker.orbits import Geometry
from certify.checker.reader import Claim

NEAR = 4, 5  # pairs with |cos| above this are bounded one by one


class Other(NamedTuple):
    """`each` rows beside a student, alike: class of student or None for a teacher, |x_j|, |cos|, sin, pi - t."""

    each: int
    student: int | None
    length: int
    cosine: int
    sine: int
    complement: int


class Student(NamedTuple):
    """A class of students: |w_i|, alpha_i, and the other rows that one of them meets."""

    norm: Interval
    alpha: Interval
    others: Sequence[Other]


class Up:
    """Products, quotients and roots of nonnegative numbers, rounded up."""

    def __init__(self, arithmetic: Arithmetic) -> None:
        """The units of an arithmetic."""
        self.bits, self.one = arithmetic.bits, arithmetic.one

    def mul(self, a: int, b: int) -> int:
        """a b."""
        return -(-a * b >> self.bits)

    def div(self, a: int, lower: int) -> int:
        """a / b from a lower bound of b > 0."""
        return -(-(a << self.bits) // lower)

    def root(self, a: int) -> int:
        """Square root."""
        return isqrt(a << self.bits) + 1


def dense_students(landscape: Landscape) -> list[Student]:
    """Every student as a class of its own."""
    result = []
    for i in range(landscape.count):
        others = [
            Other(1, j if j < landscape.count else None, landscape.norms[j][1], magnitude(pair.cosine), pair.sine[1],
                  pair.complement[1])
            for j, pair in enumerate(landscape.pairs[i]) if pair is not None
        ]  # fmt: skip
        result.append(Student(landscape.norms[i], landscape.alpha(i), others))
    return result


def family_students(geometry: Geometry) -> list[Student]:
    """One student of each class; `same` and other pairs of two classes are listed apart."""
    result = [Student(geometry.norms[a], geometry.alphas[a], []) for a in range(geometry.students)]
    for relation in geometry.relations:
        angle, j = geometry.angles[relation.key], relation.right
        other = Other(relation.each, j if j < geometry.students else None, geometry.norms[j][1],
                      magnitude(angle.cosine), angle.sine[1], angle.complement[1])  # fmt: skip
        result[relation.left] = result[relation.left]._replace(others=[*result[relation.left].others, other])
    return result


def third_derivative(students: Sequence[Student], teachers: int, radius: int, f: Arithmetic) -> int:
    """B1: bound of 2 pi |D^3 L| on the ball of this radius around the centre, radius < every row norm.

    teachers: bound of the largest eigenvalue of the Gram matrix of the teachers' directions.
    """
    up = Up(f)
    count = 1 + sum(other.each for other in students[0].others if other.student is not None)
    inverse = [up.div(f.one, student.norm[0] - radius) for student in students]
    start = max(f.one + sum(o.each * o.cosine for o in s.others if o.student is not None) for s in students)
    root = up.root(start) + up.mul(radius, max(inverse))
    gram = up.mul(root, root)
    spread = up.root((count - 1) * f.one)
    radial = tangential = 0
    for student, m in zip(students, inverse, strict=True):
        moved = [_moved(other, m, inverse, radius, up) for other in student.others]
        reach = sum(o.each * up.mul(o.length, o.cosine) for o in moved)
        turned = up.root(sum(o.each * up.mul(o.cosine, o.cosine) for o in moved if o.student is not None))
        close = min((count - 1) * f.one, _inverse_sines(moved, gram, up))
        alpha = magnitude(student.alpha) * student.norm[1] >> f.bits
        alpha = up.mul(alpha + 1 + up.mul(radius, spread + up.mul(reach, m)), m)
        sides = [_curved([o for o in moved if (o.student is None) is teacher], bound, up)
                 for teacher, bound in ((False, gram), (True, teachers))]  # fmt: skip
        own = alpha + up.mul(max(sides), m)
        radial = max(radial, 3 * up.mul(own + spread + close, m))
        tangential = max(tangential, 2 * up.mul(up.mul(reach, m), m) + 6 * up.mul(turned + up.root(close), m))
    return -(-77 * radial // 200) + tangential


def _moved(other: Other, own: int, inverse: Sequence[int], radius: int, up: Up) -> Other:
    """The same pair anywhere in the ball; the angle changes by at most radius sqrt(1/m_i^2 + 1/m_j^2)."""
    theirs, longer = (0, 0) if other.student is None else (inverse[other.student], radius)
    turn = up.mul(radius, up.root(up.mul(own, own) + up.mul(theirs, theirs)))
    cosine, sine = min(up.one, other.cosine + turn), min(up.one, other.sine + turn)
    return other._replace(length=other.length + longer, cosine=cosine, sine=sine)


def _is_near(other: Other, up: Up) -> bool:
    return NEAR[1] * other.cosine > NEAR[0] * up.one


def _inverse_sine_square(other: Other, up: Up) -> int:
    """1 / s^2 for a pair that is not near: s^2 >= 1 - cos^2 >= 9/25."""
    return up.div(up.one, up.one - up.mul(other.cosine, other.cosine))


def _inverse_sines(moved: Sequence[Other], gram: int, up: Up) -> int:
    """G_i with sum_j (e.n_ij)^2 <= G_i |e|^2 over the other students j."""
    far = [_inverse_sine_square(o, up) for o in moved if o.student is not None and not _is_near(o, up)]
    near = sum(o.each for o in moved if o.student is not None and _is_near(o, up))
    return up.mul(max(far, default=0), gram) + near * up.one


def _curved(moved: Sequence[Other], gram: int, up: Up) -> int:
    """Bound of the norm of sum_j |x_j| r_ij r_ij^T / s_ij over rows j of one sign."""
    far = [up.mul(o.length, up.root(_inverse_sine_square(o, up))) for o in moved if not _is_near(o, up)]
    near = sum(o.each * up.mul(o.length, o.sine) for o in moved if _is_near(o, up))
    return up.mul(max(far, default=0), gram) + near


def _ambient_norm(students: Sequence[Student], f: Arithmetic) -> int:
    """Bound of 2 pi |A| at the centre, by row sums."""
    return max(
        f.pi[1] + magnitude(s.alpha) + sum(o.each * o.complement for o in s.others if o.student is not None)
        for s in students
    )


def _teacher_gram(c: Claim, landscape: Landscape | Geometry) -> int:
    """Bound of the largest eigenvalue of the Gram matrix of the teachers' directions; it has trace M."""
    f = landscape.arithmetic
    if c.orthonormal:
        return f.one
    if isinstance(landscape, Geometry):
        return c.teachers * f.one
    units = landscape.units[landscape.count :]
    return max(sum(magnitude(f.dot(u, v)) for v in units) for u in units)


def check_basin(c: Claim, f: Arithmetic, landscape: Landscape | Geometry, norm: int, change: int) -> None:
    """B2.  norm: bound of 2 pi |Hess L| at the centre; change: by how much it may differ at x*.

    Returns if x* attracts the ball of the claimed radius in every dimension, at the claimed rate and with the claimed
    step; raises Rejected otherwise.  The curvatures of the claim have been verified before.
    """
    if c.basin is None or c.ambient_curvature is None:
        return
    up, two_pi = Up(f), (2 * f.pi[0], 2 * f.pi[1])
    students = family_students(landscape) if isinstance(landscape, Geometry) else dense_students(landscape)
    own = f.exact(*c.basin.radius)[1]
    radius = own + f.exact(*c.error_radius)[1]
    if not radius < min(student.norm[0] for student in students):
        raise Rejected("basin", "a row is not longer than the radius")
    half = up.mul(third_derivative(students, _teacher_gram(c, landscape), radius, f), own) // 2 + 1
    rate = f.mul(two_pi, f.exact(*c.basin.rate))[1]
    lowest = min(f.mul(two_pi, f.exact(*x))[0] for x in (c.curvature, c.ambient_curvature))
    if not rate + half <= lowest:
        raise Rejected("basin", "the Hessian may change by more than the curvature less the rate")
    largest = max(norm, _ambient_norm(students, f)) + change + half
    if not up.mul(f.exact(*c.basin.step)[1], rate + largest) <= 2 * two_pi[0]:
        raise Rejected("basin", "the step is too long for the largest curvature")
