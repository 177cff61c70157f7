"""Programs started as systemd starts a service."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.patience import PATIENCE_S
from tests.support.server import clean_environment

# Sockets become descriptors 3 and up, and the process's own id stands in its environment.
_AS_SYSTEMD = """
import os, sys
count = int(sys.argv[1])
for i, given in enumerate(sys.argv[2:2 + count]):
    os.dup2(int(given), 3 + i)
own = str(os.getpid())
if count:
    os.environ.update(LISTEN_FDS=str(count), LISTEN_PID=own)
os.environ.update(WATCHDOG_PID=own)
command = sys.argv[2 + count:]
os.execv(command[0], command)
"""
_LOOK_S = 0.5
_FIRST_FREE = 20  # descriptors that the copies above cannot overwrite


class Service:
    """A process with a socket to report to, a watchdog and, if given, sockets to listen on."""

    def __init__(
        self,
        argv: Sequence[str],
        environment: Mapping[str, str],
        *,
        watchdog_s: float = 1.0,
        sockets: Sequence[socket.socket] = (),
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="pisov-notify-")
        self._inbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        address = str(Path(self._folder.name) / "notify")
        self._inbox.bind(address)
        self.log_path = Path(self._folder.name) / "log"
        given = [_duplicate(sock) for sock in sockets]
        report = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": str(int(watchdog_s * 1e6))}
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _AS_SYSTEMD, str(len(given)), *map(str, given), *argv],
                env=clean_environment(report | dict(environment)),
                pass_fds=given,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        for descriptor in given:
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE_S)
        self._inbox.close()
        self._folder.cleanup()

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def hear(self, limit_s: float) -> str | None:
        """The next thing it reports, None if that takes longer."""
        self._inbox.settimeout(limit_s)
        try:
            return self._inbox.recv(4096).decode()
        except TimeoutError:
            return None

    def expect(self, words: str, limit_s: float) -> None:
        """Wait for a report."""
        deadline = time.monotonic() + limit_s
        while (left := deadline - time.monotonic()) > 0:
            if self.hear(min(left, _LOOK_S)) == words:
                return
            assert self.process.poll() is None, self.log()
        raise AssertionError(f"no {words} within {limit_s:g} s\n{self.log()}")

    def forget(self) -> None:
        """Drop what was reported so far."""
        while self.hear(0.001) is not None:
            pass

    def stop(self, limit_s: float = PATIENCE_S) -> int:
        """SIGTERM; returns the status."""
        self.process.terminate()
        return self.process.wait(limit_s)


def _duplicate(sock: socket.socket) -> int:
    return fcntl.fcntl(sock.fileno(), fcntl.F_DUPFD, _FIRST_FREE)
