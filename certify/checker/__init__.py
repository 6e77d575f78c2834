"""The checker: the only trusted part of certify.

It uses the Python standard library and integers only, imports nothing from the rest of the package, searches for
nothing and has no tolerance.  Run it alone with `python -S -m certify.checker FILE...`.

    reader      the file format, its limits, and canonical text
    intervals   interval arithmetic with integer endpoints
    landscape   enclosures of loss, gradient, Hessian and ambient matrix at the centre
    definite    positive definiteness and inertia of integer matrices
    theorem     the steps: each hypothesis of the theorem, checked once, in order
    sentence    the claim in words, and its hash
"""

from certify.checker.errors import Malformed, Rejected, ResourceLimit
from certify.checker.theorem import Verdict, verify_bytes

__all__ = ["Malformed", "Rejected", "ResourceLimit", "Verdict", "verify_bytes"]
