"""A program that is talked to: what its client sends is its input, what it says comes in frames."""

from __future__ import annotations

import os
import selectors
import socket

from pisovereign.runner.command_spec import CommandSpec, ExecutionContext
from pisovereign.runner.execution import Execution
from pisovereign.runner.frames import ENDED, FRAME, SAID
from pisovereign.runner.launch import PreparedCommand
from pisovereign.runner.types import encode_line

MOST_WAITING = 1024 * 1024
"""So much waits in each direction; then the one who sends has to wait, too."""
_CHUNK = 64 * 1024
_SEND_S = 5.0


class SessionRun(Execution):
    """Runs one program while its client talks to it; for one use, in a process of its own.

    Args:
        spec: the program.
        prepared: what waits for it.
        context: what it may use.
        connection: the client's, which ends the program by leaving.
    """

    def __init__(
        self,
        spec: CommandSpec,
        prepared: PreparedCommand,
        context: ExecutionContext,
        connection: socket.socket,
    ) -> None:
        super().__init__(spec, prepared, context, connection)
        connection.setblocking(False)
        self._connection = connection
        self._stdin: int | None = prepared.stdin
        self._to_client = bytearray()
        self._to_program = bytearray()
        self._left = False
        self._silent = False

    def talk(self) -> None:
        """Run it to its end, and tell the client how it ended."""
        result = self.run()
        if self._left:
            return
        text = encode_line(result)
        self._connection.settimeout(_SEND_S)
        try:
            self._connection.sendall(self._to_client + FRAME.pack(ENDED, len(text)) + text)
        except (TimeoutError, OSError):
            return

    def _handle(self, key: selectors.SelectorKey) -> None:
        if key.data == "client":
            self._exchange()
        elif key.data == "stdin":
            self._write()
        elif not self._read(key):
            self._selector.unregister(key.fileobj)
            self._silent |= key.data == "stdout"
        self._watch_for()

    def _read(self, key: selectors.SelectorKey) -> bool:
        if key.data != "stdout":
            return super()._read(key)
        try:
            data = os.read(key.fd, _CHUNK)
        except BlockingIOError:
            return False
        if data:
            self._to_client += FRAME.pack(SAID, len(data)) + data
        return bool(data)

    def _exchange(self) -> None:
        """Send and take what can be without waiting."""
        try:
            if self._to_client:
                sent = self._connection.send(self._to_client)
                del self._to_client[:sent]
            if len(self._to_program) < MOST_WAITING:
                data = self._connection.recv(_CHUNK)
                self._to_program += data
                self._left = not data
        except BlockingIOError:
            return
        except OSError:
            self._left = True
        if self._left:
            self._end("left")

    def _write(self) -> None:
        assert self._stdin is not None
        try:
            written = os.write(self._stdin, self._to_program)
            del self._to_program[:written]
        except BlockingIOError:
            return
        except OSError:  # it reads no more
            self._watch_file(self._stdin, 0, "stdin")
            os.close(self._stdin)
            self._stdin = None
            self._to_program.clear()

    def _watch_for(self) -> None:
        """Wait for what there is room for."""
        read, write = selectors.EVENT_READ, selectors.EVENT_WRITE
        client = read if len(self._to_program) < MOST_WAITING else 0
        client |= write if self._to_client else 0
        self._watch_file(self._connection, 0 if self._left else client, "client")
        if self._stdin is not None:
            self._watch_file(self._stdin, write if self._to_program else 0, "stdin")
        if not self._silent:
            room = len(self._to_client) < MOST_WAITING
            self._watch_file(self._prepared.stdout, read if room else 0, "stdout")

    def _watch_file(self, file: socket.socket | int, events: int, name: str) -> None:
        known = self._selector.get_map().get(file)
        if known is None and events:
            self._selector.register(file, events, name)
        elif known is not None and not events:
            self._selector.unregister(file)
        elif known is not None and known.events != events:
            self._selector.modify(file, events, name)
