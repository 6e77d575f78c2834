"""Claims about programs in words, and programs as formulas."""

from certify.checker.fields import Dyadic
from certify.checker.floating import compare, ordered
from certify.checker.numerals import decimal
from certify.checker.operations import Operation
from certify.checker.program import Program
from certify.checker.systems import AllZeros, CriticalPoint, Place, SystemClaim, ZeroClaim

LONGEST = 240  # characters of a formula, and of all formulas of a sentence
LISTED = 4  # coordinates
SUM, PRODUCT, POWER, ATOM = range(4)
INFIX = {"add": (" + ", SUM), "sub": (" - ", SUM), "mul": ("*", PRODUCT), "div": ("/", PRODUCT)}


def system_sentence(c: SystemClaim) -> str:
    """The theorem in one line."""
    if isinstance(c, ZeroClaim):
        return f"{_system(c)}: {_for_all(c.program)}{_place(c.program, c.place, 'zero')}; it is simple"
    if isinstance(c, CriticalPoint):
        low, high = decimal(c.value[0], up=False), decimal(c.value[1], up=True)
        return (
            f"{_function(c)}: {_for_all(c.program)}{_place(c.program, c.place, 'critical point')}; it is "
            f"{nature(c.index, len(c.program.variables))}; its value lies in [{low}, {high}]; the Hessian has no "
            f"zero eigenvalue anywhere in the larger box"
        )
    if isinstance(c, AllZeros):
        return f"{_system(c)}: {_for_all(c.program)}{_list(c)}"
    return c.kind


def _list(c: AllZeros) -> str:
    """The region, number of zeros, and what is left open."""
    sides = [
        f"{name} in [{decimal(low, up=True)}, {decimal(high, up=False)}]"
        for name, (low, high) in zip(c.program.variables[:LISTED], c.region[:LISTED], strict=True)
    ]
    where = ", ".join(sides) + (", ... (in the claim)" if len(c.region) > LISTED else "")
    if any(decimal(end, up=True) != decimal(end, up=False) for side in c.region[:LISTED] for end in side):
        where = f"about {where} (exact ends in the claim)"  # a zero may lie between an end and the rounded one
    count = len(c.zeros)
    several = f"{count} zeros, all simple" if count != 1 else "one zero, which is simple"
    open_places = sum(not _is_outside(c, place) for place in c.border)
    exactly = "at least " if open_places or c.leftovers else "exactly "
    parts = [f"the region {where} contains {exactly + several if count else 'no zero'}"]
    if exactly == "at least " and not count:
        parts = [f"in the region {where} no zero is listed as certainly inside"]
    if open_places:
        parts.append(f"on the border, on which side is open: {open_places}")
    if c.leftovers:
        boxes = "a leftover box" if len(c.leftovers) == 1 else f"{len(c.leftovers)} leftover boxes"
        parts.append(f"further zeros can only lie in {boxes}, given in the claim")
    if count == 1 and count <= LISTED and len(c.program.variables) <= LISTED:
        parts.append(_near(c.program, c.zeros[0]))
    return "; ".join(parts)


def _is_outside(c: AllZeros, place: Place) -> bool:
    """Some coordinate of the zero is certainly beyond the region."""
    for (low, high), x, r in zip(c.region, place.centre, place.error_radii, strict=True):
        e = min(x[1], r[1])
        middle, reach = x[0] << x[1] - e, r[0] << r[1] - e
        if compare((middle + reach, e), low) < 0 or compare(high, (middle - reach, e)) < 0:
            return True
    return False


def _near(program: Program, place: Place) -> str:
    names = zip(program.variables, place.centre, place.error_radii, strict=True)
    return "it is " + ", ".join(f"{n} = {nearest(x)} within {decimal(r, up=True)}" for n, x, r in names)


def nature(index: int, count: int) -> str:
    """What a nondegenerate critical point of this index is."""
    if index == 0:
        return "a strict local minimum"
    return "a strict local maximum" if index == count else f"a saddle of Morse index {index}"


def _system(c: SystemClaim) -> str:
    """The equations, or, where they are long, their number and the hash of the program."""
    count = len(c.program.outputs)
    told = formulas(c.program)
    equations = ", ".join(f"{formula} = 0" for formula in told)
    if any(not formula for formula in told) or len(equations) > LONGEST:
        equations = f"program {c.program_hash}, {len(c.program.operations)} operations"
    names = c.program.variables
    shown = ", ".join(names) if len(names) <= LISTED else f"{names[0]}, ..., {names[-1]}"
    return f"the system of {count} equation{'s' * (count > 1)} in {shown} ({equations})"


def _function(c: SystemClaim) -> str:
    formula = formulas(c.program)[0]
    names = c.program.variables
    shown = ", ".join(names) if len(names) <= LISTED else f"{names[0]}, ..., {names[-1]}"
    shown = f"{len(names)} variable{'s' * (len(names) > 1)} {shown}"
    return f"the function {formula or f'(program {c.program_hash}, {len(c.program.operations)} operations)'} of {shown}"


def _for_all(program: Program) -> str:
    """The parameters; intervals are rounded inward, so that the sentence does not say more than the claim."""
    if not program.parameters:
        return ""
    ranges = []
    for p in program.parameters[:LISTED]:
        low, high = decimal(p.low, up=True), decimal(p.high, up=False)
        e = min(p.low[1], p.high[1])
        gap, size = (p.high[0] << p.high[1] - e) - (p.low[0] << p.low[1] - e), abs(p.high[0]) << p.high[1] - e
        wide = gap * 10**4 > size
        ranges.append(f"{p.name} in [{low}, {high}]" if wide else f"{p.name} in an interval at {low}")
    more = ", ..." if len(program.parameters) > LISTED else ""
    return f"for every {', '.join(ranges)}{more} (exact ends in the claim), "


def _place(program: Program, place: Place, what: str) -> str:
    """Two boxes around one centre, radii rounded to the safe side."""
    names, unique, error = program.variables, place.uniqueness_radii, place.error_radii
    few = len(names) <= LISTED
    centre = (
        " (" + ", ".join(f"{n} = {nearest(x)}" for n, x in zip(names, place.centre, strict=True)) + ")" if few else ""
    )
    safe = all(2 * (e[0] << e[1] - low) <= u[0] << u[1] - low for e, u in zip(error, unique, strict=True)
               for low in [min(e[1], u[1])])  # fmt: skip
    about = "" if safe else "a certain radius >= "  # rounding down must not cut off the zero
    if len(set(unique)) == 1:
        within = f"every coordinate within {about}{decimal(unique[0], up=False)} of the centre's"
    elif few:
        radii = [f"{n} within {about}{decimal(r, up=False)}" for n, r in zip(names, unique, strict=True)]
        within = f"{', '.join(radii)} of the centre's"
    else:
        ends = decimal(min(unique, key=ordered), up=False), decimal(max(unique, key=ordered), up=True)
        within = f"every coordinate within its radius, given in the claim, {ends[0]} to {ends[1]}, of the centre's"
    if few and len(set(error)) > 1:
        near = ", ".join(f"its {n} within {decimal(e, up=True)}" for n, e in zip(names, error, strict=True))
    else:
        near = f"each of its coordinates within {decimal(max(error, key=ordered), up=True)}"
    return f"exactly one {what} has {within}{centre}; {near} of the centre's"


def nearest(x: Dyadic) -> str:
    """A dyadic with twelve digits, marked where that is not its exact value."""
    mantissa, exponent = x
    if exponent >= 0 or -exponent <= 12:
        scaled = mantissa * 10 ** max(12, 0) >> max(-exponent, 0) if exponent < 0 else (mantissa << exponent) * 10**12
        text = str(abs(scaled)).rjust(13, "0")
        shown = (text[:-12] + "." + text[-12:]).rstrip("0").rstrip(".")
        if len(shown) <= 24:
            return ("-" if mantissa < 0 else "") + shown
    return f"{decimal(x, up=False)}..."


def formulas(program: Program) -> list[str]:
    """Each output as a formula; empty where it would be longer than 240 characters."""
    names = [*program.variables, *(p.name for p in program.parameters)]
    texts: list[tuple[str, int]] = [(name, ATOM) for name in names]
    for operation in program.operations:
        text, level = _formula(operation, [texts[a] for a in operation.arguments])
        texts.append((text if len(text) <= LONGEST else "", level))
    return [texts[output][0] for output in program.outputs]


def _formula(operation: Operation, arguments: list[tuple[str, int]]) -> tuple[str, int]:  # noqa: PLR0911 - one a case
    if any(not text for text, _ in arguments):
        return "", ATOM
    name, (p, q) = operation.name, operation.number
    if name == "const":
        return fraction(operation.number), (SUM if p < 0 else ATOM if q == 1 else PRODUCT)
    if name == "pi":
        return "pi", ATOM
    if name in INFIX:
        sign, level = INFIX[name]
        first = _bracketed(arguments[0], level)
        rest = [_bracketed(a, level if name == "add" else level + 1) for a in arguments[1:]]
        if name == "add":
            return first + "".join(f" - {text[1:]}" if text[0] == "-" else f" + {text}" for text in rest), level
        return sign.join([first, *rest]), level
    if name == "neg":
        return f"-{_bracketed(arguments[0], PRODUCT)}", SUM
    if name in ("pow", "rpow"):
        exponent = fraction(operation.number) if p >= 0 and q == 1 else f"({fraction(operation.number)})"
        return f"{_bracketed(arguments[0], ATOM)}^{exponent}", POWER
    return f"{name}({', '.join(text for text, _ in arguments)})", ATOM


def fraction(number: tuple[int, int]) -> str:
    """A rational number."""
    return str(number[0]) if number[1] == 1 else f"{number[0]}/{number[1]}"


def _bracketed(argument: tuple[str, int], level: int) -> str:
    text, own = argument
    return text if own >= level else f"({text})"
