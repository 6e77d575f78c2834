"""`certify prove` on many candidates: any number of processes, the same results; no candidate stops another."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

from certify.cli import batch
from certify.memory import Budget
from certify.processes import AHEAD, Crew, together

PROGRAM = (
    "import signal, sys; signal.signal(2, signal.default_int_handler); from certify.cli import main; sys.exit(main())"
)
BROKEN = """
import os
from certify import api
prove = api.prove
def broken(W, *arguments, **options):
    if W[0, 0] == 2.0:
        raise ZeroDivisionError("two")
    if W[0, 0] == 3.0:
        os.kill(os.getpid(), 9)
    print("chatter")
    return prove(W, *arguments, **options)
api.prove = broken
from certify.called import serve
from certify.cli.batch import answer
serve(answer)
"""


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Small and large ones, one that is refuted, one with a NaN; a file that cannot be read; one more file."""
    generator = np.random.default_rng(1)
    folder = tmp_path / "mixed"
    folder.mkdir()
    stack = np.array([np.eye(10)[generator.permutation(10)] for _ in range(7)])
    stack[2, 3, 4] = np.nan
    stack[4] += 0.3 * generator.standard_normal((10, 10))
    V = generator.standard_normal((12, 14)) / 14**0.5
    np.savez(folder / "1.npz", W=stack)
    (folder / "2.json").write_text("no json at all")
    np.savez(folder / "3.npz", W=V, V=V)
    np.save(folder / "4.npy", np.eye(2))
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_any_number_of_processes(certify: Any, mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results = []
    for workers, patience in ((1, 1.0), (2, -1.0)):
        monkeypatch.setattr(batch, "PATIENCE", patience)
        folder = tmp_path / f"c{workers}"
        done = certify("prove", mixed, "-o", folder, "--full", "--json", "--workers", workers)
        records = [{**record, "certificate": None} for record in done.records]
        results.append((done.code, done.err, records, contents(folder)))
    assert results[0] == results[1]
    code, err, records, files = results[0]
    assert code == 2
    assert [(Path(record["file"]).name, record["item"]) for record in records] == [
        *(("1.npz", item) for item in range(7)), ("2.json", None), ("3.npz", None), ("4.npy", None)
    ]  # fmt: skip
    outcomes = [record["outcome"] for record in records]
    assert [place for place, outcome in enumerate(outcomes) if outcome == "proved"] == [0, 1, 3, 5, 6, 8, 9]
    assert len(files) == 7
    assert [line.split(":")[0] for line in err.splitlines()] == [
        f"BAD INPUT {mixed / '1.npz'}[2]", f"BAD INPUT {mixed / '2.json'}"
    ]  # fmt: skip
    assert certify("verify", tmp_path / "c2", "--quiet").code == 0


def test_processes_that_raise_or_die(certify: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "PATIENCE", -1.0)
    monkeypatch.setattr(batch, "ARGUMENTS", ["-P", "-c", BROKEN])
    stack = np.array([np.eye(2) * scale for scale in (1.0, 2.0, 1.0, 3.0, 1.0, 1.0)])
    np.savez(tmp_path / "stack.npz", W=stack, V=np.eye(2))
    done = certify("prove", tmp_path / "stack.npz", "-o", tmp_path / "c", "--json", "--workers", 2)
    assert done.code == 70
    assert [record["outcome"] for record in done.records] == [
        "proved", "internal", "proved", "internal", "proved", "proved"
    ]  # fmt: skip
    assert done.records[1]["reason"] == "ZeroDivisionError: two"
    assert done.records[3]["reason"] == "the proving process died (exit status -9)"
    assert [line.split(":")[0] for line in done.err.splitlines()] == [
        f"INTERNAL {tmp_path / 'stack.npz'}[{item}]" for item in (1, 3)
    ]


def test_saddles_keep_their_directions(certify: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saddle = [[-0.068, -0.068], [1.068, 1.068]]
    np.savez(tmp_path / "stack.npz", W=[saddle, saddle], V=np.eye(2))
    here = certify("prove", tmp_path / "stack.npz", "-o", tmp_path / "c", "--json")
    monkeypatch.setattr(batch, "PATIENCE", -1.0)
    assert certify("prove", tmp_path / "stack.npz", "-o", tmp_path / "c", "--json") == here
    assert here.records[0]["descent"]["curvature"] < 0.0


def test_ctrl_c(tmp_path: Path) -> None:
    """Whole files or none, no temporary ones, and no process stays behind."""
    generator = np.random.default_rng(2)
    stack = np.array([np.eye(14)[generator.permutation(14)] for _ in range(150)])
    np.savez(tmp_path / "stack.npz", W=stack)
    environment = {**os.environ, "PYTHONPATH": batch.ROOT}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "prove", "--full", tmp_path / "stack.npz", "-o", tmp_path / "c", "-q",
         "--workers", "2"],
        env=environment, text=True, stderr=subprocess.PIPE,
    )  # fmt: skip
    end = time.monotonic() + 60.0
    while not ((tmp_path / "c").is_dir() and len(list((tmp_path / "c").glob("[!.]*"))) >= 3):
        assert time.monotonic() < end
        time.sleep(0.005)
    lists = list(Path(f"/proc/{process.pid}/task").glob("*/children"))  # a process is its thread's child
    crew = [pid for path in lists for pid in path.read_text().split()]
    assert len(crew) == (2 if lists else 0)
    process.send_signal(signal.SIGINT)
    err = process.communicate(timeout=60)[1]
    assert (process.returncode, err.strip()) == (130, "certify: interrupted")
    names = [path.name for path in (tmp_path / "c").iterdir()]
    assert 3 <= len(names) < 150
    assert all(name.endswith(".cert.json") and not name.startswith(".") for name in names)
    for path in (tmp_path / "c").iterdir():
        assert json.loads(path.read_bytes())["version"] == 1
    assert not any(Path(f"/proc/{pid}").exists() for pid in crew)


def test_input_is_read_as_it_is_needed() -> None:
    """A stack larger than memory's worth of copies is not copied into the queue at once."""
    crew, read = Crew(2, []), []

    def numbers() -> Any:
        for number in range(1000):
            read.append(number)
            yield number

    answers = together(crew, lambda x: (time.sleep(0.001), x)[1], numbers())
    assert [next(answers) for _ in range(5)] == list(range(5))
    answers.close()
    assert len(read) < 5 + 4 * AHEAD


def test_a_budget() -> None:
    """Never more than there is, unless one alone is more."""
    budget, inside, most = Budget(10), [], []

    def work(size: int) -> None:
        for _ in range(20):
            with budget.room(size):
                inside.append(size)
                most.append(sum(inside) if len(inside) > 1 else 0)
                time.sleep(0.0002)
                inside.remove(size)

    threads = [Thread(target=work, args=(size,)) for size in (3, 4, 6, 9, 25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30.0)
    assert not any(thread.is_alive() for thread in threads)
    assert 0 < max(most) <= 10
    with Budget(None).room(1 << 60):
        pass
