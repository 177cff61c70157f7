"""Storing what cannot be found out again, although the database may be away for a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pisovereign.errors import ServiceUnavailable

T = TypeVar("T")
_TRIES = 24  # PostgreSQL takes some seconds to start again
_PAUSE_S = 0.5


async def patiently(store: Callable[[], Awaitable[T]]) -> T:
    """Call until it succeeds, at least for twelve seconds; what it stores must not count twice.

    Raises:
        ServiceUnavailable: the database does not come back.
    """
    for _ in range(_TRIES - 1):
        try:
            return await store()
        except ServiceUnavailable:
            await asyncio.sleep(_PAUSE_S)
    return await store()
