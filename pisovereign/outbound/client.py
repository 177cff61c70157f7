"""The one HTTP client for other people's servers."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Self

import aiohttp
import msgspec
import tenacity
import yarl

from pisovereign.errors import HostFailed, HostPaused, Refused
from pisovereign.net.addresses import reach
from pisovereign.net.hosts import Target, literal, normalize_host, parse_url
from pisovereign.outbound.breakers import Breakers
from pisovereign.outbound.gate import Gate, gated_connector
from pisovereign.outbound.reply import Reply, StreamedReply, read_reply, translated
from pisovereign.outbound.tls import Tls

_BREAKS_LINES = re.compile(r"[\r\n\0]")
_KEEPALIVE_S = 10.0
_CONNECTIONS, _CONNECTIONS_PER_HOST = 32, 8
_HEADERS = {"User-Agent": "PiSovereign", "Accept-Encoding": "identity"}
_PIECE = 256 * 1024


class FileBody(msgspec.Struct, frozen=True):
    """A body that is read from a file while it is sent; `size` in bytes."""

    path: Path
    size: int

    @classmethod
    def of(cls, path: Path) -> Self:
        """Return all of a file as a body."""
        return cls(path, path.stat().st_size)

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield it in pieces, exactly as many bytes as were announced.

        Raises:
            OSError: It cannot be read, or has become shorter.
        """
        left = self.size
        with self.path.open("rb") as file:
            while left:
                piece = await asyncio.to_thread(file.read, min(left, _PIECE))
                if not piece:
                    raise OSError("the file has become shorter")
                left -= len(piece)
                yield piece


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request that may be sent until `until`, in seconds of the monotonic clock."""

    method: str
    url: yarl.URL
    target: Target
    headers: Mapping[str, str]
    body: bytes | FileBody | None
    until: float

    @classmethod
    def make(
        cls,
        gate: Gate,
        method: str,
        url: str,
        *,
        timeout_s: float,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | FileBody | None = None,
    ) -> Self:
        """Check everything that can be checked without a name server.

        Raises:
            Refused: it may not be sent.
        """
        target = parse_url(url)
        if target.scheme != "https" and not gate.is_configured(target.host, target.port):
            raise Refused(
                f"{target.host}:{target.port} is only contacted with https; "
                "if http is meant, name it in outbound.allow_hosts"
            )
        headers = headers or {}
        if any(_BREAKS_LINES.search(text) for item in headers.items() for text in item):
            raise Refused("A header holds a line break")
        return cls(
            method=method,
            url=_parsed(url, target, params or {}),
            target=target,
            headers=headers,
            body=body,
            until=time.monotonic() + timeout_s,
        )

    def time_left(self) -> float:
        """Return how many seconds are left, at least a moment."""
        return max(0.001, self.until - time.monotonic())


def _parsed(url: str, target: Target, params: Mapping[str, str]) -> yarl.URL:
    """Return the URL as the HTTP library reads it, which must be as it was judged."""
    try:
        full = yarl.URL(url)
        seen = Target(full.scheme, normalize_host(full.raw_host or ""), full.port or 0)
    except ValueError:
        raise Refused("The address is not a valid URL") from None
    if seen != target or full.raw_user is not None or full.raw_password is not None:
        raise Refused("The address can be read in two ways")
    return full.update_query(params) if params else full


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of a request; times in seconds, sizes in bytes."""

    connect_s: float = 5.0
    total_s: float = 20.0
    response_bytes: int = 4 * 1024 * 1024
    tries: int = 3
    first_wait_s: float = 0.1
    longest_wait_s: float = 10.0


class OutboundClient:
    """Sends requests through the gate. Made in any place, used on one event loop.

    Only https, but for hosts that the configuration names; certificates verified; no redirects,
    proxies, cookies or compression; addresses judged and pinned; time and size limited.
    """

    def __init__(self, gate: Gate, breakers: Breakers, tls: Tls, limits: Limits) -> None:
        self._gate = gate
        self._breakers = breakers
        self._tls = tls
        self._limits = limits
        self._session: aiohttp.ClientSession | None = None

    async def require_tls_beyond_local(self, url: str) -> None:
        """Require https, but for a host that is on the local network and nowhere else.

        For what sends a password along, also where the configuration names the host.

        Raises:
            Refused: it is http, and leads to the internet.
            HostUnreached: its name cannot be resolved in time.
        """
        target = parse_url(url)
        if target.scheme == "https":
            return
        found = await self._gate.check(target.host, target.port)
        if any(reach(address) == "public" for address in found):
            raise Refused(f"{target.host} is not on the local network: it has to be https")

    async def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
        show_redirect: bool = False,
    ) -> Reply:
        """Send a GET request, again if the host fails, all within `timeout_s`.

        With `show_redirect` a redirect is returned without its body, and never followed.

        Raises:
            Refused: the URL may not be contacted, or the answer is not accepted.
            HostFailed: no answer in time, or again and again a status of 500 or more.
        """
        limits = self._limits
        request = Request.make(
            self._gate,
            "GET",
            url,
            params=params,
            headers=headers,
            timeout_s=timeout_s or limits.total_s,
        )
        retrying = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(limits.tries)
            | tenacity.stop_before_delay(request.time_left()),
            wait=tenacity.wait_exponential(limits.first_wait_s, limits.longest_wait_s),
            retry=tenacity.retry_if_exception(_worth_another_try),
            reraise=True,
        )
        return await retrying(self._attempt, request, show_redirect=show_redirect)

    async def post(
        self,
        url: str,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> Reply:
        """Send a POST request exactly once: after a failure nobody knows whether it arrived.

        A status of 500 or more counts against the host and is returned.

        Raises:
            Refused: the URL may not be contacted, or the answer is not accepted.
            HostFailed: no answer in time.
        """
        return await self._send_once("POST", url, body, headers, timeout_s)

    async def put(
        self,
        url: str,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> Reply:
        """Send a PUT request exactly once; as `post`."""
        return await self._send_once("PUT", url, body, headers, timeout_s)

    @contextlib.asynccontextmanager
    async def stream(
        self,
        method: str,
        url: str,
        *,
        timeout_s: float,
        headers: Mapping[str, str] | None = None,
        body: bytes | FileBody | None = None,
        most_bytes: int | None = None,
    ) -> AsyncIterator[StreamedReply]:
        """Send a request exactly once, and read its answer as it comes, all within `timeout_s`.

        Of the answer `most_bytes` are read; None: as many as of any other. A status of 500 or more
        counts against the host and is returned.

        Raises:
            Refused: the URL may not be contacted, or the answer is not accepted.
            HostFailed: no answer in time. Reading the answer may fail in the same ways.
        """
        request = Request.make(
            self._gate, method, url, headers=headers, body=body, timeout_s=timeout_s
        )
        target = request.target
        reply: StreamedReply | None = None
        async with contextlib.AsyncExitStack() as opened:
            try:
                async with self._breakers.guard(target.host, target.port):
                    with translated(target):
                        asked = await self._asking(request)
                        response = await opened.enter_async_context(asked)
                    limit = self._limits.response_bytes if most_bytes is None else most_bytes
                    reply = StreamedReply(response, target, limit)
                    if reply.status >= 500:
                        raise HostFailed(f"{target.host} answers with status {reply.status}")
            except HostFailed:
                if reply is None:
                    raise
            yield reply

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    async def _send_once(
        self,
        method: str,
        url: str,
        body: bytes,
        headers: Mapping[str, str] | None,
        timeout_s: float | None,
    ) -> Reply:
        request = Request.make(
            self._gate,
            method,
            url,
            headers=headers,
            body=body,
            timeout_s=timeout_s or self._limits.total_s,
        )
        return await self._attempt(request, accept_failure=True)

    async def _attempt(
        self, request: Request, *, accept_failure: bool = False, show_redirect: bool = False
    ) -> Reply:
        """Send a request over one connection; a status of 500 or more counts against the host.

        With `accept_failure` such an answer is returned all the same.
        """
        target = request.target
        reply: Reply | None = None
        try:
            async with self._breakers.guard(target.host, target.port):
                with translated(target):
                    async with await self._asking(request) as response:
                        reply = await read_reply(
                            response,
                            target,
                            self._limits.response_bytes,
                            show_redirect=show_redirect,
                        )
                if reply.status >= 500:
                    raise HostFailed(f"{target.host} answers with status {reply.status}")
        except HostFailed:
            if reply is None or not accept_failure:
                raise
        return reply

    async def _asking(
        self, request: Request
    ) -> contextlib.AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Return what sends a request when it is entered."""
        if literal(request.target.host) is not None:
            # aiohttp asks no resolver about these.
            await self._gate.check(request.target.host, request.target.port)
        session = await self._client()
        data, headers = request.body, request.headers
        if isinstance(data, FileBody):  # with its length: not every server takes chunks
            headers = {**headers, "Content-Length": str(data.size)}
        return session.request(
            request.method,
            request.url,
            data=data.pieces() if isinstance(data, FileBody) else data,
            headers=headers,
            timeout=aiohttp.ClientTimeout(
                total=request.time_left(), sock_connect=self._limits.connect_s
            ),
            allow_redirects=False,
        )

    async def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            context = await asyncio.to_thread(lambda: self._tls.context)
            if self._session is None:
                connector = gated_connector(
                    self._gate,
                    context,
                    limit=_CONNECTIONS,
                    limit_per_host=_CONNECTIONS_PER_HOST,
                    keepalive_s=_KEEPALIVE_S,
                )
                self._session = aiohttp.ClientSession(
                    connector=connector,
                    headers=_HEADERS,
                    cookie_jar=aiohttp.DummyCookieJar(),
                    auto_decompress=False,
                    trust_env=False,
                )
        return self._session


def _worth_another_try(error: BaseException) -> bool:
    return isinstance(error, HostFailed) and not isinstance(error, HostPaused)
