"""What the kernel is asked to execute, as strace sees it: each command itself, and no shell."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pisovereign.runner.processes import descendants
from tests.runner.conftest import Runner
from tests.support.server import wait_until

EXECUTED = re.compile(r'^\d+ +execve\("([^"]+)", \[(.*)\], .*\) = 0$')
COMMANDS = {
    ("df", "-h"): "/df",
    ("uname", "-a"): "/uname",
    ("uptime",): "/uptime",
    ("free", "-h"): "/free",
    ("cat", "/etc/os-release"): "/cat",
    ("echo", "$(id)", "`id`", "; id", "| sh", "&& sh -c id", "> /tmp/x"): "/echo",
    ("ls", "/nowhere; sh"): "/ls",
    ("sleep", "60"): "/sleep",
}


@pytest.fixture
def way() -> str:
    return "usual"


def test_no_shell_is_executed(runner: Runner, tmp_path: Path) -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("Debian's package strace is not installed")
    trace = tmp_path / "trace"
    argv = [strace, "-f", "-s", "200", "-e", "trace=execve,execveat", "-o", str(trace)]
    pid = runner.process.pid
    # Those that wait for the first command were forked before.
    wait_until(lambda: len(descendants(pid)) == 3, 10, "the preparations")
    tree = [pid, *(process.pid for process in descendants(pid))]
    with subprocess.Popen(
        [*argv, *(f"--attach={one}" for one in tree)], stderr=subprocess.DEVNULL
    ) as tracer:
        wait_until(lambda: all(map(traced, tree)), 10, "strace")
        for command in COMMANDS:
            runner.run(*command, timeout_s=1.0)
        runner.stop()
        tracer.wait(20)
    lines = trace.read_text().splitlines()
    found = [match for line in lines if (match := EXECUTED.match(line))]
    assert len(found) == len(COMMANDS)
    for match, (command, program) in zip(found, COMMANDS.items(), strict=True):
        assert match[1].endswith(program)
        assert match[2] == ", ".join(f'"{word}"' for word in command)
    assert not [line for line in lines if "execveat" in line]


def traced(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    return "TracerPid:\t0\n" not in status
