"""Dyadics as decimals, rounded so that a sentence never says more than its certificate."""

from certify.checker.fields import Dyadic

DIGITS = 6


def decimal(x: Dyadic, *, up: bool, digits: int = DIGITS) -> str:
    """A dyadic with so many significant digits, rounded up or down as asked."""
    mantissa, exponent = x
    if mantissa == 0:
        return "0"
    top, bottom = abs(mantissa) << max(exponent, 0), 1 << max(-exponent, 0)
    power = (top.bit_length() - bottom.bit_length() - 1) * 30103 // 100000 - digits  # at most the true one
    while True:
        scaled = (top * 10 ** max(-power, 0), bottom * 10 ** max(power, 0))
        away = up == (mantissa > 0)
        number = -(-scaled[0] // scaled[1]) if away else scaled[0] // scaled[1]
        text = str(number)
        if len(text) <= digits:
            break
        power += len(text) - digits  # a smaller step would leave more digits than that
    point = power + len(text) - 1
    shown = (text[0] + "." + text[1:]).rstrip("0").rstrip(".")
    sign = "-" if mantissa < 0 else ""
    if -4 <= point < digits:
        return sign + _positional(text, power)
    return f"{sign}{shown}e{point}"


def _positional(digits: str, power: int) -> str:
    """The digits times 10^power without an exponent."""
    if power >= 0:
        return digits + "0" * power
    padded = digits.rjust(1 - power, "0")
    return (padded[:power] + "." + padded[power:]).rstrip("0").rstrip(".")
