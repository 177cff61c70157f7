"""Messages that waited while the program was updated are answered."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from pisovereign.channels.inbox import read_message, read_press
from pisovereign.jobs.claim import ClaimedJob


def job(payload: str) -> ClaimedJob:
    return ClaimedJob(
        "inbox", uuid.uuid4(), uuid.uuid4(), kind="voice", position=dt.datetime.now(dt.UTC),
        attempt=1, payload=payload,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("payload", "address", "recording", "name"),
    [
        ('{"account":1001,"text":"","file":"f1","size":3}', "1001", "f1", ""),
        ('{"id":"wamid.1","phone":"4915","text":"","media":"m1"}', "4915", "m1", "wamid.1"),
        ('{"address":"@mia:x","recording":"r1","name":"! $1"}', "@mia:x", "r1", "! $1"),
    ],
)
def test_a_message_is_read_as_it_was_ever_written_down(
    payload: str, address: str, recording: str, name: str
) -> None:
    message = read_message(job(payload))
    assert (message.address, message.recording, message.name) == (address, recording, name)
    assert 0 <= message.age_s < 60


def test_a_press_is_read_as_it_was_ever_written_down() -> None:
    press = read_press(job('{"press":"p1","account":1001,"message":7,"data":"d"}'))
    assert (press.id, press.address, press.message, press.data) == ("p1", "1001", "7", "d")
