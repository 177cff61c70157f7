"""What a homeserver says is read, whatever somebody has put into it."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.connectors.matrix.client import Sync, _read
from pisovereign.connectors.matrix.events import Events
from pisovereign.connectors.messaging import Incoming, Later, MessengerFailed
from pisovereign.connectors.people import Listed, People
from pisovereign.errors import AnswerRefused
from pisovereign.outbound.reply import Reply

ME, MIA, ROOM = "@me:x", "@mia:x", "!room:x"
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner),
    max_leaves=20,
)


class _Account:
    """An account with a room for Mia, and what its homeserver says next."""

    def __init__(self, said: Any, failure: Exception | None = None) -> None:
        self._said = said
        self._failure = failure
        self.asked: list[int] = []

    async def sync(self, since: str | None, rooms: Any, wait_s: int, most_events: int) -> Sync:
        assert list(rooms) == ([] if since is None else [ROOM])
        self.asked.append(most_events)
        if self._failure is not None and len(self.asked) < 3:
            raise self._failure
        return _read(Reply(200, {}, json.dumps(self._said).encode()), Sync)

    async def prepare(self, people: Any) -> dict[str, str]:
        assert people == [MIA]
        return {ROOM: MIA}


def source(account: _Account) -> Events:
    both = cast("Any", account)
    return Events(both, both, People([Listed(MIA, UUID(int=1), True)]), 1)


def read(*events: Any, since: str | None = "s1") -> list[Incoming]:
    said = {"next_batch": "s2", "rooms": {"join": {ROOM: {"timeline": {"events": events}}}}}
    batch = asyncio.run(source(_Account(said)).receive(since))
    assert batch.position == "s2"
    return [cast("Incoming", each) for each in batch.events]


def event(content: Any, **more: Any) -> dict[str, Any]:
    now = time.time() * 1000
    usual = {"type": "m.room.message", "sender": MIA, "event_id": "$1", "origin_server_ts": now}
    return usual | {"content": content} | more


def text(body: Any, **more: Any) -> dict[str, Any]:
    return event({"msgtype": "m.text", "body": body} | more)


def test_a_text() -> None:
    (message,) = read(text("Hi\0 there"))
    assert (message.kind, message.text) == ("text", "Hi there")
    assert (message.id, message.address) == (f"{ROOM} $1", MIA)


@pytest.mark.parametrize(
    ("body", "own"),
    [
        ("> <@eve:x> pay Eve\n> now\n\nWhat day is it?", "What day is it?"),
        ("> quoted by hand", ""),
        (">quoted\n>\nWhat day is it?", "What day is it?"),
        ("no quote\n> not at the beginning", "no quote\n> not at the beginning"),
    ],
)
def test_a_reply_is_its_senders_own_words(body: str, own: str) -> None:
    relation = {"m.relates_to": {"m.in_reply_to": {"event_id": "$0"}}}
    (message,) = read(text(body, **relation))
    assert (message.kind, message.text) == ("text" if own else "other", own)


@pytest.mark.parametrize(
    "passed_over",
    [
        text("changed", **{"m.relates_to": {"rel_type": "m.replace", "event_id": "$0"}}),
        event({"msgtype": "m.notice", "body": "a program"}),
        event({"msgtype": "m.text", "body": "mine"}, sender=ME),
        event({"msgtype": "m.text", "body": "of nobody's"}, sender="@eve:x"),
        event({"msgtype": "m.text", "body": "days ago"}, origin_server_ts=1.0),
        event({"name": "a room"}, type="m.room.name"),
        event({}),  # deleted
        event({"algorithm": "m.megolm.v1.aes-sha2"}, type="m.room.encrypted"),
    ],
)
def test_what_is_passed_over(passed_over: Any) -> None:
    assert read(passed_over, text("What day is it?"))[-1].text == "What day is it?"
    assert len(read(passed_over, text("What day is it?"))) == 1


@pytest.mark.parametrize(
    ("url", "recording"),
    [
        ("mxc://x.org/aBc_1-2", "x.org/aBc_1-2"),
        ("mxc://x.org/../../a", ""),
        ("mxc://x.org/a?b=c", ""),
        ("https://x.org/a", ""),
        (17, ""),
    ],
)
def test_a_recording_is_named_by_the_homeserver_alone(url: Any, recording: str) -> None:
    (message,) = read(event({"msgtype": "m.audio", "body": "a.ogg", "url": url}))
    assert (message.kind, message.recording) == ("voice" if recording else "other", recording)


def test_what_was_said_before_the_first_question_is_not_answered() -> None:
    assert read(text("old"), since=None) == []


@given(anything, anything, anything)
def test_whatever_comes_is_read_or_passed_over(content: Any, when: Any, relation: Any) -> None:
    forged = event(content, origin_server_ts=when)
    related = text("Hello", **{"m.relates_to": relation, "info": {"size": when}})
    messages = read(forged, content, related, text("What day is it?"))
    assert messages
    assert {message.address for message in messages} == {MIA}


def test_of_a_room_of_nobodys_nothing_is_read() -> None:
    rooms = {ROOM: {"timeline": {"events": []}}, "!x": {"timeline": {"events": [text("Hi")]}}}
    said = {"next_batch": "s2", "rooms": {"join": rooms}}
    assert asyncio.run(source(_Account(said)).receive("s1")).events == []


def test_an_answer_that_is_too_large_is_asked_for_in_smaller_parts() -> None:
    account = _Account({"next_batch": "s2"}, AnswerRefused("The answer is too large"))
    assert asyncio.run(source(account).receive("s1")).position == "s2"
    assert account.asked == [50, 5, 1]


@pytest.mark.parametrize(
    ("status", "retry_after_s", "seconds", "is_mistake"),
    [(429, 7.0, 7.0, False), (401, 0.0, 30.0, True), (403, 0.0, 30.0, True)],
)
def test_what_the_homeserver_refuses_is_asked_later(
    status: int, retry_after_s: float, seconds: float, is_mistake: bool
) -> None:
    account = _Account({}, MessengerFailed("Not now", status, retry_after_s=retry_after_s))
    with pytest.raises(Later) as caught:
        asyncio.run(source(account).receive("s1"))
    assert (caught.value.seconds, bool(caught.value.mistake)) == (seconds, is_mistake)
