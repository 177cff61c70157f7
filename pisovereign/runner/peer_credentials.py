"""Who is at the other end of a UNIX socket, as the kernel knows it."""

from __future__ import annotations

import socket
import struct

_UCRED = struct.Struct("3i")


def peer(connection: socket.socket) -> int:
    """The id of the user who connected."""
    data = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    uid: int = _UCRED.unpack(data)[1]
    return uid
