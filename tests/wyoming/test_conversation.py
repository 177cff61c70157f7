"""A voice assistant talks to the running program, with the library that Home Assistant uses."""

from __future__ import annotations

import asyncio
import select
import socket
import uuid
from contextlib import suppress
from ipaddress import ip_network

import psutil
import pytest
from wyoming.client import AsyncTcpClient
from wyoming.event import Event
from wyoming.ping import Ping

from pisovereign.wyoming.server import is_allowed
from tests.support.patience import PATIENCE_S
from tests.support.server import BOB_KEY, wait_until
from tests.wyoming.client import answer, describe, exchange, say
from tests.wyoming.conftest import Voice


def _new() -> str:
    return uuid.uuid4().hex


def test_it_says_what_it_is(voice: Voice) -> None:
    (program,) = describe(voice.port).handle
    assert (program.name, program.installed) == ("PiSovereign", True)
    (model,) = program.models
    assert model.installed
    assert {"en", "de", "fr"} <= set(model.languages)


def test_a_sentence_is_answered_and_its_conversation_kept(voice: Voice) -> None:
    conversation, title = _new(), f"fetch {_new()[:8]}"
    handled = answer(voice.port, f"remind me to {title} tomorrow at 9:00", conversation)
    assert handled.type == "handled"
    assert title in handled.data["text"]
    assert handled.data["context"]["conversation_id"] == conversation
    # "it" is what was spoken of in this conversation
    moved = answer(voice.port, "make it 10:30", conversation)
    assert "10:30" in moved.data["text"]
    entries = voice.api.request("GET", "/v1/reminders?status=open").json()
    (mine,) = [each for each in entries if each["title"] == title]
    stored = voice.api.request("GET", f"/v1/conversations/voice-{conversation}")
    assert stored.status_code == 200, stored.text
    foreign = voice.api.request("GET", f"/v1/conversations/voice-{conversation}", key=BOB_KEY)
    assert foreign.status_code == 404
    voice.api.request("DELETE", f"/v1/reminders/{mine['id']}")


def test_without_an_id_one_is_made_and_told(voice: Voice) -> None:
    first = answer(voice.port, "what is 6 times 7?")
    assert "42" in first.data["text"]
    known = first.data["context"]["conversation_id"]
    stored = voice.api.request("GET", f"/v1/conversations/voice-{known}")
    assert stored.status_code == 200


def test_a_model_answers_piece_by_piece(voice: Voice) -> None:
    events = say(voice.port, "Tell me something about the sea.", _new())
    kinds = [event.type for event in events]
    assert kinds[0] == "handled-start"
    assert kinds[-2:] == ["handled", "handled-stop"]
    pieces = "".join(event.data["text"] for event in events if event.type == "handled-chunk")
    assert pieces.strip()


def test_the_language_is_the_sentences_own_or_the_one_it_is_said_to_be(voice: Voice) -> None:
    german = answer(voice.port, "Wie viel ist sechs mal sieben?", _new())
    assert "42" in german.data["text"]
    told = answer(voice.port, "ok", _new(), language="de_DE")
    assert told.type == "handled"


def test_what_needs_an_approval_is_told_of_and_waits(voice: Voice) -> None:
    conversation = _new()
    handled = answer(voice.port, "Restart the service", conversation)
    assert handled.type == "handled"
    assert handled.data["text"].startswith("This needs an approval until ")
    newest = voice.api.request("GET", "/v1/approvals?limit=1").json()[0]
    assert newest["status"] == "pending"
    # No word that is spoken approves anything.
    answer(voice.port, "yes, do it", conversation)
    approval = f"/v1/approvals/{newest['id']}"
    assert voice.api.request("GET", approval).json()["status"] == "pending"
    assert voice.api.request("POST", f"{approval}/cancel").status_code == 200


@pytest.mark.parametrize(
    "data", [{}, {"text": 5}, {"text": "x", "context": []}, {"text": "x", "language": {}}]
)
def test_a_transcript_of_another_form_is_an_error(voice: Voice, data: dict[str, object]) -> None:
    (event,) = exchange(voice.port, Event("transcript", data))
    assert event.type == "error"


@pytest.mark.parametrize("text", ["", "   ", "\0", "x" * 10_001])
def test_what_cannot_be_answered_is_said(voice: Voice, text: str) -> None:
    handled = answer(voice.port, text, _new())
    assert handled.type == "not-handled"
    assert handled.data["text"]


def test_ids_of_any_kind_are_conversations_of_their_own(voice: Voice) -> None:
    for given in ("../etc", "ä b", "x" * 5000):
        handled = answer(voice.port, "what is 2 plus 2?", given)
        assert handled.data["context"]["conversation_id"] == given


def test_a_ping_and_unknown_events(voice: Voice) -> None:
    async def talk() -> Event | None:
        async with asyncio.timeout(PATIENCE_S), AsyncTcpClient("127.0.0.1", voice.port) as client:
            await client.write_event(Event("audio-start", {"rate": 16000}))
            await client.write_event(Event("audio-chunk", {"rate": 16000}, b"\0" * 2048))
            await client.write_event(Ping(text="here").event())
            event: Event | None = await client.read_event()
            return event

    event = asyncio.run(talk())
    assert event is not None
    assert (event.type, event.data["text"]) == ("pong", "here")


@pytest.mark.parametrize(
    "sent",
    [
        b"no json\n",
        b"[]\n",
        b'{"data": {}}\n',
        b'{"type": "transcript", "data_length": 99999999}\n',
        b'{"type": "transcript", "data_length": -1}\n',
        b'{"type": "audio-chunk", "payload_length": 99999999}\n',
        b'{"type": "' + b"x" * 100_000,
        b'{"type": "transcript", "data": ' + b"[" * 30_000,
        b'{"type": "transcript", "data_length": 5}\n12',
        b'{"type": "transcri',
        b"",
    ],
    ids=range(11),
)
def test_what_is_no_event_too_large_or_half_ends_the_connection(voice: Voice, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", voice.port), PATIENCE_S) as connection:
        connection.settimeout(60)
        with suppress(ConnectionError):
            connection.sendall(sent)
        received = b""
        with suppress(ConnectionError):
            received = connection.recv(100)
    assert received == b""


def test_no_more_than_so_many_at_once(voice: Voice) -> None:
    open_ones = [socket.create_connection(("127.0.0.1", voice.port), PATIENCE_S) for _ in range(7)]
    try:
        ended, _, _ = select.select(open_ones, [], [], PATIENCE_S)
        assert ended
        with suppress(ConnectionError):
            assert ended[0].recv(1) == b""
    finally:
        for each in open_ones:
            each.close()


def test_who_is_not_allowed_is_left_before_anything_is_read(voice: Voice) -> None:
    stranger = ("127.0.0.2", 0)
    address = ("127.0.0.1", voice.port)
    with socket.create_connection(address, PATIENCE_S, source_address=stranger) as connection:
        connection.settimeout(PATIENCE_S)
        # A line that is never finished would be waited for, had it been read.
        with suppress(ConnectionError):
            connection.sendall(b'{"type": "describe"')
        with suppress(ConnectionError):
            assert connection.recv(100) == b""
    log = voice.api.log_path
    said = "at 127.0.0.2 was left: it is not in wyoming.allow"
    wait_until(lambda: said in log.read_text(), PATIENCE_S, "the log")
    assert describe(voice.port).handle


@pytest.mark.parametrize(
    ("peer", "expected"),
    [("192.168.1.20", True), ("::ffff:192.168.1.20", True), ("192.168.1.21", False),
     ("fd00::5", True), ("fe80::1%eth0", True), ("", False), ("::1", False)],
)  # fmt: skip
def test_addresses_are_judged(peer: str, expected: bool) -> None:
    allowed = [ip_network(each) for each in ("192.168.1.20", "fd00::/64", "fe80::1")]
    assert is_allowed(peer, allowed) == expected


def test_exactly_one_of_several_workers_listens_and_another_takes_over(voice: Voice) -> None:
    def listeners() -> list[int]:
        first = psutil.Process(voice.api.process.pid)
        return [
            each.pid
            for each in (first, *first.children(recursive=True))
            if _listens(each, voice.port)
        ]

    (first,) = listeners()
    psutil.Process(first).kill()
    wait_until(lambda: listeners() not in ([], [first]), 60, "another worker")
    assert "PiSovereign" in describe(voice.port).handle[0].name


def _listens(process: psutil.Process, port: int) -> bool:
    try:
        found = process.net_connections("tcp")
    except psutil.NoSuchProcess:
        return False
    return any(each.status == "LISTEN" and each.laddr.port == port for each in found)
