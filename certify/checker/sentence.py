"""The claim in words.  Decimals are rounded so that the sentence never says more than the certificate."""

from certify.checker.reader import Certificate, Dyadic

DIGITS = 6


def sentence(c: Certificate) -> str:
    """The theorem a certificate proves, in one line."""
    neurons = f"{c.students} ReLU student{'s' * (c.students > 1)}"
    kind = "orthonormal" if c.orthonormal else "given"
    teachers = f"{c.teachers} {kind} teacher{'s' * (c.teachers > 1)}"
    place = (
        f"exactly one critical point has every row within {_uniqueness(c)} of the centre's; "
        f"it lies within {decimal(c.error_radius, up=True)} of the centre"
    )
    low, high = decimal(c.loss[0], up=False), decimal(c.loss[1], up=True)
    parts = [f"{neurons}, {teachers}, Gaussian inputs in R^{c.dimension}: {place}", _nature(c), _everywhere(c)]
    parts.append(f"its loss lies in [{low}, {high}]")
    if c.not_global:
        parts.append("it is not a global minimum")
    return "; ".join(part for part in parts if part)


def _uniqueness(c: Certificate) -> str:
    """The uniqueness radius, rounded down: that must not make it smaller than the error radius."""
    radius = decimal(c.uniqueness_radius, up=False)
    low = min(c.error_radius[1], c.uniqueness_radius[1])
    error, uniqueness = (mantissa << exponent - low for mantissa, exponent in (c.error_radius, c.uniqueness_radius))
    return radius if 2 * error <= uniqueness else f"a certain radius >= {radius}"


def _nature(c: Certificate) -> str:
    """Kind, index and curvature in the given dimension."""
    curvature = decimal(c.curvature, up=False)
    if c.index == 0:
        return f"it is a strict local minimum with every Hessian eigenvalue at least {curvature}"
    return f"it is a saddle of Morse index {c.index} with no Hessian eigenvalue inside (-{curvature}, {curvature})"


def _everywhere(c: Certificate) -> str:
    """What holds in the other dimensions: index(D) = index + (D - d) ambient_index (docs/theorems.md, T7)."""
    if c.ambient_index is None:
        return "nothing is claimed in other dimensions"
    first = span_dimension(c)
    nature = "a strict local minimum" if c.index == 0 else f"a saddle of index {c.index}"
    if c.ambient_index == 0:
        return f"it is {nature} in R^D for every D >= {first}"
    return f"in R^D, D >= {first}, its index is {c.index} + (D - {c.dimension}) * {c.ambient_index}"


def span_dimension(c: Certificate) -> int:
    """The smallest D such that all teachers lie in the span of the first D coordinates."""
    return max(a + 1 for row in c.teacher for a, (mantissa, _) in enumerate(row) if mantissa)


def decimal(x: Dyadic, *, up: bool) -> str:
    """A dyadic with six significant digits, rounded up or down as asked."""
    mantissa, exponent = x
    if mantissa == 0:
        return "0"
    top, bottom = abs(mantissa) << max(exponent, 0), 1 << max(-exponent, 0)
    power = (top.bit_length() - bottom.bit_length() - 1) * 30103 // 100000 - DIGITS  # at most the true one
    while True:
        scaled = (top * 10 ** max(-power, 0), bottom * 10 ** max(power, 0))
        away = up == (mantissa > 0)
        digits = -(-scaled[0] // scaled[1]) if away else scaled[0] // scaled[1]
        if len(str(digits)) <= DIGITS:
            break
        power += 1
    text = str(digits)
    point = power + len(text) - 1
    shown = (text[0] + "." + text[1:]).rstrip("0").rstrip(".")
    sign = "-" if mantissa < 0 else ""
    if -4 <= point < DIGITS:
        return sign + _positional(text, power)
    return f"{sign}{shown}e{point}"


def _positional(digits: str, power: int) -> str:
    """The digits times 10^power without an exponent."""
    if power >= 0:
        return digits + "0" * power
    padded = digits.rjust(1 - power, "0")
    return (padded[:power] + "." + padded[power:]).rstrip("0").rstrip(".")
