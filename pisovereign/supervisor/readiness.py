"""Whether the API is ready, asked with a socket alone: an HTTP client takes megabytes."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

_LIMIT_S = 2.0
_STATUS_BYTES = 12


def is_ready(url: str) -> bool:
    """Return whether the program at `url`, which is an address of this machine, is ready."""
    parts = urlsplit(url)
    asked = f"GET /ready HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection((parts.hostname, parts.port), _LIMIT_S) as channel:
            channel.sendall(asked.encode())
            said = channel.recv(_STATUS_BYTES, socket.MSG_WAITALL)
    except OSError:
        return False
    return said.partition(b" ")[2] == b"200"
