"""What a messenger shows of what waits for a decision, and who is written to at all."""

from __future__ import annotations

import asyncio
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from pisovereign.channels.approval_messages import ApprovalButtons, ApprovalMessages
from pisovereign.channels.outgoing import MessengerChannel
from pisovereign.connectors.messaging import Shown
from pisovereign.connectors.sending import NotSent, Outgoing
from pisovereign.errors import ServiceUnavailable

USER = UUID("550e8400-e29b-41d4-a716-446655440000")
ASKED = "Mia: Send a mail to bob@example.org"


class _Messenger:
    """A messenger, and everybody's address there."""

    name, title, setting, limit_s = "pager", "The pager", "pager.server", 10.0
    missing = "Nobody knows your pager"

    def __init__(self, *, known: bool | None = True, set_up: bool = True) -> None:
        self._known = known
        self._set_up = set_up
        self.told: list[tuple[str, str, bool]] = []

    def is_set_up(self) -> bool:
        return self._set_up

    async def address(self, user: UUID, wanted: str = "") -> str | None:
        if self._known is None:
            raise ServiceUnavailable("The database is away")
        return "17" if self._known and wanted in {"", "17"} else None

    async def is_open(self, user: UUID, address: str) -> bool:
        return True

    async def deliver(
        self, address: str, message: Outgoing, shown: Shown, *, in_window: bool
    ) -> None:
        self.told.append((address, shown.text, in_window))


async def english(user: UUID) -> str:
    return "en"


def send(messenger: _Messenger, *, shows: bool = True, to: str = "") -> None:
    unused: Any = None
    everything = cast("Any", messenger)
    asks = ApprovalMessages(
        reader=unused,
        directory=unused,
        buttons=ApprovalButtons(bytes(32)),
        language=english,
        shows=lambda: shows,
    )
    message = Outgoing(id=uuid4(), about="supervised", subject=uuid4(), to=to, text=ASKED, tries=1)
    asyncio.run(MessengerChannel(everything, everything, everything, asks).send(USER, message))


@pytest.mark.parametrize("shows", [True, False])
def test_what_waits_for_others_is_kept_off_it_too_where_its_owner_says_so(shows: bool) -> None:
    messenger = _Messenger()
    send(messenger, shows=shows)
    hidden = "Something waits for your approval. Decide on PiSovereign's page."
    assert messenger.told == [("17", ASKED if shows else hidden, True)]


@pytest.mark.parametrize(
    ("messenger", "to", "reason", "again_s"),
    [
        (_Messenger(known=False), "", "Nobody knows your pager", None),
        (_Messenger(), "18", "Nobody knows your pager", None),
        (_Messenger(set_up=False), "", "The pager is not set up: set pager.server", None),
        (_Messenger(known=None), "", "The database is away", 0.0),
    ],
)
def test_nobody_else_is_written_to(
    messenger: _Messenger, to: str, reason: str, again_s: float | None
) -> None:
    with pytest.raises(NotSent) as caught:
        send(messenger, to=to)
    assert (caught.value.reason, caught.value.again_s) == (reason, again_s)
    assert messenger.told == []
