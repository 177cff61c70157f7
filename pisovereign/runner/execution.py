"""One command from its start to the end of everything that it started."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import time
from typing import Literal

from pisovereign.runner.command_spec import CommandSpec, ExecutionContext
from pisovereign.runner.init_process import EXECUTE_FAILED, FOLDERS_FAILED
from pisovereign.runner.launch import PreparedCommand
from pisovereign.runner.output import Output, Stream
from pisovereign.runner.processes import descendants, kill_descendants
from pisovereign.runner.types import RunResult, RunStatus, encode_line

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


class Execution:
    """Runs one command and watches it; for one use, in a process of its own.

    Args:
        spec: the command.
        prepared: what waits for it.
        context: what it may use.
        connection: the client's, which ends the command by leaving.
    """

    def __init__(
        self,
        spec: CommandSpec,
        prepared: PreparedCommand,
        context: ExecutionContext,
        connection: socket.socket,
    ) -> None:
        self._spec = spec
        self._prepared = prepared
        self._context = context
        self._output = Output(context.limits.output_bytes)
        self._report = b""
        self._reason: Reason | None = None
        self._selector = selectors.DefaultSelector()
        self._kill_at = float("inf")
        for name, file in (
            ("stdout", prepared.stdout),
            ("stderr", prepared.stderr),
            ("report", prepared.report),
            ("end", prepared.init_pidfd),
            ("client", connection),
        ):
            self._selector.register(file, selectors.EVENT_READ, name)

    def run(self) -> RunResult:
        """Execute the command.

        Raises:
            OSError: the process that waited for the specification is gone.
        """
        begun = time.monotonic()
        with os.fdopen(self._prepared.specs, "wb") as specs:
            specs.write(encode_line(self._spec))
        self._watch(begun + self._spec.timeout_s)
        if self._context.isolation == "none":
            kill_descendants()
        self._drain()
        return self._result(int((time.monotonic() - begun) * 1000))

    def _watch(self, deadline: float) -> None:
        """Follow the command until everything has ended."""
        look_at, killed = time.monotonic() + LOOK_INTERVAL_S, False
        while True:
            now = time.monotonic()
            if now >= deadline:
                self._end("time")
                deadline = float("inf")
            if now >= self._kill_at:
                if killed:
                    return
                os.kill(self._prepared.init, signal.SIGKILL)
                killed, self._kill_at = True, now + UNKILLABLE_S
            if now >= look_at:
                self._look()
                look_at = time.monotonic() + LOOK_INTERVAL_S
            wake_at = min(deadline, look_at, self._kill_at)
            for key, _ in self._selector.select(max(0.0, wake_at - time.monotonic())):
                if key.data == "end":
                    os.waitpid(self._prepared.init, 0)
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
            if self._output.seen > FLOOD * self._context.limits.output_bytes:
                self._end("output", at_once=True)
        return bool(data)

    def _look(self) -> None:
        """Count what a limit of the kernel's for each single process does not."""
        tree = descendants(self._prepared.init)
        limits = self._context.limits
        if sum(process.memory for process in tree) > limits.memory_bytes:
            self._end("memory", at_once=True)
        if len(tree) > limits.processes:
            self._end("processes", at_once=True)

    def _end(self, reason: Reason, *, at_once: bool = False) -> None:
        if self._reason is None:
            self._reason = reason
            self._kill_at = time.monotonic() + (0.0 if at_once else GRACE_S)
            os.kill(self._prepared.init, signal.SIGTERM)

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
        if kind in (EXECUTE_FAILED, FOLDERS_FAILED):
            errno = int(number.partition(b"S")[0])
            what = self._spec.argv[0] if kind == EXECUTE_FAILED else "a folder that it was to see"
            return "failed", None, f"{what}: {os.strerror(errno)}"
        if not number:
            return "failed", None, "ended: its parent process was killed"
        code = os.waitstatus_to_exitcode(int(number))
        return "completed" if code == 0 else "failed", code if code >= 0 else 128 - code, ""
