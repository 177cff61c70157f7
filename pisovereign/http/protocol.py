"""uvicorn's HTTP protocol with limits on everything of a request that is not its body.

uvicorn waits for headers as long as a client likes, and with httptools it reads any number of them,
also as trailers behind a chunked body, before any of our code is asked. Where a body ends must be
beyond doubt: if a proxy in front of us read it otherwise, a second request could hide in the body.
"""

from __future__ import annotations

import asyncio
import re
import socket
import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any

import httptools
import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from pisovereign.asgi.types import TAKES_TOO_LITTLE
from pisovereign.http.connections import Connections

HEADERS_WITHIN_S = 10.0
MESSAGE_WITHIN_S = 60.0
# How long a request that was on its way when the server began to end may take to be here whole.
LAST_REQUEST_WITHIN_S = 0.25
# How long a body may pause once the server ends: as long as it does, nothing is being answered.
LAST_PAUSE_S = 1.0
# Of what is sent already, the client has to take as much within as long.
UNSENT_WITHIN_S, UNSENT_BYTES = 30.0, 16 * 1024
# What the kernel keeps of that, which doubles it: by itself it would take megabytes of each client
# that does not read, and nobody would know that they are not taken.
KERNEL_BYTES = 128 * 1024
# How long one that is to be told of too many connections has to ask for something.
TOLD_WITHIN_S = 2.0
# After how long one is refused that leaves answers untaken: it would ask again at once.
OWING_REFUSED_AFTER_S = 1.0
# What may arrive without bringing any of the body or the end of the message.
FRAMING_BYTES = 64 * 1024
# Of a body that comes in small pieces, as much is gathered before the app is woken.
GATHERED_BYTES = 16 * 1024
# Where the app leaves, in the state of its lifespan, what is to be called when the server ends.
ENDING = "pisovereign.ending"
_LENGTH = re.compile(rb"[0-9]{1,18}")


class BoundedProtocol(HttpToolsProtocol):
    """Closes a connection whose request is too slow, or has too much around its body.

    Args:
        counted: The connections of this process; None: they are not limited.
        given: uvicorn's arguments.
    """

    def __init__(self, *, counted: Connections | None = None, **given: Any) -> None:
        super().__init__(**given)
        self._counted = counted
        self._told = False  # of too many connections
        self._in_message = False
        self._gathered = bytearray()  # of a body

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the headers of a client that connected."""
        super().connection_made(transport)
        own = transport.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BYTES)
        self._framing = 0
        self._progress = False
        self._ending = False
        self._timer: asyncio.TimerHandle | None = None
        self._unsent: asyncio.TimerHandle | None = None
        self._close_after(HEADERS_WITHIN_S)
        if self._counted is not None:
            self._count(self._counted, (self.client or ("127.0.0.1", 0))[0])

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock of a client that left, or was sent away."""
        self._stop_timer()
        if self._unsent is not None:
            self._unsent.cancel()
        if self._counted is not None:
            self._counted.remove(self)
        super().connection_lost(exc)

    @property
    def waits_for_client(self) -> bool:
        """Return whether nothing is done for it: a request is not here yet, or not whole."""
        return self._timer is not None or self.cycle is None or self.cycle.response_complete

    @property
    def unsent(self) -> int:
        """Return how many bytes its client has not taken yet."""
        return int(self.transport.get_write_buffer_size())

    def drop(self) -> None:
        """Close it at once, also where something was not sent yet."""
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Parse `data` and count it if it was framing."""
        if self._told:
            self._refuse("503 Service Unavailable", "Too many connections", again=True)
            return
        if self._counted is not None and self._begins() and self._counted.takes_too_little(self):
            self._refuse_later()
            return
        self._progress = False
        super().data_received(data)
        self._framing = 0 if self._progress else self._framing + len(data)
        if self._framing > FRAMING_BYTES:
            self.transport.close()

    def on_message_begin(self) -> None:
        """Give a request that begins its time for headers."""
        self._in_message = True
        self._gathered.clear()
        if not self._ending:
            self._close_after(HEADERS_WITHIN_S)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Handle the end of its headers.

        Raises:
            httptools.HttpParserError: The request cannot be read without doubt; `data_received`
                answers 400 and closes the connection.
        """
        upgrade = self.parser.should_upgrade()
        if not _is_framed(self.parser.get_http_version(), self.headers, upgrade=upgrade):
            raise httptools.HttpParserError("The end of the request is in doubt")
        if not self._ending:
            self._close_after(MESSAGE_WITHIN_S)
        if self._counted is not None:
            scope: Any = self.scope  # uvicorn's type has none of our own
            scope[TAKES_TOO_LITTLE] = partial(self._counted.takes_too_little, self)
        super().on_headers_complete()
        # The parser drops what follows a request for another protocol, so nothing may follow it.
        if (self._ending or upgrade) and self.cycle is not None:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Handle a part of its body."""
        self._progress = True
        if self._ending:
            self._close_after(LAST_PAUSE_S)
        self._gathered += body
        if len(self._gathered) >= GATHERED_BYTES:
            self._pass_on()

    def on_message_complete(self) -> None:
        """Stop the clock: the answer to a whole request may take as long as it takes."""
        self._progress = True
        self._stop_timer()
        self._in_message = False
        self._pass_on()
        super().on_message_complete()

    def shutdown(self) -> None:
        """End, and let the app end responses that have no end of their own.

        A connection without a request is not closed at once, as uvicorn would: one may be on its
        way, or lie in the socket already, and its sender could not know whether it was heard.
        """
        if end := self.app_state.get(ENDING):
            end()
        self._ending = True
        if self.cycle is None or self.cycle.response_complete:
            self._close_after(LAST_REQUEST_WITHIN_S)
        else:
            if self._timer is not None:  # the rest of the request has not come
                self._close_after(LAST_PAUSE_S)
            super().shutdown()

    def on_response_complete(self) -> None:
        """Look after what is not sent yet: the client may never take it."""
        super().on_response_complete()
        if self._unsent is None and (unsent := self.transport.get_write_buffer_size()):
            self._look_again(unsent)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP in the form of every other error."""
        self._refuse("400 Bad Request", msg)

    def _begins(self) -> bool:
        """Return whether what comes now is of a request of which nothing is here yet."""
        answered = self.cycle is None or self.cycle.response_complete
        return answered and not self._in_message

    def _refuse_later(self) -> None:
        """Refuse what came, and read no more of it."""
        self.flow.pause_reading()
        self._stop_timer()
        self._timer = self.loop.call_later(OWING_REFUSED_AFTER_S, self._refuse_for_owing)

    def _refuse_for_owing(self) -> None:
        self._refuse("503 Service Unavailable", "Earlier answers were not taken", again=True)

    def _pass_on(self) -> None:
        """Give the app what there is of the body: it is woken once for many small pieces."""
        if self._gathered:
            super().on_body(bytes(self._gathered))
            self._gathered.clear()

    def _count(self, counted: Connections, peer: str) -> None:
        may_stay = counted.add(self, peer)
        if may_stay is None:
            self.transport.abort()
        elif not may_stay:
            self._told = True
            self._close_after(TOLD_WITHIN_S)

    def _look_again(self, unsent: int) -> None:
        self._unsent = self.loop.call_later(UNSENT_WITHIN_S, self._check_unsent, unsent)

    def _check_unsent(self, before: int) -> None:
        """Close a connection whose client has hardly taken anything of what there was for it."""
        self._unsent = None
        unsent = self.transport.get_write_buffer_size()
        if self.cycle is not None and not self.cycle.response_complete:
            return  # another response goes on, which waits for the client by itself
        if unsent > max(0, before - UNSENT_BYTES):
            self.transport.abort()
        elif unsent:
            self._look_again(unsent)

    def _refuse(self, status: str, message: str, *, again: bool = False) -> None:
        """Answer in the form of every other error, and close; `again`: it may be tried soon."""
        identifier = str(uuid.uuid4())
        code = status.partition(" ")[2].upper().replace(" ", "_")
        retry = "Retry-After: 1\r\n" if again else ""
        error = {"code": code, "message": message, "details": {}, "request_id": identifier}
        body = msgspec.json.encode({"error": error})
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: application/json; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\nX-Request-Id: {identifier}\r\n{retry}"
            "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n"
            "Connection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()

    def _close_after(self, seconds: float) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(seconds, self.transport.close)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _is_framed(version: str, headers: Sequence[tuple[bytes, bytes]], *, upgrade: bool) -> bool:
    """Return whether anybody who reads a request's head finds the same end of its body.

    With `upgrade`, which `Connection` and `Upgrade` ask for together, the parser takes a request to
    end with its head, and a body for the next request.
    """
    lengths = [value.strip(b" \t") for name, value in headers if name == b"content-length"]
    encodings = [
        value.strip(b" \t").lower() for name, value in headers if name == b"transfer-encoding"
    ]
    if encodings:
        # HTTP/1.0 has no chunks: whoever takes it at its word finds the body elsewhere.
        return version == "1.1" and encodings == [b"chunked"] and not (lengths or upgrade)
    if version not in ("1.0", "1.1") or len(lengths) > 1:
        return False
    return all(_LENGTH.fullmatch(value) and not (upgrade and int(value)) for value in lengths)
