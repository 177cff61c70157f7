"""The socket on which the API asks for another model."""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from pisovereign.engine_client.switching import (
    LINE_LIMIT,
    EngineState,
    SwitchReply,
    SwitchRequest,
)
from pisovereign.process.unix_socket import listening
from pisovereign.supervisor.engine_keeper import SwitchRefused

_log = logging.getLogger(__name__)
# Clients are programs of this installation, which send their line at once.
_CLIENT_S = 0.5
_BACKLOG = 16


class SwitchSocket:
    """Answers requests on the thread of the loop that looks after the processes.

    Args:
        listener: the socket.
        use: begins to exchange the model, or raises SwitchRefused.
        state: tells the state.
    """

    def __init__(
        self,
        listener: socket.socket,
        use: Callable[[str], None],
        state: Callable[[], EngineState],
    ) -> None:
        self._listener = listener
        self._use = use
        self._state = state
        listener.listen(_BACKLOG)
        listener.setblocking(False)

    def tend(self) -> None:
        """Answer those who have connected; called a few times a second."""
        for _ in range(_BACKLOG):
            try:
                client, _ = self._listener.accept()
            except BlockingIOError:
                return
            except OSError as error:
                _log.warning("a request for another model was lost: %s", error.strerror)
                return
            with client, contextlib.suppress(OSError):  # it left, or never said what it wants
                client.settimeout(_CLIENT_S)
                client.sendall(msgspec.json.encode(self._reply(_line(client))) + b"\n")

    def _reply(self, line: bytes) -> SwitchReply:
        try:
            request = msgspec.json.decode(line, type=SwitchRequest)
            if request.model is not None:
                self._use(request.model)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            return SwitchReply(refusal=f"the request cannot be read: {error}")
        except SwitchRefused as refused:
            return SwitchReply(refusal=str(refused))
        return SwitchReply(self._state())


@contextlib.contextmanager
def switch_socket_at(
    path: Path,
    use: Callable[[str], None],
    state: Callable[[], EngineState],
    *,
    group: bool = False,
) -> Iterator[SwitchSocket]:
    """Listen at a path, and remove the socket afterwards.

    Raises:
        StartError: it cannot be had.
    """
    with listening(path, group=group) as listener:
        yield SwitchSocket(listener, use, state)


def _line(client: socket.socket) -> bytes:
    data = b""
    while b"\n" not in data and len(data) < LINE_LIMIT:
        piece = client.recv(LINE_LIMIT)
        if not piece:
            break
        data += piece
    return data
