"""The `wyoming` library's own client, as Home Assistant uses it."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import Any

from wyoming.asr import Transcript
from wyoming.client import AsyncTcpClient
from wyoming.event import Event
from wyoming.info import Describe, Info

LIMIT_S = 90.0


def can_connect(port: int, host: str = "127.0.0.1") -> bool:
    try:
        socket.create_connection((host, port), 1).close()
    except OSError:
        return False
    return True


def describe(port: int) -> Info:
    """Ask what it is."""

    async def ask() -> Info:
        client = AsyncTcpClient("127.0.0.1", port)
        async with asyncio.timeout(LIMIT_S):
            await client.connect()
            await client.write_event(Describe().event())
            event = await client.read_event()
            assert event is not None
            # The server may have closed the connection by now, and thrown away what was not read.
            with suppress(ConnectionError):
                await client.disconnect()
            return Info.from_event(event)

    return asyncio.run(ask())


def say(port: int, text: str, conversation: str | None = None, **more: Any) -> list[Event]:
    """Say something, and return all events until it is answered."""
    context = None if conversation is None else {"conversation_id": conversation}
    return exchange(port, Transcript(text, context=context, **more).event())


def exchange(port: int, event: Event) -> list[Event]:
    """Send an event, and return all that come until one that ends the answer."""

    async def talk() -> list[Event]:
        found: list[Event] = []
        async with asyncio.timeout(LIMIT_S), AsyncTcpClient("127.0.0.1", port) as client:
            await client.write_event(event)
            while (one := await client.read_event()) is not None:
                found.append(one)
                streamed = any(each.type == "handled-start" for each in found)
                last = "handled-stop" if streamed else "handled"
                if one.type in (last, "not-handled", "error"):
                    break
        return found

    return asyncio.run(talk())


def answer(port: int, text: str, conversation: str | None = None, **more: Any) -> Event:
    """Return the one event that Home Assistant looks at."""
    (found,) = [
        event
        for event in say(port, text, conversation, **more)
        if event.type in ("handled", "not-handled")
    ]
    return found
