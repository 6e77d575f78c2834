"""A claim about a program, operation by operation."""

from __future__ import annotations

from certify.checker.numerals import decimal
from certify.checker.phrases import formulas, fraction
from certify.checker.systems import CriticalPoint, SystemClaim, ZeroClaim
from certify.cli.text import columns

INFIX = {"add": " + ", "sub": " - ", "mul": " * ", "div": " / "}


def program_lines(c: SystemClaim) -> list[str]:
    """The program in words, then centre and radii by variable, then what identifies the claim."""
    program = c.program
    names = [
        *program.variables,
        *(p.name for p in program.parameters),
        *(f"t{i}" for i in range(len(program.operations))),
    ]
    told = formulas(program)
    lines = [f"f{i} = {formula}" for i, formula in enumerate(told)]
    if not all(told):
        lines = []
        for place, operation in enumerate(program.operations):
            arguments = [names[a] for a in operation.arguments]
            number = fraction(operation.number)
            if operation.name in INFIX:
                right = INFIX[operation.name].join(arguments)
            elif operation.name == "const":
                right = number
            elif operation.name in ("pow", "rpow"):
                right = f"{arguments[0]}^({number})"
            else:
                right = f"{operation.name}({', '.join(arguments)})" if arguments else operation.name
            lines.append(f"t{place} = {right}")
        lines += [f"f{i} = {names[output]}" for i, output in enumerate(program.outputs)]
    for p in program.parameters:
        lines.append(f"{p.name} in [{decimal(p.low, up=True)}, {decimal(p.high, up=False)}]")
    if isinstance(c, ZeroClaim | CriticalPoint):
        header = ("unknown", "centre", "unique within", "known within")
        rows = [
            (name, decimal(x, up=False), decimal(u, up=False), decimal(e, up=True))
            for name, x, u, e in zip(program.variables, *c.place, strict=True)
        ]
        lines += ["", *columns([header, *rows], left=1)]
    return [*lines, "", f"precision {c.precision} bits", f"SHA-256 of the claim {c.claim_hash}"]
