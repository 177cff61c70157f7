"""Schedules whose results could not be told are refused at the start."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

import pytest

from pisovereign.assembly.delivery_checks import require_channels, require_reachable
from pisovereign.assembly.mail import MailParts
from pisovereign.config import AgenticConfig, Config, ScheduleConfig, WhatsAppConfig, WhatsAppSender
from pisovereign.errors import StartError
from pisovereign.integrations.mail.outgoing import Sender
from pisovereign.integrations.whatsapp.people import People
from pisovereign.notifications.mail_channel import MailChannel
from pisovereign.webhooks.whatsapp.build import WhatsApp
from tests.support.server import ALICE, BOB

USERS = [UUID(ALICE), UUID(BOB)]


def config(user: str, way: Any, *, enabled: bool = True, agentic: bool = True) -> Config:
    schedule = ScheduleConfig(
        name="morning",
        cron="0 7 * * *",
        description="Give me my briefing",
        user_id=user,
        deliver=(way,),
        enabled=enabled,
    )
    return Config(agentic=AgenticConfig(enabled=agentic, schedules=(schedule,)))


class _Sender:
    limit_s = 1.0


def check(of: Config, users: list[UUID] = USERS) -> None:
    """As in an installation whose mailbox and only number are Alice's."""
    channel = MailChannel(cast("Sender", _Sender()), "alice@example.org", UUID(ALICE))
    unused = cast("Any", None)
    mail = MailParts(unused, unused, unused, channel=channel)
    whatsapp = WhatsApp(
        config=WhatsAppConfig(),
        settings=unused,
        people=People((WhatsAppSender(phone="+491701", user_id=ALICE),)),
        client=unused,
        inbox=unused,
        master_key=b"",
    )
    require_reachable(of, users, mail, whatsapp)


@pytest.mark.parametrize("way", ["mail", "whatsapp"])
def test_who_has_a_schedule_can_be_told(way: str) -> None:
    check(config(ALICE, way))
    check(config("", way), [UUID(ALICE)])
    for users, user in ((USERS, BOB), ([UUID(BOB)], "")):
        with pytest.raises(StartError, match=rf"schedules\[0\].deliver names {way}"):
            check(config(user, way), users)
    check(config(BOB, way, enabled=False))
    check(config(BOB, way, agentic=False))


def test_without_tasks_no_schedule_needs_anything() -> None:
    require_channels(config(ALICE, "whatsapp", agentic=False), None, None)
    with pytest.raises(StartError, match=r"set whatsapp\.phone_number_id"):
        require_channels(config(ALICE, "whatsapp"), None, None)
    with pytest.raises(StartError, match=r"set email\.smtp_host"):
        require_channels(config(ALICE, "mail"), None, None)
