"""What a connection to a mailbox leaves behind."""

from __future__ import annotations

import re
import socket
import threading

from pisovereign.connectors.email.imap import _BoundedImap


def connect() -> None:
    """Connect to a server that greets, and leave it."""
    ours, theirs = socket.socketpair()

    def serve() -> None:
        with theirs, theirs.makefile("rb") as lines:
            theirs.sendall(b"* PREAUTH [CAPABILITY IMAP4rev1] ready\r\n")
            for line in lines:
                tag = line.split()[0]
                theirs.sendall(b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK done\r\n")

    thread = threading.Thread(target=serve)
    thread.start()
    client = _BoundedImap("mail.example.org", 143, ours, 4096)
    client.noop()
    client.shutdown()
    thread.join()


def test_a_connection_leaves_no_pattern_behind() -> None:
    connect()
    before = len(re._cache)  # type: ignore[attr-defined]
    for _ in range(3):
        connect()
    assert len(re._cache) == before  # type: ignore[attr-defined]
