"""One connection: events come in, each within limits, and are answered in their order."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from typing import NamedTuple

from wyoming.error import Error
from wyoming.event import Event, async_write_event
from wyoming.handle import Handled, HandledChunk, HandledStart, HandledStop, NotHandled
from wyoming.info import Info
from wyoming.ping import Pong

from pisovereign.chat.types import ChatResponse
from pisovereign.connectors.speech.events import BrokenEvent, EventLimits, read_event
from pisovereign.connectors.speech.spoken_text import spoken_text
from pisovereign.errors import PiSovereignError, ValidationFailed
from pisovereign.languages import Language
from pisovereign.logs import log_unexpected
from pisovereign.wyoming.answers import Sentence, VoiceAnswers, read_sentence, told

_log = logging.getLogger(__name__)
# A sentence of 10,000 characters, with what surrounds it; no audio is taken here.
_LIMITS = EventLimits(data=64 * 1024, payload=64 * 1024)


class Times(NamedTuple):
    """Seconds: between two events, for an answer, and for one that is written."""

    idle_s: float
    answer_s: float
    write_s: float


class WyomingConnection:
    """Serves one client until it leaves, is silent for too long, or sends what is no event.

    Args:
        reader: What it sends.
        writer: What it is sent.
        info: What this program says that it is.
        answers: Finds answers.
        language: Of sentences that do not tell.
        times: How long each thing may take.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        info: Info,
        answers: VoiceAnswers,
        language: Language,
        times: Times,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._info = info
        self._answers = answers
        self._language = language
        self._times = times
        self._reading: asyncio.Task[Event | None] | None = None

    async def serve(self) -> None:
        """Answer events until the connection ends."""
        try:
            while (event := await self._next()) is not None:
                await self._handle(event)
        except BrokenEvent:
            _log.info("a Wyoming client sent what is no event, and was left")
        except (TimeoutError, OSError):
            pass  # it left, or does not go on
        except Exception as error:  # noqa: BLE001 - the edge: nobody waits for it
            log_unexpected(error)
        finally:
            if self._reading is not None:
                self._reading.cancel()
                await asyncio.wait((self._reading,))

    async def _next(self) -> Event | None:
        reading = self._ahead()
        done, _ = await asyncio.wait((reading,), timeout=self._times.idle_s)
        if not done:
            raise TimeoutError
        self._reading = None
        return reading.result()

    def _ahead(self) -> asyncio.Task[Event | None]:
        """Return what reads the next event: during an answer too, to see who leaves."""
        if self._reading is None:
            self._reading = asyncio.create_task(read_event(self._reader, _LIMITS))
        return self._reading

    async def _handle(self, event: Event) -> None:
        if event.type == "describe":
            await self._write(self._info.event())
        elif event.type == "ping":
            await self._write(Pong(text=_text(event)).event())
        elif event.type == "transcript":
            await self._answer(event)

    async def _answer(self, event: Event) -> None:
        try:
            sentence = read_sentence(event.data, self._language)
        except ValidationFailed:
            await self._write(Error(text="The transcript has no text", code="invalid").event())
            return
        answering = asyncio.create_task(self._answered(sentence))
        reading = self._ahead()
        try:
            await asyncio.wait((answering, reading), return_when=asyncio.FIRST_COMPLETED)
            if not answering.done() and _has_event(reading):
                await asyncio.wait((answering,))
            if answering.done():
                answering.result()
        finally:
            answering.cancel()
            await asyncio.wait((answering,))

    async def _answered(self, sentence: Sentence) -> None:
        """Send an answer, piece by piece and then as a whole."""
        begun = False
        try:
            async with (
                asyncio.timeout(self._times.answer_s),
                aclosing(self._answers.answer(sentence)) as pieces,
            ):
                async for piece in pieces:
                    if isinstance(piece, ChatResponse):
                        text = spoken_text(piece.content)
                        break
                    if not begun:
                        await self._write(HandledStart(context=sentence.context).event())
                        begun = True
                    await self._write(HandledChunk(text=piece).event())
                else:
                    text = ""
        except PiSovereignError as error:
            _log.warning("a spoken sentence has no answer: %s", error.message)
            await self._fail(error, sentence)
            return
        except TimeoutError as error:
            await self._fail(error, sentence)
            return
        await self._write(Handled(text=text, context=sentence.context).event())
        if begun:
            await self._write(HandledStop().event())

    async def _fail(self, error: Exception, sentence: Sentence) -> None:
        text = told(error, sentence)
        await self._write(NotHandled(text=text, context=sentence.context).event())

    async def _write(self, event: Event) -> None:
        async with asyncio.timeout(self._times.write_s):
            await async_write_event(event, self._writer)


def _has_event(reading: asyncio.Task[Event | None]) -> bool:
    return not reading.cancelled() and reading.exception() is None and reading.result() is not None


def _text(event: Event) -> str | None:
    text = event.data.get("text")
    return text if isinstance(text, str) else None
