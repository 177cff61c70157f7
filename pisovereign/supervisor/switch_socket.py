"""The socket on which the API asks for another model."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from pisovereign.engine_client.switching import EngineState, SwitchReply, SwitchRequest
from pisovereign.process.line_socket import LineSocket
from pisovereign.process.unix_socket import listening
from pisovereign.supervisor.engine_keeper import SwitchRefused


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
        self._use = use
        self._state = state
        self._lines = LineSocket(listener, lambda line: msgspec.json.encode(self._reply(line)))

    def tend(self) -> None:
        """Answer those who have connected; called a few times a second."""
        self._lines.tend()

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
