"""The routes of speech, in OpenAI's form."""

from __future__ import annotations

from typing import Annotated

import msgspec
from falcon.asgi import Request, Response
from msgspec import Meta

from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.connectors.speech.audio import to_wav
from pisovereign.errors import ValidationFailed
from pisovereign.speech.recording import read_recording
from pisovereign.speech.service import SpeechService, known_language
from pisovereign.speech.types import SpeechRequest, SpeechState, Transcription

TRANSCRIPTIONS = "/v1/audio/transcriptions"
_PCM = "audio/pcm"
_FORMATS = ("json", "text")


class RecordingQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of a recording that is the body itself."""

    language: Annotated[str, Meta(max_length=20)] | None = None


class SpeechRoutes(Routes, tag="Speech"):
    """Speech over HTTP; all rules are in the service.

    Args:
        service: Writes down and reads aloud.
        body_timeout_s: How long a recording may take to arrive, in seconds.
    """

    def __init__(self, service: SpeechService, body_timeout_s: float) -> None:
        self._service = service
        self._body_timeout_s = body_timeout_s

    @route(
        "GET",
        "/v1/audio",
        summary="What of speech is set up",
        example=Example(
            response={"transcriptions": False, "speech": False, "longest_audio_s": 120}
        ),
    )
    async def speech_state(self, req: Request, resp: Response) -> SpeechState:
        """Tell whether there are services that write down speech, and that read aloud.

        They are set up as `[speech]`, or on the page under Connections: [voice.md](voice.md).
        """
        return self._service.state()

    @route(
        "POST",
        TRANSCRIPTIONS,
        summary="Write down a recording",
        raw_body=True,
        errors=(502,),
    )
    async def transcribe(
        self, req: Request, resp: Response, query: RecordingQuery
    ) -> Transcription | None:
        """Return what is said in a recording, as `{"text": "…"}`. Nothing is done about it.

        The body is the file itself, or a form (`multipart/form-data`) with the part `file`, as
        OpenAI's clients send it; `language` is a field of the form or of the query. Of the form's
        other fields `response_format` counts, `json` or `text`. WAV, FLAC, MP3 and Ogg (Opus or
        Vorbis) are read, up to 12 MB and `speech.longest_audio_s` seconds; a WAV of one channel of
        16 bits needs no decoding. An empty text: nothing was understood. Without a service it is a
        503.
        """
        recording = await read_recording(req, self._body_timeout_s)
        form = recording.fields.get("response_format", "json")
        if form not in _FORMATS:
            raise ValidationFailed([{"field": "response_format", "error": "must be json or text"}])
        told = known_language(recording.fields.get("language") or query.language)
        text = await self._service.transcribe(recording.data, told)
        if form == "json":
            return Transcription(text)
        resp.content_type = "text/plain; charset=utf-8"
        resp.text = text
        return None

    @route(
        "POST",
        "/v1/audio/speech",
        summary="Read a text aloud",
        media_type="audio/wav",
        ignore_unknown=True,
        errors=(502,),
        fields={
            "input": "1 to 4,096 characters, not blank, no NUL; marks of Markdown are not read",
            "model": "taken for OpenAI's clients, and not used",
            "voice": "a voice of the service; empty: `speech.voice`",
            "language": "of the text, such as `de`; as its words tell if not given",
            "response_format": "`wav`, or `pcm`: samples of 16 bits alone",
            "speed": "taken, and not used",
            "instructions": "taken, and not used",
        },
    )
    async def speak(self, req: Request, resp: Response, body: SpeechRequest) -> None:
        """Return a text as it is read aloud. Without a service it is a 503."""
        audio = await self._service.speak(body.input, body.voice, known_language(body.language))
        resp.set_header("Cache-Control", "no-store")
        if body.response_format == "pcm":
            resp.content_type = f"{_PCM}; rate={audio.rate}; channels={audio.channels}"
            resp.data = audio.samples
            return
        resp.content_type = "audio/wav"
        resp.data = to_wav(audio)
