"""What Telegram is shown of what waits for a decision."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest

from pisovereign.connectors.sending import Outgoing
from pisovereign.connectors.telegram.channel import TelegramChannel
from pisovereign.connectors.telegram.client import TelegramClient
from pisovereign.net.hosts import AllowedHost, parse_url
from pisovereign.outbound.breakers import Breakers
from pisovereign.outbound.client import Limits, OutboundClient
from pisovereign.outbound.gate import Gate
from pisovereign.outbound.tls import Tls
from pisovereign.telegram.approval_messages import ApprovalButtons, ApprovalMessages
from tests.support.patience import PATIENCE_S
from tests.support.telegram_api import ALICE_ACCOUNT, TOKEN, TelegramApi

USER = UUID("550e8400-e29b-41d4-a716-446655440000")
ASKED = "Mia: Send a mail to bob@example.org"


class _Linked:
    async def account(self, user: UUID) -> int:
        return ALICE_ACCOUNT


class _Unused:
    """Nothing of this is asked for."""


async def english(user: UUID) -> str:
    return "en"


def told(telegram: TelegramApi, *, shows: bool) -> str:
    """What an owner is told of what waits for somebody who is restricted."""

    async def course() -> None:
        target = parse_url(telegram.url)
        gate = Gate([AllowedHost(target.host, target.port)], timeout_s=PATIENCE_S)
        client = OutboundClient(gate, Breakers(), Tls(""), Limits(total_s=PATIENCE_S))
        asks = ApprovalMessages(
            reader=_Unused(),  # type: ignore[arg-type]
            scopes=_Unused(),  # type: ignore[arg-type]
            buttons=ApprovalButtons(bytes(32)),
            language=english,
            shows=lambda: shows,
        )
        bot = TelegramClient(client, telegram.url, TOKEN, 30.0)
        message = Outgoing(
            id=uuid4(), about="supervised", subject=uuid4(), to="", text=ASKED, tries=1
        )
        try:
            await TelegramChannel(bot, _Linked(), asks).send(USER, message)
        finally:
            await client.close()
            gate.close()

    asyncio.run(course())
    (text,) = telegram.texts()
    return text


@pytest.mark.parametrize("shows", [True, False])
def test_what_waits_for_others_is_kept_off_it_too_where_its_owner_says_so(shows: bool) -> None:
    with TelegramApi() as telegram:
        text = told(telegram, shows=shows)
    assert text == (
        ASKED if shows else "Something waits for your approval. Decide on PiSovereign's page."
    )
