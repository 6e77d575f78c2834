"""The verbs, their options and their help; the work is in the module named after the verb, loaded when it runs."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from certify import __version__

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
output = click.option("-o", "--output", required=True, metavar="DIR", help="Folder for the results; made if need be.")
quiet = click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object a line on stdout.")
positive = click.IntRange(min=1)


def _run(verb: str, **options: Any) -> int:
    return int(import_module(f"certify.cli.{verb}").run(**options))


@click.group(invoke_without_command=True, context_settings=SETTINGS)
@click.version_option(__version__, message="certify %(version)s")
@click.pass_context
def certify(context: click.Context) -> int:
    """Critical points of two-layer ReLU networks as theorems with certificates.

    `search` finds candidates by random descent, `prove` turns them into theorems and writes certificates, `verify`
    has the small trusted checker confirm them, `show` and `spectrum` put them into words and numbers.  `family` finds
    and proves the points with a given symmetry, whatever their width; `catalog` lists the shipped certificates.

    \b
      certify search --students 7 -o candidates
      certify prove candidates -o certificates
      certify verify certificates
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        return 2
    return 0


@certify.command()
@click.option("--students", type=positive, required=True, metavar="K", help="Number of rows of W.")
@click.option("--teachers", type=positive, metavar="M", help="Number of teachers.  [default: as many as students]")
@click.option("--dim", type=positive, metavar="D", help="Dimension of the inputs.  [default: the teacher's]")
@click.option("--teacher", metavar="FILE", help="Teacher V, M x D (.npy, .npz, .json).  [default: standard basis]")
@click.option("--starts", type=positive, default=200, show_default=True, metavar="N", help="Number of random starts.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, metavar="N", help="Seed of the random starts."
)
@click.option("--workers", type=positive, metavar="N", help="Processes.  [default: one a processor]")
@output
@quiet
def search(**options: Any) -> int:
    """Look for critical points by descent from random starts.

    Nothing is proved.  The end points are grouped up to permutations; a candidate file a group and the table
    report.txt are written.  An interrupted search continues when called again with the same options.

    \b
      certify search --students 7 -o run                       K = M = 7, the standard basis
      certify search --students 11 --teachers 10 -o run
      certify search --students 6 --teacher V.npy -o run       a teacher of one's own
    """
    return _run("search", **options)


@certify.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@output
@as_json
@quiet
@click.option(
    "--bits", type=click.IntRange(1, 512), default=53, show_default=True, metavar="N",
    help="First precision tried; more gives a smaller error radius.",
)  # fmt: skip
@click.option("--full", is_flag=True, help="Use no symmetry: prove everything in the full space.")
@click.option("--basin", is_flag=True, help="Certify also a ball that a minimum attracts.")
@click.option("--method", type=click.Choice(("exact", "a-priori")), default="exact", show_default=True,
              help="How float64 matrices are proven definite; a-priori is faster and trusts LAPACK.")  # fmt: skip
@click.option("--workers", type=positive, metavar="N", help="Processes.  [default: one a processor]")
def prove(**options: Any) -> int:
    """Prove that critical points lie near candidates, and write certificates.

    FILE is an .npz with arrays W (K x d, or a stack n x K x d) and V (M x d), an .npy with W alone, a .json
    {"W": [[...]], "V": [[...]]}, or a folder of these.  Without V the teacher is the standard basis of R^d.

    A point that permutations of students and coordinates fix is proved by that symmetry, whatever its width, with its
    whole spectrum (see certify spectrum); the others, and all with --full, in the full space.

    Several candidates are proved by several processes; results come in the order of the input, and certificates do
    not depend on the number of processes.  A bad input does not stop the rest.

    Exit code 0: everything is proved; 1: something is undecided or refuted; 2: some input is bad.

    \b
      certify prove run -o certificates
      certify prove --full --bits 192 W.npy -o certificates
    """
    return _run("prove", **options)


@certify.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@output
@as_json
@quiet
@click.option(
    "--bits", type=click.IntRange(1, 1024), default=53, show_default=True, metavar="N",
    help="First precision tried; more gives smaller error radii.",
)  # fmt: skip
@click.option(
    "--sweep", metavar="NAME", help="Follow each zero along this parameter; its interval is cut where needed."
)
def prove_system(**options: Any) -> int:
    """Prove zeros of systems of equations, or critical points of functions, and write certificates.

    FILE.json holds {"equations": ["x^2 + y^2 = 1", "y = x^3"], "start": [0.8, 0.6]}, or "function" in place of
    "equations" for a critical point; "variables" (their order), "parameters" {"p": [low, high]} and "starts" are
    optional.  FILE.py defines these names, functions of Python and sympy expressions included, and is run: it can do
    whatever you can do, so run no file you do not trust.

    With --sweep NAME certificates are written for pieces of that parameter's interval and for the values between them.

    Exit code 0: every start is proved; 1: something is undecided; 2: some input is bad.
    """
    return _run("prove_system", **options)


@certify.command()
@click.argument("file", metavar="FILE")
@output
@as_json
@quiet
@click.option("--max-boxes", type=positive, default=200_000, show_default=True, metavar="N",
              help="Boxes looked at before the rest is left over.")  # fmt: skip
@click.option("--workers", type=positive, metavar="N", help="Processes.  [default: one a processor]")
def all_zeros(**options: Any) -> int:
    """Find and prove all zeros of a system in a region, and write one certificate.

    FILE is as for certify prove-system, with "box": [[low, high], ...] by variable in place of a start.  What cannot be
    decided is left over in boxes that the certificate lists; called again with the same -o, the search goes on from
    there.  The checker has confirmed what is written.

    Exit code 0: the list is complete; 1: something is left over; 2: bad input.
    """
    return _run("all_zeros", **options)


@certify.command()
@click.option("--classes", required=True, metavar="N,N,...",
              help="Sizes of the classes of one student a teacher; a class of 1 is a single student.")  # fmt: skip
@click.option("--teacher-classes", metavar="N,N,...", help="Sizes of further classes of teachers that nobody follows.")
@click.option("--students-extra", type=click.IntRange(min=0), default=0, metavar="N", help="Further single students.")
@click.option("--owners", metavar="C,C,...",
              help="In place of all that: for each student class the position of the class of --classes that it "
              "follows, or - for a single student.")  # fmt: skip
@click.option("--anti", metavar="A,A,...",
              help="Student classes, by position, that start near minus their teachers.  [default: all choices]"
)  # fmt: skip
@click.option("--correlation", default="0", show_default=True, metavar="RHO or LOW:HIGH",
              help="Inner product of any two different teachers, over their square norm; an interval: one certificate "
              "for every RHO in it, whatever the norm.")  # fmt: skip
@click.option("--teacher-norm", "norm", type=float, default=1.0, show_default=True, metavar="C",
              help="Norm of the teachers.")  # fmt: skip
@click.option("--size-range", metavar="A:B", help="The first class runs over the sizes with A to B teachers in all.")
@click.option("--starts", type=click.IntRange(min=0), default=32, show_default=True, metavar="N",
              help="Random starts, beside the systematic ones.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, metavar="N", help="Their seed.")
@click.option(
    "--all-sizes",
    is_flag=True,
    help="One certificate for every width; --classes n,P: P students turned, n: all, 1,n: all but one; n,1 with "
    "--students-extra 1: two turned against one teacher; n,2 with --students-extra 2 and --crossing: against each of "
    "two; n,p: any number turned.",
)
@click.option(
    "--first-width", type=positive, metavar="K", help="With --all-sizes: from this width on.  [default: least]"
)
@click.option("--curvature", type=float, metavar="X",
              help="With --all-sizes or --correlation LOW:HIGH: prove that no eigenvalue is lower.  [default: 0.98, "
              "or 0.8, of the smallest]")  # fmt: skip
@click.option("--crossing", is_flag=True,
              help="With --all-sizes: prove at which fractional width the smallest eigenvalue is 0.")  # fmt: skip
@click.option("--plot", metavar="OUT.png", help="With --all-sizes: draw tube, loss and smallest eigenvalue.")
@click.option("--least-turned", type=positive, metavar="P",
              help="With --all-sizes and --classes n,p: this many are turned, and more.  [default: 13]")  # fmt: skip
@click.option("--ratio", metavar="A/B",
              help="With --all-sizes and --classes n,p: at least A/B times as many are not turned.  [default: 6/5]"
)  # fmt: skip
@output
@as_json
@quiet
def family(**options: Any) -> int:
    """Find and prove the critical points with a given symmetry, whatever their width.

    \b
      certify family --classes 11,1 -o f                    K = M = 12, one student apart
      certify family --classes 999999999998,2 -o f          the same cost
      certify family --classes 10,2 --students-extra 1 -o f     K = M + 1
      certify family --classes 5,1 --size-range 6:40 -o f   a family over its sizes
      certify family --classes 7,1 --correlation 0.2 -o f   teachers that are not orthogonal
      certify family --classes 7,1 --correlation -1/8:1/2 -o f  every correlation in between at once
      certify family --classes n,1 --all-sizes -o f         every K = M >= 6 at once

    Starts are the leading terms for large classes, random ones, and with --size-range the points of the size before.
    Different branches have disjoint boxes.  All proofs are about the full space.

    Exit code 0: every size has a proved point; 1: some has none; 2: bad input.
    """
    return _run("family", **options)


@certify.command()
@click.argument("targets", nargs=-1, metavar="[catalog | FILE | DIR]...")
@click.option("--coq", is_flag=True, help="Have Coq's kernel check FILE.v or a certificate (needs coqc).")
@as_json
@click.option("--junit", metavar="FILE", help="Write the verdicts as a JUnit report, too.")
@quiet
@click.option("--engine", type=click.Choice(("auto", "stdlib", "flint", "blas")), default="auto", show_default=True,
              help="What decides the expensive steps; auto: stdlib up to 200 unknowns, then blas.")  # fmt: skip
def verify(coq: bool, **options: Any) -> int:
    """Have the trusted checker verify certificates.

    A DIR stands for all *.cert.json files below it, `catalog` (the default) for the shipped collection.  One line a
    verified file on stdout: VERIFIED, the SHA-256 of the claim, the theorem, and [engine NAME] where the inertia of the
    Hessian was not decided by the standard library alone (docs/trusted-base.md says what each engine trusts).
    With --coq it is the SHA-256 of the Coq file, and coqc's statement of the theorem and its axioms follow.

    Exit code 0: all are verified; 1: one is rejected; 2: one is malformed; 3: beyond a resource limit; 70: a defect.

    \b
      certify verify                                     the shipped collection
      certify verify --junit report.xml certificates
    """
    if coq:
        return int(import_module("certify.cli.export").verify(**options))
    return _run("verify", **options)


@certify.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--slack", type=click.FloatRange(0.0, 1.0), default=0.0, show_default=True, metavar="SHARE",
              help="By what share radii, curvatures and widths may get worse unnoticed.")  # fmt: skip
@as_json
@quiet
def diff(**options: Any) -> int:
    """Say which theorems of OLD are lost, weakened, kept or strengthened in NEW, and which are gained.

    OLD and NEW are certificates, folders of them, or `catalog`.  Certificates are paired if they are certainly about
    one critical point, students in any order; a point that is not recognised counts as lost and gained.  New files that
    are not among the old, byte for byte, are verified; OLD is taken as it claims.

    \b
      certify diff main/proofs proofs
      certify diff --slack 0.01 old.cert.json new.cert.json

    Exit code 0: nothing is lost; 1: something is lost, weakened or rejected; 2, 3, 70: as for certify verify.
    """
    return _run("diff", **options)


@certify.command()
@click.argument("file", metavar="CERT")
@click.option("--coq", is_flag=True, help="As a Coq file.")
@click.option("--arithmetic", type=click.Choice(["floats", "bigint", "stdlib"]), default="floats", show_default=True,
              help="Primitive floats, primitive integers, or the standard library's integers.")  # fmt: skip
@click.option("-o", "--output", required=True, metavar="FILE.v", help="File to write.")
def export(**options: Any) -> int:
    """Export a certificate of a strict local minimum to Coq.

    The exporter is untrusted: a wrong number makes coqc refuse the file.  See proofs/coq/README.md.
    """
    return _run("export", **options)


@certify.command()
@click.argument("file", metavar="FILE")
def show(**options: Any) -> int:
    """Show the theorem of a certificate in words, its quantities, and W.

    Showing is not verifying.

    \b
      certify show certificates/minimum.cert.json
    """
    return _run("show", **options)


@certify.command()
@click.argument("file", metavar="FILE")
@click.option("--plot", metavar="OUT.png", help="Draw multiplicities against eigenvalues (.png, .pdf, .svg).")
def spectrum(**options: Any) -> int:
    """Verify a certificate and show the certified eigenvalues of the Hessian.

    Proofs by symmetry certify all of them, with multiplicities; the others only a bound.  Figures need matplotlib
    (pip install 'certify[plot]').

    \b
      certify spectrum --plot spectrum.svg minimum.cert.json

    Exit codes as for certify verify.
    """
    return _run("spectrum", **options)


@certify.command()
@click.argument("file", metavar="FILE")
@as_json
@click.option("-o", "--output", metavar="CERT", help="Write the certificate, with a direction of descent added.")
def split(**options: Any) -> int:
    """Show what a critical point says about networks with more students.

    FILE is a certificate, which is verified, or holds candidates as for certify prove, which are proved.  For each
    student: how many eigenvalues of its splitting matrix are negative and positive, the sign beside the teachers' span,
    a lower bound of their sizes, and what replacing the student by several positive multiples of it gives: a saddle,
    or a flat set of local minima.  And what a further student of norm zero can do: bounds of the steepest one-sided
    derivative of the loss, and along which teacher descent is certified.

    Exit codes as for certify verify; 1 also if a candidate is not proved, 2 if FILE is no candidate.
    """
    return _run("split", **options)


@certify.command()
@click.option("--students", type=positive, metavar="K", help="Only with K students.")
@click.option("--teachers", type=positive, metavar="M", help="Only with M teachers.")
@click.option("--in", "directory", metavar="DIR", help="List the certificates below DIR, not the shipped ones.")
@click.option("--figure", "output", metavar="OUT.png", help="Draw losses against teachers (.png, .pdf, .svg).")
@as_json
def catalog(**options: Any) -> int:
    """List certificates by teachers, students and loss.

    Classes are the sizes of the classes of coordinates that permutations exchange; anti counts the students whose
    largest entry is negative.  Listing is not verifying.

    \b
      certify catalog --teachers 10
      certify catalog --in certificates --figure losses.svg
    """
    return _run("catalog", **options)


@certify.command()
@click.argument("target", default="catalog", metavar="[catalog | DIR | FILE]")
@output
@click.option("--verify", is_flag=True, help="Ask the checker for every file, and say so on the pages.")
@quiet
def report(**options: Any) -> int:
    """Make a web site of certificates: a table of all theorems, the hierarchy of losses, a page a family.

    The site is static and works offline; it holds the certificates and the checker as one file.  DIR is made, or
    replaced if it is an older report.  Needs matplotlib and jinja2 (pip install 'certify[report]').

    \b
      certify report -o site                     the shipped catalogue
      certify report run/certificates -o site    one's own

    Exit code 0, or that of certify verify for files that cannot be read or, with --verify, are refused.
    """
    return _run("report", **options)


@certify.command()
@click.option("-o", "--output", default="checker.pyz", show_default=True, metavar="FILE", help="File to write.")
@quiet
def bundle(**options: Any) -> int:
    """Write the checker as one file that needs nothing but Python.

    The file can be sent along with certificates and runs as `python checker.pyz FILE...`.  Its bytes depend on
    nothing but the checker's sources.
    """
    return _run("bundle", **options)


@certify.command()
def doctor(**options: Any) -> int:
    """Say what is installed, and test what proofs and checks rely on.

    Versions; whether BLAS multiplies integers exactly; whether the checker verifies a fresh proof; optional parts;
    where the catalogue is.

    Exit code 0, or 1 if a self-test fails.
    """
    return _run("doctor", **options)


@certify.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]), metavar="[bash | zsh | fish]")
def completion(**options: Any) -> int:
    """Print the script that makes a shell complete verbs and options.

    \b
      certify completion bash > ~/.local/share/bash-completion/completions/certify
      certify completion zsh  > ~/.zfunc/_certify
      certify completion fish > ~/.config/fish/completions/certify.fish
    """
    return _run("completion", **options)


@certify.command()
@click.option("--students", type=positive, required=True, metavar="K", help="Number of rows of W.")
@click.option("--teachers", type=positive, metavar="M", help="Number of teachers.  [default: as many as students]")
@click.option("--dim", type=positive, metavar="D", help="Dimension of the inputs.  [default: that of the teachers]")
@click.option("--starts", type=positive, default=1000, show_default=True, metavar="N", help="Number of runs.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, metavar="N", help="Seed of the random starts."
)
@click.option("--method", type=click.Choice(["flow", "gd", "sgd"]), default="flow", show_default=True,
              help="Gradient flow, gradient descent, or one-pass SGD followed by flow.")  # fmt: skip
@click.option("--init", type=click.FloatRange(min=0, min_open=True), default=1.0, show_default=True, metavar="S",
              help="Initial entries are N(0, S^2 / D).")  # fmt: skip
@click.option("--step", type=click.FloatRange(min=0, min_open=True), default=0.1, show_default=True, metavar="ETA",
              help="Step of gradient descent; SGD takes ETA / D.")  # fmt: skip
@click.option("--tolerance", type=click.FloatRange(min=0, min_open=True), default=1e-2, show_default=True,
              metavar="TOL", help="Local error of a step of the flow (Frobenius norm).")  # fmt: skip
@click.option("--time", type=click.FloatRange(min=0, min_open=True), default=1e6, show_default=True, metavar="T",
              help="Flow time at which a run is given up.")  # fmt: skip
@click.option("--workers", type=positive, metavar="N", help="Processes.  [default: one a processor]")
@click.option(
    "--scheduler", metavar="ADDRESS", help="Hand batches to a dask scheduler (pip install 'certify[cluster]')."
)
@click.option("--plot", metavar="OUT.png", help="Draw the shares (.png, .pdf, .svg).")
@output
@quiet
def reach(**options: Any) -> int:
    """Which minima do random starts reach?  Every run ends in a certified basin, or is reported as undecided.

    Orthonormal teachers.  A run is stopped as soon as the ball that a certified minimum attracts holds it, up to
    permutations; minima met on the way are proved and join DIR/certificates.  An interrupted call continues.  What is
    rigorous about this and what is not: docs/dynamics.md.

    Exit code 0: all runs are decided; 1: some are not; 2: bad input.
    """
    return _run("reach", **options)


@certify.command()
@click.option("--students", type=positive, required=True, metavar="K", help="Number of rows of W.")
@click.option("--teachers", type=positive, metavar="M", help="Number of teachers.  [default: as many as students]")
@click.option("--dim", type=positive, metavar="D", help="Dimension of the inputs.  [default: that of the teachers]")
@click.option("--teacher", metavar="FILE", help="Teacher V, M x D (.npy, .npz, .json).  [default: standard basis]")
@click.option("--starts", type=positive, default=200, show_default=True, metavar="N", help="Number of random starts.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, metavar="N", help="Seed of the random starts."
)
@click.option("--workers", type=positive, metavar="N", help="Processes.  [default: one a processor]")
@output
@quiet
def audit(**options: Any) -> int:
    """Try to falsify the theory: optimise all weights in R^D, and account for every end point.

    No reduction is used.  Each end point must be a certified critical point in the span of the teachers, on a certified
    set of them, a split of one with fewer students, or at zero loss; verdicts.jsonl lists the verdict of every start.

    Exit code 0: everything is explained; 1: something is not; 2: bad input.
    """
    return _run("audit", **options)
