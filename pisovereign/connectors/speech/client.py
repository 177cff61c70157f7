"""Clients of services that write down speech and read aloud, over Wyoming.

What a service sends is bounded in size and time. Its text is what somebody said, as far as it
understood: it is shown before anything is done.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

import msgspec
from wyoming.asr import Transcribe
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event, async_write_event
from wyoming.info import Describe
from wyoming.tts import Synthesize, SynthesizeVoice

from pisovereign.connectors.speech.audio import SAMPLE_BYTES, Audio
from pisovereign.connectors.speech.events import LONGEST_LINE, BrokenEvent, EventLimits, read_event
from pisovereign.errors import AnswerRefused, HostFailed
from pisovereign.net.hosts import Target
from pisovereign.outbound.outbound import Outbound
from pisovereign.outbound.tcp import Stream, connected

_LIMITS = EventLimits(data=1024 * 1024, payload=1024 * 1024)
_CHUNK = 16 * 1024
_MOST_EVENTS = 100_000
_LONGEST_TEXT = 10_000
_MOST_AUDIO = 64 * 1024 * 1024
_CONNECT_S = 5.0
_NAMES = 5
S = TypeVar("S", bound=msgspec.Struct)


class _Said(msgspec.Struct):
    text: str


class _Format(msgspec.Struct):
    rate: int
    width: int
    channels: int


class _Program(msgspec.Struct):
    name: str
    installed: bool = True


class _Programs(msgspec.Struct):
    asr: list[_Program] = []
    tts: list[_Program] = []


class WyomingService:
    """One service.

    Args:
        outbound: The way out.
        target: Where it is.
        timeout_s: The longest time for anything it is asked, in seconds.
    """

    def __init__(self, outbound: Outbound, target: Target, timeout_s: float) -> None:
        self._outbound = outbound
        self._target = target
        self._timeout_s = timeout_s

    def __str__(self) -> str:
        return f"{self._target.host}:{self._target.port}"

    async def transcribe(self, audio: Audio, language: str | None) -> str:
        """Return what is said in a recording; empty: nothing was understood.

        Raises:
            Refused: The service may not be contacted, or its answer is not accepted.
            HostFailed: It is away, slow, or breaks off.
        """
        form = {"rate": audio.rate, "width": SAMPLE_BYTES, "channels": audio.channels}
        async with self._asked() as stream:
            await _write(stream, Transcribe(language=language).event())
            await _write(stream, AudioStart(**form).event())
            for at in range(0, len(audio.samples), _CHUNK):
                part = audio.samples[at : at + _CHUNK]
                await _write(stream, AudioChunk(audio=part, **form).event())
            await _write(stream, AudioStop().event())
            async for event in self._events(stream):
                if event.type == "transcript":
                    text = self._read(event, _Said).text
                    return text.replace("\0", "").strip()[:_LONGEST_TEXT]
        raise AssertionError("events end with an error")

    async def synthesize(self, text: str, voice: str, language: str | None) -> Audio:
        """Return a text as it is read aloud.

        Raises:
            Refused, HostFailed: as in `transcribe`.
        """
        wanted = SynthesizeVoice(name=voice or None, language=None if voice else language)
        samples, form = bytearray(), None
        async with self._asked() as stream:
            await _write(stream, Synthesize(text=text, voice=wanted).event())
            async for event in self._events(stream):
                if event.type == "audio-start":
                    form = self._read(event, _Format)
                elif event.type == "audio-chunk":
                    samples += event.payload or b""
                    if len(samples) > _MOST_AUDIO:
                        raise AnswerRefused(f"{self} sends more audio than it may")
                elif event.type == "audio-stop":
                    break
        if form is None or form.width != SAMPLE_BYTES or not _usual(form):
            raise AnswerRefused(f"{self} sends audio of an unusual form")
        return Audio(form.rate, form.channels, bytes(samples))

    async def programs(self) -> tuple[list[str], list[str]]:
        """Return the names of what writes down, and of what reads aloud there.

        Raises:
            Refused, HostFailed: as in `transcribe`.
        """
        async with self._asked() as stream:
            await _write(stream, Describe().event())
            async for event in self._events(stream):
                if event.type == "info":
                    found = self._read(event, _Programs)
                    return _names(found.asr), _names(found.tts)
        raise AssertionError("events end with an error")

    @asynccontextmanager
    async def _asked(self) -> AsyncIterator[Stream]:
        """Connect, within the limits of time; failures count against the service."""
        host, port = self._target.host, self._target.port
        try:
            async with (
                self._outbound.breakers.guard(host, port),
                asyncio.timeout(self._timeout_s),
                connected(
                    self._outbound.gate, host, port, timeout_s=_CONNECT_S, line_bytes=LONGEST_LINE
                ) as stream,
            ):
                yield stream
        except TimeoutError:
            raise HostFailed(f"{self} does not answer in time") from None
        except OSError:
            raise HostFailed(f"The connection to {self} broke") from None

    async def _events(self, stream: Stream) -> AsyncIterator[Event]:
        for _ in range(_MOST_EVENTS):
            try:
                event = await read_event(stream.reader, _LIMITS)
            except BrokenEvent:
                raise AnswerRefused(f"{self} does not speak Wyoming") from None
            if event is None:
                raise HostFailed(f"{self} ended the connection before its answer")
            if event.type == "error":
                raise AnswerRefused(f"{self} says that something went wrong there")
            yield event
        raise AnswerRefused(f"{self} sends more than it may")

    def _read(self, event: Event, kind: type[S]) -> S:
        try:
            return msgspec.convert(event.data, kind)
        except (msgspec.ValidationError, RecursionError):
            raise AnswerRefused(f"{self} sends something of another form") from None


async def _write(stream: Stream, event: Event) -> None:
    await async_write_event(event, stream.writer)


def _usual(form: _Format) -> bool:
    return 8_000 <= form.rate <= 48_000 and form.channels in (1, 2)


def _names(programs: list[_Program]) -> list[str]:
    return [each.name[:100] for each in programs if each.installed][:_NAMES]
