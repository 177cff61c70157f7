"""The channel against Meta's side on a real socket."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from pisovereign.channels.directory import ListedPeople
from pisovereign.channels.outgoing import MessengerChannel
from pisovereign.config import OutboundConfig
from pisovereign.connectors.configuration import WholeConfig
from pisovereign.connectors.messaging import Shown
from pisovereign.connectors.people import People
from pisovereign.connectors.registry import named_hosts
from pisovereign.connectors.sending import About, MaybeSent, NotSent, Outgoing
from pisovereign.connectors.whatsapp import sending
from pisovereign.connectors.whatsapp.graph import GraphClient, Template
from pisovereign.connectors.whatsapp.senders import people_of
from pisovereign.connectors.whatsapp.sending import LONGEST_PARAMETER, NO_WINDOW
from pisovereign.connectors.whatsapp.settings import WhatsAppConfig, WhatsAppSender
from pisovereign.errors import HostFailed, ServiceUnavailable
from pisovereign.outbound.outbound import Outbound
from tests.support.graph_api import (
    ALICE_PHONE,
    BOB_PHONE,
    NUMBER_ID,
    TOKEN,
    GraphApi,
    error,
)
from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE, BOB, free_port

ALICE_ID, BOB_ID = uuid.UUID(ALICE), uuid.UUID(BOB)
TEMPLATE = Template("reminder", "de")


class _Window:
    def __init__(self, *, is_open: bool | None) -> None:
        self._is_open = is_open

    async def is_open(self, user: uuid.UUID, address: str) -> bool:
        if self._is_open is None:
            raise ServiceUnavailable("The database is not available")
        return self._is_open


class _Number:
    """A number, with people who may write to it."""

    name, title, limit_s = "whatsapp", "WhatsApp", 10.0

    def __init__(self, client: GraphClient, people: People, template: Template | None) -> None:
        self._client = client
        self._people = people
        self._template = template

    def people(self) -> People:
        return self._people

    def is_set_up(self) -> bool:
        return True

    async def deliver(
        self, address: str, message: Outgoing, shown: Shown, *, in_window: bool
    ) -> None:
        text = shown.text
        await sending.send(
            self._client, self._template, address, message, text, in_window=in_window
        )


@pytest.fixture
def graph() -> Iterator[GraphApi]:
    with GraphApi() as api:
        yield api


def send(
    url: str,
    text: str = "Hello",
    *,
    user: uuid.UUID = ALICE_ID,
    to: str = "",
    about: About = "reminder",
    is_open: bool | None = True,
    template: Template | None = None,
    token: str = TOKEN,
    limit_s: float = PATIENCE_S,
    **outbound: Any,
) -> uuid.UUID:
    """Send a message; returns its id."""
    message = Outgoing(
        id=uuid.uuid4(), about=about, subject=uuid.uuid4(), to=to, text=text, tries=1
    )
    senders = (WhatsAppSender(phone=f"+{ALICE_PHONE}", user_id=ALICE),)
    config = WholeConfig(
        whatsapp=WhatsAppConfig(graph_url=url, senders=senders),
        outbound=OutboundConfig(**outbound),
    )

    async def run() -> None:
        way_out = Outbound(config, named_hosts(config))
        client = GraphClient(way_out.client, f"{url}/v26.0/{NUMBER_ID}", token, limit_s)
        number: Any = _Number(client, people_of(senders), template)
        window: Any = _Window(is_open=is_open)
        channel = MessengerChannel(number, ListedPeople(number), window, None)
        try:
            await channel.send(user, message)
        finally:
            await way_out.close()

    asyncio.run(run())
    return message.id


def test_a_text_goes_to_the_users_own_number(graph: GraphApi) -> None:
    identifier = send(graph.url, "Grüße\n☕")
    assert graph.sent == [
        {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": ALICE_PHONE,
            "type": "text",
            "text": {"preview_url": False, "body": "Grüße\n☕"},
            "biz_opaque_callback_data": str(identifier),
        }
    ]


@pytest.mark.parametrize("to", ["", ALICE_PHONE, BOB_PHONE])
def test_nobody_else_is_written_to(graph: GraphApi, to: str) -> None:
    with pytest.raises(NotSent, match=r"whatsapp\.senders") as caught:
        send(graph.url, user=BOB_ID, to=to)
    assert caught.value.again_s is None
    assert graph.sent == []


def test_outside_of_the_window_a_reminder_needs_a_template(graph: GraphApi) -> None:
    cases: list[tuple[About, Template | None]] = [("reminder", None), ("answer", TEMPLATE)]
    for about, template in cases:
        with pytest.raises(NotSent) as caught:
            send(graph.url, about=about, is_open=False, template=template)
        assert (caught.value.reason, caught.value.again_s) == (NO_WINDOW, None)
    assert graph.sent == []
    send(graph.url, "Call\n\tthe   dentist", is_open=False, template=TEMPLATE)
    (sent,) = graph.sent
    assert sent["type"] == "template"
    assert sent["template"] == {
        "name": "reminder",
        "language": {"code": "de"},
        "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "Call the dentist"}]}
        ],
    }


def test_a_template_shows_that_its_text_was_cut(graph: GraphApi) -> None:
    text = "word " * 600
    send(graph.url, text, about="task", is_open=False, template=TEMPLATE)
    (parameter,) = graph.sent[0]["template"]["components"][0]["parameters"]
    told = parameter["text"]
    assert 990 < len(told) <= LONGEST_PARAMETER
    assert told.endswith("word …")
    assert text.startswith(told.removesuffix(" …"))


def test_while_the_window_is_not_known_nothing_is_sent(graph: GraphApi) -> None:
    with pytest.raises(NotSent, match="database") as caught:
        send(graph.url, is_open=None)
    assert caught.value.again_s == 0.0
    assert graph.sent == []


@pytest.mark.parametrize(
    ("status", "body", "again_s"),
    [
        (429, error(130429), 0.0),
        (400, error(131056), 0.0),
        (500, error(131000), 0.0),
        (503, error(2, transient=True), 0.0),
        (400, error(999, transient=True), 0.0),
        (401, error(190), 300.0),
        (403, error(10), 300.0),
        (403, error(200), 300.0),
        (400, error(131026), None),
        (400, error(131047), None),
        (400, error(100), None),
        (404, {"not": "Meta's form"}, None),
    ],
)
def test_what_was_refused_was_not_sent(
    graph: GraphApi, status: int, body: Any, again_s: float | None
) -> None:
    graph.refusals.append((status, body))
    with pytest.raises(NotSent) as caught:
        send(graph.url)
    assert caught.value.again_s == again_s
    assert ALICE_PHONE not in caught.value.reason
    assert graph.sent == []


@pytest.mark.parametrize(
    "refusal",
    [
        None,
        (500, b"<html>Bad gateway</html>"),
        (502, {}),
        (302, {}),
        (200, b"x" * 5_000_000),
    ],
)
def test_what_may_have_been_sent_is_uncertain(graph: GraphApi, refusal: Any) -> None:
    graph.refusals.append(refusal)
    with pytest.raises((MaybeSent, HostFailed)):
        send(graph.url)


def test_no_answer_in_time_is_uncertain(graph: GraphApi) -> None:
    graph.delay_s = 3
    with pytest.raises(HostFailed, match="does not answer in time"):
        send(graph.url, limit_s=1.0)


def test_without_a_connection_nothing_was_sent() -> None:
    with pytest.raises(NotSent, match="cannot be reached") as caught:
        send(f"http://127.0.0.1:{free_port()}")
    assert caught.value.again_s == 0.0


def test_a_host_that_rests_is_asked_later(graph: GraphApi) -> None:
    graph.refusals.append((500, error(2)))
    with pytest.raises(NotSent):
        send(graph.url, breaker_failures=1)
