"""Signs of life of engines, which their keeper passes on to systemd."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LONGEST = 64
_CREDENTIALS = struct.Struct("3i")  # process, user and group, as the kernel knows them
_MOST = 64


class EngineSigns:
    """Reads what processes say to a socket of ours, as if we were systemd.

    Args:
        inbox: the socket.
        path: where it is.
    """

    def __init__(self, inbox: socket.socket, path: Path) -> None:
        self._inbox = inbox
        self._path = path
        inbox.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        inbox.setblocking(False)

    def environment(self, watchdog_s: float) -> dict[str, str]:
        """Return the variables with which an engine gives signs of life.

        Args:
            watchdog_s: the time in which one is expected; 0: none is.
        """
        return {"NOTIFY_SOCKET": str(self._path), "WATCHDOG_USEC": str(int(watchdog_s * 1e6))}

    def alive(self) -> set[int]:
        """Return the ids of processes that have given a sign since this was asked last."""
        found = set()
        for _ in range(_MOST):
            try:
                words, extra, _, _ = self._inbox.recvmsg(
                    _LONGEST, socket.CMSG_SPACE(_CREDENTIALS.size)
                )
            except BlockingIOError:
                break
            for level, kind, data in extra:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS) and (
                    words == b"WATCHDOG=1"
                ):
                    found.add(_CREDENTIALS.unpack(data)[0])
        return found


@contextmanager
def engine_signs(path: Path) -> Iterator[EngineSigns]:
    """Listen at a path, and remove the socket afterwards."""
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as inbox:
        inbox.bind(str(path))
        path.chmod(0o600)
        try:
            yield EngineSigns(inbox, path)
        finally:
            path.unlink(missing_ok=True)
