"""What the kernel is asked to execute, as strace sees it: each command itself, and no shell."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from tests.runner.conftest import Runner
from tests.support.patience import PATIENCE_S
from tests.support.programs import required_program
from tests.support.server import wait_until

EXECUTED = re.compile(r'^execve\("([^"]+)", \[(.*)\], .*\) = 0$')
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
    strace = required_program("strace")
    # -D: the runner stays the child of this process, not of strace. -ff: a file for each process.
    argv = [strace, "-D", "-ff", "-s", "200", "-e", "trace=execve,execveat"]
    runner = Runner(data_dir, below=[*argv, "-o", str(data_dir / "trace")])
    for command in COMMANDS:
        runner.run(*command, timeout_s=10.0 if "sleep" in command else 30.0)
    runner.stop()
    last = data_dir / f"trace.{runner.process.pid}"
    wait_until(lambda: "+++ exited" in last.read_text(), PATIENCE_S, "the end of strace")
    lines = [line for path in data_dir.glob("trace.*") for line in path.read_text().splitlines()]
    calls = [line for line in lines if line.startswith("exec")]
    executed = {match[2]: match[1] for line in calls if (match := EXECUTED.match(line))}
    assert len(calls) == len(executed) == len(COMMANDS) + 1
    for command, program in COMMANDS.items():
        assert executed.pop(", ".join(f'"{word}"' for word in command)).endswith(program)
    assert [unescaped(path) for path in executed.values()] == [sys.executable]


def unescaped(text: str) -> str:
    """A path as it is, of which strace prints bytes beyond ASCII in octal."""
    return os.fsdecode(text.encode().decode("unicode_escape").encode("latin-1"))
