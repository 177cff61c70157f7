"""Recordings become text, and text becomes recordings: rules, and limits of how much at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Protocol

from pisovereign.connectors.speech.audio import Audio
from pisovereign.connectors.speech.decoding import decode
from pisovereign.connectors.speech.spoken_text import spoken_text
from pisovereign.errors import NotConfigured, RateLimited
from pisovereign.languages import LANGUAGES, Language
from pisovereign.languages.detection import language_of
from pisovereign.speech.types import SpeechState

if TYPE_CHECKING:
    from pisovereign.connectors.speech.connected import SpeechServices

_AT_ONCE = 2  # each may hold minutes of audio
_WAITING = 8
_AGAIN_S = 5


class Source(Protocol):
    """Knows what is set up now."""

    def using(self) -> AbstractContextManager[SpeechServices | None]:
        """Hold what is set up; None: nothing is."""
        ...


class SpeechService:
    """Writes down and reads aloud.

    Args:
        source: What is set up now.
        longest_audio_s: The longest recording, in seconds.
    """

    def __init__(self, source: Source, longest_audio_s: int) -> None:
        self._source = source
        self._longest_audio_s = longest_audio_s
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    def state(self) -> SpeechState:
        """Return what is set up."""
        with self._source.using() as services:
            return SpeechState(
                transcriptions=bool(services and services.to_text),
                speech=bool(services and services.to_speech),
                longest_audio_s=self._longest_audio_s,
            )

    async def transcribe(self, recording: bytes, language: str | None) -> str:
        """Return what is said in a recording; empty: nothing was understood.

        Args:
            recording: A file of a usual format.
            language: Its language, such as `de`; None: the service finds out.

        Raises:
            NotConfigured: There is no such service.
            PayloadTooLarge: It lasts too long.
            UnsupportedMediaType: It is of another format.
            UpstreamError: The service does not answer.
        """
        with self._source.using() as services:
            if services is None or services.to_text is None:
                raise NotConfigured("Writing down speech", "speech.to_text")
            async with self._taking_turns():
                audio = await decode(recording, self._longest_audio_s)
                return await services.to_text.transcribe(audio, language)

    async def speak(self, text: str, voice: str = "", language: Language | None = None) -> Audio:
        """Return a text as it is read aloud.

        Args:
            text: It may hold marks of Markdown, which are not read.
            voice: A voice of the service; empty: the one that is set up.
            language: Of the text; None: as its words tell.

        Raises:
            NotConfigured: There is no such service.
            UpstreamError: The service does not answer.
        """
        with self._source.using() as services:
            if services is None or services.to_speech is None:
                raise NotConfigured("Reading aloud", "speech.to_speech")
            async with self._taking_turns():
                spoken = spoken_text(text) or text
                told = language or language_of(spoken)
                return await services.to_speech.synthesize(spoken, voice or services.voice, told)

    @asynccontextmanager
    async def _taking_turns(self) -> AsyncIterator[None]:
        if self._waiting >= _WAITING:
            raise RateLimited(_AGAIN_S)
        self._waiting += 1
        try:
            async with self._turn:
                yield
        finally:
            self._waiting -= 1


def known_language(given: str | None) -> Language | None:
    """Return a language that somebody named as `de` or `de-DE`; None: none, or another one."""
    code = (given or "").lower().replace("_", "-").partition("-")[0]
    return code if code in LANGUAGES else None
