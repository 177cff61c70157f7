"""A shell inside the machine, which the image itself does not have.

systemd takes units from credentials, and credentials from the kernel's command line. So the image
that is tested is, byte for byte, the one that is published: no password, no SSH, no test account.
"""

from __future__ import annotations

import base64
import socket
import time
from collections.abc import Callable
from pathlib import Path

PORT = "/dev/virtio-ports/boot-test"
UNIT = """\
[Unit]
Description=Shell for the boot test
DefaultDependencies=no
After=local-fs.target
StartLimitIntervalSec=0
[Service]
ExecStart=/bin/sh -c "stty -F {0} raw -echo 2>/dev/null; exec /bin/sh <>{0} >&0 2>&1"
Restart=always
RestartSec=1
"""
WANTS = "[Unit]\nWants=boot-test.service\n"
# An emulator on a busy machine takes ten times as long as a board. And measuring which settings of
# the engine are fastest says nothing there.
SLOW = """\
[Service]
TimeoutStartSec=900
WatchdogSec=0
Environment=PISOVEREIGN_ENGINE__TUNE=false
"""
GIVEN = {
    "systemd.unit-dropin.sysinit.target": WANTS,
    "systemd.unit-dropin.pisovereign.service": SLOW,
    "systemd.unit-dropin.pisovereign-.service": SLOW,
}
BEGIN, END = "<<begin", "<<end"
PAUSE_S = 0.5


def credentials(port: str = PORT) -> str:
    """Return what to add to the kernel's command line, which hands all of it over.

    Args:
        port: the machine's serial port that the shell is at.
    """
    given = GIVEN | {"systemd.extra-unit.boot-test.service": UNIT.replace("{0}", port)}
    packed = ((name, base64.b64encode(text.encode()).decode()) for name, text in given.items())
    return " ".join(f"systemd.set_credential_binary={name}:{text}" for name, text in packed)


class NoAnswer(TimeoutError):
    """The shell did not answer in time."""


class Probe:
    """Sends commands and reads what they print.

    Args:
        path: the socket of the machine's serial port, or where it listens.
        alive: tells whether the machine is still on.
    """

    def __init__(self, path: Path | socket.socket, alive: Callable[[], bool]) -> None:
        self._path = path
        self._alive = alive
        self._socket = path if isinstance(path, socket.socket) else None
        self._count = 0

    def wait(self, limit_s: float) -> None:
        """Wait until the shell answers.

        Raises:
            NoAnswer: it did not within `limit_s`.
        """
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            try:
                self.run("true", 5)
            except OSError:
                if not self._alive():
                    raise NoAnswer("the emulator ended: see its log") from None
                time.sleep(PAUSE_S)
            else:
                return
        raise NoAnswer(f"no shell within {limit_s:g} s")

    def run(self, command: str, limit_s: float = 60) -> str:
        """Return what a command prints, on both streams.

        Raises:
            NoAnswer: it did not end within `limit_s`.
        """
        self._count += 1
        begin, end = f"{BEGIN} {self._count}>>", f"{END} {self._count}>>"
        text = f"echo '{begin}'; {command}; echo '{end}'\n"
        connection = self._connected()
        connection.sendall(text.encode())
        received, stop = "", time.monotonic() + limit_s
        while end not in received:
            connection.settimeout(max(0.01, stop - time.monotonic()))
            try:
                chunk = connection.recv(65536)
            except TimeoutError:
                raise NoAnswer(command) from None
            if not chunk or time.monotonic() > stop:
                raise NoAnswer(command)
            received += chunk.decode(errors="replace").replace("\r", "")
        return received.partition(begin)[2].partition(end)[0].strip("\n")

    def _connected(self) -> socket.socket:
        if self._socket is None:
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(str(self._path))
            self._socket = connection
        return self._socket
