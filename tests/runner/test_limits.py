"""Commands that do not end, do not stop, or take everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from pisovereign.runner.types import RunResult
from tests.runner.conftest import Runner, new_mark
from tests.support.patience import PATIENCE_S
from tests.support.server import wait_until


def running(mark: str) -> list[str]:
    """The command lines, of any process here, that hold `mark`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if mark in line:
                found.append(line)
    return found


@pytest.fixture
def mark() -> str:
    return new_mark()


def test_one_that_sleeps_forever_is_ended(runner: Runner, mark: str) -> None:
    result = runner.run("sleep", mark, timeout_s=0.5)
    assert (result.status, result.exit_code) == ("timed_out", None)
    assert result.duration_ms >= 500
    assert not running(mark)


def ended_after_its_words(runner: Runner, code: str, least_s: float) -> RunResult:
    """Run something that prints and does not end; on a busy machine, after a longer time."""
    for timeout_s in (least_s, 5.0, 30.0):
        result = runner.python(code, timeout_s=timeout_s)
        if result.stdout:
            break
    return result


def test_one_that_ignores_sigterm_is_killed(runner: Runner, mark: str) -> None:
    code = f"""
import signal, time
signal.signal(signal.SIGTERM, lambda *_: print("asked to end", flush=True))
mark = {mark}
while True:
    time.sleep(60)
"""
    result = ended_after_its_words(runner, code, 0.5)
    assert (result.status, result.stdout) == ("timed_out", "asked to end\n")
    assert not running(mark)


@pytest.mark.parametrize("status", ["timed_out", "completed"])
def test_what_it_leaves_behind_is_killed(runner: Runner, mark: str, status: str) -> None:
    """A daemon: forked twice, in its own session, deaf to signals, holding the output open."""
    code = f"""
import os, signal, time
for number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
said, saying = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print("daemon", flush=True)
        os.write(saying, b"x")
        time.sleep({mark})
    os._exit(0)
os.read(said, 1)
if "{status}" == "timed_out":
    time.sleep({mark})
"""
    result = ended_after_its_words(runner, code, 0.8 if status == "timed_out" else 30.0)
    assert result.status == status
    assert result.stdout == "daemon\n"
    assert not running(mark)


def test_what_it_prints_is_cut(runner: Runner) -> None:
    result = runner.python("print('ä' * 100_000)")
    assert (result.status, result.truncated) == ("completed", True)
    assert result.stdout == "ä" * (32 * 1024)


def test_one_that_prints_a_gigabyte_is_ended(runner: Runner) -> None:
    result = runner.run("head", "-c", "1G", "/dev/zero")
    assert (result.status, result.exit_code, result.truncated) == ("failed", None, True)
    assert result.stdout == "\ufffd" * (64 * 1024)
    assert "printed without end" in result.stderr


def test_both_streams_share_the_room(runner: Runner) -> None:
    code = "import sys; sys.stderr.write('e' * 60_000); sys.stderr.flush(); print('o' * 60_000)"
    result = runner.python(code)
    assert len(result.stdout) + len(result.stderr) == 64 * 1024
    assert result.truncated


def test_one_process_that_takes_all_memory_fails(runner: Runner) -> None:
    result = runner.python("bytearray(3 << 30)")
    assert (result.status, result.exit_code) == ("failed", 1)
    assert "MemoryError" in result.stderr


def test_many_that_take_memory_together_are_ended(runner: Runner, mark: str) -> None:
    code = f"""
import os, time
for _ in range(6):
    if os.fork() == 0:
        held = bytearray(os.urandom(1)) * (150 << 20)
        time.sleep({mark})
time.sleep({mark})
"""
    result = runner.python(code)
    assert (result.status, result.exit_code) == ("failed", None)
    assert "too much memory" in result.stderr
    assert not running(mark)


def test_a_fork_bomb_is_bounded(runner: Runner, mark: str) -> None:
    code = f"""
import os, time
started = refused = 0
for _ in range(200):
    try:
        if os.fork() == 0:
            time.sleep({mark})
        started += 1
    except BlockingIOError:
        refused += 1
print(started, refused, flush=True)
time.sleep(0.5)
"""
    result = runner.python(code)
    # Sooner or later than the kernel's limit, all are counted.
    assert result.status == "completed" or "too many processes" in result.stderr, result
    if result.stdout:
        started, refused = map(int, result.stdout.split())
        assert started + refused == 200
        # As root, the kernel may also count other processes of the commands' account.
        assert started <= 120
    wait_until(lambda: not running(mark), PATIENCE_S, "the end of all")


def test_files_are_bounded(runner: Runner) -> None:
    code = """
import resource
print(resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_FSIZE))
"""
    assert runner.python(code).stdout == "(0, 0) (16777216, 16777216)\n"
