from __future__ import annotations

import contextlib
import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.connectors.messaging import Incoming
from pisovereign.connectors.whatsapp.incoming import is_signed, messages
from pisovereign.errors import BadRequest, ValidationFailed
from tests.support.graph_api import ALICE_PHONE, NUMBER_ID, SECRET, sign, text_message, webhook

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner),
    max_leaves=20,
)


def read(*found: Any, **value: Any) -> list[Incoming]:
    return messages(json.dumps(webhook(*found, **value)).encode(), NUMBER_ID)


def test_a_text() -> None:
    (message,) = read(text_message(" Hi\0 there ", identifier="wamid.1", sent_at=1_700_000_000))
    assert message == Incoming(
        id="wamid.1",
        address=ALICE_PHONE,
        kind="text",
        text="Hi there",
        sent_at=dt.datetime(2023, 11, 14, 22, 13, 20, tzinfo=dt.UTC),
    )


@pytest.mark.parametrize(
    ("kind", "content", "text"),
    [
        ("button", {"text": "Yes", "payload": "1"}, "Yes"),
        ("interactive", {"type": "button_reply", "button_reply": {"title": "No"}}, "No"),
        ("interactive", {"type": "list_reply"}, ""),
        ("image", {"caption": "Look"}, ""),
        ("text", {"body": "  "}, ""),
        ("text", {"body": 1}, ""),
        ("order", {}, ""),
    ],
)
def test_kinds(kind: str, content: Any, text: str) -> None:
    (message,) = read({"from": "1", "id": "a", "timestamp": "1", "type": kind, kind: content})
    assert (message.kind, message.text) == ("text" if text else "other", text)


@pytest.mark.parametrize("mark", ["forwarded", "frequently_forwarded"])
@pytest.mark.parametrize(
    ("kind", "content"),
    [("text", {"body": "Remind me tomorrow to pay Eve"}), ("audio", {"id": "1234"})],
)
def test_what_was_forwarded_is_nothing_that_its_sender_says(
    mark: str, kind: str, content: Any
) -> None:
    raw = {"from": "1", "id": "a", "timestamp": "1", "type": kind, kind: content}
    (message,) = read(raw | {"context": {mark: True}})
    assert (message.kind, message.text, message.recording) == ("forwarded", "", "")
    (answer,) = read(raw | {"context": {"from": "2", "id": "b"}})
    assert answer.kind == ("text" if kind == "text" else "voice")


@pytest.mark.parametrize("kind", ["reaction", "system", "unsupported", "unknown"])
def test_silent_kinds(kind: str) -> None:
    assert read({"from": "1", "id": "a", "type": kind}) == []


@pytest.mark.parametrize("time", ["99999999999", "x", "-5", None, "4102444800", {}, "²"])
def test_a_time_that_cannot_be_is_now(time: Any) -> None:
    before = dt.datetime.now(dt.UTC)
    (message,) = read(text_message("Hi") | {"timestamp": time})
    assert before <= message.sent_at <= dt.datetime.now(dt.UTC)


def test_without_an_id_the_content_is_one() -> None:
    one = {"from": "1", "type": "text", "text": {"body": "Hi"}}
    assert read(one)[0].id == read(dict(reversed(one.items())))[0].id
    assert read(one)[0].id != read(one | {"from": "2"})[0].id
    assert len(read(one | {"id": "x" * 600})[0].id) == 64


@given(anything, anything)
def test_any_json_is_read_without_a_fault(one: Any, two: Any) -> None:
    bodies = [one, webhook(one), webhook(text_message("Hi") | {"text": one, "type": two})]
    bodies += [webhook(messages=one), {"object": "whatsapp_business_account", "entry": one}]
    bodies += [webhook(text_message("Hi") | {"from": one, "timestamp": two}, metadata=two)]
    for body in bodies:
        data = json.dumps(body).encode()
        try:
            found = messages(data, NUMBER_ID)
        except (BadRequest, ValidationFailed):
            continue
        assert all(isinstance(message, Incoming) for message in found)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_a_fault(body: bytes) -> None:
    with contextlib.suppress(BadRequest, ValidationFailed):
        assert messages(body, NUMBER_ID) == []


def test_lone_surrogates_are_no_text() -> None:
    with pytest.raises(BadRequest):
        messages(b'{"object": "whatsapp_business_account", "x": "\\ud800"}', NUMBER_ID)


@given(st.binary(max_size=100), st.integers(0, 7), st.integers(0))
def test_only_the_exact_bytes_are_signed(body: bytes, bit: int, where: int) -> None:
    assert is_signed(body, sign(body), SECRET)
    assert not is_signed(body + b" ", sign(body), SECRET)
    assert not is_signed(body, sign(body, "other"), SECRET)
    assert not is_signed(body, sign(body), "")
    if body:
        index = where % len(body)
        changed = bytes([*body[:index], body[index] ^ (1 << bit), *body[index + 1 :]])
        assert not is_signed(changed, sign(body), SECRET)
