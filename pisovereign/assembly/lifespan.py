"""The lifespan of the API: parts that are opened at its start and closed at its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

from pisovereign.errors import ServiceUnavailable
from pisovereign.http.protocol import ENDING
from pisovereign.storage.pool import Database


class Background(Protocol):
    """Work that goes on beside the requests."""

    def start(self) -> None:
        """Begin, on the running loop."""

    async def stop(self) -> None:
        """End."""


class Closing(Protocol):
    """A part that holds connections or tasks."""

    async def close(self) -> None:
        """Close them."""


class Lifespan:
    """Opens what the app needs when it starts, and closes it when it ends."""

    def __init__(
        self,
        database: Database,
        closing: Sequence[Closing],
        background: Sequence[Background],
        ending: Sequence[Callable[[], None]],
        loading: Callable[[], Awaitable[None]],
    ) -> None:
        self._database = database
        self._closing = closing
        self._background = background
        self._ending = ending
        self._loading = loading

    async def process_startup(self, scope: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """Open the connection pool; a database that is away is waited for by requests."""
        scope["state"][ENDING] = self._end
        await self._database.open()
        with suppress(ServiceUnavailable):  # it is read again in the background
            await self._loading()
        for work in self._background:
            work.start()

    def _end(self) -> None:
        for end in self._ending:
            end()

    async def process_shutdown(self, scope: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """Write what is still in memory, and close connections."""
        await asyncio.gather(*(work.stop() for work in self._background))
        for part in self._closing:
            await part.close()
        await self._database.close()
