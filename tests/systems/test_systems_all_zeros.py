"""Complete lists of zeros: against what is known, with honest leftovers, resumed, never one zero twice."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from problems import brown, broyden, spheres_and_planes, twice_mapped

import certify
from certify.cli import main
from certify.errors import InputError
from certify.proving import complete
from certify.systems.batch import evaluate_batch
from certify.systems.evaluate import FLOATS, evaluate
from certify.zeros import AllZeros

ROOT = str(Path(certify.__file__).parents[1])


def listed(system: Any, region: list[Any], **options: Any) -> AllZeros:
    """A list that the checker confirms."""
    found = certify.all_zeros(system, region, **options)
    assert isinstance(found, AllZeros), found
    assert certify.verify(found.certificate).verified
    return found


@pytest.mark.parametrize(
    ("system", "region", "count"),
    [
        ("x^2 - 2", [(-2, 2)], 2), ("x^2 + 1", [(-5, 5)], 0), ("sin(x)", [(-1, 20)], 7),
        ("exp(x) - 1e-3", [(-20, 5)], 1), ("x - 5", [(0, 1)], 0), ("acos(x) - 2*x", [(-1, 1)], 1),
        ("x^2 + y^2 - 1; y - x^3", [(-2, 2)] * 2, 2), ("x*y - 1; x - y", [(-3, 3)] * 2, 2),
        ("4*x*(x^2 + y - 11) + 2*(x + y^2 - 7); 2*(x^2 + y - 11) + 4*y*(x + y^2 - 7)", [(-5, 5)] * 2, 9),
        ("cos(x)*cos(y); x - y - 1", [(-4, 4)] * 2, 4), ("sqrt(x) - y; x + y - 1", [(-1, 2)] * 2, 1),
        ("log(x) + y; y - x + 2", [(-1, 4)] * 2, 1), ("erf(x) - x/2", [(-3, 3)], 3),
        ("asin(x) - y; x - 0.5", [(-2, 2)] * 2, 1), ("x^(2/3) - y; y - x*4 - 0.001", [(-1, 2)] * 2, 2),
        ("tanh(2*x) - x", [(-2, 2)], 3), ("x^3 - 3*x*y^2 - 1; 3*x^2*y - y^3", [(-2, 2)] * 2, 3),
        ("x; y^2 - 2", [(-1, 1), (-3, 3)], 2), ("x*y; x + y^2 - 1", [(-2, 2)] * 2, 3), ("x; y; z", [(-1, 2)] * 3, 1),
        ("atan2(y, x) - 1; x^2 + y^2 - 2", [(-1, 2), (0.001, 2)], 1), ("sin(x) - x*cos(x)", [(1, 10)], 2),
    ],
)  # fmt: skip
def test_known_lists(system: str, region: list[Any], count: int) -> None:
    found = listed(system, region)
    assert found.complete, found.theorem
    assert len(found.zeros) == count


SMILEY_CHUN = [
    ("x^2 + 4*y^2 - 4; y*(x - 1.995)*(y - x^2)*(y - x + 1)", [(-3, 3)] * 2, 8),
    (spheres_and_planes, [(-3, 3)] * 3, 24),
    ("1.069e-5*x^4 + 2e2*x^3*y + 1e5*x^3 - 1.8e5*x - 1.283e-4; 2e-2*x*y^2 + 1e1*y^2 - 1e1",
     [(-510, 1.4), (-510, 1.1)], 7),
]  # fmt: skip


@pytest.mark.parametrize(("system", "region", "count"), SMILEY_CHUN)
def test_smiley_and_chun(system: Any, region: list[Any], count: int) -> None:
    """Examples 2.2, 5.2 and 5.4 of Smiley and Chun (2001), with the numbers of zeros that they report."""
    found = listed(system, region)
    assert found.complete
    assert len(found.zeros) == count


@pytest.mark.parametrize(
    ("text", "side"), [("acos(x) - 4", (-2, -1)), ("asin(x) - 2", (1, 2)), ("acos(x) + 1", (1, 2))]
)
def test_boxes_that_touch_an_end_of_a_domain(text: str, side: tuple[int, int]) -> None:
    found = listed(text, [side])
    assert found.complete
    assert not found.zeros


@pytest.mark.long
def test_points_of_period_two() -> None:
    """Example 5.5 of Smiley and Chun (2001): 41 points."""
    found = listed(twice_mapped, [(-1.02 * np.pi, 1.02 * np.pi)] * 2 + [(-0.5 * np.pi, 0.5 * np.pi)] * 2)
    assert found.complete
    assert len(found.zeros) == 41


def test_stenger() -> None:
    """Two zeros, as often used to test degree computations: the origin and one near (1.695, 0.718)."""
    found = listed("x^2 - 4*y; y^2 - 2*x + 4*y", [(-3, 3)] * 2)
    assert found.complete
    assert sorted(round(z.centre[0], 3) for z in found.zeros) == [0, 1.695]


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_broyden_and_brown(n: int) -> None:
    assert len(listed(broyden, [(-1.0, 1.0)] * n).zeros) == 1
    if n < 4:
        found = listed(brown, [(-1.5, 4.5)] * n)
        assert found.complete
        assert len(found.zeros) == 2  # the third root of its polynomial has components beyond the region, or is complex


@pytest.mark.parametrize(
    ("system", "region", "count"),
    [
        ("1/x - y; x - y + 0.3", [(-3, 3)] * 2, 2),
        ("tan(x) - x", [(1, 10)], 2),
        ("atan2(y, x) - 1; x^2 + y^2 - 2", [(-2, 2)] * 2, 1),
    ],
)
def test_poles_and_cuts_are_left_over(system: str, region: list[Any], count: int) -> None:
    found = listed(system, region, least=2.0**-12)
    assert len(found.zeros) == count
    assert found.leftovers
    assert not found.complete


def test_multiple_zeros_are_left_over() -> None:
    for system, region in (("x^2", [(-1, 2)]), ("(x - 1)^2*(x + 1)", [(-2, 3)]), ("x^2 - y; x^2 + y", [(-1, 1.5)] * 2)):
        found = listed(system, region, least=2.0**-8)
        assert not found.complete
        assert found.leftovers
        assert "leftover" in found.theorem
        assert len(found.zeros) == ("(x + 1)" in system)


def test_nearly_double_roots() -> None:
    """Both are listed, or both are in a leftover box: never one for two."""
    for distance in ("1e-3", "1e-6", "1e-10", "1e-14"):
        found = listed(f"(x - 1/3)^2 - {distance}^2", [(-1, 2)])
        if found.complete:
            assert len(found.zeros) == 2
        else:
            assert found.leftovers
            assert any(low <= 1 / 3 <= high for box in found.leftovers for low, high in box)


def test_zeros_at_the_border_and_on_cuts() -> None:
    found = listed("sin(x)", [(0, 7)])
    assert (len(found.zeros), len(found.border), found.complete) == (2, 1, False)
    found = listed("x*(x - 1); y*(y - 1)", [(-1, 1)] * 2)
    assert len(found.zeros) == 1
    assert len(found.border) == 3
    for centre in (0.0, 0.5, 1 / 64, 0.015625 * 3):  # zeros where boxes are likely to be cut
        found = listed(f"x - {centre}; y - {centre}", [(centre - 1, centre + 1)] * 2)
        assert (len(found.zeros), found.complete) == (1, True)


def test_random_cubics_against_their_roots() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        roots = np.sort(rng.uniform(-2, 2, size=3))
        if np.min(np.diff(roots)) < 1e-4:
            continue
        a, b, c = (float(r) for r in roots)
        found = listed(lambda x, a=a, b=b, c=c: (x - a) * (x - b) * (x - c), [(-3, 3)])
        assert found.complete
        got = sorted(z.centre[0] for z in found.zeros)
        assert got == pytest.approx(list(roots), abs=1e-9)


def test_parameters() -> None:
    found = listed("x^2 - p", [(-3, 3)], parameters={"p": (1.9, 2.1)})
    assert len(found.zeros) == 2
    assert "for every p in [1.9, 2.1]" in found.theorem


def test_limit_and_resumption() -> None:
    system, region = "sin(x*y) - 1/3; cos(x) - y/3", [(-6, 6)] * 2
    whole = listed(system, region)
    part = listed(system, region, max_boxes=40)
    assert not part.complete
    assert part.leftovers
    rest = listed(system, region, resume=part.certificate)
    assert rest.complete
    assert len(rest.zeros) == len(whole.zeros)
    with pytest.raises(InputError, match="another system"):
        certify.all_zeros("x; y", region, resume=part.certificate)


def test_processes_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes do not depend on the number of processes, with and without a limit, and when going on."""
    for name, value in (("MANY", 16), ("PARTS", 5), ("ROUND", 20)):
        monkeypatch.setattr(complete, name, value)
    system, region = "sin(x*y) - 1/3; cos(x) - y/3", [(-6, 6)] * 2
    lists = [certify.all_zeros(system, region, workers=workers, max_boxes=200) for workers in (1, 2)]
    assert all(isinstance(found, AllZeros) and not found.complete for found in lists)
    assert len({found.certificate.content for found in lists}) == 1
    seen: list[Any] = []
    rest = listed(system, region, resume=lists[0].certificate, report=seen.append)
    assert rest.complete
    assert len(rest.zeros) == 27
    assert seen[-1].waiting == 0


def test_interrupted(tmp_path: Path) -> None:
    """Ctrl-C ends the processes at once and leaves no file."""
    file, out = tmp_path / "many.json", tmp_path / "out"
    file.write_text(json.dumps({"equations": ["sin(x)^2*cos(y) = y/999", "cos(x*y) = 2/3"], "box": [[-90, 90]] * 2}))
    program = "import signal, sys; signal.signal(2, signal.default_int_handler)\n"
    program += "from certify.cli import main; sys.exit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", program, "all-zeros", str(file), "-o", str(out), "--workers", "2"],
        env={**os.environ, "PYTHONPATH": ROOT, "OPENBLAS_NUM_THREADS": "1"}, text=True, stderr=subprocess.PIPE,
    )  # fmt: skip
    end, crew = time.monotonic() + 60, list[str]()
    while len(crew) < 2:
        assert time.monotonic() < end
        time.sleep(0.02)
        tasks = Path(f"/proc/{process.pid}/task").glob("*/children")  # a process is its thread's child
        crew = [pid for path in tasks for pid in path.read_text().split()]
    process.send_signal(signal.SIGINT)
    err = process.communicate(timeout=60)[1]
    assert (process.returncode, err.strip()) == (130, "certify: interrupted")
    assert not list(out.iterdir())
    assert not any(Path(f"/proc/{pid}").exists() for pid in crew)


def test_batch_contains_values() -> None:
    """The search's enclosures contain sampled values and slopes (within its own slack)."""
    rng = np.random.default_rng(1)
    text = (
        "exp(x*y) + atan2(y, x)*sqrt(x + 3) - log(y + 4)/x^2 + tanh(x - y) - (y + 3)^(2/3) + sin(3*x)*cos(y) + tan(x/4)"
    )
    for system in (certify.system(text), certify.system("asin(x/9) + acos(y/9)*erf(x) - atan(x)^-1 + y^3 - pi")):
        middle = rng.uniform(-2.5, 2.5, size=(2, 400))
        reach = 10.0 ** rng.uniform(-6, -0.3, size=(2, 400))
        low, high = middle - reach, middle + reach
        batch = evaluate_batch(system, [(low[i], high[i]) for i in range(2)], gradients=True)
        for k in range(400):
            point = [float(rng.uniform(low[i, k], high[i, k])) for i in range(2)]
            result = evaluate(system, point, FLOATS, 1)
            value = result.values[system.outputs[0]]
            if not np.isfinite(value):
                continue
            slack = 1e-12 * (1 + abs(value))
            assert batch.values[0][0][k] - slack <= value <= batch.values[0][1][k] + slack
            if batch.smooth[k]:
                for i, slope in result.gradients[system.outputs[0]].items():
                    ends = batch.gradients[0][i]
                    assert ends[0][k] - 1e-10 * (1 + abs(slope)) <= slope <= ends[1][k] + 1e-10 * (1 + abs(slope))


def test_bad_input() -> None:
    for system, region, message in (
        ("x", [(1, 0)], "empty"), ("x", [(0, 1), (0, 1)], "2 sides"), ("x + y", [(0, 1)] * 2, "no square"),
        ("x", [(0, float("nan"))], "finite"), ("x", [0], "pair"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=message):
            certify.all_zeros(system, region)


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = tmp_path / "circle.json", str(tmp_path / "out")
    file.write_text(json.dumps({"equations": ["x^2 + y^2 = 4", "y = sin(3*x)"], "box": [[-3, 3], [-3, 3]]}))
    assert main(["all-zeros", str(file), "-o", out, "--max-boxes", "3"]) == 1
    assert "not complete" in capsys.readouterr().out
    assert main(["all-zeros", str(file), "-o", out, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["complete"] is True
    assert len(record["zeros"]) == 2
    assert main(["verify", out]) == 0
    assert "exactly 2 zeros" in capsys.readouterr().out
    assert main(["show", record["certificate"]]) == 0
    assert "f0 = " in capsys.readouterr().out
    file.write_text(json.dumps({"equations": ["x"], "start": [1]}))
    assert main(["all-zeros", str(file), "-o", out]) == 2
    (tmp_path / "out" / "circle-zeros.cert.json").write_text("{}")
    file.write_text(json.dumps({"equations": ["x"], "box": [[-1, 1]]}))
    assert main(["all-zeros", str(file), "-o", out]) == 2


def test_a_bounded_function_of_what_is_unbounded() -> None:
    """Where y may be 0, x / y is everything, to the checker also under the square and the root."""
    found = certify.all_zeros("sqrt(1 - (x / y)^2) - 2; y - 1/2", [(-1, 1), (-1, 1)])
    assert isinstance(found, AllZeros), found.reason
    assert found.complete
    assert not found.zeros


@pytest.mark.parametrize(
    ("system", "region"),
    [
        ("2*exp(x) - 3*x^2", [(-3, 197)]),  # one end of exp is beyond the other by more digits than the checker keeps
        ("x - 1/2; exp(2*y) + y^4 - 3", [(0, 1), (-100, 100)]),
        ("1.7*x/(y^2 + 1) + 0.5*x/(y^2 + 1); 1.7*x*y^2 + 2*x^3", [(-2, 198), (-3, 0)]),  # boxes of few grid units
        ("0.01*y + x - 0.5; 0.5*x^2*y^2 + 1.7*y + 10*x^3*y^3 - 0.5", [(-0.5, 0.5), (-1.5, 198.5)]),
        ("0.5*x/(y^2 + 0.1) + 0.5*x/(x^2 + 3) + 2*x^3 - x; 1.7*x + 3*y^4", [(-0.5, 1.5), (-3, 3)]),
    ],
)
def test_the_search_rounds_as_the_checker_does(system: str, region: list[Any]) -> None:
    listed(system, region, max_boxes=1000)
