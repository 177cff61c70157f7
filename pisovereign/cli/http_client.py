"""HTTP for the command line, with what Python itself brings.

A client with an event loop takes longer to import than a command takes to be answered. Each request
has a connection of its own, so none is kept that the server has closed meanwhile.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from urllib.parse import urlencode, urlsplit

import msgspec

from pisovereign.cli.output import NoAnswer
from pisovereign.errors import StartError

CONNECT_S = 5.0
READ_S = 120.0
"""The longest pause between two parts of an answer."""
_PIECE = 64 * 1024


class Response:
    """An answer whose body is read as it comes."""

    def __init__(self, raw: http.client.HTTPResponse, url: str) -> None:
        self._raw = raw
        self._url = url

    @property
    def status(self) -> int:
        """Return the status code."""
        return self._raw.status

    @property
    def content_type(self) -> str:
        """Return the type of the body, without its parameters."""
        return self._raw.headers.get_content_type()

    @property
    def location(self) -> str:
        """Return where a redirection leads; empty: nowhere."""
        return self._raw.headers.get("Location", "")

    def read(self) -> bytes:
        """Return the whole body.

        Raises:
            NoAnswer: The connection broke.
        """
        with _told(self._url):
            return self._raw.read()

    def pieces(self) -> Iterator[bytes]:
        """Yield the body in pieces, as they come.

        Raises:
            NoAnswer: The connection broke.
        """
        while True:
            with _told(self._url):
                piece = self._raw.read1(_PIECE)
            if not piece:
                return
            yield piece

    def lines(self) -> Iterator[bytes]:
        """Yield the body line by line, as they come.

        Raises:
            NoAnswer: The connection broke.
        """
        while True:
            with _told(self._url):
                line = self._raw.readline()
            if not line:
                return
            yield line


class Session:
    """One server, and what each request tells it.

    Args:
        url: Scheme, host and port.
        headers: Sent with each request.
        read_s: The longest pause between two parts of an answer, in seconds.
    """

    def __init__(self, url: str, headers: Mapping[str, str], read_s: float = READ_S) -> None:
        self._url = url
        self._headers = headers
        self._read_s = read_s

    @contextmanager
    def open(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, object] | None = None,
        json: object = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[Response]:
        """Send a request, and yield the answer while the block runs.

        Args:
            method: Such as GET.
            path: On the server.
            params: Of the query.
            json: The body, as an object; None: there is none.
            data: The body, as it is.
            headers: Further ones.

        Raises:
            NoAnswer: The server does not answer.
            StartError: It leads to another address.
        """
        told = {**self._headers, **(headers or {})}
        if json is not None:
            data, told = msgspec.json.encode(json), told | {"Content-Type": "application/json"}
        target = f"{path}?{urlencode(params)}" if params else path
        connection = self._connection()
        try:
            with _told(self._url):
                connection.connect()
                connection.sock.settimeout(self._read_s)
                raw = _exchange(connection, method, target, data, told)
            response = Response(raw, self._url)
            if response.location and 300 <= response.status < 400:
                raise StartError(f"{self._url} leads to {response.location}: name that with --url")
            yield response
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self._url)
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        return kind(parts.hostname or "", parts.port, timeout=CONNECT_S)


def _exchange(
    connection: http.client.HTTPConnection,
    method: str,
    target: str,
    data: bytes | None,
    headers: Mapping[str, str],
) -> http.client.HTTPResponse:
    # As bytes: a key may hold characters that the usual encoding of headers has not.
    encoded = {name: value.encode() for name, value in headers.items()}
    # It may have refused a large body before it had all of it; then it says why.
    with suppress(BrokenPipeError, ConnectionResetError):
        connection.request(method, target, data, encoded)
    return connection.getresponse()


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Word the errors of a connection as one clear line."""
    try:
        yield
    except (OSError, http.client.HTTPException) as error:
        detail = str(error) or type(error).__name__
        raise NoAnswer(f"{url} does not answer: {detail}") from None
