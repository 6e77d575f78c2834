"""The axioms that Coq 8.16 prints for an exported theorem; anything else in its list is a reason not to believe."""

from __future__ import annotations

import re

CLASSICAL = frozenset({
    "ClassicalDedekindReals.sig_forall_dec",
    "ClassicalDedekindReals.sig_not_dec",
    "Classical_Prop.classic",
    "FunctionalExtensionality.functional_extensionality_dep",
})  # fmt: skip
FLOATS = {
    "FloatAxioms": (
        "Prim2SF_SF2Prim Prim2SF_valid SF2Prim_Prim2SF abs_spec add_spec classify_spec compare_spec div_spec "
        "eqb_spec frshiftexp_spec ldshiftexp_spec mul_spec next_down_spec next_up_spec of_uint63_spec "
        "opp_spec sqrt_spec sub_spec"
    ),
    "PrimFloat": (
        "abs add classify compare div eqb float frshiftexp ldshiftexp ltb mul next_down next_up "
        "normfr_mantissa of_uint63 opp sqrt sub"
    ),
    "PrimInt63": "add eqb int land leb lor lsl lsr ltb sub",
    "Uint63": "add_spec eqb_correct eqb_refl leb_spec lor_spec lsl_spec lsr_spec ltb_spec of_to_Z sub_spec",
}
INTEGERS = {
    "PrimInt63": (
        "add addc addcarryc addmuldiv compare div diveucl diveucl_21 eqb head0 int land leb lor lsl lsr ltb "
        "lxor mod mul mulc sub subc subcarryc tail0"
    ),
    "Uint63": (
        "add_spec addc_def_spec addcarryc_def_spec addmuldiv_def_spec compare_def_spec div_spec "
        "diveucl_21_spec diveucl_def_spec eqb_correct eqb_refl head0_spec land_spec leb_spec lor_spec "
        "lsl_spec lsr_spec ltb_spec lxor_spec mod_spec mul_spec mulc_spec of_to_Z sub_spec subc_def_spec "
        "subcarryc_def_spec tail0_spec"
    ),
}


def _names(modules: dict[str, str]) -> frozenset[str]:
    return CLASSICAL | {f"{module}.{name}" for module, names in modules.items() for name in names.split()}


EXPECTED = {"floats": _names(FLOATS), "bigint": _names(INTEGERS), "stdlib": CLASSICAL}


def printed(output: str) -> list[str]:
    """The names below the line `Axioms:` of `Print Assumptions`, sorted.  Raises ValueError without that line."""
    _, heading, rest = output.partition("\nAxioms:\n")
    if not heading:
        raise ValueError("coqc printed no assumptions")
    return sorted(re.findall(r"^(\S+)", rest, re.MULTILINE))
