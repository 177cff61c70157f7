"""ntfy over its protocol: what was taken, what certainly was not, and what nobody knows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import nullcontext
from uuid import UUID, uuid4

import pytest

from pisovereign.connectors.ntfy.channel import NtfyChannel, Topic
from pisovereign.connectors.ntfy.client import NtfyClient
from pisovereign.connectors.ntfy.settings import NtfyConfig
from pisovereign.connectors.sending import About, MaybeSent, NotSent, Outgoing
from pisovereign.languages import Language
from pisovereign.net.hosts import AllowedHost, parse_url
from pisovereign.outbound.breakers import Breakers
from pisovereign.outbound.client import Limits, OutboundClient
from pisovereign.outbound.gate import Gate
from pisovereign.outbound.tls import Tls
from tests.support.ntfy_server import TOKEN, TOPIC, NtfyServer
from tests.support.patience import PATIENCE_S

USER = UUID("550e8400-e29b-41d4-a716-446655440000")
ALL = NtfyConfig(show_approvals=True)
NOTHING = NtfyConfig(
    priority="min", show_text=False, show_approvals=False, page_url="https://pi.example/"
)


@pytest.fixture
def ntfy() -> Iterator[NtfyServer]:
    with NtfyServer() as server:
        yield server


async def english(user: UUID) -> Language:
    return "en"


def send(
    ntfy: NtfyServer,
    text: str = "Water the ferns",
    *,
    about: About = "reminder",
    choices: NtfyConfig = ALL,
    token: str = TOKEN,
) -> None:
    """Send a message, and close what it took."""

    async def course() -> None:
        target = parse_url(ntfy.url)
        gate = Gate([AllowedHost(target.host, target.port)], timeout_s=PATIENCE_S)
        client = OutboundClient(gate, Breakers(), Tls(""), Limits(total_s=PATIENCE_S))
        channel = NtfyChannel(
            lambda _: nullcontext(
                Topic(NtfyClient(client, ntfy.url, TOPIC, token, PATIENCE_S), choices)
            ),
            english,
            PATIENCE_S,
        )
        message = Outgoing(id=uuid4(), about=about, subject=uuid4(), to="", text=text, tries=1)
        try:
            await channel.send(USER, message)
        finally:
            await client.close()
            gate.close()

    asyncio.run(course())


def test_what_is_shown_is_the_persons_choice(ntfy: NtfyServer) -> None:
    send(ntfy)
    send(ntfy, "x" * 5000)
    for about in ("reminder", "approval", "supervised", "task"):
        send(ntfy, "A secret", about=about, choices=NOTHING)
    first, long, *hidden = ntfy.sent
    assert first == {
        "topic": TOPIC,
        "title": "A reminder",
        "message": "Water the ferns",
        "priority": 4,
    }
    assert long["message"].endswith("xx …")
    assert "A secret" not in str(hidden)
    assert [each["click"] for each in hidden] == [
        f"https://pi.example/{view}" for view in ("reminders", "approvals", "approvals", "tasks")
    ]
    assert {each["priority"] for each in hidden} == {1}


@pytest.mark.parametrize(
    ("status", "error", "again_s"),
    [
        (400, NotSent, None),
        (413, NotSent, None),
        (404, NotSent, 300.0),
        (429, NotSent, 7.0),
        (503, MaybeSent, None),
        (0, MaybeSent, None),
    ],
)
def test_only_an_answer_says_that_it_was_not_taken(
    ntfy: NtfyServer, status: int, error: type[Exception], again_s: float | None
) -> None:
    ntfy.retry_after = "7"
    ntfy.answers.append(status)
    with pytest.raises(error) as raised:
        send(ntfy)
    if isinstance(raised.value, NotSent):
        assert raised.value.again_s == again_s
    assert TOKEN not in str(raised.value)
    assert TOPIC not in str(raised.value)


def test_a_wrong_token_waits_for_a_right_one(ntfy: NtfyServer) -> None:
    with pytest.raises(NotSent, match=r"set ntfy\.token") as raised:
        send(ntfy, token="tk_wrong")
    assert raised.value.again_s == 300.0
    assert ntfy.sent == []
