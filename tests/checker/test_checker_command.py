"""The checker as a program: isolated interpreter, exit codes, one line each, bounded time and memory."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ACCEPT, REJECT, MALFORMED = HERE / "accept", HERE / "reject", HERE / "malformed"
GOOD = str(ACCEPT / "identity-1-1.cert.json")
BAD = str(REJECT / "curvature--huge.cert.json")
BROKEN = str(MALFORMED / "truncated.cert.json")
BEYOND = str(MALFORMED / "limit--unknowns.cert.json")
MEGABYTE = 1 << 20
LIMIT_BYTES = 16 * MEGABYTE


def limits(memory: int = 1024 * MEGABYTE, seconds: int = 20) -> Callable[[], None]:
    def apply() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))

    return apply


def check(*paths: str | bytes, memory: int = 1024 * MEGABYTE) -> subprocess.CompletedProcess[bytes]:
    """Without site-packages, environment variables or anything else beside the standard library and the checker."""
    return subprocess.run(
        [sys.executable, "-S", "-E", "-W", "error", "-m", "certify.checker", *paths],
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=False,
        preexec_fn=limits(memory),
    )


def lines(result: subprocess.CompletedProcess[bytes]) -> tuple[list[str], list[str]]:
    return result.stdout.decode("ascii").splitlines(), result.stderr.decode("ascii").splitlines()


def test_verified() -> None:
    result = check(GOOD)
    out, err = lines(result)
    assert (result.returncode, err) == (0, [])
    assert len(out) == 1
    word, digest, sentence = out[0].split(" ", 2)
    assert word == "VERIFIED"
    assert len(bytes.fromhex(digest)) == 32
    assert sentence.startswith("1 ReLU student, 1 orthonormal teacher, Gaussian inputs in R^1: exactly one")


@pytest.mark.parametrize(
    ("path", "code", "word"), [(BAD, 1, "REJECTED"), (BROKEN, 2, "MALFORMED"), (BEYOND, 3, "LIMIT")]
)
def test_refusals(path: str, code: int, word: str) -> None:
    result = check(path)
    out, err = lines(result)
    assert (result.returncode, out) == (code, [])
    assert len(err) == 1
    assert err[0].startswith(f"{word} {path}: ")


def test_the_largest_exit_code_wins_and_every_file_has_its_line() -> None:
    result = check(BEYOND, GOOD, BROKEN, BAD, GOOD)
    out, err = lines(result)
    assert result.returncode == 3
    assert [line.split()[0] for line in out] == ["VERIFIED"] * 2
    assert [line.split()[0] for line in err] == ["LIMIT", "MALFORMED", "REJECTED"]


@pytest.mark.parametrize("kind", ["accept", "reject", "malformed"])
def test_whole_folders(kind: str) -> None:
    paths = sorted(str(path) for path in (HERE / kind).glob("*.cert.json"))
    result = check(*paths)
    out, err = lines(result)
    assert len(out) + len(err) == len(paths)
    words = {line.split()[0] for line in (*out, *err)}
    assert words <= {"accept": {"VERIFIED"}, "reject": {"REJECTED"}, "malformed": {"MALFORMED", "LIMIT"}}[kind]


@pytest.mark.parametrize("arguments", [(), ("-",), ("--help",), (GOOD, "-v")])
def test_usage(arguments: tuple[str, ...]) -> None:
    result = check(*arguments)
    out, err = lines(result)
    assert (result.returncode, out) == (2, [])
    assert err[0].startswith("usage: ")


def test_what_is_no_file(tmp_path: Path) -> None:
    fifo, link, loop = tmp_path / "fifo", tmp_path / "link", tmp_path / "loop"
    os.mkfifo(fifo)
    link.symlink_to(tmp_path / "nowhere")
    loop.symlink_to(loop)
    paths = [str(tmp_path), str(fifo), str(link), str(loop), str(tmp_path / "missing"), "/dev/zero", "/dev/null", ""]
    result = check(*paths)
    out, err = lines(result)
    assert (result.returncode, out) == (2, [])
    assert [line.split()[0] for line in err] == ["MALFORMED"] * len(paths)


def test_names(tmp_path: Path) -> None:
    """Line feeds, escapes and bytes that are no text never reach the terminal, and no name forges a verdict."""
    content = Path(BAD).read_bytes()
    names = [b"a\nVERIFIED", b"\x1b[31m", b"\xff\xfe", "\N{SNOWMAN}".encode(), b"a b'c\"d"]
    paths = [os.fsencode(tmp_path) + b"/" + name for name in names]
    for path in paths:
        with open(path, "wb") as file:  # noqa: PTH123  a name that is no text
            file.write(content)
    result = check(*paths)
    out, err = lines(result)
    assert (result.returncode, out) == (1, [])
    assert [line.split()[0] for line in err] == ["REJECTED"] * len(names)


HOSTILE: dict[str, Callable[[], bytes]] = {
    "digits": lambda: b"1" * (100 * MEGABYTE),
    "nul": lambda: b"\0" * LIMIT_BYTES,
    "white-space": lambda: b" " * LIMIT_BYTES,
    "brackets": lambda: b"[" * LIMIT_BYTES,
    "dictionaries": lambda: b'{"a":' * (LIMIT_BYTES // 5),
    "empty-lists": lambda: b'{"claim":[' + b"[]," * (LIMIT_BYTES // 3 - 10) + b"0]}\n",
    "empty-dictionaries": lambda: b'{"claim":[' + b"{}," * (LIMIT_BYTES // 3 - 10) + b"0]}\n",
    "keys": lambda: b"{" + b",".join(b'"%x":0' % k for k in range(1_300_000)) + b"}\n",
    "long-integers": lambda: b"[" + b",".join([b"9" * 4299] * 3900) + b"]\n",
    "string": lambda: b'"' + b"a" * (LIMIT_BYTES - 3) + b'"\n',
    "escapes": lambda: b'"' + b"\\ud800" * (LIMIT_BYTES // 6 - 1) + b'"\n',
    "one-byte-too-long": lambda: Path(GOOD).read_bytes() + b" " * LIMIT_BYTES,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_content(name: str, tmp_path: Path) -> None:
    path = tmp_path / "hostile"
    path.write_bytes(HOSTILE[name]())
    result = check(str(path))
    out, err = lines(result)
    assert out == []
    assert len(err) == 1
    assert result.returncode == (3 if path.stat().st_size > LIMIT_BYTES else 2)


@pytest.mark.parametrize("opening", [b"[", b'{"claim":', b'{"claim":['])
def test_nesting_around_the_recursion_limit(opening: bytes, tmp_path: Path) -> None:
    closing = {b"[": b"]", b'{"claim":': b"}", b'{"claim":[': b"]}"}[opening]
    paths = []
    for depth in range(300, 1010, 10 if opening == b"[" else 7):
        path = tmp_path / str(depth)
        inner = opening * depth + b"0" + closing * depth
        path.write_bytes(b'{"claim":' + inner + b',"format":"certify","version":1,"witness":0}\n')
        paths.append(str(path))
    result = check(*paths)
    out, err = lines(result)
    assert (result.returncode, out) == (2, [])
    assert [line.split()[0] for line in err] == ["MALFORMED"] * len(paths)


def test_too_little_memory_is_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "lists"
    path.write_bytes(HOSTILE["empty-lists"]())
    result = check(str(path), memory=200 * MEGABYTE)
    out, err = lines(result)
    assert (result.returncode, out) == (3, [])
    assert [line.split()[0] for line in err] == ["LIMIT"]


def test_a_full_disk_is_no_verdict() -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        result = subprocess.run(
            [sys.executable, "-S", "-E", "-m", "certify.checker", GOOD],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert result.returncode == 70
    assert b"Traceback" not in result.stderr


def test_nothing_but_the_standard_library_is_loaded() -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); before = set(sys.modules)\n"
        "from certify.checker.__main__ import main\n"
        "assert main([sys.argv[2]]) == 0\n"
        "names = {name.split('.')[0] for name in sys.modules}\n"
        "foreign = sorted(names - set(sys.stdlib_module_names) - {'certify', '__main__'})\n"
        "ours = sorted(name for name in sys.modules if name.startswith('certify') and 'checker' not in name)\n"
        "assert foreign == [] and ours == ['certify'], (foreign, ours)\n"
    )
    result = subprocess.run(
        [sys.executable, "-S", "-I", "-c", script, str(ROOT), GOOD], capture_output=True, timeout=60, check=False
    )
    assert result.returncode == 0, result.stderr.decode()
