"""Which programs are started for the commands of the catalog, as the kernel sees it.

    python -m bench.exec_trace

`strace` follows every process of the program while each default that needs no approval is executed,
then commands whose arguments are full of what shells look for. Each execve is counted by its
program. Needs `strace`, and the right to trace.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.environment import Environment, describe
from bench.program import running
from bench.report import add_output, publish, table
from tests.support.server import ADMIN_KEY, Server, wait_until

SHELLS = {"sh", "bash", "dash", "ash", "zsh", "ksh", "busybox", "rbash"}
ARGUMENTS = ["'a;id'", "'$(id)'", "'`id`'", "'a|id'", "'a&&id'", "'>x'", "'*'", "'~'", '"a  b"']
_EXEC = re.compile(r'execve(?:at)?\((?:\d+, )?"([^"]*)", (\[.*?\])')


class Result(msgspec.Struct, frozen=True):
    """How often each program was started, how many of them are shells, and each start."""

    environment: Environment
    executed: int
    programs: dict[str, int]
    shells: int
    starts: list[str]


def main(argv: Sequence[str] | None = None) -> int:
    """Trace and print; exit code 1 when there was a shell, or a command that was not seen."""
    parser = argparse.ArgumentParser(
        prog="bench.exec_trace", description=__doc__.partition("\n")[0]
    )
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    with tempfile.TemporaryDirectory() as folder, running() as server:
        output = Path(folder) / "trace"
        strace = _attach(server, output)
        try:
            executed = _execute(server)
        finally:
            strace.terminate()
            strace.wait(30)
        calls = [m for m in map(_EXEC.search, output.read_text().splitlines()) if m]
    programs = Counter(Path(call[1]).name for call in calls)
    shells = sum(count for name, count in programs.items() if name in SHELLS)
    starts = [f"{call[1]} {call[2]}" for call in calls]
    result = Result(environment, executed, dict(programs), shells, starts)
    publish(result, _table(result), args.output)
    return 0 if shells == 0 and programs["echo"] == len(ARGUMENTS) else 1


def _attach(server: Server, output: Path) -> subprocess.Popen[bytes]:
    assert server.process is not None
    pids = [server.process.pid, *server.descendants()]
    argv = ["strace", "-f", "-qq", "-s", "300", "-e", "trace=execve,execveat", "-o", str(output)]
    strace = subprocess.Popen([*argv, *(f"--attach={pid}" for pid in pids)])

    def traced() -> bool:
        status = [Path(f"/proc/{pid}/status").read_text() for pid in pids]
        return all(f"TracerPid:\t{strace.pid}\n" in text for text in status)

    wait_until(traced, 20, "strace")
    return strace


def _execute(server: Server) -> int:
    catalog = "/v1/commands/catalog"
    commands = server.request("GET", f"{catalog}?limit=500").json()
    count = 0
    for command in commands:
        if command["requires_approval"]:
            continue
        values = {argument["name"]: "127.0.0.1" for argument in command["arguments"]}
        path = f"{catalog}/{command['id']}/execute"
        answer = server.request("POST", path, json={"arguments": values}, timeout=120)
        assert answer.status_code == 200, answer.text
        count += 1
    for argument in ARGUMENTS:
        body = {"name": "x", "command": f"echo {argument}", "requires_approval": False}
        made = server.request("POST", catalog, key=ADMIN_KEY, json=body).json()
        answer = server.request("POST", f"{catalog}/{made['id']}/execute", timeout=120).json()
        assert answer["stdout"] == f"{argument[1:-1]}\n", answer
        count += 1
    time.sleep(0.5)
    return count


def _table(result: Result) -> str:
    rows: list[list[object]] = [[name, count] for name, count in sorted(result.programs.items())]
    rows += [["commands executed", result.executed], ["shells", result.shells]]
    return table(["program", "execve"], rows)


if __name__ == "__main__":
    sys.exit(main())
