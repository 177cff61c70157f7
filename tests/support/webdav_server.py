"""WsgiDAV, a WebDAV server of others, on the loopback; what is sent to it can be held up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from cheroot.wsgi import Server
from wsgidav.fs_dav_provider import FilesystemProvider
from wsgidav.wsgidav_app import WsgiDAVApp

USER, PASSWORD = "ada", "a word for one program"
_HELD_S = 120.0


class WebdavServer:
    """A folder as a WebDAV server shows it.

    Attributes:
        root: The folder.
        held: While it is not set, what is sent waits after its first piece.
        begun: Is set when something that is sent begins to arrive.
        refused: The methods that are answered with 507, as if the disk were full.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.held, self.begun = threading.Event(), threading.Event()
        self.held.set()
        self.refused: set[str] = set()
        self._app = WsgiDAVApp(
            {
                "provider_mapping": {"/": FilesystemProvider(str(root))},
                "simple_dc": {"user_mapping": {"*": {USER: {"password": PASSWORD}}}},
                "http_authenticator": {
                    "accept_basic": True,
                    "accept_digest": False,
                    "default_to_digest": False,
                },
                "dir_browser": {"enable": False},
                "logging": {"enable": False},
                "verbose": 0,
            }
        )
        self._server = Server(("127.0.0.1", 0), self._answer, numthreads=4)

    def __enter__(self) -> WebdavServer:
        self._server.prepare()
        threading.Thread(target=self._server.serve, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.bind_addr[1]}"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.held.set()
        self._server.stop()

    def _answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method in self.refused:
            start("507 Insufficient Storage", [("Content-Length", "0")])
            return [b""]
        if method == "PUT":
            environ["wsgi.input"] = _HeldInput(environ["wsgi.input"], self)
        answer: Iterable[bytes] = self._app(environ, start)
        return answer


class _HeldInput:
    """A body whose reader waits while the server is told to."""

    def __init__(self, body: Any, server: WebdavServer) -> None:
        self._body = body
        self._server = server

    def read(self, size: int = -1) -> bytes:
        piece: bytes = self._body.read(min(size, 1024) if size > 0 else 1024)
        self._server.begun.set()
        self._server.held.wait(_HELD_S)
        return piece
