"""One process of the engine, and what it says about its start."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence

from pisovereign.process.priority import MOST_EXPENDABLE, set_kill_order

_LONGEST_REPORT = 4096


def how_it_ended(code: int) -> str:
    """Say how a process ended, from its return code."""
    return f"it ended with {signal.Signals(-code).name if code < 0 else code}"


class EngineProcess:
    """An engine, from its start to its end.

    Args:
        argv: its command line.
        environment: its environment; None: this process's own.
        listener: a socket that it is to serve; None: it makes its own.
        expendable: let the kernel end it before anything else when memory is short, until
            `keep` is called.
    """

    def __init__(
        self,
        argv: Sequence[str],
        environment: Mapping[str, str] | None,
        *,
        listener: socket.socket | None = None,
        expendable: bool = False,
    ) -> None:
        self.started = time.monotonic()
        self._report, report = os.pipe()
        os.set_blocking(self._report, False)
        passed = [report] if listener is None else [report, listener.fileno()]
        also = [] if listener is None else [f"--socket-fd={listener.fileno()}"]
        try:
            self._process = subprocess.Popen(
                [*argv, f"--report-fd={report}", *also],
                env=environment,
                pass_fds=passed,
                start_new_session=True,
            )
        except OSError:
            os.close(self._report)
            raise
        finally:
            os.close(report)
        self._said: str | None = None
        self._heard = b""
        self._usual = set_kill_order(self.pid, MOST_EXPENDABLE) if expendable else None

    @property
    def pid(self) -> int:
        """Return its process id."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """Return how it ended; None: it runs."""
        return self._process.poll()

    def report(self) -> str | None:
        """Return why it serves nobody, in one line; empty: it serves; None: it has not said yet."""
        if self._said is None and self._report >= 0:
            self._listen()
        return self._said

    def until_it_serves(self, limit_s: float) -> Generator[None, None, str]:
        """Wait for its report, from one look to the next, and return it.

        Args:
            limit_s: how long it may take to load the model, in seconds.
        """
        while (said := self.report()) is None:
            if time.monotonic() - self.started > limit_s:
                return f"it was not loaded within {limit_s:g} s"
            yield
        return said

    def keep(self) -> None:
        """Take back that it is expendable."""
        if self._usual is not None:
            set_kill_order(self.pid, self._usual)
            self._usual = None

    def retire(self) -> None:
        """Have it end once it has answered all its clients; at once if it never had any."""
        self._signal(signal.SIGUSR1 if self.report() == "" else signal.SIGTERM)

    def ask_to_stop(self) -> None:
        """Ask it to end soon."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it now."""
        self._signal(signal.SIGKILL)
        self._process.wait()

    def wait_stopped(self, limit_s: float) -> None:
        """Wait for its end, and enforce it after `limit_s`."""
        try:
            self._process.wait(limit_s)
        except subprocess.TimeoutExpired:
            self.kill()

    def close(self) -> None:
        """Listen to it no more."""
        if self._report >= 0:
            os.close(self._report)
            self._report = -1

    def _signal(self, number: signal.Signals) -> None:
        if self._process.poll() is None:
            self._process.send_signal(number)

    def _listen(self) -> None:
        try:
            piece = os.read(self._report, _LONGEST_REPORT)
        except BlockingIOError:
            return
        self._heard += piece
        line, newline, _ = self._heard.partition(b"\n")
        if newline:
            self._said = line.decode(errors="replace")
        elif not piece:
            # Its end of the pipe is closed: it is ending, or has ended.
            self._said = how_it_ended(self._process.wait())
        if self._said is not None:
            self.close()
