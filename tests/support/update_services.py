"""What is around an API that can be updated: root's program at its socket, and a file server."""

from __future__ import annotations

import getpass
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.support.api_process import ApiProcess
from tests.support.loopback import FREE_PORT, Loopback
from tests.support.server import Server, clean_environment
from tests.support.update_board import SimulatedBoard


@contextmanager
def updater(root: Path, path: Path) -> Iterator[list[str]]:
    """Start root's program for each connection, as systemd does; yields what it complains about."""
    said: list[str] = []
    program = [sys.executable, "-m", "pisovereign.updates.program", "--root", str(root)]
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    done = subprocess.run(
                        [*program, "serve", f"--allow-user={getpass.getuser()}"],
                        stdin=connection.fileno(),
                        stderr=subprocess.PIPE,
                        env=clean_environment({}),
                        text=True,
                        check=False,
                    )
                said.append(done.stderr)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield said
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(120)


class _Parts(SimpleHTTPRequestHandler):
    """Gives parts of files, which Python's own handler does not."""

    def do_GET(self) -> None:
        """Answer with a file, or with the part of it that is asked for."""
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        data, wanted = path.read_bytes(), self.headers.get("Range", "")
        found = re.fullmatch(r"bytes=(\d+)-(\d+)", wanted)
        part = data[int(found[1]) : int(found[2]) + 1] if found else data
        self.send_response(206 if found else 200)
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def files(folder: Path) -> Loopback:
    """Serve a folder while a block runs."""
    return Loopback(ThreadingHTTPServer(FREE_PORT, partial(_Parts, directory=str(folder))))


class Appliance:
    """A machine, its program for updates, and where updates come from."""

    def __init__(self, folder: Path, server: Server) -> None:
        self._server = server
        self._held = ExitStack()
        self.machine = SimulatedBoard(folder / "machine")
        self.web, self.stick = folder / "web", folder / "media" / "stick"
        self.web.mkdir()
        self.stick.mkdir(parents=True)
        self.socket = folder / "update.sock"
        self.said = self._held.enter_context(updater(self.machine.root, self.socket))
        self.address = self._held.enter_context(files(self.web)).url

    def __enter__(self) -> Appliance:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def api(self, **settings: str) -> ApiProcess:
        """The API of this machine, to be started."""
        own = {
            "PISOVEREIGN_UPDATES__SOCKET": str(self.socket),
            "PISOVEREIGN_UPDATES__ROOT": str(self.machine.root),
            "PISOVEREIGN_UPDATES__ADDRESS": f"{self.address}/pisovereign.notice",
            "PISOVEREIGN_UPDATES__MEDIA_FOLDER": str(self.stick.parent),
        }
        return ApiProcess(self._server, **(own | settings))
