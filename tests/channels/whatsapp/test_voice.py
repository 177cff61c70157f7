"""Voice messages on WhatsApp: what was understood is shown before anything is done."""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import soundfile

from tests.support.api_server import running_api
from tests.support.graph_api import ALICE_PHONE, GraphApi, post, settings, text_message, webhook
from tests.support.server import Server
from tests.support.speech_services import SpeechServices


class Voice(NamedTuple):
    """WhatsApp, and what writes down what is said on it."""

    api: Server
    graph: GraphApi
    services: SpeechServices


@pytest.fixture(scope="module")
def voice(server: Server, models_dir: Path) -> Iterator[Voice]:
    with GraphApi() as graph, SpeechServices() as services:
        more = {"PISOVEREIGN_SPEECH__TO_TEXT": services.address}
        with running_api(server, models_dir, **settings(graph.url, **more)) as own:
            yield Voice(own, graph, services)


def opus(seconds: float = 1.0) -> bytes:
    """A recording as WhatsApp sends it."""
    file = io.BytesIO()
    line = 0.5 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * 48_000)) / 48_000)
    soundfile.write(file, line, 48_000, format="OGG", subtype="OPUS")
    return file.getvalue()


def spoken(media: str) -> dict[str, Any]:
    message = text_message("")
    del message["text"]
    audio = {"id": media, "mime_type": "audio/ogg; codecs=opus", "voice": True}
    return message | {"type": "audio", "audio": audio}


def say(voice: Voice, text: str, recording: bytes | None = None) -> str:
    """Send a voice message that says something; returns what is answered."""
    voice.services.says = text
    media = uuid.uuid4().hex
    voice.graph.recordings[media] = opus() if recording is None else recording
    before = len(voice.graph.texts())
    assert post(voice.api.url, webhook(spoken(media))).status_code == 200
    return voice.graph.wait_for(before + 1)[-1]


def titles(voice: Voice) -> list[str]:
    reminders = voice.api.request("GET", "/v1/reminders?status=open&limit=500").json()
    return [each["title"] for each in reminders]


def test_what_was_understood_is_shown_with_the_answer(voice: Voice) -> None:
    answer = say(voice, "What is six times seven?")
    assert answer.startswith("I heard: “What is six times seven?”\n\n")
    assert "42" in answer
    language, rate, audio = voice.services.heard[-1]
    assert (language, rate) == (None, 16_000)
    assert 0.9 < len(audio) / 32_000 < 1.2


def test_nothing_is_done_before_it_was_read(voice: Voice) -> None:
    title = f"polish the anchor {uuid.uuid4().hex[:6]}"
    answer = say(voice, f"Remind me to {title} tomorrow at nine")
    assert title in answer
    assert title not in titles(voice)
    code = re.search(r"approve ([A-Z0-9]{6})$", answer, re.MULTILINE)
    assert code, answer
    # Nor by a voice, whatever was heard.
    say(voice, f"approve {code[1]}")
    assert title not in titles(voice)
    before = len(voice.graph.texts())
    post(voice.api.url, webhook(text_message(f"approve {code[1]}")))
    voice.graph.wait_for(before + 1)
    assert title in titles(voice)
    # What is written goes on at once, also after something was spoken.
    other = f"oil the winch {uuid.uuid4().hex[:6]}"
    before = len(voice.graph.texts())
    post(voice.api.url, webhook(text_message(f"Remind me to {other} tomorrow at nine")))
    voice.graph.wait_for(before + 1)
    assert other in titles(voice)


@pytest.mark.parametrize("recording", [b"", b"OggS" + b"\0" * 3000])
def test_what_cannot_be_read_is_said(voice: Voice, recording: bytes) -> None:
    answer = say(voice, "never heard", recording)
    assert answer == "Sorry, I understood nothing in this recording."


def test_what_is_too_long_is_said(voice: Voice) -> None:
    answer = say(voice, "never heard", b"\xff" * 4_000_000)
    assert answer == "Sorry, that recording is too long for me."


def test_nothing_heard_is_said(voice: Voice) -> None:
    assert say(voice, "  ") == "Sorry, I understood nothing in this recording."


def test_the_token_goes_nowhere_else(voice: Voice) -> None:
    """A place that is not Meta's is not asked; the message waits."""
    with GraphApi() as foreign:
        foreign.recordings["stolen"] = opus()
        voice.graph.elsewhere = f"{foreign.url}/media/stolen"
        voice.services.says = "What is two plus two?"
        try:
            media = uuid.uuid4().hex
            voice.graph.recordings[media] = opus()
            heard = len(voice.services.heard)
            before = len(voice.graph.texts())
            assert post(voice.api.url, webhook(spoken(media))).status_code == 200
            log = voice.api.log_path
            while "not Meta's" not in log.read_text():
                assert len(voice.graph.texts()) == before
            assert len(voice.services.heard) == heard
        finally:
            voice.graph.elsewhere = ""
        assert voice.graph.wait_for(before + 1, ALICE_PHONE)[-1].startswith("I heard: ")
