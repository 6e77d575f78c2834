"""`certify family`: signatures in, certificates and a table out."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from certify.checker import verify_bytes
from certify.cli import main
from certify.cli.family import integers
from certify.families.orbits import Pattern
from certify.families.signature import Signature
from certify.families.starts import asymptotic_starts, layout, random_starts
from certify.proving.branches import certainly_different, find, nearest, relabelled, symmetry
from certify.proving.family import prove_member


def family(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, list[dict[str, Any]], str]:
    """Exit code, records of --json, stderr."""
    code = main(["family", "--json", *map(str, arguments)])
    captured = capsys.readouterr()
    return code, [json.loads(line) for line in captured.out.splitlines()], captured.err


def check(records: list[dict[str, Any]]) -> None:
    for record in records:
        assert verify_bytes(Path(record["certificate"]).read_bytes()).kind == record["kind"]


def test_the_hierarchy_at_twelve(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, records, _ = family(capsys, "--classes", "11,1", "--starts", 8, "-o", tmp_path)
    assert code == 0
    check(records)
    by_loss = {round(record["loss"][0], 5): record for record in records}
    assert by_loss[0.01652]["own_entries"] == pytest.approx([1.005, -0.731], abs=1e-3)
    assert (by_loss[0.01652]["index"], by_loss[0.01652]["symmetry"]) == (0, [11, 1])
    assert by_loss[0.0836]["symmetry"] == [12]  # W near -I + 2 J / 12
    assert len({record["branch"] for record in records}) == len(records)
    assert len(list(tmp_path.iterdir())) == len(records)


@pytest.mark.parametrize(
    ("arguments", "loss", "index"),
    [
        (("--classes", "10,2"), 0.03155118, 0),
        (("--classes", "9,6", "--starts", "40"), 0.05403352, 0),
        (("--classes", "9,1", "--students-extra", "1"), 0.01789266, 0),  # two anti-aligned students share a teacher
        (("--classes", "14,2", "--students-extra", "1", "--anti", "1"), 0.02410345, 0),
        (("--classes", "9,2", "--owners", "0,1,1", "--starts", "40"), None, 0),  # two for each of two teachers
        (("--classes", "14,3", "--students-extra", "1", "--anti", "1"), None, 0),
        (("--classes", "12,1,6", "--anti", "1,2"), 0.06007714, 0),
        (("--classes", "6", "--owners", "0", "--teacher-classes", "1"), None, None),
        (("--classes", "999999999999,1"), 2.97357523e-13, 0),
        (("--classes", "999999999998,2", "--anti", "1"), 5.94715e-13, 0),
    ],
)
def test_known_points(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: tuple[str, ...], loss: float | None, index: int
) -> None:
    code, records, _ = family(capsys, "--starts", 6, *arguments, "-o", tmp_path)
    assert code == 0
    check(records)
    assert loss is None or any(
        record["loss"][0] == pytest.approx(loss, rel=1e-6) and record["index"] == index for record in records
    )


@pytest.mark.long
@pytest.mark.parametrize(
    ("classes", "anti"),
    [("61", "0"), ("88", "0"), ("99,1", "1"), ("63,1", "1"), ("70,30", "1"), ("40,60", "1"), ("77,14", "1"),
     ("24,1,34", "0"), ("28,1,38", "0"), ("35,1,45", "0"), ("44,1,55", "0")],
)  # fmt: skip
def test_minima_of_one_two_and_three_classes_up_to_a_hundred(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, classes: str, anti: str
) -> None:
    code, records, _ = family(capsys, "--classes", classes, "--anti", anti, "--starts", 48, "-o", tmp_path)
    assert code == 0
    check(records)
    sizes = sorted(map(int, classes.split(",")), reverse=True)
    assert any(record["index"] == 0 and record["symmetry"] == sizes for record in records)


def test_a_family_over_its_sizes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, records, _ = family(
        capsys, "--classes", "5,1", "--size-range", "5:9", "--anti", "1", "--starts", 4, "-o", tmp_path
    )
    assert code == 0
    main_branch = {r["teachers"]: r for r in records if r["own_entries"][0] > 0.9 and r["own_entries"][1] < -0.5}
    assert [main_branch[k]["index"] for k in range(5, 10)] == [3, 0, 0, 0, 0]  # minima from six on
    assert len({r["branch"] for r in main_branch.values()}) == 1
    assert main_branch[6]["curvature"] == pytest.approx(0.0047003547, rel=2e-3)
    check(records)


def test_the_table(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["family", "--classes", "3,1", "--starts", "2", "-o", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:3] == ["K", "M", "branch"]
    assert any(line.startswith("M = 4, classes 3+1: no minimum was found, ") for line in lines)
    assert "saddle" in "".join(lines)
    assert lines[-1].endswith(f"certify verify {tmp_path}")
    assert main(["family", "--quiet", "--classes", "3,1", "--starts", "0", "-o", str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""


def test_nothing_found(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    # Twice as many students as teachers, each with a student opposite: only degenerate points.
    code, records, _ = family(capsys, "--classes", "4", "--owners", "0,0", "--starts", 0, "--anti", "0", "-o", tmp_path)
    assert code == int(not any(record["outcome"] == "proved" for record in records))


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--classes", "4,1", "--anti", "1"), 0,
         r"M = 5, classes 4\+1: no minimum was found, 1 saddle \(index 3\)"),  # a minimum from 5+1 on
        (("--classes", "2", "--owners", "0,0", "--anti", "0,1"), 1,
         r"M = 2, classes 2 \(owners 0,0\): no minimum was found; not used: "
         "(2 x no zero: Newton's iteration did not converge|1 x no zero: Newton's iteration did not converge; "
         "1 x undecided: .+|2 x undecided: .+)\n"),  # two starts; rounding decides what becomes of degenerate points
        (("--classes", "4", "--owners", "0,0", "--anti", "0"), 1,
         r"M = 4, classes 4 \(owners 0,0\): no minimum was found; not used: "
         "1 x no zero: Newton's iteration did not converge; 1 x undecided: a nearly degenerate point: "),
    ],
)  # fmt: skip
def test_no_minimum_says_what_there_is_instead(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: tuple[str, ...], code: int, told: str
) -> None:
    assert main(["family", *arguments, "--starts", "0", "-o", str(tmp_path)]) == code
    assert re.search(told, capsys.readouterr().out)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--classes", "0,1"), "class sizes must be integers from 1"),
        (("--classes", "-3"), "takes integers"),
        (("--classes", "2.5"), "takes integers"),
        (("--classes", "3,-1"), "takes integers"),
        (("--classes", "1e3"), "takes integers"),
        (("--classes", "3,0"), "class sizes must be integers from 1"),
        (("--classes", ""), "takes integers"),
        (("--classes", "1" * 30), "takes integers"),
        (("--classes", "9" * 22), "class sizes must be integers from 1"),
        (("--classes", ",".join(["2"] * 7)), "14 classes of students and coordinates are more than 12"),
        (("--classes", "3,1", "--students-extra", "50"), "more than 12"),
        (("--classes", "3,1", "--owners", "0,2"), "an owner is a coordinate class from 0 to 1"),
        (("--classes", "3,1", "--owners", ""), "an owner is"),
        (("--classes", "3,1", "--anti", "2"), "--anti names student classes, from 0 to 1"),
        (("--classes", "3,1", "--size-range", "9:3"), "--size-range takes"),
        (("--classes", "3,1", "--size-range", "1:3"), "class sizes must be"),
        (("--classes", "3,1", "--size-range", "1:99999999"), "at most 10000 sizes"),
        (("--classes", "3,1", "--size-range", "a:b"), "--size-range takes A:B"),
        (("--classes", "3,1", "--teacher-classes", "0"), "class sizes must be"),
    ],
)
def test_bad_input_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    code, records, err = family(capsys, *arguments, "-o", tmp_path / "f")
    assert (code, records) == (2, [])
    assert message in err
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "f").exists()


def test_layouts() -> None:
    shape = layout([11, 1], teachers=[2], extra=1)
    assert shape.signature == Signature((11, 1, 2), (0, None, None))
    assert shape.near == (0, 1, None)
    assert layout([8, 3], owners=["0", "1", "1", "-"]).signature == Signature((8, 3), (0, 1, 1, None))
    assert len(list(asymptotic_starts(layout([3, 2, 2])))) == 8
    first, second = (list(random_starts(shape, 3, seed=5)) for _ in range(2))
    assert first == second
    assert integers("1, 2", "--x") == (1, 2)


def test_relabelled_points_are_one_branch() -> None:
    shape = layout([5, 5])
    starts = [p for p in asymptotic_starts(shape) if p[0].delta * p[1].delta < 0]
    assert len(starts) == 2
    (point,) = find(shape.signature, starts).points[:1]
    assert len(find(shape.signature, starts).points) == len(find(shape.signature, starts[:1]).points)
    assert symmetry(point) in {(5, 5), (10,)}
    assert len(list(relabelled(shape.signature, starts[0]))) == 2
    assert not certainly_different(point, point)
    assert nearest(shape.signature, point.patterns or (), [point]) == 0
    far = [Pattern((9.0, 9.0), 9.0)] * 2
    assert nearest(shape.signature, far, [point]) is None


def test_three_classes_and_correlated_teachers() -> None:
    shape = layout([4, 3, 2])
    found = find(shape.signature, list(asymptotic_starts(shape))[:3], teacher=(0.9, 0.05))
    assert found.points
    for point in found.points:
        assert verify_bytes(point.certificate.content).kind == point.kind


def test_zero_rows_are_counted_not_raised() -> None:
    signature = Signature((4,), (0,))
    found = find(signature, [[Pattern((0.0,), 0.0)]])
    assert not found.points
    assert sum(found.failures.values()) >= 1
    assert prove_member(signature, [Pattern((0.0,), 1.0)]).name == "proved"
