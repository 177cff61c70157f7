"""Services of speech that talk Wyoming, with its own library: what listens, and what speaks.

What listens is a stand-in: models that do are large. It says what a test tells it to, and keeps
the audio that it got. What speaks is Debian's espeak-ng.
"""

from __future__ import annotations

import asyncio
import io
import shutil
import subprocess
import threading
import wave
from functools import partial
from types import TracebackType
from typing import Any

from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event
from wyoming.info import AsrModel, AsrProgram, Attribution, Describe, Info, TtsProgram, TtsVoice
from wyoming.server import AsyncEventHandler, AsyncTcpServer
from wyoming.tts import Synthesize

from tests.support.patience import PATIENCE_S
from tests.support.server import free_port

ESPEAK = shutil.which("espeak-ng")
_BY = Attribution(name="tests", url="")


class SpeechServices:
    """One server that is both; `says` is what was said, `heard` the audio of each recording."""

    def __init__(self) -> None:
        self.port = free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.says = "What is six times seven?"
        self.heard: list[tuple[str | None, int, bytes]] = []
        self.spoken: list[tuple[str, str | None, str | None]] = []
        self.sends: list[bytes] | None = None
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> SpeechServices:
        self._thread.start()
        assert self._started.wait(PATIENCE_S)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_S)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = AsyncTcpServer("127.0.0.1", self.port)
        self._loop.run_until_complete(server.start(partial(_Handler, self)))
        self._started.set()
        self._loop.run_forever()
        self._loop.run_until_complete(server.stop())


class _Handler(AsyncEventHandler):
    def __init__(self, services: SpeechServices, *streams: Any) -> None:
        super().__init__(*streams)
        self._services = services
        self._language: str | None = None
        self._rate, self._audio = 0, b""

    async def handle_event(self, event: Event) -> bool:
        if self._services.sends is not None:
            for piece in self._services.sends:
                self.writer.write(piece)
            await self.writer.drain()
            return False
        if Describe.is_type(event.type):
            await self.write_event(_info().event())
        elif Transcribe.is_type(event.type):
            self._language = Transcribe.from_event(event).language
        elif AudioStart.is_type(event.type):
            self._rate = AudioStart.from_event(event).rate
        elif AudioChunk.is_type(event.type):
            self._audio += AudioChunk.from_event(event).audio
        elif AudioStop.is_type(event.type):
            self._services.heard.append((self._language, self._rate, self._audio))
            await self.write_event(Transcript(self._services.says).event())
        elif Synthesize.is_type(event.type):
            await self._speak(Synthesize.from_event(event))
        return True

    async def _speak(self, wanted: Synthesize) -> None:
        voice = wanted.voice
        named = (voice.name, voice.language) if voice else (None, None)
        self._services.spoken.append((wanted.text, *named))
        data = await asyncio.to_thread(espeak, wanted.text, named[0] or named[1] or "en")
        with wave.open(io.BytesIO(data)) as file:
            form: dict[str, Any] = {
                "rate": file.getframerate(),
                "width": file.getsampwidth(),
                "channels": file.getnchannels(),
            }
            samples = file.readframes(len(data))
        await self.write_event(AudioStart(**form).event())
        for at in range(0, len(samples), 2048):
            await self.write_event(AudioChunk(audio=samples[at : at + 2048], **form).event())
        await self.write_event(AudioStop().event())


def espeak(text: str, voice: str = "en") -> bytes:
    """Return a text as espeak-ng reads it, as a WAV file."""
    assert ESPEAK, "the Debian package espeak-ng is missing"
    argv = [ESPEAK, "-v", voice, "--stdin", "--stdout"]
    return subprocess.run(
        argv, input=text.encode(), stdout=subprocess.PIPE, check=True, timeout=60
    ).stdout


def _info() -> Info:
    model = AsrModel(
        name="scripted", attribution=_BY, installed=True, description=None, version=None,
        languages=["de", "en"],
    )  # fmt: skip
    voice = TtsVoice(
        name="en", attribution=_BY, installed=True, description=None, version=None, languages=["en"]
    )
    return Info(
        asr=[
            AsrProgram(
                name="stand-in", attribution=_BY, installed=True, description=None, version=None,
                models=[model],
            )
        ],
        tts=[
            TtsProgram(
                name="espeak-ng", attribution=_BY, installed=True, description=None, version=None,
                voices=[voice],
            )
        ],
    )  # fmt: skip
