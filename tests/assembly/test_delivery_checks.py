"""Ways of delivery that cannot work are named in the log; the page to set them up is served."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

import pytest

from pisovereign.assembly.delivery_checks import missing_channels, unreachable_users
from pisovereign.config import AgenticConfig, Config, ScheduleConfig
from pisovereign.connectors.whatsapp.live import WhatsAppParts
from pisovereign.connectors.whatsapp.people import People
from pisovereign.connectors.whatsapp.settings import WhatsAppConfig, WhatsAppSender
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


def unreachable(of: Config) -> list[str]:
    """As in an installation where only Alice has a mailbox and a number."""
    unused = cast("Any", None)
    whatsapp = WhatsAppParts(
        config=WhatsAppConfig(),
        settings=unused,
        people=People((WhatsAppSender(phone="+491701", user_id=ALICE),)),
        client=unused,
        health=unused,
    )
    return list(unreachable_users(of, USERS, _alice, whatsapp))


def _alice(user: UUID) -> bool:
    return user == UUID(ALICE)


@pytest.mark.parametrize("way", ["mail", "whatsapp"])
def test_who_has_a_schedule_can_be_told(way: str) -> None:
    assert unreachable(config(ALICE, way)) == []
    (problem,) = unreachable(config(BOB, way))
    assert problem.startswith(f"agentic.schedules[0].deliver names {way}: ")
    assert unreachable(config(BOB, way, enabled=False)) == []
    assert unreachable(config(BOB, way, agentic=False)) == []


def test_without_tasks_no_schedule_needs_anything() -> None:
    def missing(of: Config) -> list[str]:
        return list(missing_channels(of, USERS, lambda _: False, None))

    assert missing(config(ALICE, "whatsapp", agentic=False)) == []
    (whatsapp,) = missing(config(ALICE, "whatsapp"))
    assert whatsapp.endswith("set whatsapp.phone_number_id")
    (mail,) = missing(config(ALICE, "mail"))
    assert mail.endswith("set email.smtp_host")
