"""Write the corpus files about every width and about correlations again: python tests/checker/make_tube_corpus.py.

All names contain "tube"; the other scripts leave these files alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from make_corpus import canonical

from certify.arithmetic import text
from certify.arithmetic.dyadic import normal
from certify.checker import Rejected, verify_bytes
from certify.families.starts import asymptotic_starts, layout
from certify.outcome import Undecided
from certify.proving.branches import find
from certify.proving.correlation import prove_correlation
from certify.proving.tube import prove_all_sizes

HERE = Path(__file__).parent
PROOFS = HERE.parent.parent / "proofs"
Data = dict[str, Any]
CROSSING = PROOFS / "crossings" / "turned-p01" / "certificate.cert.json"
SHIPPED = json.loads(CROSSING.read_bytes())["claim"]
(FIRST, LAST), PLACE = SHIPPED["monotone"], SHIPPED["crossing"]


def value(x: str) -> Fraction:
    mantissa, exponent = x.split("p")
    return Fraction(int(mantissa, 16)) * Fraction(2) ** int(exponent)


def dyadic(x: Fraction) -> str:
    return text(normal(x.numerator, 1 - x.denominator.bit_length()))


def crossed(data: Data) -> None:
    """A box moved to the side and wider, still a valid one: neither contains what is known of the other's zero where it
    meets the one before it.
    """
    piece = data["claim"]["tube"][5]
    piece["centre"][1] = dyadic(value(piece["centre"][1]) + Fraction(3, 2) * value(piece["radii"][1]))
    piece["radii"][1] = dyadic(3 * value(piece["radii"][1]))


def gap(data: Data) -> None:
    del data["claim"]["tube"][3]


def overlap(data: Data) -> None:
    data["claim"]["tube"][4]["eps"][0] = data["claim"]["tube"][3]["eps"][0]


def begins_late(data: Data) -> None:
    data["claim"]["tube"][0]["eps"][0] = "0x1p-60"


def moved(data: Data) -> None:
    piece = data["claim"]["tube"][5]
    piece["centre"][4] = dyadic(value(piece["centre"][4]) - 2 * value(piece["radii"][4]))


def small_radius(data: Data) -> None:
    piece = data["claim"]["tube"][0]
    piece["radii"][0] = dyadic(value(piece["radii"][0]) / 2)


def set_claim(name: str, new: Any) -> Callable[[Data], None]:
    return lambda data: data["claim"].update({name: new})


REJECT: dict[str, Callable[[Data], None]] = {
    "cover--tube-gap": gap,
    "cover--tube-overlap": overlap,
    "cover--tube-begins-late": begins_late,
    "cover--tube-one-width-less": set_claim("first_width", 29),
    "existence--tube-centre-moved": moved,
    "existence--tube-radius-halved": small_radius,
    "glue--tube-crossed-boxes": crossed,
    "curvature--tube-claims-more": set_claim("curvature", "0x1p-3"),
    "loss--tube-narrower": set_claim("scaled_loss", ["0x1p-2", "0x13p-6"]),
    "loss--tube-not-positive": set_claim("scaled_loss", ["0x0p0", "0x1p0"]),
}


def crossing(end: int, **claim: Any) -> Callable[[], Data]:
    """The beginning of the shipped crossing, up to a piece before the eigenvalue is zero, that claims it is there."""

    def make() -> Data:
        data: Data = json.loads(CROSSING.read_bytes())
        del data["claim"]["tube"][end:]
        size = -int(-(value(data["claim"]["tube"][-1]["eps"][1]) ** -2) // 1)
        data["claim"].update({"first_width": size + 1, **claim})
        return data

    return make


def add_unknown(data: Data) -> None:
    """Two turned students: one more unknown, with the limit's value."""
    data["claim"]["turned"] = 2
    data["claim"]["first_width"] += 1
    for piece in data["claim"]["tube"]:
        piece["centre"].append("0x1p1")
        piece["slope"].append("0x0p0")
        piece["radii"].append("0x1p-3")


CROSSINGS: dict[str, Callable[[], Data]] = {
    "speed--tube-crossing-monotone-too-early": crossing(12, monotone=[3, 11], crossing=8),
    "crossing--tube-crossing-in-another-piece": crossing(LAST + 1, monotone=[FIRST, LAST], crossing=FIRST),
    "curvature--tube-crossing-not-negative": crossing(
        len(SHIPPED["tube"]), monotone=[FIRST, PLACE], crossing=PLACE, first_width=5
    ),
    "cover--tube-crossing-one-width-less": crossing(12, monotone=[3, 11], crossing=8, first_width=4),
    "crossing--tube-crossing-below-the-first-width": crossing(LAST + 1, monotone=[FIRST, LAST], crossing=PLACE),
    "existence--tube-crossing-two-turned": crossing(12, monotone=[3, 11], crossing=8),
}
MALFORMED: dict[str, Callable[[Data], None]] = {
    "tube-nobody-turned": set_claim("turned", 0),
    "tube-n-two": set_claim("first_width", 3),
    "tube-negative-curvature": set_claim("curvature", "-0x1p-8"),
    "tube-empty": set_claim("tube", []),
    "tube-six-unknowns": set_claim("turned", 2),
}


def crossed_correlation(data: Data) -> None:
    """Like `crossed`; the bounds of the loss have room for the larger box."""
    data["claim"]["scaled_loss"] = ["0x1p-7", "0x1p-4"]
    piece = data["claim"]["tube"][-1]
    piece["centre"][0] = dyadic(value(piece["centre"][0]) + Fraction(3, 2) * value(piece["radii"][0]))
    piece["radii"] = [dyadic(2 * value(r) * (Fraction(3, 2) if i == 0 else 1)) for i, r in enumerate(piece["radii"])]


def moved_correlation(data: Data) -> None:
    piece = data["claim"]["tube"][1]
    piece["centre"][2] = dyadic(value(piece["centre"][2]) - 2 * value(piece["radii"][2]))


def dependent(data: Data) -> None:
    data["claim"]["tube"][0]["beta"][0] = "-0x1p-2"


def gap_correlation(data: Data) -> None:
    del data["claim"]["tube"][1]


CORRELATED: dict[str, Callable[[Data], None]] = {
    "cover--tube-correlation-wider": set_claim("correlation", [[-1, 60], [1, 50]]),
    "cover--tube-correlation-wider-below": set_claim("correlation", [[-1, 50], [1, 60]]),
    "cover--tube-correlation-dependent": dependent,
    "cover--tube-correlation-gap": gap_correlation,
    "existence--tube-correlation-centre-moved": moved_correlation,
    "glue--tube-correlation-crossed-boxes": crossed_correlation,
    "curvature--tube-correlation-claims-more": set_claim("curvature", "0x1p-7"),
    "loss--tube-correlation-narrower": set_claim("scaled_loss", ["0x33p-11", "0x19p-10"]),
    "tube-correlation-empty-interval": set_claim("correlation", [[1, 60], [1, 60]]),
    "tube-correlation-of-no-fraction": set_claim("correlation", [[-1, 0], [1, 60]]),
}


def write_correlated() -> None:
    """K = M = 6, rho from -1/60 to 1/60."""
    shape = layout((5, 1))
    minimum = find(shape.signature, asymptotic_starts(shape, [1])).points[0]
    result = prove_correlation(shape.signature, minimum.patterns, 0.0, (Fraction(-1, 60), Fraction(1, 60)))
    if isinstance(result, Undecided):
        raise SystemExit(result.reason)
    content = result.certificate.content
    (HERE / "accept" / "tube-correlation-5-1.cert.json").write_bytes(content)
    for name, edit in CORRELATED.items():
        data = json.loads(content)
        edit(data)
        write("reject" if "--" in name else "malformed", name, data)


def main() -> None:
    """Write all files, after a look at the step that refuses."""
    write_correlated()
    result = prove_all_sizes(1, 30, 0.01)
    if isinstance(result, Undecided):
        raise SystemExit(result.reason)
    content = result.certificate.content
    (HERE / "accept" / "tube-one-turned-from-30.cert.json").write_bytes(content)
    for name, make in CROSSINGS.items():
        data = make()
        if "two-turned" in name:  # a sixth unknown that fits nothing
            add_unknown(data)
        write("reject", name, data)
    for folder, edits in (("reject", REJECT), ("malformed", MALFORMED)):
        for name, edit in edits.items():
            data = json.loads(content)
            edit(data)
            write(folder, name, data)


def write(folder: str, name: str, data: Data) -> None:
    """One file, and the step that refuses it."""
    (HERE / folder / f"{name}.cert.json").write_bytes(canonical(data))
    if folder == "reject":
        try:
            verify_bytes(canonical(data))
            print(f"{name}: ACCEPTED")
        except Rejected as error:
            print(f"{name}: {error}")


if __name__ == "__main__":
    main()
