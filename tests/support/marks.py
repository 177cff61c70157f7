"""Commands that leave a mark, and a server that counts them: a command writes nowhere else."""

from __future__ import annotations

import json
import shutil
import socketserver
import uuid
from collections import Counter
from typing import Any

import psycopg

from tests.support.loopback import FREE_PORT, Loopback
from tests.support.server import ALICE, Server

_CODE = """
import socket, sys, time
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as marks:
    marks.sendall(sys.argv[2].encode() + b"\\n")
    marks.recv(1)
time.sleep(float(sys.argv[3]))
print(sys.argv[2])
"""


class Marks(Loopback):
    """Counts marks; each says that a command had begun.

    Attributes:
        counts: How often each came.
        port: It stands in the command line of each command.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        counts = self.counts

        class Handler(socketserver.StreamRequestHandler):
            timeout = 30

            def handle(self) -> None:
                mark = self.rfile.readline(200)
                if mark.endswith(b"\n"):
                    counts[mark.decode().strip()] += 1
                    self.wfile.write(b"k")

        server = socketserver.ThreadingTCPServer(FREE_PORT, Handler)
        server.daemon_threads = True
        super().__init__(server)

    def add_command(self, server: Server) -> str:
        """Add a command with the arguments `mark` and `seconds`, how long it stays afterwards.

        By hand: the catalog takes no interpreter. Returns its id.
        """
        command = f"mark-{uuid.uuid4()}"
        python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
        assert python
        argv: list[Any] = [python, "-I", "-S", "-c", _CODE, str(self.port)]
        argv += [{"name": name, "kind": "word", "bound": ""} for name in ("mark", "seconds")]
        with psycopg.connect(server.owner_dsn()) as connection:
            connection.execute(
                "INSERT INTO catalog_commands (id, user_id, name, description, command, argv,"
                " category, risk_level, os, requires_approval, network)"
                " VALUES (%s, %s, 'Mark', '', 'mark', %s, 'test', 'safe', 'linux', true, true)",
                (command, ALICE, json.dumps(argv)),
            )
        return command
