"""Whole searches: what they find, and that neither workers nor interruptions change it."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from certify.search import SearchResult, search
from certify.search.descent import Run
from certify.search.pool import completed
from certify.search.setting import make_setting
from certify.search.wire import decode_run, decode_setting, encode_run, encode_setting

ROOT = Path(__file__).parents[2]


def fingerprint(result: SearchResult) -> list[tuple[object, ...]]:
    return [(run.number, run.status, run.scale, run.loss, run.W.tobytes()) for run in result.runs]


def files(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir() if not path.name.startswith("search.sqlite")}


def launch(directory: Path, students: int, starts: int, workers: int = 1) -> subprocess.Popen[str]:
    listen = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # a background job ignores it
    call = f"search({students}, starts={starts}, directory={str(directory)!r}, workers={workers})"
    code = f"{listen}; from certify.search import search; {call}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, env=environment)


def stored(directory: Path) -> int:
    try:
        base = sqlite3.connect(f"file:{directory / 'search.sqlite'}?mode=ro", uri=True)
    except sqlite3.OperationalError:
        return 0
    try:
        return int(base.execute("SELECT count(*) FROM runs").fetchone()[0])
    except sqlite3.OperationalError:
        return 0
    finally:
        base.close()


def wait_for(directory: Path, runs: int) -> None:
    deadline = time.monotonic() + 60.0
    while stored(directory) < runs:
        assert time.monotonic() < deadline, "the search does not get on"
        time.sleep(0.01)


def test_seven_students_find_the_spurious_minimum(tmp_path: Path) -> None:
    result = search(7, starts=200, directory=tmp_path)
    best, spurious = result.groups
    assert best.is_global
    assert best.status == spurious.status == "minimum"
    assert spurious.loss == pytest.approx(0.0232027, abs=5e-8)
    assert spurious.lowest == pytest.approx(0.01406, abs=5e-6)
    assert best.count + spurious.count == 200
    assert spurious.interval[0] < spurious.count / 200 < spurious.interval[1]
    assert max(run.gradient for run in result.runs) < 1e-14
    assert sorted(files(tmp_path)) == ["000-minimum-L0.00000000.npz", "001-minimum-L0.02320271.npz", "report.txt"]
    with np.load(tmp_path / "001-minimum-L0.02320271.npz", allow_pickle=False) as candidate:
        assert (candidate["W"] == spurious.W).all()
        assert (candidate["V"] == np.eye(7)).all()
        assert int(candidate["start"]) == spurious.members[0]
        assert str(candidate["seed"]) == "0"
        assert float(candidate["scale"]) == spurious.representative.scale
        assert float(candidate["loss"]) == spurious.loss


def test_fewer_students_than_teachers() -> None:
    losses = [group.loss for group in search(4, 6, starts=40).groups]
    assert losses == pytest.approx([0.15116, 0.15173], abs=5e-6)


def test_lines_between_processes_are_exact() -> None:
    setting = make_setting(2, teacher=[[1.0 / 3.0, np.sqrt(2.0)]], seed=2**70)
    back = decode_setting(encode_setting(setting))
    assert (back.students, back.seed, back.scales) == (2, 2**70, setting.scales)
    assert back.teacher.tobytes() == setting.teacher.tobytes()
    run = Run(3, 0.3, "not converged", setting.teacher / 7.0, np.inf, 0.1, np.nan, -1, np.nan, 5)
    again = decode_run(encode_run(run))
    assert again.W.tobytes() == run.W.tobytes()
    assert again.loss == np.inf
    assert np.isnan(again.lowest)


def test_workers_do_not_change_the_result() -> None:
    results = [fingerprint(search(4, 5, dimension=6, starts=24, seed=3, workers=workers)) for workers in (1, 3)]
    assert results[0] == results[1]


def test_more_starts_continue_and_fewer_reuse(tmp_path: Path) -> None:
    few = search(4, 6, starts=3, directory=tmp_path)
    after_few = files(tmp_path)
    more = search(4, 6, starts=20, directory=tmp_path)
    assert fingerprint(more)[:3] == fingerprint(few)
    assert fingerprint(more) == fingerprint(search(4, 6, starts=20))
    (tmp_path / "002-of-mine.npz").write_bytes(b"not written by the search")
    again = search(4, 6, starts=3, directory=tmp_path)
    assert fingerprint(again) == fingerprint(few)
    assert files(tmp_path) == {**after_few, "002-of-mine.npz": b"not written by the search"}
    assert stored(tmp_path) == 20


def test_killed_and_started_again(tmp_path: Path) -> None:
    process = launch(tmp_path / "killed", 8, 150)
    wait_for(tmp_path / "killed", 10)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    kept = stored(tmp_path / "killed")
    assert 10 <= kept < 150
    continued = search(8, starts=150, directory=tmp_path / "killed")
    straight = search(8, starts=150, directory=tmp_path / "straight")
    assert fingerprint(continued) == fingerprint(straight)
    assert files(tmp_path / "killed") == files(tmp_path / "straight")


def test_interrupt_ends_quickly_and_quietly(tmp_path: Path) -> None:
    process = launch(tmp_path, 12, 100_000, workers=2)
    wait_for(tmp_path, 5)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=10.0)
    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert errors.count("Traceback") <= 1  # the caller's own; the workers say nothing
    assert len(search(12, starts=5, directory=tmp_path).runs) == 5


def _is_gone(process: int) -> bool:
    """No such process, or nobody has collected it yet."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def eventually(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_workers_end_with_a_killed_caller(tmp_path: Path) -> None:
    process = launch(tmp_path, 6, 100_000, workers=1)
    wait_for(tmp_path, 2)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    if not children.exists():
        process.kill()
        process.communicate()
        pytest.skip("needs /proc")
    worker = int(children.read_text().split()[0])
    process.kill()
    _, errors = process.communicate(timeout=10.0)  # stderr is shared with the worker: it ends when both have
    assert errors == ""
    assert eventually(lambda: _is_gone(worker))


def test_two_processes_in_one_directory(tmp_path: Path) -> None:
    processes = [launch(tmp_path / "shared", 6, starts) for starts in (60, 90)]
    for process in processes:
        _, errors = process.communicate(timeout=100.0)
        assert process.returncode == 0, errors
    result = search(6, starts=90, directory=tmp_path / "shared")
    alone = search(6, starts=90, directory=tmp_path / "alone")
    assert fingerprint(result) == fingerprint(alone)
    assert files(tmp_path / "shared") == files(tmp_path / "alone")


def test_a_report_cut_short_is_cleaned_up(tmp_path: Path) -> None:
    search(4, 6, starts=4, directory=tmp_path, workers=1)
    clean = files(tmp_path)
    base = sqlite3.connect(tmp_path / "search.sqlite")
    with base:
        base.executemany("INSERT INTO files VALUES (?)", [("007-saddle-L0.12345678.npz",), ("../outside.npz",)])
    base.close()
    (tmp_path / ".007-saddle-L0.12345678.npz.tmp").write_bytes(b"half of it")
    outside = tmp_path.parent / "outside.npz"
    outside.write_bytes(b"not ours")
    search(4, 6, starts=4, directory=tmp_path)
    assert files(tmp_path) == clean
    assert outside.exists()


def test_the_table(tmp_path: Path) -> None:
    search(4, 6, starts=12, directory=tmp_path, workers=2)
    lines = (tmp_path / "report.txt").read_text().splitlines()
    assert lines[0] == "Search: K=4 students, M=6 teachers, d=6, 12 starts, seed 0"
    assert "0.15115" in lines[5]
    assert lines[-1] == "0 of 12 starts did not converge."


def test_progress_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    search(2, starts=2, workers=1, progress=True)
    assert capsys.readouterr().out == ""


def test_a_dying_worker_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(RuntimeError, match="worker"):
        list(completed(make_setting(2), iter(range(3)), 2))


def test_closing_the_iterator_kills_the_workers() -> None:
    runs = completed(make_setting(12), iter(range(10_000)), 2)
    assert isinstance(next(runs), Run)
    begun = time.monotonic()
    runs.close()
    assert time.monotonic() - begun < 5.0


@pytest.mark.long
@pytest.mark.parametrize(
    ("students", "teachers", "starts", "loss"),
    [(6, 6, 2000, 0.0250806), (10, 10, 200, 0.0187022), (11, 10, 1500, 0.01789), (17, 16, 300, 0.02672)],
)
def test_rarer_minima_are_found(students: int, teachers: int, starts: int, loss: float) -> None:
    result = search(students, teachers, starts=starts)
    assert not result.unconverged
    assert any(abs(group.loss - loss) < 1e-5 and group.status == "minimum" for group in result.groups)


@pytest.mark.long
def test_a_gaussian_teacher_has_many_minima() -> None:
    teacher = np.random.default_rng(0).standard_normal((10, 10))
    assert len(search(10, teacher=teacher, starts=400).groups) >= 10
