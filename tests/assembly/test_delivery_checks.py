"""Ways of delivery that cannot work are named in the log; the page to set them up is served."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from pisovereign.assembly.delivery_checks import problems
from pisovereign.config import AgenticConfig, Config, ScheduleConfig
from pisovereign.connectors.registry import CONNECTORS
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


def wrong(of: Config, way: str, reached: tuple[str, ...] = (ALICE,)) -> list[str]:
    """What is wrong with a way in which only some are reached."""
    (connector,) = (each for each in CONNECTORS if each.channel == way)
    return list(problems(of, USERS, connector, lambda user, _: str(user) in reached))


@pytest.mark.parametrize("way", ["mail", "whatsapp", "telegram", "ntfy"])
def test_who_has_a_schedule_can_be_told(way: str) -> None:
    assert wrong(config(ALICE, way), way) == []
    (problem,) = wrong(config(BOB, way), way)
    assert problem.startswith(f"agentic.schedules[0].deliver names {way}: ")
    assert wrong(config(BOB, way, enabled=False), way) == []
    assert wrong(config(BOB, way, agentic=False), way) == []


def test_without_tasks_no_schedule_needs_anything() -> None:
    assert wrong(config(ALICE, "whatsapp", agentic=False), "whatsapp", ()) == []
    (whatsapp,) = wrong(config(ALICE, "whatsapp"), "whatsapp", ())
    assert whatsapp.endswith("set whatsapp.phone_number_id")
    (mail,) = wrong(config(ALICE, "mail"), "mail", ())
    assert mail.endswith("set email.smtp_host")
