"""The ports of the API, which belong to the process that starts it.

So they outlive it: who connects while the API is started again waits for it, and is not refused.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import time
from collections.abc import Iterator

from pisovereign.config import Config
from pisovereign.errors import StartError

_WAIT_S = 5.0  # a server that was just killed may still hold one for a moment
_LOOK_S = 0.1


@contextlib.contextmanager
def held_ports(config: Config) -> Iterator[list[socket.socket]]:
    """Bind the sockets of the API; it begins to listen on them itself, once it can answer.

    Raises:
        StartError: another program has a port: clients would mistake it for this one.
    """
    with contextlib.ExitStack() as stack:
        server = config.server
        ports = [(server.port, "server.port")]
        if config.tls.mode != "off":
            ports.append((config.tls.port, "tls.port"))
        yield [stack.enter_context(_bound(server.host, *each)) for each in ports]


def _bound(host: str, port: int, setting: str) -> socket.socket:
    deadline = time.monotonic() + _WAIT_S
    while True:
        sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((host, port))
        except OSError as error:
            sock.close()
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise StartError(
                    f"cannot listen on {host} port {port}: {error.strerror};"
                    f" choose another {setting} or server.host"
                ) from None
        else:
            return sock
        time.sleep(_LOOK_S)
