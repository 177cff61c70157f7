"""What the kernel is asked to execute, as strace sees it: each command itself, and no shell."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

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


def test_no_shell_is_executed(data_dir: Path) -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("Debian's package strace is not installed")
    trace = data_dir / "trace"
    # -D: the runner stays the child of this process, not of strace.
    argv = [strace, "-D", "-f", "-s", "200", "-e", "trace=execve,execveat", "-o", str(trace)]
    runner = Runner(data_dir, below=argv)
    for command in COMMANDS:
        runner.run(*command, timeout_s=1.0)
    runner.stop()
    last_line = re.compile(rf"^{runner.process.pid} +\+\+\+ exited", re.MULTILINE)
    wait_until(lambda: last_line.search(trace.read_text()), 20, "the end of strace")
    lines = trace.read_text().splitlines()
    first, *found = [match for line in lines if (match := EXECUTED.match(line))]
    assert first[1] == sys.executable
    assert len(found) == len(COMMANDS)
    for match, (command, program) in zip(found, COMMANDS.items(), strict=True):
        assert match[1].endswith(program)
        assert match[2] == ", ".join(f'"{word}"' for word in command)
    assert not [line for line in lines if "execveat" in line]
