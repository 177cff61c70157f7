"""A server on loopback that says what a test tells it to, with TLS."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from types import TracebackType

from tests.connectors.email.certificates import Certificates
from tests.support.loopback import end_listening

Script = Callable[[ssl.SSLSocket], None]


class Scripted:
    """Runs `script` for each connection, in a thread of its own.

    Attributes:
        connections: How many there were.
    """

    def __init__(self, certificates: Certificates, script: Script) -> None:
        self._script = script
        self._context = certificates.server_context()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.port: int = self._listening.getsockname()[1]
        self.connections = 0

    def __enter__(self) -> Scripted:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        end_listening(self._listening)
        for connection in self._open:
            connection.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            encrypted = self._context.wrap_socket(connection, server_side=True)
            self._open.append(encrypted)
            self._script(encrypted)
            encrypted.close()


def line(connection: ssl.SSLSocket) -> bytes:
    """The next line from the client, without its end; empty when it left."""
    data = b""
    while not data.endswith(b"\n"):
        piece = connection.recv(1)
        if not piece:
            return b""
        data += piece
    return data.strip()


def imap_server(fetched: bytes, *, exists: int = 1) -> Script:
    """An IMAP server that lets everybody in and answers each FETCH with `fetched`."""

    def script(connection: ssl.SSLSocket) -> None:
        connection.sendall(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n")
        while said := line(connection):
            tag, command = said.split(b" ", 1)
            verb = command.split(b" ", 1)[0].upper()
            untagged = {
                b"CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n",
                b"AUTHENTICATE": b"",
                b"STATUS": b"* STATUS INBOX (UNSEEN 1)\r\n",
                b"EXAMINE": b"* %d EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n" % exists,
                b"FETCH": fetched,
                b"LIST": b"",
            }.get(verb, b"")
            if verb == b"AUTHENTICATE":
                connection.sendall(b"+ \r\n")
                line(connection)
            connection.sendall(untagged + tag + b" OK done\r\n")

    return script
