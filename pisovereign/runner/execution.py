"""One command from its start to the end of everything that it started."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import time
from pathlib import Path
from typing import Literal, NoReturn

import msgspec

from pisovereign.runner import kernel
from pisovereign.runner.account import Account
from pisovereign.runner.isolation import Isolation, enter
from pisovereign.runner.keeper import EXECUTE_FAILED, start_keeper
from pisovereign.runner.launch import launch
from pisovereign.runner.limits import Limits
from pisovereign.runner.output import Output, Stream
from pisovereign.runner.processes import descendants, end_descendants, threads_of
from pisovereign.runner.types import RunResult, RunStatus

GRACE_S = 2.0  # between SIGTERM and SIGKILL
UNKILLABLE_S = 5.0  # a process that waits for a device cannot be killed; its result is not awaited
LOOK_INTERVAL_S = 0.2
FLOOD = 256  # times the output that is kept; a command that prints more is ended
_CHUNK = 64 * 1024

Reason = Literal["time", "left", "output", "memory", "processes"]
_NOTES: dict[Reason, str] = {
    "output": "ended: it printed without end",
    "memory": "ended: it took too much memory",
    "processes": "ended: it started too many processes",
}


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What is the same for every command of this runner."""

    limits: Limits
    isolation: Isolation
    account: Account
    hidden: tuple[Path, ...] = ()


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be executed: a file and its arguments, the name first."""

    program: str
    argv: tuple[str, ...]
    network: bool
    timeout_s: float


class Execution:
    """Starts the command and watches it; for one use, in a process of its own.

    Args:
        order: the command.
        surroundings: whom it runs as and what it may use.
        connection: the client's, which ends the command by leaving.
    """

    def __init__(self, order: Order, surroundings: Surroundings, connection: socket.socket) -> None:
        self._order = order
        self._surroundings = surroundings
        self._output = Output(surroundings.limits.output_bytes)
        self._report = b""
        self._reason: Reason | None = None
        self._connection = connection
        self._selector = selectors.DefaultSelector()
        self._keeper = 0
        self._kill_at = float("inf")

    def run(self) -> RunResult:
        """Execute.

        Raises:
            OSError: the kernel refuses what was permitted before.
        """
        begun = time.monotonic()
        keeper_end = self._start()
        self._watch(begun + self._order.timeout_s, keeper_end)
        if self._surroundings.isolation == "none":
            end_descendants()
        self._drain()
        return self._result(int((time.monotonic() - begun) * 1000))

    def _start(self) -> int:
        """Start the keeper, and through it the command; returns what tells of the keeper's end."""
        surroundings, order = self._surroundings, self._order
        account, counted = surroundings.account, 3  # this process, the keeper and the command
        namespace = surroundings.isolation != "none"
        if surroundings.isolation != "user-namespace":  # there, only its own are counted
            counted += threads_of(account.uid)
        if namespace:
            account = enter(
                surroundings.isolation,
                account,
                network=order.network,
                hidden=surroundings.hidden,
            )
        else:
            kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
        reading: dict[str, int] = {}
        writing: dict[str, int] = {}
        for name in ("stdout", "stderr", "report"):
            reading[name], writing[name] = os.pipe()
            os.set_blocking(reading[name], False)
            self._selector.register(reading[name], selectors.EVENT_READ, name)

        def become_command() -> NoReturn:
            launch(
                order.program,
                order.argv,
                outputs=(writing["stdout"], writing["stderr"]),
                report=writing["report"],
                account=account,
                limits=surroundings.limits,
                user_processes=counted,
            )

        self._keeper = start_keeper(
            writing["report"], become_command, tuple(reading.values()), namespace=namespace
        )
        for descriptor in writing.values():
            os.close(descriptor)
        self._selector.register(self._connection, selectors.EVENT_READ, "client")
        return os.pidfd_open(self._keeper)

    def _watch(self, deadline: float, keeper_end: int) -> None:
        """Follow the command until everything has ended."""
        self._selector.register(keeper_end, selectors.EVENT_READ, "end")
        look_at, killed = time.monotonic() + LOOK_INTERVAL_S, False
        while True:
            now = time.monotonic()
            if now >= deadline:
                self._end("time")
                deadline = float("inf")
            if now >= self._kill_at:
                if killed:
                    return
                os.kill(self._keeper, signal.SIGKILL)
                killed, self._kill_at = True, now + UNKILLABLE_S
            if now >= look_at:
                self._look()
                look_at = time.monotonic() + LOOK_INTERVAL_S
            wake_at = min(deadline, look_at, self._kill_at)
            for key, _ in self._selector.select(max(0.0, wake_at - time.monotonic())):
                if key.data == "end":
                    os.waitpid(self._keeper, 0)
                    return
                self._handle(key)

    def _handle(self, key: selectors.SelectorKey) -> None:
        if key.data == "client":
            self._selector.unregister(key.fileobj)
            self._end("left")
        elif not self._read(key):
            self._selector.unregister(key.fileobj)

    def _read(self, key: selectors.SelectorKey) -> bool:
        """Read some of what there is; False when there is nothing."""
        try:
            data = os.read(key.fd, _CHUNK)
        except BlockingIOError:
            return False
        if key.data == "report":
            self._report += data
        else:
            stream: Stream = "stdout" if key.data == "stdout" else "stderr"
            self._output.take(stream, data)
            if self._output.seen > FLOOD * self._surroundings.limits.output_bytes:
                self._end("output", at_once=True)
        return bool(data)

    def _look(self) -> None:
        """Count what a limit of the kernel's for each single process does not."""
        tree = descendants(self._keeper)
        limits = self._surroundings.limits
        if sum(process.memory for process in tree) > limits.memory_bytes:
            self._end("memory", at_once=True)
        if len(tree) > limits.processes:
            self._end("processes", at_once=True)

    def _end(self, reason: Reason, *, at_once: bool = False) -> None:
        if self._reason is None:
            self._reason = reason
            self._kill_at = time.monotonic() + (0.0 if at_once else GRACE_S)
            os.kill(self._keeper, signal.SIGTERM)

    def _drain(self) -> None:
        """Take what is still in the pipes; nobody writes any more."""
        for key in list(self._selector.get_map().values()):
            if key.data in ("stdout", "stderr", "report"):
                while self._read(key):
                    pass

    def _result(self, duration_ms: int) -> RunResult:
        status, exit_code, note = self._outcome()
        stderr = self._output.text("stderr")
        if note:
            stderr += f"\n{note}" if stderr and not stderr.endswith("\n") else note
        return RunResult(
            status=status,
            exit_code=exit_code,
            stdout=self._output.text("stdout"),
            stderr=stderr,
            truncated=self._output.truncated,
            duration_ms=duration_ms,
        )

    def _outcome(self) -> tuple[RunStatus, int | None, str]:
        if self._reason == "time":
            return "timed_out", None, ""
        if self._reason is not None:
            return "failed", None, _NOTES.get(self._reason, "ended: the client left")
        kind, number = self._report[:1], self._report[1:]
        if kind == EXECUTE_FAILED:
            errno = int(number.partition(b"S")[0])
            return "failed", None, f"{self._order.argv[0]}: {os.strerror(errno)}"
        if not number:
            return "failed", None, "ended: its keeper was killed"
        code = os.waitstatus_to_exitcode(int(number))
        return "completed" if code == 0 else "failed", code if code >= 0 else 128 - code, ""
