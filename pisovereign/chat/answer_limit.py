"""How long the model may write an answer, which depends on how fast it is.

A limit in tokens is minutes on a small board, and nothing on a large one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from pisovereign.engine_client.client import AnswerEvent, Delta, Expected, Finished, Reasoning
from pisovereign.engine_client.meter import AnswerReader
from pisovereign.engine_client.types import Usage

_ENDS = (".", "!", "?", "\n", "…", ":")
# For so much longer an answer may go on to the end of its sentence.
_TO_THE_END = 1.2


class AnswerLimit:
    """Ends an answer in time, counted from its first word, or call of a tool.

    Args:
        seconds: How long it may be written; None: as long as it wants.
        model: Who writes it.
        reader: Has enough of it once it has been ended.
    """

    def __init__(self, seconds: float | None, model: str, reader: AnswerReader) -> None:
        self._seconds = seconds
        self._model = model
        self._reader = reader

    async def cut(self, answer: AsyncGenerator[AnswerEvent]) -> AsyncGenerator[AnswerEvent]:
        """Yield an answer while there is time; if it is cut, the last event says so.

        It is cut after a sentence if one ends soon enough, and otherwise wherever it is, even when
        nothing more comes: the engine holds back what repeats itself for as long as it goes on. The
        answer is closed in any case.
        """
        async with aclosing(answer):
            if self._seconds is None:
                async for event in answer:
                    yield event
                return
            began_at: float | None = None
            while True:
                last_at = None if began_at is None else began_at + self._seconds * _TO_THE_END
                next_event = await self._next(answer, last_at)
                if next_event is None:
                    break
                yield next_event
                if isinstance(next_event, Finished):
                    return
                now = asyncio.get_running_loop().time()
                if began_at is None and not isinstance(next_event, Reasoning | Expected):
                    began_at = now
                if began_at is not None and now >= began_at + self._seconds * _least(next_event):
                    break
            self._reader.enough = True
        yield Finished("length", Usage(), self._model)

    async def _next(
        self, answer: AsyncGenerator[AnswerEvent], last_at: float | None
    ) -> AnswerEvent | None:
        """Return the next event; None: there was none in time, and the answer is closed."""
        clock = asyncio.get_running_loop()
        waiting = asyncio.timeout(None)

        def end() -> None:
            # Before the answer is closed: otherwise it would count as one whose client left.
            self._reader.enough = True
            waiting.reschedule(clock.time())

        timer = None if last_at is None else clock.call_at(last_at, end)
        try:
            async with waiting:
                return await anext(answer)
        except TimeoutError:
            if not waiting.expired():
                raise
            return None
        finally:
            if timer is not None:
                timer.cancel()


def _least(event: AnswerEvent) -> float:
    """Return after what share of its time an answer may end, if this is its newest event."""
    if isinstance(event, Delta) and event.text.rstrip(" ").endswith(_ENDS):
        return 1.0
    return _TO_THE_END
