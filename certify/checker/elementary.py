"""Elementary functions of one number, in fixed point: bounds of g(n / 2^w) in units of 2^-w (docs/systems.md, Z3).

All sums are cut off where their terms vanish at this precision; the error counts are derived in Z3.
"""

from functools import cache
from itertools import count

from certify.checker.errors import Rejected
from certify.checker.intervals import Arithmetic

Pair = tuple[int, int]


@cache
def fixed(w: int) -> Arithmetic:
    """Fixed point arithmetic with w bits; its construction computes pi."""
    return Arithmetic(w)


@cache
def log_two(w: int) -> Pair:
    """ln 2 = 2 artanh(1/3)."""
    power, total, k = (1 << w + 1) // 3, 0, 0
    while power:
        total += power // (2 * k + 1)
        power //= 9
        k += 1
    return total, total + 3 * k + 3


def exp(n: int, w: int) -> tuple[int, int, int]:
    """(lo, hi, e): exp(n / 2^w) is between lo 2^e and hi 2^e."""
    guard = max(0, n.bit_length() - w) + w.bit_length() + 16
    n, w = n << guard, w + guard
    two = log_two(w)
    k = n // two[1] if n >= 0 else -(-n // two[1])
    low, high = n - max(k * two[0], k * two[1]), n - min(k * two[0], k * two[1])
    halvings = 4 + w // 64
    lo, _ = _exp_series(low >> halvings, w)
    _, hi = _exp_series((high >> halvings) + 1, w)
    for _ in range(halvings):
        lo, hi = lo * lo >> w, -(-hi * hi >> w)
    return lo, hi, k - w


def _exp_series(y: int, w: int) -> Pair:
    """exp(y / 2^w) for |y| <= 2^w / 2: terms are below 4 off each, and the tail is below 8."""
    if abs(y) > 1 << w - 1:
        raise Rejected("precision", "the reduction of an exponential failed")
    total = term = 1 << w
    k = 1
    while term > 0 or term < -1:
        term = (term * y >> w) // k
        total += term
        k += 1
    return total - 4 * k - 8, total + 4 * k + 8


def log(n: int, w: int, shift: int) -> Pair:
    """ln(2^shift n / 2^w) for 1/2 <= n / 2^w <= 2."""
    one = 1 << w
    if not one <= 2 * n <= 4 * one:
        raise Rejected("precision", "the reduction of a logarithm failed")
    low = ((n - one) << w) // (n + one)  # |low| <= 2^w / 3
    lo, hi = _artanh(low, w)[0], _artanh(low + 1, w)[1]
    two = log_two(w)
    ends = shift * two[0], shift * two[1]
    return 2 * lo + min(ends), 2 * hi + max(ends)


def _artanh(z: int, w: int) -> Pair:
    """artanh(z / 2^w), |z| <= 2^w / 3 + 1: terms are below 5 off each, and the tail is below 5."""
    power, square, total = abs(z), z * z >> w, 0
    for k in count():
        if not power:
            break
        total += power // (2 * k + 1)
        power = power * square >> w
    error = 5 * k + 5
    return (total, total + error) if z >= 0 else (-total - error, -total)


def sin_cos(n: int, w: int) -> tuple[Pair, Pair]:
    """Sine and cosine of n / 2^w, each as a pair."""
    guard = max(0, n.bit_length() - w) + w.bit_length() + 8
    n, w = n << guard, w + guard
    pi = fixed(w).pi
    k = (4 * n + pi[0]) // (2 * pi[0])  # the multiple of pi / 2 nearest to n, as far as w bits tell
    ends = n - (k * pi[0] >> 1), n - (k * pi[1] >> 1)
    middle, spread = sum(ends) >> 1, abs(ends[1] - ends[0]) + 2
    if abs(middle) > 1 << w:
        raise Rejected("precision", "the reduction of an angle failed")
    sine, cosine = _sin_cos_series(middle, w, spread)
    for _ in range(k % 4):
        sine, cosine = cosine, (-sine[1], -sine[0])
    return (sine[0] >> guard, -(-sine[1] >> guard)), (cosine[0] >> guard, -(-cosine[1] >> guard))


def _sin_cos_series(y: int, w: int, spread: int) -> tuple[Pair, Pair]:
    """Sine and cosine near y / 2^w, |y| <= 2^w, for all arguments within `spread`: terms below 4 off each, tail 8."""
    totals, term, k = [0, 0], 1 << w, 0
    while term:
        totals[k % 2] += -term if k % 4 >= 2 else term
        k += 1
        term = term * abs(y) // (k << w)
    error = 4 * k + 8 + spread
    cosine, sine = totals[0], totals[1] if y >= 0 else -totals[1]
    return (sine - error, sine + error), (cosine - error, cosine + error)


def atan(n: int, w: int) -> Pair:
    """Arctangent of n / 2^w, |n| <= 2^w."""
    guard = w.bit_length() + w // 64 + 8
    low, high = fixed(w + guard).atan((abs(n) << guard, abs(n) << guard))
    low, high = low >> guard, -(-high >> guard)
    return (low, high) if n >= 0 else (-high, -low)


def erf_series(n: int, w: int) -> Pair:
    """sum_k 2^k x^(2k+1) / (1 3 5 ... (2k+1)) for x = n / 2^w >= 0: all terms positive, sums rounded both ways."""
    low, high = n * n >> w - 1, -(-n * n >> w - 1)  # 2 x^2
    lo = hi = total_lo = total_hi = n
    k = 0
    while hi > 2 or 2 * high > 2 * k + 3 << w:  # after the loop each term is at most half of the one before
        k += 1
        lo, hi = (lo * low >> w) // (2 * k + 1), -((-hi * high >> w) // (2 * k + 1))
        total_lo, total_hi = total_lo + lo, total_hi + hi
    return total_lo, total_hi + hi
