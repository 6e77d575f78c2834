"""What only whole processes show: concurrency, kill -9, Ctrl-C, closed pipes, terminals."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import certify
from certify.certificate import SUFFIX

ROOT = str(Path(certify.__file__).parents[1])
ENVIRONMENT = {**os.environ, "PYTHONPATH": ROOT, "OPENBLAS_NUM_THREADS": "1", "TERM": "xterm"}
# A process started in the background may be told to ignore SIGINT.
PROGRAM = (
    "import signal, sys; signal.signal(2, signal.default_int_handler); from certify.cli import main; sys.exit(main())"
)


def launch(*arguments: object, **options: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *map(str, arguments)],
        env=ENVIRONMENT, text=True, **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
    )  # fmt: skip


def finish(*arguments: object) -> None:
    process = launch(*arguments)
    assert process.communicate(timeout=60)[1] == ""
    assert process.returncode == 0


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    """120 candidates, item by item another file name."""
    shuffle = np.random.default_rng(0).permutation
    np.savez(tmp_path / "stack.npz", W=np.array([np.eye(4)[shuffle(4)] for _ in range(120)]))
    return tmp_path / "stack.npz"


def assert_complete(folder: Path) -> int:
    """Every visible file verifies; what else there is, is a hidden temporary file."""
    visible = [path for path in folder.iterdir() if not path.name.startswith(".")]
    assert all(path.name.endswith(SUFFIX) for path in visible)
    assert all(certify.verify(path) for path in visible[:40])
    assert all(not path.name.endswith(SUFFIX) for path in folder.iterdir() if path.name.startswith("."))
    return len(visible)


def wait_for_files(folder: Path, count: int) -> None:
    deadline = time.monotonic() + 60.0
    while not folder.is_dir() or len(list(folder.glob(f"*{SUFFIX}"))) < count:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_two_proofs_into_one_folder(stack: Path, tmp_path: Path) -> None:
    processes = [launch("prove", stack, "-o", tmp_path / "c", "--json") for _ in range(2)]
    outputs = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert outputs[0] == outputs[1]
    assert assert_complete(tmp_path / "c") == 120
    assert len(list((tmp_path / "c").iterdir())) == 120


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)])
def test_an_end_in_the_middle(stack: Path, tmp_path: Path, number: int, code: int) -> None:
    process = launch("prove", stack, "-o", tmp_path / "c", "--quiet")
    wait_for_files(tmp_path / "c", 5)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (code, "")
    assert "Traceback" not in err
    assert 5 <= assert_complete(tmp_path / "c") < 120
    if number == signal.SIGINT:
        assert err.strip() == "certify: interrupted"
        assert not list((tmp_path / "c").glob(".*"))
    finish("prove", stack, "-o", tmp_path / "c", "--quiet")
    assert assert_complete(tmp_path / "c") == 120


def test_an_interrupted_check(stack: Path, tmp_path: Path) -> None:
    finish("prove", stack, "-o", tmp_path / "c", "--quiet")
    process = launch("verify", *[tmp_path / "c"] * 50)
    assert process.stdout is not None
    for _ in range(90):  # long enough for other processes to have taken over
        assert process.stdout.readline().startswith("VERIFIED")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert (process.returncode, err.strip()) == (130, "certify: interrupted")


def test_a_reader_that_goes_away(stack: Path, tmp_path: Path) -> None:
    process = launch("prove", stack, "-o", tmp_path / "c")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("PROVED")
    process.stdout.close()
    process.stdout = None
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (1, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_behind_stdout(tmp_path: Path) -> None:
    np.save(tmp_path / "W.npy", np.eye(2))
    with Path("/dev/full").open("w") as full:
        process = launch("prove", tmp_path / "W.npy", "-o", tmp_path / "c", stdout=full.fileno())
        _, err = process.communicate(timeout=60)
    assert process.returncode == 70
    assert len(err.splitlines()) == 1
    assert "No space left" in err


def in_a_terminal(*arguments: object) -> tuple[int, str]:
    """Exit code and screen of a call whose three streams are a terminal."""
    terminal, inside = pty.openpty()
    process = launch(*arguments, stdin=inside, stdout=inside, stderr=inside)
    os.close(inside)
    screen = b""
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:
            break
        if not chunk:
            break
        screen += chunk
    os.close(terminal)
    return process.wait(60), screen.decode()


def test_colours_in_a_terminal(stack: Path, tmp_path: Path) -> None:
    finish("prove", stack, "-o", tmp_path / "c", "--quiet")
    code, screen = in_a_terminal("show", next((tmp_path / "c").iterdir()))
    assert code == 0
    assert "\x1b[" in screen
    assert "1.00000" in screen


def test_a_bar_in_a_terminal(stack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        sys.modules[__name__], "PROGRAM", f"from certify.cli import progress; progress.DELAY = 0.0; {PROGRAM}"
    )
    code, screen = in_a_terminal("prove", stack, "-o", tmp_path / "c")
    assert code == 0
    assert screen.count("PROVED") == 120
    assert "120/120" in screen
    code, screen = in_a_terminal("verify", tmp_path / "c")
    assert code == 0
    assert screen.count("VERIFIED") == 120
    assert "120 verified" in screen


def test_a_long_proof_in_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it will take beforehand, what it does meanwhile; nothing of that without a terminal."""
    V = np.random.default_rng(1).standard_normal((46, 46)) / 46**0.5
    np.savez(tmp_path / "W.npz", W=V, V=V)
    monkeypatch.setattr(
        sys.modules[__name__], "PROGRAM", f"from certify.cli import progress; progress.DELAY = 0.0; {PROGRAM}"
    )
    code, screen = in_a_terminal("prove", tmp_path / "W.npz", "-o", tmp_path / "c")
    assert code == 0
    assert "2116 unknowns: about 0.15 GB of memory and " in screen
    assert "prove: exact product, " in screen or "prove: factorisation" in screen or "prove: smallest" in screen
    finish("prove", tmp_path / "W.npz", "-o", tmp_path / "c")
