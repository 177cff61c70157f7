"""One connection to Home Assistant: signing in, commands with their answers, and events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from pisovereign.errors import HostFailed, LoginRefused, UpstreamError
from pisovereign.outbound.websocket import WebSocket
from pisovereign.text.untrusted import one_line

_MOST_WAITING = 200
_LONGEST_REASON = 200
Hear = Callable[[Mapping[str, Any]], None]


class Session:
    """Commands over a connection that is signed in; `listen` has to run meanwhile.

    Args:
        socket: The connection.
        hear: Called with each event.
    """

    def __init__(self, socket: WebSocket, hear: Hear) -> None:
        self._socket = socket
        self._hear = hear
        self._last = 0
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self.is_lost = False

    async def sign_in(self, token: str) -> str:
        """Sign in, and return Home Assistant's version.

        Raises:
            LoginRefused: The token is not accepted.
            HostFailed: The connection is lost, or it is not Home Assistant.
        """
        first = await self._next()
        if first.get("type") != "auth_required":
            raise HostFailed(f"{self._socket.name} is no Home Assistant")
        await self._socket.send(_text({"type": "auth", "access_token": token}))
        answer = await self._next()
        if answer.get("type") != "auth_ok":
            raise LoginRefused("Home Assistant does not accept the token")
        return one_line(str(first.get("ha_version", "")), 30)

    async def listen(self) -> None:
        """Hand out answers and events until the connection is lost.

        Raises:
            HostFailed: It is.
        """
        try:
            while True:
                message = await self._next()
                if message.get("type") == "event":
                    self._hear(message)
                elif message.get("type") == "result":
                    self._answered(message)
        finally:
            self.is_lost = True
            lost = HostFailed("The connection to Home Assistant was lost")
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(lost)
            self._waiting.clear()

    async def command(self, kind: str, limit_s: float, **fields: Any) -> Any:
        """Send a command and return its result.

        Raises:
            UpstreamError: Home Assistant refuses it.
            HostFailed: No answer within the limit; it may have been carried out.
        """
        if len(self._waiting) >= _MOST_WAITING:
            raise HostFailed("Home Assistant owes too many answers")
        self._last += 1
        number = self._last
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            async with asyncio.timeout(limit_s):
                await self._socket.send(_text({"id": number, "type": kind, **fields}))
                return await answer
        except TimeoutError:
            raise HostFailed(f"Home Assistant did not answer within {limit_s:g} seconds") from None
        finally:
            self._waiting.pop(number, None)
            if answer.done() and not answer.cancelled():
                answer.exception()  # seen, also where nobody waits for it any more

    def _answered(self, message: Mapping[str, Any]) -> None:
        number = message.get("id")
        waiting = self._waiting.get(number) if isinstance(number, int) else None
        if waiting is None or waiting.done():
            return
        if message.get("success") is True:
            waiting.set_result(message.get("result"))
            return
        error = message.get("error")
        said = error.get("message") if isinstance(error, dict) else None
        reason = one_line(said, _LONGEST_REASON) if isinstance(said, str) else "no reason given"
        waiting.set_exception(UpstreamError(f"Home Assistant refuses: {reason}"))

    async def _next(self) -> dict[str, Any]:
        text = await self._socket.receive()
        try:
            message = await asyncio.to_thread(_read, text) if len(text) > 65536 else _read(text)
        except msgspec.DecodeError:
            raise HostFailed(f"{self._socket.name} is no Home Assistant") from None
        return message


def _read(text: str) -> dict[str, Any]:
    return msgspec.json.decode(text, type=dict[str, Any])


def _text(message: Mapping[str, Any]) -> str:
    return msgspec.json.encode(message).decode()
