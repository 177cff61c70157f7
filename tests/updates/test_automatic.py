"""Which updates are installed automatically, and when."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pisovereign.config import UpdatesConfig
from pisovereign.updates.automatic import AutomaticUpdates
from pisovereign.updates.choice import Choices
from pisovereign.updates.types import InstallWish, LastUpdate, Offered, Updates, UpdateWorkState

BERLIN = ZoneInfo("Europe/Berlin")
BUILT = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


def offered(urgency: Any = "security", source: Any = "address") -> Offered:
    return Offered(source, "x.update", "1.1.0", BUILT, urgency, "", 1)


def last(stage: Any, built: dt.datetime = BUILT) -> LastUpdate:
    return LastUpdate(stage, "1.1.0", built, "1.0.0", "", BUILT, None)


class Service:
    """Offers something, and notes what is asked of it."""

    def __init__(self, *found: Offered, before: LastUpdate | None = None) -> None:
        self._found = list(found)
        self._before = before
        self.checks = 0
        self.installed: list[InstallWish] = []

    async def check(self) -> Updates:
        self.checks += 1
        return Updates(
            possible=True,
            running=None,
            offered=self._found,
            checked_at=None,
            check_failed=None,
            work=None,
            progress=None,
            last=self._before,
            automatic="security",
            at="03:30",
            choosable=True,
        )

    async def install(self, wish: InstallWish) -> UpdateWorkState:
        self.installed.append(wish)
        return UpdateWorkState("fetching", wish.file)


def look(service: Service, *times: str, automatic: Any = "security") -> None:
    """Look at some moments of Berlin's time."""
    moments = iter(
        dt.datetime.fromisoformat(f"2026-11-{time}").replace(tzinfo=BERLIN) for time in times
    )
    choices = Choices(UpdatesConfig(automatic=automatic), Path("/nowhere"))
    work = AutomaticUpdates(choices, service, BERLIN, now=lambda: next(moments))  # type: ignore[arg-type]

    async def every() -> None:
        for _ in times:
            await work.look()

    asyncio.run(every())


def test_it_is_looked_once_a_day_at_the_hour_of_the_owners_choice() -> None:
    service = Service()
    look(
        service, "20T02:00", "20T03:29", "20T03:31", "20T03:36", "20T12:00", "21T04:10", "22T06:00"
    )
    assert service.checks == 2


@pytest.mark.parametrize(
    ("automatic", "urgency", "source", "wanted"),
    [
        ("security", "security", "address", True),
        ("security", "usual", "address", False),
        ("all", "usual", "address", True),
        ("all", "security", "stick", False),
    ],
)
def test_only_what_the_owner_wants_is_installed(
    automatic: str, urgency: str, source: str, wanted: bool
) -> None:
    service = Service(offered(urgency, source))
    look(service, "20T03:31", automatic=automatic)
    expected = [InstallWish("address", "x.update", then_try=True)] if wanted else []
    assert service.installed == expected


def test_what_was_rolled_back_is_not_tried_every_night() -> None:
    service = Service(offered(), before=last("rolled_back"))
    look(service, "20T03:31", "21T03:31")
    assert service.installed == []
    mended = Service(offered(), before=last("rolled_back", BUILT - dt.timedelta(days=1)))
    look(mended, "20T03:31")
    assert len(mended.installed) == 1
