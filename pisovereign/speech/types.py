"""Types of the routes of speech."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from pisovereign.validation import no_nul, not_blank

LONGEST_SPOKEN = 4096
"""Characters that are read aloud at once, as with OpenAI."""


class SpeechState(msgspec.Struct, frozen=True, kw_only=True):
    """The speech services that are set up: `transcriptions` writes down, `speech` reads aloud."""

    transcriptions: bool
    speech: bool
    longest_audio_s: int


class Transcription(msgspec.Struct, frozen=True):
    """The words that were said in a recording."""

    text: str


class SpeechRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A text that is to be read aloud.

    `model`, `speed` and `instructions` are taken so that OpenAI's clients work, and not used.
    """

    input: Annotated[
        str, Meta(min_length=1, max_length=LONGEST_SPOKEN, extra={"rules": (not_blank, no_nul)})
    ]
    model: Annotated[str, Meta(max_length=200)] = ""
    voice: Annotated[str, Meta(max_length=200)] = ""
    language: Annotated[str, Meta(max_length=20)] | None = None
    response_format: Literal["wav", "pcm"] = "wav"
    speed: float | None = None
    instructions: Annotated[str, Meta(max_length=10_000)] | None = None
