"""WebSocket connections to servers that somebody named, through the gate."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace

import aiohttp
import yarl

from pisovereign.errors import HostFailed, HostUnreached, Refused
from pisovereign.net.hosts import literal, parse_url
from pisovereign.outbound.gate import Gate, gated_connector
from pisovereign.outbound.tls import Tls

_HEARTBEAT_S = 20.0
_KEEPALIVE_S = 10.0


class WebSocket:
    """One open connection, which sends and receives texts.

    Args:
        name: Host and port, as errors name them.
        socket: The library's.
    """

    def __init__(self, name: str, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.name = name
        self._socket = socket

    async def send(self, text: str) -> None:
        """Send a text.

        Raises:
            HostFailed: The connection is lost; nobody knows how much of the text arrived.
        """
        try:
            await self._socket.send_str(text)
        except (aiohttp.ClientError, ConnectionError, RuntimeError):
            raise HostFailed(f"The connection to {self.name} was lost") from None

    async def receive(self) -> str:
        """Return the next text.

        Raises:
            HostFailed: The connection is lost, or what came is no text, or too long.
        """
        message = await self._socket.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise HostFailed(f"The connection to {self.name} was lost")
        text: str = message.data
        return text


@asynccontextmanager
async def open_websocket(
    gate: Gate, tls: Tls, url: str, *, connect_s: float, most_bytes: int
) -> AsyncIterator[WebSocket]:
    """Hold a connection to an address with http or https; no redirect is followed.

    A peer that is silent is asked now and then, and taken for gone where it does not answer.

    Args:
        gate: Says where connections may go.
        tls: What they are encrypted with.
        url: The address; http only where the configuration or a connection names the host.
        connect_s: Longest time until it is open.
        most_bytes: Of one message.

    Raises:
        Refused: The address may not be contacted, or answers otherwise.
        HostFailed: There is no connection within the limit.
    """
    target = parse_url(url)
    name = f"{target.host}:{target.port}"
    if target.scheme != "https" and not gate.is_configured(target.host, target.port):
        raise Refused(f"{name} is only contacted with https")
    if literal(target.host) is not None:
        # aiohttp asks no resolver about these.
        await gate.check(target.host, target.port)
    context = await asyncio.to_thread(lambda: tls.context)
    session = aiohttp.ClientSession(
        connector=gated_connector(
            gate, context, limit=1, limit_per_host=1, keepalive_s=_KEEPALIVE_S
        ),
        headers={"User-Agent": "PiSovereign"},
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        trace_configs=[_no_redirects(name)],
    )
    async with session:
        try:
            async with asyncio.timeout(connect_s):
                socket = await session.ws_connect(
                    yarl.URL(url), heartbeat=_HEARTBEAT_S, max_msg_size=most_bytes
                )
        except TimeoutError:
            raise HostUnreached(f"{name} did not answer within {connect_s:g} seconds") from None
        except aiohttp.WSServerHandshakeError as error:
            raise Refused(f"{name} answers with status {error.status}") from None
        except (aiohttp.ClientError, OSError, ValueError):
            raise HostUnreached(f"{name} cannot be reached") from None
        async with socket:
            yield WebSocket(name, socket)


def _no_redirects(name: str) -> aiohttp.TraceConfig:
    async def refuse(
        session: aiohttp.ClientSession,
        context: SimpleNamespace,
        params: aiohttp.TraceRequestRedirectParams,
    ) -> None:
        raise Refused(f"{name} wants to send us elsewhere")

    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(refuse)
    return trace
