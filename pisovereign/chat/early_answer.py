"""Asking the model before it is certain that it is to answer.

To find out what a message is, and to store it, takes as long as a model takes to read a short
prompt. So it may be asked at once. Nothing of such an answer is taken before the message is stored,
and it is left where a command is found, or the model turns out to need another prompt.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from pisovereign.engine_client.client import AnswerEvent
from pisovereign.engine_client.meter import AnswerReader
from pisovereign.engine_client.types import ChatRequest

TAKEN_WITHIN_S = 10.0


class EarlyAnswer:
    """An answer that is asked for, and that somebody may take later.

    Args:
        request: What the model is asked.
        answer: Its answer, of which nothing was read.
        reader: Who reads it, as the answer knows them.
        within_s: If nobody has taken it after so many seconds, it is left.
    """

    def __init__(
        self,
        request: ChatRequest,
        answer: AsyncGenerator[AnswerEvent],
        reader: AnswerReader,
        within_s: float = TAKEN_WITHIN_S,
    ) -> None:
        self._request = request
        self._answer = answer
        self._reader = reader
        self._first = asyncio.create_task(self._begin())
        self._waiting = asyncio.create_task(self._leave_after(within_s))
        self._taken = False

    def take(
        self, request: ChatRequest, reader: AnswerReader
    ) -> AsyncGenerator[AnswerEvent] | None:
        """Return the answer, unless something else is asked now, or it was taken or left before.

        Args:
            request: What the model is asked now.
            reader: Who reads the answer from now on.
        """
        if self._taken or request != self._request:
            return None
        self._taken = True
        self._waiting.cancel()
        return self._events(reader)

    async def leave(self) -> None:
        """End the answer, unless it was taken. Who left it has had enough: it was not canceled."""
        if not self._taken:
            self._waiting.cancel()
            await self._leave()

    async def _begin(self) -> AnswerEvent:
        return await anext(self._answer)

    async def _leave_after(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._leave()

    async def _leave(self) -> None:
        self._taken = True
        self._reader.enough = True
        await self._close()

    async def _events(self, reader: AnswerReader) -> AsyncGenerator[AnswerEvent]:
        try:
            yield await self._first
            async for event in self._answer:
                yield event
        finally:
            self._reader.enough = reader.enough
            await self._close()

    async def _close(self) -> None:
        self._first.cancel()
        await asyncio.wait((self._first,))
        if not self._first.cancelled():
            self._first.exception()  # told to whoever took it, or of no interest any more
        await self._answer.aclose()
