"""The socket of the engine that comes next, until it takes the name of the present one's."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path

from pisovereign.process.unix_socket import bound

_BACKLOG = 2048


class NextSocket:
    """Makes sockets beside the one that clients know.

    Args:
        known: the path that clients know.
        name: the file's name until then.
        group: whether its group may connect too.
    """

    def __init__(self, known: Path, name: str, *, group: bool) -> None:
        self._known = known
        self._path = known.with_name(name)
        self._group = group

    def listen(self) -> socket.socket:
        """Return a socket that nobody knows yet; who connects waits until somebody reads from it.

        Raises:
            StartError: it cannot be made.
        """
        self.remove()
        listener = bound(self._path, group=self._group)
        listener.listen(_BACKLOG)
        return listener

    def take_name(self) -> None:
        """Let clients find it, in one step, instead of the present one."""
        self._path.rename(self._known)

    def remove(self) -> None:
        """Remove it, if it never got the name."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
