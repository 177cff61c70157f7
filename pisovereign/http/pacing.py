"""Pacing of clients that are refused again and again, and come back at once.

A refusal says when to come back. Most of what a client costs that does not heed it are the
refusals: each passes through all of the program. So its requests are begun one after the other
with pauses. Nothing more is refused, and whoever asks less often than that notices nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from http import HTTPStatus

import msgspec

from pisovereign.asgi.types import AsgiApp, Message, Receive, Scope, Send

# A client that was refused so often, less what is forgiven each second, is heard at a pace.
PATIENCE, FORGIVEN_PER_S = 32.0, 4.0
# It is not held against anybody for longer than this takes to be forgiven.
_MOST = 2 * PATIENCE
PACE_S = 0.05
LONGEST_S = 5.0
_MOST_CLIENTS = 1000

Client = tuple[str, bytes, bytes]


class _Account(msgspec.Struct):
    """How often a client was refused, as of `since`; the next of its requests begins at `turn`."""

    refused: float
    since: float
    turn: float = 0.0


class Pacing:
    """An ASGI app around another that makes those wait who do not wait by themselves.

    A client is an address with what it shows of who it is, so that nobody waits for somebody else
    behind the same proxy.

    Args:
        app: The app.
        clock: Gives seconds.
    """

    def __init__(self, app: AsgiApp, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._clock = clock
        # Who was refused last comes last.
        self._accounts: OrderedDict[Client, _Account] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = _client(scope)
        if pause := self._pause(client):
            await asyncio.sleep(pause)

        async def send_observed(message: Message) -> None:
            if message.get("status") == HTTPStatus.SERVICE_UNAVAILABLE:
                self._refused(client)
            await send(message)

        await self._app(scope, receive, send_observed)

    def _pause(self, client: Client) -> float:
        """Return how many seconds a request has to wait, and take its turn."""
        account = self._accounts.get(client)
        if account is None:
            return 0.0
        now = self._clock()
        if self._left(account, now) < PATIENCE:
            return 0.0
        begin = min(max(now, account.turn), now + LONGEST_S)
        account.turn = begin + PACE_S
        return begin - now

    def _refused(self, client: Client) -> None:
        now = self._clock()
        account = self._accounts.pop(client, None) or _Account(0.0, now)
        account.refused = min(_MOST, self._left(account, now) + 1)
        account.since = now
        self._accounts[client] = account
        oldest = next(iter(self._accounts))
        if len(self._accounts) > _MOST_CLIENTS or not self._left(self._accounts[oldest], now):
            del self._accounts[oldest]

    def _left(self, account: _Account, now: float) -> float:
        return max(0.0, account.refused - (now - account.since) * FORGIVEN_PER_S)


def _client(scope: Scope) -> Client:
    shown = {
        name: value for name, value in scope["headers"] if name in (b"authorization", b"cookie")
    }
    address = (scope.get("client") or ("",))[0]
    return address, shown.get(b"authorization", b""), shown.get(b"cookie", b"")
