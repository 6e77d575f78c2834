"""Whole experiments: verdicts against L-BFGS, independence of how the work is split, interruptions, the scheduler."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import certify
from certify.cli import main
from certify.errors import InputError
from certify.reach import plan as plans
from certify.reach import pursue
from certify.reach import store as stores
from certify.reach.plan import Plan
from certify.reach.report import by_time, if_stopped, rows
from certify.reach.run import ReachResult, reach
from certify.search.setting import Setting, make_setting


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "MOST", {"flow": 16})


def plan(students: int, teachers: int | None = None, **options: object) -> Plan:
    setting = make_setting(students, teachers)
    return Plan(Setting(setting.students, setting.teacher, 1, (1.0,)), **options)  # type: ignore[arg-type]


def endings(result: ReachResult) -> list[object]:
    return [
        (v.arrival.number, *((round(abs(v.member.loss), 7), v.member.turned) if v.member else (v.arrival.status,)))
        for v in result.verdicts
    ]


def test_every_run_is_decided_and_members_are_certified(tmp_path: Path) -> None:
    result = reach(plan(7), 150, tmp_path, workers=2)
    assert all(v.decided for v in result.verdicts)
    files = sorted((tmp_path / "certificates").glob("*.cert.json"))
    assert {m.certificate for m in result.members} == set(files)
    for path, member in zip(files, result.members, strict=True):
        assert certify.verify(path).verified
        assert json.loads(path.read_text())["claim"]["basin"]
        assert member.radius > 0.0
    table = rows(result)
    assert sum(row.count for row in table) == 150
    assert [row.turned for row in table] == [0, 1]
    assert all(row.interval[0] <= row.share <= row.interval[1] for row in table)
    shares = [share for _, share, _ in by_time(result)]
    assert shares == sorted(shares)
    ends = Counter(v.member.turned for v in result.verdicts if v.member)
    assert [sum(counts.values()) for _, counts in if_stopped(result)] == [150] * len(shares)
    assert Counter(if_stopped(result)[-1][1]) == ends  # all have ended by then
    going = [(sum(looks.values()), share) for _, share, looks in by_time(result)]
    assert all(count == round(150 * (1.0 - share)) for count, share in going)


def test_flow_from_where_a_run_stopped_ends_in_the_member() -> None:
    """What the basin's certificate promises, followed by an independent integrator."""
    from scipy.integrate import solve_ivp

    from certify.landscape import floats

    result = reach(plan(6), 3, workers=1)
    for verdict in result.verdicts:
        assert verdict.member is not None
        end = solve_ivp(lambda _, w: -floats.gradient(w.reshape(6, 6), np.eye(6)).ravel(), (0, 300),
                        verdict.arrival.W.ravel(), method="LSODA", rtol=1e-9, atol=1e-11)  # fmt: skip
        loss = floats.loss(end.y[:, -1].reshape(6, 6), np.eye(6))
        assert loss == pytest.approx(verdict.member.loss, abs=1e-8)


@pytest.mark.usefixtures("small_batches")
def test_results_do_not_depend_on_order_interruptions_or_fewer_starts(tmp_path: Path) -> None:
    one = plan(6)
    whole = pursue.Pursuer(one)
    parts = plans.shares(one, list(range(40)), 1)
    assert [len(part) for part in parts] == [14, 14, 12]
    forward = [a for part in parts for a in whole.runs(part)]
    backward = [a for part in reversed(parts) for a in pursue.Pursuer(one).runs(part)]
    key = {a.number: (a.status, round(a.loss, 3)) for a in forward}
    assert sorted(key) == list(range(40))
    assert {a.number: a.status for a in backward} == {number: status for number, (status, _) in key.items()}
    with_store = stores.Store(tmp_path / "x.sqlite", one)
    with_store.add(forward[:14] + forward[28:])
    assert with_store.missing(40) == list(range(14, 28))
    with_store.add(forward)
    with_store.add(backward)  # twice: nothing is counted twice
    assert [a.number for a in with_store.arrivals(40)] == list(range(40))
    assert with_store.missing(40) == []
    assert with_store.missing(60) == list(range(40, 60))
    with_store.close()


def test_one_worker_or_two_and_a_second_call(tmp_path: Path) -> None:
    one, two = (reach(plan(6), 520, tmp_path / str(n), workers=n) for n in (1, 2))
    again = reach(plan(6), 520, tmp_path / "1", workers=2)
    fewer = reach(plan(6), 30, tmp_path / "2", workers=1)
    assert endings(one) == endings(two) == endings(again)
    assert endings(fewer) == endings(one)[:30]


def test_methods_agree_on_most_runs() -> None:
    flow, descent = (reach(plan(6, method=method, step=0.1), 24, workers=1) for method in ("flow", "gd"))
    noisy = reach(plan(6, method="sgd", step=0.02, noise=10.0), 4, workers=1)
    assert all(v.decided for result in (flow, descent, noisy) for v in result.verdicts)
    same = sum(a == b for a, b in zip(endings(flow), endings(descent), strict=True))
    assert same >= 22


def test_flat_global_sets_are_a_class_of_their_own() -> None:
    result = reach(plan(4, 3), 20, workers=1)
    assert Counter(v.arrival.status for v in result.verdicts)["zero loss"] == 20
    assert all(v.member is None for v in result.verdicts)
    assert max(v.arrival.distance for v in result.verdicts) <= pursue.CLOSE


def test_too_little_time_is_undecided(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["reach", "--students", "6", "--starts", "3", "--time", "1", "--workers", "1", "-o", str(tmp_path)]) == 1
    )
    assert "undecided: limit" in capsys.readouterr().out


def test_other_plans_and_other_files_are_refused(tmp_path: Path) -> None:
    reach(plan(3), 2, tmp_path, workers=1)
    with pytest.raises(InputError, match="another plan"):
        reach(plan(3, method="gd"), 2, tmp_path, workers=1)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / stores.FILENAME).write_text("no database, but long enough to be read as one" * 40)
    with pytest.raises(InputError, match="database"):
        reach(plan(3), 2, tmp_path / "other", workers=1)


def test_survives_kill(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "certify", "reach", "--students", "6", "--starts", "6000", "--workers", "1", "-q",
               "-o", str(tmp_path)]  # fmt: skip
    process = subprocess.Popen(command, start_new_session=True)
    deadline = time.monotonic() + 60
    one = Plan(Setting(6, np.eye(6), 0, (1.0,)))
    while time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.05)
        if (tmp_path / stores.FILENAME).exists():
            store = stores.Store(tmp_path / stores.FILENAME, one)
            there = len(store.arrivals(6000))
            store.close()
            if there:
                break
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert there
    result = reach(one, 600, tmp_path, workers=1)
    assert [v.arrival.number for v in result.verdicts] == list(range(600))
    assert all(v.decided for v in result.verdicts)


def test_audit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--students", "3", "--teachers", "4", "--dim", "4", "--starts", "20", "--workers", "1"]
    assert main(["audit", *options, "-o", str(tmp_path)]) == 0
    assert "20 of 20 runs explained" in capsys.readouterr().out
    verdicts = [json.loads(line) for line in (tmp_path / "verdicts.jsonl").read_text().splitlines()]
    assert [v["start"] for v in verdicts] == list(range(20))
    assert {v["verdict"] for v in verdicts} <= {"minimum", "saddle"}


def test_audit_in_the_plane(tmp_path: Path) -> None:
    """Four teachers, two and two antiparallel: end points on certified sets count, unresolved flat ones do not."""
    np.save(tmp_path / "V.npy", np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]]))
    options = ["--teacher", str(tmp_path / "V.npy"), "--starts", "12", "--workers", "1", "-q"]
    for students, code in ((3, 0), (4, 1)):
        folder = tmp_path / str(students)
        assert main(["audit", "--students", str(students), *options, "-o", str(folder)]) == code
    found = Counter(json.loads(line)["verdict"] for line in (folder / "verdicts.jsonl").read_text().splitlines())
    assert set(found) == {"UNEXPLAINED", "set of minima"}


def test_splits_in_the_plane_with_a_zero_matrix() -> None:
    """B4: no teacher's line between two neighbouring students; the splits are critical, of a kind that is not known."""
    from certify.cli import audit
    from certify.landscape import floats
    from certify.search.newton import polish

    V = np.random.default_rng(401).standard_normal((4, 2))
    angles = np.radians([-125.1573, -10.3823, -44.3737, 86.0271])
    W = np.array([2.1106, 0.7523, 1.1531, 1.3013])[:, None] * np.column_stack((np.cos(angles), np.sin(angles)))
    W = polish(W, V, 1e-13)
    turned = np.column_stack((-W[:, 1], W[:, 0])) / np.linalg.norm(W, axis=1)[:, None]
    even = np.abs(turned @ W.T).sum(axis=1) - np.abs(turned @ V.T).sum(axis=1)
    H = floats.hessian(W, V).reshape(4, 2, 4, 2)
    curved = [t @ (H[i, :, i] - 0.5 * np.eye(2)) @ t for i, t in enumerate(turned)]
    np.testing.assert_allclose(curved, even / (np.pi * np.linalg.norm(W, axis=1)), atol=1e-13)
    assert sorted(np.flatnonzero(np.abs(even) < 1e-13)) == [1, 2]
    assert float(np.abs(even[[0, 3]]).min()) > 1e-3
    split = np.vstack((W, 0.2 * W[1]))
    split[1] *= 0.8
    assert "singular" in str(audit._proved(split, V, wider=False))
    base = audit._split(split, V)
    assert base is not None
    assert base.index == 0
    assert audit._split(split + 1e-3, V) is None


def test_audit_reports_what_it_cannot_explain(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from certify.cli import audit

    monkeypatch.setattr(audit.api, "prove", lambda *_, **__: certify.outcome.Undecided("made up", ""))
    options = ["--students", "2", "--dim", "3", "--teachers", "2", "--starts", "4", "--workers", "1"]
    assert main(["audit", *options, "-o", str(tmp_path)]) == 1
    assert "4 unexplained" in capsys.readouterr().out


@pytest.mark.long
def test_scheduler_with_a_worker_killed(tmp_path: Path) -> None:
    """A real scheduler and two workers on loopback; one is killed in the middle."""
    pytest.importorskip("distributed")
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0",
            "--no-dashboard", "--scheduler-file", str(tmp_path / "scheduler.json")]  # fmt: skip
    processes = [subprocess.Popen(dask, start_new_session=True, stderr=subprocess.DEVNULL)]
    try:
        deadline = time.monotonic() + 60
        while not (tmp_path / "scheduler.json").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        address = json.loads((tmp_path / "scheduler.json").read_text())["address"]
        worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny",
                  "--no-dashboard", "--local-directory", str(tmp_path)]  # fmt: skip
        processes += [subprocess.Popen(worker, start_new_session=True, stderr=subprocess.DEVNULL) for _ in range(2)]
        command = [sys.executable, "-m", "certify", "reach", "--students", "6", "--starts", "4000", "-o",
                   str(tmp_path / "far"), "--scheduler", address]  # fmt: skip
        run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        path = tmp_path / "far" / stores.FILENAME
        one = Plan(Setting(6, np.eye(6), 0, (1.0,)))
        there = 0
        while not there and run.poll() is None and time.monotonic() < deadline + 120:
            time.sleep(0.1)
            if path.exists():
                store = stores.Store(path, one)
                there = len(store.arrivals(4000))
                store.close()
        os.kill(processes[1].pid, signal.SIGKILL)
        told, _ = run.communicate(timeout=600)
        assert run.returncode == 0, told
        assert 0 < there < 4000
    finally:
        for process in processes:
            process.kill()
            process.wait()
    far, near = reach(one, 4000, tmp_path / "far", workers=1), reach(one, 4000, tmp_path / "near", workers=2)
    assert [v.arrival.number for v in far.verdicts] == list(range(4000))
    assert endings(far) == endings(near)


def test_no_scheduler_there(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    with pytest.raises(InputError, match="no scheduler"):
        reach(plan(3), 2, tmp_path, address="nonsense://127.0.0.1:9")
