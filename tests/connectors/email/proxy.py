"""A proxy that breaks a connection after so many bytes of one of its directions."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Literal

from tests.support.loopback import end_listening

Direction = Literal["to_server", "to_client"]


class BreakingProxy:
    """Passes bytes on to a port on loopback.

    Args:
        target: That port.
        direction: Whose bytes are counted.
        after: How many pass.

    Attributes:
        passed: How many did, in each direction.
    """

    def __init__(self, target: int, direction: Direction, after: int) -> None:
        self._target = target
        self._direction = direction
        self._after = after
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.passed: dict[Direction, int] = {"to_server": 0, "to_client": 0}

    def __enter__(self) -> BreakingProxy:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        end_listening(self._listening)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                for name, source, sink in (
                    ("to_server", client, server),
                    ("to_client", server, client),
                ):
                    threading.Thread(
                        target=self._pass_on, args=(name, source, sink), daemon=True
                    ).start()

    def _pass_on(self, name: Direction, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if name == self._direction:
                    data = data[: self._after - self.passed[name]]
                self.passed[name] += len(data)
                sink.sendall(data)
                if name == self._direction and self.passed[name] >= self._after:
                    break
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
