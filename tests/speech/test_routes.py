"""Recordings become text and text becomes recordings, by services that speak Wyoming."""

from __future__ import annotations

import io
import json
import wave

import numpy as np
import openai
import pytest
import soundfile

from tests.speech.conftest import Speech
from tests.support.server import ALICE_KEY, Server
from tests.support.speech_services import ESPEAK

WAV = "audio/wav"


def tone(seconds: float, rate: int = 16_000, channels: int = 1) -> np.ndarray:
    """A tone of 440 Hz."""
    line = 0.5 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate)
    return np.tile(line[:, None], (1, channels))


def recording(form: str, subtype: str, seconds: float = 1.0, rate: int = 48_000) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, tone(seconds, rate, 2), rate, format=form, subtype=subtype)
    return file.getvalue()


def plain(seconds: float = 1.0, rate: int = 16_000) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, tone(seconds, rate), rate, format="WAV", subtype="PCM_16")
    return file.getvalue()


def loudest(samples: bytes, rate: int) -> float:
    """The frequency that most of a recording is."""
    signal = np.frombuffer(samples, "<i2").astype(float)
    spectrum = np.abs(np.fft.rfft(signal))
    return float(np.fft.rfftfreq(len(signal), 1 / rate)[spectrum.argmax()])


def test_what_is_set_up(speech: Speech, server: Server) -> None:
    state = speech.api.request("GET", "/v1/audio").json()
    assert state == {"transcriptions": True, "speech": True, "longest_audio_s": 20}
    assert server.request("GET", "/v1/audio").json()["transcriptions"] is False


def test_a_plain_recording_is_passed_on_as_it_is(speech: Speech) -> None:
    speech.services.says = "Wie spät ist es?"
    data = plain(1.5)
    answer = speech.api.request("POST", "/v1/audio/transcriptions?language=de-DE", data=data)
    assert (answer.status_code, answer.json()) == (200, {"text": "Wie spät ist es?"})
    ((language, rate, audio),) = speech.services.heard
    assert (language, rate) == ("de", 16_000)
    assert audio == data[-48_000:]


@pytest.mark.parametrize(
    ("form", "subtype"),
    [("OGG", "OPUS"), ("OGG", "VORBIS"), ("FLAC", "PCM_24"), ("MP3", "MPEG_LAYER_III"),
     ("WAV", "FLOAT")],
)  # fmt: skip
def test_other_formats_are_decoded(speech: Speech, form: str, subtype: str) -> None:
    data = recording(form, subtype)
    answer = speech.api.request("POST", "/v1/audio/transcriptions", data=data)
    assert answer.status_code == 200, answer.text
    ((_, rate, audio),) = speech.services.heard
    assert rate == 16_000
    assert 0.9 < len(audio) / 32_000 < 1.2
    assert loudest(audio, rate) == pytest.approx(440, abs=2)


def test_openais_client_is_served(speech: Speech) -> None:
    client = openai.OpenAI(api_key=ALICE_KEY, base_url=f"{speech.api.url}/v1", max_retries=0)
    speech.services.says = "Hello there"
    file = ("voice.wav", plain())
    heard = client.audio.transcriptions.create(model="any", file=file, language="en")
    assert heard.text == "Hello there"
    text = client.audio.transcriptions.create(model="any", file=file, response_format="text")
    assert str(text) == "Hello there"


@pytest.mark.skipif(ESPEAK is None, reason="the Debian package espeak-ng is missing")
def test_a_real_voice_reads_aloud_and_is_heard(speech: Speech) -> None:
    client = openai.OpenAI(api_key=ALICE_KEY, base_url=f"{speech.api.url}/v1", max_retries=0)
    told = client.audio.speech.create(
        model="any", voice="", input="**Six** times seven is `42`.", response_format="wav"
    )
    data = told.read()
    assert speech.services.spoken == [("Six times seven is 42.", None, "en")]
    with wave.open(io.BytesIO(data)) as file:
        assert file.getnframes() / file.getframerate() > 0.5
        assert max(abs(np.frombuffer(file.readframes(10**6), "<i2"))) > 1000
    speech.services.says = "Six times seven is 42."
    answer = speech.api.request("POST", "/v1/audio/transcriptions", data=data)
    assert answer.json()["text"] == speech.services.says
    assert len(speech.services.heard[0][2]) > 16_000


def test_nothing_is_done_about_what_was_heard(speech: Speech) -> None:
    speech.services.says = "Remind me to feed the dragon tomorrow at nine"
    before = speech.api.request("GET", "/v1/reminders?status=open").headers["X-Total-Count"]
    answer = speech.api.request("POST", "/v1/audio/transcriptions", data=plain())
    assert answer.json()["text"] == speech.services.says
    after = speech.api.request("GET", "/v1/reminders?status=open").headers["X-Total-Count"]
    assert before == after


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 422),
        (b"no recording", 415),
        (b"RIFF" + b"\xff" * 40, 415),
        (b"OggS" + b"\0" * 5000, 415),
        (b"fLaC" + b"\xff" * 5000, 415),
        (b"ID3\x04" + b"\x7f" * 5000, 415),
    ],
)
def test_what_is_no_recording_is_refused(speech: Speech, data: bytes, status: int) -> None:
    answer = speech.api.request("POST", "/v1/audio/transcriptions", data=data)
    assert answer.status_code == status, answer.text
    assert not speech.services.heard


def test_what_is_too_long_or_too_large_is_refused(speech: Speech) -> None:
    for data in (plain(21), recording("OGG", "OPUS", 21), recording("FLAC", "PCM_16", 300, 8000)):
        answer = speech.api.request("POST", "/v1/audio/transcriptions", data=data)
        assert answer.status_code == 413, answer.text
    large = b"\0" * (12 * 1024 * 1024 + 1)
    answer = speech.api.request("POST", "/v1/audio/transcriptions", data=large)
    assert answer.status_code == 413
    pieces = (b"\0" * 1024**2 for _ in range(13))
    answer = speech.api.request("POST", "/v1/audio/transcriptions", data=pieces)
    assert answer.status_code == 413
    assert not speech.services.heard


def _event(kind: str, data: object, payload: bytes = b"") -> bytes:
    head = json.dumps({"type": kind, "data": data, "payload_length": len(payload)})
    return head.encode() + b"\n" + payload


_START = _event("audio-start", {"rate": 22050, "width": 2, "channels": 1})


@pytest.mark.parametrize(
    "sends",
    [
        [b"HTTP/1.1 400 Bad Request\r\n\r\n"],
        [b'{"type": "transcript", "data": {"text": 7}}\n'],
        [b'{"type": "transcript", "data_length": 999999999}\n'],
        [b'{"type": "error", "data": {"text": "secret"}}\n'],
        [b'{"type": "transcript"'],
        [],
        [_event("audio-start", {"rate": 1, "width": 2, "channels": 1}), b'{"type":"audio-stop"}\n'],
        [_START, _event("audio-chunk", {}, b"\0" * 1024**2) * 70],
    ],
    ids=range(8),
)
def test_a_hostile_service_does_no_harm(speech: Speech, sends: list[bytes]) -> None:
    speech.services.sends = sends
    heard = speech.api.request("POST", "/v1/audio/transcriptions", data=plain())
    read = speech.api.request("POST", "/v1/audio/speech", json={"input": "Hello"})
    for answer in (heard, read):
        assert answer.status_code == 502, answer.text
        assert "secret" not in answer.text


def test_without_a_service_it_says_what_to_set(server: Server) -> None:
    heard = server.request("POST", "/v1/audio/transcriptions", data=plain())
    assert (heard.status_code, heard.json()["error"]["details"]) == (
        503,
        {"setting": "speech.to_text"},
    )
    read = server.request("POST", "/v1/audio/speech", json={"input": "Hello"})
    assert (read.status_code, read.json()["error"]["details"]) == (
        503,
        {"setting": "speech.to_speech"},
    )


@pytest.mark.parametrize("text", ["", " ", "x" * 4097, "a\0b"])
def test_what_cannot_be_read_aloud_is_refused(speech: Speech, text: str) -> None:
    answer = speech.api.request("POST", "/v1/audio/speech", json={"input": text})
    assert answer.status_code == 422
    assert not speech.services.spoken
