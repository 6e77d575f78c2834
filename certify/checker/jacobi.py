"""Approximate eigenvectors in integers, by Jacobi's method.

Nothing here is trusted: `isotypic.enclosures` judges whatever comes out (docs/families.md, F5).  The work depends on
the size and the bits alone.
"""

from collections.abc import Sequence
from math import isqrt
from operator import mul

from certify.checker.errors import Rejected

Matrix = list[list[int]]


def approximate_eigenvectors(matrix: Sequence[Sequence[int]], gram: Sequence[Sequence[int]], bits: int) -> Matrix:
    """Rows q_k with q_k gram q_l about 1 for k = l and 0 otherwise, q_k matrix q_l about 0 for k != l.

    Everything symmetric, in units of 2^-bits; gram positive definite with diagonal about 1.
    """
    size = len(matrix)
    basis = _orthonormal(gram, bits)
    images = [[sum(map(mul, row, x)) >> bits for row in matrix] for x in basis]
    # One list for each k: row k of q matrix q^T, followed by q_k; a rotation acts on both in the same way.
    rows = [[*(sum(map(mul, image, y)) >> bits for y in basis), *x] for image, x in zip(images, basis, strict=True)]
    for _ in range(size.bit_length() + bits.bit_length()):
        for i in range(size):
            for j in range(i + 1, size):
                if abs(rows[i][j]) >> bits // 8:
                    _rotate(rows, i, j, bits)
    return [row[size:] for row in rows]


def _orthonormal(gram: Sequence[Sequence[int]], bits: int) -> Matrix:
    """Gram and Schmidt's method on the unit vectors."""
    one = 1 << bits
    result: Matrix = []
    for r in range(len(gram)):
        x = [one if k == r else 0 for k in range(len(gram))]
        for y in result:
            overlap = sum(map(mul, gram[r], y)) >> bits
            x = [a - (overlap * b >> bits) for a, b in zip(x, y, strict=True)]
        square = sum(a * sum(map(mul, row, x)) for a, row in zip(x, gram, strict=True)) >> bits
        if square <= 0:
            raise Rejected("precision", "a Gram matrix is not certainly regular; the certificate asks for too few bits")
        norm = isqrt(square)
        result.append([(a << bits) // norm for a in x])
    return result


def _rotate(rows: Matrix, i: int, j: int, bits: int) -> None:
    """Turn vectors i and j in their plane such that entry (i, j) of the form vanishes; tan is at most 1 in size."""
    one, left, right = 1 << bits, rows[i], rows[j]
    off, difference = left[j], right[j] - left[i]
    tangent = (2 * abs(off) << bits) // (abs(difference) + isqrt(difference * difference + 4 * off * off))
    tangent = tangent if (off < 0) == (difference < 0) else -tangent
    cosine = (one << bits) // isqrt((one << bits) + tangent * tangent)
    sine = tangent * cosine >> bits
    first = [cosine * x - sine * y >> bits for x, y in zip(left, right, strict=True)]
    second = [sine * x + cosine * y >> bits for x, y in zip(left, right, strict=True)]
    first[i], first[j] = left[i] - (tangent * off >> bits), 0
    second[i], second[j] = 0, right[j] + (tangent * off >> bits)
    rows[i], rows[j] = first, second
    for k in range(len(rows)):
        if k not in (i, j):
            rows[k][i], rows[k][j] = first[k], second[k]
