"""The SDK's HTTP requests over the one way out, instead of connections of their own.

The SDK speaks Streamable HTTP with a client that it is given; this gives it one whose every request
goes through the gate for addresses, with its limits of size and time. A request that fails is
answered in the protocol itself, so that exactly the call that it belongs to learns why.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import msgspec

from pisovereign.errors import AnswerRefused, HostPaused, HostUnreached, Refused, UpstreamError
from pisovereign.outbound.client import OutboundClient
from pisovereign.outbound.reply import StreamedReply

STREAM_S = 600.0
"""How long a server may go on telling news over one connection; then it is asked again."""
_DELETE_S = 3.0
_SENT = frozenset(
    {"accept", "content-type", "cache-control", "last-event-id", "mcp-session-id"}
    | {"mcp-protocol-version", "mcp-method", "mcp-name"}
)
_SESSION = "mcp-session-id"
_CODE = -32050
"""Of errors that are told in the place of a server; what counts is the number in their data."""


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request got no answer; `sent` is False if certainly no server has taken it."""

    number: str
    message: str
    sent: bool


class GatedTransport(httpx2.AsyncBaseTransport):
    """Sends the requests of one session.

    Args:
        http: The one way out.
        token: Sent as a bearer token; empty: none.
        timeout_s: The longest that one request may take.
        news_pause_s: The shortest time between two requests for news: how soon it is asked again
            when a stream ends, the SDK lets the server say.

    Attributes:
        expired: The server does not know the session any more.
    """

    def __init__(
        self, http: OutboundClient, token: str, timeout_s: float, news_pause_s: float
    ) -> None:
        self._http = http
        self._news_pause_s = news_pause_s
        self._news_at = 0.0
        self._token = token
        self._timeout_s = timeout_s
        # No server can pretend that a failure of its own is one of ours.
        self._number = secrets.token_hex(16)
        self.expired = False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; what comes back is read while the SDK reads it."""
        if request.method == "GET":
            await self._pause()
        body = await request.aread()
        headers = {
            name.lower(): value
            for name, value in request.headers.items()
            if name.lower() in _SENT or name.lower().startswith("mcp-param-")
        }
        if self._token:
            headers["authorization"] = f"Bearer {self._token}"
        opened = contextlib.AsyncExitStack()
        try:
            reply = await opened.enter_async_context(
                self._http.stream(
                    request.method,
                    str(request.url),
                    headers=headers,
                    body=body or None,
                    timeout_s=self._limit_s(request.method),
                )
            )
        except UpstreamError as error:
            sent = isinstance(error, AnswerRefused) or not isinstance(
                error, Refused | HostUnreached | HostPaused
            )
            return self._failed(error.message, sent=sent)
        if reply.status >= 500 and "json" not in reply.headers.get("content-type", ""):
            await opened.aclose()
            return self._failed(f"It answers with status {reply.status}", sent=True)
        if (refused := self._refusal(reply.status, in_session=_SESSION in headers)) is not None:
            await opened.aclose()
            return self._failed(refused, sent=False)
        return httpx2.Response(
            reply.status, headers=list(reply.headers.items()), stream=_Body(reply, opened)
        )

    def failure(self, data: Any) -> Failure | None:
        """Return the failure that the data of an error are; None: the server told it."""
        with contextlib.suppress(msgspec.ValidationError):
            found = msgspec.convert(data, Failure)
            if secrets.compare_digest(found.number.encode(), self._number.encode()):
                return found
        return None

    async def _pause(self) -> None:
        """Wait until news may be asked for again."""
        now = time.monotonic()
        wait_s = max(0.0, self._news_at - now)
        self._news_at = now + wait_s + self._news_pause_s
        await asyncio.sleep(wait_s)

    def _limit_s(self, method: str) -> float:
        return {"GET": STREAM_S, "DELETE": _DELETE_S}.get(method, self._timeout_s)

    def _refusal(self, status: int, *, in_session: bool) -> str | None:
        """Return why a server did not take a request, as its status says; None: it did."""
        if status in (401, 403):
            return "It does not accept the token" if self._token else "It asks for a token"
        if status == 404 and in_session:
            self.expired = True
            return "It has forgotten this session"
        if status == 429:
            return "It says that it was asked too often"
        return None

    def _failed(self, message: str, *, sent: bool) -> httpx2.Response:
        failure = Failure(number=self._number, message=message, sent=sent)
        error = {"code": _CODE, "message": message, "data": msgspec.to_builtins(failure)}
        # Without an id: the SDK takes it for the request that it answers.
        return httpx2.Response(
            502,
            headers={"content-type": "application/json"},
            content=msgspec.json.encode({"jsonrpc": "2.0", "id": None, "error": error}),
        )


class _Body(httpx2.AsyncByteStream):
    """The body of an answer; closing it closes the connection."""

    def __init__(self, reply: StreamedReply, opened: contextlib.AsyncExitStack) -> None:
        self._reply = reply
        self._opened = opened

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for part in self._reply.parts():
                yield part
        except UpstreamError as error:
            # What the SDK expects of a stream that ends too early.
            raise httpx2.StreamError(error.message) from None

    async def aclose(self) -> None:
        await self._opened.aclose()
