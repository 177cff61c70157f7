"""Whichever process is killed: the client is told, and nothing of the command is left."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from pisovereign.errors import RunInterrupted
from pisovereign.runner.client import RunnerClient
from pisovereign.runner.processes import descendants
from pisovereign.runner.types import RunRequest, RunResult, encode_line
from tests.runner.conftest import PYTHON, Runner, marked, new_mark, start
from tests.support.patience import PATIENCE_S
from tests.support.server import wait_until

# A daemon, deaf to signals, beside a command that waits; both carry a mark.
DAEMON = """
import os, signal, sys, time
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
    signal.signal(number, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)
time.sleep(600)
"""


class Running:
    """A command that runs, with a daemon of its own, below `runner`."""

    def __init__(self, runner: Runner, pool: ThreadPoolExecutor, mark: str) -> None:
        self.runner, self.mark = runner, mark
        self.result: Future[RunResult] = pool.submit(
            runner.run, PYTHON, "-I", "-S", "-c", DAEMON, mark
        )
        wait_until(lambda: len(self.marked()) == 2, PATIENCE_S, "command and daemon")

    def marked(self) -> list[int]:
        return marked(self.mark)

    def above(self) -> tuple[int, int]:
        """The init process, and the process that serves the connection."""
        parents = {p.pid: p.parent for p in descendants(self.runner.process.pid)}
        command = next(pid for pid in self.marked() if os.getsid(pid) == pid)
        init = parents[command]
        return init, parents[init]


@pytest.mark.parametrize("victim", ["init", "connection", "server", "init and connection"])
def test_a_kill_leaves_nothing_behind(runner: Runner, way: str, victim: str) -> None:
    with ThreadPoolExecutor(1) as pool:
        running = Running(runner, pool, f"mark-{way}-{victim.replace(' ', '-')}-{os.getpid()}")
        init, connection = running.above()
        victims = {
            "init": [init],
            "connection": [connection],
            "server": [runner.process.pid],
            "init and connection": [init, connection],
        }[victim]
        if victim == "init and connection":
            # Or it might still tell of the end of the init process before its own.
            os.kill(connection, signal.SIGSTOP)
        for pid in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if victim == "init":
            result = running.result.result(PATIENCE_S)
            assert (result.status, result.exit_code) == ("failed", None)
        else:
            with pytest.raises(RunInterrupted):
                running.result.result(PATIENCE_S)
        wait_until(lambda: not running.marked(), PATIENCE_S, "the end of command and daemon")
        if victim != "server":
            assert runner.run("true").status == "completed"


def test_a_client_that_leaves_ends_its_command(runner: Runner, way: str) -> None:
    mark = f"mark-{way}-left-{os.getpid()}"

    def both_run() -> bool:
        return len(marked(mark)) > 1

    async def leave() -> None:
        client = RunnerClient(runner.socket)
        argv = (PYTHON, "-I", "-S", "-c", DAEMON, mark)
        task = asyncio.create_task(client.run(RunRequest(argv=argv)))
        await asyncio.to_thread(wait_until, both_run, PATIENCE_S, "command and daemon")
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(leave())
    wait_until(lambda: not marked(mark), PATIENCE_S, "the end of all")


def test_nothing_runs_for_a_client_that_left_the_queue(way: str, data_dir: Path) -> None:
    runner = start(way, data_dir, "--parallel=1")

    async def one_waits_and_leaves(asks: RunRequest) -> None:
        client, mark = RunnerClient(runner.socket), new_mark()
        first = asyncio.create_task(client.run(RunRequest(argv=("sleep", mark))))
        await asyncio.to_thread(wait_until, lambda: marked(mark), PATIENCE_S, "the first one")
        with socket.socket(socket.AF_UNIX) as second:
            second.connect(str(runner.socket))
            second.sendall(encode_line(asks))
        for pid in marked(mark):
            os.kill(pid, signal.SIGKILL)
        assert (await first).status == "failed"
        # This one's turn is after the second's.
        assert (await client.run(RunRequest(argv=("true",)))).status == "completed"

    # What a command writes is seen by nobody else, but this hears of it.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        asks = RunRequest(argv=("curl", "--max-time", "1", url), network=True)
        try:
            asyncio.run(one_waits_and_leaves(asks))
            assert not connected(listener)
            asyncio.run(RunnerClient(runner.socket).run(asks))
            assert connected(listener)
        finally:
            runner.stop()


def connected(listener: socket.socket) -> bool:
    """Whether somebody has connected since the last call."""
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True
